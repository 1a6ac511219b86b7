//! Settles orders as a unit: the values that stand once hold for all lines, the discount of the order is spread over its
//! lines so that the cents add up, and money that was returned comes off.

use caudal_contract::field::Field;
use caudal_contract::money::Cents;
use caudal_contract::notice::{Change, DiscountReading, Remark};
use caudal_contract::text::folded;
use polars::prelude::{BooleanChunked, Int64Chunked, NewChunkedArray};

use super::amounts::Amounts;
use super::cancelled::is_unpaid;
use super::columns::{Columns, name};
use super::text_column::TextColumn;
use super::{discount, ditto};
use crate::layout::Layout;
use crate::layout::orders::{is_blank, names_delivery, names_status, of_order};
use crate::sheet::{Kind, Sheet};
use crate::value::number::{MONEY, Mark, PRICE};

/// The places of the rows of each order. Empty if no column belongs to whole orders.
///
/// The blank cells of the sheet as it was written say which rows belong together, so none may be filled.
pub(super) fn of(as_written: &Sheet, layout: &Layout, rows: &[usize]) -> Vec<Vec<usize>> {
    if layout.orders.is_empty() {
        return Vec::new();
    }
    layout.orders_in(as_written, rows)
}

/// The sheet with the texts and days of first lines on the other lines of their orders. `None` if no cell is filled.
pub(super) fn fill(sheet: &Sheet, layout: &Layout, rows: &[usize], orders: &[Vec<usize>]) -> Option<(Sheet, Remark)> {
    let shared = &layout.orders.shared;
    if shared.is_empty() {
        return None;
    }
    let mut below: Vec<(usize, usize)> = Vec::new();
    for order in orders.iter().filter(|order| order.len() > 1) {
        let of_order: Vec<usize> = order.iter().filter_map(|place| rows.get(*place).copied()).collect();
        if let Some((first, others)) = of_order.split_first() {
            below.extend(others.iter().map(|row| (*row, *first)));
        }
    }
    below.sort_unstable();
    let lacks = |column: &&usize| {
        let cells = sheet.columns.get(**column);
        cells.is_some_and(|cells| below.iter().any(|(row, first)| is_blank(cells, *row) && !is_blank(cells, *first)))
    };
    let lacking: Vec<usize> = shared.iter().filter(lacks).copied().collect();
    if lacking.is_empty() {
        return None;
    }
    let headers = lacking.iter().filter_map(|column| layout.headers.get(*column).cloned()).collect();
    let remark = Remark::OrderValuesShared { columns: headers, rows: below.len() as u64 };
    Some((ditto::with_filled(sheet, &lacking, &below), remark))
}

/// Spreads the discounts of orders over their lines and takes refunds off. Returns the rows whose money was returned as
/// a whole.
pub(super) fn settle(
    columns: &mut Columns<'_>,
    amounts: &mut Amounts,
    orders: &[Vec<usize>],
    fallback: Mark,
) -> Vec<usize> {
    let layout = columns.layout;
    if layout.orders.discount.is_none() && layout.orders.refund.is_none() && layout.on_top.is_empty() {
        return Vec::new();
    }
    let mut totals: Vec<Option<i64>> = amounts.total.iter().collect();
    let mut discounts: Vec<Option<i64>> = amounts.discount.iter().collect();
    take_amounts_on_top_off(columns, fallback, &mut totals);
    take_discounts_off(columns, orders, fallback, &mut totals, &mut discounts);
    let returned = take_refunds_off(columns, orders, fallback, &mut totals);
    amounts.total = Int64Chunked::from_slice_options(name(Field::Total), &totals);
    amounts.discount = Int64Chunked::from_slice_options(name(Field::Discount), &discounts);
    returned
}

