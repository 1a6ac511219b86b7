//! For whoever watches the process.

use actix_web::{HttpResponse, web};
use caudal_shared::database::Database;
use caudal_shared::message::Channel;
use caudal_shared::queue::Queue;
use serde::Serialize;

/// What this process depends on.
pub struct Dependencies {
    pub databases: Vec<(&'static str, Database)>,
    pub queue: Option<Queue>,
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
    /// Messages that wait for the worker.
    #[serde(skip_serializing_if = "Option::is_none")]
    queue_depth: Option<u64>,
}

/// `GET /health`: the process runs.
pub async fn health() -> HttpResponse {
    HttpResponse::Ok().json(Health { status: "ok", version: env!("CARGO_PKG_VERSION") })
}

/// `GET /ready`: databases and queue can be reached; 503 names those that cannot.
pub async fn ready(dependencies: web::Data<Dependencies>) -> HttpResponse {
    let mut unreachable = Vec::new();
    for (name, database) in &dependencies.databases {
        let database = database.clone();
        let reached = web::block(move || {
            use caudal_distrib::view::reachable;
            database.get().is_ok_and(|mut connection| reachable(&mut connection))
        });
        if !reached.await.unwrap_or(false) {
            unreachable.push(*name);
        }
    }
    let mut queue_depth = None;
    if let Some(queue) = &dependencies.queue {
        match queue.depth(Channel::ProcessedData).await {
            Ok(depth) => queue_depth = Some(depth),
            Err(error) => {
                tracing::warn!(%error, "the queue cannot be reached");
                unreachable.push("queue");
            }
        }
    }
    if unreachable.is_empty() {
        HttpResponse::Ok().json(Ready { status: "ready", unreachable, queue_depth })
    } else {
        HttpResponse::ServiceUnavailable().json(Ready { status: "not ready", unreachable, queue_depth })
    }
}
