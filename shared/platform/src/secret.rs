//! The signing keys of an installation.
//!
//! The keys are made on the first run, 32 random bytes each, in `secrets/` of the data folder with mode 0600. They are
//! never printed. A key file that others can read or that is too short stops the start-up with a sentence. Processes
//! that start at once on one folder get the same keys, because they take turns and a key gets its name only once it is
//! complete.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use rand::TryRng;
use rand::rngs::SysRng;

use crate::durable::{sync_folder, sync_parent};
use caudal_contract::message::{from_hex, to_hex};

/// A key that never shows in logs or errors.
#[derive(Clone)]
pub struct SecretKey([u8; 32]);

impl SecretKey {
    /// The bytes, for signing.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl std::fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretKey(…)")
    }
}

/// The keys of an installation.
#[derive(Debug, Clone)]
pub struct Secrets {
    /// Signs API tokens.
    pub token_key: SecretKey,
    /// Signs CSRF tokens.
    pub csrf_key: SecretKey,
}

/// A key file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// Reading or writing failed.
    #[error("the key file {path} cannot be used: {source}; check the permissions of the data folder")]
    Io {
        /// The file.
        path: PathBuf,
        /// The text of the system.
        source: io::Error,
    },
    /// The content is not 64 hex digits.
    #[error(
        "the key file {0} does not hold 64 hex digits; delete it and restart to create a new key (all API tokens become invalid)"
    )]
    Malformed(PathBuf),
    /// Group or others can read the file.
    #[error("the key file {0} can be read by others; run: chmod 600 {0}")]
    Exposed(PathBuf),
    /// The system's generator failed.
    #[error("the operating system returned no random bytes: {0}")]
    Random(String),
}

impl Secrets {
    /// Loads the keys of the data folder and makes missing ones.
    ///
    /// # Errors
    /// [`SecretError`] if a key file cannot be written, read or trusted.
    pub fn load_or_create(data_dir: &Path) -> Result<Self, SecretError> {
        let folder = data_dir.join("secrets");
        let io_error = |source| SecretError::Io { path: folder.clone(), source };
        create_private_dir(&folder).map_err(io_error)?;
        let (token_key, csrf_key) = (folder.join("token.key"), folder.join("csrf.key"));
        let _turn = match token_key.exists() && csrf_key.exists() {
            true => None,
            false => Some(take_turn(&folder.join("lock"))?),
        };
        let secrets = Self { token_key: load_or_create_key(&token_key)?, csrf_key: load_or_create_key(&csrf_key)? };
        // Sync before anything is signed, because a loss of the keys in a power cut would end every token.
        sync_folder(&folder).and_then(|()| sync_parent(&folder)).map_err(io_error)?;
        Ok(secrets)
    }
}

/// Returns 32 bytes from the system's generator.
///
/// # Errors
/// [`SecretError::Random`] if the system has no random bytes.
pub fn random_bytes() -> Result<[u8; 32], SecretError> {
    let mut bytes = [0; 32];
    SysRng.try_fill_bytes(&mut bytes).map_err(|error| SecretError::Random(error.to_string()))?;
    Ok(bytes)
}

/// Makes a folder that only its owner can enter (mode 0700), with its parents.
///
/// # Errors
/// The I/O error, if a folder cannot be made.
pub fn create_private_dir(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Writes a new file that only its owner can read (mode 0600).
///
/// # Errors
/// The I/O error; `AlreadyExists` if the file exists.
pub fn write_private_file(path: &Path, content: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(content.as_bytes())?;
    file.sync_all()
}

/// Waits until no other process makes keys. The turn ends when the file is dropped, or with the process.
fn take_turn(path: &Path) -> Result<File, SecretError> {
    let io_error = |source| SecretError::Io { path: path.to_owned(), source };
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path).map_err(io_error)?;
    match file.lock() {
        // Some network file systems have no locks. Without one, only two simultaneous first starts could collide.
        Err(error) if error.kind() == io::ErrorKind::Unsupported => Ok(file),
        locked => locked.map(|()| file).map_err(io_error),
    }
}

fn load_or_create_key(path: &Path) -> Result<SecretKey, SecretError> {
    let io_error = |source| SecretError::Io { path: path.to_owned(), source };
    if !path.exists() {
        // Write the key under another name first, because a power cut must not leave half a key. A leftover of an
        // earlier attempt is no key.
        let unfinished = path.with_extension("new");
        match fs::remove_file(&unfinished) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(io_error(error)),
            _ => {}
        }
        write_private_file(&unfinished, &to_hex(&random_bytes()?)).map_err(io_error)?;
        fs::rename(&unfinished, path).map_err(io_error)?;
    }
    let mut file = File::open(path).map_err(io_error)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        if file.metadata().map_err(io_error)?.permissions().mode() & 0o077 != 0 {
            return Err(SecretError::Exposed(path.to_owned()));
        }
    }
    let mut text = String::new();
    file.read_to_string(&mut text).map_err(io_error)?;
    from_hex(text.trim()).map(SecretKey).ok_or_else(|| SecretError::Malformed(path.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_made_once_and_kept() {
        let folder = tempfile::tempdir().unwrap();
        let first = Secrets::load_or_create(folder.path()).unwrap();
        let second = Secrets::load_or_create(folder.path()).unwrap();
        assert_eq!(first.token_key.bytes(), second.token_key.bytes());
        assert_ne!(first.token_key.bytes(), first.csrf_key.bytes());
        assert_eq!(format!("{:?}", first.token_key), "SecretKey(…)");
    }

    #[test]
    fn services_that_start_at_once_get_the_same_keys() {
        const SERVICES: usize = 16;
        for _ in 0..20 {
            let folder = tempfile::tempdir().unwrap();
            let start = std::sync::Barrier::new(SERVICES);
            let keys: Vec<SecretKey> = std::thread::scope(|scope| {
                let service = || {
                    start.wait();
                    Secrets::load_or_create(folder.path()).unwrap().token_key
                };
                let services: Vec<_> = (0..SERVICES).map(|_| scope.spawn(service)).collect();
                services.into_iter().map(|service| service.join().unwrap()).collect()
            });
            assert!(keys.iter().all(|key| key.bytes() == keys[0].bytes()));
        }
    }

    #[test]
    fn half_a_key_of_a_power_cut_is_made_anew() {
        let folder = tempfile::tempdir().unwrap();
        create_private_dir(&folder.path().join("secrets")).unwrap();
        write_private_file(&folder.path().join("secrets/token.new"), "12ab").unwrap();
        Secrets::load_or_create(folder.path()).unwrap();
        assert!(!folder.path().join("secrets/token.new").exists());
    }

    #[cfg(unix)]
    #[test]
    fn a_key_that_others_can_read_stops_the_start() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        Secrets::load_or_create(folder.path()).unwrap();
        let key = folder.path().join("secrets/token.key");
        fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(Secrets::load_or_create(folder.path()), Err(SecretError::Exposed(path)) if path == key));
    }
}
