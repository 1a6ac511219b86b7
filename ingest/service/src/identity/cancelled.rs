//! Cancelled rows: the sales that they cancel, found by order number.
//!
//! A cancelled row with a line number cancels this line of its order, and one with a product the line with this product. A row that
//! names neither cancels the whole order. So do the rows of an order if none of them finds a line and their import has no paid row of
//! the order, because then the product is written in another way. The rows are kept: lines that are staged later, but with an earlier
//! place in time, meet them too ([decision 27](../../../../docs/decisions/0027-a-cancellation-is-a-statement-with-a-place-in-time.md)).

use std::collections::{BTreeMap, BTreeSet};

use caudal_contract::field::Field;
use caudal_contract::message::{Cancellation, ImportId, Origin, SaleKey};
use caudal_contract::notice::Remark;
use caudal_contract::text::folded;
use caudal_platform::database::DbConnection;
use caudal_platform::on_backend;
use chrono::NaiveDate;
use diesel::prelude::*;
use hashbrown::HashMap;

use super::orders::{ORDERS_AT_ONCE, Orders, Staged};
use super::{OrderRows, Sender, Space, latest_spaces, new_space};
use crate::schema::cancellations;
use caudal_reading::records::Records;

/// A cancelled row with an order number.
#[derive(Debug, Clone, Insertable, Queryable)]
#[diesel(table_name = cancellations)]
struct CancelledRow {
    order_id: String,
    /// The number of its line. Empty if it has none.
    line: String,
    /// The folded product. Empty if it names none.
    product: String,
    /// Its number among the rows of the order with this product. Paid rows of the same import come first.
    occurrence: i64,
    /// Whether its import has no paid row of the order. Always so for a row of the API, because its meaning does not depend
    /// on the other rows of its batch.
    alone: bool,
    import_id: String,
    sheet: String,
    row: i64,
}

/// The cancelled rows of an import that name an order, and what tells whether they mean the orders of a space.
pub(super) struct CancelledRows {
    rows: Vec<CancelledRow>,
    /// Day and folded customer of each row.
    told: Vec<(NaiveDate, String)>,
}

