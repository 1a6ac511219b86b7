//! Opening SQLite or PostgreSQL by URL.
//!
//! The backend is chosen by the URL's scheme; an unknown scheme is refused with a sentence and a connection error is
//! shown as it is, with the password masked. (`MultiConnection::establish` would hide both: it answers every failure
//! with one sentence and makes a SQLite file out of a mistyped URL.)
//!
//! SQL written by hand must run on both backends: number the parameters `$1, $2 …` in the order of their first
//! appearance, which is how SQLite counts them too, and cast `SUM` of a BIGINT back to BIGINT.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::r2d2::{self, ManageConnection, Pool, PooledConnection};
use diesel::sql_types::{BigInt, Text};
use diesel::sqlite::SqliteConnection;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness};

/// The derive also makes public items that it does not document.
#[expect(missing_docs, reason = "made by the derive")]
mod connection {
    use diesel::pg::PgConnection;
    use diesel::sqlite::SqliteConnection;

    /// A connection to either backend: SQLite, bundled, or PostgreSQL 15 or newer.
    #[derive(diesel::MultiConnection)]
    pub enum DbConnection {
        Sqlite(SqliteConnection),
        Postgres(PgConnection),
    }
}
pub use connection::DbConnection;

mod wal;
pub use wal::{empty_wal, wal_bytes};

mod time;
pub use time::{StoredDay, StoredInstant};

/// Runs `$work` on the backend's own connection, where a query is written in its own dialect: `eq_any` of many values is one
/// array parameter on PostgreSQL and a list of parameters on SQLite.
#[macro_export]
macro_rules! on_backend {
    ($connection:expr, $own:ident => $work:expr) => {
        match $connection {
            $crate::database::DbConnection::Sqlite($own) => $work,
            $crate::database::DbConnection::Postgres($own) => $work,
        }
    };
}

/// Inserts many rows: one by one with a cached statement on SQLite, by COPY on PostgreSQL.
#[macro_export]
macro_rules! insert_all {
    ($connection:expr, $table:expr, $rows:expr) => {
        match $connection {
            $crate::database::DbConnection::Sqlite(connection) => {
                for row in &$rows {
                    ::diesel::insert_into($table).values(row).execute(connection)?;
                }
            }
            $crate::database::DbConnection::Postgres(connection) => {
                if !$rows.is_empty() {
                    ::diesel::copy_from($table).from_insertable($rows).execute(connection)?;
                }
            }
        }
    };
}

/// A connection lent by a [`Database`].
pub type Lent = PooledConnection<Manager>;

/// Where a database is.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// A file.
    Sqlite(PathBuf),
    /// The URL as given, password and all.
    Postgres(String),
}

/// The URL names no backend.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseUrlError {
    /// Neither SQLite nor PostgreSQL.
    #[error("\"{scheme}\" is no database that Caudal knows; use sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME")]
    UnknownScheme {
        /// What stands before `://`, never the rest: it may hold a password.
        scheme: String,
    },
}

impl FromStr for DatabaseUrl {
    type Err = DatabaseUrlError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once(':').unwrap_or_default() {
            ("sqlite", rest) if !rest.is_empty() => {
                Ok(Self::Sqlite(PathBuf::from(rest.strip_prefix("//").unwrap_or(rest))))
            }
            ("postgres" | "postgresql", rest) if rest.starts_with("//") => Ok(Self::Postgres(text.to_owned())),
            _ => Err(DatabaseUrlError::UnknownScheme { scheme: scheme_of(text) }),
        }
    }
}

/// The scheme of a URL that is refused, for people; what only may be one is not shown: `USER:PASSWORD@HOST` begins with a name, and
/// a password alone may hold a colon.
#[must_use]
pub fn scheme_of(url: &str) -> String {
    const WITHOUT_SLASHES: [&str; 4] = ["sqlite", "postgres", "postgresql", "amqp"];
    let is_one = |scheme: &&str| {
        scheme.starts_with(|first: char| first.is_ascii_alphabetic())
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
    };
    let before = |mark: &str| url.split_once(mark).map(|(scheme, _)| scheme);
    let scheme = before("://").filter(is_one).or(before(":").filter(|scheme| WITHOUT_SLASHES.contains(scheme)));
    scheme.unwrap_or("(no scheme)").to_owned()
}

