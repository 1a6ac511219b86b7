//! The sales list as a workbook: real numbers and dates, texts that stay texts, and a second sheet that describes the list. The
//! rows are kept in a temporary file, so even a million of them takes little memory.

use caudal_contract::document::punctuated;
use caudal_contract::field::{Field, FieldKind};
use caudal_contract::format;
use caudal_contract::language::Language;
use caudal_contract::money::{Cents, TenThousandths};
use chrono::{Datelike, NaiveDate, NaiveTime, Timelike};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, FormatAlign, Workbook, Worksheet, XlsxError};

use super::columns::{Cell, Column, could_be_formula};
use super::{ReportContext, ReportError, average_ticket};
use crate::view::sales::{SaleLine, SalesTotals};

/// Maximum number of sales in one worksheet: Excel's 1,048,576 rows without the title row.
pub const ROW_LIMIT: u32 = 1_048_575;

/// Maximum number of characters in one cell.
const CELL_LIMIT: usize = 32_767;

/// A workbook that is being written.
pub struct XlsxReport {
    workbook: Workbook,
    formats: Formats,
    context: ReportContext,
    written: SalesTotals,
    next_row: u32,
}

impl XlsxReport {
    /// A workbook with its title row.
    ///
    /// # Errors
    /// [`ReportError::Xlsx`], for example if the folder for temporary files is full.
    pub fn start(context: ReportContext) -> Result<Self, ReportError> {
        let mut workbook = Workbook::new();
        workbook.set_properties(&DocProperties::new().set_title(context.title()).set_author("Caudal"));
        let formats = Formats::new(context.language);
        let sheet = workbook.add_worksheet_with_constant_memory()?;
        sheet.set_name(context.language.pick("Vendas", "Sales"))?;
        sheet.set_freeze_panes(1, 0)?;
        sheet.set_landscape().set_print_fit_to_pages(1, 0).set_repeat_rows(0, 0)?;
        for (index, column) in (0..).zip(Column::spreadsheet()) {
            sheet.set_column_width(index, width(*column))?;
            sheet.write_string_with_format(0, index, column.title(context.language), &formats.title)?;
        }
        Ok(Self { workbook, formats, context, written: SalesTotals::default(), next_row: 1 })
    }

    /// Adds the sales of one batch.
    ///
    /// # Errors
    /// [`ReportError::TooManyRows`] if the worksheet is full, [`ReportError::Xlsx`].
    pub fn add(&mut self, lines: &[SaleLine]) -> Result<(), ReportError> {
        let sheet = self.workbook.worksheet_from_index(0)?;
        for line in lines {
            if self.next_row > ROW_LIMIT {
                return Err(ReportError::TooManyRows);
            }
            for (index, column) in (0..).zip(Column::spreadsheet()) {
                let cell = column.cell(line, self.context.time_zone);
                write_cell(sheet, self.next_row, index, cell, &self.formats, self.context.language)?;
            }
            self.next_row += 1;
            self.written.sales += 1;
            self.written.quantity += line.quantity();
            self.written.amount += line.amount();
        }
        Ok(())
    }

    /// Adds the sheet with filters and sums, and returns the complete file.
    ///
    /// # Errors
    /// [`ReportError::Xlsx`].
    pub fn finish(mut self) -> Result<Vec<u8>, ReportError> {
        let last_column = u16::try_from(Column::spreadsheet().len().saturating_sub(1)).unwrap_or(0);
        self.workbook.worksheet_from_index(0)?.autofilter(0, 0, self.next_row - 1, last_column)?;
        self.write_summary()?;
        Ok(self.workbook.save_to_buffer()?)
    }

    /// The sums cover the rows in this file, so that the two sheets agree even if sales arrived in the meantime.
    fn write_summary(&mut self) -> Result<(), ReportError> {
        let (language, context, formats) = (self.context.language, &self.context, &self.formats);
        let sheet = self.workbook.add_worksheet();
        sheet.set_name(language.pick("Filtros", "Filters"))?;
        sheet.set_column_width(0, 26)?.set_column_width(1, 60)?;
        sheet.write_string_with_format(0, 0, context.title(), &formats.heading)?;
        sheet.write_string_with_format(1, 0, language.pick("Gerado em", "As of"), &formats.label)?;
        sheet.write_string(1, 1, context.as_of())?;

        let mut row = 3;
        let mut line = |label: &str, cell: Cell<'_>| -> Result<(), XlsxError> {
            sheet.write_string_with_format(row, 0, label, &formats.label)?;
            write_cell(sheet, row, 1, cell, &formats.aligned_left(), language)?;
            row += 1;
            Ok(())
        };
        if context.filter_words.is_empty() {
            line(
                language.pick("Filtros", "Filters"),
                Cell::Text(language.pick("Nenhum: todas as vendas", "None: all sales")),
            )?;
        }
        for (name, value) in &context.filter_words {
            line(name, Cell::Text(value))?;
        }
        line(language.pick("Vendas (linhas)", "Sales (rows)"), Cell::Number(self.written.sales))?;
        line(language.pick("Quantidade", "Quantity"), Cell::Quantity(self.written.quantity))?;
        line("Total", Cell::Amount(self.written.amount))?;
        if let Some(ticket) = average_ticket(&self.written) {
            line(language.pick("Ticket médio", "Average ticket"), Cell::Amount(ticket))?;
        }
        Ok(())
    }
}

