//! Finds rows with a sale that never took place or was undone as a whole: cancelled, refused, refunded. They are not
//! sales.

use caudal_contract::field::Field;
use caudal_contract::text::folded;
use polars::prelude::Int64Chunked;

use super::columns::Columns;
use super::text_column::TextColumn;
use crate::sheet::{Column, Kind};
use crate::value::date;
use crate::value::per_text::PerText;
use crate::words::statuses::{
    ASKS_BESIDE, ASKS_WHETHER_UNDONE, CANCELLED, CANCELLED_BEHIND, DENIES, PARTLY, RETURNED, YES,
};
use crate::words::words_of;

/// Flags these rows by their status, and by columns that ask whether a sale was cancelled. If the sheet has no status
/// column, the word in the notes, in the state or in an unmapped column counts too.
pub(super) fn flags(columns: &Columns<'_>, status: Option<&TextColumn>, total: &Int64Chunked) -> Vec<bool> {
    let Some(status) = status else { return by_other_columns(columns, true, total) };
    let mut undone = by_other_columns(columns, false, total);
    for (index, cancelled) in status.flags(is_cancelled).into_iter().enumerate() {
        mark(&mut undone, index, cancelled);
    }
    // A refund with a negative amount balances the sale that it undoes, so it is kept.
    for (index, returned) in status.flags(is_returned).into_iter().enumerate() {
        mark(&mut undone, index, returned && total.get(index).is_some_and(|total| total > 0));
    }
    undone
}

fn mark(undone: &mut [bool], index: usize, is_so: bool) {
    if let Some(undone) = undone.get_mut(index) {
        *undone |= is_so;
    }
}

fn by_other_columns(columns: &Columns<'_>, without_status: bool, total: &Int64Chunked) -> Vec<bool> {
    let mut undone = vec![false; columns.rows.len()];
    if columns.layout.header_row.is_none() {
        return undone;
    }
    for (place, header) in columns.layout.headers.iter().enumerate() {
        let field = columns.layout.columns.iter().find(|(_, column)| *column == place).map(|(field, _)| *field);
        let says: fn(&Column, usize) -> bool = match field {
            None if asks_whether_cancelled(header) => says_yes,
            None | Some(Field::Notes) if without_status => says_so,
            // "Estado" is a state of the country, or the state of the order.
            Some(Field::State) if without_status => says_so,
            _ => continue,
        };
        let Some(cells) = columns.sheet.columns.get(place) else { continue };
        let mut known = PerText::of(cells);
        for (index, row) in columns.rows.iter().enumerate() {
            mark(&mut undone, index, known.get(*row, || says(cells, *row)));
        }
        if field == Some(Field::State) {
            let mut known = PerText::of(cells);
            let says_returned = |row: usize| cells.kind(row) == Kind::Text && cells.text(row).is_some_and(is_returned);
            for (index, row) in columns.rows.iter().enumerate() {
                let returned = known.get(*row, || says_returned(*row));
                mark(&mut undone, index, returned && total.get(index).is_some_and(|total| total > 0));
            }
        }
    }
    undone
}

/// Whether the header asks for a cancellation, such as "Cancelado?", "Is Cancelled" or "Refunded at". The header of an
/// amount or a reason does not.
fn asks_whether_cancelled(header: &str) -> bool {
    ASKS_WHETHER_UNDONE.has_all_beside(ASKS_BESIDE, &words_of(header))
}

/// Whether the cell says yes, holds the day of the cancellation, or says that the sale was cancelled.
fn says_yes(cells: &Column, row: usize) -> bool {
    match cells.kind(row) {
        Kind::DateTime => true,
        Kind::Bool => cells.number(row) > 0.5,
        Kind::Text => {
            let text = cells.text(row).unwrap_or_default();
            date::looks_like_date(text.trim()) || YES.has(&folded(text)) || is_cancelled(text)
        }
        _ => false,
    }
}