/// The URL without its password.
impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Postgres(url) => f.write_str(&masked(url)),
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A URL with `***` in place of its password, wherever it stands: before the host, also where it holds `/` or `@` and should
/// not, or among the parameters.
#[must_use]
pub fn masked(url: &str) -> String {
    const PARAMETER: &str = "password=";
    let mut shown = String::with_capacity(url.len());
    let mut rest = url;
    while let Some(at) = rest.to_ascii_lowercase().find(PARAMETER) {
        let (before, value) = rest.split_at(at + PARAMETER.len());
        shown.push_str(before);
        shown.push_str("***");
        rest = value.find('&').map_or("", |end| value.split_at(end).1);
    }
    shown.push_str(rest);
    let Some((scheme, rest)) = shown.split_once("://") else { return shown };
    let Some((credentials, host)) = rest.rsplit_once('@') else { return shown };
    let user = credentials.split([':', '/', '?']).next().unwrap_or_default();
    format!("{scheme}://{user}:***@{host}")
}

/// Why no connection could be made, without what the client library quotes of a URL that it cannot read: that may be a part of
/// the password.
fn reason_without_url(reason: &str) -> String {
    let reason = reason.trim_end();
    // Then the URL was read, and hosts, users and databases are what is quoted
    let is_read =
        ["connection to server", "could not translate host name"].iter().any(|start| reason.starts_with(start));
    match (reason.find('"'), reason.rfind('"')) {
        (Some(first), Some(last)) if !is_read => {
            let (before, after) = (reason.get(..first).unwrap_or_default(), reason.get(last + 1..).unwrap_or_default());
            format!("its URL is malformed ({before}…{after}); write special characters of the password as %XX")
        }
        _ => reason.to_owned(),
    }
}

/// Why a database cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// Nobody answers, the server is only just starting or stopping, or it is locked or its disk full: it may be there again in a
    /// moment.
    #[error("the database {url} cannot be reached: {reason}")]
    Away {
        /// Masked.
        url: String,
        /// What the backend said, passwords masked.
        reason: String,
    },
    /// Opening it failed.
    #[error("the database {url} cannot be opened: {reason}")]
    Open {
        /// Masked.
        url: String,
        /// What the backend said, passwords masked.
        reason: String,
    },
    /// It can be opened but not trusted.
    #[error("the database {url} cannot be used: {reason}")]
    Unfit {
        /// Masked.
        url: String,
        /// What is wrong and what to do.
        reason: String,
    },
    /// No connection became free.
    #[error("no connection to the database became free in {after:?}: {reason}")]
    Busy {
        /// How long was waited.
        after: Duration,
        /// What the pool said, and what the last attempt to connect failed with; passwords masked.
        reason: String,
    },
    /// A query failed.
    #[error(transparent)]
    Query(#[from] diesel::result::Error),
}

impl DatabaseError {
    /// Whether the same may succeed in a moment: the database is away, locked or full.
    #[must_use]
    pub fn is_away(&self) -> bool {
        match self {
            Self::Away { .. } | Self::Busy { .. } => true,
            Self::Query(error) => is_infrastructure(error),
            Self::Open { .. } | Self::Unfit { .. } => false,
        }
    }
}

/// Whether a failure says nothing about what was asked: the database is away, locked, stopped or full.
#[must_use]
pub fn is_infrastructure(error: &diesel::result::Error) -> bool {
    use diesel::result::{DatabaseErrorKind as Kind, Error};
    match error {
        Error::DatabaseError(
            Kind::ClosedConnection | Kind::SerializationFailure | Kind::UnableToSendCommand | Kind::ReadOnlyTransaction,
            _,
        )
        | Error::BrokenTransactionManager => true,
        Error::DatabaseError(Kind::Unknown, information) => names_infrastructure(information.message()),
        _ => false,
    }
}

