//! Checks for room: on the disks, in the database, in the outbox, in the broker, and in SQLite's logs. If there is
//! none, the intake waits and API clients are told to wait, so that nothing is taken that could not be kept.

use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use caudal_contract::language::Language;
use caudal_contract::notice::Pause;
use caudal_platform::config::Config;
use caudal_platform::database::{Database, DatabaseError, DatabaseUrl, empty_wal, means_full, wal_bytes};
use caudal_platform::queue::{Queue, QueueUrl};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::BigInt;

/// How long a result stays valid.
const FRESH: Duration = Duration::from_secs(1);
/// How long a check waits for a connection, because all may be in use for a moment.
const A_WHILE: Duration = Duration::from_secs(5);
/// The same, if the database was away at the last check.
const SHORTLY: Duration = Duration::from_millis(200);
const MIB: u64 = 1024 * 1024;

/// Knows whether there is room.
#[derive(Clone)]
pub struct Pressure {
    shared: Arc<Shared>,
}

struct Shared {
    database: Database,
    queue: Queue,
    folders: Vec<PathBuf>,
    /// The SQLite files.
    files: Vec<PathBuf>,
    reserve_bytes: u64,
    most_outbox_bytes: u64,
    most_wal_bytes: u64,
    known: Mutex<Known>,
}

/// The result of the last check.
#[derive(Default)]
struct Known {
    looked_at: Option<Instant>,
    pause: Option<Pause>,
    /// A write failed for lack of room, and no room was found since.
    is_database_full: bool,
}

impl Pressure {
    /// Checks the disks of the data folder and of the SQLite files, the logs of these files, the outbox in `database`,
    /// and the broker.
    #[must_use]
    pub fn new(config: &Config, database: Database, queue: Queue) -> Self {
        let databases = [&config.ingest_database, &config.distrib_database].into_iter().filter_map(|url| match url {
            DatabaseUrl::Sqlite(file) => Some(file),
            DatabaseUrl::Postgres(_) => None,
        });
        let queue_file = match &config.queue {
            QueueUrl::Sqlite(file) => Some(file),
            QueueUrl::RabbitMq(_) => None,
        };
        let files: Vec<PathBuf> = databases.chain(queue_file).cloned().collect();
        let mut folders = vec![config.data_dir.clone()];
        folders.extend(files.iter().filter_map(|file| Some(file.parent()?.to_owned())));
        folders.dedup();
        let shared = Shared {
            database,
            queue,
            folders,
            files,
            reserve_bytes: config.disk_reserve_bytes,
            most_outbox_bytes: config.max_outbox_bytes,
            most_wal_bytes: config.max_wal_bytes,
            known: Mutex::default(),
        };
        Self { shared: Arc::new(shared) }
    }

    /// The reason for which nothing may be taken in now, if there is one. Blocks for a query, at most once a second.
    #[must_use]
    pub fn pause(&self) -> Option<Pause> {
        let mut known = self.known();
        if known.looked_at.is_none_or(|at| at.elapsed() >= FRESH) {
            known.is_database_full = known.is_database_full && self.shared.is_still_full();
            let was_away = matches!(known.pause, Some(Pause::DatabaseAway));
            let pause = self.shared.look(known.is_database_full, was_away);
            known.becomes(pause);
        }
        known.pause.clone()
    }

