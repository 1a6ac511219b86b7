//! Reads the rows of a table with the columns by which they may be summed, and decides whether they are sums.

use std::collections::{HashMap, HashSet};

use caudal_contract::field::Field;
use caudal_contract::text::folded;

use super::{COMPARED, PARTIES, names_part, names_rank, tells_sales_apart};
use crate::layout::evidence::ONE;
use crate::layout::profile::Profile;
use crate::layout::result::{Layout, Sold};
use crate::sheet::Sheet;
use crate::value::number::{self, Mark, MarkDecision, QUANTITY};
use crate::words::calendar::{ENDS_OF_PERIODS, PERIODS};
use crate::words::words_of;

/// Fewest pairs of equal rows that chance must predict. If chance predicts at least so many but all rows differ, the
/// rows are sums.
const EXPECTED: f64 = 3.0;
/// Fewest rows of a full grid of sellers and products. A smaller grid may be full by chance.
const FEWEST_OF_GRID: usize = 6;

/// The rows of a table, with the columns by which they may be summed.
pub(super) struct Rows {
    /// The columns and their headers. The first one names the thing sold.
    pub(super) keys: Vec<Key>,
    rows: usize,
    /// Whether there is a column of sellers or payments.
    of_parties: bool,
    /// Whether the quantity of each row is one.
    of_ones: bool,
}

pub(super) struct Key {
    pub(super) header: String,
    /// The value of each row as a number. Equal values have the same number.
    values: Vec<usize>,
}

impl Rows {
    /// The rows of a table without a day of the sale. `None` for any other table.
    pub(super) fn of(sheet: &Sheet, layout: &Layout) -> Option<Self> {
        let sold = match layout.sold {
            Sold::Product => layout.column(Field::Product).or_else(|| layout.column(Field::Sku)),
            Sold::Category => layout.column(Field::Category),
            Sold::Order | Sold::Titles => None,
        }?;
        if !layout.title_days.is_empty() || layout.header(Field::Date).is_some_and(|header| !is_of_many_days(header)) {
            return None;
        }
        let first_row = layout.header_row? + 1;
        let amount = layout.column(Field::Total).or_else(|| layout.column(Field::UnitPrice))?;
        let is_filled = |row: usize, column: usize| sheet.shown(row, column).is_some();
        let rows: Vec<usize> = (first_row..sheet.rows)
            .filter(|row| is_filled(*row, sold) && is_filled(*row, amount) && !layout.repeats_header(sheet, *row))
            .take(COMPARED)
            .collect();
        let mut columns = vec![sold];
        columns.extend(
            (0..layout.headers.len())
                .filter(|column| *column != sold && is_key(layout, *column, &Profile::of(sheet, *column, first_row))),
        );
        let mut keys: Vec<Key> = Vec::new();
        for column in columns {
            let header = layout.headers.get(column).cloned().unwrap_or_default();
            let key = Key { header, values: numbered(rows.iter().map(|row| sheet.shown(*row, column))) };
            // A column adds nothing if another column determines it, as a product determines its code or its category.
            if keys.iter().all(|other| distinct(&[other, &key]) > distinct(&[other])) {
                keys.push(key);
            }
        }
        let of_ones =
            layout.column(Field::Quantity).and_then(|column| sheet.columns.get(column)).is_some_and(|cells| {
                let decision = MarkDecision::of_money(cells, &rows, || None, Mark::Comma);
                rows.iter().all(|row| matches!(number::of_cell(cells, *row, decision, QUANTITY), Ok(Some(ONE))))
            });
        let of_parties = tells_sales_apart(sheet, layout, PARTIES);
        Some(Self { keys, rows: rows.len(), of_parties, of_ones })
    }

    /// Whether no two rows have the same keys, except for slips in at most one of twenty rows.
    pub(super) fn differ(&self) -> bool {
        let keys: Vec<&Key> = self.keys.iter().collect();
        self.rows > 0 && (self.rows - distinct(&keys)) * 20 <= self.rows
    }

    /// Whether rows that all differ are sums. If they were sales, chance would have made some of them equal.
    pub(super) fn are_summed(&self) -> bool {
        match self.keys.iter().collect::<Vec<_>>().as_slice() {
            // Sales of single pieces look like their sums if the product is the only key, so they are no proof. Sellers
            // or payments are a sign of sales.
            [_] => !self.of_parties && !self.of_ones,
            keys => self.expected_collisions(keys) >= EXPECTED || self.is_grid(keys),
        }
    }

    /// The number of pairs of rows that would have the same seller and product if chance decided who sells each
    /// product.
    fn expected_collisions(&self, keys: &[&Key]) -> f64 {
        let pairs = |rows: usize| rows as f64 * (rows as f64 - 1.0) / 2.0;
        let all = pairs(self.rows);
        keys.iter().fold(all, |expected, key| expected * key.sizes().into_iter().map(pairs).sum::<f64>() / all)
    }

    /// Whether there is one row for each combination of the keys, such as seller and product.
    fn is_grid(&self, keys: &[&Key]) -> bool {
        let sides: Vec<usize> = keys.iter().map(|key| distinct(&[key])).collect();
        self.rows >= FEWEST_OF_GRID
            && sides.iter().all(|side| *side > 1)
            && sides.iter().product::<usize>() == self.rows
    }
}

impl Key {
    /// The number of rows with each value.
    fn sizes(&self) -> Vec<usize> {
        let mut sizes: HashMap<usize, usize> = HashMap::new();
        for value in &self.values {
            *sizes.entry(*value).or_default() += 1;
        }
        sizes.into_values().collect()
    }
}

/// The number of different rows that these columns make.
fn distinct(keys: &[&Key]) -> usize {
    let rows = keys.first().map_or(0, |key| key.values.len());
    let row = |index: usize| -> Vec<Option<usize>> { keys.iter().map(|key| key.values.get(index).copied()).collect() };
    (0..rows).map(row).collect::<HashSet<_>>().len()
}

/// Gives each value a number. Values that people would call equal get the same one.
fn numbered(values: impl Iterator<Item = Option<String>>) -> Vec<usize> {
    let mut numbers: HashMap<String, usize> = HashMap::new();
    values
        .map(|value| {
            let next = numbers.len();
            *numbers.entry(value.map(|value| folded(&value)).unwrap_or_default()).or_insert(next)
        })
        .collect()
}

/// Whether sums may be made by a column: it names something and measures nothing.
fn is_key(layout: &Layout, column: usize, profile: &Profile) -> bool {
    let Some(header) = layout.headers.get(column).filter(|_| profile.filled > 0) else { return false };
    match layout.columns.iter().find(|(_, taken)| *taken == column) {
        Some((field, _)) => !field.is_number() && *field != Field::Notes,
        None if names_part(header) || names_rank(header) => false,
        None => !profile.is_measured() || is_period(header),
    }
}

/// Whether a header names a period of days.
fn is_period(header: &str) -> bool {
    PERIODS.has_any(&words_of(header))
}

/// Whether a column of days holds periods such as months, or the first or last day of a period.
fn is_of_many_days(header: &str) -> bool {
    is_period(header) || ENDS_OF_PERIODS.has_any(&words_of(header))
}
