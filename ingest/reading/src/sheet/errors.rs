//! Replaces errors that Excel introduced after calamine's list was written. calamine gives up the whole sheet if it
//! meets one of them, so an older error takes its place before calamine reads the file. For a sale all errors mean the
//! same: there is no value.

use std::io::{Cursor, Read, Write};

use memchr::memmem;
use zip::result::ZipResult;
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

/// Errors that Excel introduced with dynamic arrays and linked data types.
const NEW_ERRORS: [&str; 9] =
    ["#SPILL!", "#CALC!", "#FIELD!", "#BLOCKED!", "#CONNECT!", "#BUSY!", "#UNKNOWN!", "#PYTHON!", "#GETTING_DATA"];
const BEFORE: &[u8] = b"<v>";
const REPLACEMENT: &[u8] = b"<v>#VALUE!";
const PIECE: u64 = 256 * 1024;

/// Whether a part of a workbook holds the cells of a sheet.
pub(super) fn is_sheet(name: &str) -> bool {
    name.starts_with("xl/worksheets/") && name.ends_with(".xml")
}

/// Whether the value that begins here, including its tag, is one of the new errors.
pub(super) fn is_new(value: &[u8]) -> bool {
    length_of(value).is_some()
}

fn length_of(value: &[u8]) -> Option<usize> {
    let text = value.strip_prefix(BEFORE)?;
    let begins = |error: &str| text.strip_prefix(error.as_bytes()).is_some_and(|rest| rest.starts_with(b"<"));
    NEW_ERRORS.iter().find(|error| begins(error)).map(|error| BEFORE.len() + error.len())
}

/// The same archive with `#VALUE!` in place of each new error. The archive must have passed the inspection.
pub(super) fn replace(bytes: &[u8]) -> ZipResult<Vec<u8>> {
    let mut archive = ZipArchive::new(Cursor::new(bytes))?;
    let mut writer = ZipWriter::new(Cursor::new(Vec::with_capacity(bytes.len())));
    // The archive is read once and dropped, so better compression would cost more than it saves.
    let options = SimpleFileOptions::default().compression_level(Some(1));
    for index in 0..archive.len() {
        let raw = archive.by_index_raw(index)?;
        let name = raw.name()?.into_owned();
        if is_sheet(&name) {
            drop(raw);
            writer.start_file(name, options)?;
            copy(&mut archive.by_index(index)?, &mut writer)?;
        } else {
            writer.raw_copy_file(raw)?;
        }
    }
    Ok(writer.finish()?.into_inner())
}

fn copy(from: &mut impl Read, to: &mut impl Write) -> std::io::Result<()> {
    let mut window = Vec::new();
    loop {
        let read = from.by_ref().take(PIECE).read_to_end(&mut window)?;
        // A value ends with the next tag, so it is complete if it begins before the last two tags. The rest waits for
        // the next piece.
        let last_tag = memchr::memrchr(b'<', &window).unwrap_or(0);
        let until = if read == 0 { window.len() } else { memchr::memrchr(b'<', &window[..last_tag]).unwrap_or(0) };
        let mut written = 0;
        for at in memmem::find_iter(&window[..until], b"<v>#") {
            if let Some(length) = length_of(&window[at..]) {
                to.write_all(&window[written..at])?;
                to.write_all(REPLACEMENT)?;
                written = at + length;
            }
        }
        to.write_all(&window[written..until])?;
        if read == 0 {
            return Ok(());
        }
        window.drain(..until);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_errors_are_replaced_wherever_the_pieces_end() {
        for padding in [0, 262_130, 262_140, 262_144, 300_000] {
            let before = format!("{}<c><v>#SPILL!</v></c><c><v>#N/A</v></c><c><v>#CALC</v></c>", "x".repeat(padding));
            let mut after = Vec::new();
            copy(&mut before.as_bytes(), &mut after).unwrap();
            assert_eq!(String::from_utf8(after).unwrap(), before.replace("#SPILL!", "#VALUE!"), "{padding}");
        }
    }
}
