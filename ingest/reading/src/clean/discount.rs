//! Decides how a discount column counts: as money, as a part of the price, or not at all because it is already included
//! in the price.

use std::collections::HashMap;

use caudal_contract::field::Field;
use caudal_contract::money::TenThousandths;
use caudal_contract::notice::{DiscountReading, Remark};
use polars::prelude::Int64Chunked;

use super::columns::Columns;
use crate::sheet::Kind;
pub(super) use crate::value::amount::{gross, in_cents};
use crate::value::number;

/// Puts the parts of one among the percentages of a column into percent. A cell that shows "10%" holds a tenth, and beside
/// texts such as "10%" it means the same. Numbers above one beside such texts are percentages without their sign.
pub(super) fn as_shown(columns: &Columns<'_>, discount: Int64Chunked) -> Int64Chunked {
    let Some(cells) = columns.cells(Field::Discount).filter(|_| columns.layout.header_row.is_some()) else {
        return discount;
    };
    let is_percent = |row: usize| cells.text(row).is_some_and(|text| text.trim().ends_with('%'));
    let is_number = |row: usize| cells.kind(row) == Kind::Number;
    let (mut percents, mut numbers) = (Vec::new(), Vec::new());
    for (row, raw) in columns.rows.iter().zip(discount.iter()) {
        let raw = raw.unwrap_or(0).abs();
        if is_percent(*row) {
            percents.push(raw);
        } else if is_number(*row) {
            numbers.push(raw);
        }
    }
    // Discounts of less than one percent are rare. If the texts have some, a small number may be one too.
    let above_one = |raw: &i64| *raw > TenThousandths::SCALE;
    let are_parts = numbers.iter().any(|raw| *raw != 0)
        && !numbers.iter().any(above_one)
        && percents.iter().filter(|raw| **raw != 0).all(|raw| *raw >= TenThousandths::SCALE)
        && percents.iter().any(above_one);
    if !are_parts {
        return discount;
    }
    let shown = |(row, raw): (&usize, Option<i64>)| raw.map(|raw| if is_number(*row) { raw * 100 } else { raw });
    columns.rows.iter().zip(discount.iter()).map(shown).collect()
}

/// Decides how the discount counts. A percent sign decides. Otherwise the reading counts that makes quantity, price and
/// total agree most often. Otherwise a column with values above one is a percentage if its header has a percent sign,
/// and a column with all values below one is a fraction if they are not written like money.
pub(super) fn reading(
    columns: &mut Columns<'_>,
    quantity: &Int64Chunked,
    unit_price: &Int64Chunked,
    discount: &Int64Chunked,
    total: &Int64Chunked,
) -> DiscountReading {
    // A sheet may write a discount in three ways, but the API always means money.
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
        return unless_included(columns, unit_price, discount, DiscountReading::Percent, percent_signs);
    }
    let agreeing = |kind: DiscountReading| {
        (0..columns.rows.len())
            .filter(|index| {
                let (Some(raw @ 1..), Some(given)) = (discount.get(*index), total.get(*index)) else { return false };
                let gross = gross(quantity.get(*index), unit_price.get(*index));
                let off = in_cents(kind, raw, gross);
                gross.zip(off).is_some_and(|(gross, off)| is_near(given, gross - i128::from(off)))
            })
            .count()
    };
    // Money is last because the last of equal readings wins, and money is the usual one.
    let readings = [DiscountReading::Percent, DiscountReading::Fraction, DiscountReading::Money]
        .map(|kind| (agreeing(kind), kind));
    let (proofs, proven) = readings.into_iter().max_by_key(|(rows, _)| *rows).unwrap_or((0, DiscountReading::Money));
    if proofs > 0 {
        note(columns, proven, proofs);
        return proven;
    }
    let above_one = || discount.iter().flatten().any(|raw| raw > TenThousandths::SCALE);
    if columns.layout.header(Field::Discount).is_some_and(|header| header.contains('%')) && above_one() {
        return unless_included(columns, unit_price, discount, DiscountReading::Percent, 0);
    }
    let as_money = || cells.is_some_and(|cells| number::is_below_one_with_cents(cells, columns.rows));
    let below_one = discount.iter().flatten().all(|raw| (0..TenThousandths::SCALE).contains(&raw));
    let some = discount.iter().flatten().any(|raw| raw != 0);
    let kind = if below_one && some && !as_money() { DiscountReading::Fraction } else { DiscountReading::Money };
    if !some {
        return kind;
    }
    match kind {
        DiscountReading::Fraction => unless_included(columns, unit_price, discount, kind, 0),
        _ => {
            note(columns, kind, 0);
            kind
        }
    }
}

fn note(columns: &mut Columns<'_>, reading: DiscountReading, proofs: usize) {
    if let Some(column) = columns.layout.header(Field::Discount) {
        columns.remarks.push(Remark::DiscountRead { column: column.to_owned(), reading, proofs: proofs as u64 });
    }
}

/// Drops the signs of a column if all its discounts have a minus, because it means the same as a column without signs.
pub(super) fn without_signs(discount: Int64Chunked) -> Int64Chunked {
    let (negative, positive) = discount
        .iter()
        .flatten()
        .fold((false, false), |(negative, positive), raw| (negative || raw < 0, positive || raw > 0));
    if negative && !positive { discount.iter().map(|raw| raw.map(i64::abs)).collect() } else { discount }
}

