//! The result: what each column of a table means.

use std::collections::BTreeMap;

use caudal_contract::field::Field;
use caudal_contract::notice::{LayoutProblem, Rejection, Remark, SumProof};
use chrono::NaiveDate;

use super::known::KnownExport;
use super::orders::{Orders, groups};
use crate::sheet::{Column, Sheet};
use crate::value::Mark;
use crate::value::partial_day::Rest;
use crate::words::amounts::BARE_VALUE;
use crate::words::words_of;

/// The meaning of each column of a table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Layout {
    /// The row of the header, counted from 0, or its lower row if it has two. `None` if a person said that the first
    /// row is a sale, and for the API, because every row is a sale there and the columns have names.
    pub header_row: Option<usize>,
    /// The trimmed header of each column. Empty if the column has no header.
    pub headers: Vec<String>,
    /// The column of each field found.
    pub columns: Vec<(Field, usize)>,
    /// The source of the name of the thing sold.
    pub sold: Sold,
    /// The contradiction in the columns that a person has to confirm. Always `None` if a person decided.
    pub(crate) doubt: Option<LayoutProblem>,
    /// The evidence for the sum of the sales. `None` if columns are open, and for the API.
    pub(crate) proof: Option<SumProof>,
    /// Columns that could change the sum.
    pub(crate) open: Vec<OpenColumn>,
    /// The days in titles, if no column gives the date. Each day is as written, with the row of its title, which stands
    /// above the rows that it dates.
    pub(crate) title_days: Vec<(usize, String)>,
    /// The columns that belong to whole orders.
    pub(crate) orders: Orders,
    /// The known export whose columns these are.
    pub(crate) known: Option<KnownExport>,
    /// The rows that take a sale back with amounts above zero.
    pub(crate) returns: Returns,
    /// Amounts beside the goods, such as freight, that the total holds. They come off.
    pub(crate) on_top: Vec<usize>,
    /// The year, and perhaps the month, that the days of the date column lack.
    pub(crate) rest_of_days: Option<Rest>,
    /// Remarks about everything that was assumed or proved.
    pub remarks: Vec<Remark>,
    /// Rows that are refused regardless of their cells, with the reasons: JSON objects that contradict themselves.
    pub(crate) refused_rows: BTreeMap<usize, Vec<Rejection>>,
    /// The decisions of a person besides the columns. `None` if nobody was asked.
    pub decided: Option<Decided>,
}

/// A column that could change the sum of the sales, because nothing explains its numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OpenColumn {
    pub(crate) column: usize,
    /// The fields that it may be, the likeliest first.
    pub(crate) fields: Vec<Field>,
    /// Whether it is called like an amount with a number: "Valor 2". The rows may hold a second sale then, and a total
    /// line of the first column says nothing about it.
    pub(crate) is_second: bool,
}

/// The rows that take a sale back although their amounts are above zero.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Returns {
    /// The column of kinds, and the folded kinds that take a sale back.
    pub(crate) kinds: Option<(usize, Vec<String>)>,
    /// Whether a quantity below zero takes the total back.
    pub(crate) by_quantity: bool,
}

/// The source of the name of the thing sold on each row.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Sold {
    /// The column of the product, or of its code.
    #[default]
    Product,
    /// The column of the category, because there is no other.
    Category,
    /// Nothing, because each row is a whole order.
    Order,
    /// A title row above each repetition of the header.
    Titles,
}

impl Layout {
    /// The column assigned to a field.
    #[must_use]
    pub fn column(&self, field: Field) -> Option<usize> {
        self.columns.iter().find(|(other, _)| *other == field).map(|(_, column)| *column)
    }

    /// This layout with a column as another field, as if a person had said so. Beside a quantity, a bare "Valor" is the
    /// price of one, and its column is returned too.
    pub(crate) fn read_with(&self, field: Field, column: usize) -> (Self, Option<usize>) {
        let mut layout = self.clone();
        // A known export says something about its own total only.
        layout.known = layout.known.filter(|_| !matches!(field, Field::Total | Field::Discount));
        layout.columns.retain(|(other, taken)| *other != field && *taken != column);
        layout.columns.push((field, column));
        let becomes_price =
            field == Field::Quantity && self.column(Field::UnitPrice).is_none() && self.has_bare_value();
        let price = self.column(Field::Total).filter(|_| becomes_price);
        if let Some(price) = price {
            layout.columns.retain(|(_, taken)| *taken != price);
            layout.columns.push((Field::UnitPrice, price));
        }
        (layout, price)
    }

    /// Whether the total is only called "Valor", which may be the price of one.
    pub(crate) fn has_bare_value(&self) -> bool {
        self.header(Field::Total).is_some_and(|header| BARE_VALUE.has_only(&words_of(header)))
    }

    /// The header over a field's column.
    #[must_use]
    pub fn header(&self, field: Field) -> Option<&str> {
        self.column(field).and_then(|column| self.headers.get(column)).map(String::as_str)
    }

    /// The places of the rows of each order, in the order of `rows`.
    pub(crate) fn orders_in(&self, sheet: &Sheet, rows: &[usize]) -> Vec<Vec<usize>> {
        const PEOPLE: [Field; 4] = [Field::Customer, Field::Document, Field::Email, Field::Phone];
        let cells = |field: Field| self.column(field).and_then(|column| sheet.columns.get(column));
        let people: Vec<&Column> = PEOPLE.into_iter().filter_map(cells).collect();
        groups(cells(Field::OrderId), cells(Field::Date), &people, rows)
    }

    /// Headers of the columns without a field.
    #[must_use]
    pub fn unknown_columns(&self) -> Vec<String> {
        self.headers
            .iter()
            .enumerate()
            .filter(|(index, header)| !header.is_empty() && self.columns.iter().all(|(_, column)| column != index))
            .filter(|(index, _)| self.orders.columns().all(|column| column != *index))
            .map(|(_, header)| header.clone())
            .collect()
    }

    /// Whether a row below the header repeats the header.
    pub(crate) fn repeats_header(&self, sheet: &Sheet, row: usize) -> bool {
        self.columns.len() >= 2
            && self.columns.iter().all(|(_, column)| {
                let header = self.headers.get(*column).map(String::as_str).unwrap_or_default();
                let cell = sheet.columns.get(*column).and_then(|cells| cells.text(row));
                cell.is_some_and(|text| text.split_whitespace().eq(header.split(' ')))
            })
    }

    /// Field codes and headers in the order of the columns, as messages and answers show them.
    #[must_use]
    pub fn mapping(&self) -> Vec<(String, String)> {
        let mut columns = self.columns.clone();
        columns.sort_by_key(|(_, column)| *column);
        columns
            .into_iter()
            .map(|(field, column)| (field.code().to_owned(), self.headers.get(column).cloned().unwrap_or_default()))
            .collect()
    }
}

/// The decisions of a person about a sheet besides its columns.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Decided {
    /// The fingerprint of the remembered layout.
    pub fingerprint: String,
    /// The day of every sale, if no column gives it.
    pub day: Option<NaiveDate>,
    /// The decimal mark for columns that do not prove one.
    pub mark: Option<Mark>,
    /// The order of dates for columns that do not prove one.
    pub day_first: Option<bool>,
    /// Whether the other sheets of the file are ignored.
    pub only_sheet: bool,
    /// Whether the first row is a sale.
    pub headerless: bool,
}
