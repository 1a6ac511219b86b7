//! Sends the cells of a file from the reading process to the process that imports them. Cells are sent while the file
//! is still being read, so that the receiver sorts them into columns at the same time. The receiver checks every value
//! because a hostile file may have taken over the sender.
//!
//! ```text
//! contents = { sheet } end                        run   = 'C' column row kinds numbers texts
//! sheet    = 'S' name hidden { run | 'R' } 'F'    texts = count, the length of each, all of them together
//! end      = 'E' JSON
//! ```
//!
//! `'R'` cancels the runs of its sheet that came before it. A refusal may end the contents in the middle of a sheet.
//!
//! Lengths and places are 32-bit little-endian numbers. A run holds consecutive cells of one column. Its numbers hold
//! one entry for each cell with a number, and its texts one for each text or error.

use std::io::{self, Read, Write};

use caudal_contract::notice::{ReadLimit, Refusal, Remark};
use serde::{Deserialize, Serialize};

use super::limits::{Limits, MIB, MOST_COLUMNS, MOST_LINES, MOST_SHEETS};
use super::taker::Traits;
use super::{Contents, Kind, Sheet, SheetBuilder};

/// Most rows of a run.
const RUN: usize = 1_024;
/// Bytes of text after which a run is sent even if it has fewer rows.
const MOST_TOGETHER: usize = 256 * 1024;
/// Cells may take one third of the memory limit, because cleaning them takes about as much again.
const PART_OF_CELLS: u64 = 3;

/// Most memory, in bytes, that is allocated before the bytes have arrived.
const MOST_AT_ONCE: usize = 64 * 1024;

/// The end of the contents, after the sheets.
#[derive(Serialize, Deserialize)]
pub(super) enum End {
    Read { remarks: Vec<Remark> },
    Refused(Refusal),
}

/// The reason that contents did not arrive.
#[derive(Debug)]
pub enum TransferError {
    /// The file was refused.
    Refused(Refusal),
    /// The sender stopped in the middle, or sent something invalid.
    Broken(io::Error),
}

impl From<io::Error> for TransferError {
    fn from(error: io::Error) -> Self {
        Self::Broken(error)
    }
}

pub(super) fn write_end(to: &mut dyn Write, end: &End) -> io::Result<()> {
    to.write_all(b"E")?;
    write_block(to, &serde_json::to_vec(end)?)?;
    to.flush()
}

/// Sends cells in runs.
pub(super) struct Sender<'a> {
    to: &'a mut dyn Write,
    /// The unsent run of each column.
    runs: Vec<Run>,
    is_empty: bool,
}

#[derive(Default)]
struct Run {
    /// The row of the first cell.
    first: usize,
    /// The row below the last cell, sent or not.
    next: usize,
    /// The run is sent before a cell in this row or below it is added.
    until: usize,
    kinds: Vec<u8>,
    numbers: Vec<u8>,
    lengths: Vec<u8>,
    together: Vec<u8>,
}

impl<'a> Sender<'a> {
    pub(super) fn new(to: &'a mut dyn Write) -> Self {
        Self { to, runs: Vec::new(), is_empty: true }
    }

    /// Whether no cell was added.
    pub(super) fn is_empty(&self) -> bool {
        self.is_empty
    }

    pub(super) fn begin(&mut self, name: &str, traits: Traits) -> io::Result<()> {
        self.runs.clear();
        self.to.write_all(b"S")?;
        write_block(self.to, name.as_bytes())?;
        self.to.write_all(&[traits.to_byte()])
    }

    pub(super) fn begin_again(&mut self) -> io::Result<()> {
        self.runs.clear();
        self.is_empty = true;
        self.to.write_all(b"R")
    }

    pub(super) fn set_number(&mut self, row: usize, column: usize, kind: Kind, number: f64) -> io::Result<()> {
        if let Some(run) = self.run(row, column, kind)? {
            run.numbers.extend(number.to_le_bytes());
        }
        Ok(())
    }

    pub(super) fn set_text(&mut self, row: usize, column: usize, kind: Kind, text: &str) -> io::Result<()> {
        if text.is_empty() {
            return Ok(());
        }
        let length = u32::try_from(text.len()).map_err(io::Error::other)?;
        if let Some(run) = self.run(row, column, kind)? {
            run.lengths.extend(length.to_le_bytes());
            run.together.extend(text.as_bytes());
        }
        Ok(())
    }

