//! Decides by arithmetic whether a value is the price of one or the total: quantity times price is the total.

use caudal_contract::field::Field;
use caudal_contract::notice::{LayoutProblem, Remark};

use crate::layout::evidence::{Agreement, Evidence, FEWEST, ONE, Pair, agreement};
use crate::layout::finding::Finding;
use crate::layout::result::Layout;
use crate::sheet::Column;
use crate::value::number::{MONEY, PRICE, QUANTITY};
use crate::words::amounts::BARE_VALUE;
use crate::words::words_of;

/// Assigns price and total the columns for which quantity times price is the total. A total that merely differs stays,
/// because it may be net of discounts or include taxes.
pub(in crate::layout) fn ask(evidence: &Evidence<'_>, layout: &Layout) -> Vec<Finding> {
    let Some(quantity) = layout.column(Field::Quantity) else { return Vec::new() };
    match (layout.column(Field::UnitPrice), layout.column(Field::Total)) {
        (price, Some(total)) => beside_a_total(evidence, layout, quantity, price, total),
        (Some(price), None) => price_alone(evidence, layout, quantity, price),
        (None, None) => Vec::new(),
    }
}

fn beside_a_total(
    evidence: &Evidence<'_>,
    layout: &Layout,
    quantity: usize,
    price: Option<usize>,
    total: usize,
) -> Vec<Finding> {
    let (quantities, totals) = (evidence.read(quantity, QUANTITY), evidence.read(total, MONEY));
    let products = evidence.products(layout).filter(|_| price.is_none());
    let is_bare = is_bare_value(layout.header(Field::Total));
    let mut findings = Vec::new();
    if let Some(products) = products {
        let same = price_of_one(evidence, products, &quantities, &totals);
        if let (true, Some(proof)) = (is_bare, same) {
            let column = evidence.header(total);
            let (rows, compared) = (proof.agreeing as u64, proof.compared as u64);
            return vec![Finding::assign(Field::UnitPrice, total, Remark::ValueIsPrice { column, rows, compared })];
        }
        let is_unclear = match is_bare {
            true => value_is_unclear(evidence, products, &quantities, &totals),
            // It is called a total, but it does not change with the quantity.
            false => same.is_some(),
        };
        if is_unclear {
            findings.push(Finding::Doubt(LayoutProblem::ValueUnclear { column: evidence.header(total) }));
        }
    }
    if price.is_some_and(|price| agreement(&quantities, &evidence.read(price, PRICE), &totals).proves()) {
        return findings;
    }
    findings.extend(proven(evidence, price, quantity, &quantities, total, &totals));
    findings
}

/// The price and the total that arithmetic proves, if the names say otherwise.
fn proven(
    evidence: &Evidence<'_>,
    price: Option<usize>,
    quantity: usize,
    quantities: &[Option<i64>],
    total: usize,
    totals: &[Option<i64>],
) -> Option<Finding> {
    // A cost is a price only if no column is called the price.
    let prices: &[Field] = match price {
        Some(_) => &[Field::UnitPrice, Field::Total],
        None => &[Field::UnitPrice, Field::Total, Field::Cost],
    };
    let prices = evidence.candidates(prices).into_iter().filter(|column| *column != total && *column != quantity);
    let best = prices
        .map(|column| (agreement(quantities, &evidence.read(column, PRICE), totals), column))
        .filter(|(agreement, _)| agreement.proves())
        // The leftmost column wins among equals.
        .reduce(|best, next| if next.0.agreeing > best.0.agreeing { next } else { best });
    if let Some((proof, price)) = best {
        return Some(price_and_total(evidence, price, total, proof));
    }
    // The column that is called the total may hold the price of one.
    let as_price = evidence.read(total, PRICE);
    evidence.candidates(&[Field::Total]).into_iter().filter(|column| *column != total).find_map(|other| {
        let proof = agreement(quantities, &as_price, &evidence.read(other, MONEY));
        proof.proves().then(|| price_and_total(evidence, total, other, proof))
    })
}

fn price_and_total(evidence: &Evidence<'_>, price: usize, total: usize, proof: Agreement) -> Finding {
    let remark = Remark::ResolvedByArithmetic {
        unit_price: evidence.header(price),
        total: evidence.header(total),
        rows: proof.agreeing as u64,
        compared: proof.compared as u64,
    };
    let fields = vec![(Field::UnitPrice, Some(price)), (Field::Total, Some(total))];
    Finding::Assign { fields, proof: Some(remark) }
}

