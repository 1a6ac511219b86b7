//! Finds a column called "sales" that holds units.

use caudal_contract::field::Field;

use crate::layout::evidence::{Evidence, FEWEST};
use crate::layout::finding::Finding;
use crate::layout::result::Layout;
use crate::value::number::MONEY;
use crate::words::sheets::BARE_SALE;
use crate::words::words_of;

/// Takes "sales" beside a price and without a quantity for units if all are whole numbers and at least a third of them
/// are less than the price of one.
pub(in crate::layout) fn ask(evidence: &Evidence<'_>, layout: &Layout) -> Vec<Finding> {
    let (Some(price), Some(total), None) =
        (layout.column(Field::UnitPrice), layout.column(Field::Total), layout.column(Field::Quantity))
    else {
        return Vec::new();
    };
    let words = words_of(layout.header(Field::Total).unwrap_or_default());
    if !BARE_SALE.has_only(&words) {
        return Vec::new();
    }
    let (prices, totals) = (evidence.read(price, MONEY), evidence.read(total, MONEY));
    let pairs = || prices.iter().zip(&totals).filter_map(|(price, total)| Some(((*price)?, (*total)?)));
    let less = pairs().filter(|(price, total)| total < price).count();
    let are_units = less * 3 >= pairs().count() && less >= FEWEST && pairs().all(|(_, total)| total % 100 == 0);
    let fields = vec![(Field::Quantity, Some(total))];
    are_units.then_some(Finding::Assign { fields, proof: None }).into_iter().collect()
}

#[cfg(test)]
mod tests {
    use caudal_contract::field::Field;

    use crate::layout::find;

    #[test]
    fn whole_sales_below_their_price_are_units() {
        let header = |rows: &str| {
            let text = format!("Data;Produto;Preço;Venda\n{rows}");
            let layout = find(&crate::sheet::read(text.as_bytes(), "x.csv").unwrap().sheets.remove(0)).unwrap();
            (layout.column(Field::Quantity), layout.column(Field::Total))
        };
        let units = "01/03/2026;A;9,90;3\n02/03/2026;B;5,50;2\n03/03/2026;A;9,90;7\n03/03/2026;C;12,00;1\n";
        assert_eq!(header(units), (Some(3), None));
        let money =
            "01/03/2026;A;9,90;29,70\n02/03/2026;B;5,50;11,00\n03/03/2026;A;9,90;69,30\n03/03/2026;C;12,00;12,00\n";
        assert_eq!(header(money), (None, Some(3)));
    }
}
