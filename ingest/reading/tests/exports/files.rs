//! The files of known exports, as their documentation describes them.

use crate::orders::{Line, Order, State};

/// What the orders of an export may have.
#[derive(Debug, Clone, Copy)]
pub struct Has {
    pub several_lines: bool,
    pub line_discounts: bool,
    pub order_discounts: bool,
    pub freight: bool,
    pub partial_refunds: bool,
    pub cancelled: bool,
    pub refunded: bool,
    pub unpaid: bool,
}

const ALL: Has = Has {
    several_lines: true,
    line_discounts: false,
    order_discounts: true,
    freight: true,
    partial_refunds: true,
    cancelled: true,
    refunded: true,
    unpaid: true,
};

/// An export.
#[derive(Debug)]
pub struct Export {
    /// The name in its file.
    pub name: &'static str,
    pub delimiter: char,
    pub has: Has,
    /// Whether it names products. Otherwise a row is an order.
    pub has_lines: bool,
    /// Whether the arithmetic of the file proves it.
    pub has_proof: bool,
    /// The number of an order as it is read.
    pub number: fn(&Order) -> String,
    pub file: fn(&[Order]) -> String,
}

fn number(order: &Order) -> String {
    order.number.to_string()
}

fn money(cents: i64) -> String {
    format!("{}{}.{:02}", if cents < 0 { "-" } else { "" }, cents.abs() / 100, cents.abs() % 100)
}

/// A file with a row for each line. A row gets its order, its line and the place of the line.
fn by_line(
    delimiter: char,
    headers: &[&str],
    row: impl Fn(&Order, &Line, usize) -> Vec<String>,
    orders: &[Order],
) -> String {
    let rows =
        orders.iter().flat_map(|order| order.lines.iter().enumerate().map(move |(place, line)| (order, line, place)));
    let mut text = headers.join(&delimiter.to_string()) + "\n";
    for (order, line, place) in rows {
        let cells = row(order, line, place);
        assert_eq!(cells.len(), headers.len(), "{headers:?} {cells:?}");
        text.push_str(&(cells.join(&delimiter.to_string()) + "\n"));
    }
    text
}

pub const EXPORTS: &[Export] = &[Export {
    name: "Amazon: order report",
    delimiter: '\t',
    has: Has { line_discounts: true, order_discounts: false, partial_refunds: false, refunded: false, ..ALL },
    has_lines: true,
    has_proof: false,
    number,
    file: |orders| {
        let headers = [
            "amazon-order-id",
            "purchase-date",
            "order-status",
            "sales-channel",
            "product-name",
            "sku",
            "quantity",
            "currency",
            "item-price",
            "item-tax",
            "shipping-price",
            "item-promotion-discount",
            "ship-promotion-discount",
            "ship-city",
        ];
        let status = |state| match state {
            State::Paid | State::Refunded => "Shipped",
            State::Unpaid => "Pending",
            State::Cancelled => "Cancelled",
        };
        let row = |order: &Order, line: &Line, place: usize| {
            let freight = if place == 0 { order.freight } else { 0 };
            let day = format!("2026-03-{:02}T15:04:21+00:00", order.day);
            vec![
                order.number.to_string(),
                day,
                status(order.state).to_owned(),
                "Amazon.com.br".to_owned(),
                line.product.to_owned(),
                format!("SKU-{}", line.sku),
                line.quantity.to_string(),
                "BRL".to_owned(),
                money(line.gross()),
                money(0),
                money(freight),
                money(line.off),
                money(0),
                "Campinas".to_owned(),
            ]
        };
        by_line('\t', &headers, row, orders)
    },
}];
