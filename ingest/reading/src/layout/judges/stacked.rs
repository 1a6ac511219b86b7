//! Finds a table with other columns below the first one. If it were read by the first header, its amounts would be
//! taken for something else.

use std::collections::HashSet;

use caudal_contract::field::Field;
use caudal_contract::notice::Refusal;

use crate::layout::evidence::Evidence;
use crate::layout::finding::Finding;
use crate::layout::header::{header_fields, tidy};
use crate::layout::result::Layout;
use crate::sheet::{Kind, Sheet};
use crate::value::number;

/// Most rows that are checked for a header.
const MOST_LOOKED_AT: usize = 200;
/// Fewest fields that a row of texts must name to be a header.
const FEWEST_FIELDS: usize = 3;

/// Refuses a sheet with another table below, because a layout describes only one header.
pub(in crate::layout) fn ask(evidence: &Evidence<'_>, layout: &Layout) -> Vec<Finding> {
    let row = other_header(evidence.sheet, layout);
    let refusal = row.map(|row| Refusal::OtherTableBelow { row: u32::try_from(row + 1).unwrap_or(u32::MAX) });
    refusal.map(Finding::Refuse).into_iter().collect()
}

/// The first row below the header that is a header of other columns.
fn other_header(sheet: &Sheet, layout: &Layout) -> Option<usize> {
    let first = layout.first_row()?;
    let measures: Vec<_> = [Field::Total, Field::UnitPrice, Field::Quantity]
        .into_iter()
        .filter_map(|field| sheet.columns.get(layout.column(field)?))
        .collect();
    let mut known: HashSet<&str> = HashSet::new();
    let mut looked = 0;
    for row in first..sheet.rows {
        // A header has texts in the columns of numbers. A text that occurred before is skipped, because the row of its
        // first occurrence was checked.
        let is_new =
            |text: &&str| !text.trim().is_empty() && !known.contains(text) && !number::looks_numeric(text.trim());
        let texts = measures.iter().filter(|cells| cells.kind(row) == Kind::Text).filter_map(|cells| cells.text(row));
        let Some(text) = texts.into_iter().find(is_new) else { continue };
        let cells: Vec<String> =
            sheet.columns.iter().map(|cells| tidy(&cells.shown(row).unwrap_or_default())).collect();
        if header_fields(&cells).len() >= FEWEST_FIELDS
            && cells.iter().all(|cell| !number::looks_numeric(cell))
            && !layout.repeats_header(sheet, row)
        {
            return Some(row);
        }
        known.insert(text);
        looked += 1;
        if looked >= MOST_LOOKED_AT {
            return None;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use caudal_contract::notice::Refusal;

    use crate::layout::find;

    #[test]
    fn a_table_of_other_columns_below_is_not_read_by_the_first_header() {
        let found = |below: &str| {
            let text =
                format!("Data;Produto;Qtd;Total\n01/03/2026;Café;2;10,00\n;;;\n{below}\n02/03/2026;Chá;5,00;1\n");
            find(&crate::sheet::read(text.as_bytes(), "x.csv").unwrap().sheets.remove(0)).map(|_| ())
        };
        assert_eq!(found("Data;Produto;Total;Qtd"), Err(Refusal::OtherTableBelow { row: 4 }));
        assert_eq!(found("Data;Produto;Qtd;Total"), Ok(()));
        assert_eq!(found("01/03/2026;Café;duas;dez"), Ok(()));
    }
}
