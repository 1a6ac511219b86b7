//! The text for people about an imported or rehearsed file: one line, then everything that is worth a look.

use caudal_contract::message::RowCounts;
use std::io;
use std::path::Path;
use std::time::Duration;

use caudal_contract::format;
use caudal_contract::language::Language;
use caudal_contract::money::Cents;
use caudal_contract::notice::{Rejection, Remark};
use caudal_contract::rehearsal::Effects;
use caudal_distrib::view::imports::{Balance, ImportSummary, Ledger, RejectedRowView};
use caudal_ingest::intake::Step;
use caudal_ingest::originals::ReadError;
use caudal_ingest::staging::StagedImport;
use caudal_reading::batch::Batch;

use super::{EffectCounts, FileReport, Status, VoidedCounts};
use crate::commands::words::{self, counted, place};
use crate::exit::print;

/// The number of rejected rows that are shown at once.
pub const FIRST: i64 = 3;

/// Text for people, in addition to the report for programs.
#[derive(Debug, Default)]
pub struct Printout {
    /// The import's number, as the pages and the other commands use it.
    number: Option<i64>,
    /// The balances of rows and money. `None` if they are unknown or no row was read.
    pub ledger: Option<(Balance<i64>, Balance<Cents>)>,
    /// The first rejected rows with their places and reasons.
    rejected: Vec<String>,
    /// The effects of cancellations.
    voids: Vec<String>,
    /// For each remark, whether it is worth a look.
    is_warning: Vec<bool>,
}

impl Printout {
    /// Keeps the view of distrib on an import that has rows there.
    pub fn keep_stored(&mut self, import: &ImportSummary, first: &[RejectedRowView], language: Language) {
        self.number = Some(import.id);
        self.ledger = Some((import.ledger.rows, import.ledger.money));
        self.rejected = first.iter().map(|row| rejected(&row.sheet, row.row, &row.reasons, language)).collect();
        self.voids = import.voids.sentences(language).into_iter().flatten().collect();
    }

    /// Keeps the effects of a rehearsal.
    ///
    /// # Errors
    /// A defect of this program.
    pub fn keep_rehearsed(&mut self, batch: &Batch, effects: &Effects, language: Language) -> anyhow::Result<()> {
        let (count, counts) = (|rows: u64| i64::try_from(rows).unwrap_or(i64::MAX), effects.counts);
        let rows = Balance {
            read: Some(count(batch.rows_read)),
            stored: counts.stored,
            updated: counts.updated,
            duplicate: counts.duplicate,
            rejected: count(batch.rejected.len() as u64),
            ignored: Some(count(batch.rows_ignored)),
        };
        let money = Balance {
            read: Some(batch.amount_read()?),
            stored: counts.amount_stored,
            updated: counts.amount_updated,
            duplicate: counts.amount_duplicate,
            rejected: batch.rejected.iter().map(|row| row.amount).sum(),
            ignored: Some(batch.amount_ignored),
        };
        self.ledger = Some((rows, money));
        let first = batch.rejected.iter().take(usize::try_from(FIRST).unwrap_or_default());
        self.rejected = first.map(|row| rejected(&row.sheet, row.row.into(), &row.reasons, language)).collect();
        Ok(())
    }

    /// Keeps which remarks are worth a look.
    pub fn keep_remarks(&mut self, remarks: &[Remark]) {
        self.is_warning = remarks.iter().map(Remark::is_warning).collect();
    }
}

fn rejected(sheet: &str, row: i64, reasons: &[Rejection], language: Language) -> String {
    let reasons: Vec<String> = reasons.iter().map(|reason| reason.sentence(language)).collect();
    format!("{}: {}", place(sheet, row, language), reasons.join("; "))
}

