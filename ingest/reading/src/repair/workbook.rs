//! Writes the repair workbook, in which a person mends the rejected rows of an import, and reads it back.
//!
//! It has one sheet for each sheet with rejected rows, with the same columns. Every bad cell is coloured and has a
//! note, the last column holds the reasons, and a hidden column names each row. A hidden sheet names the import.

use std::collections::{BTreeMap, BTreeSet};

use caudal_contract::field::Field;
use caudal_contract::language::Language;
use caudal_contract::message::{ImportId, RejectedRow, SheetRead};
use caudal_contract::payment::PaymentMethod;
use rust_xlsxwriter::{
    Color, DataValidation, DataValidationErrorStyle, Format, FormatAlign, Note, Workbook, Worksheet, XlsxError,
};

use super::overlay::{Cell, Overlay, RowKey};
use crate::sheet::{Contents, Sheet};

/// The hidden sheet, and the word in its first cell.
const TOKEN_SHEET: &str = "caudal";
const TOKEN: &str = "caudal-repair-1";
/// Prefix of the sheets' names. The name of a text file's sheet is empty, and an empty cell would be lost.
const SHEET: &str = "sheet:";
/// The header of the hidden column.
const ROW_HEADER: &str = "caudal_row";
/// Most rows of one sheet. The rest follow after these are mended.
const MOST_ROWS: usize = 100_000;

/// Writes the rejected rows of an import. `None` if no row was rejected.
///
/// # Errors
/// [`XlsxError`] if a sheet cannot be written, which is a bug.
pub fn write(
    import_id: ImportId,
    contents: &Contents,
    sheets: &[SheetRead],
    rejected: &[RejectedRow],
    language: Language,
) -> Result<Option<Vec<u8>>, XlsxError> {
    if rejected.is_empty() {
        return Ok(None);
    }
    let mut workbook = Workbook::new();
    let mut token = vec![TOKEN.to_owned(), import_id.to_string()];
    let mut taken = BTreeSet::from([TOKEN_SHEET.to_owned(), advice_name(language).to_lowercase()]);
    for (number, sheet) in contents.sheets.iter().enumerate() {
        let read = sheets.iter().find(|read| read.name == sheet.name);
        let rows: Vec<&RejectedRow> = rejected.iter().filter(|row| row.sheet == sheet.name).take(MOST_ROWS).collect();
        let (Some(read), false) = (read, rows.is_empty()) else { continue };
        token.push(format!("{SHEET}{}", sheet.name));
        let name = if sheet.name.is_empty() { language.pick("Linhas", "Rows") } else { &sheet.name };
        let worksheet = workbook.add_worksheet();
        // If a spreadsheet does not allow the name, or the name is taken in any case, a numbered name replaces it.
        let is_taken = taken.contains(&name.to_lowercase());
        if is_taken || worksheet.set_name(name).is_err() {
            let free = (number + 1..)
                .map(|number| format!("{} {number}", language.pick("Planilha", "Sheet")))
                .find(|name| !taken.contains(&name.to_lowercase()));
            worksheet.set_name(free.unwrap_or_default())?;
        }
        taken.insert(worksheet.name().to_lowercase());
        write_rows(worksheet, token.len() - 2, sheet, read, &rows, language)?;
    }
    write_advice(workbook.add_worksheet(), language)?;
    let hidden = workbook.add_worksheet().set_name(TOKEN_SHEET)?.set_hidden(true);
    for (row, text) in (0..).zip(&token) {
        hidden.write_string(row, 0, text)?;
    }
    workbook.save_to_buffer().map(Some)
}

