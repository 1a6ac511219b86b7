//! The wire format of the queues, version 1: JSON, documented in `docs/messages.md`.
//!
//! Two queues: [`Channel::ProcessedData`] carries sales, rejected rows and import totals from ingest to distrib;
//! [`Channel::Receipts`] carries back what became of each message. Every message may come twice and late.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::document::DocumentKind;
use crate::money::{Cents, TenThousandths};
use crate::notice::{Ignored, LayoutProblem, Refusal, Rejection, Remark, Warning};
use crate::payment::PaymentMethod;

/// The version that this program writes and the only one that it reads.
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
    /// Names the message for ever: applied once, however often it comes.
    pub message_id: Uuid,
    /// The import it belongs to.
    pub import_id: Uuid,
    /// Who sent the import.
    pub source: String,
    /// What it says.
    pub body: Body,
}

/// What a message says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Body {
    /// The totals of an import, as ingest counted them.
    Import(Box<ImportTotals>),
    /// A batch of cleaned rows.
    Sales(Vec<Sale>),
    /// A batch of rows that were not taken.
    Rejections(Vec<RejectedRow>),
    /// Rejected rows of the import that a person mended: those that are sales now, and those that still are none.
    Mended(Box<Mended>),
    /// Takes back all that the import did. Sent only after every message of the import was answered.
    Undo(Act),
    /// Makes a duplicate a sale of its own.
    Release(Release),
}

/// Who did something to an import, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Act {
    /// The user's name; empty for whoever has the command line.
    pub by: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// Rejected rows that came back mended, all of one import.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Mended {
    /// Who brought them.
    pub act: Act,
    /// Rows that are sales now; each was among the import's rejected rows.
    pub sales: Vec<Sale>,
    /// Rows that were mended and are rejected again: they take the place of what was known of them.
    pub rejected: Vec<RejectedRow>,
    /// Rows that turned out to be no sales, one row each.
    pub ignored: Vec<IgnoredRows>,
}

/// A duplicate that a person calls a sale of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    /// Who did so.
    pub act: Act,
    /// The duplicate's sheet.
    pub sheet: String,
    /// The duplicate's row.
    pub row: u32,
}

/// An import and its totals: what the ledger is balanced against.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ImportTotals {
    /// Whether it was taken at all.
    pub outcome: Outcome,
    /// A dropped file or an API batch.
    pub origin: Origin,
    /// The file's name as dropped; empty for an API batch.
    pub name: String,
    /// SHA-256 of the bytes, in hex.
    pub sha256: String,
    /// When it was accepted.
    pub received_at: DateTime<Utc>,
    /// The sheets that were read, with their header row and columns.
    pub sheets: Vec<SheetRead>,
    /// Rows below the headers.
    pub rows_read: u64,
    /// Rows that are no sales: blank, totals, repeated headers, cancelled orders.
    pub rows_ignored: u64,
    /// Rows handed over as sales.
    pub rows_accepted: u64,
    /// Rows handed over as rejected.
    pub rows_rejected: u64,
    /// Money of all rows read, as far as it could be read.
    pub amount_read: Cents,
    /// Money of the ignored rows that carry some (cancelled orders).
    pub amount_ignored: Cents,
    /// Where the ignored rows stand and why; the first [`MOST_IGNORED_RUNS`] runs of them.
    #[serde(default)]
    pub ignored: Vec<IgnoredRows>,
    /// Quantity of the accepted rows.
    pub quantity_accepted: TenThousandths,
    /// What was noticed or assumed.
    pub remarks: Vec<Remark>,
    /// What is odd about single cells; the first [`MOST_WARNINGS`] of them.
    #[serde(default)]
    pub warnings: Vec<Warning>,
}

/// Warnings that are told one by one; the remarks count all of them.
pub const MOST_WARNINGS: usize = 2_000;
/// Runs of ignored rows that are named.
pub const MOST_IGNORED_RUNS: usize = 10_000;

