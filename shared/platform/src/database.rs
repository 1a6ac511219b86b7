//! Opening SQLite or PostgreSQL by URL.
//!
//! The backend is chosen by the URL's scheme; an unknown scheme is refused with a sentence and a connection error is
//! shown as it is, with the password masked. (`MultiConnection::establish` would hide both: it answers every failure
//! with one sentence and makes a SQLite file out of a mistyped URL.)
//!
//! SQL written by hand must run on both backends: number the parameters `$1, $2 …` in the order of their first
//! appearance, which is how SQLite counts them too, and cast `SUM` of a BIGINT back to BIGINT.

use std::path::Path;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::r2d2::{Pool, PoolError, PooledConnection};
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

mod connecting;
pub use connecting::Manager;
use connecting::POSTGRES_SETTINGS;

mod failure;
pub use failure::{DatabaseError, is_infrastructure, means_full};

mod fitness;

mod inserting;

mod url;
pub use url::{DatabaseUrl, DatabaseUrlError, masked, scheme_of};

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

/// A connection lent by a [`Database`].
pub type Lent = PooledConnection<Manager>;

/// Keeps connections to one database and lends them.
#[derive(Clone)]
pub struct Database {
    pool: Pool<Manager>,
    url: DatabaseUrl,
}

/// The advisory lock of a PostgreSQL database that a service holds while it brings the tables up to date: "caudal" as bytes.
pub const MIGRATION_LOCK: i64 = 0x63_61_75_64_61_6c;
const WAIT_FOR_CONNECTION: Duration = Duration::from_secs(10);
/// As the settings of SQLite have it.
const WAIT_FOR_LOCK: Duration = Duration::from_secs(30);

impl Database {
    /// Opens a database with at most `connections` connections, and checks that it keeps what it is given.
    ///
    /// # Errors
    /// [`DatabaseError::Away`], [`DatabaseError::Open`] and [`DatabaseError::Unfit`].
    pub fn open(url: &DatabaseUrl, connections: u32) -> Result<Self, DatabaseError> {
        Self::open_caching(url, connections, connecting::CACHE_KIB)
    }

    /// The same database through one connection of its own, for a worker: it keeps more pages in memory.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn for_worker(&self) -> Result<Self, DatabaseError> {
        Self::open_caching(&self.url, 1, connecting::WORKER_CACHE_KIB)
    }

    fn open_caching(url: &DatabaseUrl, connections: u32, cache_kib: u32) -> Result<Self, DatabaseError> {
        let manager = Manager { url: url.clone(), cache_kib };
        // The first connection is made by hand: the pool would only say "timed out"
        let mut first = manager.connect()?;
        fitness::check_fitness(&mut first, url)?;
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
        self.get_within(WAIT_FOR_CONNECTION)
    }

    /// The same, waiting for so long only.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub fn get_within(&self, wait: Duration) -> Result<Lent, DatabaseError> {
        let busy = |error: PoolError| DatabaseError::Busy { after: wait, reason: error.to_string() };
        self.pool.get_timeout(wait).map_err(busy)
    }

    /// Whether all connections are lent: then one that cannot be had says nothing about the database.
    #[must_use]
    pub fn is_in_full_use(&self) -> bool {
        let state = self.pool.state();
        state.idle_connections == 0 && state.connections >= self.pool.max_size()
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
            if failure::names_infrastructure(&reason) || connection.batch_execute("SELECT 1").is_err() {
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
    pub fn has_room(&self, wait: Duration) -> Result<bool, DatabaseError> {
        match &self.url {
            DatabaseUrl::Sqlite(file) => Ok(!write_beside(file).is_err_and(|error| means_full(&error.to_string()))),
            DatabaseUrl::Postgres(_) => {
                match write(&mut *self.get_within(wait)?, |connection| connection.batch_execute(SPILL)) {
                    Ok(()) => Ok(true),
                    Err(error) if means_full(&error.to_string()) => Ok(false),
                    Err(error) => Err(error.into()),
                }
            }
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
    // An index of many rows takes its time; half of it, again and again, would never be one
    connection.batch_execute("SET statement_timeout = 0").map_err(|error| error.to_string())?;
    let outcome = work(connection);
    connection.batch_execute(POSTGRES_SETTINGS).map_err(|error| error.to_string())?;
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
        // Whatever the server's default is: who waited for a lock must see what was committed meanwhile
        DbConnection::Postgres(connection) => connection.batch_execute("BEGIN ISOLATION LEVEL READ COMMITTED")?,
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

/// Lets the transaction that has begun be idle for as long as its work between two statements takes; those who wait for what it holds wait
/// as long.
///
/// # Errors
/// What the database says.
pub fn allow_idling(connection: &mut DbConnection) -> QueryResult<()> {
    match connection {
        DbConnection::Sqlite(_) => Ok(()),
        DbConnection::Postgres(connection) => {
            connection.batch_execute("SET LOCAL idle_in_transaction_session_timeout = '30min'")
        }
    }
}

/// Takes SQLite's write lock. SQLite itself looks for it every tenth of a second after a while, and a worker that applies one
/// transaction after the other lets go of it for some milliseconds only: who signs in meanwhile waited for ten seconds.
///
/// # Errors
/// What SQLite says; `database is locked` once `wait` is over.
pub fn begin_writing(connection: &mut SqliteConnection, wait: Duration) -> QueryResult<()> {
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

/// Whether a connection answers.
pub fn is_alive(connection: &mut DbConnection) -> bool {
    diesel::sql_query("SELECT 1").execute(connection).is_ok()
}

/// Takes a name that one connection at a time can have in a PostgreSQL database, for as long as the connection lasts; whether it was free.
/// A SQLite file belongs to a folder, whose processes find each other by its files.
///
/// # Errors
/// What the database says.
pub fn take_name(connection: &mut DbConnection, name: &str) -> QueryResult<bool> {
    #[derive(QueryableByName)]
    struct Taken {
        #[diesel(sql_type = diesel::sql_types::Bool)]
        taken: bool,
    }
    let DbConnection::Postgres(connection) = connection else { return Ok(true) };
    // By two numbers: what one number locks, such as a source's orders, is another name
    let taken = diesel::sql_query("SELECT pg_try_advisory_lock(hashtext($1), 1) AS taken")
        .bind::<Text, _>(name)
        .get_result::<Taken>(connection)?;
    Ok(taken.taken)
}

#[cfg(test)]
mod tests {
    use super::*;

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
