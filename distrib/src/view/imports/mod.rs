//! Imports: the list with its ledgers, one import in detail, its rejected rows and its duplicates.

mod ledger;
mod query;
mod rows;

use caudal_contract::message::{EntryKind, IgnoredRows, ImportId, Origin, Outcome, SheetRead};
use caudal_contract::money::{Cents, TenThousandths};
use caudal_contract::notice::{Rejection, Remark, Warning};
use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;

use crate::deliver::undo::UndoEffects;
use crate::view::cancellations::VoidEffects;

pub use ledger::{Balance, ImportState, Ledger};
pub use query::{count, dead_letters, find, find_by_id, list, name};
pub use rows::{rejected_row, rejected_rows, sightings};

/// An import with its ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ImportSummary {
    /// The number within distrib, which pages use.
    #[serde(skip)]
    pub id: i64,
    /// The id of the import everywhere else.
    #[serde(rename = "import_id")]
    pub uuid: ImportId,
    /// The sender.
    pub source: String,
    /// Whether it was a file or an API batch. Absent until the totals have arrived.
    pub origin: Option<Origin>,
    /// The name of the file. Empty for an API batch, absent until the totals have arrived.
    pub name: Option<String>,
    /// The time of acceptance. Until the totals have arrived, the time of the first message.
    pub received_at: DateTime<Utc>,
    /// Whether ingest took the import. Absent until the totals have arrived.
    pub outcome: Option<Outcome>,
    /// Whether the ledger balances.
    pub state: ImportState,
    /// Messages of the import that could not be stored: they are waiting for an attempt or were given up.
    pub failed: i64,
    /// The buckets of the rows.
    pub ledger: Ledger,
    /// The effects of cancellations, by the import's rows and on its sales.
    #[serde(flatten)]
    pub voids: VoidEffects,
    /// Quantity of the accepted rows.
    pub quantity: Option<TenThousandths>,
    /// The time of the undo.
    pub undone_at: Option<DateTime<Utc>>,
    /// The person who undid it. Empty for the command line.
    pub undone_by: Option<String>,
}

/// All data of one import except its rows.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ImportDetail {
    /// The import.
    #[serde(flatten)]
    pub summary: ImportSummary,
    /// SHA-256 of the file, in hex.
    pub sha256: Option<String>,
    /// The sheets that were read, and how.
    pub sheets: Vec<SheetRead>,
    /// Remarks about the file, and assumptions that were made.
    pub remarks: Vec<Remark>,
    /// The effects of the undo.
    pub undo_effects: Option<UndoEffects>,
    /// Later changes by people: corrected rows, released duplicates, undo; and rows that another import's undo moved here.
    pub entries: Vec<LedgerEntry>,
    /// The places of the ignored rows, with reasons; at most [`caudal_contract::message::MOST_IGNORED_RUNS`] runs.
    pub ignored: Vec<IgnoredRows>,
    /// Warnings about single cells; at most [`caudal_contract::message::MOST_WARNINGS`].
    pub warnings: Vec<Warning>,
}

/// A later entry of an import's ledger, with the change of each bucket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LedgerEntry {
    /// `mended`, `release`, `undo` or `moved`.
    pub kind: EntryKind,
    /// The user who caused it. Absent for the command line.
    pub by: Option<String>,
    /// The time.
    pub at: DateTime<Utc>,
    /// Change of the stored rows.
    pub stored: i64,
    /// Change of the updated rows.
    pub updated: i64,
    /// Change of the duplicate rows.
    pub duplicate: i64,
    /// Change of the rejected rows.
    pub rejected: i64,
}

/// A rejected row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RejectedRowView {
    /// The sheet; empty for text files and API batches.
    pub sheet: String,
    /// The row number as in a spreadsheet.
    pub row: i64,
    /// The amount, if it could be read.
    pub amount: Cents,
    /// Every reason.
    pub reasons: Vec<Rejection>,
    /// The row as written: `(header, value)`.
    pub cells: Vec<(String, String)>,
}

/// A duplicate row, with its first occurrence.
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
    /// The id of that import everywhere else.
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
