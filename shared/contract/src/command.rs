//! What the pages may ask of the ingest service, and why it may say no.
//!
//! The commands go over internal HTTP with a token of their own (see [`crate::token::Audience`]); their effect comes back
//! as messages of the queue. The command line gives the same commands without HTTP.

use serde::{Deserialize, Serialize};

use crate::language::Language;
use crate::notice::LayoutProblem;

/// Where the commands are answered.
pub const PATH: &str = "/ingest/commands";

/// A row's place: the body of a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowPlace {
    /// The sheet; empty for text files and API batches.
    #[serde(default)]
    pub sheet: String,
    /// The row as spreadsheets count it.
    pub row: u32,
}

/// The query of a trace: a row's place, and the language of whoever reads its values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceQuery {
    /// As in [`RowPlace`].
    #[serde(default)]
    pub sheet: String,
    /// As in [`RowPlace`].
    pub row: u32,
    /// The reader's.
    pub language: Language,
}

/// A command that is not carried out; nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "code", rename_all = "snake_case")]
#[error("{}", self.sentence(Language::English))]
pub enum CommandRefused {
    /// No import has this id.
    NoSuchImport,
    /// Some of its messages are not answered yet.
    StillArriving,
    /// Nothing of it was taken.
    NothingTaken,
    /// It was undone before.
    AlreadyUndone,
    /// The file it was read from is not where it was put.
    OriginalGone,
    /// It has no rejected rows.
    NothingRejected,
    /// It has no such row.
    NoSuchRow,
    /// It came through the API and has no file.
    SentByApi,
    /// It does not wait for a layout.
    NotWaiting,
    /// No layout with this fingerprint is remembered.
    NoSuchLayout,
    /// The layout does not fit the file, or itself.
    Layout {
        /// Why.
        problem: LayoutProblem,
    },
}

impl CommandRefused {
    /// The reason in a plain sentence, with what to do next where there is something.
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
            Self::AlreadyUndone => ("Esta importação já foi desfeita.", "This import was undone before."),
            Self::OriginalGone => (
                "O arquivo original não está mais na pasta de dados.",
                "The original file is no longer in the data folder.",
            ),
            Self::SentByApi => (
                "Este lote veio pela API; não há arquivo original para abrir.",
                "This batch came through the API; there is no original file to open.",
            ),
            Self::NoSuchRow => ("Não há esta linha no arquivo original.", "There is no such row in the original file."),
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