/// Turns the quantities and totals of returns and credits below zero, if they are above.
pub(super) fn take_back(columns: &mut Columns<'_>, amounts: &mut Amounts) {
    let returns = columns.layout.returns.clone();
    let mut totals: Vec<Option<i64>> = amounts.total.iter().collect();
    let mut quantities: Vec<Option<i64>> = amounts.quantity.iter().collect();
    let kinds = returns.kinds.as_ref().and_then(|(column, kinds)| Some((columns.sheet.columns.get(*column)?, kinds)));
    let is_return = |row: usize| {
        kinds.is_some_and(|(cells, kinds)| cells.shown(row).is_some_and(|kind| kinds.contains(&folded(kind.trim()))))
    };
    let by_kind: Vec<bool> = columns.rows.iter().map(|row| is_return(*row)).collect();
    let (mut rows, mut amount) = (0, 0);
    for (index, (total, quantity)) in totals.iter_mut().zip(&mut quantities).enumerate() {
        let by_kind = by_kind.get(index) == Some(&true);
        let by_quantity = returns.by_quantity && quantity.is_some_and(|quantity| quantity < 0);
        let Some(money) = total.filter(|total| *total > 0 && (by_kind || by_quantity)) else { continue };
        *total = Some(-money);
        *quantity = quantity.map(|quantity| -quantity.abs());
        rows += 1;
        amount += money;
        columns.did(index, Field::Total, Some(Change::TakesSaleBack));
    }
    if rows > 0 {
        let column = returns.kinds.map_or_else(|| columns.layout.column(Field::Quantity), |(column, _)| Some(column));
        let column = column.and_then(|column| columns.layout.headers.get(column)).cloned().unwrap_or_default();
        columns.remarks.push(Remark::ReturnsTakenOff { column, rows, amount: Cents(amount) });
        amounts.total = Int64Chunked::from_slice_options(name(Field::Total), &totals);
        amounts.quantity = Int64Chunked::from_slice_options(name(Field::Quantity), &quantities);
    }
}

/// Takes freight and the like off a total that holds them.
fn take_amounts_on_top_off(columns: &mut Columns<'_>, fallback: Mark, totals: &mut [Option<i64>]) {
    if columns.layout.on_top.is_empty() {
        return;
    }
    let on_top = columns.layout.on_top.clone();
    let amounts: Vec<Vec<Option<i64>>> =
        on_top.iter().map(|column| columns.amounts_in(*column, MONEY, fallback).0).collect();
    let (mut rows, mut sum) = (0, 0);
    for (index, total) in totals.iter_mut().enumerate() {
        let top: i64 = amounts.iter().filter_map(|amounts| amounts.get(index).copied().flatten()).sum();
        let Some(goods) = total.filter(|total| *total != 0 && top != 0).map(|total| total - top) else { continue };
        *total = Some(goods);
        rows += 1;
        sum += top;
        columns.did(index, Field::Total, Some(Change::FreightTakenOff));
    }
    if rows > 0 {
        let header = |column: &usize| columns.layout.headers.get(*column).cloned().unwrap_or_default();
        let total = columns.layout.header(Field::Total).unwrap_or_default().to_owned();
        let on_top = on_top.iter().map(header).collect();
        columns.remarks.push(Remark::FreightTakenOff { total, on_top, rows, amount: Cents(sum) });
    }
}

fn take_discounts_off(
    columns: &mut Columns<'_>,
    orders: &[Vec<usize>],
    fallback: Mark,
    totals: &mut [Option<i64>],
    discounts: &mut [Option<i64>],
) {
    let Some(of_orders) = columns.layout.orders.discount.clone() else { return };
    if of_orders.reading == DiscountReading::Included {
        return;
    }
    let (raw, unreadable) = columns.amounts_in(of_orders.column, PRICE, fallback);
    for index in unreadable {
        columns.reject(index, Field::Discount, caudal_contract::notice::Rule::NotANumber);
    }
    let control = of_orders.control.as_ref().map(|(total, on_top)| {
        let mut read = |column: &usize| columns.amounts_in(*column, MONEY, fallback).0;
        (read(total), on_top.iter().map(&mut read).collect::<Vec<_>>())
    });
    let (mut spread, mut amount) = (0, 0);
    let single: Vec<Vec<usize>>;
    let is_shared_out = columns.layout.known.as_ref().is_some_and(|known| known.discount_is_shared_out);
    let units = if is_shared_out {
        single = (0..totals.len()).map(|place| vec![place]).collect();
        &single
    } else {
        orders
    };
    for order in units {
        let Some(raw) = of_order(order, &raw).filter(|raw| *raw != 0).map(i64::abs) else { continue };
        let lines: Vec<(usize, i64)> =
            order.iter().filter_map(|place| Some((*place, totals.get(*place).copied().flatten()?))).collect();
        let sum: i64 = lines.iter().map(|(_, line)| *line).sum();
        let off = discount::in_cents(of_orders.reading, raw, Some(i128::from(sum))).unwrap_or(0);
        let off = off.min(sum);
        // The total of this order may say that its discount was of something else, such as its freight.
        let is_left_on = control.as_ref().is_some_and(|(total, on_top)| {
            let top: i64 = on_top.iter().filter_map(|amounts| of_order(order, amounts)).sum();
            let rounding = i64::try_from(order.len()).unwrap_or(1);
            of_order(order, total).is_some_and(|total| {
                let goods = total - top;
                (goods - sum).abs() <= rounding && (goods - (sum - off)).abs() > rounding
            })
        });
        if off <= 0 || is_left_on {
            continue;
        }
        spread += 1;
        amount += off;
        for ((place, line), share) in lines.iter().zip(shares(off, &lines)) {
            if let Some(total) = totals.get_mut(*place) {
                *total = Some(line - share);
            }
            if let Some(discount) = discounts.get_mut(*place) {
                *discount = Some(discount.unwrap_or(0) + share);
            }
            columns.did(*place, Field::Discount, Some(Change::ShareOfOrder));
        }
    }
    let column = columns.layout.headers.get(of_orders.column).cloned().unwrap_or_default();
    if spread > 0 {
        let amount = Cents(amount);
        columns.remarks.push(Remark::OrderDiscountSpread { column, orders: spread, amount, proofs: of_orders.proofs });
    }
}

