//! The watched folder.
//!
//! Reports of the file system are only hints, because they can be late, lost, or never come (network shares). Only a
//! full scan is reliable. A file is taken if it looked the same (size, time, inode) for the settling time and no lock
//! file says that a program still has it open.

use std::collections::HashMap;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};
use std::{fs, io};

use crate::intake::INBOX;

/// A file that is complete, as far as this can be known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// The path of the file.
    pub path: PathBuf,
    /// Its source: the inbox itself, or the path of the subfolder within it.
    pub source: String,
    /// Whether the file is in a folder for rehearsals.
    pub rehearse: bool,
}

/// The subfolder for files that are rehearsed and not stored, in both languages.
pub const REHEARSALS: [&str; 2] = ["ensaio", "rehearsal"];

/// The look of a file at a scan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Look {
    size: u64,
    modified: Option<SystemTime>,
    inode: u64,
}

#[derive(Debug, Clone, Copy)]
struct Seen {
    look: Look,
    /// The time since which the file has this look.
    since: Instant,
    /// How long the file must keep this look.
    wait: Duration,
    /// The earliest time for the next attempt, after a failed one.
    not_before: Instant,
}

/// Remembers the look of each file from scan to scan.
pub struct Inbox {
    folder: PathBuf,
    settle: Duration,
    incomplete: Duration,
    seen: HashMap<PathBuf, Seen>,
}

/// A file that could not be taken is tried again after this long.
const RETRY: Duration = Duration::from_secs(30);
/// Folders deeper than this below the inbox are ignored.
const DEEPEST: usize = 4;

impl Inbox {
    /// An inbox in `folder`. Files settle for `settle`. Files that are empty or cut off settle for `incomplete`,
    /// because a slow copy may still be running.
    #[must_use]
    pub fn new(folder: PathBuf, settle: Duration, incomplete: Duration) -> Self {
        Self { folder, settle, incomplete, seen: HashMap::new() }
    }

    /// Looks at every file and returns the settled ones, oldest first.
    ///
    /// # Errors
    /// The I/O error, if the folder itself cannot be read.
    pub fn scan(&mut self, now: Instant) -> io::Result<Vec<Settled>> {
        let mut files = Vec::new();
        list(&self.folder, 0, &mut files)?;
        self.seen.retain(|path, _| files.iter().any(|(other, _)| other == path));
        let mut settled: Vec<(Option<SystemTime>, PathBuf)> = Vec::new();
        for (path, look) in files {
            let first_look = Seen { look, since: now, wait: self.settle, not_before: now };
            let seen = self.seen.entry(path.clone()).or_insert(first_look);
            if seen.look != look {
                *seen = first_look;
            }
            let calm_for = now.duration_since(seen.since);
            if calm_for >= self.settle && seen.wait == self.settle && is_incomplete(&path, look.size) {
                seen.wait = self.incomplete.max(self.settle);
            }
            if calm_for < seen.wait || now < seen.not_before {
                continue;
            }
            if is_open_elsewhere(&path) {
                seen.not_before = now + self.settle;
            } else {
                settled.push((look.modified, path));
            }
        }
        settled.sort();
        Ok(settled
            .into_iter()
            .map(|(_, path)| {
                let (source, rehearse) = self.source_of(&path);
                Settled { path, source, rehearse }
            })
            .collect())
    }

    /// Delays the next attempt for a file that could not be taken.
    pub fn put_off(&mut self, path: &Path, now: Instant) {
        if let Some(seen) = self.seen.get_mut(path) {
            seen.not_before = now + RETRY;
        }
    }

    /// The time at which the next file may settle; `None` if no file is waiting.
    #[must_use]
    pub fn next_settling(&self) -> Option<Instant> {
        self.seen.values().map(|seen| (seen.since + seen.wait).max(seen.not_before)).min()
    }

    /// The source of a file, and whether it is only rehearsed: `ensaio/loja-3` rehearses for `loja-3`.
    fn source_of(&self, path: &Path) -> (String, bool) {
        let folder = path.parent().and_then(|parent| parent.strip_prefix(&self.folder).ok());
        let folder = folder.map(|folder| folder.to_string_lossy().replace('\\', "/")).unwrap_or_default();
        // The name counts in any case and at any depth, because storing a file that was meant as a rehearsal would be
        // the worse mistake.
        let is_rehearsal = |name: &&str| REHEARSALS.contains(&name.to_lowercase().as_str());
        let rehearse = folder.split('/').any(|name| is_rehearsal(&name));
        let source: Vec<&str> = folder.split('/').filter(|name| !is_rehearsal(name)).collect();
        let source = match source.join("/").as_str() {
            "" => INBOX.to_owned(),
            // These names are reserved for other senders.
            folder if folder == INBOX || folder.starts_with("api:") => format!("{INBOX}/{folder}"),
            folder => folder.to_owned(),
        };
        (source, rehearse)
    }
}

