//! Makes an import durable: its record and its messages, in one transaction.
//!
//! Nothing else writes the outbox. When [`stage`] returns, the outbox holds everything that distrib will ever be told
//! about the import. Only then may the original leave the inbox, or an API client be answered.

mod imported;
mod mended;
mod packing;
mod resume;
mod undo;

use caudal_contract::command::CommandRefused;
use caudal_contract::decision::Remembered;
use caudal_contract::message::{
    Body, Cancellation, IgnoredRows, ImportId, ImportTotals, MOST_IGNORED_RUNS, MOST_WARNINGS, Origin, Outcome, Sale,
    wire,
};
use caudal_contract::notice::{Ignored, ReadLimit, Refusal, Remark};
use caudal_platform::database::{DatabaseError, DbConnection, allow_idling, write};
use caudal_platform::fault::{self, FailPoint};
use chrono::{DateTime, Utc};
use diesel::prelude::*;

use crate::identity::{Identities, Identity, Rows, Sender, cancel_order, identify};
use crate::schema::{imports, outbox};
use caudal_reading::PolarsError;
use caudal_reading::batch::{Accepted, Batch};

pub use imported::{
    MessageProgress, OriginalPlace, StagedImport, find, find_taken, find_unfiled, first_arrival, mark_filed, places,
    progress, unfiled, waiting,
};
pub use mended::{mended_cells, stage_mended};
use packing::{Identified, MOST_PAYLOAD_MIB, Packed, Packer, chunks, identify_and_pack};
pub use resume::{Resumed, arrival_of, dismiss, resume};
pub use undo::{in_force, release, undo};

/// The data of an import other than its rows.
#[derive(Debug, Clone)]
pub struct Arrival {
    /// The id of the import, which never changes.
    pub import_id: ImportId,
    /// The sender.
    pub source: String,
    /// File or API batch.
    pub origin: Origin,
    /// The file's name; empty for an API batch.
    pub name: String,
    /// SHA-256 of the bytes, in hex.
    pub sha256: String,
    /// The time of arrival.
    pub received_at: DateTime<Utc>,
    /// The place of the original, relative to the data folder; `None` for an API batch.
    pub file_as: Option<String>,
}

