//! Reads text files. Encoding and delimiter are decided once for the whole file, and reported.

use std::borrow::Cow;

use caudal_contract::notice::{Refusal, Remark};

use super::Kind;
use super::encoding::TextEncoding;
use super::limits::Tally;
use super::taker::{Taker, Traits};

const DELIMITERS: [u8; 4] = [b';', b'\t', b'|', b','];

pub(super) fn read(bytes: &[u8], taker: &mut Taker<'_>) -> Result<Vec<Remark>, Refusal> {
    let encoding = TextEncoding::of(bytes);
    let text = encoding.decode(bytes).ok_or(Refusal::UnreadableText)?;
    // Programs leave a zero byte at the end of a field or of the file.
    let text = if memchr::memchr(0, text.as_bytes()).is_some() { Cow::Owned(text.replace('\0', "")) } else { text };
    let text = unwrapped(text);
    let delimiter = delimiter_of(&text);
    let balanced = text.bytes().filter(|byte| *byte == b'"').count() % 2 == 0;
    let mut remarks = Vec::new();
    taker.begin("", Traits::default())?;
    if !read_rows(&text, delimiter, balanced, taker)? {
        remarks.push(Remark::QuotesUnbalanced);
        taker.begin_again()?;
        read_lines(&text, delimiter, taker)?;
    }
    taker.end("", Traits::default())?;
    if taker.is_empty() {
        return Err(Refusal::NoContent);
    }
    let delimiter = match delimiter {
        b'\t' => "tab".to_owned(),
        other => format!("\"{}\"", char::from(other)),
    };
    remarks.push(Remark::TextRead { encoding: encoding.name().to_owned(), delimiter });
    Ok(remarks)
}

/// Unwraps records that are each quoted as a whole. Spreadsheets write such files if they took each record for one cell.
/// They quote all records, or only those with quotation marks inside. So the other lines must show the same table.
fn unwrapped(text: Cow<'_, str>) -> Cow<'_, str> {
    let lines = || text.lines().filter(|line| !line.trim().is_empty());
    let wrapped: Vec<String> = lines().filter_map(inside_quotes).take(COMPARED).collect();
    if wrapped.is_empty() {
        return text;
    }
    let others: Vec<&str> = lines().filter(|line| inside_quotes(line).is_none()).take(COMPARED).collect();
    let is_table = |delimiter: u8| {
        let counts = || wrapped.iter().map(|line| count_outside_quotes(line, delimiter));
        if others.is_empty() {
            return counts().all(|count| count > 0);
        }
        let usual = usual(&counts().collect::<Vec<_>>());
        let agreeing = counts().filter(|count| *count == usual).count();
        usual > 0
            && agreeing * 10 >= wrapped.len() * 9
            && others.iter().any(|line| count_outside_quotes(line, delimiter) == usual)
    };
    if !DELIMITERS.into_iter().any(is_table) {
        return text;
    }
    let unquoted = text.lines().map(|line| inside_quotes(line).map_or(Cow::Borrowed(line), Cow::Owned));
    Cow::Owned(unquoted.collect::<Vec<_>>().join("\n"))
}

/// The text of a line that is one quoted field.
fn inside_quotes(line: &str) -> Option<String> {
    let inner = line.trim_end().strip_prefix('"')?.strip_suffix('"')?;
    let mut rest = inner;
    while let Some((_, behind)) = rest.split_once('"') {
        rest = behind.strip_prefix('"')?;
    }
    Some(inner.replace("\"\"", "\""))
}

/// Number of lines and of records that are compared.
const COMPARED: usize = 50;

/// The delimiter that splits the first records into the most columns, the same number in most records. The lines are
/// tried besides, because a quotation mark that nothing closes makes one record of many lines.
fn delimiter_of(text: &str) -> u8 {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).take(COMPARED).collect();
    let records = first_records(text);
    let quality = |texts: &[&str], delimiter: u8| {
        let counts: Vec<usize> = texts.iter().map(|text| count_outside_quotes(text, delimiter)).collect();
        let usual = usual(&counts);
        let agreeing = counts.iter().filter(|count| **count == usual).count();
        if usual == 0 { (0, 0) } else { (agreeing * 10 / texts.len().max(1), usual) }
    };
    // If two are equally good, the earlier one in `DELIMITERS` wins. The comma is last because it is also a decimal
    // mark.
    let best = |delimiter: &u8| quality(&records, *delimiter).max(quality(&lines, *delimiter));
    DELIMITERS.into_iter().rev().max_by_key(best).unwrap_or(b',')
}

