//! Reports that repeat the header for each product and name the product only in a title above it.

use caudal_shared::field::Field;
use caudal_shared::text::folded;

use super::Layout;
use crate::clean::date;
use crate::sheet::{Kind, Sheet};

/// Rows between a title and its header, at most.
const TITLE_ABOVE: usize = 3;
/// Headers with different titles that make the case.
const BLOCKS: usize = 3;

/// Whether the product stands in titles: no column names it, the header repeats, and above each of its rows stands a line
/// of one cell, not always the same.
pub(super) fn name_the_product(sheet: &Sheet, layout: &Layout) -> bool {
    if layout.columns.iter().any(|(field, _)| matches!(field, Field::Product | Field::Sku)) {
        return false;
    }
    let Some(header_row) = layout.header_row else { return false };
    let mut titles: Vec<Option<String>> = Vec::new();
    for row in header_row..sheet.rows {
        if row == header_row || layout.repeats_header(sheet, row) {
            titles.push(title_above(sheet, row));
        }
    }
    let blocks = titles.len();
    let titled = titles.iter().flatten().count();
    titles.sort_unstable();
    titles.dedup();
    // A page break inside a block repeats the header without a title
    titles.len() >= BLOCKS && titled * 10 >= blocks * 9
}

/// The only cell of the nearest filled row above a header.
pub(crate) fn title_above(sheet: &Sheet, header_row: usize) -> Option<String> {
    let above = (header_row.saturating_sub(TITLE_ABOVE)..header_row).rev();
    let row = above.into_iter().find(|row| !is_blank(sheet, *row))?;
    let mut cells = (0..sheet.columns.len()).filter_map(|column| sheet.shown(row, column));
    let title = cells.next()?;
    (cells.next().is_none() && title.chars().any(char::is_alphabetic)).then_some(title)
}

/// The one whole day that the titles above the header name, as written: the day of all rows. Days when the report was made
/// are not meant, nor is a period of several days, nor titles that go on between the rows.
pub(super) fn day(sheet: &Sheet, layout: &Layout) -> Option<String> {
    const OTHER_DAYS: &[&str] =
        &["emi", "impress", "gerad", "print", "generat", "atualiz", "updat", "issued", "extra", "validade"];
    let header_row = layout.header_row?;
    let mut days: Vec<String> = Vec::new();
    for row in 0..header_row {
        let cells: Vec<String> = sheet.columns.iter().filter_map(|column| column.shown(row)).collect();
        let said = folded(&cells.join(" "));
        let found: Vec<&str> = cells.iter().flat_map(|cell| days_in(cell)).collect();
        let is_other = said.split(' ').any(|word| OTHER_DAYS.iter().any(|start| word.starts_with(start)));
        if !found.is_empty() && !is_other {
            days.extend(found.into_iter().map(str::to_owned));
        }
    }
    days.dedup();
    let [day] = days.as_slice() else { return None };
    let is_alone = |row: usize| {
        let mut cells = sheet.columns.iter().filter_map(|column| column.shown(row));
        let first = cells.next();
        cells.next().is_none() && first.is_some_and(|cell| !days_in(&cell).is_empty())
    };
    (header_row + 1..sheet.rows).all(|row| !is_alone(row)).then(|| day.clone())
}

/// The days in a text, each a word of its own or the whole of it.
fn days_in(text: &str) -> Vec<&str> {
    let text = text.trim();
    if text.contains([' ', ':']) {
        let words =
            text.split([' ', ':', '(', ')', ',']).filter(|word| word.len() >= 8 && word.contains(['/', '-', '.']));
        words.filter(|word| date::looks_like_date(word)).collect()
    } else {
        Some(text).filter(|text| date::looks_like_date(text)).into_iter().collect()
    }
}

/// Whether no cell of a row holds anything.
pub(crate) fn is_blank(sheet: &Sheet, row: usize) -> bool {
    sheet.columns.iter().all(|column| match column.kind(row) {
        Kind::Empty => true,
        Kind::Text => column.text(row).is_none_or(|text| text.trim().is_empty()),
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use crate::layout::find;

    #[test]
    fn a_day_in_the_title_is_the_day_of_its_rows() {
        let day = |title: &str| {
            let text = format!("{title}\n\nCliente;Produto;Quantidade;Total\nAna;Café;1;10,00\n");
            find(&crate::sheet::read(text.as_bytes(), "x.csv").unwrap().sheets.remove(0)).unwrap().title_day
        };
        assert_eq!(day("Vendas do dia 12/03/2025;;").as_deref(), Some("12/03/2025"));
        for other in ["Vendas de 01/03/2025 a 31/03/2025;;", "Vendas de março/2025;;", "Emitido em 12/03/2025 10:00;;"]
        {
            assert_eq!(day(other), None, "{other}");
        }
    }
}
