//! Files that wait for a decision about the meaning of their columns, and their intake after the decision.
//!
//! A decision is remembered first. Then every file that waits for it is taken in under its own import, and its original
//! moves from `waiting/` to `processed/`. Each step is committed before the next, and each can be repeated:
//! [`Intake::resume_waiting`] finds a layout whose files were not resumed, and [`Intake::finish_filing`] finds an
//! import whose original is still in `waiting/`.

use std::path::{Path, PathBuf};

use caudal_contract::command::CommandRefused;
use caudal_contract::decision::{Decision, Draft, Remembered, TableChoice};
use caudal_contract::message::{ImportId, Outcome};
use caudal_contract::notice::{LayoutProblem, Refusal};
use caudal_platform::database::{DatabaseError, DbConnection};
use caudal_platform::fault::{self, FailPoint};
use chrono::{SubsecRound, Utc};

use super::side_file::SideFile;
use super::verdict::Verdict;
use super::{Intake, IntakeError};
use crate::layout_store;
use crate::originals::{self, Original, ReadError};
use crate::staging::{self, Resumed, StageError, StagedImport};
use caudal_reading::batch::Batch;
use caudal_reading::layout::{draft, remembered, table};
use caudal_reading::sheet::Contents;

/// The folder of waiting originals.
pub(super) const FOLDER: &str = "waiting";

/// The reason for which a decision was not taken or a table cannot be shown.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The reason is for the person who asked. Nothing was changed.
    #[error(transparent)]
    Refused(#[from] CommandRefused),
    /// A failure that may pass.
    #[error(transparent)]
    Intake(#[from] IntakeError),
}

impl From<LayoutProblem> for CommandError {
    fn from(problem: LayoutProblem) -> Self {
        CommandRefused::Layout { problem }.into()
    }
}

impl From<StageError> for CommandError {
    fn from(error: StageError) -> Self {
        IntakeError::from(error).into()
    }
}

impl From<DatabaseError> for CommandError {
    fn from(error: DatabaseError) -> Self {
        IntakeError::from(error).into()
    }
}

/// The result for a file that waited for a layout, after the layout was decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resumption {
    /// The import.
    pub import_id: ImportId,
    /// The name of its file.
    pub name: String,
    /// The reason for which it still waits; `None` if it was taken in.
    pub problem: Option<LayoutProblem>,
}

impl Intake {
    /// The table of an import's original, with remembered or guessed meanings of its columns.
    ///
    /// # Errors
    /// [`CommandError`].
    pub fn draft_of_import(&self, import_id: ImportId, choice: &TableChoice) -> Result<Draft, CommandError> {
        let mut connection = self.database.get()?;
        let import = staging::find(&mut connection, import_id)?.ok_or(CommandRefused::NoSuchImport)?;
        let original = self.original_of(&import)?;
        self.draft(&mut connection, &original, choice)
    }

    /// Like [`Self::draft_of_import`], for any file.
    ///
    /// # Errors
    /// [`CommandError`].
    pub fn draft_of_file(&self, path: &Path, choice: &TableChoice) -> Result<Draft, CommandError> {
        let original = originals::read(path, self.config.max_file_bytes).map_err(IntakeError::from)?;
        self.draft(&mut *self.database.get()?, &original, choice)
    }

    fn draft(
        &self,
        connection: &mut DbConnection,
        original: &Original,
        choice: &TableChoice,
    ) -> Result<Draft, CommandError> {
        let known = layout_store::all(connection)?;
        let contents = self.contents(original)?;
        let unreadable = || LayoutProblem::Unreadable { refusal: Box::new(Refusal::NoContent) };
        Ok(draft::draft(&contents.sheets, choice, &known).ok_or_else(unreadable)?)
    }

    /// Remembers a decision after testing it on the import that it was made for, or else on the oldest file that waits
    /// for it. Then takes that file in. [`Self::resume_waiting`] takes in the other files, and this one if its first
    /// totals are not answered yet.
    ///
    /// # Errors
    /// [`CommandError::Refused`] with what is wrong; then nothing was changed.
    pub fn decide(
        &self,
        import_id: Option<ImportId>,
        decision: Decision,
        by: &str,
    ) -> Result<Remembered, CommandError> {
        remembered::check(&decision)?;
        let layout = Remembered {
            fingerprint: table::fingerprint(&decision),
            decision,
            by: by.to_owned(),
            // The precision of the databases.
            at: Utc::now().trunc_subsecs(6),
        };
        let mut connection = self.database.get()?;
        let mut known = layout_store::all(&mut connection)?;
        known.retain(|other| other.fingerprint != layout.fingerprint);
        known.insert(0, layout.clone());
        let tried = match import_id {
            Some(id) => {
                let import = staging::find(&mut connection, id)?.ok_or(CommandRefused::NoSuchImport)?;
                let import = waits(import)?;
                let original = self.original_of(&import)?;
                let contents = self.contents(&original)?;
                if !contents.sheets.iter().any(|sheet| remembered::is_for(&layout, sheet)) {
                    return Err(LayoutProblem::NoSuchTable.into());
                }
                let batch = self.resumed_batch(&import, &contents, &known)?;
                Some((import, contents, batch))
            }
            None => self.first_waiting_for(&mut connection, &layout, &known)?,
        };
        layout_store::remember(&mut connection, &layout)?;
        tracing::info!(layout.fingerprint = layout.fingerprint, user = by, "a layout was decided");
        fault::point(FailPoint::AfterDeciding);
        if let Some((import, contents, batch)) = tried {
            self.resume(&mut connection, &import, &contents, &batch)?;
        }
        Ok(layout)
    }

