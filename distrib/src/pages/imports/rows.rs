//! The lists on the page of one import, as texts: sheets, rejected rows, duplicates and others.

use caudal_contract::calendar::to_local;
use caudal_contract::field::Field;
use caudal_contract::format;
use caudal_contract::message::{IgnoredRows, SheetRead};
use caudal_contract::notice::Warning;
use chrono_tz::Tz;

use super::super::frame::Frame;
use super::super::link::{fits, row_address};
use super::super::pager::First;
use crate::view::imports::{LedgerEntry, RejectedRowView, Sighting};

/// Maximum number of cells of a rejected row. The page of the row shows all.
const SHOWN_CELLS: usize = 25;
/// Maximum number of reasons for a rejection. The page of the row shows all.
const SHOWN_REASONS: usize = 10;
/// Maximum number of columns of a sheet. There are fewer fields than this.
const SHOWN_COLUMNS: usize = 30;

/// A sheet with its columns.
pub(super) struct Sheet {
    pub(super) name: String,
    /// The number of the header row as in spreadsheets, from 1.
    pub(super) header_row: Option<String>,
    pub(super) columns: First<(String, String)>,
    /// The evidence that the sum of its sales is right, as a sentence.
    pub(super) proof: Option<String>,
}

/// A rejected row.
pub(super) struct Rejected {
    pub(super) address: String,
    pub(super) place: String,
    pub(super) amount: String,
    pub(super) reasons: First<String>,
    pub(super) cells: First<(String, String)>,
}

/// Rows that are not sales.
pub(super) struct IgnoredView {
    /// The URL of the page that shows the first of them as received.
    pub(super) address: String,
    pub(super) place: String,
    pub(super) why: &'static str,
}

/// A warning about a cell of an accepted row.
pub(super) struct RowWarning {
    pub(super) address: String,
    pub(super) place: String,
    pub(super) sentence: String,
}

/// A change of an import after its delivery.
pub(super) struct HistoryEntry {
    pub(super) at: String,
    pub(super) what: &'static str,
    pub(super) by: Option<String>,
    /// The buckets that changed: `(title, "+3")`.
    pub(super) changes: Vec<(&'static str, String)>,
}

/// A duplicate row, with its first occurrence.
pub(super) struct Duplicate {
    /// The sheet name that a form sends back to identify the row. `None` if the name is too long for a form.
    pub(super) sheet: Option<String>,
    pub(super) row: i64,
    pub(super) address: String,
    pub(super) place: String,
    pub(super) product: String,
    pub(super) date: String,
    pub(super) amount: String,
    pub(super) first_import_id: i64,
    pub(super) first_import: String,
    pub(super) first_place: String,
    pub(super) is_same_import: bool,
}

pub(super) fn read_sheet(f: &Frame, sheet: &SheetRead) -> Sheet {
    let label =
        |code: &String| Field::from_code(code).map_or_else(|| code.clone(), |field| field.label(f.language).to_owned());
    Sheet {
        name: sheet.name.clone(),
        header_row: sheet.header_row.map(|row| format::count(i64::from(row) + 1, f.language)),
        columns: First::of(SHOWN_COLUMNS, &sheet.mapping, f.language, |(code, header)| (label(code), header.clone())),
        proof: sheet.proof.as_ref().map(|proof| proof.sentence(f.language)),
    }
}

pub(super) fn rejected_row(f: &Frame, import_id: i64, row: RejectedRowView) -> Rejected {
    Rejected {
        address: row_address(import_id, &row.sheet, row.row),
        place: place(f, &row.sheet, row.row),
        amount: format::money(row.amount, f.language),
        reasons: First::of(SHOWN_REASONS, &row.reasons, f.language, |reason| reason.sentence(f.language)),
        cells: First::of(SHOWN_CELLS, row.cells, f.language, |cell| cell),
    }
}

pub(super) fn duplicate(f: &Frame, import_id: i64, sighting: Sighting) -> Duplicate {
    Duplicate {
        address: row_address(import_id, &sighting.sheet, sighting.row),
        place: place(f, &sighting.sheet, sighting.row),
        sheet: Some(sighting.sheet).filter(|sheet| fits(sheet)),
        row: sighting.row,
        product: sighting.product_name,
        date: format::date(sighting.sold_on, f.language),
        amount: format::money(sighting.amount, f.language),
        first_import_id: sighting.first_import_id,
        first_import: sighting.first_name.filter(|name| !name.is_empty()).unwrap_or_else(|| f.t.api_batch.to_owned()),
        first_place: place(f, &sighting.first_sheet, sighting.first_row),
        is_same_import: sighting.first_import_id == import_id,
    }
}

pub(super) fn ignored(f: &Frame, import_id: i64, run: &IgnoredRows) -> IgnoredView {
    let (first, last) = (i64::from(run.first), i64::from(run.last));
    let from = place(f, &run.sheet, first);
    IgnoredView {
        address: row_address(import_id, &run.sheet, first),
        place: if last > first { format!("{from}–{last}") } else { from },
        why: run.why.sentence(f.language),
    }
}

pub(super) fn row_warning(f: &Frame, import_id: i64, warning: &Warning) -> RowWarning {
    RowWarning {
        address: row_address(import_id, &warning.sheet, i64::from(warning.row)),
        place: place(f, &warning.sheet, i64::from(warning.row)),
        sentence: warning.sentence(f.language),
    }
}

pub(super) fn entry(f: &Frame, zone: Tz, entry: &LedgerEntry) -> HistoryEntry {
    let buckets = [
        (f.t.stored, entry.stored),
        (f.t.updated, entry.updated),
        (f.t.duplicate, entry.duplicate),
        (f.t.rejected, entry.rejected),
    ];
    let signed = |rows: i64| format!("{}{}", if rows > 0 { "+" } else { "" }, format::count(rows, f.language));
    HistoryEntry {
        at: format::date_time(to_local(entry.at, zone), f.language),
        what: entry.kind.label(f.language),
        by: entry.by.clone(),
        changes: buckets
            .into_iter()
            .filter(|(_, rows)| *rows != 0)
            .map(|(title, rows)| (title, signed(rows)))
            .collect(),
    }
}

pub(super) fn place(f: &Frame, sheet: &str, row: i64) -> String {
    let row = format!("{} {row}", f.t.row_word);
    if sheet.is_empty() { row } else { format!("{sheet}, {row}") }
}
