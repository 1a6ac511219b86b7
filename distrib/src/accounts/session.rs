//! Sessions. The cookie holds a random value, and the database knows only its hash.

use std::fmt;

use caudal_contract::message::{from_hex, to_hex};
use caudal_platform::database::{DbConnection, write};
use caudal_platform::secret::{SecretError, random_bytes};
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use diesel::prelude::*;
use sha2::{Digest, Sha256};

use super::{USER_COLUMNS, User, UserRow, user};
use crate::schema::{sessions, users};

/// A session ends if it is unused for this long.
pub const IDLE: TimeDelta = TimeDelta::minutes(30);
/// A session ends this long after the login, even if it is in use.
pub const LONGEST: TimeDelta = TimeDelta::hours(12);
/// Precision of the time of last use, because a write for each page view would be too expensive.
const LAST_SEEN_STEP: TimeDelta = TimeDelta::minutes(1);

/// The value of a session cookie: 256 random bits. It never appears in logs.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionToken([u8; 32]);

impl SessionToken {
    /// Parses the value of a cookie. `None` if it does not have our format.
    #[must_use]
    pub fn parse(cookie: &str) -> Option<Self> {
        from_hex(cookie).map(Self)
    }

    /// The value to put into the cookie.
    #[must_use]
    pub fn reveal(&self) -> String {
        to_hex(&self.0)
    }

    /// The hash by which the database finds the session.
    fn hash(&self) -> String {
        to_hex(&Sha256::digest(self.0))
    }
}

impl fmt::Debug for SessionToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionToken(…)")
    }
}

/// A valid session.
#[derive(Debug, Clone)]
pub struct Session {
    /// The value of the cookie. The CSRF token is derived from it.
    pub token: SessionToken,
    /// The user who is logged in.
    pub user: User,
}

/// The session could not be started.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// No random bytes were available.
    #[error(transparent)]
    Random(#[from] SecretError),
    /// A query failed.
    #[error(transparent)]
    Query(#[from] diesel::result::Error),
}

/// Starts a session at login and deletes expired sessions. The browser's earlier session ends, even if it belonged to another
/// user, because somebody else may have known its value before the login (session fixation).
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

/// The session for the value of a cookie, if it is still valid. Records the use.
///
/// # Errors
/// A query failed.
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
/// The query failed.
pub fn end(db: &mut DbConnection, token: &SessionToken) -> QueryResult<()> {
    diesel::delete(sessions::table.filter(sessions::token_hash.eq(token.hash()))).execute(db)?;
    Ok(())
}
