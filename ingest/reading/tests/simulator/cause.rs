//! The likely cause of wrong money: the column or the rule that would give the same wrong sum.

use crate::judge::Found;
use crate::plan::{Grain, Plan};
use crate::truth::{Line, Order, State, rounded};

/// The first mistake that explains the money of an order.
pub fn of(plan: &Plan, found: &Found<'_>) -> String {
    let (order, got) = (found.order, found.amount);
    let lines = if plan.grain == Grain::Order { 1 } else { i64::try_from(order.lines.len()).unwrap() };
    let near = |value: i64| (value - got).abs() <= lines;
    if !order.is_sold() && got != 0 {
        let state = if order.state == State::Cancelled { "cancelled" } else { "refunded" };
        return match got < 0 {
            true => format!("a {state} order comes off although it was not counted"),
            false if found.lines < order.lines.len() => format!("a {state} order's other lines were sold"),
            false => format!("a {state} order was sold"),
        };
    }
    if order.refund > 0 && near(order.goods()) {
        return "a partial refund is ignored".to_owned();
    }
    if order.refund > 0 && near(order.goods() - 2 * order.refund) {
        return "a partial refund comes off twice".to_owned();
    }
    for (name, value) in mistakes(order, lines) {
        if near(value) {
            return name.to_owned();
        }
    }
    if order.refund > 0 {
        for (name, value) in mistakes(order, lines) {
            if near(value - order.refund) {
                return format!("{name}, less the refund");
            }
        }
    }
    for factor in [10, 100, 1000] {
        if near(order.amount() * factor) || (got * factor - order.amount()).abs() < factor {
            return format!("the decimal mark: {factor} times as much or as little");
        }
    }
    if found.lines < order.lines.len() && plan.grain == Grain::Line {
        "unexplained, lines are missing"
    } else {
        "unexplained"
    }
    .to_owned()
}

/// The sums that a reader gets by taking another column, or one too many.
fn mistakes(order: &Order, lines: i64) -> Vec<(&'static str, i64)> {
    let sum = |value: &dyn Fn(&Line) -> i64| -> i64 { order.lines.iter().map(value).sum() };
    let pieces = |line: &Line, value: i64| rounded(line.thousandths * value, 1000);
    let first = order.lines.first();
    let others = |value: &dyn Fn(&Line) -> i64| -> i64 { order.lines.iter().skip(1).map(value).sum() };
    let gross = sum(&Line::gross);
    let returned = order.returned.map_or(0, |(line, _)| order.lines[line].net());
    vec![
        ("zero", 0),
        ("the order's discount is ignored", order.subtotal()),
        ("the line's discount is ignored", gross - order.discount),
        ("all discounts are ignored", gross),
        ("freight is inside", order.total()),
        ("freight is inside and the order's discount is ignored", order.subtotal() + order.freight),
        ("a return is ignored", order.goods()),
        ("a return is added", order.goods() + returned),
        ("the payout", order.total() - order.fee),
        ("the fee comes off the goods", order.goods() - order.fee),
        ("the price without the quantity", sum(&|line| line.price)),
        ("the price without the quantity, less discounts", sum(&|line| line.price - line.discount) - order.discount),
        ("the total was multiplied by the quantity", sum(&|line| pieces(line, line.net()))),
        ("the gross amount was multiplied by the quantity", sum(&|line| pieces(line, line.gross()))),
        (
            "the gross amount was multiplied by the quantity, less discounts",
            sum(&|line| pieces(line, line.gross()) - line.discount),
        ),
        ("the line's discount comes off twice", sum(&|line| line.net() - line.discount) - order.discount),
        (
            "the line's discount was multiplied by the quantity",
            sum(&|line| line.gross() - pieces(line, line.discount)) - order.discount,
        ),
        ("the order's discount comes off twice", order.subtotal() - 2 * order.discount),
        ("the order's discount comes off each line", order.subtotal() - lines * order.discount),
        ("the order's discount comes off each line, too, of gross amounts", gross - lines * order.discount),
        ("the order's total on each line", lines * order.total()),
        ("the order's goods on each line", lines * order.goods()),
        ("the order's subtotal on each line", lines * order.subtotal()),
        ("the payout on each line", lines * (order.total() - order.fee)),
        ("the order's total for its first line", order.total() + others(&Line::gross)),
        ("the order's goods for its first line", order.goods() + others(&Line::gross)),
        ("the order's subtotal for its first line", order.subtotal() + others(&Line::gross)),
        ("the order's money for its first line, less discounts of the others", order.subtotal() + others(&Line::net)),
        ("only the first line", first.map_or(0, Line::net)),
        ("percent taken for money", sum(&|line| line.gross() - 100 * line.percent)),
        (
            "percent taken for a fraction of a hundred",
            sum(&|line| line.gross() - rounded(line.gross() * line.percent, 10_000)),
        ),
        ("the discount for the total", sum(&|line| line.discount)),
        ("a fraction taken for money", sum(&|line| line.gross() - line.percent)),
        ("freight comes off", order.goods() - order.freight),
        ("tax on top is inside", sum(&|line| line.net() + rounded(line.net(), 20))),
        ("the profit", sum(&|line| rounded(line.net() * 45, 100))),
    ]
}
