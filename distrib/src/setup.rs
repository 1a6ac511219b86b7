//! Sets up a new installation. The holder of the one-time link creates the first admin, because there is no default password.
//!
//! The token of the link is in `secrets/setup.token` of the data folder (mode 0600) and expires after 30 minutes. Once an admin
//! exists, the link never works again.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use caudal_contract::message::to_hex;
use caudal_platform::config::Config;
use caudal_platform::database::DbConnection;
use caudal_platform::secret::{SecretError, create_private_dir, random_bytes, write_private_file};
use chrono::{DateTime, TimeDelta, Utc};
use subtle::ConstantTimeEq;

use crate::accounts;

/// The lifetime of a link.
pub const LIFETIME: TimeDelta = TimeDelta::minutes(30);

/// The link could not be created.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The query for admins failed.
    #[error(transparent)]
    Query(#[from] diesel::result::Error),
    /// No random bytes were available.
    #[error(transparent)]
    Random(#[from] SecretError),
    /// The file of the token could not be written.
    #[error("the file {path} cannot be written: {source}; check the permissions of the data folder")]
    Io {
        /// The path of the file.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
}

/// Creates a new one-time link if there is no admin, and invalidates the previous one. `None` if Caudal is set up.
///
/// # Errors
/// [`SetupError`].
pub fn setup_link(config: &Config, db: &mut DbConnection) -> Result<Option<String>, SetupError> {
    if accounts::has_admin(db)? {
        forget(&config.data_dir);
        return Ok(None);
    }
    let token = new_token(&config.data_dir, Utc::now())?;
    Ok(Some(format!("{}/setup?token={token}", config.public_url)))
}

/// Creates a token and makes it the only valid one.
pub(crate) fn new_token(data_dir: &Path, now: DateTime<Utc>) -> Result<String, SetupError> {
    let path = token_path(data_dir);
    let failed = |source| SetupError::Io { path: path.clone(), source };
    if let Some(folder) = path.parent() {
        create_private_dir(folder).map_err(failed)?;
    }
    forget(data_dir);
    let token = to_hex(&random_bytes()?);
    let ends = (now + LIFETIME).timestamp();
    write_private_file(&path, &format!("{token} {ends}\n")).map_err(failed)?;
    Ok(token)
}

/// Whether the token is the newest one and has not expired. The comparison takes constant time.
pub(crate) fn is_good(data_dir: &Path, token: &str, now: DateTime<Utc>) -> bool {
    let Ok(content) = fs::read_to_string(token_path(data_dir)) else { return false };
    let Some((kept, ends)) = content.trim().split_once(' ') else { return false };
    let in_time = ends.parse::<i64>().is_ok_and(|ends| now.timestamp() < ends);
    in_time && bool::from(kept.as_bytes().ct_eq(token.as_bytes()))
}

/// Invalidates the link.
pub(crate) fn forget(data_dir: &Path) {
    match fs::remove_file(token_path(data_dir)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            tracing::warn!(%error, "the file of the setup token could not be deleted");
        }
        _ => {}
    }
}

fn token_path(data_dir: &Path) -> PathBuf {
    data_dir.join("secrets").join("setup.token")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_newest_token_is_good_and_only_for_half_an_hour() {
        let folder = tempfile::tempdir().unwrap();
        let now = Utc::now();
        let first = new_token(folder.path(), now).unwrap();
        let second = new_token(folder.path(), now).unwrap();
        assert!(!is_good(folder.path(), &first, now));
        assert!(is_good(folder.path(), &second, now));
        assert!(!is_good(folder.path(), "", now));
        assert!(!is_good(folder.path(), &second, now + LIFETIME));
        forget(folder.path());
        assert!(!is_good(folder.path(), &second, now));
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_can_read_the_token() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        new_token(folder.path(), Utc::now()).unwrap();
        let mode = fs::metadata(token_path(folder.path())).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