    /// Takes in the files that wait for a decided layout, and returns the result for each. Cheap if no layout was
    /// decided since the last call.
    ///
    /// # Errors
    /// [`IntakeError`] if the database is away. The next call does the rest.
    pub fn resume_waiting(&self) -> Result<Vec<Resumption>, IntakeError> {
        let mut connection = self.database.get()?;
        let pending = layout_store::unresumed(&mut connection)?;
        let mut resumptions = Vec::new();
        if pending.is_empty() {
            return Ok(resumptions);
        }
        let known = layout_store::all(&mut connection)?;
        let mut is_done = true;
        for import in staging::waiting(&mut connection)? {
            let Some(contents) = self.contents_waiting(&import) else { continue };
            let is_meant = |layout| contents.sheets.iter().any(|sheet| remembered::is_for(layout, sheet));
            if !pending.iter().any(is_meant) {
                continue;
            }
            if !import.settled || import.messages_dead > 0 || !import.filed {
                is_done = false;
                continue;
            }
            let batch = self.resumed_batch(&import, &contents, &known);
            let problem = match batch.and_then(|batch| self.resume(&mut connection, &import, &contents, &batch)) {
                Ok(()) => None,
                Err(CommandError::Refused(CommandRefused::Layout { problem })) => Some(problem),
                Err(CommandError::Refused(refused)) => {
                    tracing::warn!(import.id = %import.id, reason = %refused, "still waits for a layout");
                    continue;
                }
                Err(CommandError::Intake(error)) => return Err(error),
            };
            resumptions.push(Resumption { import_id: import.id, name: import.name, problem });
        }
        if is_done {
            layout_store::mark_resumed(&mut connection, &pending).map_err(DatabaseError::from)?;
        }
        Ok(resumptions)
    }

    /// Refuses a waiting file because a person said that it is not wanted. Its original moves to the rejected files,
    /// and the file may be dropped again.
    ///
    /// # Errors
    /// [`CommandError::Refused`] when it does not wait; then nothing was changed.
    pub fn dismiss(&self, import_id: ImportId, by: &str) -> Result<(), CommandError> {
        let mut connection = self.database.get()?;
        let import = waits(staging::find(&mut connection, import_id)?.ok_or(CommandRefused::NoSuchImport)?)?;
        let place = originals::place("rejected", &import.name, &import.sha256, import.received_at);
        if !staging::dismiss(&mut connection, &staging::arrival_of(&import, &place), by)? {
            return Err(CommandRefused::StillArriving.into());
        }
        tracing::info!(import.id = %import_id, user = by, "a file that waited was dismissed");
        fault::point(FailPoint::AfterCommitBeforeMove);
        if let Some(refused) = staging::find(&mut connection, import_id)? {
            self.leave_waiting(&mut connection, &refused, &place)?;
        }
        Ok(())
    }

    /// The oldest file that waits for this layout, with its rows.
    fn first_waiting_for(
        &self,
        connection: &mut DbConnection,
        layout: &Remembered,
        known: &[Remembered],
    ) -> Result<Option<(StagedImport, Contents, Batch)>, CommandError> {
        for import in staging::waiting(connection)? {
            let Some(contents) = self.contents_waiting(&import) else { continue };
            if contents.sheets.iter().any(|sheet| remembered::is_for(layout, sheet)) {
                let batch = self.resumed_batch(&import, &contents, known)?;
                return Ok(Some((import, contents, batch)));
            }
        }
        Ok(None)
    }