/// Rows one below the other that are no sales for the same reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IgnoredRows {
    /// The sheet, as in [`Sale::sheet`].
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub sheet: String,
    /// The first, as in [`Sale::row`].
    pub first: u32,
    /// The last.
    pub last: u32,
    /// Why.
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

/// What became of a file or a batch as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Its rows were read, and each is accounted for.
    Taken,
    /// Nothing of it was taken.
    Refused(Refusal),
    /// It may hold sales, and waits for somebody to say what its columns mean. Once that is said the import's totals come
    /// again, with another outcome.
    NeedsLayout {
        /// What is missing.
        reason: LayoutProblem,
    },
    /// The same bytes were imported before; nothing was added.
    AlreadyImported {
        /// The import that took them.
        import_id: Uuid,
        /// When that was.
        received_at: DateTime<Utc>,
    },
    /// A repair workbook: its rows are in the account of another import.
    Repaired {
        /// That import.
        import_id: Uuid,
        /// Mended rows that are sales now.
        sales: u64,
        /// Mended rows that are rejected again.
        rejected: u64,
        /// Mended rows that are no sales.
        ignored: u64,
    },
}

/// Where an import came from.
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
}

/// A sheet that was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SheetRead {
    /// Its name.
    pub name: String,
    /// The header's row, counted from 0; absent where no row names the columns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header_row: Option<u32>,
    /// Which column was taken for which field, in the sheet's order: `(field code, header)`.
    pub mapping: Vec<(String, String)>,
}

/// One cleaned sale.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sale {
    /// Identity within all of Caudal: 32 hex digits. The same key again is the same sale.
    pub key: SaleKey,
    /// Hash of the content: the same key with the same fingerprint is a duplicate, with another one an update.
    pub fingerprint: Fingerprint,
    /// The sheet it was read from; empty for text files and API batches.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub sheet: String,
    /// The row, counted from 1 as spreadsheets show it; in an API batch the place in the array, from 1.
    pub row: u32,
    /// The sender's order number and line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_id: Option<String>,
    /// The line within the order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<String>,
    /// When it was sold, UTC.
    pub sold_at: DateTime<Utc>,
    /// The local day it was sold on.
    pub sold_on: NaiveDate,
    /// How `sold_at` is known.
    #[serde(default)]
    pub time: SoldTime,
    /// Who bought, if anybody was named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<Customer>,
    /// Where to, if an address was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Address>,
    /// What was sold.
    pub product: Product,
    /// How many; negative for a return.
    pub quantity: TenThousandths,
    /// The price of one, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit_price: Option<TenThousandths>,
    /// Discount in money.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discount: Option<Cents>,
    /// Freight.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub freight: Option<Cents>,
    /// Tax.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax: Option<Cents>,
    /// What the line adds up to.
    pub amount: Cents,
    /// What it cost the seller.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<Cents>,
    /// How it was paid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment_method: Option<PaymentMethod>,
    /// The order's state as written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Who sold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seller: Option<String>,
    /// Where it was sold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub store: Option<String>,
    /// Through which channel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// Remarks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
}

/// How much of `sold_at` was given.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SoldTime {
    /// A day and a time of day.
    #[default]
    Exact,
    /// A day only; `sold_at` is its local midnight.
    DayOnly,
    /// Neither: the time of arrival.
    Assumed,
}

impl SoldTime {
    /// The name used in the database.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::DayOnly => "day_only",
            Self::Assumed => "assumed",
        }
    }
}

/// A buyer as the row names it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Customer {
    /// Name as written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// CPF, CNPJ or another number, without punctuation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<String>,
    /// What the document is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document_kind: Option<DocumentKind>,
    /// E-mail in lower case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Digits, with a leading `+` where given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
}

/// An address as far as the row gives it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// Street, number and whatever else stood in one column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub street: Option<String>,
    /// Neighbourhood.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub district: Option<String>,
    /// City.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// State or UF.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// CEP digits or another postal code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<String>,
    /// Country.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
}

