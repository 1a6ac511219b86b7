//! The path of one file: accept, read, clean, stage, file away.
//!
//! The original stays in the inbox until everything about it is committed; then it is moved, then marked as filed. A
//! crash at any point leaves one of two states. Either the file is still in the inbox, and the next scan finds it and
//! recognises it by its bytes; or the import is not marked, and [`Intake::finish_filing`] completes it at the next
//! start.

mod beside;
mod mending;
mod rehearsing;
mod waiting;

use std::io;
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use caudal_contract::decision::Remembered;
use caudal_contract::language::Language;
use caudal_contract::message::{Origin, Outcome, Sale};
use caudal_contract::notice::{LayoutProblem, Refusal};
use caudal_platform::config::Config;
use caudal_platform::database::{Database, DatabaseError, DbConnection};
use caudal_platform::durable;
use caudal_platform::fault::{self, FailPoint};
use caudal_platform::internal::{Peer, PeerError};
use caudal_platform::secret::Secrets;
use caudal_platform::token::Audience;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use self::beside::Beside;
use crate::layouts;
use crate::originals::{self, Original, ReadError};
use crate::staging::{self, Arrival, StageError, StagedImport};
use caudal_reading::batch::{Accepted, Batch, BatchError};
use caudal_reading::clean::{Conventions, Evidence, Mark};
use caudal_reading::reader::Reader;
use caudal_reading::repair;
use caudal_reading::sheet::Contents;

pub use waiting::{LayoutError, Resumption};

/// The source of files directly in the inbox.
pub const INBOX: &str = "inbox";

/// Takes files in.
#[derive(Clone)]
pub struct Intake {
    config: Arc<Config>,
    database: Database,
    reader: Reader,
    /// The service that stores sales, asked in rehearsals.
    distrib: Peer,
    /// The receiver of progress reports.
    watcher: Option<Watcher>,
}

/// The current step of a file, for a caller that shows progress.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The file is being read.
    Reading {
        /// The file's size.
        bytes: u64,
    },
    /// The rows are being cleaned.
    Cleaning {
        /// Rows of all sheets.
        rows: u64,
    },
    /// The rows are being made durable.
    Staging {
        /// Rows below the headers.
        rows: u64,
    },
}

/// Called at the start of each [`Step`].
pub type Watcher = Arc<dyn Fn(Step) + Send + Sync>;

