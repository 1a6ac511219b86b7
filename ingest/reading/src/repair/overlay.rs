//! Cells that a person mended, to be laid over the original sheet.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::sheet::{Contents, Kind, Sheet, SheetBuilder};

/// A cell of a sheet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cell {
    /// Nothing.
    Empty,
    /// A text.
    Text(String),
    /// A number.
    Number(f64),
    /// A day, or a day and time, counted as Excel does.
    DateTime(f64),
    /// A time of day, in days.
    Time(f64),
    /// True or false.
    Bool(bool),
    /// A spreadsheet error, by its name.
    Error(String),
}

impl Cell {
    /// The cell at a place. Blank texts count as empty.
    #[must_use]
    pub fn of(sheet: &Sheet, row: usize, column: usize) -> Self {
        let Some(cells) = sheet.columns.get(column) else { return Self::Empty };
        let text = || cells.text(row).unwrap_or_default().to_owned();
        match cells.kind(row) {
            Kind::Empty => Self::Empty,
            Kind::Text if text().trim().is_empty() => Self::Empty,
            Kind::Text => Self::Text(text()),
            Kind::Error => Self::Error(text()),
            Kind::Number => Self::Number(cells.number(row)),
            Kind::DateTime => Self::DateTime(cells.number(row)),
            Kind::Time => Self::Time(cells.number(row)),
            Kind::Bool => Self::Bool(cells.number(row) > 0.0),
        }
    }
}

/// A row by its sheet's name and its number as spreadsheets count.
pub type RowKey = (String, u32);
/// Mended cells by row, then by column from 0.
pub type Overlay = BTreeMap<RowKey, BTreeMap<usize, Cell>>;

/// The contents with the mended cells in their places.
#[must_use]
pub fn laid_over(contents: Contents, overlay: &Overlay) -> Contents {
    let sheets = contents
        .sheets
        .into_iter()
        .map(|sheet| {
            let rows: BTreeMap<usize, &BTreeMap<usize, Cell>> = overlay
                .iter()
                .filter(|((name, row), _)| *name == sheet.name && *row > 0)
                .map(|((_, row), cells)| (*row as usize - 1, cells))
                .collect();
            if rows.is_empty() { sheet } else { with_rows(&sheet, &rows) }
        })
        .collect();
    Contents { sheets, remarks: contents.remarks }
}

fn with_rows(sheet: &Sheet, mended: &BTreeMap<usize, &BTreeMap<usize, Cell>>) -> Sheet {
    let mut builder = SheetBuilder::default();
    for row in 0..sheet.rows {
        for column in 0..sheet.columns.len() {
            let cell = mended
                .get(&row)
                .and_then(|cells| cells.get(&column).cloned())
                .unwrap_or_else(|| Cell::of(sheet, row, column));
            match cell {
                Cell::Empty => {}
                Cell::Text(text) => builder.set_text(row, column, Kind::Text, &text),
                Cell::Error(text) => builder.set_text(row, column, Kind::Error, &text),
                Cell::Number(number) => builder.set_number(row, column, Kind::Number, number),
                Cell::DateTime(number) => builder.set_number(row, column, Kind::DateTime, number),
                Cell::Time(number) => builder.set_number(row, column, Kind::Time, number),
                Cell::Bool(is_true) => builder.set_number(row, column, Kind::Bool, f64::from(u8::from(is_true))),
            }
        }
    }
    builder.finish(sheet.name.clone(), sheet.hidden, sheet.rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mended_cells_take_the_place_of_what_was_there_and_nothing_else_changes() {
        let contents =
            crate::sheet::read("data;produto;total\n01/02/2026;;abc\n02/02/2026;Chá;5,00\n".as_bytes(), "x.csv");
        let cells = BTreeMap::from([(1, Cell::Text("Café".into())), (2, Cell::Number(10.5)), (0, Cell::Empty)]);
        let mended = laid_over(contents.unwrap(), &Overlay::from([((String::new(), 2), cells)]));
        let shown = |row| (0..3).map(|column| mended.sheets[0].shown(row, column)).collect::<Vec<_>>();
        assert_eq!(shown(1), [None, Some("Café".into()), Some("10.5".into())]);
        assert_eq!(shown(2), [Some("02/02/2026".into()), Some("Chá".into()), Some("5,00".into())]);
    }
}
