//! Finds the columns that belong to whole orders: discounts, refunds and texts that stand once for all lines. It asks if
//! nothing tells whose an amount is, because the sum depends on it.

use caudal_contract::field::Field;
use caudal_contract::notice::{DiscountReading, LayoutProblem, SumProof};

use crate::layout::evidence::{Agreement, Evidence, ONE, Parts};
use crate::layout::finding::Finding;
use crate::layout::names::fields_named;
use crate::layout::orders::{
    OrderDiscount, Orders, Refund, Shape, asks_whether_cancelled, names_cost, names_delivery, names_discount,
    names_on_top, names_refund, names_status, names_subtotal, names_total, names_whole_order, of_order,
    only_first_lines_fill, shape,
};
use crate::layout::result::Layout;
use crate::sheet::Kind;
use crate::value::amount::{gross as gross_of, in_cents};
use crate::value::number::{MONEY, PRICE, QUANTITY};
use crate::value::status::{Said, said};

/// Most amounts on top of the goods that are tried together.
const MOST_ON_TOP: usize = 4;
/// Most columns without a known name that are tried as the discount of the order.
const MOST_FREE: usize = 20;
/// Most amounts beside the goods by which other totals are explained.
const MOST_BESIDE: usize = 7;

/// Finds these columns.
pub(in crate::layout) fn ask(evidence: &Evidence<'_>, layout: &Layout) -> Vec<Finding> {
    if layout.known.is_some() {
        // A known export says which column is the discount. The contents say where the values of an order stand.
        let found = Found::of(evidence, layout);
        let orders = Orders { shared: found.shared(), beside: found.beside(), ..layout.orders.clone() };
        return vec![Finding::Orders(orders)];
    }
    let mut findings = Vec::new();
    let subtotal = subtotal_before_freight(evidence, layout);
    let replaced = subtotal.and(layout.column(Field::Total));
    let with_subtotal = subtotal.map(|subtotal| layout.read_with(Field::Total, subtotal).0);
    let layout = with_subtotal.as_ref().unwrap_or(layout);
    findings.extend(subtotal.map(|column| Finding::Assign { fields: vec![(Field::Total, Some(column))], proof: None }));
    let found = Found::of(evidence, layout);
    let (mut discount, doubt) = found.discount();
    findings.extend(doubt.map(Finding::Doubt));
    // The judge before may have said already why the total is no amount of the lines.
    let (refund, doubt) = found.refund(discount.as_ref());
    findings.extend(doubt.map(Finding::Doubt));
    findings.extend(found.partial_refunds(refund.is_some()).map(Finding::Doubt));
    if let Some(found) = &mut discount {
        found.control = found.control.take().filter(|_| found.reading != DiscountReading::Included);
    }
    let (explained, proof, differing) = found.explained_totals(discount.as_ref(), refund, replaced);
    findings.extend(differing.map(Finding::Doubt));
    let orders = Orders { shared: found.shared(), beside: found.beside(), discount, refund, explained };
    if let Some(discount) = &orders.discount
        && layout.column(Field::Discount) != Some(discount.column)
        && found.replaces_line_discount(discount)
    {
        findings.push(Finding::Assign { fields: vec![(Field::Discount, Some(discount.column))], proof: None });
    }
    if !orders.is_empty() {
        findings.push(Finding::Orders(orders));
    }
    findings.extend(proof.filter(|_| layout.column(Field::Total).is_none()).map(Finding::Proven));
    findings
}

/// The subtotal of orders that have one line, a discount and a total with freight that has no column: less the discount
/// it is the total on some orders, and on all others the total is more.
fn subtotal_before_freight(evidence: &Evidence<'_>, layout: &Layout) -> Option<usize> {
    let total = layout.column(Field::Total).filter(|_| layout.on_top.is_empty())?;
    if layout.orders_in(evidence.sheet, &evidence.rows).iter().any(|order| order.len() > 1) {
        return None;
    }
    let free = |named: fn(&str) -> bool| {
        let columns = evidence.columns().filter(move |(column, header, profile)| {
            *column != total
                && named(header)
                && profile.filled > 0
                && profile.fits(Field::Discount)
                && !profile.holds_days()
        });
        columns.map(|(column, ..)| column).collect::<Vec<_>>()
    };
    let totals = evidence.read(total, MONEY);
    let discounts = free(names_discount);
    free(names_subtotal).into_iter().find(|subtotal| {
        let sums = evidence.read(*subtotal, MONEY);
        discounts.iter().any(|discount| {
            let offs = evidence.read(*discount, MONEY);
            let (mut equal, mut more, mut less) = (0, 0, 0);
            for ((total, sum), off) in totals.iter().zip(&sums).zip(&offs) {
                let (Some(total), Some(sum)) = (total, sum) else { continue };
                let off = off.unwrap_or(0).abs();
                match total - (sum - off) {
                    -1..=1 => equal += usize::from(off != 0),
                    ..-1 => less += 1,
                    _ => more += 1,
                }
            }
            equal > 0 && more > 0 && less == 0
        })
    })
}

