//! Reads the body of a batch. JSON comes in, and a sheet of typed cells goes out, together with the contradictions
//! within its rows.
//!
//! This module does no IO, and its memory is bounded by the bytes. A name is looked up in the list of properties before
//! anything of it is kept, so that unknown names are only counted and make no column. A batch has the same limits as a
//! file.

use std::collections::HashMap;
use std::sync::LazyLock;

use caudal_contract::field::Field;
use caudal_contract::message::RejectedRow;
use caudal_contract::notice::{BatchLimit, Rejection, Remark, Rule};
use serde::de::{DeserializeSeed, Deserializer as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Deserializer;
use serde_json::value::RawValue;

use crate::layout::Layout;
use crate::sheet::{Kind, MOST_COLUMNS, Sheet, SheetBuilder, Tally};
use crate::value::text::{shortened, tidy};

/// Most rows in one batch.
pub const MOST_ROWS: usize = 5_000;
const TOO_MANY_SALES: BatchLimit = BatchLimit::Sales { most: MOST_ROWS };
const TOO_MANY_NAMES: BatchLimit = BatchLimit::Names { most: MOST_COLUMNS as usize };
/// Most unknown names that a remark quotes.
const NAMES_TOLD: usize = 10;
/// Most bytes of a name or a value that are quoted.
const MOST_QUOTED: usize = 100;

/// The properties of a sale and their fields; `docs/api.md` explains each. The time of day has no property of its own,
/// because `sold_at` is an instant.
static PROPERTIES: LazyLock<Vec<Property>> = LazyLock::new(|| {
    let fields = Field::ALL.iter().filter(|field| **field != Field::Time);
    fields.map(|field| (field.property(), *field)).chain(SECOND_NAMES.iter().copied()).collect()
});

/// The names of the sheets that many senders export from.
const SECOND_NAMES: &[(&str, Field)] = &[
    ("data_hora", Field::Date),
    ("nome", Field::Customer),
    ("cpf_cnpj", Field::Document),
    ("telefone", Field::Phone),
    ("endereco_completo", Field::Address),
    ("produto", Field::Product),
    ("quantidade", Field::Quantity),
    ("valor_unitario", Field::UnitPrice),
    ("forma_pagamento", Field::PaymentMethod),
    ("moeda", Field::Currency),
];

/// Fields that always have a column, so that a row without one of them is rejected for the same reason in every batch.
const ALWAYS: [Field; 4] = [Field::Product, Field::Quantity, Field::UnitPrice, Field::Total];

/// The rows of a batch, as they were sent.
#[derive(Debug)]
pub struct Body<'a> {
    rows: Vec<Row<'a>>,
    names: Names,
}

/// One object of the body.
#[derive(Debug, Default)]
struct Row<'a> {
    /// The properties of the object, with their values as they were sent.
    values: Vec<(&'static Property, &'a RawValue)>,
    /// The names that occur twice in the object.
    twice: Vec<Twice>,
}

/// A name and its field.
type Property = (&'static str, Field);

/// A name that occurs twice in an object.
#[derive(Debug, PartialEq, Eq)]
struct Twice {
    /// The field of the name. `None` if the name is unknown.
    field: Option<Field>,
    name: String,
}

/// The unknown names of a batch, and the last row in which each occurred.
#[derive(Debug, Default)]
struct Names {
    last_row: HashMap<String, usize>,
    /// The first unknown names.
    first: Vec<String>,
}

/// The reason that a body is not a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BodyProblem {
    /// It is not JSON, or neither an object nor an array.
    #[error("not a sale and not an array of sales at line {line}, column {column}")]
    Unreadable {
        /// The line, from 1.
        line: u32,
        /// The byte of the line, from 1; 0 if the body is empty.
        column: u32,
    },
    /// A value of the array is not an object.
    #[error("value {row} of the array is not an object")]
    NoSale {
        /// The value's place in the array, from 1.
        row: u32,
    },
    /// The array is empty.
    #[error("the array is empty")]
    Empty,
    /// It exceeds a limit.
    #[error("{0}")]
    TooLarge(BatchLimit),
}

/// An id or a line number as a property has it after cleaning, for ids that come in an address.
#[must_use]
pub fn identifier(text: &str) -> String {
    tidy(text).0.into_owned()
}

