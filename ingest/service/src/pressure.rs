//! Whether there is room for more: on the disks, in the database, in the outbox, in the broker, in SQLite's logs. Where there is none the intake waits, and
//! whoever sends is told to wait, so that nothing is taken that could not be kept.

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

/// How long an answer holds.
const FRESH: Duration = Duration::from_secs(1);
/// How long a look waits for a connection: all may be in use for a moment.
const A_WHILE: Duration = Duration::from_secs(5);
/// The same where the database was away.
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
    /// SQLite's.
    files: Vec<PathBuf>,
    reserve_bytes: u64,
    most_outbox_bytes: u64,
    most_wal_bytes: u64,
    known: Mutex<Known>,
}

/// What is known since the last look.
#[derive(Default)]
struct Known {
    looked_at: Option<Instant>,
    pause: Option<Pause>,
    /// A write failed for want of room, and none was found since.
    is_database_full: bool,
}

impl Pressure {
    /// Looks at the disks of the data folder and of the SQLite files, at these files' logs, at the outbox in `database`, and at the
    /// broker.
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

    /// Why nothing may be taken in now, if so. Blocks for a query, at most once a second.
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

    /// Hears of something that could not be taken in. Where the database had no room for it, intake pauses until there is some: no
    /// figure says beforehand how much a server has.
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
                tracing::error!(reason = pause.sentence(Language::English), "intake paused; it goes on by itself");
            }
            (Some(_), None) => tracing::info!("intake goes on"),
            _ => {}
        }
        (self.looked_at, self.pause) = (Some(Instant::now()), pause);
    }
}

impl Shared {
    fn look(&self, is_database_full: bool, was_away: bool) -> Option<Pause> {
        for folder in &self.folders {
            // A folder that cannot be asked is told by whoever uses it
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
                    tracing::error!(%error, "no look at the outbox");
                }
                return Some(Pause::DatabaseAway);
            }
            // Told by whoever uses it
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

    /// A log is large for a while after much was written at once, and then only wants to be emptied; while somebody reads it, it cannot
    /// be, and grows by all that is written.
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

    /// Whether the database that had no room has none still.
    fn is_still_full(&self) -> bool {
        match self.database.has_room(SHORTLY) {
            Ok(has_room) => !has_room,
            // While it is away nobody knows; where it cannot be tried, the next write tells
            Err(error) => error.is_away(),
        }
    }
}

/// What the outbox holds.
#[derive(Debug, Clone, Copy, Default)]
struct Outbox {
    /// In bytes: what waits to be stored.
    waiting: u64,
    /// What could not be stored: it waits for a person.
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