/// Whether an amount stands again on the row below, as the amounts of an order do.
fn repeats_below(values: &[Option<i64>]) -> bool {
    values.windows(2).any(|pair| matches!(pair, [Some(above), Some(below)] if above == below && *above != 0))
}

/// The amounts of the lines and of their orders.
struct Found<'a> {
    evidence: &'a Evidence<'a>,
    layout: &'a Layout,
    orders: Vec<Vec<usize>>,
    /// The money of each line before any discount of the order.
    lines: Vec<Option<i64>>,
    /// The same less the discounts of the lines, if these are not off yet.
    net_lines: Vec<Option<i64>>,
    /// Whether some order has several lines.
    several: bool,
}

/// One way in which discounts, amounts on top and a total of orders may belong together.
struct Equation {
    /// The orders with a discount that it explains.
    explains: usize,
    reading: DiscountReading,
    control: (usize, Vec<usize>),
}

impl<'a> Found<'a> {
    fn of(evidence: &'a Evidence<'a>, layout: &'a Layout) -> Self {
        let orders = layout.orders_in(evidence.sheet, &evidence.rows);
        let several = orders.iter().any(|order| order.len() > 1);
        let quantities = layout.column(Field::Quantity).map(|column| evidence.read(column, QUANTITY));
        let prices = layout.column(Field::UnitPrice).map(|column| evidence.read(column, PRICE));
        let totals = layout.column(Field::Total).map(|column| evidence.read(column, MONEY));
        let offs = layout.column(Field::Discount).map(|column| evidence.read(column, MONEY));
        let at = |values: &Option<Vec<Option<i64>>>, place: usize| {
            values.as_ref().and_then(|values| values.get(place).copied().flatten())
        };
        let gross = |place: usize| {
            let quantity = if quantities.is_some() { at(&quantities, place)? } else { 10_000 };
            gross_of(Some(quantity), at(&prices, place)).and_then(|gross| i64::try_from(gross).ok())
        };
        let on_top: Vec<Vec<Option<i64>>> = layout.on_top.iter().map(|column| evidence.read(*column, MONEY)).collect();
        let goods = |place: usize| {
            let top: i64 = on_top.iter().filter_map(|amounts| amounts.get(place).copied().flatten()).sum();
            at(&totals, place).map(|total| total - top)
        };
        let lines: Vec<Option<i64>> =
            (0..evidence.rows.len()).map(|place| goods(place).or_else(|| gross(place))).collect();
        let net = |(place, line): (usize, &Option<i64>)| {
            let off = if at(&totals, place).is_some() { 0 } else { at(&offs, place).unwrap_or(0).abs() };
            line.map(|line| line - off)
        };
        let net_lines = lines.iter().enumerate().map(net).collect();
        Self { evidence, layout, orders, lines, net_lines, several }
    }

    /// The columns of amounts with such a header.
    fn amounts(&self, named: fn(&str) -> bool) -> Vec<usize> {
        let money = self.evidence.columns().filter(|(_, header, profile)| {
            profile.filled > 0 && named(header) && (profile.fits(Field::Discount) && !profile.holds_days())
        });
        money.map(|(column, ..)| column).collect()
    }

    fn is_percent(&self, column: usize) -> bool {
        let Some(cells) = self.evidence.sheet.columns.get(column) else { return false };
        let signs = |row: &usize| {
            cells.kind(*row) == Kind::Text && cells.text(*row).is_some_and(|text| text.trim().ends_with('%'))
        };
        self.evidence.rows.iter().any(signs)
    }