/// What was sold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Product {
    /// Name as written; the code where only that is known.
    pub name: String,
    /// The seller's code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sku: Option<String>,
    /// Category.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
}

/// A row that was not taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RejectedRow {
    /// The sheet it stands in, as in [`Sale::sheet`].
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub sheet: String,
    /// The row, as in [`Sale::row`].
    pub row: u32,
    /// Every reason, in the order of the columns.
    pub reasons: Vec<Rejection>,
    /// Its money, as far as it could be read.
    #[serde(default)]
    pub amount: Cents,
    /// The row as written: `(header, value)`.
    pub cells: Vec<(String, String)>,
}

/// What became of a message; the body of [`Channel::Receipts`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// [`VERSION`] of the writer.
    pub version: u16,
    /// The message it answers.
    pub message_id: Uuid,
    /// Its import.
    pub import_id: Uuid,
    /// Whether it was given up as a dead letter; then all counts are zero.
    pub dead: bool,
    /// What the ledger counted.
    pub counts: DeliveryCounts,
}

/// The ledger's counts of one message, in rows and money; below zero where rows left a bucket.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryCounts {
    /// New sales.
    pub stored: i64,
    /// Sales that changed.
    pub updated: i64,
    /// Sales that were there already.
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

macro_rules! hash_bytes {
    ($(#[$doc:meta])* $name:ident, $length:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; $length]);

        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&to_hex(&self.0))
            }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                from_hex(&text).map(Self).ok_or_else(|| {
                    serde::de::Error::custom(concat!("expected ", stringify!($length), " bytes in hex"))
                })
            }
        }
    };
}

hash_bytes!(
    /// A sale's identity.
    SaleKey,
    16
);
hash_bytes!(
    /// A hash of a sale's content.
    Fingerprint,
    16
);

impl Fingerprint {
    /// The first bytes of a longer hash.
    #[must_use]
    pub fn first_of(hash: &[u8]) -> Self {
        Self(first_bytes(hash))
    }
}

impl SaleKey {
    /// The key of a row that is known by its content alone: the sender, the content, and its number among equal rows of
    /// one import, from 0. `day` is absent where the day was assumed.
    #[must_use]
    pub fn of_content(source: &str, content: Fingerprint, occurrence: u32, day: Option<NaiveDate>) -> Self {
        let mut hash = Sha256::new();
        hash.update(b"content\x1f");
        hash.update(source.as_bytes());
        hash.update([0x1F]);
        hash.update(content.0);
        hash.update(occurrence.to_le_bytes());
        Self::of_day(day, &hash.finalize())
    }

    /// A key starts with its day, so that the sales of a file lie close together in the index: random keys cost most
    /// there.
    #[must_use]
    pub fn of_day(day: Option<NaiveDate>, hash: &[u8]) -> Self {
        let days = day.map_or(0, |day| day.signed_duration_since(NaiveDate::default()).num_days());
        let mut key: [u8; 16] = first_bytes(hash);
        key[..4].copy_from_slice(&u32::try_from(days).unwrap_or(0).to_be_bytes());
        Self(key)
    }
}

fn first_bytes(hash: &[u8]) -> [u8; 16] {
    let mut bytes = [0; 16];
    for (byte, from) in bytes.iter_mut().zip(hash) {
        *byte = *from;
    }
    bytes
}

/// Bytes as lower-case hex digits.
#[must_use]
pub fn to_hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |value: u8| char::from(DIGITS[usize::from(value)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// The bytes of exactly `N` pairs of hex digits.
#[must_use]
pub fn from_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    if text.len() != N * 2 {
        return None;
    }
    let mut out = [0; N];
    for (byte, pair) in out.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        let digits = std::str::from_utf8(pair).ok()?;
        *byte = u8::from_str_radix(digits, 16).ok()?;
    }
    Some(out)
}