/// The same by the words alone: servers tell these failures apart by codes that do not reach us.
fn names_infrastructure(said: &str) -> bool {
    // A statement that takes too long is not among them: the next attempt may take as long
    const WORDS: [&str; 18] = [
        "locked",
        "busy",
        "full",
        "disk I/O",
        "deadlock",
        "lock timeout",
        "could not write",
        "could not serialize",
        "closed the connection",
        "no connection to the server",
        "terminating connection",
        "shutting down",
        "starting up",
        "recovery mode",
        "read-only",
        "readonly",
        "out of memory",
        "unable to open database file",
    ];
    means_full(said) || WORDS.iter().any(|words| said.contains(words))
}

/// Whether the client library's words for a failed connection mean that nobody answers, and not that the server refuses us.
/// It gives no code; its own words are English, for this program sets no locale.
fn means_away(reason: &str) -> bool {
    const PASSING: [&str; 9] = [
        "starting up",
        "shutting down",
        "recovery mode",
        "not yet accepting connections",
        "not accepting connections",
        "terminating connection",
        "too many clients",
        "too many connections",
        "connection slots are reserved",
    ];
    let has_answered = reason.contains("FATAL:");
    let is_of_network =
        ["connection to server", "could not translate host name"].iter().any(|start| reason.starts_with(start));
    if has_answered { means_full(reason) || PASSING.iter().any(|words| reason.contains(words)) } else { is_of_network }
}

/// Whether a database's words for a failure say that its disk has no room left. PostgreSQL says it by a code as well (53100),
/// and SQLite by SQLITE_FULL; neither reaches us.
#[must_use]
pub fn means_full(said: &str) -> bool {
    const WORDS: [&str; 4] =
        ["No space left on device", "Disk quota exceeded", "database or disk is full", "could not extend file"];
    WORDS.iter().any(|words| said.contains(words))
}

/// Keeps connections to one database and lends them.
#[derive(Clone)]
pub struct Database {
    pool: Pool<Manager>,
    url: DatabaseUrl,
}

/// Names the lock in a PostgreSQL database: "caudal" as bytes.
const MIGRATION_LOCK: i64 = 0x63_61_75_64_61_6c;
const WAIT_FOR_CONNECTION: Duration = Duration::from_secs(10);
/// As the settings of SQLite have it.
const WAIT_FOR_LOCK: Duration = Duration::from_secs(30);
/// Older versions can lose committed writes when two connections use one WAL file (sqlite.org/wal.html#walresetbug).
const OLDEST_SQLITE: [u32; 3] = [3, 51, 3];
/// As `server_version_num` says it.
const OLDEST_POSTGRES: u32 = 150_000;

impl Database {
    /// Opens a database with at most `connections` connections, and checks that it keeps what it is given.
    ///
    /// # Errors
    /// [`DatabaseError::Away`], [`DatabaseError::Open`] and [`DatabaseError::Unfit`].
    pub fn open(url: &DatabaseUrl, connections: u32) -> Result<Self, DatabaseError> {
        Self::open_caching(url, connections, CACHE_KIB)
    }

