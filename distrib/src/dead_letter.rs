//! Messages that could not be applied: tried again with growing delays, then kept as dead letters.
//!
//! The attempts are counted here, in our own database, and not by the broker: brokers count differently, and some not at
//! all. Once a failure is recorded the broker's copy is acknowledged; from then on the message lives in this table.

use std::time::Duration;

use caudal_shared::database::{DbConnection, write};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Binary, Nullable, Text, Timestamp};

use crate::schema::failed_messages;

/// After so many attempts a message is a dead letter.
pub const MOST_ATTEMPTS: i64 = 12;
const LONGEST_DELAY: Duration = Duration::from_secs(15 * 60);

/// A message that waits for its next attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// Its name.
    pub message_id: String,
    /// As it came.
    pub payload: Vec<u8>,
    /// Attempts so far.
    pub attempts: i64,
}

/// How long to wait after so many attempts: 2 s, 4 s, 8 s … at most 15 minutes.
#[must_use]
pub fn delay_after(attempts: i64) -> Duration {
    let doublings = u32::try_from(attempts.clamp(1, 20)).unwrap_or(20);
    Duration::from_secs(1 << doublings).min(LONGEST_DELAY)
}

/// Records a failed attempt. Returns whether the message is now a dead letter; `hopeless` makes it one at once.
///
/// # Errors
/// What the database says; then the broker's copy must not be acknowledged.
pub fn record_failure(
    connection: &mut DbConnection,
    message_id: &str,
    payload: &[u8],
    reason: &str,
    hopeless: bool,
    now: DateTime<Utc>,
) -> QueryResult<bool> {
    write(connection, |connection| {
        let before = failed_messages::table
            .filter(failed_messages::message_id.eq(message_id))
            .select(failed_messages::attempts)
            .first::<i64>(connection)
            .optional()?;
        let attempts = before.unwrap_or(0) + 1;
        let dead = hopeless || attempts >= MOST_ATTEMPTS;
        let delay = TimeDelta::from_std(delay_after(attempts)).unwrap_or_default();
        let next = (!dead).then(|| (now + delay).naive_utc());
        sql_query(
            "INSERT INTO failed_messages (message_id, payload, reason, first_failed_at, last_failed_at, next_attempt_at, attempts)
             VALUES ($1, $2, $3, $4, $4, $5, $6)
             ON CONFLICT (message_id) DO UPDATE SET
                 reason = excluded.reason, last_failed_at = excluded.last_failed_at,
                 next_attempt_at = excluded.next_attempt_at, attempts = excluded.attempts",
        )
        .bind::<Text, _>(message_id)
        .bind::<Binary, _>(payload)
        .bind::<Text, _>(reason)
        .bind::<Timestamp, _>(now.naive_utc())
        .bind::<Nullable<Timestamp>, _>(next)
        .bind::<diesel::sql_types::BigInt, _>(attempts)
        .execute(connection)?;
        Ok(dead)
    })
}

/// The messages whose next attempt is due, oldest first.
///
/// # Errors
/// What the database says.
pub fn due(connection: &mut DbConnection, now: DateTime<Utc>, most: i64) -> QueryResult<Vec<Waiting>> {
    let rows = failed_messages::table
        .filter(failed_messages::next_attempt_at.le(now.naive_utc()))
        .order(failed_messages::next_attempt_at)
        .limit(most)
        .select((failed_messages::message_id, failed_messages::payload, failed_messages::attempts))
        .load::<(String, Vec<u8>, i64)>(connection)?;
    Ok(rows.into_iter().map(|(message_id, payload, attempts)| Waiting { message_id, payload, attempts }).collect())
}

/// Forgets a message that was applied after all.
///
/// # Errors
/// What the database says; the message may then be tried again, without harm.
pub fn forget(connection: &mut DbConnection, message_id: &str) -> QueryResult<()> {
    diesel::delete(failed_messages::table.filter(failed_messages::message_id.eq(message_id))).execute(connection)?;
    Ok(())
}

/// How many dead letters there are.
///
/// # Errors
/// What the database says.
pub fn count_dead(connection: &mut DbConnection) -> QueryResult<i64> {
    failed_messages::table.filter(failed_messages::next_attempt_at.is_null()).count().get_result(connection)
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
