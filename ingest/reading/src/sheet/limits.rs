//! What one file may take, and the count of what it took.

use caudal_contract::notice::{ReadLimit, Refusal};
use serde::{Deserialize, Serialize};

/// Excel's own limit.
pub const MOST_ROWS: u32 = 1_048_576;
/// More columns than this are no table.
pub const MOST_COLUMNS: u32 = 1_024;
/// Lines of a text file: it may be longer than a sheet, but not endless.
pub(super) const MOST_LINES: usize = 4 * MOST_ROWS as usize;
/// Excel takes 32,767 characters, which are at most four bytes each.
pub(super) const MOST_CELL_TEXT: usize = 4 * 32_767;
/// Twice what a full sheet of ten columns holds.
const MOST_CELLS: u64 = 20 * MOST_ROWS as u64;
/// A sheet for each day of a year, and some.
pub(super) const MOST_SHEETS: usize = 400;

pub(super) const MIB: u64 = 1024 * 1024;

/// The limits that are settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// What an archive may unpack to, in bytes.
    pub unpacked_bytes: u64,
    /// What the cells may occupy when they are handed over, and the reading process in all, in bytes.
    pub memory_bytes: u64,
    /// How long the reading process may work, in seconds.
    pub seconds: u64,
}

impl Default for Limits {
    /// The defaults of the settings: a full sheet of ten columns fits.
    fn default() -> Self {
        Self { unpacked_bytes: 2048 * MIB, memory_bytes: 1024 * MIB, seconds: 120 }
    }
}

/// Refuses what goes beyond a limit.
pub(super) fn check(limit: ReadLimit, is: u64, most: u64) -> Result<(), Refusal> {
    if is <= most { Ok(()) } else { Err(Refusal::OverLimit { limit, most }) }
}

/// Counts the cells of a file, over all its sheets.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    cells: u64,
}

impl Tally {
    /// Counts one filled cell of a workbook; `row` and `column` from 0.
    pub(super) fn admit(&mut self, row: u32, column: u32) -> Result<(), Refusal> {
        check(ReadLimit::Rows, u64::from(row) + 1, u64::from(MOST_ROWS))?;
        check(ReadLimit::Columns, u64::from(column) + 1, u64::from(MOST_COLUMNS))?;
        self.count(1)
    }

    /// Counts the fields of a line of text; `line` from 0.
    pub(super) fn admit_line(&mut self, line: usize, fields: usize) -> Result<(), Refusal> {
        check(ReadLimit::Rows, line as u64 + 1, MOST_LINES as u64)?;
        check(ReadLimit::Columns, fields as u64, u64::from(MOST_COLUMNS))?;
        self.count(fields as u64)
    }

    /// Checks the length of a cell's text, in bytes.
    pub(crate) fn admit_text(text: &str) -> Result<(), Refusal> {
        check(ReadLimit::CellText, text.len() as u64, MOST_CELL_TEXT as u64)
    }

    fn count(&mut self, cells: u64) -> Result<(), Refusal> {
        self.cells += cells;
        check(ReadLimit::Cells, self.cells, MOST_CELLS)
    }
}
