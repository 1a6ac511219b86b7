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
    #[error("a batch may use {most} names that are no property of a sale at most")]
    Names {
        /// The most.
        most: usize,
    },
    /// The limit of messages about it.
    #[error("there is more wrong with this batch than can be told at once")]
    Notices,
}
