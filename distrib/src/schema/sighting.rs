//! The places of rows that brought a sale, besides the place that the sale itself names.

/// The kind of a sighting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SightingKind {
    /// The sale was stored already, and the row did not change it.
    Duplicate,
    /// The sale came from this row, and a later row has changed it.
    Superseded,
}

impl SightingKind {
    /// The name used in the database, also by the statements in `.sql` files.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Duplicate => "duplicate",
            Self::Superseded => "superseded",
        }
    }
}
