//! `caudal dead-letters …`: messages that could not be applied, from any queue.

use std::io::Read;
use std::path::Path;

use anyhow::{Context, bail};
use caudal_contract::calendar::to_local;
use caudal_contract::format;
use caudal_contract::language::Language;
use caudal_contract::outside::shown;
use caudal_distrib::dead_letter;
use caudal_distrib::view::dead_letters::{self, FailedMessage};
use caudal_platform::config::Config;
use caudal_platform::database::DbConnection;
use chrono::Utc;

use crate::cli::DeadLettersCommand;
use crate::exit::{Code, JsonLayout, print, print_json, print_lines};
use crate::pipeline::Pipeline;
use crate::services;

/// Lists and shows failed messages; retries, edits or discards them and waits for the outcome.
pub fn run(config: &Config, command: &DeadLettersCommand) -> anyhow::Result<Code> {
    let database = services::distrib_database(config)?;
    let mut connection = database.get()?;
    match command {
        DeadLettersCommand::List { json } => {
            let all = dead_letters::list(&mut connection, 0, i64::MAX)?;
            if *json {
                print_json(&all, JsonLayout::Pretty)?;
            } else if all.is_empty() {
                print(config.language.pick("Não há mensagens com falha.", "There are no failed messages."));
            } else {
                for message in &all {
                    print_lines(&summary(config, message));
                }
            }
            Ok(Code::Ok)
        }
        DeadLettersCommand::Show { id, json } => {
            let message = find(&mut connection, *id, config.language)?;
            if *json {
                let mut value = serde_json::to_value(&message)?;
                if let Some(object) = value.as_object_mut() {
                    object.insert("payload".to_owned(), serde_json::Value::String(message.text()));
                }
                print_json(&value, JsonLayout::Pretty)?;
            } else {
                print_lines(&summary(config, &message));
                if message.code.is_some() {
                    let details = config.language.pick("Detalhes técnicos", "Technical details");
                    print(&format!("       {details}: {}", message.reason));
                }
                print_lines(&message.text());
            }
            Ok(Code::Ok)
        }
        DeadLettersCommand::Retry { id, all } => {
            let Some(ids) = chosen(&mut connection, *id, *all, config.language)? else {
                bail!(config.language.pick(
                    "informe o número da mensagem: caudal dead-letters retry NÚMERO, ou --all",
                    "give the number of the message: caudal dead-letters retry NUMBER, or --all",
                ))
            };
            dead_letter::retry(&mut connection, *id, Utc::now())?;
            outcome(config, &mut connection, &ids)
        }
        DeadLettersCommand::Discard { id } => {
            dead_letter::discard(&mut connection, *id, "", Utc::now())?;
            outcome(config, &mut connection, &[*id])
        }
        DeadLettersCommand::Edit { id, file } => {
            let text = read(file, config.language)?;
            dead_letter::edit(&mut connection, *id, &text, Utc::now())?;
            outcome(config, &mut connection, &[*id])
        }
    }
}

fn chosen(
    connection: &mut DbConnection,
    id: Option<i64>,
    all: bool,
    language: Language,
) -> anyhow::Result<Option<Vec<i64>>> {
    if let Some(id) = id {
        return Ok(Some(vec![find(connection, id, language)?.id]));
    }
    Ok(if all { Some(dead_letters::dead(connection)?) } else { None })
}

/// Works until no attempt is due, then prints the outcome of each message.
fn outcome(config: &Config, connection: &mut DbConnection, ids: &[i64]) -> anyhow::Result<Code> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(Pipeline::open(config, services::ingest_database(config)?)?.attempts_made())?;
    let mut code = Code::Ok;
    for id in ids {
        match dead_letters::find(connection, *id)? {
            None => print(&format!("{id}: {}", config.language.pick("resolvida", "resolved"))),
            Some(message) => {
                code = Code::Failure;
                print_lines(&summary(config, &message));
            }
        }
    }
    Ok(code)
}

fn find(connection: &mut DbConnection, id: i64, language: Language) -> anyhow::Result<FailedMessage> {
    dead_letters::find(connection, id)?.ok_or_else(|| {
        anyhow::anyhow!(language.pick(
            format!("não há mensagem com falha {id}; para ver as mensagens: caudal dead-letters list"),
            format!("there is no failed message {id}; to see the messages: caudal dead-letters list"),
        ))
    })
}

fn read(file: &Path, language: Language) -> anyhow::Result<Vec<u8>> {
    if file == Path::new("-") {
        let mut text = Vec::new();
        std::io::stdin().read_to_end(&mut text)?;
        return Ok(text);
    }
    std::fs::read(file)
        .with_context(|| format!("{} {}", language.pick("não é possível ler", "cannot read"), file.display()))
}

/// A failed message in three lines.
fn summary(config: &Config, message: &FailedMessage) -> String {
    let language = config.language;
    let at = |at| format::date_time(to_local(at, config.time_zone), language);
    let what = match message.kind {
        Some(kind) => format!("{}, {} {}", kind.code(), message.rows, language.pick("linhas", "rows")),
        None => language.pick("ilegível", "unreadable").to_owned(),
    };
    let import = match (&message.import, &message.import_name) {
        (Some(number), name) => {
            format!("{} {number} {}", language.pick("importação", "import"), name.as_deref().unwrap_or_default())
        }
        _ => language.pick("importação desconhecida", "unknown import").to_owned(),
    };
    let state = match message.next_attempt_at {
        None => language.pick("carta morta", "dead letter").to_owned(),
        Some(next) => format!("{} {}", language.pick("próxima tentativa", "next attempt"), at(next)),
    };
    format!(
        "{:>5}  {state}  ({what}; {})\n       {}\n       {} {}, {} – {}",
        message.id,
        shown(import.trim_end()),
        shown(message.code.map_or(message.reason.as_str(), |reason| reason.sentence(language))),
        message.attempts,
        language.pick("tentativas", "attempts"),
        at(message.first_failed_at),
        at(message.last_failed_at),
    )
}