    /// The column's run with the cell's kind added. `None` if the row is not below the last cell.
    fn run(&mut self, row: usize, column: usize, kind: Kind) -> io::Result<Option<&mut Run>> {
        if self.runs.len() <= column {
            // The first runs of the columns end in different rows. A pipe is small, so if all columns were sent at
            // once, the sender would wait until the receiver had sorted all of them.
            let runs = self.runs.len()..=column;
            self.runs.extend(runs.map(|column| Run { until: RUN / 16 * (1 + column % 16), ..Run::default() }));
        }
        let Some(run) = self.runs.get_mut(column).filter(|run| row >= run.next) else { return Ok(None) };
        if row >= run.until || run.together.len() > MOST_TOGETHER {
            run.write(self.to, column)?;
            run.until = row + RUN;
        }
        if run.kinds.is_empty() {
            run.first = row;
        }
        run.kinds.resize(row - run.first, Kind::Empty as u8);
        run.kinds.push(kind as u8);
        run.next = row + 1;
        self.is_empty = false;
        Ok(Some(run))
    }

    pub(super) fn end(&mut self) -> io::Result<()> {
        for (column, run) in self.runs.iter_mut().enumerate() {
            run.write(self.to, column)?;
        }
        self.to.write_all(b"F")
    }
}

impl Run {
    fn write(&mut self, to: &mut dyn Write, column: usize) -> io::Result<()> {
        if self.kinds.is_empty() {
            return Ok(());
        }
        to.write_all(b"C")?;
        write_length(to, column)?;
        write_length(to, self.first)?;
        write_block(to, &self.kinds)?;
        write_length(to, self.numbers.len() / 8)?;
        to.write_all(&self.numbers)?;
        write_length(to, self.lengths.len() / 4)?;
        to.write_all(&self.lengths)?;
        to.write_all(&self.together)?;
        for list in [&mut self.kinds, &mut self.numbers, &mut self.lengths, &mut self.together] {
            list.clear();
        }
        Ok(())
    }
}

fn write_block(to: &mut dyn Write, bytes: &[u8]) -> io::Result<()> {
    write_length(to, bytes.len())?;
    to.write_all(bytes)
}

fn write_length(to: &mut dyn Write, length: usize) -> io::Result<()> {
    to.write_all(&u32::try_from(length).map_err(io::Error::other)?.to_le_bytes())
}

/// Receives contents from [`super::sending::send`]. The file is refused if its texts, with all repetitions, exceed
/// `limits.memory_bytes`, or if the cells that are kept exceed a third of it.
///
/// # Errors
/// [`TransferError`].
pub fn receive(from: impl Read, limits: &Limits) -> Result<Contents, TransferError> {
    let (left, unsent) = (limits.memory_bytes / PART_OF_CELLS, limits.memory_bytes);
    let mut receiver = Receiver { from, left, unsent, limits };
    let mut sheets = Vec::new();
    loop {
        match receiver.array::<1>()? {
            [b'S'] if sheets.len() < MOST_SHEETS => match receiver.sheet()? {
                Ok(sheet) => sheets.push(sheet),
                Err(end) => return contents(sheets, end, true),
            },
            [b'E'] => {
                let end = receiver.end()?;
                return contents(sheets, end, false);
            }
            _ => return Err(impossible("tag")),
        }
    }
}

fn contents(sheets: Vec<Sheet>, end: End, is_open: bool) -> Result<Contents, TransferError> {
    match end {
        End::Refused(refusal) => Err(TransferError::Refused(refusal)),
        End::Read { .. } if is_open => Err(impossible("end within a sheet")),
        End::Read { remarks } => Ok(Contents { sheets, remarks }),
    }
}

struct Receiver<'a, R> {
    from: R,
    /// Bytes that may still be kept.
    left: u64,
    /// Bytes of text that may still arrive. They are limited apart from `left` because one text may be repeated in
    /// millions of cells, which costs time but is kept once.
    unsent: u64,
    limits: &'a Limits,
}

