//! The sales list as a PDF for printing or sending: title, filters in words, figures, a table with titles on every page, and page
//! numbers.
//!
//! The pages are laid out while the sales are read. The figures and the number of pages are drawn last, because they are known
//! only at the end of the list.

use caudal_contract::field::Field;
use caudal_contract::format;
use printpdf::{Mm, OffsetDateTime, PdfDocument, PdfPage, PdfSaveOptions};

use super::canvas::{Canvas, Ink, Typeface};
use super::columns::Column;
use super::page_layout::{
    BODY, CONTENT, FIGURES_HEIGHT, FILTERS, MARGIN, MUTED, NEGATIVE, PADDING, PAGE, RIGHT, ROW_HEIGHT, RUNNING_TITLE,
    STRONG, TABLE_BOTTOM, TABLE_TITLE, TITLE, TITLES_HEIGHT, as_of, draw_figures, draw_footer, filter_lines,
    is_negative, places, words,
};
use super::{ReportContext, ReportError};
use crate::view::sales::{SaleLine, SalesTotals};

/// Maximum number of sales in one PDF: some 550 pages. Nobody reads more on paper, and all pages stay in memory until the last
/// one.
pub const ROW_CAP: i64 = 20_000;

/// A PDF that is being laid out.
pub struct PdfReport {
    context: ReportContext,
    document: PdfDocument,
    typeface: Typeface,
    /// The finished pages.
    pages: Vec<Canvas>,
    page: Canvas,
    /// The lower edge of the content of the page so far.
    y: f32,
    /// The upper edge of the figures on the first page.
    figures_top: f32,
    shown: SalesTotals,
}

impl PdfReport {
    /// A document with the head of its first page.
    ///
    /// # Errors
    /// [`ReportError::Font`].
    pub fn start(context: ReportContext) -> Result<Self, ReportError> {
        let mut document = PdfDocument::new(context.title());
        document.metadata.info.producer = "Caudal".to_owned();
        if let Ok(moment) = OffsetDateTime::from_unix_timestamp(context.generated_at.timestamp()) {
            document.metadata.info.creation_date = moment;
            document.metadata.info.modification_date = moment;
        }
        let typeface = Typeface::load(&mut document)?;
        let mut report = Self {
            context,
            document,
            typeface,
            pages: Vec::new(),
            page: Canvas::default(),
            y: PAGE.1 - MARGIN,
            figures_top: 0.0,
            shown: SalesTotals::default(),
        };
        report.draw_head();
        report.draw_table_titles();
        Ok(report)
    }

    /// Adds the sales of one batch and returns whether there is room for more. Sales beyond [`ROW_CAP`] are left out.
    pub fn add(&mut self, lines: &[SaleLine]) -> bool {
        for line in lines {
            if self.shown.sales == ROW_CAP {
                return false;
            }
            self.draw_sale(line);
            self.shown.sales += 1;
            self.shown.quantity += line.quantity();
            self.shown.amount += line.amount();
        }
        self.shown.sales < ROW_CAP
    }

    /// Ends the table, draws the figures and the page numbers, and returns the complete file.
    #[must_use]
    pub fn finish(self) -> Vec<u8> {
        self.into_document().save(&PdfSaveOptions::default(), &mut Vec::new())
    }

    fn into_document(mut self) -> PdfDocument {
        let left_out = if self.shown.sales < ROW_CAP { 0 } else { self.context.totals.sales - self.shown.sales };
        self.draw_table_end(left_out);
        self.pages.push(self.page);
        // The figures are the sums of the rows shown, because sales may have arrived since the totals were read. If rows are left
        // out, the figures are the totals of the whole list.
        let totals = if left_out > 0 { self.context.totals } else { self.shown };
        if let Some(first) = self.pages.first_mut() {
            draw_figures(first, &self.typeface, self.figures_top, &totals, self.context.language);
        }
        let count = self.pages.len();
        let mut finished = Vec::with_capacity(count);
        for (number, mut page) in (1..).zip(self.pages) {
            draw_footer(&mut page, &self.typeface, &self.context, number, count);
            finished.push(PdfPage::new(Mm(297.0), Mm(210.0), page.finish()));
        }
        self.document.with_pages(finished);
        self.document
    }

    /// Draws title, time and filters, and leaves room for the figures, which are drawn at the end of the list.
    fn draw_head(&mut self) {
        let (page, typeface) = (&mut self.page, &self.typeface);
        let mut y = self.y - 13.0;
        page.text(typeface, MARGIN, y, CONTENT / 2.0, self.context.title(), TITLE);
        page.text_right(typeface, RIGHT, y, CONTENT / 2.0, &as_of(&self.context), MUTED);
        y -= 7.0;
        for line in filter_lines(&self.context, typeface) {
            y -= 12.0;
            page.text(typeface, MARGIN, y, CONTENT, &line, FILTERS);
        }
        self.figures_top = y - 10.0;
        self.y = self.figures_top - FIGURES_HEIGHT - 10.0;
    }

    fn draw_table_titles(&mut self) {
        self.y -= TITLES_HEIGHT;
        self.page.fill(MARGIN, self.y, CONTENT, TITLES_HEIGHT, Ink::Accent);
        for place in places() {
            let title = place.column.title(self.context.language);
            place.draw(&mut self.page, &self.typeface, self.y + 5.6, &title, TABLE_TITLE);
        }
    }

