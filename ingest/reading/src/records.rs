//! Turns clean rows into sales: the bridge from columns to messages.

use caudal_contract::document::DocumentKind;
use caudal_contract::field::Field;
use caudal_contract::message::{Fingerprint, Sale, SaleKey, Slot, SoldTime};
use caudal_contract::money::{Cents, TenThousandths};
use caudal_contract::payment::PaymentMethod;
use chrono::{DateTime, Days, NaiveDate};
use polars::prelude::{
    BooleanChunked, DataFrame, Int32Chunked, Int64Chunked, PolarsResult, StringChunked, UInt32Chunked,
};

/// The columns of a cleaned sheet, ready to be read row by row.
pub struct Records<'a> {
    sheet: &'a str,
    date_assumed: &'a BooleanChunked,
    frame: &'a DataFrame,
    row: &'a UInt32Chunked,
    sold_at: &'a Int64Chunked,
    sold_on: &'a Int32Chunked,
    has_time: &'a BooleanChunked,
    document_kind: Option<&'a StringChunked>,
    /// The columns of the fields that the sheet has, in the order of their codes.
    fields: Vec<(Field, Column<'a>)>,
}

/// The values of one field.
enum Column<'a> {
    Numbers(&'a Int64Chunked),
    Texts(&'a StringChunked),
}

/// The clean value of one field of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CleanValue<'a> {
    /// A number in the unit of its field, or the moment in seconds since 1970.
    Number(i64),
    /// A text.
    Text(&'a str),
}

impl<'a> Records<'a> {
    /// Opens a frame made by [`crate::clean::clean`].
    ///
    /// # Errors
    /// Only if the frame lacks a column, which is a bug.
    pub fn new(frame: &'a DataFrame, sheet: &'a str) -> PolarsResult<Self> {
        let mut fields = Vec::new();
        for field in Field::ALL.iter().copied() {
            let Ok(column) = frame.column(field.code()) else { continue };
            let column = if field.is_text() { Column::Texts(column.str()?) } else { Column::Numbers(column.i64()?) };
            fields.push((field, column));
        }
        fields.sort_by_key(|(field, _)| field.code());
        let document_kind = frame.column("document_kind").ok().map(|column| column.str()).transpose()?;
        Ok(Self {
            sheet,
            date_assumed: frame.column("date_assumed")?.bool()?,
            frame,
            row: frame.column("row")?.u32()?,
            sold_at: frame.column("sold_at")?.i64()?,
            sold_on: frame.column("sold_on")?.i32()?,
            has_time: frame.column("has_time")?.bool()?,
            document_kind,
            fields,
        })
    }

    /// The number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.frame.height()
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A text of a row.
    #[must_use]
    pub fn text(&self, field: Field, index: usize) -> Option<&'a str> {
        self.fields.iter().find_map(|(other, column)| match column {
            Column::Texts(texts) if *other == field => texts.get(index),
            _ => None,
        })
    }

    /// The local day of the sale.
    #[must_use]
    pub fn sold_on(&self, index: usize) -> NaiveDate {
        let days = self.sold_on.get(index).and_then(|days| u64::try_from(days).ok()).unwrap_or(0);
        NaiveDate::default().checked_add_days(Days::new(days)).unwrap_or_default()
    }

    /// The row's place in its sheet.
    #[must_use]
    pub fn row(&self, index: usize) -> u32 {
        self.row.get(index).unwrap_or(0)
    }

    /// The sheet's name.
    #[must_use]
    pub fn sheet(&self) -> &'a str {
        self.sheet
    }

    /// Whether a row has no date of its own.
    #[must_use]
    pub fn date_assumed(&self, index: usize) -> bool {
        self.date_assumed.get(index) == Some(true)
    }

    /// The content of a row: the code and the value of each field that it has, in the order of the codes. An assumed
    /// date is left out because the row does not contain it: the same bytes an hour later are the same sale.
    pub fn content(&self, index: usize) -> impl Iterator<Item = (&'static str, CleanValue<'a>)> + '_ {
        let moment = self.sold_at.get(index).filter(|_| !self.date_assumed(index));
        let moment = moment.map(|seconds| (Field::Date.code(), CleanValue::Number(seconds)));
        let fields = self.fields.iter().filter_map(move |(field, column)| {
            let value = match column {
                Column::Numbers(numbers) => CleanValue::Number(numbers.get(index)?),
                Column::Texts(texts) => CleanValue::Text(texts.get(index)?),
            };
            Some((field.code(), value))
        });
        moment.into_iter().chain(fields)
    }

    /// The bytes of a row's texts.
    #[must_use]
    pub fn text_bytes(&self, index: usize) -> usize {
        let texts = self.fields.iter().filter_map(|(_, column)| match column {
            Column::Texts(texts) => texts.get(index),
            Column::Numbers(_) => None,
        });
        texts.map(str::len).sum()
    }

    /// The row as a sale.
    #[must_use]
    pub fn sale(&self, index: usize, key: SaleKey, fingerprint: Fingerprint) -> Sale {
        let time = if self.date_assumed(index) {
            SoldTime::Assumed
        } else if self.has_time.get(index) == Some(true) {
            SoldTime::Exact
        } else {
            SoldTime::DayOnly
        };
        let mut sale = Sale {
            key,
            fingerprint,
            sheet: self.sheet.to_owned(),
            row: self.row(index),
            sold_at: DateTime::from_timestamp(self.sold_at.get(index).unwrap_or(0), 0).unwrap_or_default(),
            sold_on: self.sold_on(index),
            time,
            ..Sale::default()
        };
        for (field, column) in &self.fields {
            match column {
                Column::Numbers(numbers) => {
                    if let Some(number) = numbers.get(index) {
                        match sale.slot(*field) {
                            Slot::Money(money) => *money = Some(Cents(number)),
                            Slot::Amount(amount) => *amount = Cents(number),
                            Slot::Price(price) => *price = Some(TenThousandths(number)),
                            Slot::Number(value) => *value = TenThousandths(number),
                            Slot::Text(_) | Slot::Name(_) | Slot::Payment(_) | Slot::Moment => {}
                        }
                    }
                }
                Column::Texts(texts) => {
                    if let Some(text) = texts.get(index) {
                        match sale.slot(*field) {
                            Slot::Text(slot) => *slot = Some(text.to_owned()),
                            Slot::Name(name) => text.clone_into(name),
                            Slot::Payment(method) => *method = PaymentMethod::from_code(text),
                            Slot::Money(_) | Slot::Amount(_) | Slot::Price(_) | Slot::Number(_) | Slot::Moment => {}
                        }
                    }
                }
            }
        }
        if let Some(customer) = &mut sale.customer {
            customer.document_kind =
                self.document_kind.and_then(|kinds| kinds.get(index)).and_then(DocumentKind::from_code);
        }
        sale
    }
}
