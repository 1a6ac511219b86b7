//! The errors of applying a message.

use std::panic::{AssertUnwindSafe, catch_unwind};

use caudal_contract::message::VERSION;

/// Why a message could not be applied.
#[derive(Debug, thiserror::Error)]
pub enum DeliverError {
    /// The payload is not a message of a version that this program reads.
    #[error("the message cannot be read: {0}")]
    Unreadable(String),
    /// The message has a version that this program does not read.
    #[error("the message cannot be read: version {0} is unknown; this program reads version {known}", known = VERSION)]
    UnknownVersion(u16),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] diesel::result::Error),
    /// None of the rows can be stored.
    #[error("none of its rows can be stored: {0}")]
    EveryRow(String),
    /// The program panicked, which is a bug.
    #[error("the program failed on it: {0}")]
    Panicked(String),
}

/// Runs work so that a panic becomes a failure of the message and does not end the worker.
///
/// # Errors
/// The error of `work`, or [`DeliverError::Panicked`]. After a panic a transaction may still be open.
pub(crate) fn guarded<T>(work: impl FnOnce() -> Result<T, DeliverError>) -> Result<T, DeliverError> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no reason given");
        Err(DeliverError::Panicked(text.to_owned()))
    })
}
