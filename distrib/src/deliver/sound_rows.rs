//! A message that cannot be applied as a whole: one row that cannot be stored stops only itself.
//!
//! The rows are halved until those that fail stand alone. What remains is applied under the message's own id; each row that
//! fails becomes a failed message of its own, with its own attempts, and adds to the same entry of the ledger once it is
//! applied.

use std::panic::{AssertUnwindSafe, catch_unwind};

use caudal_shared::database::{DbConnection, write};
use caudal_shared::message::{Body, DeliveryCounts, Message, Receipt, RejectedRow, wire};
use caudal_shared::money::TenThousandths;
use chrono::{DateTime, Utc};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Nullable, Text};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{DeliverError, EntryKind, begin, counts_of, import, receipt, record_counts, rejections, sales, turns};
use crate::dead_letter;
use crate::schema::failed_messages;

/// With more rows than this it is not the rows that are wrong.
const MOST_ROWS: usize = 50;

/// A row that cannot be stored.
struct Unsound {
    /// Its index in the message.
    index: usize,
    reason: String,
}

/// Applies the rows of a message that can be applied, and keeps the others as failed messages of their own.
///
/// # Errors
/// [`DeliverError`] when the message holds no rows, or when it is not single rows that fail; then nothing was changed.
pub fn deliver_sound_rows(
    connection: &mut DbConnection,
    message: &Message,
    now: DateTime<Utc>,
) -> Result<Receipt, DeliverError> {
    let message_id = message.message_id.to_string();
    let counts = write(connection, |connection| {
        turns::side_by_side(connection)?;
        let import_id = import::find_or_announce(connection, message, now)?;
        if !begin(connection, &message_id, import_id, now)? {
            return Ok(counts_of(connection, &message_id)?);
        }
        let mut unsound = Vec::new();
        let counts = match &message.body {
            Body::Sales(rows) => {
                halve(connection, rows, 0, &mut unsound, &|connection, rows| sales::store(connection, import_id, rows))?
            }
            Body::Rejections(rows) => halve(connection, rows, 0, &mut unsound, &|connection, rows| {
                rejections::record(connection, import_id, rows)
            })?,
            _ => return Err(DeliverError::Unreadable("it holds no rows that could be taken apart".to_owned())),
        };
        for row in &unsound {
            keep(connection, message, row, now)?;
        }
        record_counts(connection, &message_id, EntryKind::of(&message.body), &counts)?;
        Ok(counts)
    })?;
    Ok(receipt(message, counts))
}

/// Applies rows; where they fail, their halves, down to the single rows that do.
fn halve<T>(
    connection: &mut DbConnection,
    rows: &[T],
    first: usize,
    unsound: &mut Vec<Unsound>,
    apply: &dyn Fn(&mut DbConnection, &[T]) -> QueryResult<DeliveryCounts>,
) -> Result<DeliveryCounts, DeliverError> {
    connection.batch_execute("SAVEPOINT rows")?;
    let error = match guarded(|| apply(connection, rows).map_err(DeliverError::from)) {
        Ok(counts) => {
            connection.batch_execute("RELEASE SAVEPOINT rows")?;
            return Ok(counts);
        }
        Err(DeliverError::Database(error)) if dead_letter::is_infrastructure(&error) => return Err(error.into()),
        Err(error) => error,
    };
    connection.batch_execute("ROLLBACK TO SAVEPOINT rows; RELEASE SAVEPOINT rows")?;
    let (left, right) = rows.split_at(rows.len() / 2);
    if left.is_empty() {
        if unsound.len() == MOST_ROWS {
            return Err(error);
        }
        unsound.push(Unsound { index: first, reason: error.to_string() });
        return Ok(DeliveryCounts::default());
    }
    let counts = halve(connection, left, first, unsound, apply)?;
    Ok(counts + halve(connection, right, first + left.len(), unsound, apply)?)
}

/// Runs work whose panic is the message's failure and not the worker's end.
///
/// # Errors
/// What `work` returns, or [`DeliverError::Panicked`]; then a transaction may be open.
pub(crate) fn guarded<T>(work: impl FnOnce() -> Result<T, DeliverError>) -> Result<T, DeliverError> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no reason given");
        Err(DeliverError::Panicked(text.to_owned()))
    })
}