/// Texts are written only with `write_string`, because Excel never evaluates a string cell, even if it looks like a formula.
fn write_cell(
    sheet: &mut Worksheet,
    row: u32,
    column: u16,
    cell: Cell<'_>,
    formats: &Formats,
    language: Language,
) -> Result<(), XlsxError> {
    match cell {
        Cell::Empty | Cell::Text("") => {}
        // With the quote prefix the text stays a text if somebody edits the cell.
        Cell::Text(text) if could_be_formula(text) => {
            sheet.write_string_with_format(row, column, fitting(text), &formats.quoted)?;
        }
        Cell::Text(text) => {
            sheet.write_string_with_format(row, column, fitting(text), &formats.text)?;
        }
        Cell::Document(number) => {
            sheet.write_string_with_format(row, column, fitting(&punctuated(number)), &formats.text)?;
        }
        Cell::Payment(method) => {
            sheet.write_string(row, column, method.label(language))?;
        }
        Cell::Day(day) => match excel_day(day) {
            Some(date) => {
                sheet.write_datetime_with_format(row, column, &date, &formats.day)?;
            }
            None => {
                sheet.write_string(row, column, format::date(day, language))?;
            }
        },
        Cell::TimeOfDay(time) => {
            sheet.write_datetime_with_format(row, column, &excel_time(time)?, &formats.time)?;
        }
        Cell::Instant(at) => {
            sheet.write_string(row, column, at.to_rfc3339())?;
        }
        Cell::Quantity(value) => {
            let format = if value.0 % TenThousandths::SCALE == 0 { &formats.whole } else { &formats.fraction };
            sheet.write_number_with_format(row, column, number(value.0, TenThousandths::SCALE), format)?;
        }
        Cell::UnitPrice(price) => {
            sheet.write_number_with_format(row, column, number(price.0, TenThousandths::SCALE), &formats.price)?;
        }
        Cell::Amount(amount) => {
            sheet.write_number_with_format(row, column, number(amount.0, Cents::SCALE), &formats.money)?;
        }
        Cell::Number(value) => {
            sheet.write_number_with_format(row, column, number(value, 1), &formats.name)?;
        }
    }
    Ok(())
}

/// Converts to the number type of workbooks. The quotient is the floating-point number nearest to the exact value, which Excel
/// would also have stored for the typed digits.
fn number(units: i64, scale: i64) -> f64 {
    units as f64 / scale as f64
}

/// Excel counts days from 1900, so an earlier day is written as text.
fn excel_day(day: NaiveDate) -> Option<ExcelDateTime> {
    let year = u16::try_from(day.year()).ok().filter(|year| *year >= 1900)?;
    ExcelDateTime::from_ymd(year, u8::try_from(day.month()).ok()?, u8::try_from(day.day()).ok()?).ok()
}

fn excel_time(time: NaiveTime) -> Result<ExcelDateTime, XlsxError> {
    ExcelDateTime::from_hms(
        u16::try_from(time.hour()).unwrap_or(0),
        u8::try_from(time.minute()).unwrap_or(0),
        time.second(),
    )
}

/// A text cut to the limit of a cell, in UTF-16 units because Excel counts these. A cut text ends with an ellipsis.
fn fitting(text: &str) -> String {
    let mut units = 0;
    for (position, c) in text.char_indices() {
        units += c.len_utf16();
        if units >= CELL_LIMIT && text.len() - position > c.len_utf8() {
            return format!("{}…", text.get(..position).unwrap_or_default());
        }
    }
    text.to_owned()
}

/// The width of a column, in characters of the default font.
fn width(column: Column) -> f64 {
    match column {
        Column::Sale | Column::Row => 11.0,
        Column::Instant => 20.0,
        Column::File => 28.0,
        Column::Sheet | Column::TimePrecision => 15.0,
        Column::Of(Field::Customer) => 30.0,
        Column::Of(Field::Product) => 38.0,
        Column::Of(Field::OrderId | Field::Sku) => 15.0,
        Column::Of(field) => match field.kind() {
            FieldKind::TimeOfDay => 9.0,
            FieldKind::Day => 11.0,
            FieldKind::Number => 12.0,
            FieldKind::Money | FieldKind::Price => 16.0,
            FieldKind::Text | FieldKind::Code | FieldKind::Word => 20.0,
        },
    }
}

