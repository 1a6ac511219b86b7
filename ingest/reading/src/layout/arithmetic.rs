//! Where several columns could be the price or the total, those win for which quantity times price is the total.

use std::collections::HashMap;

use caudal_contract::field::Field;
use caudal_contract::notice::{LayoutProblem, Remark};

use super::profile::Profile;
use super::words::words_of;
use super::{Layout, contradiction, names, order_totals, totals};
use crate::clean::number::{self, MONEY, Mark, MarkDecision, PRICE, QUANTITY, Unit};
use crate::sheet::{Column, Sheet};

/// Rows compared. This only decides between columns; every cell is judged again when it is cleaned.
const COMPARED: usize = 2_000;
/// Fewer rows that agree prove nothing.
const FEWEST: usize = 3;

/// Replaces what the names of the columns suggested where the numbers tell otherwise: the price when another column makes
/// the total, a total that still holds the discount, a total that is the price of another, a price that is a total, and a
/// total that stands for the whole order. A total that merely differs stays: it may be net of discounts or hold taxes.
pub(super) fn settle(sheet: &Sheet, layout: &mut Layout, profiles: &[Profile]) {
    let Some(header_row) = layout.header_row else { return };
    let numbers = Numbers::of(sheet, layout, compared_rows(sheet, header_row));
    totals::settle(&numbers, layout, profiles);
    take_off_discount(&numbers, layout, profiles);
    let quantity = layout.column(Field::Quantity);
    if let (Some(quantity), Some(total)) = (quantity, layout.column(Field::Total)) {
        settle_price(&numbers, layout, profiles, quantity, total);
    } else if let (Some(quantity), Some(price)) = (quantity, layout.column(Field::UnitPrice)) {
        settle_lone_price(&numbers, layout, quantity, price);
    }
    if quantity.is_none() {
        units_are_no_money(&numbers, layout);
    }
    order_totals::settle(&numbers, layout, profiles);
    if layout.doubt.is_none() {
        layout.doubt = contradiction::of(&numbers, layout, profiles);
    }
}

/// "Sales" beside a price and no quantity are units where they are whole and often less than the price of one.
fn units_are_no_money(numbers: &Numbers<'_>, layout: &mut Layout) {
    let (Some(price), Some(total)) = (layout.column(Field::UnitPrice), layout.column(Field::Total)) else { return };
    let words = words_of(layout.header(Field::Total).unwrap_or_default());
    if !matches!(words.as_slice(), [word] if matches!(word.as_str(), "venda" | "sale" | "venta")) {
        return;
    }
    let (prices, totals) = (numbers.read(price, MONEY), numbers.read(total, MONEY));
    let pairs = || prices.iter().zip(&totals).filter_map(|(price, total)| Some(((*price)?, (*total)?)));
    let less = pairs().filter(|(price, total)| total < price).count();
    if less * 3 >= pairs().count() && less >= FEWEST && pairs().all(|(_, total)| total % 100 == 0) {
        layout.columns.retain(|(field, _)| *field != Field::Total);
        layout.columns.push((Field::Quantity, total));
    }
}

fn settle_price(numbers: &Numbers<'_>, layout: &mut Layout, profiles: &[Profile], quantity: usize, total: usize) {
    let (quantities, totals) = (numbers.read(quantity, QUANTITY), numbers.read(total, MONEY));
    let price = layout.column(Field::UnitPrice);
    if price.is_none() && is_bare_value(layout.header(Field::Total)) {
        let products = numbers.products(layout);
        if let Some(proof) = products.and_then(|cells| price_of_one(cells, &numbers.rows, &quantities, &totals)) {
            let column = layout.header(Field::Total).unwrap_or_default().to_owned();
            layout.columns.retain(|(field, _)| *field != Field::Total);
            layout.columns.push((Field::UnitPrice, total));
            let (rows, compared) = (proof.agreeing as u64, proof.compared as u64);
            layout.remarks.push(Remark::ValueIsPrice { column, rows, compared });
            return;
        }
    }
    let is_bare = is_bare_value(layout.header(Field::Total));
    let is_unclear = price.is_none()
        && numbers.products(layout).is_some_and(|cells| match is_bare {
            true => value_is_unclear(cells, &numbers.rows, &quantities, &totals),
            // Whatever it is called: it does not change with the quantity
            false => price_of_one(cells, &numbers.rows, &quantities, &totals).is_some(),
        });
    if is_unclear {
        layout.doubt = layout.header(Field::Total).map(|column| LayoutProblem::ValueUnclear { column: column.into() });
    }
    if price.is_some_and(|price| agreement(&quantities, &numbers.read(price, PRICE), &totals).proves()) {
        return;
    }
    // A cost is a price only where there is no other
    let prices: &[Field] = if price.is_some() {
        &[Field::UnitPrice, Field::Total]
    } else {
        &[Field::UnitPrice, Field::Total, Field::Cost]
    };
    let prices = candidates(layout, profiles, prices);
    let best_price = |total: usize, totals: &[Option<i64>]| {
        let others = prices.iter().filter(|column| **column != total && **column != quantity);
        others
            .map(|column| (agreement(&quantities, &numbers.read(*column, PRICE), totals), *column))
            .filter(|(agreement, _)| agreement.proves())
            // Among equals the leftmost
            .reduce(|best, next| if next.0.agreeing > best.0.agreeing { next } else { best })
    };
    if let Some((proof, price)) = best_price(total, &totals) {
        take(layout, price, total, proof);
        return;
    }
    // What is called the total may be the price of one
    let as_price = numbers.read(total, PRICE);
    for other in candidates(layout, profiles, &[Field::Total]).into_iter().filter(|column| *column != total) {
        let proof = agreement(&quantities, &as_price, &numbers.read(other, MONEY));
        if proof.proves() {
            take(layout, total, other, proof);
            return;
        }
    }
}

