//! Checks logins and limits the speed of attempts.
//!
//! After five wrong passwords each further attempt waits 1 s, 2 s, 4 s … up to 15 minutes. An attempt is counted before its
//! password is checked, because otherwise parallel attempts would be free. Unknown names wait in the same way, because the wait
//! would otherwise reveal which names exist. At most four passwords are hashed at once, because each hash takes 19 MiB.

use std::collections::HashMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use caudal_platform::database::{Database, DatabaseError, DbConnection, write};
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use diesel::prelude::*;

use super::{USER_COLUMNS, User, UserRow, usable_name, user};
use crate::schema::users;

const FREE_ATTEMPTS: u32 = 5;
const LONGEST_WAIT_SECONDS: u64 = 15 * 60;
const HASHES_AT_ONCE: usize = 4;
const MOST_WAITING: usize = 32;
const MOST_STRANGERS: usize = 10_000;

/// Why a login was refused.
#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    /// The name or the password is wrong. The answer does not reveal which.
    #[error("the user name or the password is wrong")]
    WrongCredentials,
    /// There were too many wrong attempts with this name.
    #[error("too many wrong attempts; wait {} s", .0.as_secs())]
    Wait(Duration),
    /// Too many people are logging in at this moment.
    #[error("too many people are logging in")]
    Busy,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl From<diesel::result::Error> for LoginError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Database(error.into())
    }
}

/// All logins of a process pass through its one gate.
#[derive(Default)]
pub struct LoginGate {
    hashing: Mutex<Hashing>,
    slot_free: Condvar,
    strangers: Mutex<HashMap<String, Attempts>>,
}

#[derive(Default)]
struct Hashing {
    running: usize,
    waiting: usize,
}

/// The wrong passwords since the last right one, and the end of the wait before the next attempt.
#[derive(Default, Clone, Copy)]
struct Attempts {
    failed: u32,
    wait_until: Option<NaiveDateTime>,
}

impl Attempts {
    /// Counts one more attempt as wrong, or returns the time to wait before it.
    fn begin(&mut self, now: NaiveDateTime) -> Result<(), LoginError> {
        if let Some(left) = self.wait_until.and_then(|until| (until - now).to_std().ok()).filter(|left| !left.is_zero())
        {
            return Err(LoginError::Wait(left));
        }
        self.failed = self.failed.saturating_add(1);
        self.wait_until = wait_after(self.failed).map(|wait| now + wait);
        Ok(())
    }
}

fn wait_after(failed: u32) -> Option<TimeDelta> {
    let doublings = failed.checked_sub(FREE_ATTEMPTS)?;
    let seconds = 1_u64.checked_shl(doublings).unwrap_or(LONGEST_WAIT_SECONDS).min(LONGEST_WAIT_SECONDS);
    TimeDelta::from_std(Duration::from_secs(seconds)).ok()
}

impl LoginGate {
    /// Returns the user with this name and password. Blocks while hashing, so call it only on a thread that may block.
    ///
    /// # Errors
    /// [`LoginError`].
    pub fn authenticate(
        &self,
        database: &Database,
        name: &str,
        password: &str,
        now: DateTime<Utc>,
    ) -> Result<User, LoginError> {
        // An invalid name becomes the empty name, which is treated like any other unknown name.
        let name = usable_name(name).unwrap_or_default();
        let known = begin_attempt(&mut *database.get()?, &name, now.naive_utc())?;
        if known.is_none() {
            self.begin_stranger(&name, now.naive_utc())?;
        }
        let fits = {
            // The database connection is back in the pool by now, because hashing takes long.
            let _slot = self.slot()?;
            super::password::fits(password, known.as_ref().map(|(_, hash)| hash.as_str()))
        };
        match known {
            Some((user, _)) if fits => {
                forget_attempts(&mut *database.get()?, user.id)?;
                Ok(user)
            }
            _ => Err(LoginError::WrongCredentials),
        }
    }

    /// Runs work that hashes a password, when a slot is free.
    ///
    /// # Errors
    /// [`LoginError::Busy`] if too many callers wait already.
    pub fn in_turn<T>(&self, work: impl FnOnce() -> T) -> Result<T, LoginError> {
        let _slot = self.slot()?;
        Ok(work())
    }

    fn slot(&self) -> Result<Slot<'_>, LoginError> {
        let mut hashing = self.hashing();
        if hashing.running >= HASHES_AT_ONCE {
            if hashing.waiting >= MOST_WAITING {
                return Err(LoginError::Busy);
            }
            hashing.waiting += 1;
            hashing = self
                .slot_free
                .wait_while(hashing, |hashing| hashing.running >= HASHES_AT_ONCE)
                .unwrap_or_else(PoisonError::into_inner);
            hashing.waiting -= 1;
        }
        hashing.running += 1;
        Ok(Slot(self))
    }

    fn hashing(&self) -> MutexGuard<'_, Hashing> {
        // A poisoned lock is safe to use, because a panic cannot leave the two counters inconsistent.
        self.hashing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begin_stranger(&self, name: &str, now: NaiveDateTime) -> Result<(), LoginError> {
        let mut strangers = self.strangers.lock().unwrap_or_else(PoisonError::into_inner);
        if strangers.len() >= MOST_STRANGERS && !strangers.contains_key(name) {
            strangers.retain(|_, attempts| attempts.wait_until.is_some_and(|until| until > now));
            if strangers.len() >= MOST_STRANGERS {
                strangers.clear();
            }
        }
        strangers.entry(name.to_owned()).or_default().begin(now)
    }
}

/// The right to hash one password. Dropping it frees the slot.
struct Slot<'a>(&'a LoginGate);

impl Drop for Slot<'_> {
    fn drop(&mut self) {
        self.0.hashing().running -= 1;
        self.0.slot_free.notify_one();
    }
}

/// Counts the attempt and returns the user with the hash. `None` if no user has this name.
fn begin_attempt(db: &mut DbConnection, name: &str, now: NaiveDateTime) -> Result<Option<(User, String)>, LoginError> {
    let found: Option<(UserRow, String)> =
        users::table.filter(users::name.eq(name)).select((USER_COLUMNS, users::password_hash)).first(db).optional()?;
    let Some((row, hash)) = found else { return Ok(None) };
    let user = user(row)?;
    let this_user = || users::table.filter(users::id.eq(user.id));
    write(db, |db| {
        // The update comes before the read because it locks the row. Of two attempts at the same time, both count.
        diesel::update(this_user()).set(users::failed_logins.eq(users::failed_logins + 1)).execute(db)?;
        let (counted, wait_until): (i64, Option<NaiveDateTime>) =
            this_user().select((users::failed_logins, users::wait_until)).first(db)?;
        let mut attempts = Attempts { failed: u32::try_from(counted - 1).unwrap_or(u32::MAX), wait_until };
        // If the attempt must wait, the error rolls the count back.
        attempts.begin(now)?;
        diesel::update(this_user()).set(users::wait_until.eq(attempts.wait_until)).execute(db)?;
        Ok::<_, LoginError>(())
    })?;
    Ok(Some((user, hash)))
}

fn forget_attempts(db: &mut DbConnection, user_id: i64) -> QueryResult<()> {
    diesel::update(users::table.filter(users::id.eq(user_id)))
        .set((users::failed_logins.eq(0), users::wait_until.eq(None::<NaiveDateTime>)))
        .execute(db)?;
    Ok(())
}
