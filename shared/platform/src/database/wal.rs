//! The size of a SQLite file's write-ahead log, and how to empty it.
//!
//! SQLite starts the log anew once all of it is checkpointed into the file and no reader uses it. A reader that stays
//! open, such as a backup, makes the log grow by everything that is written meanwhile.

use std::path::Path;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::Integer;

use super::{DatabaseError, DatabaseUrl};

/// The size of the write-ahead log of a SQLite file on the disk.
#[must_use]
pub fn wal_bytes(file: &Path) -> u64 {
    let mut wal = file.as_os_str().to_owned();
    wal.push("-wal");
    std::fs::metadata(wal).map_or(0, |wal| wal.len())
}

/// Moves everything from the write-ahead log into the file and truncates the log. Returns `false` if another connection
/// reads or writes the log for longer than a moment.
///
/// # Errors
/// The error of SQLite.
pub fn empty_wal(file: &Path) -> Result<bool, DatabaseError> {
    #[derive(QueryableByName)]
    struct Checkpoint {
        #[diesel(sql_type = Integer)]
        busy: i32,
    }
    let shown = || DatabaseUrl::Sqlite(file.to_owned()).to_string();
    let mut connection =
        super::connecting::open_sqlite(file).map_err(|reason| DatabaseError::Open { url: shown(), reason })?;
    // PASSIVE checkpoints what it can without blocking writers. TRUNCATE waits at most 100 ms for the rest, so a writer
    // is never blocked for longer.
    connection.batch_execute("PRAGMA busy_timeout = 100; PRAGMA synchronous = FULL; PRAGMA wal_checkpoint(PASSIVE)")?;
    let checkpoint: Checkpoint = sql_query("PRAGMA wal_checkpoint(TRUNCATE)").get_result(&mut connection)?;
    Ok(checkpoint.busy == 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::database::{Database, Lent, write};

    const MIB: u64 = 1 << 20;
    /// The size at which the log starts anew, plus a last transaction.
    const MOST: u64 = 68 * MIB;

    /// Writes one MiB over and over, `count` times, each in its own transaction.
    fn write_mib(connection: &mut Lent, count: u32) {
        for _ in 0..count {
            write(connection, |connection| {
                connection.batch_execute("DELETE FROM t; INSERT INTO t VALUES (zeroblob(1048576))")
            })
            .unwrap();
        }
    }

    #[test]
    fn the_log_stays_bounded_and_shrinks_again_after_a_reader_that_stayed_long() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("x.db");
        let database = Database::open(&DatabaseUrl::Sqlite(file.clone()), 2).unwrap();
        let (mut writer, mut reader) = (database.get().unwrap(), database.get().unwrap());
        writer.batch_execute("PRAGMA synchronous = OFF; CREATE TABLE t (b BLOB)").unwrap();
        write_mib(&mut writer, 200);
        assert!(wal_bytes(&file) < MOST, "{} MiB", wal_bytes(&file) / MIB);

        reader.batch_execute("BEGIN; SELECT count(*) FROM t").unwrap();
        write_mib(&mut writer, 200);
        assert!(wal_bytes(&file) > 150 * MIB, "the reader holds it");
        assert!(!empty_wal(&file).unwrap());

        reader.batch_execute("COMMIT").unwrap();
        write_mib(&mut writer, 2);
        assert!(wal_bytes(&file) < MOST, "{} MiB", wal_bytes(&file) / MIB);
        assert!(empty_wal(&file).unwrap());
        assert_eq!(wal_bytes(&file), 0);
    }
}