    /// The rows of an import that waited. A decision under which no row is a sale is wrong.
    fn resumed_batch(
        &self,
        import: &StagedImport,
        contents: &Contents,
        known: &[Remembered],
    ) -> Result<Batch, CommandError> {
        let batch = match self.judge(contents, import.received_at, known, &import.name)? {
            Verdict::Sales(batch) => *batch,
            Verdict::NeedsLayout(problem) => return Err(problem.into()),
            Verdict::Refused(Refusal::NoRows) => return Err(LayoutProblem::NoRows.into()),
            Verdict::Refused(refusal) => {
                return Err(LayoutProblem::Unreadable { refusal: Box::new(refusal) }.into());
            }
            // A repair workbook never waits for a layout
            Verdict::Repair(_) => return Err(CommandRefused::NotWaiting.into()),
        };
        if batch.accepted().map_err(IntakeError::from)?.rows > 0 {
            return Ok(batch);
        }
        let first = batch.rejected.into_iter().find_map(|row| Some((row.row, row.reasons.into_iter().next()?)));
        Err(first.map_or(LayoutProblem::NoRows, |(row, reason)| LayoutProblem::NothingReadable {
            row,
            reason: Box::new(reason),
        }))?
    }

    fn resume(
        &self,
        connection: &mut DbConnection,
        import: &StagedImport,
        contents: &Contents,
        batch: &Batch,
    ) -> Result<(), CommandError> {
        let place = originals::place("processed", &import.name, &import.sha256, import.received_at);
        let arrival = staging::arrival_of(import, &place);
        let resumed = match staging::resume(connection, import, &arrival, batch, self.config.batch_rows) {
            Err(StageError::TooLong) => {
                return Err(LayoutProblem::Unreadable { refusal: Box::new(staging::too_long()) }.into());
            }
            resumed => resumed.map_err(IntakeError::from)?,
        };
        match resumed {
            Resumed::NotWaiting => return Ok(()),
            Resumed::AlreadyImported => {}
            Resumed::Taken => {
                let workbook = self.workbook(&arrival, contents, batch);
                self.keep_workbook(&arrival, workbook.as_deref());
            }
        }
        tracing::info!(import.id = %import.id, rows.read = batch.rows_read, "taken in by a layout that was decided");
        fault::point(FailPoint::AfterCommitBeforeMove);
        self.leave_waiting(connection, import, &place)?;
        Ok(())
    }

    /// Moves an original from the waiting folder to its place, with the reason beside it if it is refused. Returns
    /// whether it was in the waiting folder.
    pub(super) fn leave_waiting(
        &self,
        connection: &mut DbConnection,
        import: &StagedImport,
        place: &str,
    ) -> Result<bool, IntakeError> {
        let from = self.waiting_place(import);
        if !from.exists() {
            return Ok(false);
        }
        let to = self.config.data_dir.join(place);
        if matches!(import.outcome, Outcome::Refused(_)) {
            self.write_reason(import, &to)?;
        }
        originals::file_away(&from, &to).map_err(|reason| IntakeError::Move { path: from.clone(), reason })?;
        SideFile::Reason.remove(&from);
        fault::point(FailPoint::AfterMoveBeforeMark);
        staging::mark_filed(connection, import.id).map_err(DatabaseError::from)?;
        Ok(true)
    }

    fn waiting_place(&self, import: &StagedImport) -> PathBuf {
        let place = originals::place(FOLDER, &import.name, &import.sha256, import.received_at);
        self.config.data_dir.join(place)
    }

    /// The contents of a waiting file; `None`, with a line in the log, if it cannot be read any more.
    fn contents_waiting(&self, import: &StagedImport) -> Option<Contents> {
        let contents = self.original_of(import).and_then(|original| self.contents(&original));
        contents
            .inspect_err(|error| tracing::warn!(import.id = %import.id, %error, "a waiting file cannot be read"))
            .ok()
    }

    fn original_of(&self, import: &StagedImport) -> Result<Original, CommandError> {
        let place = import.file_as.as_ref().ok_or(CommandRefused::OriginalGone)?;
        match originals::read(&self.config.data_dir.join(place), self.config.max_file_bytes) {
            Ok(original) => Ok(Original { name: import.name.clone(), ..original }),
            Err(ReadError::NotAFile(_) | ReadError::Io { .. }) if !import.filed => {
                Err(CommandRefused::StillArriving.into())
            }
            Err(ReadError::NotAFile(_) | ReadError::Io { .. }) => Err(CommandRefused::OriginalGone.into()),
            Err(error) => Err(IntakeError::from(error).into()),
        }
    }

    fn contents(&self, original: &Original) -> Result<Contents, CommandError> {
        let read = self.reader.read(&original.bytes, &original.name);
        Ok(read.map_err(|refusal| LayoutProblem::Unreadable { refusal: Box::new(refusal) })?)
    }
}

/// Checks that an import waits. If its first totals are not answered yet, or it was not marked as filed, it is resumed
/// later.
fn waits(import: StagedImport) -> Result<StagedImport, CommandRefused> {
    match import.outcome {
        Outcome::NeedsLayout { .. } => Ok(import),
        _ => Err(CommandRefused::NotWaiting),
    }
}
