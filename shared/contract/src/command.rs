//! The commands of the pages for the ingest service, and the reasons for refusing one.
//!
//! The commands go over internal HTTP with a token of their own (see `Audience` in `caudal_platform::token`). Their
//! effect comes back as messages of the queue. The command line gives the same commands without HTTP.

use serde::{Deserialize, Serialize};

use crate::language::Language;
use crate::notice::LayoutProblem;

/// The address of the commands.
pub const PATH: &str = "/ingest/commands";

/// The place of a row; the body of a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowPlace {
    /// The sheet; empty for text files and API batches.
    #[serde(default)]
    pub sheet: String,
    /// The row, as spreadsheets count it.
    pub row: u32,
}

/// The query of a trace: the place of a row, and the language of its reader.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceQuery {
    /// As in [`RowPlace`].
    #[serde(default)]
    pub sheet: String,
    /// As in [`RowPlace`].
    pub row: u32,
    /// The reader's language.
    pub language: Language,
}

/// The reason for which a command was not carried out. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "code", rename_all = "snake_case")]
#[error("{}", self.sentence(Language::English))]
pub enum CommandRefused {
    /// No import has this id.
    NoSuchImport,
    /// Some messages of the import are not answered yet.
    StillArriving,
    /// Nothing of the import was taken.
    NothingTaken,
    /// The import was undone before.
    AlreadyUndone,
    /// The import's original file is no longer in its place.
    OriginalGone,
    /// The import has no rejected rows.
    NothingRejected,
    /// The import has no such row.
    NoSuchRow,
    /// The import came through the API and has no file.
    SentByApi,
    /// The import does not wait for a layout.
    NotWaiting,
    /// No layout with this fingerprint is remembered.
    NoSuchLayout,
    /// The layout does not fit the file, or it contradicts itself.
    Layout {
        /// The problem.
        problem: LayoutProblem,
    },
}

impl CommandRefused {
    /// The reason in a plain sentence, with the next step if there is one.
    #[must_use]
    pub fn sentence(&self, language: Language) -> String {
        let (portuguese, english) = match self {
            Self::NoSuchImport => ("Não há importação com este identificador.", "There is no import with this id."),
            Self::StillArriving => (
                "A importação ainda está chegando; tente de novo em instantes.",
                "The import is still arriving; try again in a moment.",
            ),
            Self::NothingTaken => (
                "Nada deste arquivo foi importado, então não há o que desfazer.",
                "Nothing of this file was imported, so there is nothing to undo.",
            ),
            Self::AlreadyUndone => ("Esta importação já foi desfeita.", "This import is already undone."),
            Self::OriginalGone => (
                "O arquivo original não está mais na pasta de dados.",
                "The original file is no longer in the data folder.",
            ),
            Self::SentByApi => (
                "Este lote veio pela API; não há arquivo original para abrir.",
                "This batch came through the API; there is no original file to open.",
            ),
            Self::NoSuchRow => ("O arquivo original não tem esta linha.", "The original file has no such row."),
            Self::NothingRejected => {
                ("Esta importação não tem linhas rejeitadas.", "This import has no rejected rows.")
            }
            Self::NotWaiting => {
                ("Esta importação não espera por um layout.", "This import does not wait for a layout.")
            }
            Self::NoSuchLayout => (
                "Nenhum layout com esta identificação está guardado.",
                "No layout with this fingerprint is remembered.",
            ),
            Self::Layout { problem } => return problem.sentence(language),
        };
        language.pick(portuguese, english).to_owned()
    }
}
