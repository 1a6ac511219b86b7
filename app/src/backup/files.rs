//! Copies the originals that belong to the copied databases, no more and no fewer.
//!
//! The databases are copied as of one instant. The files are copied afterwards, while other files are filed and moved. So the
//! copied database decides. An original that came later stays out, because its rows are not in the copy. An original that has
//! moved since (from `waiting/` to `processed/`) goes to the place that the copy expects. An original that still lay in the
//! inbox although its import was staged goes to the place that it was about to be filed in.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use anyhow::Context;
use caudal_ingest::originals::hash_of;
use caudal_ingest::staging::OriginalPlace;
use caudal_platform::secret::create_private_dir;

/// The folders of originals. `waiting` comes first because originals leave it for the other two: a move during the scan hides
/// none.
const ORIGINALS: [&str; 3] = ["waiting", "processed", "rejected"];
/// Folders with files that belong to no import.
const OTHERS: [&str; 2] = ["rehearsed", "secrets"];

/// Copies files from a data folder.
pub struct Files<'a> {
    data_dir: &'a Path,
    to: &'a Path,
    /// Keyed by the path without its first folder, because an original keeps that part when it moves.
    known: BTreeMap<String, OriginalPlace>,
    /// The keys of the originals that were copied.
    there: BTreeSet<String>,
    /// Files that no import of the copy explains.
    strangers: Vec<PathBuf>,
    /// Files copied.
    pub files: u64,
    /// Their size.
    pub bytes: u64,
    /// Originals that were found in no folder.
    pub missing: Vec<String>,
    /// Files that came after the databases were copied.
    pub later: u64,
    each: Each<'a>,
}

/// Called with the numbers of files and bytes copied so far. An error ends the copying.
pub type Each<'a> = Box<dyn FnMut(u64, u64) -> anyhow::Result<()> + 'a>;

impl<'a> Files<'a> {
    /// Copies from a data folder into a backup. `places` are the originals of the copied database; `each` is called after each
    /// file.
    pub fn new(data_dir: &'a Path, to: &'a Path, places: Vec<OriginalPlace>, each: Each<'a>) -> Self {
        let known =
            places.into_iter().filter_map(|place| Some((key(place.file_as.as_deref()?).to_owned(), place))).collect();
        let (there, strangers, missing) = (BTreeSet::new(), Vec::new(), Vec::new());
        Self { data_dir, to, known, there, strangers, files: 0, bytes: 0, missing, later: 0, each }
    }

    /// Copies everything. `now` returns the originals recorded by now; it is called after the scan, so that each file seen had
    /// time to be recorded.
    pub fn copy(&mut self, now: impl FnOnce() -> anyhow::Result<Vec<OriginalPlace>>) -> anyhow::Result<()> {
        for folder in ORIGINALS {
            for file in files_below(&self.data_dir.join(folder))? {
                self.copy_known(&file)?;
            }
        }
        for folder in OTHERS {
            for file in files_below(&self.data_dir.join(folder))? {
                let relative = self.relative(&file);
                self.copy_to(&file, &relative)?;
            }
        }
        self.copy_strangers(&now()?)?;
        self.find_missing()
    }

    fn copy_known(&mut self, file: &Path) -> anyhow::Result<()> {
        let relative = self.relative(file);
        let name = relative.to_string_lossy().into_owned();
        if let Some(place) = self.known.get(key(&name)) {
            // If the copy expects it in another folder, it has moved since; `find_missing` looks for it.
            if place.file_as.as_deref() == Some(&*name) && self.copy_to(file, &relative)? {
                self.there.insert(key(&name).to_owned());
            }
        } else if owner(&name, |key| self.known.contains_key(key)).is_some() {
            self.copy_to(file, &relative)?;
        } else {
            self.strangers.push(relative);
        }
        Ok(())
    }

    /// A file without an import in the copy belongs to a later import and is only counted, or a person put it there and it is
    /// copied.
    fn copy_strangers(&mut self, now: &[OriginalPlace]) -> anyhow::Result<()> {
        let now: BTreeSet<&str> = now.iter().filter_map(|place| place.file_as.as_deref()).map(key).collect();
        for relative in std::mem::take(&mut self.strangers) {
            if owner(&relative.to_string_lossy(), |key| now.contains(key)).is_some() {
                self.later += 1;
            } else {
                self.copy_to(&self.data_dir.join(&relative), &relative)?;
            }
        }
        Ok(())
    }

    fn find_missing(&mut self) -> anyhow::Result<()> {
        let missing: Vec<(String, OriginalPlace)> = self
            .known
            .iter()
            .filter(|(key, _)| !self.there.contains(*key))
            .map(|(key, place)| (key.clone(), place.clone()))
            .collect();
        for (key, place) in missing {
            let Some(file_as) = place.file_as.clone() else { continue };
            let mut found = false;
            for folder in ORIGINALS {
                let now_at = self.data_dir.join(folder).join(&key);
                found = found || (now_at.is_file() && self.copy_to(&now_at, Path::new(&file_as))?);
            }
            if !found && !place.filed {
                found = self.copy_from_inbox(&place, &file_as)?;
            }
            if !found {
                self.missing.push(file_as);
            }
        }
        Ok(())
    }

