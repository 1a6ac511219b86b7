//! `caudal doctor`

use std::collections::{BTreeMap, BTreeSet};

use caudal_distrib::view::consistency;
use caudal_distrib::view::imports::{self, ImportState};
use caudal_ingest::staging;
use caudal_shared::config::Config;
use caudal_shared::database::{Database, DatabaseUrl};
use caudal_shared::message::Channel;
use caudal_shared::snapshot;
use serde::Serialize;

use crate::cli::JsonArguments;
use crate::exit::{Code, JsonLayout, print, print_json};
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
        print_json(&checks, JsonLayout::Pretty)?;
    } else {
        show(&checks);
    }
    Ok(code_of(&checks))
}

/// Looks at everything.
pub(super) fn checks(config: &Config) -> anyhow::Result<Vec<Check>> {
    let mut checks = Vec::new();
    let ingest = services::ingest_database(config)?;
    checks.push(file_check("ingest database", &ingest));
    let distrib = services::distrib_database(config)?;
    checks.push(file_check("distrib database", &distrib));
    checks.push(queue_check(config));
    checks.push(inbox_check(config));
    checks.push(moment_check(&ingest, &distrib).unwrap_or_else(|error| failed("one moment", &error)));
    match tables(&distrib) {
        Ok(tables) => checks.extend(tables),
        Err(error) => checks.push(failed("tables", &error)),
    }
    Ok(checks)
}

/// A check that could not be made, of a damaged database for one.
fn failed(name: &'static str, error: &anyhow::Error) -> Check {
    Check { name, ok: false, detail: format!("{error:#}") }
}

fn tables(distrib: &Database) -> anyhow::Result<Vec<Check>> {
    let findings = consistency::findings(&mut *distrib.get()?)?;
    let check = |finding: consistency::Finding| Check {
        name: finding.check,
        ok: finding.problem.is_none(),
        detail: finding.problem.unwrap_or(finding.detail),
    };
    Ok(findings.into_iter().map(check).collect())
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

/// Whether a database that is a file is whole.
fn file_check(name: &'static str, database: &Database) -> Check {
    let damage = match database.url() {
        DatabaseUrl::Sqlite(file) => snapshot::check_integrity(file).err(),
        DatabaseUrl::Postgres(_) => None,
    };
    let detail = damage.as_ref().map_or_else(|| database.url().to_string(), ToString::to_string);
    Check { name, ok: damage.is_none(), detail }
}

/// Whether both databases are of one moment. After a restore they may not be: then what ingest holds for answered is not sent again
/// though distrib does not have it, or distrib has what ingest will take for new.
fn moment_check(ingest: &Database, distrib: &Database) -> anyhow::Result<Check> {
    // In this order: what is answered now is in distrib a moment later, and what distrib has was in ingest before
    let answered = staging::progress(&mut *ingest.get()?)?;
    let stored = imports::list(&mut *distrib.get()?, 0, i64::MAX)?;
    let later: BTreeMap<String, bool> = staging::progress(&mut *ingest.get()?)?
        .into_iter()
        .map(|import| (import.id.clone(), import.is_stored()))
        .collect();
    let whole: BTreeSet<String> = stored
        .iter()
        .filter(|import| import.state != ImportState::Arriving)
        .map(|import| import.uuid.to_string())
        .collect();
    let lost = answered
        .iter()
        // A layout may have been decided for it meanwhile
        .filter(|import| import.is_stored() && later.get(&import.id) == Some(&true) && !whole.contains(&import.id))
        .map(|import| format!("{} {}", import.id, import.name));
    let foreign = stored
        .iter()
        .filter(|import| !later.contains_key(&import.uuid.to_string()))
        .map(|import| format!("{} {}", import.uuid, import.name.as_deref().unwrap_or_default()));
    let problem = [
        named("ingest has an answer for all of these imports, and distrib does not have them whole", lost),
        named("distrib has these imports, and ingest does not know them", foreign),
    ];
    let problem: Vec<String> = problem.into_iter().flatten().collect();
    let ok = problem.is_empty();
    let detail = if ok {
        let arriving: Vec<_> = answered.iter().filter(|import| !import.is_stored()).collect();
        let waiting: i64 = arriving.iter().map(|import| import.messages - import.messages_settled).sum();
        let imports = arriving.len();
        let still =
            if imports == 0 { String::new() } else { format!("; {imports} still arriving, with {waiting} messages") };
        format!(
            "{} imports of ingest, {} of distrib, and each has what the other says{still}",
            answered.len(),
            stored.len()
        )
    } else {
        format!("{}; restore both databases from one backup", problem.join("; "))
    };
    Ok(Check { name: "one moment", ok, detail })
}

/// What is wrong with these, where there are any: how many, and the first of them.
fn named(what: &str, imports: impl Iterator<Item = String>) -> Option<String> {
    const NAMED: usize = 5;
    let imports: Vec<String> = imports.collect();
    let first = imports.iter().take(NAMED).map(|import| import.trim().to_owned()).collect::<Vec<_>>().join(", ");
    (!imports.is_empty()).then(|| format!("{what}: {first} ({} in all)", imports.len()))
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