    fn draw_sale(&mut self, line: &SaleLine) {
        self.make_room(1.0);
        if self.shown.sales % 2 == 1 {
            self.page.fill(MARGIN, self.y, CONTENT, ROW_HEIGHT, Ink::Shade);
        }
        for place in places() {
            let cell = place.column.cell(line, self.context.time_zone);
            let style = if is_negative(cell) { NEGATIVE } else { BODY };
            let text = words(cell, self.context.language);
            place.draw(&mut self.page, &self.typeface, self.y + 4.4, &text, style);
        }
    }

    /// Draws the sums below the last row, or a sentence about the rows that are left out.
    fn draw_table_end(&mut self, left_out: i64) {
        self.make_room(1.3);
        let language = self.context.language;
        let baseline = self.y + 5.0;
        self.page.fill(MARGIN, self.y + ROW_HEIGHT * 1.3 - 0.8, CONTENT, 0.8, Ink::Accent);
        let sentence = if left_out > 0 {
            let count = format::count(left_out, language);
            language.pick(
                format!("Outras {count} vendas não aparecem neste PDF; a lista completa está no Excel e no CSV."),
                format!(
                    "{count} more sales are not shown in this PDF; the whole list is in the Excel file and the CSV."
                ),
            )
        } else if self.shown.sales == 0 {
            language.pick("Nenhuma venda com estes filtros.", "No sale matches these filters.").to_owned()
        } else {
            for place in places() {
                let text = match place.column {
                    Column::Of(Field::Date) => "Total".to_owned(),
                    Column::Of(Field::Quantity) => format::quantity(self.shown.quantity, language),
                    Column::Of(Field::Total) => format::money(self.shown.amount, language),
                    _ => continue,
                };
                place.draw(&mut self.page, &self.typeface, baseline, &text, STRONG);
            }
            return;
        };
        self.page.text(&self.typeface, MARGIN + PADDING, baseline, CONTENT, &sentence, STRONG);
    }

    /// Moves down by this many rows, and to a new page if the current one is full.
    fn make_room(&mut self, rows: f32) {
        if self.y - ROW_HEIGHT * rows < TABLE_BOTTOM {
            self.pages.push(std::mem::take(&mut self.page));
            self.y = PAGE.1 - MARGIN - 6.0;
            self.page.text(&self.typeface, MARGIN, self.y, CONTENT, self.context.title(), RUNNING_TITLE);
            self.y -= 8.0;
            self.draw_table_titles();
        }
        self.y -= ROW_HEIGHT * rows;
    }
}

#[cfg(test)]
mod tests {
    use caudal_contract::language::Language;
    use chrono::TimeDelta;

    use super::super::tests::{context, line};
    use super::*;

    fn pages(report: PdfReport) -> Vec<String> {
        report
            .into_document()
            .extract_text()
            .into_iter()
            .map(|texts| texts.join("|").replace("\r\n", "|").replace('\n', "|"))
            .collect()
    }

    fn report(language: Language, sales: i64) -> PdfReport {
        let mut report = PdfReport::start(context(language)).unwrap();
        for id in 0..sales {
            let mut sale = line(id);
            sale.sale.sold_at += TimeDelta::seconds(id);
            report.add(&[sale]);
        }
        report
    }

    #[test]
    fn every_page_has_the_titles_and_its_number() {
        let pages = pages(report(Language::Portuguese, 100));
        assert_eq!(pages.len(), 4);
        for (number, page) in (1..).zip(&pages) {
            assert!(page.contains("Relatório de vendas") && page.contains("|Data Hora Pedido Cliente"), "{page}");
            assert!(page.ends_with(&format!(" Página {number} de 4")), "{page}");
        }
        assert!(pages[0].contains("Pagamento: Pix"));
        let row = "|20/11/2026 10:05 000123 João da Conceição Pão de açúcar 1 kg Cartão de crédito -1 R$\u{a0}5,00 -R$\u{a0}5,00|";
        assert!(pages[0].contains(row), "{}", pages[0]);
    }

    #[test]
    fn the_file_is_a_pdf_with_as_many_pages() {
        let bytes = report(Language::English, 60).finish();
        assert!(bytes.starts_with(b"%PDF-"));
        let mut warnings = Vec::new();
        let options = printpdf::PdfParseOptions::default();
        let read = PdfDocument::parse(&bytes, &options, &mut warnings).unwrap();
        assert_eq!(read.pages.len(), 2);
        // The file contains both fonts completely. The font programs alone are larger than this.
        assert!(bytes.len() > 80_000, "{}", bytes.len());
    }

    #[test]
    fn the_figures_are_those_of_the_rows_shown() {
        let pages = pages(report(Language::Portuguese, 2));
        assert_eq!(pages.len(), 1);
        assert!(pages[0].contains("|Total -2 -R$\u{a0}10,00|"), "{}", pages[0]);
        assert!(pages[0].contains("|Ticket médio|-R$ 5,00"), "{}", pages[0]);
    }

    #[test]
    fn a_report_without_sales_says_so() {
        let pages = pages(report(Language::English, 0));
        assert!(pages[0].contains("No sale matches these filters."), "{}", pages[0]);
        assert!(pages[0].contains("|Average ticket|–"), "{:?}", pages[0]);
    }

    #[test]
    fn what_is_beyond_the_cap_is_counted_not_hidden() {
        let mut context = context(Language::Portuguese);
        context.totals.sales = ROW_CAP + 1_234;
        let mut report = PdfReport::start(context).unwrap();
        report.shown.sales = ROW_CAP - 1;
        assert!(!report.add(&[line(1)]), "the last that fits");
        assert!(!report.add(&[line(2)]));
        let page = pages(report).remove(0);
        assert!(page.contains("Outras 1.234 vendas não aparecem neste PDF"), "{page}");
        assert!(page.contains("|Vendas|21.234"), "the figures are those of the whole list: {page}");
    }
}
