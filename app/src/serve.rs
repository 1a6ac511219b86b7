//! Starts the roles of a process and ends them in good order.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::{App, HttpServer, web};
use anyhow::Context;
use caudal_distrib::consumer;
use caudal_distrib::pages::Pages;
use caudal_ingest::api::{Api, MOST_BYTES};
use caudal_ingest::intake::Intake;
use caudal_ingest::pressure::Pressure;
use caudal_ingest::{publisher, watch};
use caudal_shared::config::Config;
use caudal_shared::database::Database;
use caudal_shared::http::Https;
use caudal_shared::queue::Queue;
use caudal_shared::secret::Secrets;
use tokio::task::JoinSet;

use crate::exit::Code;
use crate::health::Dependencies;
use crate::{banner, demo, loops, routes, services};

/// What a process does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Roles {
    /// Watches the inbox, answers the API, publishes.
    pub ingest: bool,
    /// Serves the pages and reports.
    pub distrib: bool,
    /// How many messages it takes from the queue into the database side by side; none where it is no worker.
    pub workers: u8,
}

impl Roles {
    pub const ALL: Self = Self { ingest: true, distrib: true, workers: 1 };
    pub const INGEST: Self = Self { ingest: true, distrib: false, workers: 0 };
    pub const DISTRIB: Self = Self { ingest: false, distrib: true, workers: 0 };
    pub const WORKER: Self = Self { ingest: false, distrib: false, workers: 1 };

    /// Whether it takes messages from the queue into the database.
    pub fn has_worker(self) -> bool {
        self.workers > 0
    }

    /// Whether it answers requests.
    pub fn has_server(self) -> bool {
        self.ingest || self.distrib
    }
}

/// The parts that a process has, by its roles.
struct Parts {
    config: Arc<Config>,
    secrets: Secrets,
    queue: Queue,
    ingest: Option<Database>,
    distrib: Option<Database>,
}

/// How long a loop without work waits before it looks again.
const GLANCE: Duration = Duration::from_millis(100);
/// How often lost messages are looked for.
const LOOK_BACK: Duration = Duration::from_secs(5);
/// How long open requests may take to end.
const DRAIN: Duration = Duration::from_secs(20);

/// Runs until SIGTERM or Ctrl+C, then finishes what has begun.
pub fn run(config: Arc<Config>, roles: Roles, with_demo: bool) -> anyhow::Result<Code> {
    let queue = services::queue(&config, roles.workers)?;
    queue.free_leases()?;
    let secrets = Secrets::load_or_create(&config.data_dir)?;
    let ingest = roles.ingest.then(|| services::ingest_database(&config)).transpose()?;
    let distrib = (roles.distrib || roles.has_worker())
        .then(|| services::distrib_database_for(&config, roles.workers))
        .transpose()?;
    let parts = Parts { config, secrets, queue, ingest, distrib };
    actix_web::rt::System::new().block_on(serve(parts, roles, with_demo))
}

async fn serve(parts: Parts, roles: Roles, with_demo: bool) -> anyhow::Result<Code> {
    let config = Arc::clone(&parts.config);
    let server = roles.has_server().then(|| start_server(&parts, roles)).transpose()?;
    let setup_link = match parts.distrib.as_ref().filter(|_| roles.distrib) {
        Some(database) => caudal_distrib::setup::setup_link(&config, &mut *database.get()?)?,
        None => None,
    };
    if let (true, Some(database)) = (with_demo, &parts.ingest) {
        demo::load(&config, database)?;
    }

    let (stop, stopped) = tokio::sync::watch::channel(false);
    let stop_watch = Arc::new(AtomicBool::new(false));
    let mut tasks = JoinSet::new();
    if let Some(database) = &parts.ingest {
        start_publishing(&mut tasks, &parts.queue, database, &stopped);
        let (config, intake) =
            (Arc::clone(&config), Intake::new(Arc::clone(&config), database.clone(), &parts.secrets));
        let pressure = Pressure::new(&config, database.clone(), parts.queue.clone());
        let stop_watch = Arc::clone(&stop_watch);
        tasks.spawn_blocking(move || watch::watch(&config, &intake, &pressure, &stop_watch));
    }
    if let Some(database) = &parts.distrib {
        for _ in 0..roles.workers {
            start_consuming(&mut tasks, &parts.queue, database, &stopped);
        }
    }
    banner::print(&config, roles, setup_link.as_deref());

    wait_for_signal().await?;
    tracing::info!("stopping: no new files, finishing what has begun");
    stop_watch.store(true, Ordering::Relaxed);
    // Only a loop that ended early does not listen
    let _ = stop.send(true);
    if let Some(server) = server {
        server.stop(true).await;
    }
    while let Some(ended) = tasks.join_next().await {
        if let Err(error) = ended {
            tracing::error!(%error, "a part of the service ended in a panic");
        }
    }
    tracing::info!("stopped");
    Ok(Code::Ok)
}