impl BodyProblem {
    fn at(error: &serde_json::Error) -> Self {
        let place = |place: usize| u32::try_from(place).unwrap_or(u32::MAX);
        Self::Unreadable { line: place(error.line()), column: place(error.column()) }
    }
}

impl<'a> Body<'a> {
    /// Reads one object, or an array of objects.
    ///
    /// # Errors
    /// [`BodyProblem`] with the unreadable place, or with the limit that is exceeded.
    pub fn read(bytes: &'a [u8]) -> Result<Self, BodyProblem> {
        let mut reading = Reading { body: Self { rows: Vec::new(), names: Names::default() }, problem: None };
        let mut json = Deserializer::from_slice(bytes);
        let read = json.deserialize_any(&mut reading).and_then(|()| json.end());
        match (reading.problem, read) {
            (Some(problem), _) => Err(problem),
            (None, Err(error)) => Err(BodyProblem::at(&error)),
            (None, Ok(())) if reading.body.rows.is_empty() => Err(BodyProblem::Empty),
            (None, Ok(())) => Ok(reading.body),
        }
    }

    /// The number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether some row has no day, so that it takes the time of arrival.
    #[must_use]
    pub fn has_undated(&self) -> bool {
        let is_day = |property: &Property| property.1 == Field::Date;
        let is_dated = |row: &Row<'_>| row.values.iter().any(|(property, value)| is_day(property) && !is_blank(value));
        !self.rows.iter().all(is_dated)
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The rows as a sheet without a header, and its layout. The layout refuses rows that contradict themselves or hold
    /// more than a cell may. The header of a column is the first name of its property.
    #[must_use]
    pub fn sheet(&self) -> (Sheet, Layout) {
        let mut columns: Vec<&'static Property> = Vec::new();
        let is_used = |field: Field| {
            ALWAYS.contains(&field)
                || self.rows.iter().any(|row| row.values.iter().any(|((_, other), _)| *other == field))
        };
        for property in PROPERTIES.iter() {
            if columns.iter().all(|(_, other)| *other != property.1) && is_used(property.1) {
                columns.push(property);
            }
        }
        let mut layout = Layout {
            headers: columns.iter().map(|(name, _)| (*name).to_owned()).collect(),
            columns: (0..).zip(&columns).map(|(place, (_, field))| (*field, place)).collect(),
            ..Layout::default()
        };
        layout.remarks.extend(self.names.remark());
        let mut builder = SheetBuilder::default();
        for (row, values) in self.rows.iter().enumerate() {
            let mut refused: Vec<Rejection> = values.named_twice().collect();
            for (column, (_, field)) in columns.iter().enumerate() {
                // If a field occurs twice, neither value counts, because they may contradict each other.
                if values.twice.iter().any(|twice| twice.field == Some(*field)) {
                    continue;
                }
                let given = values.values.iter().filter(|((_, other), value)| other == field && !is_null(value));
                for ((name, _), value) in given {
                    if let Err(rule) = set(&mut builder, (row, column), value) {
                        let value = value.get().trim_matches('"');
                        let quoted = value.get(..value.floor_char_boundary(MOST_QUOTED)).unwrap_or_default();
                        refused.push(rejection(*field, name, Some(quoted.to_owned()), rule));
                    }
                }
            }
            if !refused.is_empty() {
                layout.refused_rows.insert(row, refused);
            }
        }
        (builder.finish(String::new(), false, self.rows.len()), layout)
    }

    /// Rewrites the reasons and the cells of a rejected row in the sender's words: each under the name that this row
    /// used.
    pub fn put_in_sent_words(&self, rejected: &mut RejectedRow) {
        let Some(row) = (rejected.row as usize).checked_sub(1).and_then(|index| self.rows.get(index)) else { return };
        let sent = |header: &str| row.name_for(header).unwrap_or(header).to_owned();
        for reason in &mut rejected.reasons {
            // The value is shortened because the sender and the row have all of it, and an answer quotes each value
            // twice.
            reason.value = reason.value.take().map(|value| shortened(value, MOST_QUOTED));
            // If a name occurs twice, the reason already names it.
            if reason.rule != Rule::NamedTwice {
                reason.column = reason.column.take().map(|header| sent(&header));
            }
            // A cell that is an error in the sheet is a JSON value of another kind here.
            if reason.rule == Rule::CellError {
                reason.rule = Rule::WrongKind;
            }
            if let (Rule::OtherCurrency, Some((name, code))) = (reason.rule, row.currency()) {
                (reason.column, reason.value) = (Some(name.to_owned()), Some(shortened(code.to_owned(), MOST_QUOTED)));
            }
        }
        for (header, _) in &mut rejected.cells {
            *header = sent(header);
        }
    }
}

/// Why a value of a property is refused. A currency is told as the money's, because without it the money means nothing.
fn rejection(field: Field, name: &str, value: Option<String>, rule: Rule) -> Rejection {
    let field = if field == Field::Currency { Field::Total } else { field };
    Rejection { field, column: Some(name.to_owned()), value, rule }
}

impl Row<'_> {
    /// The name that this row uses for the property with this first name. A filled value wins over null.
    fn name_for(&self, header: &str) -> Option<&'static str> {
        let (_, field) = PROPERTIES.iter().find(|(name, _)| *name == header)?;
        let mut named = self.values.iter().filter(|((_, other), _)| other == field);
        let filled = named.clone().find(|(_, value)| !is_null(value));
        filled.or_else(|| named.next()).map(|((name, _), _)| *name)
    }

    /// The code of the row's currency, with the name that the row uses for it.
    fn currency(&self) -> Option<(&'static str, &str)> {
        let (property, value) =
            self.values.iter().find(|((_, field), value)| *field == Field::Currency && !is_null(value))?;
        Some((property.0, value.get().trim_matches('"')))
    }

    fn named_twice(&self) -> impl Iterator<Item = Rejection> + '_ {
        self.twice.iter().map(|twice| {
            let of = |field: Field| rejection(field, &twice.name, None, Rule::NamedTwice);
            // An unknown name has no field, so its rejection is reported under the notes.
            twice.field.map_or_else(|| of(Field::Notes), of)
        })
    }

    /// Adds a value. If the object has the name already, the name is recorded as occurring twice.
    fn add<'a>(this: &mut Row<'a>, property: &'static Property, value: &'a RawValue) {
        if this.values.iter().any(|((name, _), _)| *name == property.0) {
            this.stands_twice(Some(property.1), property.0);
        } else {
            this.values.push((property, value));
        }
    }

    fn stands_twice(&mut self, field: Option<Field>, name: &str) {
        let twice = Twice { field, name: shortened(name.to_owned(), MOST_QUOTED) };
        if self.twice.len() < NAMES_TOLD && !self.twice.contains(&twice) {
            self.twice.push(twice);
        }
    }

    /// A property with values under both of its names occurs twice as well.
    fn find_second_names(&mut self) {
        let filled: Vec<&'static Property> =
            self.values.iter().filter(|(_, value)| !is_null(value)).map(|(property, _)| *property).collect();
        for (index, (name, field)) in filled.iter().enumerate() {
            if filled.iter().take(index).any(|(_, other)| other == field) {
                self.stands_twice(Some(*field), name);
            }
        }
    }
}

