//! The original files: read without following links, and filed without overwriting anything.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use caudal_contract::message::to_hex;
use caudal_contract::outside::is_hidden;
use caudal_platform::durable::{sync_file, sync_parent};
use caudal_platform::private::take_from_others;
use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

/// The bytes of a file and their hash.
#[derive(Debug)]
pub struct Original {
    /// The file's name, without folders.
    pub name: String,
    /// The content.
    pub bytes: Vec<u8>,
    /// SHA-256 in hex.
    pub sha256: String,
}

/// The reason for which a file could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The path is a link, folder, pipe or device.
    #[error("{0} is not a regular file")]
    NotAFile(PathBuf),
    /// The file has more bytes than the limit.
    #[error("the file has {size} bytes, which is more than the limit")]
    TooLarge {
        /// Its size.
        size: u64,
    },
    /// The system reported an error.
    #[error("{path}: {reason}")]
    Io {
        /// The file.
        path: PathBuf,
        /// The error of the system.
        reason: io::Error,
    },
}

impl Original {
    /// A file that is too large to be read, with its hash but without its bytes.
    #[must_use]
    pub fn named(path: &Path, sha256: String) -> Self {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Self { name, bytes: Vec::new(), sha256 }
    }

    /// Wraps bytes that came from elsewhere.
    #[must_use]
    pub fn new(name: String, bytes: Vec<u8>) -> Self {
        let sha256 = sha256_of(&bytes);
        Self { name, bytes, sha256 }
    }
}

/// The SHA-256 of bytes, in hex.
pub(crate) fn sha256_of(bytes: &[u8]) -> String {
    to_hex(&Sha256::digest(bytes))
}

/// Reads a file of at most `limit` bytes. A link at the end of the path is not followed and a pipe does not block.
///
/// # Errors
/// [`ReadError`].
pub fn read(path: &Path, limit: u64) -> Result<Original, ReadError> {
    let failed = |reason| ReadError::Io { path: path.to_owned(), reason };
    let metadata = fs::symlink_metadata(path).map_err(failed)?;
    if !metadata.is_file() {
        return Err(ReadError::NotAFile(path.to_owned()));
    }
    if metadata.len() > limit {
        return Err(ReadError::TooLarge { size: metadata.len() });
    }
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or(0));
    let file = File::open(path).map_err(failed)?;
    file.take(limit + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > limit {
        return Err(ReadError::TooLarge { size: bytes.len() as u64 });
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Ok(Original::new(name, bytes))
}

/// The SHA-256 of a file of any size. The record of a file that is too large to read needs it.
///
/// # Errors
/// The I/O error, if the file cannot be read.
pub fn hash_of(path: &Path) -> io::Result<String> {
    let mut hash = Sha256::new();
    let mut file = File::open(path)?;
    let mut chunk = vec![0; 1 << 20];
    loop {
        match file.read(&mut chunk)? {
            0 => return Ok(to_hex(&hash.finalize())),
            read => hash.update(chunk.get(..read).unwrap_or_default()),
        }
    }
}

/// The place of an original within its folder: `2026-11-22/153012-ab12cd34-vendas.xlsx`. The time and the hash make it
/// unique; [`file_away`] still refuses to overwrite.
#[must_use]
pub fn place(folder: &str, name: &str, sha256: &str, received_at: DateTime<Utc>) -> String {
    let hash = sha256.get(..8).unwrap_or(sha256);
    format!("{folder}/{}/{}-{hash}-{}", received_at.format("%Y-%m-%d"), received_at.format("%H%M%S%3f"), harmless(name))
}

/// Makes a file name harmless, so that it cannot leave its folder or confuse a terminal.
fn harmless(name: &str) -> String {
    let kept: String =
        name.chars().map(|c| if is_hidden(c) || matches!(c, '/' | '\\' | ':') { '_' } else { c }).collect();
    // Keep the end of a long name, because it holds the extension. The limit leaves room for the prefix within 255
    // bytes.
    let mut start = kept.len().saturating_sub(200);
    while !kept.is_char_boundary(start) {
        start += 1;
    }
    kept.get(start..).unwrap_or_default().to_owned()
}

/// Moves a file to its place, durably and without overwriting anything. After a power cut the complete file is in its
/// old place, in its new place, or in both.
///
/// # Errors
/// The I/O error; the file is then still in its old place, or in both.
pub fn file_away(from: &Path, to: &Path) -> io::Result<()> {
    prepare(to)?;
    if to.exists() {
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, format!("{} exists already", to.display())));
    }
    // Its writer may not have synced it, and takes its disappearance from the inbox as a promise that it is stored.
    sync_file(from)?;
    match fs::rename(from, to) {
        Ok(()) => {}
        // The place is on another file system: copy, sync, then remove.
        Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {
            write_copy(to, &fs::read(from)?)?;
            fs::remove_file(from)?;
        }
        Err(error) => return Err(error),
    }
    if let Err(error) = take_from_others(to) {
        // The file belongs to another user, but it is in a folder that only we can enter.
        tracing::debug!(%error, path = %to.display(), "an original keeps its access rights");
    }
    sync_parent(to)?;
    sync_parent(from)
}

/// Makes sure that a file which is already in its place survives a power cut, because the process that moved it may
/// have ended before syncing.
///
/// # Errors
/// The I/O error, if the file or a folder cannot be synced.
pub fn make_sure(place: &Path) -> io::Result<()> {
    sync_file(place)?;
    place.parent().map_or(Ok(()), sync_parent)
}

/// Writes bytes to a place, durably. They are written under another name first, so that a half-written file is never
/// visible there.
///
/// # Errors
/// The I/O error, if the file cannot be written.
pub fn write_copy(to: &Path, bytes: &[u8]) -> io::Result<()> {
    prepare(to)?;
    let unfinished = to.with_extension("part");
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).open(&unfinished)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&unfinished, to)?;
    sync_parent(to)
}

/// Makes the folder of the day.
fn prepare(to: &Path) -> io::Result<()> {
    let Some(folder) = to.parent() else { return Ok(()) };
    fs::create_dir_all(folder)?;
    // Sync even if the folder existed before, because the process that made it may have ended before syncing.
    sync_parent(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("a.csv"), folder.path().join("processed/2026-11-22/a.csv"));
        fs::write(&from, "first").unwrap();
        file_away(&from, &to).unwrap();
        fs::write(&from, "second").unwrap();
        assert_eq!(file_away(&from, &to).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read_to_string(&to).unwrap(), "first");
        assert_eq!(fs::read_to_string(&from).unwrap(), "second");
    }

    #[test]
    fn names_cannot_leave_their_folder() {
        let at = DateTime::from_timestamp(1_795_000_000, 0).unwrap();
        let place = place("processed", "../../etc/passwd\n", "abcdef0123", at);
        assert!(place.ends_with("-abcdef01-.._.._etc_passwd_"), "{place}");
        assert!(super::place("processed", &"ç".repeat(300), "abcdef0123", at).len() < 250);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("secret"), "x").unwrap();
        let link = folder.path().join("link.csv");
        std::os::unix::fs::symlink(folder.path().join("secret"), &link).unwrap();
        assert!(matches!(read(&link, 100), Err(ReadError::NotAFile(_))));
    }
}
