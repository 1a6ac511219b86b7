//! Finds the total that was paid: of two totals, the one with the discount taken off.

use caudal_contract::field::Field;
use caudal_contract::notice::{DiscountReading, Remark};

use crate::layout::evidence::{Agreement, Evidence};
use crate::layout::finding::Finding;
use crate::layout::result::Layout;
use crate::value::amount::in_cents;
use crate::value::number::{MONEY, PRICE};

/// The readings of a discount.
const READINGS: [DiscountReading; 3] = [DiscountReading::Money, DiscountReading::Percent, DiscountReading::Fraction];

/// Assigns another total if it is the current one minus the discount.
pub(in crate::layout) fn ask(evidence: &Evidence<'_>, layout: &Layout) -> Vec<Finding> {
    let (Some(total), Some(discount)) = (layout.column(Field::Total), layout.column(Field::Discount)) else {
        return Vec::new();
    };
    let (totals, discounts) = (evidence.read(total, MONEY), evidence.read(discount, PRICE));
    let others = evidence.candidates(&[Field::Total]).into_iter().filter(|column| *column != total);
    let finding = others.into_iter().find_map(|net| {
        let nets = evidence.read(net, MONEY);
        let rows = totals.iter().zip(&discounts).zip(nets);
        let compared = rows.filter_map(|((total, discount), net)| {
            let (total, discount, net) = ((*total)?, discount.filter(|discount| *discount != 0)?, net?);
            let is_net = |reading: &DiscountReading| {
                in_cents(*reading, discount.abs(), Some(i128::from(total)))
                    .is_some_and(|off| (total - off - net).abs() <= 1)
            };
            Some(READINGS.iter().any(is_net))
        });
        let proof: Agreement = compared.collect();
        let (rows, compared) = (proof.agreeing as u64, proof.compared as u64);
        let remark = || Remark::TotalIsNet { gross: evidence.header(total), net: evidence.header(net), rows, compared };
        proof.proves().then(|| Finding::assign(Field::Total, net, remark()))
    });
    finding.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use caudal_contract::field::Field;

    use crate::layout::find;

    fn mapped(text: &str) -> (Option<String>, Option<String>) {
        let layout = find(&crate::sheet::read(text.as_bytes(), "x.csv").unwrap().sheets.remove(0)).unwrap();
        (layout.header(Field::UnitPrice).map(str::to_owned), layout.header(Field::Total).map(str::to_owned))
    }

    #[test]
    fn a_net_total_stands_beside_a_gross_one_that_agrees() {
        let text = "Date;Product;Units Sold;Sale Price;Gross Sales;Discounts;Sales\n\
            2026-03-13;A;2;5.00;10.00;1.00;9.00\n2026-03-14;B;3;10.00;30.00;3.00;27.00\n2026-03-15;A;4;5.00;20.00;2.00;18.00\n";
        assert_eq!(mapped(text), (Some("Sale Price".into()), Some("Sales".into())));
    }

    #[test]
    fn of_two_totals_the_one_less_the_discount_was_paid() {
        let text = "Data;Produto;Qtd;Preço;Valor Total;Desconto;Valor Final\n\
            01/03/2026;A;2;5,00;10,00;1,00;9,00\n02/03/2026;B;3;10,00;30,00;0,00;30,00\n\
            03/03/2026;A;4;5,00;20,00;2,00;18,00\n04/03/2026;C;1;7,00;7,00;0,50;6,50\n";
        assert_eq!(mapped(text), (Some("Preço".into()), Some("Valor Final".into())));
    }
}
