//! `caudal import FILE…`
//!
//! Works with or without a service on the data folder: it takes the files in itself and then runs the steps of publisher and
//! worker until its imports are settled. Other processes may run the same steps at the same time.

mod printout;
mod tally;

use std::convert::Infallible;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use caudal_contract::calendar::to_local;
use caudal_contract::format;
use caudal_contract::language::Language;
use caudal_contract::message::{ImportId, Outcome, RowCounts, SheetRead};
use caudal_contract::money::{Cents, TenThousandths};
use caudal_contract::notice::{Remark, SumProof};
use caudal_contract::rehearsal::{Effects, Question};
use caudal_distrib::deliver::rehearsal;
use caudal_distrib::view::imports;
use caudal_ingest::intake::{Filing, INBOX, Intake, IntakeError, Rehearsal};
use caudal_ingest::staging::StagedImport;
use caudal_platform::config::Config;
use caudal_platform::database::Database;
use caudal_reading::batch::{Accepted, Batch};
use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;

use super::interrupt::Interrupt;
use super::progress::Progress;
use crate::cli::ImportArguments;
use crate::exit::{Code, JsonLayout, eprint, print_json};
use crate::pipeline::Pipeline;
use crate::services;
use printout::Printout;
use tally::Tally;

/// The result for one file: the contract of `--json`.
#[derive(Debug, Serialize)]
struct FileReport {
    file: String,
    import_id: Option<String>,
    status: Status,
    reason: Option<String>,
    sheet: Option<String>,
    header_row: Option<u32>,
    mapping: serde_json::Map<String, serde_json::Value>,
    rows: RowCounts,
    quantity: TenThousandths,
    total: Cents,
    first_date: Option<NaiveDate>,
    last_date: Option<NaiveDate>,
    /// The evidence for the sum of each sheet.
    proof: Vec<SheetProof>,
    warnings: Vec<String>,
    /// Changes besides the rows, as found by a rehearsal.
    #[serde(skip_serializing_if = "Option::is_none")]
    effects: Option<EffectCounts>,
    /// Some of its messages were given up, so not all of it is stored. `reason` says so.
    #[serde(skip)]
    has_dead_letters: bool,
    /// Further text for people.
    #[serde(skip)]
    printout: Printout,
}

/// The evidence that the sum of a sheet is right.
#[derive(Debug, Clone, Serialize)]
struct SheetProof {
    sheet: String,
    #[serde(flatten)]
    proof: SumProof,
    /// The evidence as a sentence.
    text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
enum Status {
    Imported,
    Rehearsed,
    /// The file is kept, but the command was asked to end before all of it was stored.
    Staged,
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
    /// Stored sales that the file would void, if there are any.
    #[serde(flatten)]
    voided: Option<VoidedCounts>,
}

#[derive(Debug, Clone, Copy, Serialize)]
struct VoidedCounts {
    voids: i64,
    amount_voided: Cents,
}

/// The work for each file.
enum Work {
    Rehearse(Database),
    Import(Pipeline),
}

/// Everything that the command works with.
struct ImportRun<'a> {
    config: &'a Config,
    arguments: &'a ImportArguments,
    intake: Intake,
    work: Work,
    progress: Progress,
    interrupt: Interrupt,
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
    let progress = Progress::start(arguments.quiet);
    let (language, is_rehearsal, answering) = (config.language, arguments.dry_run, progress.clone());
    let interrupt = Interrupt::listen(move || answering.say(printout::stopping(is_rehearsal, language)))?;
    let desk = ImportRun { config, arguments, intake, work, progress, interrupt };
    let mut tally = Tally::new();
    let outcome = desk.work_through(&runtime, &mut tally);
    desk.progress.clear();
    if !arguments.json && arguments.files.len() > 1 {
        tally.show(language);
    }
    outcome?;
    if arguments.dry_run && arguments.files.len() > 1 {
        eprint(language.pick(
            "Cada arquivo foi ensaiado sozinho: linhas que estão em dois deles contam como vendas nos dois.",
            "Each file was rehearsed by itself: rows that are in two of them count as sales in both.",
        ));
    }
    let not_begun = arguments.files.len() - tally.files();
    if not_begun > 0 {
        eprint(&printout::not_begun(not_begun, arguments.files.len(), language));
        return Ok(Code::Interrupted);
    }
    Ok(tally.code())
}