impl<R: Read> Receiver<'_, R> {
    /// A sheet, or the end if it came in the middle of the sheet.
    fn sheet(&mut self) -> Result<Result<Sheet, End>, TransferError> {
        let name = String::from_utf8(self.block(4096)?).map_err(io::Error::other)?;
        let [traits] = self.array::<1>()?;
        let (mut builder, left) = (SheetBuilder::default(), self.left);
        loop {
            match self.array::<1>()? {
                [b'C'] => self.run(&mut builder)?,
                [b'R'] => (builder, self.left) = (SheetBuilder::default(), left),
                [b'F'] => return Ok(Ok(Traits::of_byte(traits).finish(builder, name))),
                [b'E'] => return Ok(Err(self.end()?)),
                _ => return Err(impossible("tag")),
            }
        }
    }

    fn run(&mut self, builder: &mut SheetBuilder) -> Result<(), TransferError> {
        let column = self.length(u64::from(MOST_COLUMNS) - 1)?;
        let first = self.length(MOST_LINES as u64 - 1)?;
        let count = self.length(RUN as u64)?;
        let kinds = self.bytes(count as u64)?;
        let numbers = self.length(count as u64)?;
        let numbers = self.bytes(8 * numbers as u64)?;
        let texts = self.length(count as u64)?;
        let lengths = self.bytes(4 * texts as u64)?;
        let lengths = || lengths.as_chunks::<4>().0.iter().map(|length| u32::from_le_bytes(*length));
        let together: u64 = lengths().map(u64::from).sum();
        self.unsent = self.unsent.checked_sub(together).ok_or_else(|| self.over_memory())?;
        let together = String::from_utf8(self.bytes(together)?).map_err(io::Error::other)?;

        let before = builder.bytes(column);
        let mut numbers = numbers.as_chunks::<8>().0.iter().map(|number| f64::from_le_bytes(*number));
        let (mut lengths, mut rest) = (lengths(), together.as_str());
        for (row, kind) in (first..).zip(kinds) {
            match Kind::ALL.get(usize::from(kind)).copied().ok_or_else(|| impossible("kind"))? {
                Kind::Empty => {}
                kind @ (Kind::Text | Kind::Error) => {
                    let cut = lengths.next().and_then(|length| rest.split_at_checked(length as usize));
                    let (text, after) = cut.ok_or_else(|| impossible("text"))?;
                    builder.set_text(row, column, kind, text);
                    rest = after;
                }
                kind => {
                    let number = numbers.next().ok_or_else(|| impossible("number"))?;
                    builder.set_number(row, column, kind, number);
                }
            }
        }
        self.keep((builder.bytes(column) - before) as u64)
    }

    fn end(&mut self) -> Result<End, TransferError> {
        let end = self.block(16 * MIB)?;
        Ok(serde_json::from_slice(&end).map_err(io::Error::from)?)
    }

    fn block(&mut self, most: u64) -> Result<Vec<u8>, TransferError> {
        let length = self.length(most)? as u64;
        self.keep(length)?;
        self.bytes(length)
    }

    /// Reads `length` bytes. Memory grows as bytes arrive, because the announced length may be wrong. Only
    /// `MOST_AT_ONCE` bytes are allocated in advance.
    fn bytes(&mut self, length: u64) -> Result<Vec<u8>, TransferError> {
        let at_once = usize::try_from(length).unwrap_or(usize::MAX).min(MOST_AT_ONCE);
        let mut bytes = Vec::with_capacity(at_once);
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
        self.left = self.left.checked_sub(bytes).ok_or_else(|| self.over_memory())?;
        Ok(())
    }

    fn over_memory(&self) -> TransferError {
        let most = self.limits.memory_bytes / MIB;
        TransferError::Refused(Refusal::OverLimit { limit: ReadLimit::Memory, most })
    }
}

fn impossible(what: &str) -> TransferError {
    TransferError::Broken(io::Error::new(io::ErrorKind::InvalidData, what))
}

#[cfg(test)]
mod tests {
    use super::super::sending::send;
    use super::*;

    fn contents() -> Contents {
        let mut builder = SheetBuilder::default();
        builder.set_text(0, 0, Kind::Text, "produto");
        builder.set_text(2, 0, Kind::Text, "Pão");
        builder.set_number(1, 1, Kind::DateTime, 45_356.5);
        builder.set_text(70_000, 1, Kind::Error, "#N/A");
        Contents { sheets: vec![builder.finish("Março".into(), true, 0)], remarks: vec![Remark::MacrosIgnored] }
    }

