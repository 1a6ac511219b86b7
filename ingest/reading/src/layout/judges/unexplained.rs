//! Asks whether the sum of a table is proven. It is proven if quantity, price and discount give the total on the rows,
//! or if no column of numbers is left that could change the sum.
//!
//! A column of numbers without a field is explained if its name says something that is no part of the amount (a cost, a
//! stock, a code), or if its contents do: days, codes, row numbers, zeros, a copy of another column, a fixed share of the
//! amount. Every other column could be the quantity, a discount or another total, so a person is asked.

use std::collections::HashSet;

use caudal_contract::field::Field;
use caudal_contract::notice::SumProof;

use crate::layout::assign::main_table;
use crate::layout::evidence::{Agreement, Evidence, ONE, Parts};
use crate::layout::finding::Finding;
use crate::layout::names::fields_named;
use crate::layout::orders::{names_discount, names_subtotal};
use crate::layout::result::{Layout, OpenColumn};
use crate::value::number::{MONEY, PRICE};
use crate::words::amounts::{BEFORE, COMES_OFF, GROSS, NOT_THE_AMOUNT, WEIGHT};
use crate::words::words_of;

/// Most columns that are asked about.
const MOST_ASKED: usize = 3;
/// Fields that change the amount of a row.
const OF_THE_AMOUNT: [Field; 4] = [Field::Quantity, Field::UnitPrice, Field::Discount, Field::Total];

/// Finds the proof of the sum, or the columns that leave it open.
pub(in crate::layout) fn ask(evidence: &Evidence<'_>, layout: &Layout) -> Vec<Finding> {
    if layout.proof.is_some() {
        return Vec::new();
    }
    let proof = match &layout.known {
        Some(known) => known.proof.clone(),
        None => arithmetic(evidence, layout),
    };
    if let Some(proof) = proof {
        return vec![Finding::Proven(proof)];
    }
    let open = open_columns(evidence, layout);
    if !open.is_empty() {
        return vec![Finding::Open(open)];
    }
    let known = layout.known.as_ref().map(|known| SumProof::KnownExport { name: known.name.clone() });
    vec![Finding::Proven(known.unwrap_or(SumProof::NothingLeft))]
}

/// Quantity times price, less the discount, is the total on nine of ten rows. If every quantity is one, the price itself
/// has to be the total.
fn arithmetic(evidence: &Evidence<'_>, layout: &Layout) -> Option<SumProof> {
    let agreement = evidence.makes_the_total(Parts::of(layout)?, layout.column(Field::Total)?);
    if agreement.agreeing == 0 || !agreement.is_nine_of_ten() {
        return None;
    }
    Some(SumProof::Arithmetic { rows: agreement.agreeing as u64, of: agreement.compared as u64 })
}

/// The columns that could change the sum. If the sheet has a total, only columns that are called an amount can
/// contradict it. If the amount is computed, every number can.
fn open_columns(evidence: &Evidence<'_>, layout: &Layout) -> Vec<OpenColumn> {
    let main = main_table(&evidence.headers, &evidence.profiles);
    let total = layout.column(Field::Total);
    // A bare "Valor" without a quantity may be the price of one, so each number beside it may be the quantity.
    let is_plain = total.is_some() && (layout.column(Field::Quantity).is_some() || !layout.has_bare_value());
    let amount = total.or_else(|| layout.column(Field::UnitPrice)).map(|column| evidence.read(column, MONEY));
    let is_used = |column: usize| {
        layout.columns.iter().any(|(_, taken)| *taken == column)
            || layout.orders.explained.contains(&column)
            || layout.known.as_ref().is_some_and(|known| known.beside.contains(&column))
            || layout.orders.columns().any(|of_order| of_order == column)
    };
    let open = evidence.columns().filter(|(column, header, profile)| {
        main.contains(column)
            && !is_used(*column)
            && profile.holds_numbers()
            && (!header.is_empty() || profile.is_mostly_filled())
            && (!is_plain || is_called_an_amount(header))
            && !is_named_otherwise(header)
            && !is_called_a_number(header)
            && !profile.holds_days()
            && !profile.counts_rows()
            && !is_weight_beside_quantity(layout, header)
            && !is_gross(evidence, layout, *column, header)
            && !is_before_discount(evidence, layout, *column, header)
            && !is_explained_by_contents(evidence, layout, *column, amount.as_deref())
    });
    let is_second = |header: &str| is_called_an_amount(header) && words_of(header).iter().any(|word| is_a_second(word));
    open.map(|(column, header, _)| OpenColumn {
        column,
        fields: possible_fields(evidence, layout, column, header),
        is_second: is_second(header),
    })
    .take(MOST_ASKED)
    .collect()
}