impl ImportRun<'_> {
    fn work_through(&self, runtime: &tokio::runtime::Runtime, tally: &mut Tally) -> anyhow::Result<()> {
        for file in &self.arguments.files {
            if self.interrupt.is_asked() {
                break;
            }
            let language = self.config.language;
            let report = match &self.work {
                Work::Rehearse(distrib) => self.rehearse(distrib, file),
                Work::Import(pipeline) => runtime.block_on(self.import(pipeline, file)),
            };
            self.progress.clear();
            let report = match report {
                Ok(report) => report,
                // Only this file failed, so the others get their turn. Any other error, such as an absent database, would fail
                // them all.
                Err(error) => match error.downcast_ref::<IntakeError>() {
                    Some(IntakeError::Read(reason)) => {
                        blank(file, Status::Refused, Some(printout::unread(file, reason, language)))
                    }
                    _ => return Err(error),
                },
            };
            if self.arguments.json {
                print_json(&report, JsonLayout::Line)?;
            } else {
                printout::describe(&report, self.arguments.verbose, language);
            }
            tally.count(&report);
        }
        Ok(())
    }

    /// The intake with progress messages about this file.
    fn watched(&self, file: &Path) -> Intake {
        let (progress, language) = (self.progress.clone(), self.config.language);
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        self.intake.clone().watched_by(Arc::new(move |step| progress.tell(|| printout::step(&name, step, language))))
    }

    async fn import(&self, pipeline: &Pipeline, file: &Path) -> anyhow::Result<FileReport> {
        let (taker, path, begun) = (self.watched(file), file.to_owned(), Utc::now());
        let import_id = tokio::task::spawn_blocking(move || taker.take(&path, INBOX, Filing::Copy)).await??;
        let interrupted = pipeline.interrupted(import_id, begun)?;
        let mut import = self.wait_until_settled(pipeline, file, import_id).await?;
        if let Some(before) = &interrupted {
            import = self.wait_until_settled(pipeline, file, *before).await?;
        }
        let stored = imports::find(&mut *pipeline.distrib().get()?, &import.id.to_string())?;
        let mut report = report(file, &import, self.config);
        if let Some(stored) = stored.filter(|_| report.status == Status::Imported) {
            let first = imports::rejected_rows(&mut *pipeline.distrib().get()?, stored.summary.id, 0, printout::FIRST)?;
            report.printout.keep_stored(&stored.summary, &first, self.config.language);
        }
        if interrupted.is_some() {
            report.reason = report.reason.or_else(|| Some(printout::finished_now(self.config.language).to_owned()));
        }
        Ok(report)
    }

    /// Waits until an import is stored or a person interrupts.
    async fn wait_until_settled(&self, pipeline: &Pipeline, file: &Path, id: ImportId) -> anyhow::Result<StagedImport> {
        tokio::select! {
            import = pipeline.settled_unless(id, |_| self.interrupt.is_asked()) => import,
            never = self.watch_storing(pipeline, file, id) => match never {},
        }
    }

    /// Shows how much of an import is stored. Never returns; the caller drops it when the import is settled.
    async fn watch_storing(&self, pipeline: &Pipeline, file: &Path, id: ImportId) -> Infallible {
        const GLANCE: Duration = Duration::from_millis(250);
        let begun = Instant::now();
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        loop {
            if !self.progress.is_shown() {
                return std::future::pending().await;
            }
            let (distrib, id) = (pipeline.distrib().clone(), id.to_string());
            let look = tokio::task::spawn_blocking(move || anyhow::Ok(imports::find(&mut *distrib.get()?, &id)?)).await;
            // A failed look is ignored, because the work itself reports the trouble.
            let ledger = look.ok().and_then(Result::ok).flatten().map(|import| import.summary.ledger);
            self.progress.tell(|| printout::storing(&name, ledger, begun.elapsed(), self.config.language));
            tokio::time::sleep(GLANCE).await;
        }
    }

    fn rehearse(&self, distrib: &Database, file: &Path) -> anyhow::Result<FileReport> {
        let (language, zone) = (self.config.language, self.config.time_zone);
        match self.watched(file).rehearse(file, INBOX)? {
            Rehearsal::Taken { batch, accepted, sales, cancellations } => {
                let question = Question { source: INBOX.to_owned(), sales, cancellations };
                let effects = rehearsal::effects(&mut *distrib.get()?, &question)?;
                if let Some(path) = &self.arguments.effects {
                    let name = file.file_name().unwrap_or_default().to_string_lossy();
                    let bytes = caudal_reading::rehearsal_workbook::workbook(
                        &name, &batch, &accepted, &effects, language, zone,
                    )?;
                    // Never overwrites a file, because the sheet itself may be named by mistake.
                    let created = std::fs::File::create_new(path).and_then(|mut file| file.write_all(&bytes));
                    created.with_context(|| {
                        let cannot = language.pick("não é possível gravar", "cannot write");
                        format!("{cannot} {}", path.display())
                    })?;
                }
                rehearsed(file, &batch, accepted, &effects, self.config)
            }
            Rehearsal::Refused(refusal) => Ok(blank(file, Status::Refused, Some(refusal.sentence(language)))),
            Rehearsal::Mending { import_id, sales, rejected, ignored } => {
                Ok(repaired(file, None, &import_id.to_string(), [sales, rejected, ignored], language))
            }
            Rehearsal::NeedsLayout(reason) => Ok(blank(file, Status::NeedsLayout, Some(reason.sentence(language)))),
            Rehearsal::AlreadyImported(before) => {
                let reason = already_imported(before.id, before.received_at, self.config);
                Ok(blank(file, Status::Duplicate, Some(reason)))
            }
        }
    }
}

