//! Inspects a workbook's archive before its reader opens it. Unpacked bytes are counted because the sizes that an
//! archive declares may be false.
//!
//! A workbook is a zip archive of XML. A harmful file harms its reader during unpacking or parsing, so every part is
//! unpacked once in small pieces here. This costs a tenth to a seventh of the time of reading the cells. The same pass
//! counts formulas without a stored value and finds errors that calamine does not know, because neither is visible
//! later.

use std::io::{Cursor, Read};

use caudal_contract::notice::{ReadLimit, Refusal};
use memchr::memmem;
use zip::ZipArchive;
use zip::result::ZipError;

use super::errors;
use super::limits::{Limits, MIB, MOST_CELL_TEXT, check};

/// The kind of the archive and the findings of the pass over it.
#[derive(Debug)]
pub(super) struct Inspection {
    pub(super) kind: ArchiveKind,
    /// Formulas without a stored result.
    pub(super) formulas_without_value: u64,
    /// Whether a sheet has errors that are newer than calamine's list.
    pub(super) has_new_errors: bool,
    /// Whether a part holds macros. They are never read.
    pub(super) has_macros: bool,
}

/// The kind of a workbook in a zip archive.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum ArchiveKind {
    Xlsx,
    Xlsb,
    Ods,
}

/// Excel writes a dozen parts, and a few more for each sheet and picture.
const MOST_PARTS: u64 = 1_000;
/// Sheets of repeated numbers reach a ratio of 60, and zip bombs 1,000.
const MOST_RATIO: u64 = 100;
/// Below this size a high ratio is harmless, and it occurs in real files because an empty formatted sheet compresses
/// very well.
const RATIO_MATTERS_FROM: u64 = 64 * MIB;
/// Most text between two tags: the text of one cell, if every character is escaped.
const MOST_TEXT_RUN: usize = 8 * MOST_CELL_TEXT;
const PIECE: u64 = 256 * 1024;
/// Bytes before the end of a formula in which the tag of its cell is searched.
const LOOK_BACK: usize = 512;
/// Longer than any search pattern, so that a pattern is found if it begins in one piece and ends in the next.
const LOOK_AHEAD: usize = 32;

pub(super) fn inspect(bytes: &[u8], limits: &Limits) -> Result<Inspection, Refusal> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| refusal(&error))?;
    check(ReadLimit::ArchiveParts, archive.len() as u64, MOST_PARTS)?;
    if archive.has_duplicate_names() {
        return Err(Refusal::UnsafeArchive { part: "duplicate names".to_owned() });
    }
    let mut kind = None;
    let mut unpacked = 0;
    let mut found = Found::default();
    let mut has_macros = false;
    for index in 0..archive.len() {
        let raw = archive.by_index_raw(index).map_err(|error| refusal(&error))?;
        let name = raw.name().map_err(|error| refusal(&error))?.into_owned();
        if raw.encrypted() {
            return Err(Refusal::PasswordProtected);
        }
        if is_misleading(&name) {
            return Err(Refusal::UnsafeArchive { part: name });
        }
        has_macros = has_macros || holds_macros(&name);
        let packed = raw.compressed_size();
        drop(raw);
        kind = match (kind, kind_by_part(&name)?) {
            // All package formats of Microsoft have a list of content types, so a part of another kind overrides it.
            (Some(kind), Some(ArchiveKind::Xlsx) | None) => Some(kind),
            (_, by_part) => by_part,
        };
        let mut part = archive.by_index(index).map_err(|error| refusal(&error))?;
        unpacked += Pass::new(&name, packed, limits.unpacked_bytes - unpacked, limits).run(&mut part, &mut found)?;
    }
    let kind = kind.ok_or_else(|| Refusal::UnknownKind { kind: "zip".to_owned() })?;
    Ok(Inspection {
        kind,
        formulas_without_value: found.formulas_without_value,
        has_new_errors: found.new_errors,
        has_macros,
    })
}

/// Whether the part holds macros of Excel, or of LibreOffice in its own format.
fn holds_macros(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name == "xl/vbaproject.bin" || name.starts_with("basic/") || name.starts_with("scripts/")
}

/// Whether the name would lead out of the target folder if the archive were ever unpacked to one.
fn is_misleading(name: &str) -> bool {
    let parent = name.split(['/', '\\']).any(|step| step == "..");
    parent || name.starts_with(['/', '\\']) || name.contains('\0') || name.get(1..2) == Some(":")
}