/// Whether the cell says that the sale was cancelled, and little else.
fn says_so(cells: &Column, row: usize) -> bool {
    const LONGEST: usize = 40;
    let may_say = |text: &&str| text.len() <= LONGEST && !text.bytes().any(|byte| byte.is_ascii_digit());
    cells.kind(row) == Kind::Text
        && cells
            .text(row)
            .filter(may_say)
            .is_some_and(|text| is_cancelled(text) && folded(text).split(' ').count() <= 3)
}

/// Whether a status says that nothing was sold: the sale was cancelled or void, or its payment failed for good.
fn is_cancelled(status: &str) -> bool {
    let status = folded(status);
    let mut words = status.split(' ');
    let denies = words.next().is_some_and(|first| DENIES.has(first));
    !denies && (CANCELLED.begin(&status) || words.any(|word| CANCELLED_BEHIND.begin(word)))
}

/// Whether a status says that all of the money was returned.
fn is_returned(status: &str) -> bool {
    let status = folded(status);
    RETURNED.begin(&status) && !PARTLY.are_in(&status)
}

#[cfg(test)]
mod tests {
    use caudal_contract::money::Cents;

    use super::*;
    use crate::batch::Batch;
    use crate::value::{Basis, Conventions, Mark};

    fn ignored(text: &str) -> (u64, Cents) {
        let contents = crate::sheet::read(text.as_bytes(), "x.csv").unwrap();
        let conventions = Conventions {
            zone: chrono_tz::America::Sao_Paulo,
            basis: Basis::Column,
            mark: Mark::Comma,
            day_first: true,
            arrived: chrono::DateTime::from_timestamp(1_795_000_000, 0).unwrap(),
        };
        let batch = Batch::of_file(&contents, &conventions, &[]).unwrap();
        (batch.rows_ignored, batch.amount_ignored)
    }

    #[test]
    fn a_status_that_undoes_the_sale_is_known_in_three_languages() {
        for status in [
            "Cancelado pelo cliente",
            "ANULADA",
            "Pedido cancelado",
            "failed",
            "Recusado",
            "Void",
            "Rechazado",
            "Expirado",
        ] {
            assert!(is_cancelled(status), "{status}");
        }
        for status in ["Pago", "Não cancelado", "Parcialmente estornado", "Aguardando pagamento", "Enviado", "Vencido"]
        {
            assert!(!is_cancelled(status) && !is_returned(status), "{status}");
        }
        for status in ["Reembolsado", "Refunded", "Estornada", "Devolvido", "Chargeback"] {
            assert!(is_returned(status), "{status}");
        }
        assert!(!is_returned("Devolução parcial"));
    }

    #[test]
    fn refunds_with_a_minus_balance_their_sales_and_others_are_none() {
        let rows = "01/03/2026;Café;10,00;Pago\n01/03/2026;Chá;7,00;Reembolsado\n02/03/2026;Pão;-3,00;Reembolsado\n";
        assert_eq!(ignored(&format!("Data;Produto;Total;Status\n{rows}")), (1, Cents(700)));
    }

    #[test]
    fn a_sale_may_be_cancelled_in_another_column_than_the_status() {
        let rows = |mark: &str| format!("01/03/2026;Café;10,00;\n01/03/2026;Chá;7,00;{mark}\n02/03/2026;Pão;3,00;\n");
        for (header, mark) in [
            ("Cancelado", "Sim"),
            ("Void?", "Yes"),
            ("Cancelled at", "2026-03-02 10:00:00"),
            ("Observação", "CANCELADO"),
            ("Estado", "Cancelada"),
        ] {
            assert_eq!(ignored(&format!("Data;Produto;Total;{header}\n{}", rows(mark))), (1, Cents(700)), "{header}");
        }
        let text = format!("Data;Produto;Total;Observação\n{}", rows("cancelado o frete, trocou por retirada"));
        assert_eq!(ignored(&text), (0, Cents::ZERO), "a note about something else");
    }
}
