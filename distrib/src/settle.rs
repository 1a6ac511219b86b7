//! What becomes of one message: applied, waiting for its next attempt, or a dead letter.

use std::time::Duration;

use caudal_contract::message::{DeliveryCounts, Message, Receipt, VERSION, to_hex, wire};
use caudal_platform::database::{DatabaseError, DbConnection, is_infrastructure, write};
use caudal_platform::queue::HandedOut;
use chrono::{DateTime, Utc};
use diesel::QueryResult;
use diesel::connection::SimpleConnection;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::dead_letter::{self, Failure, Reason, Standing, Waiting};
use crate::deliver::{self, DeliverError, deliver, guarded, parse};

/// How often two workers that met at the same rows try again at once, and how long they wait at most before.
const MEETINGS: u64 = 5;
const LONGEST_MOMENT: Duration = Duration::from_millis(200);

/// Applies a message from the queue, as [`parse`] read its payload, or records why it cannot be. The receipt is there once it is
/// settled for good.
///
/// # Errors
/// When the database is away; then nothing was changed, and no attempt is counted.
pub fn settle(
    connection: &mut DbConnection,
    payload: &[u8],
    message: Result<Message, DeliverError>,
    handed_out: HandedOut,
) -> Result<Option<Receipt>, DatabaseError> {
    let now = Utc::now();
    let message = match message {
        Ok(message) => message,
        Err(error) => return unreadable(connection, payload, &error, now),
    };
    let message_id = message.message_id.to_string();
    // Published again while it waits here: the table decides when it is tried
    match dead_letter::standing(connection, &message_id)? {
        Some(Standing::Waiting) => return Ok(None),
        Some(Standing::Dead) => return Ok(Some(dead(message.message_id, message.import_id))),
        None => {}
    }
    if handed_out == HandedOut::TooOften && !deliver::is_delivered(connection, &message_id)? {
        fail(connection, &message, payload, &Reason::never_finished(), now)?;
        return Ok(None);
    }
    match attempt(connection, &message, now) {
        Ok(receipt) => Ok(answer(connection, receipt)?),
        Err(DeliverError::Database(error)) if is_infrastructure(&error) => Err(error.into()),
        Err(error) => {
            let is_dead = fail(connection, &message, payload, &Reason::from(&error), now)?;
            Ok(is_dead.then(|| dead(message.message_id, message.import_id)))
        }
    }
}

/// Applies messages that come for the first time in one transaction, and returns the receipts of those that are settled for good.
/// `None` where one of them fails: then nothing was changed, and each is to be settled by itself. SQLite writes every page
/// that a transaction changed at its commit, and messages of one import change much the same pages.
///
/// # Errors
/// When the database is away; then nothing was changed.
pub fn settle_together(
    connection: &mut DbConnection,
    messages: impl Iterator<Item = Result<Message, DeliverError>>,
) -> Result<Option<Vec<Receipt>>, DatabaseError> {
    let now = Utc::now();
    let mut messages = messages.peekable();
    // Others may write until the first one is read
    messages.peek();
    let settled = guarded_transaction(connection, |connection| {
        write(connection, |connection| {
            let (mut together, mut receipts) = (deliver::Together::default(), Vec::new());
            for message in messages {
                let message = message?;
                receipts.extend(match dead_letter::standing(connection, &message.message_id.to_string())? {
                    Some(Standing::Waiting) => None,
                    Some(Standing::Dead) => Some(dead(message.message_id, message.import_id)),
                    None => {
                        let receipt = together.deliver(connection, &message, now)?;
                        answer(connection, receipt)?
                    }
                });
            }
            together.finish(connection)?;
            Ok(receipts)
        })
    });
    match settled {
        Ok(receipts) => Ok(Some(receipts)),
        Err(DeliverError::Database(error)) if is_infrastructure(&error) => Err(error.into()),
        Err(error) => {
            tracing::debug!(%error, "messages are settled one by one");
            Ok(None)
        }
    }
}