fn kind_by_part(name: &str) -> Result<Option<ArchiveKind>, Refusal> {
    let other = |kind: &str| Err(Refusal::UnknownKind { kind: kind.to_owned() });
    match name.to_ascii_lowercase().as_str() {
        "[content_types].xml" | "xl/workbook.xml" => Ok(Some(ArchiveKind::Xlsx)),
        "xl/workbook.bin" => Ok(Some(ArchiveKind::Xlsb)),
        "content.xml" => Ok(Some(ArchiveKind::Ods)),
        "word/document.xml" => other("Word"),
        "ppt/presentation.xml" => other("PowerPoint"),
        "index/document.iwa" => other("Numbers"),
        _ => Ok(None),
    }
}

#[derive(Default)]
struct Found {
    formulas_without_value: u64,
    new_errors: bool,
}

/// The pass over one part of the archive.
struct Pass<'a> {
    name: &'a str,
    packed: u64,
    /// Bytes that may still be unpacked.
    left: u64,
    limits: &'a Limits,
    is_xml: bool,
    is_sheet: bool,
}

impl<'a> Pass<'a> {
    fn new(name: &'a str, packed: u64, left: u64, limits: &'a Limits) -> Self {
        let is_xml = name.ends_with(".xml") || name.ends_with(".rels");
        Self { name, packed, left, limits, is_xml, is_sheet: errors::is_sheet(name) }
    }

    /// Unpacks the part piece by piece and returns its size in bytes.
    fn run(&self, part: &mut impl Read, found: &mut Found) -> Result<u64, Refusal> {
        let mut window = Vec::new();
        // Offset in the window of the first byte that was not searched yet.
        let mut fresh = 0;
        let mut unpacked = 0;
        let mut run = 0;
        loop {
            let before = window.len();
            let read = part.by_ref().take(PIECE).read_to_end(&mut window);
            // This fails if a checksum, a length or the packed stream itself is wrong.
            let Ok(read) = read else { return Err(Refusal::Damaged) };
            unpacked += read as u64;
            self.check_size(unpacked)?;
            run = self.longest_text(run, &window[before..])?;
            let until = if read == 0 { window.len() } else { window.len().saturating_sub(LOOK_AHEAD).max(fresh) };
            self.look(&window, fresh..until, found)?;
            if read == 0 {
                return Ok(unpacked);
            }
            let keep = until.saturating_sub(LOOK_BACK);
            window.drain(..keep);
            fresh = until - keep;
        }
    }

    fn check_size(&self, unpacked: u64) -> Result<(), Refusal> {
        if unpacked > self.left {
            let most = self.limits.unpacked_bytes / MIB;
            return Err(Refusal::OverLimit { limit: ReadLimit::Unpacked, most });
        }
        if unpacked < RATIO_MATTERS_FROM {
            return Ok(());
        }
        check(ReadLimit::Ratio, unpacked / self.packed.max(1), MOST_RATIO)
    }

    /// Measures text between tags and returns the length of the text that is still open at the end of the piece. `run`
    /// is the length that the pieces before left open. A text within one piece needs no check because the limit is
    /// longer than a piece.
    fn longest_text(&self, run: usize, piece: &[u8]) -> Result<usize, Refusal> {
        if !self.is_xml {
            return Ok(0);
        }
        let (run, open) = match (memchr::memchr(b'<', piece), memchr::memrchr(b'<', piece)) {
            (Some(first), Some(last)) => (run + first, piece.len() - last),
            _ => (run + piece.len(), run + piece.len()),
        };
        if run > MOST_TEXT_RUN {
            return Err(Refusal::OverLimit { limit: ReadLimit::CellText, most: MOST_CELL_TEXT as u64 });
        }
        Ok(open)
    }

    /// Searches for patterns that begin in `range` of the window.
    fn look(&self, window: &[u8], range: std::ops::Range<usize>, found: &mut Found) -> Result<(), Refusal> {
        let end = (range.end + LOOK_AHEAD).min(window.len());
        let fresh = &window[range.start..end];
        let within = |at: &usize| range.start + at < range.end;
        // Neither Excel nor LibreOffice writes a DOCTYPE, and a reader that expands its entities can be made to run out
        // of memory. Old manifests of ODF packages have a harmless one.
        let has_doctype = || memmem::find_iter(fresh, b"<!DOCTYPE").any(|at| within(&at));
        if self.is_xml && !self.name.starts_with("META-INF/") && has_doctype() {
            return Err(Refusal::UnsafeArchive { part: format!("{}: DOCTYPE", self.name) });
        }
        if self.is_sheet {
            let ends = memmem::find_iter(fresh, b"</f>").filter(within);
            let without = ends.filter(|at| lacks_value(window, range.start + at)).count();
            let shared = memmem::find_iter(fresh, b"\"/></c>").filter(within).count();
            found.formulas_without_value += (without + shared) as u64;
            found.new_errors =
                found.new_errors || memmem::find_iter(fresh, b"<v>#").any(|at| errors::is_new(&fresh[at..]));
        }
        Ok(())
    }
}

