//! A message that cannot be applied as a whole: one row that cannot be stored stops only itself.
//!
//! The rows are halved until those that fail stand alone, or there are many of them: then the half in which they stand is kept
//! together. What remains is applied under the message's own id; each part that fails becomes a failed message of its own, with its own
//! attempts, and adds to the same entry of the ledger once it is applied. A part of many rows is halved again when its turn comes.

use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};

use caudal_contract::message::{Body, DeliveryCounts, Message, Receipt, RejectedRow, wire};
use caudal_contract::money::TenThousandths;
use caudal_platform::database::{DbConnection, is_infrastructure, write};
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

/// Parts that a message is taken into at once, and some more that are not halved further. Where so many fail and nothing can be
/// stored, it is not the rows that are wrong.
const MOST_PARTS: usize = 50;

/// Rows that cannot be stored, most often a single one.
struct Unsound {
    /// Their indices in the message.
    rows: Range<usize>,
    reason: dead_letter::Reason,
}

/// Applies the rows of a message that can be applied, and keeps the others as failed messages of their own. A message that failed
/// before is forgotten.
///
/// # Errors
/// [`DeliverError`] when the message holds no rows, or when it is not the rows that are wrong; then nothing was changed.
pub fn deliver_sound_rows(
    connection: &mut DbConnection,
    message: &Message,
    now: DateTime<Utc>,
) -> Result<Receipt, DeliverError> {
    let message_id = message.message_id.to_string();
    let counts = write(connection, |connection| -> Result<_, DeliverError> {
        dead_letter::forget(connection, &message_id)?;
        turns::side_by_side(connection)?;
        let import_id = import::find_or_announce(connection, message, now)?;
        if !begin(connection, &message_id, import_id, now)? {
            return Ok(counts_of(connection, &message_id)?);
        }
        let counts = apply_sound(connection, import_id, message, message.message_id, now)?;
        record_counts(connection, &message_id, EntryKind::of(&message.body), &counts)?;
        Ok(counts)
    })?;
    Ok(receipt(message, counts))
}

/// Applies the rows of a message, or of a part of the message `part_of`, that can be applied, and keeps the others.
fn apply_sound(
    connection: &mut DbConnection,
    import_id: i64,
    message: &Message,
    part_of: Uuid,
    now: DateTime<Utc>,
) -> Result<DeliveryCounts, DeliverError> {
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
    let is_applied = [counts.stored, counts.updated, counts.duplicate, counts.rejected].iter().any(|rows| *rows > 0);
    if let Some(first) = unsound.first().filter(|_| unsound.len() > MOST_PARTS && !is_applied) {
        return Err(DeliverError::EveryRow(first.reason.detail.clone()));
    }
    for part in &unsound {
        keep(connection, message, part, part_of, now)?;
    }
    Ok(counts)
}

/// Applies rows; where they fail, their halves, down to the single rows that do, or to halves that hold some of them.
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
        Err(DeliverError::Database(error)) if is_infrastructure(&error) => return Err(error.into()),
        Err(error) => error,
    };
    connection.batch_execute("ROLLBACK TO SAVEPOINT rows; RELEASE SAVEPOINT rows")?;
    let (left, right) = rows.split_at(rows.len() / 2);
    if left.is_empty() || unsound.len() >= MOST_PARTS {
        unsound.push(Unsound { rows: first..first + rows.len(), reason: dead_letter::Reason::from(&error) });
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
    unsound: &Unsound,
    part_of: Uuid,
    now: DateTime<Utc>,
) -> Result<(), DeliverError> {
    let rows = unsound.rows.clone();
    let part = Message {
        version: message.version,
        message_id: part_id(message.message_id, rows.start),
        import_id: message.import_id,
        source: message.source.clone(),
        body: match &message.body {
            Body::Sales(sales) => Body::Sales(sales.get(rows).unwrap_or_default().to_vec()),
            Body::Rejections(rejected) => Body::Rejections(rejected.get(rows).unwrap_or_default().to_vec()),
            _ => return Ok(()),
        },
    };
    let payload = wire::to_payload(&part).map_err(|error| DeliverError::Unreadable(error.to_string()))?;
    let failure = dead_letter::Failure {
        message_id: &part.message_id.to_string(),
        payload: &payload,
        reason: &unsound.reason,
        is_hopeless: false,
        import_id: Some(message.import_id),
        part_of: Some(part_of),
    };
    dead_letter::record(connection, &failure, now)?;
    Ok(())
}

/// The same for the part that begins with the same row of the same message, whoever takes it apart.
fn part_id(message_id: Uuid, first: usize) -> Uuid {
    let digest = Sha256::new().chain_update(message_id).chain_update(first.to_le_bytes()).finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(digest.get(..16).unwrap_or(&[0; 16]));
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

/// Applies rows that were taken out of their message, once, and adds what became of them to that message's entry of the ledger. Where
/// only some of many can be applied, the others are kept, as by [`deliver_sound_rows`].
///
/// # Errors
/// [`DeliverError`]; then nothing was changed.
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
        let counts = match (&part.body, part_of.parse::<Uuid>()) {
            (Body::Sales(rows), _) if rows.len() <= 1 => sales::store(connection, import_id, rows)?,
            (Body::Rejections(rows), _) if rows.len() <= 1 => rejections::record(connection, import_id, rows)?,
            (_, Ok(whole)) => apply_sound(connection, import_id, part, whole, now)?,
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
        let is_new = begin(connection, entry, import_id, now)?;
        // A whole message that was applied after all has been counted
        let is_counted = !is_new && entry == message.message_id.to_string();
        if is_counted || import::is_undone(connection, import_id)? {
            return Ok(());
        }
        let counts = rejections::record(connection, import_id, rows)?;
        import::reject_accepted(connection, import_id, sales.0, sales.1)?;
        Ok(add_counts(connection, entry, &counts, Some(by))?)
    })
}
