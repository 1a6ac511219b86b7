//! Access control: users, their passwords and their sessions.
//!
//! | module | comes in | goes out |
//! |---|---|---|
//! | [`password`] | a password | its argon2id hash, or whether it matches one |
//! | [`login`] | a name and a password | the user, or the time to wait |
//! | [`session`] | the value of a cookie | the user of the session |
//!
//! A password leaves this folder only as its hash, and the value of a session is stored only as its hash.

pub mod login;
pub mod password;
pub mod session;

use caudal_contract::language::Language;
use caudal_platform::database::{DbConnection, write};
use chrono::{NaiveDateTime, Utc};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use serde::Serialize;

use crate::schema::{sessions, users};
pub use login::{LoginError, LoginGate};
pub use password::PasswordProblem;
use password::{PasswordHash, hash};
pub use session::{Session, SessionToken};

/// Maximum number of characters of a user name.
pub const LONGEST_NAME: usize = 64;

/// The rights of a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// May do everything.
    Admin,
    /// May look, download and send data.
    Reader,
}

impl Role {
    /// The name used in the database and on the command line.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Reader => "reader",
        }
    }

    /// The role with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        match code {
            "admin" => Some(Self::Admin),
            "reader" => Some(Self::Reader),
            _ => None,
        }
    }
}

/// A user, without the password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct User {
    /// The id of the user.
    #[serde(skip)]
    pub id: i64,
    /// The name typed at login, in lower case.
    pub name: String,
    /// The rights of the user.
    pub role: Role,
    /// The time at which the user was added, in UTC.
    pub created_at: NaiveDateTime,
}