impl Names {
    /// Counts a name. Returns whether it occurred in this row before.
    ///
    /// # Errors
    /// [`TOO_MANY_NAMES`].
    fn count(&mut self, name: &str, row: usize) -> Result<bool, BatchLimit> {
        if let Some(last) = self.last_row.get_mut(name) {
            return Ok(std::mem::replace(last, row) == row);
        }
        if self.last_row.len() >= MOST_COLUMNS as usize {
            return Err(TOO_MANY_NAMES);
        }
        if self.first.len() < NAMES_TOLD {
            self.first.push(shortened(name.to_owned(), MOST_QUOTED));
        }
        self.last_row.insert(name.to_owned(), row);
        Ok(false)
    }

    fn remark(&self) -> Option<Remark> {
        let more = (self.last_row.len() - self.first.len()) as u64;
        (!self.first.is_empty()).then(|| Remark::UnknownColumns { columns: self.first.clone(), more })
    }
}

/// Whether a value may be read as empty: null, or a text without a digit.
fn is_blank(value: &RawValue) -> bool {
    is_null(value) || value.get().starts_with('"') && !value.get().bytes().any(|byte| byte.is_ascii_digit())
}

fn is_null(value: &RawValue) -> bool {
    value.get() == "null"
}

/// Sets a cell to a value.
///
/// # Errors
/// The broken rule: the value is longer than a cell may be, or it is not valid text (half of a surrogate pair).
fn set(builder: &mut SheetBuilder, (row, column): (usize, usize), value: &RawValue) -> Result<(), Rule> {
    let raw = value.get();
    let fits = |text: &str| Tally::admit_text(text).map_err(|_longer| Rule::TooLong);
    match raw.as_bytes().first() {
        Some(b'"') => {
            let text: String = serde_json::from_str(raw).map_err(|_half| Rule::WrongKind)?;
            fits(&text)?;
            builder.set_text(row, column, Kind::Text, &text);
        }
        Some(b'-' | b'0'..=b'9') => {
            fits(raw)?;
            match raw.parse() {
                Ok(number) => builder.set_number(row, column, Kind::Number, number),
                Err(_) => builder.set_text(row, column, Kind::Text, raw),
            }
        }
        // Only the beginning is kept because no more is ever quoted.
        _ => {
            let start = raw.get(..raw.floor_char_boundary(MOST_QUOTED)).unwrap_or_default();
            builder.set_text(row, column, Kind::Error, start);
        }
    }
    Ok(())
}

