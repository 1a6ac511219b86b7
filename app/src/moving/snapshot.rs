//! Copies several SQLite databases as of one instant, while other processes go on reading and writing them.
//!
//! First the write locks of all databases are taken, which waits for running writers. While the locks are held, a reader of
//! each database begins; it sees this state for as long as it reads. Then the locks are released, so writers wait only a
//! moment. `VACUUM INTO` does not fit, because each one begins its own reading at another instant. So the same is done here by
//! hand: the schema is made again and each table is filled by `INSERT … SELECT`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::Text;
use diesel::sqlite::SqliteConnection;

use caudal_platform::database::{DbConnection, begin_writing};
use caudal_platform::secret::write_private_file;

/// A database file and the file for its copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copy {
    /// The database.
    pub from: PathBuf,
    /// The copy. It must not exist yet.
    pub to: PathBuf,
}

/// The reason why databases could not be copied, or why a copy is not to be trusted.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// A file could not be made.
    #[error("{path}: {reason}")]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's error.
        reason: std::io::Error,
    },
    /// A database could not be opened.
    #[error("{path} cannot be opened: {reason}")]
    Open {
        /// The file.
        path: PathBuf,
        /// The error of SQLite.
        reason: String,
    },
    /// A query failed.
    #[error("{path}: {reason}")]
    Query {
        /// The file.
        path: PathBuf,
        /// The error of SQLite.
        reason: diesel::result::Error,
    },
    /// The database is damaged.
    #[error("{path} is damaged: {finding}")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The first thing that SQLite found.
        finding: String,
    },
}

/// Long enough for the writes of others one after the other. The longest is a rehearsal of many rows, with some seconds.
const WAIT_FOR_LOCKS: Duration = Duration::from_secs(120);
const SETTINGS: &str = "PRAGMA busy_timeout = 120000; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16384;";
/// The copy is written once and is worthless until it is whole, so it needs no journal. References were checked when the rows
/// were first written.
const WRITING_ONCE: &str = "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF;";

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

/// Copies databases as of one instant, the same for all of them, and checks each copy. `done` is called after each one.
///
/// # Errors
/// [`SnapshotError`]. The partial copies are then useless.
pub fn copy_at_one_instant(copies: &[Copy], mut done: impl FnMut(&Copy)) -> Result<(), SnapshotError> {
    let mut readers = Vec::with_capacity(copies.len());
    for copy in copies {
        readers.push(open_pair(copy)?);
    }
    begin_at_one_instant(copies, &mut readers)?;
    for (copy, connection) in copies.iter().zip(&mut readers) {
        fill(connection).map_err(|reason| failed(&copy.from, reason))?;
        check(&copy.to, connection)?;
        let file = std::fs::File::open(&copy.to).and_then(|file| file.sync_all());
        file.map_err(|reason| SnapshotError::Io { path: copy.to.clone(), reason })?;
        done(copy);
    }
    Ok(())
}

/// Checks that a database file is whole.
///
/// # Errors
/// [`SnapshotError::Damaged`] with the first finding of SQLite.
pub fn check_integrity(path: &Path) -> Result<(), SnapshotError> {
    check(path, &mut open(path)?)
}

/// Opens a copy unchanged, without making files or settings.
///
/// # Errors
/// [`SnapshotError::Open`].
pub fn open_copy(path: &Path) -> Result<DbConnection, SnapshotError> {
    Ok(DbConnection::Sqlite(open(path)?))
}

fn open(path: &Path) -> Result<SqliteConnection, SnapshotError> {
    let failed = |reason: String| SnapshotError::Open { path: path.to_owned(), reason };
    if !path.is_file() {
        return Err(failed("there is no such file".to_owned()));
    }
    SqliteConnection::establish(name(path)?).map_err(|error| failed(error.to_string()))
}

fn name(path: &Path) -> Result<&str, SnapshotError> {
    path.to_str()
        .ok_or_else(|| SnapshotError::Open { path: path.to_owned(), reason: "its path is not valid UTF-8".to_owned() })
}

fn failed(path: &Path, reason: diesel::result::Error) -> SnapshotError {
    SnapshotError::Query { path: path.to_owned(), reason }
}

