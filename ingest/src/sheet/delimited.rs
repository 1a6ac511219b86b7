//! Text files: encoding and delimiter are decided once, for the whole file, and reported.

use caudal_shared::notice::{Refusal, Remark};
use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

use super::limits::Tally;
use super::{Contents, Kind, Sheet, SheetBuilder};

const DELIMITERS: [u8; 4] = [b';', b'\t', b'|', b','];

pub(super) fn read(bytes: &[u8]) -> Result<Contents, Refusal> {
    let encoding = encoding_of(bytes);
    let (text, _, broken) = encoding.decode(bytes);
    if broken {
        return Err(Refusal::UnreadableText);
    }
    let delimiter = delimiter_of(&text);
    let balanced = text.bytes().filter(|byte| *byte == b'"').count() % 2 == 0;
    let mut remarks = Vec::new();
    // With an odd number of marks, one of which may be an inch, less is needed to believe that rows were swallowed
    let sheet = match read_rows(&text, delimiter, if balanced { 2 } else { 1 })? {
        Some(sheet) => sheet,
        None => {
            remarks.push(Remark::QuotesUnbalanced);
            read_lines(&text, delimiter)?
        }
    };
    if sheet.rows == 0 {
        return Err(Refusal::NoContent);
    }
    let delimiter = match delimiter {
        b'\t' => "tab".to_owned(),
        other => format!("\"{}\"", char::from(other)),
    };
    remarks.push(Remark::TextRead { encoding: encoding.name().to_owned(), delimiter });
    Ok(Contents { sheets: vec![sheet], remarks })
}

/// A byte order mark decides; else valid UTF-8 is UTF-8 (other encodings hardly ever are by accident); else Windows-1252.
fn encoding_of(bytes: &[u8]) -> &'static Encoding {
    if let Some((encoding, _)) = Encoding::for_bom(bytes) {
        return encoding;
    }
    if std::str::from_utf8(bytes).is_ok() { UTF_8 } else { WINDOWS_1252 }
}

/// The delimiter that splits the first lines into the most columns, the same number on most lines.
fn delimiter_of(text: &str) -> u8 {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).take(50).collect();
    let quality = |delimiter: u8| {
        let counts: Vec<usize> = lines.iter().map(|line| count_outside_quotes(line, delimiter)).collect();
        let usual = counts.iter().copied().max_by_key(|count| counts.iter().filter(|other| *other == count).count());
        let usual = usual.unwrap_or(0);
        let agreeing = counts.iter().filter(|count| **count == usual).count();
        if usual == 0 { (0, 0) } else { (agreeing * 10 / lines.len().max(1), usual) }
    };
    // Among equals the earlier in the list wins: a comma is also a decimal mark
    DELIMITERS.into_iter().rev().max_by_key(|delimiter| quality(*delimiter)).unwrap_or(b',')
}

fn count_outside_quotes(line: &str, delimiter: u8) -> usize {
    let mut quoted = false;
    line.bytes()
        .filter(|byte| {
            quoted ^= *byte == b'"';
            !quoted && *byte == delimiter
        })
        .count()
}

/// Reads records, which may span lines within quotes; `None` when a field has swallowed whole rows, so that a quotation
/// mark before it cannot have been meant.
fn read_rows(text: &str, delimiter: u8, swallowed: usize) -> Result<Option<Sheet>, Refusal> {
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(text.as_bytes());
    let mut builder = SheetBuilder::default();
    let mut tally = Tally::default();
    let mut record = csv::StringRecord::new();
    let mut lines = LineCounter { text: text.as_bytes(), byte: 0, line: 0 };
    loop {
        match reader.read_record(&mut record) {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => return Err(Refusal::ReaderFailed { detail: error.to_string() }),
        }
        if record.iter().any(|field| swallows_rows(field, delimiter, swallowed)) {
            return Ok(None);
        }
        let start = record.position().map_or(0, csv::Position::byte);
        let row = lines.line_at(usize::try_from(start).unwrap_or(usize::MAX));
        tally.admit_line(row, record.len())?;
        for (column, field) in record.iter().enumerate() {
            Tally::admit_text(field)?;
            builder.set_text(row, column, Kind::Text, field);
        }
    }
    Ok(Some(builder.finish(String::new(), false, 0)))
}

