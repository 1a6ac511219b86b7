//! Planned failures: named points at which a test can make the process die at once, as kill -9 would.
//!
//! A debug build aborts at the point named by `CAUDAL_FAIL_AT`; a release build has no such points.

/// A place between two steps where a crash must do no harm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailPoint {
    /// The import and its outbox rows are committed; nothing is published, and the file is still in the inbox.
    AfterStaging,
    /// The queue has the messages; the outbox does not know it yet.
    AfterPublishBeforeMark,
    /// The delivery is committed; the queue still holds the message.
    AfterDeliverBeforeAck,
    /// The import is committed; the original is still in the inbox.
    AfterCommitBeforeMove,
    /// The original was moved; the import does not know its new place yet.
    AfterMoveBeforeMark,
    /// A layout is remembered; the files that waited for it still wait.
    AfterDeciding,
}

impl FailPoint {
    /// The name to put into `CAUDAL_FAIL_AT`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::AfterStaging => "after-staging",
            Self::AfterPublishBeforeMark => "after-publish-before-mark",
            Self::AfterDeliverBeforeAck => "after-deliver-before-ack",
            Self::AfterCommitBeforeMove => "after-commit-before-move",
            Self::AfterMoveBeforeMark => "after-move-before-mark",
            Self::AfterDeciding => "after-deciding",
        }
    }
}

/// Aborts the process if a test asked for a failure at this point.
#[inline]
pub fn point(at: FailPoint) {
    if cfg!(debug_assertions) && crate::config::planned_failure().is_some_and(|name| name == at.name()) {
        std::process::abort();
    }
}
