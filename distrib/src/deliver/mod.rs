//! Applies one message to the tables, in one transaction.
//!
//! The delivery's row is written first: a message that was applied before collides on its id, changes nothing, and is
//! answered with the counts of the first time. Everything a message does is in that transaction: master data, sales,
//! sightings, rejected rows, rollups and the ledger's counts.

mod import;
mod incoming;
mod rejections;
mod sales;

use caudal_shared::database::{DbConnection, write};
use caudal_shared::message::{Body, DeliveryCounts, Message, Receipt, VERSION};
use caudal_shared::money::Cents;
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Text, Timestamp};

use crate::schema::deliveries;

/// Why a message could not be applied.
#[derive(Debug, thiserror::Error)]
pub enum DeliverError {
    /// The payload is no message of a version that this program reads.
    #[error("the message cannot be read: {0}")]
    Unreadable(String),
    /// The database refused.
    #[error(transparent)]
    Database(#[from] diesel::result::Error),
}

/// Reads a payload.
///
/// # Errors
/// [`DeliverError::Unreadable`].
pub fn parse(payload: &[u8]) -> Result<Message, DeliverError> {
    #[derive(serde::Deserialize)]
    struct Versioned {
        version: u16,
    }
    let unreadable = |error: serde_json::Error| DeliverError::Unreadable(error.to_string());
    // The version first: the body of another one may look like anything
    let Versioned { version } = serde_json::from_slice(payload).map_err(unreadable)?;
    if version != VERSION {
        let reason = format!("version {version} is not known; this program reads version {VERSION}");
        return Err(DeliverError::Unreadable(reason));
    }
    serde_json::from_slice(payload).map_err(unreadable)
}

/// Applies a message once and returns what became of its rows; a second call returns the first one's counts.
///
/// # Errors
/// [`DeliverError::Database`]; then nothing was changed.
pub fn deliver(connection: &mut DbConnection, message: &Message, now: DateTime<Utc>) -> Result<Receipt, DeliverError> {
    let message_id = message.message_id.to_string();
    let counts = write(connection, |connection| {
        let import_id = import::find_or_announce(connection, message, now)?;
        let first_time = sql_query(
            "INSERT INTO deliveries (message_id, import_id, delivered_at) VALUES ($1, $2, $3) ON CONFLICT (message_id) DO NOTHING",
        )
        .bind::<Text, _>(&message_id)
        .bind::<BigInt, _>(import_id)
        .bind::<Timestamp, _>(now.naive_utc())
        .execute(connection)?
            == 1;
        if !first_time {
            return counts_of(connection, &message_id);
        }
        let counts = match &message.body {
            Body::Import(totals) => import::record_totals(connection, import_id, totals)?,
            Body::Sales(sales) => sales::store(connection, import_id, sales)?,
            Body::Rejections(rows) => rejections::record(connection, import_id, rows)?,
        };
        record_counts(connection, &message_id, &counts)?;
        Ok::<_, diesel::result::Error>(counts)
    })?;
    Ok(Receipt { version: VERSION, message_id: message.message_id, import_id: message.import_id, dead: false, counts })
}

type CountColumns = (i64, i64, i64, i64, i64, i64, i64, i64);

fn counts_of(connection: &mut DbConnection, message_id: &str) -> QueryResult<DeliveryCounts> {
    use deliveries::dsl;
    let (stored, updated, duplicate, rejected, amount_stored, amount_updated, amount_duplicate, amount_rejected) =
        deliveries::table
            .find(message_id)
            .select((
                dsl::stored,
                dsl::updated,
                dsl::duplicate,
                dsl::rejected,
                dsl::amount_stored,
                dsl::amount_updated,
                dsl::amount_duplicate,
                dsl::amount_rejected,
            ))
            .first::<CountColumns>(connection)?;
    Ok(DeliveryCounts {
        stored: stored.unsigned_abs(),
        updated: updated.unsigned_abs(),
        duplicate: duplicate.unsigned_abs(),
        rejected: rejected.unsigned_abs(),
        amount_stored: Cents(amount_stored),
        amount_updated: Cents(amount_updated),
        amount_duplicate: Cents(amount_duplicate),
        amount_rejected: Cents(amount_rejected),
    })
}

fn record_counts(connection: &mut DbConnection, message_id: &str, counts: &DeliveryCounts) -> QueryResult<()> {
    use deliveries::dsl;
    let rows = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    diesel::update(deliveries::table.find(message_id))
        .set((
            dsl::stored.eq(rows(counts.stored)),
            dsl::updated.eq(rows(counts.updated)),
            dsl::duplicate.eq(rows(counts.duplicate)),
            dsl::rejected.eq(rows(counts.rejected)),
            dsl::amount_stored.eq(counts.amount_stored.0),
            dsl::amount_updated.eq(counts.amount_updated.0),
            dsl::amount_duplicate.eq(counts.amount_duplicate.0),
            dsl::amount_rejected.eq(counts.amount_rejected.0),
        ))
        .execute(connection)?;
    Ok(())
}

/// A UTC instant as the databases keep it.
fn stored_time(at: DateTime<Utc>) -> NaiveDateTime {
    at.naive_utc()
}