/// Prints a line for the file, and below it everything that is worth a look; all remarks if `is_verbose`.
pub fn describe(report: &FileReport, is_verbose: bool, language: Language) {
    print(&format!("{}: {}", report.file, summary(report, language)));
    if report.status == Status::NeedsLayout {
        let then = language.pick("edite-o; depois:", "then edit it, and:");
        print(&format!(
            "  caudal layout show {:?} > layout.toml   ({then} caudal layout set layout.toml)",
            report.file
        ));
    }
    if is_verbose && matches!(report.status, Status::Imported | Status::Rehearsed) {
        let quantity = format::quantity(report.quantity, language);
        print(&format!("  - {} {quantity}", language.pick("quantidade", "quantity")));
        for proof in &report.proof {
            print(&format!("  - {}", proof.text));
        }
    }
    for effect in &report.printout.voids {
        print(&format!("  - {effect}"));
    }
    for row in &report.printout.rejected {
        print(&format!("  x {row}"));
    }
    if report.rows.rejected > 0 && report.status != Status::Staged {
        print(&format!("  {}", where_the_rest_is(report, language)));
    }
    for (remark, is_warning) in report.warnings.iter().zip(&report.printout.is_warning) {
        if *is_warning || is_verbose {
            print(&format!("  {} {remark}", if *is_warning { "!" } else { "-" }));
        }
    }
}

/// The result of the file in one line.
fn summary(report: &FileReport, language: Language) -> String {
    let status = status(report.status, language);
    let reason = report.reason.as_deref().unwrap_or_default();
    let mut text = match (report.status, &report.printout.ledger) {
        (Status::Imported | Status::Rehearsed, Some((rows, _))) => format!(
            "{status}, {}; {} {}",
            words::rows(rows, language),
            language.pick("valor aceito", "accepted money"),
            format::money(report.total, language)
        ),
        (Status::Repaired, _) => {
            let RowCounts { read, stored, rejected, ignored, .. } = report.rows;
            let rows = match language {
                Language::Portuguese => {
                    format!("{read} lidas = {stored} vendas + {rejected} rejeitadas + {ignored} ignoradas")
                }
                Language::English => format!("{read} read = {stored} sales + {rejected} rejected + {ignored} ignored"),
            };
            return format!("{status}, {rows}; {reason}");
        }
        // The reason says everything.
        (Status::Duplicate, _) => return reason.to_owned(),
        _ => status.to_owned(),
    };
    if !reason.is_empty() {
        let mark = if report.printout.ledger.is_some() { ';' } else { ':' };
        text = format!("{text}{mark} {reason}");
    }
    if let Some(effects) = report.effects {
        let EffectCounts { new_customers, new_products, price_changes, value_changes, voided } = effects;
        let mut effects = vec![
            counted(
                new_customers,
                language.pick("cliente novo", "new customer"),
                language.pick("clientes novos", "new customers"),
                language,
            ),
            counted(
                new_products,
                language.pick("produto novo", "new product"),
                language.pick("produtos novos", "new products"),
                language,
            ),
            counted(
                price_changes,
                language.pick("mudança de preço", "price change"),
                language.pick("mudanças de preço", "price changes"),
                language,
            ),
            counted(
                value_changes,
                language.pick("dado alterado", "changed value"),
                language.pick("dados alterados", "changed values"),
                language,
            ),
        ];
        if let Some(VoidedCounts { voids, amount_voided }) = voided {
            let sales = counted(
                voids,
                language.pick("venda cancelada", "voided sale"),
                language.pick("vendas canceladas", "voided sales"),
                language,
            );
            effects.push(format!("{sales} ({})", format::money(-amount_voided, language)));
        }
        text = format!("{text}; {}", effects.join(", "));
    }
    text
}

fn where_the_rest_is(report: &FileReport, language: Language) -> String {
    let printed = i64::try_from(report.printout.rejected.len()).unwrap_or(i64::MAX);
    let more = report.rows.rejected - printed;
    let all = if more > 0 {
        counted(
            more,
            language.pick("linha rejeitada a mais", "more rejected row"),
            language.pick("linhas rejeitadas a mais", "more rejected rows"),
            language,
        ) + "; "
    } else {
        String::new()
    };
    match (report.printout.number.map(|number| number.to_string()).or_else(|| report.import_id.clone()), language) {
        (Some(id), Language::Portuguese) => {
            format!("{all}todas: caudal imports show {id}; para corrigir: caudal imports repair {id}")
        }
        (Some(id), Language::English) => {
            format!("{all}all of them: caudal imports show {id}; to mend them: caudal imports repair {id}")
        }
        (None, Language::Portuguese) => format!("{all}todas: --effects ARQUIVO.xlsx"),
        (None, Language::English) => format!("{all}all of them: --effects FILE.xlsx"),
    }
}

