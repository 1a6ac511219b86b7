//! `caudal imports undo|release|dismiss`: changes to imports that people ask for.

use std::sync::Arc;

use anyhow::bail;
use caudal_contract::language::Language;
use caudal_contract::message::{Act, ImportId, Release};
use caudal_distrib::deliver::undo;
use caudal_distrib::view::imports;
use caudal_ingest::intake::CommandError;
use caudal_ingest::staging::{self, StageError};
use caudal_platform::config::Config;
use caudal_platform::database::{Database, DbConnection};
use chrono::Utc;

use super::one_import::{find, summary};
use crate::exit::{Code, JsonLayout, print, print_json, print_lines};
use crate::pipeline::Pipeline;
use crate::services;

/// The options of an undo.
pub struct Asked {
    pub yes: bool,
    pub dry_run: bool,
    pub json: bool,
}

/// Shows the effects of the undo, asks, and does it.
pub fn run(config: &Config, connection: &mut DbConnection, id: &str, asked: &Asked) -> anyhow::Result<Code> {
    let import = find(connection, id, config.language)?;
    let effects = undo::preview(connection, import.summary.id)?;
    if !asked.json {
        print_lines(&summary(config, &import.summary));
        for line in effects.sentences(config.language).iter().chain(&effects.kept(config.language)) {
            print(&format!("     - {line}"));
        }
    }
    if asked.dry_run {
        if asked.json {
            print_json(&effects, JsonLayout::Pretty)?;
        }
        return Ok(Code::Ok);
    }
    if !asked.yes && !confirmed(config)? {
        bail!(config.language.pick(
            format!("nada foi desfeito; para desfazer sem confirmação: caudal imports undo {id} --yes"),
            format!("nothing was undone; to undo without a question: caudal imports undo {id} --yes"),
        ));
    }
    let ingest = services::ingest_database(config)?;
    let undone = staging::undo(&mut *ingest.get()?, import.summary.uuid, on_the_command_line());
    refused_in(config.language, undone)?;
    wait_until_settled(config, ingest, import.summary.uuid)?;
    let import = find(connection, id, config.language)?;
    if asked.json {
        print_json(&import, JsonLayout::Pretty)?;
    } else {
        print(config.language.pick("Desfeita.", "Undone."));
    }
    Ok(Code::Ok)
}

/// Makes a duplicate a separate sale and waits until it is stored.
pub fn release(
    config: &Arc<Config>,
    connection: &mut DbConnection,
    id: &str,
    sheet: &str,
    row: u32,
) -> anyhow::Result<()> {
    let import = find(connection, id, config.language)?;
    let duplicates = imports::sightings(connection, import.summary.id, 0, i64::MAX)?;
    if !duplicates.iter().any(|duplicate| duplicate.sheet == sheet && duplicate.row == i64::from(row)) {
        bail!(config.language.pick(
            format!("a linha {row} não é uma linha repetida da importação {id}; a página da importação mostra as linhas repetidas"),
            format!("row {row} is not a duplicate of import {id}; the import's page shows its duplicates"),
        ));
    }
    let ingest = services::ingest_database(config)?;
    let release = Release { act: on_the_command_line(), sheet: sheet.to_owned(), row, key: None };
    match services::intake(config, ingest.clone())?.release(import.summary.uuid, release) {
        Err(CommandError::Refused(refused)) => bail!(refused.sentence(config.language)),
        released => released?,
    }
    wait_until_settled(config, ingest, import.summary.uuid)
}

/// Refuses a file that waits for a layout and waits until distrib knows it.
pub fn dismiss(config: &Arc<Config>, connection: &mut DbConnection, id: &str) -> anyhow::Result<()> {
    let import = find(connection, id, config.language)?;
    let ingest = services::ingest_database(config)?;
    match services::intake(config, ingest.clone())?.dismiss(import.summary.uuid, "") {
        Err(CommandError::Refused(refused)) => bail!(refused.sentence(config.language)),
        dismissed => dismissed?,
    }
    wait_until_settled(config, ingest, import.summary.uuid)
}

/// Asks on the terminal. Without a terminal the answer is no.
fn confirmed(config: &Config) -> anyhow::Result<bool> {
    use std::io::{IsTerminal, Write};
    if !std::io::stdin().is_terminal() {
        return Ok(false);
    }
    let mut answer = String::new();
    write!(std::io::stderr(), "{} ", config.language.pick("Desfazer? [s/N]", "Undo it? [y/N]"))?;
    std::io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "s" | "sim" | "y" | "yes"))
}

fn on_the_command_line() -> Act {
    Act { by: String::new(), at: Utc::now() }
}

/// Gives a refusal in the language of the installation.
fn refused_in(language: Language, outcome: Result<(), StageError>) -> anyhow::Result<()> {
    match outcome {
        Err(StageError::Refused(refused)) => bail!(refused.sentence(language)),
        other => Ok(other?),
    }
}

/// Waits until the effect is in the tables.
fn wait_until_settled(config: &Config, ingest: Database, import_id: ImportId) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(Pipeline::open(config, ingest)?.settled(import_id))?;
    Ok(())
}
