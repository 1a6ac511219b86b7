//! The summary of many files: how many of each kind, the sums of their rows and money, and the exit code.

use std::collections::BTreeMap;
use std::ops::Add;

use caudal_contract::language::Language;
use caudal_contract::money::Cents;
use caudal_distrib::view::imports::Balance;

use caudal_contract::message::RowCounts;

use super::{FileReport, Status, printout};
use crate::commands::words::{self, counted};
use crate::exit::{Code, print};

/// The sums over all files.
#[derive(Debug)]
pub struct Tally {
    files: BTreeMap<Status, usize>,
    rows: Balance<i64>,
    money: Balance<Cents>,
    /// Rows that repair workbooks brought to the accounts of earlier imports.
    mended: i64,
    has_rejected: bool,
    has_failed: bool,
}

impl Tally {
    /// The state before the first file.
    pub fn new() -> Self {
        let files = BTreeMap::new();
        let (rows, money) = (nothing(0), nothing(Cents::ZERO));
        Self { files, rows, money, mended: 0, has_rejected: false, has_failed: false }
    }

    /// Adds the result of a file.
    pub fn count(&mut self, report: &FileReport) {
        *self.files.entry(report.status).or_default() += 1;
        self.has_failed |= matches!(report.status, Status::Refused | Status::NeedsLayout) || report.has_dead_letters;
        self.has_rejected |= report.rows.rejected > 0;
        match (report.status, &report.printout.ledger) {
            (Status::Repaired, _) => self.mended += report.rows.read,
            (_, Some((rows, money))) => {
                self.rows = sum(&self.rows, rows);
                self.money = sum(&self.money, money);
            }
            (_, None) => {
                let RowCounts { read, stored, updated, duplicate, rejected, ignored } = report.rows;
                let rows = Balance { read: Some(read), stored, updated, duplicate, rejected, ignored: Some(ignored) };
                self.rows = sum(&self.rows, &rows);
            }
        }
    }

    /// The number of files that were begun.
    pub fn files(&self) -> usize {
        self.files.values().sum()
    }

    /// The exit code, for one file as for many: 1 if a file was not taken, 5 if rows were rejected, 6 if both, unless
    /// interrupted.
    pub fn code(&self) -> Code {
        if self.files.contains_key(&Status::Staged) {
            return Code::Interrupted;
        }
        match (self.has_failed, self.has_rejected) {
            (false, false) => Code::Ok,
            (true, false) => Code::Failure,
            (false, true) => Code::RejectedRows,
            (true, true) => Code::FailureAndRejectedRows,
        }
    }

    /// Prints the sums.
    pub fn show(&self, language: Language) {
        let count = |files: usize| i64::try_from(files).unwrap_or(i64::MAX);
        let files = counted(
            count(self.files()),
            language.pick("arquivo", "file"),
            language.pick("arquivos", "files"),
            language,
        );
        let kinds: Vec<String> =
            self.files.iter().map(|(status, files)| printout::files(*files, *status, language)).collect();
        print(&format!("{files}: {}", kinds.join(", ")));
        if self.rows.read == Some(0) && self.mended == 0 {
            return;
        }
        print(&format!("  {:<7}{}", language.pick("linhas", "rows"), words::rows(&self.rows, language)));
        print(&format!("  {:<7}{}", language.pick("valor", "money"), words::money(&self.money, language)));
        let missing = self.rows.read.map_or(0, |read| read - self.rows.accounted());
        if missing > 0 {
            let not_yet = language.pick("ainda não gravadas", "not stored yet");
            print(&format!("  {:<7}{missing} {not_yet}", ""));
        }
        if self.mended > 0 {
            let where_to = language.pick(
                "linhas corrigidas entraram em importações anteriores",
                "mended rows were added to earlier imports",
            );
            print(&format!("  {:<7}{} {where_to}", "", self.mended));
        }
    }
}

fn nothing<T: Copy + Default>(zero: T) -> Balance<T> {
    Balance { read: Some(zero), ignored: Some(zero), ..Balance::default() }
}

fn sum<T>(one: &Balance<T>, other: &Balance<T>) -> Balance<T>
where
    T: Copy + Add<Output = T>,
{
    // Unknown if the totals of an import have not arrived.
    let known = |one: Option<T>, other: Option<T>| Some(one? + other?);
    Balance {
        read: known(one.read, other.read),
        stored: one.stored + other.stored,
        updated: one.updated + other.updated,
        duplicate: one.duplicate + other.duplicate,
        rejected: one.rejected + other.rejected,
        ignored: known(one.ignored, other.ignored),
    }
}
