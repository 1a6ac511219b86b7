//! Imports: the list with its ledgers, one import in detail, its rejected rows and its duplicates.

mod ledger;
mod query;
mod rows;

use caudal_contract::message::{IgnoredRows, Outcome, SheetRead};
use caudal_contract::money::{Cents, TenThousandths};
use caudal_contract::notice::{Rejection, Remark, Warning};
use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use uuid::Uuid;

use crate::deliver::undo::UndoEffects;

pub use ledger::{Balance, ImportState, Ledger};
pub use query::{count, dead_letters, find, find_by_id, list, name};
pub use rows::{rejected_row, rejected_rows, sightings};

/// An import with its ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ImportSummary {
    /// The number within distrib; pages use it.
    #[serde(skip)]
    pub id: i64,
    /// The import's name everywhere else.
    #[serde(rename = "import_id")]
    pub uuid: Uuid,
    /// Who sent it.
    pub source: String,
    /// `file` or `api`; absent until its totals have arrived.
    pub origin: Option<String>,
    /// The file's name; empty for an API batch, absent until its totals have arrived.
    pub name: Option<String>,
    /// When it was accepted, or first seen here while its totals are on their way.
    pub received_at: DateTime<Utc>,
    /// Whether it was taken at all; absent until its totals have arrived.
    pub outcome: Option<Outcome>,
    /// Whether the ledger balances.
    pub state: ImportState,
    /// Messages of it that could not be stored, and are tried again or were given up.
    pub failed: i64,
    /// Where each row went.
    pub ledger: Ledger,
    /// Quantity of the accepted rows.
    pub quantity: Option<TenThousandths>,
    /// When it was taken back.
    pub undone_at: Option<DateTime<Utc>>,
    /// By whom; empty for whoever has the command line.
    pub undone_by: Option<String>,
}

/// All about one import but its rows.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ImportDetail {
    /// The import.
    #[serde(flatten)]
    pub summary: ImportSummary,
    /// SHA-256 of the file, in hex.
    pub sha256: Option<String>,
    /// What was read and how.
    pub sheets: Vec<SheetRead>,
    /// What was noticed or assumed.
    pub remarks: Vec<Remark>,
    /// What the undo did.
    pub undo_effects: Option<UndoEffects>,
    /// What people did to it later: rows mended, duplicates released, undo; and what another import's undo left to it.
    pub entries: Vec<LedgerEntry>,
    /// Where the ignored rows stand and why; at most [`caudal_contract::message::MOST_IGNORED_RUNS`] runs.
    pub ignored: Vec<IgnoredRows>,
    /// What is odd about single cells; at most [`caudal_contract::message::MOST_WARNINGS`].
    pub warnings: Vec<Warning>,
}

/// A later entry of an import's ledger: by how much its buckets changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LedgerEntry {
    /// `mended`, `release`, `undo` or `moved`.
    pub kind: String,
    /// The user who did it; absent for the command line.
    pub by: Option<String>,
    /// When.
    pub at: DateTime<Utc>,
    /// Rows more or less in this bucket.
    pub stored: i64,
    /// The same.
    pub updated: i64,
    /// The same.
    pub duplicate: i64,
    /// The same.
    pub rejected: i64,
}

/// A row that was not taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RejectedRow {
    /// The sheet; empty for text files and API batches.
    pub sheet: String,
    /// The row as spreadsheets count it.
    pub row: i64,
    /// Its money, as far as it could be read.
    pub amount: Cents,
    /// Every reason.
    pub reasons: Vec<Rejection>,
    /// The row as written: `(header, value)`.
    pub cells: Vec<(String, String)>,
}

/// A row that was there already, beside its first occurrence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Sighting {
    /// The duplicate's sheet.
    pub sheet: String,
    /// The duplicate's row.
    pub row: i64,
    /// The sale's day.
    pub sold_on: NaiveDate,
    /// The sale's product.
    pub product_name: String,
    /// The sale's money.
    pub amount: Cents,
    /// The import that the sale was first read from.
    #[serde(skip)]
    pub first_import_id: i64,
    /// That import's name everywhere else.
    pub first_import: String,
    /// That import's file.
    pub first_name: Option<String>,
    /// The sheet there.
    pub first_sheet: String,
    /// The row there.
    pub first_row: i64,
}

#[cfg(test)]
mod tests;
