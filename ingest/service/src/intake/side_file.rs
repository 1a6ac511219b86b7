//! Side files: Caudal writes them beside an original and names them in the configured language.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use caudal_contract::language::Language;

use super::IntakeError;
use crate::originals;

/// A kind of side file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SideFile {
    /// The reason for which it was not taken.
    Reason,
    /// Its rejected rows, to be mended.
    Repair,
    /// The effects that storing it would have.
    Effects,
}

impl SideFile {
    /// Writes the file. An earlier one is replaced, even if it was written in another language.
    pub(super) fn write(self, original: &Path, language: Language, bytes: &[u8]) -> Result<(), IntakeError> {
        let path = self.path(original, language);
        originals::write_copy(&path, bytes).map_err(|reason| IntakeError::Move { path: path.clone(), reason })?;
        self.remove_but(original, Some(&path));
        Ok(())
    }

    /// Removes the file, in any language.
    pub(super) fn remove(self, original: &Path) {
        self.remove_but(original, None);
    }

    fn remove_but(self, original: &Path, kept: Option<&Path>) {
        // The configured language may have changed since the file was written.
        for path in Language::ALL.map(|language| self.path(original, language)) {
            // The file is outdated. If it cannot be removed, that is a nuisance but not a loss.
            if kept != Some(&path)
                && let Err(error) = fs::remove_file(&path)
                && error.kind() != io::ErrorKind::NotFound
            {
                tracing::warn!(%error, path = %path.display(), "an outdated file beside an original could not be removed");
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