impl CancelledRows {
    /// The rows of these sheets that `is_wanted`. `paid` are the rows of the same import that are sales.
    pub(super) fn of(
        sender: Sender<'_>,
        sheets: &[Records<'_>],
        paid: &OrderRows<'_>,
        is_wanted: impl Fn(&str, u32) -> bool,
    ) -> Self {
        let (mut rows, mut told) = (Vec::new(), Vec::new());
        for records in sheets {
            for index in 0..records.len() {
                let Some(order_id) = records.text(Field::OrderId, index) else { continue };
                if !is_wanted(records.sheet(), records.row(index)) {
                    continue;
                }
                let customer = [Field::Document, Field::Email, Field::Customer]
                    .into_iter()
                    .find_map(|field| records.text(field, index));
                rows.push(CancelledRow {
                    order_id: order_id.to_owned(),
                    line: records.text(Field::Line, index).unwrap_or_default().to_owned(),
                    product: records.text(Field::Product, index).map(folded).unwrap_or_default(),
                    occurrence: 0,
                    alone: true,
                    import_id: sender.import_id.to_owned(),
                    sheet: records.sheet().to_owned(),
                    row: i64::from(records.row(index)),
                });
                told.push((records.sold_on(index), customer.map(folded).unwrap_or_default()));
            }
        }
        let mut all = Self { rows, told };
        all.count_after(paid, sender.origin);
        all
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Counts equal products of an order, in a file after those of the paid rows, because they are other lines. A row of the API may
    /// cancel the very line that a row before it has paid.
    fn count_after(&mut self, paid: &OrderRows<'_>, origin: Origin) {
        if self.rows.is_empty() {
            return;
        }
        let mut counts: HashMap<(String, String), i64> = HashMap::new();
        let orders: BTreeSet<String> = self.rows.iter().map(|row| row.order_id.clone()).collect();
        let mut paid_orders: BTreeSet<String> = BTreeSet::new();
        for line in paid.lines_of_orders(&orders) {
            paid_orders.insert(line.order_id.to_string());
            if origin == Origin::File {
                *counts.entry((line.order_id.to_string(), line.product.to_string())).or_insert(0) += 1;
            }
        }
        for row in &mut self.rows {
            row.alone = origin == Origin::Api || !paid_orders.contains(&row.order_id);
            let count = counts.entry((row.order_id.clone(), row.product.clone())).or_insert(0);
            row.occurrence = *count;
            *count += 1;
        }
    }

    /// The space in which the rows mean orders. `chosen` is the space of the import's sales.
    /// `None` if the numbers were met but belong to other sales.
    pub(super) fn space(
        &self,
        connection: &mut DbConnection,
        sender: Sender<'_>,
        chosen: Option<Space>,
    ) -> QueryResult<(Option<i64>, Option<Remark>)> {
        let spaces = match chosen {
            Some(Space { id, is_proved: true }) => return Ok((Some(id), None)),
            Some(Space { id, is_proved: false }) => vec![id],
            None => latest_spaces(connection, sender)?,
        };
        let Some(latest) = spaces.first().copied() else { return Ok((Some(new_space(connection, sender)?), None)) };
        if sender.origin == Origin::Api {
            return Ok((Some(latest), None));
        }
        let mut most_met = (0, 0);
        for space in spaces {
            let (met, agreed) = self.agreement(connection, sender, space)?;
            if agreed * 2 > met {
                return Ok((Some(space), None));
            }
            most_met = most_met.max((met, agreed));
        }
        Ok(match most_met {
            (0, _) => (Some(latest), None),
            (met, agreed) => (None, Some(Remark::OrderIdsLocal { met, agreed })),
        })
    }

    /// How many of the first rows meet an order, and how many of these share day, product or customer with it.
    fn agreement(&self, connection: &mut DbConnection, sender: Sender<'_>, space: i64) -> QueryResult<(u64, u64)> {
        let compared = self.rows.iter().zip(&self.told).take(ORDERS_AT_ONCE);
        let order_ids = compared.clone().map(|(row, _)| row.order_id.as_str());
        let orders = Orders::load(connection, sender, space, order_ids)?;
        let (mut met, mut agreed) = (0, 0);
        for (row, (day, customer)) in compared {
            let lines = orders.lines_of(&row.order_id);
            met += u64::from(!lines.is_empty());
            agreed += u64::from(lines.iter().any(|line| line.shares(*day, &row.product, customer)));
        }
        Ok((met, agreed))
    }

    /// Keeps the rows, and returns the sales that they cancel.
    pub(super) fn cancel(
        self,
        connection: &mut DbConnection,
        sender: Sender<'_>,
        space: i64,
    ) -> QueryResult<Vec<Cancellation>> {
        for row in &self.rows {
            diesel::insert_into(cancellations::table)
                .values((cancellations::space_id.eq(space), row.clone()))
                .execute(connection)?;
        }
        meet(connection, sender, space, &self.rows)
    }
}

/// The cancellations by later imports of orders that this import has just staged. There are some if it had to wait, or if a row of it
/// was mended or released.
pub(super) fn by_later_imports(
    connection: &mut DbConnection,
    sender: Sender<'_>,
    space: i64,
    orders: impl FnOnce(&BTreeSet<String>) -> BTreeSet<String>,
) -> QueryResult<Vec<Cancellation>> {
    use cancellations::dsl;
    let later: Vec<CancelledRow> = on_backend!(connection, own => dsl::cancellations
        .filter(dsl::space_id.eq(space).and(dsl::import_id.gt(sender.import_id)))
        .order(dsl::id)
        .select((
            dsl::order_id, dsl::line, dsl::product, dsl::occurrence, dsl::alone, dsl::import_id, dsl::sheet, dsl::row,
        ))
        .load(own))?;
    if later.is_empty() {
        return Ok(Vec::new());
    }
    let own = orders(&later.iter().map(|row| row.order_id.clone()).collect());
    let met: Vec<CancelledRow> = later.into_iter().filter(|row| own.contains(&row.order_id)).collect();
    meet(connection, sender, space, &met)
}

/// A cancellation of an order, or of one of its lines, without a row. `None` if no sale with this number was staged.
///
/// # Errors
/// The database error, if a query fails.
pub fn cancel_order(
    connection: &mut DbConnection,
    sender: Sender<'_>,
    order_id: &str,
    line: Option<&str>,
) -> QueryResult<Option<Vec<Cancellation>>> {
    super::lock_orders(connection, sender.source)?;
    let Some(space) = latest_spaces(connection, sender)?.first().copied() else { return Ok(None) };
    let row = CancelledRow {
        order_id: order_id.to_owned(),
        line: line.unwrap_or_default().to_owned(),
        product: String::new(),
        occurrence: 0,
        // A line that is unknown must not stand for the whole order.
        alone: false,
        import_id: sender.import_id.to_owned(),
        sheet: String::new(),
        row: 1,
    };
    let found = meet(connection, sender, space, std::slice::from_ref(&row))?;
    if found.is_empty() {
        return Ok(None);
    }
    diesel::insert_into(cancellations::table).values((cancellations::space_id.eq(space), row)).execute(connection)?;
    Ok(Some(found))
}

/// The staged lines that these rows cancel.
fn meet(
    connection: &mut DbConnection,
    sender: Sender<'_>,
    space: i64,
    rows: &[CancelledRow],
) -> QueryResult<Vec<Cancellation>> {
    let mut by_order: BTreeMap<(&str, &str), Vec<&CancelledRow>> = BTreeMap::new();
    for row in rows {
        by_order.entry((row.order_id.as_str(), row.import_id.as_str())).or_default().push(row);
    }
    let groups: Vec<_> = by_order.into_iter().collect();
    let mut found = Vec::new();
    for groups in groups.chunks(ORDERS_AT_ONCE) {
        let orders = Orders::load(connection, sender, space, groups.iter().map(|((order_id, _), _)| *order_id))?;
        for ((order_id, import_id), rows) in groups {
            let import_id = Some(*import_id).filter(|id| *id != sender.import_id);
            let import_id: Option<ImportId> = import_id.and_then(|id| id.parse().ok());
            let cancels_own = import_id.is_none() && sender.origin == Origin::Api;
            for (row, key) in cancelled_lines(rows, orders.lines_of(order_id)) {
                let (sheet, row) = (row.sheet.clone(), u32::try_from(row.row).unwrap_or(0));
                found.push(Cancellation { key, import_id, sheet, row, cancels_own });
            }
        }
    }
    Ok(found)
}

/// The lines of an order that rows of one import cancel, each with its row.
fn cancelled_lines<'r>(rows: &[&'r CancelledRow], lines: &[Staged<'_>]) -> Vec<(&'r CancelledRow, SaleKey)> {
    let mut cancelled: Vec<(&CancelledRow, SaleKey)> = Vec::new();
    let whole_order = |row: &'r CancelledRow| lines.iter().map(move |line| (row, line.key));
    for row in rows.iter().copied() {
        if row.line.is_empty() && row.product.is_empty() {
            cancelled.extend(whole_order(row));
        } else {
            cancelled.extend(line_of(row, lines).map(|line| (row, line.key)));
        }
    }
    if cancelled.is_empty()
        && let Some(row) = rows.first().filter(|row| row.alone)
    {
        cancelled.extend(whole_order(row));
    }
    cancelled
}

/// The line that a row names by its number or its product.
fn line_of<'l, 's>(row: &CancelledRow, lines: &'l [Staged<'s>]) -> Option<&'l Staged<'s>> {
    let CancelledRow { line: number, product, occurrence, .. } = row;
    let named = |name: String| lines.iter().find(|line| *line.line == *name);
    if !number.is_empty() {
        let by_number = named(format!("line:{number}/product:{product}")).or_else(|| named(format!("line:{number}")));
        let are_numbered = lines.iter().any(|line| line.line.starts_with("line:"));
        if by_number.is_some() || are_numbered || product.is_empty() {
            return by_number;
        }
    }
    let of_product = |line: &&Staged<'_>| *line.product == **product;
    lines.iter().filter(of_product).nth(usize::try_from(*occurrence).unwrap_or(usize::MAX))
}
