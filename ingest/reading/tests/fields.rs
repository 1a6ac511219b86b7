//! Every field of a sale, from a sheet or a JSON body to the sale. A new field that is not cleaned fails here.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use caudal_contract::field::{Field, FieldKind};
use caudal_contract::language::Language;
use caudal_contract::message::{Fingerprint, Sale, SaleKey};
use caudal_reading::batch::Batch;
use caudal_reading::body::Body;
use caudal_reading::sheet;
use caudal_reading::value::{Basis, Conventions, Mark};
use chrono::DateTime;
use serde_json::{Map, Value, json};

/// A value that the field accepts. The total agrees with the quantity, the price and the discount.
fn value(field: Field) -> String {
    match field {
        Field::Document => "529.982.247-25".to_owned(),
        Field::Email => "ana@exemplo.com".to_owned(),
        Field::Phone => "(11) 98765-4321".to_owned(),
        Field::State => "SP".to_owned(),
        Field::PostalCode => "01310-100".to_owned(),
        Field::Currency => "BRL".to_owned(),
        Field::UnitPrice => "5.50".to_owned(),
        Field::Discount => "1.00".to_owned(),
        Field::Total => "10.00".to_owned(),
        _ => match field.kind() {
            FieldKind::Text | FieldKind::Code => format!("{} 7", field.code()),
            FieldKind::Word => "pix".to_owned(),
            FieldKind::Money | FieldKind::Price => "0.50".to_owned(),
            FieldKind::Number => "2".to_owned(),
            FieldKind::Day => "2026-03-01".to_owned(),
            FieldKind::TimeOfDay => "10:30".to_owned(),
        },
    }
}

fn conventions(basis: Basis) -> Conventions {
    let arrived = DateTime::from_timestamp(1_795_000_000, 0).unwrap();
    Conventions { zone: chrono_tz::America::Sao_Paulo, basis, mark: Mark::Point, day_first: true, arrived }
}

fn only_sale(batch: &Batch) -> Sale {
    assert!(batch.rejected.is_empty(), "{:?}", batch.rejected);
    let records = batch.records().unwrap();
    assert_eq!((records.len(), records[0].len()), (1, 1));
    records[0].sale(0, SaleKey::default(), Fingerprint::default())
}

fn assert_has_every_field(sale: &Sale) {
    for field in Field::ALL.iter().copied() {
        assert!(sale.value(field).is_some(), "{field:?} was not read");
    }
}

#[test]
fn every_field_of_a_sheet_is_in_its_sale() {
    let line = |cell: &dyn Fn(Field) -> String| {
        Field::ALL.iter().map(|field| cell(*field)).collect::<Vec<_>>().join(";") + "\n"
    };
    let text = line(&|field| field.label(Language::Portuguese).to_owned()) + &line(&value);
    let contents = sheet::read(text.as_bytes(), "vendas.csv").unwrap();
    assert_has_every_field(&only_sale(&Batch::of_file(&contents, &conventions(Basis::Column), &[]).unwrap()));
}

#[test]
fn every_field_of_a_body_is_in_its_sale() {
    let mut row: Map<String, Value> =
        Field::ALL.iter().map(|field| (field.property().to_owned(), Value::String(value(*field)))).collect();
    // The time is no property of its own.
    row.remove(Field::Time.property());
    row.insert(Field::Date.property().to_owned(), json!("2026-03-01T10:30:00-03:00"));
    let bytes = serde_json::to_vec(&[row]).unwrap();
    let body = Body::read(&bytes).unwrap();
    assert_has_every_field(&only_sale(&Batch::of_body(&body, &conventions(Basis::Value)).unwrap()));
}
