//! Rejected rows that a person corrected. They count for the import that they came with.

use std::collections::BTreeMap;

use caudal_contract::message::{DeliveryCounts, IgnoredRows, Mended};
use caudal_contract::money::{Cents, TenThousandths};
use caudal_platform::database::DbConnection;
use diesel::prelude::*;

use super::import::json;
use super::{rejections, sales};
use crate::schema::{imports, rejected_rows};

/// Moves the rows from the rejected ones to their new buckets. Rows that the import no longer lists as rejected, because another
/// copy of the workbook corrected them before, are left as they are.
pub(super) fn apply(connection: &mut DbConnection, import_id: i64, mended: &Mended) -> QueryResult<DeliveryCounts> {
    let known: Vec<(i64, String, i64, i64)> = rejected_rows::table
        .filter(rejected_rows::import_id.eq(import_id))
        .select((rejected_rows::id, rejected_rows::sheet, rejected_rows::row, rejected_rows::amount))
        .load(connection)?;
    let mut known: BTreeMap<(String, i64), (i64, Cents)> =
        known.into_iter().map(|(id, sheet, row, amount)| ((sheet, row), (id, Cents(amount)))).collect();
    let mut left = Vec::new();
    let mut take = |sheet: &str, row: u32| match known.remove(&(sheet.to_owned(), i64::from(row))) {
        Some(rejected) => {
            left.push(rejected);
            true
        }
        None => false,
    };
    let now_sales: Vec<_> = mended.sales.iter().filter(|sale| take(&sale.sheet, sale.row)).cloned().collect();
    let now_ignored: Vec<_> = mended.ignored.iter().filter(|row| take(&row.sheet, row.first)).cloned().collect();
    let still_rejected: Vec<_> = mended.rejected.iter().filter(|row| take(&row.sheet, row.row)).cloned().collect();

    let ids: Vec<i64> = left.iter().map(|(id, _)| *id).collect();
    for ids in ids.chunks(500) {
        diesel::delete(rejected_rows::table.filter(rejected_rows::id.eq_any(ids))).execute(connection)?;
    }
    let again = rejections::record(connection, import_id, &still_rejected)?;
    let stored = sales::store(connection, import_id, &now_sales)?;

    let rows = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let amount_left: Cents = left.iter().map(|(_, amount)| *amount).sum();
    let amount_sold: Cents = now_sales.iter().map(|sale| sale.amount).sum();
    let quantity: TenThousandths = now_sales.iter().map(|sale| sale.quantity).sum();
    let amount_rejected = again.amount_rejected - amount_left;
    diesel::update(imports::table.find(import_id))
        .set((
            imports::rows_accepted.eq(imports::rows_accepted + rows(now_sales.len())),
            imports::rows_rejected.eq(imports::rows_rejected - rows(now_sales.len() + now_ignored.len())),
            imports::rows_ignored.eq(imports::rows_ignored + rows(now_ignored.len())),
            // Without rows to add, `None` leaves the column unchanged.
            with_more_ignored(connection, import_id, &now_ignored)?.map(|runs| imports::ignored.eq(runs)),
            imports::amount_read.eq(imports::amount_read + (amount_sold + amount_rejected).0),
            imports::quantity_accepted.eq(imports::quantity_accepted + quantity.0),
        ))
        .execute(connection)?;
    Ok(DeliveryCounts { rejected: again.rejected - rows(left.len()), amount_rejected, ..stored })
}

/// The ignored rows of the import, with these added. `None` if there are no rows to add.
fn with_more_ignored(
    connection: &mut DbConnection,
    import_id: i64,
    more: &[IgnoredRows],
) -> QueryResult<Option<String>> {
    if more.is_empty() {
        return Ok(None);
    }
    let known: Option<String> = imports::table.find(import_id).select(imports::ignored).first(connection)?;
    // A missing or unreadable value is older than the column, so it lists no rows.
    let mut runs: Vec<IgnoredRows> = known.and_then(|runs| serde_json::from_str(&runs).ok()).unwrap_or_default();
    runs.extend(more.iter().cloned());
    json(&runs).map(Some)
}
