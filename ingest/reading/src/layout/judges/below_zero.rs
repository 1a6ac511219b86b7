//! Finds quantities below zero beside totals above zero: a return whose total does not say so.

use caudal_contract::field::Field;
use caudal_contract::notice::LayoutProblem;

use crate::layout::evidence::{Agreement, Evidence};
use crate::layout::finding::Finding;
use crate::layout::result::{Layout, Returns};
use crate::value::amount::gross;
use crate::value::number::{MONEY, PRICE, QUANTITY};

/// Takes such totals back if quantity times price is the total apart from its sign, and asks otherwise.
pub(in crate::layout) fn ask(evidence: &Evidence<'_>, layout: &Layout) -> Vec<Finding> {
    let (Some(quantity), Some(total)) = (layout.column(Field::Quantity), layout.column(Field::Total)) else {
        return Vec::new();
    };
    let (quantities, totals) = (evidence.read(quantity, QUANTITY), evidence.read(total, MONEY));
    let prices = layout.column(Field::UnitPrice).map(|price| evidence.read(price, PRICE));
    let (mut rows, mut proof) = (0, Agreement::default());
    for (place, (quantity, total)) in quantities.iter().zip(&totals).enumerate() {
        let (Some(quantity), Some(total)) = (*quantity, *total) else { continue };
        if quantity >= 0 || total <= 0 {
            continue;
        }
        rows += 1;
        let price = prices.as_ref().and_then(|prices| prices.get(place).copied().flatten()).map(i64::abs);
        proof.count(gross(Some(quantity), price).is_some_and(|gross| (gross + i128::from(total)).abs() <= 1));
    }
    if rows == 0 {
        return Vec::new();
    }
    if proof.is_nine_of_ten() {
        return vec![Finding::Returns(Returns { by_quantity: true, ..layout.returns.clone() })];
    }
    let problem =
        LayoutProblem::ReturnsAboveZero { quantity: evidence.header(quantity), total: evidence.header(total), rows };
    vec![Finding::Doubt(problem)]
}

#[cfg(test)]
mod tests {
    use caudal_contract::notice::LayoutProblem;

    use crate::layout::{Layout, find};

    fn layout(text: &str) -> Layout {
        find(&crate::sheet::read(text.as_bytes(), "x.csv").unwrap().sheets.remove(0)).unwrap()
    }

    #[test]
    fn a_quantity_below_zero_takes_its_total_back() {
        let with_price = "Data;Produto;Qtd;Preço;Total\n01/03/2026;A;2;5,00;10,00\n02/03/2026;A;-2;5,00;10,00\n";
        assert!(layout(with_price).returns.by_quantity);
        let signed = with_price.replace("-2;5,00;10,00", "-2;5,00;-10,00");
        assert!(!layout(&signed).returns.by_quantity, "the total says so itself");
        let without = "Data;Produto;Qtd;Total\n01/03/2026;A;2;10,00\n02/03/2026;A;-2;10,00\n";
        let problem = LayoutProblem::ReturnsAboveZero { quantity: "Qtd".into(), total: "Total".into(), rows: 1 };
        assert_eq!(layout(without).doubt, Some(problem));
    }
}
