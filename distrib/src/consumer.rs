//! Takes messages from the queue and applies them.
//!
//! One step claims messages, delivers them, publishes the receipts and acknowledges last. After a crash between any two of these
//! the queue hands the messages out again. The second delivery is harmless because it finds the row that the first one left. If
//! the broker accepts no messages, the step acknowledges without the receipts, and ingest asks again.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::{Duration, Instant};

use caudal_contract::message::{Channel, DeliveryCounts, Message, Receipt};
use caudal_platform::database::{Database, DatabaseError, DatabaseUrl, DbConnection};
use caudal_platform::fault::{self, FailPoint};
use caudal_platform::pulse::Pulse;
use caudal_platform::queue::{CLAIM_BATCH, Claimed, DeliveryCount, Outgoing, Queue, QueueError};
use chrono::Utc;

use crate::apply::{apply, apply_again, apply_together};
use crate::dead_letter::{self, Waiting};
use crate::deliver::{DeliverError, parse};

/// Number of messages that are parsed ahead of their turn.
const READ_AHEAD: usize = 1;
/// Messages of the embedded queue that are applied in one transaction. A larger number writes the pages that all of them change
/// less often, but other writers wait longer.
const TOGETHER: u32 = 16;
/// How long a step claims messages. After that it still applies the messages that it already holds, at most two batches. A
/// process that is told to stop finishes its step first.
const STEP: Duration = Duration::from_secs(2);

/// Why a step failed. The queue hands out again everything that the step held.
#[derive(Debug, thiserror::Error)]
pub enum ConsumeError {
    /// The queue cannot be reached.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// The database cannot be reached.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The thread that delivers ended early.
    #[error("the delivering thread ended: {0}")]
    Thread(#[from] tokio::task::JoinError),
}

/// Handles the messages that wait now: those in the queue, and failed ones that are due for another attempt. Returns how many it
/// handled. While one batch is applied, the next one is claimed and the previous one is answered and acknowledged.
///
/// The pulse beats before each message.
///
/// # Errors
/// [`ConsumeError`] if the queue or the database cannot be reached. Such a failure does not count as an attempt.
pub async fn step(queue: &Queue, database: &Database, pulse: &Pulse) -> Result<usize, ConsumeError> {
    pulse.beat();
    // An error in the retries is kept for later, because it must not hold up the messages in the queue.
    let retried = retry_due(queue, database, pulse).await;
    let mut claimed = claim(queue, database).await?;
    if claimed.is_empty() {
        return retried;
    }
    let mut count = retried.unwrap_or_else(|error| {
        tracing::warn!(%error, "failed messages could not be tried again");
        0
    });
    let begun = Instant::now();
    let mut before = Applied::default();
    while !claimed.is_empty() {
        count += claimed.len();
        let current = Arc::clone(&claimed.messages);
        let (answered, receipts, next) = tokio::join!(
            answer(queue, before),
            apply_claimed(database, claimed, pulse),
            claim_next(queue, database, begun.elapsed() < STEP)
        );
        let receipts = match answered.and(receipts) {
            Ok(receipts) => receipts,
            Err(error) => {
                release(queue, current).await;
                release(queue, next.map(|next| next.messages).unwrap_or_default()).await;
                return Err(error);
            }
        };
        before = Applied { claimed: current, receipts };
        claimed = match next {
            Ok(next) => next,
            Err(error) => {
                answer(queue, before).await?;
                return Err(error.into());
            }
        };
    }
    answer(queue, before).await?;
    Ok(count)
}

/// Messages that this process holds. A second thread starts to parse them at once, up to [`READ_AHEAD`] ahead of their turn.
struct Held {
    /// Shared with the threads that use them, so that the messages can be released if such a thread dies.
    messages: Arc<Vec<Claimed>>,
    read: Receiver<Result<Message, DeliverError>>,
}

impl Held {
    fn new(messages: Arc<Vec<Claimed>>) -> Self {
        let (sender, read) = sync_channel(READ_AHEAD);
        // A message that was handed out before may have crashed its worker while it was parsed. Nothing is parsed ahead then,
        // because such a crash would also end the delivery of other messages.
        if !messages.is_empty() && all_new(&messages) {
            let unread = Arc::clone(&messages);
            // A thread of its own instead of one from the blocking pool: it waits for the pool's thread that applies the
            // messages.
            let reader = std::thread::Builder::new().name("read-ahead".to_owned()).spawn(move || {
                let mut read = unread.iter().map(|claimed| parse(&claimed.payload));
                // `send` fails if the receiver is gone because the database failed.
                while read.next().is_some_and(|message| sender.send(message).is_ok()) {}
            });
            if let Err(error) = reader {
                tracing::debug!(%error, "the read-ahead thread could not be started; each message is parsed in its turn");
            }
        }
        Self { messages, read }
    }