/// A line break followed, on a later line, by so many delimiters: other rows, not an address of two lines.
fn swallows_rows(field: &str, delimiter: u8, least: usize) -> bool {
    field.contains('\n')
        && field.lines().skip(1).any(|line| line.bytes().filter(|byte| *byte == delimiter).count() >= least)
}

/// Reads each line by itself; one with an odd number of quotation marks as if it had none.
fn read_lines(text: &str, delimiter: u8) -> Result<Sheet, Refusal> {
    let mut builder = SheetBuilder::default();
    let mut tally = Tally::default();
    let mut record = csv::StringRecord::new();
    for (row, line) in text.lines().enumerate() {
        let quoting = line.bytes().filter(|byte| *byte == b'"').count() % 2 == 0;
        let mut options = csv::ReaderBuilder::new();
        options.has_headers(false).flexible(true).delimiter(delimiter).quoting(quoting);
        let mut reader = options.from_reader(line.as_bytes());
        let failed = |error: csv::Error| Refusal::ReaderFailed { detail: error.to_string() };
        if reader.read_record(&mut record).map_err(failed)? {
            tally.admit_line(row, record.len())?;
            for (column, field) in record.iter().enumerate() {
                Tally::admit_text(field)?;
                builder.set_text(row, column, Kind::Text, field);
            }
        }
    }
    Ok(builder.finish(String::new(), false, 0))
}

/// Tells the line, counted from 0, that a record starts on, as an editor shows it: blank lines count, and a record may
/// span several.
struct LineCounter<'a> {
    text: &'a [u8],
    byte: usize,
    line: usize,
}

impl LineCounter<'_> {
    /// Records come in order; the reader reports a record's start before the blank lines above it.
    fn line_at(&mut self, start: usize) -> usize {
        let is_break = |at: usize| matches!(self.text.get(at), Some(b'\n' | b'\r'));
        let start = (start..self.text.len()).find(|at| !is_break(*at)).unwrap_or(self.text.len());
        let lone_return = |at: usize| self.text.get(at) == Some(&b'\r') && self.text.get(at + 1) != Some(&b'\n');
        self.line += (self.byte..start).filter(|at| self.text.get(*at) == Some(&b'\n') || lone_return(*at)).count();
        self.byte = start.max(self.byte);
        self.line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delimiter_is_the_one_that_makes_columns() {
        assert_eq!(delimiter_of("a;b;c\n1,5;2,5;3\n"), b';');
        assert_eq!(delimiter_of("a,b\n\"x;y;z\",2\n\"u;v;w\",3\n"), b',');
        assert_eq!(delimiter_of("a\tb\n1,2\t3,4\n"), b'\t');
    }

    #[test]
    fn accents_survive_whatever_the_encoding() {
        for bytes in [b"nome\nJo\xe3o\n".to_vec(), "nome\nJoão\n".into(), "\u{feff}nome\nJoão\n".into()] {
            let contents = read(&bytes).unwrap();
            assert_eq!(contents.sheets[0].shown(1, 0).as_deref(), Some("João"));
            assert_eq!(contents.sheets[0].shown(0, 0).as_deref(), Some("nome"));
        }
    }

    #[test]
    fn a_quotation_mark_that_nothing_closes_swallows_no_rows() {
        for text in ["p;q\n\"TV 12;2\nCafé;1\nChá;3\n", "p;q;t\n\"TV 12;2;5\nCafé;1;5\nPão 3\";3;5\nChá;3;5\n"] {
            let contents = read(text.as_bytes()).unwrap();
            assert_eq!(contents.sheets[0].shown(2, 0).as_deref(), Some("Café"), "{text}");
            assert_eq!(contents.remarks[0], Remark::QuotesUnbalanced);
        }
        let address = read("p;address\nCafé;\"Rua A, 1\nSão Paulo\"\n".as_bytes()).unwrap();
        assert_eq!(
            address.sheets[0].shown(1, 1).as_deref(),
            Some("Rua A, 1\nSão Paulo"),
            "an address may have two lines"
        );
    }

    #[test]
    fn rows_keep_the_line_numbers_of_the_file() {
        let contents = read(b"a;b\n\n1;2\n").unwrap();
        assert_eq!(contents.sheets[0].shown(2, 1).as_deref(), Some("2"));
    }
}
