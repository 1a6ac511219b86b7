//! The rows of an import that belong to orders. There may be a million, so each is kept as numbers and expanded to an
//! [`OrderLine`] only when it is processed.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::rc::Rc;

use caudal_contract::field::Field;
use caudal_contract::message::{Fingerprint, Origin, to_hex};
use caudal_contract::text::folded;
use chrono::NaiveDate;
use hashbrown::HashMap;

use super::{Place, Sender};
use caudal_reading::records::Records;

/// A row that belongs to an order.
#[derive(Clone)]
pub(super) struct OrderLine<'a> {
    pub(super) place: Place,
    pub(super) order_id: Cow<'a, str>,
    /// Whether the order has no other row in this import.
    pub(super) is_only_row: bool,
    pub(super) line: String,
    pub(super) numbered: bool,
    pub(super) fingerprint: Fingerprint,
    pub(super) sold_on: NaiveDate,
    pub(super) product: Rc<str>,
    pub(super) customer: Rc<str>,
}

/// All rows of an import that belong to orders.
pub(super) struct OrderRows<'a> {
    sender: Sender<'a>,
    sheets: &'a [Records<'a>],
    fingerprints: &'a [Vec<Fingerprint>],
    rows: Vec<OrderRow>,
    /// The number of rows of each order.
    rows_of_order: Vec<u32>,
    texts: Vec<Rc<str>>,
}

/// A row, with numbers in place of its texts.
struct OrderRow {
    place: Place,
    order: u32,
    product: u32,
    customer: u32,
    name: LineName,
}

/// The property that distinguishes the lines of an order.
enum LineName {
    /// The product, with the number of earlier rows with the same product.
    Product(u32),
    /// The line number of the row.
    Number,
    /// The line number and the product, because the order has another product with that number.
    NumberOfProduct,
}

/// Folded texts, each made once and numbered, because a file repeats the same products and customers many times.
#[derive(Default)]
struct Folded<'a> {
    by_text: HashMap<&'a str, u32>,
    by_folded: HashMap<Rc<str>, u32>,
    texts: Vec<Rc<str>>,
}

impl<'a> Folded<'a> {
    fn number(&mut self, text: &'a str) -> u32 {
        *self.by_text.entry(text).or_insert_with(|| {
            let folded: Rc<str> = folded(text).into();
            *self.by_folded.entry(Rc::clone(&folded)).or_insert_with(|| {
                self.texts.push(folded);
                count(self.texts.len() - 1)
            })
        })
    }
}

/// A count of rows or of their texts. Files with more rows than `u32` holds are refused long before.
fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

impl<'a> OrderRows<'a> {
    /// The rows at these places that belong to orders. Equal products of an order are numbered in the order of
    /// `places`.
    pub(super) fn of(
        sender: Sender<'a>,
        sheets: &'a [Records<'a>],
        fingerprints: &'a [Vec<Fingerprint>],
        places: &[Place],
    ) -> Self {
        let mut all =
            Self { sender, sheets, fingerprints, rows: Vec::new(), rows_of_order: Vec::new(), texts: Vec::new() };
        let mut orders: HashMap<Cow<'a, str>, u32> = HashMap::new();
        let mut occurrences: HashMap<(u32, u32), u32> = HashMap::new();
        let mut first_products: HashMap<(u32, &'a str), u32> = HashMap::new();
        let mut folded = Folded::default();
        for place in places.iter().copied() {
            let (Some(order_id), Some(records)) = (all.order_id(place), sheets.get(place.0)) else { continue };
            let next = count(orders.len());
            let order = *orders.entry(order_id).or_insert(next);
            if order == next {
                all.rows_of_order.push(0);
            }
            if let Some(rows) = all.rows_of_order.get_mut(order as usize) {
                *rows += 1;
            }
            let product = folded.number(records.text(Field::Product, place.1).unwrap_or_default());
            let name = match records.text(Field::Line, place.1) {
                None => {
                    let occurrence = occurrences.entry((order, product)).and_modify(|count| *count += 1).or_insert(0);
                    LineName::Product(*occurrence)
                }
                // If a sheet gives two products of an order the same line number, they are two lines.
                Some(number) => match *first_products.entry((order, number)).or_insert(product) {
                    first if first == product || sender.origin == Origin::Api => LineName::Number,
                    _ => LineName::NumberOfProduct,
                },
            };
            let customer = [Field::Document, Field::Email, Field::Customer]
                .into_iter()
                .find_map(|field| records.text(field, place.1))
                .unwrap_or_default();
            let customer = folded.number(customer);
            all.rows.push(OrderRow { place, order, product, customer, name });
        }
        all.texts = folded.texts;
        all
    }

    /// The number of rows.
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// The lines at these places, expanded one by one.
    pub(super) fn lines(&self, is_wanted: impl Fn(Place) -> bool) -> impl Iterator<Item = OrderLine<'a>> {
        self.rows.iter().filter(move |row| is_wanted(row.place)).filter_map(|row| self.line(row))
    }

    /// The lines of these orders.
    pub(super) fn lines_of_orders(&self, orders: &BTreeSet<String>) -> impl Iterator<Item = OrderLine<'a>> {
        self.lines(|place| self.order_id(place).is_some_and(|order_id| orders.contains(order_id.as_ref())))
    }

    /// Every `stride`-th line.
    pub(super) fn sample(&self, stride: usize) -> Vec<OrderLine<'a>> {
        self.rows.iter().step_by(stride).filter_map(|row| self.line(row)).collect()
    }

    fn line(&self, row: &OrderRow) -> Option<OrderLine<'a>> {
        let (sheet, index) = row.place;
        let records = self.sheets.get(sheet)?;
        let text = |number: u32| self.texts.get(number as usize).map(Rc::clone);
        let product = text(row.product)?;
        let number = records.text(Field::Line, index).unwrap_or_default();
        Some(OrderLine {
            place: row.place,
            order_id: self.order_id(row.place)?,
            is_only_row: self.rows_of_order.get(row.order as usize) == Some(&1),
            line: match row.name {
                LineName::Product(occurrence) => format!("product:{product}#{occurrence}"),
                LineName::Number => format!("line:{number}"),
                LineName::NumberOfProduct => format!("line:{number}/product:{product}"),
            },
            numbered: !matches!(row.name, LineName::Product(_)),
            fingerprint: *self.fingerprints.get(sheet)?.get(index)?,
            sold_on: records.sold_on(index),
            product,
            customer: text(row.customer)?,
        })
    }

    /// The order of a row, if it belongs to one.
    fn order_id(&self, (sheet, index): Place) -> Option<Cow<'a, str>> {
        match (self.sheets.get(sheet)?.text(Field::OrderId, index), self.sender.origin) {
            (Some(order_id), _) => Some(order_id.into()),
            // The API answers "duplicate" at once, so each of its rows is remembered, by its content if it has no id.
            (None, Origin::Api) => {
                let fingerprint = self.fingerprints.get(sheet)?.get(index)?;
                Some(format!("content:{}", to_hex(&fingerprint.0)).into())
            }
            (None, Origin::File) => None,
        }
    }
}