    fn len(&self) -> usize {
        self.messages.len()
    }

    fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }

    /// All messages in order. A message that was not parsed ahead is parsed here.
    fn read(&self) -> impl Iterator<Item = Result<Message, DeliverError>> {
        self.messages.iter().map(|claimed| self.read.recv().unwrap_or_else(|_| parse(&claimed.payload)))
    }
}

/// Whether every message is handed out for the first time.
fn all_new(claimed: &[Claimed]) -> bool {
    claimed.iter().all(|claimed| claimed.handed_out == DeliveryCount::First)
}

/// Messages that were applied or given up, and the receipts to publish for them.
#[derive(Default)]
struct Applied {
    claimed: Arc<Vec<Claimed>>,
    receipts: Vec<Receipt>,
}

async fn claim(queue: &Queue, database: &Database) -> Result<Held, QueueError> {
    let most = match (queue, database.url()) {
        (Queue::Embedded(_), DatabaseUrl::Sqlite(_)) => TOGETHER,
        // A broker hands out no more messages than a worker needs.
        _ => CLAIM_BATCH.into(),
    };
    Ok(Held::new(Arc::new(queue.claim(Channel::ProcessedData, most).await?)))
}

/// The messages after those that are being applied. Empty if the step is to end.
async fn claim_next(queue: &Queue, database: &Database, goes_on: bool) -> Result<Held, QueueError> {
    if goes_on { claim(queue, database).await } else { Ok(Held::new(Arc::default())) }
}

async fn apply_claimed(database: &Database, held: Held, pulse: &Pulse) -> Result<Vec<Receipt>, ConsumeError> {
    let (database, pulse) = (database.clone(), pulse.clone());
    Ok(tokio::task::spawn_blocking(move || apply_all(&database, held, &pulse)).await??)
}

/// Publishes the receipts, then acknowledges.
async fn answer(queue: &Queue, Applied { claimed, receipts }: Applied) -> Result<(), ConsumeError> {
    if claimed.is_empty() {
        return Ok(());
    }
    fault::point(FailPoint::AfterDeliverBeforeAck);
    let mut answered = match publish_receipts(queue, &receipts).await {
        // A full broker accepts nothing until messages are taken out of it, so waiting for the receipts would block the
        // acknowledgements that make room. Ingest publishes messages without a receipt again, and the delivery's row answers with
        // the first counts.
        Err(ConsumeError::Queue(QueueError::Blocked)) => {
            tracing::debug!(receipts = receipts.len(), "the broker accepts no receipts; acknowledged without them");
            Ok(())
        }
        published => published,
    };
    if answered.is_ok() {
        answered = queue.acknowledge(&claimed).await.map_err(ConsumeError::from);
    }
    if answered.is_err() {
        release(queue, claimed).await;
    } else {
        receipts.iter().for_each(tell);
    }
    answered
}

/// Writes one log line with the import's id for each message that had an effect, so that a file can be followed through the logs.
fn tell(receipt: &Receipt) {
    let Receipt { import_id, message_id, dead, counts, version: _ } = receipt;
    if *dead {
        tracing::error!(import.id = %import_id, message.id = %message_id, "a message could not be stored and became a dead letter");
    } else if *counts != DeliveryCounts::default() {
        tracing::info!(
            import.id = %import_id,
            message.id = %message_id,
            rows.stored = counts.stored,
            rows.updated = counts.updated,
            rows.duplicate = counts.duplicate,
            rows.rejected = counts.rejected,
            amount.stored = %counts.amount_stored,
            "delivered"
        );
    }
}

