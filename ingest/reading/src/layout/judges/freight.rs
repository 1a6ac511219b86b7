//! Finds a total that holds freight or an added tax. A sale is its goods, so that the same shop counts alike in every
//! sheet; freight and taxes stand beside it.

use caudal_contract::field::Field;
use caudal_contract::notice::{LayoutProblem, Remark};

use crate::layout::evidence::{Agreement, Evidence, FEWEST};
use crate::layout::finding::Finding;
use crate::layout::orders::{names_freight, names_goods, names_on_top, names_total, names_whole_order};
use crate::layout::result::Layout;
use crate::value::amount::gross;
use crate::value::number::{MONEY, PRICE, QUANTITY};

/// Most amounts on top of the goods that are tried together.
const MOST_ON_TOP: usize = 4;

/// A column with its amounts in cents.
type Amounts = (usize, Vec<Option<i64>>);

/// If a total is the goods plus these amounts, assigns the goods: another total, or quantity times price less the
/// discount. If it is less than that on some rows, because of discounts without a column, it counts without the amounts
/// on top. Without any proof the name of the total decides, and if it says nothing a person is asked.
pub(in crate::layout) fn ask(evidence: &Evidence<'_>, layout: &Layout) -> Vec<Finding> {
    let Some(total) = layout.column(Field::Total) else { return Vec::new() };
    let on_top: Vec<Amounts> = amounts(evidence, names_on_top)
        .into_iter()
        .filter(|(column, amounts)| *column != total && amounts.iter().flatten().any(|amount| *amount != 0))
        .take(MOST_ON_TOP)
        .collect();
    if on_top.is_empty() {
        return Vec::new();
    }
    let price = layout.column(Field::UnitPrice);
    let totals: Vec<Amounts> = amounts(evidence, names_total)
        .into_iter()
        .filter(|(column, _)| Some(*column) != price && *column != total)
        .collect();
    let own: Amounts = (total, evidence.read(total, MONEY));
    if let Some(finding) = proven(evidence, layout, &own, &totals, &on_top) {
        return vec![finding];
    }
    let others = totals.iter().map(|other| (&own, other)).chain(totals.iter().map(|other| (other, &own)));
    for (whole, goods) in others {
        if let Some(columns) = held(whole, goods, &on_top) {
            let assigned = Finding::Assign { fields: vec![(Field::Total, Some(whole.0))], proof: None };
            return vec![assigned, Finding::OnTop(columns)];
        }
    }
    by_name(evidence, layout, &own, &on_top)
}

/// The columns of amounts with such a header.
fn amounts(evidence: &Evidence<'_>, named: fn(&str) -> bool) -> Vec<Amounts> {
    let columns = evidence.columns().filter(|(_, header, profile)| {
        profile.filled > 0 && named(header) && profile.fits(Field::Freight) && !profile.holds_days()
    });
    columns.map(|(column, ..)| (column, evidence.read(column, MONEY))).collect()
}

/// All ways to take some of these amounts together. A single one is the simplest explanation, so it comes first.
fn subsets(on_top: &[Amounts]) -> Vec<Vec<&Amounts>> {
    let mut subsets: Vec<usize> = (1..1_usize << on_top.len()).collect();
    subsets.sort_by_key(|subset| subset.count_ones());
    let picked = |chosen: &usize| {
        on_top.iter().enumerate().filter(|(bit, _)| chosen >> bit & 1 == 1).map(|(_, top)| top).collect()
    };
    subsets.iter().map(picked).collect()
}

fn at(amounts: &[Option<i64>], place: usize) -> Option<i64> {
    amounts.get(place).copied().flatten()
}

fn sum_at(picked: &[&Amounts], place: usize) -> i64 {
    picked.iter().filter_map(|(_, amounts)| at(amounts, place)).sum()
}

/// The goods, if the total is them plus amounts on top.
fn proven(
    evidence: &Evidence<'_>,
    layout: &Layout,
    (total, totals): &Amounts,
    others: &[Amounts],
    on_top: &[Amounts],
) -> Option<Finding> {
    let computed = computed(evidence, layout);
    let others = others.iter().map(|(column, amounts)| (Some(*column), amounts));
    let goods: Vec<_> = others.chain(computed.as_ref().map(|amounts| (None, amounts))).collect();
    for picked in subsets(on_top) {
        for (column, amounts) in &goods {
            // A tax in the price is the same share of all goods, and the customer's price holds it.
            let is_freight = picked.iter().any(|(top, _)| names_freight(&evidence.header(*top)));
            if column.is_none() && !is_freight && is_share(&picked, amounts) {
                continue;
            }
            let (mut all, mut proof, mut less) = (Agreement::default(), Agreement::default(), false);
            for (place, total) in totals.iter().enumerate() {
                let (Some(total), Some(goods)) = (total, at(amounts, place)) else { continue };
                let top = sum_at(&picked, place);
                let agrees = (goods + top - total).abs() <= 1;
                less |= goods + top - total > 1;
                all.count(agrees);
                if top != 0 {
                    proof.count(agrees);
                }
            }
            // With discounts that have no column, another total of the goods says too much.
            if !proof.proves() || !all.is_nine_of_ten() || less && column.is_some() {
                continue;
            }
            let remark = Remark::TotalHoldsFreight {
                total: evidence.header(*total),
                goods: column.map(|column| evidence.header(column)),
                on_top: picked.iter().map(|(column, _)| evidence.header(*column)).collect(),
                rows: proof.agreeing as u64,
                compared: proof.compared as u64,
            };
            return Some(Finding::Assign { fields: vec![(Field::Total, *column)], proof: Some(remark) });
        }
    }
    None
}