/// Makes the next attempt at a message that failed before, or does what a person decided about it.
///
/// # Errors
/// When the database is away; the attempt is made again later.
pub fn settle_again(
    connection: &mut DbConnection,
    waiting: &Waiting,
    now: DateTime<Utc>,
) -> Result<Option<Receipt>, DatabaseError> {
    if waiting.is_exhausted() {
        return exhausted(connection, waiting, now);
    }
    let message = match parse(&waiting.payload) {
        Ok(message) => message,
        Err(error) => return give_up(connection, waiting, &Reason::from(&error), now),
    };
    let outcome = if waiting.discarded_by.is_some() {
        with_patience(connection, |connection| dead_letter::apply_discard(connection, waiting, &message, now))
    } else if let Some(part_of) = &waiting.part_of {
        with_patience(connection, |connection| deliver::deliver_part(connection, part_of, &message, now))
    } else {
        attempt(connection, &message, now).map(drop)
    };
    match outcome {
        Ok(()) => answer_for(connection, waiting),
        Err(DeliverError::Database(error)) if is_infrastructure(&error) => Err(error.into()),
        Err(error) => {
            let recorded = dead_letter::record_again(connection, waiting, &Reason::from(&error), false, now)?;
            tracing::warn!(
                message.id = %waiting.message_id, %error, dead = recorded == Some(true), "a message could not be applied"
            );
            Ok(if recorded == Some(true) { dead_entry(waiting) } else { None })
        }
    }
}

/// What becomes of a message whose last attempt was never finished, without looking into it: it was applied, or is given up.
fn exhausted(
    connection: &mut DbConnection,
    waiting: &Waiting,
    now: DateTime<Utc>,
) -> Result<Option<Receipt>, DatabaseError> {
    if waiting.part_of.is_none() && deliver::is_delivered(connection, &waiting.message_id)? {
        dead_letter::forget(connection, &waiting.message_id)?;
        return answer_for(connection, waiting);
    }
    give_up(connection, waiting, &Reason::never_finished(), now)
}

fn give_up(
    connection: &mut DbConnection,
    waiting: &Waiting,
    reason: &Reason,
    now: DateTime<Utc>,
) -> Result<Option<Receipt>, DatabaseError> {
    if dead_letter::record_again(connection, waiting, reason, true, now)?.is_none() {
        return Ok(None);
    }
    tracing::warn!(message.id = %waiting.message_id, reason = reason.detail, dead = true, "a message could not be applied");
    Ok(dead_entry(waiting))
}

/// Applies a message, or those of its rows that can be applied.
fn attempt(connection: &mut DbConnection, message: &Message, now: DateTime<Utc>) -> Result<Receipt, DeliverError> {
    let error = match with_patience(connection, |connection| deliver(connection, message, now)) {
        Err(DeliverError::Database(error)) if is_infrastructure(&error) => return Err(error.into()),
        Err(error) => error,
        applied => return applied,
    };
    match with_patience(connection, |connection| deliver::deliver_sound_rows(connection, message, now)) {
        Err(DeliverError::Database(error)) if is_infrastructure(&error) => Err(error.into()),
        // Then it is not the rows
        Err(every_row @ DeliverError::EveryRow(_)) => Err(every_row),
        // What the message as a whole failed for
        Err(_) => Err(error),
        applied => {
            tracing::warn!(message.id = %message.message_id, %error, "some rows of a message could not be stored");
            applied
        }
    }
}

/// The receipt for the entry of the ledger that a message adds to.
fn answer_for(connection: &mut DbConnection, waiting: &Waiting) -> Result<Option<Receipt>, DatabaseError> {
    let Some(receipt) = dead_entry(waiting) else { return Ok(None) };
    Ok(answer(connection, Receipt { dead: false, ..receipt })?)
}

/// The receipt, unless rows that were taken out of the message still wait.
fn answer(connection: &mut DbConnection, mut receipt: Receipt) -> QueryResult<Option<Receipt>> {
    let entry = receipt.message_id.to_string();
    match dead_letter::standing_of_parts(connection, &entry)? {
        // Read now: another worker may just have added the last of them
        None => receipt.counts = deliver::counts_of(connection, &entry)?,
        Some(Standing::Waiting) => return Ok(None),
        Some(Standing::Dead) => (receipt.dead, receipt.counts) = (true, DeliveryCounts::default()),
    }
    Ok(Some(receipt))
}

