//! Every field of a sale, from the message through the tables to lists and reports. A column, a place or a line of the report that
//! was forgotten for a new field fails here.

use super::*;
use caudal_contract::field::{Field, FieldOwner};
use caudal_contract::message::{Slot, Value, wire};
use caudal_contract::payment::PaymentMethod;
use caudal_distrib::report::columns::{Cell, Column};
use caudal_distrib::view::sales::SaleLine;
use chrono_tz::America::Sao_Paulo;

/// A sale with a value of its own in each field. The values of another `variant` are others.
fn full(key: u8, variant: u8) -> Sale {
    let mut full = Sale { time: SoldTime::Exact, ..sale(key, variant, 0) };
    full.sold_at = format!("2026-01-{variant:02}T15:04:05Z").parse().unwrap();
    for (number, field) in (1_i64..).zip(Field::ALL) {
        let number = number + 100 * i64::from(variant);
        match full.slot(*field) {
            Slot::Text(text) => *text = Some(format!("{} {number}", field.code())),
            Slot::Name(text) => *text = format!("{} {number}", field.code()),
            Slot::Payment(method) => *method = PaymentMethod::ALL.get(usize::from(variant)).copied(),
            Slot::Money(amount) => *amount = Some(Cents(number)),
            Slot::Amount(amount) => *amount = Cents(number),
            Slot::Price(price) => *price = Some(TenThousandths(number)),
            Slot::Number(quantity) => *quantity = TenThousandths(number),
            Slot::Moment => {}
        }
    }
    full
}

impl Distrib {
    /// Delivers a sale as the bytes of its message.
    fn deliver_bytes(&self, import_id: ImportId, sale: &Sale) {
        let payload = wire::to_payload(&self.message_of(import_id, Body::Sales(vec![sale.clone()]))).unwrap();
        self.deliver(&deliver::parse(&payload).unwrap());
    }

    fn lines(&self, filter: &SalesFilter) -> Vec<SaleLine> {
        page(&mut self.database.get().unwrap(), filter, 0, 100).unwrap()
    }

    /// Whether the sale's customer or address has the value. Lists of sales do not read all of these columns.
    fn is_in_master_data(&self, field: Field, text: &str, line: &SaleLine) -> bool {
        let (table, id) = match field.owner() {
            FieldOwner::Customer => ("customers", line.sale.customer_id),
            FieldOwner::Address => ("addresses", line.sale.address_id),
            FieldOwner::Order | FieldOwner::Product | FieldOwner::Line => return false,
        };
        let column = if field == Field::Address { "street" } else { field.code() };
        let Some(id) = id else { return false };
        self.count(&format!("{table} WHERE id = {id} AND {column} = '{text}'")) == 1
    }

    fn assert_stored(&self, sale: &Sale, line: &SaleLine) {
        for field in Field::ALL.iter().copied() {
            let expected = sale.value(field);
            assert!(expected.is_some(), "the sale has no {field:?}");
            let is_stored = match (line.value(field), expected) {
                (None, Some(Value::Text(text))) => self.is_in_master_data(field, text, line),
                (found, expected) => found == expected,
            };
            assert!(is_stored, "{field:?} came as {expected:?} and is read as {:?}", line.value(field));
        }
    }
}

#[test]
fn every_field_of_a_message_is_stored_and_read_back() {
    let distrib = Distrib::new();
    let (first, second) = (ImportId::new(), ImportId::new());
    let (before, after) = (full(1, 1), full(1, 2));
    distrib.deliver_bytes(first, &before);
    distrib.assert_stored(&before, &distrib.lines(&SalesFilter::default())[0]);
    distrib.deliver_bytes(second, &after);
    distrib.assert_stored(&after, &distrib.lines(&SalesFilter::default())[0]);
    distrib.deliver(&distrib.undo(second));
    distrib.assert_stored(&before, &distrib.lines(&SalesFilter::default())[0]);
}

#[test]
fn every_field_that_filters_finds_the_sales_with_its_value() {
    let distrib = Distrib::new();
    let (one, other) = (full(1, 1), full(2, 2));
    distrib.deliver_bytes(distrib.import_id, &one);
    distrib.deliver_bytes(distrib.import_id, &other);
    let filters: Vec<Field> = Field::ALL.iter().copied().filter(|field| field.filters()).collect();
    assert!(filters.len() >= 5, "{filters:?}");
    for field in filters {
        for sale in [&one, &other] {
            let Some(Value::Text(text)) = sale.value(field) else { panic!("{field:?} is no text") };
            let dimensions = vec![(field, text.to_owned())];
            let found = distrib.lines(&SalesFilter { dimensions, ..SalesFilter::default() });
            assert_eq!(found.len(), 1, "{field:?}");
            assert_eq!(found[0].sale.row, i64::from(sale.row), "{field:?}");
        }
    }
}

#[test]
fn every_field_is_in_a_report_or_left_out_on_purpose() {
    // The reports show what a shop adds up and looks for. These fields are stored, and undo and mending need them.
    let left_out = [
        Field::Line,
        Field::Email,
        Field::Phone,
        Field::Address,
        Field::District,
        Field::City,
        Field::State,
        Field::PostalCode,
        Field::Country,
        Field::Discount,
        Field::Freight,
        Field::Tax,
        Field::Status,
        Field::Cost,
        Field::Notes,
    ];
    let distrib = Distrib::new();
    distrib.deliver_bytes(distrib.import_id, &full(1, 1));
    let line = &distrib.lines(&SalesFilter::default())[0];
    for field in Field::ALL.iter().copied() {
        let column = Column::Of(field);
        let is_shown = Column::spreadsheet().contains(&column);
        assert_ne!(
            is_shown,
            left_out.contains(&field),
            "{field:?}: show it in FIELDS of the report, or leave it out here"
        );
        assert!(!is_shown || column.cell(line, Sao_Paulo) != Cell::Empty, "{field:?} has an empty cell");
        let is_for_programs = Column::data().contains(&column) || field == Field::Time;
        assert_eq!(is_shown, is_for_programs, "{field:?} is in both profiles or in none");
    }
}
