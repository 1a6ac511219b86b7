//! A reader that is told the meaning of each column. It shows that a plain sheet holds the truth: nothing that it needs
//! was lost on the way into the cells.

use std::collections::BTreeMap;

use crate::column::What;
use crate::plan::{Grain, Plan};
use crate::rendering::Rendering;
use crate::truth::{State, Truth, rounded};
use crate::words;
use crate::writing::Cell;

/// The money of each order that is sold, as the cells say, in cents. The key is the order's index.
pub fn read(rendering: &Rendering, plan: &Plan, truth: &Truth) -> BTreeMap<usize, i64> {
    let mut orders: BTreeMap<usize, Vec<Values<'_>>> = BTreeMap::new();
    for placed in &rendering.placed {
        let cells = &rendering.grids[placed.sheet].rows[placed.row];
        orders.entry(placed.order).or_default().push(Values { cells: &cells[plan.empty_columns..], plan });
    }
    orders.retain(|index, _| !truth.orders[*index].is_foreign);
    orders.into_iter().map(|(order, rows)| (order, amount(plan, &rows))).collect()
}

/// The cells of a row.
struct Values<'a> {
    cells: &'a [Cell],
    plan: &'a Plan,
}

impl Values<'_> {
    fn cell(&self, what: What) -> Option<&Cell> {
        let index = self.plan.columns.iter().position(|column| column.what == what)?;
        self.cells.get(index).filter(|cell| **cell != Cell::Blank)
    }

    fn text(&self, what: What) -> Option<&str> {
        match self.cell(what)? {
            Cell::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A number in thousandths.
    fn number(&self, what: What) -> Option<i64> {
        match self.cell(what)? {
            Cell::Number(number, _) => Some(thousandths(&format!("{number:.3}"), '.')),
            Cell::Text(text) => Some(thousandths(text, self.plan.marks.decimal)),
            Cell::Blank | Cell::Moment(..) => None,
        }
    }

    fn cents(&self, what: What) -> Option<i64> {
        self.number(what).map(|number| number / 10)
    }
}

fn thousandths(text: &str, decimal: char) -> i64 {
    let sign = if text.contains(['-', '(']) { -1 } else { 1 };
    let (whole, rest) = text.rsplit_once(decimal).unwrap_or((text, ""));
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let rest = format!("{:0<3}", digits(rest));
    sign * format!("{}{rest}", digits(whole)).parse::<i64>().unwrap()
}

fn amount(plan: &Plan, rows: &[Values<'_>]) -> i64 {
    let Some(first) = rows.first() else { return 0 };
    let says = |state: State| {
        let word = first.text(What::Status);
        let known = plan.known.map(|known| known.state(state));
        word.is_some_and(|word| match known {
            Some(known) => known == word,
            None => words::states(state, plan.language).contains(&word),
        })
    };
    if first.cell(What::CancelledAt).is_some() || says(State::Cancelled) || says(State::Refunded) {
        return 0;
    }
    let refund = first.cents(What::Refund).unwrap_or(0).abs();
    let of_order = |what| first.cents(what);
    if plan.grain == Grain::Order {
        let goods = of_order(What::OrderGoods)
            .or_else(|| Some(of_order(What::OrderSubtotal)? - of_order(What::OrderDiscount).unwrap_or(0)))
            .or_else(|| Some(of_order(What::OrderTotal)? - of_order(What::Freight).unwrap_or(0)));
        let goods = goods.or_else(|| Some(first.cents(What::Net)? + first.cents(What::SecondNet).unwrap_or(0)));
        return goods.unwrap() - refund;
    }
    let discount = if plan.has(What::Share) { 0 } else { of_order(What::OrderDiscount).unwrap_or(0) };
    rows.iter().map(line).sum::<i64>() - discount - refund
}

fn line(row: &Values<'_>) -> i64 {
    if let Some(net) = row.cents(What::Share).or_else(|| row.cents(What::Net)) {
        return net;
    }
    let gross = row
        .cents(What::Gross)
        .unwrap_or_else(|| rounded(row.cents(What::Price).unwrap() * row.number(What::Quantity).unwrap_or(1000), 1000));
    let percent = || match row.cell(What::LinePercent)? {
        Cell::Number(number, "0%") => Some((number * 100.0).round()),
        Cell::Text(text) if text.ends_with('%') => text.trim_end_matches(['%', ' ']).parse().ok(),
        _ => {
            let number = row.number(What::LinePercent)? as f64 / 1000.0;
            Some(if number < 1.0 { (100.0 * number).round() } else { number })
        }
    };
    let by_percent = || percent().map(|percent| (gross as f64 * percent / 100.0).round());
    let is_below_zero = row.plan.known.is_some_and(|known| known.below_zero.contains(&What::LineDiscount));
    let discount = row.cents(What::LineDiscount).map(|discount| if is_below_zero { -discount } else { discount });
    gross - discount.unwrap_or_else(|| by_percent().map_or(0, |discount| format!("{discount}").parse().unwrap()))
}
