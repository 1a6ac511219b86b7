//! `caudal health`

use std::time::Duration;

use anyhow::{Context, ensure};
use caudal_shared::config::Config;
use caudal_shared::database::Database;
use caudal_shared::message::Channel;
use caudal_shared::pulse;
use caudal_shared::queue::Queue;

use crate::cli::HealthArguments;
use crate::exit::{Code, eprint, print};

/// Container engines give a check a few seconds; an answer that comes later is none.
const PATIENCE: Duration = Duration::from_secs(4);

/// Asks whether a process is well and ends with 0 or 1, nothing else: container engines know no other codes.
pub fn run(config: &Config, arguments: &HealthArguments) -> anyhow::Result<Code> {
    let outcome =
        if arguments.worker { worker(config) } else { server(arguments.url.as_deref().unwrap_or(&config.own_url())) };
    Ok(match outcome {
        Ok(detail) => {
            print(&detail);
            Code::Ok
        }
        Err(error) => {
            eprint(&format!("not well: {error:#}"));
            Code::Failure
        }
    })
}

/// What listens answers for itself. Not `/ready`: a broker that is away is no reason to restart what waits for it.
fn server(url: &str) -> anyhow::Result<String> {
    let url = format!("{}/health", url.trim_end_matches('/'));
    let agent = ureq::Agent::config_builder().timeout_global(Some(PATIENCE)).proxy(None).build().new_agent();
    let answer = agent.get(&url).call().with_context(|| format!("{url} does not answer as it should"))?;
    Ok(format!("{url}: {}", answer.status()))
}

/// A worker has no port. What can be asked from beside it is whether it can do its work (names, passwords and the way to both servers), and
/// whether it moves: one that waits for a server does, and so does one that applies message after message, however many.
fn worker(config: &Config) -> anyhow::Result<String> {
    let database = Database::open(&config.distrib_database, 1)?;
    let queue = Queue::open(&config.queue, 1)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let waiting = runtime.block_on(queue.depth(Channel::ProcessedData))?;
    let workers = pulse::living(&config.workers())
        .with_context(|| format!("cannot see which workers live by {}", config.workers().display()))?;
    ensure!(
        !workers.is_empty(),
        "no worker runs here by {}, or it still waits to start (see its log), and {waiting} messages wait; start one: caudal worker",
        config.workers().display()
    );
    if let Some(stuck) = workers.iter().find(|worker| worker.silent > config.worker_silence) {
        anyhow::bail!(
            "the worker of process {} is stuck: no sign of life for {} seconds, more than CAUDAL_WORKER_SILENCE_SECONDS; restart it, nothing is lost",
            stuck.process,
            stuck.silent.as_secs()
        );
    }
    Ok(format!("{}, {}: {waiting} messages waiting", database.url(), config.queue))
}