fn take_refunds_off(
    columns: &mut Columns<'_>,
    orders: &[Vec<usize>],
    fallback: Mark,
    totals: &mut [Option<i64>],
) -> Vec<usize> {
    let Some(refund) = columns.layout.orders.refund else { return Vec::new() };
    let (refunds, _) = columns.amounts_in(refund.column, MONEY, fallback);
    let (mut returned, mut partly, mut amount) = (Vec::new(), 0, 0);
    let single: Vec<Vec<usize>>;
    let units = if refund.of_order {
        orders
    } else {
        single = (0..totals.len()).map(|place| vec![place]).collect();
        &single
    };
    for unit in units {
        let Some(back) = of_order(unit, &refunds).filter(|back| *back != 0).map(i64::abs) else { continue };
        let lines: Vec<(usize, i64)> =
            unit.iter().filter_map(|place| Some((*place, totals.get(*place).copied().flatten()?))).collect();
        let sum: i64 = lines.iter().map(|(_, line)| *line).sum();
        // A refund may hold freight and taxes too, so it takes at most the goods away.
        if back >= sum {
            returned.extend(unit.iter().copied());
            continue;
        }
        partly += 1;
        amount += back;
        for ((place, line), share) in lines.iter().zip(shares(back, &lines)) {
            if let Some(total) = totals.get_mut(*place) {
                *total = Some(line - share);
            }
            columns.did(*place, Field::Total, Some(Change::RefundTakenOff));
        }
    }
    if partly > 0 {
        let column = columns.layout.headers.get(refund.column).cloned().unwrap_or_default();
        columns.remarks.push(Remark::RefundsTakenOff { column, orders: partly, amount: Cents(amount) });
    }
    returned
}

/// The share of each line in an amount, in proportion to the money of the lines. The largest remainders get the cents
/// that are left, so that the shares add up.
fn shares(amount: i64, lines: &[(usize, i64)]) -> Vec<i64> {
    let sum: i128 = lines.iter().map(|(_, line)| i128::from(*line)).sum();
    if sum == 0 {
        return lines.iter().enumerate().map(|(index, _)| if index == 0 { amount } else { 0 }).collect();
    }
    let exact = |line: i64| i128::from(amount) * i128::from(line);
    let mut shares: Vec<i64> =
        lines.iter().map(|(_, line)| i64::try_from(exact(*line).div_euclid(sum)).unwrap_or(0)).collect();
    let left = amount - shares.iter().sum::<i64>();
    let mut by_remainder: Vec<usize> = (0..lines.len()).collect();
    let remainder = |index: usize| lines.get(index).map_or(0, |(_, line)| exact(*line).rem_euclid(sum));
    by_remainder.sort_by_key(|index| (std::cmp::Reverse(remainder(*index)), *index));
    for index in by_remainder.into_iter().take(usize::try_from(left).unwrap_or(0)) {
        if let Some(share) = shares.get_mut(index) {
            *share += 1;
        }
    }
    shares
}

