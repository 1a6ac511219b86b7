//! Makes an import durable: its record and its messages, in one transaction.
//!
//! Nothing else writes the outbox. When [`stage`] returns, everything that distrib will ever be told about the import is
//! in the outbox, so the original may leave the inbox and an API client may be answered.

use caudal_shared::database::{DatabaseError, DbConnection, write};
use caudal_shared::fault::{self, FailPoint};
use caudal_shared::message::{Body, ImportTotals, Message, Origin, Outcome, VERSION};
use caudal_shared::money::Cents;
use caudal_shared::notice::Remark;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use polars::prelude::PolarsError;
use uuid::Uuid;

use crate::batch::{Accepted, Batch};
use crate::identity::{Identity, Sender, identify};
use crate::records::Records;
use crate::schema::{imports, outbox};

/// What is known about an import beside its rows.
#[derive(Debug, Clone)]
pub struct Arrival {
    /// Names the import for ever.
    pub import_id: Uuid,
    /// Who sent it.
    pub source: String,
    /// File or API batch.
    pub origin: Origin,
    /// The file's name; empty for an API batch.
    pub name: String,
    /// SHA-256 of the bytes, in hex.
    pub sha256: String,
    /// When it arrived.
    pub received_at: DateTime<Utc>,
    /// Where the original goes, relative to the data folder; `None` for an API batch.
    pub file_as: Option<String>,
}

/// Why an import could not be staged; nothing of it was.
#[derive(Debug, thiserror::Error)]
pub enum StageError {
    /// The database refused.
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
}

/// Stages a batch: `rows_a_message` rows in each message. Returns the rows' identities, sheet by sheet.
///
/// # Errors
/// [`StageError`]; then nothing was staged.
pub fn stage(
    connection: &mut DbConnection,
    arrival: &Arrival,
    batch: &Batch,
    rows_a_message: usize,
) -> Result<Vec<Vec<Identity>>, StageError> {
    let records = batch.records()?;
    let accepted = batch.accepted()?;
    let sender = Sender { source: &arrival.source, origin: arrival.origin, sha256: &arrival.sha256 };
    let identities = write(connection, |connection| -> Result<_, StageError> {
        let (identities, remark) = identify(connection, sender, &records)?;
        let totals = totals(arrival, batch, &accepted, remark)?;
        let mut messages = Messages::new(connection, arrival);
        messages.record_import(&totals, &accepted)?;
        messages.add(Body::Import(Box::new(totals)))?;
        for (records, identities) in records.iter().zip(&identities) {
            for chunk in chunks(records, identities, rows_a_message) {
                messages.add(Body::Sales(chunk))?;
            }
        }
        for rows in batch.rejected.chunks(rows_a_message) {
            messages.add(Body::Rejections(rows.to_vec()))?;
        }
        messages.finish()?;
        Ok(identities)
    })?;
    fault::point(FailPoint::AfterStaging);
    Ok(identities)
}

/// Stages the record of a file of which nothing was taken, so that it shows beside the others.
///
/// # Errors
/// [`StageError`]; then nothing was staged.
pub fn stage_untaken(connection: &mut DbConnection, arrival: &Arrival, outcome: Outcome) -> Result<(), StageError> {
    let batch = Batch::default();
    let accepted = Accepted::default();
    let totals = ImportTotals { outcome, ..totals(arrival, &batch, &accepted, None)? };
    write(connection, |connection| -> Result<_, StageError> {
        let mut messages = Messages::new(connection, arrival);
        messages.record_import(&totals, &accepted)?;
        messages.add(Body::Import(Box::new(totals)))?;
        messages.finish()
    })?;
    fault::point(FailPoint::AfterStaging);
    Ok(())
}

/// Marks the original of an import as filed.
///
/// # Errors
/// What the database says.
pub fn mark_filed(connection: &mut DbConnection, import_id: &str) -> QueryResult<()> {
    diesel::update(imports::table.find(import_id)).set(imports::filed.eq(true)).execute(connection)?;
    Ok(())
}

fn totals(
    arrival: &Arrival,
    batch: &Batch,
    accepted: &Accepted,
    remark: Option<Remark>,
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
        quantity_accepted: accepted.quantity,
        remarks: batch.remarks.iter().cloned().chain(remark).collect(),
    })
}

fn chunks<'a>(
    records: &'a Records<'_>,
    identities: &'a [Identity],
    size: usize,
) -> impl Iterator<Item = Vec<caudal_shared::message::Sale>> + 'a {
    let size = size.max(1);
    identities.chunks(size).enumerate().map(move |(chunk, identities)| {
        let first = chunk * size;
        identities
            .iter()
            .enumerate()
            .map(|(offset, identity)| records.sale(first + offset, identity.key, identity.fingerprint))
            .collect()
    })
}

/// Writes the messages of one import into the outbox.
struct Messages<'a> {
    connection: &'a mut DbConnection,
    arrival: &'a Arrival,
    import_id: String,
    written: i64,
}

impl<'a> Messages<'a> {
    fn new(connection: &'a mut DbConnection, arrival: &'a Arrival) -> Self {
        Self { connection, arrival, import_id: arrival.import_id.to_string(), written: 0 }
    }

