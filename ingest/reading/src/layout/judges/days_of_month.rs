//! Finds a date column that has only the days of a month, as in a sheet for each month.

use caudal_contract::field::Field;
use chrono::Datelike;

use crate::layout::evidence::{Agreement, Evidence};
use crate::layout::finding::Finding;
use crate::layout::names::fields_named;
use crate::layout::period;
use crate::layout::result::Layout;
use crate::value::date::day_of_month;

/// If nothing else gives the date, a column that is called the date and holds whole numbers from 1 to the last day of the
/// month does, because a title or the sheet's name says the month.
pub(in crate::layout) fn ask(evidence: &Evidence<'_>, layout: &Layout) -> Vec<Finding> {
    if layout.is_dated() {
        return Vec::new();
    }
    let Some(last) = period::only_month(evidence.sheet, evidence.header_row) else { return Vec::new() };
    let holds_days = |column: usize| {
        let Some(cells) = evidence.sheet.columns.get(column) else { return false };
        let filled = evidence.rows.iter().filter(|row| !cells.is_blank(**row));
        let days = filled.map(|row| day_of_month(cells, *row).is_some_and(|day| day <= last.day()));
        days.collect::<Agreement>().is_nine_of_ten()
    };
    let is_called_date = |header: &str| fields_named(header).iter().any(|(field, _)| *field == Field::Date);
    let is_free = |column: usize| layout.columns.iter().all(|(_, taken)| *taken != column);
    let mut found = evidence.columns().filter(|(column, header, profile)| {
        is_free(*column) && is_called_date(header) && profile.filled > 0 && holds_days(*column)
    });
    let month = last.with_day(1);
    match (found.next(), found.next(), month) {
        (Some((column, ..)), None, Some(month)) => vec![Finding::DaysOfMonth { column, month }],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use caudal_contract::field::Field;

    use crate::layout::find;

    fn found(text: &str) -> Option<(Option<usize>, Option<String>)> {
        let layout = find(&crate::sheet::read(text.as_bytes(), "x.csv").unwrap().sheets.remove(0)).ok()?;
        Some((layout.column(Field::Date), layout.month.map(|month| month.to_string())))
    }

    const ROWS: &str = "Cliente;Produto;Quantidade;Total;Dia\nAna;Café;2;10,00;1\nBia;Chá;1;5,00;28\n";

    #[test]
    fn days_below_the_name_of_a_month_are_days_of_that_month() {
        assert_eq!(
            found(&format!("Vendas de fevereiro de 2026;;;;\n\n{ROWS}")),
            Some((Some(4), Some("2026-02-01".to_owned())))
        );
        assert_eq!(
            found(&format!("Período: 01/02/2026 a 28/02/2026;;;;\n\n{ROWS}")),
            Some((Some(4), Some("2026-02-01".to_owned())))
        );
    }

    #[test]
    fn days_that_the_month_does_not_have_or_of_two_months_are_no_days() {
        let is_dated = |text: &str| found(text).is_some_and(|(_, month)| month.is_some());
        assert!(!is_dated(&format!("Período: 01/02/2026 a 28/03/2026;;;;\n\n{ROWS}")));
        assert!(!is_dated(&format!("Vendas;;;;\n\n{ROWS}")));
        assert!(!is_dated(&format!("Vendas de fevereiro de 2026;;;;\n\n{}", ROWS.replace(";28", ";31"))));
    }
}
