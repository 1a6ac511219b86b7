//! Sheets on their way from the process that reads a file to the one that goes on with it: columns as they are in memory,
//! written one after the other, and checked when they are read, for the writer may have been led astray by the file.
//!
//! ```text
//! contents = { sheet } end          sheet  = 'S' name hidden rows columns { column }
//! end      = 'E' JSON               column = kinds numbers texts
//! ```
//!
//! Lengths are 32-bit little-endian numbers. A column's texts come in blocks of `BLOCK` rows: the length of each (or
//! `NO_TEXT`), then all of them together.

use std::io::{self, Read, Write};

use caudal_shared::notice::{ReadLimit, Refusal, Remark};
use polars::prelude::{PlSmallStr, StringChunkedBuilder};
use serde::{Deserialize, Serialize};

use super::limits::{Limits, MIB, MOST_COLUMNS, MOST_LINES, MOST_SHEETS};
use super::{Column, Contents, Kind, Sheet};

const BLOCK: usize = 65_536;
const NO_TEXT: u32 = u32::MAX;
/// What polars keeps of a text beside its bytes.
const TEXT_VIEW: u64 = 16;

/// What follows the sheets.
#[derive(Serialize, Deserialize)]
enum End {
    Read { remarks: Vec<Remark> },
    Refused(Refusal),
}

/// Why contents did not arrive.
#[derive(Debug)]
pub enum TransferError {
    /// The file was refused.
    Refused(Refusal),
    /// The writer stopped in the middle, or wrote what is not possible.
    Broken(io::Error),
}

impl From<io::Error> for TransferError {
    fn from(error: io::Error) -> Self {
        Self::Broken(error)
    }
}

/// Writes what reading a file gave. Each column is freed once it is written, so that two processes together need little
/// more memory than one.
///
/// # Errors
/// What the system says.
pub fn write(to: &mut impl Write, read: Result<Contents, Refusal>) -> io::Result<()> {
    let end = match read {
        Ok(contents) => {
            for sheet in contents.sheets {
                write_sheet(to, sheet)?;
            }
            End::Read { remarks: contents.remarks }
        }
        Err(refusal) => End::Refused(refusal),
    };
    to.write_all(b"E")?;
    write_block(to, &serde_json::to_vec(&end)?)?;
    to.flush()
}

fn write_sheet(to: &mut impl Write, sheet: Sheet) -> io::Result<()> {
    to.write_all(b"S")?;
    write_block(to, sheet.name.as_bytes())?;
    to.write_all(&[u8::from(sheet.hidden)])?;
    write_length(to, sheet.rows)?;
    write_length(to, sheet.columns.len())?;
    for column in sheet.columns {
        write_column(to, &column)?;
    }
    Ok(())
}

fn write_column(to: &mut impl Write, column: &Column) -> io::Result<()> {
    let kinds: Vec<u8> = column.kinds.iter().map(|kind| *kind as u8).collect();
    write_block(to, &kinds)?;
    write_length(to, column.numbers.len())?;
    let mut bytes = Vec::with_capacity(8 * BLOCK);
    for numbers in column.numbers.chunks(BLOCK) {
        bytes.clear();
        bytes.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
        to.write_all(&bytes)?;
    }
    let Some(texts) = &column.texts else { return write_length(to, 0) };
    write_length(to, texts.len())?;
    let mut lengths = Vec::with_capacity(4 * BLOCK);
    let mut together = Vec::new();
    let mut texts = texts.iter();
    loop {
        lengths.clear();
        together.clear();
        for text in texts.by_ref().take(BLOCK) {
            let length = text.map_or(Ok(NO_TEXT), |text| u32::try_from(text.len()).map_err(io::Error::other))?;
            lengths.extend(length.to_le_bytes());
            together.extend(text.unwrap_or_default().as_bytes());
        }
        if lengths.is_empty() {
            return Ok(());
        }
        to.write_all(&lengths)?;
        to.write_all(&together)?;
    }
}