struct Formats {
    heading: Format,
    title: Format,
    label: Format,
    text: Format,
    quoted: Format,
    day: Format,
    time: Format,
    name: Format,
    whole: Format,
    fraction: Format,
    price: Format,
    money: Format,
}

impl Formats {
    fn new(language: Language) -> Self {
        let of = |pattern: &str| Format::new().set_num_format(pattern);
        let symbol = language.pick(format!("\"{} \"", format::CURRENCY), format!("\"{}\"", format::CURRENCY));
        Self {
            heading: Format::new().set_bold().set_font_size(14),
            title: Format::new()
                .set_bold()
                .set_font_color("FFFFFF")
                .set_background_color("1F3A5F")
                .set_align(FormatAlign::Center),
            label: Format::new().set_bold(),
            text: of("@"),
            quoted: of("@").set_quote_prefix(),
            day: of(language.pick("dd/mm/yyyy", "yyyy-mm-dd")),
            time: of("hh:mm:ss"),
            name: of("0"),
            whole: of("#,##0"),
            fraction: of("#,##0.0###"),
            // A unit price may have up to four decimal places.
            price: of(&format!("{symbol}#,##0.00##;[Red]-{symbol}#,##0.00##")),
            money: of(&format!("{symbol}#,##0.00;[Red]-{symbol}#,##0.00")),
        }
    }

    /// The same formats, aligned to the left beside the labels.
    fn aligned_left(&self) -> Self {
        let left = |format: &Format| format.clone().set_align(FormatAlign::Left);
        Self {
            heading: left(&self.heading),
            title: left(&self.title),
            label: left(&self.label),
            text: left(&self.text),
            quoted: left(&self.quoted),
            day: left(&self.day),
            time: left(&self.time),
            name: left(&self.name),
            whole: left(&self.whole),
            fraction: left(&self.fraction),
            price: left(&self.price),
            money: left(&self.money),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{context, line};
    use super::*;

    #[test]
    fn a_workbook_has_a_sheet_of_sales_and_one_of_filters() {
        let mut report = XlsxReport::start(context(Language::Portuguese)).unwrap();
        report.add(&[line(1), line(2)]).unwrap();
        report.add(&[line(3)]).unwrap();
        assert_eq!(report.written.sales, 3);
        assert_eq!(report.written.amount, Cents(-1_500));
        let bytes = report.finish().unwrap();
        assert!(bytes.starts_with(b"PK\x03\x04"));
        for part in ["xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml"] {
            assert!(bytes.windows(part.len()).any(|window| window == part.as_bytes()), "{part}");
        }
    }

    #[test]
    fn a_report_without_sales_is_still_a_workbook() {
        let report = XlsxReport::start(context(Language::English)).unwrap();
        assert!(report.finish().unwrap().starts_with(b"PK"));
    }

    #[test]
    fn a_full_worksheet_is_told_not_cut() {
        let mut report = XlsxReport::start(context(Language::Portuguese)).unwrap();
        report.next_row = ROW_LIMIT;
        report.add(&[line(1)]).unwrap();
        let error = report.add(&[line(2)]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "a worksheet has room for at most 1048575 sales; narrow the filters or download the CSV"
        );
    }

    #[test]
    fn amounts_keep_their_cents() {
        for cents in [0, 1, -5, 10, 123_456_789, 999_999_999_999_999] {
            assert_eq!(number(cents, Cents::SCALE).to_string().parse(), Ok(Cents(cents).to_decimal().normalize()));
        }
    }

    #[test]
    fn a_text_longer_than_a_cell_is_cut_visibly() {
        let long = "ç".repeat(CELL_LIMIT + 1);
        let cut = fitting(&long);
        assert_eq!(cut.chars().count(), CELL_LIMIT);
        assert!(cut.ends_with("ç…"));
        assert_eq!(fitting(&long[..CELL_LIMIT * 2]).chars().count(), CELL_LIMIT, "exactly full is not cut");
    }

    #[test]
    fn a_day_before_excels_calendar_is_no_excel_day() {
        assert!(excel_day(NaiveDate::from_ymd_opt(1899, 12, 31).unwrap()).is_none());
        assert!(excel_day(NaiveDate::from_ymd_opt(2026, 11, 20).unwrap()).is_some());
    }
}
