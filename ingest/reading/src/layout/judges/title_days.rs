//! Finds the days of sales in titles.

use caudal_contract::field::Field;

use crate::layout::evidence::Evidence;
use crate::layout::finding::Finding;
use crate::layout::result::Layout;
use crate::layout::titles;

/// If no column gives the date, titles may give it: one title above the header for all rows, or one title for each part
/// of the table.
pub(in crate::layout) fn ask(evidence: &Evidence<'_>, layout: &Layout) -> Vec<Finding> {
    if layout.column(Field::Date).is_some() {
        return Vec::new();
    }
    let days = titles::days(evidence.sheet, layout);
    if days.is_empty() { Vec::new() } else { vec![Finding::Days(days)] }
}

#[cfg(test)]
mod tests {
    use crate::layout::find;

    #[test]
    fn a_day_in_the_title_is_the_day_of_its_rows() {
        let day = |title: &str| {
            let text = format!("{title}\n\nCliente;Produto;Quantidade;Total\nAna;Café;1;10,00\n");
            let layout = find(&crate::sheet::read(text.as_bytes(), "x.csv").unwrap().sheets.remove(0)).unwrap();
            layout.title_days.first().map(|(_, day)| day.clone())
        };
        assert_eq!(day("Vendas do dia 12/03/2025;;").as_deref(), Some("12/03/2025"));
        for other in ["Vendas de 01/03/2025 a 31/03/2025;;", "Vendas de março/2025;;", "Emitido em 12/03/2025 10:00;;"]
        {
            assert_eq!(day(other), None, "{other}");
        }
    }

    #[test]
    fn titles_that_part_a_table_into_days_date_its_rows() {
        let days = |text: &str| {
            let layout = find(&crate::sheet::read(text.as_bytes(), "x.csv").unwrap().sheets.remove(0)).unwrap();
            layout.title_days.into_iter().map(|(row, _)| row).collect::<Vec<_>>()
        };
        let header = "Cliente;Produto;Quantidade;Total\n";
        let rows = "Ana;Café;1;10,00\nBia;Chá;1;5,00\n";
        assert_eq!(days(&format!("{header}01/03/2026;;;\n{rows}02/03/2026;;;\n{rows}")), [1, 4]);
        assert_eq!(days(&format!("Data: 01/03/2026;;;\n{header}{rows}Data: 02/03/2026;;;\n{header}{rows}")), [0, 4]);
        assert!(days(&format!("{header}{rows}02/03/2026;;;\n{rows}")).is_empty(), "the first rows have no day");
    }
}