/// Whether the amounts are the same share of the goods on all rows, apart from a cent.
fn is_share(picked: &[&Amounts], goods: &[Option<i64>]) -> bool {
    let pairs = goods.iter().enumerate().filter_map(|(place, goods)| Some((sum_at(picked, place), (*goods)?)));
    let pairs: Vec<(i128, i128)> =
        pairs.filter(|(_, goods)| *goods != 0).map(|(top, goods)| (top.into(), goods.into())).collect();
    let Some((most, of)) = pairs.iter().copied().max_by_key(|(_, goods)| goods.abs()) else { return false };
    pairs.iter().all(|(top, goods)| (top * of - most * goods).abs() <= goods.abs() + of.abs())
}

/// The amounts that the whole holds besides the goods: together they are the whole on some rows, and on all others the
/// whole is less.
fn held((_, whole): &Amounts, (_, goods): &Amounts, on_top: &[Amounts]) -> Option<Vec<usize>> {
    subsets(on_top).into_iter().find_map(|picked| {
        let (mut proofs, mut less, mut more) = (0, 0, 0);
        for (place, whole) in whole.iter().enumerate() {
            let (Some(whole), Some(goods)) = (whole, at(goods, place)) else { continue };
            let top = sum_at(&picked, place);
            match whole - top - goods {
                -1..=1 => proofs += usize::from(top != 0),
                ..-1 => less += 1,
                _ => more += 1,
            }
        }
        let holds = proofs >= FEWEST && less > 0 && more == 0;
        holds.then(|| picked.iter().map(|(column, _)| *column).collect())
    })
}

/// A total beside freight, if each row is an order and nothing proves what the total holds.
fn by_name(evidence: &Evidence<'_>, layout: &Layout, own: &Amounts, on_top: &[Amounts]) -> Vec<Finding> {
    let freights: Vec<&Amounts> =
        on_top.iter().filter(|(column, _)| names_freight(&evidence.header(*column))).collect();
    let header = evidence.header(own.0);
    let is_of_lines = [Field::Product, Field::Sku, Field::Quantity, Field::UnitPrice]
        .iter()
        .any(|field| layout.column(*field).is_some());
    if freights.is_empty() || names_goods(&header) || is_of_lines && !names_whole_order(&header) {
        return Vec::new();
    }
    if is_of_lines && !are_orders_of_one_line(evidence, layout) {
        return Vec::new();
    }
    let is_below = |(place, total): (usize, &Option<i64>)| {
        total.is_some_and(|total| total > 0 && total < sum_at(&freights, place))
    };
    let is_too_small = own.1.iter().enumerate().any(is_below);
    if names_whole_order(&header) && !is_too_small {
        return vec![Finding::OnTop(freights.iter().map(|(column, _)| *column).collect())];
    }
    if is_too_small && !names_whole_order(&header) {
        return Vec::new();
    }
    let freight = freights.iter().map(|(column, _)| evidence.header(*column)).next().unwrap_or_default();
    vec![Finding::Doubt(LayoutProblem::TotalMayHoldFreight { total: header, freight })]
}

/// Whether no order has several lines, so that the total of an order is that of its only line.
fn are_orders_of_one_line(evidence: &Evidence<'_>, layout: &Layout) -> bool {
    layout.column(Field::OrderId).is_some()
        && layout.orders_in(evidence.sheet, &evidence.rows).iter().all(|order| order.len() == 1)
}

/// Quantity times price less the discount, if the sheet has a quantity and a price and its discount is money.
fn computed(evidence: &Evidence<'_>, layout: &Layout) -> Option<Vec<Option<i64>>> {
    let quantities = layout.column(Field::Quantity).map(|column| evidence.read(column, QUANTITY));
    let prices = evidence.read(layout.column(Field::UnitPrice)?, PRICE);
    let offs = layout.column(Field::Discount).map(|column| evidence.read(column, MONEY));
    let rows = prices.iter().enumerate().map(|(place, price)| {
        let at = |values: &Vec<Option<i64>>| values.get(place).copied().flatten();
        let quantity = quantities.as_ref().map_or(Some(10_000), at)?;
        let gross = gross(Some(quantity), *price)?;
        Some(i64::try_from(gross).ok()? - offs.as_ref().and_then(at).unwrap_or(0).abs())
    });
    Some(rows.collect())
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
    fn a_total_with_freight_is_not_the_sale() {
        let rows = "1;01/03/2026;A;2;5,00;10,00;7,00;17,00\n2;02/03/2026;B;3;10,00;30,00;9,00;39,00\n3;03/03/2026;A;4;5,00;20,00;0,00;20,00\n\
            4;04/03/2026;B;1;10,00;10,00;12,00;22,00\n";
        let with = |header: &str| total(&format!("{header}\n{rows}"));
        assert_eq!(with("Pedido;Data;Produto;Qtd;Preço;Subtotal;Frete;Total").as_deref(), Some("Subtotal"));
        assert_eq!(with("Order;Date;Product;Qty;Price;Subtotal;Shipping;Grand total").as_deref(), Some("Subtotal"));
        let no_goods = rows
            .replace(";10,00;7", ";7")
            .replace(";30,00;9", ";9")
            .replace(";20,00;0", ";0")
            .replace(";10,00;12", ";12");
        let computed = total(&format!("Pedido;Data;Produto;Qtd;Preço;Frete;Total\n{no_goods}"));
        assert_eq!(computed, None, "computed from the price");
    }
}
