//! The kinds of messages, for code that shows or counts messages without their bodies.

use serde::Serialize;

use super::Body;

/// What a message is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageKind {
    /// The totals of an import.
    Import,
    /// Cleaned rows.
    Sales,
    /// Rows that were not taken.
    Rejections,
    /// Rejected rows that a person mended.
    Mended,
    /// An import is taken back.
    Undo,
    /// A duplicate becomes a sale of its own.
    Release,
}

impl MessageKind {
    /// Its name, as in the JSON of the message.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Import => "import",
            Self::Sales => "sales",
            Self::Rejections => "rejections",
            Self::Mended => "mended",
            Self::Undo => "undo",
            Self::Release => "release",
        }
    }
}

impl Body {
    /// What the message is about.
    #[must_use]
    pub const fn kind(&self) -> MessageKind {
        match self {
            Self::Import(_) => MessageKind::Import,
            Self::Sales(_) => MessageKind::Sales,
            Self::Rejections(_) => MessageKind::Rejections,
            Self::Mended(_) => MessageKind::Mended,
            Self::Undo(_) => MessageKind::Undo,
            Self::Release(_) => MessageKind::Release,
        }
    }
}
