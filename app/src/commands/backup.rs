//! `caudal backup`

use std::path::{Path, PathBuf};

use crate::moving::snapshot::{self, Copy};
use anyhow::{Context, ensure};
use caudal_contract::calendar::to_local;
use caudal_contract::format;
use caudal_contract::language::Language;
use caudal_distrib::view::imports;
use caudal_ingest::staging;
use caudal_platform::config::Config;
use caudal_platform::database::Database;
use caudal_platform::durable::{sync_folders, sync_parent};
use caudal_platform::secret::{create_private_dir, write_private_file};
use chrono::Utc;

use super::interrupt::Interrupt;
use super::progress::Progress;
use crate::backup::{DATABASES, FORMAT, Files, MANIFEST, Manifest, database_files, is_vacant, pack};
use crate::cli::BackupArguments;
use crate::exit::Interrupted;
use crate::exit::{Code, JsonLayout, print, print_json};

/// Copies everything as of one instant. The given path stays free until the backup is whole.
pub fn run(config: &Config, arguments: &BackupArguments) -> anyhow::Result<Code> {
    let language = config.language;
    let databases = database_files(config)?;
    let progress = Progress::start(arguments.quiet);
    let answering = progress.clone();
    let interrupt = Interrupt::listen(move || {
        answering.say(language.pick(
            "Parando depois da etapa atual; a cópia incompleta é apagada e a instalação fica como está. Para encerrar já, pressione Ctrl+C de novo.",
            "Stopping after the current step; the incomplete copy is deleted and the installation stays as it is. Press Ctrl+C again to stop at once.",
        ));
    })?;
    let watch = Watch { progress, interrupt, is_quiet: arguments.quiet, language };
    // Drops a slash at the end, because `beside` would then put its files inside the folder.
    let to: &PathBuf = &arguments.to.components().collect();
    let shown = arguments.to.display();
    let no_name = language.pick(
        format!(
            "{shown} não serve como nome de um backup; dê o nome de um arquivo ou de uma pasta que ainda não existe"
        ),
        format!("{shown} cannot be the name of a backup; give the name of a new file or folder"),
    );
    ensure!(to.file_name().is_some(), no_name);
    let is_archive = to.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("zip"));
    let is_free = if is_archive { !to.exists() } else { is_vacant(to).unwrap_or(false) };
    let is_there = language.pick(
        format!("{} já existe; dê o nome de um arquivo ou de uma pasta que ainda não existe", to.display()),
        format!("{} exists already; give the name of a new file or folder", to.display()),
    );
    ensure!(is_free, is_there);
    let parts = Unfinished(beside(to, ".part"), beside(to, ".part.zip"));
    for part in [&parts.0, &parts.1] {
        let left = language.pick(
            format!("{} sobrou de um backup interrompido; apague-o", part.display()),
            format!("{} was left by an interrupted backup; delete it", part.display()),
        );
        ensure!(!part.exists(), left);
    }
    create_private_dir(&parts.0).with_context(|| format!("cannot create the folder {}", parts.0.display()))?;
    let manifest = fill(config, &databases, &parts.0, &watch)?;
    watch.check()?;
    if is_archive {
        watch.progress.tell(|| language.pick("empacotando", "packing").to_owned());
        pack(&parts.0, &parts.1)?;
    } else {
        // The files are synced, but their names are not.
        sync_folders(&parts.0).with_context(|| format!("cannot sync {}", parts.0.display()))?;
    }
    watch.check()?;
    watch.progress.clear();
    let whole = if is_archive { &parts.1 } else { &parts.0 };
    std::fs::rename(whole, to).with_context(|| format!("cannot give {} its name {}", whole.display(), to.display()))?;
    sync_parent(to).with_context(|| format!("cannot sync the folder of {}", to.display()))?;
    if arguments.json {
        print_json(&manifest, JsonLayout::Pretty)?;
    } else {
        print(&format!("{}: {}", to.display(), summary(&manifest, config)));
    }
    Ok(Code::Ok)
}

/// Shows the progress to the person who waits and lets them cancel.
struct Watch {
    progress: Progress,
    interrupt: Interrupt,
    is_quiet: bool,
    language: Language,
}

impl Watch {
    fn check(&self) -> Result<(), Interrupted> {
        self.interrupt.check(self.language.pick(
            "O backup foi interrompido e a cópia incompleta foi apagada; a instalação está como antes.",
            "The backup was interrupted and its incomplete copy was deleted; the installation is as before.",
        ))
    }

