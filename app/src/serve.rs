//! Starts the roles of a process and ends them in good order.

pub mod connections;
pub mod once;

use std::future::Future;
use std::num::NonZero;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::available_parallelism;
use std::time::Duration;

use actix_http::HttpService;
use actix_http::error::DispatchError;
use actix_server::{Server, ServerHandle};
use actix_service::{IntoServiceFactory, ServiceFactoryExt, fn_service, map_config};
use actix_web::dev::AppConfig;
use actix_web::rt::net::TcpStream;
use actix_web::{App, web};
use anyhow::Context;
use caudal_distrib::consumer;
use caudal_distrib::pages::Pages;
use caudal_distrib::setup::{SetupError, setup_link};
use caudal_ingest::http::sales::{Api, MOST_BYTES};
use caudal_ingest::intake::Intake;
use caudal_ingest::pressure::Pressure;
use caudal_ingest::{publisher, watch};
use caudal_platform::config::Config;
use caudal_platform::database::{Database, DatabaseError};
use caudal_platform::http::Https;
use caudal_platform::pulse::Pulse;
use caudal_platform::queue::Queue;
use caudal_platform::secret::Secrets;
use tokio::task::JoinSet;

use self::connections::{Guarded, KEEP_ALIVE, MOST_HEAD, Places};
use self::once::Once;
use crate::exit::{Code, may_pass};
use crate::health::Dependencies;
use crate::roles::Roles;
use crate::{banner, demo, folders, loops, routes, services};

/// The parts of a process, depending on its roles.
struct Parts {
    config: Arc<Config>,
    secrets: Secrets,
    queue: Queue,
    ingest: Option<Database>,
    distrib: Option<Database>,
    /// The distrib database through a separate connection for each worker.
    workers: Vec<Database>,
    /// Whether there is room for more. `None` if this process takes no data in.
    pressure: Option<Pressure>,
    /// The link that makes the first admin; `None` if there is one.
    setup_link: Option<String>,
    /// The locks that keep other processes from these roles.
    once: Vec<Once>,
}

/// How long a loop waits when there is no work.
const GLANCE: Duration = Duration::from_millis(100);
/// How often a process looks for lost messages and checks its roles.
const LOOK_BACK: Duration = Duration::from_secs(5);
/// The most threads that answer requests. Each has its share of the connections.
const MOST_THREADS: usize = 64;
/// The number of connections that may wait to be accepted.
const BACKLOG: u32 = 2048;
/// How long open requests may take to end.
const DRAIN: Duration = Duration::from_secs(20);
/// How long running steps may take to end before the process ends without them.
const LAST_STEPS: Duration = Duration::from_secs(60);

/// Runs until SIGTERM or Ctrl+C, then finishes the steps that have begun.
pub fn run(config: Arc<Config>, roles: Roles, with_demo: bool) -> anyhow::Result<Code> {
    actix_web::rt::System::new().block_on(serve(config, roles, with_demo))
}

async fn serve(config: Arc<Config>, roles: Roles, with_demo: bool) -> anyhow::Result<Code> {
    let mut signal = pin!(wait_for_signal());
    let mut parts = tokio::select! {
        parts = open_patiently(&config, roles) => parts?,
        signal = &mut signal => return signal.map(|()| Code::Ok),
    };
    let server = roles.has_server().then(|| start_server(&parts, roles)).transpose()?;
    if let (true, Some(database)) = (with_demo, &parts.ingest) {
        demo::load(&config, database)?;
    }

    let (stop, stopped) = tokio::sync::watch::channel(false);
    let stop_watch = Arc::new(AtomicBool::new(false));
    let mut tasks = JoinSet::new();
    if let (Some(database), Some(pressure)) = (&parts.ingest, parts.pressure.clone()) {
        start_publishing(&mut tasks, &parts.queue, database, &stopped);
        let (config, intake) =
            (Arc::clone(&config), Intake::new(Arc::clone(&config), database.clone(), &parts.secrets));
        let stop_watch = Arc::clone(&stop_watch);
        tasks.spawn_blocking(move || watch::watch(&config, &intake, &pressure, &stop_watch));
    }
    for (number, database) in parts.workers.iter().enumerate() {
        let pulse = Pulse::start(&config.workers(), number).unwrap_or_else(|error| {
            tracing::warn!(%error, folder = %config.workers().display(), "a worker cannot write its signs of life; caudal health --worker will not see it");
            Pulse::default()
        });
        start_consuming(&mut tasks, &parts.queue, database.clone(), pulse, &stopped);
    }
    start_checking(&mut tasks, &config, std::mem::take(&mut parts.once), [&parts.ingest, &parts.distrib], &stopped);
    banner::print(&config, roles, parts.setup_link.as_deref());

    let code = until_stopped(&mut tasks, signal).await?;
    tracing::info!("stopping: no new files are taken, running steps are finished");
    stop_watch.store(true, Ordering::Relaxed);
    // Fails only if all loops have ended already.
    let _ = stop.send(true);
    if let Some(server) = server {
        server.stop(true).await;
    }
    let ending = async {
        while let Some(ended) = tasks.join_next().await {
            ended.unwrap_or_else(|error| tracing::error!(%error, "a part of the service ended in a panic"));
        }
    };
    if tokio::time::timeout(LAST_STEPS, ending).await.is_err() {
        tracing::error!("running steps did not end in time; they are repeated after the next start");
        // Returning would wait for the thread that hangs.
        end_now(1);
    }
    tracing::info!("stopped");
    Ok(code)
}

