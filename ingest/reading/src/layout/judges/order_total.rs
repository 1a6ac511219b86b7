//! Finds totals of whole orders, on the first line of each order or on every line. The sum of a total that is repeated
//! on every line would count the order several times.

use std::collections::HashMap;
use std::ops::Range;

use caudal_contract::field::Field;
use caudal_contract::notice::{LayoutProblem, Refusal, Remark};

use super::contradiction;
use crate::layout::evidence::{Agreement, Evidence, ONE, agreement};
use crate::layout::finding::Finding;
use crate::layout::orders::{names_discount, names_on_top};
use crate::layout::result::Layout;
use crate::sheet::Column;
use crate::value::number::{MONEY, PRICE, QUANTITY};

/// Fewest orders with several lines that prove it.
const FEWEST_ORDERS: usize = 3;

/// Replaces a total of whole orders by a total of the lines, or by quantity times price. The sheet is refused if it has
/// neither, or if quantity times price is not near the totals of the orders, because then its lines have no money.
pub(in crate::layout) fn ask(evidence: &Evidence<'_>, layout: &Layout) -> Vec<Finding> {
    let (Some(total), Some(products)) = (layout.column(Field::Total), evidence.products(layout)) else {
        return Vec::new();
    };
    let numbered = layout.column(Field::OrderId).and_then(|order| evidence.sheet.columns.get(order));
    let quantities = layout.column(Field::Quantity).map(|column| evidence.read(column, QUANTITY));
    let totals = evidence.read(total, MONEY);
    let orders = match numbered {
        Some(orders) => orders_of(orders, &evidence.rows),
        None => orders_without_number(evidence, layout, Some(&totals)),
    };
    let lines = Lines { products, orders, rows: &evidence.rows };
    let beside = beside(evidence, layout);
    let others = || {
        // An amount on the first lines only is the order's as well.
        let money = evidence.candidates(&[Field::Total, Field::UnitPrice]);
        money.into_iter().filter(|column| {
            *column != total
                && !lines.are_on_first_lines(&evidence.read(*column, MONEY))
                && !evidence.is_beside(*column)
        })
    };
    let summing = others().find(|column| {
        let amounts = evidence.read(*column, MONEY);
        !lines.are_repeated(&amounts)
            && !quantities.as_ref().is_some_and(|quantities| lines.are_prices(&totals, quantities, &amounts))
            && (lines.add_up(&totals, &amounts) || lines.add_up_with(&totals, &amounts, &beside))
    });
    let price = layout.column(Field::UnitPrice).filter(|price| Some(*price) != summing);
    let gross =
        quantities.as_ref().zip(price).map(|(quantities, price)| gross(quantities, &evidence.read(price, PRICE)));
    let gross_of_lines = gross.as_deref();
    let adds_up = gross_of_lines.is_some_and(|gross| {
        numbered.is_some() && !lines.are_their_own(&totals, Some(gross)) && lines.add_up_with(&totals, gross, &beside)
    });
    let on_first_lines = numbered.is_some()
        && (gross_of_lines.is_some() || summing.is_some())
        && lines.are_on_first_lines(&totals)
        && !lines.are_their_own(&totals, gross_of_lines);
    let shared = lines.share(&totals, gross_of_lines) || adds_up || on_first_lines;
    let doubt = || vec![Finding::Doubt(LayoutProblem::OrderTotal { column: evidence.header(total) })];
    if numbered.is_some() {
        if summing.is_none() && !shared {
            let repeats = !lines.are_their_own(&totals, gross_of_lines)
                && contradiction::others(evidence, &[total])
                    .into_iter()
                    .any(|column| lines.are_parts(&totals, &evidence.read(column, MONEY)));
            let may_repeat = || match gross_of_lines {
                None => lines.may_be_repeated(&totals),
                Some(gross) => lines.are_repeated(&totals) && lines.differ_from(&totals, gross),
            };
            return if repeats || may_repeat() { doubt() } else { Vec::new() };
        }
    } else if lines.are_their_own(&totals, gross_of_lines) {
        return Vec::new();
    } else if !shared || summing.is_none() && !gross_of_lines.is_some_and(|gross| lines.add_up(&totals, gross)) {
        // Without the numbers of orders, only sums prove it. Anything less is at most a doubt.
        let orders = orders_without_number(evidence, layout, None);
        let is_doubtful =
            layout.column(Field::Customer).is_some() && (Lines { orders, ..lines }).share(&totals, gross_of_lines);
        return if is_doubtful { doubt() } else { Vec::new() };
    }
    let proven = || {
        let quantities = quantities.as_ref()?;
        let prices = evidence.candidates(&[Field::UnitPrice]);
        others().find_map(|line_total| {
            let totals = evidence.read(line_total, MONEY);
            let proves = |price: &usize| agreement(quantities, &evidence.read(*price, PRICE), &totals).proves();
            prices.iter().copied().filter(|price| *price != line_total).find(proves).map(|price| (line_total, price))
        })
    };
    let near = || gross.as_ref().is_some_and(|gross| lines.come_near(&totals, gross));
    let column = evidence.header(total);
    let (line_total, price) = match (summing, proven()) {
        (Some(line_total), _) => (Some(line_total), price),
        (None, Some((line_total, price))) => (Some(line_total), Some(price)),
        (None, None) if near() => (None, price),
        (None, None) => return vec![Finding::Refuse(Refusal::OrderTotalsOnly { column })],
    };
    let line = line_total.map(|line_total| evidence.header(line_total));
    let fields = vec![(Field::UnitPrice, price), (Field::Total, line_total)];
    vec![Finding::Assign { fields, proof: Some(Remark::TotalIsOfOrder { column, line }) }]
}