/// A price beside a quantity and no total is a total if it grows with the quantity of the same product.
fn price_alone(evidence: &Evidence<'_>, layout: &Layout, quantity: usize, price: usize) -> Vec<Finding> {
    let (quantities, values) = (evidence.read(quantity, QUANTITY), evidence.read(price, PRICE));
    let proof = evidence.products(layout).and_then(|cells| grows_with_quantity(evidence, cells, &quantities, &values));
    let finding = proof.map(|Agreement { agreeing, compared }| {
        let (column, rows, compared) = (evidence.header(price), agreeing as u64, compared as u64);
        Finding::assign(Field::Total, price, Remark::PriceIsTotal { column, rows, compared })
    });
    finding.into_iter().collect()
}

/// Whether the header is only `Valor`, which may mean a price or a total.
fn is_bare_value(header: Option<&str>) -> bool {
    BARE_VALUE.has_only(&words_of(header.unwrap_or_default()))
}

/// Whether the value of a product stays the same when its quantity changes. A total would change with it.
fn price_of_one(
    evidence: &Evidence<'_>,
    products: &Column,
    quantities: &[Option<i64>],
    values: &[Option<i64>],
) -> Option<Agreement> {
    let pairs = evidence.same_product(products, quantities, &paid(values));
    let agreement: Agreement = pairs.iter().map(|pair| pair.other_value == pair.value).collect();
    agreement.proves().then_some(agreement)
}

/// Whether the value of a product is in proportion to its quantity. The price of one would not change.
fn grows_with_quantity(
    evidence: &Evidence<'_>,
    products: &Column,
    quantities: &[Option<i64>],
    values: &[Option<i64>],
) -> Option<Agreement> {
    let pairs = evidence.same_product(products, quantities, &paid(values));
    let grows = pairs.iter().map(|pair| {
        let crossed = i128::from(pair.value) * i128::from(pair.other_quantity)
            - i128::from(pair.other_value) * i128::from(pair.quantity);
        // Rounding may add half a cent on either side.
        let slack = 50 * i128::from(pair.quantity.abs().max(pair.other_quantity.abs()));
        crossed.abs() <= slack && pair.other_value != pair.value
    });
    let agreement: Agreement = grows.collect();
    agreement.proves().then_some(agreement)
}

/// Whether it matters if a value is a price or a total, but nothing shows which it is. It matters if enough quantities
/// are above one. Nothing shows it if the values of the same product do not mostly rise and fall with its quantity, or
/// if no two can be compared.
fn value_is_unclear(
    evidence: &Evidence<'_>,
    products: &Column,
    quantities: &[Option<i64>],
    values: &[Option<i64>],
) -> bool {
    let rows = evidence.rows.iter().zip(quantities).zip(values);
    let filled = rows.filter(|((row, _), value)| products.text(**row).is_some() && value.is_some());
    let filled: Vec<i64> = filled.filter_map(|((_, quantity), _)| *quantity).collect();
    let several = filled.iter().filter(|quantity| quantity.abs() > ONE).count();
    let pairs = evidence.same_product(products, quantities, values);
    let rises = |pair: &&Pair| {
        (pair.value > pair.other_value) == (pair.quantity > pair.other_quantity) && pair.value != pair.other_value
    };
    let with = pairs.iter().filter(rises).count();
    let against = pairs.len() - with;
    several * 5 >= filled.len() && several >= FEWEST && with < 2 * against + FEWEST
}

/// The values without zeros, because a product that was given away costs nothing in any quantity.
fn paid(values: &[Option<i64>]) -> Vec<Option<i64>> {
    values.iter().map(|value| value.filter(|value| *value != 0)).collect()
}

#[cfg(test)]
mod tests {
    use caudal_contract::field::Field;
    use caudal_contract::notice::LayoutProblem;

    use crate::layout::find;

    fn mapped(text: &str) -> (Option<String>, Option<String>) {
        let layout = find(&crate::sheet::read(text.as_bytes(), "x.csv").unwrap().sheets.remove(0)).unwrap();
        (layout.header(Field::UnitPrice).map(str::to_owned), layout.header(Field::Total).map(str::to_owned))
    }

