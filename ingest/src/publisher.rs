//! Brings the outbox to the queue, and takes the receipts that come back.
//!
//! A message is marked as published only after the queue has it, so a crash between publishes it twice; it leaves the
//! outbox only when distrib has answered for it, so a queue that lost everything can be filled again.

use caudal_shared::database::{Database, DatabaseError, DbConnection, write};
use caudal_shared::fault::{self, FailPoint};
use caudal_shared::message::{Channel, Receipt};
use caudal_shared::queue::{Outgoing, Queue, QueueError};
use chrono::Utc;
use diesel::prelude::*;
use uuid::Uuid;

use crate::schema::{imports, outbox};

/// Messages published at once.
const PUBLISH: i64 = 16;
/// Receipts taken at once.
const CLAIM: u32 = 64;

/// Why a step failed; nothing was lost, the next step tries again.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// The queue is away.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// The database is away.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The thread that talks to the database ended early.
    #[error("the publisher's thread ended: {0}")]
    Thread(#[from] tokio::task::JoinError),
}

/// Publishes the oldest messages that were not published yet and returns how many those were.
///
/// # Errors
/// [`PublishError`] when the queue or the database is away.
pub async fn publish_step(queue: &Queue, database: &Database) -> Result<usize, PublishError> {
    let lender = database.clone();
    let waiting = tokio::task::spawn_blocking(move || unpublished(&mut *lender.get()?)).await??;
    if waiting.is_empty() {
        return Ok(0);
    }
    let (ids, messages): (Vec<i64>, Vec<Outgoing>) = waiting.into_iter().unzip();
    let count = ids.len();
    queue.publish(Channel::ProcessedData, messages).await?;
    fault::point(FailPoint::AfterPublishBeforeMark);
    let lender = database.clone();
    tokio::task::spawn_blocking(move || mark_published(&mut *lender.get()?, &ids)).await??;
    Ok(count)
}

fn unpublished(connection: &mut DbConnection) -> Result<Vec<(i64, Outgoing)>, DatabaseError> {
    let rows = outbox::table
        .filter(outbox::published_at.is_null())
        .order(outbox::id)
        .limit(PUBLISH)
        .select((outbox::id, outbox::message_id, outbox::payload))
        .load::<(i64, String, Vec<u8>)>(connection)?;
    Ok(rows
        .into_iter()
        .map(|(id, message_id, payload)| {
            // Ids are written by staging; a name that is none would be a foreign row and gets a new one
            let message_id = message_id.parse().unwrap_or_else(|_| Uuid::now_v7());
            (id, Outgoing { message_id, payload })
        })
        .collect())
}

fn mark_published(connection: &mut DbConnection, ids: &[i64]) -> Result<(), DatabaseError> {
    let now = Utc::now().naive_utc();
    write(connection, |connection| {
        for id in ids {
            diesel::update(outbox::table.find(id)).set(outbox::published_at.eq(now)).execute(connection)?;
        }
        Ok(())
    })
}

/// Takes the receipts that wait, settles their messages, and returns how many those were.
///
/// # Errors
/// [`PublishError`] when the queue or the database is away.
pub async fn receipts_step(queue: &Queue, database: &Database) -> Result<usize, PublishError> {
    let claimed = queue.claim(Channel::Receipts, CLAIM).await?;
    if claimed.is_empty() {
        return Ok(0);
    }
    let receipts: Vec<Receipt> = claimed
        .iter()
        .filter_map(|message| {
            serde_json::from_slice(&message.payload)
                .inspect_err(|error| tracing::error!(%error, "a receipt cannot be read and is dropped"))
                .ok()
        })
        .collect();
    let lender = database.clone();
    tokio::task::spawn_blocking(move || settle(&mut *lender.get()?, &receipts)).await??;
    queue.acknowledge(&claimed).await?;
    Ok(claimed.len())
}

/// Counts each receipt once: its outbox row is there only the first time.
fn settle(connection: &mut DbConnection, receipts: &[Receipt]) -> Result<(), DatabaseError> {
    write(connection, |connection| {
        for receipt in receipts {
            let message_id = receipt.message_id.to_string();
            let gone = diesel::delete(outbox::table.filter(outbox::message_id.eq(&message_id))).execute(connection)?;
            if gone == 0 {
                continue;
            }
            let counts = receipt.counts;
            diesel::update(imports::table.find(receipt.import_id.to_string()))
                .set((
                    imports::messages_settled.eq(imports::messages_settled + 1),
                    imports::messages_dead.eq(imports::messages_dead + i64::from(receipt.dead)),
                    imports::stored.eq(imports::stored + counts.stored),
                    imports::updated.eq(imports::updated + counts.updated),
                    imports::duplicate.eq(imports::duplicate + counts.duplicate),
                    imports::rejected.eq(imports::rejected + counts.rejected),
                ))
                .execute(connection)?;
        }
        Ok(())
    })
}
