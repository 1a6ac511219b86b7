//! Takes messages from the queue and has them applied.
//!
//! One step: claim, deliver, publish the receipts, acknowledge last. A crash between any two of these brings the messages
//! again, and the delivery's row makes the second time harmless.

use std::sync::Arc;
use std::sync::mpsc::{IntoIter, sync_channel};
use std::thread;

use caudal_shared::database::{Database, DatabaseError, DbConnection};
use caudal_shared::fault::{self, FailPoint};
use caudal_shared::message::{Channel, Message, Receipt};
use caudal_shared::queue::{A_WORKER, Claimed, HandedOut, Outgoing, Queue, QueueError};
use chrono::Utc;

use crate::dead_letter::{self, Waiting};
use crate::deliver::{DeliverError, parse};
use crate::settle::{settle, settle_again, settle_together};

/// Messages that are read before their turn.
const READ_AHEAD: usize = 1;

/// Why a step failed; everything it held comes again.
#[derive(Debug, thiserror::Error)]
pub enum ConsumeError {
    /// The queue is away.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// The database is away.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The thread that delivers ended early.
    #[error("the delivering thread ended: {0}")]
    Thread(#[from] tokio::task::JoinError),
}

/// Takes care of the messages that wait now, those of the queue and failed ones whose next attempt is due, and returns how
/// many those were.
///
/// # Errors
/// [`ConsumeError`] when the queue or the database is away; no attempt is counted then.
pub async fn step(queue: &Queue, database: &Database) -> Result<usize, ConsumeError> {
    // What keeps failed messages from being tried must not keep the others waiting
    let retried = retry_due(queue, database).await;
    let claimed = queue.claim(Channel::ProcessedData, A_WORKER.into()).await?;
    if claimed.is_empty() {
        return retried;
    }
    let retried = retried.unwrap_or_else(|error| {
        tracing::warn!(%error, "failed messages could not be tried again");
        0
    });
    // Shared, so that they are not lost with the thread
    let claimed = Arc::new(claimed);
    if let Err(error) = settle_and_answer(queue, database, &claimed).await {
        release(queue, claimed).await;
        return Err(error);
    }
    Ok(claimed.len() + retried)
}

async fn settle_and_answer(
    queue: &Queue,
    database: &Database,
    claimed: &Arc<Vec<Claimed>>,
) -> Result<(), ConsumeError> {
    let (lender, borrowed) = (database.clone(), Arc::clone(claimed));
    let receipts = tokio::task::spawn_blocking(move || settle_all(&lender, &borrowed)).await??;
    fault::point(FailPoint::AfterDeliverBeforeAck);
    publish_receipts(queue, &receipts).await?;
    Ok(queue.acknowledge(claimed).await?)
}

/// Makes the attempts at failed messages that are due, some at a time, and does what people decided about dead letters. Returns how
/// many those were.
///
/// # Errors
/// [`ConsumeError`] when the queue or the database is away.
pub async fn retry_due(queue: &Queue, database: &Database) -> Result<usize, ConsumeError> {
    let database = database.clone();
    let (outcome, receipts) = tokio::task::spawn_blocking(move || {
        let mut receipts = Vec::new();
        (try_due(&database, &mut receipts), receipts)
    })
    .await?;
    // Also those from before a failure: what is settled is not tried again
    publish_receipts(queue, &receipts).await?;
    Ok(outcome?)
}

/// One after the other, for a worker's end must be counted as one message's attempt only.
fn try_due(database: &Database, receipts: &mut Vec<Receipt>) -> Result<usize, DatabaseError> {
    let mut connection = database.get()?;
    for count in 0..A_WORKER.into() {
        let now = Utc::now();
        let Some(waiting) = dead_letter::claim_due(&mut connection, now)? else { return Ok(count) };
        match settle_again(&mut connection, &waiting, now) {
            Ok(receipt) => receipts.extend(receipt),
            Err(error) => {
                // This connection may be what failed
                drop(connection);
                give_back(database, &waiting);
                return Err(error);
            }
        }
    }
    Ok(A_WORKER.into())
}

/// Takes back the attempt that the database did not let us make.
fn give_back(database: &Database, waiting: &Waiting) {
    let given =
        database.get().and_then(|mut connection| Ok(dead_letter::give_back(&mut connection, waiting, Utc::now())?));
    if let Err(error) = given {
        // Then this one attempt counts, and its lease ends in a while
        tracing::debug!(%error, "give back");
    }
}

/// The receipts of the messages that are settled for good.
fn settle_all(database: &Database, claimed: &[Claimed]) -> Result<Vec<Receipt>, DatabaseError> {
    let mut connection = database.get()?;
    // Not on PostgreSQL, where workers wait for each other's rollups. Not what came before either: one of them may be what ended
    // its worker, and must not take the others with it again
    let together = matches!(&*connection, DbConnection::Sqlite(_))
        && claimed.iter().all(|claimed| claimed.handed_out == HandedOut::First);
    if together && let Some(receipts) = reading_ahead(claimed, |messages| settle_together(&mut connection, messages))? {
        return Ok(receipts);
    }
    reading_ahead(claimed, |messages| {
        let settled = claimed
            .iter()
            .zip(messages)
            .map(|(claimed, message)| settle(&mut connection, &claimed.payload, message, claimed.handed_out));
        settled.filter_map(Result::transpose).collect()
    })
}

/// Each message is read by another thread while the one before is applied.
fn reading_ahead<T>(claimed: &[Claimed], apply: impl FnOnce(IntoIter<Result<Message, DeliverError>>) -> T) -> T {
    thread::scope(|scope| {
        let (sender, messages) = sync_channel(READ_AHEAD);
        scope.spawn(move || {
            let mut read = claimed.iter().map(|claimed| parse(&claimed.payload));
            // Nobody listens any more where the database failed
            while read.next().is_some_and(|message| sender.send(message).is_ok()) {}
        });
        apply(messages.into_iter())
    })
}

async fn publish_receipts(queue: &Queue, receipts: &[Receipt]) -> Result<(), ConsumeError> {
    if receipts.is_empty() {
        return Ok(());
    }
    let outgoing = receipts
        .iter()
        .filter_map(|receipt| {
            let payload = serde_json::to_vec(receipt).ok()?;
            Some(Outgoing { message_id: receipt.message_id, payload })
        })
        .collect();
    Ok(queue.publish(Channel::Receipts, outgoing).await?)
}

/// Gives messages back after a failure that was not theirs: nobody else gets them while this process holds them.
async fn release(queue: &Queue, claimed: Arc<Vec<Claimed>>) {
    let Some(claimed) = Arc::into_inner(claimed) else { return };
    if let Err(error) = queue.release(Channel::ProcessedData, claimed).await {
        // They come back when their lease ends
        tracing::debug!(%error, "release");
    }
}
