//! The sales list as CSV, written batch by batch so that the whole list is never in memory.
//!
//! There are two profiles, because one file cannot serve both kinds of readers:
//! - [`Profile::Excel`] opens correctly with a double click in the reader's language, and cannot run a formula: a text that a
//!   spreadsheet program could evaluate gets an apostrophe in front. Numbers and dates are never changed.
//! - [`Profile::Data`] is byte-exact: texts as the sender wrote them, plain decimals, ISO dates, and titles that never change.
//!   It is for programs. Opening it in a spreadsheet program is not safe.

use std::borrow::Cow;

use caudal_contract::document::punctuated;
use caudal_contract::format;
use caudal_contract::language::Language;
use caudal_contract::money::Cents;
use chrono::SecondsFormat;
use chrono_tz::Tz;
use serde::Deserialize;

use super::ReportError;
use super::columns::{Cell, Column, could_be_formula};
use crate::view::sales::SaleLine;

/// The reader of the file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Profile {
    /// A person with a spreadsheet program.
    #[default]
    Excel,
    /// A program.
    Data,
}

/// Converts sales to CSV.
#[derive(Debug, Clone, Copy)]
pub struct CsvReport {
    /// The reader of the file.
    pub profile: Profile,
    /// The language of titles, numbers and dates. It has no effect in the data profile.
    pub language: Language,
    /// The time zone of times of day.
    pub time_zone: Tz,
}

impl CsvReport {
    /// The first bytes of the file: the title line, after a byte order mark if Excel needs one to detect UTF-8.
    ///
    /// # Errors
    /// [`ReportError::Csv`].
    pub fn header(&self) -> Result<Vec<u8>, ReportError> {
        let mark: &[u8] = match self.profile {
            Profile::Excel => b"\xef\xbb\xbf",
            Profile::Data => b"",
        };
        let mut writer = self.writer(mark.to_vec());
        writer.write_record(self.columns().iter().map(|column| match self.profile {
            Profile::Excel => column.title(self.language),
            Profile::Data => column.code().to_owned(),
        }))?;
        finished(writer)
    }

    /// The lines of one batch.
    ///
    /// # Errors
    /// [`ReportError::Csv`].
    pub fn rows(&self, lines: &[SaleLine]) -> Result<Vec<u8>, ReportError> {
        let mut writer = self.writer(Vec::with_capacity(lines.len() * 160));
        for line in lines {
            for column in self.columns() {
                let cell = column.cell(line, self.time_zone);
                let text = match self.profile {
                    Profile::Excel => self.for_people(cell),
                    Profile::Data => exact(cell),
                };
                writer.write_field(text.as_bytes())?;
            }
            // An empty record ends the line that the fields began.
            writer.write_record(None::<&[u8]>)?;
        }
        finished(writer)
    }

    fn columns(&self) -> &'static [Column] {
        match self.profile {
            Profile::Excel => Column::spreadsheet(),
            Profile::Data => Column::data(),
        }
    }

    fn writer(&self, start: Vec<u8>) -> ::csv::Writer<Vec<u8>> {
        let delimiter = match self.profile {
            // If the comma is the decimal mark, Excel splits columns at semicolons.
            Profile::Excel => self.language.pick(b';', b','),
            Profile::Data => b',',
        };
        ::csv::WriterBuilder::new().delimiter(delimiter).terminator(::csv::Terminator::CRLF).from_writer(start)
    }

    fn for_people<'a>(&self, cell: Cell<'a>) -> Cow<'a, str> {
        match cell {
            Cell::Text(text) => guarded(text),
            Cell::Document(number) => match punctuated(number) {
                // A number that is neither a CPF nor a CNPJ is an arbitrary text from the sender.
                same if same == number => guarded(number),
                document => document.into(),
            },
            Cell::Payment(method) => method.label(self.language).into(),
            Cell::Day(day) => format::date(day, self.language).into(),
            Cell::Quantity(value) => self.decimal(value.to_string()).into(),
            // A price always shows cents, and more decimal places only if it has them.
            Cell::UnitPrice(price) if price.0 % 100 == 0 => self.decimal(Cents(price.0 / 100).to_string()).into(),
            Cell::UnitPrice(price) => self.decimal(price.to_string()).into(),
            Cell::Amount(amount) => self.decimal(amount.to_string()).into(),
            Cell::Empty | Cell::TimeOfDay(_) | Cell::Instant(_) | Cell::Number(_) => exact(cell),
        }
    }

    /// Uses the reader's decimal mark but no thousands separator, because a separator would turn the cell into text.
    fn decimal(&self, plain: String) -> String {
        self.language.pick(plain.replace('.', ","), plain)
    }
}