    /// The discount of whole orders, or the question whose it is.
    fn discount(&self) -> (Option<OrderDiscount>, Option<LayoutProblem>) {
        let assigned = self.layout.column(Field::Discount);
        let mut best: Option<(usize, OrderDiscount)> = None;
        let mut doubt = None;
        for column in self.amounts(names_discount) {
            let raw = self.evidence.read(column, PRICE);
            let shape = shape(&self.orders, &raw);
            // Without orders of several lines, a discount of the row is the order's and the line's alike.
            let is_rows = assigned == Some(column) && (shape == Shape::Unknown || !self.several);
            let is_second =
                shape == Shape::Unknown && assigned.is_some() && !names_whole_order(&self.evidence.header(column));
            if shape == Shape::Line || is_rows || is_second || self.is_off_each_line(column) {
                continue;
            }
            let with: Vec<(&Vec<usize>, i64)> = self
                .orders
                .iter()
                .filter_map(|order| Some((order, of_order(order, &raw).filter(|raw| *raw != 0)?.abs())))
                .collect();
            if with.is_empty() {
                if shape == Shape::First && best.is_none() && assigned.is_none_or(|assigned| assigned == column) {
                    best = Some((0, self.plain(column, DiscountReading::Money)));
                }
                continue;
            }
            let percent = self.is_percent(column);
            let header = self.evidence.header(column);
            let by_name =
                if percent || header.contains('%') { DiscountReading::Percent } else { DiscountReading::Money };
            let readings: &[DiscountReading] = if percent {
                &[DiscountReading::Percent]
            } else {
                &[DiscountReading::Money, DiscountReading::Percent, DiscountReading::Fraction]
            };
            let controls = self.controls(column);
            let own_discount = assigned.is_some_and(|assigned| assigned != column);
            let lines =
                if own_discount || self.layout.column(Field::Total).is_some() { &self.net_lines } else { &self.lines };
            let off = self.explained(&with, &controls, readings, lines, column);
            let off_gross = own_discount
                .then(|| self.explained(&with, &controls, readings, &self.lines, column))
                .flatten()
                .filter(|gross| off.as_ref().is_none_or(|net| gross.explains > net.explains));
            let off = off_gross.or(off);
            let included = self.explained(&with, &controls, &[DiscountReading::Included], lines, column);
            let (taken_off, left_on) =
                (off.as_ref().map_or(0, |off| off.explains), included.as_ref().map_or(0, |included| included.explains));
            let proves = |count: usize| count > 0 && count * 10 >= with.len() * 9;
            let proven = if proves(taken_off) || taken_off >= left_on && proves(taken_off + left_on) {
                off
            } else if proves(left_on) || proves(taken_off + left_on) {
                included
            } else {
                None
            };
            if let Some(Equation { explains, reading, control }) = proven {
                if best.as_ref().is_none_or(|(most, _)| explains > *most) {
                    best = Some((
                        explains,
                        OrderDiscount { column, reading, control: Some(control), proofs: explains as u64 },
                    ));
                }
                continue;
            }
            if self.is_off_already(&with, &controls, lines) {
                continue;
            }
            let unclear = || Some(LayoutProblem::OrderDiscount { column: header.clone() });
            match shape {
                // Only its name and its place speak, and nothing speaks against them.
                Shape::First if controls.is_empty() => {
                    if best.is_none() {
                        best = Some((0, self.plain(column, by_name)));
                    }
                }
                Shape::Unknown if self.comes_off_before(&with, &controls, lines) => {
                    if best.is_none() {
                        best = Some((0, self.plain(column, by_name)));
                    }
                }
                // The only line of an order is the order.
                Shape::Unknown if controls.is_empty() => match self.has_discount_off(&with, column) {
                    Some(true) => {}
                    Some(false) if best.is_none() => best = Some((0, self.plain(column, by_name))),
                    Some(false) => {}
                    None => doubt = doubt.or_else(unclear),
                },
                Shape::Repeated if by_name == DiscountReading::Percent => {}
                _ => doubt = doubt.or_else(unclear),
            }
        }
        if best.as_ref().is_none_or(|(proofs, _)| *proofs == 0)
            && let Some(found) = self.unnamed_discount()
        {
            return (Some(found), None);
        }
        let doubt = doubt.filter(|_| best.as_ref().is_none_or(|(proofs, _)| *proofs == 0));
        (best.map(|(_, discount)| discount), doubt)
    }

    /// Whether the total of each line with a discount is quantity times price less that discount. The discount is the line's
    /// then, and is off its total already.
    fn is_off_each_line(&self, discount: usize) -> bool {
        let (Some(price), Some(total)) = (self.layout.column(Field::UnitPrice), self.layout.column(Field::Total))
        else {
            return false;
        };
        let quantities = self.layout.column(Field::Quantity).map(|column| self.evidence.read(column, QUANTITY));
        let (prices, totals) = (self.evidence.read(price, PRICE), self.evidence.read(total, MONEY));
        let offs = self.evidence.read(discount, MONEY);
        let at = |values: &[Option<i64>], row: usize| values.get(row).copied().flatten();
        let rows = (0..offs.len()).filter_map(|row| {
            let off = at(&offs, row).filter(|off| *off != 0)?;
            let quantity = quantities.as_ref().map_or(Some(ONE), |quantities| at(quantities, row))?;
            let net = gross_of(Some(quantity), at(&prices, row))? - i128::from(off.abs());
            Some((net - i128::from(at(&totals, row)?)).abs() <= 1)
        });
        let agreement: Agreement = rows.collect();
        agreement.agreeing > 0 && agreement.is_nine_of_ten()
    }

