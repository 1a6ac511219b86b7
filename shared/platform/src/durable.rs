//! Names that outlive a power cut.
//!
//! A synced file can still be gone after one: its name is in its folder, and the folder's name in the one above, and each is on
//! the disk only when that folder was synced.

use std::fs::File;
use std::io;
use std::path::Path;

/// Syncs a folder: the names in it are on the disk then, and those that left it are gone from there. Does nothing where
/// folders cannot be synced, which is anywhere but on Unix.
///
/// # Errors
/// What the system says.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    // A relative path of one part stands in the current folder
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

/// Syncs a folder and those in it, at any depth. Links are not followed.
///
/// # Errors
/// What the system says.
pub fn sync_folders(folder: &Path) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            sync_folders(&entry.path())?;
        }
    }
    sync_folder(folder)
}

/// Syncs a file's bytes, then its folder. The file may be one that another program wrote and did not sync.
///
/// # Errors
/// What the system says.
pub fn sync_file(path: &Path) -> io::Result<()> {
    // Elsewhere only who may write a file may sync it
    if cfg!(unix) {
        File::open(path)?.sync_all()?;
    }
    sync_parent(path)
}

/// Syncs a file, and each folder from it up to `root`: one in between may have been made a moment ago.
///
/// # Errors
/// What the system says.
pub fn sync_file_below(root: &Path, path: &Path) -> io::Result<()> {
    sync_file(path)?;
    let above = path.ancestors().skip(2);
    above.take_while(|folder| folder.starts_with(root)).try_for_each(sync_folder)
}

/// Syncs the folder that something is in.
///
/// # Errors
/// What the system says.
pub fn sync_parent(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), sync_folder)
}
