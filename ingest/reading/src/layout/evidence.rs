//! Collects the evidence that judges ask for: counts over the columns of a table, its numbers, and the rows in which
//! they agree. It does not change after it is collected.

use std::collections::HashMap;

use caudal_contract::field::Field;

use super::profile::Profile;
use super::result::Layout;
use super::{assign, names, orders};
use crate::sheet::{Column, Sheet};
use crate::value::mark::{Mark, MarkDecision, NumberColumns, SheetMarks};
use crate::value::number::{self, MONEY, PRICE, QUANTITY, Unit};

/// Most rows compared. A sample is enough because it only decides between columns. Every cell is judged again when it
/// is cleaned.
const COMPARED: usize = 2_000;
/// Fewest agreeing rows that prove something.
pub(super) const FEWEST: usize = 3;
/// One piece, in ten-thousandths.
pub(super) const ONE: i64 = 10_000;

/// The evidence about the table below a header.
pub(super) struct Evidence<'a> {
    pub(super) sheet: &'a Sheet,
    /// The last row of the header, counted from 0.
    pub(super) header_row: usize,
    /// The trimmed header of each column. Empty if the column has no header.
    pub(super) headers: Vec<String>,
    /// Counts over the cells of each column.
    pub(super) profiles: Vec<Profile>,
    /// The column of each field by its name and contents, before any judge.
    pub(super) named: Vec<(Field, usize)>,
    /// The compared rows. They are the first ones without gaps, because the lines of an order stand together.
    pub(super) rows: Vec<usize>,
    /// The decimal mark that the columns prove together.
    mark: Option<Mark>,
}

impl<'a> Evidence<'a> {
    /// Collects the evidence below a header with these names.
    pub(super) fn of(sheet: &'a Sheet, header_row: usize, headers: Vec<String>) -> Self {
        let profiles: Vec<Profile> =
            (0..headers.len()).map(|column| Profile::of(sheet, column, header_row + 1)).collect();
        let named = assign::assign(&headers, &profiles);
        let rows: Vec<usize> = (header_row + 1..sheet.rows).take(COMPARED).collect();
        let cells = |field: Field| {
            named.iter().find(|(named, _)| *named == field).and_then(|(_, column)| sheet.columns.get(*column))
        };
        let mark = SheetMarks::of(NumberColumns::of(cells), std::iter::empty(), &rows).proven();
        Self { sheet, header_row, headers, profiles, named, rows, mark }
    }

    /// The numbers of a column in the compared rows, in this unit.
    pub(super) fn read(&self, column: usize, unit: Unit) -> Vec<Option<i64>> {
        let Some(cells) = self.sheet.columns.get(column) else { return vec![None; self.rows.len()] };
        let decision = MarkDecision::of_money(cells, &self.rows, || self.mark, Mark::Comma);
        self.rows.iter().map(|row| number::of_cell(cells, *row, decision, unit).ok().flatten()).collect()
    }

    /// The number in one cell, in this unit.
    pub(super) fn cell(&self, column: usize, row: usize, unit: Unit) -> Option<i64> {
        let cells = self.sheet.columns.get(column)?;
        let decision = MarkDecision::of_money(cells, &[row], || self.mark, Mark::Comma);
        number::of_cell(cells, row, decision, unit).ok().flatten()
    }

    /// The cells that name the product of each row.
    pub(super) fn products(&self, layout: &Layout) -> Option<&'a Column> {
        let column = layout.column(Field::Product).or_else(|| layout.column(Field::Sku))?;
        self.sheet.columns.get(column)
    }

    /// The header of a column. Empty if it has no header.
    pub(super) fn header(&self, column: usize) -> String {
        self.headers.get(column).cloned().unwrap_or_default()
    }

    /// The columns with their headers and counts.
    pub(super) fn columns(&self) -> impl Iterator<Item = (usize, &String, &Profile)> {
        self.headers.iter().zip(&self.profiles).enumerate().map(|(column, (header, profile))| (column, header, profile))
    }

    /// Whether a column holds discounts, refunds, freight or added taxes, which are no amount of a line.
    pub(super) fn is_beside(&self, column: usize) -> bool {
        let header = self.header(column);
        orders::names_discount(&header) || orders::names_refund(&header) || orders::names_on_top(&header)
    }

    /// Columns of money with a header that may name one of these fields.
    pub(super) fn candidates(&self, wanted: &[Field]) -> Vec<usize> {
        let named = |header: &str| names::fields_named(header).iter().any(|(field, _)| wanted.contains(field));
        let money = self.columns().filter(|(_, header, profile)| profile.fits(Field::Total) && named(header));
        money.map(|(column, ..)| column).collect()
    }

    /// The rows on which quantity times price, less the discount, is the amount in the column `total`. A discount is
    /// money of the row, money of one piece, or a part of the price. Rows that lack one of them are skipped, and so are
    /// rows with a quantity of one if other quantities differ, because they make every price a total.
    pub(super) fn makes_the_total(&self, parts: Parts, total: usize) -> Agreement {
        let price = self.read(parts.price, PRICE);
        let total = self.read(total, MONEY);
        let quantity = parts.quantity.map(|column| self.read(column, QUANTITY));
        let discount = parts.discount.map(|column| self.read(column, PRICE));
        let returned = parts.returned.map(|column| self.read(column, PRICE));
        // A column that is zero everywhere takes nothing off and proves nothing.
        if returned.as_ref().is_some_and(|values| values.iter().flatten().filter(|value| **value != 0).count() < 2) {
            return Agreement::default();
        }
        let at = |values: &[Option<i64>], row: usize| values.get(row).copied().flatten();
        let (mut all, mut telling) = (Agreement::default(), Agreement::default());
        for row in 0..self.rows.len() {
            let quantity = quantity.as_ref().map_or(Some(ONE), |quantity| at(quantity, row));
            let (Some(quantity), Some(price), Some(total)) = (quantity, at(&price, row), at(&total, row)) else {
                continue;
            };
            if total == 0 || quantity == 0 {
                continue;
            }
            let off = discount.as_ref().and_then(|discount| at(discount, row)).unwrap_or(0).abs();
            let returned = returned.as_ref().and_then(|returned| at(returned, row)).unwrap_or(0).abs();
            let kept = i128::from(total) * 100 + i128::from(returned);
            let agrees = is_total(i128::from(quantity), i128::from(price), i128::from(off), kept);
            all.count(agrees);
            if quantity != ONE {
                telling.count(agrees);
            }
        }
        if telling.compared > 0 { telling } else { all }
    }

    /// Pairs each row with the previous row of the same product if their quantities differ.
    pub(super) fn same_product(
        &self,
        products: &Column,
        quantities: &[Option<i64>],
        values: &[Option<i64>],
    ) -> Vec<Pair> {
        let mut last: HashMap<&str, (i64, i64)> = HashMap::new();
        let mut pairs = Vec::new();
        for ((row, quantity), value) in self.rows.iter().zip(quantities).zip(values) {
            let (Some(product), Some(quantity), Some(value)) = (products.text(*row), *quantity, *value) else {
                continue;
            };
            if let Some((other_quantity, other_value)) = last.insert(product, (quantity, value))
                && other_quantity != quantity
            {
                pairs.push(Pair { quantity, value, other_quantity, other_value });
            }
        }
        pairs
    }
}