    /// A column with another name, such as "Cupom do vendedor", that is the difference between the lines and the total of
    /// every order that has one.
    fn unnamed_discount(&self) -> Option<OrderDiscount> {
        const FEWEST: usize = 2;
        let taken = |column: usize| self.layout.columns.iter().any(|(_, other)| *other == column);
        let free = self.evidence.columns().filter(|(column, header, profile)| {
            !taken(*column)
                && profile.holds_numbers()
                && !profile.holds_days()
                && !names_discount(header)
                && !names_total(header)
                && !names_on_top(header)
                && !names_refund(header)
                && !names_cost(header)
        });
        free.take(MOST_FREE).find_map(|(column, ..)| {
            let raw = self.evidence.read(column, PRICE);
            let with: Vec<(&Vec<usize>, i64)> = self
                .orders
                .iter()
                .filter_map(|order| Some((order, of_order(order, &raw).filter(|raw| *raw > 0)?)))
                .collect();
            if with.len() < FEWEST || shape(&self.orders, &raw) == Shape::Line {
                return None;
            }
            let money = [DiscountReading::Money];
            let found = self.explained(&with, &self.controls(column), &money, &self.net_lines, column)?;
            let proofs = found.explains as u64;
            let all = found.explains == with.len();
            let discount = OrderDiscount { column, reading: found.reading, control: Some(found.control), proofs };
            all.then_some(discount)
        })
    }

    /// Whether the total has the discount of the order off already. An amount that is quantity times price has not, and
    /// what was paid for the order has. `None` if nothing tells.
    fn has_discount_off(&self, with: &[(&Vec<usize>, i64)], column: usize) -> Option<bool> {
        // Without the numbers of orders nobody can tell whether it stands on each line again.
        let may_repeat = self.layout.column(Field::OrderId).is_none() && self.has_products();
        if may_repeat && names_whole_order(&self.evidence.header(column)) {
            return None;
        }
        let Some(total) = self.layout.column(Field::Total) else { return Some(false) };
        if let Some(parts) = Parts::of(self.layout).filter(|parts| parts.discount != Some(column)) {
            let totals = self.evidence.read(total, MONEY);
            let quantities = parts.quantity.map(|column| self.evidence.read(column, QUANTITY));
            let prices = self.evidence.read(parts.price, PRICE);
            let at = |values: &[Option<i64>], place: usize| values.get(place).copied().flatten();
            let gross: Agreement = with
                .iter()
                .flat_map(|(order, _)| order.iter().copied())
                .filter_map(|place| {
                    let quantity = quantities.as_ref().map_or(Some(10_000), |quantities| at(quantities, place));
                    let gross = gross_of(quantity, at(&prices, place))?;
                    Some((gross - i128::from(at(&totals, place)?)).abs() <= 1)
                })
                .collect();
            if gross.agreeing > 0 && gross.is_nine_of_ten() {
                return Some(false);
            }
        }
        let header = self.evidence.header(total);
        // Beside the discount of its order, a subtotal is the sum before it.
        if !self.several && names_subtotal(&header) {
            return Some(false);
        }
        names_whole_order(&header).then_some(true)
    }

    /// Whether another total is the lines plus the discount, so that the lines have it off.
    fn is_off_already(
        &self,
        with: &[(&Vec<usize>, i64)],
        controls: &[(usize, Vec<Option<i64>>)],
        lines: &[Option<i64>],
    ) -> bool {
        controls.iter().any(|(_, totals)| {
            let compared = with.iter().filter_map(|(order, raw)| {
                let sum = order.iter().map(|place| lines.get(*place).copied().flatten()).sum::<Option<i64>>()?;
                let off = in_cents(DiscountReading::Money, *raw, None)?;
                Some((of_order(order, totals)? - sum - off).abs() <= 1)
            });
            let agreement: Agreement = compared.collect();
            agreement.agreeing > 0 && agreement.is_nine_of_ten()
        })
    }

    /// Whether the totals of the orders are less than their lines on an order with a discount, and never less than the
    /// lines without it. Then it came off, and what is left may be freight.
    fn comes_off_before(
        &self,
        with: &[(&Vec<usize>, i64)],
        controls: &[(usize, Vec<Option<i64>>)],
        lines: &[Option<i64>],
    ) -> bool {
        let is_so = |totals: &Vec<Option<i64>>| {
            let compared = with.iter().filter_map(|(order, raw)| {
                let sum = order.iter().map(|place| lines.get(*place).copied().flatten()).sum::<Option<i64>>()?;
                let off = in_cents(DiscountReading::Money, *raw, None)?;
                Some((of_order(order, totals)? - sum, off))
            });
            let compared: Vec<(i64, i64)> = compared.collect();
            compared.iter().any(|(left, _)| *left < 0) && compared.iter().all(|(left, off)| left + off >= -1)
        };
        controls.iter().any(|(_, totals)| is_so(totals))
    }