    /// The same database through one connection of its own, for a worker: it keeps more pages in memory.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn for_worker(&self) -> Result<Self, DatabaseError> {
        Self::open_caching(&self.url, 1, WORKER_CACHE_KIB)
    }

    fn open_caching(url: &DatabaseUrl, connections: u32, cache_kib: u32) -> Result<Self, DatabaseError> {
        let manager = Manager { url: url.clone(), cache_kib };
        // The first connection is made by hand: the pool would only say "timed out"
        let mut first = manager.connect()?;
        check_fitness(&mut first, url)?;
        let pool = Pool::builder()
            .max_size(connections)
            .min_idle(Some(0))
            .connection_timeout(WAIT_FOR_CONNECTION)
            .build(manager)
            .map_err(|error| DatabaseError::Open { url: url.to_string(), reason: error.to_string() })?;
        Ok(Self { pool, url: url.clone() })
    }

    /// Borrows a connection; it goes back when dropped.
    ///
    /// # Errors
    /// [`DatabaseError::Busy`] when none becomes free in time.
    pub fn get(&self) -> Result<Lent, DatabaseError> {
        let busy =
            |error: r2d2::PoolError| DatabaseError::Busy { after: WAIT_FOR_CONNECTION, reason: error.to_string() };
        self.pool.get().map_err(busy)
    }

    /// Where it is, the password masked when shown.
    #[must_use]
    pub fn url(&self) -> &DatabaseUrl {
        &self.url
    }

    /// Applies the migrations that are still missing; both lists have the same names. Returns the names applied.
    ///
    /// # Errors
    /// [`DatabaseError::Unfit`] when one fails, or when the database was written by a newer program; [`DatabaseError::Away`] when the
    /// connection broke meanwhile, there was no room, or another service is at it for long.
    pub fn migrate(
        &self,
        sqlite: EmbeddedMigrations,
        postgres: EmbeddedMigrations,
    ) -> Result<Vec<String>, DatabaseError> {
        let mut connection = self.get()?;
        let applied = match &mut *connection {
            DbConnection::Sqlite(connection) => run_migrations(connection, sqlite),
            DbConnection::Postgres(connection) => alone(connection, |connection| run_migrations(connection, postgres)),
        };
        applied.map_err(|reason| {
            let url = self.url.to_string();
            if names_infrastructure(&reason) || connection.batch_execute("SELECT 1").is_err() {
                DatabaseError::Away { url, reason }
            } else {
                DatabaseError::Unfit { url, reason }
            }
        })
    }
}

impl Database {
    /// Whether it has this table.
    ///
    /// # Errors
    /// What the database says, and [`DatabaseError::Busy`].
    pub fn has_table(&self, table: &str) -> Result<bool, DatabaseError> {
        #[derive(QueryableByName)]
        struct Found {
            #[diesel(sql_type = BigInt)]
            tables: i64,
        }
        let mut connection = self.get()?;
        let query = match &*connection {
            DbConnection::Sqlite(_) => "SELECT count(*) AS tables FROM sqlite_schema WHERE name = $1",
            DbConnection::Postgres(_) => "SELECT count(to_regclass($1)) AS tables",
        };
        let found: Found = diesel::sql_query(query).bind::<Text, _>(table).get_result(&mut *connection)?;
        Ok(found.tables > 0)
    }

    /// Whether its disk has room for a little more. It is tried: that much is written where the database's own files are, and gone again
    /// at once. No figure would tell as well, of a quota or of a server elsewhere.
    ///
    /// # Errors
    /// When that could not be tried.
    pub fn has_room(&self) -> Result<bool, DatabaseError> {
        match &self.url {
            DatabaseUrl::Sqlite(file) => Ok(!write_beside(file).is_err_and(|error| means_full(&error.to_string()))),
            DatabaseUrl::Postgres(_) => match write(&mut *self.get()?, |connection| connection.batch_execute(SPILL)) {
                Ok(()) => Ok(true),
                Err(error) if means_full(&error.to_string()) => Ok(false),
                Err(error) => Err(error.into()),
            },
        }
    }

    /// Refuses the database of the other service, known by one of its tables: the names of their migrations are alike, and
    /// two services in one database would run into each other.
    ///
    /// # Errors
    /// [`DatabaseError::Unfit`] with what to do, and those of [`Self::has_table`].
    pub fn refuse_database_of(&self, service: &str, table: &str) -> Result<(), DatabaseError> {
        if !self.has_table(table)? {
            return Ok(());
        }
        let reason = format!(
            "it is the {service} service's database (it has the table \"{table}\"); each service needs one of its own: see whether the \
             two URLs are swapped"
        );
        Err(DatabaseError::Unfit { url: self.url.to_string(), reason })
    }
}