fn list(folder: &Path, depth: usize, files: &mut Vec<(PathBuf, Look)>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        if is_left_alone(&name.to_string_lossy()) {
            continue;
        }
        // Links are not followed, because a link in the inbox is not a sheet that somebody dropped.
        let Ok(metadata) = fs::symlink_metadata(entry.path()) else { continue };
        if metadata.is_dir() && depth < DEEPEST {
            // A subfolder may vanish while it is listed.
            if let Err(error) = list(&entry.path(), depth + 1, files) {
                tracing::debug!(folder = %entry.path().display(), %error, "a subfolder of the inbox was skipped");
            }
        } else if metadata.is_file() {
            #[cfg(unix)]
            let inode = std::os::unix::fs::MetadataExt::ino(&metadata);
            #[cfg(not(unix))]
            let inode = 0;
            files.push((entry.path(), Look { size: metadata.len(), modified: metadata.modified().ok(), inode }));
        }
    }
    Ok(())
}

/// Whether a file is ignored: lock files of office programs, unfinished downloads and copies, and files that systems
/// leave in folders.
#[must_use]
pub fn is_left_alone(name: &str) -> bool {
    const ENDINGS: [&str; 9] =
        [".tmp", ".temp", ".part", ".partial", ".filepart", ".crdownload", ".download", ".opdownload", ".swp"];
    let lower = name.to_lowercase();
    let saved_by_excel = name.len() == 8 && name.bytes().all(|byte| byte.is_ascii_hexdigit());
    name.starts_with('.')
        || name.starts_with("~$")
        || ENDINGS.iter().any(|ending| lower.ends_with(ending))
        || matches!(lower.as_str(), "thumbs.db" | "desktop.ini" | "leia-me.txt" | "readme.txt")
        || saved_by_excel
}

/// Whether the file is empty, or an archive (such as a workbook) without the directory at its end.
fn is_incomplete(path: &Path, size: u64) -> bool {
    // After the end of the directory there may be a comment of at most 65,535 bytes.
    const TAIL: u64 = 22 + 65_535;
    let read = || -> io::Result<bool> {
        let mut file = fs::File::open(path)?;
        let mut start = [0; 4];
        let mut tail = Vec::new();
        if file.read(&mut start)? == 0 {
            return Ok(true);
        }
        file.seek(SeekFrom::Start(size.saturating_sub(TAIL)))?;
        file.take(TAIL).read_to_end(&mut tail)?;
        Ok(&start == b"PK\x03\x04" && !tail.windows(4).any(|window| window == b"PK\x05\x06"))
    };
    // An unreadable file does not count as incomplete, because the attempt to take it reports the error.
    read().unwrap_or(false)
}

/// Whether an office program's lock file is beside the file.
fn is_open_elsewhere(path: &Path) -> bool {
    let (Some(folder), Some(name)) = (path.parent(), path.file_name().map(|name| name.to_string_lossy())) else {
        return false;
    };
    // Excel cuts the first two letters off names longer than eight; LibreOffice keeps them.
    let short: String = name.chars().skip(2).collect();
    [format!("~${name}"), format!("~${short}"), format!(".~lock.{name}#")]
        .iter()
        .any(|lock| is_fresh(&folder.join(lock)))
}

