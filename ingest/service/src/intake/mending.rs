//! Repair workbooks: written for rejected rows, and taken in when they come back.

use std::panic::AssertUnwindSafe;
use std::path::Path;

use caudal_contract::command::{CommandRefused, TraceQuery};
use caudal_contract::language::Language;
use caudal_contract::message::{ImportId, Origin, Outcome, Release};
use caudal_contract::notice::Refusal;
use caudal_contract::trace::RowTrace;
use caudal_platform::database::DbConnection;

use super::filing::place;
use super::side_file::SideFile;
use super::{CommandError, Intake, IntakeError, Rehearsal};
use crate::originals;
use crate::staging::{self, Arrival, StageError, StagedImport};
use caudal_reading::batch::{Batch, BatchError};
use caudal_reading::records::Records;
use caudal_reading::repair::{self, Account, Overlay, Returned};
use caudal_reading::sheet::Contents;

impl Intake {
    /// The repair workbook of the rows of an import that are rejected now.
    ///
    /// # Errors
    /// [`CommandError::Refused`] if there is no such workbook.
    pub fn repair_workbook(&self, import_id: ImportId) -> Result<Vec<u8>, CommandError> {
        let account = self.account_of(import_id, None, |import| {
            if import.rows_rejected == 0 { Err(CommandRefused::NothingRejected) } else { Ok(()) }
        })?;
        let workbook = account.workbook(import_id, self.config.language);
        let workbook = workbook.map_err(|error| IntakeError::Workbook(error.to_string()))?;
        workbook.ok_or_else(|| CommandRefused::NothingRejected.into())
    }

    /// The path of a row of an import from its cells to its clean values.
    ///
    /// # Errors
    /// [`CommandError::Refused`] if the row cannot be traced.
    pub fn trace(&self, import_id: ImportId, query: &TraceQuery) -> Result<RowTrace, CommandError> {
        let account = self.account_of(import_id, Some((&query.sheet, query.row)), |_| Ok(()))?;
        let trace = account.trace(&query.sheet, query.row, self.config.time_zone, query.language);
        trace.ok_or_else(|| CommandRefused::NoSuchRow.into())
    }

    /// Makes a duplicate a sale of its own. If it has an order number, its original is read again to find the line of
    /// the order. Without the original it still becomes a sale, but its order does not include it.
    ///
    /// # Errors
    /// [`CommandError::Refused`] with the reason; then nothing was changed.
    pub fn release(&self, import_id: ImportId, release: Release) -> Result<(), CommandError> {
        let account = match self.account_of(import_id, None, |_| Ok(())) {
            Ok(account) => Some(account),
            Err(CommandError::Refused(CommandRefused::SentByApi | CommandRefused::OriginalGone)) => None,
            Err(error) => return Err(error),
        };
        let records = match &account {
            Some(account) => account.batch().records().map_err(StageError::from)?,
            None => Vec::new(),
        };
        Ok(staging::release(&mut *self.database.get()?, import_id, release, &records)?)
    }

    /// The rows of an import in force (see [`staging::in_force`]), for a command.
    fn account_of(
        &self,
        import_id: ImportId,
        watched: Option<(&str, u32)>,
        fits: impl FnOnce(&StagedImport) -> Result<(), CommandRefused>,
    ) -> Result<Account, CommandError> {
        let mut connection = self.database.get()?;
        let import = staging::in_force(&mut connection, import_id)?;
        fits(&import)?;
        if import.origin == Origin::Api {
            return Err(CommandRefused::SentByApi.into());
        }
        self.account(&mut connection, &import, watched)?.map_err(|refusal| {
            let reason = refusal.sentence(Language::English);
            tracing::warn!(import.id = %import_id, reason, "the original could not be read again");
            CommandRefused::OriginalGone.into()
        })
    }

