//! Workbooks in the Office Open XML format, streamed cell by cell.

use std::io::Cursor;

use calamine::{DataRef, ExcelDateTime, ExcelDateTimeType, Reader, SheetVisible, Xlsx, XlsxError};
use caudal_shared::notice::{Refusal, Remark};

use super::{Contents, Kind, MOST_COLUMNS, MOST_ROWS, Sheet, SheetBuilder};

pub(super) fn read(bytes: &[u8]) -> Result<Contents, Refusal> {
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|error| refusal(&error))?;
    let listed: Vec<(String, bool)> = workbook
        .sheets_metadata()
        .iter()
        .map(|sheet| (sheet.name.clone(), !matches!(sheet.visible, SheetVisible::Visible)))
        .collect();
    let mut sheets = Vec::with_capacity(listed.len());
    for (name, hidden) in listed {
        sheets.push(read_sheet(&mut workbook, name, hidden)?);
    }
    if sheets.iter().all(|sheet| sheet.rows == 0) {
        return Err(Refusal::NoContent);
    }
    let has_macros = workbook.vba_project().is_ok_and(|project| project.is_some());
    let remarks = if has_macros { vec![Remark::MacrosIgnored] } else { Vec::new() };
    Ok(Contents { sheets, remarks })
}

fn read_sheet(workbook: &mut Xlsx<Cursor<&[u8]>>, name: String, hidden: bool) -> Result<Sheet, Refusal> {
    let mut reader = match workbook.worksheet_cells_reader(&name) {
        Ok(reader) => reader,
        // A chart sheet has no cells
        Err(XlsxError::WorksheetNotFound(_)) => return Ok(Sheet { name, hidden, columns: Vec::new(), rows: 0 }),
        Err(error) => return Err(refusal(&error)),
    };
    let mut builder = SheetBuilder::default();
    while let Some(cell) = reader.next_cell().map_err(|error| refusal(&error))? {
        let (row, column) = cell.get_position();
        let value = cell.get_value();
        if matches!(value, DataRef::Empty) {
            continue;
        }
        if row >= MOST_ROWS || column >= MOST_COLUMNS {
            let detail = format!("row {}, column {}", row.saturating_add(1), column.saturating_add(1));
            return Err(Refusal::ReaderFailed { detail });
        }
        set(&mut builder, row as usize, column as usize, value);
    }
    Ok(builder.finish(name, hidden, 0))
}

fn set(builder: &mut SheetBuilder, row: usize, column: usize, value: &DataRef<'_>) {
    match value {
        DataRef::Empty => {}
        #[expect(clippy::cast_precision_loss, reason = "a spreadsheet's integer is an f64 to begin with")]
        DataRef::Int(number) => builder.set_number(row, column, Kind::Number, *number as f64),
        // NaN and infinity come from broken files only
        DataRef::Float(number) if number.is_finite() => builder.set_number(row, column, Kind::Number, *number),
        DataRef::Float(number) => builder.set_text(row, column, Kind::Error, &number.to_string()),
        DataRef::String(text) => builder.set_text(row, column, Kind::Text, text),
        DataRef::SharedString(text) => builder.set_text(row, column, Kind::Text, text),
        DataRef::Bool(value) => builder.set_number(row, column, Kind::Bool, f64::from(u8::from(*value))),
        DataRef::DateTime(at) => {
            let serial = if counts_from_1904(at) { at.as_f64() + DAYS_FROM_1900_TO_1904 } else { at.as_f64() };
            // A date-formatted cell below one day is a time of day
            let kind = if at.is_duration() || (0.0..1.0).contains(&serial) { Kind::Time } else { Kind::DateTime };
            builder.set_number(row, column, kind, serial);
        }
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => builder.set_text(row, column, Kind::Text, text),
        DataRef::Error(error) => builder.set_text(row, column, Kind::Error, &error.to_string()),
    }
}

/// Workbooks of old Macs count days from 1904. calamine knows, but tells only by comparison.
fn counts_from_1904(at: &ExcelDateTime) -> bool {
    let kind = if at.is_duration() { ExcelDateTimeType::TimeDelta } else { ExcelDateTimeType::DateTime };
    kind == ExcelDateTimeType::DateTime && *at != ExcelDateTime::new(at.as_f64(), kind, false)
}

const DAYS_FROM_1900_TO_1904: f64 = 1462.0;

fn refusal(error: &XlsxError) -> Refusal {
    match error {
        XlsxError::Password => Refusal::PasswordProtected,
        XlsxError::Zip(_) | XlsxError::Io(_) | XlsxError::FileNotFound(_) | XlsxError::XmlEof(_) => Refusal::Damaged,
        other => Refusal::ReaderFailed { detail: other.to_string() },
    }
}
