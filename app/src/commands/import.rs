//! `caudal import FILE…`
//!
//! Works whether or not a service runs on the data folder: it takes the files in itself and then does the steps of
//! publisher and worker until its imports are settled, side by side with whoever else does them.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use caudal_distrib::deliver::rehearsal;
use caudal_ingest::batch::{Accepted, Batch};
use caudal_ingest::intake::{Filing, INBOX, Intake, IntakeError, Rehearsal};
use caudal_ingest::originals::ReadError;
use caudal_ingest::staging::StagedImport;
use caudal_shared::config::Config;
use caudal_shared::database::Database;
use caudal_shared::language::Language;
use caudal_shared::message::{Outcome, SheetRead};
use caudal_shared::money::{Cents, TenThousandths};
use caudal_shared::notice::Remark;
use caudal_shared::rehearsal::{Effects, Question};
use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;

use crate::cli::ImportArguments;
use crate::exit::{Code, JsonLayout, eprint, print, print_json};
use crate::pipeline::Pipeline;
use crate::services;

/// What became of one file: the contract of `--json`.
#[derive(Debug, Serialize)]
struct Report {
    file: String,
    import_id: Option<String>,
    status: Status,
    reason: Option<String>,
    sheet: Option<String>,
    header_row: Option<u32>,
    mapping: serde_json::Map<String, serde_json::Value>,
    rows: Rows,
    quantity: TenThousandths,
    total: Cents,
    first_date: Option<NaiveDate>,
    last_date: Option<NaiveDate>,
    warnings: Vec<String>,
    /// What a rehearsal would change beside the rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    effects: Option<EffectCounts>,
    /// Some of its messages were given up: not all of it is stored. The reason says so.
    #[serde(skip)]
    has_dead_letters: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Status {
    Imported,
    Rehearsed,
    Duplicate,
    Repaired,
    NeedsLayout,
    Refused,
}

#[derive(Debug, Clone, Copy, Serialize)]
struct EffectCounts {
    new_customers: i64,
    new_products: i64,
    price_changes: i64,
    value_changes: i64,
}

#[derive(Debug, Default, Clone, Copy, Serialize)]
struct Rows {
    read: i64,
    stored: i64,
    updated: i64,
    duplicate: i64,
    rejected: i64,
    ignored: i64,
}

/// What is done with the files.
enum Work {
    Rehearse(Database),
    Import(Pipeline),
}

/// Imports the files one after the other and waits for each until it is wholly delivered.
pub fn run(config: &Arc<Config>, arguments: &ImportArguments) -> anyhow::Result<Code> {
    let ingest = services::ingest_database(config)?;
    let intake = services::intake(config, ingest.clone())?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let work = if arguments.dry_run {
        Work::Rehearse(services::distrib_database(config)?)
    } else {
        Work::Import(Pipeline::open(config, ingest)?)
    };
    let mut code = Code::Ok;
    for file in &arguments.files {
        let report = match &work {
            Work::Rehearse(distrib) => rehearse(&intake, distrib, file, arguments.effects.as_deref(), config.language),
            Work::Import(pipeline) => runtime.block_on(import(pipeline, &intake, file, config.language)),
        };
        let report = match report {
            Ok(report) => report,
            // The other files still get their turn; a database that is away would fail them all
            Err(error) => match error.downcast_ref::<IntakeError>() {
                Some(IntakeError::Read(reason)) => blank(file, Status::Refused, Some(unread(reason, config.language))),
                _ => return Err(error),
            },
        };
        code = match (code, report.status) {
            (Code::Failure, _) | (_, Status::Refused | Status::NeedsLayout) => Code::Failure,
            _ if report.has_dead_letters => Code::Failure,
            _ if report.rows.rejected > 0 => Code::RejectedRows,
            _ => code,
        };
        if arguments.json {
            print_json(&report, JsonLayout::Line)?;
        } else {
            describe(&report);
        }
    }
    if arguments.dry_run && arguments.files.len() > 1 {
        eprint(config.language.pick(
            "Cada arquivo foi ensaiado sozinho: linhas que estão em dois deles contam como vendas nos dois.",
            "Each file was rehearsed by itself: rows that are in two of them count as sales in both.",
        ));
    }
    Ok(code)
}

async fn import(pipeline: &Pipeline, intake: &Intake, file: &Path, language: Language) -> anyhow::Result<Report> {
    let (taker, path, begun) = (intake.clone(), file.to_owned(), Utc::now());
    let import_id = tokio::task::spawn_blocking(move || taker.take(&path, INBOX, Filing::Copy)).await??;
    let interrupted = pipeline.interrupted(&import_id.to_string(), begun)?;
    let import = pipeline.settled(&import_id.to_string()).await?;
    let Some(before) = interrupted else { return Ok(report(file, &import, language)) };
    let mut report = report(file, &pipeline.settled(&before).await?, language);
    report.reason = report.reason.or(Some(
        language
            .pick("a importação tinha sido interrompida; terminou agora", "was interrupted before; finished now")
            .to_owned(),
    ));
    Ok(report)
}

fn report(file: &Path, import: &StagedImport, language: Language) -> Report {
    let (status, reason) = match &import.outcome {
        Outcome::Taken if import.messages_dead > 0 => (
            Status::Imported,
            Some(format!("{} messages could not be stored and wait as dead letters", import.messages_dead)),
        ),
        Outcome::Taken => (Status::Imported, None),
        Outcome::Refused(refusal) => (Status::Refused, Some(refusal.sentence(language))),
        Outcome::Repaired { .. } => (Status::Repaired, None),
        Outcome::NeedsLayout { reason } => (Status::NeedsLayout, Some(reason.sentence(language))),
        Outcome::AlreadyImported { import_id, received_at } => {
            (Status::Duplicate, Some(already_imported(&import_id.to_string(), *received_at, language)))
        }
    };
    if let Outcome::Repaired { import_id, sales, rejected, ignored } = &import.outcome {
        return repaired(
            file,
            Some(import.id.clone()),
            &import_id.to_string(),
            [*sales, *rejected, *ignored],
            language,
        );
    }
    let [read, stored, updated, duplicate, rejected, ignored] = import.rows;
    let sums = Sums { quantity: import.quantity, total: import.amount, days: import.days };
    let rows = Rows { read, stored, updated, duplicate, rejected, ignored };
    let mut report = blank(file, status, reason);
    report.import_id = Some(import.id.clone());
    report.has_dead_letters = import.messages_dead > 0;
    fill(&mut report, &import.sheets, &import.remarks, rows, sums, language);
    report
}

/// A repair workbook: its rows are in the account of the import that they came with.
fn repaired(file: &Path, id: Option<String>, of: &str, rows: [u64; 3], language: Language) -> Report {
    let [stored, rejected, ignored] = rows.map(|rows| i64::try_from(rows).unwrap_or(i64::MAX));
    let reason = match language {
        Language::Portuguese => format!("as linhas corrigidas entram na conta da importação {of}"),
        Language::English => format!("the mended rows go to the account of import {of}"),
    };
    let mut report = blank(file, Status::Repaired, Some(reason));
    report.import_id = id;
    report.rows = Rows { read: stored + rejected + ignored, stored, rejected, ignored, ..Rows::default() };
    report
}

fn unread(reason: &ReadError, language: Language) -> String {
    language.pick("O arquivo não pôde ser lido: ", "The file could not be read: ").to_owned() + &reason.to_string()
}

fn already_imported(import_id: &str, at: DateTime<Utc>, language: Language) -> String {
    match language {
        Language::Portuguese => format!("já importado em {} ({import_id})", at.format("%d/%m/%Y %H:%M UTC")),
        Language::English => format!("already imported on {} ({import_id})", at.format("%Y-%m-%d %H:%M UTC")),
    }
}

fn rehearse(
    intake: &Intake,
    distrib: &Database,
    file: &Path,
    workbook: Option<&Path>,
    language: Language,
) -> anyhow::Result<Report> {
    match intake.rehearse(file, INBOX)? {
        Rehearsal::Taken { batch, accepted, sales } => {
            let question = Question { source: INBOX.to_owned(), sales };
            let effects = rehearsal::effects(&mut *distrib.get()?, &question)?;
            if let Some(path) = workbook {
                let name = file.file_name().unwrap_or_default().to_string_lossy();
                let bytes = caudal_ingest::rehearsal::workbook(&name, &batch, &accepted, &effects, language)?;
                // Never over another file: the sheet itself may be named by mistake
                let created = std::fs::File::create_new(path).and_then(|mut file| file.write_all(&bytes));
                created.with_context(|| format!("cannot write {}", path.display()))?;
            }
            Ok(rehearsed(file, &batch, accepted, &effects, language))
        }
        Rehearsal::Refused(refusal) => Ok(blank(file, Status::Refused, Some(refusal.sentence(language)))),
        Rehearsal::Mending { import_id, sales, rejected, ignored } => {
            Ok(repaired(file, None, &import_id.to_string(), [sales, rejected, ignored], language))
        }
        Rehearsal::NeedsLayout(reason) => Ok(blank(file, Status::NeedsLayout, Some(reason.sentence(language)))),
        Rehearsal::AlreadyImported(before) => {
            let reason = already_imported(&before.id, before.received_at, language);
            Ok(blank(file, Status::Duplicate, Some(reason)))
        }
    }
}

fn rehearsed(file: &Path, batch: &Batch, accepted: Accepted, effects: &Effects, language: Language) -> Report {
    let count = |rows: u64| i64::try_from(rows).unwrap_or(i64::MAX);
    let rows = Rows {
        read: count(batch.rows_read),
        stored: effects.counts.stored,
        updated: effects.counts.updated,
        duplicate: effects.counts.duplicate,
        rejected: count(batch.rejected.len() as u64),
        ignored: count(batch.rows_ignored),
    };
    let sums =
        Sums { quantity: accepted.quantity, total: accepted.amount, days: accepted.first_day.zip(accepted.last_day) };
    let sheets: Vec<SheetRead> = batch.sheets.iter().map(|sheet| sheet.read.clone()).collect();
    let mut report = blank(file, Status::Rehearsed, None);
    fill(&mut report, &sheets, &batch.remarks, rows, sums, language);
    report.effects = Some(EffectCounts {
        new_customers: effects.new_customers.count,
        new_products: effects.new_products.count,
        price_changes: effects.prices.count,
        value_changes: effects.values.count,
    });
    report
}

#[derive(Clone, Copy)]
struct Sums {
    quantity: TenThousandths,
    total: Cents,
    days: Option<(NaiveDate, NaiveDate)>,
}

fn blank(file: &Path, status: Status, reason: Option<String>) -> Report {
    Report {
        file: file.display().to_string(),
        import_id: None,
        status,
        reason,
        sheet: None,
        header_row: None,
        mapping: serde_json::Map::new(),
        rows: Rows::default(),
        quantity: TenThousandths::ZERO,
        total: Cents::ZERO,
        first_date: None,
        last_date: None,
        warnings: Vec::new(),
        effects: None,
        has_dead_letters: false,
    }
}

fn fill(report: &mut Report, sheets: &[SheetRead], remarks: &[Remark], rows: Rows, sums: Sums, language: Language) {
    if let Some(first) = sheets.first() {
        report.sheet = Some(sheets.iter().map(|sheet| sheet.name.as_str()).collect::<Vec<_>>().join(", "));
        report.header_row = first.header_row;
        report.mapping = first.mapping.iter().map(|(field, header)| (field.clone(), header.as_str().into())).collect();
    }
    report.rows = rows;
    report.quantity = sums.quantity;
    report.total = sums.total;
    report.first_date = sums.days.map(|(first, _)| first);
    report.last_date = sums.days.map(|(_, last)| last);
    report.warnings = remarks.iter().map(|remark| remark.sentence(language)).collect();
}

fn describe(report: &Report) {
    let Rows { read, stored, updated, duplicate, rejected, ignored } = report.rows;
    let status = match report.status {
        Status::Imported => "imported",
        Status::Rehearsed => "rehearsed",
        Status::Duplicate => "duplicate",
        Status::Repaired => "repaired",
        Status::NeedsLayout => "waits for a layout",
        Status::Refused => "refused",
    };
    print(&format!("{}: {status}", report.file));
    if let Some(reason) = &report.reason {
        print(&format!("  {reason}"));
    }
    if report.status == Status::NeedsLayout {
        print(&format!(
            "  caudal layout show {:?} > layout.toml   (then edit it, and: caudal layout set layout.toml)",
            report.file
        ));
    }
    if matches!(report.status, Status::Imported | Status::Rehearsed | Status::Repaired) {
        print(&format!(
            "  {read} read = {stored} stored + {updated} updated + {duplicate} duplicate + {rejected} rejected + {ignored} ignored"
        ));
        print(&format!("  total {}, quantity {}", report.total, report.quantity));
    }
    if let Some(EffectCounts { new_customers, new_products, price_changes, value_changes }) = report.effects {
        print(&format!(
            "  {new_customers} new customers, {new_products} new products, {price_changes} price changes, {value_changes} changed values"
        ));
    }
    for warning in &report.warnings {
        print(&format!("  - {warning}"));
    }
    if let Some(import_id) = report.import_id.as_ref().filter(|_| rejected > 0) {
        print(&format!("  caudal imports show {import_id}   (the rejected rows)"));
    }
}
