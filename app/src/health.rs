//! Health checks for monitoring.

use std::time::Duration;

use actix_web::{HttpResponse, web};
use caudal_contract::language::Language;
use caudal_contract::message::Channel;
use caudal_ingest::pressure::Pressure;
use caudal_platform::database::Database;
use caudal_platform::queue::{Queue, QueueError};
use serde::Serialize;

/// The path that answers while the process runs.
pub const HEALTH: &str = "/health";
/// The path that answers whether the process can do its work.
pub const READY: &str = "/ready";
/// How long a database may take to lend a connection. Short, because a monitor waits for the answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// The dependencies of this process.
pub struct Dependencies {
    pub databases: Vec<(&'static str, Database)>,
    pub queue: Option<Queue>,
    /// Whether there is room for more. `None` if this process takes no data in.
    pub pressure: Option<Pressure>,
    pub language: Language,
}

#[derive(Serialize)]
struct Health {
    status: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct Ready {
    status: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unreachable: Vec<&'static str>,
    /// Why nothing is taken in now. Without figures, because anybody may ask; they are on the Imports page and in the log.
    #[serde(skip_serializing_if = "Option::is_none")]
    paused: Option<&'static str>,
    /// Messages that wait for the worker.
    #[serde(skip_serializing_if = "Option::is_none")]
    queue_depth: Option<u64>,
}

/// `GET /health`: the process runs.
pub async fn health() -> HttpResponse {
    HttpResponse::Ok().json(Health { status: "ok", version: env!("CARGO_PKG_VERSION") })
}

/// `GET /ready`: databases and queue can be reached and there is room for more. A 503 names the trouble.
pub async fn ready(dependencies: web::Data<Dependencies>) -> HttpResponse {
    let mut unreachable = Vec::new();
    for (name, database) in &dependencies.databases {
        let database = database.clone();
        let reached = web::block(move || {
            use caudal_distrib::view::reachable;
            // If all connections are in use, the database can be reached.
            let lent = database.get_within(PATIENCE);
            lent.map_or_else(|_| database.is_in_full_use(), |mut connection| reachable(&mut connection))
        });
        if !reached.await.unwrap_or(false) {
            unreachable.push(*name);
        }
    }
    let mut queue_depth = None;
    if let Some(queue) = &dependencies.queue {
        match queue.depth(Channel::ProcessedData).await {
            Ok(depth) => queue_depth = Some(depth),
            // Reported below as a pause, in its own words.
            Err(QueueError::Blocked) => {}
            Err(error) => {
                tracing::warn!(%error, "the queue cannot be reached");
                unreachable.push("queue");
            }
        }
    }
    let pressure = dependencies.pressure.clone();
    let pause = web::block(move || pressure.and_then(|pressure| pressure.pause())).await.ok().flatten();
    let paused = pause.map(|pause| pause.plain(dependencies.language));
    match (unreachable.is_empty(), paused.is_some()) {
        (true, false) => HttpResponse::Ok().json(Ready { status: "ready", unreachable, paused, queue_depth }),
        (true, true) => {
            HttpResponse::ServiceUnavailable().json(Ready { status: "paused", unreachable, paused, queue_depth })
        }
        (false, _) => {
            HttpResponse::ServiceUnavailable().json(Ready { status: "not ready", unreachable, paused, queue_depth })
        }
    }
}