/// Some MiB more than fit into the memory that it may use: they are written to a file in the database's own tablespace, without a
/// trace in its tables.
const SPILL: &str = "
    SET LOCAL work_mem = '64kB';
    SET LOCAL temp_tablespaces = '';
    SELECT count(*) FROM generate_series(1, 100000);
";

fn write_beside(file: &Path) -> std::io::Result<()> {
    use std::io::Write;
    let beside = file.with_extension("room");
    let written = std::fs::File::create(&beside).and_then(|mut file| {
        file.write_all(&[0; 1 << 20])?;
        file.sync_all()
    });
    let removed = std::fs::remove_file(&beside);
    written.and(removed)
}

/// Lets services that start at once migrate one after the other. Should the connection break, the lock goes with it.
fn alone<T>(
    connection: &mut PgConnection,
    work: impl FnOnce(&mut PgConnection) -> Result<T, String>,
) -> Result<T, String> {
    let statement = |call: &str| format!("SELECT {call}({MIGRATION_LOCK})");
    connection.batch_execute(&statement("pg_advisory_lock")).map_err(|error| error.to_string())?;
    let outcome = work(connection);
    connection.batch_execute(&statement("pg_advisory_unlock")).map_err(|error| error.to_string())?;
    outcome
}

fn run_migrations<B, C>(connection: &mut C, migrations: EmbeddedMigrations) -> Result<Vec<String>, String>
where
    B: diesel::backend::Backend,
    C: MigrationHarness<B>,
    EmbeddedMigrations: diesel::migration::MigrationSource<B>,
{
    use diesel::migration::MigrationSource;
    let known: Vec<String> = MigrationSource::<B>::migrations(&migrations)
        .map_err(|error| error.to_string())?
        .iter()
        .map(|migration| migration.name().version().to_string())
        .collect();
    let applied = connection.applied_migrations().map_err(|error| error.to_string())?;
    if let Some(newer) = applied.iter().map(ToString::to_string).find(|version| !known.contains(version)) {
        return Err(format!("it was written by a newer version of Caudal (migration {newer}); start that version"));
    }
    let ran = connection.run_pending_migrations(migrations).map_err(|error| error.to_string())?;
    Ok(ran.iter().map(ToString::to_string).collect())
}

/// Runs `work` in one transaction that is committed when it returns `Ok`. On SQLite the transaction takes the write
/// lock at once: one that starts by reading could not take it later if another writer came between.
///
/// # Errors
/// What `work` returns, or the failed commit.
pub fn write<T, E>(connection: &mut DbConnection, work: impl FnOnce(&mut DbConnection) -> Result<T, E>) -> Result<T, E>
where
    E: From<diesel::result::Error>,
{
    match connection {
        DbConnection::Sqlite(connection) => begin_writing(connection, WAIT_FOR_LOCK)?,
        DbConnection::Postgres(connection) => connection.batch_execute("BEGIN")?,
    }
    let outcome = work(connection).and_then(|value| Ok(connection.batch_execute("COMMIT").map(|()| value)?));
    if outcome.is_err() {
        // The first error is the one to report; a rollback fails only where the connection is gone, and the work with it
        if let Err(error) = connection.batch_execute("ROLLBACK") {
            tracing::debug!(%error, "rollback");
        }
    }
    outcome
}

/// Takes SQLite's write lock. SQLite itself looks for it every tenth of a second after a while, and a worker that applies one
/// transaction after the other lets go of it for some milliseconds only: who signs in meanwhile waited for ten seconds.
pub(crate) fn begin_writing(connection: &mut SqliteConnection, wait: Duration) -> QueryResult<()> {
    const LOOK_AGAIN: Duration = Duration::from_millis(2);
    let end = Instant::now() + wait;
    connection.batch_execute("PRAGMA busy_timeout = 0")?;
    let begun = loop {
        match connection.batch_execute("BEGIN IMMEDIATE") {
            Err(error) if is_locked(&error) && Instant::now() < end => std::thread::sleep(LOOK_AGAIN),
            begun => break begun,
        }
    };
    let patient = connection.batch_execute(&format!("PRAGMA busy_timeout = {}", wait.as_millis()));
    if begun.is_ok() && patient.is_err() {
        // Nobody else would end it
        connection.batch_execute("ROLLBACK")?;
    }
    begun.and(patient)
}

