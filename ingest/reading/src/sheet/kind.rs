//! Finds the kind of a file by its bytes. The name of a file is used only in the text of a refusal.

use memchr::memmem;

/// The kind of a file.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum FileKind {
    /// No bytes.
    Empty,
    /// A zip archive: xlsx, xlsb, ods or something else. Its directory decides.
    Archive,
    /// A compound file with the stream of an xls workbook.
    Xls,
    /// A compound file that holds an encrypted workbook.
    Encrypted,
    /// Characters and line breaks.
    Text,
    /// Something else, with a name that people know.
    Other(String),
}

const COMPOUND: &[u8] = &[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];

/// First bytes of other formats that people drop by mistake or save with a sheet's extension.
const SIGNATURES: &[(&[u8], &str)] = &[
    (b"%PDF", "PDF"),
    (b"\x89PNG", "PNG"),
    (b"\xFF\xD8\xFF", "JPEG"),
    (b"GIF8", "GIF"),
    (b"{\\rtf", "RTF"),
    (b"Rar!", "RAR"),
    (b"7z\xBC\xAF\x27\x1C", "7z"),
    (b"\x1F\x8B", "gzip"),
    (b"PAR1", "Parquet"),
    (b"SQLite format 3", "SQLite"),
    (b"\x09\x00\x04\x00", "Excel 2"),
    (b"\x09\x02\x06\x00", "Excel 3"),
    (b"\x09\x04\x06\x00", "Excel 4"),
    (b"\x00\x00\x02\x00", "Lotus 1-2-3, Quattro Pro"),
];

/// Markup, in lower case, that office programs and shop systems save with a sheet's extension.
const MARKUP: &[(&str, &str)] = &[
    ("<!doctype html", "HTML"),
    ("<html", "HTML"),
    ("<table", "HTML"),
    ("<meta", "HTML"),
    ("<style", "HTML"),
    ("<?xml", "XML"),
    ("<workbook", "XML"),
];

pub(super) fn of(bytes: &[u8], name: &str) -> FileKind {
    if bytes.is_empty() {
        return FileKind::Empty;
    }
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
        return FileKind::Archive;
    }
    if bytes.starts_with(COMPOUND) {
        return compound(bytes);
    }
    if let Some((_, kind)) = SIGNATURES.iter().find(|(signature, _)| bytes.starts_with(signature)) {
        return FileKind::Other((*kind).to_owned());
    }
    let start = &bytes[..bytes.len().min(8192)];
    if is_sylk(start) {
        return FileKind::Other("SYLK".to_owned());
    }
    if let Some(kind) = markup(start) {
        return FileKind::Other(kind.to_owned());
    }
    let marked = bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]);
    if !marked && utf16(bytes).is_none() && is_binary(start) {
        return FileKind::Other(extension(name));
    }
    FileKind::Text
}

/// Whether the bytes are no text: they have zero bytes, and these are many or beside other control characters. Programs
/// leave a few zero bytes in texts, and they are dropped.
fn is_binary(start: &[u8]) -> bool {
    const ONE_IN: usize = 100;
    const FEW: usize = 2;
    let zeros = memchr::memchr_iter(0, start).count();
    let is_control = |byte: &u8| matches!(byte, 1..=8 | 14..=25 | 28..=31);
    zeros > 0 && (zeros > FEW.max(start.len() / ONE_IN) || start.iter().any(is_control))
}

/// Whether the lines are records of SYLK. Each line after the first begins with the letters of its record type. A
/// header of columns may begin with the same bytes (`ID;Produto;…`), but the rows below it do not.
fn is_sylk(start: &[u8]) -> bool {
    const KINDS: [&[u8]; 9] = [b"P;", b"F;", b"B;", b"C;", b"O;", b"NN;", b"W;", b"NU;", b"E"];
    let is_record = |line: &[u8]| KINDS.iter().any(|kind| line.starts_with(kind));
    let mut lines = start.split(|byte| matches!(byte, b'\n' | b'\r')).filter(|line| !line.is_empty());
    lines.next().is_some_and(|first| first.starts_with(b"ID;P")) && lines.next().is_none_or(is_record)
}

/// The byte order of UTF-16 without a byte order mark. In mostly Latin text every second byte is zero.
pub(super) fn utf16(bytes: &[u8]) -> Option<&'static encoding_rs::Encoding> {
    const LOOKED_AT: usize = 4096;
    let start = &bytes[..bytes.len().min(LOOKED_AT) & !1];
    let zeros = |offset: usize| start.iter().skip(offset).step_by(2).filter(|byte| **byte == 0).count();
    let (first, second, pairs) = (zeros(0), zeros(1), start.len() / 2);
    let most = |count: usize| pairs >= 8 && count * 10 >= pairs * 7;
    match (most(first), most(second)) {
        (false, true) if first == 0 => Some(encoding_rs::UTF_16LE),
        (true, false) if second == 0 => Some(encoding_rs::UTF_16BE),
        _ => None,
    }
}

