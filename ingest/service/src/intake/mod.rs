//! The path of one file: accept, read, clean, stage, file away.
//!
//! The original stays in the inbox until everything about it is committed; then it is moved, then marked as filed. A
//! crash at any point leaves one of two states. Either the file is still in the inbox, and the next scan finds it and
//! recognises it by its bytes; or the import is not marked, and [`Intake::finish_filing`] completes it at the next
//! start.

mod filing;
mod mending;
mod rehearsing;
mod side_file;
mod verdict;
mod waiting;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use caudal_contract::decision::Remembered;
use caudal_contract::language::Language;
use caudal_contract::message::{Cancellation, ImportId, Origin, Outcome, Sale};
use caudal_contract::notice::{LayoutProblem, Refusal};
use caudal_platform::config::Config;
use caudal_platform::database::{Database, DatabaseError, DbConnection};
use caudal_platform::fault::{self, FailPoint};
use caudal_platform::internal::{Peer, PeerError};
use caudal_platform::secret::Secrets;
use caudal_platform::token::Audience;
use chrono::{DateTime, Utc};

use self::filing::{AtHand, place};
use self::rehearsing::unread;
use self::verdict::Verdict;
use crate::layout_store;
use crate::originals::{self, Original, ReadError};
use crate::staging::{self, Arrival, Rehearsed, StageError, StagedImport};
use caudal_reading::batch::{Accepted, Batch};
use caudal_reading::reader::Reader;
use caudal_reading::repair::Returned;
use caudal_reading::sheet::{Contents, Limits};
use caudal_reading::value::{Basis, Conventions, Mark};

