//! The truth: a shop with its products, customers and orders. It is drawn first, and a sheet is only one way to show it.

use chrono::{Datelike, Days, NaiveDate, Weekday};

use crate::chance::Chance;
use crate::goods;

/// The language of a shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    Portuguese,
    Spanish,
    English,
}

/// A product. Its price is in cents.
#[derive(Debug, Clone)]
pub struct Product {
    pub name: String,
    pub sku: String,
    pub category: &'static str,
    pub unit: &'static str,
    pub price: i64,
    /// Whether it is sold by weight, in thousandths.
    pub weighed: bool,
}

/// A customer.
#[derive(Debug, Clone)]
pub struct Customer {
    pub name: String,
    pub document: String,
    pub email: String,
    /// Area code and number, digits only.
    pub phone: String,
    pub city: &'static str,
}

/// A line of an order.
#[derive(Debug, Clone)]
pub struct Line {
    pub product: usize,
    pub thousandths: i64,
    pub price: i64,
    /// The discount in percent, if it was given so.
    pub percent: i64,
    /// The discount in cents.
    pub discount: i64,
}

impl Line {
    /// Quantity × price, in cents.
    pub fn gross(&self) -> i64 {
        rounded(self.thousandths * self.price, 1000)
    }

    /// The money after the line's discount.
    pub fn net(&self) -> i64 {
        self.gross() - self.discount
    }
}

/// The result of a division, rounded half up.
pub fn rounded(value: i64, by: i64) -> i64 {
    (2 * value + by).div_euclid(2 * by)
}

/// The end of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Paid,
    Unpaid,
    Cancelled,
    Refunded,
    PartlyRefunded,
}

/// An order.
#[derive(Debug, Clone)]
pub struct Order {
    pub number: usize,
    pub day: NaiveDate,
    /// Seconds since midnight.
    pub second: u32,
    pub customer: Option<usize>,
    pub lines: Vec<Line>,
    /// The discount of the whole order, beside those of its lines.
    pub discount: i64,
    pub freight: i64,
    pub fee: i64,
    /// The goods that were paid back.
    pub refund: i64,
    pub state: State,
    /// Whether it was paid in another currency.
    pub is_foreign: bool,
    pub payment: usize,
    pub seller: usize,
    pub store: usize,
    /// The line that came back, in a row of its own, and the days until then.
    pub returned: Option<(usize, u64)>,
}

impl Order {
    /// The lines' money.
    pub fn subtotal(&self) -> i64 {
        self.lines.iter().map(Line::net).sum()
    }

    /// The money of the goods, net of all discounts.
    pub fn goods(&self) -> i64 {
        self.subtotal() - self.discount
    }

    /// What the customer paid.
    pub fn total(&self) -> i64 {
        self.goods() + self.freight
    }

    pub fn is_sold(&self) -> bool {
        !matches!(self.state, State::Cancelled | State::Refunded)
    }

    /// The money that counts as sold, in the order's currency.
    pub fn amount(&self) -> i64 {
        if !self.is_sold() {
            return 0;
        }
        let returned = self.returned.map_or(0, |(line, _)| self.shares()[line]);
        self.goods() - self.refund - returned
    }

    /// The money of each line after its share of the order's discount. The cents add up.
    pub fn shares(&self) -> Vec<i64> {
        let (all, mut before, mut taken) = (self.subtotal().max(1), 0, 0);
        let share = |line: &Line| {
            before += line.net();
            let until = rounded(self.discount * before, all);
            let share = line.net() - (until - taken);
            taken = until;
            share
        };
        self.lines.iter().map(share).collect()
    }
}

/// How a discount is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Discount {
    Money,
    Percent,
}

/// What happens in a shop.
#[derive(Debug, Clone, Copy, Default)]
pub struct Traits {
    pub has_many_lines: bool,
    /// Whether no order has more than two lines.
    pub has_two_lines: bool,
    /// Whether anything but one piece is sold.
    pub has_quantities: bool,
    pub has_weights: bool,
    pub line_discounts: Option<Discount>,
    pub has_order_discounts: bool,
    pub has_freight: bool,
    pub has_fees: bool,
    pub has_partial_refunds: bool,
    pub has_full_refunds: bool,
    pub has_cancelled: bool,
    pub has_unpaid: bool,
    pub has_foreign: bool,
    pub has_returned_lines: bool,
}

/// A shop and its orders, the oldest first.
#[derive(Debug, Clone)]
pub struct Truth {
    pub products: Vec<Product>,
    pub customers: Vec<Customer>,
    pub orders: Vec<Order>,
}

impl Truth {
    /// The money sold in the shop's own currency.
    pub fn amount(&self) -> i64 {
        self.orders.iter().filter(|order| !order.is_foreign).map(Order::amount).sum()
    }

