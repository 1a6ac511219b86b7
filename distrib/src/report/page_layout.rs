//! The layout of the PDF report: measures, styles, the table's columns, and the parts around the table.

use std::borrow::Cow;

use caudal_contract::document::punctuated;
use caudal_contract::field::Field;
use caudal_contract::format;
use caudal_contract::language::Language;

use super::canvas::{Canvas, Ink, Style, Typeface};
use super::columns::{Cell, Column};
use super::face::Weight;
use super::{ReportContext, average_ticket};
use crate::view::sales::SalesTotals;

// A4 landscape. All lengths are in points, all positions are from the lower left corner.
pub(super) const PAGE: (f32, f32) = (841.89, 595.28);
pub(super) const MARGIN: f32 = 34.0;
pub(super) const RIGHT: f32 = PAGE.0 - MARGIN;
pub(super) const CONTENT: f32 = RIGHT - MARGIN;
pub(super) const TABLE_BOTTOM: f32 = 38.0;
pub(super) const TITLES_HEIGHT: f32 = 17.0;
pub(super) const ROW_HEIGHT: f32 = 14.0;
pub(super) const FIGURES_HEIGHT: f32 = 38.0;
pub(super) const PADDING: f32 = 4.0;
const FILTER_LINES: usize = 3;

pub(super) const BODY: Style = Style { weight: Weight::Regular, size: 7.5, ink: Ink::Text };
pub(super) const STRONG: Style = Style { weight: Weight::Bold, ..BODY };
pub(super) const MUTED: Style = Style { ink: Ink::Muted, ..BODY };
pub(super) const NEGATIVE: Style = Style { ink: Ink::Negative, ..BODY };
pub(super) const TITLE: Style = Style { weight: Weight::Bold, size: 17.0, ink: Ink::Accent };
pub(super) const FILTERS: Style = Style { size: 8.5, ..BODY };
const FIGURE: Style = Style { weight: Weight::Bold, size: 13.0, ink: Ink::Text };
pub(super) const RUNNING_TITLE: Style = Style { ink: Ink::Accent, ..STRONG };
pub(super) const TABLE_TITLE: Style = Style { ink: Ink::White, ..STRONG };

/// The table's columns and their widths, which together fill the page between its margins.
const TABLE: [(Column, f32); 9] = [
    (Column::Of(Field::Date), 54.0),
    (Column::Of(Field::Time), 34.0),
    (Column::Of(Field::OrderId), 68.0),
    (Column::Of(Field::Customer), 148.0),
    (Column::Of(Field::Product), 180.0),
    (Column::Of(Field::PaymentMethod), 98.0),
    (Column::Of(Field::Quantity), 54.0),
    (Column::Of(Field::UnitPrice), 70.0),
    (Column::Of(Field::Total), 67.89),
];

/// The position of a column of the table.
pub(super) struct Place {
    pub(super) column: Column,
    left: f32,
    width: f32,
}

pub(super) fn places() -> impl Iterator<Item = Place> {
    TABLE.iter().scan(MARGIN, |right, &(column, width)| {
        let left = *right;
        *right += width;
        Some(Place { column, left, width })
    })
}

impl Place {
    /// Numbers are aligned to the right, so that their digits line up.
    pub(super) fn draw(&self, page: &mut Canvas, typeface: &Typeface, baseline: f32, text: &str, style: Style) {
        let room = self.width - 2.0 * PADDING;
        match self.column {
            Column::Of(field) if field.is_number() => {
                page.text_right(typeface, self.left + self.width - PADDING, baseline, room, text, style);
            }
            _ => page.text(typeface, self.left + PADDING, baseline, room, text, style),
        }
    }
}

