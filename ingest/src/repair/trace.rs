//! One row from the original to its clean values, with the name of each rule that changed something.

use caudal_shared::document::punctuated;
use caudal_shared::field::Field;
use caudal_shared::format;
use caudal_shared::language::Language;
use caudal_shared::message::{Fingerprint, Sale, SaleKey, SoldTime};
use caudal_shared::notice::Change;
use caudal_shared::payment::PaymentMethod;
use caudal_shared::trace::{Bucket, CellTrace, Derived, RowTrace};
use chrono_tz::Tz;

use super::Account;
use crate::batch::CleanSheet;
use crate::clean::ditto;
use crate::layout::table::letters;
use crate::sheet::{Kind, Sheet};

impl Account {
    /// A row of the import by its sheet and its number as spreadsheets count it; `None` when there is no such row.
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
        let has_time = clean.columns.iter().any(|(field, _)| *field == Field::Time);
        let cells = (0..raw.columns.len()).map(|column| {
            let field = field_of(clean, column);
            let raw_value = raw.shown(index, column);
            let clean_value = field.and_then(value);
            let change = match (field, &raw_value, &clean_value) {
                (Some(Field::Date | Field::Time), Some(_), Some(_)) if has_time => Some(Change::DayAndTimeJoined),
                (Some(field), Some(raw_value), Some(clean_value)) => {
                    change(field, kind(raw, index, column), raw_value, clean_value, sale.as_ref())
                }
                (Some(field), Some(_), None) if bucket == Bucket::Sale && field != Field::Time => Some(Change::LeftOut),
                (Some(field), None, Some(_)) if ditto::may_fill(field) => Some(Change::FilledDown),
                (Some(_), None, Some(_)) => Some(Change::Computed),
                _ => None,
            };
            CellTrace { header: header(raw, clean, column), raw: raw_value, field, clean: clean_value, change }
        });
        let named = |field: &Field| clean.columns.iter().any(|(other, _)| other == field);
        let derived = [Field::Date, Field::Product, Field::Quantity, Field::UnitPrice, Field::Discount, Field::Total]
            .into_iter()
            .filter(|field| !named(field))
            .filter_map(|field| {
                let change = match field {
                    Field::Date if !clean.date_assumed => Change::FromTitle,
                    Field::Date | Field::Quantity => Change::Assumed,
                    _ => Change::Computed,
                };
                Some(Derived { field, clean: value(field)?, change })
            });
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

fn kind(sheet: &Sheet, row: usize, column: usize) -> Kind {
    sheet.columns.get(column).map_or(Kind::Empty, |cells| cells.kind(row))
}

/// A clean value as a person reads it.
fn value(sale: &Sale, field: Field, zone: Tz, language: Language) -> Option<String> {
    let customer = sale.customer.as_ref();
    let address = sale.address.as_ref();
    match field {
        Field::OrderId => sale.order_id.clone(),
        Field::Line => sale.line.clone(),
        Field::Date | Field::Time => Some(match sale.time {
            SoldTime::DayOnly => format::date(sale.sold_on, language),
            SoldTime::Exact | SoldTime::Assumed => {
                format::date_time(caudal_shared::calendar::to_local(sale.sold_at, zone), language)
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

/// The rule by which a clean value differs from its cell; `None` when it says the same.
fn change(field: Field, kind: Kind, raw: &str, clean: &str, sale: Option<&Sale>) -> Option<Change> {
    match field {
        Field::Quantity | Field::UnitPrice | Field::Total | Field::Freight | Field::Tax | Field::Cost => {
            number_change(kind, raw)
        }
        Field::Discount if raw.contains('%') => Some(Change::Percent),
        Field::Discount => {
            let unlike = |sale: &Sale| {
                let as_written: Option<f64> = raw.replace(',', ".").parse().ok();
                as_written.zip(sale.discount).is_some_and(|(raw, discount)| {
                    let amount = discount.to_decimal().to_string().parse::<f64>().unwrap_or_default();
                    (raw.abs() - amount.abs()).abs() > 0.005
                })
            };
            if sale.is_some_and(unlike) { Some(Change::Percent) } else { number_change(kind, raw) }
        }
        Field::Date | Field::Time => match kind {
            Kind::Text => Some(Change::DayFromText),
            Kind::Number => Some(Change::DayFromNumber),
            _ => None,
        },
        Field::Document | Field::Phone | Field::PostalCode => {
            let digits = |text: &str| text.chars().filter(char::is_ascii_alphanumeric).collect::<String>();
            match (digits(raw), digits(clean)) {
                _ if raw == clean => None,
                (raw, clean) if clean.len() > raw.len() && clean.ends_with(&raw) => Some(Change::ZerosRestored),
                _ => Some(Change::PunctuationRemoved),
            }
        }
        Field::PaymentMethod => match sale.and_then(|sale| sale.payment_method) {
            _ if raw == clean => None,
            Some(PaymentMethod::Other) => Some(Change::WordUnknown),
            _ => Some(Change::WordRecognised),
        },
        Field::Email if raw.trim() != clean => Some(Change::LowerCased),
        _ if raw == clean => None,
        _ if raw.split_whitespace().eq(clean.split_whitespace()) => Some(Change::SpacesTidied),
        _ => Some(Change::LettersRepaired),
    }
}

fn number_change(kind: Kind, raw: &str) -> Option<Change> {
    if kind != Kind::Text {
        let decimals = raw.split_once('.').map_or(0, |(_, decimals)| decimals.len());
        return (decimals > 4).then_some(Change::Rounded);
    }
    let text = raw.trim();
    let digits = text.trim_matches(|c: char| !c.is_ascii_digit());
    if text.starts_with('(') || text.ends_with('-') {
        Some(Change::NegativeStyle)
    } else if text.chars().any(|c| c.is_alphabetic() || matches!(c, '$' | '€' | '£')) {
        Some(Change::CurrencyRemoved)
    } else {
        match (digits.rfind(','), digits.rfind('.')) {
            (Some(comma), point) if point.is_none_or(|point| point < comma) => Some(Change::DecimalComma),
            (_, Some(_)) => Some(Change::DecimalPoint),
            _ => Some(Change::NumberFromText),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_change_of_a_value_has_a_name() {
        let of = |field, raw: &str, clean: &str| change(field, Kind::Text, raw, clean, None).map(Change::code);
        assert_eq!(of(Field::Total, "R$ 1.234,50", "1.234,50"), Some("currency_removed"));
        assert_eq!(of(Field::Total, "1.234,50", "1.234,50"), Some("decimal_comma"));
        assert_eq!(of(Field::Total, "(12,00)", "-12,00"), Some("negative_style"));
        assert_eq!(of(Field::Quantity, "3", "3"), Some("number_from_text"));
        assert_eq!(of(Field::Document, "1234567890", "012.345.678-90"), Some("zeros_restored"));
        assert_eq!(of(Field::PaymentMethod, "cartao", "Cartão"), Some("word_recognised"));
        assert_eq!(of(Field::Product, " Café  500 g", "Café 500 g"), Some("spaces_tidied"));
        assert_eq!(of(Field::Product, "CafÃ©", "Café"), Some("letters_repaired"));
        assert_eq!(of(Field::Product, "Café", "Café"), None);
        assert_eq!(change(Field::Total, Kind::Number, "12.5", "12,50", None), None);
    }
}
