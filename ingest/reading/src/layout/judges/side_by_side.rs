//! Finds two tables with the same headers side by side.

use caudal_contract::field::Field;
use caudal_contract::notice::Refusal;

use crate::layout::assign::main_table;
use crate::layout::evidence::Evidence;
use crate::layout::finding::Finding;
use crate::layout::result::Layout;

/// Fewest repeated headers that make a second table.
const SAME: usize = 3;

/// Refuses a sheet with a second table beside the chosen one, with the same headers and rows of its own. Half of the
/// sales would be lost without a word if only one table were read.
pub(in crate::layout) fn ask(evidence: &Evidence<'_>, layout: &Layout) -> Vec<Finding> {
    if stands_twice(evidence, layout) { vec![Finding::Refuse(Refusal::TablesSideBySide)] } else { Vec::new() }
}

fn stands_twice(evidence: &Evidence<'_>, layout: &Layout) -> bool {
    let taken = |header: &str| {
        let column =
            layout.columns.iter().find(|(_, column)| evidence.headers.get(*column).is_some_and(|name| name == header));
        column.map(|(field, _)| *field)
    };
    let main = main_table(&evidence.headers, &evidence.profiles);
    // A blank column may divide a table without making two tables of it.
    let is_taken = |column: usize| layout.columns.iter().any(|(_, taken)| *taken == column);
    let first = |header: &str| evidence.headers.iter().position(|other| other == header);
    let again =
        |column: usize, header: &str| !main.contains(&column) || first(header).is_some_and(|first| first < column);
    let others = evidence.columns().filter(|(column, header, _)| !is_taken(*column) && again(*column, header));
    let mut fields: Vec<Field> = others
        .filter(|(_, header, profile)| !header.is_empty() && profile.filled > 0)
        .filter_map(|(_, header, _)| taken(header))
        .collect();
    fields.sort_unstable();
    fields.dedup();
    fields.len() >= SAME
        && fields.iter().any(|field| matches!(field, Field::Total | Field::UnitPrice | Field::Quantity))
}

#[cfg(test)]
mod tests {
    use caudal_contract::field::Field;
    use caudal_contract::notice::Refusal;

    use crate::layout::find;
    use crate::sheet::Sheet;

    fn sheet(text: &str) -> Sheet {
        crate::sheet::read(text.as_bytes(), "x.csv").unwrap().sheets.remove(0)
    }

    #[test]
    fn two_tables_side_by_side_are_refused_and_a_summary_beside_is_not() {
        let twice = "Data;Produto;Qtd;Total;;Data;Produto;Qtd;Total\n01/03/2026;Café;2;10,00;;01/04/2026;Chá;1;5,00\n";
        assert_eq!(find(&sheet(twice)).unwrap_err(), Refusal::TablesSideBySide);
        assert_eq!(find(&sheet(&twice.replace(";;", ";"))).unwrap_err(), Refusal::TablesSideBySide);
        let summary =
            "Data;Produto;Qtd;Total;;Produto;Total\n01/03/2026;Café;2;10,00;;Café;10,00\n02/03/2026;Chá;1;5,00;;;\n";
        assert!(find(&sheet(summary)).is_ok());
    }

    #[test]
    fn blank_columns_inside_a_table_do_not_make_two_of_it() {
        let text = ";Data;;Produto;Qtd;;Preço;Total\n;01/03/2026;;Café;2;;5,00;10,00\n;02/03/2026;;Chá;1;;5,00;5,00\n";
        assert_eq!(find(&sheet(text)).unwrap().column(Field::Total), Some(7));
    }
}