/// A file cannot be taken in at the moment. It stays in its place.
#[derive(Debug, thiserror::Error)]
pub enum IntakeError {
    /// The file could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The import could not be staged.
    #[error(transparent)]
    Stage(#[from] StageError),
    /// A defect of this program.
    #[error(transparent)]
    Clean(#[from] polars::prelude::PolarsError),
    /// The database is away.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The other service could not be asked for the effects.
    #[error(transparent)]
    Peer(#[from] PeerError),
    /// A defect of this program.
    #[error("the workbook of effects could not be written: {0}")]
    Rehearsal(String),
    /// The import is staged, but the original could not be moved. The move is tried again.
    #[error("{path} is imported but could not be moved: {reason}")]
    Move {
        /// The current path of the file.
        path: PathBuf,
        /// The error of the system.
        reason: io::Error,
    },
}

/// The treatment of the original after its import is committed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Filing {
    /// Move it, because it was dropped into the inbox.
    Move,
    /// Keep it and file a copy, because it was named on the command line.
    Copy,
}

/// The result of reading a file without storing anything.
#[derive(Debug)]
pub enum Rehearsal {
    /// The file would be taken in.
    Taken {
        /// The clean rows and rejections.
        batch: Box<Batch>,
        /// Sums over the accepted rows.
        accepted: Accepted,
        /// The sales in the form in which they would be handed over.
        sales: Vec<Sale>,
    },
    /// The reason for which the file would be refused.
    Refused(Refusal),
    /// The problem for which the file would wait.
    NeedsLayout(LayoutProblem),
    /// An earlier import took the same bytes.
    AlreadyImported(Box<StagedImport>),
    /// A repair workbook, with counts of its mended rows.
    Mending {
        /// The import to which the rows belong.
        import_id: Uuid,
        /// Rows that are sales now.
        sales: u64,
        /// Rows that are rejected again.
        rejected: u64,
        /// Rows that are not sales.
        ignored: u64,
    },
}

impl Intake {
    /// An intake into this database.
    #[must_use]
    pub fn new(config: Arc<Config>, database: Database, secrets: &Secrets) -> Self {
        let reader = Reader::new(limits(&config));
        let distrib = Peer::new(&config.distrib_url, Audience::Questions, secrets.token_key.clone());
        Self { config, database, reader, distrib, watcher: None }
    }

    /// The same intake, reporting its steps to `watcher`.
    #[must_use]
    pub fn watched_by(self, watcher: Watcher) -> Self {
        Self { watcher: Some(watcher), ..self }
    }

    fn tell(&self, step: Step) {
        if let Some(watcher) = &self.watcher {
            watcher(step);
        }
    }

    fn read(&self, original: &Original) -> Result<Contents, Refusal> {
        self.tell(Step::Reading { bytes: original.bytes.len() as u64 });
        self.reader.read(&original.bytes, &original.name)
    }

    /// Takes one file in and returns its import's id. Blocks; call it from a thread of its own.
    ///
    /// # Errors
    /// [`IntakeError`]: the file stays in its place and may be tried again.
    pub fn take(&self, path: &Path, source: &str, filing: Filing) -> Result<Uuid, IntakeError> {
        let span = tracing::info_span!("import", file = %path.display(), source.id = source, import.id = tracing::field::Empty);
        let _entered = span.enter();
        let mut connection = self.database.get()?;
        let original = match originals::read(path, self.config.max_file_bytes) {
            Ok(original) => original,
            Err(ReadError::TooLarge { size }) => {
                return self.refuse_unread(&mut connection, path, source, filing, size);
            }
            Err(error) => return Err(error.into()),
        };
        self.keep(path, filing)?;
        if let Some(unfiled) = staging::find_unfiled(&mut connection, source, &original.name, &original.sha256)? {
            self.file(&mut connection, path, &unfiled, Some(&original), filing)?;
            return Ok(unfiled.id.parse().unwrap_or_default());
        }
        let arrival = self.arrival(source, &original.name, &original.sha256);
        span.record("import.id", tracing::field::display(arrival.import_id));
        if let Some(before) = staging::find_taken(&mut connection, source, &original.sha256)? {
            let outcome = Outcome::AlreadyImported {
                import_id: before.id.parse().unwrap_or_default(),
                received_at: before.received_at,
            };
            tracing::info!(as = before.name, at = %before.received_at, "already imported, nothing added");
            let arrival = Arrival { file_as: Some(place("processed", &arrival)), ..arrival };
            return self.settle_untaken(&mut connection, path, &arrival, outcome, Some(&original), filing);
        }
        let contents = match self.read(&original) {
            Ok(contents) => contents,
            Err(refusal) => return self.refuse(&mut connection, path, arrival, refusal, &original, filing),
        };
        if let Some(returned) = repair::recognise(&contents) {
            let outcome = self.mend(&mut connection, &arrival, &returned, &contents)?;
            return match outcome {
                Ok(()) => {
                    fault::point(FailPoint::AfterCommitBeforeMove);
                    self.file_by_id(&mut connection, path, &arrival, Some(&original), filing)?;
                    Ok(arrival.import_id)
                }
                Err(refusal) => self.refuse(&mut connection, path, arrival, refusal, &original, filing),
            };
        }
        let known = layouts::all(&mut connection)?;
        if repair::has_lost_its_token(&contents) {
            return self.refuse(&mut connection, path, arrival, Refusal::RepairTokenLost, &original, filing);
        }
        match self.clean(&contents, &self.conventions(Utc::now()), &known, &original.name) {
            Ok(batch) => {
                let workbook = self.workbook(&arrival, &contents, &batch);
                // Free the contents first, because giving a million rows their identities takes memory of its own.
                drop(contents);
                self.tell(Step::Staging { rows: batch.rows_read });
                match staging::stage(&mut connection, &arrival, &batch, self.config.batch_rows) {
                    Ok(_) => {}
                    Err(StageError::TooLong) => {
                        let refusal = staging::too_long();
                        return self.refuse(&mut connection, path, arrival, refusal, &original, filing);
                    }
                    Err(error) => return Err(error.into()),
                }
                tracing::info!(
                    rows.read = batch.rows_read,
                    rows.rejected = batch.rejected.len(),
                    rows.ignored = batch.rows_ignored,
                    "staged"
                );
                drop(batch);
                fault::point(FailPoint::AfterCommitBeforeMove);
                self.keep_workbook(&arrival, workbook.as_deref());
                self.file_by_id(&mut connection, path, &arrival, Some(&original), filing)?;
                Ok(arrival.import_id)
            }
            Err(BatchError::Refused(refusal)) => {
                self.refuse(&mut connection, path, arrival, refusal, &original, filing)
            }
            Err(BatchError::NeedsLayout(reason)) => {
                let arrival = Arrival { file_as: Some(place(waiting::FOLDER, &arrival)), ..arrival };
                tracing::warn!(reason = reason.sentence(Language::English), "waits for a layout");
                let outcome = Outcome::NeedsLayout { reason };
                let id = self.settle_untaken(&mut connection, path, &arrival, outcome, Some(&original), filing)?;
                // If a layout was decided while this file was being read, its files were resumed without this one. Ask
                // for another pass.
                if layouts::all(&mut connection)? != known {
                    layouts::look_again(&mut connection).map_err(DatabaseError::from)?;
                }
                Ok(id)
            }
            Err(BatchError::Frame(error)) => Err(error.into()),
        }
    }

    /// Makes sure that a file of the inbox survives a power cut before anything about it is staged. Its writer may not
    /// have synced it, and without the original the rows could not be looked up or mended. A file that is copied still
    /// belongs to its owner, so it is left alone.
    fn keep(&self, path: &Path, filing: Filing) -> Result<(), IntakeError> {
        if filing == Filing::Copy {
            return Ok(());
        }
        let kept = durable::sync_file_below(&self.config.data_dir, path);
        Ok(kept.map_err(|reason| ReadError::Io { path: path.to_owned(), reason })?)
    }

    /// Refuses a file that was read: nothing of it is taken, and it is filed with the reason beside it.
    fn refuse(
        &self,
        connection: &mut DbConnection,
        path: &Path,
        arrival: Arrival,
        refusal: Refusal,
        original: &Original,
        filing: Filing,
    ) -> Result<Uuid, IntakeError> {
        let arrival = Arrival { file_as: Some(place("rejected", &arrival)), ..arrival };
        tracing::warn!(reason = refusal.sentence(Language::English), "refused");
        self.settle_untaken(connection, path, &arrival, Outcome::Refused(refusal), Some(original), filing)
    }

    /// Finds the result that a file would have. Stores nothing and moves nothing.
    ///
    /// # Errors
    /// [`IntakeError`].
    pub fn rehearse(&self, path: &Path, source: &str) -> Result<Rehearsal, IntakeError> {
        let original = match originals::read(path, self.config.max_file_bytes) {
            Ok(original) => original,
            Err(ReadError::TooLarge { size }) => return Ok(Rehearsal::Refused(self.too_large(size))),
            Err(error) => return Err(error.into()),
        };
        let mut connection = self.database.get()?;
        if let Some(before) = staging::find_taken(&mut connection, source, &original.sha256)? {
            return Ok(Rehearsal::AlreadyImported(Box::new(before)));
        }
        let contents = match self.read(&original) {
            Ok(contents) => contents,
            Err(refusal) => return Ok(Rehearsal::Refused(refusal)),
        };
        if let Some(returned) = repair::recognise(&contents) {
            return self.rehearse_mending(&mut connection, &returned, &contents);
        }
        let known = layouts::all(&mut connection)?;
        if repair::has_lost_its_token(&contents) {
            return Ok(Rehearsal::Refused(Refusal::RepairTokenLost));
        }
        match self.clean(&contents, &self.conventions(Utc::now()), &known, &original.name) {
            Ok(mut batch) => {
                let accepted = batch.accepted()?;
                let (sales, remarks) = self.rehearsed_sales(&original, source, &batch)?;
                batch.remarks.extend(remarks);
                Ok(Rehearsal::Taken { batch: Box::new(batch), accepted, sales })
            }
            Err(BatchError::Refused(refusal)) => Ok(Rehearsal::Refused(refusal)),
            Err(BatchError::NeedsLayout(reason)) => Ok(Rehearsal::NeedsLayout(reason)),
            Err(BatchError::Frame(error)) => Err(error.into()),
        }
    }

    /// Completes imports that a crash left unfiled although their original is already in its place. Files that are
    /// still in the inbox are recognised by the next scan.
    ///
    /// # Errors
    /// [`IntakeError`] if the database is away.
    pub fn finish_filing(&self) -> Result<(), IntakeError> {
        let mut connection = self.database.get()?;
        for import in staging::unfiled(&mut connection)? {
            let place = import.file_as.as_ref().map(|place| self.config.data_dir.join(place));
            if let Some(place) = place.filter(|place| place.exists()) {
                originals::make_sure(&place).map_err(|reason| IntakeError::Move { path: place, reason })?;
                staging::mark_filed(&mut connection, &import.id).map_err(DatabaseError::from)?;
            } else if let Some(place) = &import.file_as {
                self.leave_waiting(&mut connection, &import, place)?;
            }
        }
        Ok(())
    }

    /// Cleans a file. A panic during cleaning is a defect of this program; it refuses the file instead of ending the
    /// intake.
    fn clean(
        &self,
        contents: &Contents,
        conventions: &Conventions,
        known: &[Remembered],
        name: &str,
    ) -> Result<Batch, BatchError> {
        self.tell(Step::Cleaning { rows: contents.sheets.iter().map(|sheet| sheet.rows as u64).sum() });
        let batch = std::panic::catch_unwind(AssertUnwindSafe(|| Batch::of_file(contents, conventions, known)));
        batch.unwrap_or_else(|_| {
            tracing::error!(file = name, "cleaning the file ended in a panic");
            Err(BatchError::Refused(Refusal::ReaderCrashed))
        })
    }

    fn conventions(&self, arrived: DateTime<Utc>) -> Conventions {
        Conventions {
            zone: self.config.time_zone,
            evidence: Evidence::Column,
            mark: if self.config.decimal_comma { Mark::Comma } else { Mark::Point },
            day_first: self.config.day_first,
            arrived,
        }
    }

    fn arrival(&self, source: &str, name: &str, sha256: &str) -> Arrival {
        let mut arrival = Arrival {
            import_id: Uuid::now_v7(),
            source: source.to_owned(),
            origin: Origin::File,
            name: name.to_owned(),
            sha256: sha256.to_owned(),
            received_at: Utc::now(),
            file_as: None,
        };
        arrival.file_as = Some(place("processed", &arrival));
        arrival
    }

    fn too_large(&self, size: u64) -> Refusal {
        const MIB: u64 = 1024 * 1024;
        Refusal::TooLarge { size_mib: size.div_ceil(MIB), limit_mib: self.config.max_file_bytes / MIB }
    }

    fn refuse_unread(
        &self,
        connection: &mut DbConnection,
        path: &Path,
        source: &str,
        filing: Filing,
        size: u64,
    ) -> Result<Uuid, IntakeError> {
        let sha256 = originals::hash_of(path).map_err(|reason| ReadError::Io { path: path.to_owned(), reason })?;
        self.keep(path, filing)?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if let Some(unfiled) = staging::find_unfiled(connection, source, &name, &sha256)? {
            self.file(connection, path, &unfiled, None, filing)?;
            return Ok(unfiled.id.parse().unwrap_or_default());
        }
        let arrival = self.arrival(source, &name, &sha256);
        let arrival = Arrival { file_as: Some(place("rejected", &arrival)), ..arrival };
        self.settle_untaken(connection, path, &arrival, Outcome::Refused(self.too_large(size)), None, filing)
    }

    fn settle_untaken(
        &self,
        connection: &mut DbConnection,
        path: &Path,
        arrival: &Arrival,
        outcome: Outcome,
        original: Option<&Original>,
        filing: Filing,
    ) -> Result<Uuid, IntakeError> {
        staging::stage_untaken(connection, arrival, outcome)?;
        fault::point(FailPoint::AfterCommitBeforeMove);
        self.file_by_id(connection, path, arrival, original, filing)?;
        Ok(arrival.import_id)
    }

    fn file_by_id(
        &self,
        connection: &mut DbConnection,
        path: &Path,
        arrival: &Arrival,
        original: Option<&Original>,
        filing: Filing,
    ) -> Result<(), IntakeError> {
        match staging::find(connection, &arrival.import_id.to_string())? {
            Some(import) => self.file(connection, path, &import, original, filing),
            None => Ok(()),
        }
    }

    /// Brings the original to its place and marks it as filed. If it was not taken, the reason is written beside it.
    fn file(
        &self,
        connection: &mut DbConnection,
        path: &Path,
        import: &StagedImport,
        original: Option<&Original>,
        filing: Filing,
    ) -> Result<(), IntakeError> {
        let Some(place) = &import.file_as else { return Ok(()) };
        let to = self.config.data_dir.join(place);
        self.write_reason(import, &to)?;
        self.bring(path, &to, original, filing)
            .map_err(|reason| IntakeError::Move { path: path.to_owned(), reason })?;
        fault::point(FailPoint::AfterMoveBeforeMark);
        staging::mark_filed(connection, &import.id).map_err(DatabaseError::from)?;
        Ok(())
    }

    /// Writes the reason beside an original that was not taken.
    fn write_reason(&self, import: &StagedImport, original: &Path) -> Result<(), IntakeError> {
        let reason = match &import.outcome {
            Outcome::Refused(refusal) => refusal.sentence(self.config.language),
            Outcome::NeedsLayout { reason } => reason.sentence(self.config.language),
            _ => return Ok(()),
        };
        Beside::Reason.write(original, self.config.language, format!("{reason}\n").as_bytes())
    }

    fn bring(&self, path: &Path, to: &Path, original: Option<&Original>, filing: Filing) -> io::Result<()> {
        match (filing, original) {
            (Filing::Copy, Some(original)) if !to.exists() => originals::write_copy(to, &original.bytes),
            (Filing::Copy, _) if to.exists() => originals::make_sure(to),
            (Filing::Copy, _) => Ok(()),
            // The file changed after it was read. File the bytes that were imported; the file in the inbox is a new
            // one.
            (Filing::Move, Some(original))
                if originals::read(path, self.config.max_file_bytes).is_ok_and(|now| now.sha256 != original.sha256) =>
            {
                originals::write_copy(to, &original.bytes)
            }
            (Filing::Move, _) => originals::file_away(path, to),
        }
    }
}

/// The place of an original, relative to the data folder.
fn place(folder: &str, arrival: &Arrival) -> String {
    originals::place(folder, &arrival.name, &arrival.sha256, arrival.received_at)
}