/// The headers of a sheet's columns, as the repair workbook names them. Columns without a name are named by their
/// letters.
fn headers(sheet: &Sheet, header_row: Option<u32>, language: Language) -> Vec<String> {
    (0..sheet.columns.len())
        .map(|column| match header_row.and_then(|row| sheet.shown(row as usize, column)) {
            Some(header) => header.split_whitespace().collect::<Vec<_>>().join(" "),
            None => {
                let letter = rust_xlsxwriter::utility::column_number_to_name(u16::try_from(column).unwrap_or(u16::MAX));
                // If no row names the columns, people know them by their letters.
                if header_row.is_none() { letter } else { format!("{} {letter}", language.pick("Coluna", "Column")) }
            }
        })
        .collect()
}

fn write_rows(
    worksheet: &mut Worksheet,
    ordinal: usize,
    sheet: &Sheet,
    read: &SheetRead,
    rows: &[&RejectedRow],
    language: Language,
) -> Result<(), XlsxError> {
    let headers = headers(sheet, read.header_row, language);
    let reason_column = u16::try_from(headers.len()).unwrap_or(u16::MAX - 1);
    let bold = Format::new().set_bold().set_background_color(Color::RGB(0x00E8_EEF4)).set_text_wrap();
    for (column, header) in (0..).zip(&headers) {
        worksheet.write_string_with_format(0, column, header, &bold)?;
        worksheet.set_column_width(column, 18)?;
    }
    worksheet.write_string_with_format(0, reason_column, language.pick("Motivo", "Reason"), &bold)?;
    worksheet.set_column_width(reason_column, 70)?;
    worksheet.write_string(0, reason_column + 1, ROW_HEADER)?;
    worksheet.set_column_hidden(reason_column + 1)?;
    worksheet.set_freeze_panes(1, 0)?;
    let wrapped = Format::new().set_text_wrap().set_align(FormatAlign::Top);
    for (row, rejected) in (1..).zip(rows) {
        let from = rejected.row.saturating_sub(1) as usize;
        let bad = bad_cells(&headers, rejected, language);
        for (column, index) in (0..).zip(0..headers.len()) {
            let note = bad.get(&index);
            write_cell(worksheet, row, column, &Cell::of(sheet, from, index), note.is_some())?;
            if let Some(note) = note {
                worksheet.insert_note(row, column, &Note::new(note).add_author_prefix(false))?;
            }
        }
        let reasons: Vec<String> = rejected.reasons.iter().map(|reason| reason.sentence(language)).collect();
        worksheet.write_string_with_format(row, reason_column, reasons.join("\n"), &wrapped)?;
        worksheet.write_string(row, reason_column + 1, format!("{ordinal}:{}", rejected.row))?;
    }
    offer_payments(worksheet, read, &headers, rows.len(), language)
}

/// The notes of a row by column. If the column of a reason is not in the sheet, the reason is told only in the last
/// column.
fn bad_cells(headers: &[String], rejected: &RejectedRow, language: Language) -> BTreeMap<usize, String> {
    let mut notes: BTreeMap<usize, String> = BTreeMap::new();
    for reason in &rejected.reasons {
        let place = reason.column.as_ref().and_then(|column| headers.iter().position(|header| header == column));
        if let Some(place) = place {
            let note = notes.entry(place).or_default();
            if !note.is_empty() {
                note.push('\n');
            }
            note.push_str(&reason.sentence(language));
        }
    }
    notes
}

fn write_cell(worksheet: &mut Worksheet, row: u32, column: u16, cell: &Cell, is_bad: bool) -> Result<(), XlsxError> {
    let mut format = Format::new();
    if is_bad {
        format = format.set_background_color(Color::RGB(0x00FF_D6D6)).set_font_color(Color::RGB(0x009C_0006));
    }
    match cell {
        Cell::Empty => worksheet.write_blank(row, column, &format),
        // No leading apostrophe is added, which Excel would hide, so that the text comes back as it was read.
        Cell::Text(text) | Cell::Error(text) => worksheet.write_string_with_format(row, column, text, &format),
        Cell::Number(number) => worksheet.write_number_with_format(row, column, *number, &format),
        Cell::DateTime(number) => {
            let shown = if number.fract() == 0.0 { "dd/mm/yyyy" } else { "dd/mm/yyyy hh:mm:ss" };
            worksheet.write_number_with_format(row, column, *number, &format.set_num_format(shown))
        }
        Cell::Time(number) => {
            worksheet.write_number_with_format(row, column, *number, &format.set_num_format("hh:mm:ss"))
        }
        Cell::Bool(is_true) => worksheet.write_boolean_with_format(row, column, *is_true, &format),
    }
    .map(drop)
}

