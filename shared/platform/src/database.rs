//! Opening SQLite or PostgreSQL by URL.
//!
//! The scheme of the URL chooses the backend. An unknown scheme is refused with a sentence, and a connection error is
//! shown as it is with the password masked. (`MultiConnection::establish` would hide both, because it answers every
//! failure with one sentence and makes a SQLite file out of a mistyped URL.)
//!
//! Handwritten SQL must run on both backends: number the parameters `$1, $2 …` in the order of their first appearance,
//! because SQLite counts them that way, and cast `SUM` of a BIGINT back to BIGINT.

use std::path::Path;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::r2d2::{Pool, PoolError, PooledConnection};
use diesel::sql_types::{BigInt, Text};
use diesel::sqlite::SqliteConnection;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness};

/// The derive also makes public items without documentation.
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

/// Runs `$work` on the backend's own connection, for queries that depend on the SQL dialect: `eq_any` of many values is
/// one array parameter on PostgreSQL and a list of parameters on SQLite.
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

/// The PostgreSQL advisory lock that a service holds during its migrations: "caudal" as bytes.
pub const MIGRATION_LOCK: i64 = 0x63_61_75_64_61_6c;
const WAIT_FOR_CONNECTION: Duration = Duration::from_secs(10);
/// The same as `busy_timeout` in the SQLite settings.
const WAIT_FOR_LOCK: Duration = Duration::from_secs(30);

impl Database {
    /// Opens a database with at most `connections` connections, and checks that it stores data durably.
    ///
    /// # Errors
    /// [`DatabaseError::Away`], [`DatabaseError::Open`] and [`DatabaseError::Unfit`].
    pub fn open(url: &DatabaseUrl, connections: u32) -> Result<Self, DatabaseError> {
        Self::open_caching(url, connections, connecting::CACHE_KIB)
    }

    /// Opens the same database again with a single connection and a larger page cache, for a worker.
    ///
    /// # Errors
    /// The errors of [`Self::open`].
    pub fn for_worker(&self) -> Result<Self, DatabaseError> {
        Self::open_caching(&self.url, 1, connecting::WORKER_CACHE_KIB)
    }

    fn open_caching(url: &DatabaseUrl, connections: u32, cache_kib: u32) -> Result<Self, DatabaseError> {
        let manager = Manager { url: url.clone(), cache_kib };
        // Make the first connection by hand, because the pool reports every failure as "timed out".
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

    /// Borrows a connection; dropping it returns it to the pool.
    ///
    /// # Errors
    /// [`DatabaseError::Busy`] if no connection becomes free in time.
    pub fn get(&self) -> Result<Lent, DatabaseError> {
        self.get_within(WAIT_FOR_CONNECTION)
    }

    /// Like [`Self::get`], but waits at most `wait`.
    ///
    /// # Errors
    /// The errors of [`Self::get`].
    pub fn get_within(&self, wait: Duration) -> Result<Lent, DatabaseError> {
        let busy = |error: PoolError| DatabaseError::Busy { after: wait, reason: error.to_string() };
        self.pool.get_timeout(wait).map_err(busy)
    }

    /// Whether all connections are lent. If so, a failure to get one says nothing about the state of the database.
    #[must_use]
    pub fn is_in_full_use(&self) -> bool {
        let state = self.pool.state();
        state.idle_connections == 0 && state.connections >= self.pool.max_size()
    }

    /// The location; shown with the password masked.
    #[must_use]
    pub fn url(&self) -> &DatabaseUrl {
        &self.url
    }

    /// Applies the missing migrations and returns their names. Both lists have the same names.
    ///
    /// # Errors
    /// [`DatabaseError::Unfit`] if a migration fails, or if a newer program wrote the database. [`DatabaseError::Away`]
    /// if the connection broke meanwhile, if there was no room, or if another service held the migration lock for too
    /// long.
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
    /// Whether the database has this table.
    ///
    /// # Errors
    /// The database error, or [`DatabaseError::Busy`].
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

    /// Whether the disk of the database has room for a little more. This is tested by a write: a few MiB or less go to
    /// the disk of the database files and are deleted at once. A free-space figure would be less reliable, because of
    /// quotas and because the server may be on another machine.
    ///
    /// # Errors
    /// The error, if the test could not be made.
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

    /// Refuses the database of the other service, which is recognised by one of its tables. The migrations of both
    /// services have similar names, so two services in one database would run into each other.
    ///
    /// # Errors
    /// [`DatabaseError::Unfit`] with the remedy, and the errors of [`Self::has_table`].
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

/// Makes a result of some MiB, larger than `work_mem`. PostgreSQL spills it to a temporary file in the database's own
/// tablespace and leaves no trace in the tables.
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

/// Lets services that start at the same time migrate one after the other. If the connection breaks, the server frees
/// the lock.
fn alone<T>(
    connection: &mut PgConnection,
    work: impl FnOnce(&mut PgConnection) -> Result<T, String>,
) -> Result<T, String> {
    let statement = |call: &str| format!("SELECT {call}({MIGRATION_LOCK})");
    connection.batch_execute(&statement("pg_advisory_lock")).map_err(|error| error.to_string())?;
    // A migration may build an index over many rows. With the usual timeout the server would cancel it each time, and
    // it would never finish.
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

/// Runs `work` in one transaction and commits it if `work` returns `Ok`. On SQLite the transaction takes the write lock
/// at once. A transaction that starts with a read could not take the lock later if another writer had committed in
/// between.
///
/// # Errors
/// The error of `work`, or of the commit.
pub fn write<T, E>(connection: &mut DbConnection, work: impl FnOnce(&mut DbConnection) -> Result<T, E>) -> Result<T, E>
where
    E: From<diesel::result::Error>,
{
    match connection {
        DbConnection::Sqlite(connection) => begin_writing(connection, WAIT_FOR_LOCK)?,
        // Set explicitly because the server's default may differ: after waiting for a lock, a statement must see rows
        // that were committed meanwhile.
        DbConnection::Postgres(connection) => connection.batch_execute("BEGIN ISOLATION LEVEL READ COMMITTED")?,
    }
    let outcome = work(connection).and_then(|value| Ok(connection.batch_execute("COMMIT").map(|()| value)?));
    if outcome.is_err() {
        // Report the first error. A rollback fails only if the connection is gone, and then the work is gone with it.
        if let Err(error) = connection.batch_execute("ROLLBACK") {
            tracing::debug!(%error, "the rollback of a failed transaction failed");
        }
    }
    outcome
}

/// Lets the current transaction stay idle between two statements for up to 30 minutes while its work is computed.
/// Sessions that wait for its locks wait as long.
///
/// # Errors
/// The database error, if the setting fails.
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
        // The caller gets an error and would not end the transaction.
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

/// Takes a name that only one connection at a time can hold in a PostgreSQL database, until the connection ends.
/// Returns whether the name was free. On SQLite it always succeeds: the database file belongs to one data folder, and
/// processes find each other by the files in that folder.
///
/// # Errors
/// The database error, if the query fails.
pub fn take_name(connection: &mut DbConnection, name: &str) -> QueryResult<bool> {
    #[derive(QueryableByName)]
    struct Taken {
        #[diesel(sql_type = diesel::sql_types::Bool)]
        taken: bool,
    }
    let DbConnection::Postgres(connection) = connection else { return Ok(true) };
    // Two-key locks have a key space of their own, so a name never collides with a one-key lock such as that of a
    // source's orders.
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
