//! Applies a message to the tables, in one transaction.
//!
//! The first change is the delivery's row. If the message was applied before, its id collides there: nothing is changed, and the
//! answer holds the counts of the first time. The same transaction contains everything else that a message does: master data,
//! sales, sightings, rejected rows, rollups and the ledger's counts.

mod cancellations;
pub mod error;
mod import;
mod master_data;
mod mended;
pub mod payload;
pub mod rehearsal;
mod rejections;
mod release;
mod rollups;
mod sales;
mod sound_rows;
mod temporary;
mod turns;
pub mod undo;

use caudal_contract::message::{Body, DeliveryCounts, Message, Receipt, VERSION};
use caudal_contract::money::Cents;
use caudal_platform::database::{DbConnection, write};
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Text, Timestamp};

use crate::dead_letter;
use crate::schema::deliveries;

pub use error::DeliverError;
pub(crate) use error::guarded;
pub(crate) use master_data::References;
pub use payload::parse;
pub(crate) use sound_rows::deliver_as_rejected;
pub use sound_rows::{deliver_part, deliver_sound_rows};

/// Applies a message once and returns the counts of its rows. A second call returns the counts of the first one. The message is
/// removed from the failed messages if it was there.
///
/// # Errors
/// [`DeliverError::Database`]. Then nothing was changed.
pub fn deliver(connection: &mut DbConnection, message: &Message, now: DateTime<Utc>) -> Result<Receipt, DeliverError> {
    Ok(write(connection, |connection| {
        dead_letter::forget(connection, &message.message_id.to_string())?;
        let mut together = Together::default();
        let receipt = together.deliver(connection, message, now)?;
        together.finish(connection)?;
        Ok::<_, diesel::result::Error>(receipt)
    })?)
}

/// Messages that are applied in one transaction, which the caller opens.
#[derive(Default)]
pub struct Together {
    sales: sales::Shared,
}

impl Together {
    /// Applies a message as [`deliver`] does.
    ///
    /// # Errors
    /// The database failed. Then the transaction must be rolled back.
    pub fn deliver(
        &mut self,
        connection: &mut DbConnection,
        message: &Message,
        now: DateTime<Utc>,
    ) -> QueryResult<Receipt> {
        if !matches!(message.body, Body::Sales(_)) {
            // The message may read or change the effects of the sales before it, so those are written first.
            self.finish(connection)?;
        }
        deliver_within(connection, message, now, &mut self.sales)
    }

    /// Must be called before the transaction is committed.
    ///
    /// # Errors
    /// The database failed. Then the transaction must be rolled back.
    pub fn finish(&mut self, connection: &mut DbConnection) -> QueryResult<()> {
        self.sales.finish(connection)
    }
}

fn deliver_within(
    connection: &mut DbConnection,
    message: &Message,
    now: DateTime<Utc>,
    shared: &mut sales::Shared,
) -> QueryResult<Receipt> {
    turns::take(connection, message.body.kind())?;
    let message_id = message.message_id.to_string();
    let import_id = import::find_or_announce(connection, message.import_id, &message.source, now)?;
    if !begin(connection, &message_id, import_id, now)? {
        return Ok(receipt(message, counts_of(connection, &message_id)?));
    }
    let counts = match &message.body {
        // A dead letter may be retried after its import was undone. It then changes nothing.
        _ if import::is_undone(connection, import_id)? => DeliveryCounts::default(),
        Body::Import(totals) => import::record_totals(connection, import_id, totals)?,
        Body::Sales(sales) => sales::store_sharing(connection, import_id, sales, shared)?,
        Body::Rejections(rows) => rejections::record(connection, import_id, rows)?,
        Body::Cancellations(rows) => {
            let sender = cancellations::Sender { import_id, source: &message.source, now };
            cancellations::apply(connection, sender, rows)?;
            DeliveryCounts::default()
        }
        Body::Mended(mended) => mended::apply(connection, import_id, mended)?,
        Body::Release(release) => release::apply(connection, import_id, release)?,
        Body::Undo(act) => undo::apply(connection, import_id, &message_id, act)?,
    };
    record_counts(connection, message, &counts)?;
    Ok(receipt(message, counts))
}

