/// A limit of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BatchLimit {
    /// The limit of its body.
    #[error("a body may have {mib} MiB at most")]
    Bytes {
        /// The most, in MiB.
        mib: usize,
    },
    /// The limit of its rows.
    #[error("a batch may hold {most} sales at most")]
    Sales {
        /// The most.
        most: usize,
    },
    /// The limit of names that are not properties of a sale.
    #[error("a batch may use {most} names at most that are not properties of a sale")]
    Names {
        /// The most.
        most: usize,
    },
    /// The limit of messages about it.
    #[error("this batch has more errors than one answer can list")]
    Notices,
}