fn start_publishing(tasks: &mut JoinSet<()>, queue: &Queue, database: &Database, stopped: &loops::Stop) {
    let (queue_, database_) = (queue.clone(), database.clone());
    tasks.spawn(loops::run("publish", GLANCE, stopped.clone(), move || {
        let (queue, database) = (queue_.clone(), database_.clone());
        async move { publisher::publish_step(&queue, &database).await }
    }));
    let (queue_, database_) = (queue.clone(), database.clone());
    tasks.spawn(loops::run("receipts", GLANCE, stopped.clone(), move || {
        let (queue, database) = (queue_.clone(), database_.clone());
        async move { publisher::receipts_step(&queue, &database).await }
    }));
    let (queue_, database_) = (queue.clone(), database.clone());
    tasks.spawn(loops::run("publish again", LOOK_BACK, stopped.clone(), move || {
        let (queue, database) = (queue_.clone(), database_.clone());
        async move { publisher::republish_step(&queue, &database).await }
    }));
}

fn start_consuming(tasks: &mut JoinSet<()>, queue: &Queue, database: &Database, stopped: &loops::Stop) {
    let (queue, database) = (queue.clone(), database.clone());
    tasks.spawn(loops::run("consume", GLANCE, stopped.clone(), move || {
        let (queue, database) = (queue.clone(), database.clone());
        async move { consumer::step(&queue, &database).await }
    }));
}

fn start_server(parts: &Parts, roles: Roles) -> anyhow::Result<ServerHandle> {
    let config = &parts.config;
    let pressure = parts.ingest.clone().map(|database| Pressure::new(config, database, parts.queue.clone()));
    let api = parts.ingest.clone().zip(pressure.clone()).map(|(database, pressure)| {
        web::Data::new(Api { config: Arc::clone(config), database, secrets: parts.secrets.clone(), pressure })
    });
    let pages = parts
        .distrib
        .clone()
        .filter(|_| roles.distrib)
        .map(|database| web::Data::new(Pages::new(Arc::clone(config), database, parts.secrets.clone())));
    let dependencies = web::Data::new(Dependencies {
        databases: [("ingest database", &parts.ingest), ("distrib database", &parts.distrib)]
            .into_iter()
            .filter_map(|(name, database)| Some((name, database.clone()?)))
            .collect(),
        queue: Some(parts.queue.clone()),
        pressure,
        language: config.language,
    });
    let https = web::Data::new(Https(config.is_https()));
    let server = HttpServer::new(move || {
        let mut app = App::new()
            .app_data(web::PayloadConfig::new(MOST_BYTES))
            .app_data(https.clone())
            .app_data(dependencies.clone());
        if let Some(api) = &api {
            app = app.app_data(api.clone());
        }
        if let Some(pages) = &pages {
            app = app.app_data(pages.clone());
        }
        app.configure(|config| routes::configure(config, roles))
    })
    .disable_signals()
    .shutdown_timeout(DRAIN.as_secs())
    .client_request_timeout(Duration::from_secs(5))
    .keep_alive(Duration::from_secs(15))
    .max_connections(512)
    .bind(config.listen)
    .with_context(|| {
        let address = config.listen;
        format!("cannot listen on {address}: is another program there? Choose another port with --listen ADDRESS:PORT")
    })?
    .run();
    let handle = server.handle();
    actix_web::rt::spawn(server);
    Ok(handle)
}

async fn wait_for_signal() -> anyhow::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate())?;
        tokio::select! {
            _ = terminate.recv() => {}
            pressed = tokio::signal::ctrl_c() => pressed?,
        }
        // A second signal ends the process at once
        actix_web::rt::spawn(async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
            std::process::exit(130);
        });
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await?;
    Ok(())
}
