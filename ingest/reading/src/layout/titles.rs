//! Reads titles. Some reports repeat the header for each product and name the product only in a title above it. Others
//! give the day of the sales in a title.

use caudal_contract::field::Field;
use caudal_contract::text::folded;

use super::result::Layout;
use crate::sheet::{Kind, Sheet};
use crate::value::date;
use crate::words::calendar::OTHER_DAYS;

/// Most rows from a title down to its header.
const TITLE_ABOVE: usize = 3;
/// Fewest different titles that prove it.
const BLOCKS: usize = 3;

/// Whether titles name the product. Then no column names it, the header repeats, and the row above nearly every header
/// has a single cell, with different texts.
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
    // A page break inside a block repeats the header without a title, so one of ten headers may lack it.
    titles.len() >= BLOCKS && titled * 10 >= blocks * 9
}

/// The only cell of the nearest filled row above a header, if it has a letter.
pub(crate) fn title_above(sheet: &Sheet, header_row: usize) -> Option<String> {
    let above = (header_row.saturating_sub(TITLE_ABOVE)..header_row).rev();
    let row = above.into_iter().find(|row| !is_blank(sheet, *row))?;
    let mut cells = (0..sheet.columns.len()).filter_map(|column| sheet.shown(row, column));
    let title = cells.next()?;
    (cells.next().is_none() && title.chars().any(char::is_alphabetic)).then_some(title)
}

/// The days that titles name, as written, each with the row of its title. A day applies to the rows below its title, up
/// to the next one. Either the titles above the header name exactly one day, or titles that are the only cell of their
/// row divide the table into days. The day on which the report was made does not count, nor does a period of several
/// days.
pub(super) fn days(sheet: &Sheet, layout: &Layout) -> Vec<(usize, String)> {
    let Some(header_row) = layout.header_row else { return Vec::new() };
    let alone = |row: usize| {
        let mut cells = sheet.columns.iter().filter_map(|column| column.shown(row));
        let title = cells.next().filter(|_| cells.next().is_none())?;
        match days_meant(&title).as_slice() {
            [day] => Some((row, (*day).to_owned())),
            _ => None,
        }
    };
    let above: Vec<(usize, String)> = (0..header_row)
        .flat_map(|row| {
            let cells: Vec<String> = sheet.columns.iter().filter_map(|column| column.shown(row)).collect();
            let said = cells.join(" ");
            days_meant(&said).into_iter().map(|day| (row, day.to_owned())).collect::<Vec<_>>()
        })
        .collect();
    let below: Vec<(usize, String)> = (header_row + 1..sheet.rows).filter_map(alone).collect();
    match above.as_slice() {
        [_] if below.is_empty() => above,
        [first] => std::iter::once(first.clone()).chain(below).collect(),
        [] if below.first().is_some_and(|(row, _)| (header_row + 1..*row).all(|row| is_blank(sheet, row))) => below,
        _ => Vec::new(),
    }
}

/// The days in a title. None of them counts if the title speaks of another day, such as the day on which the report was
/// made.
fn days_meant(title: &str) -> Vec<&str> {
    let days = days_in(title);
    if days.is_empty() || folded(title).split(' ').any(|word| OTHER_DAYS.begin(word)) {
        return Vec::new();
    }
    days
}

/// The days in a text. Each is a word of the text, or the whole text.
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

/// Whether all cells of a row are blank.
pub(crate) fn is_blank(sheet: &Sheet, row: usize) -> bool {
    sheet.columns.iter().all(|column| match column.kind(row) {
        Kind::Empty => true,
        Kind::Text => column.text(row).is_none_or(|text| text.trim().is_empty()),
        _ => false,
    })
}
