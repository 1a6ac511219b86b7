//! Traces one row from the original to its clean values, with the name of each rule that changed something. The
//! cleaning runs once more, watches this row, and reports the rules itself.

use caudal_contract::calendar::to_local;
use caudal_contract::document::punctuated;
use caudal_contract::field::Field;
use caudal_contract::format;
use caudal_contract::language::Language;
use caudal_contract::message::{Fingerprint, Sale, SaleKey, SoldTime, Value};
use caudal_contract::trace::{Bucket, CellTrace, Derived, RowTrace};
use chrono_tz::Tz;

use super::Account;
use crate::batch::CleanSheet;
use crate::layout::table::letters;
use crate::sheet::Sheet;

impl Account {
    /// A row of the import by its sheet and its number as spreadsheets count. `None` if there is no such row.
    #[must_use]
    pub fn trace(&self, sheet: &str, row: u32, zone: Tz, language: Language) -> Option<RowTrace> {
        let raw = self.contents.sheets.iter().find(|other| other.name == sheet)?;
        let clean = self.batch.sheets.iter().find(|other| other.read.name == sheet)?;
        let index = (row as usize).checked_sub(1).filter(|index| *index < raw.rows)?;
        let sale = self.sale(sheet, row);
        let rejected = self.batch.rejected.iter().find(|rejected| rejected.sheet == sheet && rejected.row == row);
        let bucket = match (&sale, rejected) {
            (Some(_), _) => Bucket::Sale,
            (None, Some(_)) => Bucket::Rejected,
            (None, None) => Bucket::Ignored,
        };
        let value = |field: Field| sale.as_ref().and_then(|sale| value(sale, field, zone, language));
        let change_of = |field: Field| self.batch.changes.get(&field).copied().filter(|_| bucket == Bucket::Sale);
        let cells = (0..raw.columns.len()).map(|column| {
            let field = field_of(clean, column);
            let raw_value = raw.shown(index, column);
            let clean_value = field.and_then(value);
            // If a value looks the same to a person, its change is not shown, although it is stored in another form. A
            // CPF, for example, has its dots again.
            let reads_alike = raw_value == clean_value && !field.is_some_and(Field::is_measured);
            let change = field.and_then(change_of).filter(|_| !reads_alike);
            CellTrace { header: header(raw, clean, column), raw: raw_value, field, clean: clean_value, change }
        });
        let named = |field: &Field| clean.columns.iter().any(|(other, _)| other == field);
        let derived = [Field::Date, Field::Product, Field::Quantity, Field::UnitPrice, Field::Discount, Field::Total]
            .into_iter()
            .filter(|field| !named(field))
            .filter_map(|field| Some(Derived { field, clean: value(field)?, change: change_of(field)? }));
        Some(RowTrace {
            bucket,
            cells: cells.collect(),
            derived: derived.collect(),
            reasons: rejected.map(|row| row.reasons.clone()).unwrap_or_default(),
        })
    }

    fn sale(&self, sheet: &str, row: u32) -> Option<Sale> {
        let records = self.batch.records().ok()?;
        let records = records.iter().find(|records| records.sheet() == sheet)?;
        let index = (0..records.len()).find(|index| records.row(*index) == row)?;
        Some(records.sale(index, SaleKey([0; 16]), Fingerprint([0; 16])))
    }
}

fn field_of(sheet: &CleanSheet, column: usize) -> Option<Field> {
    sheet.columns.iter().find(|(_, other)| *other == column).map(|(field, _)| *field)
}

fn header(raw: &Sheet, clean: &CleanSheet, column: usize) -> String {
    let Some(row) = clean.read.header_row else { return letters(column) };
    let header = raw.shown(row as usize, column).unwrap_or_default();
    header.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A clean value as a person reads it.
fn value(sale: &Sale, field: Field, zone: Tz, language: Language) -> Option<String> {
    Some(match sale.value(field)? {
        Value::Text(number) if field == Field::Document => punctuated(number),
        Value::Text(text) => text.to_owned(),
        Value::Payment(method) => method.label(language).to_owned(),
        Value::Money(amount) => format::amount(amount, language),
        Value::Price(price) => format::unit_price(price, language),
        Value::Number(number) => format::quantity(number, language),
        Value::Moment { on, time: SoldTime::DayOnly, .. } => format::date(on, language),
        Value::Moment { at, .. } => format::date_time(to_local(at, zone), language),
    })
}
