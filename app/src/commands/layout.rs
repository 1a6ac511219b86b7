//! `caudal layout …`: decides the meaning of the columns of files without a browser.

use caudal_contract::message::{ImportId, RowCounts};
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, bail};
use caudal_contract::calendar::to_local;
use caudal_contract::decision::{Decision, Draft, FileDate, IGNORE, Remembered, TableChoice};
use caudal_contract::field::Field;
use caudal_contract::format;
use caudal_contract::language::Language;
use caudal_contract::outside::{is_hidden, shown, write_escaped};
use caudal_distrib::view::imports::{self, Balance};
use caudal_ingest::intake::CommandError;
use caudal_ingest::{layout_store, staging};
use caudal_platform::config::Config;
use caudal_platform::database::Database;

use super::words;
use crate::cli::LayoutCommand;
use crate::exit::{Code, JsonLayout, print, print_json, print_lines};
use crate::pipeline::Pipeline;
use crate::services;

/// The number of values shown of each column.
const SAMPLES: usize = 3;

/// Lists, shows, sets or forgets layouts.
pub fn run(config: &Arc<Config>, command: &LayoutCommand) -> anyhow::Result<Code> {
    let database = services::ingest_database(config)?;
    match command {
        LayoutCommand::List { json } => list(config, &database, *json)?,
        LayoutCommand::Show { what, sheet, header_row } => {
            let choice = TableChoice { sheet: sheet.clone(), header: *header_row };
            show(config, &database, what, &choice)?;
        }
        LayoutCommand::Set { file } => set(config, &database, file)?,
        LayoutCommand::Forget { fingerprint } => {
            let layout = remembered(config, &database, fingerprint)?.with_context(|| {
                config.language.pick(
                    format!("nenhum layout guardado tem a identificação {fingerprint}; para ver os layouts: caudal layout list"),
                    format!("no remembered layout has the fingerprint {fingerprint}; to see the layouts: caudal layout list"),
                )
            })?;
            layout_store::forget(&mut *database.get()?, &layout.fingerprint)?;
            print(config.language.pick("Esquecido.", "Forgotten."));
        }
    }
    Ok(Code::Ok)
}

fn list(config: &Config, database: &Database, json: bool) -> anyhow::Result<()> {
    let all = layout_store::all(&mut *database.get()?)?;
    if json {
        print_json(&all, JsonLayout::Pretty)?;
        return Ok(());
    }
    for layout in &all {
        let used = layout.decision.columns.iter().filter_map(|column| Some((column.field?, &column.header)));
        let columns: Vec<String> = used.map(|(field, header)| format!("{} = {header:?}", field.code())).collect();
        print(&format!("{}  {}", layout.fingerprint, decided(config, layout)));
        print(&format!("    {}", columns.join(", ")));
    }
    Ok(())
}

fn decided(config: &Config, layout: &Remembered) -> String {
    let at = format::date_time(to_local(layout.at, config.time_zone), config.language);
    let by = if layout.by.is_empty() {
        config.language.pick("linha de comando", "command line")
    } else {
        layout.by.as_str()
    };
    format!("{at}  {by}")
}

fn show(config: &Arc<Config>, database: &Database, what: &str, choice: &TableChoice) -> anyhow::Result<()> {
    let intake = services::intake(config, database.clone())?;
    let draft = if Path::new(what).exists() {
        explained(config.language, intake.draft_of_file(Path::new(what), choice))?
    } else if let Some(id) = import_id(config, what)? {
        explained(config.language, intake.draft_of_import(id, choice))?
    } else if let Some(layout) = remembered(config, database, what)? {
        print_lines(&written(
            &layout.decision,
            &[&format!("{}, {}", layout.fingerprint, decided(config, &layout))],
            |_| String::new(),
            config.language,
        ));
        return Ok(());
    } else {
        bail!(config.language.pick(
            format!("{what} não é um arquivo, nem uma importação, nem a identificação de um layout guardado"),
            format!("{what} is not a file, an import or the fingerprint of a remembered layout"),
        ));
    };
    print_lines(&written_draft(what, &draft, config.language));
    Ok(())
}

