//! Which rows are one order, and which columns belong to the whole order instead of its lines. Shop systems write a row
//! for each line and the values of the order on its first line only, or on each line again.

use std::collections::HashMap;

use caudal_contract::field::Field;
use caudal_contract::notice::DiscountReading;

use crate::sheet::{Column, Kind};
use crate::words::amounts::{COMMISSION, FEE};
use crate::words::orders::{
    COST, DELIVERY, DISCOUNT, FREIGHT, GOODS, NOT_DISCOUNT, NOT_ON_TOP, NOT_REFUND, NOT_TOTAL, ON_TOP, REFUND,
    REFUND_BESIDE, STATE, STATE_OF, STATUS, SUBTOTAL, TOTAL, WHOLE_ORDER,
};
use crate::words::statuses::{ASKS_BESIDE, ASKS_WHETHER_UNDONE};
use crate::words::{HeaderWords, words_of};

/// The columns that belong to whole orders.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Orders {
    /// Columns of texts and days that only the first lines fill. They hold for all lines.
    pub(crate) shared: Vec<usize>,
    /// The discount of the order.
    pub(crate) discount: Option<OrderDiscount>,
    /// The money that was returned.
    pub(crate) refund: Option<Refund>,
    /// Amounts beside the total that stand once for the order, or again on each line.
    pub(crate) beside: Vec<Field>,
    /// Other totals, which follow from the money of the lines and the amounts beside it.
    pub(crate) explained: Vec<usize>,
}

/// A discount of whole orders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OrderDiscount {
    pub(crate) column: usize,
    /// How it counts. If it is included, the amounts of the lines have it off already.
    pub(crate) reading: DiscountReading,
    /// The total that proves it, with the amounts on top of the goods that the total holds.
    pub(crate) control: Option<(usize, Vec<usize>)>,
    /// The orders that prove it.
    pub(crate) proofs: u64,
}

/// A column of money that was returned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Refund {
    pub(crate) column: usize,
    /// Whether it belongs to the whole order. Otherwise each line has its own.
    pub(crate) of_order: bool,
}

impl Orders {
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The columns of amounts and texts that are used although no field has them.
    pub(crate) fn columns(&self) -> impl Iterator<Item = usize> {
        let amounts = self.discount.iter().map(|discount| discount.column);
        let refunds = self.refund.iter().map(|refund| refund.column);
        amounts.chain(refunds).chain(self.shared.iter().copied())
    }
}

/// Where the values of a column stand in the orders with several lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// No order with several lines has a value.
    Unknown,
    /// Only first lines have values.
    First,
    /// All lines of an order have the same value.
    Repeated,
    /// Each line has its own value.
    Line,
}

/// The places of the rows of each order. Rows that stand together under one number are one order, and so are rows with
/// the same number and day elsewhere. A row without a number and without another day belongs to the order above. If the
/// sheet has no numbers of orders, see [`groups_below`].
pub(crate) fn groups(
    numbers: Option<&Column>,
    days: Option<&Column>,
    people: &[&Column],
    rows: &[usize],
) -> Vec<Vec<usize>> {
    let Some(numbers) = numbers else { return groups_below(days, people, rows) };
    let day = |row: usize| days.and_then(|days| days.shown(row));
    let number_of = |row: usize| numbers.shown(row).filter(|number| !number.trim().is_empty());
    // If the lines of an order repeat its number, a row without one is no line of the order above.
    let (mut repeated, mut blank) = (0, 0);
    for pair in rows.windows(2) {
        if let [above, below] = pair
            && let Some(number) = number_of(*above)
        {
            match number_of(*below) {
                None => blank += 1,
                Some(other) => repeated += usize::from(other == number),
            }
        }
    }
    let may_go_on = blank >= repeated;
    let mut orders: Vec<Vec<usize>> = Vec::new();
    let mut known: HashMap<(String, Option<String>), usize> = HashMap::new();
    let mut last: Option<(Option<String>, Option<String>, usize)> = None;
    for (place, row) in rows.iter().enumerate() {
        let (number, today) = (number_of(*row), day(*row));
        let goes_on = last.as_ref().and_then(|(above, before, order)| {
            let same_day = today.is_none() || today == *before;
            let is_same = number.is_some() && number == *above;
            (is_same || number.is_none() && above.is_some() && same_day && may_go_on).then_some(*order)
        });
        let met = number.as_ref().and_then(|number| known.get(&(number.clone(), today.clone())).copied());
        let order = goes_on.or(met).unwrap_or_else(|| {
            orders.push(Vec::new());
            orders.len() - 1
        });
        if let Some(rows) = orders.get_mut(order) {
            rows.push(place);
        }
        if goes_on.is_none() {
            if let Some(number) = &number {
                known.insert((number.clone(), today.clone()), order);
            }
            last = Some((number, today, order));
        }
    }
    orders
}

/// The same without numbers: a row that names neither a day nor a person belongs to the order above. If the sheet has
/// no column of days or none of people, each row is an order, because a day alone may stand above many orders.
fn groups_below(days: Option<&Column>, people: &[&Column], rows: &[usize]) -> Vec<Vec<usize>> {
    let Some(days) = days.filter(|_| !people.is_empty()) else {
        return (0..rows.len()).map(|place| vec![place]).collect();
    };
    let mut orders: Vec<Vec<usize>> = Vec::new();
    for (place, row) in rows.iter().enumerate() {
        let goes_on = is_blank(days, *row) && people.iter().all(|cells| is_blank(cells, *row));
        match orders.last_mut() {
            Some(order) if goes_on => order.push(place),
            _ => orders.push(vec![place]),
        }
    }
    orders
}

