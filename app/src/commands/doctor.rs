//! `caudal doctor`

use std::collections::{BTreeMap, BTreeSet};

use crate::moving::snapshot;
use caudal_contract::language::Language;
use caudal_contract::message::Channel;
use caudal_distrib::view::consistency;
use caudal_distrib::view::imports::{self, ImportState};
use caudal_ingest::staging::{self, MessageProgress};
use caudal_platform::config::Config;
use caudal_platform::database::{Database, DatabaseUrl};
use serde::Serialize;

use crate::cli::JsonArguments;
use crate::exit::{Code, JsonLayout, print, print_json};
use crate::services;

/// The result of one check.
#[derive(Serialize)]
pub(super) struct Check {
    pub name: &'static str,
    pub ok: bool,
    pub detail: String,
}

/// Checks databases, queue, inbox and ledgers. Ends with 1 if something is wrong. If a database cannot be opened, it fails
/// without the other checks.
pub fn run(config: &Config, arguments: &JsonArguments) -> anyhow::Result<Code> {
    let checks = checks(config)?;
    if arguments.json {
        print_json(&checks, JsonLayout::Pretty)?;
    } else {
        show(&checks, config.language);
    }
    Ok(code_of(&checks))
}

/// Runs all checks.
pub(super) fn checks(config: &Config) -> anyhow::Result<Vec<Check>> {
    let mut checks = Vec::new();
    let ingest = services::ingest_database(config)?;
    checks.push(file_check("ingest database", &ingest));
    let distrib = services::distrib_database(config)?;
    checks.push(file_check("distrib database", &distrib));
    checks.push(queue_check(config));
    checks.push(inbox_check(config));
    checks.push(moment_check(&ingest, &distrib, config.language).unwrap_or_else(|error| failed("one moment", &error)));
    match tables(&distrib, config.language) {
        Ok(tables) => checks.extend(tables),
        Err(error) => checks.push(failed("tables", &error)),
    }
    Ok(checks)
}

/// A check that could not run, for example because a database is damaged.
fn failed(name: &'static str, error: &anyhow::Error) -> Check {
    Check { name, ok: false, detail: format!("{error:#}") }
}

fn tables(distrib: &Database, language: Language) -> anyhow::Result<Vec<Check>> {
    let findings = consistency::findings(&mut *distrib.get()?, language)?;
    let check = |finding: consistency::Finding| Check {
        name: finding.check,
        ok: finding.problem.is_none(),
        detail: finding.problem.unwrap_or(finding.detail),
    };
    Ok(findings.into_iter().map(check).collect())
}

/// Prints a line for each check.
pub(super) fn show(checks: &[Check], language: Language) {
    let (right, wrong) = language.pick(("ok    ", "ERRADO"), ("ok   ", "WRONG"));
    for check in checks {
        print(&format!(
            "{}  {:<18} {}",
            if check.ok { right } else { wrong },
            label(check.name, language),
            check.detail
        ));
    }
}

