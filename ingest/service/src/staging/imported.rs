//! Imports as ingest knows them: found again by id, by their bytes, or because a crash left them unfinished.

use caudal_contract::decision::Remembered;
use caudal_contract::message::{ImportId, Origin, Outcome, RowCounts, SheetRead};
use caudal_contract::money::{Cents, TenThousandths};
use caudal_contract::notice::Remark;
use caudal_platform::database::DbConnection;
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use diesel::prelude::*;

use super::{StageError, WAITING, outcome_code};
use crate::schema::imports;

/// An import as ingest knows it; its counts are final once it is settled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StagedImport {
    /// Its name for ever.
    pub id: ImportId,
    /// Who sent it.
    pub source: String,
    /// SHA-256 of the bytes, in hex.
    pub sha256: String,
    /// A file or an API batch.
    pub origin: Origin,
    /// Whether it was taken back.
    pub undone: bool,
    /// Rows that are rejected and were not mended since.
    pub rows_rejected: i64,
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
    /// What was noticed.
    pub remarks: Vec<Remark>,
    /// What people had decided about its columns when it was read: it is read the same way again.
    pub layouts: Vec<Remembered>,
}

/// The id of an import as its table keeps it.
fn read_id(text: &str) -> Result<ImportId, StageError> {
    text.parse().map_err(|_no_uuid| StageError::ForeignId(text.to_owned()))
}

/// The word for an import that was taken back, in the column `outcome`.
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

/// An import by its id.
///
/// # Errors
/// What the database says.
pub fn find(connection: &mut DbConnection, import_id: ImportId) -> Result<Option<StagedImport>, StageError> {
    let row = imports::table.find(import_id.to_string()).select(ImportRow::as_select()).first(connection).optional()?;
    row.map(ImportRow::into_import).transpose()
}

/// The import that took these bytes from this source, if any did; a repair workbook is taken once, too.
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
        .filter(imports::origin.eq(Origin::File.code()).and(imports::outcome.eq_any(["taken", "repaired"])))
        .select(ImportRow::as_select())
        .first(connection)
        .optional()?;
    row.map(ImportRow::into_import).transpose()
}

/// When the first API batch of these bytes, from this source and not taken back, arrived.
///
/// # Errors
/// What the database says.
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

/// Imports that wait for a layout, the oldest first.
///
/// # Errors
/// What the database says.
pub fn waiting(connection: &mut DbConnection) -> Result<Vec<StagedImport>, StageError> {
    let rows = imports::table
        .filter(imports::outcome.eq(WAITING))
        .order((imports::received_at, imports::id))
        .select(ImportRow::as_select())
        .load(connection)?;
    rows.into_iter().map(ImportRow::into_import).collect()
}

/// How far the messages of an import are.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Progress {
    /// The import.
    pub id: String,
    /// The file's name; empty for an API batch.
    pub name: String,
    /// Messages about it.
    pub messages: i64,
    /// Those that distrib has answered for.
    pub messages_settled: i64,
    /// Those that could not be stored.
    pub messages_dead: i64,
}

impl Progress {
    /// Whether distrib has said that everything is stored.
    #[must_use]
    pub fn is_stored(&self) -> bool {
        self.messages_settled >= self.messages && self.messages_dead == 0
    }
}

/// How far all imports are.
///
/// # Errors
/// What the database says.
pub fn progress(connection: &mut DbConnection) -> QueryResult<Vec<Progress>> {
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

/// Where the original of an import is, or is to be.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct OriginalPlace {
    /// Who sent it.
    pub source: String,
    /// The name it came with.
    pub name: String,
    /// SHA-256 of the bytes, in hex.
    pub sha256: String,
    /// Its place, relative to the data folder.
    pub file_as: Option<String>,
    /// Whether it was marked as being there.
    pub filed: bool,
}

/// The places of all originals; batches of the API have none.
///
/// # Errors
/// What the database says.
pub fn places(connection: &mut DbConnection) -> QueryResult<Vec<OriginalPlace>> {
    imports::table
        .filter(imports::file_as.is_not_null())
        .order(imports::id)
        .select((imports::source, imports::name, imports::sha256, imports::file_as, imports::filed))
        .load(connection)
}
