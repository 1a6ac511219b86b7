//! The wire format of the queues, version 1: JSON, documented in `docs/messages.md`.
//!
//! There are two queues: [`Channel::ProcessedData`] carries sales, rejected rows and import totals from ingest to
//! distrib, and [`Channel::Receipts`] carries back the result for each message. Every message may come twice and late.

mod body;
mod cancellation;
mod id;
mod import;
mod key;
mod sale;
pub mod wire;

use serde::{Deserialize, Serialize};

pub use body::{Act, Body, EntryKind, Mended, MessageKind, Release, SeparateRows, VERSION};
pub use cancellation::Cancellation;
pub use id::{ImportId, MessageId};
pub use import::{
    IgnoredRows, ImportTotals, MOST_IGNORED_RUNS, MOST_WARNINGS, Origin, Outcome, RejectedRow, RowCounts, SheetRead,
};
pub use key::{Fingerprint, SaleKey, from_hex, to_hex};
pub use sale::{Address, Customer, Product, Sale, Slot, SoldTime, Value};

use crate::money::Cents;

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
