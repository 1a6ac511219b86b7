//! Reads workbooks with calamine. xlsx and xlsb are streamed cell by cell. xls and ods are read as whole ranges, and
//! the limits of the reading process bound their memory.

use std::collections::HashSet;
use std::io::Cursor;

use calamine::{
    Cell, DataRef, Ods, OdsError, Reader, Sheet as Listed, SheetVisible, Xls, XlsError, XlsOptions, Xlsb, XlsbError,
    Xlsx, XlsxError,
};
use caudal_contract::notice::{ReadLimit, Refusal};

use super::cells::{borrowed, set};
use super::kind;
use super::limits::{MOST_SHEETS, Tally, check};
use super::taker::{Taker, Traits};
use super::texts::without_nul;

pub(super) fn read_xlsx(bytes: &[u8], taker: &mut Taker<'_>) -> Result<(), Refusal> {
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|error| of_xlsx(&error))?;
    let listed = listed(workbook.sheets_metadata(), workbook.has_1904_epoch())?;
    take_sheets(listed, taker, |name, tally, taker| match workbook.worksheet_cells_reader(name) {
        Ok(mut reader) => stream(|| reader.next_cell(), tally, taker, of_xlsx),
        // A chart sheet has no cells.
        Err(XlsxError::WorksheetNotFound(_) | XlsxError::NotAWorksheet(_)) => Ok(()),
        Err(error) => Err(of_xlsx(&error)),
    })
}

pub(super) fn read_xlsb(bytes: &[u8], taker: &mut Taker<'_>) -> Result<(), Refusal> {
    let mut workbook: Xlsb<_> = Xlsb::new(Cursor::new(bytes)).map_err(|error| of_xlsb(&error))?;
    let listed = listed(workbook.sheets_metadata(), workbook.has_1904_epoch())?;
    take_sheets(listed, taker, |name, tally, taker| match workbook.worksheet_cells_reader(name) {
        Ok(mut reader) => stream(|| reader.next_cell(), tally, taker, of_xlsb),
        Err(XlsbError::WorksheetNotFound(_)) => Ok(()),
        Err(error) => Err(of_xlsb(&error)),
    })
}

/// The code page of UTF-16.
const UTF_16: u16 = 1200;

/// Reads an xls workbook. BIFF8 has no other texts than UTF-16, and the code page that some writers name there is that of
/// their computer.
pub(super) fn read_xls(bytes: &[u8], taker: &mut Taker<'_>) -> Result<(), Refusal> {
    let mut options = XlsOptions::default();
    options.force_codepage = kind::is_biff8(bytes).then_some(UTF_16);
    let workbook: Xls<_> = Xls::new_with_options(Cursor::new(bytes), options).map_err(|error| of_xls(&error))?;
    let counts_from_1904 = workbook.has_1904_epoch();
    read_ranges(workbook, counts_from_1904, taker, of_xls)
}

pub(super) fn read_ods(bytes: &[u8], taker: &mut Taker<'_>) -> Result<(), Refusal> {
    let workbook: Ods<_> = Ods::new(Cursor::new(bytes)).map_err(|error| of_ods(&error))?;
    // OpenDocument writes days in full.
    read_ranges(workbook, false, taker, of_ods)
}

fn read_ranges<'a, R: Reader<Cursor<&'a [u8]>>>(
    mut workbook: R,
    counts_from_1904: bool,
    taker: &mut Taker<'_>,
    refusal: fn(&R::Error) -> Refusal,
) -> Result<(), Refusal> {
    let listed = listed(workbook.sheets_metadata(), counts_from_1904)?;
    take_sheets(listed, taker, |name, tally, taker| {
        let range = workbook.worksheet_range(name).map_err(|error| refusal(&error))?;
        let (top, left) = range.start().unwrap_or_default();
        for (row, column, value) in range.used_cells() {
            let far = |start: u32, at: usize| start.saturating_add(u32::try_from(at).unwrap_or(u32::MAX - 1));
            set(taker, tally, (far(top, row), far(left, column)), &borrowed(value))?;
        }
        Ok(())
    })
}

