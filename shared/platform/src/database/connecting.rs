//! Connections and their settings.

use std::path::Path;

use diesel::connection::SimpleConnection;
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::r2d2::{self, ManageConnection};
use diesel::sqlite::SqliteConnection;

use super::failure::{means_away, reason_without_url};
use super::{DatabaseError, DatabaseUrl, DbConnection, is_infrastructure, masked};

/// Opens connections for the pool.
pub struct Manager {
    pub(super) url: DatabaseUrl,
    /// The size of SQLite's page cache for each connection.
    pub(super) cache_kib: u32,
}

/// A process has about ten connections to three databases. With 64 MiB each they took half a gigabyte.
pub(super) const CACHE_KIB: u32 = 16 * 1024;
/// Large enough to keep the index pages that a worker changes in memory: a million sales took 22 s instead of 25 s.
pub(super) const WORKER_CACHE_KIB: u32 = 64 * 1024;

impl Manager {
    pub(super) fn connect(&self) -> Result<DbConnection, DatabaseError> {
        let failed = |reason: String| DatabaseError::Open { url: self.url.to_string(), reason };
        match &self.url {
            DatabaseUrl::Sqlite(path) => {
                let mut connection = open_sqlite(path).map_err(&failed)?;
                let cache = format!("PRAGMA cache_size = -{};", self.cache_kib);
                let settings =
                    connection.batch_execute(SQLITE_SETTINGS).and_then(|()| connection.batch_execute(&cache));
                settings.map_err(|error| {
                    let (url, reason) = (self.url.to_string(), error.to_string());
                    if is_infrastructure(&error) { DatabaseError::Away { url, reason } } else { failed(reason) }
                })?;
                Ok(DbConnection::Sqlite(connection))
            }
            DatabaseUrl::Postgres(url) => {
                let url = with_limits(url);
                let shown = || self.url.to_string();
                let mut connection = PgConnection::establish(&url).map_err(|error| {
                    let reason = reason_without_url(&error.to_string().replace(url.as_str(), &masked(&url)));
                    if means_away(&reason) { DatabaseError::Away { url: shown(), reason } } else { failed(reason) }
                })?;
                // These settings are constant and valid, so a failure here means that the connection broke.
                let lost =
                    |error: diesel::result::Error| DatabaseError::Away { url: shown(), reason: error.to_string() };
                connection.batch_execute(POSTGRES_SETTINGS).map_err(lost)?;
                Ok(DbConnection::Postgres(connection))
            }
        }
    }
}

/// `busy_timeout` comes first because setting WAL already needs a lock. `synchronous` is FULL because a commit must
/// survive a power cut before anything is acknowledged; with NORMAL a committed transaction may roll back.
/// `wal_autocheckpoint` moves pages from the WAL to the file every 64 MiB: many commits change the same index pages,
/// and each page is then written once.
const SQLITE_SETTINGS: &str = "
    PRAGMA busy_timeout = 30000;
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA fullfsync = ON;
    PRAGMA foreign_keys = ON;
    PRAGMA trusted_schema = OFF;
    PRAGMA cell_size_check = ON;
    PRAGMA temp_store = MEMORY;
    PRAGMA wal_autocheckpoint = 16384;
    PRAGMA journal_size_limit = 67108864;
";

/// Time limits, so that a session that stalls within a transaction does not block the others for long.
pub(super) const POSTGRES_SETTINGS: &str = "
    SET TIME ZONE 'UTC';
    SET statement_timeout = '120s';
    SET lock_timeout = '15s';
    SET idle_in_transaction_session_timeout = '60s';
";

/// Limits for a silent server, applied by the client library. Without them, a server that lost its power would block
/// its clients for hours.
const POSTGRES_LIMITS: [(&str, &str); 5] = [
    ("connect_timeout", "10"),
    ("keepalives_idle", "30"),
    ("keepalives_interval", "10"),
    ("keepalives_count", "3"),
    ("tcp_user_timeout", "30000"),
];