/// A price beside a quantity and no total is a total where it grows with the quantity of the same product.
fn settle_lone_price(numbers: &Numbers<'_>, layout: &mut Layout, quantity: usize, price: usize) {
    let (quantities, values) = (numbers.read(quantity, QUANTITY), numbers.read(price, PRICE));
    let products = numbers.products(layout);
    let proof = products.and_then(|cells| grows_with_quantity(cells, &numbers.rows, &quantities, &values));
    if let Some(Agreement { agreeing, compared }) = proof {
        let column = layout.header(Field::UnitPrice).unwrap_or_default().to_owned();
        layout.columns.retain(|(field, _)| *field != Field::UnitPrice);
        layout.columns.push((Field::Total, price));
        layout.remarks.push(Remark::PriceIsTotal { column, rows: agreeing as u64, compared: compared as u64 });
    }
}

/// Where a total less the discount is another total, that one is what was paid.
fn take_off_discount(numbers: &Numbers<'_>, layout: &mut Layout, profiles: &[Profile]) {
    let (Some(total), Some(discount)) = (layout.column(Field::Total), layout.column(Field::Discount)) else { return };
    let (totals, discounts) = (numbers.read(total, MONEY), numbers.read(discount, MONEY));
    for net in candidates(layout, profiles, &[Field::Total]).into_iter().filter(|column| *column != total) {
        let (mut agreeing, mut compared) = (0, 0);
        for ((total, discount), net) in totals.iter().zip(&discounts).zip(numbers.read(net, MONEY)) {
            if let (Some(total), Some(discount), Some(net)) = (total, discount, net)
                && *discount != 0
            {
                compared += 1;
                agreeing += usize::from((total - discount.abs() - net).abs() <= 1);
            }
        }
        if (Agreement { agreeing, compared }).proves() {
            let header = |column: usize| layout.headers.get(column).cloned().unwrap_or_default();
            let (gross, net_header) = (header(total), header(net));
            layout.columns.retain(|(field, column)| *field != Field::Total && *column != net);
            layout.columns.push((Field::Total, net));
            let (rows, compared) = (agreeing as u64, compared as u64);
            layout.remarks.push(Remark::TotalIsNet { gross, net: net_header, rows, compared });
            return;
        }
    }
}

/// Columns of money whose header may name one of these fields.
pub(super) fn candidates(layout: &Layout, profiles: &[Profile], wanted: &[Field]) -> Vec<usize> {
    let named = |header: &String| names::fields_named(header).iter().any(|(field, _)| wanted.contains(field));
    let columns = layout.headers.iter().zip(profiles).enumerate();
    columns
        .filter(|(_, (header, profile))| profile.fits(Field::Total) && named(header))
        .map(|(column, _)| column)
        .collect()
}

fn take(layout: &mut Layout, price: usize, total: usize, Agreement { agreeing, compared }: Agreement) {
    layout.columns.retain(|(field, column)| {
        !matches!(field, Field::UnitPrice | Field::Total) && *column != price && *column != total
    });
    layout.columns.extend([(Field::UnitPrice, price), (Field::Total, total)]);
    let header = |column: usize| layout.headers.get(column).cloned().unwrap_or_default();
    let (unit_price, total) = (header(price), header(total));
    layout.remarks.push(Remark::SettledByArithmetic {
        unit_price,
        total,
        rows: agreeing as u64,
        compared: compared as u64,
    });
}