/// The name of a check in the reader's language. JSON keeps the English name.
fn label(name: &'static str, language: Language) -> &'static str {
    let portuguese = match name {
        "ingest database" => "banco ingest",
        "distrib database" => "banco distrib",
        "queue" => "fila",
        "inbox" => "pasta de entrada",
        "one moment" => "mesmo momento",
        "tables" => "tabelas",
        "originals" => "originais",
        "ledgers" => "balanços",
        "dead letters" => "mensagens com falha",
        "rows and places" => "linhas e lugares",
        "rejected rows" => "linhas rejeitadas",
        "daily totals" => "totais do dia",
        "daily quantities" => "quantidades do dia",
        "payment totals" => "totais por pagto.",
        "product totals" => "totais por produto",
        "customers of sales" => "clientes",
        "addresses of sales" => "endereços",
        other => other,
    };
    language.pick(portuguese, name)
}

/// Fails if any check failed.
pub(super) fn code_of(checks: &[Check]) -> Code {
    if checks.iter().all(|check| check.ok) { Code::Ok } else { Code::Failure }
}

fn queue_check(config: &Config) -> Check {
    let waiting = waiting(config);
    Check {
        name: "queue",
        ok: waiting.is_ok(),
        detail: match waiting {
            Ok(waiting) => {
                format!(
                    "{}, {waiting} {}",
                    config.queue,
                    config.language.pick("mensagens esperando", "messages waiting")
                )
            }
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

/// Checks the file of a SQLite database for damage.
fn file_check(name: &'static str, database: &Database) -> Check {
    let damage = match database.url() {
        DatabaseUrl::Sqlite(file) => snapshot::check_integrity(file).err(),
        DatabaseUrl::Postgres(_) => None,
    };
    let detail = damage.as_ref().map_or_else(|| database.url().to_string(), ToString::to_string);
    Check { name, ok: damage.is_none(), detail }
}

/// Checks that both databases show the same moment. After a restore they may not. Then ingest may hold an answer for an import
/// that distrib lacks, and never sends it again; or distrib may have an import that ingest will take as new.
fn moment_check(ingest: &Database, distrib: &Database, language: Language) -> anyhow::Result<Check> {
    // The order matters. Imports answered in the first reading are in distrib at the second, and imports in distrib at the
    // second are in ingest at the third.
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
        // Stored in both readings of ingest, because a layout that was decided in between makes it arrive again.
        .filter(|import| import.is_stored() && later.get(&import.id) == Some(&true) && !whole.contains(&import.id))
        .map(|import| format!("{} {}", import.id, import.name));
    let foreign = stored
        .iter()
        .filter(|import| !later.contains_key(&import.uuid.to_string()))
        .map(|import| format!("{} {}", import.uuid, import.name.as_deref().unwrap_or_default()));
    let problem = [
        named(
            language.pick(
                "o ingest recebeu a resposta completa destas importações, mas o distrib não as tem por inteiro",
                "ingest has all the answers for these imports, but distrib does not have them completely",
            ),
            lost,
            language,
        ),
        named(
            language.pick(
                "o distrib tem estas importações, mas o ingest não as conhece",
                "distrib has these imports, but ingest does not know them",
            ),
            foreign,
            language,
        ),
    ];
    let problem: Vec<String> = problem.into_iter().flatten().collect();
    let ok = problem.is_empty();
    let detail = if ok {
        let (of_ingest, of_distrib) = (answered.len(), stored.len());
        let still = still_arriving(&answered, language);
        language.pick(
            format!("{of_ingest} importações no ingest, {of_distrib} no distrib; os dois bancos concordam{still}"),
            format!("{of_ingest} imports in ingest, {of_distrib} in distrib; both databases agree{still}"),
        )
    } else {
        let remedy = language.pick("restaure os dois bancos do mesmo backup", "restore both databases from one backup");
        format!("{}; {remedy}", problem.join("; "))
    };
    Ok(Check { name: "one moment", ok, detail })
}

/// The imports that ingest still waits for. Empty if ingest waits for no import.
fn still_arriving(imports: &[MessageProgress], language: Language) -> String {
    let arriving: Vec<_> = imports.iter().filter(|import| !import.is_stored()).collect();
    let waiting: i64 = arriving.iter().map(|import| import.messages - import.messages_settled).sum();
    match arriving.len() {
        0 => String::new(),
        imports => language.pick(
            format!("; {imports} ainda chegando, com {waiting} mensagens"),
            format!("; {imports} still arriving, with {waiting} messages"),
        ),
    }
}

/// Describes the problem of these imports, with their number and the first names. `None` if there are no imports.
fn named(what: &str, imports: impl Iterator<Item = String>, language: Language) -> Option<String> {
    const NAMED: usize = 5;
    let imports: Vec<String> = imports.collect();
    let first = imports.iter().take(NAMED).map(|import| import.trim().to_owned()).collect::<Vec<_>>().join(", ");
    (!imports.is_empty())
        .then(|| format!("{what}: {first} ({} {})", imports.len(), language.pick("no total", "in all")))
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
            Err(error) => {
                let cannot = config.language.pick("não pode ser gravada", "cannot be written");
                format!("{} {cannot}: {error}", inbox.display())
            }
        },
    }
}