    fn has_products(&self) -> bool {
        self.layout.column(Field::Product).or(self.layout.column(Field::Sku)).is_some()
    }

    fn plain(&self, column: usize, reading: DiscountReading) -> OrderDiscount {
        OrderDiscount { column, reading, control: None, proofs: 0 }
    }

    /// The totals of whole orders, and of single lines if no order has several.
    fn controls(&self, discount: usize) -> Vec<(usize, Vec<Option<i64>>)> {
        let lines = self.layout.column(Field::Total);
        let price = self.layout.column(Field::UnitPrice);
        let totals = self
            .amounts(names_total)
            .into_iter()
            .filter(|column| Some(*column) != lines && Some(*column) != price && *column != discount);
        let read = totals.map(|column| (column, self.evidence.read(column, MONEY)));
        let is_whole = |shape: Shape| match shape {
            Shape::First | Shape::Repeated => true,
            Shape::Unknown => !self.several,
            Shape::Line => false,
        };
        read.filter(|(_, values)| is_whole(shape(&self.orders, values))).collect()
    }

    /// The amounts on top of the goods of each order, by column.
    fn on_top(&self) -> Vec<(usize, Vec<i64>)> {
        let columns = self.amounts(names_on_top).into_iter().take(MOST_ON_TOP);
        columns.map(|column| (column, self.of_orders(column))).collect()
    }

    /// The equation that explains most orders with a discount, by these readings.
    fn explained(
        &self,
        with: &[(&Vec<usize>, i64)],
        controls: &[(usize, Vec<Option<i64>>)],
        readings: &[DiscountReading],
        lines: &[Option<i64>],
        discount: usize,
    ) -> Option<Equation> {
        let on_top: Vec<(usize, Vec<i64>)> =
            self.on_top().into_iter().filter(|(column, _)| *column != discount).collect();
        let place_of = |order: &Vec<usize>| self.orders.iter().position(|other| std::ptr::eq(other, order));
        let rows: Vec<(usize, i64, i64, &Vec<usize>)> = with
            .iter()
            .filter_map(|(order, raw)| {
                let sum = order.iter().map(|place| lines.get(*place).copied().flatten()).sum::<Option<i64>>()?;
                Some((place_of(order)?, *raw, sum, *order))
            })
            .collect();
        let mut best: Option<Equation> = None;
        for (control, totals) in controls {
            for chosen in 0..1_usize << on_top.len() {
                let picked: Vec<&(usize, Vec<i64>)> =
                    on_top.iter().enumerate().filter(|(bit, _)| chosen >> bit & 1 == 1).map(|(_, top)| top).collect();
                for reading in readings {
                    let explains = rows.iter().filter(|(place, raw, sum, order)| {
                        let Some(total) = of_order(order, totals) else { return false };
                        let off = match reading {
                            DiscountReading::Included => Some(0),
                            reading => in_cents(*reading, *raw, Some(i128::from(*sum))),
                        };
                        let top: i64 = picked.iter().filter_map(|(_, amounts)| amounts.get(*place)).sum();
                        let rounding = i64::try_from(order.len()).unwrap_or(1);
                        off.is_some_and(|off| (sum - off + top - total).abs() <= rounding)
                    });
                    let explains = explains.count();
                    if explains > best.as_ref().map_or(0, |best| best.explains) {
                        let control = (*control, picked.iter().map(|(column, _)| *column).collect());
                        best = Some(Equation { explains, reading: *reading, control });
                    }
                }
            }
        }
        best
    }

    /// Whether the discount of the order holds the discounts of the lines already, or the lines have none.
    fn replaces_line_discount(&self, discount: &OrderDiscount) -> bool {
        let Some(own) = self.layout.column(Field::Discount) else { return true };
        let (own, whole) = (self.evidence.read(own, MONEY), self.evidence.read(discount.column, PRICE));
        if own.iter().flatten().all(|off| *off == 0) {
            return true;
        }
        let Some((control, on_top)) = &discount.control else { return false };
        let totals = self.evidence.read(*control, MONEY);
        let tops: Vec<_> = self.on_top().into_iter().filter(|(column, _)| on_top.contains(column)).collect();
        let (mut gross, mut net) = (0, 0);
        for (place, order) in self.orders.iter().enumerate() {
            let sum = |lines: &[Option<i64>]| {
                order.iter().map(|place| lines.get(*place).copied().flatten()).sum::<Option<i64>>()
            };
            let (Some(lines), Some(nets), Some(total)) =
                (sum(&self.lines), sum(&self.net_lines), of_order(order, &totals))
            else {
                continue;
            };
            let top: i64 = tops.iter().filter_map(|(_, amounts)| amounts.get(place)).sum();
            let off = |sum: i64| {
                of_order(order, &whole)
                    .and_then(|raw| in_cents(discount.reading, raw.abs(), Some(i128::from(sum))))
                    .unwrap_or(0)
            };
            gross += usize::from((lines - off(lines) + top - total).abs() <= 2);
            net += usize::from((nets - off(nets) + top - total).abs() <= 2);
        }
        gross > net
    }

