//! Reads a backup, which is a folder or one file, and packs a folder into an archive.

use std::fs::File;
use std::io;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, bail, ensure};
use caudal_contract::language::Language;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::{FORMAT, MANIFEST, Manifest, write_through};

/// A backup that can be read.
pub enum Backup {
    Folder(PathBuf),
    Archive(Box<ZipArchive<File>>),
}

impl Backup {
    /// Opens a backup and reads its manifest.
    pub fn open(path: &Path, language: Language) -> anyhow::Result<(Self, Manifest)> {
        let shown = path.display();
        let mut backup = if path.is_dir() {
            Self::Folder(path.to_owned())
        } else {
            let file = File::open(path)
                .with_context(|| format!("{} {shown}", language.pick("não é possível ler", "cannot read")))?;
            let archive = ZipArchive::new(file).with_context(|| {
                format!("{shown} {}", language.pick("não é um arquivo .zip completo", "is not a complete archive"))
            })?;
            Self::Archive(Box::new(archive))
        };
        let text = backup.manifest().with_context(|| {
            language.pick(
                format!("{shown} não é um backup do Caudal: falta {MANIFEST}"),
                format!("{shown} is not a backup of Caudal: {MANIFEST} is missing"),
            )
        })?;
        let manifest: Manifest = serde_json::from_str(&text).with_context(|| {
            language.pick(
                format!("o {MANIFEST} de {shown} não pode ser lido"),
                format!("the {MANIFEST} of {shown} cannot be read"),
            )
        })?;
        ensure!(
            manifest.format <= FORMAT,
            language.pick(
                format!("{shown} foi feito por uma versão mais nova do Caudal ({}); use essa versão", manifest.caudal),
                format!("{shown} was made by a newer version of Caudal ({}); use that version", manifest.caudal),
            )
        );
        Ok((backup, manifest))
    }

    fn manifest(&mut self) -> anyhow::Result<String> {
        Ok(match self {
            Self::Folder(folder) => std::fs::read_to_string(folder.join(MANIFEST))?,
            Self::Archive(archive) => io::read_to_string(archive.by_name(MANIFEST)?)?,
        })
    }

    /// The files in it except the manifest. A path that would leave the folder is an error.
    pub fn names(&self) -> anyhow::Result<Vec<String>> {
        let mut names: Vec<String> = match self {
            Self::Folder(folder) => names_below(folder)?,
            Self::Archive(archive) => {
                let names: Result<Vec<_>, _> =
                    archive.file_names().map(|name| name.map(std::borrow::Cow::into_owned)).collect();
                names?.into_iter().filter(|name| !name.ends_with('/')).collect()
            }
        };
        names.retain(|name| name != MANIFEST);
        let leaves = |name: &&String| !Path::new(name).components().all(|part| matches!(part, Component::Normal(_)));
        if let Some(name) = names.iter().find(leaves) {
            bail!(
                "the backup has the file \"{name}\", which would be written outside the data folder; do not use this backup, because someone changed it"
            );
        }
        names.sort();
        Ok(names)
    }

    /// Writes a file of it to a new place and returns its size.
    pub fn copy(&mut self, name: &str, to: &Path) -> anyhow::Result<u64> {
        let unread = || format!("cannot read {name} of the backup");
        match self {
            Self::Folder(folder) => write_through(File::open(folder.join(name)).with_context(unread)?, to),
            Self::Archive(archive) => write_through(archive.by_name(name).with_context(unread)?, to),
        }
    }
}

/// Puts all files of a folder into a new archive.
pub fn pack(folder: &Path, to: &Path) -> anyhow::Result<()> {
    let unwritten = || format!("cannot write {}", to.display());
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut archive = ZipWriter::new(options.open(to).with_context(unwritten)?);
    for name in names_below(folder)? {
        let mut file = File::open(folder.join(&name)).with_context(unwritten)?;
        // Workbooks are compressed already.
        let is_database = Path::new(&name).extension().is_some_and(|extension| extension == "db" || extension == "csv");
        let method = if is_database { CompressionMethod::Deflated } else { CompressionMethod::Stored };
        let options = SimpleFileOptions::default().compression_method(method).large_file(true).unix_permissions(0o600);
        archive.start_file(name, options).with_context(unwritten)?;
        io::copy(&mut file, &mut archive).with_context(unwritten)?;
    }
    archive.finish().with_context(unwritten)?.sync_all().with_context(unwritten)
}

fn names_below(folder: &Path) -> anyhow::Result<Vec<String>> {
    let mut names = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(&next).with_context(|| format!("cannot read {}", next.display()))? {
            let entry = entry.with_context(|| format!("cannot read {}", next.display()))?;
            let path = entry.path();
            let kind = entry.file_type().with_context(|| format!("cannot read {}", path.display()))?;
            if kind.is_dir() {
                folders.push(path);
            } else if kind.is_file() {
                let name = path.strip_prefix(folder).unwrap_or(&path).to_str();
                names.push(name.with_context(|| format!("{} is not valid UTF-8", path.display()))?.to_owned());
            }
        }
    }
    names.sort();
    Ok(names)
}
