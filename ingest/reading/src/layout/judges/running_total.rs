//! Finds a total that is the sum of all rows so far.

use caudal_contract::field::Field;
use caudal_contract::notice::Remark;

use crate::layout::evidence::{Agreement, Evidence};
use crate::layout::finding::Finding;
use crate::layout::result::Layout;
use crate::value::number::MONEY;

/// Fewest rows below the first that prove a running sum.
const FEWEST_RUNNING: usize = 4;

/// If the total grows from row to row by another column of money, assigns that column as the total, because it is the
/// amount of the row.
pub(in crate::layout) fn ask(evidence: &Evidence<'_>, layout: &Layout) -> Vec<Finding> {
    let Some(running) = layout.column(Field::Total) else { return Vec::new() };
    let sums = evidence.read(running, MONEY);
    let others = evidence.candidates(&[Field::Total, Field::UnitPrice]).into_iter().filter(|own| *own != running);
    let finding = others.into_iter().find_map(|own| {
        let amounts = evidence.read(own, MONEY);
        let steps = sums.windows(2).zip(amounts.iter().skip(1));
        let compared = steps.filter_map(|(pair, amount)| match (pair, amount) {
            ([Some(before), Some(after)], Some(amount)) => Some((after - before - amount).abs() <= 1),
            _ => None,
        });
        let proof: Agreement = compared.collect();
        let remark = || Remark::TotalIsRunning { column: evidence.header(running), line: evidence.header(own) };
        (proof.agreeing >= FEWEST_RUNNING && proof.proves()).then(|| Finding::assign(Field::Total, own, remark()))
    });
    finding.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use caudal_contract::field::Field;

    use crate::layout::find;

    fn total(text: &str) -> Option<String> {
        let layout = find(&crate::sheet::read(text.as_bytes(), "x.csv").unwrap().sheets.remove(0)).unwrap();
        layout.header(Field::Total).map(str::to_owned)
    }

    #[test]
    fn a_sum_of_all_rows_so_far_is_not_the_rows() {
        let rows = ["10,00;10,00", "5,00;15,00", "7,50;22,50", "10,00;32,50", "1,00;33,50"];
        let lines: String = rows.iter().map(|row| format!("01/03/2026;Café;{row}\n")).collect();
        assert_eq!(total(&format!("Data;Produto;Valor;Total\n{lines}")).as_deref(), Some("Valor"));
    }
}