    fn copy_from_inbox(&mut self, place: &OriginalPlace, file_as: &str) -> anyhow::Result<bool> {
        for file in files_below(&self.data_dir.join("inbox"))? {
            let is_it = file.file_name().is_some_and(|name| name.to_string_lossy() == place.name)
                && hash_of(&file).is_ok_and(|hash| hash == place.sha256);
            if is_it {
                return self.copy_to(&file, Path::new(file_as));
            }
        }
        Ok(false)
    }

    fn relative(&self, file: &Path) -> PathBuf {
        file.strip_prefix(self.data_dir).unwrap_or(file).to_owned()
    }

    /// Returns false if the file is gone.
    fn copy_to(&mut self, file: &Path, relative: &Path) -> anyhow::Result<bool> {
        // The copy gets a UTF-8 name, because a restore could not read any other.
        let to = self.to.join(&*relative.to_string_lossy());
        let from = match File::open(file) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            from => from.with_context(|| format!("cannot read {}", file.display()))?,
        };
        self.bytes += write_through(from, &to)?;
        self.files += 1;
        (self.each)(self.files, self.bytes)?;
        Ok(true)
    }
}

/// Writes a new file durably, readable only by its owner, and makes the folders that it needs.
pub fn write_through(mut from: impl Read, to: &Path) -> anyhow::Result<u64> {
    let written = (|| {
        to.parent().map_or(Ok(()), create_private_dir)?;
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(to)?;
        let bytes = io::copy(&mut from, &mut file)?;
        file.sync_all()?;
        io::Result::Ok(bytes)
    })();
    written.with_context(|| format!("cannot write {}", to.display()))
}

/// The path within the data folder without its first folder.
fn key(path: &str) -> &str {
    path.split_once('/').map_or(path, |(_, rest)| rest)
}

/// The original that a file belongs to: the file itself, or the original whose name it extends (reasons and repair workbooks
/// do).
fn owner(path: &str, is_original: impl Fn(&str) -> bool) -> Option<&str> {
    let key = key(path);
    let shorter = key.rmatch_indices('.').filter_map(|(end, _)| key.get(..end));
    std::iter::once(key).chain(shorter).find(|key| is_original(key))
}

/// Regular files without following links, except `.part` files, which are still being written. Sorted, so that all runs are
/// alike.
fn files_below(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = match fs::read_dir(&folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            entries => entries.with_context(|| format!("cannot read {}", folder.display()))?,
        };
        for entry in entries {
            let entry = entry.with_context(|| format!("cannot read {}", folder.display()))?;
            let kind = entry.file_type().with_context(|| format!("cannot read {}", entry.path().display()))?;
            if kind.is_dir() {
                folders.push(entry.path());
            } else if kind.is_file() && entry.path().extension().is_none_or(|extension| extension != "part") {
                files.push(entry.path());
            }
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(file_as: &str, filed: bool) -> OriginalPlace {
        let (source, name) = ("inbox".to_owned(), "a.csv".to_owned());
        // The SHA-256 of the single letter x.
        let sha256 = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881".to_owned();
        OriginalPlace { source, name, sha256, file_as: Some(file_as.to_owned()), filed }
    }

    #[test]
    fn each_import_of_the_copy_has_its_original_wherever_it_is_by_now() {
        let (data, copy) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let write = |name: &str| {
            let path = data.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "x").unwrap();
        };
        let names =
            ["processed/d/1-a.csv", "rejected/d/1-a.csv.repair.xlsx", "processed/d/2-a.csv", "processed/d/3-a.csv"];
        names.into_iter().for_each(write);
        for name in ["inbox/a.csv", "processed/notes.txt", "rejected/d/3-a.csv.repair.xlsx", "processed/d/9.part"] {
            write(name);
        }
        let then = vec![
            place("processed/d/1-a.csv", true),
            place("waiting/d/2-a.csv", true),
            place("processed/d/4-a.csv", false),
            place("processed/d/5-a.csv", true),
        ];
        let mut files = Files::new(data.path(), copy.path(), then, Box::new(|_, _| Ok(())));
        files.copy(|| Ok(vec![place("processed/d/3-a.csv", true), place("processed/d/2-a.csv", true)])).unwrap();
        let mut copied: Vec<String> = files_below(copy.path())
            .unwrap()
            .iter()
            .map(|file| file.strip_prefix(copy.path()).unwrap().to_string_lossy().into_owned())
            .collect();
        copied.sort();
        let expected = [
            "processed/d/1-a.csv",
            "processed/d/4-a.csv",
            "processed/notes.txt",
            "rejected/d/1-a.csv.repair.xlsx",
            "waiting/d/2-a.csv",
        ];
        assert_eq!(copied, expected);
        assert_eq!((files.files, files.later, files.missing), (5, 2, vec!["processed/d/5-a.csv".to_owned()]));
    }
}
