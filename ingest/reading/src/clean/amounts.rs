//! Computes the amount of each row.
//!
//! The sheet's total is taken if there is one. Otherwise the amount is quantity times unit price less the discount. If
//! both exist and differ, the sheet's total counts and the import reports the number of such rows. If the total is the
//! only money and its cell is blank, the sale is kept with an amount of zero: see [decision
//! 9](../../../docs/decisions/0009-a-sale-without-its-amount.md).

use caudal_contract::field::Field;
use caudal_contract::money::{LARGEST_AMOUNT, TenThousandths};
use caudal_contract::notice::{Change, DiscountReading, Oddity, Remark, Rule};
use polars::prelude::{ChunkFull, ChunkFullNull, Int64Chunked, NewChunkedArray};

use super::columns::{Columns, Unreadable, name};
use super::discount;
use super::discount::{gross, is_near};
use crate::layout::names::fields_named;
use crate::value::Basis;
use crate::value::currency;
use crate::value::number::{MONEY, Mark, PRICE, QUANTITY};

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
    let unit_price = columns.numbers(Field::UnitPrice, PRICE, fallback, |_| Unreadable::RejectRow);
    let given = columns.numbers(Field::Total, MONEY, fallback, |_| Unreadable::RejectRow);
    // Without a total the discount decides the amount, so an unreadable one rejects the row. With a total it is kept
    // and changes no sum.
    let unreadable =
        |index: usize| if given.get(index).is_some() { Unreadable::LeaveOut } else { Unreadable::RejectRow };
    // A discount of the whole order is spread over its lines once their amounts are known.
    let of_order = columns.layout.orders.discount.as_ref().map(|discount| discount.column);
    let signed = if of_order.is_some() && of_order == columns.layout.column(Field::Discount) {
        Int64Chunked::full_null(name(Field::Discount), columns.rows.len())
    } else {
        let discount = columns.numbers(Field::Discount, PRICE, fallback, unreadable);
        discount::as_shown(columns, discount)
    };
    let raw_discount = match columns.basis {
        Basis::Column => discount::without_signs(signed.clone()),
        Basis::Value => discount::taken_off(&signed, &quantity, &unit_price),
    };
    let is_before_discount = columns.layout.known.as_ref().is_some_and(|known| known.total_is_before_discount);
    let kind = match is_before_discount {
        true => DiscountReading::Money,
        false => discount::reading(columns, &quantity, &unit_price, &raw_discount, &given),
    };

    let foreign = foreign_rows(columns);
    let may_lack = may_lack_amount(columns, &given);
    let mut lacking = Vec::new();
    let rows = columns.rows.len();
    let (mut total, mut discount) = (Vec::with_capacity(rows), Vec::with_capacity(rows));
    let (mut computed, mut differing) = (0, 0);
    for index in 0..rows {
        if foreign.binary_search(&index).is_ok() {
            discount.push(None);
            total.push(None);
            continue;
        }
        let gross = gross(quantity.get(index), unit_price.get(index));
        let is_return = gross.is_some_and(|gross| gross < 0);
        let is_unclear = is_return && given.get(index).is_none() && raw_discount.get(index).is_some_and(|off| off > 0);
        if columns.basis == Basis::Value && is_unclear {
            columns.reject(index, Field::Discount, Rule::DiscountUnclear);
        }
        let off = raw_discount.get(index).and_then(|off| discount::in_cents(kind, off, gross));
        let net = gross.map(|gross| gross - i128::from(off.unwrap_or(0)));
        discount.push(off);
        if raw_discount.get(index) != signed.get(index) {
            columns.did(index, Field::Discount, Some(Change::MinusDropped));
        }
        columns.did(index, Field::Discount, raw_discount.get(index).and_then(|raw| how_it_counts(kind, raw)));
        let left = |given: i64| if is_before_discount { given - off.unwrap_or(0) } else { given };
        let mut value = match given.get(index).map(left) {
            Some(given) => {
                if net.is_some_and(|net| !is_near(given, net) && !gross.is_some_and(|gross| is_near(given, gross))) {
                    differing += 1;
                    columns.note(index, Field::Total, Oddity::AmountDiffers);
                }
                Some(given)
            }
            None => {
                let value = net.and_then(|net| i64::try_from(net).ok()).filter(|net| net.abs() <= LARGEST_AMOUNT * 100);
                computed += u64::from(value.is_some());
                columns.did(index, Field::Total, value.map(|_| Change::Computed));
                value
            }
        };
        if value.is_none() && may_lack && !has_money_problem(columns, index) {
            lacking.push(index);
            columns.note(index, Field::Total, Oddity::AmountMissing);
            columns.did(index, Field::Total, Some(Change::Assumed));
            value = Some(0);
        }
        if value.is_none() && !has_money_problem(columns, index) {
            let too_large = net.is_some();
            let field = if has_total && !too_large { Field::Total } else { Field::UnitPrice };
            columns.reject(index, field, if too_large { Rule::TooLarge } else { Rule::Missing });
        }
        total.push(value);
    }
    note_lacking(columns, &lacking);
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

