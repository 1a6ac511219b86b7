//! How far the write-ahead log of a SQLite file has grown.
//!
//! It is begun anew when all of it is in the file and nobody reads it; a reader that stays, say of a backup, makes it grow by whatever
//! is written meanwhile.

use std::path::Path;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::Integer;

use super::{DatabaseError, DatabaseUrl};

/// How large the write-ahead log of a SQLite file is on the disk.
#[must_use]
pub fn wal_bytes(file: &Path) -> u64 {
    let mut wal = file.as_os_str().to_owned();
    wal.push("-wal");
    std::fs::metadata(wal).map_or(0, |wal| wal.len())
}

/// Moves everything from the write-ahead log into the file and makes the log empty; `false` where somebody is reading or
/// writing it for longer than a moment.
///
/// # Errors
/// What SQLite says.
pub fn empty_wal(file: &Path) -> Result<bool, DatabaseError> {
    #[derive(QueryableByName)]
    struct Checkpoint {
        #[diesel(sql_type = Integer)]
        busy: i32,
    }
    let shown = || DatabaseUrl::Sqlite(file.to_owned()).to_string();
    let mut connection =
        super::connecting::open_sqlite(file).map_err(|reason| DatabaseError::Open { url: shown(), reason })?;
    // What can be moved beside others is; whoever writes waits only for the rest, as long as this waits for him
    connection.batch_execute("PRAGMA busy_timeout = 100; PRAGMA synchronous = FULL; PRAGMA wal_checkpoint(PASSIVE)")?;
    let checkpoint: Checkpoint = sql_query("PRAGMA wal_checkpoint(TRUNCATE)").get_result(&mut connection)?;
    Ok(checkpoint.busy == 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::database::{Database, Lent, write};

    const MIB: u64 = 1 << 20;
    /// Where it begins anew, and a last transaction.
    const MOST: u64 = 68 * MIB;

    /// Writes so many MiB over and over, one a transaction.
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
