//! Closes the data folder to everybody but its owner, because databases and originals hold the data of every customer.

use std::fs;
use std::io;
use std::path::Path;

/// Makes a file, or a folder with all its contents, accessible to its owner only (modes 0600 and 0700). Returns how
/// many entries were open to others. A folder that nobody else can enter is left as it is, links are not followed, and
/// a missing path counts as private.
///
/// The folder is closed before its contents are read. A file in it that belongs to somebody else keeps its mode, but
/// nobody can reach it.
///
/// # Errors
/// The I/O error of the path itself, most likely because it belongs to somebody else.
pub fn take_from_others(path: &Path) -> io::Result<u64> {
    let metadata = match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        metadata => metadata?,
    };
    if metadata.is_symlink() || !is_open_to_others(&metadata) {
        return Ok(0);
    }
    set_private(path, metadata.is_dir())?;
    let mut taken = 1;
    if metadata.is_dir() {
        for entry in fs::read_dir(path)? {
            let path = entry?.path();
            match take_from_others(&path) {
                Ok(count) => taken += count,
                Err(error) => {
                    tracing::debug!(%error, path = %path.display(), "a file keeps its mode in a closed folder");
                }
            }
        }
    }
    Ok(taken)
}

#[cfg(unix)]
fn is_open_to_others(metadata: &fs::Metadata) -> bool {
    std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o077 != 0
}

#[cfg(unix)]
fn set_private(path: &Path, is_folder: bool) -> io::Result<()> {
    let mode = if is_folder { 0o700 } else { 0o600 };
    match fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(mode)) {
        // The file may have been filed away meanwhile.
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        set => set,
    }
}

#[cfg(not(unix))]
fn is_open_to_others(_metadata: &fs::Metadata) -> bool {
    false
}

#[cfg(not(unix))]
fn set_private(_path: &Path, _is_folder: bool) -> io::Result<()> {
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    #[test]
    fn a_folder_and_all_in_it_are_taken_from_others_and_links_are_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let (ours, outside) = (folder.path().join("ours"), folder.path().join("outside"));
        fs::create_dir_all(ours.join("day")).unwrap();
        fs::write(ours.join("day/a.csv"), "x").unwrap();
        fs::write(&outside, "x").unwrap();
        symlink(&outside, ours.join("link")).unwrap();
        let set = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        for (path, open) in
            [(&ours, 0o755), (&ours.join("day"), 0o777), (&ours.join("day/a.csv"), 0o644), (&outside, 0o644)]
        {
            set(path, open);
        }
        assert_eq!(take_from_others(&ours).unwrap(), 3);
        assert_eq!([&ours, &ours.join("day")].map(|path| mode(path)), [0o700, 0o700]);
        assert_eq!((mode(&ours.join("day/a.csv")), mode(&outside)), (0o600, 0o644));
        assert_eq!(take_from_others(&ours).unwrap(), 0, "once is enough");
        assert_eq!(take_from_others(&folder.path().join("none")).unwrap(), 0);
    }
}
