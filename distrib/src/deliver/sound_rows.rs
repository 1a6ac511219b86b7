//! Handles a message that cannot be applied as a whole: a row that cannot be stored holds back only itself.
//!
//! The rows are halved until each failing row is alone. If there are too many of them, a failing half stays together. The rows
//! that remain are applied under the message's own id. Each part that fails becomes a failed message of its own, with its own
//! attempts, and adds to the same ledger entry once it is applied. A part of many rows is halved again when its turn comes.

use std::ops::Range;

use caudal_contract::message::{Body, DeliveryCounts, Message, MessageId, Receipt, RejectedRow, wire};
use caudal_contract::money::TenThousandths;
use caudal_platform::database::{DbConnection, is_infrastructure, write};
use chrono::{DateTime, Utc};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Nullable, Text};
use sha2::{Digest, Sha256};

use super::entry::Entry;
use super::error::guarded;
use super::{DeliverError, begin, counts_of, import, receipt, record_counts, rejections, sales, turns};
use crate::dead_letter;
use crate::schema::failed_messages;

/// The number of failed parts after which failing halves are no longer split, so a few more parts may follow. If more than this
/// many parts fail and no row can be stored, the fault is not in the rows.
const MOST_PARTS: usize = 50;

/// Rows that cannot be stored, usually a single one.
struct Unsound {
    /// The indices in the message.
    rows: Range<usize>,
    reason: dead_letter::Reason,
}

/// Applies the rows of a message that can be applied, and records the others as failed messages of their own. The message is
/// removed from the failed messages if it was there.
///
/// # Errors
/// [`DeliverError`] if the message holds no rows, or if the fault is not in the rows. Then nothing was changed.
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
        record_counts(connection, &message_id, Entry::of(&message.body), &counts)?;
        Ok(counts)
    })?;
    Ok(receipt(message, counts))
}

/// Applies the rows that can be applied, and records the others as parts of the message `part_of`. The rows come from that
/// message itself or from one of its parts.
fn apply_sound(
    connection: &mut DbConnection,
    import_id: i64,
    message: &Message,
    part_of: MessageId,
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
        _ => return Err(DeliverError::Unreadable("it has no rows that could be tried one by one".to_owned())),
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

/// Applies rows. If they fail, applies each half in the same way, until the failing rows are alone or there are too many
/// failures.
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

fn keep(
    connection: &mut DbConnection,
    message: &Message,
    unsound: &Unsound,
    part_of: MessageId,
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

/// Derives the id of a part from its message and its first row, so that every worker that splits the message gets the same id.
fn part_id(message_id: MessageId, first: usize) -> MessageId {
    let digest = Sha256::new().chain_update(message_id.uuid()).chain_update(first.to_le_bytes()).finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(digest.get(..16).unwrap_or(&[0; 16]));
    uuid::Builder::from_custom_bytes(bytes).into_uuid().into()
}

/// Applies rows that were taken out of their message, only once, and adds their counts to that message's ledger entry. If only
/// some of many rows can be applied, the others are recorded as in [`deliver_sound_rows`].
///
/// # Errors
/// [`DeliverError`]. Then nothing was changed.
pub fn deliver_part(
    connection: &mut DbConnection,
    part_of: &str,
    part: &Message,
    now: DateTime<Utc>,
) -> Result<(), DeliverError> {
    write(connection, |connection| {
        turns::side_by_side(connection)?;
        let waiting = failed_messages::table.filter(failed_messages::message_id.eq(part.message_id.to_string()));
        // The worker that deletes the row applies the part. If the row is gone, another worker has applied it.
        if diesel::delete(waiting).execute(connection)? == 0 {
            return Ok(());
        }
        let import_id = import::find_or_announce(connection, part, now)?;
        if import::is_undone(connection, import_id)? {
            return Ok(());
        }
        let counts = match (&part.body, part_of.parse::<MessageId>()) {
            (Body::Sales(rows), _) if rows.len() <= 1 => sales::store(connection, import_id, rows)?,
            (Body::Rejections(rows), _) if rows.len() <= 1 => rejections::record(connection, import_id, rows)?,
            (_, Ok(whole)) => apply_sound(connection, import_id, part, whole, now)?,
            _ => return Err(DeliverError::Unreadable("only rows are taken out of messages".to_owned())),
        };
        Ok(add_counts(connection, part_of, &counts, None)?)
    })
}

/// Adds to a ledger entry. The addition happens in SQL because another worker may add a row of the same message at the same time.
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
    // Without an entry nothing would count the rows and the import would not balance, so this is an error.
    if changed == 1 { Ok(()) } else { Err(diesel::result::Error::NotFound) }
}

/// Counts the rows of a discarded message as rejected, only once. `sales` (their number and quantity) is subtracted from the rows
/// that the import handed over.
///
/// # Errors
/// [`DeliverError::Database`]. Then nothing was changed.
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
        // If a whole message was applied after all, its rows are counted already.
        let is_counted = !is_new && entry == message.message_id.to_string();
        if is_counted || import::is_undone(connection, import_id)? {
            return Ok(());
        }
        let counts = rejections::record(connection, import_id, rows)?;
        import::reject_accepted(connection, import_id, sales.0, sales.1)?;
        Ok(add_counts(connection, entry, &counts, Some(by))?)
    })
}