pub use filing::Filing;
pub use waiting::{CommandError, Resumption};

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
    Clean(#[from] caudal_reading::PolarsError),
    /// The database is away.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The other service could not be asked for the effects.
    #[error(transparent)]
    Peer(#[from] PeerError),
    /// A defect of this program.
    #[error("the workbook could not be written: {0}")]
    Workbook(String),
    /// The import is staged, but the original could not be moved. The move is tried again.
    #[error("{path} was imported but could not be moved: {reason}")]
    Move {
        /// The current path of the file.
        path: PathBuf,
        /// The error of the system.
        reason: io::Error,
    },
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
        /// The sales that rows of the file cancel.
        cancellations: Vec<Cancellation>,
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
        import_id: ImportId,
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
    pub fn take(&self, path: &Path, source: &str, filing: Filing) -> Result<ImportId, IntakeError> {
        let span = tracing::info_span!("import", file = %path.display(), source.id = source, import.id = tracing::field::Empty);
        let _entered = span.enter();
        let mut connection = self.database.get()?;
        let (original, too_large) = match originals::read(path, self.config.max_file_bytes) {
            Ok(original) => (original, None),
            // Its hash alone says whether it was refused before
            Err(ReadError::TooLarge { size }) => {
                let hash = originals::hash_of(path).map_err(|reason| unread(path, reason))?;
                (Original::named(path, hash), Some(self.too_large(size)))
            }
            Err(error) => return Err(error.into()),
        };
        let file = AtHand { path, original: Some(&original).filter(|_| too_large.is_none()), filing };
        self.keep(path, filing)?;
        if let Some(unfiled) = staging::find_unfiled(&mut connection, source, &original.name, &original.sha256)? {
            self.file(&mut connection, file, &unfiled)?;
            return Ok(unfiled.id);
        }
        let arrival = self.arrival(source, &original.name, &original.sha256);
        span.record("import.id", tracing::field::display(arrival.import_id));
        if let Some(refusal) = too_large {
            return self.refuse(&mut connection, file, arrival, refusal);
        }
        if let Some(before) = staging::find_taken(&mut connection, source, &original.sha256)? {
            let outcome = Outcome::AlreadyImported { import_id: before.id, received_at: before.received_at };
            tracing::info!(as = before.name, at = %before.received_at, "already imported, nothing added");
            return self.record_untaken(&mut connection, file, &arrival, outcome);
        }
        let contents = match self.read(&original) {
            Ok(contents) => contents,
            Err(refusal) => return self.refuse(&mut connection, file, arrival, refusal),
        };
        let known = layout_store::all(&mut connection)?;
        match self.judge(&contents, Utc::now(), &known, &original.name)? {
            Verdict::Repair(returned) => self.take_repair(&mut connection, file, arrival, &returned, &contents),
            Verdict::Sales(batch) => self.take_sales(&mut connection, file, arrival, contents, *batch),
            Verdict::NeedsLayout(problem) => self.put_aside(&mut connection, file, arrival, problem, &known),
            Verdict::Refused(refusal) => self.refuse(&mut connection, file, arrival, refusal),
        }
    }

    /// Judges the contents of a file that arrived at this moment.
    fn judge(
        &self,
        contents: &Contents,
        arrived: DateTime<Utc>,
        known: &[Remembered],
        name: &str,
    ) -> Result<Verdict, IntakeError> {
        self.tell(Step::Cleaning { rows: contents.sheets.iter().map(|sheet| sheet.rows as u64).sum() });
        Ok(verdict::what_is(contents, &self.conventions(arrived), known, name)?)
    }

    /// Adds the rows of a repair workbook to the account of their import.
    fn take_repair(
        &self,
        connection: &mut DbConnection,
        file: AtHand<'_>,
        arrival: Arrival,
        returned: &Returned,
        contents: &Contents,
    ) -> Result<ImportId, IntakeError> {
        match self.mend(connection, &arrival, returned, contents)? {
            Ok(()) => {
                fault::point(FailPoint::AfterCommitBeforeMove);
                self.file_by_id(connection, file, arrival.import_id)?;
                Ok(arrival.import_id)
            }
            Err(refusal) => self.refuse(connection, file, arrival, refusal),
        }
    }

    /// Stages the sales of a file.
    fn take_sales(
        &self,
        connection: &mut DbConnection,
        file: AtHand<'_>,
        arrival: Arrival,
        contents: Contents,
        batch: Batch,
    ) -> Result<ImportId, IntakeError> {
        let workbook = self.workbook(&arrival, &contents, &batch);
        // Giving a million rows their identities takes memory of its own
        drop(contents);
        self.tell(Step::Staging { rows: batch.rows_read });
        match staging::stage(connection, &arrival, &batch, self.config.batch_rows) {
            Ok(_) => {}
            Err(StageError::TooLong) => return self.refuse(connection, file, arrival, staging::too_long()),
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
        self.file_by_id(connection, file, arrival.import_id)?;
        Ok(arrival.import_id)
    }

    /// Puts a file aside until a person says what its columns mean. `known` are the layouts that it was judged by.
    fn put_aside(
        &self,
        connection: &mut DbConnection,
        file: AtHand<'_>,
        arrival: Arrival,
        reason: LayoutProblem,
        known: &[Remembered],
    ) -> Result<ImportId, IntakeError> {
        let arrival = Arrival { file_as: Some(place(waiting::FOLDER, &arrival)), ..arrival };
        tracing::warn!(reason = reason.sentence(Language::English), "waits for a layout");
        let id = self.record_untaken(connection, file, &arrival, Outcome::NeedsLayout { reason })?;
        // A layout that was decided while this file was read did not find it waiting
        if layout_store::all(connection)? != known {
            layout_store::look_again(connection).map_err(DatabaseError::from)?;
        }
        Ok(id)
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
        let known = layout_store::all(&mut connection)?;
        match self.judge(&contents, Utc::now(), &known, &original.name)? {
            Verdict::Repair(returned) => self.rehearse_mending(&mut connection, &returned, &contents),
            Verdict::Sales(mut batch) => {
                let accepted = batch.accepted()?;
                let Rehearsed { sales, cancellations, remarks } = self.rehearsed_sales(&original, source, &batch)?;
                batch.remarks.extend(remarks);
                Ok(Rehearsal::Taken { batch, accepted, sales, cancellations })
            }
            Verdict::NeedsLayout(problem) => Ok(Rehearsal::NeedsLayout(problem)),
            Verdict::Refused(refusal) => Ok(Rehearsal::Refused(refusal)),
        }
    }

    fn conventions(&self, arrived: DateTime<Utc>) -> Conventions {
        Conventions {
            zone: self.config.time_zone,
            basis: Basis::Column,
            mark: if self.config.decimal_comma { Mark::Comma } else { Mark::Point },
            day_first: self.config.day_first,
            arrived,
        }
    }

    fn arrival(&self, source: &str, name: &str, sha256: &str) -> Arrival {
        let mut arrival = Arrival {
            import_id: ImportId::new(),
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
}

/// The limits of reading a file, as they are configured.
fn limits(config: &Config) -> Limits {
    Limits {
        unpacked_bytes: config.max_unpacked_bytes,
        memory_bytes: config.read_memory_bytes,
        seconds: config.read_time.as_secs().max(1),
    }
}

#[cfg(test)]
mod tests {
    use caudal_platform::config::Flags;

    use super::*;

    #[test]
    fn without_settings_a_full_sheet_fits() {
        assert_eq!(limits(&Config::load(&Flags::new()).unwrap()), Limits::default());
    }
}
