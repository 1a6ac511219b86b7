//! Totals that are another amount of the same row in disguise: what is left after a marketplace's fees, or the sum of all
//! rows so far.

use caudal_contract::field::Field;
use caudal_contract::notice::Remark;

use super::Layout;
use super::arithmetic::{Agreement, Numbers, candidates};
use super::profile::Profile;
use super::words::words_of;
use crate::clean::number::MONEY;

/// Fewer rows below the first prove no running sum.
const FEWEST_RUNNING: usize = 4;

/// Takes the total before fees, and the row's own amount instead of a running sum.
pub(super) fn settle(numbers: &Numbers<'_>, layout: &mut Layout, profiles: &[Profile]) {
    before_fees(numbers, layout, profiles);
    of_the_row(numbers, layout, profiles);
}

/// Where the total is another total less a column of fees, that other one is what was sold: a fee is a cost, no discount.
fn before_fees(numbers: &Numbers<'_>, layout: &mut Layout, profiles: &[Profile]) {
    const FEES: &[&str] = &["taxa", "tarifa", "fee", "comissao", "commission", "comision"];
    let Some(net) = layout.column(Field::Total) else { return };
    let names_fee = |header: &String| words_of(header).iter().any(|word| FEES.contains(&word.as_str()));
    let columns = layout.headers.iter().zip(profiles).enumerate();
    let fees = columns.filter(|(column, (header, profile))| {
        *column != net && names_fee(header) && profile.filled > 0 && profile.fits(Field::Total)
    });
    let fees: Vec<usize> = fees.map(|(column, _)| column).collect();
    let nets = numbers.read(net, MONEY);
    for fee in fees {
        let fees = numbers.read(fee, MONEY);
        for total in candidates(layout, profiles, &[Field::Total, Field::UnitPrice])
            .into_iter()
            .filter(|other| ![net, fee].contains(other))
        {
            let totals = numbers.read(total, MONEY);
            let (mut agreeing, mut compared) = (0, 0);
            for ((net, fee), total) in nets.iter().zip(&fees).zip(totals) {
                if let (Some(net), Some(fee @ (..=-1 | 1..)), Some(total)) = (net, fee, total) {
                    compared += 1;
                    agreeing += usize::from((total - fee.abs() - net).abs() <= 1);
                }
            }
            let proof = Agreement { agreeing, compared };
            if proof.proves() {
                let header = |column: usize| layout.headers.get(column).cloned().unwrap_or_default();
                let (total_header, net, fee) = (header(total), header(net), header(fee));
                replace(layout, total);
                let (rows, compared) = (agreeing as u64, compared as u64);
                layout.remarks.push(Remark::TotalBeforeFees { total: total_header, net, fee, rows, compared });
                return;
            }
        }
    }
}

/// Where the total grows from row to row by another column of money, that column is the row's own amount.
fn of_the_row(numbers: &Numbers<'_>, layout: &mut Layout, profiles: &[Profile]) {
    let Some(running) = layout.column(Field::Total) else { return };
    let sums = numbers.read(running, MONEY);
    for own in candidates(layout, profiles, &[Field::Total, Field::UnitPrice]).into_iter().filter(|own| *own != running)
    {
        let amounts = numbers.read(own, MONEY);
        let (mut agreeing, mut compared) = (0, 0);
        for (pair, amount) in sums.windows(2).zip(amounts.iter().skip(1)) {
            if let ([Some(before), Some(after)], Some(amount)) = (pair, amount) {
                compared += 1;
                agreeing += usize::from((after - before - amount).abs() <= 1);
            }
        }
        if agreeing >= FEWEST_RUNNING && (Agreement { agreeing, compared }).proves() {
            let header = |column: usize| layout.headers.get(column).cloned().unwrap_or_default();
            let (column, line) = (header(running), header(own));
            replace(layout, own);
            layout.remarks.push(Remark::TotalIsRunning { column, line });
            return;
        }
    }
}

fn replace(layout: &mut Layout, total: usize) {
    layout.columns.retain(|(field, column)| *field != Field::Total && *column != total);
    layout.columns.push((Field::Total, total));
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
    fn a_fee_is_no_discount() {
        let text = "Data da Venda;Código da Venda;Cliente;Valor Bruto;Valor da Taxa;Valor Líquido\n\
            01/03/2026;1;Ana;10,00;0,50;9,50\n02/03/2026;2;Bia;30,00;-1,50;28,50\n03/03/2026;3;Ana;20,00;1,00;19,00\n";
        assert_eq!(total(text).as_deref(), Some("Valor Bruto"));
        assert_eq!(total(&text.replace("Taxa", "Desconto")).as_deref(), Some("Valor Líquido"));
    }

    #[test]
    fn a_sum_of_all_rows_so_far_is_not_the_rows() {
        let rows = ["10,00;10,00", "5,00;15,00", "7,50;22,50", "10,00;32,50", "1,00;33,50"];
        let lines: String = rows.iter().map(|row| format!("01/03/2026;Café;{row}\n")).collect();
        assert_eq!(total(&format!("Data;Produto;Valor;Total\n{lines}")).as_deref(), Some("Valor"));
    }
}