/// Where these values stand. Zeros that all lines repeat show nothing.
pub(crate) fn shape(orders: &[Vec<usize>], values: &[Option<i64>]) -> Shape {
    let (mut first_only, mut repeated, mut own) = (0, 0, 0);
    for order in orders.iter().filter(|order| order.len() > 1) {
        let mut of_lines = order.iter().map(|place| values.get(*place).copied().flatten());
        let Some(first) = of_lines.next().flatten() else {
            own += usize::from(of_lines.any(|value| value.is_some_and(|value| value != 0)));
            continue;
        };
        let others: Vec<Option<i64>> = of_lines.collect();
        if others.iter().all(Option::is_none) {
            first_only += 1;
        } else if others.iter().all(|other| *other == Some(first)) {
            repeated += usize::from(first != 0);
        } else {
            own += 1;
        }
    }
    let most = |count: usize| count > 0 && count * 10 >= (first_only + repeated + own) * 9;
    match (most(first_only), most(repeated)) {
        (true, _) => Shape::First,
        (_, true) => Shape::Repeated,
        _ if first_only + repeated + own == 0 => Shape::Unknown,
        _ => Shape::Line,
    }
}

/// The value of an order: that of its first line with one.
pub(crate) fn of_order(order: &[usize], values: &[Option<i64>]) -> Option<i64> {
    order.iter().find_map(|place| values.get(*place).copied().flatten())
}

/// Whether a cell holds nothing.
pub(crate) fn is_blank(cells: &Column, row: usize) -> bool {
    cells.kind(row) == Kind::Empty
        || cells.kind(row) == Kind::Text && cells.text(row).is_none_or(|text| text.trim().is_empty())
}

/// Whether only the first lines of orders fill this column: at least one order with several lines does, and nine of ten
/// of these.
pub(crate) fn only_first_lines_fill(cells: &Column, orders: &[Vec<usize>], rows: &[usize]) -> bool {
    let (mut first_only, mut filled) = (0, 0);
    let is_filled = |place: &usize| rows.get(*place).is_some_and(|row| !is_blank(cells, *row));
    for order in orders.iter().filter(|order| order.len() > 1) {
        let others = order.iter().skip(1).any(is_filled);
        let first = order.first().is_some_and(is_filled);
        filled += usize::from(first || others);
        first_only += usize::from(first && !others);
    }
    first_only > 0 && first_only * 10 >= filled * 9
}

/// Whether a header has a word of the first list and none of the second.
fn has_word_without(header: &str, names: HeaderWords, not: HeaderWords) -> bool {
    let words = words_of(header);
    names.has_any(&words) && !not.has_any(&words)
}

/// Whether a header names a discount, such as "Desconto do pedido" or "Cart Discount Amount".
pub(crate) fn names_discount(header: &str) -> bool {
    has_word_without(header, DISCOUNT, NOT_DISCOUNT)
}

/// Whether a header names money that was returned, such as "Amount Refunded" or "Valor estornado".
pub(crate) fn names_refund(header: &str) -> bool {
    let words = words_of(header);
    REFUND.has_all_beside(REFUND_BESIDE, &words) || REFUND.has_any(&words) && !NOT_REFUND.has_any(&words)
}

/// Whether a header names an amount that stands on top of the goods: freight, an added tax, a tip, a charge.
pub(crate) fn names_on_top(header: &str) -> bool {
    has_word_without(header, ON_TOP, NOT_ON_TOP)
}

/// Whether a header names a cost of the seller: a fee, a commission.
pub(crate) fn names_cost(header: &str) -> bool {
    let words = words_of(header);
    [FEE, COMMISSION, COST].iter().any(|list| list.has_any(&words))
}

/// Whether a header names a sum before something comes off or is added.
pub(crate) fn names_subtotal(header: &str) -> bool {
    SUBTOTAL.has_any(&words_of(header))
}

/// Whether a header names freight.
pub(crate) fn names_freight(header: &str) -> bool {
    has_word_without(header, FREIGHT, NOT_ON_TOP)
}

/// Whether the header of a total says that it is of the whole order, or what was paid for it.
pub(crate) fn names_whole_order(header: &str) -> bool {
    has_word_without(header, WHOLE_ORDER, GOODS)
}

/// Whether the header of a total says that it is of the goods.
pub(crate) fn names_goods(header: &str) -> bool {
    GOODS.has_any(&words_of(header))
}

/// Whether a header names a total of the goods or of the order.
pub(crate) fn names_total(header: &str) -> bool {
    has_word_without(header, TOTAL, NOT_TOTAL)
        && !names_discount(header)
        && !names_refund(header)
        && !names_on_top(header)
}

/// Whether a header names the state of an order or of its payment. The state of its delivery decides nothing.
pub(crate) fn names_status(header: &str) -> bool {
    let words = words_of(header);
    (STATUS.has_any(&words) || STATE.has_any(&words) && STATE_OF.has_any(&words)) && !DELIVERY.has_any(&words)
}

/// Whether a header is about the delivery, the customer or the stock.
pub(crate) fn names_delivery(header: &str) -> bool {
    DELIVERY.has_any(&words_of(header))
}

/// Whether the header asks for a cancellation, such as "Cancelado?", "Is Cancelled" or "Refunded at". The header of an
/// amount or a reason does not.
pub(crate) fn asks_whether_cancelled(header: &str) -> bool {
    ASKS_WHETHER_UNDONE.has_all_beside(ASKS_BESIDE, &words_of(header))
}
