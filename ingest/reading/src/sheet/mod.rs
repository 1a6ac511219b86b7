//! Reads the bytes of a file into sheets of typed cells. Pure: bytes in, sheets and remarks (or a refusal) out.
//!
//! Cells are streamed into columns: one byte for the kind of a cell, its number and its text each in a list that is made
//! only when it is needed, and a text that repeats kept once. Nothing is guessed here; what a column means is [`crate::layout`]'s question and what its
//! values are is [`crate::clean`]'s.

mod archive;
mod cells;
mod column;
mod delimited;
mod errors;
mod kind;
mod limits;
mod taker;
mod texts;
pub mod transfer;
mod workbook;

use archive::ArchiveKind;
use caudal_contract::notice::{Refusal, Remark};
pub use column::{Column, Kind};
pub(crate) use column::{plain_number, serial_to_date_time};
use kind::FileKind;
pub(crate) use limits::Tally;
pub use limits::{Limits, MOST_COLUMNS, MOST_ROWS};
use taker::Taker;
pub use texts::Texts;

/// One sheet of a workbook, or a text file.
#[derive(Debug)]
pub struct Sheet {
    /// Its name; empty for a text file.
    pub name: String,
    /// Whether the workbook hides it.
    pub hidden: bool,
    /// Its columns, all with as many cells as the sheet has rows.
    pub columns: Vec<Column>,
    /// Rows from the top to the last filled one.
    pub rows: usize,
}

impl Sheet {
    /// The cell's text as a person sees it; `None` when it is empty.
    #[must_use]
    pub fn shown(&self, row: usize, column: usize) -> Option<String> {
        self.columns.get(column).and_then(|column| column.shown(row))
    }
}

/// What a file holds.
#[derive(Debug)]
pub struct Contents {
    /// Its sheets, in the workbook's order, hidden ones too.
    pub sheets: Vec<Sheet>,
    /// What was noticed while reading.
    pub remarks: Vec<Remark>,
}

/// Reads a file within the default limits. The bytes decide what it is; its name only helps to word a refusal.
///
/// # Errors
/// [`Refusal`] when it cannot be read, with the reason in plain words.
pub fn read(bytes: &[u8], name: &str) -> Result<Contents, Refusal> {
    read_within(bytes, name, &Limits::default())
}

/// Reads a file. Only the process that reads one file and nothing else should be given other formats than xlsx and text:
/// their readers can be made to end the process, see [`is_safe_here`].
///
/// # Errors
/// [`Refusal`] when it cannot be read, with the reason in plain words.
pub fn read_within(bytes: &[u8], name: &str, limits: &Limits) -> Result<Contents, Refusal> {
    let mut taker = Taker::keep();
    let remarks = read_to(bytes, name, limits, &mut taker)?;
    match taker {
        Taker::Keep { sheets, .. } => Ok(Contents { sheets, remarks }),
        Taker::Send(_) => Ok(Contents { sheets: Vec::new(), remarks }),
    }
}

/// Reads a file to where its cells go; returns what was noticed.
fn read_to(bytes: &[u8], name: &str, limits: &Limits, taker: &mut Taker<'_>) -> Result<Vec<Remark>, Refusal> {
    match kind::of(bytes, name) {
        FileKind::Empty => Err(Refusal::EmptyFile),
        FileKind::Archive => guarded(|| read_archive(bytes, limits, taker)),
        FileKind::Xls => guarded(|| {
            workbook::read_xls(bytes, taker)?;
            Ok(if kind::has_macros(bytes) { vec![Remark::MacrosIgnored] } else { Vec::new() })
        }),
        FileKind::Encrypted => Err(Refusal::PasswordProtected),
        FileKind::Other(kind) if matches!(kind.as_str(), ".csv" | ".tsv" | ".txt") => Err(Refusal::UnreadableText),
        FileKind::Other(kind) => Err(Refusal::UnknownKind { kind }),
        FileKind::Text => delimited::read(bytes, taker),
    }
}

/// Whether the file can be read in a process that must go on: text is read by this program, and xlsx cell by cell. The
/// readers of the other formats allocate what a file asks for, and Rust ends a process that does not get it.
#[must_use]
pub fn is_safe_here(bytes: &[u8], name: &str) -> bool {
    match kind::of(bytes, name) {
        FileKind::Empty | FileKind::Encrypted | FileKind::Other(_) | FileKind::Text => true,
        FileKind::Archive => memchr::memmem::find(bytes, b"xl/worksheets/")
            .is_some_and(|_| memchr::memmem::find(bytes, b"xl/workbook.bin").is_none()),
        FileKind::Xls => false,
    }
}

fn read_archive(bytes: &[u8], limits: &Limits, taker: &mut Taker<'_>) -> Result<Vec<Remark>, Refusal> {
    let inspection = archive::inspect(bytes, limits)?;
    match inspection.kind {
        ArchiveKind::Xlsx if inspection.has_new_errors => {
            let replaced = errors::replace(bytes).map_err(|error| archive::refusal(&error))?;
            workbook::read_xlsx(&replaced, taker)
        }
        ArchiveKind::Xlsx => workbook::read_xlsx(bytes, taker),
        ArchiveKind::Xlsb => workbook::read_xlsb(bytes, taker),
        ArchiveKind::Ods => workbook::read_ods(bytes, taker),
    }?;
    let mut remarks = Vec::new();
    if inspection.has_macros {
        remarks.push(Remark::MacrosIgnored);
    }
    if inspection.formulas_without_value > 0 {
        remarks.push(Remark::FormulasWithoutValue { count: inspection.formulas_without_value });
    }
    Ok(remarks)
}

/// Readers of foreign formats may panic on broken input; that refuses the file and harms nothing else.
fn guarded<T>(read: impl FnOnce() -> Result<T, Refusal>) -> Result<T, Refusal> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(read)).unwrap_or_else(|_| Err(Refusal::ReaderCrashed))
}

/// Puts a sheet together cell by cell, for rows that do not come from a file.
#[derive(Default)]
pub struct SheetBuilder {
    columns: Vec<column::ColumnBuilder>,
}

impl SheetBuilder {
    /// Sets a number; in each column rows must grow.
    pub fn set_number(&mut self, row: usize, column: usize, kind: Kind, number: f64) {
        self.column(column).set_number(row, kind, number);
    }

    /// Sets a text; in each column rows must grow.
    pub fn set_text(&mut self, row: usize, column: usize, kind: Kind, text: &str) {
        self.column(column).set_text(row, kind, text);
    }

    /// The sheet, at least `rows` high.
    #[must_use]
    pub fn finish(self, name: String, hidden: bool, rows: usize) -> Sheet {
        let rows = self.columns.iter().map(column::ColumnBuilder::rows).max().unwrap_or(0).max(rows);
        Sheet { name, hidden, columns: self.columns.into_iter().map(|builder| builder.finish(rows)).collect(), rows }
    }

    /// The memory that the cells of a column take.
    fn bytes(&self, column: usize) -> usize {
        self.columns.get(column).map_or(0, column::ColumnBuilder::bytes)
    }

    fn column(&mut self, column: usize) -> &mut column::ColumnBuilder {
        if self.columns.len() <= column {
            self.columns.resize_with(column + 1, column::ColumnBuilder::new);
        }
        &mut self.columns[column]
    }
}
