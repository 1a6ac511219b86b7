//! What each row adds up to.
//!
//! The sheet's total is taken where there is one; else quantity times unit price less the discount. Where both are there
//! and differ, the sheet's total stands and the import says on how many rows.

use caudal_shared::field::Field;
use caudal_shared::money::{LARGEST_AMOUNT, TenThousandths};
use caudal_shared::notice::{DiscountReading, Remark, Rule};
use polars::prelude::{ChunkFull, Int64Chunked, NewChunkedArray};

use super::columns::{Columns, Unreadable, name};
use super::number::{MONEY, Mark, PRICE, QUANTITY};
use crate::sheet::Kind;

/// The money columns of a sheet: quantity and price in ten-thousandths, the rest in cents.
pub(super) struct Amounts {
    pub(super) quantity: Int64Chunked,
    pub(super) unit_price: Int64Chunked,
    pub(super) discount: Int64Chunked,
    pub(super) total: Int64Chunked,
}

pub(super) fn clean(columns: &mut Columns<'_>, fallback: Mark) -> Amounts {
    let has_total = columns.layout.column(Field::Total).is_some();
    let quantity = quantities(columns, fallback);
    let unit_price = columns.numbers(Field::UnitPrice, PRICE, fallback, Unreadable::RejectRow);
    let given = columns.numbers(Field::Total, MONEY, fallback, Unreadable::RejectRow);
    // Without a total the discount decides the money; beside one it only informs
    let unreadable = if has_total { Unreadable::LeaveOut } else { Unreadable::RejectRow };
    let raw_discount = columns.numbers(Field::Discount, PRICE, fallback, unreadable);
    let kind = discount_reading(columns, &quantity, &unit_price, &raw_discount, &given);

    let rows = columns.rows.len();
    let (mut total, mut discount) = (Vec::with_capacity(rows), Vec::with_capacity(rows));
    let (mut computed, mut differing) = (0, 0);
    for index in 0..rows {
        let gross = gross(quantity.get(index), unit_price.get(index));
        let off = raw_discount.get(index).and_then(|off| discount_in_cents(kind, off, gross));
        let net = gross.map(|gross| gross - i128::from(off.unwrap_or(0)));
        discount.push(off);
        let value = match given.get(index) {
            Some(given) => {
                differing += u64::from(
                    net.is_some_and(|net| !is_near(given, net) && !gross.is_some_and(|gross| is_near(given, gross))),
                );
                Some(given)
            }
            None => {
                let value = net.and_then(|net| i64::try_from(net).ok()).filter(|net| net.abs() <= LARGEST_AMOUNT * 100);
                computed += u64::from(value.is_some());
                value
            }
        };
        if value.is_none() && !has_money_problem(columns, index) {
            let too_large = net.is_some();
            let field = if has_total { Field::Total } else { Field::UnitPrice };
            columns.reject(index, field, if too_large { Rule::TooLarge } else { Rule::Missing });
        }
        total.push(value);
    }
    if computed > 0 {
        columns.remarks.push(Remark::AmountComputed { rows: computed });
    }
    if differing > 0 {
        columns.remarks.push(Remark::AmountDiffers { rows: differing });
    }
    Amounts {
        quantity,
        unit_price,
        discount: Int64Chunked::from_slice_options(name(Field::Discount), &discount),
        total: Int64Chunked::from_slice_options(name(Field::Total), &total),
    }
}

fn quantities(columns: &mut Columns<'_>, fallback: Mark) -> Int64Chunked {
    let rows = columns.rows.len();
    if columns.layout.column(Field::Quantity).is_none() {
        columns.remarks.push(Remark::QuantityAssumed);
        return Int64Chunked::full(name(Field::Quantity), TenThousandths::SCALE, rows);
    }
    let quantity = columns.numbers(Field::Quantity, QUANTITY, fallback, Unreadable::RejectRow);
    for (index, value) in quantity.iter().enumerate() {
        match value {
            Some(0) => columns.reject(index, Field::Quantity, Rule::Zero),
            None if !has_problem(columns, index, Field::Quantity) => {
                columns.reject(index, Field::Quantity, Rule::Missing);
            }
            _ => {}
        }
    }
    quantity
}