/// `Valor` says neither price nor total.
fn is_bare_value(header: Option<&str>) -> bool {
    let words = words_of(header.unwrap_or_default());
    matches!(words.as_slice(), [word] if word == "valor" || word == "value")
}

/// Whether the value of a product stays the same when its quantity changes: a total would change with it. Compares each row
/// with the row before of the same product and another quantity.
fn price_of_one(
    products: &Column,
    rows: &[usize],
    quantities: &[Option<i64>],
    values: &[Option<i64>],
) -> Option<Agreement> {
    let mut last: HashMap<&str, (i64, i64)> = HashMap::new();
    let (mut agreeing, mut compared) = (0, 0);
    for ((row, quantity), value) in rows.iter().zip(quantities).zip(values) {
        let (Some(product), Some(quantity), Some(value)) = (products.text(*row), *quantity, *value) else { continue };
        // What was given away costs nothing, however many
        if value != 0
            && let Some((other_quantity, other_value)) = last.insert(product, (quantity, value))
            && other_quantity != quantity
        {
            compared += 1;
            agreeing += usize::from(other_value == value);
        }
    }
    let agreement = Agreement { agreeing, compared };
    agreement.proves().then_some(agreement)
}

/// Whether the value of a product is in proportion to its quantity: the price of one would not change. Compares as above.
fn grows_with_quantity(
    products: &Column,
    rows: &[usize],
    quantities: &[Option<i64>],
    values: &[Option<i64>],
) -> Option<Agreement> {
    let mut last: HashMap<&str, (i64, i64)> = HashMap::new();
    let (mut agreeing, mut compared) = (0, 0);
    for ((row, quantity), value) in rows.iter().zip(quantities).zip(values) {
        let (Some(product), Some(quantity), Some(value)) = (products.text(*row), *quantity, *value) else { continue };
        if value != 0
            && let Some((other_quantity, other_value)) = last.insert(product, (quantity, value))
            && other_quantity != quantity
        {
            compared += 1;
            let crossed =
                i128::from(value) * i128::from(other_quantity) - i128::from(other_value) * i128::from(quantity);
            // Half a cent on either side
            let slack = 50 * i128::from(quantity.abs().max(other_quantity.abs()));
            agreeing += usize::from(crossed.abs() <= slack && other_value != value);
        }
    }
    let agreement = Agreement { agreeing, compared };
    agreement.proves().then_some(agreement)
}

/// Whether nothing tells if a value is a price or a total: it matters, for quantities differ, and the values of the same product
/// do not mostly rise and fall with its quantity, or there are none to compare.
fn value_is_unclear(products: &Column, rows: &[usize], quantities: &[Option<i64>], values: &[Option<i64>]) -> bool {
    const ONE: i64 = 10_000;
    let mut last: HashMap<&str, (i64, i64)> = HashMap::new();
    let (mut with, mut against, mut several, mut all) = (0, 0, 0, 0);
    for ((row, quantity), value) in rows.iter().zip(quantities).zip(values) {
        let (Some(product), Some(quantity), Some(value)) = (products.text(*row), *quantity, *value) else { continue };
        all += 1;
        several += usize::from(quantity.abs() > ONE);
        if let Some((other_quantity, other_value)) = last.insert(product, (quantity, value))
            && other_quantity != quantity
        {
            let rises = (value > other_value) == (quantity > other_quantity) && value != other_value;
            *(if rises { &mut with } else { &mut against }) += 1;
        }
    }
    several * 5 >= all && several >= FEWEST && with < 2 * against + FEWEST
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Agreement {
    pub(super) agreeing: usize,
    pub(super) compared: usize,
}

impl Agreement {
    /// Nine of ten: some lines of most sheets have a discount or a typing error.
    pub(super) fn proves(self) -> bool {
        self.agreeing >= FEWEST && self.agreeing * 10 >= self.compared * 9
    }
}

/// The first rows, without gaps: the lines of an order stand together.
fn compared_rows(sheet: &Sheet, header_row: usize) -> Vec<usize> {
    (header_row + 1..sheet.rows).take(COMPARED).collect()
}

/// The numbers of the compared rows.
pub(super) struct Numbers<'a> {
    pub(super) sheet: &'a Sheet,
    pub(super) rows: Vec<usize>,
    /// The decimal mark that the columns prove together.
    mark: Option<Mark>,
}

