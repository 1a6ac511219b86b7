//! One row of an import, from its cells to its clean values. ingest reads it from the original file.

use serde::{Deserialize, Serialize};

use crate::field::Field;
use crate::notice::{Change, Rejection};

/// A row as it was written, and its interpretation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowTrace {
    /// The result for the row.
    pub bucket: Bucket,
    /// Its cells, in the sheet's order.
    pub cells: Vec<CellTrace>,
    /// Values without a cell of their own.
    pub derived: Vec<Derived>,
    /// The reasons for its rejection.
    pub reasons: Vec<Rejection>,
}

/// The result of cleaning a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bucket {
    /// The row is a sale: stored, updated or duplicate.
    Sale,
    /// The row was not taken.
    Rejected,
    /// The row is not a sale.
    Ignored,
}

/// A cell with the value made from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CellTrace {
    /// The column's header; empty if it has none.
    pub header: String,
    /// The content of the cell as a person sees it.
    pub raw: Option<String>,
    /// The meaning assumed for the column.
    pub field: Option<Field>,
    /// The clean value.
    pub clean: Option<String>,
    /// The rule that changed the value.
    pub change: Option<Change>,
}

/// A value without a cell of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Derived {
    /// The field.
    pub field: Field,
    /// The value.
    pub clean: String,
    /// The origin of the value.
    pub change: Change,
}