    /// Learns of a failed intake. If the database had no room for it, the intake pauses until there is some, because no
    /// figure tells in advance how much room a server has.
    pub fn notice(&self, failure: &impl Display) {
        if means_full(&failure.to_string()) {
            let mut known = self.known();
            known.is_database_full = true;
            known.becomes(Some(Pause::DatabaseFull));
        }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.shared.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn becomes(&mut self, pause: Option<Pause>) {
        match (&self.pause, &pause) {
            (None, Some(pause)) => {
                tracing::error!(reason = pause.sentence(Language::English), "intake paused; it resumes by itself");
            }
            (Some(_), None) => tracing::info!("the intake resumes"),
            _ => {}
        }
        (self.looked_at, self.pause) = (Some(Instant::now()), pause);
    }
}

impl Shared {
    fn look(&self, is_database_full: bool, was_away: bool) -> Option<Pause> {
        for folder in &self.folders {
            // If this fails, the code that uses the folder reports the problem.
            let Ok(disk) = rustix::fs::statvfs(folder) else { continue };
            let free = disk.f_bavail.saturating_mul(disk.f_frsize);
            if free < self.reserve_bytes {
                let (free_mib, reserve_mib) = (free / MIB, self.reserve_bytes / MIB);
                return Some(Pause::DiskFull { folder: folder.display().to_string(), free_mib, reserve_mib });
            }
        }
        if is_database_full {
            return Some(Pause::DatabaseFull);
        }
        if self.queue.is_blocked() {
            return Some(Pause::BrokerBlocked);
        }
        let outbox = match outbox(&self.database, if was_away { SHORTLY } else { A_WHILE }) {
            Ok(outbox) => outbox,
            Err(error) if error.is_away() && !self.database.is_in_full_use() => {
                if !was_away {
                    tracing::error!(%error, "the outbox could not be checked");
                }
                return Some(Pause::DatabaseAway);
            }
            // The code that uses the database reports the problem.
            Err(_) => Outbox::default(),
        };
        let most_mib = self.most_outbox_bytes / MIB;
        if outbox.waiting > self.most_outbox_bytes {
            return Some(Pause::OutboxFull { mib: outbox.waiting / MIB, most_mib });
        }
        if outbox.waiting + outbox.dead > self.most_outbox_bytes {
            return Some(Pause::DeadLetters { mib: (outbox.waiting + outbox.dead) / MIB, most_mib });
        }
        self.files.iter().find_map(|file| self.look_at_wal(file))
    }

    /// Checks the size of a log. After many writes at once a log is large until it is emptied. While a reader uses it,
    /// it cannot be emptied and grows with every write.
    fn look_at_wal(&self, file: &Path) -> Option<Pause> {
        let bytes = wal_bytes(file);
        if bytes <= self.most_wal_bytes {
            return None;
        }
        let is_emptied = empty_wal(file).unwrap_or_else(|error| {
            tracing::debug!(file = %file.display(), %error, "the log cannot be emptied");
            false
        });
        let (mib, most_mib) = (bytes / MIB, self.most_wal_bytes / MIB);
        (!is_emptied).then(|| Pause::WalFull { file: file.display().to_string(), mib, most_mib })
    }

    /// Whether the database that had no room still has none.
    fn is_still_full(&self) -> bool {
        match self.database.has_room(SHORTLY) {
            Ok(has_room) => !has_room,
            // While the database is away, its state is unknown, so it counts as full. If the test fails for another
            // reason, it counts as having room, because the next write will tell.
            Err(error) => error.is_away(),
        }
    }
}

/// The content of the outbox, in bytes.
#[derive(Debug, Clone, Copy, Default)]
struct Outbox {
    /// Messages that wait to be stored.
    waiting: u64,
    /// Messages that could not be stored and wait for a person.
    dead: u64,
}

fn outbox(database: &Database, wait: Duration) -> Result<Outbox, DatabaseError> {
    #[derive(QueryableByName)]
    struct Bytes {
        #[diesel(sql_type = BigInt)]
        waiting: i64,
        #[diesel(sql_type = BigInt)]
        dead: i64,
    }
    let sums =
        "SELECT CAST(COALESCE(SUM(CASE WHEN dead THEN 0 ELSE octet_length(payload) END), 0) AS BIGINT) AS waiting,
                       CAST(COALESCE(SUM(CASE WHEN dead THEN octet_length(payload) ELSE 0 END), 0) AS BIGINT) AS dead
                FROM outbox";
    let Bytes { waiting, dead } = sql_query(sums).get_result(&mut *database.get_within(wait)?)?;
    Ok(Outbox { waiting: u64::try_from(waiting).unwrap_or(0), dead: u64::try_from(dead).unwrap_or(0) })
}
