//! Reports that repeat the header for each product and name the product only in a title above it.

use caudal_shared::field::Field;

use super::Layout;
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

/// Whether no cell of a row holds anything.
pub(crate) fn is_blank(sheet: &Sheet, row: usize) -> bool {
    sheet.columns.iter().all(|column| match column.kind(row) {
        Kind::Empty => true,
        Kind::Text => column.text(row).is_none_or(|text| text.trim().is_empty()),
        _ => false,
    })
}
