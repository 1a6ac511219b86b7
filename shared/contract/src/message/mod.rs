//! The wire format of the queues, version 1: JSON, documented in `docs/messages.md`.
//!
//! There are two queues: [`Channel::ProcessedData`] carries sales, rejected rows and import totals from ingest to
//! distrib, and [`Channel::Receipts`] carries back the result for each message. Every message may come twice and late.

mod id;
mod import;
mod key;
mod kind;
mod sale;
pub mod wire;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

pub use id::{ImportId, MessageId};
pub use import::{
    IgnoredRows, ImportTotals, MOST_IGNORED_RUNS, MOST_WARNINGS, Origin, Outcome, RejectedRow, RowCounts, SheetRead,
};
pub use key::{Fingerprint, SaleKey, from_hex, to_hex};
pub use kind::MessageKind;
pub use sale::{Address, Customer, Product, Sale, Slot, SoldTime, Value};

use crate::money::Cents;

/// The version that this program writes, and the only one that it reads.
pub const VERSION: u16 = 1;

/// A queue by its purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel {
    /// From ingest to distrib.
    ProcessedData,
    /// From distrib back to ingest.
    Receipts,
}

impl Channel {
    /// The queue's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ProcessedData => "processed_data",
            Self::Receipts => "receipts",
        }
    }
}

/// One message of [`Channel::ProcessedData`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// [`VERSION`] of the writer.
    pub version: u16,
    /// The id of the message. A message is applied once, even if it comes several times.
    pub message_id: MessageId,
    /// The import to which it belongs.
    pub import_id: ImportId,
    /// The sender of the import.
    pub source: String,
    /// The content.
    pub body: Body,
}

/// The content of a message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Body {
    /// The totals of an import, as ingest counted them.
    Import(Box<ImportTotals>),
    /// A batch of cleaned rows.
    Sales(Vec<Sale>),
    /// A batch of rows that were not taken.
    Rejections(Vec<RejectedRow>),
    /// Rejected rows of the import that a person mended. Some are sales now, others still are not.
    Mended(Box<Mended>),
    /// Undoes the import completely. Sent only after every message of the import was answered.
    Undo(Act),
    /// Makes a duplicate a sale of its own.
    Release(Release),
}

/// The author and time of an action on an import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Act {
    /// The user's name; empty for the command line.
    pub by: String,
    /// The time.
    pub at: DateTime<Utc>,
}

/// Rejected rows that came back mended, all of one import.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Mended {
    /// The person who sent the workbook.
    pub act: Act,
    /// Rows that are sales now; each was among the import's rejected rows.
    pub sales: Vec<Sale>,
    /// Rows that were mended and are rejected again. They replace the earlier rejections.
    pub rejected: Vec<RejectedRow>,
    /// Rows that are not sales, one row in each entry.
    pub ignored: Vec<IgnoredRows>,
}

/// A duplicate that a person declares to be a sale of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    /// The person who did so.
    pub act: Act,
    /// The duplicate's sheet.
    pub sheet: String,
    /// The duplicate's row.
    pub row: u32,
    /// The key of the new sale, if it comes from an order number; otherwise distrib finds the next free key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<SaleKey>,
}

/// The result for a message; the body of [`Channel::Receipts`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// [`VERSION`] of the writer.
    pub version: u16,
    /// The answered message.
    pub message_id: MessageId,
    /// Its import.
    pub import_id: ImportId,
    /// Whether the message was given up as a dead letter. If so, all counts are zero.
    pub dead: bool,
    /// The counts of the ledger.
    pub counts: DeliveryCounts,
}

/// The ledger's counts for one message, in rows and money. A count is negative if rows left that group.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryCounts {
    /// New sales.
    pub stored: i64,
    /// Sales that changed.
    pub updated: i64,
    /// Sales that were already stored.
    pub duplicate: i64,
    /// Rejected rows recorded.
    pub rejected: i64,
    /// Money of the new sales.
    pub amount_stored: Cents,
    /// Money of the changed sales, after the change.
    pub amount_updated: Cents,
    /// Money of the duplicates.
    pub amount_duplicate: Cents,
    /// Money of the rejected rows.
    pub amount_rejected: Cents,
}

impl std::ops::Add for DeliveryCounts {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            stored: self.stored + other.stored,
            updated: self.updated + other.updated,
            duplicate: self.duplicate + other.duplicate,
            rejected: self.rejected + other.rejected,
            amount_stored: self.amount_stored + other.amount_stored,
            amount_updated: self.amount_updated + other.amount_updated,
            amount_duplicate: self.amount_duplicate + other.amount_duplicate,
            amount_rejected: self.amount_rejected + other.amount_rejected,
        }
    }
}
