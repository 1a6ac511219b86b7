//! Messages that could not be applied: tried again with growing delays, then kept as dead letters.
//!
//! The attempts are counted here, in our own database, and not by the broker: brokers count differently, and some not at
//! all. Once a failure is recorded the broker's copy is acknowledged; from then on the message lives in this table, whichever
//! queue it came from.

mod acts;
mod reason;

use std::time::Duration;

use caudal_platform::database::DbConnection;
use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use uuid::Uuid;

use crate::deliver;
use crate::schema::failed_messages;

pub(crate) use acts::apply_discard;
pub use acts::{ActRefused, discard, edit, retry};
pub use reason::Reason;

/// After so many attempts a message is a dead letter.
pub const MOST_ATTEMPTS: i64 = 12;
const LONGEST_DELAY: Duration = Duration::from_secs(15 * 60);
/// A delay is shorter or longer by up to this share: messages that failed together need not be tried together.
const JITTER: f64 = 0.2;
/// An attempt whose worker dies is made again after this long.
const LEASE: Duration = Duration::from_secs(60);
/// An attempt that the database did not let us make is made after this long, or up to twice as long.
const PAUSE: Duration = Duration::from_secs(15);
/// Messages looked at to claim one: other workers may be faster with some.
const CANDIDATES: i64 = 8;

/// A failed attempt at a message.
#[derive(Debug, Clone, Copy)]
pub struct Failure<'a> {
    /// Its name, or a hash of its bytes where it cannot be read.
    pub message_id: &'a str,
    /// As it came.
    pub payload: &'a [u8],
    /// Why.
    pub reason: &'a Reason,
    /// Whether another attempt would end the same.
    pub is_hopeless: bool,
    /// The import it belongs to, where that can be read.
    pub import_id: Option<Uuid>,
    /// The message that the row was taken out of.
    pub part_of: Option<Uuid>,
}

/// A message whose next attempt is due, held by whoever claimed it.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Waiting {
    /// Its name.
    pub message_id: String,
    /// As it came.
    pub payload: Vec<u8>,
    /// The message that the row was taken out of.
    pub part_of: Option<String>,
    /// Who discarded it, where somebody did.
    pub discarded_by: Option<String>,
    /// The import it belongs to, where that can be read.
    pub import_id: Option<String>,
    /// Attempts, with the one that this claim is for.
    pub attempts: i64,
}

impl Waiting {
    /// Whether all its attempts were begun and the last was never finished: it may be what ends the workers.
    #[must_use]
    pub fn is_exhausted(&self) -> bool {
        self.attempts > MOST_ATTEMPTS
    }
}

/// Where a failed message stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It waits for its next attempt.
    Waiting,
    /// It was given up.
    Dead,
}

/// How long to wait after so many attempts: 2 s, 4 s, 8 s … at most 15 minutes; what [`record`] notes is up to a fifth shorter or
/// longer.
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
/// What the database says; then the broker's copy must not be acknowledged.
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

/// Records that the attempt which [`claim_due`] has counted failed as well. Returns whether the message is now a dead letter;
/// `None` where it is not ours any more: another worker has applied it, or is at it.
///
/// # Errors
/// What the database says; the attempt is made again when its lease ends.
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

/// A message as its claim left it.
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

/// Claims the message whose next attempt has been due for the longest, and counts the attempt: one that ends its worker is
/// counted too. Whoever makes an attempt holds the message's row until its transaction ends ([`forget`] comes first in it), and a
/// row that is held is not claimed, also when its lease has ended: an attempt may take longer.
///
/// # Errors
/// What the database says.
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
        // An attempt holds the only lock for writing
        DbConnection::Sqlite(connection) => due!().load(connection)?,
        DbConnection::Postgres(connection) => due!().for_update().skip_locked().load(connection)?,
    };
    for (message_id, attempts) in due {
        let own = failed_messages::table.filter(failed_messages::message_id.eq(&message_id));
        // Another worker that claimed it has counted an attempt
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

/// Takes back an attempt that was not made: it does not count, and is due in a moment.
///
/// # Errors
/// What the database says; then the attempt counts, and the next one is made when its lease ends.
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

/// Where a message stands that failed before; `None` for one that did not, or was applied since.
///
/// # Errors
/// What the database says.
pub fn standing(connection: &mut DbConnection, message_id: &str) -> QueryResult<Option<Standing>> {
    let next: Option<Option<chrono::NaiveDateTime>> = failed_messages::table
        .filter(failed_messages::message_id.eq(message_id))
        .select(failed_messages::next_attempt_at)
        .first(connection)
        .optional()?;
    Ok(next.map(standing_of))
}

/// Where the rows stand that were taken out of a message: waiting while one of them waits; `None` once all are applied.
///
/// # Errors
/// What the database says.
pub fn standing_of_parts(connection: &mut DbConnection, message_id: &str) -> QueryResult<Option<Standing>> {
    let parts: Vec<Option<chrono::NaiveDateTime>> = failed_messages::table
        .filter(failed_messages::part_of.eq(message_id))
        .select(failed_messages::next_attempt_at)
        .load(connection)?;
    let mut standings = parts.into_iter().map(standing_of);
    let first = standings.next();
    Ok(if standings.any(|standing| standing == Standing::Waiting) { Some(Standing::Waiting) } else { first })
}

fn standing_of(next_attempt: Option<chrono::NaiveDateTime>) -> Standing {
    if next_attempt.is_some() { Standing::Waiting } else { Standing::Dead }
}

/// Forgets a failed message, in the transaction that applies it: as its first change, so that the message's row is held.
///
/// # Errors
/// What the database says; then the transaction is to be rolled back.
pub fn forget(connection: &mut DbConnection, message_id: &str) -> QueryResult<()> {
    diesel::delete(failed_messages::table.filter(failed_messages::message_id.eq(message_id))).execute(connection)?;
    Ok(())
}

/// Whether a message cannot be read and names no import: then nobody waits for an answer, and it may be forgotten.
#[must_use]
pub fn is_nonsense(payload: &[u8], import_id: Option<&str>) -> bool {
    import_id.is_none() && deliver::parse(payload).is_err()
}

/// How many dead letters there are.
///
/// # Errors
/// What the database says.
pub fn count_dead(connection: &mut DbConnection) -> QueryResult<i64> {
    failed_messages::table.filter(failed_messages::next_attempt_at.is_null()).count().get_result(connection)
}

/// Whether two workers met at the same rows: the same again, a moment later, ends well.
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
