//! Finds a column of dates or quantities that cannot be read.

use caudal_contract::field::Field;
use caudal_contract::notice::Refusal;

use crate::layout::evidence::Evidence;
use crate::layout::finding::Finding;
use crate::layout::names;
use crate::layout::result::Layout;

/// Lowest score of a header that names a field beyond doubt.
const SURE: u32 = 88;

/// Refuses a sheet if a column is surely called the date or the quantity, but was not assigned because its cells cannot
/// be read. An assumed day or quantity would contradict the sheet.
pub(in crate::layout) fn ask(evidence: &Evidence<'_>, layout: &Layout) -> Vec<Finding> {
    let missing = [Field::Date, Field::Quantity].into_iter().filter(|field| layout.column(*field).is_none());
    let refusal = missing.into_iter().find_map(|field| {
        let mut columns = evidence.columns();
        let called = columns.find(|(column, header, profile)| {
            let named = names::fields_named(header).into_iter().max_by_key(|(_, score)| *score);
            let is_free = layout.columns.iter().all(|(_, taken)| taken != column);
            is_free && named.is_some_and(|named| named.0 == field && named.1 >= SURE) && profile.is_mostly_filled()
        });
        called.map(|(_, header, _)| Refusal::UnreadableColumn { column: header.clone(), field })
    });
    refusal.map(Finding::Refuse).into_iter().collect()
}

#[cfg(test)]
mod tests {
    use caudal_contract::field::Field;
    use caudal_contract::notice::Refusal;

    use crate::layout::find;

    #[test]
    fn a_column_that_is_called_the_date_and_holds_none_refuses_the_sheet() {
        let text = "Data;Cliente;Produto;Quantidade;Total\nontem;Ana;Café;2;10,00\nhoje;Bia;Chá;1;5,00\n";
        let refusal = find(&crate::sheet::read(text.as_bytes(), "x.csv").unwrap().sheets.remove(0)).unwrap_err();
        assert_eq!(refusal, Refusal::UnreadableColumn { column: "Data".to_owned(), field: Field::Date });
    }
}