/// The amounts that may stand between the lines and the total of an order: discounts, freight, added taxes. Discounts
/// are negative. Percentages are left out.
fn beside(evidence: &Evidence<'_>, layout: &Layout) -> Vec<Vec<Option<i64>>> {
    const MOST: usize = 5;
    let is_money = |header: &str| (names_on_top(header) || names_discount(header)) && !header.contains('%');
    let columns = evidence.columns().filter(|(column, header, profile)| {
        let is_taken = [Field::Total, Field::UnitPrice].iter().any(|field| layout.column(*field) == Some(*column));
        !is_taken && is_money(header) && profile.filled > 0 && profile.fits(Field::Freight) && !profile.holds_days()
    });
    let amounts = columns.map(|(column, header, _)| {
        let amounts = evidence.read(column, MONEY);
        if names_discount(header) {
            return amounts.into_iter().map(|amount| amount.map(|amount| -amount.abs())).collect();
        }
        amounts
    });
    let some = amounts.filter(|amounts: &Vec<Option<i64>>| amounts.iter().flatten().any(|amount| *amount != 0));
    some.take(MOST).collect()
}

/// The order of each row as a number. Rows without an order number belong to the order above.
fn orders_of(orders: &Column, rows: &[usize]) -> Vec<usize> {
    let mut last: Option<String> = None;
    let mut number = 0;
    rows.iter()
        .map(|row| {
            let order = orders.shown(*row);
            if order.is_some() && order != last {
                (number, last) = (number + 1, order);
            }
            number
        })
        .collect()
}

/// The order of each row if orders have no number: adjacent rows with the same day and customer are one order. If
/// `totals` are given, a different total begins another order, and a blank one belongs to the order above.
fn orders_without_number(evidence: &Evidence<'_>, layout: &Layout, totals: Option<&[Option<i64>]>) -> Vec<usize> {
    const KEYS: [Field; 5] = [Field::Date, Field::Time, Field::Customer, Field::Document, Field::Email];
    let columns: Vec<&Column> =
        KEYS.into_iter().filter_map(|field| evidence.sheet.columns.get(layout.column(field)?)).collect();
    let keys = |row: usize| columns.iter().map(|column| column.shown(row)).collect::<Vec<_>>();
    let mut number = 0;
    let mut last: Option<(Vec<Option<String>>, i64)> = None;
    let orders = evidence.rows.iter().enumerate().map(|(index, row)| {
        let total = totals.and_then(|totals| totals.get(index).copied().flatten());
        let keys = keys(*row);
        let goes_on = last.as_ref().is_some_and(|(before, of_order)| {
            let same = keys.iter().zip(before).all(|(key, before)| key == before || total.is_none() && key.is_none());
            same && total.is_none_or(|total| total == *of_order)
        });
        if !goes_on {
            number += 1;
            last = Some((keys, total.unwrap_or(0)));
        }
        number
    });
    orders.collect()
}