/// Waits for the signal to stop, or for a part that ends by itself. In that case the process ends with a failure, so that its
/// supervisor starts it again as a whole.
async fn until_stopped(
    tasks: &mut JoinSet<()>,
    signal: impl Future<Output = anyhow::Result<()>>,
) -> anyhow::Result<Code> {
    tokio::select! {
        signal = signal => signal.map(|()| Code::Ok),
        Some(ended) = tasks.join_next() => {
            let error = ended.err().map_or_else(|| "it ended".to_owned(), |error| error.to_string());
            tracing::error!(error, "a part of the service has ended unexpectedly; the whole process ends, so that it can be started again");
            Ok(Code::Failure)
        }
    }
}

/// Opens everything that the roles need. Waits for a database that is away, so that servers and services may start in any
/// order, and for room on a full disk.
async fn open_patiently(config: &Arc<Config>, roles: Roles) -> anyhow::Result<Parts> {
    let (mut pause, mut attempts) = (None, 0_u32);
    loop {
        let config = Arc::clone(config);
        match tokio::task::spawn_blocking(move || open(config, roles)).await? {
            Err(error) if may_pass(&error) => {
                if attempts % 10 == 0 {
                    tracing::error!(error = format!("{error:#}"), "the service cannot start yet; trying again");
                }
                attempts = attempts.wrapping_add(1);
                tokio::time::sleep(*pause.insert(loops::longer(pause))).await;
            }
            opened => return opened,
        }
    }
}

