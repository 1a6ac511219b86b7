//! Finds the state of the orders by its contents, if no header says that it is a state: "Fase" with "Reembolsado",
//! or "Estado" with "Venda cancelada" instead of a federal state.

use std::collections::HashSet;

use caudal_contract::field::Field;
use caudal_contract::notice::Remark;
use caudal_contract::text::folded;

use super::kinds::names_kinds;
use crate::layout::evidence::Evidence;
use crate::layout::finding::Finding;
use crate::layout::orders::names_delivery;
use crate::layout::result::Layout;
use crate::sheet::Kind;
use crate::value::place;
use crate::value::status::said;

/// Most different states.
const MOST_STATES: usize = 15;
/// Most words of a state.
const MOST_WORDS: usize = 6;

/// Assigns the status if the sheet has none: the first column of few short texts of which one says that the sale was
/// undone, or that its payment is awaited.
pub(in crate::layout) fn ask(evidence: &Evidence<'_>, layout: &Layout) -> Vec<Finding> {
    if layout.column(Field::Status).is_some() {
        return Vec::new();
    }
    let is_free =
        |column: usize| layout.columns.iter().all(|(field, taken)| *taken != column || *field == Field::State);
    let found = evidence
        .columns()
        .filter(|(column, header, profile)| {
            is_free(*column) && !profile.holds_numbers() && !names_delivery(header) && !names_kinds(header)
        })
        .find_map(|(column, header, _)| Some((column, header.clone(), state_in(evidence, column)?)));
    let Some((column, header, value)) = found else { return Vec::new() };
    vec![Finding::assign(Field::Status, column, Remark::StatusByContents { column: header, value })]
}

/// The first state in a column that takes the sale back or says that it is not paid. `None` if the column holds
/// something else: federal states, long texts, or many different ones.
fn state_in(evidence: &Evidence<'_>, column: usize) -> Option<String> {
    let cells = evidence.sheet.columns.get(column)?;
    let mut known: HashSet<String> = HashSet::new();
    let (mut found, mut filled) = (None, 0);
    for row in &evidence.rows {
        let text = match cells.kind(*row) {
            Kind::Empty => continue,
            Kind::Text => cells.text(*row).unwrap_or_default().trim(),
            _ => return None,
        };
        if text.is_empty() {
            continue;
        }
        filled += 1;
        let folded = folded(text);
        if !known.contains(&folded) {
            if known.len() == MOST_STATES || folded.split(' ').count() > MOST_WORDS || place::is_state(text) {
                return None;
            }
            if found.is_none() && said(text).is_some() {
                found = Some(text.to_owned());
            }
            known.insert(folded);
        }
    }
    // Few states stand on many orders.
    let is_closed = known.len() * 2 <= filled || known.len() <= 4;
    found.filter(|_| is_closed)
}

#[cfg(test)]
mod tests {
    use caudal_contract::field::Field;

    use crate::layout::find;

    #[test]
    fn the_contents_name_the_status_if_no_header_does() {
        let status = |header: &str, value: &str| {
            let text = format!(
                "Data;Produto;Total;{header}\n01/03/2026;A;10,00;Ok\n02/03/2026;B;5,00;{value}\n03/03/2026;A;10,00;Ok\n"
            );
            let sheet = crate::sheet::read(text.as_bytes(), "x.csv").unwrap().sheets.remove(0);
            find(&sheet).unwrap().header(Field::Status).map(str::to_owned)
        };
        assert_eq!(status("Fase", "Reembolsado").as_deref(), Some("Fase"));
        assert_eq!(status("Estado", "Venda cancelada. Não envie.").as_deref(), Some("Estado"));
        assert_eq!(status("Estado", "SP"), None);
        assert_eq!(status("Situação da entrega", "Devolvido").as_deref(), Some("Situação da entrega"));
        assert_eq!(status("Fase", "Entregue"), None);
        assert_eq!(status("Recado", "o cliente pediu para cancelar o frete, mas voltou atrás"), None);
    }
}