/// The columns that make an amount.
#[derive(Debug, Clone, Copy)]
pub(super) struct Parts {
    pub(super) quantity: Option<usize>,
    pub(super) price: usize,
    pub(super) discount: Option<usize>,
    /// Money that comes off besides the discount.
    pub(super) returned: Option<usize>,
}

impl Parts {
    /// The parts that a layout has found. `None` without a price.
    pub(super) fn of(layout: &Layout) -> Option<Self> {
        let price = layout.column(Field::UnitPrice)?;
        Some(Self {
            quantity: layout.column(Field::Quantity),
            price,
            discount: layout.column(Field::Discount),
            returned: None,
        })
    }
}

/// Whether quantity times price, less the discount, is the total to a cent. All are in ten-thousandths.
fn is_total(quantity: i128, price: i128, off: i128, total: i128) -> bool {
    let gross = quantity * price;
    // In ten-thousandths squared: money of the row, money of a piece, a part of one, a part of a hundred.
    let discounts = [0, off * 10_000, off * quantity.abs(), gross * off / 10_000, gross * off / 1_000_000];
    discounts.into_iter().any(|off| (gross - off - total * 10_000).abs() <= 1_000_000)
}

/// Two rows of one product with different quantities.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pair {
    pub(super) quantity: i64,
    pub(super) value: i64,
    pub(super) other_quantity: i64,
    pub(super) other_value: i64,
}

/// The number of compared rows, and the number of these that agree.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Agreement {
    pub(super) agreeing: usize,
    pub(super) compared: usize,
}

impl Agreement {
    /// Counts one row.
    pub(super) fn count(&mut self, agrees: bool) {
        self.compared += 1;
        self.agreeing += usize::from(agrees);
    }

    /// Whether at least nine of ten rows agree. Some may disagree, because some lines of most sheets have a discount or
    /// a typing error.
    pub(super) fn is_nine_of_ten(self) -> bool {
        self.agreeing * 10 >= self.compared * 9
    }

    /// Whether at least four of five rows agree.
    pub(super) fn is_four_of_five(self) -> bool {
        self.agreeing * 5 >= self.compared * 4
    }

    /// Whether at least half of the rows agree.
    pub(super) fn is_half(self) -> bool {
        self.agreeing * 2 >= self.compared
    }

    /// Whether nine of ten rows agree, and enough of them that it is not chance.
    pub(super) fn proves(self) -> bool {
        self.agreeing >= FEWEST && self.is_nine_of_ten()
    }
}

impl FromIterator<bool> for Agreement {
    fn from_iter<I: IntoIterator<Item = bool>>(rows: I) -> Self {
        let mut agreement = Self::default();
        rows.into_iter().for_each(|agrees| agreement.count(agrees));
        agreement
    }
}

/// Counts the rows in which quantity times price is the total, to a cent. Rows that lack one of the three are skipped.
/// So are rows with a quantity of one, because they make every price a total, and rows with a zero.
pub(super) fn agreement(quantities: &[Option<i64>], prices: &[Option<i64>], totals: &[Option<i64>]) -> Agreement {
    let mut agreement = Agreement::default();
    for ((quantity, price), total) in quantities.iter().zip(prices).zip(totals) {
        let (Some(quantity), Some(price), Some(total)) = (quantity, price, total) else { continue };
        if *quantity == ONE || *quantity == 0 || *total == 0 {
            continue;
        }
        // Quantity times price is in ten-thousandths squared, so a cent is 1,000,000 of them.
        let difference = i128::from(*quantity) * i128::from(*price) - i128::from(*total) * 1_000_000;
        agreement.count(difference.abs() <= 1_000_000);
    }
    agreement
}