/// Whether a word of a header numbers a second column of the same name, or a later one.
fn is_a_second(word: &str) -> bool {
    word.len() == 1 && matches!(word.as_bytes(), [b'2'..=b'9'])
}

/// Whether a header is only "#" or "Nº", the name of numbers that count or identify the rows.
fn is_called_a_number(header: &str) -> bool {
    words_of(header).is_empty() && !header.contains(['$', '€', '£'])
}

/// Whether a column is called a weight, and another one is the quantity. The weight only describes the goods then.
fn is_weight_beside_quantity(layout: &Layout, header: &str) -> bool {
    layout.column(Field::Quantity).is_some() && WEIGHT.has_any(&words_of(header))
}

/// Whether a column is called a subtotal and is quantity times price, while the amount is that less a discount.
fn is_before_discount(evidence: &Evidence<'_>, layout: &Layout, column: usize, header: &str) -> bool {
    if layout.column(Field::Discount).is_none() || !names_subtotal(header) {
        return false;
    }
    let Some(parts) = Parts::of(layout) else { return false };
    let agreement = evidence.makes_the_total(Parts { discount: None, ..parts }, column);
    agreement.agreeing > 0 && agreement.is_nine_of_ten()
}

/// Whether a column is called an amount before the discount, and is never below the total. The total is what was paid.
pub(super) fn is_gross(evidence: &Evidence<'_>, layout: &Layout, column: usize, header: &str) -> bool {
    let Some(total) = layout.column(Field::Total) else { return false };
    let words = words_of(header);
    let is_before = BEFORE.has_any(&words) && words.iter().any(|word| COMES_OFF.begin(word));
    if !(GROSS.has_any(&words) || is_before || words.iter().any(|word| word == "subtotal")) {
        return false;
    }
    let (values, totals) = (evidence.read(column, MONEY), evidence.read(total, MONEY));
    let mut pairs = values.iter().zip(&totals).filter_map(|(value, total)| Some(((*value)?, (*total)?)));
    pairs.all(|(value, total)| value.abs() >= total.abs())
}

/// Whether the words of a header name a quantity, a price, a discount or a total.
fn is_called_an_amount(header: &str) -> bool {
    fields_named(header).into_iter().any(|(field, _)| OF_THE_AMOUNT.contains(&field))
}

/// Whether the words of a header name something that is no part of the amount: another field, or a thing that is only
/// told beside a sale.
pub(super) fn is_named_otherwise(header: &str) -> bool {
    let words = words_of(header);
    let best = fields_named(header).into_iter().max_by_key(|(_, score)| *score).map(|(field, _)| field);
    // "Mercadoria R$" is money, not the name of the goods.
    let is_money = header.contains(['$', '€', '£']);
    best.is_some_and(|field| !OF_THE_AMOUNT.contains(&field) && (field.is_number() || !is_money))
        || header.contains('%')
        || NOT_THE_AMOUNT.has_any(&words) && !names_discount(header)
}

