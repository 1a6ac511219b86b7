//! `caudal backup`

use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use caudal_distrib::view::imports;
use caudal_ingest::staging;
use caudal_shared::config::Config;
use caudal_shared::database::Database;
use caudal_shared::durable::{sync_folders, sync_parent};
use caudal_shared::secret::{create_private_dir, write_private_file};
use caudal_shared::snapshot::{self, Copy};
use chrono::Utc;

use crate::backup::{DATABASES, FORMAT, Files, MANIFEST, Manifest, database_files, is_vacant, pack};
use crate::cli::BackupArguments;
use crate::exit::{Code, JsonLayout, eprint, print, print_json};

/// Copies everything as it is at one instant. Nothing is at the given place until it is whole.
pub fn run(config: &Config, arguments: &BackupArguments) -> anyhow::Result<Code> {
    let databases = database_files(config)?;
    // Without a slash at its end, which would put what is beside it inside
    let to: &PathBuf = &arguments.to.components().collect();
    ensure!(to.file_name().is_some(), "{} is no name for a backup; name a new file or folder", arguments.to.display());
    let is_archive = to.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("zip"));
    let is_free = if is_archive { !to.exists() } else { is_vacant(to).unwrap_or(false) };
    ensure!(is_free, "{} is there already; name a new file or folder", to.display());
    let parts = Unfinished(beside(to, ".part"), beside(to, ".part.zip"));
    for part in [&parts.0, &parts.1] {
        ensure!(!part.exists(), "{} is left of a backup that was cut off; remove it", part.display());
    }
    create_private_dir(&parts.0).with_context(|| format!("cannot make the folder {}", parts.0.display()))?;
    let manifest = fill(config, &databases, &parts.0)?;
    if is_archive {
        eprint("packing …");
        pack(&parts.0, &parts.1)?;
    } else {
        // The files are synced; their names are not
        sync_folders(&parts.0).with_context(|| format!("cannot sync {}", parts.0.display()))?;
    }
    let whole = if is_archive { &parts.1 } else { &parts.0 };
    std::fs::rename(whole, to).with_context(|| format!("cannot give {} its name {}", whole.display(), to.display()))?;
    sync_parent(to).with_context(|| format!("cannot sync the folder of {}", to.display()))?;
    if arguments.json {
        print_json(&manifest, JsonLayout::Pretty)?;
    } else {
        print(&format!("{}: {}", to.display(), summary(&manifest)));
    }
    Ok(Code::Ok)
}

/// What is in a backup, in one line.
pub(super) fn summary(manifest: &Manifest) -> String {
    let mut text = format!(
        "{} imports and {} files, {} MiB, as of {}",
        manifest.imports,
        manifest.files,
        manifest.bytes.div_ceil(1024 * 1024),
        manifest.made_at.format("%Y-%m-%d %H:%M:%S UTC"),
    );
    if !manifest.missing.is_empty() {
        text.push_str(&format!("; {} originals were not there any more", manifest.missing.len()));
    }
    if manifest.later > 0 {
        text.push_str(&format!("; {} files came later and are not in it", manifest.later));
    }
    text
}

fn fill(config: &Config, databases: &[PathBuf; 3], to: &Path) -> anyhow::Result<Manifest> {
    let copies: Vec<Copy> =
        databases.iter().zip(DATABASES).map(|(from, name)| Copy { from: from.clone(), to: to.join(name) }).collect();
    let made_at = Utc::now();
    let mut bytes = 0;
    snapshot::copy_at_one_instant(&copies, |copy| {
        let size = std::fs::metadata(&copy.to).map_or(0, |metadata| metadata.len());
        bytes += size;
        eprint(&format!("copied {} ({} MiB)", copy.from.display(), size.div_ceil(1024 * 1024)));
    })?;
    let places = staging::places(&mut snapshot::open_copy(&to.join(DATABASES[0]))?)?;
    let imports = imports::count(&mut snapshot::open_copy(&to.join(DATABASES[1]))?)?;
    let mut files = Files::new(&config.data_dir, to, places);
    files.copy(|| {
        let database = Database::open(&config.ingest_database, 1)?;
        let mut connection = database.get()?;
        Ok(staging::places(&mut connection)?)
    })?;
    eprint(&format!("copied {} files ({} MiB)", files.files, files.bytes.div_ceil(1024 * 1024)));
    for missing in &files.missing {
        eprint(&format!("warning: {missing} is not there"));
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

/// What is removed in the end, whatever happens: a folder and an archive that have not got their name.
struct Unfinished(PathBuf, PathBuf);

impl Drop for Unfinished {
    fn drop(&mut self) {
        // What has its name by now is not there any more
        let _ = std::fs::remove_dir_all(&self.0);
        let _ = std::fs::remove_file(&self.1);
    }
}