    /// The column of money that was returned, or the question whose it is.
    fn refund(&self, off: Option<&OrderDiscount>) -> (Option<Refund>, Option<LayoutProblem>) {
        let columns = self
            .amounts(names_refund)
            .into_iter()
            .filter(|column| self.layout.columns.iter().all(|(_, taken)| taken != column));
        let with_some = columns.map(|column| (column, self.evidence.read(column, MONEY)));
        let mut candidates = with_some.filter(|(_, values)| values.iter().flatten().any(|value| *value != 0));
        let Some((column, values)) = candidates.next() else {
            // Later rows may have refunds, so the first column that is there is kept in mind.
            let column = self
                .amounts(names_refund)
                .into_iter()
                .find(|column| self.layout.columns.iter().all(|(_, taken)| taken != column));
            let whole = |column: usize| shape(&self.orders, &self.evidence.read(column, MONEY)) != Shape::Line;
            return (
                column
                    .filter(|_| self.off_already(&[]) == Some(false))
                    .map(|column| Refund { column, of_order: whole(column) }),
                None,
            );
        };
        let header = self.evidence.header(column);
        let unclear = || Some(LayoutProblem::RefundUnclear { column: header.clone() });
        if self.lines.iter().flatten().any(|line| *line < 0) {
            return (None, unclear());
        }
        if self.off_already(&values) == Some(true) {
            return (None, None);
        }
        if self.layout.column(Field::OrderId).is_none() && self.has_products() && repeats_below(&values) {
            return (None, unclear());
        }
        if self.exceeds_its_order(&values, column, off) {
            return (None, unclear());
        }
        let of_order = match shape(&self.orders, &values) {
            Shape::First => true,
            Shape::Line => false,
            Shape::Unknown => true,
            Shape::Repeated => {
                let refunded =
                    |order: &&Vec<usize>| order.len() > 1 && of_order(order, &values).is_some_and(|value| value != 0);
                let exceeds = |order: &Vec<usize>| {
                    let refund = of_order(order, &values).unwrap_or(0).abs();
                    order
                        .iter()
                        .any(|place| self.lines.get(*place).copied().flatten().is_some_and(|line| line < refund))
                };
                if !self.orders.iter().filter(refunded).any(exceeds) {
                    return (None, unclear());
                }
                true
            }
        };
        (Some(Refund { column, of_order }), None)
    }

    /// Whether a refund is more than its order: the goods, what stands on top of them, and every total of the order.
    fn exceeds_its_order(&self, refunds: &[Option<i64>], column: usize, discount: Option<&OrderDiscount>) -> bool {
        let raw = discount.map(|discount| self.evidence.read(discount.column, PRICE)).unwrap_or_default();
        let on_top = self.on_top();
        let totals: Vec<Vec<i64>> =
            self.amounts(names_total).into_iter().filter(|other| *other != column).map(|c| self.of_orders(c)).collect();
        self.orders.iter().enumerate().any(|(place, order)| {
            let Some(refund) = of_order(order, refunds).map(i64::abs) else { return false };
            let Some(goods) = self.goods_of(order, discount, &raw) else { return false };
            // What the shop paid for the delivery stands below zero, and is not returned.
            let top: i64 = on_top.iter().filter_map(|(_, amounts)| amounts.get(place)).map(|top| (*top).max(0)).sum();
            let most = totals.iter().filter_map(|totals| totals.get(place)).copied().max().unwrap_or(0);
            refund > most.max(goods + top) + i64::try_from(order.len()).unwrap_or(1)
        })
    }