/// The word for the result of a file.
fn status(status: Status, language: Language) -> &'static str {
    match status {
        Status::Imported => language.pick("importado", "imported"),
        Status::Rehearsed => language.pick("ensaiado", "rehearsed"),
        Status::Staged => language.pick("guardado", "kept"),
        Status::Duplicate => language.pick("já importado", "already imported"),
        Status::Repaired => language.pick("correção", "repair"),
        Status::NeedsLayout => language.pick("espera um layout", "waits for a layout"),
        Status::Refused => language.pick("recusado", "refused"),
    }
}

/// `1 refused`, `3 refused`: the number of files of this kind.
pub fn files(count: usize, kind: Status, language: Language) -> String {
    let many = match kind {
        Status::Imported => language.pick("importados", "imported"),
        Status::Rehearsed => language.pick("ensaiados", "rehearsed"),
        Status::Staged => language.pick("guardados", "kept"),
        Status::Duplicate => language.pick("já importados", "already imported"),
        Status::Repaired => language.pick("correções", "repairs"),
        Status::NeedsLayout => language.pick("esperam um layout", "wait for a layout"),
        Status::Refused => language.pick("recusados", "refused"),
    };
    counted(i64::try_from(count).unwrap_or(i64::MAX), status(kind, language), many, language)
}

/// The reason why the rows of dead letters are missing.
pub fn dead_letters(messages: i64, language: Language) -> String {
    let count = format::count(messages, language);
    match language {
        Language::Portuguese => {
            format!("{count} mensagens não puderam ser gravadas; veja por quê: caudal dead-letters list")
        }
        Language::English => format!("{count} messages could not be stored; see why: caudal dead-letters list"),
    }
}

/// The reason why a file could not even be read.
pub fn unread(file: &Path, reason: &ReadError, language: Language) -> String {
    let text = file.to_string_lossy();
    match reason {
        ReadError::Io { reason, .. } if reason.kind() == io::ErrorKind::NotFound && text.contains(['*', '?', '[']) => {
            language.pick(
                "não há arquivo com este nome. O shell não trocou o padrão por nomes de arquivos: ou nenhum arquivo corresponde ao padrão, ou o padrão está entre aspas",
                "there is no file with this name. The shell did not replace the pattern with names of files: either no file matches the pattern, or the pattern is in quotes",
            ).to_owned()
        }
        ReadError::Io { reason, .. } if reason.kind() == io::ErrorKind::NotFound => {
            language.pick("não há arquivo com este nome", "there is no file with this name").to_owned()
        }
        ReadError::NotAFile(_) => {
            language.pick("é uma pasta, um link ou outra coisa, e não um arquivo", "it is a folder, a link or something else, not a file").to_owned()
        }
        ReadError::Io { reason, .. } => {
            format!("{}: {reason}", language.pick("o arquivo não pôde ser lido", "the file could not be read"))
        }
        ReadError::TooLarge { .. } => {
            format!("{}: {reason}", language.pick("o arquivo é grande demais", "the file is too large"))
        }
    }
}

/// Describes the step that works on a file.
pub fn step(name: &str, step: Step, language: Language) -> String {
    let count = |rows: u64| {
        let rows = i64::try_from(rows).unwrap_or(i64::MAX);
        counted(rows, language.pick("linha", "row"), language.pick("linhas", "rows"), language)
    };
    match (step, language) {
        (Step::Reading { bytes }, Language::Portuguese) => format!("lendo {name} ({})", mebibytes(bytes, language)),
        (Step::Reading { bytes }, Language::English) => format!("reading {name} ({})", mebibytes(bytes, language)),
        (Step::Cleaning { rows }, Language::Portuguese) => format!("limpando {} de {name}", count(rows)),
        (Step::Cleaning { rows }, Language::English) => format!("cleaning {} of {name}", count(rows)),
        (Step::Staging { rows }, Language::Portuguese) => format!("preparando {} de {name}", count(rows)),
        (Step::Staging { rows }, Language::English) => format!("staging {} of {name}", count(rows)),
    }
}