/// Adds a list of payment methods to choose from if the sheet has such a column. Other words are accepted too.
fn offer_payments(
    worksheet: &mut Worksheet,
    read: &SheetRead,
    headers: &[String],
    rows: usize,
    language: Language,
) -> Result<(), XlsxError> {
    let header = read.mapping.iter().find(|(field, _)| field == Field::PaymentMethod.code()).map(|(_, header)| header);
    let Some(column) = header.and_then(|header| headers.iter().position(|other| other == header)) else {
        return Ok(());
    };
    let labels: Vec<&str> = PaymentMethod::ALL.iter().map(|method| method.label(language)).collect();
    let list =
        DataValidation::new().allow_list_strings(&labels)?.set_error_style(DataValidationErrorStyle::Information);
    let (column, last) = (u16::try_from(column).unwrap_or(u16::MAX), u32::try_from(rows).unwrap_or(u32::MAX));
    worksheet.add_data_validation(1, column, last.max(1), column, &list)?;
    Ok(())
}

fn advice_name(language: Language) -> &'static str {
    language.pick("Como corrigir", "How to mend")
}

fn write_advice(worksheet: &mut Worksheet, language: Language) -> Result<(), XlsxError> {
    worksheet.set_name(advice_name(language))?;
    worksheet.set_column_width(0, 100)?;
    let lines: [&str; 5] = match language {
        Language::Portuguese => [
            "Estas linhas foram rejeitadas. As células vermelhas mostram o motivo: passe o mouse sobre elas, ou leia a última coluna.",
            "Corrija as células, salve e solte este arquivo na pasta de entrada.",
            "As linhas corrigidas entram na importação original, e nada é gravado duas vezes.",
            "Uma linha que você apagar, ou deixar como está, continua rejeitada.",
            "Não inclua vendas novas neste arquivo: solte-as em outra planilha.",
        ],
        Language::English => [
            "These rows were rejected. The red cells show the reason: point at them, or read the last column.",
            "Mend the cells, save, and drop this file into the inbox.",
            "The mended rows are added to the original import, and nothing is stored twice.",
            "A row that you delete, or leave as it is, stays rejected.",
            "Do not add new sales to this file: drop them in another sheet.",
        ],
    };
    for (row, line) in (0..).zip(lines) {
        worksheet.write_string(row, 0, line)?;
    }
    Ok(())
}

/// A repair workbook that came back.
#[derive(Debug)]
pub struct Returned {
    /// The import that the rows belong to.
    pub import_id: ImportId,
    /// The names of the original sheets, in the order of the workbook's numbers.
    sheets: Vec<String>,
}

/// Recognises a repair workbook. `None` for every other file.
#[must_use]
pub fn recognise(contents: &Contents) -> Option<Returned> {
    let token = contents.sheets.iter().find(|sheet| sheet.name == TOKEN_SHEET)?;
    let line = |row: usize| token.shown(row, 0);
    if line(0)? != TOKEN {
        return None;
    }
    let import_id = line(1)?.parse().ok()?;
    let name = |row: usize| line(row).unwrap_or_default().strip_prefix(SHEET).unwrap_or_default().to_owned();
    let sheets = (2..token.rows).map(name).collect();
    Some(Returned { import_id, sheets })
}

