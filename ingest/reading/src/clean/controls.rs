//! Compares total lines with the sums of the rows above them.

use std::ops::Range;

use super::columns;
use crate::layout::Layout;
use crate::sheet::{Column, Sheet};
use crate::value::mark::{Mark, MarkDecision};
use crate::value::number::{self, MONEY};

/// The result of the comparison for a sheet.
#[derive(Debug, Default)]
pub(super) struct Controls {
    /// Lines that agree with the rows.
    pub(super) agreeing: u64,
    /// Row, stated amount and sum of the rows, in cents.
    pub(super) differing: Vec<(usize, i64, i64)>,
}

/// Running sums of the total column, in cents.
pub(super) struct Sums<'a> {
    sheet: &'a Sheet,
    cells: &'a Column,
    decision: MarkDecision,
    /// The sum since the last total line.
    group: Sum,
    /// The sum since the header.
    all: Sum,
}

#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    cents: i64,
    rows: i64,
    /// Rows without a total, of which the amount is computed. A sum with such rows differs from each total line.
    rows_without: i64,
}

impl Sum {
    /// Whether `cents` is the sum. Each row may have been rounded by half a cent.
    fn is(self, cents: i64) -> bool {
        self.rows > 0 && (self.cents - cents).abs() <= 1 + self.rows / 2
    }
}

impl<'a> Sums<'a> {
    pub(super) fn over(
        sheet: &'a Sheet,
        layout: &Layout,
        cells: &'a Column,
        rows: Range<usize>,
        fallback: Mark,
    ) -> Self {
        let rows: Vec<usize> = rows.collect();
        let decision = MarkDecision::of(cells, &rows, columns::marks_of(sheet, layout, &rows), fallback);
        Self { sheet, cells, decision, group: Sum::default(), all: Sum::default() }
    }

    /// Adds a row of sales.
    pub(super) fn add(&mut self, row: usize) {
        if let Some(cents) = self.value(self.cells, row) {
            for sum in [&mut self.group, &mut self.all] {
                sum.cents = sum.cents.saturating_add(cents);
                sum.rows += 1;
            }
        } else {
            self.group.rows_without += 1;
            self.all.rows_without += 1;
        }
    }

    /// Whether a line is the total of all rows, or of the rows since the last total. If so, a new group begins.
    pub(super) fn agrees(&mut self, row: usize) -> bool {
        let agrees = self.value(self.cells, row).is_some_and(|cents| self.group.is(cents) || self.all.is(cents));
        if agrees {
            self.group = Sum::default();
        }
        agrees
    }

    /// Compares a total line with the sums. Its number may be in another column because reports shift them.
    pub(super) fn compare(&mut self, row: usize, controls: &mut Controls) {
        let is_sum = |cents: i64| self.group.is(cents) || self.all.is(cents);
        let said = self.value(self.cells, row);
        if self.sheet.columns.iter().filter_map(|cells| self.value(cells, row)).any(is_sum) {
            controls.agreeing += 1;
        } else if let Some(said) = said {
            let complete = [self.group, self.all].into_iter().filter(|sum| sum.rows_without == 0);
            let nearest = complete.map(|sum| sum.cents).min_by_key(|sum| (sum - said).abs());
            controls.differing.extend(nearest.map(|nearest| (row, said, nearest)));
        }
        self.group = Sum::default();
    }

    fn value(&self, cells: &Column, row: usize) -> Option<i64> {
        number::of_cell(cells, row, self.decision, MONEY).ok().flatten()
    }
}
