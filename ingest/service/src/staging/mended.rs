//! Mended rows are staged as changes to their import. The workbook that brought them becomes an import of its own,
//! without rows.

use std::collections::{BTreeMap, BTreeSet};

use caudal_contract::message::{Act, Body, IgnoredRows, ImportId, Mended, Outcome, RejectedRow, Sale};
use caudal_contract::notice::Ignored;
use caudal_platform::database::{DbConnection, write};
use caudal_platform::fault::{self, FailPoint};
use diesel::prelude::*;

use super::packing::{pieces, text_bytes};
use super::undo::in_force;
use super::{Arrival, Messages, StageError, StagedImport, stage_record};
use crate::identity::{Identities, Rows, Sender, identify_mended};
use crate::schema::{imports, mended_rows};
use caudal_reading::batch::Batch;
use caudal_reading::repair::{Overlay, RowKey};

/// The cells of an import that were mended so far.
///
/// # Errors
/// What the database says.
pub fn mended_cells(connection: &mut DbConnection, import_id: ImportId) -> Result<Overlay, StageError> {
    let rows: Vec<(String, i64, String)> = mended_rows::table
        .filter(mended_rows::import_id.eq(import_id.to_string()))
        .select((mended_rows::sheet, mended_rows::row, mended_rows::cells))
        .load(connection)?;
    rows.into_iter()
        .map(|(sheet, row, cells)| Ok(((sheet, u32::try_from(row).unwrap_or(0)), serde_json::from_str(&cells)?)))
        .collect()
}

/// Stages the mended rows of `import`. `batch` is the whole import with the mended cells in place, and `arrival` is the
/// workbook that brought them. Returns the outcome for the rows.
///
/// # Errors
/// [`StageError`]; then nothing was staged.
pub fn stage_mended(
    connection: &mut DbConnection,
    arrival: &Arrival,
    import: &StagedImport,
    batch: &Batch,
    mended: &Overlay,
    rows_a_message: usize,
) -> Result<Outcome, StageError> {
    let rows_a_message = rows_a_message.max(1);
    let (records, cancelled) = (batch.records()?, batch.cancelled_records()?);
    let is_mended = |sheet: &str, row: u32| mended.contains_key(&(sheet.to_owned(), row));
    let rejected: Vec<RejectedRow> =
        batch.rejected.iter().filter(|row| is_mended(&row.sheet, row.row)).cloned().collect();
    let import_id = import.id.to_string();
    let act = Act { by: String::new(), at: arrival.received_at };
    let outcome = write(connection, |connection| -> Result<_, StageError> {
        in_force(connection, import.id)?;
        let sender =
            Sender { source: &import.source, import_id: &import_id, origin: import.origin, sha256: &import.sha256 };
        let rows = Rows { sales: &records, cancelled: &cancelled };
        let Identities { sales: identities, cancellations, .. } = identify_mended(connection, sender, rows, is_mended)?;
        let mut sales: Vec<Sale> = Vec::new();
        for (records, identities) in records.iter().zip(&identities) {
            for (index, identity) in identities.iter().enumerate() {
                if is_mended(records.sheet(), records.row(index)) {
                    sales.push(records.sale(index, identity.key, identity.fingerprint));
                }
            }
        }
        let (sold, still_rejected) =
            (keys(&sales, |sale| (&sale.sheet, sale.row)), keys(&rejected, |row| (&row.sheet, row.row)));
        let ignored: Vec<IgnoredRows> = mended
            .keys()
            .filter(|row| !sold.contains(*row) && !still_rejected.contains(*row))
            .map(|(sheet, row)| {
                let run = batch.ignored.iter().find(|run| run.sheet == *sheet && (run.first..=run.last).contains(row));
                let why = run.map_or(Ignored::Blank, |run| run.why);
                IgnoredRows { sheet: sheet.clone(), first: *row, last: *row, why }
            })
            .collect();
        let outcome = Outcome::Repaired {
            import_id: import.id,
            sales: sales.len() as u64,
            rejected: rejected.len() as u64,
            ignored: ignored.len() as u64,
        };
        stage_record(connection, arrival, outcome.clone())?;
        let mut messages = Messages::new(connection, import.id, &import.source);
        let nothing = || Mended { act: act.clone(), sales: Vec::new(), rejected: Vec::new(), ignored: Vec::new() };
        let length =
            |index: usize| sales.get(index).and_then(|sale| serde_json::to_vec(sale).ok()).map_or(0, |json| json.len());
        for (_, sales) in pieces(&sales, rows_a_message, length) {
            messages.add(Body::Mended(Box::new(Mended { sales: sales.to_vec(), ..nothing() })))?;
        }
        for (_, rejected) in pieces(&rejected, rows_a_message, |index| rejected.get(index).map_or(0, text_bytes)) {
            messages.add(Body::Mended(Box::new(Mended { rejected: rejected.to_vec(), ..nothing() })))?;
        }
        if !ignored.is_empty() {
            messages.add(Body::Mended(Box::new(Mended { ignored: ignored.clone(), ..nothing() })))?;
        }
        for part in cancellations.chunks(rows_a_message) {
            messages.add(Body::Cancellations(part.to_vec()))?;
        }
        messages.finish()?;
        remember(connection, import.id, mended, &sold, &still_rejected)?;
        let left = i64::try_from(sold.len() + ignored.len()).unwrap_or(i64::MAX);
        diesel::update(imports::table.find(&import_id))
            .set(imports::rows_rejected.eq(imports::rows_rejected - left))
            .execute(connection)?;
        Ok(outcome)
    })?;
    fault::point(FailPoint::AfterStaging);
    Ok(outcome)
}

fn keys<T>(rows: &[T], place: impl Fn(&T) -> (&String, u32)) -> BTreeSet<RowKey> {
    rows.iter().map(place).map(|(sheet, row)| (sheet.clone(), row)).collect()
}

/// Adds the cells to those mended before.
fn remember(
    connection: &mut DbConnection,
    import_id: ImportId,
    mended: &Overlay,
    sold: &BTreeSet<RowKey>,
    rejected: &BTreeSet<RowKey>,
) -> Result<(), StageError> {
    let before = mended_cells(connection, import_id)?;
    for ((sheet, row), cells) in mended {
        let key = (sheet.clone(), *row);
        let mut all: BTreeMap<_, _> = before.get(&key).cloned().unwrap_or_default();
        all.extend(cells.iter().map(|(column, cell)| (*column, cell.clone())));
        let outcome = match key {
            ref key if sold.contains(key) => "sale",
            ref key if rejected.contains(key) => "rejected",
            _ => "ignored",
        };
        let place = (import_id.to_string(), sheet, i64::from(*row));
        diesel::delete(mended_rows::table.find(place)).execute(connection)?;
        diesel::insert_into(mended_rows::table)
            .values((
                mended_rows::import_id.eq(import_id.to_string()),
                mended_rows::sheet.eq(sheet),
                mended_rows::row.eq(i64::from(*row)),
                mended_rows::cells.eq(serde_json::to_string(&all)?),
                mended_rows::outcome.eq(outcome),
            ))
            .execute(connection)?;
    }
    Ok(())
}
