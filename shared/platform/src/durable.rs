//! Writes file names so that they survive a power cut.
//!
//! Syncing a file is not enough, because its name is stored in its folder, and the folder's name in the parent folder.
//! A name is on the disk only after its folder was synced.

use std::fs::File;
use std::io;
use std::path::Path;

/// Syncs a folder: names added to it are on the disk afterwards, and removed names are gone from the disk. Does nothing
/// on systems other than Unix, because folders cannot be synced there.
///
/// # Errors
/// The I/O error, if the folder cannot be opened or synced.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    // A relative path of one part has an empty parent, which means the current folder.
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

/// Syncs a folder and its subfolders at any depth. Links are not followed.
///
/// # Errors
/// The I/O error, if a folder cannot be read or synced.
pub fn sync_folders(folder: &Path) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            sync_folders(&entry.path())?;
        }
    }
    sync_folder(folder)
}

/// Syncs the bytes of a file, then its folder. Another program may have written the file without syncing it.
///
/// # Errors
/// The I/O error, if the file or its folder cannot be synced.
pub fn sync_file(path: &Path) -> io::Result<()> {
    // On other systems a file can be synced only through a handle that is open for writing, and we may lack that right.
    if cfg!(unix) {
        File::open(path)?.sync_all()?;
    }
    sync_parent(path)
}

/// Syncs a file and each folder from it up to `root`, because a folder in between may be new.
///
/// # Errors
/// The I/O error, if the file or one of the folders cannot be synced.
pub fn sync_file_below(root: &Path, path: &Path) -> io::Result<()> {
    sync_file(path)?;
    let above = path.ancestors().skip(2);
    above.take_while(|folder| folder.starts_with(root)).try_for_each(sync_folder)
}

/// Syncs the parent folder of `path`.
///
/// # Errors
/// The I/O error, if the folder cannot be synced.
pub fn sync_parent(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), sync_folder)
}
