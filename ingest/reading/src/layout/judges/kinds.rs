//! Finds sheets that mix sales with other rows. A column of kinds says for each row whether it is a sale, a purchase or
//! a return.

use caudal_contract::field::Field;
use caudal_contract::notice::LayoutProblem;
use caudal_contract::text::folded;

use crate::layout::evidence::Evidence;
use crate::layout::finding::Finding;
use crate::layout::result::Layout;
use crate::sheet::{Column, Kind, Sheet};
use crate::words::sheets::{KIND_OF_ROW, KIND_OF_ROW_BESIDE, ROW_OF_OTHERS, ROW_OF_SALE};
use crate::words::words_of;

/// Most different values in a column of kinds.
const MOST_KINDS: usize = 15;

/// Doubts a table if a column says that some of its rows are not sales.
pub(in crate::layout) fn ask(evidence: &Evidence<'_>, layout: &Layout) -> Vec<Finding> {
    mixed(evidence.sheet, layout).map(Finding::Doubt).into_iter().collect()
}

/// The column that tells sales from other rows, if there are both. Its other kinds are listed in the order in which
/// they occur.
fn mixed(sheet: &Sheet, layout: &Layout) -> Option<LayoutProblem> {
    let first = layout.first_row()?;
    let measures: Vec<&Column> = [Field::Total, Field::Quantity, Field::UnitPrice]
        .into_iter()
        .filter_map(|field| sheet.columns.get(layout.column(field)?))
        .collect();
    layout.headers.iter().enumerate().filter(|(_, header)| names_kinds(header)).find_map(|(column, header)| {
        let mut kinds: Vec<&str> = Vec::new();
        let cells = sheet.columns.get(column)?;
        for row in (first..sheet.rows).filter(|row| cells.kind(*row) == Kind::Text) {
            let text = cells.text(row).map(str::trim).filter(|text| !text.is_empty())?;
            // A negative row, such as a return, cancels a sale in the sums, so its kind needs no question.
            let balances = || is_other(text) && measures.iter().any(|cells| is_below_zero(cells, row));
            if !(kinds.contains(&text) || balances()) {
                kinds.push(text);
            }
            if kinds.len() > MOST_KINDS {
                return None;
            }
        }
        let others: Vec<String> = kinds.iter().filter(|kind| is_other(kind)).map(|kind| (*kind).to_owned()).collect();
        (kinds.iter().any(|kind| is_sale(kind)) && !others.is_empty())
            .then(|| LayoutProblem::MixedKinds { column: header.clone(), others })
    })
}

fn is_below_zero(cells: &Column, row: usize) -> bool {
    match cells.kind(row) {
        Kind::Number => cells.number(row) < 0.0,
        Kind::Text => {
            let text = cells.text(row).unwrap_or_default().trim();
            text.starts_with(['-', '(', '−']) || text.ends_with('-') || text.contains("$-") || text.contains("$ -")
        }
        _ => false,
    }
}

fn names_kinds(header: &str) -> bool {
    KIND_OF_ROW.has_all_beside(KIND_OF_ROW_BESIDE, &words_of(header))
}

fn is_sale(kind: &str) -> bool {
    ROW_OF_SALE.begin(&folded(kind))
}

fn is_other(kind: &str) -> bool {
    ROW_OF_OTHERS.begin(&folded(kind))
}

#[cfg(test)]
mod tests {
    use caudal_contract::notice::LayoutProblem;

    use crate::layout::find;

    #[test]
    fn purchases_among_sales_are_asked_about() {
        let doubt = |header: &str, kind: &str| {
            let text = format!(
                "Data;{header};Produto;Quantidade;Total\n01/03/2026;Venda;Café;2;10,00\n02/03/2026;{kind};Chá;1;5,00\n"
            );
            find(&crate::sheet::read(text.as_bytes(), "x.csv").unwrap().sheets.remove(0)).unwrap().doubt
        };
        assert_eq!(
            doubt("Tipo", "Compra"),
            Some(LayoutProblem::MixedKinds { column: "Tipo".to_owned(), others: vec!["Compra".to_owned()] })
        );
        assert_eq!(doubt("Tipo", "Venda a prazo"), None);
        let returned =
            "Data;Tipo;Produto;Quantidade;Total\n01/03/2026;Venda;Café;2;10,00\n02/03/2026;Devolução;Café;-1;-5,00\n";
        let sheet = crate::sheet::read(returned.as_bytes(), "x.csv").unwrap().sheets.remove(0);
        assert_eq!(find(&sheet).unwrap().doubt, None, "what is below zero balances its sale");
        assert_eq!(doubt("Tipo de cliente", "Compra"), None);
    }
}