/// Whether a lock file is recent. A crashed program may leave one behind, and it must not hold the file back for ever.
fn is_fresh(lock: &Path) -> bool {
    const STALE: Duration = Duration::from_secs(12 * 60 * 60);
    fs::symlink_metadata(lock)
        .and_then(|metadata| metadata.modified())
        .is_ok_and(|modified| modified.elapsed().map_or(true, |age| age < STALE))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SETTLE: Duration = Duration::from_secs(2);
    const INCOMPLETE: Duration = Duration::from_secs(60);

    fn names(settled: &[Settled]) -> Vec<(&str, &str)> {
        settled.iter().map(|file| (file.path.file_name().unwrap().to_str().unwrap(), file.source.as_str())).collect()
    }

    #[test]
    fn a_file_is_taken_only_after_it_stayed_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let mut inbox = Inbox::new(folder.path().into(), SETTLE, INCOMPLETE);
        let start = Instant::now();
        fs::write(folder.path().join("a.xlsx"), "half").unwrap();
        assert!(inbox.scan(start).unwrap().is_empty());
        fs::write(folder.path().join("a.xlsx"), "half and the rest").unwrap();
        assert!(inbox.scan(start + SETTLE).unwrap().is_empty(), "it grew");
        assert_eq!(names(&inbox.scan(start + SETTLE * 2).unwrap()), [("a.xlsx", "inbox")]);
    }

    #[test]
    fn a_copy_that_pauses_half_way_is_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let mut inbox = Inbox::new(folder.path().into(), SETTLE, INCOMPLETE);
        let start = Instant::now();
        fs::write(folder.path().join("slow.xlsx"), b"PK\x03\x04 half of a workbook").unwrap();
        fs::write(folder.path().join("empty.csv"), b"").unwrap();
        inbox.scan(start).unwrap();
        assert!(inbox.scan(start + SETTLE * 5).unwrap().is_empty());
        assert_eq!(inbox.next_settling(), Some(start + INCOMPLETE));
        fs::write(folder.path().join("slow.xlsx"), b"PK\x03\x04 a workbook and its end PK\x05\x06").unwrap();
        inbox.scan(start + SETTLE * 6).unwrap();
        assert_eq!(names(&inbox.scan(start + SETTLE * 7).unwrap()), [("slow.xlsx", "inbox")]);
        assert_eq!(names(&inbox.scan(start + INCOMPLETE).unwrap()).len(), 2, "in the end it is taken and refused");
    }

    #[test]
    fn subfolders_name_the_source() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("loja-3")).unwrap();
        fs::write(folder.path().join("loja-3/VENDAS.XLSX"), "x").unwrap();
        let mut inbox = Inbox::new(folder.path().into(), SETTLE, INCOMPLETE);
        let start = Instant::now();
        inbox.scan(start).unwrap();
        assert_eq!(names(&inbox.scan(start + SETTLE).unwrap()), [("VENDAS.XLSX", "loja-3")]);
    }

    #[test]
    fn the_folder_for_rehearsals_is_no_source_but_may_hold_some() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("ensaio/loja-3")).unwrap();
        fs::write(folder.path().join("ensaio/a.csv"), "x").unwrap();
        fs::write(folder.path().join("ensaio/loja-3/b.csv"), "x").unwrap();
        fs::create_dir_all(folder.path().join("loja-4/Ensaio")).unwrap();
        fs::write(folder.path().join("loja-4/Ensaio/c.csv"), "x").unwrap();
        let mut inbox = Inbox::new(folder.path().into(), SETTLE, INCOMPLETE);
        let start = Instant::now();
        inbox.scan(start).unwrap();
        let settled = inbox.scan(start + SETTLE).unwrap();
        let mut found = names(&settled);
        found.sort_unstable();
        assert_eq!(found, [("a.csv", "inbox"), ("b.csv", "loja-3"), ("c.csv", "loja-4")]);
        assert!(settled.iter().all(|file| file.rehearse));
    }

    #[test]
    fn lock_files_and_unfinished_copies_are_left_alone() {
        for name in [
            "~$vendas.xlsx",
            ".~lock.vendas.ods#",
            "vendas.xlsx.part",
            "x.crdownload",
            "A1B2C3D4",
            "Thumbs.db",
            ".hidden",
        ] {
            assert!(is_left_alone(name), "{name}");
        }
        for name in ["vendas.xlsx", "Vendas (1).XLSX", "vendas", "março.csv"] {
            assert!(!is_left_alone(name), "{name}");
        }
    }

    #[test]
    fn a_file_open_in_an_office_program_waits() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("vendas.xlsx"), "x").unwrap();
        fs::write(folder.path().join("~$vendas.xlsx"), "x").unwrap();
        let mut inbox = Inbox::new(folder.path().into(), SETTLE, INCOMPLETE);
        let start = Instant::now();
        inbox.scan(start).unwrap();
        assert!(inbox.scan(start + SETTLE).unwrap().is_empty());
        fs::remove_file(folder.path().join("~$vendas.xlsx")).unwrap();
        assert_eq!(inbox.scan(start + SETTLE * 2).unwrap().len(), 1);
    }

    #[test]
    fn a_file_that_could_not_be_taken_is_put_off() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        fs::write(&path, "x").unwrap();
        let mut inbox = Inbox::new(folder.path().into(), SETTLE, INCOMPLETE);
        let start = Instant::now();
        inbox.scan(start).unwrap();
        inbox.put_off(&path, start + SETTLE);
        assert!(inbox.scan(start + SETTLE).unwrap().is_empty());
        assert_eq!(inbox.scan(start + SETTLE + RETRY).unwrap().len(), 1);
    }
}