/// A body that is being read, and the first problem found in it.
struct Reading<'a> {
    body: Body<'a>,
    problem: Option<BodyProblem>,
}

impl<'a> Reading<'a> {
    /// Records the problem and ends the reading.
    fn stop<T, E: serde::de::Error>(&mut self, problem: BodyProblem) -> Result<T, E> {
        self.problem = Some(problem);
        Err(E::custom(problem))
    }

    fn row<E: serde::de::Error>(&mut self, object: &'a RawValue) -> Result<(), E> {
        let row = self.body.rows.len();
        if row >= MOST_ROWS {
            return self.stop(BodyProblem::TooLarge(TOO_MANY_SALES));
        }
        if !object.get().starts_with('{') {
            return self.stop(BodyProblem::NoSale { row: u32::try_from(row + 1).unwrap_or(u32::MAX) });
        }
        let mut json = Deserializer::from_str(object.get());
        match json.deserialize_map(ObjectVisitor { row, names: &mut self.body.names }) {
            Ok(Ok(object)) => self.body.rows.push(object),
            Ok(Err(limit)) => return self.stop(BodyProblem::TooLarge(limit)),
            Err(error) => return Err(E::custom(error)),
        }
        Ok(())
    }
}

impl<'a> Visitor<'a> for &mut Reading<'a> {
    type Value = ();

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("one sale or an array of sales")
    }

    fn visit_seq<A: SeqAccess<'a>>(self, mut rows: A) -> Result<(), A::Error> {
        while let Some(row) = rows.next_element::<&'a RawValue>()? {
            self.row(row)?;
        }
        Ok(())
    }

    /// The body is one sale.
    fn visit_map<A: MapAccess<'a>>(self, map: A) -> Result<(), A::Error> {
        match (ObjectVisitor { row: 0, names: &mut self.body.names }).visit_map(map)? {
            Ok(row) => self.body.rows.push(row),
            Err(limit) => return self.stop(BodyProblem::TooLarge(limit)),
        }
        Ok(())
    }
}

/// Reads one object. The inner error is a limit that it exceeds.
struct ObjectVisitor<'n> {
    row: usize,
    names: &'n mut Names,
}

impl<'a> Visitor<'a> for ObjectVisitor<'_> {
    type Value = Result<Row<'a>, BatchLimit>;

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("a sale")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut row = Row::default();
        while let Some(name) = map.next_key_seed(NameSeed { row: self.row, names: &mut *self.names })? {
            match name {
                Name::Known(property) => Row::add(&mut row, property, map.next_value()?),
                Name::Unknown { twice } => {
                    if let Some(name) = twice {
                        row.stands_twice(None, &name);
                    }
                    map.next_value::<IgnoredAny>()?;
                }
                Name::OneTooMany(limit) => {
                    // The rest is read, so that invalid JSON is still found, and is not kept.
                    map.next_value::<&RawValue>()?;
                    while map.next_entry::<IgnoredAny, &RawValue>()?.is_some() {}
                    return Ok(Err(limit));
                }
            }
        }
        row.find_second_names();
        Ok(Ok(row))
    }
}

