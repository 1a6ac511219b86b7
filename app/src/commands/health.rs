//! `caudal health`

use std::time::Duration;

use anyhow::Context;
use caudal_shared::config::Config;
use caudal_shared::database::Database;
use caudal_shared::message::Channel;
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

/// A worker has no port, and the end of its process is seen by whoever started it. What is left to ask from beside it
/// is whether it can do its work: names, passwords and the way to both servers.
fn worker(config: &Config) -> anyhow::Result<String> {
    let database = Database::open(&config.distrib_database, 1)?;
    let queue = Queue::open(&config.queue, 1)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let waiting = runtime.block_on(queue.depth(Channel::ProcessedData))?;
    Ok(format!("{}, {}: {waiting} messages waiting", database.url(), config.queue))
}