    /// Whether the total has the refunds off already, because quantity times price less them is the total, or because
    /// another total less them is. `Some(false)` without refunds.
    fn off_already(&self, refunds: &[Option<i64>]) -> Option<bool> {
        let Some(total) = self.layout.column(Field::Total) else { return Some(false) };
        if names_refund(&self.evidence.header(total)) {
            return Some(true);
        }
        let totals = self.evidence.read(total, MONEY);
        let quantities = self.layout.column(Field::Quantity).map(|column| self.evidence.read(column, QUANTITY));
        let prices = self.layout.column(Field::UnitPrice).map(|column| self.evidence.read(column, PRICE));
        let offs = self.layout.column(Field::Discount).map(|column| self.evidence.read(column, PRICE));
        let others: Vec<Vec<Option<i64>>> = self
            .amounts(names_total)
            .into_iter()
            .filter(|column| *column != total)
            .map(|column| self.evidence.read(column, MONEY))
            .collect();
        let (mut off, mut compared) = (0, 0);
        for (place, refund) in refunds.iter().enumerate() {
            let (Some(refund), Some(Some(total))) = (refund.filter(|refund| *refund != 0), totals.get(place)) else {
                continue;
            };
            compared += 1;
            let at = |values: &Vec<Option<i64>>| values.get(place).copied().flatten();
            let quantity = quantities.as_ref().map_or(Some(10_000), at);
            let gross = gross_of(quantity, prices.as_ref().and_then(at));
            let raw = offs.as_ref().and_then(at).unwrap_or(0).abs();
            let readings = [DiscountReading::Money, DiscountReading::Percent, DiscountReading::Fraction];
            let by_gross = gross.is_some_and(|gross| {
                readings.iter().any(|reading| {
                    let off = in_cents(*reading, raw, Some(gross)).unwrap_or(0);
                    (gross - i128::from(off) - i128::from(refund.abs()) - i128::from(*total)).abs() <= 1
                })
            });
            let by_other =
                others.iter().any(|other| at(other).is_some_and(|other| (other - refund.abs() - total).abs() <= 1));
            off += usize::from(by_gross || by_other);
        }
        Some(compared > 0 && off * 10 >= compared * 9)
    }

    /// The question for refunds in part without a column of their amounts.
    fn partial_refunds(&self, has_amounts: bool) -> Option<LayoutProblem> {
        if has_amounts || !self.amounts(names_refund).is_empty() {
            return None;
        }
        let assigned = self.layout.column(Field::Status);
        let columns =
            self.evidence.columns().filter(|(column, header, _)| Some(*column) == assigned || names_status(header));
        for (column, header, _) in columns {
            let Some(cells) = self.evidence.sheet.columns.get(column) else { continue };
            let partly = |row: &&usize| {
                cells.kind(**row) == Kind::Text && cells.text(**row).and_then(said) == Some(Said::PartlyReturned)
            };
            let mut rows = self.evidence.rows.iter().filter(partly);
            if let Some(first) = rows.next() {
                let value = cells.text(*first).unwrap_or_default().chars().take(60).collect();
                return Some(LayoutProblem::PartialRefund {
                    column: header.clone(),
                    value,
                    rows: 1 + rows.count() as u64,
                });
            }
        }
        None
    }

    /// The other totals of the sheet that follow from the money of the lines and the amounts beside it, and the proof
    /// that they give: on nine of ten orders a total is the goods, with or without discounts, freight, taxes, refunds and
    /// fees.
    fn explained_totals(
        &self,
        discount: Option<&OrderDiscount>,
        refund: Option<Refund>,
        replaced: Option<usize>,
    ) -> (Vec<usize>, Option<SumProof>, Option<LayoutProblem>) {
        let taken = |column: &usize| self.layout.columns.iter().any(|(_, other)| other == column);
        let raw = discount.map(|discount| self.evidence.read(discount.column, PRICE)).unwrap_or_default();
        let goods: Vec<Option<i64>> = self.orders.iter().map(|order| self.goods_of(order, discount, &raw)).collect();
        let mut beside: Vec<(usize, Vec<i64>)> = self.on_top();
        let fee = self.layout.column(Field::Fee);
        let fees = fee.into_iter().map(|column| (column, -1));
        let offs = self.amounts(names_discount).into_iter().filter(|column| !self.is_percent(*column)).map(|c| (c, 1));
        let refunds = refund.iter().map(|refund| (refund.column, -1));
        for (column, sign) in offs.chain(refunds).chain(fees) {
            beside.push((column, self.of_orders(column).into_iter().map(|amount| sign * amount.abs()).collect()));
        }
        beside.retain(|(_, amounts)| amounts.iter().any(|amount| *amount != 0));
        beside.truncate(MOST_BESIDE);
        let mut columns = Vec::new();
        let (mut proof, mut differing): (Option<Agreement>, Option<LayoutProblem>) = (None, None);
        for column in self.amounts(names_total).into_iter().filter(|column| !taken(column)) {
            let values = self.evidence.read(column, MONEY);
            let shape = shape(&self.orders, &values);
            let of = |order: &Vec<usize>| {
                if shape != Shape::Line {
                    return of_order(order, &values);
                }
                order.iter().map(|place| values.get(*place).copied().flatten()).sum::<Option<i64>>()
            };
            let totals: Vec<Option<i64>> = self.orders.iter().map(of).collect();
            let agreement = |chosen: usize| {
                let picked: Vec<&Vec<i64>> = beside
                    .iter()
                    .enumerate()
                    .filter(|(bit, _)| chosen >> bit & 1 == 1)
                    .map(|(_, top)| &top.1)
                    .collect();
                let compared = self.orders.iter().zip(&goods).zip(&totals).enumerate();
                let agrees = compared.filter_map(|(place, ((order, goods), total))| {
                    let top: i64 = picked.iter().filter_map(|amounts| amounts.get(place)).sum();
                    let rounding = i64::try_from(order.len()).unwrap_or(1);
                    Some(((*goods)? + top - (*total)?).abs() <= rounding)
                });
                agrees.collect::<Agreement>()
            };
            // Before a discount that has no column, a total is never less than the goods.
            let over: Vec<i64> =
                goods.iter().zip(&totals).filter_map(|(goods, total)| Some((*total)? - (*goods)?)).collect();
            let is_before = over.iter().all(|over| *over >= -1) && over.iter().any(|over| *over <= 1);
            // The total of which the subtotal was taken instead holds freight without a column.
            if (!self.layout.on_top.is_empty() || Some(column) == replaced) && is_before {
                columns.push(column);
                continue;
            }
            let explains = |agreement: &Agreement| agreement.agreeing > 0 && agreement.is_nine_of_ten();
            if let Some(found) = (0..1_usize << beside.len()).map(agreement).find(explains) {
                columns.push(column);
                proof = proof.or(Some(found));
                continue;
            }
            let best = (0..1_usize << beside.len()).map(agreement).max_by_key(|found| found.agreeing);
            let is_whole = self.several && matches!(shape, Shape::First | Shape::Repeated);
            if let Some(best) = best.filter(|best| is_whole && best.compared > 0 && best.is_half()) {
                differing = differing.or(Some(LayoutProblem::OrderTotalDiffers {
                    column: self.evidence.header(column),
                    orders: (best.compared - best.agreeing) as u64,
                    of: best.compared as u64,
                }));
            }
        }
        let proof = proof.map(|found| SumProof::Arithmetic { rows: found.agreeing as u64, of: found.compared as u64 });
        (columns, proof, differing)
    }

