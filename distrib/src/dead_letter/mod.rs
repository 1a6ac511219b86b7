//! Messages that could not be applied: retried with growing delays, then kept as dead letters.
//!
//! This module counts the attempts in our own database, because brokers count differently and some do not count at all. Once a
//! failure is recorded, the broker's copy is acknowledged. From then on the message exists only in this table, whichever queue it
//! came from.

mod acts;
mod reason;

use caudal_contract::message::{ImportId, MessageId};
use std::time::Duration;

use caudal_platform::database::DbConnection;
use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;

use crate::deliver::payload::parse;
use crate::schema::failed_messages;

pub(crate) use acts::apply_discard;
pub use acts::{ActRefused, discard, edit, retry};
pub use reason::Reason;

/// After this many attempts a message is a dead letter.
pub const MOST_ATTEMPTS: i64 = 12;
const LONGEST_DELAY: Duration = Duration::from_secs(15 * 60);
/// Each delay is randomly changed by up to this share, so that messages that failed together are not retried together.
const JITTER: f64 = 0.2;
/// If a worker dies during an attempt, the message is due again after this long.
const LEASE: Duration = Duration::from_secs(60);
/// If the database prevents an attempt, the message is due again after this long, or up to twice as long.
const PAUSE: Duration = Duration::from_secs(15);
/// How many due messages are read to claim one, because other workers may claim some of them first.
const CANDIDATES: i64 = 8;

/// A failed attempt at a message.
#[derive(Debug, Clone, Copy)]
pub struct Failure<'a> {
    /// The id of the message, or a hash of its bytes if it is unreadable.
    pub message_id: &'a str,
    /// The bytes as received.
    pub payload: &'a [u8],
    /// Why the attempt failed.
    pub reason: &'a Reason,
    /// Whether another attempt would fail in the same way.
    pub is_hopeless: bool,
    /// The import of the message, if it can be read.
    pub import_id: Option<ImportId>,
    /// The message that the rows were taken out of.
    pub part_of: Option<MessageId>,
}

/// A message that is due and claimed by a worker.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Waiting {
    /// The id of the message, or a hash of its bytes if it is unreadable.
    pub message_id: String,
    /// The bytes as received.
    pub payload: Vec<u8>,
    /// The message that the rows were taken out of.
    pub part_of: Option<String>,
    /// The person who discarded it, if anyone did.
    pub discarded_by: Option<String>,
    /// The import of the message, if it can be read.
    pub import_id: Option<String>,
    /// The number of attempts, the claimed one included.
    pub attempts: i64,
}

impl Waiting {
    /// Whether all attempts were begun and the last one never finished. The message may then be the cause of crashes.
    #[must_use]
    pub fn is_exhausted(&self) -> bool {
        self.attempts > MOST_ATTEMPTS
    }
}

/// The state of a failed message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryState {
    /// The message waits for its next attempt.
    Waiting,
    /// The message was given up.
    Dead,
}

/// The delay after this many attempts: 2 s, 4 s, 8 s … at most 15 minutes. [`record`] makes it up to a fifth shorter or longer.
#[must_use]
pub fn delay_after(attempts: i64) -> Duration {
    let doublings = u32::try_from(attempts.clamp(1, 20)).unwrap_or(20);
    Duration::from_secs(1 << doublings).min(LONGEST_DELAY)
}

fn jittered(delay: Duration) -> Duration {
    delay.mul_f64(rand::random_range(1.0 - JITTER..=1.0 + JITTER))
}

fn later(now: DateTime<Utc>, delay: Duration) -> chrono::NaiveDateTime {
    (now + TimeDelta::from_std(delay).unwrap_or_default()).naive_utc()
}