/// The text of a cell for programs.
fn exact(cell: Cell<'_>) -> Cow<'_, str> {
    match cell {
        Cell::Empty => "".into(),
        Cell::Text(text) | Cell::Document(text) => text.into(),
        Cell::Payment(method) => method.code().into(),
        Cell::Day(day) => day.to_string().into(),
        Cell::TimeOfDay(time) => time.format("%H:%M:%S").to_string().into(),
        Cell::Instant(at) => at.to_rfc3339_opts(SecondsFormat::Secs, true).into(),
        Cell::Quantity(value) | Cell::UnitPrice(value) => value.to_string().into(),
        Cell::Amount(amount) => amount.to_string().into(),
        Cell::Number(number) => number.to_string().into(),
    }
}

/// Puts an apostrophe before a text that a spreadsheet program could evaluate as a formula.
fn guarded(text: &str) -> Cow<'_, str> {
    if could_be_formula(text) { format!("'{text}").into() } else { text.into() }
}

fn finished(writer: ::csv::Writer<Vec<u8>>) -> Result<Vec<u8>, ReportError> {
    writer.into_inner().map_err(|error| ReportError::Csv(error.into_error().into()))
}

#[cfg(test)]
mod tests {
    use super::super::tests::line;
    use super::*;
    use chrono_tz::America::Sao_Paulo;

    fn report(profile: Profile, language: Language) -> CsvReport {
        CsvReport { profile, language, time_zone: Sao_Paulo }
    }

    fn text(profile: Profile, language: Language, lines: &[SaleLine]) -> String {
        let report = report(profile, language);
        String::from_utf8([report.header().unwrap(), report.rows(lines).unwrap()].concat()).unwrap()
    }

    #[test]
    fn a_brazilian_excel_opens_the_default_by_double_click() {
        let text = text(Profile::Excel, Language::Portuguese, &[line(1)]);
        assert_eq!(
            text,
            "\u{feff}Data;Hora;Pedido;Cliente;CPF/CNPJ;Produto;Código;Categoria;Quantidade;Preço unitário;Total;\
             Tarifa;Moeda;Pagamento;Vendedor;Loja;Canal;Arquivo;Planilha;Linha\r\n\
             20/11/2026;10:05:09;000123;João da Conceição;012.345.678-90;Pão de açúcar 1 kg;0042;;-1;5,00;-5,00;;;\
             Cartão de crédito;;;;\"loja; centro.xlsx\";Vendas;17\r\n"
        );
    }

    #[test]
    fn an_english_excel_gets_commas_and_decimal_points() {
        let text = text(Profile::Excel, Language::English, &[line(1)]);
        assert!(text.starts_with("\u{feff}Date,Time,Order,"), "{text}");
        assert!(text.contains("2026-11-20,10:05:09,") && text.contains(",-5.00,,,Credit card,"), "{text}");
    }

    #[test]
    fn a_negative_amount_is_a_number_and_stays_one() {
        assert!(text(Profile::Excel, Language::English, &[line(1)]).contains(",-5.00,"));
        assert!(text(Profile::Excel, Language::Portuguese, &[line(1)]).contains(";-5,00;"));
        assert!(text(Profile::Data, Language::Portuguese, &[line(1)]).contains(",-5.00,"));
    }

    #[test]
    fn no_text_can_start_a_formula_in_a_spreadsheet_program() {
        let mut sale = line(1);
        sale.customer_name = Some("=HYPERLINK(\"http://x\")".into());
        sale.customer_document = Some("-1".into());
        let text = text(Profile::Excel, Language::Portuguese, &[sale]);
        assert!(text.contains(";\"'=HYPERLINK(\"\"http://x\"\")\";'-1;"), "{text}");
    }

    #[test]
    fn the_data_profile_comes_back_byte_for_byte() {
        let mut sale = line(9);
        sale.customer_name = Some("=1;\"a\",\r\n\tb ".into());
        sale.sale.sheet = String::new();
        let bytes = text(Profile::Data, Language::Portuguese, &[sale.clone(), line(2)]);
        let mut reader = ::csv::Reader::from_reader(bytes.as_bytes());
        let titles: Vec<_> = reader.headers().unwrap().iter().map(str::to_owned).collect();
        let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
        let at = |title: &str| &rows[0][titles.iter().position(|name| name == title).unwrap()];
        assert_eq!(rows.len(), 2);
        assert_eq!(Some(at("customer")), sale.customer_name.as_deref());
        assert_eq!(at("sold_at"), "2026-11-20T13:05:09Z");
        assert_eq!((at("sale_id"), at("sold_on"), at("amount"), at("quantity")), ("9", "2026-11-20", "-5.00", "-1"));
        assert_eq!((at("document"), at("payment"), at("row")), ("01234567890", "credit_card", "17"));
    }

    #[test]
    fn a_day_without_a_time_shows_none() {
        let mut sale = line(1);
        sale.sale.sold_time = "day_only".into();
        assert!(text(Profile::Excel, Language::Portuguese, &[sale]).contains("\r\n20/11/2026;;000123;"));
    }
}
