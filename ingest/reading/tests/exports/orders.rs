//! Random orders.

use crate::chance::Chance;
use crate::files::Export;

/// What became of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Paid,
    Unpaid,
    Cancelled,
    Refunded,
}

/// A line of an order. Money is in cents.
#[derive(Debug)]
pub struct Line {
    pub product: &'static str,
    pub sku: usize,
    pub quantity: i64,
    pub price: i64,
    /// The discount of this line.
    pub off: i64,
}

impl Line {
    pub fn gross(&self) -> i64 {
        self.quantity * self.price
    }

    pub fn net(&self) -> i64 {
        self.gross() - self.off
    }
}

/// An order.
#[derive(Debug)]
pub struct Order {
    pub number: usize,
    pub day: usize,
    pub lines: Vec<Line>,
    /// The discount of the order.
    pub off: i64,
    pub freight: i64,
    /// The goods that were returned, in money.
    pub returned: i64,
    pub state: State,
}

impl Order {
    pub fn draw(number: usize, export: &Export, chance: &mut Chance) -> Self {
        const GOODS: [(&str, i64); 5] =
            [("Caneca azul", 1990), ("Camiseta M", 4990), ("Livro", 3205), ("Chá verde", 499), ("Cabo", 1250)];
        let has = export.has;
        let count = if has.several_lines { 1 + chance.below(3) } else { 1 };
        let first = chance.below(GOODS.len());
        let lines: Vec<Line> = (0..count)
            .map(|line| {
                let sku = (first + line) % GOODS.len();
                let (product, price) = GOODS[sku];
                let quantity = if has.quantities { chance.between(1, 4) } else { 1 };
                let off = if has.line_discounts && chance.percent(30) { chance.between(1, price / 2) } else { 0 };
                Line { product, sku, quantity, price, off }
            })
            .collect();
        let goods: i64 = lines.iter().map(Line::net).sum();
        let off = if has.order_discounts && chance.percent(40) { chance.between(1, goods / 3) } else { 0 };
        let state = match chance.below(10) {
            0 if has.cancelled => State::Cancelled,
            1 if has.refunded => State::Refunded,
            2 if has.unpaid => State::Unpaid,
            _ => State::Paid,
        };
        let returned = match state {
            State::Refunded => goods - off,
            State::Paid if has.partial_refunds && chance.percent(20) => chance.between(1, (goods - off) / 2),
            _ => 0,
        };
        let freight = if has.freight && chance.percent(60) { chance.between(500, 3000) } else { 0 };
        Self { number: 1001 + number, day: 1 + chance.below(28), lines, off, freight, returned, state }
    }

    pub fn is_sold(&self) -> bool {
        matches!(self.state, State::Paid | State::Unpaid)
    }

    /// The lines less their discounts.
    pub fn lines_net(&self) -> i64 {
        self.lines.iter().map(Line::net).sum()
    }

    /// The goods less all discounts.
    pub fn goods(&self) -> i64 {
        self.lines_net() - self.off
    }

    /// The money of the sale.
    pub fn amount(&self) -> i64 {
        if self.is_sold() { self.goods() - self.returned } else { 0 }
    }
}
