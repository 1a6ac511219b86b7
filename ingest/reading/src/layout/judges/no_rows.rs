//! Finds a header without rows below it.

use caudal_contract::notice::Refusal;

use super::sold;
use crate::layout::evidence::Evidence;
use crate::layout::finding::Finding;
use crate::layout::header::header_fields;
use crate::layout::result::Layout;

/// Refuses a table without rows. If its header could be one of sales, the reason is that the table is empty. Otherwise
/// it is the same reason as for a table with such a header.
pub(in crate::layout) fn ask(evidence: &Evidence<'_>, layout: &Layout) -> Vec<Finding> {
    if evidence.profiles.iter().any(|profile| profile.filled > 0) {
        return Vec::new();
    }
    // An empty column is never assigned to money. So the fields come from the names of the headers alone here.
    let columns = header_fields(&evidence.headers).into_iter().map(|field| (field, usize::MAX)).collect();
    let by_names = Layout { columns, ..layout.clone() };
    let refusal = sold::sold(&by_names, false, false).err().unwrap_or(Refusal::NoRows);
    vec![Finding::Refuse(refusal)]
}

#[cfg(test)]
mod tests {
    use caudal_contract::notice::Refusal;

    use crate::layout::find;
    use crate::sheet::Sheet;

    fn sheet(text: &str) -> Sheet {
        crate::sheet::read(text.as_bytes(), "x.csv").unwrap().sheets.remove(0)
    }

    #[test]
    fn a_header_without_rows_is_told_from_other_sheets() {
        assert_eq!(find(&sheet("Data;Produto;Quantidade;Total\n")).unwrap_err(), Refusal::NoRows);
    }
}
