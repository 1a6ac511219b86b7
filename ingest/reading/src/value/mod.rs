//! Reads the value of one cell: numbers, dates, texts and places as people write them.
//!
//! This is the lowest layer of reading. It knows nothing of layouts, rows or sales.

pub(crate) mod amount;
pub(crate) mod currency;
pub(crate) mod date;
pub(crate) mod date_cells;
pub(crate) mod mark;
pub(crate) mod number;
pub(crate) mod partial_day;
pub(crate) mod per_text;
pub(crate) mod place;
#[cfg(test)]
mod properties;
pub(crate) mod status;
pub(crate) mod text;
#[cfg(test)]
mod written_numbers;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

pub use mark::Mark;

/// The basis for the meaning of a value that could be read two ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Basis {
    /// All values of its column, because a sheet has one writer with one way of writing.
    Column,
    /// The value alone, as JSON is read, so that a row means the same in any batch.
    Value,
}

/// The configured conventions for reading sheets.
#[derive(Debug, Clone, Copy)]
pub struct Conventions {
    /// Zone of the sheet's times.
    pub zone: Tz,
    /// The basis for the meaning of values that could be read two ways.
    pub basis: Basis,
    /// Decimal mark for columns that do not prove one.
    pub mark: Mark,
    /// Order of dates for columns that do not prove one.
    pub day_first: bool,
    /// The time at which the file arrived. Sales without a date get this time.
    pub arrived: DateTime<Utc>,
}
