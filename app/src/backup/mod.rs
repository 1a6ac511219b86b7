//! A backup: a folder or an archive with the databases, the originals and the keys of an installation.

mod archive;
mod files;

use std::path::{Path, PathBuf};

use anyhow::bail;
use caudal_platform::config::Config;
use caudal_platform::database::DatabaseUrl;
use caudal_platform::queue::QueueUrl;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

pub use archive::{Backup, pack};
pub use files::{Files, write_through};

/// Marks a folder or archive as a backup and describes it. Written last, so that a partial backup has no manifest.
pub const MANIFEST: &str = "backup.json";
/// The version of the backup format. A higher one comes from a newer program.
pub const FORMAT: u32 = 1;
/// The databases, as they are called in a backup.
pub const DATABASES: [&str; 3] = ["ingest.db", "distrib.db", "queue.db"];

/// The contents of a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// [`FORMAT`].
    pub format: u32,
    /// The version of the program.
    pub caudal: String,
    /// The instant of the copies.
    pub made_at: DateTime<Utc>,
    /// Files and API batches.
    pub imports: i64,
    /// The number of originals and files beside them, rehearsals and keys.
    pub files: u64,
    /// The size of everything in bytes.
    pub bytes: u64,
    /// Originals that were not there any more.
    pub missing: Vec<String>,
    /// The number of originals that came after the instant. Their rows are not in the backup either.
    pub later: u64,
}

/// The files of the three databases, in the order of [`DATABASES`].
pub fn database_files(config: &Config) -> anyhow::Result<[PathBuf; 3]> {
    match (&config.ingest_database, &config.distrib_database, &config.queue) {
        (DatabaseUrl::Sqlite(ingest), DatabaseUrl::Sqlite(distrib), QueueUrl::Sqlite(queue)) => {
            Ok([ingest.clone(), distrib.clone(), queue.clone()])
        }
        _ => bail!(config.language.pick(
            "esta instalação grava num servidor de banco de dados, que tem suas próprias ferramentas de backup; veja docs/deployment.md",
            "this installation stores on a database server, which has its own backup tools; see docs/deployment.md",
        )),
    }
}

/// Whether a path is free: nothing is there, or an empty folder.
pub fn is_vacant(path: &Path) -> std::io::Result<bool> {
    match std::fs::read_dir(path) {
        Ok(mut entries) => Ok(entries.next().is_none()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(true),
        Err(error) => Err(error),
    }
}