/// Finds an import by its number, as pages use it, or by its id.
fn import_id(config: &Config, text: &str) -> anyhow::Result<Option<ImportId>> {
    if let Ok(id) = text.parse::<ImportId>() {
        return Ok(Some(id));
    }
    // A fingerprint may consist of digits only, but no import has a number of 16 digits or more.
    if text.len() >= 16 || text.parse::<i64>().is_err() {
        return Ok(None);
    }
    let found = imports::find(&mut *services::distrib_database(config)?.get()?, text)?;
    Ok(found.map(|import| import.summary.uuid))
}

/// The remembered layout with a fingerprint that begins with this text. More than one is an error.
fn remembered(config: &Config, database: &Database, fingerprint: &str) -> anyhow::Result<Option<Remembered>> {
    let all = layout_store::all(&mut *database.get()?)?;
    let mut found = all.into_iter().filter(|layout| layout.fingerprint.starts_with(fingerprint));
    let first = found.next();
    if first.is_some() && found.next().is_some() {
        bail!(config.language.pick(
            format!("mais de um layout começa com {fingerprint}; informe mais caracteres"),
            format!("more than one layout begins with {fingerprint}; give more characters"),
        ));
    }
    Ok(first)
}

fn written_draft(what: &str, draft: &Draft, language: Language) -> String {
    let place = match draft.header_row {
        Some(row) => format!("{} {}", language.pick("cabeçalho na linha", "header in row"), row + 1),
        None => language
            .pick("sem cabeçalho: a primeira linha é uma venda", "no header row: the first row is a sale")
            .to_owned(),
    };
    let sheet = if draft.sheet.is_empty() {
        String::new()
    } else {
        format!(", {} {:?}", language.pick("aba", "sheet"), draft.sheet)
    };
    let state = if draft.remembered.is_some() {
        language.pick("o layout guardado", "the remembered layout")
    } else {
        language.pick("um layout suposto; edite-o e depois execute:", "a guessed layout; edit it, then run:")
    };
    let mut head = vec![format!("{what}{sheet}, {place}; {state}")];
    if draft.remembered.is_none() {
        head.push(format!("  caudal layout set {}", language.pick("ESTE-ARQUIVO", "THIS-FILE")));
    }
    if draft.sheets.len() > 1 {
        let sheets = draft.sheets.join(", ");
        head.push(language.pick(
            format!("Abas: {sheets}. Escolha outra com --sheet NOME."),
            format!("Sheets: {sheets}. Choose another one with --sheet NAME."),
        ));
    }
    let samples = |index: usize| {
        let cells = draft.rows.iter().filter_map(|(_, cells)| cells.get(index)).filter(|cell| !cell.is_empty());
        cells.take(SAMPLES).map(|cell| format!("{cell:?}")).collect::<Vec<_>>().join(", ")
    };
    written(&draft.decision, &head, samples, language)
}

/// A TOML string with hidden characters as escapes: the value stays exact, and a person sees them.
fn spelled_out(value: &str) -> String {
    let mut text = String::from("\"");
    let plain = value.replace('\\', "\\\\").replace('"', "\\\"");
    let escape = |to: &mut String, hidden: char| write!(to, "\\U{:08X}", u32::from(hidden));
    // Writing to a `String` never fails.
    let _never = write_escaped(&mut text, &plain, escape);
    text.push('"');
    text
}