impl<'a> Numbers<'a> {
    fn of(sheet: &'a Sheet, layout: &Layout, rows: Vec<usize>) -> Self {
        const FIELDS: [Field; 4] = [Field::Quantity, Field::UnitPrice, Field::Total, Field::Discount];
        let columns = FIELDS.iter().filter_map(|field| layout.column(*field));
        let mark = number::mark_of_all(columns.filter_map(|column| sheet.columns.get(column)), &rows);
        Self { sheet, rows, mark }
    }

    pub(super) fn read(&self, column: usize, unit: Unit) -> Vec<Option<i64>> {
        let Some(cells) = self.sheet.columns.get(column) else { return vec![None; self.rows.len()] };
        let decision = MarkDecision::of_money(cells, &self.rows, || self.mark, Mark::Comma);
        self.rows.iter().map(|row| number::of_cell(cells, *row, decision, unit).ok().flatten()).collect()
    }

    /// One cell of a row.
    pub(super) fn cell(&self, column: usize, row: usize, unit: Unit) -> Option<i64> {
        let cells = self.sheet.columns.get(column)?;
        let decision = MarkDecision::of_money(cells, &[row], || self.mark, Mark::Comma);
        number::of_cell(cells, row, decision, unit).ok().flatten()
    }

    pub(super) fn products(&self, layout: &Layout) -> Option<&'a Column> {
        let column = layout.column(Field::Product).or_else(|| layout.column(Field::Sku))?;
        self.sheet.columns.get(column)
    }
}

/// Rows where quantity times price is the total, to a cent, out of those that have all three and are no ones: a quantity of
/// one makes every price a total.
pub(super) fn agreement(quantities: &[Option<i64>], prices: &[Option<i64>], totals: &[Option<i64>]) -> Agreement {
    const ONE: i64 = 10_000;
    let (mut agreeing, mut compared) = (0, 0);
    for ((quantity, price), total) in quantities.iter().zip(prices).zip(totals) {
        let (Some(quantity), Some(price), Some(total)) = (quantity, price, total) else { continue };
        if *quantity == ONE || *quantity == 0 || *total == 0 {
            continue;
        }
        compared += 1;
        // Ten-thousandths squared against cents
        let difference = i128::from(*quantity) * i128::from(*price) - i128::from(*total) * 1_000_000;
        agreeing += usize::from(difference.abs() <= 1_000_000);
    }
    Agreement { agreeing, compared }
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
    fn an_order_total_repeated_on_its_lines_is_not_their_total() {
        let text = "Data;Pedido;Produto;Quantidade;Preço;Valor Total;Valor Final\n\
            01/03/2026;1;A;2;5,00;40,00;10,00\n01/03/2026;1;B;3;10,00;40,00;30,00\n\
            02/03/2026;2;A;4;5,00;32,00;20,00\n02/03/2026;2;C;6;2,00;32,00;12,00\n";
        assert_eq!(mapped(text), (Some("Preço".into()), Some("Valor Final".into())));
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
    fn a_net_total_stands_beside_a_gross_one_that_agrees() {
        let text = "Date;Product;Units Sold;Sale Price;Gross Sales;Discounts;Sales\n\
            2026-03-13;A;2;5.00;10.00;1.00;9.00\n2026-03-14;B;3;10.00;30.00;3.00;27.00\n2026-03-15;A;4;5.00;20.00;2.00;18.00\n";
        assert_eq!(mapped(text), (Some("Sale Price".into()), Some("Sales".into())));
    }

    #[test]
    fn names_stand_where_arithmetic_proves_nothing() {
        let text =
            "Data;Produto;Quantidade;Valor Total;Valor Final\n01/03/2026;A;2;40,00;38,00\n02/03/2026;B;3;20,00;19,00\n";
        assert_eq!(mapped(text), (None, Some("Valor Total".into())));
    }

    #[test]
    fn of_two_totals_the_one_less_the_discount_was_paid() {
        let text = "Data;Produto;Qtd;Preço;Valor Total;Desconto;Valor Final\n\
            01/03/2026;A;2;5,00;10,00;1,00;9,00\n02/03/2026;B;3;10,00;30,00;0,00;30,00\n\
            03/03/2026;A;4;5,00;20,00;2,00;18,00\n04/03/2026;C;1;7,00;7,00;0,50;6,50\n";
        assert_eq!(mapped(text), (Some("Preço".into()), Some("Valor Final".into())));
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
