//! Originals: where they go once their import is committed, and what stands beside them.

use std::io;
use std::path::Path;

use caudal_contract::language::Language;
use caudal_contract::message::{ImportId, Outcome};
use caudal_contract::notice::Refusal;
use caudal_platform::database::{DatabaseError, DbConnection};
use caudal_platform::durable;
use caudal_platform::fault::{self, FailPoint};

use super::side_file::SideFile;
use super::{Intake, IntakeError};
use crate::originals::{self, Original, ReadError};
use crate::staging::{self, Arrival, StagedImport};

/// What to do with the original once its import is committed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Filing {
    /// Move it: it was dropped into the inbox.
    Move,
    /// Keep it and file a copy: it was named on the command line.
    Copy,
}

/// A file that is being taken in.
#[derive(Debug, Clone, Copy)]
pub(super) struct AtHand<'a> {
    /// Where it lies.
    pub(super) path: &'a Path,
    /// Its bytes; `None` if it is too large to be read.
    pub(super) original: Option<&'a Original>,
    /// What happens to it once its import is committed.
    pub(super) filing: Filing,
}

impl Intake {
    /// Makes sure that a file of the inbox outlives a power cut before anything about it is staged: its writer may not have synced
    /// it, and rows without their original could not be looked up or mended. A file that is copied stays its owner's.
    pub(super) fn keep(&self, path: &Path, filing: Filing) -> Result<(), IntakeError> {
        if filing == Filing::Copy {
            return Ok(());
        }
        let kept = durable::sync_file_below(&self.config.data_dir, path);
        Ok(kept.map_err(|reason| ReadError::Io { path: path.to_owned(), reason })?)
    }

    /// Refuses a file: nothing of it is taken, and it is filed with the reason beside it.
    pub(super) fn refuse(
        &self,
        connection: &mut DbConnection,
        file: AtHand<'_>,
        arrival: Arrival,
        refusal: Refusal,
    ) -> Result<ImportId, IntakeError> {
        let arrival = Arrival { file_as: Some(place("rejected", &arrival)), ..arrival };
        tracing::warn!(reason = refusal.sentence(Language::English), "refused");
        self.record_untaken(connection, file, &arrival, Outcome::Refused(refusal))
    }

    /// Records an import that brings no rows, and files its original.
    pub(super) fn record_untaken(
        &self,
        connection: &mut DbConnection,
        file: AtHand<'_>,
        arrival: &Arrival,
        outcome: Outcome,
    ) -> Result<ImportId, IntakeError> {
        staging::stage_untaken(connection, arrival, outcome)?;
        fault::point(FailPoint::AfterCommitBeforeMove);
        self.file_by_id(connection, file, arrival.import_id)?;
        Ok(arrival.import_id)
    }

    /// Files the original of an import that is committed.
    pub(super) fn file_by_id(
        &self,
        connection: &mut DbConnection,
        file: AtHand<'_>,
        import_id: ImportId,
    ) -> Result<(), IntakeError> {
        match staging::find(connection, import_id)? {
            Some(import) => self.file(connection, file, &import),
            None => Ok(()),
        }
    }

    /// Brings the original to its place, with the reason beside it if it was refused, and marks it as filed.
    pub(super) fn file(
        &self,
        connection: &mut DbConnection,
        file: AtHand<'_>,
        import: &StagedImport,
    ) -> Result<(), IntakeError> {
        let Some(place) = &import.file_as else { return Ok(()) };
        let to = self.config.data_dir.join(place);
        self.write_reason(import, &to)?;
        self.bring(file, &to).map_err(|reason| IntakeError::Move { path: file.path.to_owned(), reason })?;
        fault::point(FailPoint::AfterMoveBeforeMark);
        staging::mark_filed(connection, import.id).map_err(DatabaseError::from)?;
        Ok(())
    }

    /// Writes beside an original why it was not taken, if it was not.
    pub(super) fn write_reason(&self, import: &StagedImport, original: &Path) -> Result<(), IntakeError> {
        let reason = match &import.outcome {
            Outcome::Refused(refusal) => refusal.sentence(self.config.language),
            Outcome::NeedsLayout { reason } => reason.sentence(self.config.language),
            _ => return Ok(()),
        };
        SideFile::Reason.write(original, self.config.language, format!("{reason}\n").as_bytes())
    }

    fn bring(&self, AtHand { path, original, filing }: AtHand<'_>, to: &Path) -> io::Result<()> {
        match (filing, original) {
            (Filing::Copy, Some(original)) if !to.exists() => originals::write_copy(to, &original.bytes),
            (Filing::Copy, _) if to.exists() => originals::make_sure(to),
            (Filing::Copy, _) => Ok(()),
            // The file changed after it was read. Its import has the old bytes, so they are filed; the new ones are another file.
            (Filing::Move, Some(original))
                if originals::read(path, self.config.max_file_bytes).is_ok_and(|now| now.sha256 != original.sha256) =>
            {
                originals::write_copy(to, &original.bytes)
            }
            (Filing::Move, _) => originals::file_away(path, to),
        }
    }

    /// Completes the imports that a crash left unfiled although their original is in its place already. Files that still lie in the
    /// inbox are recognised there.
    ///
    /// # Errors
    /// [`IntakeError`] when the database is away.
    pub fn finish_filing(&self) -> Result<(), IntakeError> {
        let mut connection = self.database.get()?;
        for import in staging::unfiled(&mut connection)? {
            let place = import.file_as.as_ref().map(|place| self.config.data_dir.join(place));
            if let Some(place) = place.filter(|place| place.exists()) {
                originals::make_sure(&place).map_err(|reason| IntakeError::Move { path: place, reason })?;
                staging::mark_filed(&mut connection, import.id).map_err(DatabaseError::from)?;
            } else if let Some(place) = &import.file_as {
                self.leave_waiting(&mut connection, &import, place)?;
            }
        }
        Ok(())
    }
}

/// The place of an original, relative to the data folder.
pub(super) fn place(folder: &str, arrival: &Arrival) -> String {
    originals::place(folder, &arrival.name, &arrival.sha256, arrival.received_at)
}
