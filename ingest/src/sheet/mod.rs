//! Reads the bytes of a file into sheets of typed cells. Pure: bytes in, sheets and remarks (or a refusal) out.
//!
//! Cells are streamed into columns: one byte for the kind of a cell, its number and its text each in a column that is
//! made only when it is needed. Nothing is guessed here; what a column means is [`crate::layout`]'s question and what its
//! values are is [`crate::clean`]'s.

mod column;
mod delimited;
mod workbook;

use caudal_shared::notice::{Refusal, Remark};
pub use column::{Column, Kind};
pub(crate) use column::{plain_number, serial_to_date_time};

/// Excel's own limit.
pub const MOST_ROWS: u32 = 1_048_576;
/// More columns than this are no table.
pub const MOST_COLUMNS: u32 = 1_024;

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

/// Reads a file. The bytes decide what it is; its name only helps to word a refusal.
///
/// # Errors
/// [`Refusal`] when it cannot be read, with the reason in plain words.
pub fn read(bytes: &[u8], name: &str) -> Result<Contents, Refusal> {
    match kind_of(bytes) {
        FileKind::Empty => Err(Refusal::EmptyFile),
        FileKind::Xlsx => guarded(|| workbook::read(bytes)),
        FileKind::OtherArchive(kind) => Err(Refusal::UnknownKind { kind: kind.to_owned() }),
        FileKind::Compound => Err(compound_refusal(bytes)),
        FileKind::Binary => Err(Refusal::UnknownKind { kind: extension(name) }),
        FileKind::Text => delimited::read(bytes),
    }
}

enum FileKind {
    Empty,
    /// A zip archive: xlsx and its kin.
    Xlsx,
    /// A zip archive of another kind of sheet.
    OtherArchive(&'static str),
    /// The older container of xls and of encrypted workbooks.
    Compound,
    Binary,
    Text,
}

fn kind_of(bytes: &[u8]) -> FileKind {
    const COMPOUND: &[u8] = &[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];
    let utf16 = bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]);
    if bytes.is_empty() {
        FileKind::Empty
    } else if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
        archive_kind(bytes)
    } else if bytes.starts_with(COMPOUND) {
        FileKind::Compound
    } else if !utf16 && bytes.iter().take(8192).any(|byte| *byte == 0) {
        FileKind::Binary
    } else {
        FileKind::Text
    }
}

/// The names in the archive tell; they stand uncompressed in its directory.
fn archive_kind(bytes: &[u8]) -> FileKind {
    let names = |name: &[u8]| bytes.windows(name.len()).any(|window| window == name);
    if names(b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet") {
        FileKind::OtherArchive(".ods")
    } else if !names(b"xl/workbook.xml") && names(b"xl/workbook.bin") {
        FileKind::OtherArchive(".xlsb")
    } else {
        FileKind::Xlsx
    }
}

fn compound_refusal(bytes: &[u8]) -> Refusal {
    // The stream name of an encrypted workbook, in UTF-16
    let encrypted: Vec<u8> = "EncryptedPackage".bytes().flat_map(|byte| [byte, 0]).collect();
    if bytes.windows(encrypted.len()).any(|window| window == encrypted) {
        Refusal::PasswordProtected
    } else {
        Refusal::UnknownKind { kind: ".xls".to_owned() }
    }
}

fn extension(name: &str) -> String {
    std::path::Path::new(name)
        .extension()
        .map_or_else(|| name.to_owned(), |extension| format!(".{}", extension.to_string_lossy().to_lowercase()))
}

/// Readers of foreign formats may panic on broken input; that refuses the file and harms nothing else.
fn guarded(read: impl FnOnce() -> Result<Contents, Refusal>) -> Result<Contents, Refusal> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(read))
        .unwrap_or_else(|_| Err(Refusal::ReaderFailed { detail: "panic".to_owned() }))
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

    fn column(&mut self, column: usize) -> &mut column::ColumnBuilder {
        if self.columns.len() <= column {
            self.columns.resize_with(column + 1, column::ColumnBuilder::new);
        }
        &mut self.columns[column]
    }
}