    pub fn draw(chance: &mut Chance, language: Language, traits: Traits, orders: usize) -> Self {
        let products = goods::products(chance, language, traits.has_weights);
        let customers = goods::customers(chance, language, (orders / 2).clamp(3, 60));
        let mut day = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap() + Days::new(chance.below(200) as u64);
        let first_number = chance.pick(&[1usize, 101, 1001, 20_450, 734_112]);
        let pace = chance.pick(&[1usize, 2, 4, 8]);
        let mut drawn = Vec::new();
        while drawn.len() < orders {
            let weekend = matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
            let today = chance.below(if weekend { pace / 2 + 1 } else { 2 * pace + 1 });
            for _ in 0..today.min(orders - drawn.len()) {
                drawn.push(order(chance, traits, first_number + drawn.len(), day, &products, customers.len()));
            }
            day = day + Days::new(1);
        }
        Self { products, customers, orders: drawn }
    }
}

fn order(
    chance: &mut Chance,
    traits: Traits,
    number: usize,
    day: NaiveDate,
    products: &[Product],
    customers: usize,
) -> Order {
    let most = if traits.has_two_lines { 2 } else { 5 };
    let count = if traits.has_many_lines { chance.pick(&[1, 1, 2, 2, 3, 5]) } else { 1 };
    let mut kinds: Vec<usize> = (0..products.len()).collect();
    chance.shuffle(&mut kinds);
    let lines: Vec<Line> =
        kinds.iter().take(count.min(most)).map(|kind| line(chance, traits, *kind, &products[*kind])).collect();
    let mut order = Order {
        number,
        day,
        second: u32::try_from(chance.between(8 * 3600, 21 * 3600)).unwrap(),
        customer: chance.percent(97).then(|| chance.below(customers)),
        lines,
        discount: 0,
        freight: 0,
        fee: 0,
        refund: 0,
        state: State::Paid,
        is_foreign: traits.has_foreign && chance.percent(25),
        payment: chance.below(5),
        seller: chance.below(4),
        store: chance.below(3),
        returned: None,
    };
    if traits.has_order_discounts && chance.percent(40) {
        let percent = chance.pick(&[5, 10, 15]);
        order.discount = match chance.percent(50) {
            true => rounded(order.subtotal() * percent, 100),
            false => chance.pick(&[100, 500, 1000, 2500]).min(order.subtotal() / 2),
        };
    }
    if traits.has_freight && chance.percent(70) {
        order.freight = chance.pick(&[990, 1250, 1490, 2175, 3300]);
    }
    state(chance, traits, &mut order);
    if traits.has_fees {
        order.fee = rounded(order.total() * chance.between(3, 16), 100);
    }
    order
}

fn state(chance: &mut Chance, traits: Traits, order: &mut Order) {
    if traits.has_cancelled && chance.percent(12) {
        order.state = State::Cancelled;
    } else if traits.has_full_refunds && chance.percent(10) {
        order.state = State::Refunded;
    } else if traits.has_partial_refunds && chance.percent(15) && order.goods() > 200 {
        order.state = State::PartlyRefunded;
        order.refund = rounded(order.goods() * chance.pick(&[20, 25, 50]), 100);
    } else if traits.has_unpaid && chance.percent(12) {
        order.state = State::Unpaid;
    } else if traits.has_returned_lines && chance.percent(12) {
        order.returned = Some((chance.below(order.lines.len()), chance.below(6) as u64));
    }
}

fn line(chance: &mut Chance, traits: Traits, kind: usize, product: &Product) -> Line {
    let thousandths = match (product.weighed, traits.has_quantities) {
        (true, _) => chance.between(80, 4_500),
        (false, true) => 1000 * chance.pick(&[1, 1, 1, 2, 2, 3, 4, 5, 6, 10, 12, 24]),
        (false, false) => 1000,
    };
    // Some prices change over the weeks.
    let price = if chance.percent(10) { rounded(product.price * 105, 100) } else { product.price };
    let mut line = Line { product: kind, thousandths, price, percent: 0, discount: 0 };
    match traits.line_discounts {
        Some(Discount::Percent) if chance.percent(40) => {
            line.percent = chance.pick(&[5, 8, 10, 12, 15, 20, 30]);
            line.discount = rounded(line.gross() * line.percent, 100);
        }
        Some(Discount::Money) if chance.percent(40) => {
            line.discount = match chance.percent(40) {
                true => chance.pick(&[50, 100, 200, 500, 1000]).min(line.gross() / 2),
                false => rounded(line.gross() * chance.between(2, 25), 100),
            };
        }
        _ => {}
    }
    line
}
