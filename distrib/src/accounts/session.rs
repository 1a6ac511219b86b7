//! Sessions: a random value in a cookie, known to the database only by its hash.

use std::fmt;

use caudal_contract::message::{from_hex, to_hex};
use caudal_platform::database::{DbConnection, write};
use caudal_platform::secret::{SecretError, random_bytes};
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use diesel::prelude::*;
use sha2::{Digest, Sha256};

use super::{USER_COLUMNS, User, UserRow, user};
use crate::schema::{sessions, users};

/// A session that nobody used for so long has ended.
pub const IDLE: TimeDelta = TimeDelta::minutes(30);
/// A session ends so long after the login, used or not.
pub const LONGEST: TimeDelta = TimeDelta::hours(12);
/// How exactly the last use is kept: not every page view is worth a write.
const LAST_SEEN_STEP: TimeDelta = TimeDelta::minutes(1);

/// The value of a session cookie: 256 random bits. Never shown in logs.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionToken([u8; 32]);

impl SessionToken {
    /// Reads a cookie's value; `None` for anything that we did not write.
    #[must_use]
    pub fn parse(cookie: &str) -> Option<Self> {
        from_hex(cookie).map(Self)
    }

    /// The value to put into the cookie.
    #[must_use]
    pub fn reveal(&self) -> String {
        to_hex(&self.0)
    }

    /// What the database knows it by.
    fn hash(&self) -> String {
        to_hex(&Sha256::digest(self.0))
    }
}

impl fmt::Debug for SessionToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionToken(…)")
    }
}

/// A session that is good.
#[derive(Debug, Clone)]
pub struct Session {
    /// The cookie's value; the CSRF token is made from it.
    pub token: SessionToken,
    /// Who it is.
    pub user: User,
}

/// No session could be begun.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// No randomness.
    #[error(transparent)]
    Random(#[from] SecretError),
    /// A query failed.
    #[error(transparent)]
    Query(#[from] diesel::result::Error),
}

/// Begins a session at login. The session that the browser had before ends, whoever's it was: a value that was known
/// before the login is worth nothing after it. Sessions that are over are cleared away.
///
/// # Errors
/// [`SessionError`].
pub fn begin(
    db: &mut DbConnection,
    user_id: i64,
    before: Option<&SessionToken>,
    now: DateTime<Utc>,
) -> Result<SessionToken, SessionError> {
    let token = SessionToken(random_bytes()?);
    let now = now.naive_utc();
    write(db, |db| {
        if let Some(before) = before {
            end(db, before)?;
        }
        diesel::delete(
            sessions::table.filter(sessions::last_seen_at.lt(now - IDLE).or(sessions::created_at.lt(now - LONGEST))),
        )
        .execute(db)?;
        diesel::insert_into(sessions::table)
            .values((
                sessions::token_hash.eq(token.hash()),
                sessions::user_id.eq(user_id),
                sessions::created_at.eq(now),
                sessions::last_seen_at.eq(now),
            ))
            .execute(db)?;
        Ok::<_, SessionError>(())
    })?;
    Ok(token)
}

/// The session of a cookie's value, if it is still good; notes that it was used.
///
/// # Errors
/// What the queries return.
pub fn find(db: &mut DbConnection, token: SessionToken, now: DateTime<Utc>) -> QueryResult<Option<Session>> {
    let now = now.naive_utc();
    let found: Option<(UserRow, NaiveDateTime, NaiveDateTime)> = sessions::table
        .inner_join(users::table)
        .filter(sessions::token_hash.eq(token.hash()))
        .select((USER_COLUMNS, sessions::created_at, sessions::last_seen_at))
        .first(db)
        .optional()?;
    let Some((row, created_at, last_seen_at)) = found else { return Ok(None) };
    if now - created_at >= LONGEST || now - last_seen_at >= IDLE {
        return Ok(None);
    }
    if now - last_seen_at >= LAST_SEEN_STEP {
        diesel::update(sessions::table.filter(sessions::token_hash.eq(token.hash())))
            .set(sessions::last_seen_at.eq(now))
            .execute(db)?;
    }
    Ok(Some(Session { token, user: user(row)? }))
}

/// Ends a session.
///
/// # Errors
/// What the query returns.
pub fn end(db: &mut DbConnection, token: &SessionToken) -> QueryResult<()> {
    diesel::delete(sessions::table.filter(sessions::token_hash.eq(token.hash()))).execute(db)?;
    Ok(())
}