    #[test]
    fn a_unit_cost_that_makes_the_total_is_the_price() {
        let text = "Invoice;Date;Customer;Product;Qty;Unit Cost;Net Total\n\
            1;2026-03-13;Ann;A;2;5.00;10.00\n2;2026-03-14;Bob;B;3;10.00;30.00\n3;2026-03-15;Eve;A;4;5.00;20.00\n";
        assert_eq!(mapped(text), (Some("Unit Cost".into()), Some("Net Total".into())));
    }

    #[test]
    fn a_value_that_does_not_grow_with_the_quantity_is_a_price() {
        let sheet = |values: [&str; 4]| {
            let rows = ["1", "2", "3", "4"]
                .into_iter()
                .zip(values)
                .map(|(many, value)| format!("01/03/2026;A;{many};{value}\n"));
            format!("Data;Produto;Quantidade;Valor\n{}", rows.collect::<String>())
        };
        assert_eq!(mapped(&sheet(["5,00", "5,00", "5,00", "5,00"])), (Some("Valor".into()), None));
        assert_eq!(mapped(&sheet(["5,00", "10,00", "15,00", "20,00"])), (None, Some("Valor".into())));
        assert_eq!(mapped(&sheet(["5,00", "7,00", "6,00", "9,00"])), (None, Some("Valor".into())));
        let doubt =
            |text: &str| find(&crate::sheet::read(text.as_bytes(), "x.csv").unwrap().sheets.remove(0)).unwrap().doubt;
        let unclear = |column: &str| Some(LayoutProblem::ValueUnclear { column: column.to_owned() });
        assert_eq!(doubt(&sheet(["5,00", "7,00", "6,00", "5,00"])), unclear("Valor"));
        let total = sheet(["5,00", "5,00", "5,00", "5,00"]).replace("Valor", "Total");
        assert_eq!(doubt(&total), unclear("Total"), "it calls itself the total, and is the price of one");
        let more = sheet(["5,00", "10,00", "15,00", "20,00"]);
        assert_eq!(doubt(&format!("{more}01/03/2026;A;9;41,00\n")), None);
    }

    #[test]
    fn a_value_that_may_be_a_price_is_doubted_also_if_the_orders_have_numbers() {
        let rows = ["1;5,00", "2;7,00", "3;6,00", "4;5,00"].into_iter().zip(1..);
        let rows: String = rows.map(|(row, order)| format!("{order};01/03/2026;A;{row}\n")).collect();
        let text = format!("Pedido;Data;Produto;Quantidade;Valor\n{rows}");
        let layout = find(&crate::sheet::read(text.as_bytes(), "x.csv").unwrap().sheets.remove(0)).unwrap();
        assert_eq!(layout.doubt, Some(LayoutProblem::ValueUnclear { column: "Valor".to_owned() }));
    }

    #[test]
    fn names_stand_where_arithmetic_proves_nothing() {
        let text =
            "Data;Produto;Quantidade;Valor Total;Valor Final\n01/03/2026;A;2;40,00;38,00\n02/03/2026;B;3;20,00;19,00\n";
        assert_eq!(mapped(text), (None, Some("Valor Total".into())));
    }

    #[test]
    fn of_two_columns_with_one_name_the_second_may_be_the_total() {
        let text = "Data;Produto;Qtd;Valor;Valor\n\
            01/03/2026;A;2;5,00;10,00\n02/03/2026;B;3;10,00;30,00\n03/03/2026;A;4;5,00;20,00\n";
        let layout = find(&crate::sheet::read(text.as_bytes(), "x.csv").unwrap().sheets.remove(0)).unwrap();
        assert_eq!((layout.column(Field::UnitPrice), layout.column(Field::Total)), (Some(3), Some(4)));
    }

    #[test]
    fn a_price_that_grows_with_the_quantity_is_a_total() {
        let text = "order-id,purchase-date,sku,product-name,quantity-purchased,item-price\n\
            1,2026-03-01,a,A,2,10.00\n2,2026-03-01,a,A,3,15.00\n3,2026-03-02,a,A,1,5.00\n4,2026-03-02,a,A,4,20.00\n";
        assert_eq!(mapped(text), (None, Some("item-price".into())));
    }
}