/// Makes up to [`CLAIM_BATCH`] due attempts at failed messages, and carries out the decisions about dead letters. Returns how many
/// messages it handled.
///
/// # Errors
/// [`ConsumeError`] if the queue or the database cannot be reached.
pub async fn retry_due(queue: &Queue, database: &Database, pulse: &Pulse) -> Result<usize, ConsumeError> {
    let (database, pulse) = (database.clone(), pulse.clone());
    let (outcome, receipts) = tokio::task::spawn_blocking(move || {
        let mut receipts = Vec::new();
        (try_due(&database, &mut receipts, &pulse), receipts)
    })
    .await?;
    // The receipts from before a failure are published too, because an applied message is not tried again.
    publish_receipts(queue, &receipts).await?;
    Ok(outcome?)
}

/// Handles due messages one after the other, so that a worker that dies costs only one message an attempt.
fn try_due(database: &Database, receipts: &mut Vec<Receipt>, pulse: &Pulse) -> Result<usize, DatabaseError> {
    let mut connection = database.get()?;
    for count in 0..CLAIM_BATCH.into() {
        pulse.beat();
        let now = Utc::now();
        let Some(waiting) = dead_letter::claim_due(&mut connection, now)? else { return Ok(count) };
        match apply_again(&mut connection, &waiting, now) {
            Ok(receipt) => receipts.extend(receipt),
            Err(error) => {
                // This connection may be the one that failed.
                drop(connection);
                give_back(database, &waiting);
                return Err(error);
            }
        }
    }
    Ok(CLAIM_BATCH.into())
}

/// Takes back an attempt that was not made because the database failed.
fn give_back(database: &Database, waiting: &Waiting) {
    let given =
        database.get().and_then(|mut connection| Ok(dead_letter::give_back(&mut connection, waiting, Utc::now())?));
    if let Err(error) = given {
        // The attempt then counts, and the message is due again when its lease ends.
        tracing::debug!(%error, "an attempt that was not made could not be uncounted, so it counts");
    }
}

/// Applies the messages and returns the receipts of those that need no further attempt.
fn apply_all(database: &Database, mut held: Held, pulse: &Pulse) -> Result<Vec<Receipt>, DatabaseError> {
    let mut connection = database.get()?;
    // PostgreSQL applies messages one by one, because workers would wait for the rollup rows of a long transaction. Messages that
    // were handed out before are applied one by one too: one may have ended its worker, and must not take the others with it.
    let together = matches!(&*connection, DbConnection::Sqlite(_)) && all_new(&held.messages);
    if together {
        if let Some(receipts) = apply_together(&mut connection, held.read().inspect(|_| pulse.beat()))? {
            return Ok(receipts);
        }
        held = Held::new(held.messages);
    }
    let applied = held
        .messages
        .iter()
        .zip(held.read())
        .inspect(|_| pulse.beat())
        .map(|(claimed, message)| apply(&mut connection, &claimed.payload, message, claimed.handed_out));
    applied.filter_map(Result::transpose).collect()
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

/// Returns messages to the queue after a failure that they did not cause. No other worker gets them while this process holds
/// them.
async fn release(queue: &Queue, claimed: Arc<Vec<Claimed>>) {
    // If the read-ahead thread still holds the `Arc`, this clones the messages.
    if let Err(error) = queue.release(Channel::ProcessedData, Arc::unwrap_or_clone(claimed)).await {
        // The queue hands the messages out again when their lease ends.
        tracing::debug!(%error, "messages could not be released to the queue; they return when their lease ends");
    }
}

#[cfg(test)]
mod tests {
    use caudal_contract::message::MessageId;
    use caudal_platform::testing::Backend;

    use super::*;

    /// Otherwise they would be acknowledged without having been applied.
    #[tokio::test]
    async fn messages_that_nobody_reads_ahead_are_not_passed_over() {
        let backend = Backend::new();
        let queue = backend.queue();
        let message = || Outgoing { message_id: MessageId::new(), payload: b"{}".to_vec() };
        queue.publish(Channel::ProcessedData, vec![message(), message()]).await.unwrap();
        let mut claimed = Vec::new();
        while claimed.len() < 2 {
            claimed.extend(queue.claim(Channel::ProcessedData, 2).await.unwrap());
        }
        let (sender, read) = sync_channel(1);
        sender.send(Err(DeliverError::UnknownVersion(7))).unwrap();
        drop(sender);
        let read: Vec<_> = Held { messages: Arc::new(claimed), read }.read().collect();
        assert!(matches!(read[..], [Err(DeliverError::UnknownVersion(7)), Err(DeliverError::Unreadable(_))]));
    }
}
