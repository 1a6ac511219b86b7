//! The entries of an import's ledger, one for each message that changed its counts.

use caudal_contract::message::{Act, Body};
use serde::Serialize;

/// The kind of a ledger entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    /// The rows of the import were delivered.
    Delivery,
    /// Rejected rows came back mended.
    Mended,
    /// A duplicate became a sale of its own.
    Release,
    /// The import was taken back.
    Undo,
    /// Another import was taken back, and rows of this one took the place of its rows.
    Moved,
}

impl EntryKind {
    /// Every kind.
    pub const ALL: [Self; 5] = [Self::Delivery, Self::Mended, Self::Release, Self::Undo, Self::Moved];

    /// The name used in the database.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Delivery => "delivery",
            Self::Mended => "mended",
            Self::Release => "release",
            Self::Undo => "undo",
            Self::Moved => "moved",
        }
    }

    /// The kind with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// A ledger entry, and the person who caused it, if any.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry<'a> {
    pub(super) kind: EntryKind,
    pub(super) acted_by: Option<&'a str>,
}

impl<'a> Entry<'a> {
    pub(super) fn of(body: &'a Body) -> Self {
        let (kind, act): (_, Option<&Act>) = match body {
            Body::Import(_) | Body::Sales(_) | Body::Rejections(_) => (EntryKind::Delivery, None),
            Body::Mended(mended) => (EntryKind::Mended, Some(&mended.act)),
            Body::Release(release) => (EntryKind::Release, Some(&release.act)),
            Body::Undo(act) => (EntryKind::Undo, Some(act)),
        };
        Self { kind, acted_by: act.map(|act| act.by.as_str()) }
    }
}
