//! Whose turn it is. On SQLite there is one writer at a time. On PostgreSQL messages that bring rows are delivered side by side;
//! what takes back, moves or copies rows that others brought goes alone: it cannot lock the rows that a delivery is about to bring.

use caudal_contract::message::Body;
use caudal_platform::database::DbConnection;
use diesel::QueryResult;
use diesel::connection::SimpleConnection;

/// Names the lock in a PostgreSQL database: "turns" as bytes.
const LOCK: i64 = 0x74_75_72_6e_73;

/// Waits for the turn of a message that says this. As the first statement of its transaction: what was looked up before may
/// be gone. The turn ends with the transaction.
pub(super) fn take(connection: &mut DbConnection, body: &Body) -> QueryResult<()> {
    match body {
        Body::Import(_) | Body::Sales(_) | Body::Rejections(_) => side_by_side(connection),
        Body::Mended(_) | Body::Release(_) | Body::Undo(_) => alone(connection),
    }
}

/// Waits until nobody works alone.
pub(super) fn side_by_side(connection: &mut DbConnection) -> QueryResult<()> {
    lock(connection, "pg_advisory_xact_lock_shared")
}

/// Waits until nobody works.
pub(super) fn alone(connection: &mut DbConnection) -> QueryResult<()> {
    lock(connection, "pg_advisory_xact_lock")
}

fn lock(connection: &mut DbConnection, call: &str) -> QueryResult<()> {
    match connection {
        DbConnection::Sqlite(_) => Ok(()),
        DbConnection::Postgres(connection) => connection.batch_execute(&format!("SELECT {call}({LOCK})")),
    }
}
