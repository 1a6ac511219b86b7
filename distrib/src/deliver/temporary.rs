//! Temporary tables: they hold rows of one message, so that one text of SQL can work on all of them.

use caudal_platform::database::DbConnection;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;

/// Makes the temporary tables of `sql`, which runs on both backends. PostgreSQL empties them with each commit where it says
/// so: rows that are only deleted would pile up there, for nothing cleans temporary tables of a session that lives long.
pub(super) fn make(connection: &mut DbConnection, sql: &str) -> QueryResult<()> {
    const PLACE: &str = "/* emptied by the commit */";
    match connection {
        DbConnection::Sqlite(connection) => connection.batch_execute(sql),
        DbConnection::Postgres(connection) => connection.batch_execute(&sql.replace(PLACE, "ON COMMIT DELETE ROWS")),
    }
}