/// The amounts of a field beside the total. An amount of the order that stands again on each line is spread.
pub(super) fn beside(field: Field, amounts: Int64Chunked, layout: &Layout, orders: &[Vec<usize>]) -> Int64Chunked {
    if !layout.orders.beside.contains(&field) {
        return amounts;
    }
    let mut values: Vec<Option<i64>> = amounts.iter().collect();
    for order in orders.iter().filter(|order| order.len() > 1) {
        let Some(whole) = of_order(order, &values) else { continue };
        let is_repeated = order.iter().all(|place| values.get(*place).copied().flatten() == Some(whole));
        if !is_repeated {
            continue;
        }
        let lines: Vec<(usize, i64)> = order.iter().map(|place| (*place, 1)).collect();
        for ((place, _), share) in lines.iter().zip(shares(whole, &lines)) {
            if let Some(value) = values.get_mut(*place) {
                *value = Some(share);
            }
        }
    }
    Int64Chunked::from_slice_options(name(field), &values)
}

/// Flags the rows whose status says that the payment is still awaited.
pub(super) fn unpaid(columns: &Columns<'_>, status: Option<&TextColumn>) -> Vec<bool> {
    let mut unpaid = match status.filter(|_| !columns.layout.header(Field::Status).is_some_and(names_delivery)) {
        Some(status) => status.flags(is_unpaid),
        None => vec![false; columns.rows.len()],
    };
    if columns.layout.header_row.is_none() {
        return unpaid;
    }
    for (place, header) in columns.layout.headers.iter().enumerate() {
        let is_free = columns.layout.columns.iter().all(|(_, column)| *column != place);
        let Some(cells) = columns.sheet.columns.get(place).filter(|_| is_free && names_status(header)) else {
            continue;
        };
        for (index, row) in columns.rows.iter().enumerate() {
            let says = cells.kind(*row) == Kind::Text && cells.text(*row).is_some_and(is_unpaid);
            if let Some(flag) = unpaid.get_mut(index) {
                *flag |= says;
            }
        }
    }
    unpaid
}

/// Reports the sales that are kept although their payment is still awaited.
pub(super) fn note_unpaid(
    columns: &mut Columns<'_>,
    unpaid: &[bool],
    accepted: &BooleanChunked,
    totals: &Int64Chunked,
) {
    let kept = unpaid.iter().enumerate().filter(|(index, unpaid)| **unpaid && accepted.get(*index) == Some(true));
    let (mut rows, mut amount) = (0, 0);
    for (index, _) in kept {
        rows += 1;
        amount += totals.get(index).unwrap_or(0);
    }
    if rows > 0 {
        columns.remarks.push(Remark::UnpaidRows { rows, amount: Cents(amount) });
    }
}

#[cfg(test)]
mod tests {
    use caudal_contract::notice::LayoutProblem;
    use proptest::prelude::*;

    use super::*;
    use crate::batch::{Batch, BatchError};
    use crate::value::{Basis, Conventions};

    fn batch(text: &str) -> Result<Batch, BatchError> {
        let contents = crate::sheet::read(text.as_bytes(), "x.csv").unwrap();
        let conventions = Conventions {
            zone: chrono_tz::America::Sao_Paulo,
            basis: Basis::Column,
            mark: Mark::Comma,
            day_first: true,
            arrived: chrono::DateTime::from_timestamp(1_795_000_000, 0).unwrap(),
        };
        Batch::of_file(&contents, &conventions, &[])
    }

    /// The cents of each row that is stored.
    fn sold(text: &str) -> Vec<i64> {
        let batch = batch(text).unwrap_or_else(|problem| panic!("{problem:?}"));
        let total = |sheet: &crate::batch::CleanSheet| {
            sheet.sales.column("total").unwrap().i64().unwrap().into_no_null_iter().collect::<Vec<_>>()
        };
        batch.sheets.iter().flat_map(total).collect()
    }

    fn asked(text: &str) -> LayoutProblem {
        match batch(text) {
            Err(BatchError::NeedsLayout(problem)) => problem,
            Ok(batch) => panic!("imported: {:?}", batch.remarks),
            Err(other) => panic!("{other:?}"),
        }
    }

