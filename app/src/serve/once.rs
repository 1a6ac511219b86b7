//! Roles that run once: ingest owns the inbox, distrib the one-time link. A second process of the same role is refused with the name of
//! the first, before it touches anything.
//!
//! A locked file in the data folder tells processes of one machine apart; on PostgreSQL a lock of the database tells those of
//! several. Both go with the process, however it ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Write};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use caudal_shared::config::Config;
use caudal_shared::database::{Database, DatabaseError, Lent, take_name};

/// How long a database may take to notice that the process before is gone.
const NOTICED: Duration = Duration::from_secs(10);

/// The roles that run once, in the order in which they are taken.
pub const ROLES_THAT_RUN_ONCE: [&str; 2] = ["ingest", "distrib"];

/// The file that the process of a role holds.
pub fn lock_file(config: &Config, role: &str) -> PathBuf {
    config.data_dir.join(format!(".{role}.lock"))
}

/// The right to be the only process of a role, while this is kept.
pub struct Once {
    role: &'static str,
    _file: File,
    _connection: Option<Lent>,
}

impl Once {
    /// Takes the role in this data folder.
    ///
    /// # Errors
    /// Another process has it: which one, and what to do.
    pub fn in_folder(config: &Config, role: &'static str) -> anyhow::Result<Self> {
        Ok(Self { role, _file: take_folder(config, role)?, _connection: None })
    }

    /// Whether it is of this role.
    pub fn is_of(&self, role: &str) -> bool {
        self.role == role
    }

    /// Takes the role in its database too, where processes of several machines may meet.
    ///
    /// # Errors
    /// As [`Self::in_folder`].
    pub fn hold_database(&mut self, config: &Config, database: &Database) -> anyhow::Result<()> {
        self._connection = Some(take_database(config, self.role, database)?);
        Ok(())
    }
}

fn take_folder(config: &Config, role: &str) -> anyhow::Result<File> {
    let path = lock_file(config, role);
    let cannot = || format!("cannot open {}", path.display());
    let mut file =
        OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path).with_context(cannot)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut other = String::new();
            file.read_to_string(&mut other).with_context(cannot)?;
            let folder = config.data_dir.display();
            bail!(config.language.pick(
                format!("{role} já está em execução na pasta {folder}: {other}. Use esse processo, encerre-o, ou dê outra pasta a este com --data-dir"),
                format!("{role} runs on the folder {folder} already: {other}. Use that process, stop it, or give this one another folder with --data-dir"),
            ));
        }
        // Some network file systems have no locks
        Err(TryLockError::Error(error)) if error.kind() == std::io::ErrorKind::Unsupported => {}
        Err(TryLockError::Error(error)) => return Err(error).with_context(cannot),
    }
    let process = config.language.pick("processo", "process");
    file.set_len(0).with_context(cannot)?;
    write!(file, "{process} {}, {}", std::process::id(), config.public_url).with_context(cannot)?;
    Ok(file)
}

fn take_database(config: &Config, role: &str, database: &Database) -> anyhow::Result<Lent> {
    // A connection of its own, for as long as the process lives
    let mut connection = database.for_worker()?.get()?;
    let begun = Instant::now();
    while !take_name(&mut connection, &format!("caudal {role}")).map_err(DatabaseError::from)? {
        if begun.elapsed() > NOTICED {
            let database = database.url();
            bail!(config.language.pick(
                format!("outro processo {role} já trabalha com o banco {database}. Encerre-o antes de iniciar este"),
                format!("another {role} process works with the database {database} already. Stop it before you start this one"),
            ));
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    Ok(connection)
}