/// Whether an xls workbook has macros. They are never read.
pub(super) fn has_macros(xls: &[u8]) -> bool {
    names(xls, "_VBA_PROJECT_CUR")
}

/// Whether a compound file has a workbook of the format BIFF8. Its stream begins with a sector, and so with the record
/// that says the version.
pub(super) fn is_biff8(xls: &[u8]) -> bool {
    const SMALLEST_SECTOR: usize = 64;
    let begins = |start: &[u8]| start.starts_with(&[0x09, 0x08]) && start.get(3..8) == Some(&[0, 0, 6, 5, 0]);
    xls.chunks(SMALLEST_SECTOR).any(begins)
}

/// Whether the bytes hold this name of a stream or storage. Compound files keep names in UTF-16.
fn names(bytes: &[u8], name: &str) -> bool {
    let wide: Vec<u8> = name.bytes().flat_map(|byte| [byte, 0]).collect();
    memmem::find(bytes, &wide).is_some()
}

fn compound(bytes: &[u8]) -> FileKind {
    let names = |name: &str| names(bytes, name);
    if names("EncryptedPackage") {
        FileKind::Encrypted
    } else if names("Workbook") || names("WORKBOOK") || names("Book") || names("BOOK") {
        FileKind::Xls
    } else if names("WordDocument") {
        FileKind::Other("Word".to_owned())
    } else {
        // The file may be cut off before its directory. The xls reader reports the problem.
        FileKind::Xls
    }
}

fn markup(start: &[u8]) -> Option<&'static str> {
    let start = start.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(start).trim_ascii_start();
    let start = String::from_utf8_lossy(&start[..start.len().min(32)]).to_lowercase();
    MARKUP.iter().find(|(tag, _)| start.starts_with(tag)).map(|(_, kind)| *kind)
}

/// The extension of a file's name, with its point. The whole name if it has no extension.
pub(super) fn extension(name: &str) -> String {
    std::path::Path::new(name)
        .extension()
        .map_or_else(|| name.to_owned(), |extension| format!(".{}", extension.to_string_lossy().to_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_content_decides_not_the_extension() {
        assert_eq!(of(b"a;b\n1;2\n", "vendas.xls"), FileKind::Text);
        assert_eq!(of(b"%PDF-1.7", "vendas.xlsx"), FileKind::Other("PDF".into()));
        assert_eq!(of(b"\xEF\xBB\xBF\r\n<HTML><body>", "vendas.xls"), FileKind::Other("HTML".into()));
        assert_eq!(of(b"<?xml version=\"1.0\"?>", "vendas.xls"), FileKind::Other("XML".into()));
        assert_eq!(of(b"a\0b\0c\0\0d", "vendas.CSV"), FileKind::Other(".csv".into()));
        assert_eq!(of(b"a\0b\x01", "vendas.CSV"), FileKind::Other(".csv".into()));
        assert_eq!(of(b"a;b\n1\0;2\n", "vendas.csv"), FileKind::Text, "one zero byte makes a text no program");
        assert_eq!(of(&[0xFF, 0xFE, b'a', 0], "vendas.txt"), FileKind::Text);
    }

    #[test]
    fn a_header_that_begins_like_sylk_is_none() {
        let sylk = b"ID;PWXL;N;E\r\nP;PGeneral\r\nC;Y1;X1;K\"Data\"\r\nE\r\n";
        assert_eq!(of(sylk, "vendas.slk"), FileKind::Other("SYLK".into()));
        assert_eq!(of(b"ID;Produto;Data\r\n1;Caf\xe9;01/03/2026\r\n", "vendas.csv"), FileKind::Text);
    }

    #[test]
    fn macros_of_an_xls_are_known_by_their_name() {
        let mut xls = include_bytes!("../../testdata/formats/vendas.xls").to_vec();
        assert!(!has_macros(&xls));
        xls.extend("_VBA_PROJECT_CUR".bytes().flat_map(|byte| [byte, 0]));
        assert!(has_macros(&xls) && of(&xls, "vendas.xls") == FileKind::Xls);
    }

    #[test]
    fn utf_16_needs_no_mark() {
        let wide: Vec<u8> = "Data;Produto\n".bytes().flat_map(|byte| [byte, 0]).collect();
        let turned: Vec<u8> = "Data;Produto\n".bytes().flat_map(|byte| [0, byte]).collect();
        assert_eq!((of(&wide, "x.csv"), of(&turned, "x.csv")), (FileKind::Text, FileKind::Text));
        assert_eq!((utf16(&wide), utf16(&turned)), (Some(encoding_rs::UTF_16LE), Some(encoding_rs::UTF_16BE)));
    }
}