fn is_locked(error: &diesel::result::Error) -> bool {
    matches!(error, diesel::result::Error::DatabaseError(_, said) if said.message().contains("locked"))
}

fn check_fitness(connection: &mut DbConnection, url: &DatabaseUrl) -> Result<(), DatabaseError> {
    let unfit = |reason: String| DatabaseError::Unfit { url: url.to_string(), reason };
    match connection {
        DbConnection::Sqlite(connection) => {
            let version =
                diesel::select(diesel::dsl::sql::<Text>("sqlite_version()")).get_result::<String>(connection)?;
            let numbers: Vec<u32> = version.split('.').filter_map(|part| part.parse().ok()).collect();
            if numbers.as_slice() < OLDEST_SQLITE.as_slice() {
                return Err(unfit(format!(
                    "SQLite {version} can lose committed rows; build Caudal with its bundled SQLite"
                )));
            }
        }
        DbConnection::Postgres(connection) => {
            for setting in POSTGRES_CHECKS {
                let value = diesel::select(diesel::dsl::sql::<Text>(&format!("current_setting('{setting}')")))
                    .get_result::<String>(connection)?;
                if let Some(problem) = problem_of(setting, &value) {
                    return Err(unfit(problem));
                }
            }
        }
    }
    Ok(())
}

/// The settings of a PostgreSQL server that are looked at.
const POSTGRES_CHECKS: [&str; 5] =
    ["server_version_num", "synchronous_commit", "fsync", "full_page_writes", "lc_messages"];

/// What is wrong with a setting of a PostgreSQL server, and what to do.
fn problem_of(setting: &str, value: &str) -> Option<String> {
    let is_fit = match setting {
        "server_version_num" => value.parse::<u32>().is_ok_and(|version| version >= OLDEST_POSTGRES),
        // Some failures are told apart by the server's words alone
        "lc_messages" => {
            let language = value.to_ascii_lowercase();
            language == "c" || ["c.", "posix", "en"].iter().any(|start| language.starts_with(start))
        }
        _ => !matches!(value, "off" | "local"),
    };
    let problem = || match setting {
        "server_version_num" => format!("its version is {value}, and Caudal needs PostgreSQL 15 or newer (150000)"),
        "lc_messages" => format!(
            "lc_messages is '{value}', and Caudal understands the server's messages in English only; have an administrator run: \
             ALTER ROLE the_user_of_the_url SET lc_messages = 'C'"
        ),
        _ => format!("{setting} is {value}, so a committed row can be lost; set it to on"),
    };
    (!is_fit).then(problem)
}

/// Opens connections for the pool.
pub struct Manager {
    url: DatabaseUrl,
    /// Memory for pages of SQLite, for each connection.
    cache_kib: u32,
}

/// A process has about ten connections in three databases: with 64 MiB each they took half a gigabyte.
const CACHE_KIB: u32 = 16 * 1024;
/// What a worker's transactions change of the indexes stays in memory: a million sales took it 22 s instead of 25 s.
const WORKER_CACHE_KIB: u32 = 64 * 1024;

impl Manager {
    fn connect(&self) -> Result<DbConnection, DatabaseError> {
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
                // They are ours and right: what fails is the connection
                let lost =
                    |error: diesel::result::Error| DatabaseError::Away { url: shown(), reason: error.to_string() };
                connection.batch_execute(POSTGRES_SETTINGS).map_err(lost)?;
                Ok(DbConnection::Postgres(connection))
            }
        }
    }
}

/// `busy_timeout` comes first: setting WAL already needs a lock. FULL, because a commit must outlive a power cut before
/// anything is acknowledged; with NORMAL a committed transaction may roll back. Pages are moved from the WAL to the file
/// every 64 MiB: many commits change the same pages of an index, and each is then written once.
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

