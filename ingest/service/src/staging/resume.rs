//! Takes in an import that waited for a layout, under its own id, or refuses it.
//!
//! The import's first totals said that it waits, and the totals staged here replace them. They may follow only after
//! the first ones were applied. Otherwise distrib could apply the two in reverse order, because a dead letter may still
//! be applied later.

use caudal_contract::decision::Remembered;
use caudal_contract::message::{Body, ImportTotals, Outcome};
use caudal_contract::notice::Refusal;
use caudal_platform::database::{DbConnection, allow_idling, write};
use caudal_platform::fault::{self, FailPoint};
use diesel::prelude::*;

use super::packing::{Identified, identify_and_pack};
use super::{Arrival, Messages, Sender, StageError, StagedImport, WAITING, find_taken, outcome_code, totals};
use crate::schema::imports;
use caudal_reading::batch::{Accepted, Batch};

/// The result for an import that waited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resumed {
    /// Its rows are staged.
    Taken,
    /// The same bytes were taken in the meantime; nothing was added.
    AlreadyImported,
    /// It does not wait, or cannot be resumed yet: another process resumed it, or its first totals are not applied.
    NotWaiting,
}

/// Stages the batch of an import that waits. `arrival` is the result of [`arrival_of`] for the import.
///
/// # Errors
/// [`StageError`]; then the import still waits.
pub fn resume(
    connection: &mut DbConnection,
    import: &StagedImport,
    arrival: &Arrival,
    batch: &Batch,
    rows_a_message: usize,
) -> Result<Resumed, StageError> {
    let records = batch.records()?;
    let accepted = batch.accepted()?;
    let import_id = import.id.to_string();
    let sender =
        Sender { source: &import.source, import_id: &import_id, origin: arrival.origin, sha256: &import.sha256 };
    let resumed = write(connection, |connection| -> Result<_, StageError> {
        if !claim(connection, &import_id)? {
            return Ok(Resumed::NotWaiting);
        }
        let before = find_taken(connection, &import.source, &import.sha256)?;
        if let Some(before) = before {
            let outcome = Outcome::AlreadyImported { import_id: before.id, received_at: before.received_at };
            record_untaken(connection, arrival, outcome)?;
            return Ok(Resumed::AlreadyImported);
        }
        allow_idling(connection)?;
        let mut messages = Messages::new(connection, arrival.import_id, &arrival.source);
        let Identified { remarks, packed, .. } =
            identify_and_pack(messages.connection, sender, &messages.packer, &records, batch, rows_a_message)?;
        let totals = totals(arrival, batch, &accepted, remarks)?;
        record(messages.connection, arrival, &totals, &accepted, &batch.layouts)?;
        messages.add(Body::Import(Box::new(totals)))?;
        messages.add_packed(packed)?;
        messages.finish()?;
        Ok(Resumed::Taken)
    })?;
    fault::point(FailPoint::AfterStaging);
    Ok(resumed)
}

/// Refuses an import that waits, because a person said that it is not wanted. `arrival` is the result of [`arrival_of`]
/// for the import. Returns whether the import waited and its first totals were applied.
///
/// # Errors
/// [`StageError`]; then the import still waits.
pub fn dismiss(connection: &mut DbConnection, arrival: &Arrival, by: &str) -> Result<bool, StageError> {
    let dismissed = write(connection, |connection| -> Result<_, StageError> {
        if !claim(connection, &arrival.import_id.to_string())? {
            return Ok(false);
        }
        let outcome = Outcome::Refused(Refusal::Dismissed { by: by.to_owned() });
        record_untaken(connection, arrival, outcome)?;
        Ok(true)
    })?;
    fault::point(FailPoint::AfterStaging);
    Ok(dismissed)
}

/// Records the outcome of an import that waited and of which nothing is taken.
fn record_untaken(connection: &mut DbConnection, arrival: &Arrival, outcome: Outcome) -> Result<(), StageError> {
    let accepted = Accepted::default();
    let totals = ImportTotals { outcome, ..totals(arrival, &Batch::default(), &accepted, Vec::new())? };
    record(connection, arrival, &totals, &accepted, &[])?;
    let mut messages = Messages::new(connection, arrival.import_id, &arrival.source);
    messages.add(Body::Import(Box::new(totals)))?;
    messages.finish()
}