fn open(config: Arc<Config>, roles: Roles) -> anyhow::Result<Parts> {
    folders::make_data_folder(&config)?;
    let once = [("ingest", roles.ingest), ("distrib", roles.distrib)].into_iter().filter(|(_, has_role)| *has_role);
    let mut once: Vec<Once> = once.map(|(role, _)| Once::in_folder(&config, role)).collect::<anyhow::Result<_>>()?;
    let queue = services::queue(&config, roles.workers)?;
    let secrets = Secrets::load_or_create(&config.data_dir)?;
    let ingest = roles.ingest.then(|| services::ingest_database(&config)).transpose()?;
    let distrib = (roles.distrib || roles.has_worker()).then(|| services::distrib_database(&config)).transpose()?;
    for (role, database) in [("ingest", &ingest), ("distrib", &distrib)] {
        for once in once.iter_mut().filter(|once| once.is_of(role)) {
            database.as_ref().map_or(Ok(()), |database| once.hold_database(&config, database))?;
        }
    }
    queue.free_leases()?;
    let workers =
        (0..roles.workers).filter_map(|_| distrib.as_ref().map(Database::for_worker)).collect::<Result<_, _>>()?;
    let setup_link = match distrib.as_ref().filter(|_| roles.distrib) {
        Some(database) => setup_link(&config, &mut *database.get()?).map_err(|error| match error {
            SetupError::Query(error) => DatabaseError::from(error).into(),
            error => anyhow::Error::from(error),
        })?,
        None => None,
    };
    let pressure = ingest.clone().map(|database| Pressure::new(&config, database, queue.clone()));
    Ok(Parts { config, secrets, queue, ingest, distrib, workers, pressure, setup_link, once })
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

fn start_consuming(tasks: &mut JoinSet<()>, queue: &Queue, database: Database, pulse: Pulse, stopped: &loops::Stop) {
    let queue = queue.clone();
    tasks.spawn(loops::run("consume", GLANCE, stopped.clone(), move || {
        let (queue, database, pulse) = (queue.clone(), database.clone(), pulse.clone());
        async move { consumer::step(&queue, &database, &pulse).await }
    }));
}

/// Checks regularly that this process still holds its roles. If another process has one, the task ends, and the process with
/// it.
fn start_checking(
    tasks: &mut JoinSet<()>,
    config: &Arc<Config>,
    once: Vec<Once>,
    [ingest, distrib]: [&Option<Database>; 2],
    stopped: &loops::Stop,
) {
    for mut once in once {
        let database = if once.is_of("ingest") { ingest.clone() } else { distrib.clone() };
        let (config, mut stopped) = (Arc::clone(config), stopped.clone());
        let Some(database) = database else { continue };
        tasks.spawn(async move {
            while tokio::time::timeout(LOOK_BACK, stopped.wait_for(|stop| *stop)).await.is_err() {
                let (config, database) = (Arc::clone(&config), database.clone());
                let checked = tokio::task::spawn_blocking(move || (once.check(&config, &database), once)).await;
                match checked {
                    Ok((Ok(()), held)) => once = held,
                    Ok((Err(error), _)) => return tracing::error!(%error, "another process has taken the role"),
                    Err(error) => return tracing::error!(%error, "the role could not be checked"),
                }
            }
        });
    }
}

fn start_server(parts: &Parts, roles: Roles) -> anyhow::Result<ServerHandle> {
    let config = &parts.config;
    let pressure = parts.pressure.clone();
    let api = parts.ingest.clone().zip(pressure.clone()).map(|(database, pressure)| {
        web::Data::new(Api::new(Arc::clone(config), database, parts.secrets.clone(), pressure))
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
    let app = move || {
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
    };
    let places = Places::new(config.max_connections_per_address);
    let threads = available_parallelism().map_or(1, NonZero::get).min(MOST_THREADS);
    let mut server = Server::build()
        .disable_signals()
        .shutdown_timeout(DRAIN.as_secs())
        .backlog(BACKLOG)
        .workers(threads)
        .max_concurrent_connections(places.most_open().div_ceil(threads));
    let shutdown = server.graceful_shutdown_signal();
    server = server
        .bind("http", config.listen, move || {
            let (places, shutdown) = (places.clone(), shutdown.clone());
            let http = HttpService::build()
                .keep_alive(KEEP_ALIVE)
                .client_request_timeout(MOST_HEAD)
                // A client that is answered before its body was read goes on sending; it must get time to read the answer.
                .client_disconnect_timeout(Duration::from_secs(10))
                .graceful_shutdown_signal(move || {
                    let shutdown = shutdown.clone();
                    async move { shutdown.notified().await }
                })
                .on_connect_ext(|connection: &Guarded, data| drop(data.insert(connection.place())))
                .h1(map_config(app().into_factory().map_err(|error: actix_web::Error| error.error_response()), |()| {
                    AppConfig::default()
                }));
            // A connection is let in when its turn comes and is read at once, so that in a crowd none loses its place before it
            // was read.
            let admit = move |io: TcpStream| {
                let places = places.clone();
                async move { places.admit(io).map_err(DispatchError::Io) }
            };
            fn_service(admit).and_then(http)
        })
        .with_context(|| {
            let address = config.listen;
            config.language.pick(
                format!("não é possível usar {address}: talvez outro programa já use esta porta. Escolha outra com --listen ENDEREÇO:PORTA"),
                format!("cannot listen on {address}: another program may use this port. Choose another port with --listen ADDRESS:PORT"),
            )
        })?;
    let server = server.run();
    let handle = server.handle();
    actix_web::rt::spawn(server);
    Ok(handle)
}

/// Ends the process, even if work is still going on.
fn end_now(code: i32) -> ! {
    // `exit` drops the locals of the calling thread. This thread may hold a runtime with tasks that would then use dropped
    // values and panic. A new thread holds nothing.
    if let Ok(thread) = std::thread::Builder::new().spawn(move || {
        std::process::exit(code);
    }) {
        let _ = thread.join();
    }
    std::process::exit(code)
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
        // A second signal ends the process at once.
        actix_web::rt::spawn(async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
            tracing::warn!(
                "a second signal stopped the process at once; unfinished steps are repeated after the next start"
            );
            end_now(130);
        });
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_part_that_ends_by_itself_ends_the_service_with_a_failure() {
        let mut tasks = JoinSet::new();
        tasks.spawn(std::future::pending());
        tasks.spawn_blocking(|| panic!("a defect"));
        assert_eq!(until_stopped(&mut tasks, std::future::pending()).await.unwrap(), Code::Failure);
        assert_eq!(tasks.len(), 1, "the other is still there, to be told");
    }

    #[tokio::test]
    async fn a_service_without_loops_waits_for_its_signal() {
        assert_eq!(until_stopped(&mut JoinSet::new(), async { Ok(()) }).await.unwrap(), Code::Ok);
    }
}