/// The most frequent number.
fn usual(counts: &[usize]) -> usize {
    let frequency = |count: &usize| counts.iter().filter(|other| *other == count).count();
    counts.iter().copied().max_by_key(frequency).unwrap_or(0)
}

/// The first records that are not blank. A record goes on over the line breaks between quotation marks.
fn first_records(text: &str) -> Vec<&str> {
    let mut records = Vec::new();
    let mut rest = text;
    while records.len() < COMPARED && !rest.is_empty() {
        let line = rest.find('\n').map_or(rest.len(), |at| at + 1);
        let (record, behind) = rest.split_at(end_of_record(rest).unwrap_or(line));
        if !record.trim().is_empty() {
            records.push(record);
        }
        rest = behind;
    }
    records
}

/// The end of the first record, behind its line break. `None` if a quotation mark is not closed within as many lines as
/// a long text has.
fn end_of_record(text: &str) -> Option<usize> {
    const MOST_LINES: usize = 100;
    let (mut quoted, mut lines) = (false, 0);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' if !quoted => return Some(at + 1),
            b'\n' => lines += 1,
            _ => {}
        }
        if lines > MOST_LINES {
            return None;
        }
    }
    (!quoted).then_some(text.len())
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

/// Reads records, which may span lines within quotes. Returns `false` if a field has swallowed whole rows, because then
/// a quotation mark before it was not meant as one. If the number of quotation marks is odd, they are not `balanced`,
/// and one of them may mean inches. Then fewer delimiters inside a field are enough evidence that it swallowed rows.
fn read_rows(text: &str, delimiter: u8, balanced: bool, taker: &mut Taker<'_>) -> Result<bool, Refusal> {
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(text.as_bytes());
    let mut tally = Tally::default();
    let mut record = csv::StringRecord::new();
    let mut rows = RowCounter { text: text.as_bytes(), end: 0, next: 0 };
    let mut width = 0;
    let mut widths = Widths::default();
    loop {
        match reader.read_record(&mut record) {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => return Err(Refusal::ReaderFailed { detail: error.to_string() }),
        }
        width = record.len().max(width);
        // A swallowed row has as many delimiters as the table. A line of a long text may have a few too, so wide tables
        // need more of them as evidence.
        let least = (width * 2 / 3).max(if balanced { 2 } else { 1 });
        let swallows = |(column, field): (usize, &str)| {
            let around = balanced.then(|| (column, record.len() - column - 1));
            swallows_rows(field, delimiter, least, around)
        };
        // Few records have a line break, so one search over the whole record comes before a search of each field.
        let has_lines = memchr::memchr(b'\n', record.as_slice().as_bytes()).is_some();
        if has_lines && record.iter().enumerate().any(swallows) {
            return Ok(false);
        }
        let row = rows.row_of(usize::try_from(reader.position().byte()).unwrap_or(usize::MAX));
        tally.admit_line(row, record.len())?;
        // Only the comma is also a decimal mark, so only commas can split an amount.
        let kind = if delimiter == b',' { widths.kind_of(&record) } else { Kind::Text };
        for (column, field) in record.iter().enumerate() {
            Tally::admit_text(field)?;
            taker.set_text(row, column, kind, field)?;
        }
    }
    widths.check()?;
    Ok(true)
}

/// Counts rows that are wider than the header above them. In a file separated by commas, an unquoted amount such as
/// `10,50` fills two columns, and half of it would be read as the whole.
#[derive(Default)]
struct Widths {
    /// Number of columns of the header, which is the first row with at least two filled fields that all contain a
    /// letter.
    header: Option<usize>,
    rows: u64,
    wider: u64,
    /// Wider rows in which a field of digits comes before a field of one or two digits.
    split: u64,
}

impl Widths {
    /// The kind of a row's fields. The fields of a wider row are errors, because any of them may be in the wrong
    /// column. If most rows are wider, they stay texts.
    fn kind_of(&mut self, record: &csv::StringRecord) -> Kind {
        let filled = || record.iter().filter(|field| !field.trim().is_empty());
        let is_digits = |field: &str| !field.is_empty() && field.bytes().all(|byte| byte.is_ascii_digit());
        let Some(header) = self.header else {
            let is_text = |field: &str| field.chars().any(char::is_alphabetic);
            if filled().count() >= 2 && filled().all(is_text) {
                self.header = Some(record.len());
            }
            return Kind::Text;
        };
        self.rows += 1;
        if !record.iter().skip(header).any(|field| !field.trim().is_empty()) {
            return Kind::Text;
        }
        self.wider += 1;
        let fields: Vec<&str> = record.iter().collect();
        let split =
            |pair: &[&str]| matches!(pair, [whole, part] if is_digits(whole) && part.len() <= 2 && is_digits(part));
        self.split += u64::from(fields.windows(2).any(split));
        if self.wider * 2 > self.rows { Kind::Text } else { Kind::Error }
    }

