//! One message: it is applied, waits for its next attempt, or becomes a dead letter.

use std::time::Duration;

use caudal_contract::message::{DeliveryCounts, ImportId, Message, MessageId, Receipt, VERSION, to_hex, wire};
use caudal_platform::database::{DatabaseError, DbConnection, is_infrastructure, write};
use caudal_platform::queue::DeliveryCount;
use chrono::{DateTime, Utc};
use diesel::QueryResult;
use diesel::connection::SimpleConnection;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::dead_letter::{self, Failure, Reason, RetryState, Waiting};
use crate::deliver::{self, DeliverError, deliver, guarded, parse};

/// How often a worker retries at once after a conflict with another worker, and the longest pause before each retry.
const MEETINGS: u64 = 5;
const LONGEST_MOMENT: Duration = Duration::from_millis(200);

/// Applies a message from the queue, as [`parse`] read its payload, or records why that fails. Returns the receipt once the
/// message needs no further attempt.
///
/// # Errors
/// If the database cannot be reached. Then nothing was changed, and no attempt is counted.
pub fn apply(
    connection: &mut DbConnection,
    payload: &[u8],
    message: Result<Message, DeliverError>,
    handed_out: DeliveryCount,
) -> Result<Option<Receipt>, DatabaseError> {
    let now = Utc::now();
    let message = match message {
        Ok(message) => message,
        Err(error) => return unreadable(connection, payload, &error, now),
    };
    let message_id = message.message_id.to_string();
    // The message was published again while it waits here. The table decides when it is tried.
    match dead_letter::retry_state(connection, &message_id)? {
        Some(RetryState::Waiting) => return Ok(None),
        Some(RetryState::Dead) => return Ok(Some(dead(message.message_id, message.import_id))),
        None => {}
    }
    if handed_out == DeliveryCount::TooOften && !deliver::is_delivered(connection, &message_id)? {
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

/// Applies messages that are handed out for the first time in one transaction, and returns the receipts of those that are done
/// for good. If one of them fails, nothing is changed and the result is `None`: the caller then applies each message by itself.
/// One transaction is faster because SQLite writes every changed page at commit, and the messages of one import change mostly the
/// same pages.
///
/// # Errors
/// If the database cannot be reached. Then nothing was changed.
pub fn apply_together(
    connection: &mut DbConnection,
    messages: impl Iterator<Item = Result<Message, DeliverError>>,
) -> Result<Option<Vec<Receipt>>, DatabaseError> {
    let now = Utc::now();
    let mut messages = messages.peekable();
    // Parses the first message before the transaction begins, because the transaction keeps other writers out.
    messages.peek();
    let applied = guarded_transaction(connection, |connection| {
        write(connection, |connection| {
            let (mut together, mut receipts) = (deliver::Together::default(), Vec::new());
            for message in messages {
                let message = message?;
                receipts.extend(match dead_letter::retry_state(connection, &message.message_id.to_string())? {
                    Some(RetryState::Waiting) => None,
                    Some(RetryState::Dead) => Some(dead(message.message_id, message.import_id)),
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
    match applied {
        Ok(receipts) => Ok(Some(receipts)),
        Err(DeliverError::Database(error)) if is_infrastructure(&error) => Err(error.into()),
        Err(error) => {
            tracing::debug!(%error, "messages could not be applied in one transaction; they are applied one by one");
            Ok(None)
        }
    }
}

/// Makes the next attempt at a message that failed before, or carries out a person's decision about it.
///
/// # Errors
/// If the database cannot be reached. The attempt is made again later.
pub fn apply_again(
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

/// Answers a message that used up its attempts without a result for the last one. It is neither parsed nor applied again: if an
/// earlier attempt did apply it, the message is answered, otherwise it is given up.
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

/// Applies a message as a whole, or else those of its rows that can be applied.
fn attempt(connection: &mut DbConnection, message: &Message, now: DateTime<Utc>) -> Result<Receipt, DeliverError> {
    let error = match with_patience(connection, |connection| deliver(connection, message, now)) {
        Err(DeliverError::Database(error)) if is_infrastructure(&error) => return Err(error.into()),
        Err(error) => error,
        applied => return applied,
    };
    match with_patience(connection, |connection| deliver::deliver_sound_rows(connection, message, now)) {
        Err(DeliverError::Database(error)) if is_infrastructure(&error) => Err(error.into()),
        // So many rows failed that the fault is not in single rows.
        Err(every_row @ DeliverError::EveryRow(_)) => Err(every_row),
        // Taking the message apart failed as well, so the error of the whole message is the one to report.
        Err(_) => Err(error),
        applied => {
            tracing::warn!(message.id = %message.message_id, %error, "some rows of a message could not be stored");
            applied
        }
    }
}

/// The receipt for the ledger entry that the message adds to.
fn answer_for(connection: &mut DbConnection, waiting: &Waiting) -> Result<Option<Receipt>, DatabaseError> {
    let Some(receipt) = dead_entry(waiting) else { return Ok(None) };
    Ok(answer(connection, Receipt { dead: false, ..receipt })?)
}

/// Completes the receipt, unless rows that were taken out of the message still wait.
fn answer(connection: &mut DbConnection, mut receipt: Receipt) -> QueryResult<Option<Receipt>> {
    let entry = receipt.message_id.to_string();
    match dead_letter::retry_state_of_parts(connection, &entry)? {
        // The counts are read now, because another worker may just have added the last of those rows.
        None => receipt.counts = deliver::counts_of(connection, &entry)?,
        Some(RetryState::Waiting) => return Ok(None),
        Some(RetryState::Dead) => (receipt.dead, receipt.counts) = (true, DeliveryCounts::default()),
    }
    Ok(Some(receipt))
}

/// Runs work, and repeats it after a short pause if another worker was changing the same rows.
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

/// Runs work, and rolls back the transaction if the work panics.
fn guarded_transaction<T>(
    connection: &mut DbConnection,
    work: impl FnOnce(&mut DbConnection) -> Result<T, DeliverError>,
) -> Result<T, DeliverError> {
    let outcome = guarded(|| work(connection));
    if let Err(DeliverError::Panicked(_)) = outcome {
        // The rollback fails if no transaction is open, which is fine.
        if let Err(error) = connection.batch_execute("ROLLBACK") {
            tracing::debug!(%error, "the rollback after a panic failed; probably no transaction was open");
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

/// The part of a message that every version has, even a newer one.
#[derive(Deserialize)]
struct Envelope {
    message_id: MessageId,
    import_id: ImportId,
}

/// Records an unreadable message as a dead letter. Its name is its id, or a hash of its bytes if the id cannot be read either.
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
    // A message that was given up before is not recorded again, it only needs its answer again.
    if dead_letter::retry_state(connection, &name)? != Some(RetryState::Dead) {
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

/// The receipt for the ledger entry that a message adds to. `None` if the ids cannot be read.
fn dead_entry(waiting: &Waiting) -> Option<Receipt> {
    let entry = waiting.part_of.as_ref().unwrap_or(&waiting.message_id);
    let import_id = waiting.import_id.as_ref()?;
    Some(dead(entry.parse().ok()?, import_id.parse().ok()?))
}

fn dead(message_id: MessageId, import_id: ImportId) -> Receipt {
    Receipt { version: VERSION, message_id, import_id, dead: true, counts: DeliveryCounts::default() }
}

#[cfg(test)]
mod tests;
