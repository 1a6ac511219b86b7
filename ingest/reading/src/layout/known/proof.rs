//! Whether the amounts of a sheet agree with the export that its headers claim.

use caudal_contract::field::Field;
use caudal_contract::notice::SumProof;

use super::export::{Amount, Equation, Export, Headers, Names};
use crate::layout::evidence::{Agreement, Evidence, Parts};
use crate::layout::orders::{Shape, of_order, shape};
use crate::layout::result::Layout;
use crate::value::amount::gross;
use crate::value::number::{MONEY, PRICE, QUANTITY};

/// The arithmetic that agrees with the export, if there is some. `None` if the sheet contradicts the export.
pub(super) fn of(
    export: &Export,
    headers: &Headers,
    evidence: &Evidence<'_>,
    layout: &Layout,
) -> Option<Option<SumProof>> {
    let holds_money = |column: usize| evidence.read(column, MONEY).iter().flatten().any(|amount| *amount != 0);
    if export.only_without.iter().filter_map(|names| headers.find(names)).any(holds_money)
        || total_is_price(evidence, layout)
    {
        return None;
    }
    let mut proof = None;
    for equation in &export.proof {
        let agreement = agreement(equation, headers, evidence, layout);
        if !agreement.is_nine_of_ten() {
            return None;
        }
        if agreement.agreeing > 0 && proof.is_none() && is_about_the_money(equation, headers, layout) {
            let (rows, of) = (agreement.agreeing as u64, agreement.compared as u64);
            proof = Some(SumProof::Arithmetic { rows, of });
        }
    }
    Some(proof)
}

/// Whether an equation holds the money of the lines. Others, such as one of shares, only contradict.
fn is_about_the_money(equation: &Equation, headers: &Headers, layout: &Layout) -> bool {
    let is_total =
        |names: &Names| headers.find(names).is_some_and(|column| layout.column(Field::Total) == Some(column));
    match &equation.lines {
        Amount::Column(names) => is_total(names) || is_total(&equation.gives),
        Amount::QuantityTimesPrice | Amount::LessDiscount => true,
    }
}

/// Whether the total of a product stays the same if its quantity changes. Then it is the price of one piece, and no total.
fn total_is_price(evidence: &Evidence<'_>, layout: &Layout) -> bool {
    let (Some(quantity), Some(total)) = (layout.column(Field::Quantity), layout.column(Field::Total)) else {
        return false;
    };
    let Some(products) = evidence.products(layout) else { return false };
    let totals: Vec<Option<i64>> =
        evidence.read(total, MONEY).into_iter().map(|total| total.filter(|total| *total != 0)).collect();
    let pairs = evidence.same_product(products, &evidence.read(quantity, QUANTITY), &totals);
    let same: Agreement = pairs.iter().map(|pair| pair.value == pair.other_value).collect();
    same.agreeing > 0 && same.is_nine_of_ten()
}

/// The orders or rows for which an equation is right. A row without one of its amounts is not compared.
fn agreement(equation: &Equation, headers: &Headers, evidence: &Evidence<'_>, layout: &Layout) -> Agreement {
    let Some(gives) = headers.find(&equation.gives) else { return Agreement::default() };
    if let Amount::LessDiscount = equation.lines {
        return Parts::of(layout).map(|parts| evidence.makes_the_total(parts, gives)).unwrap_or_default();
    }
    let Some(lines) = lines(&equation.lines, headers, evidence, layout) else { return Agreement::default() };
    let units = match equation.of_order {
        true => layout.orders_in(evidence.sheet, &evidence.rows),
        false => (0..evidence.rows.len()).map(|place| vec![place]).collect(),
    };
    let once = |column: usize| {
        let values = evidence.read(column, MONEY);
        let stands_once = shape(&units, &values) != Shape::Line;
        let value = |unit: &Vec<usize>| match stands_once {
            true => of_order(unit, &values),
            false => unit.iter().map(|place| values.get(*place).copied().flatten()).sum(),
        };
        units.iter().map(value).collect::<Vec<Option<i64>>>()
    };
    let found = |names: &[Names]| names.iter().filter_map(|names| headers.find(names)).map(once).collect::<Vec<_>>();
    let (plus, minus, gives) = (found(&equation.plus), found(&equation.minus), once(gives));
    let at = |values: &Vec<Option<i64>>, unit: usize| values.get(unit).copied().flatten();
    let compared = units.iter().enumerate().filter_map(|(unit, places)| {
        let sum = places.iter().map(|place| lines.get(*place).copied().flatten()).sum::<Option<i64>>()?;
        let added: i64 = plus.iter().filter_map(|values| at(values, unit)).sum();
        let off: i64 = minus.iter().filter_map(|values| at(values, unit)).map(i64::abs).sum();
        let rounding = i64::try_from(places.len()).unwrap_or(1);
        Some((sum + added - off - at(&gives, unit)?).abs() <= rounding)
    });
    compared.collect()
}

/// The amount of each line.
fn lines(amount: &Amount, headers: &Headers, evidence: &Evidence<'_>, layout: &Layout) -> Option<Vec<Option<i64>>> {
    match amount {
        Amount::Column(names) => Some(evidence.read(headers.find(names)?, MONEY)),
        Amount::QuantityTimesPrice | Amount::LessDiscount => {
            let quantities = evidence.read(layout.column(Field::Quantity)?, QUANTITY);
            let prices = evidence.read(layout.column(Field::UnitPrice)?, PRICE);
            let gross = |(quantity, price): (&Option<i64>, &Option<i64>)| i64::try_from(gross(*quantity, *price)?).ok();
            Some(quantities.iter().zip(&prices).map(gross).collect())
        }
    }
}
