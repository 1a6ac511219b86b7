//! One row of an import, from what its cells hold to the clean values. ingest tells it from the original file.

use serde::{Deserialize, Serialize};

use crate::field::Field;
use crate::notice::{Change, Rejection};

/// A row as it was written and as it was understood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowTrace {
    /// What the row is.
    pub bucket: Bucket,
    /// Its cells, in the sheet's order.
    pub cells: Vec<CellTrace>,
    /// Values that no cell of their own gives.
    pub derived: Vec<Derived>,
    /// Why it was rejected.
    pub reasons: Vec<Rejection>,
}

/// Where a row goes when it is cleaned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bucket {
    /// It is a sale: stored, updated or duplicate.
    Sale,
    /// It was not taken.
    Rejected,
    /// It is no sale.
    Ignored,
}

/// A cell beside the value that was made of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CellTrace {
    /// The column's header; empty where it has none.
    pub header: String,
    /// What the cell holds, as a person sees it.
    pub raw: Option<String>,
    /// What the column was taken for.
    pub field: Option<Field>,
    /// The clean value.
    pub clean: Option<String>,
    /// The rule by which the two differ.
    pub change: Option<Change>,
}

/// A value that no cell of its own gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Derived {
    /// Which.
    pub field: Field,
    /// The value.
    pub clean: String,
    /// Where it is from.
    pub change: Change,
}
