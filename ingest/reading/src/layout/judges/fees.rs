//! Finds a total from which the fees of a marketplace were deducted.

use caudal_contract::field::Field;
use caudal_contract::notice::Remark;

use crate::layout::evidence::{Agreement, Evidence};
use crate::layout::finding::Finding;
use crate::layout::result::Layout;
use crate::value::number::MONEY;
use crate::words::amounts::{COMMISSION, FEE};
use crate::words::words_of;

/// If the total is another total minus a column of fees, the other one is the money of the sale, because a fee is a
/// cost and not a discount.
pub(in crate::layout) fn ask(evidence: &Evidence<'_>, layout: &Layout) -> Vec<Finding> {
    let Some(net) = layout.column(Field::Total) else { return Vec::new() };
    let names_fee = |header: &str| {
        let words = words_of(header);
        FEE.has_any(&words) || COMMISSION.has_any(&words)
    };
    let fees = evidence.columns().filter(|(column, header, profile)| {
        *column != net && names_fee(header) && profile.filled > 0 && profile.fits(Field::Total)
    });
    let totals = evidence.candidates(&[Field::Total, Field::UnitPrice]);
    let nets = evidence.read(net, MONEY);
    let finding = fees.map(|(column, ..)| column).find_map(|fee| {
        let fees = evidence.read(fee, MONEY);
        totals.iter().copied().filter(|total| ![net, fee].contains(total)).find_map(|total| {
            let rows = nets.iter().zip(&fees).zip(evidence.read(total, MONEY));
            let compared = rows.filter_map(|((net, fee), total)| {
                let (net, fee, total) = ((*net)?, fee.filter(|fee| *fee != 0)?, total?);
                Some((total - fee.abs() - net).abs() <= 1)
            });
            let proof: Agreement = compared.collect();
            let remark = || Remark::TotalBeforeFees {
                total: evidence.header(total),
                net: evidence.header(net),
                fee: evidence.header(fee),
                rows: proof.agreeing as u64,
                compared: proof.compared as u64,
            };
            proof.proves().then(|| Finding::assign(Field::Total, total, remark()))
        })
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
    fn a_fee_is_no_discount() {
        let text = "Data da Venda;Código da Venda;Cliente;Valor Bruto;Valor da Taxa;Valor Líquido\n\
            01/03/2026;1;Ana;10,00;0,50;9,50\n02/03/2026;2;Bia;30,00;-1,50;28,50\n03/03/2026;3;Ana;20,00;1,00;19,00\n";
        assert_eq!(total(text).as_deref(), Some("Valor Bruto"));
        assert_eq!(total(&text.replace("Taxa", "Desconto")).as_deref(), Some("Valor Líquido"));
    }
}