/// Whether the formula that ends at `end` has no value after it. An empty value counts as a value if the formula yields
/// a text.
fn lacks_value(window: &[u8], end: usize) -> bool {
    let after = &window[end + b"</f>".len()..];
    if after.starts_with(b"</c>") {
        return true;
    }
    let is_empty = [&b"<v></v>"[..], b"<v/>", b"<v />"].into_iter().any(|value| after.starts_with(value));
    let before = &window[end.saturating_sub(LOOK_BACK)..end];
    let cell = memmem::rfind(before, b"<c ").map_or(before, |start| &before[start..]);
    is_empty && memmem::find(cell, b"t=\"str\"").is_none()
}

pub(super) fn refusal(error: &ZipError) -> Refusal {
    match error {
        ZipError::UnsupportedArchive(detail) if detail.contains("assword") => Refusal::PasswordProtected,
        ZipError::UnsupportedArchive(detail) => Refusal::UnsafeArchive { part: (*detail).to_owned() },
        _ => Refusal::Damaged,
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;

    fn archive(parts: &[(&str, &str)]) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, text) in parts {
            writer.start_file(*name, SimpleFileOptions::default()).unwrap();
            writer.write_all(text.as_bytes()).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    fn inspected(parts: &[(&str, &str)]) -> Result<Inspection, Refusal> {
        inspect(&archive(parts), &Limits::default())
    }

    #[test]
    fn parts_with_macros_are_told() {
        let has_macros = |part: &str| inspected(&[("content.xml", ""), (part, "")]).unwrap().has_macros;
        assert!(has_macros("xl/vbaProject.bin") && has_macros("Basic/Standard/Module1.xml"));
        assert!(has_macros("Scripts/python/x.py") && !has_macros("xl/worksheets/sheet1.xml"));
    }

    #[test]
    fn the_parts_tell_the_kind_in_any_order() {
        let kind = |parts: &[(&str, &str)]| inspected(parts).map(|inspection| inspection.kind);
        assert_eq!(kind(&[("[Content_Types].xml", ""), ("xl/workbook.bin", "")]), Ok(ArchiveKind::Xlsb));
        assert_eq!(kind(&[("xl/workbook.bin", ""), ("[Content_Types].xml", "")]), Ok(ArchiveKind::Xlsb));
        assert_eq!(kind(&[("mimetype", ""), ("content.xml", "")]), Ok(ArchiveKind::Ods));
        assert_eq!(kind(&[("word/document.xml", "")]), Err(Refusal::UnknownKind { kind: "Word".into() }));
        assert_eq!(kind(&[("photo.jpg", "")]), Err(Refusal::UnknownKind { kind: "zip".into() }));
    }

    #[test]
    fn what_is_unpacked_is_counted() {
        let part = ("xl/workbook.xml", "<a/>".repeat(10_000));
        let limits = Limits { unpacked_bytes: 39_999, ..Limits::default() };
        let refused = inspect(&archive(&[(part.0, &part.1)]), &limits).unwrap_err();
        assert!(matches!(refused, Refusal::OverLimit { limit: ReadLimit::Unpacked, .. }));
        assert!(inspect(&archive(&[(part.0, &part.1)]), &Limits { unpacked_bytes: 40_000, ..limits }).is_ok());
    }

    #[test]
    fn a_doctype_is_found_wherever_it_stands() {
        for padding in [0, 200_000, 262_135, 262_144] {
            let text = format!("{}<!DOCTYPE a>", "<!-- -->".repeat(padding / 8) + &" ".repeat(padding % 8));
            let refused = inspected(&[("xl/workbook.xml", &text)]).unwrap_err();
            assert!(matches!(refused, Refusal::UnsafeArchive { .. }), "{padding}");
        }
    }

    #[test]
    fn formulas_without_a_stored_value_are_counted_once_each() {
        let cells = [
            r#"<c r="A1"><f>B1*2</f></c>"#,
            r#"<c r="A2"><f>B1*2</f><v></v></c>"#,
            r#"<c r="A3"><f t="shared" si="0"/></c>"#,
            r#"<c r="A4"><f>B1*2</f><v>3</v></c>"#,
            r#"<c r="A5" t="str"><f>""</f><v></v></c>"#,
        ];
        let padding = "<c r=\"B1\"><v>1</v></c>".repeat(20_000);
        let text = [cells.concat(), padding.clone(), cells.concat(), padding].concat();
        let inspection = inspected(&[("xl/workbook.xml", ""), ("xl/worksheets/sheet1.xml", &text)]).unwrap();
        assert_eq!(inspection.formulas_without_value, 6);
        assert!(!inspection.has_new_errors);
    }
}