/// Runs work, and again a moment later where another worker was at the same rows.
fn with_patience<T>(
    connection: &mut DbConnection,
    mut work: impl FnMut(&mut DbConnection) -> Result<T, DeliverError>,
) -> Result<T, DeliverError> {
    let mut meetings = 0;
    loop {
        let outcome = guarded_transaction(connection, &mut work);
        match &outcome {
            Err(DeliverError::Database(error)) if dead_letter::is_conflict(error) && meetings < MEETINGS => {
                meetings += 1;
                std::thread::sleep(LONGEST_MOMENT.mul_f64(rand::random::<f64>()));
            }
            _ => return outcome,
        }
    }
}

/// Runs work whose panic leaves no transaction open.
fn guarded_transaction<T>(
    connection: &mut DbConnection,
    work: impl FnOnce(&mut DbConnection) -> Result<T, DeliverError>,
) -> Result<T, DeliverError> {
    let outcome = guarded(|| work(connection));
    if let Err(DeliverError::Panicked(_)) = outcome {
        // Where none is open this fails, and that is fine
        if let Err(error) = connection.batch_execute("ROLLBACK") {
            tracing::debug!(%error, "rollback after a panic");
        }
    }
    outcome
}

fn fail(
    connection: &mut DbConnection,
    message: &Message,
    payload: &[u8],
    reason: &Reason,
    now: DateTime<Utc>,
) -> Result<bool, DatabaseError> {
    let message_id = message.message_id.to_string();
    let failure = Failure {
        message_id: &message_id,
        payload,
        reason,
        is_hopeless: false,
        import_id: Some(message.import_id),
        part_of: None,
    };
    let is_dead = dead_letter::record(connection, &failure, now)?;
    tracing::warn!(message.id = %message_id, reason = reason.detail, dead = is_dead, "a message could not be applied");
    Ok(is_dead)
}

/// As much of a message as even a newer version must have.
#[derive(Deserialize)]
struct Envelope {
    message_id: Uuid,
    import_id: Uuid,
}

/// Names of a message that cannot be read: its id if that much is readable, else a hash of its bytes.
fn unreadable(
    connection: &mut DbConnection,
    payload: &[u8],
    error: &DeliverError,
    now: DateTime<Utc>,
) -> Result<Option<Receipt>, DatabaseError> {
    let envelope = || Ok(wire::json_of(payload).ok().and_then(|json| serde_json::from_slice(&json).ok()));
    let envelope: Option<Envelope> = guarded(envelope).ok().flatten();
    let name = envelope.as_ref().map_or_else(
        || format!("sha256:{}", to_hex(&Sha256::digest(payload))),
        |envelope| envelope.message_id.to_string(),
    );
    // One that was given up before only wants its answer again
    if dead_letter::standing(connection, &name)? != Some(Standing::Dead) {
        let failure = Failure {
            message_id: &name,
            payload,
            reason: &Reason::from(error),
            is_hopeless: true,
            import_id: envelope.as_ref().map(|envelope| envelope.import_id),
            part_of: None,
        };
        dead_letter::record(connection, &failure, now)?;
        tracing::warn!(message.id = %name, %error, "a message cannot be read");
    }
    Ok(envelope.map(|envelope| dead(envelope.message_id, envelope.import_id)))
}

/// The receipt for the entry of the ledger that a message adds to, where its names can be read.
fn dead_entry(waiting: &Waiting) -> Option<Receipt> {
    let entry = waiting.part_of.as_ref().unwrap_or(&waiting.message_id);
    let import_id = waiting.import_id.as_ref()?;
    Some(dead(entry.parse().ok()?, import_id.parse().ok()?))
}

fn dead(message_id: Uuid, import_id: Uuid) -> Receipt {
    Receipt { version: VERSION, message_id, import_id, dead: true, counts: DeliveryCounts::default() }
}

#[cfg(test)]
mod tests;