fn keep(
    connection: &mut DbConnection,
    message: &Message,
    row: &Unsound,
    now: DateTime<Utc>,
) -> Result<(), DeliverError> {
    let body = match &message.body {
        Body::Sales(rows) => Body::Sales(rows.get(row.index).cloned().into_iter().collect()),
        Body::Rejections(rows) => Body::Rejections(rows.get(row.index).cloned().into_iter().collect()),
        _ => return Ok(()),
    };
    let part = Message { message_id: part_id(message.message_id, row.index), body, ..message.clone() };
    let payload = wire::to_payload(&part).map_err(|error| DeliverError::Unreadable(error.to_string()))?;
    let failure = dead_letter::Failure {
        message_id: &part.message_id.to_string(),
        payload: &payload,
        reason: &row.reason,
        is_hopeless: false,
        import_id: Some(message.import_id),
        part_of: Some(message.message_id),
    };
    dead_letter::record(connection, &failure, now)?;
    Ok(())
}

/// The same for the same row of the same message, whoever takes it apart.
fn part_id(message_id: Uuid, index: usize) -> Uuid {
    let digest = Sha256::new().chain_update(message_id).chain_update(index.to_le_bytes()).finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(digest.get(..16).unwrap_or(&[0; 16]));
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

/// Applies a row that was taken out of its message, once, and adds what became of it to that message's entry of the ledger.
///
/// # Errors
/// [`DeliverError::Database`]; then nothing was changed.
pub fn deliver_part(
    connection: &mut DbConnection,
    part_of: &str,
    part: &Message,
    now: DateTime<Utc>,
) -> Result<(), DeliverError> {
    write(connection, |connection| {
        turns::side_by_side(connection)?;
        let waiting = failed_messages::table.filter(failed_messages::message_id.eq(part.message_id.to_string()));
        // Whoever takes the row away applies it
        if diesel::delete(waiting).execute(connection)? == 0 {
            return Ok(());
        }
        let import_id = import::find_or_announce(connection, part, now)?;
        if import::is_undone(connection, import_id)? {
            return Ok(());
        }
        let counts = match &part.body {
            Body::Sales(rows) => sales::store(connection, import_id, rows)?,
            Body::Rejections(rows) => rejections::record(connection, import_id, rows)?,
            _ => return Err(DeliverError::Unreadable("only rows are taken out of messages".to_owned())),
        };
        Ok(add_counts(connection, part_of, &counts, None)?)
    })
}

/// Adds to an entry of the ledger. The database adds: another worker may be at another row of the same message.
fn add_counts(
    connection: &mut DbConnection,
    entry: &str,
    counts: &DeliveryCounts,
    acted_by: Option<&str>,
) -> QueryResult<()> {
    let changed = sql_query(
        "UPDATE deliveries SET stored = stored + $1, updated = updated + $2, duplicate = duplicate + $3,
             rejected = rejected + $4, amount_stored = amount_stored + $5, amount_updated = amount_updated + $6,
             amount_duplicate = amount_duplicate + $7, amount_rejected = amount_rejected + $8,
             acted_by = COALESCE($9, acted_by)
         WHERE message_id = $10",
    )
    .bind::<BigInt, _>(counts.stored)
    .bind::<BigInt, _>(counts.updated)
    .bind::<BigInt, _>(counts.duplicate)
    .bind::<BigInt, _>(counts.rejected)
    .bind::<BigInt, _>(counts.amount_stored.0)
    .bind::<BigInt, _>(counts.amount_updated.0)
    .bind::<BigInt, _>(counts.amount_duplicate.0)
    .bind::<BigInt, _>(counts.amount_rejected.0)
    .bind::<Nullable<Text>, _>(acted_by)
    .bind::<Text, _>(entry)
    .execute(connection)?;
    // Rows that nobody counts would not balance
    if changed == 1 { Ok(()) } else { Err(diesel::result::Error::NotFound) }
}

/// Counts the rows of a message that a person discarded as rejected, once: those of `sales` (how many, and their quantity)
/// leave what the import was said to hand over.
///
/// # Errors
/// [`DeliverError::Database`]; then nothing was changed.
pub(crate) fn deliver_as_rejected(
    connection: &mut DbConnection,
    message: &Message,
    entry: &str,
    rows: &[RejectedRow],
    sales: (usize, TenThousandths),
    by: &str,
    now: DateTime<Utc>,
) -> Result<(), DeliverError> {
    write(connection, |connection| {
        turns::side_by_side(connection)?;
        let waiting = failed_messages::table.filter(failed_messages::message_id.eq(message.message_id.to_string()));
        if diesel::delete(waiting).execute(connection)? == 0 {
            return Ok(());
        }
        let import_id = import::find_or_announce(connection, message, now)?;
        begin(connection, entry, import_id, now)?;
        if import::is_undone(connection, import_id)? {
            return Ok(());
        }
        let counts = rejections::record(connection, import_id, rows)?;
        import::reject_accepted(connection, import_id, sales.0, sales.1)?;
        Ok(add_counts(connection, entry, &counts, Some(by))?)
    })
}
