//! Reads the bytes of a file into sheets of typed cells. This module does no IO: bytes come in, and sheets with
//! remarks, or a refusal, go out.
//!
//! Cells are streamed into columns. A column has one byte for the kind of each cell, and lists of numbers and of texts
//! that exist only if they are needed. A repeated text is kept once. This module guesses nothing: [`crate::layout`]
//! finds the meaning of each column and [`crate::clean`] its values.

mod archive;
mod cells;
mod column;
mod delimited;
mod encoding;
mod errors;
mod kind;
mod limits;
pub mod sending;
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
    /// The name. Empty for a text file.
    pub name: String,
    /// Whether the workbook hides it.
    pub hidden: bool,
    /// The columns, all with as many cells as the sheet has rows.
    pub columns: Vec<Column>,
    /// Number of rows from the top to the last filled one.
    pub rows: usize,
}

impl Sheet {
    /// The cell's text as a person sees it. `None` if it is empty.
    #[must_use]
    pub fn shown(&self, row: usize, column: usize) -> Option<String> {
        self.columns.get(column).and_then(|column| column.shown(row))
    }
}

/// The contents of a file.
#[derive(Debug)]
pub struct Contents {
    /// The sheets in the workbook's order, including hidden ones.
    pub sheets: Vec<Sheet>,
    /// Remarks made during reading.
    pub remarks: Vec<Remark>,
}

/// Reads a file within the default limits. The bytes decide its kind. The name is used only in the text of a refusal.
///
/// # Errors
/// [`Refusal`] with the reason in plain words if the file cannot be read.
pub fn read(bytes: &[u8], name: &str) -> Result<Contents, Refusal> {
    read_within(bytes, name, &Limits::default())
}

/// Reads a file. Formats other than xlsx and text must be read in a process that reads only this file, because their
/// readers can be made to end the process. See [`is_safe_here`].
///
/// # Errors
/// [`Refusal`] with the reason in plain words if the file cannot be read.
pub fn read_within(bytes: &[u8], name: &str, limits: &Limits) -> Result<Contents, Refusal> {
    let mut taker = Taker::keep();
    let remarks = read_to(bytes, name, limits, &mut taker)?;
    match taker {
        Taker::Keep { sheets, .. } => Ok(Contents { sheets, remarks }),
        Taker::Send(_) => Ok(Contents { sheets: Vec::new(), remarks }),
    }
}

/// Reads a file, gives its cells to the `taker` and returns the remarks.
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

/// Whether the file can be read in a process that must keep running. Text is read by this program, and xlsx cell by
/// cell. The readers of the other formats allocate as much as a file asks for, and Rust aborts the process if an
/// allocation fails.
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

/// Readers of foreign formats may panic on broken input. A panic refuses the file and harms nothing else.
fn guarded<T>(read: impl FnOnce() -> Result<T, Refusal>) -> Result<T, Refusal> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(read)).unwrap_or_else(|_| Err(Refusal::ReaderCrashed))
}

/// Builds a sheet cell by cell, for rows that do not come from a file.
#[derive(Default)]
pub struct SheetBuilder {
    columns: Vec<column::ColumnBuilder>,
}

impl SheetBuilder {
    /// Sets a number. Rows of a column must be set in ascending order.
    pub fn set_number(&mut self, row: usize, column: usize, kind: Kind, number: f64) {
        self.column(column).set_number(row, kind, number);
    }

    /// Sets a text. Rows of a column must be set in ascending order.
    pub fn set_text(&mut self, row: usize, column: usize, kind: Kind, text: &str) {
        self.column(column).set_text(row, kind, text);
    }

    /// Returns the sheet, with at least `rows` rows.
    #[must_use]
    pub fn finish(self, name: String, hidden: bool, rows: usize) -> Sheet {
        let rows = self.columns.iter().map(column::ColumnBuilder::rows).max().unwrap_or(0).max(rows);
        Sheet { name, hidden, columns: self.columns.into_iter().map(|builder| builder.finish(rows)).collect(), rows }
    }

    /// The memory of a column's cells, in bytes.
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
