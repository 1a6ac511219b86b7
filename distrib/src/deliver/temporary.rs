//! Temporary tables that hold the rows of one message, so that one SQL statement can process all of them.

use caudal_platform::database::DbConnection;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;

/// Creates the temporary tables of `sql`, which runs on both backends. PostgreSQL empties the tables with the marker at each
/// commit. If their rows were only deleted they would pile up, because autovacuum cannot clean the temporary tables of a session.
pub(super) fn make(connection: &mut DbConnection, sql: &str) -> QueryResult<()> {
    const PLACE: &str = "/* emptied by the commit */";
    match connection {
        DbConnection::Sqlite(connection) => connection.batch_execute(sql),
        DbConnection::Postgres(connection) => connection.batch_execute(&sql.replace(PLACE, "ON COMMIT DELETE ROWS")),
    }
}
