//! Runs the steps of publisher and worker for commands that wait for the effect.

use std::time::{Duration, Instant};

use anyhow::bail;
use caudal_contract::message::{ImportId, Outcome};
use caudal_distrib::consumer;
use caudal_ingest::publisher;
use caudal_ingest::staging::{self, StagedImport};
use caudal_platform::config::Config;
use caudal_platform::database::Database;
use caudal_platform::pulse::Pulse;
use caudal_platform::queue::Queue;
use chrono::{DateTime, Utc};

use crate::services;

/// The steps that bring an import from the outbox to the database and its receipts back to ingest.
pub struct Pipeline {
    queue: Queue,
    ingest: Database,
    worker: Database,
}

impl Pipeline {
    /// Opens the queue and the distrib database in addition to the open ingest database.
    pub fn open(config: &Config, ingest: Database) -> anyhow::Result<Self> {
        let queue = services::queue(config, 1)?;
        queue.free_leases()?;
        let worker = services::distrib_database(config)?.for_worker()?;
        Ok(Self { queue, ingest, worker })
    }

    /// Works until no attempt at a failed message is due and the receipts are counted.
    pub async fn attempts_made(&self) -> anyhow::Result<()> {
        while consumer::retry_due(&self.queue, &self.worker, &Pulse::default()).await? > 0 {}
        while publisher::receipts_step(&self.queue, &self.ingest).await? > 0 {}
        Ok(())
    }

    /// The distrib database, for looking at the stored data.
    pub fn distrib(&self) -> &Database {
        &self.worker
    }

    /// The earlier import of a file, if it was staged before `begun` and is not wholly stored because its process ended too
    /// early or still works. It is this import itself, or the import that took the same bytes.
    pub fn interrupted(&self, import_id: ImportId, begun: DateTime<Utc>) -> anyhow::Result<Option<ImportId>> {
        let mut connection = self.ingest.get()?;
        let mut before = staging::find(&mut connection, import_id)?;
        if let Some(Outcome::AlreadyImported { import_id, .. }) = before.as_ref().map(|import| &import.outcome) {
            before = staging::find(&mut connection, *import_id)?;
        }
        Ok(before.filter(|import| import.received_at < begun && !import.settled).map(|import| import.id))
    }

    /// Works until distrib has answered for every message of the import.
    pub async fn settled(&self, import_id: ImportId) -> anyhow::Result<StagedImport> {
        self.settled_unless(import_id, |_| false).await
    }

    /// Like [`Self::settled`], but ends early if `is_enough` returns true. It is called after each step with the state of the
    /// import.
    pub async fn settled_unless(
        &self,
        import_id: ImportId,
        is_enough: impl Fn(&StagedImport) -> bool,
    ) -> anyhow::Result<StagedImport> {
        const GLANCE: Duration = Duration::from_millis(20);
        const PATIENCE: Duration = Duration::from_secs(300);
        let mut last_progress = Instant::now();
        loop {
            let published = publisher::publish_step(&self.queue, &self.ingest).await?;
            let consumed = consumer::step(&self.queue, &self.worker, &Pulse::default()).await?;
            let received = publisher::receipts_step(&self.queue, &self.ingest).await?;
            let import = staging::find(&mut *self.ingest.get()?, import_id)?
                .ok_or_else(|| anyhow::anyhow!("the import {import_id} no longer exists"))?;
            if import.settled || is_enough(&import) {
                return Ok(import);
            }
            if published + consumed + received > 0 {
                last_progress = Instant::now();
            } else if last_progress.elapsed() > PATIENCE {
                bail!("the import {import_id} is safe, but no row was stored for {PATIENCE:?}; run caudal doctor");
            } else {
                // Another process holds the rest of the messages; its receipts will settle the import.
                tokio::time::sleep(GLANCE).await;
            }
        }
    }
}