    /// Reports a finished part.
    fn say(&self, sentence: &str) {
        if !self.is_quiet {
            self.progress.say(sentence);
        }
    }
}

/// Describes a backup in one line.
pub(super) fn summary(manifest: &Manifest, config: &Config) -> String {
    let language = config.language;
    let count = |number: u64| format::count(i64::try_from(number).unwrap_or(i64::MAX), language);
    let (imports, files) = (format::count(manifest.imports, language), count(manifest.files));
    let mebibytes = count(manifest.bytes.div_ceil(1024 * 1024));
    let made_at = format::date_time(to_local(manifest.made_at, config.time_zone), language);
    let mut text = match language {
        Language::Portuguese => format!("{imports} importações e {files} arquivos, {mebibytes} MiB, de {made_at}"),
        Language::English => format!("{imports} imports and {files} files, {mebibytes} MiB, as of {made_at}"),
    };
    if !manifest.missing.is_empty() {
        let missing = manifest.missing.len();
        text.push_str(&language.pick(
            format!("; faltam {missing} originais, que já não existiam"),
            format!("; {missing} originals are missing, because they no longer existed"),
        ));
    }
    if manifest.later > 0 {
        let later = count(manifest.later);
        text.push_str(&language.pick(
            format!("; {later} arquivos chegaram depois e não estão no backup"),
            format!("; {later} files arrived later and are not in the backup"),
        ));
    }
    text
}

fn fill(config: &Config, databases: &[PathBuf; 3], to: &Path, watch: &Watch) -> anyhow::Result<Manifest> {
    let language = config.language;
    let copies: Vec<Copy> =
        databases.iter().zip(DATABASES).map(|(from, name)| Copy { from: from.clone(), to: to.join(name) }).collect();
    let made_at = Utc::now();
    let mut bytes = 0;
    let copying = language.pick("copiando", "copying");
    let copied = language.pick("copiado:", "copied");
    watch.progress.tell(|| format!("{copying} {}", databases[0].display()));
    snapshot::copy_at_one_instant(&copies, |copy| {
        let size = std::fs::metadata(&copy.to).map_or(0, |metadata| metadata.len());
        bytes += size;
        watch.say(&format!("{copied} {} ({} MiB)", copy.from.display(), size.div_ceil(1024 * 1024)));
    })?;
    watch.check()?;
    let places = staging::places(&mut snapshot::open_copy(&to.join(DATABASES[0]))?)?;
    let imports = imports::count(&mut snapshot::open_copy(&to.join(DATABASES[1]))?)?;
    let of_files = |files: u64, bytes: u64| {
        let mebibytes = bytes.div_ceil(1024 * 1024);
        language.pick(format!("{files} arquivos ({mebibytes} MiB)"), format!("{files} files ({mebibytes} MiB)"))
    };
    let each = |files, bytes| {
        watch.progress.tell(|| format!("{copying} {}", of_files(files, bytes)));
        Ok(watch.check()?)
    };
    let mut files = Files::new(&config.data_dir, to, places, Box::new(each));
    files.copy(|| {
        let database = Database::open(&config.ingest_database, 1)?;
        let mut connection = database.get()?;
        Ok(staging::places(&mut connection)?)
    })?;
    watch.say(&format!("{copied} {}", of_files(files.files, files.bytes)));
    for missing in &files.missing {
        watch
            .progress
            .say(&language.pick(format!("aviso: {missing} não existe"), format!("warning: {missing} does not exist")));
    }
    let manifest = Manifest {
        format: FORMAT,
        caudal: env!("CARGO_PKG_VERSION").to_owned(),
        made_at,
        imports,
        files: files.files,
        bytes: bytes + files.bytes,
        missing: files.missing,
        later: files.later,
    };
    let text = serde_json::to_string_pretty(&manifest)?;
    write_private_file(&to.join(MANIFEST), &text).with_context(|| format!("cannot write {MANIFEST}"))?;
    Ok(manifest)
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

/// The unfinished folder and archive. Both are removed at the end, after success and after errors.
struct Unfinished(PathBuf, PathBuf);

impl Drop for Unfinished {
    fn drop(&mut self) {
        // After the rename this path is gone, so the errors are ignored.
        let _ = std::fs::remove_dir_all(&self.0);
        let _ = std::fs::remove_file(&self.1);
    }
}