fn gross(quantities: &[Option<i64>], prices: &[Option<i64>]) -> Vec<Option<i64>> {
    let cents = |quantity: i64, price: i64| i64::try_from(i128::from(quantity) * i128::from(price) / 1_000_000).ok();
    quantities.iter().zip(prices).map(|(quantity, price)| cents((*quantity)?, (*price)?)).collect()
}

struct Lines<'a> {
    products: &'a Column,
    orders: Vec<usize>,
    rows: &'a [usize],
}

impl Lines<'_> {
    /// Whether these totals belong to whole orders. On nine of ten orders with several lines, only the first line has a
    /// total, or all lines have the same total although they cost different amounts.
    fn share(&self, totals: &[Option<i64>], gross: Option<&[Option<i64>]>) -> bool {
        let mut whole = Agreement::default();
        let mut start = 0;
        for order in self.orders.chunk_by(|a, b| a == b) {
            let lines = start..start + order.len();
            start = lines.end;
            let (Some([first, others @ ..]), true) = (totals.get(lines.clone()), order.len() > 1) else { continue };
            let named =
                lines.clone().all(|line| self.rows.get(line).is_some_and(|row| self.products.shown(*row).is_some()));
            if !named || first.is_none() {
                continue;
            }
            let only_first = others.iter().all(Option::is_none);
            let repeated = others.iter().all(|other| other == first);
            let lines_differ = match gross {
                Some(gross) => {
                    gross.get(lines).is_some_and(|gross| gross.iter().any(|line| line.is_some() && line != first))
                }
                None => self.products_differ(lines),
            };
            whole.count(only_first || repeated && lines_differ);
        }
        // Fewer orders are enough with quantity times price, because it distinguishes lines that look alike.
        let fewest = if gross.is_some() { 2 } else { FEWEST_ORDERS };
        whole.agreeing >= fewest && whole.is_nine_of_ten() && (gross.is_some() || self.depend_on_the_order(totals))
    }

    /// Whether these amounts, such as instalments, add up to totals that stand on each line of their orders. One cent
    /// per line may be rounding.
    fn are_parts(&self, totals: &[Option<i64>], amounts: &[Option<i64>]) -> bool {
        let mut parts = Agreement::default();
        for lines in self.orders_of_several() {
            let Some(amounts) = amounts.get(lines.clone()) else { continue };
            let sum = amounts.iter().copied().sum::<Option<i64>>();
            let repeated = totals.get(lines.clone()).is_some_and(|totals| totals.iter().all(Option::is_some));
            if let (Some(total), Some(sum), true) = (Self::of_order(totals, lines), sum, repeated) {
                let rounding = i64::try_from(amounts.len()).unwrap_or(0);
                parts.count(total != 0 && (total - sum).abs() <= rounding);
            }
        }
        parts.agreeing >= FEWEST_ORDERS && parts.is_nine_of_ten()
    }

    /// Whether at least half of the lines with a total, in orders with several lines, cost exactly that total. Then the
    /// totals belong to the lines.
    fn are_their_own(&self, totals: &[Option<i64>], gross: Option<&[Option<i64>]>) -> bool {
        let Some(gross) = gross else { return false };
        let mut own = Agreement::default();
        for line in self.orders_of_several().flatten() {
            if let (Some(Some(total)), Some(Some(gross))) = (totals.get(line), gross.get(line)) {
                own.count((total - gross).abs() <= 1);
            }
        }
        own.is_half()
    }

    /// The lines of each order with several lines.
    fn orders_of_several(&self) -> impl Iterator<Item = Range<usize>> {
        let mut start = 0;
        let ranges = self.orders.chunk_by(|a, b| a == b).map(move |order| {
            let lines = start..start + order.len();
            start = lines.end;
            lines
        });
        ranges.filter(|lines| lines.len() > 1)
    }

    /// The total of an order, if only its first line has a total or all lines have the same one.
    fn of_order(totals: &[Option<i64>], lines: Range<usize>) -> Option<i64> {
        let (first, others) = totals.get(lines)?.split_first()?;
        let shared = others.iter().all(Option::is_none) || others.iter().all(|other| other == first);
        first.filter(|_| shared)
    }

    /// Whether these amounts of the lines add up to the totals of their orders. A difference that is always the same
    /// may be a freight.
    fn add_up(&self, totals: &[Option<i64>], amounts: &[Option<i64>]) -> bool {
        let mut differences: HashMap<i64, usize> = HashMap::new();
        let mut compared = 0;
        for lines in self.orders_of_several() {
            let sum = amounts.get(lines.clone()).and_then(|lines| lines.iter().copied().sum::<Option<i64>>());
            if let (Some(total), Some(sum)) = (Self::of_order(totals, lines), sum) {
                compared += 1;
                *differences.entry(total - sum).or_default() += 1;
            }
        }
        let exactly = [-1, 0, 1].iter().filter_map(|cents| differences.get(cents)).sum::<usize>();
        let always = differences.values().copied().max().unwrap_or(0);
        let explains =
            |agreeing: usize, fewest: usize| agreeing >= fewest && (Agreement { agreeing, compared }).is_nine_of_ten();
        explains(exactly, 2) || explains(always, FEWEST_ORDERS)
    }

    /// Whether these amounts are prices, although they add up to the totals of orders whose quantities happen to be one:
    /// the totals of the orders with one line are quantity times them.
    fn are_prices(&self, totals: &[Option<i64>], quantities: &[Option<i64>], amounts: &[Option<i64>]) -> bool {
        let (mut as_prices, mut as_totals) = (0, 0);
        let mut start = 0;
        for order in self.orders.chunk_by(|a, b| a == b) {
            let line = start;
            start += order.len();
            let at = |values: &[Option<i64>]| values.get(line).copied().flatten();
            let (1, Some(total), Some(quantity), Some(amount)) = (order.len(), at(totals), at(quantities), at(amounts))
            else {
                continue;
            };
            let gross = i128::from(quantity) * i128::from(amount) / 10_000;
            if quantity != ONE && amount != 0 {
                as_prices += usize::from((gross - i128::from(total)).abs() <= 1);
                as_totals += usize::from((amount - total).abs() <= 1);
            }
        }
        as_prices > as_totals
    }

    /// Whether these amounts stand on the first lines only, in nine of ten of the orders with several lines that have one.
    fn are_on_first_lines(&self, amounts: &[Option<i64>]) -> bool {
        let mut first_only = Agreement::default();
        for lines in self.orders_of_several() {
            let Some([first, others @ ..]) = amounts.get(lines) else { continue };
            if first.is_some() || others.iter().any(Option::is_some) {
                first_only.count(first.is_some() && others.iter().all(Option::is_none));
            }
        }
        first_only.agreeing > 0 && first_only.is_nine_of_ten()
    }

    /// Whether all lines of an order have the same amount, in nine of ten of the orders with several lines.
    fn are_repeated(&self, amounts: &[Option<i64>]) -> bool {
        let mut repeated = Agreement::default();
        for lines in self.orders_of_several() {
            let Some([first, others @ ..]) = amounts.get(lines) else { continue };
            if first.is_some_and(|first| first != 0) || others.iter().any(Option::is_some) {
                repeated.count(first.is_some() && others.iter().all(|other| other == first));
            }
        }
        repeated.agreeing > 0 && repeated.is_nine_of_ten()
    }

    /// Whether most lines of orders with several lines cost something else than these amounts.
    fn differ_from(&self, totals: &[Option<i64>], gross: &[Option<i64>]) -> bool {
        let mut differing = Agreement::default();
        for line in self.orders_of_several().flatten() {
            if let (Some(Some(total)), Some(Some(gross))) = (totals.get(line), gross.get(line)) {
                differing.count((total - gross).abs() > 1);
            }
        }
        differing.agreeing > 0 && differing.is_half()
    }

    /// Whether amounts that all lines of an order repeat may be the order's: no product shows that they are its own
    /// price, and they are not the same everywhere.
    fn may_be_repeated(&self, totals: &[Option<i64>]) -> bool {
        if !self.are_repeated(totals) {
            return false;
        }
        let several: Vec<Range<usize>> =
            self.orders_of_several().filter(|lines| self.products_differ(lines.clone())).collect();
        let is_single = |line: &usize| several.iter().all(|lines| !lines.contains(line));
        let mut alone: HashMap<String, Vec<i64>> = HashMap::new();
        for line in (0..totals.len()).filter(is_single) {
            if let (Some(product), Some(Some(total))) = (self.product(line), totals.get(line)) {
                alone.entry(product).or_default().push(*total);
            }
        }
        let mut own = Agreement::default();
        for line in several.iter().cloned().flatten() {
            if let (Some(product), Some(Some(total))) = (self.product(line), totals.get(line))
                && let Some(known) = alone.get(&product)
            {
                own.count(known.contains(total));
            }
        }
        let mut all = totals.iter().flatten();
        let first = all.next();
        let vary = all.any(|total| Some(total) != first);
        !several.is_empty() && vary && (own.compared == 0 || !own.is_nine_of_ten())
    }

    /// Whether these amounts of the lines and some of the amounts beside them are the totals of their orders, to the cent.
    /// One order is enough, because nothing but the sum of its lines gives such a total.
    fn add_up_with(&self, totals: &[Option<i64>], amounts: &[Option<i64>], beside: &[Vec<Option<i64>>]) -> bool {
        let orders: Vec<(i64, i64, i64, Vec<i64>)> = self
            .orders_of_several()
            .filter_map(|lines| {
                let total = Self::of_order(totals, lines.clone())?;
                let sum = amounts.get(lines.clone())?.iter().copied().sum::<Option<i64>>()?;
                let of = |amounts: &Vec<Option<i64>>| {
                    let whole = Self::of_order(amounts, lines.clone());
                    whole.unwrap_or_else(|| amounts.get(lines.clone()).into_iter().flatten().flatten().sum())
                };
                let rounding = i64::try_from(lines.len()).unwrap_or(1);
                Some((total, sum, rounding, beside.iter().map(of).collect()))
            })
            .collect();
        (0..1_usize << beside.len()).any(|chosen| {
            let agrees = |(total, sum, rounding, amounts): &(i64, i64, i64, Vec<i64>)| {
                let picked = amounts.iter().enumerate().filter(|(bit, _)| chosen >> bit & 1 == 1);
                (total - sum - picked.map(|(_, amount)| amount).sum::<i64>()).abs() <= *rounding
            };
            let agreement: Agreement = orders.iter().map(agrees).collect();
            agreement.agreeing > 0 && agreement.is_nine_of_ten()
        })
    }

    /// Whether these amounts of the lines come near the totals of four of five orders. Freight and discounts may lie
    /// between, but not a multiple.
    fn come_near(&self, totals: &[Option<i64>], amounts: &[Option<i64>]) -> bool {
        let mut near = Agreement::default();
        for lines in self.orders_of_several() {
            let sum: i64 = amounts.get(lines.clone()).into_iter().flatten().flatten().sum();
            if let Some(total) = Self::of_order(totals, lines).filter(|total| *total != 0) {
                near.count(sum * 10 >= total * 4 && sum * 10 <= total * 16);
            }
        }
        near.is_four_of_five()
    }

    fn product(&self, line: usize) -> Option<String> {
        self.rows.get(line).and_then(|row| self.products.shown(*row))
    }

    fn products_differ(&self, lines: Range<usize>) -> bool {
        let first = self.product(lines.start);
        lines.skip(1).any(|line| self.product(line) != first)
    }

    /// Whether the same product mostly has different totals in different orders. It would have the same total if it
    /// were its own.
    fn depend_on_the_order(&self, totals: &[Option<i64>]) -> bool {
        let mut last = HashMap::new();
        let mut differing = Agreement::default();
        for (line, total) in totals.iter().enumerate() {
            let (Some(total), Some(product), Some(order)) = (total, self.product(line), self.orders.get(line)) else {
                continue;
            };
            if let Some((other_order, other)) = last.insert(product, (*order, *total))
                && other_order != *order
            {
                differing.count(other != *total);
            }
        }
        differing.compared >= FEWEST_ORDERS && differing.agreeing * 2 > differing.compared
    }
}

