//! `caudal doctor`

use caudal_distrib::view::consistency;
use caudal_shared::config::Config;
use caudal_shared::message::Channel;
use serde::Serialize;

use crate::cli::JsonArguments;
use crate::exit::{Code, print};
use crate::services;

/// One thing that was looked at.
#[derive(Serialize)]
pub(super) struct Check {
    pub name: &'static str,
    pub ok: bool,
    pub detail: String,
}

/// Checks databases, queue, inbox and ledgers; ends with 1 when something is wrong, and without a word about the rest where a
/// database cannot be opened.
pub fn run(config: &Config, arguments: &JsonArguments) -> anyhow::Result<Code> {
    let checks = checks(config)?;
    if arguments.json {
        print(&serde_json::to_string_pretty(&checks)?);
    } else {
        show(&checks);
    }
    Ok(code_of(&checks))
}

/// Looks at everything.
pub(super) fn checks(config: &Config) -> anyhow::Result<Vec<Check>> {
    let mut checks = Vec::new();
    let ingest = services::ingest_database(config)?;
    checks.push(Check { name: "ingest database", ok: true, detail: ingest.url().to_string() });
    let distrib = services::distrib_database(config)?;
    checks.push(Check { name: "distrib database", ok: true, detail: distrib.url().to_string() });
    checks.push(queue_check(config));
    checks.push(inbox_check(config));
    for finding in consistency::findings(&mut *distrib.get()?)? {
        checks.push(Check {
            name: finding.check,
            ok: finding.problem.is_none(),
            detail: finding.problem.unwrap_or(finding.detail),
        });
    }
    Ok(checks)
}

/// Prints a line for each check.
pub(super) fn show(checks: &[Check]) {
    for check in checks {
        print(&format!("{}  {:<18} {}", if check.ok { "ok   " } else { "WRONG" }, check.name, check.detail));
    }
}

/// Whether all is well.
pub(super) fn code_of(checks: &[Check]) -> Code {
    if checks.iter().all(|check| check.ok) { Code::Ok } else { Code::Failure }
}

fn queue_check(config: &Config) -> Check {
    let waiting = waiting(config);
    Check {
        name: "queue",
        ok: waiting.is_ok(),
        detail: match waiting {
            Ok(waiting) => format!("{}, {waiting} messages waiting", config.queue),
            Err(error) => format!("{error:#}"),
        },
    }
}

/// How many messages the queue holds.
fn waiting(config: &Config) -> anyhow::Result<u64> {
    let queue = services::queue(config, 1)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    Ok(runtime.block_on(queue.depth(Channel::ProcessedData))?)
}

fn inbox_check(config: &Config) -> Check {
    let inbox = config.inbox();
    let probe = inbox.join(".caudal-doctor.tmp");
    let written = std::fs::write(&probe, b"").and_then(|()| std::fs::remove_file(&probe));
    Check {
        name: "inbox",
        ok: written.is_ok(),
        detail: match written {
            Ok(()) => inbox.display().to_string(),
            Err(error) => format!("{} cannot be written: {error}", inbox.display()),
        },
    }
}
