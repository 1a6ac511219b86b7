//! Prepares a file's table for the person who decides the meaning of its columns.

use caudal_contract::decision::{Decision, Draft, Holds, Remembered, TableChoice};
use caudal_contract::field::Field;

use super::assign;
use super::doubt;
use super::header::{HEADER_SEARCH, tidy};
use super::profile::Profile;
use super::remembered::{Unmapped, find};
use super::table::{Table, holds, known_table};
use super::titles::is_blank;
use crate::sheet::Sheet;

/// Most rows shown.
const SHOWN: usize = 15;
/// Most rows offered as the header.
const OFFERED: usize = 30;
/// Most characters shown of a cell.
const CELL: usize = 60;
/// Most characters shown of a row that is offered as the header.
const ROW: usize = 90;

/// The table with the decision that is remembered for it, or with a guess if there is no such decision. `None` for a
/// file without content.
#[must_use]
pub fn draft(sheets: &[Sheet], choice: &TableChoice, known: &[Remembered]) -> Option<Draft> {
    let filled: Vec<&Sheet> = sheets.iter().filter(|sheet| sheet.rows > 0).collect();
    let sheet = chosen_sheet(&filled, choice, known)?;
    let table = chosen_table(sheet, choice, known);
    let remembered = table.lookup(sheet, known);
    let shown = |row: usize, column: usize| -> String {
        sheet.shown(row, column).unwrap_or_default().chars().take(CELL).collect()
    };
    let cells = |row: usize| (0..table.headers.len()).map(|column| shown(row, table.first + column)).collect();
    let index = |row: usize| u32::try_from(row).unwrap_or(u32::MAX);
    Some(Draft {
        sheets: filled.iter().map(|sheet| sheet.name.clone()).collect(),
        sheet: sheet.name.clone(),
        candidates: candidates(sheet),
        header_row: table.header_row.map(index),
        rows: (table.first_row()..sheet.rows)
            .filter(|row| !is_blank(sheet, *row))
            .take(SHOWN)
            .map(|row| (index(row), cells(row)))
            .collect(),
        decision: remembered.map_or_else(|| guess(sheet, &table), |remembered| remembered.decision.clone()),
        remembered: remembered.map(|remembered| (remembered.by.clone(), remembered.at)),
    })
}

fn chosen_sheet<'a>(sheets: &[&'a Sheet], choice: &TableChoice, known: &[Remembered]) -> Option<&'a Sheet> {
    let named = |name: &String| sheets.iter().find(|sheet| sheet.name == *name).copied();
    let unclear =
        || sheets.iter().find(|sheet| !matches!(find(sheet, known), Ok(_) | Err(Unmapped::Refused(_)))).copied();
    let clear = || sheets.iter().find(|sheet| find(sheet, known).is_ok()).copied();
    choice.sheet.as_ref().and_then(named).or_else(unclear).or_else(clear).or(sheets.first().copied())
}

fn chosen_table(sheet: &Sheet, choice: &TableChoice, known: &[Remembered]) -> Table {
    match choice.header {
        Some(0) => Table::without_header(sheet),
        Some(row) => {
            let row = (row as usize - 1).min(sheet.rows.saturating_sub(1));
            Table::under(sheet, row).unwrap_or_else(|| Table::without_header(sheet))
        }
        None => likely_table(sheet, known),
    }
}

fn likely_table(sheet: &Sheet, known: &[Remembered]) -> Table {
    if let Some((table, _)) = known_table(sheet, known) {
        return table;
    }
    doubt::likely_header(sheet)
        .and_then(|(row, _)| Table::under(sheet, row))
        .unwrap_or_else(|| Table::without_header(sheet))
}

