//! Takes messages from the queue and has them applied.
//!
//! One step: claim, deliver each (its own transaction), publish the receipts, acknowledge last. A crash between any two
//! of these brings the messages again, and the delivery's row makes the second time harmless.

use caudal_shared::database::{Database, DatabaseError, Lent};
use caudal_shared::fault::{self, FailPoint};
use caudal_shared::message::{Channel, DeliveryCounts, Receipt, VERSION};
use caudal_shared::queue::{Claimed, Outgoing, Queue, QueueError};
use chrono::Utc;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::dead_letter;
use crate::deliver::{DeliverError, deliver, parse};

/// Messages claimed at once.
const CLAIM: u32 = 8;

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
    let retried = retry_due(queue, database).await?;
    let claimed = queue.claim(Channel::ProcessedData, CLAIM).await?;
    if claimed.is_empty() {
        return Ok(retried);
    }
    let payloads: Vec<Vec<u8>> = claimed.iter().map(|message| message.payload.clone()).collect();
    let receipts = settle_all(database, payloads).await;
    let receipts = match receipts {
        Ok(receipts) => receipts,
        Err(error) => {
            release(queue, claimed).await;
            return Err(error);
        }
    };
    fault::point(FailPoint::AfterDeliverBeforeAck);
    publish_receipts(queue, &receipts).await?;
    queue.acknowledge(&claimed).await?;
    Ok(claimed.len() + retried)
}

async fn retry_due(queue: &Queue, database: &Database) -> Result<usize, ConsumeError> {
    let lender = database.clone();
    let due = tokio::task::spawn_blocking(move || -> Result<_, DatabaseError> {
        Ok(dead_letter::due(&mut *lender.get()?, Utc::now(), i64::from(CLAIM))?)
    })
    .await??;
    if due.is_empty() {
        return Ok(0);
    }
    let receipts = settle_all(database, due.iter().map(|waiting| waiting.payload.clone()).collect()).await?;
    publish_receipts(queue, &receipts).await?;
    Ok(due.len())
}

/// Delivers each payload or records its failure; the receipts are those of the messages that are settled for good.
async fn settle_all(database: &Database, payloads: Vec<Vec<u8>>) -> Result<Vec<Receipt>, ConsumeError> {
    let database = database.clone();
    tokio::task::spawn_blocking(move || {
        let mut connection = database.get()?;
        let mut receipts = Vec::with_capacity(payloads.len());
        for payload in payloads {
            receipts.extend(settle(&mut connection, &payload)?);
        }
        Ok(receipts)
    })
    .await?
}

fn settle(connection: &mut Lent, payload: &[u8]) -> Result<Option<Receipt>, DatabaseError> {
    let now = Utc::now();
    let error = match parse(payload).and_then(|message| deliver(connection, &message, now)) {
        Ok(receipt) => {
            dead_letter::forget(connection, &receipt.message_id.to_string())?;
            return Ok(Some(receipt));
        }
        Err(DeliverError::Database(error)) if is_infrastructure(&error) => return Err(error.into()),
        Err(error) => error,
    };
    // Names of a message that cannot be read: its id if that much is readable, else a hash of its bytes
    let envelope: Option<Envelope> = serde_json::from_slice(payload).ok();
    let name = envelope.as_ref().map_or_else(|| name_of(payload), |envelope| envelope.message_id.to_string());
    let hopeless = matches!(error, DeliverError::Unreadable(_));
    let dead = dead_letter::record_failure(connection, &name, payload, &error.to_string(), hopeless, now)?;
    tracing::warn!(message.id = %name, %error, dead, "a message could not be applied");
    Ok(envelope.filter(|_| dead).map(|envelope| Receipt {
        version: VERSION,
        message_id: envelope.message_id,
        import_id: envelope.import_id,
        dead: true,
        counts: DeliveryCounts::default(),
    }))
}

/// As much of a message as even a newer version must have.
#[derive(Deserialize)]
struct Envelope {
    message_id: Uuid,
    import_id: Uuid,
}

fn name_of(payload: &[u8]) -> String {
    format!("sha256:{}", caudal_shared::message::to_hex(&Sha256::digest(payload)))
}

/// Whether the failure says nothing about the message: the database is away, locked or full.
fn is_infrastructure(error: &diesel::result::Error) -> bool {
    use diesel::result::DatabaseErrorKind as Kind;
    use diesel::result::Error;
    match error {
        Error::DatabaseError(Kind::ClosedConnection | Kind::SerializationFailure | Kind::UnableToSendCommand, _) => {
            true
        }
        Error::DatabaseError(Kind::Unknown, information) => {
            let message = information.message();
            ["locked", "busy", "full", "disk I/O", "deadlock", "timeout"].iter().any(|word| message.contains(word))
        }
        Error::BrokenTransactionManager => true,
        _ => false,
    }
}

async fn publish_receipts(queue: &Queue, receipts: &[Receipt]) -> Result<(), ConsumeError> {
    let outgoing = receipts
        .iter()
        .filter_map(|receipt| {
            let payload = serde_json::to_vec(receipt).ok()?;
            Some(Outgoing { message_id: receipt.message_id, payload })
        })
        .collect();
    Ok(queue.publish(Channel::Receipts, outgoing).await?)
}

async fn release(queue: &Queue, claimed: Vec<Claimed>) {
    if let Err(error) = queue.release(Channel::ProcessedData, claimed).await {
        // They come back when their lease ends
        tracing::debug!(%error, "release");
    }
}
