//! The identity of a duplicate that a person declares to be a sale of its own: one more line of its order.

use std::collections::BTreeSet;

use caudal_contract::message::{Cancellation, SaleKey};
use caudal_platform::database::DbConnection;
use diesel::prelude::*;

use super::orders::Orders;
use super::{OrderLine, OrderRows, Place, Sender, all_places, cancelled, fingerprints, latest_spaces, lock_orders};
use crate::schema::order_lines;
use caudal_reading::records::Records;

/// The key of a released row, and the cancellations of its order by later imports. The row is recorded as the next line of its order with its product, so that a later file
/// with the row twice meets both lines. Returns `None` in three cases: if the row's key does not come from an order
/// number, if the order's lines are numbered (a number that comes twice is one line in every file), or if as many of
/// its rows were released before.
///
/// # Errors
/// The database error, if a query fails.
pub fn identify_released(
    connection: &mut DbConnection,
    sender: Sender<'_>,
    sheets: &[Records<'_>],
    (sheet, row): (&str, u32),
) -> QueryResult<Option<(SaleKey, Vec<Cancellation>)>> {
    let places: Vec<Place> = all_places(sheets).collect();
    let fingerprints = fingerprints(sender, sheets);
    let rows = OrderRows::of(sender, sheets, &fingerprints, &places);
    let is_released = |(number, index): Place| {
        sheets.get(number).is_some_and(|records| records.sheet() == sheet && records.row(index) == row)
    };
    let Some(line) = rows.lines(is_released).next().filter(|line| !line.numbered) else { return Ok(None) };
    let line = &line;
    lock_orders(connection, sender.source)?;
    let Some(space) = space_of(connection, sender, line)? else { return Ok(None) };
    let is_equal = |other: &OrderLine<'_>| other.order_id == line.order_id && other.fingerprint == line.fingerprint;
    let equal_rows = i64::try_from(rows.lines(|_| true).filter(is_equal).count()).unwrap_or(i64::MAX);
    if recorded(connection, sender, space, line)? >= equal_rows {
        return Ok(None);
    }
    let orders = Orders::load(connection, sender, space, [line.order_id.as_ref()].into_iter())?;
    let staged = orders.lines_of(&line.order_id);
    let mut occurrence = 0;
    let next = loop {
        let name = format!("product:{}#{occurrence}", line.product);
        if !staged.iter().any(|staged| staged.line == name) {
            break name;
        }
        occurrence += 1;
    };
    let line = OrderLine { line: next, ..line.clone() };
    let mut orders = Orders::load(connection, sender, space, [line.order_id.as_ref()].into_iter())?;
    let key = orders.free_key(&line);
    orders.add(&line, key);
    orders.record(connection)?;
    let order: BTreeSet<String> = [line.order_id.into_owned()].into();
    let later = cancelled::by_later_imports(connection, sender, space, |_| order)?;
    Ok(Some((key, later)))
}

/// The newest space that has the line with exactly this content, because the row was found to be a duplicate of that
/// line.
fn space_of(connection: &mut DbConnection, sender: Sender<'_>, line: &OrderLine<'_>) -> QueryResult<Option<i64>> {
    for space in latest_spaces(connection, sender)? {
        let orders = Orders::load(connection, sender, space, [line.order_id.as_ref()].into_iter())?;
        let staged = orders.lines_of(&line.order_id);
        if staged.iter().any(|staged| staged.fingerprint == line.fingerprint) {
            return Ok(Some(space));
        }
    }
    Ok(None)
}

/// The number of lines with this content that the import itself added to the order.
fn recorded(connection: &mut DbConnection, sender: Sender<'_>, space: i64, line: &OrderLine<'_>) -> QueryResult<i64> {
    use order_lines::dsl;
    order_lines::table
        .filter(dsl::space_id.eq(space).and(dsl::order_id.eq(line.order_id.as_ref())))
        .filter(dsl::import_id.eq(sender.import_id).and(dsl::fingerprint.eq(line.fingerprint.0.as_slice())))
        .count()
        .get_result(connection)
}