/// Why a user cannot be added or changed.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// The name is empty, too long, or contains invisible characters.
    #[error("a user name has 1 to {LONGEST_NAME} visible characters")]
    UnusableName,
    /// Another user has this name.
    #[error("a user with this name exists already; change the password with: caudal user passwd NAME")]
    NameTaken,
    /// No user has this name.
    #[error("there is no user with this name; list the users with: caudal user list")]
    UnknownName,
    /// The first admin exists already.
    #[error("Caudal is set up already; log in instead")]
    SetUpAlready,
    /// The password is invalid.
    #[error(transparent)]
    Password(#[from] PasswordProblem),
    /// A query failed.
    #[error(transparent)]
    Query(#[from] diesel::result::Error),
}

impl AccountError {
    /// The error as a sentence in the given language.
    #[must_use]
    pub fn sentence(&self, language: Language) -> String {
        if language == Language::English {
            return self.to_string();
        }
        match self {
            Self::UnusableName => format!("um nome de usuário tem de 1 a {LONGEST_NAME} caracteres visíveis"),
            Self::NameTaken => {
                "já existe um usuário com este nome; para mudar a senha dele: caudal user passwd NOME".to_owned()
            }
            Self::UnknownName => "não há usuário com este nome; para ver os usuários: caudal user list".to_owned(),
            Self::SetUpAlready => "o Caudal já foi configurado; entre com o seu usuário".to_owned(),
            Self::Password(PasswordProblem::Length) => {
                format!("uma senha tem de {} a {} caracteres", password::SHORTEST, password::LONGEST)
            }
            Self::Password(PasswordProblem::Hashing(reason)) => format!("a senha não pôde ser guardada: {reason}"),
            Self::Query(error) => error.to_string(),
        }
    }
}

/// Adds a user.
///
/// # Errors
/// [`AccountError`] if the name or the password is invalid, or the name is taken.
pub fn add_user(db: &mut DbConnection, name: &str, password: &str, role: Role) -> Result<User, AccountError> {
    let name = usable_name(name)?;
    let hash = hash(password)?;
    write(db, |db| insert_user(db, &name, &hash, role))
}

/// Adds the first admin, unless an admin exists. If several attempts run at once, exactly one succeeds.
///
/// # Errors
/// [`AccountError::SetUpAlready`] if an admin exists. Otherwise as [`add_user`].
pub fn add_first_admin(db: &mut DbConnection, name: &str, password: &str) -> Result<User, AccountError> {
    let name = usable_name(name)?;
    let hash = hash(password)?;
    write(db, |db| {
        // A SQLite transaction holds the write lock from its start. On PostgreSQL the explicit lock is needed, because otherwise
        // two transactions could both find no admin.
        if let DbConnection::Postgres(connection) = db {
            connection.batch_execute("LOCK TABLE users IN SHARE ROW EXCLUSIVE MODE")?;
        }
        if has_admin(db)? {
            return Err(AccountError::SetUpAlready);
        }
        insert_user(db, &name, &hash, Role::Admin)
    })
}

/// Sets a new password, resets the wrong attempts, and ends all sessions of the user.
///
/// # Errors
/// [`AccountError`] if the user does not exist or the password is invalid.
pub fn set_password(db: &mut DbConnection, name: &str, password: &str) -> Result<(), AccountError> {
    let name = usable_name(name)?;
    let hash = hash(password)?;
    write(db, |db| {
        let id: i64 = users::table
            .filter(users::name.eq(&name))
            .select(users::id)
            .first(db)
            .optional()?
            .ok_or(AccountError::UnknownName)?;
        diesel::update(users::table.filter(users::id.eq(id)))
            .set((
                users::password_hash.eq(hash.as_str()),
                users::failed_logins.eq(0),
                users::wait_until.eq(None::<NaiveDateTime>),
            ))
            .execute(db)?;
        diesel::delete(sessions::table.filter(sessions::user_id.eq(id))).execute(db)?;
        Ok(())
    })
}

/// All users, sorted by name.
///
/// # Errors
/// The query failed.
pub fn list_users(db: &mut DbConnection) -> QueryResult<Vec<User>> {
    let rows: Vec<UserRow> = users::table.order(users::name).select(USER_COLUMNS).load(db)?;
    rows.into_iter().map(user).collect()
}

/// Whether an admin exists, so that the installation is set up.
///
/// # Errors
/// The query failed.
pub fn has_admin(db: &mut DbConnection) -> QueryResult<bool> {
    diesel::select(diesel::dsl::exists(users::table.filter(users::role.eq(Role::Admin.code())))).get_result(db)
}

type UserRow = (i64, String, String, NaiveDateTime);
type UserColumns = (users::id, users::name, users::role, users::created_at);
const USER_COLUMNS: UserColumns = (users::id, users::name, users::role, users::created_at);

fn user((id, name, role, created_at): UserRow) -> QueryResult<User> {
    let role = Role::from_code(&role).ok_or_else(|| {
        diesel::result::Error::DeserializationError(format!("the user {name} has the unknown role \"{role}\"").into())
    })?;
    Ok(User { id, name, role, created_at })
}

fn insert_user(db: &mut DbConnection, name: &str, hash: &PasswordHash, role: Role) -> Result<User, AccountError> {
    let taken = diesel::select(diesel::dsl::exists(users::table.filter(users::name.eq(name)))).get_result(db)?;
    if taken {
        return Err(AccountError::NameTaken);
    }
    diesel::insert_into(users::table)
        .values((
            users::name.eq(name),
            users::password_hash.eq(hash.as_str()),
            users::role.eq(role.code()),
            users::created_at.eq(Utc::now().naive_utc()),
        ))
        .execute(db)?;
    Ok(user(users::table.filter(users::name.eq(name)).select(USER_COLUMNS).first(db)?)?)
}

/// The form in which names are stored and compared. `" Ana "` and `"ana"` are the same user.
fn usable_name(name: &str) -> Result<String, AccountError> {
    let name = name.trim().to_lowercase();
    let length = name.chars().count();
    if length == 0 || length > LONGEST_NAME || name.chars().any(char::is_control) {
        return Err(AccountError::UnusableName);
    }
    Ok(name)
}

#[cfg(test)]
mod tests;
