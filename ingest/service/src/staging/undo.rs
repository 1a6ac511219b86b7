//! Takes an import back: deletes its order lines here, and sends distrib a message to delete its rows.

use caudal_contract::command::CommandRefused;
use caudal_contract::message::{Act, Body, ImportId, Outcome, Release};
use caudal_platform::database::{DbConnection, write};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::Text;

use super::imported::UNDONE;
use super::{Messages, StageError, StagedImport, find};
use crate::identity::{Sender, identify_released, lock_orders};
use crate::schema::{cancellations, imports, mended_rows, order_lines, order_spaces, outbox};
use caudal_reading::records::Records;

/// Undoes an import if all its messages were answered. After that its file may be dropped again.
///
/// # Errors
/// [`StageError::Refused`] with the reason for the person who asked; then nothing was changed.
pub fn undo(connection: &mut DbConnection, import_id: ImportId, act: Act) -> Result<(), StageError> {
    let id = import_id.to_string();
    write(connection, |connection| {
        let import = in_force(connection, import_id)?;
        diesel::update(imports::table.find(&id)).set(imports::outcome.eq(UNDONE)).execute(connection)?;
        lock_orders(connection, &import.source)?;
        forget_order_lines(connection, &id)?;
        diesel::delete(mended_rows::table.filter(mended_rows::import_id.eq(&id))).execute(connection)?;
        // Only dead letters are left here. If one is applied after all, it has no effect.
        diesel::delete(outbox::table.filter(outbox::import_id.eq(&id))).execute(connection)?;
        let mut messages = Messages::new(connection, import_id, &import.source);
        messages.add(Body::Undo(act))?;
        messages.finish()
    })
}

/// Makes a duplicate of an import a sale of its own. `rows` are the rows of its original, or empty if the original
/// could not be read again. They show whether the row is a line of an order.
///
/// # Errors
/// [`StageError::Refused`] with the reason for the person who asked; then nothing was changed.
pub fn release(
    connection: &mut DbConnection,
    import_id: ImportId,
    mut release: Release,
    rows: &[Records<'_>],
) -> Result<(), StageError> {
    write(connection, |connection| {
        let import = in_force(connection, import_id)?;
        let id = import_id.to_string();
        let sender = Sender { source: &import.source, import_id: &id, origin: import.origin, sha256: &import.sha256 };
        let identified = identify_released(connection, sender, rows, (&release.sheet, release.row))?;
        let (key, cancellations) = identified.unzip();
        release.key = key;
        let mut messages = Messages::new(connection, import_id, &import.source);
        messages.add(Body::Release(release))?;
        // The order may have been cancelled since. Then so is the new sale.
        if let Some(cancellations) = cancellations.filter(|cancellations| !cancellations.is_empty()) {
            messages.add(Body::Cancellations(cancellations))?;
        }
        messages.finish()
    })
}

/// Returns an import if it was taken, is completely delivered, and was not undone.
///
/// # Errors
/// [`StageError::Refused`] for every other.
pub fn in_force(connection: &mut DbConnection, id: ImportId) -> Result<StagedImport, StageError> {
    let import = find(connection, id)?.ok_or(CommandRefused::NoSuchImport)?;
    match import.outcome {
        _ if import.undone => Err(CommandRefused::AlreadyUndone.into()),
        _ if !import.settled => Err(CommandRefused::StillArriving.into()),
        Outcome::Taken => Ok(import),
        _ => Err(CommandRefused::NothingTaken.into()),
    }
}

/// Deletes the import's order lines and cancellations, and restores the lines that they replaced, unless a later import replaced those
/// too.
fn forget_order_lines(connection: &mut DbConnection, import_id: &str) -> QueryResult<()> {
    sql_query(
        "UPDATE order_lines SET replaced_by = (
            SELECT own.replaced_by FROM order_lines own
            WHERE own.space_id = order_lines.space_id AND own.order_id = order_lines.order_id
              AND own.sale_key = order_lines.sale_key AND own.import_id = $1
              AND own.replaced_by IS DISTINCT FROM $1
            ORDER BY own.id DESC LIMIT 1)
         WHERE replaced_by = $1 AND import_id <> $1",
    )
    .bind::<Text, _>(import_id)
    .execute(connection)?;
    diesel::delete(order_lines::table.filter(order_lines::import_id.eq(import_id))).execute(connection)?;
    diesel::delete(cancellations::table.filter(cancellations::import_id.eq(import_id))).execute(connection)?;
    let made: Vec<i64> =
        order_spaces::table.filter(order_spaces::import_id.eq(import_id)).select(order_spaces::id).load(connection)?;
    for space in made {
        let lines = order_lines::table.filter(order_lines::space_id.eq(space)).select(order_lines::id);
        let cancelled = cancellations::table.filter(cancellations::space_id.eq(space)).select(cancellations::id);
        let in_use = lines.first::<i64>(connection).optional()?.or(cancelled.first(connection).optional()?);
        if in_use.is_none() {
            diesel::delete(order_spaces::table.find(space)).execute(connection)?;
        }
    }
    Ok(())
}