fn report(file: &Path, import: &StagedImport, config: &Config) -> FileReport {
    let language = config.language;
    let (status, reason) = match &import.outcome {
        Outcome::Taken if !import.settled => (Status::Staged, Some(printout::kept(import, language))),
        Outcome::Taken if import.messages_dead > 0 => {
            (Status::Imported, Some(printout::dead_letters(import.messages_dead, language)))
        }
        Outcome::Taken => (Status::Imported, None),
        Outcome::Refused(refusal) => (Status::Refused, Some(refusal.sentence(language))),
        Outcome::Repaired { .. } => (Status::Repaired, None),
        Outcome::NeedsLayout { reason } => (Status::NeedsLayout, Some(reason.sentence(language))),
        Outcome::AlreadyImported { import_id, received_at } => {
            (Status::Duplicate, Some(already_imported(*import_id, *received_at, config)))
        }
    };
    if let Outcome::Repaired { import_id, sales, rejected, ignored } = &import.outcome {
        return repaired(
            file,
            Some(import.id.to_string()),
            &import_id.to_string(),
            [*sales, *rejected, *ignored],
            language,
        );
    }
    let sums = Sums { quantity: import.quantity, total: import.amount, days: import.days };
    let rows = import.rows;
    let mut report = blank(file, status, reason);
    report.import_id = Some(import.id.to_string());
    report.has_dead_letters = import.messages_dead > 0;
    fill(&mut report, &import.sheets, &import.remarks, rows, sums, config);
    report
}

/// A repair workbook. Its rows count for the import that they came from.
fn repaired(file: &Path, id: Option<String>, of: &str, rows: [u64; 3], language: Language) -> FileReport {
    let [stored, rejected, ignored] = rows.map(|rows| i64::try_from(rows).unwrap_or(i64::MAX));
    let reason = match language {
        Language::Portuguese => format!("as linhas corrigidas entram na importação {of}"),
        Language::English => format!("the mended rows are added to import {of}"),
    };
    let mut report = blank(file, Status::Repaired, Some(reason));
    report.import_id = id;
    report.rows = RowCounts { read: stored + rejected + ignored, stored, rejected, ignored, ..RowCounts::default() };
    report
}

fn already_imported(import_id: ImportId, at: DateTime<Utc>, config: &Config) -> String {
    let at = format::date_time(to_local(at, config.time_zone), config.language);
    match config.language {
        Language::Portuguese => format!("já importado em {at} ({import_id})"),
        Language::English => format!("already imported on {at} ({import_id})"),
    }
}

fn rehearsed(
    file: &Path,
    batch: &Batch,
    accepted: Accepted,
    effects: &Effects,
    config: &Config,
) -> anyhow::Result<FileReport> {
    let count = |rows: u64| i64::try_from(rows).unwrap_or(i64::MAX);
    let rows = RowCounts {
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
    fill(&mut report, &sheets, &batch.remarks, rows, sums, config);
    report.effects = Some(EffectCounts {
        new_customers: effects.new_customers.count,
        new_products: effects.new_products.count,
        price_changes: effects.prices.count,
        value_changes: effects.values.count,
        voided: (effects.voids.count > 0)
            .then_some(VoidedCounts { voids: effects.voids.count, amount_voided: effects.amount_voided }),
    });
    report.printout.keep_rehearsed(batch, effects, config.language)?;
    Ok(report)
}

#[derive(Clone, Copy)]
struct Sums {
    quantity: TenThousandths,
    total: Cents,
    days: Option<(NaiveDate, NaiveDate)>,
}

fn blank(file: &Path, status: Status, reason: Option<String>) -> FileReport {
    FileReport {
        file: file.display().to_string(),
        import_id: None,
        status,
        reason,
        sheet: None,
        header_row: None,
        mapping: serde_json::Map::new(),
        rows: RowCounts::default(),
        quantity: TenThousandths::ZERO,
        total: Cents::ZERO,
        first_date: None,
        last_date: None,
        proof: Vec::new(),
        warnings: Vec::new(),
        effects: None,
        has_dead_letters: false,
        printout: Printout::default(),
    }
}

fn fill(
    report: &mut FileReport,
    sheets: &[SheetRead],
    remarks: &[Remark],
    rows: RowCounts,
    sums: Sums,
    config: &Config,
) {
    if let Some(first) = sheets.first() {
        report.sheet = Some(sheets.iter().map(|sheet| sheet.name.as_str()).collect::<Vec<_>>().join(", "));
        report.header_row = first.header_row;
        report.mapping = first.mapping.iter().map(|(field, header)| (field.clone(), header.as_str().into())).collect();
    }
    let proof = |sheet: &SheetRead| {
        let (sheet, proof) = (sheet.name.clone(), sheet.proof.clone()?);
        Some(SheetProof { sheet, text: proof.sentence(config.language), proof })
    };
    report.proof = sheets.iter().filter_map(proof).collect();
    report.rows = rows;
    report.quantity = sums.quantity;
    report.total = sums.total;
    report.first_date = sums.days.map(|(first, _)| first);
    report.last_date = sums.days.map(|(_, last)| last);
    report.warnings = remarks.iter().map(|remark| remark.sentence(config.language, config.time_zone)).collect();
    report.printout.keep_remarks(remarks);
}