/// Quantity times price in cents, rounded half away from zero.
fn gross(quantity: Option<i64>, unit_price: Option<i64>) -> Option<i128> {
    const PER_CENT: i128 = 1_000_000;
    let product = i128::from(quantity?) * i128::from(unit_price?);
    let half = if product < 0 { -PER_CENT / 2 } else { PER_CENT / 2 };
    Some((product + half) / PER_CENT)
}

fn discount_in_cents(kind: DiscountReading, raw: i64, gross: Option<i128>) -> Option<i64> {
    let rounded = |value: i128, divisor: i128| {
        let half = if value < 0 { -divisor / 2 } else { divisor / 2 };
        i64::try_from((value + half) / divisor).ok()
    };
    match kind {
        DiscountReading::Money => rounded(i128::from(raw), 100),
        DiscountReading::Fraction => rounded(gross? * i128::from(raw), 10_000),
        DiscountReading::Percent => rounded(gross? * i128::from(raw), 1_000_000),
    }
}

/// Within a cent, or within half a thousandth where prices were rounded before.
fn is_near(given: i64, computed: i128) -> bool {
    let difference = (i128::from(given) - computed).abs();
    difference <= 1 || difference * 2_000 <= computed.abs()
}

/// How the discount counts: by a percent sign; else by which reading makes quantity, price and total agree most often; else
/// a column that never exceeds one and is not whole is a fraction.
fn discount_reading(
    columns: &mut Columns<'_>,
    quantity: &Int64Chunked,
    unit_price: &Int64Chunked,
    discount: &Int64Chunked,
    total: &Int64Chunked,
) -> DiscountReading {
    // A sheet may write a discount in three ways; the API means money
    let Some(column) = columns.layout.column(Field::Discount).filter(|_| columns.layout.header_row.is_some()) else {
        return DiscountReading::Money;
    };
    let cells = columns.sheet.columns.get(column);
    let percent_signs = columns
        .rows
        .iter()
        .filter_map(|row| cells.filter(|cells| cells.kind(*row) == Kind::Text)?.text(*row))
        .filter(|text| text.trim().ends_with('%'))
        .count();
    if percent_signs > 0 {
        note_discount(columns, DiscountReading::Percent, percent_signs);
        return DiscountReading::Percent;
    }
    let agreeing = |kind: DiscountReading| {
        (0..columns.rows.len())
            .filter(|index| {
                let (Some(raw @ 1..), Some(given)) = (discount.get(*index), total.get(*index)) else { return false };
                let gross = gross(quantity.get(*index), unit_price.get(*index));
                let off = discount_in_cents(kind, raw, gross);
                gross.zip(off).is_some_and(|(gross, off)| is_near(given, gross - i128::from(off)))
            })
            .count()
    };
    // Money first: among readings that agree equally often it is the usual one
    let readings = [DiscountReading::Percent, DiscountReading::Fraction, DiscountReading::Money]
        .map(|kind| (agreeing(kind), kind));
    let (proofs, proven) = readings.into_iter().max_by_key(|(rows, _)| *rows).unwrap_or((0, DiscountReading::Money));
    if proofs > 0 {
        note_discount(columns, proven, proofs);
        return proven;
    }
    let below_one = discount.iter().flatten().all(|raw| (0..TenThousandths::SCALE).contains(&raw));
    let some = discount.iter().flatten().any(|raw| raw != 0);
    let kind = if below_one && some { DiscountReading::Fraction } else { DiscountReading::Money };
    if some {
        note_discount(columns, kind, 0);
    }
    kind
}

fn note_discount(columns: &mut Columns<'_>, reading: DiscountReading, proofs: usize) {
    if let Some(column) = columns.layout.header(Field::Discount) {
        columns.remarks.push(Remark::DiscountRead { column: column.to_owned(), reading, proofs: proofs as u64 });
    }
}

fn has_problem(columns: &Columns<'_>, index: usize, field: Field) -> bool {
    columns.problems.get(&index).is_some_and(|problems| problems.iter().any(|problem| problem.field == field))
}

fn has_money_problem(columns: &Columns<'_>, index: usize) -> bool {
    [Field::Quantity, Field::UnitPrice, Field::Total, Field::Discount]
        .into_iter()
        .any(|field| has_problem(columns, index, field))
}