fn mebibytes(bytes: u64, language: Language) -> String {
    // In tenths, because the number is shown with one decimal.
    let tenths = i64::try_from(bytes.saturating_mul(10).div_ceil(1024 * 1024)).unwrap_or(i64::MAX);
    let mark = language.pick(',', '.');
    format!("{}{mark}{} MiB", format::count(tenths / 10, language), tenths % 10)
}

/// The progress of storing an import, once its totals are known.
pub fn storing(name: &str, ledger: Option<Ledger>, since: Duration, language: Language) -> String {
    let known = ledger.and_then(|ledger| Some((ledger, ledger.rows_accepted? + ledger.rows_rejected?)));
    let Some((ledger, all)) = known else {
        return language.pick(format!("gravando {name}"), format!("storing {name}"));
    };
    let done = ledger.delivered() + ledger.rows.rejected;
    let millis = i64::try_from(since.as_millis()).unwrap_or(i64::MAX).max(1);
    let rate = format::count(done.saturating_mul(1000) / millis, language);
    let (done, all) = (format::count(done, language), format::count(all, language));
    language.pick(
        format!("gravando {done} de {all} linhas de {name}, {rate} linhas/s"),
        format!("storing {done} of {all} rows of {name}, {rate} rows/s"),
    )
}

/// The number of rows that distrib has answered for.
fn stored(import: &StagedImport) -> i64 {
    let RowCounts { stored, updated, duplicate, rejected, .. } = import.rows;
    stored + updated + duplicate + rejected
}

/// The number of rows that distrib has to answer for.
fn to_store(import: &StagedImport) -> i64 {
    let RowCounts { read, ignored, .. } = import.rows;
    read - ignored
}

/// Describes the stored part of an import after an interruption.
pub fn kept(import: &StagedImport, language: Language) -> String {
    let (done, all) = (format::count(stored(import), language), format::count(to_store(import), language));
    match language {
        Language::Portuguese => format!(
            "{done} de {all} linhas estão gravadas; o Caudal grava as outras na próxima vez que iniciar, ou este comando, se for executado de novo"
        ),
        Language::English => {
            format!(
                "{done} of {all} rows are stored; Caudal stores the others when it starts, or when this command is run again"
            )
        }
    }
}

/// The reason shown for an import that an earlier process left behind.
pub fn finished_now(language: Language) -> &'static str {
    language.pick(
        "tinha sido interrompida ou ainda estava chegando; agora está toda gravada",
        "was interrupted or still arriving; now all of it is stored",
    )
}

/// The answer to the first Ctrl+C.
pub fn stopping(is_rehearsal: bool, language: Language) -> &'static str {
    if is_rehearsal {
        return language.pick(
            "Parando depois deste arquivo; um ensaio não grava nada. Para encerrar já, pressione Ctrl+C de novo.",
            "Stopping after this file; a rehearsal stores nothing. Press Ctrl+C again to stop at once.",
        );
    }
    language.pick(
        "Parando depois da etapa atual. Nada do que já foi lido se perde: o Caudal grava o resto na próxima vez que iniciar, ou este comando, se for executado de novo. Arquivos ainda não iniciados não são tocados. Para encerrar já, pressione Ctrl+C de novo.",
        "Stopping after the current step. Nothing that was read is lost: Caudal stores the rest when it starts, or when this command is run again. Files not begun are not touched. Press Ctrl+C again to stop at once.",
    )
}

/// The number of files that were left out.
pub fn not_begun(count: usize, of: usize, language: Language) -> String {
    language.pick(format!("Não iniciados: {count} de {of} arquivos."), format!("Not begun: {count} of {of} files."))
}