#[cfg(test)]
mod tests {
    use caudal_contract::field::Field;
    use caudal_contract::notice::{LayoutProblem, Refusal};

    use crate::layout::{Layout, find};

    fn layout(text: &str) -> Result<Layout, Refusal> {
        find(&crate::sheet::read(text.as_bytes(), "x.csv").unwrap().sheets.remove(0))
    }

    #[test]
    fn an_order_total_repeated_on_its_lines_is_not_their_total() {
        let text = "Data;Pedido;Produto;Quantidade;Preço;Valor Total;Valor Final\n\
            01/03/2026;1;A;2;5,00;40,00;10,00\n01/03/2026;1;B;3;10,00;40,00;30,00\n\
            02/03/2026;2;A;4;5,00;32,00;20,00\n02/03/2026;2;C;6;2,00;32,00;12,00\n";
        let layout = layout(text).unwrap();
        assert_eq!(layout.header(Field::UnitPrice), Some("Preço"));
        assert_eq!(layout.header(Field::Total), Some("Valor Final"));
    }

    #[test]
    fn a_total_on_the_first_line_of_each_order_is_not_that_lines() {
        let text = "Name,Created at,Total,Lineitem quantity,Lineitem name,Lineitem price\n\
            #1,2026-03-01,45.00,2,A,5.00\n#1,2026-03-01,,3,B,10.00\n#2,2026-03-02,25.00,1,A,5.00\n\
            #2,2026-03-02,,1,B,10.00\n#3,2026-03-03,35.00,3,A,5.00\n#3,2026-03-03,,1,B,10.00\n";
        let layout = layout(text).unwrap();
        assert_eq!((layout.header(Field::OrderId), layout.header(Field::Total)), (Some("Name"), None));
        assert_eq!(layout.header(Field::UnitPrice), Some("Lineitem price"));
    }