pub(super) fn words(cell: Cell<'_>, language: Language) -> Cow<'_, str> {
    match cell {
        Cell::Empty => "".into(),
        Cell::Text(text) => text.into(),
        Cell::Document(number) => punctuated(number).into(),
        Cell::Payment(method) => method.label(language).into(),
        Cell::Day(day) => format::date(day, language).into(),
        Cell::TimeOfDay(time) => time.format("%H:%M").to_string().into(),
        Cell::Instant(at) => format::date_time(at.naive_utc(), language).into(),
        Cell::Quantity(value) => format::quantity(value, language).into(),
        Cell::UnitPrice(price) => format::unit_price(price, language).into(),
        Cell::Amount(amount) => format::money(amount, language).into(),
        Cell::Number(number) => number.to_string().into(),
    }
}

pub(super) fn is_negative(cell: Cell<'_>) -> bool {
    match cell {
        Cell::Quantity(value) | Cell::UnitPrice(value) => value.0 < 0,
        Cell::Amount(amount) => amount.0 < 0,
        _ => false,
    }
}

pub(super) fn as_of(context: &ReportContext) -> String {
    format!("{} {}", context.language.pick("Gerado em", "As of"), context.as_of())
}

/// The filters as lines, which break only between filters. The last line takes all remaining filters and is cut when it is drawn.
pub(super) fn filter_lines(context: &ReportContext, typeface: &Typeface) -> Vec<String> {
    let face = typeface.face(FILTERS.weight);
    let mut lines: Vec<String> = Vec::new();
    for (name, value) in &context.filter_words {
        let filter = format!("{name}: {value}");
        let is_last = lines.len() == FILTER_LINES;
        match lines.last_mut().map(|line| (format!("{line}   ·   {filter}"), line)) {
            Some((longer, line)) if is_last || face.width(&longer, FILTERS.size) <= CONTENT => *line = longer,
            _ => lines.push(filter),
        }
    }
    if lines.is_empty() {
        lines.push(context.language.pick("Todas as vendas", "All sales").to_owned());
    }
    lines
}

pub(super) fn draw_figures(page: &mut Canvas, typeface: &Typeface, top: f32, totals: &SalesTotals, language: Language) {
    let ticket = average_ticket(totals).map_or_else(|| "–".to_owned(), |ticket| format::money(ticket, language));
    let figures = [
        (language.pick("Vendas", "Sales"), format::count(totals.sales, language)),
        (language.pick("Quantidade", "Quantity"), format::quantity(totals.quantity, language)),
        ("Total", format::money(totals.amount, language)),
        (language.pick("Ticket médio", "Average ticket"), ticket),
    ];
    let gap = 10.0;
    let width = (CONTENT - 3.0 * gap) / 4.0;
    let (mut left, bottom) = (MARGIN, top - FIGURES_HEIGHT);
    for (label, value) in figures {
        page.fill(left, bottom, width, FIGURES_HEIGHT, Ink::Shade);
        page.fill(left, bottom, 2.5, FIGURES_HEIGHT, Ink::Accent);
        page.text(typeface, left + 11.0, bottom + 25.0, width - 18.0, label, MUTED);
        page.text(typeface, left + 11.0, bottom + 9.0, width - 18.0, &value, FIGURE);
        left += width + gap;
    }
}

pub(super) fn draw_footer(
    page: &mut Canvas,
    typeface: &Typeface,
    context: &ReportContext,
    number: usize,
    count: usize,
) {
    let numbers = context.language.pick(format!("Página {number} de {count}"), format!("Page {number} of {count}"));
    page.fill(MARGIN, 29.0, CONTENT, 0.5, Ink::Rule);
    page.text(typeface, MARGIN, 18.0, CONTENT / 2.0, &as_of(context), MUTED);
    page.text_right(typeface, RIGHT, 18.0, CONTENT / 2.0, &numbers, MUTED);
}

#[cfg(test)]
mod tests {
    use printpdf::PdfDocument;

    use super::super::tests::context;
    use super::*;

    #[test]
    fn many_filters_take_three_lines_at_most() {
        let mut context = context(Language::Portuguese);
        context.filter_words = (0..9).map(|n| (format!("Filtro {n}"), "São João ".repeat(12))).collect();
        let typeface = Typeface::load(&mut PdfDocument::new("")).unwrap();
        assert_eq!(filter_lines(&context, &typeface).len(), 3);
        context.filter_words.clear();
        assert_eq!(filter_lines(&context, &typeface), ["Todas as vendas"]);
    }

    #[test]
    fn the_columns_fill_the_page_between_its_margins() {
        let sum: f32 = TABLE.iter().map(|(_, width)| width).sum();
        assert!((sum - CONTENT).abs() < 0.01, "{sum}");
    }
}