/// Whether the contents show that a column changes nothing: zeros, ones, codes of one length, a copy of a column with a
/// field, or a fixed share of the amount.
fn is_explained_by_contents(
    evidence: &Evidence<'_>,
    layout: &Layout,
    column: usize,
    amount: Option<&[Option<i64>]>,
) -> bool {
    let values = evidence.read(column, PRICE);
    let numbers = || values.iter().flatten().copied();
    if numbers().all(|value| value == 0) || numbers().all(|value| value == ONE) {
        return true;
    }
    if holds_codes(evidence, column) {
        return true;
    }
    let equals = |other: &usize| {
        let other = evidence.read(*other, PRICE);
        let both = values.iter().zip(&other).filter(|(value, _)| value.is_some());
        both.map(|(value, other)| value == other).collect::<Agreement>().is_nine_of_ten()
    };
    if layout.columns.iter().map(|(_, other)| other).any(equals) {
        return true;
    }
    amount.is_some_and(|amount| is_share(&values, amount))
}

/// Whether the values are codes: whole numbers with leading zeros, or with nine digits or more, or that are nearly all
/// different and have the same number of digits, at least six.
fn holds_codes(evidence: &Evidence<'_>, column: usize) -> bool {
    const LONG: usize = 9;
    const ALIKE: usize = 6;
    let Some(cells) = evidence.sheet.columns.get(column) else { return false };
    let texts: Vec<String> = evidence.rows.iter().filter_map(|row| cells.shown(*row)).collect();
    if texts.is_empty() || !texts.iter().all(|text| text.bytes().all(|byte| byte.is_ascii_digit())) {
        return false;
    }
    let lengths = || texts.iter().map(String::len);
    let is_padded = texts.iter().any(|text| text.len() > 1 && text.starts_with('0'));
    let are_long = lengths().map(|length| length >= LONG).collect::<Agreement>().is_nine_of_ten();
    let distinct = texts.iter().collect::<HashSet<_>>().len();
    let first = lengths().next().unwrap_or(0);
    let are_alike = first >= ALIKE && lengths().all(|length| length == first) && distinct * 10 >= texts.len() * 9;
    is_padded || are_long || are_alike
}

/// Whether the values are the same share of the amounts on nine of ten rows, apart from rounding: a tax or a commission.
fn is_share(values: &[Option<i64>], amounts: &[Option<i64>]) -> bool {
    const FEWEST: usize = 5;
    let pairs: Vec<(i128, i128)> = values
        .iter()
        .zip(amounts)
        .filter_map(|(value, amount)| Some((i128::from((*value)?), i128::from((*amount)?) * 100)))
        .filter(|(_, amount)| *amount != 0)
        .collect();
    let Some((value, amount)) = pairs.iter().copied().max_by_key(|(_, amount)| amount.abs()) else { return false };
    let mut amounts: Vec<i128> = pairs.iter().map(|(_, amount)| *amount).collect();
    amounts.sort_unstable();
    amounts.dedup();
    if amounts.len() < FEWEST || value.abs() >= amount.abs() {
        return false;
    }
    // A cent of rounding, and the cent of the pair that gives the share.
    let slack = |of: i128| 100 + 100 * of.abs() / amount.abs().max(1);
    let is_same = |(of_value, of): &(i128, i128)| (of_value - value * of / amount).abs() <= slack(*of);
    pairs.iter().map(is_same).collect::<Agreement>().is_nine_of_ten()
}

/// The fields that an unexplained column may be, the likeliest first.
fn possible_fields(evidence: &Evidence<'_>, layout: &Layout, column: usize, header: &str) -> Vec<Field> {
    let named = fields_named(header);
    let score = |field: Field| named.iter().find(|(other, _)| *other == field).map_or(0, |(_, score)| *score);
    let values = evidence.read(column, PRICE);
    let are_whole = values.iter().flatten().all(|value| value % ONE == 0);
    let mut fields: Vec<Field> = Vec::new();
    if layout.column(Field::Quantity).is_none() {
        fields.push(Field::Quantity);
    }
    if layout.column(Field::Discount).is_none() {
        fields.push(Field::Discount);
    }
    fields.push(Field::Total);
    if !are_whole {
        fields.sort_by_key(|field| *field == Field::Quantity);
    }
    fields.sort_by_key(|field| std::cmp::Reverse(score(*field)));
    fields
}