    #[test]
    fn an_order_total_with_freight_repeated_on_its_lines_is_not_theirs() {
        let text = "Pedido;Data;Produto;Quantidade;Preço;Total\n\
            1;01/03/2026;A;2;5,00;55,00\n1;01/03/2026;B;3;10,00;55,00\n2;02/03/2026;A;1;5,00;30,00\n2;02/03/2026;B;1;10,00;30,00\n";
        assert_eq!(layout(text).unwrap().header(Field::Total), None);
    }

    #[test]
    fn a_value_that_adds_up_to_the_orders_total_is_the_lines() {
        let text = "Pedido;Data;Produto;Quantidade;Valor;Total\n\
            1;01/03/2026;A;2;10,00;40,00\n1;01/03/2026;B;3;30,00;40,00\n2;02/03/2026;A;1;5,00;15,00\n2;02/03/2026;B;1;10,00;15,00\n";
        let layout = layout(text).unwrap();
        assert_eq!((layout.header(Field::UnitPrice), layout.header(Field::Total)), (None, Some("Valor")));
    }

    #[test]
    fn products_without_money_of_their_own_are_refused() {
        let text = "Pedido;Data;Produto;Total\n1;01/03/2026;A;15,00\n1;01/03/2026;B;15,00\n2;02/03/2026;A;25,00\n\
            2;02/03/2026;B;25,00\n3;03/03/2026;A;45,00\n3;03/03/2026;C;45,00\n4;03/03/2026;B;35,00\n4;03/03/2026;A;35,00\n";
        assert_eq!(layout(text).unwrap_err(), Refusal::OrderTotalsOnly { column: "Total".into() });
    }