    /// Lines whose orders have a total on each line, with discounts and freight between.
    const REPEATED: &str = "Pedido;Data;Produto;Qtd;Preço;DISCOUNT;Frete;Total do pedido\n\
        1;01/03/2026;A;1;10,00;3,00;7,00;34,00\n1;01/03/2026;B;2;10,00;3,00;7,00;34,00\n\
        2;02/03/2026;A;1;10,00;0,00;9,00;39,00\n2;02/03/2026;C;4;5,00;0,00;9,00;39,00\n\
        3;03/03/2026;B;3;10,00;1,00;7,00;36,00\n4;04/03/2026;A;1;10,00;2,00;0,00;18,00\n4;04/03/2026;B;1;10,00;2,00;0,00;18,00\n";

    #[test]
    fn the_discount_of_an_order_comes_off_once_and_is_spread_over_its_lines() {
        let cents = [900, 1800, 1000, 2000, 2900, 900, 900];
        for name in ["Desconto do pedido", "Desconto", "Cupom do vendedor"] {
            assert_eq!(sold(&REPEATED.replace("DISCOUNT", name)), cents, "{name}");
        }
        let first: String =
            "Pedido;Data;Produto;Qtd;Preço;Desconto;Status\n1;01/03/2026;A;1;10,00;1,00;Pago\n1;;B;1;10,00;;\n\
            1;;C;1;10,00;;\n2;02/03/2026;A;1;10,00;0,00;Pago\n2;;B;1;10,00;;\n"
                .to_owned();
        assert_eq!(sold(&first), [966, 967, 967, 1000, 1000], "the cents add up");
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// A total line that belongs to no order must not make two lines of the order above it.
        #[test]
        fn a_discount_that_is_off_its_total_already_never_comes_off_again(
            lines in proptest::collection::vec((1_i64..9, 1_00_i64..99_00, 0_i64..4), 1..12),
            header in proptest::sample::select(vec!["Desconto", "Abatimento", "Desc.", "Desconto do pedido"]),
            label in proptest::sample::select(vec!["Vendas do dia", "Total", "Fechamento de caixa", "Movimento"]),
            has_sum in any::<bool>(),
        ) {
            let money = |cents: i64| format!("{},{:02}", cents / 100, cents % 100);
            let mut text = format!("Data;Pedido;Cliente;Produto;Qtd;Preço;{header};Total\n");
            let mut totals = Vec::new();
            for (index, (quantity, price, tenths)) in lines.iter().enumerate() {
                let (gross, day) = (quantity * price, index + 1);
                let off = gross * tenths / 10;
                let (price, discount, total) = (money(*price), money(off), money(gross - off));
                text += &format!("{day:02}/03/2026;{day};C{index};P{index};{quantity};{price};{discount};{total}\n");
                totals.push(gross - off);
            }
            if has_sum {
                text += &format!(";;;{label};;;;{}\n", money(totals.iter().sum()));
            }
            match batch(&text) {
                Ok(_) => prop_assert_eq!(sold(&text), totals, "{}", text),
                Err(BatchError::NeedsLayout(_)) => {}
                Err(other) => prop_assert!(false, "{other:?}: {text}"),
            }
        }
    }

    #[test]
    fn an_order_whose_total_nothing_explains_is_asked_about() {
        let off = REPEATED.replace("DISCOUNT;", "").replace(";3,00;7", ";7").replace(";0,00;9", ";9");
        let off = off.replace(";1,00;7,00;36", ";7,00;37").replace(";2,00;0,00;18", ";0,00;20");
        let problem = LayoutProblem::OrderTotalDiffers { column: "Total do pedido".into(), orders: 1, of: 4 };
        assert_eq!(asked(&off), problem);
    }

    #[test]
    fn a_state_on_the_first_line_is_that_of_the_order() {
        let text = |state: &str| {
            format!(
                "Order;Date;Customer;Product;Total;Status\n1;2026-03-01;Ana;A;10.00;{state}\n1;;;B;5.00;\n\
                2;2026-03-02;Bia;A;10.00;paid\n2;;;B;5.00;\n"
            )
        };
        for state in
            ["wc-refunded", "Canc. pelo cliente", "Pagamento estornado", "voided", "Venda devolvida", "Devuelto"]
        {
            assert_eq!(sold(&text(state)), [1000, 500], "{state}");
        }
        assert_eq!(sold(&text("refund requested")).len(), 4);
        let batch = batch(&text("Aguardando pagamento")).unwrap();
        assert!(batch.remarks.contains(&Remark::UnpaidRows { rows: 2, amount: Cents(1500) }), "{:?}", batch.remarks);
        assert!(matches!(asked(&text("partially_refunded")), LayoutProblem::PartialRefund { .. }));
    }