/// A decision as TOML, with the other possible values in comments. Written by hand, because a serializer writes no comments.
fn written(
    decision: &Decision,
    head: &[impl AsRef<str>],
    samples: impl Fn(usize) -> String,
    language: Language,
) -> String {
    let mut text = String::new();
    let quoted = |value: &str| match value.contains(is_hidden) {
        false => toml::Value::String(value.to_owned()).to_string(),
        true => spelled_out(value),
    };
    let mut line = |line: String| {
        text.push_str(&line);
        text.push('\n');
    };
    for comment in head {
        // A file's name may contain a line break, but a comment ends with its line.
        line(format!("# {}", shown(comment.as_ref())));
    }
    line(String::new());
    match &decision.sheet {
        Some(sheet) => line(format!("sheet = {}", quoted(sheet))),
        None => line(format!(
            "# sheet = \"…\"   # {}",
            language.pick("só para a aba com este nome", "only for the sheet with this name")
        )),
    }
    if !decision.has_header {
        line("has_header = false".to_owned());
    }
    let choice = |name: &str, value: Option<String>, others: &str| match value {
        Some(value) => format!("{name} = {}", quoted(&value)),
        None => format!("# {name} = {others}"),
    };
    let code = |value: Option<serde_json::Value>| value.and_then(|value| value.as_str().map(str::to_owned));
    let mark = code(decision.decimal_mark.and_then(|mark| serde_json::to_value(mark).ok()));
    let order = code(decision.date_order.and_then(|order| serde_json::to_value(order).ok()));
    line(choice(
        "decimal_mark",
        mark,
        language.pick(
            "\"comma\"   # ou \"point\": se os valores não decidem",
            "\"comma\"   # or \"point\": if the values do not decide it",
        ),
    ));
    line(choice(
        "date_order",
        order,
        language.pick(
            "\"day_first\"   # ou \"month_first\": se os valores não decidem",
            "\"day_first\"   # or \"month_first\": if the values do not decide it",
        ),
    ));
    let date = decision.date.as_ref().map(FileDate::to_string);
    line(choice(
        "date",
        date,
        language.pick(
            "\"2026-12-31\"   # ou \"title\", \"arrival\": se nenhuma coluna tem a data",
            "\"2026-12-31\"   # or \"title\", \"arrival\": if no column has the date",
        ),
    ));
    line(format!(
        "\n# {}: {IGNORE}, {}",
        language.pick("Campos", "Fields"),
        Field::ALL.iter().map(|field| field.code()).collect::<Vec<_>>().join(", ")
    ));
    for (index, column) in decision.columns.iter().enumerate() {
        line("\n[[columns]]".to_owned());
        line(format!("header = {}", quoted(&column.header)));
        let samples = shown(samples(index)).to_string();
        let comment = if samples.is_empty() { String::new() } else { format!("   # {samples}") };
        line(format!("field = \"{}\"{comment}", column.field.map_or(IGNORE, Field::code)));
        if let Some(holds) = code(column.holds.and_then(|holds| serde_json::to_value(holds).ok())) {
            line(format!("holds = \"{holds}\""));
        }
    }
    text.truncate(text.trim_end().len());
    text
}

/// Remembers the layout, takes in the files that wait for it, and prints the outcome of each.
fn set(config: &Arc<Config>, database: &Database, file: &Path) -> anyhow::Result<()> {
    let text = std::fs::read_to_string(file).with_context(|| {
        format!("{} {}", file.display(), config.language.pick("não pode ser lido", "cannot be read"))
    })?;
    let decision: Decision = toml::from_str(&text).map_err(|error| anyhow::anyhow!("{}: {error}", file.display()))?;
    let intake = services::intake(config, database.clone())?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let pipeline = Pipeline::open(config, database.clone())?;
    let waiting = staging::waiting(&mut *database.get()?)?;
    for import in waiting.iter().filter(|import| !import.settled) {
        runtime.block_on(pipeline.settled(import.id))?;
    }
    let layout = explained(config.language, intake.decide(None, decision, ""))?;
    let others = intake.resume_waiting()?;
    print(&format!("{} {}", config.language.pick("Guardado:", "Remembered:"), layout.fingerprint));
    for import in waiting {
        let now = staging::find(&mut *database.get()?, import.id)?;
        if now.is_none_or(|now| now.outcome != import.outcome) {
            let RowCounts { read, stored, updated, duplicate, rejected, ignored } =
                runtime.block_on(pipeline.settled(import.id))?.rows;
            let rows = Balance { read: Some(read), stored, updated, duplicate, rejected, ignored: Some(ignored) };
            print(&format!("  {}: {}", import.name, words::rows(&rows, config.language)));
        } else if let Some(problem) =
            others.iter().find(|other| other.import_id == import.id).and_then(|other| other.problem.as_ref())
        {
            let waits = config.language.pick("continua esperando", "still waits");
            print(&format!("  {}: {waits}: {}", import.name, problem.sentence(config.language)));
        }
    }
    Ok(())
}

/// Gives a refusal in the language of the installation.
fn explained<T>(language: Language, outcome: Result<T, CommandError>) -> anyhow::Result<T> {
    match outcome {
        Err(CommandError::Refused(refused)) => bail!(refused.sentence(language)),
        other => Ok(other?),
    }
}