/// Adds each of [`POSTGRES_LIMITS`] to the URL unless the URL sets it itself.
fn with_limits(url: &str) -> String {
    let (_, rest) = url.split_once("://").unwrap_or_default();
    // A `?` inside the password does not start the query string.
    let after_user = match rest.find(['@', '/']) {
        Some(at) if rest[at..].starts_with('@') => &rest[at..],
        _ => rest,
    };
    let parameters = after_user.split_once('?').map(|(_, parameters)| parameters);
    let given: Vec<&str> =
        parameters.unwrap_or_default().split('&').filter_map(|parameter| parameter.split('=').next()).collect();
    let ours: Vec<String> = POSTGRES_LIMITS
        .iter()
        .filter(|(name, _)| !given.contains(name))
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let joint = match parameters {
        _ if ours.is_empty() => "",
        None => "?",
        Some("") => "",
        Some(_) => "&",
    };
    format!("{url}{joint}{}", ours.join("&"))
}

pub(super) fn open_sqlite(path: &Path) -> Result<SqliteConnection, String> {
    if let Some(folder) = path.parent() {
        crate::secret::create_private_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    let name = path.to_str().ok_or_else(|| "its path is not valid UTF-8".to_owned())?;
    SqliteConnection::establish(name).map_err(|error| error.to_string())
}

impl ManageConnection for Manager {
    type Connection = DbConnection;
    type Error = r2d2::Error;

    fn connect(&self) -> Result<DbConnection, r2d2::Error> {
        Self::connect(self)
            .map_err(|error| r2d2::Error::ConnectionError(ConnectionError::BadConnection(error.to_string())))
    }

    fn is_valid(&self, connection: &mut DbConnection) -> Result<(), r2d2::Error> {
        match connection {
            // A SQLite file does not go away, so a test query would cost more than it tells.
            DbConnection::Sqlite(_) => Ok(()),
            DbConnection::Postgres(connection) => connection.batch_execute("SELECT 1").map_err(r2d2::Error::QueryError),
        }
    }

    /// Discards the connection during a panic, because the panic may have left a transaction open.
    fn has_broken(&self, _: &mut DbConnection) -> bool {
        std::thread::panicking()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::database::Database;

    #[test]
    fn a_malformed_url_is_said_without_its_password() {
        for url in [
            "postgres://ana:hunter%zz@127.0.0.1:9/x",
            "postgres://ana:hun/ter@127.0.0.1:9/x",
            "postgres://127.0.0.1:9/x?password=hun%zz",
        ] {
            let error = Database::open(&url.parse().unwrap(), 1).err().unwrap().to_string();
            assert!(error.contains("its URL is malformed") && !error.contains("hun"), "{error}");
        }
    }

    #[test]
    fn an_unreachable_database_is_named_with_its_true_error() {
        let url: DatabaseUrl = "postgres://ana:hunter2@127.0.0.1:9/caudal".parse().unwrap();
        let error = Database::open(&url, 1).err().unwrap().to_string();
        assert!(error.contains("postgres://ana:***@127.0.0.1:9/caudal cannot be reached"), "{error}");
        assert!(error.contains("refused"), "{error}");
        assert!(!error.contains("hunter2"));
    }

    #[test]
    fn a_server_that_never_answers_is_given_up() {
        let deaf = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = deaf.local_addr().unwrap().port();
        let url: DatabaseUrl =
            format!("postgres://ana:hunter2@127.0.0.1:{port}/caudal?connect_timeout=2").parse().unwrap();
        let error = Database::open(&url, 1).err().unwrap();
        assert!(error.is_away() && error.to_string().contains("timeout expired"), "{error}");
    }

    #[test]
    fn limits_are_added_to_a_url_that_does_not_give_them() {
        const ALL: &str =
            "connect_timeout=10&keepalives_idle=30&keepalives_interval=10&keepalives_count=3&tcp_user_timeout=30000";
        for url in
            ["postgres://ana:p@db/x", "postgres://ana:p?x@db/x", "postgres://db", "postgres://ana:p@[::1]:5432/x"]
        {
            assert_eq!(with_limits(url), format!("{url}?{ALL}"));
        }
        assert_eq!(with_limits("postgres://db/x?"), format!("postgres://db/x?{ALL}"));
        assert_eq!(with_limits("postgres://db/x?sslmode=require"), format!("postgres://db/x?sslmode=require&{ALL}"));
        let own = "postgres://db/x?tcp_user_timeout=5&connect_timeout=2&keepalives_idle=1&keepalives_interval=1";
        assert_eq!(with_limits(own), format!("{own}&keepalives_count=3"));
        let all = format!("postgres://db/x?{ALL}");
        assert_eq!(with_limits(&all), all);
    }
}