/// Makes sure that only one transaction resumes an import. The update locks the row until the transaction ends, and a
/// second transaction then finds `filed` false.
fn claim(connection: &mut DbConnection, id: &str) -> QueryResult<bool> {
    let waits = imports::outcome
        .eq(WAITING)
        .and(imports::messages_settled.ge(imports::messages))
        .and(imports::messages_dead.eq(0));
    let claimed = diesel::update(imports::table.find(id).filter(waits).filter(imports::filed.eq(true)))
        .set(imports::filed.eq(false))
        .execute(connection)?;
    Ok(claimed == 1)
}

/// The data of an import other than its rows. Its original is to be filed at `file_as`.
#[must_use]
pub fn arrival_of(import: &StagedImport, file_as: &str) -> Arrival {
    Arrival {
        import_id: import.id,
        source: import.source.clone(),
        origin: import.origin,
        name: import.name.clone(),
        sha256: import.sha256.clone(),
        received_at: import.received_at,
        file_as: Some(file_as.to_owned()),
    }
}

/// Updates the row of the import to its present content.
fn record(
    connection: &mut DbConnection,
    arrival: &Arrival,
    totals: &ImportTotals,
    accepted: &Accepted,
    layouts: &[Remembered],
) -> Result<(), StageError> {
    let rows = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    diesel::update(imports::table.find(arrival.import_id.to_string()))
        .set((
            imports::outcome.eq(outcome_code(&totals.outcome)),
            imports::outcome_detail.eq(serde_json::to_string(&totals.outcome)?),
            imports::file_as.eq(&arrival.file_as),
            imports::rows_read.eq(rows(totals.rows_read)),
            imports::rows_ignored.eq(rows(totals.rows_ignored)),
            imports::rows_accepted.eq(rows(totals.rows_accepted)),
            imports::rows_rejected.eq(rows(totals.rows_rejected)),
            imports::amount_accepted.eq(accepted.amount.0),
            imports::quantity_accepted.eq(accepted.quantity.0),
            imports::first_day.eq(accepted.first_day),
            imports::last_day.eq(accepted.last_day),
            imports::sheets.eq(serde_json::to_string(&totals.sheets)?),
            imports::remarks.eq(serde_json::to_string(&totals.remarks)?),
            imports::layouts.eq(serde_json::to_string(layouts)?),
        ))
        .execute(connection)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use caudal_contract::message::Origin;
    use caudal_platform::testing::Backend;
    use chrono::Utc;

    use caudal_contract::message::ImportId;

    use super::*;

    #[test]
    fn what_waits_goes_on_only_once_its_first_totals_are_applied_and_cannot_come_after_the_next() {
        let backend = Backend::new();
        let database = backend.database("ingest");
        crate::migrate(&database).unwrap();
        let arrival = Arrival {
            import_id: ImportId::new(),
            source: "loja".into(),
            origin: Origin::File,
            name: "vendas.csv".into(),
            sha256: "00".into(),
            received_at: Utc::now(),
            file_as: None,
        };
        let id = arrival.import_id;
        backend.fill(
            &database,
            &format!(
                "INSERT INTO imports (id, source, origin, name, sha256, received_at, outcome, outcome_detail, filed, rows_read,
                     rows_ignored, rows_accepted, rows_rejected, amount_accepted, quantity_accepted, sheets, remarks, messages,
                     messages_settled, messages_dead)
                 VALUES ('{id}', 'loja', 'file', '', '00', '2026-01-01 00:00:00', '{WAITING}', '', TRUE, 0, 0, 0, 0, 0, 0, '[]',
                     '[]', 1, 1, 1)"
            ),
        );
        let mut connection = database.get().unwrap();
        assert!(!dismiss(&mut connection, &arrival, "ana").unwrap(), "they are a dead letter");
        backend.fill(&database, "UPDATE imports SET messages_dead = 0");
        assert!(dismiss(&mut connection, &arrival, "ana").unwrap());
    }
}