/// Names and traits of the sheets. Two sheets with the same name are refused, because calamine finds a
/// sheet by its name and would read one of them twice.
fn listed(sheets: &[Listed], counts_from_1904: bool) -> Result<Vec<(String, Traits)>, Refusal> {
    check(ReadLimit::Sheets, sheets.len() as u64, MOST_SHEETS as u64)?;
    let mut names = HashSet::new();
    if let Some(twice) = sheets.iter().find(|sheet| !names.insert(&sheet.name)) {
        return Err(Refusal::ReaderFailed { detail: format!("2 × \"{}\"", twice.name) });
    }
    let traits = |sheet: &Listed| Traits { hidden: !matches!(sheet.visible, SheetVisible::Visible), counts_from_1904 };
    Ok(sheets.iter().map(|sheet| (sheet.name.clone(), traits(sheet))).collect())
}

fn take_sheets(
    listed: Vec<(String, Traits)>,
    taker: &mut Taker<'_>,
    mut read: impl FnMut(&str, &mut Tally, &mut Taker<'_>) -> Result<(), Refusal>,
) -> Result<(), Refusal> {
    let mut tally = Tally::default();
    for (name, traits) in listed {
        let shown = without_nul(&name);
        taker.begin(&shown, traits)?;
        read(&name, &mut tally, taker)?;
        taker.end(&shown, traits)?;
    }
    if taker.is_empty() {
        return Err(Refusal::NoContent);
    }
    Ok(())
}

/// Reads all cells.
fn stream<'a, E>(
    mut next: impl FnMut() -> Result<Option<Cell<DataRef<'a>>>, E>,
    tally: &mut Tally,
    taker: &mut Taker<'_>,
    refusal: fn(&E) -> Refusal,
) -> Result<(), Refusal> {
    while let Some(cell) = next().map_err(|error| refusal(&error))? {
        set(taker, tally, cell.get_position(), cell.get_value())?;
    }
    Ok(())
}

fn of_xlsx(error: &XlsxError) -> Refusal {
    match error {
        XlsxError::Password => Refusal::PasswordProtected,
        XlsxError::Zip(_) | XlsxError::Io(_) | XlsxError::FileNotFound(_) | XlsxError::XmlEof(_) => Refusal::Damaged,
        other => Refusal::ReaderFailed { detail: other.to_string() },
    }
}

fn of_xlsb(error: &XlsbError) -> Refusal {
    match error {
        XlsbError::Password => Refusal::PasswordProtected,
        XlsbError::Zip(_) | XlsbError::Io(_) | XlsbError::FileNotFound(_) => Refusal::Damaged,
        other => Refusal::ReaderFailed { detail: other.to_string() },
    }
}

fn of_xls(error: &XlsError) -> Refusal {
    match error {
        XlsError::Password => Refusal::PasswordProtected,
        // calamine's errors about the container speak of sectors, which help nobody.
        XlsError::Io(_) | XlsError::Cfb(_) => Refusal::Damaged,
        other => Refusal::ReaderFailed { detail: other.to_string() },
    }
}

fn of_ods(error: &OdsError) -> Refusal {
    match error {
        OdsError::Password => Refusal::PasswordProtected,
        OdsError::CellLimitExceeded { max, .. } => Refusal::OverLimit { limit: ReadLimit::Cells, most: *max as u64 },
        OdsError::InvalidMime(kind) => Refusal::UnknownKind { kind: String::from_utf8_lossy(kind).into_owned() },
        OdsError::Zip(_) | OdsError::Io(_) | OdsError::FileNotFound(_) | OdsError::Eof(_) => Refusal::Damaged,
        other => Refusal::ReaderFailed { detail: other.to_string() },
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn texts_of_an_xls_do_not_depend_on_the_code_page_of_its_writer() {
        let bytes = include_bytes!("../../testdata/formats/vendas.xls");
        let record = |code_page: u16| [&[0x42, 0, 2, 0], &code_page.to_le_bytes()[..]].concat();
        let at = memchr::memmem::find(bytes, &record(super::UTF_16)).unwrap();
        let shown = |bytes: &[u8]| {
            let sheet = crate::sheet::read(bytes, "vendas.xls").unwrap().sheets.remove(0);
            let cells = (0..sheet.rows).flat_map(|row| (0..sheet.columns.len()).map(move |column| (row, column)));
            cells.map(|(row, column)| sheet.shown(row, column)).collect::<Vec<_>>()
        };
        let right = shown(bytes);
        assert!(right.iter().flatten().any(|text| !text.is_ascii()), "{right:?}");
        for code_page in [367, 437, 850, 932, 1250, 1251, 1252, 10_000, 28_591, 65_001, 32_768] {
            let mut other = bytes.to_vec();
            other[at..at + 6].copy_from_slice(&record(code_page));
            assert_eq!(shown(&other), right, "{code_page}");
        }
    }
}
