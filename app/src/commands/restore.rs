//! `caudal restore`

use std::path::{Path, PathBuf};

use crate::moving::snapshot;
use anyhow::{Context, ensure};
use caudal_contract::language::Language;
use caudal_ingest::originals::hash_of;
use caudal_ingest::staging;
use caudal_platform::config::Config;
use caudal_platform::durable::{sync_folders, sync_parent};
use caudal_platform::secret::{create_private_dir, write_private_file};

use super::doctor::Check;
use super::interrupt::Interrupt;
use super::progress::Progress;
use super::{backup, doctor};
use crate::backup::{Backup, DATABASES, database_files, is_vacant};
use crate::cli::RestoreArguments;
use crate::exit::{Code, JsonLayout, print, print_json};
use crate::folders::RESTORING;

/// Puts a backup into an empty data folder and checks it as `caudal doctor` does. The databases get their names last. Until
/// then nothing starts in the folder, because it holds [`RESTORING`].
pub fn run(config: &Config, arguments: &RestoreArguments) -> anyhow::Result<Code> {
    let language = config.language;
    let databases = database_files(config)?;
    let progress = Progress::start(arguments.quiet);
    let say = |sentence: String| {
        if !arguments.quiet {
            progress.say(&sentence);
        }
    };
    let answering = progress.clone();
    let interrupt = Interrupt::listen(move || {
        answering.say(language.pick(
            "Parando depois da etapa atual. Para encerrar já, pressione Ctrl+C de novo.",
            "Stopping after the current step. Press Ctrl+C again to stop at once.",
        ));
    })?;
    let data_dir = &config.data_dir;
    let (mut backup, manifest) = Backup::open(&arguments.from, language)?;
    let is_free = is_vacant(data_dir).with_context(|| format!("cannot list {}", data_dir.display()))?;
    let folder = data_dir.display();
    let not_empty = language.pick(
        format!(
            "a pasta de dados {folder} não está vazia; um backup só pode ser restaurado numa pasta vazia (--data-dir PASTA)"
        ),
        format!(
            "the data folder {folder} is not empty; a backup can be restored only into an empty folder (--data-dir FOLDER)"
        ),
    );
    ensure!(is_free, not_empty);
    let cut_off = language.pick(
        format!(
            "A restauração foi interrompida; o backup está como antes. Apague a pasta {folder} e restaure de novo."
        ),
        format!(
            "The restore was interrupted; the backup is as before. Delete the folder {folder} and restore it again."
        ),
    );
    for file in &databases {
        // SQLite would take an old log beside the restored file for its own.
        for file in ["", "-wal", "-shm", "-journal"].map(|end| with_end(file, end)) {
            ensure!(!file.exists(), "{} exists already; move it away", file.display());
        }
    }
    let names = backup.names()?;
    for name in DATABASES {
        ensure!(names.iter().any(|other| other == name), "{} has no {name}", arguments.from.display());
    }
    create_private_dir(data_dir).with_context(|| format!("cannot create the data folder {}", data_dir.display()))?;
    let unfinished = data_dir.join(RESTORING);
    write_private_file(&unfinished, "").with_context(|| format!("cannot write {}", unfinished.display()))?;
    sync_all(data_dir, &[])?;
    let mut files: u64 = 0;
    for name in names.iter().filter(|name| !DATABASES.contains(&name.as_str())) {
        interrupt.check(&cut_off)?;
        backup.copy(name, &data_dir.join(name))?;
        files += 1;
        progress.tell(|| {
            format!("{} {files}/{}", language.pick("restaurando arquivos", "restoring files"), manifest.files)
        });
    }
    say(language.pick(format!("{files} arquivos restaurados"), format!("restored {files} files")));
    ensure!(
        files >= manifest.files,
        "the backup says that it has {} files, but only {files} are there, so it is incomplete",
        manifest.files
    );
    let parts = databases.each_ref().map(|file| with_end(file, ".part"));
    for (name, part) in DATABASES.into_iter().zip(&parts) {
        interrupt.check(&cut_off)?;
        progress.tell(|| format!("{} {name}", language.pick("restaurando", "restoring")));
        backup.copy(name, part)?;
        snapshot::check_integrity(part)?;
    }
    interrupt.check(&cut_off)?;
    progress.tell(|| language.pick("conferindo os originais", "checking the originals").to_owned());
    let originals = originals_check(data_dir, &parts[0], &manifest.missing, language)?;
    for (part, file) in parts.iter().zip(&databases) {
        std::fs::rename(part, file).with_context(|| format!("cannot write {}", file.display()))?;
        say(format!("{} {}", language.pick("restaurado:", "restored"), file.display()));
    }
    sync_all(data_dir, &databases)?;
    std::fs::remove_file(&unfinished).with_context(|| format!("cannot remove {}", unfinished.display()))?;
    sync_all(data_dir, &databases)?;
    progress.tell(|| language.pick("conferindo tudo", "checking everything").to_owned());
    let mut checks = doctor::checks(config)?;
    progress.clear();
    checks.push(originals);
    if arguments.json {
        let restored = serde_json::json!({ "data_dir": data_dir, "backup": manifest, "checks": checks });
        print_json(&restored, JsonLayout::Pretty)?;
    } else {
        doctor::show(&checks, language);
        print(&format!("{}: {}", data_dir.display(), backup::summary(&manifest, config)));
    }
    Ok(doctor::code_of(&checks))
}

/// The path with an ending added to its name.
fn with_end(file: &Path, end: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(end);
    PathBuf::from(name)
}

/// Makes the names of the restored files durable. Called after the marker is written, before it is removed and afterwards, so
/// that a power cut never leaves a folder that looks restored but is not.
fn sync_all(data_dir: &Path, databases: &[PathBuf]) -> anyhow::Result<()> {
    let synced = sync_folders(data_dir).and_then(|()| databases.iter().try_for_each(|file| sync_parent(file)));
    synced.with_context(|| format!("cannot sync {}", data_dir.display()))
}

/// Checks that each import's original has the imported bytes, except the originals that the backup did not have.
fn originals_check(data_dir: &Path, ingest: &Path, missing: &[String], language: Language) -> anyhow::Result<Check> {
    let (mut same, mut others) = (0, Vec::new());
    for place in staging::places(&mut snapshot::open_copy(ingest)?)? {
        let Some(name) = place.file_as.filter(|name| !missing.contains(name)) else { continue };
        if hash_of(&data_dir.join(&name)).is_ok_and(|hash| hash == place.sha256) {
            same += 1;
        } else {
            others.push(name);
        }
    }
    let detail = match others.as_slice() {
        [] => language
            .pick(format!("{same} iguais aos arquivos importados"), format!("{same} equal to the imported files")),
        [first, rest @ ..] => {
            let others = rest.len();
            language.pick(
                format!("{first} é diferente do arquivo importado, e outros {others} também são; veja o backup anterior a este"),
                format!("{first} differs from the imported file, and so do {others} other files; see the backup before this one"),
            )
        }
    };
    Ok(Check { name: "originals", ok: others.is_empty(), detail })
}