/// Whether these are rows of a repair workbook without the hidden sheet that names the import, because it was saved as
/// CSV or the sheet was deleted.
#[must_use]
pub fn has_lost_its_token(contents: &Contents) -> bool {
    let is_token = |text: &String| {
        text.split_once(':').is_some_and(|(sheet, row)| sheet.parse::<u32>().is_ok() && row.parse::<u32>().is_ok())
    };
    contents.sheets.iter().any(|sheet| {
        let column =
            (0..sheet.columns.len()).rfind(|column| sheet.shown(0, *column).is_some_and(|text| text == ROW_HEADER));
        column.is_some_and(|column| sheet.shown(1, column).is_some_and(|text| is_token(&text)))
    })
}

impl Returned {
    /// The cells that differ from the original, by row. Rows without a difference are left out. `original` is the
    /// imported file, and `read` says how its sheets were read.
    #[must_use]
    pub fn mended(&self, contents: &Contents, original: &Contents, read: &[SheetRead], language: Language) -> Overlay {
        let mut overlay = Overlay::new();
        for sheet in contents.sheets.iter().filter(|sheet| sheet.name != TOKEN_SHEET) {
            let shown = |column: usize| sheet.shown(0, column).unwrap_or_default();
            // The last column of that name counts because the original sheet may have such a column too.
            let Some(token) = (0..sheet.columns.len()).rfind(|column| shown(*column) == ROW_HEADER) else { continue };
            for row in 1..sheet.rows {
                let Some((name, number)) = sheet.shown(row, token).and_then(|token| self.row(&token)) else { continue };
                let from = original.sheets.iter().find(|other| other.name == name);
                let how = read.iter().find(|other| other.name == name);
                let (Some(from), Some(how)) = (from, how) else { continue };
                let names = headers(from, how.header_row, language);
                let cells: BTreeMap<usize, Cell> = pairs(&names, sheet)
                    .filter_map(|(column, place)| {
                        let now = Cell::of(sheet, row, place);
                        let was = Cell::of(from, number as usize - 1, column);
                        (!is_same(&now, &was)).then_some((column, now))
                    })
                    .collect();
                if !cells.is_empty() {
                    overlay.insert((name, number), cells);
                }
            }
        }
        overlay
    }

    fn row(&self, token: &str) -> Option<RowKey> {
        let (sheet, row) = token.split_once(':')?;
        let name = self.sheets.get(sheet.trim().parse::<usize>().ok()?.checked_sub(1)?)?;
        let row = row.trim().parse::<u32>().ok().filter(|row| *row > 0)?;
        Some((name.clone(), row))
    }
}

/// Pairs the original columns with their current places in the workbook. Columns are matched by header, and equal
/// headers in their order. If a person renamed a header, the column is expected in its original place.
fn pairs<'a>(names: &'a [String], sheet: &'a Sheet) -> impl Iterator<Item = (usize, usize)> + 'a {
    let shown = |place: usize| -> String {
        sheet.shown(0, place).unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let headers: Vec<String> = (0..sheet.columns.len()).map(shown).collect();
    names.iter().enumerate().filter_map(move |(column, name)| {
        let before = names.iter().take(column).filter(|other| *other == name).count();
        let by_name = (0..headers.len()).filter(|place| headers.get(*place) == Some(name)).nth(before);
        let renamed = || headers.get(column).filter(|header| !names.contains(header) && *header != ROW_HEADER);
        Some((column, by_name.or_else(|| renamed().map(|_| column))?))
    })
}

/// Errors are written to the workbook as texts and come back as texts.
fn is_same(now: &Cell, was: &Cell) -> bool {
    match (now, was) {
        (Cell::Text(now), Cell::Error(was)) => now == was,
        // Spreadsheets keep fifteen digits.
        (Cell::Number(now), Cell::Number(was))
        | (Cell::DateTime(now), Cell::DateTime(was))
        | (Cell::Time(now), Cell::Time(was)) => (now - was).abs() <= was.abs() * 1e-14,
        (now, was) => now == was,
    }
}