/// The change that a reading makes to a discount in ten-thousandths.
fn how_it_counts(reading: DiscountReading, raw: i64) -> Option<Change> {
    const PER_CENT: i64 = 100;
    match reading {
        DiscountReading::Percent | DiscountReading::Fraction => Some(Change::Percent),
        DiscountReading::Included => Some(Change::OtherColumnCounts),
        DiscountReading::Money => (raw % PER_CENT != 0).then_some(Change::Rounded),
    }
}

/// Whether a row with a blank total is a sale of unknown amount. This holds if the sheet has no other money and most
/// rows have a total. A blank price is different because it makes a quantity meaningless.
fn may_lack_amount(columns: &Columns<'_>, given: &Int64Chunked) -> bool {
    let layout = columns.layout;
    layout.header_row.is_some()
        && layout.column(Field::Total).is_some()
        && layout.column(Field::UnitPrice).is_none()
        && given.null_count() * 2 < given.len()
}

fn note_lacking(columns: &mut Columns<'_>, lacking: &[usize]) {
    const NAMED: usize = 10;
    if lacking.is_empty() {
        return;
    }
    let row = |index: &usize| columns.rows.get(*index).and_then(|row| u32::try_from(row + 1).ok());
    let first = lacking.iter().take(NAMED).filter_map(row).collect();
    columns.remarks.push(Remark::AmountMissing { rows: lacking.len() as u64, first });
}

/// Rejects rows with money in another currency than the rest of the column.
fn foreign_rows(columns: &mut Columns<'_>) -> Vec<usize> {
    let mut foreign = Vec::new();
    let basis = columns.basis;
    for field in [Field::UnitPrice, Field::Total] {
        let cells = columns.layout.column(field).and_then(|column| columns.sheet.columns.get(column));
        for index in cells.map(|cells| currency::foreign(cells, columns.rows, basis)).unwrap_or_default() {
            columns.reject(index, field, Rule::OtherCurrency);
            foreign.push(index);
        }
    }
    // A currency column still says which currency the money is in if a person left it unused.
    let named = |header: &String| fields_named(header).iter().any(|(field, _)| *field == Field::Currency);
    let layout = columns.layout;
    let codes = layout.column(Field::Currency).or_else(|| layout.headers.iter().position(named));
    let cells = codes.and_then(|column| columns.sheet.columns.get(column));
    for index in cells.map(|cells| currency::foreign_codes(cells, columns.rows, basis)).unwrap_or_default() {
        if !foreign.contains(&index) {
            let field = if columns.layout.column(Field::Total).is_some() { Field::Total } else { Field::UnitPrice };
            columns.reject(index, field, Rule::OtherCurrency);
            foreign.push(index);
        }
    }
    foreign.sort_unstable();
    foreign
}

fn quantities(columns: &mut Columns<'_>, fallback: Mark) -> Int64Chunked {
    let rows = columns.rows.len();
    if columns.layout.column(Field::Quantity).is_none() {
        columns.remarks.push(Remark::QuantityAssumed);
        columns.did_to_all(Field::Quantity, Change::Assumed);
        return Int64Chunked::full(name(Field::Quantity), TenThousandths::SCALE, rows);
    }
    let quantity = columns.numbers(Field::Quantity, QUANTITY, fallback, |_| Unreadable::RejectRow);
    for (index, value) in quantity.iter().enumerate() {
        match value {
            Some(0) => columns.reject(index, Field::Quantity, Rule::Zero),
            None if !columns.has_problem(index, Field::Quantity) => {
                columns.reject(index, Field::Quantity, Rule::Missing);
            }
            _ => {}
        }
    }
    quantity
}

fn has_money_problem(columns: &Columns<'_>, index: usize) -> bool {
    [Field::Quantity, Field::UnitPrice, Field::Total, Field::Discount]
        .into_iter()
        .any(|field| columns.has_problem(index, field))
}
