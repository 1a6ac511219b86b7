//! Imports in the ingest database, found by id, by their bytes, or because a crash left them unfinished.

use caudal_contract::decision::Remembered;
use caudal_contract::message::{ImportId, Origin, Outcome, RowCounts, SheetRead};
use caudal_contract::money::{Cents, TenThousandths};
use caudal_contract::notice::Remark;
use caudal_platform::database::DbConnection;
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use diesel::prelude::*;

use super::{StageError, WAITING, outcome_code};
use crate::schema::imports;

/// An import in the ingest database. Its counts are final when it is settled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StagedImport {
    /// Its name for ever.
    pub id: ImportId,
    /// The sender.
    pub source: String,
    /// SHA-256 of the bytes, in hex.
    pub sha256: String,
    /// A file or an API batch.
    pub origin: Origin,
    /// Whether it was undone.
    pub undone: bool,
    /// Rows that were rejected and not mended since.
    pub rows_rejected: i64,
    /// The outcome.
    pub outcome: Outcome,
    /// The time of arrival.
    pub received_at: DateTime<Utc>,
    /// The file's name.
    pub name: String,
    /// The place of the original, relative to the data folder.
    pub file_as: Option<String>,
    /// Whether the original is in its place.
    pub filed: bool,
    /// Whether distrib answered for every message.
    pub settled: bool,
    /// Messages given up as dead letters.
    pub messages_dead: i64,
    /// Its rows by what became of them.
    pub rows: RowCounts,
    /// Money of the accepted rows.
    pub amount: Cents,
    /// Quantity of the accepted rows.
    pub quantity: TenThousandths,
    /// First and last local day.
    pub days: Option<(NaiveDate, NaiveDate)>,
    /// Sheets read.
    pub sheets: Vec<SheetRead>,
    /// Remarks about the import.
    pub remarks: Vec<Remark>,
    /// The layouts that people had decided when it was read. It is read again in the same way.
    pub layouts: Vec<Remembered>,
}

/// The imports of these rows. A row that Caudal did not write is left out and logged, because it must not keep the others waiting.
fn readable(rows: Vec<ImportRow>) -> Result<Vec<StagedImport>, StageError> {
    let mut imports = Vec::with_capacity(rows.len());
    for row in rows {
        match row.into_import() {
            Ok(import) => imports.push(import),
            Err(error @ StageError::ForeignId(_)) => {
                tracing::error!(%error, "a row of the table imports is invalid and was skipped");
            }
            Err(error) => return Err(error),
        }
    }
    Ok(imports)
}

/// The id of an import as its table keeps it.
fn read_id(text: &str) -> Result<ImportId, StageError> {
    text.parse().map_err(|_no_uuid| StageError::ForeignId(text.to_owned()))
}

/// The value of the column `outcome` for an import that was undone.
pub(super) const UNDONE: &str = "undone";

#[derive(Queryable, Selectable)]
#[diesel(table_name = imports)]
struct ImportRow {
    id: String,
    source: String,
    origin: String,
    name: String,
    sha256: String,
    received_at: NaiveDateTime,
    outcome: String,
    outcome_detail: String,
    file_as: Option<String>,
    filed: bool,
    rows_read: i64,
    rows_ignored: i64,
    rows_rejected: i64,
    amount_accepted: i64,
    quantity_accepted: i64,
    first_day: Option<NaiveDate>,
    last_day: Option<NaiveDate>,
    sheets: String,
    remarks: String,
    layouts: String,
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
            rows: RowCounts {
                read: self.rows_read,
                stored: self.stored,
                updated: self.updated,
                duplicate: self.duplicate,
                rejected: self.rejected,
                ignored: self.rows_ignored,
            },
            amount: Cents(self.amount_accepted),
            quantity: TenThousandths(self.quantity_accepted),
            days: self.first_day.zip(self.last_day),
            sheets: serde_json::from_str(&self.sheets)?,
            remarks: serde_json::from_str(&self.remarks)?,
            layouts: serde_json::from_str(&self.layouts)?,
            undone: self.outcome == UNDONE,
            origin: if self.origin == Origin::Api.code() { Origin::Api } else { Origin::File },
            rows_rejected: self.rows_rejected,
            id: read_id(&self.id)?,
            source: self.source,
            sha256: self.sha256,
            name: self.name,
            file_as: self.file_as,
            filed: self.filed,
        })
    }
}

