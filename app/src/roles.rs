//! The roles of a process: the embedded deployment has all of them in one, the scaled deployment one each.

/// The roles of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Roles {
    /// Watches the inbox, answers the API, publishes.
    pub ingest: bool,
    /// Serves the pages and reports.
    pub distrib: bool,
    /// The number of messages that it applies side by side; 0 if it is no worker.
    pub workers: u8,
}

impl Roles {
    pub const ALL: Self = Self { ingest: true, distrib: true, workers: 1 };
    pub const INGEST: Self = Self { ingest: true, distrib: false, workers: 0 };
    pub const DISTRIB: Self = Self { ingest: false, distrib: true, workers: 0 };

    /// Only this many workers.
    pub const fn workers(workers: u8) -> Self {
        Self { ingest: false, distrib: false, workers }
    }

    /// Whether it takes messages from the queue into the database.
    pub fn has_worker(self) -> bool {
        self.workers > 0
    }

    /// Whether it answers requests.
    pub fn has_server(self) -> bool {
        self.ingest || self.distrib
    }
}