fn write_block(to: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
    write_length(to, bytes.len())?;
    to.write_all(bytes)
}

fn write_length(to: &mut impl Write, length: usize) -> io::Result<()> {
    to.write_all(&u32::try_from(length).map_err(io::Error::other)?.to_le_bytes())
}

/// Reads what [`write()`] wrote, as long as it fits into `limits.memory_bytes`.
///
/// # Errors
/// [`TransferError`].
pub fn read(from: impl Read, limits: &Limits) -> Result<Contents, TransferError> {
    let mut receiver = Receiver { from, left: limits.memory_bytes, limits };
    let mut sheets = Vec::new();
    loop {
        match receiver.array::<1>()? {
            [b'S'] if sheets.len() < MOST_SHEETS => sheets.push(receiver.sheet()?),
            [b'E'] => break,
            _ => return Err(impossible("tag")),
        }
    }
    let end = receiver.block(16 * MIB)?;
    match serde_json::from_slice(&end).map_err(io::Error::from)? {
        End::Read { remarks } => Ok(Contents { sheets, remarks }),
        End::Refused(refusal) => Err(TransferError::Refused(refusal)),
    }
}

struct Receiver<'a, R> {
    from: R,
    /// What may still be kept, in bytes.
    left: u64,
    limits: &'a Limits,
}

impl<R: Read> Receiver<'_, R> {
    fn sheet(&mut self) -> Result<Sheet, TransferError> {
        let name = String::from_utf8(self.block(4096)?).map_err(io::Error::other)?;
        let [hidden] = self.array::<1>()?;
        let rows = self.length(MOST_LINES as u64)?;
        let columns = self.length(u64::from(MOST_COLUMNS))?;
        let columns = (0..columns).map(|_| self.column(rows)).collect::<Result<_, _>>()?;
        Ok(Sheet { name, hidden: hidden != 0, columns, rows })
    }

    fn column(&mut self, rows: usize) -> Result<Column, TransferError> {
        let kinds = self.block(rows as u64)?;
        let kinds = kinds.into_iter().map(|kind| Kind::ALL.get(usize::from(kind)).copied());
        let kinds: Vec<Kind> = kinds.collect::<Option<_>>().ok_or_else(|| impossible("kind"))?;
        let count = self.length(rows as u64)?;
        self.keep(8 * count as u64)?;
        let mut numbers = Vec::with_capacity(count);
        let mut bytes = vec![0; 8 * BLOCK.min(count)];
        while numbers.len() < count {
            let piece = &mut bytes[..8 * BLOCK.min(count - numbers.len())];
            self.from.read_exact(piece)?;
            numbers.extend(piece.as_chunks::<8>().0.iter().map(|number| f64::from_le_bytes(*number)));
        }
        let count = self.length(rows as u64)?;
        let texts = if count == 0 { None } else { Some(self.texts(count)?) };
        Ok(Column { kinds, numbers, texts })
    }

    fn texts(&mut self, count: usize) -> Result<polars::prelude::StringChunked, TransferError> {
        self.keep(TEXT_VIEW * count as u64)?;
        let mut builder = StringChunkedBuilder::new(PlSmallStr::EMPTY, count);
        for start in (0..count).step_by(BLOCK) {
            let mut lengths = vec![0; 4 * BLOCK.min(count - start)];
            self.from.read_exact(&mut lengths)?;
            let lengths = || lengths.as_chunks::<4>().0.iter().map(|length| u32::from_le_bytes(*length));
            let together: u64 = lengths().filter(|length| *length != NO_TEXT).map(u64::from).sum();
            self.keep(together)?;
            let together = String::from_utf8(self.bytes(together)?).map_err(io::Error::other)?;
            let mut rest = together.as_str();
            for length in lengths() {
                if length == NO_TEXT {
                    builder.append_null();
                    continue;
                }
                let (text, after) = rest.split_at_checked(length as usize).ok_or_else(|| impossible("text"))?;
                builder.append_value(text);
                rest = after;
            }
        }
        Ok(builder.finish())
    }

    fn block(&mut self, most: u64) -> Result<Vec<u8>, TransferError> {
        let length = self.length(most)? as u64;
        self.keep(length)?;
        self.bytes(length)
    }

    /// Memory is taken as bytes arrive, not as they are announced.
    fn bytes(&mut self, length: u64) -> Result<Vec<u8>, TransferError> {
        let mut bytes = Vec::new();
        self.from.by_ref().take(length).read_to_end(&mut bytes)?;
        if bytes.len() as u64 == length { Ok(bytes) } else { Err(io::Error::from(io::ErrorKind::UnexpectedEof).into()) }
    }

    fn length(&mut self, most: u64) -> Result<usize, TransferError> {
        let length = u32::from_le_bytes(self.array()?);
        if u64::from(length) > most { Err(impossible("length")) } else { Ok(length as usize) }
    }

    fn array<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let mut bytes = [0; N];
        self.from.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    fn keep(&mut self, bytes: u64) -> Result<(), TransferError> {
        let over = || Refusal::OverLimit { limit: ReadLimit::Memory, most: self.limits.memory_bytes / MIB };
        self.left = self.left.checked_sub(bytes).ok_or_else(|| TransferError::Refused(over()))?;
        Ok(())
    }
}