    /// Lines of two products, with and without an order total that repeats.
    const LINES: &str = "01/03/2026;Ana;A;2;5,00;40,00\n01/03/2026;Ana;B;3;10,00;40,00\n02/03/2026;Bia;A;1;5,00;25,00\n\
        02/03/2026;Bia;B;2;10,00;25,00\n02/03/2026;Eva;B;1;10,00;10,00\n03/03/2026;Ana;A;4;5,00;50,00\n03/03/2026;Ana;B;3;10,00;50,00\n";

    #[test]
    fn totals_that_lines_of_one_day_and_customer_add_up_to_are_their_orders() {
        let with = |lines: &str| layout(&format!("Data;Cliente;Produto;Quantidade;Preço;Total\n{lines}")).unwrap();
        let found = with(LINES);
        assert_eq!(
            (found.header(Field::Total), found.header(Field::UnitPrice), &found.doubt),
            (None, Some("Preço"), &None)
        );
        let on_first = LINES.replace("B;3;10,00;40,00", "B;3;10,00;").replace("B;2;10,00;25,00", "B;2;10,00;");
        assert_eq!(with(&on_first.replace("B;3;10,00;50,00", "B;3;10,00;")).header(Field::Total), None);
        let own = LINES.replace(
            "A;2;5,00;40,00\n01/03/2026;Ana;B;3;10,00;40,00",
            "A;2;5,00;10,00\n01/03/2026;Ana;B;1;10,00;10,00",
        );
        let own = own
            .replace("A;1;5,00;25,00\n02/03/2026;Bia;B;2;10,00;25,00", "A;1;5,00;5,00\n02/03/2026;Bia;B;2;10,00;20,00");
        let own = own.replace(
            "A;4;5,00;50,00\n03/03/2026;Ana;B;3;10,00;50,00",
            "A;4;5,00;20,00\n03/03/2026;Ana;B;2;10,00;20,00",
        );
        assert_eq!(with(&own).header(Field::Total), Some("Total"));
    }

