//! A disk that loses all unsynced data: the record that power.c keeps, and the data folder that is found after a power cut.

use std::fs::{self, File};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// The library that is preloaded into the program.
pub struct Shim {
    folder: TempDir,
}

impl Shim {
    /// `None` if there is no C compiler; a message then says so.
    pub fn build() -> Option<Self> {
        if Command::new("cc").arg("--version").output().is_err() {
            eprintln!("skipped: there is no C compiler (cc), so power cuts are not tried");
            return None;
        }
        let shim = Self { folder: tempfile::tempdir().unwrap() };
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/faults/power.c");
        let built = Command::new("cc")
            .args(["-Wall", "-Wextra", "-Werror", "-O2", "-shared", "-fPIC", "-pthread", "-o"])
            .arg(shim.library())
            .arg(source)
            .arg("-ldl")
            .output()
            .unwrap();
        assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
        Some(shim)
    }

    fn library(&self) -> PathBuf {
        self.folder.path().join("power.so")
    }
}

/// The part of a data folder that a disk holds, by inode.
pub struct Platter {
    folder: TempDir,
    data: PathBuf,
    /// Keeps the files open, so that the numbers of their inodes are not given to others.
    _held: Vec<File>,
}

impl Platter {
    /// Counts everything in the data folder as synced long ago.
    pub fn of(data: &Path) -> Self {
        fs::create_dir_all(data).unwrap();
        let data = data.canonicalize().unwrap();
        let mut platter = Self { folder: tempfile::tempdir().unwrap(), data: data.clone(), _held: Vec::new() };
        fs::create_dir(platter.folder.path().join("dirs")).unwrap();
        fs::create_dir(platter.folder.path().join("inodes")).unwrap();
        platter.keep(&data);
        platter
    }

    fn keep(&mut self, folder: &Path) {
        let mut list = String::new();
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let is = path.symlink_metadata().unwrap();
            let (kind, mode, inode) = (if is.is_dir() { 'd' } else { 'f' }, is.mode() & 0o7777, is.ino());
            list.push_str(&format!("{kind} {mode:o} {inode} {}\n", path.file_name().unwrap().to_str().unwrap()));
            if is.is_dir() {
                self.keep(&path);
                continue;
            }
            fs::copy(&path, self.inode(inode)).unwrap();
            if !path.starts_with(self.data.join("processed")) {
                self._held.push(File::open(&path).unwrap());
            }
        }
        fs::write(self.list(folder.metadata().unwrap().ino()), list).unwrap();
    }

    /// The environment that makes the program keep the platter up to date.
    pub fn environment(&self, shim: &Shim) -> [(&'static str, String); 3] {
        let text = |path: &Path| path.to_str().unwrap().to_owned();
        [
            ("LD_PRELOAD", text(&shim.library())),
            ("POWER_DATA", text(&self.data)),
            ("POWER_PLATTER", text(self.folder.path())),
        ]
    }

    /// Builds the data folder that is found when the power is back.
    pub fn rebuild(&self, to: &Path) {
        self.rebuild_folder(self.data.metadata().unwrap().ino(), to, 0o700);
    }

    fn rebuild_folder(&self, inode: u64, to: &Path, mode: u32) {
        fs::create_dir(to).unwrap();
        // A folder that was never synced is empty.
        let list = fs::read_to_string(self.list(inode)).unwrap_or_default();
        for line in list.lines() {
            let mut words = line.splitn(4, ' ');
            let mut word = || words.next().unwrap();
            let (kind, mode) = (word(), u32::from_str_radix(word(), 8).unwrap());
            let (inode, path) = (word().parse().unwrap(), to.join(word()));
            if kind == "d" {
                self.rebuild_folder(inode, &path, mode);
                continue;
            }
            match self.inode(inode) {
                synced if synced.exists() => drop(fs::copy(synced, &path).unwrap()),
                _ => fs::write(&path, "").unwrap(),
            }
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        }
        fs::set_permissions(to, fs::Permissions::from_mode(mode)).unwrap();
    }

    fn list(&self, inode: u64) -> PathBuf {
        self.folder.path().join("dirs").join(inode.to_string())
    }

    fn inode(&self, inode: u64) -> PathBuf {
        self.folder.path().join("inodes").join(inode.to_string())
    }
}
