//! Finds the day of the sale by the contents of a column if no column is called the date.

use caudal_contract::field::Field;

use crate::layout::evidence::Evidence;
use crate::layout::finding::Finding;
use crate::layout::result::Layout;
use crate::words::calendar::CANCELLATION_DAY;
use crate::words::headers::NOT_SALE_DAY;
use crate::words::words_of;

/// If nothing gives the date, assigns it the only free column that holds days. A column taken for the time is free too,
/// because it may hold both. A column that is called another day, such as that of delivery, payment or birth, does not
/// count.
pub(in crate::layout) fn ask(evidence: &Evidence<'_>, layout: &Layout) -> Vec<Finding> {
    if layout.is_dated() {
        return Vec::new();
    }
    let is_free = |column: usize| {
        let taken = layout.columns.iter().find(|(_, taken)| *taken == column);
        taken.is_none_or(|(field, _)| *field == Field::Time)
    };
    let is_other_day = |header: &str| {
        let words = words_of(header);
        NOT_SALE_DAY.has_any(&words) || CANCELLATION_DAY.has_any(&words)
    };
    let days = evidence.columns().filter(|(column, header, profile)| {
        !header.is_empty() && is_free(*column) && profile.holds_days() && !is_other_day(header)
    });
    match days.map(|(column, ..)| column).collect::<Vec<_>>().as_slice() {
        [day] => vec![Finding::Assign { fields: vec![(Field::Date, Some(*day))], proof: None }],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use caudal_contract::field::Field;

    use crate::layout::find;

    #[test]
    fn the_only_column_of_days_is_the_day_of_the_sale_unless_it_is_called_another() {
        let day = |header: &str| {
            let text = format!(
                "{header};Cliente;Produto;Quantidade;Total\n01/03/2026;Ana;Café;2;10,00\n02/03/2026;Bia;Chá;1;5,00\n"
            );
            find(&crate::sheet::read(text.as_bytes(), "x.csv").unwrap().sheets.remove(0)).unwrap().column(Field::Date)
        };
        assert_eq!(day("Quando"), Some(0));
        assert_eq!(day("Nascimento"), None);
    }
}