fn impossible(what: &str) -> TransferError {
    TransferError::Broken(io::Error::new(io::ErrorKind::InvalidData, what))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sheet::SheetBuilder;

    fn contents() -> Contents {
        let mut builder = SheetBuilder::default();
        builder.set_text(0, 0, Kind::Text, "produto");
        builder.set_text(2, 0, Kind::Text, "Pão");
        builder.set_number(1, 1, Kind::DateTime, 45_356.5);
        builder.set_text(70_000, 1, Kind::Error, "#N/A");
        Contents { sheets: vec![builder.finish("Março".into(), true, 0)], remarks: vec![Remark::MacrosIgnored] }
    }

    fn written(read: Result<Contents, Refusal>) -> Vec<u8> {
        let mut bytes = Vec::new();
        write(&mut bytes, read).unwrap();
        bytes
    }

    #[test]
    fn what_was_written_is_read_again() {
        let read = read(&written(Ok(contents()))[..], &Limits::default()).unwrap();
        assert_eq!(format!("{:?}", read.remarks), "[MacrosIgnored]");
        let (sheet, before) = (&read.sheets[0], &contents().sheets[0]);
        assert_eq!((&sheet.name, sheet.hidden, sheet.rows), (&before.name, true, 70_001));
        for row in 0..sheet.rows {
            for column in 0..2 {
                assert_eq!(sheet.shown(row, column), before.shown(row, column));
                assert_eq!(sheet.columns[column].kind(row), before.columns[column].kind(row));
            }
        }
    }

    #[test]
    fn a_refusal_arrives_as_one() {
        let bytes = written(Err(Refusal::Damaged));
        assert!(matches!(read(&bytes[..], &Limits::default()), Err(TransferError::Refused(Refusal::Damaged))));
    }

    #[test]
    fn neither_a_cut_nor_a_changed_byte_does_harm() {
        let bytes = written(Ok(contents()));
        for cut in (0..bytes.len()).step_by(19_997) {
            assert!(matches!(read(&bytes[..cut], &Limits::default()), Err(TransferError::Broken(_))), "{cut}");
        }
        for at in (0..bytes.len()).step_by(19_997).chain(0..40) {
            let mut changed = bytes.clone();
            changed[at] ^= 0xFF;
            let _ = read(&changed[..], &Limits::default());
        }
    }

    #[test]
    fn more_than_fits_is_refused() {
        let limits = Limits { memory_bytes: 100_000, ..Limits::default() };
        let refused = read(&written(Ok(contents()))[..], &limits);
        assert!(matches!(refused, Err(TransferError::Refused(Refusal::OverLimit { limit: ReadLimit::Memory, .. }))));
    }
}