    #[test]
    fn money_that_was_returned_comes_off() {
        let header = "Pedido;Data;Produto;Qtd;Preço;Valor estornado\n";
        let first = "1;01/03/2026;A;1;10,00;6,00\n1;;B;1;20,00;\n2;02/03/2026;A;1;10,00;30,00\n2;;B;1;20,00;\n3;03/03/2026;A;1;10,00;0,00\n";
        assert_eq!(sold(&format!("{header}{first}")), [800, 1600, 1000], "in part and as a whole");
        let more = format!("{header}{}", first.replace("30,00", "55,00"));
        assert_eq!(asked(&more), LayoutProblem::RefundUnclear { column: "Valor estornado".to_owned() });
    }

    #[test]
    fn freight_inside_the_total_of_an_order_comes_off() {
        let orders = |header: &str| {
            format!(
                "{header}\n1;01/03/2026;Ana;7,00;37,00\n2;02/03/2026;Bia;0,00;20,00\n3;03/03/2026;Eva;12,00;22,00\n"
            )
        };
        assert_eq!(sold(&orders("Pedido;Data;Cliente;Frete;Total do pedido")), [3000, 2000, 1000]);
        assert_eq!(sold(&orders("Order;Date;Customer;Shipping;Order Total")), [3000, 2000, 1000]);
        assert_eq!(sold(&orders("Pedido;Data;Cliente;Frete;Total dos produtos")), [3700, 2000, 2200]);
        let problem = LayoutProblem::TotalMayHoldFreight { total: "Valor".into(), freight: "Frete".into() };
        assert_eq!(asked(&orders("Pedido;Data;Cliente;Frete;Valor")), problem);
        let hidden = "Pedido;Data;Subtotal;Frete;Total\n1;01/03/2026;30,00;7,00;37,00\n2;02/03/2026;20,00;5,00;22,00\n\
            3;03/03/2026;10,00;12,00;22,00\n4;04/03/2026;10,00;9,00;19,00\n";
        assert_eq!(sold(hidden), [3000, 1700, 1000, 1000], "a discount without a column is off the total");
    }

    #[test]
    fn a_subtotal_counts_without_the_discount_beside_it() {
        let orders =
            "Pedido;Data;Subtotal do pedido;Desconto do pedido\n1;01/03/2026;30,00;3,00\n2;02/03/2026;20,00;0,00\n";
        assert_eq!(sold(orders), [2700, 2000]);
        let lines = "Data;Produto;Qtd;Preço;Subtotal;Desconto\n01/03/2026;A;2;5,00;10,00;1,00\n02/03/2026;B;3;4,00;12,00;2,00\n\
            03/03/2026;A;4;5,00;20,00;\n";
        assert_eq!(sold(lines), [900, 1000, 2000]);
        let with_freight = "Pedido;Data;Subtotal do pedido;Desconto do pedido;Total do pedido\n1;01/03/2026;30,00;3,00;27,00\n\
            2;02/03/2026;20,00;0,00;29,90\n3;03/03/2026;40,00;5,00;49,90\n";
        assert_eq!(sold(with_freight), [2700, 2000, 3500], "what the total has more is freight");
    }

    #[test]
    fn the_total_after_a_hidden_discount_wins_against_the_gross_one() {
        let text = "Data;Produto;Qtd;Preço;Valor bruto;Total do item\n01/03/2026;A;2;5,00;10,00;9,00\n\
            02/03/2026;B;3;4,00;12,00;12,00\n03/03/2026;A;4;5,00;20,00;20,00\n04/03/2026;A;5;5,00;25,00;20,00\n";
        assert_eq!(sold(text), [900, 1200, 2000, 2000]);
    }

    proptest! {
        #[test]
        fn the_cents_of_the_shares_add_up(amount in 0_i64..1_000_000, lines in prop::collection::vec(0_i64..100_000, 1..9)) {
            let sum: i64 = lines.iter().sum();
            let amount = amount.min(sum);
            let lines: Vec<(usize, i64)> = lines.into_iter().enumerate().collect();
            let shares = shares(amount, &lines);
            prop_assert_eq!(shares.iter().sum::<i64>(), amount);
            for ((_, line), share) in lines.iter().zip(shares) {
                prop_assert!((0..=*line).contains(&share));
            }
        }
    }
}