fn receipt(message: &Message, counts: DeliveryCounts) -> Receipt {
    Receipt { version: VERSION, message_id: message.message_id, import_id: message.import_id, dead: false, counts }
}

/// Inserts the delivery's row. Returns `false` if the message was applied before.
fn begin(connection: &mut DbConnection, message_id: &str, import_id: i64, now: DateTime<Utc>) -> QueryResult<bool> {
    let written = sql_query(
        "INSERT INTO deliveries (message_id, import_id, delivered_at) VALUES ($1, $2, $3) ON CONFLICT (message_id) DO NOTHING",
    )
    .bind::<Text, _>(message_id)
    .bind::<BigInt, _>(import_id)
    .bind::<Timestamp, _>(now.naive_utc())
    .execute(connection)?;
    Ok(written == 1)
}

type CountColumns = (i64, i64, i64, i64, i64, i64, i64, i64);
type CountSelection = (
    deliveries::stored,
    deliveries::updated,
    deliveries::duplicate,
    deliveries::rejected,
    deliveries::amount_stored,
    deliveries::amount_updated,
    deliveries::amount_duplicate,
    deliveries::amount_rejected,
);
const COUNT_COLUMNS: CountSelection = (
    deliveries::stored,
    deliveries::updated,
    deliveries::duplicate,
    deliveries::rejected,
    deliveries::amount_stored,
    deliveries::amount_updated,
    deliveries::amount_duplicate,
    deliveries::amount_rejected,
);

/// Whether the message was applied before.
pub(crate) fn is_delivered(connection: &mut DbConnection, message_id: &str) -> QueryResult<bool> {
    let found: Option<String> =
        deliveries::table.find(message_id).select(deliveries::message_id).first(connection).optional()?;
    Ok(found.is_some())
}

/// The ledger's counts for a message. An error if the message was not applied.
pub(crate) fn counts_of(connection: &mut DbConnection, message_id: &str) -> QueryResult<DeliveryCounts> {
    deliveries::table.find(message_id).select(COUNT_COLUMNS).first(connection).map(counts)
}

fn counts(columns: CountColumns) -> DeliveryCounts {
    let (stored, updated, duplicate, rejected, amount_stored, amount_updated, amount_duplicate, amount_rejected) =
        columns;
    DeliveryCounts {
        stored,
        updated,
        duplicate,
        rejected,
        amount_stored: Cents(amount_stored),
        amount_updated: Cents(amount_updated),
        amount_duplicate: Cents(amount_duplicate),
        amount_rejected: Cents(amount_rejected),
    }
}

fn record_counts(connection: &mut DbConnection, message: &Message, counts: &DeliveryCounts) -> QueryResult<()> {
    use deliveries::dsl;
    diesel::update(deliveries::table.find(message.message_id.to_string()))
        .set((
            dsl::kind.eq(message.body.kind().entry().code()),
            dsl::acted_by.eq(message.body.act().map(|act| act.by.as_str())),
            dsl::stored.eq(counts.stored),
            dsl::updated.eq(counts.updated),
            dsl::duplicate.eq(counts.duplicate),
            dsl::rejected.eq(counts.rejected),
            dsl::amount_stored.eq(counts.amount_stored.0),
            dsl::amount_updated.eq(counts.amount_updated.0),
            dsl::amount_duplicate.eq(counts.amount_duplicate.0),
            dsl::amount_rejected.eq(counts.amount_rejected.0),
        ))
        .execute(connection)?;
    Ok(())
}

/// A UTC instant in the databases' type.
fn stored_time(at: DateTime<Utc>) -> NaiveDateTime {
    at.naive_utc()
}