/// The reason for which an import could not be staged. Nothing of it was staged.
#[derive(Debug, thiserror::Error)]
pub enum StageError {
    /// The database cannot be used.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// A query failed.
    #[error(transparent)]
    Query(#[from] diesel::result::Error),
    /// A defect of this program.
    #[error("the clean rows do not fit together: {0}")]
    Frame(#[from] PolarsError),
    /// A defect of this program.
    #[error("a message could not be written: {0}")]
    Json(#[from] serde_json::Error),
    /// A defect of this program.
    #[error("a message could not be packed: {0}")]
    Wire(#[from] wire::WireError),
    /// A single message about the import is too long, although every row fits.
    #[error("its message would have more than {MOST_PAYLOAD_MIB} MiB")]
    TooLong,
    /// A row of the table of imports that Caudal did not write.
    #[error("the table imports has a row with the invalid id {0:?}; delete the row, because Caudal did not write it")]
    ForeignId(String),
    /// The command is not possible for this import.
    #[error(transparent)]
    Refused(#[from] CommandRefused),
}

/// What [`stage`] found out about the rows of a batch.
#[derive(Debug)]
pub struct Staged {
    /// The identities of the rows that are sales, sheet by sheet.
    pub identities: Vec<Vec<Identity>>,
    /// The sales that are cancelled.
    pub cancellations: Vec<Cancellation>,
}

/// Stages a batch, `rows_a_message` rows in each message.
///
/// # Errors
/// [`StageError`]; then nothing was staged.
pub fn stage(
    connection: &mut DbConnection,
    arrival: &Arrival,
    batch: &Batch,
    rows_a_message: usize,
) -> Result<Staged, StageError> {
    let records = batch.records()?;
    let accepted = batch.accepted()?;
    let import_id = arrival.import_id.to_string();
    let sender =
        Sender { source: &arrival.source, import_id: &import_id, origin: arrival.origin, sha256: &arrival.sha256 };
    let staged = write(connection, |connection| -> Result<_, StageError> {
        // Millions of rows without order numbers are processed without a statement to the database in between.
        allow_idling(connection)?;
        let mut messages = Messages::new(connection, arrival.import_id, &arrival.source);
        let Identified { identities, remarks, cancellations, packed } =
            identify_and_pack(messages.connection, sender, &messages.packer, &records, batch, rows_a_message)?;
        let totals = totals(arrival, batch, &accepted, remarks)?;
        record_import(messages.connection, arrival, &totals, &accepted, &batch.layouts)?;
        messages.add(Body::Import(Box::new(totals)))?;
        messages.add_packed(packed)?;
        messages.finish()?;
        Ok(Staged { identities, cancellations })
    })?;
    fault::point(FailPoint::AfterStaging);
    Ok(staged)
}

/// Stages the cancellation of an order, or of one of its lines, as an import of one row. Returns the number of sales that it
/// cancels, or `None` if no sale with this number was staged; then nothing is.
///
/// # Errors
/// [`StageError`]; then nothing was staged.
pub fn stage_cancellation(
    connection: &mut DbConnection,
    arrival: &Arrival,
    order_id: &str,
    line: Option<&str>,
) -> Result<Option<usize>, StageError> {
    let import_id = arrival.import_id.to_string();
    let sender =
        Sender { source: &arrival.source, import_id: &import_id, origin: arrival.origin, sha256: &arrival.sha256 };
    let cancelled = write(connection, |connection| -> Result<_, StageError> {
        let Some(cancellations) = cancel_order(connection, sender, order_id, line)? else { return Ok(None) };
        let accepted = Accepted::default();
        let remark = Remark::OrderCancelled { order: order_id.to_owned(), line: line.map(str::to_owned) };
        let ignored = vec![IgnoredRows { sheet: String::new(), first: 1, last: 1, why: Ignored::Cancelled }];
        let nothing = totals(arrival, &Batch::default(), &accepted, vec![remark])?;
        let totals = ImportTotals { rows_read: 1, rows_ignored: 1, ignored, ..nothing };
        record_import(connection, arrival, &totals, &accepted, &[])?;
        let mut messages = Messages::new(connection, arrival.import_id, &arrival.source);
        messages.add(Body::Import(Box::new(totals)))?;
        let count = cancellations.len();
        messages.add(Body::Cancellations(cancellations))?;
        messages.finish()?;
        Ok(Some(count))
    })?;
    fault::point(FailPoint::AfterStaging);
    Ok(cancelled)
}

/// What a batch would hand over, as [`rehearse`] found out.
#[derive(Debug)]
pub struct Rehearsed {
    /// Its sales.
    pub sales: Vec<Sale>,
    /// The sales that it cancels.
    pub cancellations: Vec<Cancellation>,
    /// Remarks.
    pub remarks: Vec<Remark>,
}

/// The sales and cancellations of a batch in the form in which [`stage`] would hand them over, and its remarks. The transaction is
/// rolled back, so nothing is staged.
///
/// # Errors
/// [`StageError`].
pub fn rehearse(connection: &mut DbConnection, arrival: &Arrival, batch: &Batch) -> Result<Rehearsed, StageError> {
    let (records, cancelled) = (batch.records()?, batch.cancelled_records()?);
    let import_id = arrival.import_id.to_string();
    let sender =
        Sender { source: &arrival.source, import_id: &import_id, origin: arrival.origin, sha256: &arrival.sha256 };
    let mut identities = Identities::default();
    let outcome = write(connection, |connection| {
        identities = identify(connection, sender, Rows { sales: &records, cancelled: &cancelled }, |_, _| ())?;
        Err::<(), _>(diesel::result::Error::RollbackTransaction)
    });
    match outcome {
        Err(diesel::result::Error::RollbackTransaction) | Ok(()) => {}
        Err(error) => return Err(error.into()),
    }
    let Identities { sales: identities, cancellations, remarks } = identities;
    let sheets = records.iter().zip(&identities);
    let sales = sheets.flat_map(|(records, identities)| chunks(records, 0, identities).flatten()).collect();
    Ok(Rehearsed { sales, cancellations, remarks })
}

/// The refusal for a file that cannot be staged because of [`StageError::TooLong`].
#[must_use]
pub fn too_long() -> Refusal {
    Refusal::OverLimit { limit: ReadLimit::Account, most: MOST_PAYLOAD_MIB as u64 }
}

/// Stages the record of a file of which nothing was taken, so that people see it beside the others.
///
/// # Errors
/// [`StageError`]; then nothing was staged.
pub fn stage_untaken(connection: &mut DbConnection, arrival: &Arrival, outcome: Outcome) -> Result<(), StageError> {
    match write(connection, |connection| stage_record(connection, arrival, outcome)) {
        // The reason quotes the headers, which may be too long.
        Err(StageError::TooLong) => {
            write(connection, |connection| stage_record(connection, arrival, Outcome::Refused(too_long())))?;
        }
        staged => staged?,
    }
    fault::point(FailPoint::AfterStaging);
    Ok(())
}

/// Stages an import without rows, inside a transaction.
fn stage_record(connection: &mut DbConnection, arrival: &Arrival, outcome: Outcome) -> Result<(), StageError> {
    let accepted = Accepted::default();
    let totals = ImportTotals { outcome, ..totals(arrival, &Batch::default(), &accepted, Vec::new())? };
    record_import(connection, arrival, &totals, &accepted, &[])?;
    let mut messages = Messages::new(connection, arrival.import_id, &arrival.source);
    messages.add(Body::Import(Box::new(totals)))?;
    messages.finish()
}

fn totals(
    arrival: &Arrival,
    batch: &Batch,
    accepted: &Accepted,
    remarks: Vec<Remark>,
) -> Result<ImportTotals, PolarsError> {
    Ok(ImportTotals {
        outcome: Outcome::Taken,
        origin: arrival.origin,
        name: arrival.name.clone(),
        sha256: arrival.sha256.clone(),
        received_at: arrival.received_at,
        sheets: batch.sheets.iter().map(|sheet| sheet.read.clone()).collect(),
        rows_read: batch.rows_read,
        rows_ignored: batch.rows_ignored,
        rows_accepted: accepted.rows,
        rows_rejected: batch.rejected.len() as u64,
        amount_read: batch.amount_read()?,
        amount_ignored: batch.amount_ignored,
        ignored: batch.ignored.iter().take(MOST_IGNORED_RUNS).cloned().collect(),
        quantity_accepted: accepted.quantity,
        remarks: batch.remarks.iter().cloned().chain(remarks).collect(),
        warnings: batch.warnings.iter().take(MOST_WARNINGS).cloned().collect(),
    })
}

fn record_import(
    connection: &mut DbConnection,
    arrival: &Arrival,
    totals: &ImportTotals,
    accepted: &Accepted,
    layouts: &[Remembered],
) -> Result<(), StageError> {
    let rows = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    diesel::insert_into(imports::table)
        .values((
            imports::id.eq(arrival.import_id.to_string()),
            imports::source.eq(&arrival.source),
            imports::origin.eq(arrival.origin.code()),
            imports::name.eq(&arrival.name),
            imports::sha256.eq(&arrival.sha256),
            imports::received_at.eq(arrival.received_at.naive_utc()),
            imports::outcome.eq(outcome_code(&totals.outcome)),
            imports::outcome_detail.eq(serde_json::to_string(&totals.outcome)?),
            imports::file_as.eq(&arrival.file_as),
            imports::filed.eq(arrival.file_as.is_none()),
            imports::rows_read.eq(rows(totals.rows_read)),
            imports::rows_ignored.eq(rows(totals.rows_ignored)),
            imports::rows_accepted.eq(rows(totals.rows_accepted)),
            imports::rows_rejected.eq(rows(totals.rows_rejected)),
            imports::amount_accepted.eq(accepted.amount.0),
            imports::quantity_accepted.eq(accepted.quantity.0),
            (
                imports::first_day.eq(accepted.first_day),
                imports::last_day.eq(accepted.last_day),
                imports::sheets.eq(serde_json::to_string(&totals.sheets)?),
                imports::remarks.eq(serde_json::to_string(&totals.remarks)?),
                imports::messages.eq(0),
                imports::layouts.eq(serde_json::to_string(layouts)?),
            ),
        ))
        .execute(connection)?;
    Ok(())
}

/// Writes messages of one import into the outbox.
struct Messages<'a> {
    connection: &'a mut DbConnection,
    packer: Packer,
    written: i64,
}

impl<'a> Messages<'a> {
    fn new(connection: &'a mut DbConnection, import_id: ImportId, source: &str) -> Self {
        Self { connection, packer: Packer { import_id, source: source.to_owned() }, written: 0 }
    }

    fn add(&mut self, body: Body) -> Result<(), StageError> {
        let packed = self.packer.pack(body)?;
        self.insert(packed)
    }

    fn add_packed(&mut self, packed: Vec<Packed>) -> Result<(), StageError> {
        packed.into_iter().try_for_each(|packed| self.insert(packed))
    }

    fn insert(&mut self, packed: Packed) -> Result<(), StageError> {
        diesel::insert_into(outbox::table)
            .values((
                outbox::message_id.eq(packed.message_id.to_string()),
                outbox::import_id.eq(self.packer.import_id.to_string()),
                outbox::payload.eq(packed.payload),
            ))
            .execute(self.connection)?;
        self.written += 1;
        Ok(())
    }

    fn finish(self) -> Result<(), StageError> {
        diesel::update(imports::table.find(self.packer.import_id.to_string()))
            .set(imports::messages.eq(imports::messages + self.written))
            .execute(self.connection)?;
        Ok(())
    }
}

/// The value of the column `outcome` for an import that waits for a layout.
const WAITING: &str = "needs_layout";

/// The value of the column `outcome` for an outcome.
pub(crate) fn outcome_code(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Taken => "taken",
        Outcome::Refused(_) => "refused",
        Outcome::NeedsLayout { .. } => WAITING,
        Outcome::AlreadyImported { .. } => "already_imported",
        Outcome::Repaired { .. } => "repaired",
    }
}
