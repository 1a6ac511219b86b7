//! One cell, one value: numbers, dates, texts and places as people write them.
//!
//! This is the floor of reading: nothing here knows of layouts, of rows or of sales.

pub(crate) mod currency;
pub(crate) mod date;
pub(crate) mod number;
pub(crate) mod per_text;
pub(crate) mod place;
#[cfg(test)]
mod properties;
pub(crate) mod text;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

pub use number::Mark;

/// What decides the meaning of a value that could be read two ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Basis {
    /// All values of its column: a sheet has one writer, with one way of writing.
    Column,
    /// The value alone, as JSON is read: a row means the same whatever batch it comes in.
    Value,
}

/// What is configured about reading sheets.
#[derive(Debug, Clone, Copy)]
pub struct Conventions {
    /// Zone of the sheet's times.
    pub zone: Tz,
    /// What values that could be read two ways are decided by.
    pub basis: Basis,
    /// Decimal mark of columns that prove none.
    pub mark: Mark,
    /// Order of dates in columns that prove none.
    pub day_first: bool,
    /// When the file arrived: the time of sales without a date.
    pub arrived: DateTime<Utc>,
}
