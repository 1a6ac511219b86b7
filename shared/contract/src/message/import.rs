//! An import and its totals, and its rows that are not sales.

use super::ImportId;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::money::{Cents, TenThousandths};
use crate::notice::{Ignored, LayoutProblem, Refusal, Rejection, Remark, SumProof, Warning};

/// An import and its totals, against which the ledger is balanced.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ImportTotals {
    /// Whether it was taken.
    pub outcome: Outcome,
    /// A dropped file or an API batch.
    pub origin: Origin,
    /// The file's name as dropped; empty for an API batch.
    pub name: String,
    /// SHA-256 of the bytes, in hex.
    pub sha256: String,
    /// The time at which it was accepted.
    pub received_at: DateTime<Utc>,
    /// The sheets that were read, with their header row and columns.
    pub sheets: Vec<SheetRead>,
    /// Rows below the headers.
    pub rows_read: u64,
    /// Rows that are not sales: blank, totals, repeated headers, cancelled orders.
    pub rows_ignored: u64,
    /// Rows handed over as sales.
    pub rows_accepted: u64,
    /// Rows handed over as rejected.
    pub rows_rejected: u64,
    /// Money of all rows read, as far as it could be read.
    pub amount_read: Cents,
    /// Money of the ignored rows, if they have some (cancelled orders).
    pub amount_ignored: Cents,
    /// The places and reasons of ignored rows; the first [`MOST_IGNORED_RUNS`] runs.
    #[serde(default)]
    pub ignored: Vec<IgnoredRows>,
    /// Quantity of the accepted rows.
    pub quantity_accepted: TenThousandths,
    /// Observations and assumptions.
    pub remarks: Vec<Remark>,
    /// Odd values of single cells; the first [`MOST_WARNINGS`] of them.
    #[serde(default)]
    pub warnings: Vec<Warning>,
}

/// The most warnings that are named one by one. The remarks count all of them.
pub const MOST_WARNINGS: usize = 2_000;
/// The most runs of ignored rows that are named.
pub const MOST_IGNORED_RUNS: usize = 10_000;

/// Consecutive rows that are not sales for the same reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IgnoredRows {
    /// The sheet, as in [`super::Sale::sheet`].
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub sheet: String,
    /// The first row, as in [`super::Sale::row`].
    pub first: u32,
    /// The last row.
    pub last: u32,
    /// The reason.
    pub why: Ignored,
}

impl IgnoredRows {
    /// Adds a row to the runs, which are in the order of the sheet.
    pub fn push(runs: &mut Vec<Self>, sheet: &str, row: u32, why: Ignored) {
        match runs.last_mut() {
            Some(run) if run.why == why && run.last.checked_add(1) == Some(row) && run.sheet == sheet => run.last = row,
            _ => runs.push(Self { sheet: sheet.to_owned(), first: row, last: row, why }),
        }
    }
}

/// The result for a file or a batch as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Its rows were read, and each is accounted for.
    Taken,
    /// Nothing of it was taken.
    Refused(Refusal),
    /// It may hold sales, and waits until a person decides about its columns. After that the import's totals come
    /// again, with another outcome.
    NeedsLayout {
        /// The missing information.
        reason: LayoutProblem,
    },
    /// The same bytes were imported before; nothing was added.
    AlreadyImported {
        /// The import that took the same bytes.
        import_id: ImportId,
        /// The time of that import.
        received_at: DateTime<Utc>,
    },
    /// A repair workbook. Its rows belong to the account of another import.
    Repaired {
        /// The other import.
        import_id: ImportId,
        /// Mended rows that are sales now.
        sales: u64,
        /// Mended rows that are rejected again.
        rejected: u64,
        /// Mended rows that are not sales.
        ignored: u64,
    },
}

/// The origin of an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// A dropped file.
    File,
    /// A batch of the JSON API.
    Api,
}

impl Origin {
    /// The name used in the database.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Api => "api",
        }
    }

    /// The origin with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::File, Self::Api].into_iter().find(|origin| origin.code() == code)
    }
}

/// A sheet that was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SheetRead {
    /// Its name.
    pub name: String,
    /// The header's row, counted from 0; absent if no row names the columns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header_row: Option<u32>,
    /// The field assumed for each column, in the sheet's order: `(field code, header)`.
    pub mapping: Vec<(String, String)>,
    /// The evidence that the sum of its sales is right; absent in messages of earlier versions and for the API.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<SumProof>,
}

/// A row that was not taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RejectedRow {
    /// The sheet of the row, as in [`super::Sale::sheet`].
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub sheet: String,
    /// The row, as in [`super::Sale::row`].
    pub row: u32,
    /// Every reason, in the order of the columns.
    pub reasons: Vec<Rejection>,
    /// Its money, as far as it could be read.
    #[serde(default)]
    pub amount: Cents,
    /// The row as written: `(header, value)`.
    pub cells: Vec<(String, String)>,
}

/// The rows of an import by what became of them: `read = stored + updated + duplicate + rejected + ignored` once all is counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowCounts {
    /// All rows below the headers.
    pub read: i64,
    /// New sales.
    pub stored: i64,
    /// Sales that were known and changed.
    pub updated: i64,
    /// Sales that were known and did not change.
    pub duplicate: i64,
    /// Rows that were not taken.
    pub rejected: i64,
    /// Rows that are no sales.
    pub ignored: i64,
}
