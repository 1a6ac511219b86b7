//! Traces one row from the original to its clean values, with the name of each rule that changed something. The
//! cleaning runs once more, watches this row, and reports the rules itself.

use caudal_contract::document::punctuated;
use caudal_contract::field::Field;
use caudal_contract::format;
use caudal_contract::language::Language;
use caudal_contract::message::{Fingerprint, Sale, SaleKey, SoldTime};
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
            // A value that reads the same to a person needs no rule, although it was stored in another form. For
            // example, a CPF is shown with its dots again.
            let reads_alike = raw_value == clean_value && !field.is_some_and(is_measured);
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
    let customer = sale.customer.as_ref();
    let address = sale.address.as_ref();
    match field {
        Field::OrderId => sale.order_id.clone(),
        Field::Line => sale.line.clone(),
        Field::Time if sale.time == SoldTime::DayOnly => None,
        Field::Date | Field::Time => Some(match sale.time {
            SoldTime::DayOnly => format::date(sale.sold_on, language),
            SoldTime::Exact | SoldTime::Assumed => {
                format::date_time(caudal_contract::calendar::to_local(sale.sold_at, zone), language)
            }
        }),
        Field::Customer => customer?.name.clone(),
        Field::Document => customer?.document.as_deref().map(punctuated),
        Field::Email => customer?.email.clone(),
        Field::Phone => customer?.phone.clone(),
        Field::Address => address?.street.clone(),
        Field::District => address?.district.clone(),
        Field::City => address?.city.clone(),
        Field::State => address?.state.clone(),
        Field::PostalCode => address?.postal_code.clone(),
        Field::Country => address?.country.clone(),
        Field::Product => Some(sale.product.name.clone()),
        Field::Sku => sale.product.sku.clone(),
        Field::Category => sale.product.category.clone(),
        Field::Quantity => Some(format::quantity(sale.quantity, language)),
        Field::UnitPrice => sale.unit_price.map(|price| format::unit_price(price, language)),
        Field::Discount => sale.discount.map(|amount| format::amount(amount, language)),
        Field::Freight => sale.freight.map(|amount| format::amount(amount, language)),
        Field::Tax => sale.tax.map(|amount| format::amount(amount, language)),
        Field::Total => Some(format::amount(sale.amount, language)),
        Field::Cost => sale.cost.map(|amount| format::amount(amount, language)),
        Field::PaymentMethod => sale.payment_method.map(|method| method.label(language).to_owned()),
        Field::Status => sale.status.clone(),
        Field::Seller => sale.seller.clone(),
        Field::Store => sale.store.clone(),
        Field::Channel => sale.channel.clone(),
        Field::Notes => sale.notes.clone(),
    }
}

/// Whether the field holds a number, a day or a time.
fn is_measured(field: Field) -> bool {
    matches!(
        field,
        Field::Quantity
            | Field::UnitPrice
            | Field::Discount
            | Field::Freight
            | Field::Tax
            | Field::Total
            | Field::Cost
            | Field::Date
            | Field::Time
    )
}