const POSTGRES_SETTINGS: &str = "
    SET TIME ZONE 'UTC';
    SET statement_timeout = '120s';
    SET lock_timeout = '15s';
    SET idle_in_transaction_session_timeout = '60s';
";

/// How long a server that has fallen silent may take, for the client library: without these a machine that lost its power keeps
/// whoever waits for it for hours.
const POSTGRES_LIMITS: [(&str, &str); 5] = [
    ("connect_timeout", "10"),
    ("keepalives_idle", "30"),
    ("keepalives_interval", "10"),
    ("keepalives_count", "3"),
    ("tcp_user_timeout", "30000"),
];

/// The URL with [`POSTGRES_LIMITS`] where it does not give its own.
fn with_limits(url: &str) -> String {
    let (_, rest) = url.split_once("://").unwrap_or_default();
    // A ? of the password is none that parameters begin with
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

fn open_sqlite(path: &Path) -> Result<SqliteConnection, String> {
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
            // A file does not go away; asking costs more than it tells
            DbConnection::Sqlite(_) => Ok(()),
            DbConnection::Postgres(connection) => connection.batch_execute("SELECT 1").map_err(r2d2::Error::QueryError),
        }
    }

    /// A panic may have left a transaction open.
    fn has_broken(&self, _: &mut DbConnection) -> bool {
        std::thread::panicking()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_scheme_is_refused_without_showing_the_url() {
        let error = "mysql://root:hunter2@db/caudal".parse::<DatabaseUrl>().unwrap_err().to_string();
        assert!(
            error.contains("\"mysql\" is no database that Caudal knows; use sqlite:PATH or postgres://"),
            "{error}"
        );
        assert!(!error.contains("hunter2"));
        assert!("caudal.db".parse::<DatabaseUrl>().is_err(), "a bare name must not become a new SQLite file");
        for url in
            ["hunter2", "hunter2:x", "ana:hunter2@db/caudal", "hunter2@db:5432/x", "hunter2/@db://x", "//hunter2"]
        {
            let error = url.parse::<DatabaseUrl>().unwrap_err().to_string();
            assert!(error.contains("\"(no scheme)\" is no database") && !error.contains("hunter2"), "{error}");
        }
        assert_eq!(scheme_of("postgres:ana:hunter2@db"), "postgres");
    }

    #[test]
    fn a_password_is_masked_wherever_a_url_is_shown() {
        let url: DatabaseUrl = "postgres://ana:p%40ss@db:5432/caudal?sslmode=require".parse().unwrap();
        assert_eq!(url.to_string(), "postgres://ana:***@db:5432/caudal?sslmode=require");
        assert_eq!(format!("{url:?}"), url.to_string());
        for (url, shown) in [
            ("postgres://ana:pa/ss@db/x", "postgres://ana:***@db/x"),
            ("postgres://ana:p@ss@db/x", "postgres://ana:***@db/x"),
            (
                "postgres://db/x?user=ana&password=hunter2&sslmode=disable",
                "postgres://db/x?user=ana&password=***&sslmode=disable",
            ),
            ("postgres://db/x?password=hun@ter2", "postgres://db/x?password=***"),
            ("amqp://ana:pa/ss@broker/caudal", "amqp://ana:***@broker/caudal"),
            ("postgres://db/x", "postgres://db/x"),
        ] {
            assert_eq!(masked(url), shown);
        }
    }

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
    fn a_server_that_refuses_us_is_not_one_that_is_away() {
        let server = r#"connection to server at "10.0.0.1", port 5432 failed: "#;
        for (said, is_away) in [
            ("Connection refused", true),
            ("timeout expired", true),
            ("FATAL:  the database system is starting up", true),
            ("FATAL:  the database system is in recovery mode", true),
            ("FATAL:  sorry, too many clients already", true),
            ("FATAL:  remaining connection slots are reserved for non-replication superuser connections", true),
            ("FATAL:  the database system is not accepting connections", true),
            ("FATAL:  terminating connection due to administrator command", true),
            (r#"FATAL:  database "caudal" is not currently accepting connections"#, false),
            (r#"FATAL:  password authentication failed for user "ana""#, false),
            (r#"FATAL:  database "caudal" does not exist"#, false),
        ] {
            assert_eq!(means_away(&format!("{server}{said}")), is_away, "{said}");
        }
        assert!(means_away(r#"could not translate host name "db" to address: Name or service not known"#));
        assert!(!means_away(r#"invalid port number: "x""#));
    }

    #[test]
    fn a_query_is_to_blame_for_what_takes_too_long_and_not_for_a_database_that_is_away() {
        use diesel::result::{DatabaseErrorKind as Kind, Error};
        for (kind, words, is_away) in [
            (Kind::Unknown, "canceling statement due to statement timeout", false),
            (Kind::Unknown, "canceling statement due to lock timeout", true),
            (Kind::ReadOnlyTransaction, "cannot execute INSERT in a read-only transaction", true),
            (Kind::Unknown, "unable to open database file", true),
            (Kind::Unknown, "terminating connection due to administrator command", true),
            (Kind::Unknown, "database is locked", true),
            (Kind::Unknown, "database or disk is full", true),
            (Kind::Unknown, r#"could not extend file "base/16384/2691": No space left on device"#, true),
            (
                Kind::Unknown,
                r#"could not extend file "base/16384/2691": wrote only 4096 of 8192 bytes at block 7"#,
                true,
            ),
            (Kind::Unknown, r#"could not create file "base/16384/24601": No space left on device"#, true),
            (Kind::Unknown, r#"could not write to file "base/pgsql_tmp/pgsql_tmp1.0": Disk quota exceeded"#, true),
            (Kind::Unknown, "relation \"outbox\" does not exist", false),
            (Kind::UniqueViolation, "duplicate key value, full", false),
        ] {
            let error = DatabaseError::from(Error::DatabaseError(kind, Box::new(words.to_owned())));
            assert_eq!(error.is_away(), is_away, "{error}");
        }
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

    #[test]
    fn a_server_that_is_too_old_or_speaks_another_language_is_refused_with_the_remedy() {
        let fit = [
            ("server_version_num", "150004"),
            ("lc_messages", "C"),
            ("lc_messages", "C.UTF-8"),
            ("lc_messages", "en_US.UTF-8"),
            ("lc_messages", "English_United States.1252"),
            ("lc_messages", "POSIX"),
            ("fsync", "on"),
            ("synchronous_commit", "remote_apply"),
        ];
        for (setting, value) in fit {
            assert_eq!(problem_of(setting, value), None, "{setting} {value}");
        }
        for (setting, value, said) in [
            ("server_version_num", "140012", "needs PostgreSQL 15 or newer"),
            ("lc_messages", "pt_BR.UTF-8", "ALTER ROLE the_user_of_the_url SET lc_messages = 'C'"),
            ("lc_messages", "ca_ES.UTF-8", "in English only"),
            ("lc_messages", "", "in English only"),
            ("fsync", "off", "can be lost"),
            ("synchronous_commit", "local", "can be lost"),
        ] {
            let problem = problem_of(setting, value).unwrap();
            assert!(problem.contains(said), "{problem}");
        }
    }

    #[test]
    fn a_failed_write_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::open(&DatabaseUrl::Sqlite(folder.path().join("x.db")), 2).unwrap();
        let mut connection = database.get().unwrap();
        connection.batch_execute("CREATE TABLE t (n INTEGER)").unwrap();
        let outcome: Result<(), DatabaseError> = write(&mut connection, |connection| {
            connection.batch_execute("INSERT INTO t VALUES (1)")?;
            Err(diesel::result::Error::NotFound.into())
        });
        assert!(outcome.is_err());
        let count = diesel::select(diesel::dsl::sql::<BigInt>("(SELECT count(*) FROM t)"))
            .get_result::<i64>(&mut *connection)
            .unwrap();
        assert_eq!(count, 0);
    }
}
