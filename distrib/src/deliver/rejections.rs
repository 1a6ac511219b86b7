//! Rows that ingest rejected, stored with every reason and the cells as written.

use caudal_contract::message::{DeliveryCounts, RejectedRow};
use caudal_platform::database::DbConnection;
use diesel::prelude::*;

use super::import::json;
use crate::schema::rejected_rows;

pub(super) fn record(
    connection: &mut DbConnection,
    import_id: i64,
    rows: &[RejectedRow],
) -> QueryResult<DeliveryCounts> {
    for row in rows {
        diesel::insert_into(rejected_rows::table)
            .values((
                rejected_rows::import_id.eq(import_id),
                rejected_rows::sheet.eq(&row.sheet),
                rejected_rows::row.eq(i64::from(row.row)),
                rejected_rows::amount.eq(row.amount.0),
                rejected_rows::reasons.eq(json(&row.reasons)?),
                rejected_rows::cells.eq(json(&row.cells)?),
            ))
            .execute(connection)?;
    }
    Ok(DeliveryCounts {
        rejected: i64::try_from(rows.len()).unwrap_or(i64::MAX),
        amount_rejected: rows.iter().map(|row| row.amount).sum(),
        ..DeliveryCounts::default()
    })
}