    /// The money of an order less the discount of the order.
    fn goods_of(&self, order: &[usize], discount: Option<&OrderDiscount>, raw: &[Option<i64>]) -> Option<i64> {
        let own = self.layout.column(Field::Discount);
        let is_own = discount.is_some_and(|discount| own.is_some_and(|own| own != discount.column));
        let lines = if own.is_some() && (discount.is_none() || is_own) { &self.net_lines } else { &self.lines };
        let sum = order.iter().map(|place| lines.get(*place).copied().flatten()).sum::<Option<i64>>()?;
        let Some(discount) = discount else { return Some(sum) };
        let raw = of_order(order, raw).unwrap_or(0).abs();
        Some(sum - in_cents(discount.reading, raw, Some(i128::from(sum))).unwrap_or(0))
    }

    /// The amounts of a column by order.
    fn of_orders(&self, column: usize) -> Vec<i64> {
        let values = self.evidence.read(column, MONEY);
        let whole = shape(&self.orders, &values) != Shape::Line;
        let of = |order: &Vec<usize>| {
            if whole {
                return of_order(order, &values).unwrap_or(0);
            }
            order.iter().filter_map(|place| values.get(*place).copied().flatten()).sum()
        };
        self.orders.iter().map(of).collect()
    }

    /// The columns of texts and days that only first lines fill.
    fn shared(&self) -> Vec<usize> {
        if !self.several {
            return Vec::new();
        }
        let first_only = |column: usize| {
            let cells = self.evidence.sheet.columns.get(column);
            cells.is_some_and(|cells| only_first_lines_fill(cells, &self.orders, &self.evidence.rows))
        };
        // One column alone may be blank by chance. Two are a habit of the sheet.
        let all: Vec<usize> = (0..self.evidence.headers.len()).filter(|column| first_only(*column)).collect();
        if all.len() < 2 {
            return Vec::new();
        }
        let is_shared = |column: &usize| {
            let field = self.layout.columns.iter().find(|(_, other)| other == column).map(|(field, _)| *field);
            let header = self.evidence.header(*column);
            match field {
                Some(Field::OrderId | Field::Date) => false,
                Some(field) => field.is_shared() || field == Field::Currency,
                None => {
                    let is_currency = || fields_named(&header).iter().any(|(field, _)| *field == Field::Currency);
                    names_status(&header) && !names_delivery(&header)
                        || asks_whether_cancelled(&header)
                        || is_currency()
                }
            }
        };
        all.into_iter().filter(is_shared).collect()
    }

    /// The amounts beside the total that stand again on each line of an order.
    fn beside(&self) -> Vec<Field> {
        const FIELDS: [Field; 3] = [Field::Freight, Field::Tax, Field::Fee];
        if !self.several {
            return Vec::new();
        }
        let repeats = |field: &Field| {
            let values = self.layout.column(*field).map(|column| self.evidence.read(column, MONEY));
            values.is_some_and(|values| shape(&self.orders, &values) == Shape::Repeated)
        };
        FIELDS.into_iter().filter(repeats).collect()
    }
}