/// Records the first failed attempt at a message. Returns whether the message is now a dead letter.
///
/// # Errors
/// The database failed. Then the broker's copy must not be acknowledged, because it is the only one.
pub fn record(connection: &mut DbConnection, failure: &Failure<'_>, now: DateTime<Utc>) -> QueryResult<bool> {
    let own = failed_messages::table.filter(failed_messages::message_id.eq(failure.message_id));
    let counted: Option<i64> = own.select(failed_messages::attempts).first(connection).optional()?;
    let attempts = counted.unwrap_or(1);
    let dead = failure.is_hopeless || attempts >= MOST_ATTEMPTS;
    let state = (
        failed_messages::reason.eq(&failure.reason.detail),
        failed_messages::reason_code.eq(failure.reason.code.code()),
        failed_messages::last_failed_at.eq(now.naive_utc()),
        failed_messages::next_attempt_at.eq((!dead).then(|| later(now, jittered(delay_after(attempts))))),
    );
    if counted.is_some() {
        diesel::update(own).set(state).execute(connection)?;
    } else {
        diesel::insert_into(failed_messages::table)
            .values((
                state,
                failed_messages::message_id.eq(failure.message_id),
                failed_messages::payload.eq(failure.payload),
                failed_messages::attempts.eq(1),
                failed_messages::first_failed_at.eq(now.naive_utc()),
                failed_messages::import_uuid.eq(failure.import_id.map(|id| id.to_string())),
                failed_messages::part_of.eq(failure.part_of.map(|id| id.to_string())),
            ))
            .execute(connection)?;
    }
    Ok(dead)
}

/// Records that the attempt that [`claim_due`] counted has failed. Returns whether the message is now a dead letter, or `None` if
/// this worker no longer holds the claim because another worker has applied the message or claimed it again.
///
/// # Errors
/// The database failed. The attempt is made again when its lease ends.
pub fn record_again(
    connection: &mut DbConnection,
    waiting: &Waiting,
    reason: &Reason,
    is_hopeless: bool,
    now: DateTime<Utc>,
) -> QueryResult<Option<bool>> {
    let dead = is_hopeless || waiting.attempts >= MOST_ATTEMPTS;
    let recorded = diesel::update(claimed(waiting))
        .set((
            failed_messages::reason.eq(&reason.detail),
            failed_messages::reason_code.eq(reason.code.code()),
            failed_messages::last_failed_at.eq(now.naive_utc()),
            failed_messages::next_attempt_at.eq((!dead).then(|| later(now, jittered(delay_after(waiting.attempts))))),
        ))
        .execute(connection)?;
    Ok((recorded == 1).then_some(dead))
}

/// Selects a message only if it is unchanged since its claim.
#[diesel::dsl::auto_type]
fn claimed<'a>(waiting: &'a Waiting) -> _ {
    let id: &'a str = &waiting.message_id;
    let attempts: i64 = waiting.attempts;
    failed_messages::table.filter(
        failed_messages::message_id
            .eq(id)
            .and(failed_messages::attempts.eq(attempts))
            .and(failed_messages::next_attempt_at.is_not_null()),
    )
}

/// Claims the message that has been due for the longest. The claim counts the attempt at once, so that an attempt that kills its
/// worker counts too. The transaction of an attempt locks the message's row with its first statement ([`forget`]) until it ends.
/// A locked row is not claimed, even if its lease has ended, because the attempt may take longer than the lease.
///
/// # Errors
/// The database failed.
pub fn claim_due(connection: &mut DbConnection, now: DateTime<Utc>) -> QueryResult<Option<Waiting>> {
    macro_rules! due {
        () => {
            failed_messages::table
                .filter(failed_messages::next_attempt_at.le(now.naive_utc()))
                .order((failed_messages::next_attempt_at, failed_messages::id))
                .limit(CANDIDATES)
                .select((failed_messages::message_id, failed_messages::attempts))
        };
    }
    let due: Vec<(String, i64)> = match connection {
        // No row needs to be skipped, because an attempt holds SQLite's only write lock.
        DbConnection::Sqlite(connection) => due!().load(connection)?,
        DbConnection::Postgres(connection) => due!().for_update().skip_locked().load(connection)?,
    };
    for (message_id, attempts) in due {
        let own = failed_messages::table.filter(failed_messages::message_id.eq(&message_id));
        // If another worker claimed the message since, it raised the number of attempts, and this update changes nothing.
        let still_due = own.filter(failed_messages::attempts.eq(attempts));
        let lease = later(now, LEASE.max(delay_after(attempts)));
        let claimed = diesel::update(still_due.filter(failed_messages::next_attempt_at.le(now.naive_utc())))
            .set((failed_messages::attempts.eq(attempts + 1), failed_messages::next_attempt_at.eq(lease)))
            .execute(connection)?;
        if claimed == 1 {
            let columns = (
                failed_messages::message_id,
                failed_messages::payload,
                failed_messages::part_of,
                failed_messages::discarded_by,
                failed_messages::import_uuid,
                failed_messages::attempts,
            );
            return own.select(columns).first(connection).optional();
        }
    }
    Ok(None)
}

