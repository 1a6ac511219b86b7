//! The data folder.

use std::path::Path;

use anyhow::{Context, ensure};
use caudal_contract::language::Language;
use caudal_ingest::inbox::REHEARSALS;
use caudal_platform::config::{Config, ConfigError};
use caudal_platform::database::DatabaseUrl;
use caudal_platform::durable::{sync_folder, sync_parent};
use caudal_platform::private;
use caudal_platform::queue::QueueUrl;
use caudal_platform::secret::create_private_dir;

use crate::serve::once::{self, ROLES_THAT_RUN_ONCE};

/// Marks a data folder while a backup is restored into it. A process that started with some of the databases would make the
/// missing ones empty.
pub const RESTORING: &str = ".restoring";

/// Makes the data folder and its parts. Everything is private except the inbox, because people drop files into it.
pub fn prepare(config: &Config) -> anyhow::Result<()> {
    make_data_folder(config)?;
    let data_folder = || cannot_make(&config.data_dir);
    let [ensaio, rehearsal] = REHEARSALS;
    let rehearsals = config.inbox().join(config.language.pick(ensaio, rehearsal));
    for folder in [config.inbox(), rehearsals] {
        make_open(&folder).with_context(|| cannot_make(&folder))?;
    }
    for folder in [config.processed(), config.rejected(), config.waiting(), config.rehearsed()] {
        create_private_dir(&folder).with_context(|| cannot_make(&folder))?;
    }
    take_from_others(config);
    sync_folder(&config.inbox()).and_then(|()| sync_folder(&config.data_dir)).with_context(data_folder)?;
    if let Err(error) = sync_parent(&config.data_dir) {
        // A user may be allowed to enter the folder above but not to open it.
        tracing::debug!(%error, "could not sync the folder above the data folder");
    }
    Ok(())
}

/// Makes the data folder alone. A process may do no more before it knows that no other one has its roles.
pub fn make_data_folder(config: &Config) -> anyhow::Result<()> {
    ensure!(
        !config.data_dir.join(RESTORING).exists(),
        "{} is an incompletely restored backup; delete the folder and restore the backup again",
        config.data_dir.display()
    );
    refuse_files(config)?;
    create_private_dir(&config.data_dir).with_context(|| cannot_make(&config.data_dir))
}

fn cannot_make(folder: &Path) -> String {
    format!("cannot create the folder {}", folder.display())
}

/// Reports a file in the place of a folder, because the system's error only says that it exists.
fn refuse_files(config: &Config) -> Result<(), ConfigError> {
    let folders = [
        config.data_dir.clone(),
        config.inbox(),
        config.processed(),
        config.rejected(),
        config.waiting(),
        config.rehearsed(),
    ];
    let Some(file) = folders.iter().find(|folder| folder.exists() && !folder.is_dir()) else { return Ok(()) };
    let file = file.display();
    let problem = match config.language {
        Language::Portuguese => format!(
            "{file} é um arquivo, e o Caudal precisa de uma pasta ali; mova o arquivo, ou escolha outra pasta de dados com --data-dir"
        ),
        Language::English => format!(
            "{file} is a file, and Caudal needs a folder there; move the file, or choose another data folder with --data-dir"
        ),
    };
    Err(ConfigError { problems: vec![problem] })
}

/// Makes every file that this process creates readable by its own user only, because databases and their logs hold data of
/// customers.
pub fn write_private_files() {
    #[cfg(unix)]
    rustix::process::umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
}

/// Makes a folder that others may look into, and the missing folders above it.
fn make_open(folder: &Path) -> std::io::Result<()> {
    let missing: Vec<&Path> = folder.ancestors().take_while(|folder| !folder.exists()).collect();
    std::fs::create_dir_all(folder)?;
    #[cfg(unix)]
    for made in missing {
        std::fs::set_permissions(made, std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
    }
    Ok(())
}

/// Keeps other users from listing a folder or writing into it. The right to pass through (x) stays, because the inbox may lie
/// inside.
fn hide(folder: &Path) -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(folder)?.permissions().mode();
        if mode & 0o066 != 0 {
            std::fs::set_permissions(folder, PermissionsExt::from_mode(mode & 0o7711))?;
        }
    }
    Ok(())
}

/// Removes other users' access to the parts of the data folder, because an older version, a copy by hand or an earlier folder
/// may have left it open.
fn take_from_others(config: &Config) {
    let mut parts = vec![
        config.processed(),
        config.rejected(),
        config.waiting(),
        config.rehearsed(),
        config.workers(),
        config.data_dir.join("secrets"),
    ];
    parts.extend(ROLES_THAT_RUN_ONCE.map(|role| once::lock_file(config, role)));
    let queue = match &config.queue {
        QueueUrl::Sqlite(file) => Some(file),
        QueueUrl::RabbitMq(_) => None,
    };
    let databases = [&config.ingest_database, &config.distrib_database].into_iter().filter_map(|url| match url {
        DatabaseUrl::Sqlite(file) => Some(file),
        DatabaseUrl::Postgres(_) => None,
    });
    for file in databases.chain(queue) {
        parts.extend(["", "-wal", "-shm", "-journal"].map(|end| {
            let mut path = file.clone().into_os_string();
            path.push(end);
            path.into()
        }));
    }
    let mut taken = 0;
    if let Err(error) = hide(&config.data_dir) {
        tracing::warn!(%error, path = %config.data_dir.display(), "other users of this machine can list the data folder; run: chmod go-rw on it");
    }
    for part in parts {
        // The owner may have put a part elsewhere, behind a link.
        match private::take_from_others(&part.canonicalize().unwrap_or_else(|_| part.clone())) {
            Ok(count) => taken += count,
            Err(error) => tracing::warn!(
                %error,
                path = %part.display(),
                "other users of this machine can read this path, and their access could not be removed; run: chmod -R go= on it"
            ),
        }
    }
    if taken > 0 {
        tracing::warn!(taken, folder = %config.data_dir.display(), "removed the access of other users of this machine to files and folders");
    }
}