/// The discount of each row if rows stand alone. On a sale, a minus only shows that the discount is subtracted, so it
/// is dropped. On a return, the discount reduces the refund, and its sign is kept.
pub(super) fn taken_off(discount: &Int64Chunked, quantity: &Int64Chunked, unit_price: &Int64Chunked) -> Int64Chunked {
    let is_sale = |index: usize| gross(quantity.get(index), unit_price.get(index)).is_none_or(|gross| gross >= 0);
    let signed = discount.iter().enumerate();
    signed.map(|(index, raw)| raw.map(|raw| if is_sale(index) { raw.abs() } else { raw })).collect()
}

/// This reading, unless there is no total to compare with and the prices show that the discount is already included.
fn unless_included(
    columns: &mut Columns<'_>,
    unit_price: &Int64Chunked,
    discount: &Int64Chunked,
    reading: DiscountReading,
    proofs: usize,
) -> DiscountReading {
    let column = columns.layout.header(Field::Discount).map(str::to_owned);
    if columns.layout.column(Field::Total).is_none()
        && let Some((lower, others)) = already_off(columns, unit_price, discount)
        && let Some(column) = column
    {
        columns.remarks.push(Remark::DiscountIncluded { column, lower, others });
        return DiscountReading::Included;
    }
    note(columns, reading, proofs);
    reading
}

/// Whether prices fall as discounts rise. Consecutive rows of one product with different discounts are compared. A list
/// price would not change, so the larger discount would have the lower price no more often than a coin shows heads. If
/// it happens more often by over three standard errors, it is not chance (the sign test).
fn already_off(columns: &Columns<'_>, unit_price: &Int64Chunked, discount: &Int64Chunked) -> Option<(u64, u64)> {
    let column = columns.layout.column(Field::Product).or_else(|| columns.layout.column(Field::Sku))?;
    let cells = columns.sheet.columns.get(column)?;
    let mut last: HashMap<&str, (i64, i64)> = HashMap::new();
    let (mut lower, mut others) = (0_u64, 0_u64);
    for (index, row) in columns.rows.iter().enumerate() {
        let (Some(product), Some(price), Some(off)) = (cells.text(*row), unit_price.get(index), discount.get(index))
        else {
            continue;
        };
        if let Some((other_price, other_off)) = last.insert(product, (price, off))
            && other_off != off
        {
            let is_lower = if off > other_off { price < other_price } else { other_price < price };
            *(if is_lower { &mut lower } else { &mut others }) += 1;
        }
    }
    let surplus = lower.checked_sub(others)?;
    (surplus * surplus > 9 * (lower + others)).then_some((lower, others))
}

/// Whether two amounts differ by at most a cent, or by at most half a thousandth because prices may have been rounded
/// before.
pub(super) fn is_near(given: i64, computed: i128) -> bool {
    let difference = (i128::from(given) - computed).abs();
    difference <= 1 || difference * 2_000 <= computed.abs()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::batch::Batch;
    use crate::sheet::{Contents, Kind, SheetBuilder};
    use crate::value::{Basis, Conventions, Mark};

    #[derive(Debug, Clone, Copy)]
    enum Cell {
        /// A number with the format of a percentage.
        Part,
        /// A text with a percent sign.
        Text,
        Blank,
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_percentage_is_the_same_in_a_cell_and_in_a_text(
            rows in proptest::collection::vec(
                (1_u32..9, 100_u32..9_999, 1_u32..100, prop::sample::select(vec![Cell::Part, Cell::Text, Cell::Blank])),
                4..20,
            ),
            negative in any::<bool>(),
        ) {
            let mut builder = SheetBuilder::default();
            for (column, header) in ["Data", "Produto", "Quantidade", "Preço unitário", "Desconto"].iter().enumerate() {
                builder.set_text(0, column, Kind::Text, header);
            }
            let (mut truth, mut texts, sign) = (0, 0, if negative { -1.0 } else { 1.0 });
            for (place, (quantity, cents, percent, cell)) in rows.iter().copied().enumerate() {
                let row = place + 1;
                builder.set_number(row, 0, Kind::DateTime, 46_000.0 + f64::from(u32::try_from(place).unwrap()));
                builder.set_text(row, 1, Kind::Text, &format!("Item {place}"));
                builder.set_number(row, 2, Kind::Number, f64::from(quantity));
                builder.set_number(row, 3, Kind::Number, f64::from(cents) / 100.0);
                let gross = i64::from(quantity * cents);
                let off = (gross * i64::from(percent) + 50) / 100;
                truth += gross;
                match cell {
                    Cell::Part => builder.set_number(row, 4, Kind::Number, sign * f64::from(percent) / 100.0),
                    Cell::Text => builder.set_text(row, 4, Kind::Text, &format!("{}%", sign * f64::from(percent))),
                    Cell::Blank => continue,
                }
                truth -= off;
                texts += u32::from(matches!(cell, Cell::Text) && percent > 1);
            }
            // Without such a text nothing shows that the column holds percentages.
            prop_assume!(texts > 0);
            let contents = Contents { sheets: vec![builder.finish("Vendas".into(), false, 0)], remarks: Vec::new() };
            let arrived = "2026-04-01T12:00:00Z".parse().unwrap();
            let zone = chrono_tz::America::Sao_Paulo;
            let conventions = Conventions { zone, basis: Basis::Column, mark: Mark::Comma, day_first: true, arrived };
            let batch = Batch::of_file(&contents, &conventions, &[]).unwrap();
            prop_assert_eq!(batch.accepted().unwrap().amount.0, truth, "{:?}", rows);
        }
    }
}