/// A connection to the copy, with the database attached as `source`.
fn open_pair(copy: &Copy) -> Result<SqliteConnection, SnapshotError> {
    // Made before SQLite opens it, so that no other user can read it at any time.
    write_private_file(&copy.to, "").map_err(|reason| SnapshotError::Io { path: copy.to.clone(), reason })?;
    let mut connection = open(&copy.to)?;
    let prepared = connection.batch_execute(SETTINGS).and_then(|()| connection.batch_execute(WRITING_ONCE));
    prepared.map_err(|reason| failed(&copy.to, reason))?;
    attach(&mut connection, &copy.from, "source")?;
    Ok(connection)
}

fn attach(connection: &mut SqliteConnection, path: &Path, as_name: &str) -> Result<(), SnapshotError> {
    if !path.is_file() {
        let reason = "there is no such file".to_owned();
        return Err(SnapshotError::Open { path: path.to_owned(), reason });
    }
    let attached = sql_query(format!("ATTACH DATABASE $1 AS {as_name}")).bind::<Text, _>(name(path)?);
    attached.execute(connection).map(drop).map_err(|reason| failed(path, reason))
}

/// Begins a reading of each database while nobody can write to any of them.
fn begin_at_one_instant(copies: &[Copy], readers: &mut [SqliteConnection]) -> Result<(), SnapshotError> {
    let memory = Path::new(":memory:");
    let opened = SqliteConnection::establish(":memory:");
    let mut locks =
        opened.map_err(|error| SnapshotError::Open { path: memory.to_owned(), reason: error.to_string() })?;
    locks.batch_execute(SETTINGS).map_err(|reason| failed(memory, reason))?;
    for (number, copy) in copies.iter().enumerate() {
        attach(&mut locks, &copy.from, &format!("held{number}"))?;
    }
    // IMMEDIATE locks every attached database, not only the first. Nobody waits for one of them while holding another, so there
    // is no deadlock.
    begin_writing(&mut locks, WAIT_FOR_LOCKS).map_err(|reason| failed(memory, reason))?;
    for (copy, reader) in copies.iter().zip(readers) {
        // BEGIN alone reads nothing. The first query fixes the state that the reader sees.
        let begun = reader.batch_execute("BEGIN; SELECT count(*) FROM source.sqlite_schema;");
        begun.map_err(|reason| failed(&copy.from, reason))?;
    }
    locks.batch_execute("ROLLBACK").map_err(|reason| failed(memory, reason))
}

fn fill(connection: &mut SqliteConnection) -> QueryResult<()> {
    // Indexes come first, as in VACUUM, because SQLite copies rows page by page if the schemas are alike.
    for kind in ["table", "index", "view", "trigger"] {
        let statements = sql_query(
            "SELECT sql AS line FROM source.sqlite_schema
             WHERE type = $1 AND sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY rowid",
        );
        for statement in statements.bind::<Text, _>(kind).load::<Line>(connection)? {
            connection.batch_execute(&statement.line)?;
        }
    }
    let tables = sql_query("SELECT name AS line FROM source.sqlite_schema WHERE type = 'table' ORDER BY rowid");
    for Line { line: table } in tables.load::<Line>(connection)? {
        match table.as_str() {
            // Holds the last ids that were given, also to deleted rows.
            "sqlite_sequence" => {}
            name if name.starts_with("sqlite_") => continue,
            _ => {}
        }
        let table = table.replace('"', "\"\"");
        connection.batch_execute(&format!(
            "DELETE FROM main.\"{table}\"; INSERT INTO main.\"{table}\" SELECT * FROM source.\"{table}\""
        ))?;
    }
    connection.batch_execute("COMMIT; DETACH DATABASE source;")
}

