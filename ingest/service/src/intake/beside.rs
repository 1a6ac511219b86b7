//! What stands beside an original, named in the language that is configured: bytes in, one file out.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use caudal_contract::language::Language;

use super::IntakeError;
use crate::originals;

/// A file beside an original.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Beside {
    /// Why it was not taken.
    Reason,
    /// Its rejected rows, to be mended.
    Repair,
    /// What storing it would do.
    Effects,
}

impl Beside {
    /// Writes it, in the place of one that was written before, in whatever language that was.
    pub(super) fn write(self, original: &Path, language: Language, bytes: &[u8]) -> Result<(), IntakeError> {
        let path = self.path(original, language);
        originals::write_copy(&path, bytes).map_err(|reason| IntakeError::Move { path: path.clone(), reason })?;
        self.remove_but(original, Some(&path));
        Ok(())
    }

    /// Removes it, in whatever language it was written.
    pub(super) fn remove(self, original: &Path) {
        self.remove_but(original, None);
    }

    fn remove_but(self, original: &Path, kept: Option<&Path>) {
        // The language that is configured may have changed since
        for path in Language::ALL.map(|language| self.path(original, language)) {
            // It says what is no longer so; one that stays is a nuisance, no loss
            if kept != Some(&path)
                && let Err(error) = fs::remove_file(&path)
                && error.kind() != io::ErrorKind::NotFound
            {
                tracing::warn!(%error, path = %path.display(), "a file that is no longer right could not be removed");
            }
        }
    }

    fn path(self, original: &Path, language: Language) -> PathBuf {
        let end = match self {
            Self::Reason => language.pick("motivo.txt", "reason.txt"),
            Self::Repair => language.pick("correcao.xlsx", "repair.xlsx"),
            Self::Effects => language.pick("efeitos.xlsx", "effects.xlsx"),
        };
        let mut path = original.as_os_str().to_owned();
        path.push(".");
        path.push(end);
        path.into()
    }
}
