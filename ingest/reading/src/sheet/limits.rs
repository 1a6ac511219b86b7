//! The limits of one file, and the count of its cells.

use caudal_contract::notice::{ReadLimit, Refusal};
use serde::{Deserialize, Serialize};

/// Excel's own limit of rows.
pub const MOST_ROWS: u32 = 1_048_576;
/// A sheet with more columns than this is not a table.
pub const MOST_COLUMNS: u32 = 1_024;
/// Most lines of a text file. It may be longer than a sheet, but not endless.
pub(super) const MOST_LINES: usize = 4 * MOST_ROWS as usize;
/// Most bytes of a cell's text. Excel allows 32,767 characters of at most four bytes each.
pub(super) const MOST_CELL_TEXT: usize = 4 * 32_767;
/// Most cells of a file, twice the number in a full sheet of ten columns.
const MOST_CELLS: u64 = 20 * MOST_ROWS as u64;
/// Most sheets of a workbook: one for each day of a year, and some more.
pub(super) const MOST_SHEETS: usize = 400;

pub(super) const MIB: u64 = 1024 * 1024;

/// The limits that are settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Most unpacked bytes of an archive.
    pub unpacked_bytes: u64,
    /// Memory limit of the reading process, in bytes. It also bounds the cells that it hands over.
    pub memory_bytes: u64,
    /// Time limit of the reading process, in seconds.
    pub seconds: u64,
}

impl Default for Limits {
    /// The defaults of the settings. A full sheet of ten columns fits.
    fn default() -> Self {
        Self { unpacked_bytes: 2048 * MIB, memory_bytes: 1024 * MIB, seconds: 120 }
    }
}

/// Refuses a value beyond its limit.
pub(super) fn check(limit: ReadLimit, is: u64, most: u64) -> Result<(), Refusal> {
    if is <= most { Ok(()) } else { Err(Refusal::OverLimit { limit, most }) }
}

/// Counts the cells of a file in all its sheets.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    cells: u64,
}

impl Tally {
    /// Counts one filled cell of a workbook. `row` and `column` count from 0.
    pub(super) fn admit(&mut self, row: u32, column: u32) -> Result<(), Refusal> {
        check(ReadLimit::Rows, u64::from(row) + 1, u64::from(MOST_ROWS))?;
        check(ReadLimit::Columns, u64::from(column) + 1, u64::from(MOST_COLUMNS))?;
        self.count(1)
    }

    /// Counts the fields of a line of text. `line` counts from 0.
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
