//! Decides which deliveries may run at the same time. SQLite has one writer at a time. On PostgreSQL, messages that bring rows
//! are delivered in parallel. A message that undoes, cancels, moves or copies rows of other messages runs alone, because it
//! cannot lock rows that a parallel delivery is about to insert.

use caudal_contract::message::MessageKind;
use caudal_platform::database::DbConnection;
use diesel::QueryResult;
use diesel::connection::SimpleConnection;

/// The key of the advisory lock in a PostgreSQL database: the bytes of "turns".
const LOCK: i64 = 0x74_75_72_6e_73;

/// Waits for the turn of a message of this kind. It must be the first statement of the transaction, because rows that were
/// looked up before it may be gone. The transaction's end releases the lock.
pub(super) fn take(connection: &mut DbConnection, kind: MessageKind) -> QueryResult<()> {
    if kind.runs_alone() { alone(connection) } else { side_by_side(connection) }
}

/// Waits until no delivery runs alone.
pub(super) fn side_by_side(connection: &mut DbConnection) -> QueryResult<()> {
    lock(connection, "pg_advisory_xact_lock_shared")
}

/// Waits until no other delivery runs.
pub(super) fn alone(connection: &mut DbConnection) -> QueryResult<()> {
    lock(connection, "pg_advisory_xact_lock")
}

fn lock(connection: &mut DbConnection, call: &str) -> QueryResult<()> {
    match connection {
        DbConnection::Sqlite(_) => Ok(()),
        DbConnection::Postgres(connection) => connection.batch_execute(&format!("SELECT {call}({LOCK})")),
    }
}
