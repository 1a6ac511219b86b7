//! Finds a date column whose days lack their year, or their month and year, as in a sheet for each month.

use caudal_contract::field::Field;

use crate::layout::evidence::{Agreement, Evidence};
use crate::layout::finding::Finding;
use crate::layout::names::fields_named;
use crate::layout::period;
use crate::layout::result::Layout;
use crate::value::partial_day::{PartialDay, Rest};

/// If nothing else gives the date, the only column that is called the date and holds such days does, because a title or
/// the sheet's name says the rest.
pub(in crate::layout) fn ask(evidence: &Evidence<'_>, layout: &Layout) -> Vec<Finding> {
    if layout.is_dated() {
        return Vec::new();
    }
    let Some((year, month)) = period::year_and_month(evidence.sheet, evidence.header_row) else { return Vec::new() };
    let is_called_date = |header: &str| fields_named(header).iter().any(|(field, _)| *field == Field::Date);
    let is_free = |column: usize| layout.columns.iter().all(|(_, taken)| *taken != column);
    let mut found = evidence
        .columns()
        .filter(|(column, header, _)| is_free(*column) && is_called_date(header))
        .filter_map(|(column, ..)| Some((column, Rest::of(&parts(evidence, column)?, year, month)?)));
    match (found.next(), found.next()) {
        (Some((column, rest)), None) => vec![Finding::PartialDays { column, rest }],
        _ => Vec::new(),
    }
}

/// The parts of days in a column. `None` if fewer than nine of ten cells have one.
fn parts(evidence: &Evidence<'_>, column: usize) -> Option<Vec<PartialDay>> {
    let cells = evidence.sheet.columns.get(column)?;
    let filled = evidence.rows.iter().filter(|row| !cells.is_blank(**row));
    let read: Vec<Option<PartialDay>> = filled.map(|row| PartialDay::of_cell(cells, *row)).collect();
    let agreement: Agreement = read.iter().map(Option::is_some).collect();
    (agreement.agreeing > 0 && agreement.is_nine_of_ten()).then(|| read.into_iter().flatten().collect())
}

#[cfg(test)]
mod tests {
    use caudal_contract::field::Field;

    use crate::layout::find;

    fn found(title: &str, days: [&str; 2]) -> Option<(i32, Option<u32>)> {
        let [first, second] = days;
        let rows = format!("Cliente;Produto;Quantidade;Total;Dia\nAna;Café;2;10,00;{first}\nBia;Chá;1;5,00;{second}\n");
        let text = format!("{title};;;;\n\n{rows}");
        let layout = find(&crate::sheet::read(text.as_bytes(), "x.csv").unwrap().sheets.remove(0)).ok()?;
        let rest = layout.rest_of_days?;
        assert_eq!(layout.column(Field::Date), Some(4));
        Some((rest.year, rest.month))
    }

    #[test]
    fn days_below_the_name_of_a_month_are_days_of_that_month() {
        assert_eq!(found("Vendas de fevereiro de 2026", ["1", "28"]), Some((2026, Some(2))));
        assert_eq!(found("Período: 01/02/2026 a 28/02/2026", ["1", "28"]), Some((2026, Some(2))));
        assert_eq!(found("Vendas de fevereiro de 2026", ["03/02", "28/02"]), Some((2026, Some(2))));
        assert_eq!(found("Vendas de 01/01/2026 a 30/06/2026", ["03/02", "28/04"]), Some((2026, None)));
    }

    #[test]
    fn days_that_the_month_does_not_have_or_of_two_months_are_no_days() {
        assert_eq!(found("Período: 01/02/2026 a 28/03/2026", ["1", "28"]), None);
        assert_eq!(found("Período: 01/12/2025 a 28/03/2026", ["01/12", "03/03"]), None);
        assert_eq!(found("Vendas", ["1", "28"]), None);
        assert_eq!(found("Vendas de fevereiro de 2026", ["1", "31"]), None);
    }
}
