//! The cells of a file become bytes.

use std::collections::HashMap;

use chrono::{Datelike, Timelike};
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook, Worksheet};

use crate::plan::{Encoding, FileKind, Plan};
use crate::rendering::{Grid, Rendering};
use crate::writing::Cell;

pub fn bytes(rendering: &Rendering, plan: &Plan) -> Vec<u8> {
    match plan.file {
        FileKind::Xlsx => workbook(rendering),
        FileKind::Csv { delimiter, encoding, quotes_all, has_crlf } => {
            encoded(&text(&rendering.grids[0], delimiter, quotes_all, has_crlf), encoding)
        }
    }
}

fn text(grid: &Grid, delimiter: char, quotes_all: bool, has_crlf: bool) -> String {
    let width = grid.rows.iter().map(Vec::len).max().unwrap_or(0);
    let mut text = String::new();
    for row in &grid.rows {
        // Some programs write the marks of a blank row, and others do not.
        let width = if row.is_empty() && has_crlf { 0 } else { width };
        for column in 0..width {
            if column > 0 {
                text.push(delimiter);
            }
            let shown = row.get(column).map(shown).unwrap_or_default();
            let is_quoted = quotes_all && !shown.is_empty()
                || shown.contains([delimiter, '"', '\n'])
                || shown.starts_with(' ')
                || shown.ends_with(' ');
            match is_quoted {
                true => text.push_str(&format!("\"{}\"", shown.replace('"', "\"\""))),
                false => text.push_str(&shown),
            }
        }
        text.push_str(if has_crlf { "\r\n" } else { "\n" });
    }
    text
}

/// A cell as a person sees it.
pub fn shown(cell: &Cell) -> String {
    match cell {
        Cell::Blank => String::new(),
        Cell::Text(text) => text.clone(),
        Cell::Number(number, _) => number.to_string(),
        Cell::Moment(at, _) if at.num_seconds_from_midnight() == 0 => at.format("%Y-%m-%d").to_string(),
        Cell::Moment(at, _) => at.format("%Y-%m-%d %H:%M").to_string(),
    }
}

fn encoded(text: &str, encoding: Encoding) -> Vec<u8> {
    match encoding {
        Encoding::Utf8 => text.as_bytes().to_vec(),
        Encoding::Utf8Mark => [b"\xef\xbb\xbf", text.as_bytes()].concat(),
        Encoding::Windows => encoding_rs::WINDOWS_1252.encode(text).0.into_owned(),
        Encoding::Utf16 => {
            let units = std::iter::once(0xFEFF).chain(text.encode_utf16());
            units.flat_map(u16::to_le_bytes).collect()
        }
    }
}

fn workbook(rendering: &Rendering) -> Vec<u8> {
    let mut workbook = Workbook::new();
    let mut formats = HashMap::new();
    for grid in &rendering.grids {
        let sheet = workbook.add_worksheet();
        sheet.set_name(&grid.name).unwrap();
        for (first, last, column) in &grid.merged {
            let column = u16::try_from(*column).unwrap();
            let rows = (u32::try_from(*first).unwrap(), u32::try_from(*last).unwrap());
            sheet.merge_range(rows.0, column, rows.1, column, "", &Format::new()).unwrap();
        }
        for (row, cells) in grid.rows.iter().enumerate() {
            for (column, cell) in cells.iter().enumerate() {
                write(sheet, &mut formats, u32::try_from(row).unwrap(), u16::try_from(column).unwrap(), cell);
            }
        }
    }
    workbook.save_to_buffer().unwrap()
}

fn write(sheet: &mut Worksheet, formats: &mut HashMap<&'static str, Format>, row: u32, column: u16, cell: &Cell) {
    let mut format =
        |format: &'static str| formats.entry(format).or_insert_with(|| Format::new().set_num_format(format)).clone();
    match cell {
        Cell::Blank => {}
        Cell::Text(text) => {
            sheet.write_string(row, column, text).unwrap();
        }
        Cell::Number(number, "General") => {
            sheet.write_number(row, column, *number).unwrap();
        }
        Cell::Number(number, shape) => {
            sheet.write_number_with_format(row, column, *number, &format(shape)).unwrap();
        }
        Cell::Moment(at, shape) => {
            let day = ExcelDateTime::from_ymd(
                u16::try_from(at.year()).unwrap(),
                u8::try_from(at.month()).unwrap(),
                u8::try_from(at.day()).unwrap(),
            );
            let at = day
                .unwrap()
                .and_hms(u16::try_from(at.hour()).unwrap(), u8::try_from(at.minute()).unwrap(), at.second())
                .unwrap();
            sheet.write_datetime_with_format(row, column, &at, &format(shape)).unwrap();
        }
    }
}
