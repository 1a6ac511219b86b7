//! Counts the contents of a column, as evidence besides its name.

use caudal_contract::field::Field;

use crate::sheet::{Column, Kind, Sheet, plain_number};
use crate::value::{date, number};

/// At least so many cells of a long column are looked at, and fewer than twice as many. A sample is enough because the
/// profile only decides between columns. Every cell is judged again when it is cleaned.
const LOOKED_AT: usize = 2_000;

/// Fewest cells of a column that counts its rows. Fewer numbers in a row may be chance.
const FEWEST_COUNTED: usize = 5;

fn whole_number(cells: &Column, row: usize) -> Option<i64> {
    match cells.kind(row) {
        Kind::Number => plain_number(cells.number(row)).parse().ok(),
        Kind::Text => cells.text(row)?.trim().parse().ok(),
        _ => None,
    }
}

/// Counts over a column's cells.
#[derive(Debug, Default)]
pub(super) struct Profile {
    /// Cells looked at.
    looked: usize,
    /// Cells that are not blank.
    pub(super) filled: usize,
    numbers: usize,
    dates: usize,
    times: usize,
    at_signs: usize,
    hashes: usize,
    /// Texts with a percent sign at their end.
    percents: usize,
    quantities: usize,
    /// Whole numbers that equal the number before, or exceed it by at most one for each row in between.
    successors: usize,
    /// Successors that exceed the number before.
    rises: usize,
    longest: usize,
}

impl Profile {
    /// Looks at the cells from `first_row` down, or at an evenly spread sample if there are very many.
    pub(super) fn of(sheet: &Sheet, column: usize, first_row: usize) -> Self {
        let mut profile = Self::default();
        let Some(cells) = sheet.columns.get(column) else { return profile };
        let stride = (sheet.rows.saturating_sub(first_row) / LOOKED_AT).max(1);
        let mut last: Option<(usize, i64)> = None;
        for row in (first_row..sheet.rows).step_by(stride) {
            profile.looked += 1;
            if let Some(number) = whole_number(cells, row) {
                let step = last.and_then(|(from, before): (usize, i64)| {
                    let rows = i64::try_from(row - from).ok()?;
                    number.checked_sub(before).filter(|step| (0..=rows).contains(step))
                });
                profile.successors += usize::from(step.is_some());
                profile.rises += usize::from(step.is_some_and(|step| step > 0));
                last = Some((row, number));
            }
            match cells.kind(row) {
                Kind::Empty => continue,
                Kind::Number | Kind::Bool => {
                    profile.numbers += 1;
                    profile.quantities += 1;
                    let number = cells.number(row);
                    let is_day =
                        date::is_plausible_serial(cells.day_count(number)) || date::compact_number(number).is_some();
                    profile.dates += usize::from(is_day);
                }
                Kind::DateTime => {
                    profile.dates += 1;
                    profile.times += 1;
                }
                Kind::Time => profile.times += 1,
                Kind::Error => {}
                Kind::Text => {
                    let text = cells.text(row).unwrap_or_default().trim();
                    if text.is_empty() {
                        continue;
                    }
                    let numeric = number::looks_numeric(text);
                    profile.numbers += usize::from(numeric);
                    profile.quantities += usize::from(numeric || number::looks_like_quantity(text));
                    profile.dates += usize::from(date::looks_like_date(text) || date::serial_of_text(text).is_some());
                    profile.times += usize::from(date::looks_like_time(text));
                    profile.at_signs += usize::from(text.contains('@'));
                    profile.hashes += usize::from(text.starts_with('#'));
                    profile.percents += usize::from(text.ends_with('%'));
                    profile.longest = profile.longest.max(text.chars().count());
                }
            }
            profile.filled += 1;
        }
        profile
    }

    /// Whether at least half of the filled cells are numbers.
    pub(super) fn holds_numbers(&self) -> bool {
        self.filled > 0 && self.numbers * 2 >= self.filled
    }

    /// Whether the column counts its rows, or groups of them. Then it holds no money if its name is unclear.
    pub(super) fn counts_rows(&self) -> bool {
        const LARGEST_GROUP: usize = 8;
        self.filled >= FEWEST_COUNTED
            && (self.successors + 1) * 10 >= self.filled * 9
            && self.rises * LARGEST_GROUP >= self.filled
            && self.rises >= FEWEST_COUNTED - 2
    }

    /// Whether at least half of the cells are filled, and nine of ten of these are days. Fewer than half may be days
    /// that are written as numbers.
    pub(super) fn holds_days(&self) -> bool {
        self.is_mostly_filled() && self.dates * 10 >= self.filled * 9 && self.numbers * 2 < self.filled
    }

    /// Whether more than half of the filled cells are numbers, or more than half are days.
    pub(super) fn is_measured(&self) -> bool {
        self.numbers.max(self.dates) * 2 > self.filled
    }

    /// Whether at least half of the cells are filled.
    pub(super) fn is_mostly_filled(&self) -> bool {
        self.filled * 2 >= self.looked && self.filled > 0
    }

    /// The blank share of the column, scaled to `most`.
    pub(super) fn blank(&self, most: u32) -> u32 {
        let blank = self.looked.saturating_sub(self.filled) * most as usize;
        u32::try_from(blank.checked_div(self.looked).unwrap_or(0)).unwrap_or(most)
    }

    /// Whether most cells are order numbers such as `#1001`. Shop systems call this column "Name".
    pub(super) fn holds_order_marks(&self) -> bool {
        self.hashes * 2 > self.filled
    }

    /// Whether a column with these cells can be this field. An empty column fits every field except money and the
    /// product.
    pub(super) fn fits(&self, field: Field) -> bool {
        let most = |count: usize| count * 2 >= self.filled;
        match field {
            Field::Date => most(self.dates),
            Field::Total | Field::UnitPrice if self.filled == 0 => false,
            Field::Time => most(self.times),
            Field::Quantity => most(self.quantities),
            // A part of the price is no money. Read as money, "4,99%" would be five cents.
            Field::Fee if self.percents > 0 => false,
            field if field.is_number() => most(self.numbers),
            Field::Email => most(self.at_signs),
            // A column that is blank on more than three of four rows does not name the product.
            Field::Product if self.filled * 4 < self.looked => false,
            Field::Customer if self.holds_order_marks() => false,
            Field::Product | Field::Customer | Field::PaymentMethod | Field::Status | Field::State | Field::City => {
                self.filled == 0 || self.numbers * 2 < self.filled
            }
            // "un", "kg" and "cx" are units of measure, not stores.
            Field::Store => self.filled == 0 || self.longest > 3 || self.numbers > 0,
            _ => true,
        }
    }
}
