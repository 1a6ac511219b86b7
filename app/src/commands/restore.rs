//! `caudal restore`

use anyhow::{Context, ensure};
use caudal_shared::config::Config;
use caudal_shared::secret::create_private_dir;
use caudal_shared::snapshot;

use super::{backup, doctor};
use crate::backup::{Backup, DATABASES, database_files, is_vacant};
use crate::cli::RestoreArguments;
use crate::exit::{Code, eprint, print};

/// Puts a backup into an empty data folder and checks it as `caudal doctor` does. The databases come last.
pub fn run(config: &Config, arguments: &RestoreArguments) -> anyhow::Result<Code> {
    let databases = database_files(config)?;
    let data_dir = &config.data_dir;
    let (mut backup, manifest) = Backup::open(&arguments.from)?;
    let is_free = is_vacant(data_dir).with_context(|| format!("cannot look into {}", data_dir.display()))?;
    ensure!(
        is_free,
        "the data folder {} is not empty; a backup is restored into an empty one only (--data-dir FOLDER)",
        data_dir.display()
    );
    for file in &databases {
        ensure!(!file.exists(), "{} is there already", file.display());
    }
    let names = backup.names()?;
    for name in DATABASES {
        ensure!(names.iter().any(|other| other == name), "{} holds no {name}", arguments.from.display());
    }
    create_private_dir(data_dir).with_context(|| format!("cannot make the data folder {}", data_dir.display()))?;
    let mut files: u64 = 0;
    for name in names.iter().filter(|name| !DATABASES.contains(&name.as_str())) {
        backup.copy(name, &data_dir.join(name))?;
        files += 1;
    }
    eprint(&format!("restored {files} files"));
    ensure!(
        files >= manifest.files,
        "the backup says that it has {} files, but only {files} are there; it is not whole",
        manifest.files
    );
    for (name, file) in DATABASES.into_iter().zip(&databases) {
        let unfinished = file.with_extension("db.part");
        backup.copy(name, &unfinished)?;
        snapshot::check_integrity(&unfinished)?;
        std::fs::rename(&unfinished, file).with_context(|| format!("cannot write {}", file.display()))?;
        eprint(&format!("restored {}", file.display()));
    }
    let checks = doctor::checks(config)?;
    if arguments.json {
        let restored = serde_json::json!({ "data_dir": data_dir, "backup": manifest, "checks": checks });
        print(&serde_json::to_string_pretty(&restored)?);
    } else {
        doctor::show(&checks);
        print(&format!("{}: {}", data_dir.display(), backup::summary(&manifest)));
    }
    Ok(doctor::code_of(&checks))
}
