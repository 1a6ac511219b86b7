//! Finds a table's place in a sheet, and the fingerprint by which the table is recognised.
//!
//! The fingerprint is a hash of the headers from the first to the last, in order, folded as people compare names. If no
//! row names the columns, it is a hash of the kinds of contents of the columns.

use caudal_contract::decision::{DecidedColumn, Decision, Holds, Remembered};
use caudal_contract::field::Field;
use caudal_contract::message::to_hex;
use caudal_contract::text::folded;
use sha2::{Digest, Sha256};

use super::header::{HEADER_SEARCH, tidy};
use super::profile::Profile;
use crate::sheet::Sheet;

/// The fingerprint of the tables that a decision applies to: 16 hex digits.
#[must_use]
pub fn fingerprint(decision: &Decision) -> String {
    if decision.has_header {
        let headers: Vec<&str> = decision.columns.iter().map(|column| column.header.as_str()).collect();
        fingerprint_of_headers(&headers)
    } else {
        fingerprint_of_contents(decision.columns.iter().map(|column| column.holds.unwrap_or(Holds::Nothing)))
    }
}

/// The place of a table and its headers.
pub(super) struct Table {
    /// `None` if the first row is a sale.
    pub(super) header_row: Option<usize>,
    /// The sheet's column of the first header.
    pub(super) first: usize,
    /// The headers from the first to the last, or letters if there is no header row.
    pub(super) headers: Vec<String>,
}

impl Table {
    /// The table with this row as its header. `None` for a blank row.
    pub(super) fn under(sheet: &Sheet, row: usize) -> Option<Self> {
        let all: Vec<String> =
            (0..sheet.columns.len()).map(|column| tidy(&sheet.shown(row, column).unwrap_or_default())).collect();
        let first = all.iter().position(|header| !header.is_empty())?;
        let last = all.iter().rposition(|header| !header.is_empty())?;
        Some(Self { header_row: Some(row), first, headers: all.get(first..=last)?.to_vec() })
    }

    pub(super) fn without_header(sheet: &Sheet) -> Self {
        Self { header_row: None, first: 0, headers: (0..sheet.columns.len()).map(letters).collect() }
    }

    pub(super) fn first_row(&self) -> usize {
        self.header_row.map_or(0, |row| row + 1)
    }

    /// The columns of the table, without their fields.
    pub(super) fn columns(&self, sheet: &Sheet) -> Vec<DecidedColumn> {
        let holds = |index: usize| self.header_row.is_none().then(|| holds(sheet, self.first + index));
        let column = |(index, header): (usize, &String)| DecidedColumn {
            header: header.clone(),
            field: None,
            holds: holds(index),
        };
        self.headers.iter().enumerate().map(column).collect()
    }

    fn fingerprint(&self, sheet: &Sheet) -> String {
        match self.header_row {
            Some(_) => fingerprint_of_headers(&self.headers),
            None => fingerprint_of_contents((0..self.headers.len()).map(|index| holds(sheet, index))),
        }
    }

    pub(super) fn lookup<'a>(&self, sheet: &Sheet, known: &'a [Remembered]) -> Option<&'a Remembered> {
        if known.is_empty() {
            return None;
        }
        let fingerprint = self.fingerprint(sheet);
        known.iter().find(|remembered| {
            let decision = &remembered.decision;
            remembered.fingerprint == fingerprint
                && decision.has_header == self.header_row.is_some()
                && decision.sheet.as_ref().is_none_or(|name| *name == sheet.name)
        })
    }
}

/// The table below the first row that is a remembered header. Only the rows that are searched for a header count.
pub(super) fn known_table<'a>(sheet: &Sheet, known: &'a [Remembered]) -> Option<(Table, &'a Remembered)> {
    if known.is_empty() {
        return None;
    }
    (0..sheet.rows.min(HEADER_SEARCH)).find_map(|row| {
        let table = Table::under(sheet, row)?;
        let remembered = table.lookup(sheet, known)?;
        Some((table, remembered))
    })
}

fn fingerprint_of_headers(headers: &[impl AsRef<str>]) -> String {
    let mut hash = Sha256::new();
    hash.update(b"headers");
    for header in headers {
        // "%" and "***" have no letters to compare, so they count as empty headers.
        let header = Some(folded(header.as_ref())).filter(|folded| !folded.is_empty());
        hash.update([0x1F]);
        hash.update(header.as_deref().unwrap_or_default());
    }
    short(&hash.finalize())
}

fn fingerprint_of_contents(columns: impl Iterator<Item = Holds>) -> String {
    let mut hash = Sha256::new();
    hash.update(b"contents");
    for holds in columns {
        hash.update(match holds {
            Holds::Date => b"d",
            Holds::Number => b"n",
            Holds::Text => b"t",
            Holds::Nothing => b"-",
        });
    }
    short(&hash.finalize())
}

fn short(hash: &[u8]) -> String {
    to_hex(hash.get(..8).unwrap_or(hash))
}

pub(super) fn holds(sheet: &Sheet, column: usize) -> Holds {
    holds_below(sheet, column, 0)
}

fn holds_below(sheet: &Sheet, column: usize, first_row: usize) -> Holds {
    let profile = Profile::of(sheet, column, first_row);
    if profile.filled == 0 {
        Holds::Nothing
    } else if profile.fits(Field::Date) {
        Holds::Date
    } else if profile.fits(Field::Quantity) {
        Holds::Number
    } else {
        Holds::Text
    }
}

/// The kinds of contents of a table's columns, from its first row down. `None` if they are too few to recognise the
/// table, or if no column holds days or no column holds numbers.
pub(crate) fn shape(sheet: &Sheet, first_row: usize) -> Option<Vec<Holds>> {
    const FEWEST: usize = 4;
    let mut shape: Vec<Holds> = (0..sheet.columns.len()).map(|column| holds_below(sheet, column, first_row)).collect();
    while shape.last() == Some(&Holds::Nothing) {
        shape.pop();
    }
    (shape.len() >= FEWEST && shape.contains(&Holds::Date) && shape.contains(&Holds::Number)).then_some(shape)
}

/// The column's name in spreadsheets: A, B … Z, AA.
pub(crate) fn letters(column: usize) -> String {
    rust_xlsxwriter::utility::column_number_to_name(u16::try_from(column).unwrap_or(u16::MAX))
}