    /// Counts the results that mended rows would have. Stores nothing.
    pub(super) fn rehearse_mending(
        &self,
        connection: &mut DbConnection,
        returned: &Returned,
        workbook: &Contents,
    ) -> Result<Rehearsal, IntakeError> {
        let (import, account, mended) = match self.mended_account(connection, returned, workbook)? {
            Ok(parts) => parts,
            Err(refusal) => return Ok(Rehearsal::Refused(refusal)),
        };
        let is_mended = |sheet: &str, row: u32| mended.contains_key(&(sheet.to_owned(), row));
        let batch = account.batch();
        let rejected = batch.rejected.iter().filter(|row| is_mended(&row.sheet, row.row)).count() as u64;
        let count_in = |records: &Records<'_>| {
            (0..records.len()).filter(|index| is_mended(records.sheet(), records.row(*index))).count() as u64
        };
        let sales = batch.records()?.iter().map(count_in).sum();
        Ok(Rehearsal::Mending {
            import_id: import.id,
            sales,
            rejected,
            ignored: mended.len() as u64 - sales - rejected,
        })
    }

    /// Adds the rows of a repair workbook to the account of their import.
    pub(super) fn mend(
        &self,
        connection: &mut DbConnection,
        arrival: &Arrival,
        returned: &Returned,
        workbook: &Contents,
    ) -> Result<Result<(), Refusal>, IntakeError> {
        let (import, account, mended) = match self.mended_account(connection, returned, workbook)? {
            Ok(parts) => parts,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let rows_a_message = self.config.batch_rows;
        let outcome = staging::stage_mended(connection, arrival, &import, account.batch(), &mended, rows_a_message)?;
        if let Outcome::Repaired { import_id, sales, rejected, ignored } = outcome {
            tracing::info!(
                import.id = %import_id,
                workbook.id = %arrival.import_id,
                file.name = arrival.name,
                rows.stored = sales,
                rows.rejected = rejected,
                rows.ignored = ignored,
                "mended rows staged"
            );
        }
        self.replace_workbook(&import, &account);
        Ok(Ok(()))
    }

    /// The import of a repair workbook, its account with the mended cells in place, and those cells.
    fn mended_account(
        &self,
        connection: &mut DbConnection,
        returned: &Returned,
        workbook: &Contents,
    ) -> Result<Result<(StagedImport, Account, Overlay), Refusal>, IntakeError> {
        let import = match staging::in_force(connection, returned.import_id) {
            Ok(import) => import,
            // The workbook is tried again when the import has arrived.
            Err(error @ StageError::Refused(CommandRefused::StillArriving)) => return Err(error.into()),
            Err(StageError::Refused(_)) => return Ok(Err(Refusal::RepairOfNothing)),
            Err(error) => return Err(error.into()),
        };
        let account = match self.account(connection, &import, None)? {
            Ok(account) => account,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let mended = account.mended_in(returned, workbook, self.config.language);
        if mended.is_empty() {
            return Ok(Err(Refusal::NothingMended));
        }
        let before = account.batch().remarks.clone();
        match account.mend(&mended, &self.conventions(import.received_at)) {
            Ok(account) => Ok(match account.column_read_otherwise(&before) {
                Some(column) => Err(Refusal::MendingChangesColumn { column }),
                None => Ok((import, account, mended)),
            }),
            Err(BatchError::Refused(refusal)) => Ok(Err(refusal)),
            Err(BatchError::NeedsLayout(_)) => Ok(Err(Refusal::NoHeader)),
            Err(BatchError::Frame(error)) => Err(error.into()),
        }
    }

    /// The present rows of an import, from its original and the cells mended since.
    fn account(
        &self,
        connection: &mut DbConnection,
        import: &StagedImport,
        watched: Option<(&str, u32)>,
    ) -> Result<Result<Account, Refusal>, IntakeError> {
        let Some(place) = &import.file_as else { return Ok(Err(Refusal::OriginalGone)) };
        let original = match originals::read(&self.config.data_dir.join(place), self.config.max_file_bytes) {
            Ok(original) if original.sha256 == import.sha256 => original,
            _ => return Ok(Err(Refusal::OriginalGone)),
        };
        let mended = staging::mended_cells(connection, import.id)?;
        let contents = match self.reader.read(&original.bytes, &import.name) {
            Ok(contents) => contents,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let conventions = self.conventions(import.received_at);
        match Account::open(contents, &mended, &conventions, import.layouts.clone(), watched) {
            Ok(account) => Ok(Ok(account)),
            Err(BatchError::Refused(refusal)) => Ok(Err(refusal)),
            Err(BatchError::NeedsLayout(_)) => Ok(Err(Refusal::NoHeader)),
            Err(BatchError::Frame(error)) => Err(error.into()),
        }
    }

    /// The repair workbook of a batch; `None` if no row was rejected.
    pub(super) fn workbook(&self, arrival: &Arrival, contents: &Contents, batch: &Batch) -> Option<Vec<u8>> {
        let make = || repair::workbook_of(arrival.import_id, contents, batch, self.config.language);
        // The workbook is optional, so a defect in making it must not keep the sales out.
        let Ok(workbook) = std::panic::catch_unwind(AssertUnwindSafe(make)) else {
            tracing::error!("making the repair workbook ended in a panic");
            return None;
        };
        workbook.unwrap_or_else(|error| {
            tracing::error!(%error, "the repair workbook could not be made");
            None
        })
    }

    /// Puts a repair workbook beside the rejected files. It is also available on the import's page, so a full disk only
    /// costs a line in the log.
    pub(super) fn keep_workbook(&self, arrival: &Arrival, workbook: Option<&[u8]>) {
        if let Some(workbook) = workbook {
            self.put_workbook(&self.config.data_dir.join(place("rejected", arrival)), workbook);
        }
    }

    /// Writes the repair workbook anew after rows were mended, or removes it if no rejected row is left.
    fn replace_workbook(&self, import: &StagedImport, account: &Account) {
        let Some(place) = &import.file_as else { return };
        let original = self.config.data_dir.join(place.replacen("processed", "rejected", 1));
        // Remove it first, because an outdated workbook must not stay if the new one cannot be written.
        SideFile::Repair.remove(&original);
        let workbook = account.workbook(import.id, self.config.language);
        if let Ok(Some(workbook)) =
            workbook.inspect_err(|error| tracing::error!(%error, "the repair workbook could not be made"))
        {
            self.put_workbook(&original, &workbook);
        }
    }

    fn put_workbook(&self, original: &Path, workbook: &[u8]) {
        if let Err(error) = SideFile::Repair.write(original, self.config.language, workbook) {
            tracing::warn!(%error, "the repair workbook could not be written");
        }
    }
}