/// Takes back the claim of an attempt that was not made: it does not count, and the message is due after a short pause.
///
/// # Errors
/// The database failed. Then the attempt counts, and the next one is made when its lease ends.
pub fn give_back(connection: &mut DbConnection, waiting: &Waiting, now: DateTime<Utc>) -> QueryResult<()> {
    let pause = PAUSE.mul_f64(rand::random_range(1.0..=2.0));
    diesel::update(claimed(waiting))
        .set((
            failed_messages::attempts.eq(waiting.attempts - 1),
            failed_messages::next_attempt_at.eq(Some(later(now, pause))),
        ))
        .execute(connection)?;
    Ok(())
}

/// The state of a message that failed before. `None` if it never failed or was applied since.
///
/// # Errors
/// The database failed.
pub fn retry_state(connection: &mut DbConnection, message_id: &str) -> QueryResult<Option<RetryState>> {
    let next: Option<Option<chrono::NaiveDateTime>> = failed_messages::table
        .filter(failed_messages::message_id.eq(message_id))
        .select(failed_messages::next_attempt_at)
        .first(connection)
        .optional()?;
    Ok(next.map(retry_state_of))
}

/// The state of the rows that were taken out of a message: waiting if at least one row waits. `None` once all of them are
/// applied.
///
/// # Errors
/// The database failed.
pub fn retry_state_of_parts(connection: &mut DbConnection, message_id: &str) -> QueryResult<Option<RetryState>> {
    let parts: Vec<Option<chrono::NaiveDateTime>> = failed_messages::table
        .filter(failed_messages::part_of.eq(message_id))
        .select(failed_messages::next_attempt_at)
        .load(connection)?;
    let mut states = parts.into_iter().map(retry_state_of);
    let first = states.next();
    Ok(if states.any(|state| state == RetryState::Waiting) { Some(RetryState::Waiting) } else { first })
}

fn retry_state_of(next_attempt: Option<chrono::NaiveDateTime>) -> RetryState {
    if next_attempt.is_some() { RetryState::Waiting } else { RetryState::Dead }
}

/// Deletes the failed message in the transaction that applies it. It is the transaction's first change because that locks the
/// row.
///
/// # Errors
/// The database failed. Then the transaction must be rolled back.
pub fn forget(connection: &mut DbConnection, message_id: &str) -> QueryResult<()> {
    diesel::delete(failed_messages::table.filter(failed_messages::message_id.eq(message_id))).execute(connection)?;
    Ok(())
}

/// Whether a message is unreadable and names no import. Then nobody waits for a receipt, so it may be deleted.
#[must_use]
pub fn is_nonsense(payload: &[u8], import_id: Option<&str>) -> bool {
    import_id.is_none() && parse(payload).is_err()
}

/// The number of dead letters.
///
/// # Errors
/// The database failed.
pub fn count_dead(connection: &mut DbConnection) -> QueryResult<i64> {
    failed_messages::table.filter(failed_messages::next_attempt_at.is_null()).count().get_result(connection)
}

/// Whether two workers changed the same rows at once. The same work succeeds if it is repeated a moment later.
#[must_use]
pub fn is_conflict(error: &diesel::result::Error) -> bool {
    use diesel::result::DatabaseErrorKind as Kind;
    use diesel::result::Error;
    match error {
        Error::DatabaseError(Kind::SerializationFailure | Kind::UniqueViolation, _) => true,
        Error::DatabaseError(Kind::Unknown, information) => {
            ["deadlock", "could not serialize"].iter().any(|words| information.message().contains(words))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delay_doubles_up_to_a_quarter_of_an_hour() {
        let seconds: Vec<u64> = [1, 2, 3, 9, 10, 12, 99].map(|attempts| delay_after(attempts).as_secs()).into();
        assert_eq!(seconds, [2, 4, 8, 512, 900, 900, 900]);
    }
}
