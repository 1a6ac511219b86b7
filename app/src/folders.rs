//! The data folder.

use anyhow::{Context, ensure};
use caudal_ingest::inbox::REHEARSALS;
use caudal_shared::config::Config;
use caudal_shared::durable::{sync_folder, sync_parent};
use caudal_shared::secret::create_private_dir;

/// Lies in a data folder while a backup is restored into it: whoever started with some of the databases would make the others
/// anew, empty.
pub const RESTORING: &str = ".restoring";

/// Makes the data folder and what belongs into it. The data folder is private; the folders within that people use have
/// the usual rights.
pub fn prepare(config: &Config) -> anyhow::Result<()> {
    ensure!(
        !config.data_dir.join(RESTORING).exists(),
        "{} is a backup that was not restored to its end; remove the folder and restore it again",
        config.data_dir.display()
    );
    let data_folder = || format!("cannot make the data folder {}", config.data_dir.display());
    create_private_dir(&config.data_dir).with_context(data_folder)?;
    let [ensaio, rehearsal] = REHEARSALS;
    let rehearsals = config.inbox().join(config.language.pick(ensaio, rehearsal));
    for folder in
        [config.inbox(), rehearsals, config.processed(), config.rejected(), config.waiting(), config.rehearsed()]
    {
        std::fs::create_dir_all(&folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
    }
    sync_folder(&config.inbox()).and_then(|()| sync_folder(&config.data_dir)).with_context(data_folder)?;
    if let Err(error) = sync_parent(&config.data_dir) {
        // One may be allowed to enter the folder above and not to open it
        tracing::debug!(%error, "the folder above the data folder cannot be synced");
    }
    Ok(())
}
