//! `caudal health`

use std::time::Duration;

use anyhow::{Context, ensure};
use caudal_contract::message::Channel;
use caudal_platform::config::Config;
use caudal_platform::database::Database;
use caudal_platform::pulse;
use caudal_platform::queue::Queue;

use crate::cli::HealthArguments;
use crate::exit::{Code, eprint, print};

/// Container engines wait a few seconds for a check. A later answer counts as a failure.
const PATIENCE: Duration = Duration::from_secs(4);

/// Asks whether a process is well. Ends with 0 or 1 only, because container engines know no other codes.
pub fn run(config: &Config, arguments: &HealthArguments) -> anyhow::Result<Code> {
    let outcome = if arguments.worker { worker(config) } else { server(config, arguments.url.as_deref()) };
    Ok(match outcome {
        Ok(detail) => {
            print(&detail);
            Code::Ok
        }
        Err(error) => {
            eprint(&format!("{}: {error:#}", config.language.pick("há um problema", "unhealthy")));
            Code::Failure
        }
    })
}

/// Asks the server itself. Not `/ready`, because a restart of this process does not bring back an absent broker.
fn server(config: &Config, url: Option<&str>) -> anyhow::Result<String> {
    let url = format!("{}/health", url.unwrap_or(&config.own_url()).trim_end_matches('/'));
    let agent = ureq::Agent::config_builder().timeout_global(Some(PATIENCE)).proxy(None).build().new_agent();
    let answer = agent.get(&url).call().with_context(|| {
        format!("{url} {}", config.language.pick("não deu uma resposta válida", "gave no valid answer"))
    })?;
    Ok(format!("{url}: {}", answer.status()))
}

/// A worker has no port. From outside one can check that it is able to work (names, passwords and the way to both servers) and
/// that it gives signs of life. A worker that waits for a server gives them, and so does one that applies many messages in a
/// row.
fn worker(config: &Config) -> anyhow::Result<String> {
    let database = Database::open(&config.distrib_database, 1)?;
    let queue = Queue::open(&config.queue, 1)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let waiting = runtime.block_on(queue.depth(Channel::ProcessedData))?;
    let (language, workers_folder) = (config.language, config.workers());
    let folder = workers_folder.display();
    let workers = pulse::living(&workers_folder).with_context(|| {
        language.pick(
            format!("não é possível ver em {folder} quais workers estão em execução"),
            format!("cannot see in {folder} which workers run"),
        )
    })?;
    ensure!(
        !workers.is_empty(),
        language.pick(
            format!("segundo {folder}, nenhum worker está em execução aqui, ou ele ainda espera para iniciar (veja o log dele), e {waiting} mensagens esperam; inicie um: caudal worker"),
            format!("according to {folder} no worker runs here, or it still waits to start (see its log), and {waiting} messages wait; start one: caudal worker"),
        )
    );
    if let Some(stuck) = workers.iter().find(|worker| worker.silent > config.worker_silence) {
        let (process, seconds) = (&stuck.process, stuck.silent.as_secs());
        anyhow::bail!(language.pick(
            format!("o worker do processo {process} parou: não dá sinal de vida há {seconds} segundos, mais que CAUDAL_WORKER_SILENCE_SECONDS; reinicie-o, nada se perde"),
            format!("the worker of process {process} is stuck: no sign of life for {seconds} seconds, more than CAUDAL_WORKER_SILENCE_SECONDS; restart it, nothing is lost"),
        ));
    }
    let waiting_words = language.pick("mensagens esperando", "messages waiting");
    Ok(format!("{}, {}: {waiting} {waiting_words}", database.url(), config.queue))
}