    fn check(&self) -> Result<(), Refusal> {
        let columns = self.header.unwrap_or(0) as u64;
        // Refuses only if a tenth of the rows and nine tenths of the wider rows look split. If rows are wider in
        // another way, the header may lack a name, and the layout decides by the contents of the columns.
        if self.split * 10 >= self.rows && self.split * 10 >= self.wider * 9 && self.split > 0 {
            return Err(Refusal::ColumnsTorn { rows: self.wider, columns });
        }
        Ok(())
    }
}

/// Whether a later line of the field has at least `least` delimiters. Such a line is a swallowed row and not the second
/// line of an address. If two quotation marks enclose swallowed rows, the first and the last line are rows too, together
/// with the fields `around` the field: those before it and those behind it.
fn swallows_rows(field: &str, delimiter: u8, least: usize, around: Option<(usize, usize)>) -> bool {
    let delimiters = |line: &str| line.bytes().filter(|byte| *byte == delimiter).count();
    let is_row = |line: Option<&str>, beside: usize| line.is_some_and(|line| delimiters(line) + beside >= least);
    field.contains('\n')
        && field.lines().skip(1).any(|line| delimiters(line) >= least)
        && around.is_none_or(|(before, behind)| {
            is_row(field.lines().next(), before) && is_row(field.lines().next_back(), behind)
        })
}

/// Reads each line by itself. A line with an odd number of quotation marks is read without quoting.
fn read_lines(text: &str, delimiter: u8, taker: &mut Taker<'_>) -> Result<(), Refusal> {
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
                taker.set_text(row, column, Kind::Text, field)?;
            }
        }
    }
    Ok(())
}

/// Computes the row of each record, counted from 0, as spreadsheets show it. Blank lines count, and a record that spans
/// several lines is one row.
struct RowCounter<'a> {
    text: &'a [u8],
    /// End of the previous record, in bytes.
    end: usize,
    next: usize,
}