fn candidates(sheet: &Sheet) -> Vec<(u32, String)> {
    let text = |row: usize| {
        let cells: Vec<String> = (0..sheet.columns.len()).filter_map(|column| sheet.shown(row, column)).collect();
        let text = tidy(&cells.join(" | "));
        if text.chars().count() > ROW { text.chars().take(ROW).chain(['…']).collect() } else { text }
    };
    (0..sheet.rows.min(HEADER_SEARCH))
        .filter(|row| !is_blank(sheet, *row))
        .take(OFFERED)
        .map(|row| (u32::try_from(row).unwrap_or(u32::MAX), text(row)))
        .collect()
}

/// Guesses the meaning of each column by its name and its contents.
fn guess(sheet: &Sheet, table: &Table) -> Decision {
    let mut columns = table.columns(sheet);
    let found = match super::find(sheet) {
        Ok(layout) if layout.header_row == table.header_row => layout.columns,
        _ => assigned(sheet, table),
    };
    for (field, place) in found {
        if let Some(column) = place.checked_sub(table.first).and_then(|index| columns.get_mut(index)) {
            column.field = Some(field);
        }
    }
    Decision {
        sheet: None,
        has_header: table.header_row.is_some(),
        decimal_mark: None,
        date_order: None,
        date: None,
        columns,
    }
}

fn assigned(sheet: &Sheet, table: &Table) -> Vec<(Field, usize)> {
    if table.header_row.is_none() {
        let is_date = |column: &usize| holds(sheet, *column) == Holds::Date;
        return (0..sheet.columns.len()).find(is_date).map(|column| (Field::Date, column)).into_iter().collect();
    }
    let mut headers = vec![String::new(); table.first];
    headers.extend(table.headers.iter().cloned());
    let profiles: Vec<Profile> =
        (0..headers.len()).map(|column| Profile::of(sheet, column, table.first_row())).collect();
    let mut found = assign::assign(&headers, &profiles);
    // If no date was found, a free column of days is most likely the day of the sale, even if its header says something
    // else.
    let is_free = |column: &usize| found.iter().all(|(field, taken)| *field != Field::Date && taken != column);
    let is_day = |column: &usize| {
        profiles.get(*column).is_some_and(|profile| profile.fits(Field::Date) && !profile.fits(Field::Quantity))
    };
    if let Some(day) = (0..headers.len()).filter(is_free).find(is_day) {
        found.push((Field::Date, day));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheets(text: &str) -> Vec<Sheet> {
        crate::sheet::read(text.as_bytes(), "x.csv").unwrap().sheets
    }

    #[test]
    fn a_table_is_shown_with_what_can_be_guessed() {
        let sheets = sheets("Relatório;;\nProduto;Qtde;Preço\nCafé;2;10,00\n;;\nChá;1;5,00\n");
        let draft = draft(&sheets, &TableChoice::default(), &[]).unwrap();
        let fields: Vec<_> = draft.decision.columns.iter().map(|column| column.field).collect();
        assert_eq!(draft.header_row, Some(1));
        assert_eq!(fields, [Some(Field::Product), Some(Field::Quantity), Some(Field::UnitPrice)]);
        assert_eq!(draft.rows.iter().map(|(row, _)| *row).collect::<Vec<_>>(), [2, 4]);
        assert_eq!(draft.candidates[1], (1, "Produto | Qtde | Preço".to_owned()));
    }

    #[test]
    fn a_table_without_headers_has_letters_for_names() {
        let sheets = sheets("01/03/2026;Café;2;10,00\n02/03/2026;Chá;1;5,00\n");
        let draft = draft(&sheets, &TableChoice::default(), &[]).unwrap();
        assert_eq!((draft.header_row, draft.rows.len()), (None, 2));
        assert_eq!(draft.decision.columns[0].header, "A");
        assert_eq!(draft.decision.columns[0].field, Some(Field::Date));
        let with_header = TableChoice { header: Some(1), ..TableChoice::default() };
        assert_eq!(super::draft(&sheets, &with_header, &[]).unwrap().header_row, Some(0));
    }
}
