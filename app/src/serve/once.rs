//! Roles that run once: ingest owns the inbox, distrib the one-time link. A second process of the same role is refused with the
//! name of the first, before it touches anything.
//!
//! On one machine a locked file in the data folder keeps processes apart; on PostgreSQL a lock in the database keeps those of
//! several machines apart. Both locks end with the process, however it ends. The database lock also ends with its server, so it
//! is checked regularly.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Write};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow, bail};
use caudal_platform::config::Config;
use caudal_platform::database::{Database, DatabaseError, Lent, is_alive, take_name};

/// How long a database may take to notice that the previous process is gone.
const NOTICED: Duration = Duration::from_secs(10);

/// The roles that run once, in the order in which they are taken.
pub const ROLES_THAT_RUN_ONCE: [&str; 2] = ["ingest", "distrib"];

/// The file that the process of a role keeps locked.
pub fn lock_file(config: &Config, role: &str) -> PathBuf {
    config.data_dir.join(format!(".{role}.lock"))
}

/// The right to be the only process of a role, for as long as this value lives.
pub struct Once {
    role: &'static str,
    // Declared, and so dropped, before the file: a process that gets the folder then gets the database too.
    connection: Option<Lent>,
    _file: File,
}

impl Once {
    /// Takes the role in this data folder.
    ///
    /// # Errors
    /// Another process has the role. The text names it and says what to do.
    pub fn in_folder(config: &Config, role: &'static str) -> anyhow::Result<Self> {
        Ok(Self { role, connection: None, _file: take_folder(config, role)? })
    }

    /// Whether this is the right to this role.
    pub fn is_of(&self, role: &str) -> bool {
        self.role == role
    }

    /// Takes the role in its database too, because processes of several machines may meet there.
    ///
    /// # Errors
    /// As [`Self::in_folder`].
    pub fn hold_database(&mut self, config: &Config, database: &Database) -> anyhow::Result<()> {
        self.connection = Some(take_database(config, self.role, database)?);
        Ok(())
    }

    /// Checks that the role is still ours in its database. A server that was restarted has forgotten the lock; the role is then
    /// taken again. If the database is away, the next check asks again.
    ///
    /// # Errors
    /// Another process has taken the role meanwhile, so this one must end.
    pub fn check(&mut self, config: &Config, database: &Database) -> anyhow::Result<()> {
        let Some(connection) = &mut self.connection else { return Ok(()) };
        if is_alive(connection) {
            return Ok(());
        }
        let Ok(mut connection) = database.for_worker().and_then(|own| own.get()) else { return Ok(()) };
        match take_name(&mut connection, &name_of(self.role)) {
            Ok(true) => self.connection = Some(connection),
            Ok(false) => return Err(taken(config, self.role, database)),
            Err(error) => tracing::debug!(%error, role = self.role, "could not take the role again yet"),
        }
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
            // The other process may have locked the file a moment ago and not have written its name yet.
            let (number, address) = other.split_once(' ').unwrap_or(("?", "?"));
            bail!(config.language.pick(
                format!("{role} já está em execução na pasta {folder}: processo {number}, {address}. Use esse processo, encerre-o, ou dê outra pasta a este com --data-dir"),
                format!("{role} already runs on the folder {folder}: process {number}, {address}. Use that process, stop it, or give this one another folder with --data-dir"),
            ));
        }
        Err(TryLockError::Error(error)) if has_no_locks(&error) => {}
        Err(TryLockError::Error(error)) => return Err(error).with_context(cannot),
    }
    file.set_len(0).with_context(cannot)?;
    write!(file, "{} {}", std::process::id(), config.public_url).with_context(cannot)?;
    Ok(file)
}

/// Some network file systems have no locks. There the lock in the database is the only one.
fn has_no_locks(error: &std::io::Error) -> bool {
    #[cfg(unix)]
    if error.raw_os_error() == Some(rustix::io::Errno::NOLCK.raw_os_error()) {
        return true;
    }
    error.kind() == std::io::ErrorKind::Unsupported
}

fn name_of(role: &str) -> String {
    format!("caudal {role}")
}

fn taken(config: &Config, role: &str, database: &Database) -> anyhow::Error {
    let database = database.url();
    anyhow!(config.language.pick(
        format!("outro processo {role} já trabalha com o banco {database}. Encerre-o antes de iniciar este"),
        format!("another {role} process already works with the database {database}. Stop it before you start this one"),
    ))
}

fn take_database(config: &Config, role: &str, database: &Database) -> anyhow::Result<Lent> {
    // A separate connection that stays open for as long as the process lives, because the lock ends with it.
    let mut connection = database.for_worker()?.get()?;
    let begun = Instant::now();
    while !take_name(&mut connection, &name_of(role)).map_err(DatabaseError::from)? {
        if begun.elapsed() > NOTICED {
            return Err(taken(config, role, database));
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    Ok(connection)
}