    fn record_import(&mut self, totals: &ImportTotals, accepted: &Accepted) -> Result<(), StageError> {
        let rows = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        diesel::insert_into(imports::table)
            .values((
                imports::id.eq(&self.import_id),
                imports::source.eq(&self.arrival.source),
                imports::origin.eq(self.arrival.origin.code()),
                imports::name.eq(&self.arrival.name),
                imports::sha256.eq(&self.arrival.sha256),
                imports::received_at.eq(self.arrival.received_at.naive_utc()),
                imports::outcome.eq(outcome_code(&totals.outcome)),
                imports::outcome_detail.eq(serde_json::to_string(&totals.outcome)?),
                imports::file_as.eq(&self.arrival.file_as),
                imports::filed.eq(self.arrival.file_as.is_none()),
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
                ),
            ))
            .execute(self.connection)?;
        Ok(())
    }

    fn add(&mut self, body: Body) -> Result<(), StageError> {
        let message = Message {
            version: VERSION,
            message_id: Uuid::now_v7(),
            import_id: self.arrival.import_id,
            source: self.arrival.source.clone(),
            body,
        };
        diesel::insert_into(outbox::table)
            .values((
                outbox::message_id.eq(message.message_id.to_string()),
                outbox::import_id.eq(&self.import_id),
                outbox::payload.eq(serde_json::to_vec(&message)?),
            ))
            .execute(self.connection)?;
        self.written += 1;
        Ok(())
    }

    fn finish(self) -> Result<(), StageError> {
        diesel::update(imports::table.find(&self.import_id))
            .set(imports::messages.eq(self.written))
            .execute(self.connection)?;
        Ok(())
    }
}

/// The word for an outcome in the `imports` table.
fn outcome_code(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Taken => "taken",
        Outcome::Refused(_) => "refused",
        Outcome::AlreadyImported { .. } => "already_imported",
    }
}

/// An import as ingest knows it; its counts are final once it is settled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StagedImport {
    /// Its name for ever.
    pub id: String,
    /// The outcome.
    pub outcome: Outcome,
    /// When it arrived.
    pub received_at: DateTime<Utc>,
    /// The file's name.
    pub name: String,
    /// Where the original goes, relative to the data folder.
    pub file_as: Option<String>,
    /// Whether it is there.
    pub filed: bool,
    /// Whether distrib has answered for every message.
    pub settled: bool,
    /// Messages given up as dead letters.
    pub messages_dead: i64,
    /// Rows: read, stored, updated, duplicate, rejected, ignored.
    pub rows: [i64; 6],
    /// Money of the accepted rows.
    pub amount: Cents,
    /// Quantity of the accepted rows.
    pub quantity: caudal_shared::money::TenThousandths,
    /// First and last local day.
    pub days: Option<(NaiveDate, NaiveDate)>,
    /// Sheets read.
    pub sheets: Vec<caudal_shared::message::SheetRead>,
    /// What was noticed.
    pub remarks: Vec<Remark>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = imports)]
struct ImportRow {
    id: String,
    name: String,
    received_at: chrono::NaiveDateTime,
    outcome_detail: String,
    file_as: Option<String>,
    filed: bool,
    rows_read: i64,
    rows_ignored: i64,
    amount_accepted: i64,
    quantity_accepted: i64,
    first_day: Option<NaiveDate>,
    last_day: Option<NaiveDate>,
    sheets: String,
    remarks: String,
    messages: i64,
    messages_settled: i64,
    messages_dead: i64,
    stored: i64,
    updated: i64,
    duplicate: i64,
    rejected: i64,
}

impl ImportRow {
    fn into_import(self) -> Result<StagedImport, StageError> {
        Ok(StagedImport {
            outcome: serde_json::from_str(&self.outcome_detail)?,
            received_at: self.received_at.and_utc(),
            settled: self.messages_settled >= self.messages,
            messages_dead: self.messages_dead,
            rows: [self.rows_read, self.stored, self.updated, self.duplicate, self.rejected, self.rows_ignored],
            amount: Cents(self.amount_accepted),
            quantity: caudal_shared::money::TenThousandths(self.quantity_accepted),
            days: self.first_day.zip(self.last_day),
            sheets: serde_json::from_str(&self.sheets)?,
            remarks: serde_json::from_str(&self.remarks)?,
            id: self.id,
            name: self.name,
            file_as: self.file_as,
            filed: self.filed,
        })
    }
}

/// An import by its id.
///
/// # Errors
/// What the database says.
pub fn find(connection: &mut DbConnection, import_id: &str) -> Result<Option<StagedImport>, StageError> {
    let row = imports::table.find(import_id).select(ImportRow::as_select()).first(connection).optional()?;
    row.map(ImportRow::into_import).transpose()
}

/// The import that took these bytes from this source, if any did.
///
/// # Errors
/// What the database says.
pub fn find_taken(
    connection: &mut DbConnection,
    source: &str,
    sha256: &str,
) -> Result<Option<StagedImport>, StageError> {
    let row = imports::table
        .filter(imports::source.eq(source).and(imports::sha256.eq(sha256)))
        .filter(imports::origin.eq(Origin::File.code()).and(imports::outcome.eq("taken")))
        .select(ImportRow::as_select())
        .first(connection)
        .optional()?;
    row.map(ImportRow::into_import).transpose()
}

/// The import of this very file that was staged but whose original was not marked as filed: the process ended between.
///
/// # Errors
/// What the database says.
pub fn find_unfiled(
    connection: &mut DbConnection,
    source: &str,
    name: &str,
    sha256: &str,
) -> Result<Option<StagedImport>, StageError> {
    let row = imports::table
        .filter(imports::filed.eq(false).and(imports::source.eq(source)))
        .filter(imports::name.eq(name).and(imports::sha256.eq(sha256)))
        .select(ImportRow::as_select())
        .first(connection)
        .optional()?;
    row.map(ImportRow::into_import).transpose()
}

/// All imports whose original was not marked as filed.
///
/// # Errors
/// What the database says.
pub fn unfiled(connection: &mut DbConnection) -> Result<Vec<StagedImport>, StageError> {
    let rows = imports::table.filter(imports::filed.eq(false)).select(ImportRow::as_select()).load(connection)?;
    rows.into_iter().map(ImportRow::into_import).collect()
}