/// Finds an import by its id.
///
/// # Errors
/// What the database says.
pub fn find(connection: &mut DbConnection, import_id: ImportId) -> Result<Option<StagedImport>, StageError> {
    let row = imports::table.find(import_id.to_string()).select(ImportRow::as_select()).first(connection).optional()?;
    row.map(ImportRow::into_import).transpose()
}

/// Finds the import that took these bytes from this source. A repair workbook is taken only once, too.
///
/// # Errors
/// The error of the query or of its decoding.
pub fn find_taken(
    connection: &mut DbConnection,
    source: &str,
    sha256: &str,
) -> Result<Option<StagedImport>, StageError> {
    let row = imports::table
        .filter(imports::source.eq(source).and(imports::sha256.eq(sha256)))
        .filter(imports::origin.eq(Origin::File.code()).and(imports::outcome.eq_any(["taken", "repaired"])))
        .select(ImportRow::as_select())
        .first(connection)
        .optional()?;
    row.map(ImportRow::into_import).transpose()
}

/// The arrival time of the first API batch with these bytes from this source that was not undone.
///
/// # Errors
/// The database error, if the query fails.
pub fn first_arrival(
    connection: &mut DbConnection,
    source: &str,
    sha256: &str,
) -> Result<Option<DateTime<Utc>>, StageError> {
    let first: Option<NaiveDateTime> = imports::table
        .filter(imports::source.eq(source).and(imports::sha256.eq(sha256)))
        .filter(imports::origin.eq(Origin::Api.code()).and(imports::outcome.eq(outcome_code(&Outcome::Taken))))
        .select(diesel::dsl::min(imports::received_at))
        .first(connection)?;
    Ok(first.map(|at| at.and_utc()))
}

/// Finds the import of this file if it was staged but its original was not marked as filed, because the process ended
/// in between.
///
/// # Errors
/// The error of the query or of its decoding.
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

/// All imports with originals not marked as filed.
///
/// # Errors
/// The error of the query or of its decoding.
pub fn unfiled(connection: &mut DbConnection) -> Result<Vec<StagedImport>, StageError> {
    let rows = imports::table.filter(imports::filed.eq(false)).select(ImportRow::as_select()).load(connection)?;
    readable(rows)
}

/// Imports that wait for a layout, oldest first.
///
/// # Errors
/// The error of the query or of its decoding.
pub fn waiting(connection: &mut DbConnection) -> Result<Vec<StagedImport>, StageError> {
    let rows = imports::table
        .filter(imports::outcome.eq(WAITING))
        .order((imports::received_at, imports::id))
        .select(ImportRow::as_select())
        .load(connection)?;
    readable(rows)
}

/// The progress of an import's messages.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct MessageProgress {
    /// The import.
    pub id: String,
    /// The file's name; empty for an API batch.
    pub name: String,
    /// The number of messages.
    pub messages: i64,
    /// Messages for which distrib answered.
    pub messages_settled: i64,
    /// Messages that could not be stored.
    pub messages_dead: i64,
}

impl MessageProgress {
    /// Whether distrib confirmed that everything is stored.
    #[must_use]
    pub fn is_stored(&self) -> bool {
        self.messages_settled >= self.messages && self.messages_dead == 0
    }
}

/// The progress of all imports.
///
/// # Errors
/// The database error, if the query fails.
pub fn progress(connection: &mut DbConnection) -> QueryResult<Vec<MessageProgress>> {
    imports::table
        .order(imports::id)
        .select((imports::id, imports::name, imports::messages, imports::messages_settled, imports::messages_dead))
        .load(connection)
}

/// Marks the original of an import as filed.
///
/// # Errors
/// What the database says.
pub fn mark_filed(connection: &mut DbConnection, import_id: ImportId) -> QueryResult<()> {
    diesel::update(imports::table.find(import_id.to_string())).set(imports::filed.eq(true)).execute(connection)?;
    Ok(())
}

/// The present or future place of an import's original.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct OriginalPlace {
    /// The sender.
    pub source: String,
    /// The name with which it came.
    pub name: String,
    /// SHA-256 of the bytes, in hex.
    pub sha256: String,
    /// Its place, relative to the data folder.
    pub file_as: Option<String>,
    /// Whether it was marked as being in its place.
    pub filed: bool,
}

/// The places of all originals. API batches have none.
///
/// # Errors
/// The database error, if the query fails.
pub fn places(connection: &mut DbConnection) -> QueryResult<Vec<OriginalPlace>> {
    imports::table
        .filter(imports::file_as.is_not_null())
        .order(imports::id)
        .select((imports::source, imports::name, imports::sha256, imports::file_as, imports::filed))
        .load(connection)
}