enum Name {
    Known(&'static Property),
    Unknown { twice: Option<String> },
    OneTooMany(BatchLimit),
}

/// Looks a name up without copying it. Nothing is kept of a known name.
struct NameSeed<'n> {
    row: usize,
    names: &'n mut Names,
}

impl<'a> DeserializeSeed<'a> for NameSeed<'_> {
    type Value = Name;

    fn deserialize<D: serde::Deserializer<'a>>(self, deserializer: D) -> Result<Name, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for NameSeed<'_> {
    type Value = Name;

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("a name")
    }

    fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<Name, E> {
        if let Some(property) = PROPERTIES.iter().find(|(known, _)| *known == name) {
            return Ok(Name::Known(property));
        }
        Ok(match self.names.count(name, self.row) {
            Ok(twice) => Name::Unknown { twice: twice.then(|| name.to_owned()) },
            Err(limit) => Name::OneTooMany(limit),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::batch::Batch;
    use crate::value::{Basis, Conventions, Mark};

    fn batch(json: &str) -> Batch {
        let body = Body::read(json.as_bytes()).unwrap();
        let conventions = Conventions {
            zone: chrono_tz::America::Sao_Paulo,
            basis: Basis::Value,
            mark: Mark::Point,
            day_first: true,
            arrived: "2026-11-20T15:00:00Z".parse().unwrap(),
        };
        Batch::of_body(&body, &conventions).unwrap()
    }

    /// Amounts of the sales in cents, by row.
    fn amounts(batch: &Batch) -> Vec<(u32, i64)> {
        let records = batch.records().unwrap();
        let sale = |index| {
            let (key, fingerprint) =
                (caudal_contract::message::SaleKey([0; 16]), caudal_contract::message::Fingerprint([0; 16]));
            (records[0].row(index), records[0].sale(index, key, fingerprint).amount.0)
        };
        (0..records[0].len()).map(sale).collect()
    }

    fn reasons(batch: &Batch) -> Vec<(u32, &str, Rule)> {
        let of_row = |row: &'_ RejectedRow| row.row;
        batch
            .rejected
            .iter()
            .flat_map(|row| {
                row.reasons.iter().map(move |reason| (of_row(row), reason.column.as_deref().unwrap_or(""), reason.rule))
            })
            .collect()
    }

    #[test]
    fn the_mark_of_a_text_is_the_point_and_a_lone_comma_separates_decimals() {
        for (written, cents) in [
            (r#""5.899""#, Some(590)),
            (r#""18,90""#, Some(1_890)),
            (r#""1,234""#, Some(123)),
            (r#""1.000""#, Some(100)),
            (r#""-3""#, Some(-300)),
            (r#"" R$ 18.90 ""#, Some(1_890)),
            ("5.899", Some(590)),
            ("1e2", Some(10_000)),
            (r#""1.234,56""#, None),
            (r#""1,234.56""#, None),
            (r#""1.234.567""#, None),
            (r#""10%""#, None),
            (r#""US$ 10.00""#, None),
            (r#""$ 10.00""#, None),
            (r#""CAD 10.00""#, None),
            (r#""1 234.50""#, None),
            (r#""1'234.50""#, None),
        ] {
            let batch = batch(&format!(r#"{{"product": "Gasolina", "quantity": 1, "total": {written}}}"#));
            let expected: Vec<(u32, i64)> = cents.map(|cents| (1, cents)).into_iter().collect();
            assert_eq!(amounts(&batch), expected, "{written}: {:?}", batch.rejected);
        }
    }

    #[test]
    fn a_price_of_three_decimals_is_no_price_of_thousands() {
        let sold = batch(r#"[{"product": "Gasolina", "quantity": 40, "unit_price": "5.899"}]"#);
        assert_eq!(amounts(&sold), [(1, 23_596)]);
    }

    #[test]
    fn a_name_that_stands_twice_rejects_its_row_with_the_name() {
        let batch = batch(
            r#"[{"product": "A", "quantity": 1, "total": 24.90, "total": 2490},
                {"product": "B", "quantity": 1, "total": 1},
                {"product": "C", "produto": "D", "quantity": 1, "total": 1},
                {"product": "E", "quantity": 1, "t\u006ftal": 1, "total": 1, "total": 1},
                {"product": "F", "quantity": 1, "total": 1, "cor": "azul", "cor": "azul"},
                {"product": "G", "produto": null, "quantity": 1, "total": 1},
                {"product": "H", "quantity": 1, "total": 1, "status": "cancelled", "status": "paid"}]"#,
        );
        assert_eq!(amounts(&batch), [(2, 100), (6, 100)]);
        assert_eq!(
            reasons(&batch),
            [
                (1, "total", Rule::NamedTwice),
                (3, "produto", Rule::NamedTwice),
                (4, "total", Rule::NamedTwice),
                (5, "cor", Rule::NamedTwice),
                (7, "status", Rule::NamedTwice),
            ]
        );
    }

    #[test]
    fn a_day_that_stands_twice_is_told_as_that_alone() {
        let day = r#""sold_at": "2026-01-01", "sold_at": "2026-01-02""#;
        let batch = batch(&format!(r#"[{{"product": "A", "quantity": 1, "total": 1, {day}}}]"#));
        assert_eq!(reasons(&batch), [(1, "sold_at", Rule::NamedTwice)]);
    }

    #[test]
    fn a_discount_on_a_return_that_could_mean_either_is_asked_about() {
        let of = |quantity: &str, discount: &str, more: &str| {
            batch(&format!(
                r#"{{"product": "A", "quantity": {quantity}, "unit_price": 10, "discount": {discount}{more}}}"#
            ))
        };
        assert_eq!(amounts(&of("1", "2", "")), [(1, 800)]);
        assert_eq!(amounts(&of("1", "-2", "")), [(1, 800)]);
        assert_eq!(amounts(&of("-1", "-2", "")), [(1, -800)]);
        assert_eq!(reasons(&of("-1", "2", "")), [(1, "discount", Rule::DiscountUnclear)]);
        assert_eq!(amounts(&of("-1", "2", r#", "total": -8"#)), [(1, -800)]);
    }

    #[test]
    fn names_that_mean_nothing_are_counted_and_the_first_are_told() {
        let names: Vec<String> = (0..600).map(|name| format!(r#""k{name}": 1"#)).collect();
        let batch = batch(&format!(r#"{{"product": "A", "quantity": 1, "total": 1, {}}}"#, names.join(", ")));
        let told = batch.remarks.iter().find_map(|remark| match remark {
            Remark::UnknownColumns { columns, more } => Some((columns.len(), *more)),
            _ => None,
        });
        assert_eq!((told, amounts(&batch).len()), (Some((NAMES_TOLD, 590)), 1));
    }

    #[test]
    fn a_batch_has_the_limits_of_a_file() {
        let names: Vec<String> = (0..=MOST_COLUMNS).map(|name| format!(r#""k{name}": 1"#)).collect();
        let many = format!(r#"[{{"product": "A"}}, {{{}}}]"#, names.join(", "));
        let problem = |json: &str| Body::read(json.as_bytes()).map(|body| body.len());
        assert_eq!(problem(&many), Err(BodyProblem::TooLarge(TOO_MANY_NAMES)));
        let rows = vec!["{}"; MOST_ROWS + 1].join(",");
        assert_eq!(problem(&format!("[{rows}]")), Err(BodyProblem::TooLarge(TOO_MANY_SALES)));
        let long = "x".repeat(200_000);
        let batch = batch(&format!(r#"[{{"product": "{long}", "quantity": 1, "total": 1}}]"#));
        assert_eq!(reasons(&batch), [(1, "product", Rule::TooLong)]);
    }

    #[test]
    fn what_cannot_be_read_is_told_with_its_place() {
        let problem = |json: &str| Body::read(json.as_bytes()).map(|body| body.len());
        assert_eq!(problem("[{\"product\": 1},\n null]"), Err(BodyProblem::NoSale { row: 2 }));
        assert_eq!(problem("[{\"product\": 1},\n {]"), Err(BodyProblem::Unreadable { line: 2, column: 3 }));
        assert_eq!(problem("[]"), Err(BodyProblem::Empty));
        assert!(matches!(problem("nonsense"), Err(BodyProblem::Unreadable { .. })));
        assert!(matches!(problem("{} {}"), Err(BodyProblem::Unreadable { .. })));
    }

    #[test]
    fn values_of_another_kind_and_halves_of_characters_reject_their_row_only() {
        let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
        let batch = batch(&format!(
            r#"[{{"product": "A", "quantity": true, "total": 1}}, {{"product": "B", "quantity": 1, "total": {deep}}},
                {{"product": "\ud800", "quantity": 1, "total": 1}}, {{"product": "D", "quantity": 1, "total": 1e999}},
                {{"product": "E", "quantity": 1, "total": 1}}]"#
        ));
        assert_eq!(amounts(&batch), [(5, 100)]);
        let expected = [
            (1, "quantity", Rule::WrongKind),
            (2, "total", Rule::WrongKind),
            (3, "product", Rule::WrongKind),
            (4, "total", Rule::TooLarge),
        ];
        assert_eq!(reasons(&batch), expected);
    }

    #[test]
    fn a_row_without_a_day_has_its_arrival_whatever_the_others_have() {
        let batch = batch(
            r#"[{"product": "A", "quantity": 1, "total": 1, "sold_at": "2026-02-01T00:00:00Z"},
                {"product": "B", "quantity": 1, "total": 1},
                {"product": "C", "quantity": 1, "total": 1, "sold_at": "2026-02-01T00:00:00Z"}]"#,
        );
        let records = &batch.records().unwrap()[0];
        let days: Vec<(String, bool)> =
            (0..3).map(|index| (records.sold_on(index).to_string(), records.date_assumed(index))).collect();
        let instant = ("2026-01-31".to_owned(), false);
        assert_eq!(days, [instant.clone(), ("2026-11-20".to_owned(), true), instant], "an instant is an instant");
    }

    fn values() -> impl Strategy<Value = String> {
        prop_oneof![
            "[0-9]{1,4}",
            "-?[0-9]{1,3}\\.[0-9]{1,4}",
            Just("null".to_owned()),
            Just("true".to_owned()),
            Just(r#"{"a": [1]}"#.to_owned()),
            "\"(-?[0-9]{1,3}[.,][0-9]{1,3}|[0-9]{1,3},[0-9]{3}\\.[0-9]{2}|[0-9]{1,2}%|R\\$ [0-9]{1,3},[0-9]{2})\"",
            "\"(0[1-9]|1[0-9])/(0[1-9]|1[0-9])/2026( 0[0-9]:30)?\"",
            "\"2026-0[1-9]-1[0-9](T0[0-9]:00:00(Z|-03:00)?)?\"",
            "\"(cancelled|paid|USD|BRL|Caf\u{e9}|pix)\"",
        ]
    }

    fn rows() -> impl Strategy<Value = String> {
        let name = prop_oneof![proptest::sample::select(PROPERTIES.as_slice()).prop_map(|(name, _)| name), Just("cor")];
        let optional = proptest::collection::vec((name, values()), 0..6);
        let usual = r#""product": "A", "quantity": 2"#;
        (optional, any::<bool>(), values()).prop_map(move |(optional, is_usual, total)| {
            let mut properties: Vec<String> =
                optional.into_iter().map(|(name, value)| format!(r#""{name}": {value}"#)).collect();
            if is_usual {
                properties.push(usual.to_owned());
                properties.push(format!(r#""total": {total}"#));
            }
            format!("{{{}}}", properties.join(", "))
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_row_means_the_same_whatever_stands_beside_it(rows in proptest::collection::vec(rows(), 1..8)) {
            crate::fuzz::any_batch(format!("[{}]", rows.join(", ")).as_bytes());
        }

        #[test]
        fn whatever_a_body_holds_it_harms_nothing(text in "[\\[\\]{}:,\"a-z0-9\\\\u. -]{0,60}") {
            crate::fuzz::any_batch(text.as_bytes());
        }
    }
}
