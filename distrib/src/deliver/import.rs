//! The import of a message, and its totals.

use caudal_contract::message::{DeliveryCounts, ImportId, ImportTotals};
use caudal_contract::money::TenThousandths;
use caudal_platform::database::DbConnection;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Text, Timestamp};

use super::stored_time;
use crate::schema::imports;

/// The id of an import. Messages arrive in any order, so the first one inserts the import's row, and the totals
/// complete it later.
pub(super) fn find_or_announce(
    connection: &mut DbConnection,
    import_id: ImportId,
    source: &str,
    now: DateTime<Utc>,
) -> QueryResult<i64> {
    let uuid = import_id.to_string();
    let find = |connection: &mut DbConnection| {
        imports::table.filter(imports::uuid.eq(&uuid)).select(imports::id).first(connection).optional()
    };
    // Queries first, because on PostgreSQL an insert uses up an id even if the row exists, and people read these ids.
    if let Some(id) = find(connection)? {
        return Ok(id);
    }
    sql_query("INSERT INTO imports (uuid, source, first_seen_at) VALUES ($1, $2, $3) ON CONFLICT (uuid) DO NOTHING")
        .bind::<Text, _>(&uuid)
        .bind::<Text, _>(source)
        .bind::<Timestamp, _>(stored_time(now))
        .execute(connection)?;
    find(connection)?.ok_or(diesel::result::Error::NotFound)
}

/// Whether the import was undone.
pub(super) fn is_undone(connection: &mut DbConnection, import_id: i64) -> QueryResult<bool> {
    imports::table.find(import_id).select(imports::undone_at.is_not_null()).first(connection)
}

pub(super) fn record_totals(
    connection: &mut DbConnection,
    import_id: i64,
    totals: &ImportTotals,
) -> QueryResult<DeliveryCounts> {
    let rows = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    diesel::update(imports::table.find(import_id))
        .set((
            imports::origin.eq(totals.origin.code()),
            imports::name.eq(&totals.name),
            imports::sha256.eq(&totals.sha256),
            imports::received_at.eq(stored_time(totals.received_at)),
            imports::rows_read.eq(rows(totals.rows_read)),
            imports::rows_ignored.eq(rows(totals.rows_ignored)),
            imports::rows_accepted.eq(rows(totals.rows_accepted)),
            imports::rows_rejected.eq(rows(totals.rows_rejected)),
            imports::amount_read.eq(totals.amount_read.0),
            imports::amount_ignored.eq(totals.amount_ignored.0),
            imports::quantity_accepted.eq(totals.quantity_accepted.0),
            imports::outcome.eq(json(&totals.outcome)?),
            imports::sheets.eq(json(&totals.sheets)?),
            imports::remarks.eq(json(&totals.remarks)?),
            imports::ignored.eq(json(&totals.ignored)?),
            imports::warnings.eq(json(&totals.warnings)?),
        ))
        .execute(connection)?;
    Ok(DeliveryCounts::default())
}

/// A value as JSON text for a column.
pub(super) fn json<T: serde::Serialize>(value: &T) -> QueryResult<String> {
    serde_json::to_string(value).map_err(|error| diesel::result::Error::SerializationError(Box::new(error)))
}

/// Moves rows that could not be stored from the accepted rows to the rejected ones. Totals applied after this would restore the
/// old numbers. That cannot happen, because totals are the first message of their import, and a discard is refused while they are
/// among the failed messages.
pub(super) fn reject_accepted(
    connection: &mut DbConnection,
    import_id: i64,
    rows: usize,
    quantity: TenThousandths,
) -> QueryResult<()> {
    let rows = i64::try_from(rows).unwrap_or(i64::MAX);
    diesel::update(imports::table.find(import_id))
        .set((
            imports::rows_accepted.eq(imports::rows_accepted - rows),
            imports::rows_rejected.eq(imports::rows_rejected + rows),
            imports::quantity_accepted.eq(imports::quantity_accepted - quantity.0),
        ))
        .execute(connection)?;
    Ok(())
}