    fn sent(contents: Contents) -> Vec<u8> {
        let mut bytes: Vec<u8> = Vec::new();
        let mut sender = Sender::new(&mut bytes);
        for sheet in contents.sheets {
            sender
                .begin(&sheet.name, Traits { hidden: sheet.hidden, counts_from_1904: sheet.name == "Março" })
                .unwrap();
            for (column, cells) in sheet.columns.iter().enumerate() {
                for row in 0..sheet.rows {
                    match cells.kind(row) {
                        Kind::Empty => {}
                        kind @ (Kind::Text | Kind::Error) => {
                            sender.set_text(row, column, kind, cells.text(row).unwrap()).unwrap();
                        }
                        kind => sender.set_number(row, column, kind, cells.number(row)).unwrap(),
                    }
                }
            }
            sender.end().unwrap();
        }
        write_end(&mut bytes, &End::Read { remarks: contents.remarks }).unwrap();
        bytes
    }

    #[test]
    fn what_was_written_is_read_again() {
        let read = receive(&sent(contents())[..], &Limits::default()).unwrap();
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
        let mut bytes: Vec<u8> = Vec::new();
        send(&mut bytes, b"%PDF-1.7", "vendas.xlsx", &Limits::default()).unwrap();
        let refused = receive(&bytes[..], &Limits::default());
        assert!(matches!(refused, Err(TransferError::Refused(Refusal::UnknownKind { .. }))));
    }

    #[test]
    fn rows_that_were_read_in_vain_are_taken_back() {
        let mut bytes: Vec<u8> = Vec::new();
        let rows = "Café;1\n".repeat(3_000);
        let text = format!("p;q\n{rows}\"TV 12;2\n{rows}");
        send(&mut bytes, text.as_bytes(), "x.csv", &Limits::default()).unwrap();
        let received = receive(&bytes[..], &Limits::default()).unwrap();
        assert_eq!(received.remarks[0], Remark::QuotesUnbalanced);
        let sheet = &received.sheets[0];
        assert_eq!((received.sheets.len(), sheet.rows), (1, 6_002));
        assert_eq!((sheet.shown(1, 0), sheet.shown(3_001, 0)), (Some("Café".into()), Some("\"TV 12".into())));
    }

    #[test]
    fn neither_a_cut_nor_a_changed_byte_does_harm() {
        let bytes = sent(contents());
        for cut in (0..bytes.len()).step_by(3) {
            assert!(matches!(receive(&bytes[..cut], &Limits::default()), Err(TransferError::Broken(_))), "{cut}");
        }
        for at in (0..bytes.len()).step_by(3) {
            let mut changed = bytes.clone();
            changed[at] ^= 0xFF;
            let _ = receive(&changed[..], &Limits::default());
        }
    }

    #[test]
    fn more_than_fits_is_refused() {
        let refused = |bytes: &[u8], memory_bytes: u64| {
            let limits = Limits { memory_bytes, ..Limits::default() };
            let limit = ReadLimit::Memory;
            matches!(receive(bytes, &limits), Err(TransferError::Refused(Refusal::OverLimit { limit: l, .. })) if l == limit)
        };
        let bytes = sent(contents());
        assert!(refused(&bytes, 30_000) && !refused(&bytes, 1_000_000));
        // Few cells that are far apart, and one text in many cells.
        let mut builder = SheetBuilder::default();
        for column in 0..100 {
            builder.set_number(4_095, column, Kind::Number, 1.0);
            builder.set_number(8_191, column, Kind::Number, 1.0);
        }
        let far = sent(Contents { sheets: vec![builder.finish(String::new(), false, 0)], remarks: Vec::new() });
        assert!(far.len() < 10_000 && refused(&far, 10_000_000));
        let mut builder = SheetBuilder::default();
        for row in 0..1_000 {
            builder.set_text(row, 0, Kind::Text, &"a".repeat(10_000));
        }
        let many = sent(Contents { sheets: vec![builder.finish(String::new(), false, 0)], remarks: Vec::new() });
        assert!(refused(&many, 9_999_999) && !refused(&many, 10_000_000));
    }
}