impl RowCounter<'_> {
    /// Must be called for each record in order, with the position at which the record ends. The start is searched here
    /// because the reader reports a start before the blank lines above the record.
    fn row_of(&mut self, end: usize) -> usize {
        let is_break = |at: usize| matches!(self.text.get(at), Some(b'\n' | b'\r'));
        let lone_return = |at: usize| self.text.get(at) == Some(&b'\r') && self.text.get(at + 1) != Some(&b'\n');
        let start = (self.end..self.text.len()).find(|at| !is_break(*at)).unwrap_or(self.text.len());
        let breaks = (self.end..start).filter(|at| self.text.get(*at) == Some(&b'\n') || lone_return(*at)).count();
        // The first break may belong to the previous record, because the reader takes only one byte of its line break.
        let own = usize::from(
            self.end > 0 && breaks > 0 && !self.text.get(..self.end).is_some_and(|before| before.ends_with(b"\n")),
        );
        let row = self.next + breaks - own;
        self.end = end;
        self.next = row + 1;
        row
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::sheet::Contents;

    fn read(bytes: &[u8]) -> Result<Contents, Refusal> {
        crate::sheet::read(bytes, "x.csv")
    }

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
        for text in
            ["a;b\n\n1;2\n", "a;b\r\n\r\n1;2\r\n", "a;\"b\nc\"\n\n1;2", "a;\"b\r\nc\"\r\n\r\n1;2", "\na;b\n1;2\n"]
        {
            let contents = read(text.as_bytes()).unwrap();
            assert_eq!(contents.sheets[0].shown(2, 1).as_deref(), Some("2"), "{text:?}");
            assert_eq!(contents.sheets[0].rows, 3, "{text:?}");
        }
    }

    #[test]
    fn a_text_of_several_lines_and_many_commas_is_one_field() {
        let text = "id,notes,day,city,total\n1,\"a, b\nc, d, e\",x,y,2\n3,z,x,y,4\n";
        let contents = read(text.as_bytes()).unwrap();
        assert_eq!(contents.sheets[0].shown(2, 4).as_deref(), Some("4"));
        let narrow = read("id,notes,total\n1,\"a, b\nc, d\",2\n3,z,4\n".as_bytes()).unwrap();
        assert_eq!(narrow.sheets[0].shown(2, 2).as_deref(), Some("4"));
    }

    #[test]
    fn lines_in_quotation_marks_as_a_whole_are_unwrapped() {
        let contents = read(b"\"a;b;c\"\r\n\"1;\"\"x\"\";3\"\r\n").unwrap();
        assert_eq!(contents.sheets[0].shown(1, 1).as_deref(), Some("x"));
        let single = read(b"\"a\"\n\"b\"\n").unwrap();
        assert_eq!(single.sheets[0].shown(1, 0).as_deref(), Some("b"));
    }

    #[test]
    fn records_in_quotation_marks_among_others_are_unwrapped() {
        for (header, delimiter) in
            [("Data,Produto,Valor", ","), ("Data|Produto|Valor", "|"), ("\"Data;Produto;Valor\"", ";")]
        {
            let record = |day: usize, quoted: bool| {
                let product = format!("\"Bolo{delimiter} {day}\"");
                let line = [format!("2026-03-{day:02}"), product, "10.00".to_owned()].join(delimiter);
                if quoted { format!("\"{}\"\n", line.replace('"', "\"\"")) } else { line.replace('"', "") + "\n" }
            };
            let all: String = (1..=12).map(|day| record(day, true)).collect();
            let sheet = &read(format!("{header}\n{all}").as_bytes()).unwrap().sheets[0];
            assert_eq!(sheet.shown(12, 1).as_deref(), Some(&*format!("Bolo{delimiter} 12")), "{header}");
            assert_eq!(sheet.columns.len(), 3, "{header}");
        }
        let plain = "2026-03-01,Chá,10.00\n".repeat(60);
        let late = format!("Vendas\nData,Produto,Valor\n{plain}\"2026-03-02,\"\"Bolo, 1\"\",9.00\"\n");
        let sheet = &read(late.as_bytes()).unwrap().sheets[0];
        assert_eq!((sheet.shown(62, 1).as_deref(), sheet.shown(62, 2).as_deref()), (Some("Bolo, 1"), Some("9.00")));
        for texts in ["nome\n\"Bolo, grande\"\n\"Pão, francês\"\n", "nome;obs\nChá;x\n\"Bolo, grande\"\n"] {
            let sheet = &read(texts.as_bytes()).unwrap().sheets[0];
            let row = sheet.rows - 1;
            assert!(sheet.shown(row, 0).unwrap().contains(", "), "a text in quotation marks is no record: {texts}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_text_of_many_lines_hides_no_delimiter(
            delimiter in proptest::sample::select(DELIMITERS.to_vec()),
            columns in 4_usize..30,
            texts in proptest::collection::vec((0_usize..12, "[a-z:]{1,3}", "[a-z:,;]{1,3}"), 3..20),
            end in proptest::sample::select(vec!["\n", "\r\n"]),
        ) {
            let delimiter = char::from(delimiter).to_string();
            let lines = |breaks: usize, word: &str, inner: &str| {
                let word = |line| if (1..breaks).contains(&line) { inner } else { word };
                (0..=breaks).map(|line| format!("campo {line}: {}", word(line))).collect::<Vec<_>>().join("\n")
            };
            let mut text = (0..columns).map(|column| format!("h{column}")).collect::<Vec<_>>().join(&delimiter) + end;
            for (breaks, word, inner) in &texts {
                let cell = format!("\"{}\"", lines(*breaks, word, inner));
                let row = (1..columns).map(|column| if column == 2 { cell.clone() } else { "7".to_owned() });
                text += &(row.collect::<Vec<_>>().join(&delimiter) + &delimiter + "fim" + end);
            }
            let sheet = &read(text.as_bytes()).unwrap().sheets[0];
            prop_assert_eq!(sheet.columns.len(), columns, "{}", text);
            for (row, (breaks, word, inner)) in texts.iter().enumerate() {
                prop_assert_eq!(sheet.shown(row + 1, 1), Some(lines(*breaks, word, inner)), "{}", text);
                prop_assert_eq!(sheet.shown(row + 1, columns - 1), Some("fim".to_owned()), "{}", text);
            }
        }
    }

    #[test]
    fn an_amount_that_fills_two_columns_is_not_read_as_its_half() {
        let torn = read("Data,Produto,Valor\n01/03/2026,Café,10,50\n02/03/2026,Chá,8\n".as_bytes()).unwrap_err();
        assert_eq!(torn, Refusal::ColumnsTorn { rows: 1, columns: 3 });
        let mut rows = "Data,Produto,Valor\n".to_owned() + &"01/03/2026,Café,10\n".repeat(20);
        rows.push_str("02/03/2026,Bolo, grande,8\n");
        let sheet = &read(rows.as_bytes()).unwrap().sheets[0];
        assert_eq!((sheet.columns[2].kind(20), sheet.columns[2].kind(21)), (Kind::Text, Kind::Error));
    }
}
