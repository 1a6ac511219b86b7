//! Whether there is room for more: on the disks, in the database, in the outbox, in the broker. Where there is none the intake waits, and
//! whoever sends is told to wait, so that nothing is taken that could not be kept.

use std::fmt::Display;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use caudal_shared::config::Config;
use caudal_shared::database::{Database, DatabaseError, DatabaseUrl, means_full};
use caudal_shared::notice::Pause;
use caudal_shared::queue::{Queue, QueueUrl};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::BigInt;

/// How long an answer holds.
const FRESH: Duration = Duration::from_secs(1);
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
    reserve_bytes: u64,
    most_outbox_bytes: u64,
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
    /// Looks at the disks of the data folder and of the SQLite files, at the outbox in `database`, and at the broker.
    #[must_use]
    pub fn new(config: &Config, database: Database, queue: Queue) -> Self {
        let mut folders = vec![config.data_dir.clone()];
        let files = [&config.ingest_database, &config.distrib_database].into_iter().filter_map(|url| match url {
            DatabaseUrl::Sqlite(file) => Some(file),
            DatabaseUrl::Postgres(_) => None,
        });
        let queue_file = match &config.queue {
            QueueUrl::Sqlite(file) => Some(file),
            QueueUrl::RabbitMq(_) => None,
        };
        folders.extend(files.chain(queue_file).filter_map(|file| Some(file.parent()?.to_owned())));
        folders.dedup();
        let (reserve_bytes, most_outbox_bytes) = (config.disk_reserve_bytes, config.max_outbox_bytes);
        let shared = Shared { database, queue, folders, reserve_bytes, most_outbox_bytes, known: Mutex::default() };
        Self { shared: Arc::new(shared) }
    }

    /// Why nothing may be taken in now, if so. Blocks for a query, at most once a second.
    #[must_use]
    pub fn pause(&self) -> Option<Pause> {
        let mut known = self.known();
        if known.looked_at.is_none_or(|at| at.elapsed() >= FRESH) {
            known.is_database_full = known.is_database_full && self.shared.is_still_full();
            let pause = self.shared.look(known.is_database_full);
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
            (None, Some(pause)) => tracing::error!(?pause, "intake paused; it goes on by itself"),
            (Some(_), None) => tracing::info!("intake goes on"),
            _ => {}
        }
        (self.looked_at, self.pause) = (Some(Instant::now()), pause);
    }
}

impl Shared {
    fn look(&self, is_database_full: bool) -> Option<Pause> {
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
        // A database that is away is told by whoever uses it
        let waiting = outbox_bytes(&self.database).unwrap_or(0);
        let full = Pause::OutboxFull { mib: waiting / MIB, most_mib: self.most_outbox_bytes / MIB };
        (waiting > self.most_outbox_bytes).then_some(full)
    }

    /// Whether the database that had no room has none still.
    fn is_still_full(&self) -> bool {
        match self.database.has_room() {
            Ok(has_room) => !has_room,
            // While it is away nobody knows; where it cannot be tried, the next write tells
            Err(error) => error.is_away(),
        }
    }
}

#[derive(QueryableByName)]
struct Bytes {
    #[diesel(sql_type = BigInt)]
    bytes: i64,
}

fn outbox_bytes(database: &Database) -> Result<u64, DatabaseError> {
    let sum = "SELECT CAST(COALESCE(SUM(octet_length(payload)), 0) AS BIGINT) AS bytes FROM outbox WHERE dead = FALSE";
    let bytes = sql_query(sum).get_result::<Bytes>(&mut *database.get()?)?.bytes;
    Ok(u64::try_from(bytes).unwrap_or(0))
}