    #[test]
    fn totals_that_only_seem_to_be_their_orders_are_doubted() {
        let seeming = LINES.replace("40,00", "71,30").replace("25,00", "38,20").replace("50,00", "44,10");
        let doubt = layout(&format!("Data;Cliente;Produto;Quantidade;Preço;Total\n{seeming}")).unwrap().doubt;
        assert_eq!(doubt, Some(LayoutProblem::OrderTotal { column: "Total".to_owned() }));
    }

    #[test]
    fn a_total_that_stands_on_each_instalment_is_doubted() {
        let text = "Pedido;Data;Produto;Parcela;Valor Parcela;Valor Total\n\
            1;01/03/2026;A;1/2;5,00;10,00\n1;01/03/2026;A;2/2;5,00;10,00\n2;02/03/2026;B;1/2;10,00;20,00\n\
            2;02/03/2026;B;2/2;10,00;20,00\n3;03/03/2026;A;1/2;5,00;10,00\n3;03/03/2026;A;2/2;5,00;10,00\n";
        assert_eq!(layout(text).unwrap().doubt, Some(LayoutProblem::OrderTotal { column: "Valor Total".to_owned() }));
    }

    #[test]
    fn equal_tickets_of_one_order_are_lines_of_their_own() {
        let text = "Pedido;Data;Produto;Total\n1;01/03/2026;A;15,00\n1;01/03/2026;B;15,00\n2;02/03/2026;A;15,00\n\
            2;02/03/2026;B;15,00\n3;03/03/2026;A;15,00\n3;03/03/2026;C;15,00\n";
        assert_eq!(layout(text).unwrap().header(Field::Total), Some("Total"));
    }
}