fn check(path: &Path, connection: &mut SqliteConnection) -> Result<(), SnapshotError> {
    let finding = sql_query("SELECT integrity_check AS line FROM pragma_integrity_check LIMIT 1")
        .get_result::<Line>(connection)
        .map_err(|reason| failed(path, reason))?
        .line;
    if finding == "ok" { Ok(()) } else { Err(SnapshotError::Damaged { path: path.to_owned(), finding }) }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use diesel::sql_types::BigInt;

    use super::*;
    use caudal_platform::database::{Database, DatabaseUrl, write};

    fn number(path: &Path, query: &str) -> i64 {
        diesel::select(diesel::dsl::sql::<BigInt>(query)).get_result(&mut open_copy(path).unwrap()).unwrap()
    }

    fn database(path: &Path) -> Database {
        let database = Database::open(&DatabaseUrl::Sqlite(path.to_owned()), 1).unwrap();
        let tables = "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, n BIGINT NOT NULL, b BLOB);
                      CREATE INDEX t_n ON t (n) WHERE n > 1;";
        database.get().unwrap().batch_execute(tables).unwrap();
        database
    }

    #[test]
    fn copies_of_two_databases_show_the_same_instant_while_both_are_written() {
        let folder = tempfile::tempdir().unwrap();
        let files = ["first.db", "second.db"].map(|name| folder.path().join(name));
        let databases = files.clone().map(|file| database(&file));
        let copies = files.clone().map(|file| Copy { to: file.with_extension("copy"), from: file });
        let mut readers: Vec<_> = copies.iter().map(|copy| open_pair(copy).unwrap()).collect();
        let stop = AtomicBool::new(false);
        std::thread::scope(|scope| {
            // Each number goes into the first database, then into the second: no instant has more in the second, or two fewer.
            scope.spawn(|| {
                let mut connections = databases.each_ref().map(|database| database.get().unwrap());
                let mut n = 0;
                while !stop.load(Ordering::Relaxed) && n < 500_000 {
                    n += 1;
                    for connection in &mut connections {
                        // Without syncs, so that many writes happen between two readings.
                        connection.batch_execute("PRAGMA synchronous = OFF").unwrap();
                        let insert = format!("INSERT INTO t (n) VALUES ({n})");
                        write(connection, |connection| connection.batch_execute(&insert)).unwrap();
                    }
                }
            });
            let mut seen = Vec::new();
            for _ in 0..300 {
                begin_at_one_instant(&copies, &mut readers).unwrap();
                let last = "SELECT CAST(COALESCE(max(n), 0) AS TEXT) AS line FROM source.t";
                let both = readers.iter_mut().map(|reader| sql_query(last).get_result::<Line>(reader).unwrap().line);
                seen.push(both.map(|last| last.parse::<i64>().unwrap()).collect::<Vec<_>>());
                readers.iter_mut().for_each(|reader| reader.batch_execute("ROLLBACK").unwrap());
            }
            stop.store(true, Ordering::Relaxed);
            let is_instant = |both: &Vec<i64>| both[0] == both[1] || both[0] == both[1] + 1;
            assert_eq!(seen.iter().find(|both| !is_instant(both)), None);
            assert!(seen.first() != seen.last(), "it was written all the time");
        });
    }

    #[test]
    fn a_copy_has_all_that_the_database_has_and_only_its_owner_can_read_it() {
        let folder = tempfile::tempdir().unwrap();
        let copy = Copy { from: folder.path().join("a.db"), to: folder.path().join("b.db") };
        let database = database(&copy.from);
        let rows = "INSERT INTO t (n, b) VALUES (5, x'00ff'), (6, NULL); DELETE FROM t WHERE n = 6;";
        database.get().unwrap().batch_execute(rows).unwrap();
        copy_at_one_instant(std::slice::from_ref(&copy), |_| {}).unwrap();
        assert_eq!(number(&copy.to, "(SELECT seq FROM sqlite_sequence)"), 2, "a number is never given twice");
        assert_eq!(number(&copy.to, "(SELECT count(*) FROM t WHERE n = 5 AND b = x'00ff')"), 1);
        assert_eq!(number(&copy.to, "(SELECT count(*) FROM sqlite_schema WHERE name = 't_n')"), 1);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(&copy.to).unwrap().permissions().mode() & 0o777, 0o600);
        }
        assert!(copy_at_one_instant(&[copy], |_| {}).is_err(), "nothing is overwritten");
    }

    #[test]
    fn a_damaged_file_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        database(&path);
        let mut bytes = std::fs::read(&path).unwrap();
        bytes[4096..].fill(7);
        std::fs::write(&path, bytes).unwrap();
        assert!(check_integrity(&path).is_err());
        assert!(check_integrity(&folder.path().join("none.db")).is_err());
    }
}
