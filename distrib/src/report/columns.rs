//! The columns of every report, in one list: a column knows its title and takes its cell out of a sale. The type of the cell, never
//! the look of its text, decides how a writer formats it.

use std::sync::LazyLock;

use caudal_contract::calendar::to_local;
use caudal_contract::field::Field;
use caudal_contract::language::Language;
use caudal_contract::message::{SoldTime, Value};
use caudal_contract::money::{Cents, TenThousandths};
use caudal_contract::payment::PaymentMethod;
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use chrono_tz::Tz;

use crate::view::sales::SaleLine;

/// A column of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    /// A field of the sale. The date is the local day.
    Of(Field),
    /// The instant in UTC.
    Instant,
    /// Whether the time was given, only the day, or neither.
    TimePrecision,
    /// Lineage: the file.
    File,
    /// Lineage: the sheet.
    Sheet,
    /// Lineage: the row.
    Row,
    /// The sale's number in this installation.
    Sale,
}

impl Column {
    /// The columns for a person, who opens them in a spreadsheet program.
    #[must_use]
    pub fn spreadsheet() -> &'static [Self] {
        static COLUMNS: LazyLock<Vec<Column>> = LazyLock::new(|| {
            FIELDS.iter().copied().map(Column::Of).chain([Column::File, Column::Sheet, Column::Row]).collect()
        });
        &COLUMNS
    }

    /// The columns for a program: instead of the time of day it gets the instant.
    #[must_use]
    pub fn data() -> &'static [Self] {
        static COLUMNS: LazyLock<Vec<Column>> = LazyLock::new(|| {
            let fields = FIELDS.iter().flat_map(|field| match field {
                Field::Time => vec![Column::Instant, Column::TimePrecision],
                field => vec![Column::Of(*field)],
            });
            [Column::Sale].into_iter().chain(fields).chain([Column::File, Column::Sheet, Column::Row]).collect()
        });
        &COLUMNS
    }

    /// The title that people read.
    #[must_use]
    pub fn title(self, language: Language) -> String {
        let short = match self {
            Self::Of(Field::Document) => "CPF/CNPJ",
            Self::Of(Field::Sku) => language.pick("Código", "SKU"),
            Self::Of(Field::PaymentMethod) => language.pick("Pagamento", "Payment"),
            Self::Of(field) => return capitalised(field.label(language)),
            Self::Instant => language.pick("Instante (UTC)", "Instant (UTC)"),
            Self::TimePrecision => language.pick("Precisão da hora", "Time precision"),
            Self::File => language.pick("Arquivo", "File"),
            Self::Sheet => language.pick("Planilha", "Sheet"),
            Self::Row => language.pick("Linha", "Row"),
            Self::Sale => language.pick("Venda", "Sale"),
        };
        short.to_owned()
    }

    /// The title that programs read: the same in every language and version.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Of(Field::Date) => "sold_on",
            Self::Of(Field::Time) => "sold_time",
            Self::Of(Field::Total) => "amount",
            Self::Of(Field::PaymentMethod) => "payment",
            Self::Of(field) => field.code(),
            Self::Instant => "sold_at",
            Self::TimePrecision => "time_precision",
            Self::File => "file",
            Self::Sheet => "sheet",
            Self::Row => "row",
            Self::Sale => "sale_id",
        }
    }

    /// The cell of this column for one sale. Times of day are in `zone`.
    #[must_use]
    pub fn cell(self, line: &SaleLine, zone: Tz) -> Cell<'_> {
        match self {
            Self::Of(field) => match line.value(field) {
                None => Cell::Empty,
                Some(Value::Text(number)) if field == Field::Document => Cell::Document(number),
                Some(Value::Text(text)) => Cell::Text(text),
                Some(Value::Payment(method)) => Cell::Payment(method),
                Some(Value::Money(amount)) => Cell::Amount(amount),
                Some(Value::Price(price)) => Cell::UnitPrice(price),
                Some(Value::Number(number)) => Cell::Quantity(number),
                Some(Value::Moment { on, .. }) if field == Field::Date => Cell::Day(on),
                // A day without a time, or one that was assumed, has no hour worth showing
                Some(Value::Moment { at, time: SoldTime::Exact, .. }) => Cell::TimeOfDay(to_local(at, zone).time()),
                Some(Value::Moment { .. }) => Cell::Empty,
            },
            Self::Instant => Cell::Instant(line.sale.sold_at()),
            Self::TimePrecision => Cell::Text(line.sale.time().code()),
            Self::File => line.import_name.as_deref().map_or(Cell::Empty, Cell::Text),
            Self::Sheet => Cell::Text(&line.sale.sheet),
            Self::Row => Cell::Number(line.sale.row),
            Self::Sale => Cell::Number(line.sale.id),
        }
    }
}

/// The fields that reports show, in the order of their columns.
const FIELDS: &[Field] = &[
    Field::Date,
    Field::Time,
    Field::OrderId,
    Field::Customer,
    Field::Document,
    Field::Product,
    Field::Sku,
    Field::Category,
    Field::Quantity,
    Field::UnitPrice,
    Field::Total,
    Field::Fee,
    Field::Currency,
    Field::PaymentMethod,
    Field::Seller,
    Field::Store,
    Field::Channel,
];

/// A label with a capital at its beginning: labels are written small because they stand in sentences too.
pub(super) fn capitalised(label: &str) -> String {
    let mut letters = label.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}

/// One value of a report, by type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cell<'a> {
    /// No value.
    Empty,
    /// A text from the sender. Only this type could contain a formula.
    Text(&'a str),
    /// A tax number without punctuation.
    Document(&'a str),
    /// A payment method.
    Payment(PaymentMethod),
    /// A local day.
    Day(NaiveDate),
    /// A local time.
    TimeOfDay(NaiveTime),
    /// An instant.
    Instant(DateTime<Utc>),
    /// A quantity.
    Quantity(TenThousandths),
    /// A unit price.
    UnitPrice(TenThousandths),
    /// An amount of money.
    Amount(Cents),
    /// A whole number that is only a name, such as an id.
    Number(i64),
}

/// Whether a spreadsheet program could take a text for a formula. Spaces before the first sign do not count: the
/// program skips them too. Asked of texts only: `-5.00` as an amount is a number and stays one.
#[must_use]
pub fn could_be_formula(text: &str) -> bool {
    let control = ['\t', '\r', '\n', '\0'];
    let first = text.chars().find(|c| control.contains(c) || !c.is_whitespace());
    first.is_some_and(|c| control.contains(&c) || ['=', '+', '-', '@', '＝', '＋', '－', '＠'].contains(&c))
}

#[cfg(test)]
mod tests {
    use super::could_be_formula;

    #[test]
    fn a_formula_is_known_by_its_first_sign() {
        for text in [
            "=1+1", "+55 11", "-x", "@SUM(A1)", "\t=1", "\rx", "\nx", "\0x", "  =1", "\u{a0}=1", "＝1", "＋1", "－1",
            "＠a",
        ] {
            assert!(could_be_formula(text), "{text:?}");
        }
        for text in ["", "  ", "a=1", "João", "'=1", "5-1", "·"] {
            assert!(!could_be_formula(text), "{text:?}");
        }
    }
}
