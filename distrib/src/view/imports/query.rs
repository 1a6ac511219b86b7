//! Imports with their ledgers.

use std::collections::HashMap;

use caudal_contract::message::{EntryKind, Origin};
use caudal_contract::money::{Cents, TenThousandths};
use caudal_platform::database::DbConnection;
use chrono::NaiveDateTime;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::result::Error::DeserializationError;
use diesel::sql_types::BigInt;
use serde::de::DeserializeOwned;

use super::{Balance, ImportDetail, ImportState, ImportSummary, Ledger, LedgerEntry};
use crate::schema::{deliveries, failed_messages, imports};
use crate::view::cancellations::{self, VoidEffects};

/// The number of imports.
///
/// # Errors
/// The query failed.
pub fn count(db: &mut DbConnection) -> QueryResult<i64> {
    imports::table.count().get_result(db)
}

/// Imports with their ledgers, the newest first.
///
/// # Errors
/// A query failed.
pub fn list(db: &mut DbConnection, offset: i64, limit: i64) -> QueryResult<Vec<ImportSummary>> {
    let rows: Vec<Row> =
        imports::table.order(imports::id.desc()).offset(offset).limit(limit).select(ROW_COLUMNS).load(db)?;
    // The newest imports without gaps, so a range of ids selects exactly the same imports.
    let (first, last) = (rows.last().map_or(0, |row| row.id), rows.first().map_or(0, |row| row.id));
    let (mut delivered, failed) = (delivered(db, first, last)?, failed(db)?);
    let mut voids = cancellations::effects(db, first, last)?;
    rows.into_iter()
        .map(|row| {
            let delivered = delivered.remove(&row.id).unwrap_or_default();
            let voids = voids.remove(&row.id).unwrap_or_default();
            summary(row, &delivered, voids, &failed)
        })
        .collect()
}

/// The number of failed messages of each import that were not applied since, by the UUID of the import.
fn failed(db: &mut DbConnection) -> QueryResult<HashMap<String, i64>> {
    let counts: Vec<(Option<String>, i64)> = failed_messages::table
        .filter(failed_messages::import_uuid.is_not_null())
        .group_by(failed_messages::import_uuid)
        .select((failed_messages::import_uuid, sql::<BigInt>("count(*)")))
        .load(db)?;
    Ok(counts.into_iter().filter_map(|(uuid, count)| Some((uuid?, count))).collect())
}

/// The import with this number (as on pages) or this UUID.
///
/// # Errors
/// A query failed.
pub fn find(db: &mut DbConnection, id_or_uuid: &str) -> QueryResult<Option<ImportDetail>> {
    let id = match id_or_uuid.parse::<i64>() {
        Ok(id) => Some(id),
        Err(_) => imports::table
            .filter(imports::uuid.eq(id_or_uuid.trim().to_lowercase()))
            .select(imports::id)
            .first(db)
            .optional()?,
    };
    id.map_or(Ok(None), |id| find_by_id(db, id))
}

/// The import with this number.
///
/// # Errors
/// A query failed.
pub fn find_by_id(db: &mut DbConnection, id: i64) -> QueryResult<Option<ImportDetail>> {
    type Detail = (Option<String>, Option<String>, Option<String>, Option<String>, Option<String>, Option<String>);
    let found: Option<(Row, Detail)> = imports::table
        .filter(imports::id.eq(id))
        .select((
            ROW_COLUMNS,
            (
                imports::sha256,
                imports::sheets,
                imports::remarks,
                imports::undo_effects,
                imports::ignored,
                imports::warnings,
            ),
        ))
        .first(db)
        .optional()?;
    let Some((row, (sha256, sheets, remarks, undo_effects, ignored, warnings))) = found else { return Ok(None) };
    let delivered = delivered(db, id, id)?.remove(&id).unwrap_or_default();
    let voids = cancellations::effects(db, id, id)?.remove(&id).unwrap_or_default();
    Ok(Some(ImportDetail {
        summary: summary(row, &delivered, voids, &failed(db)?)?,
        sha256,
        sheets: sheets.as_deref().map_or_else(|| Ok(Vec::new()), from_json)?,
        remarks: remarks.as_deref().map_or_else(|| Ok(Vec::new()), from_json)?,
        undo_effects: undo_effects.as_deref().map(from_json).transpose()?,
        entries: entries(db, id)?,
        warnings: warnings.as_deref().map_or_else(|| Ok(Vec::new()), from_json)?,
        ignored: ignored.as_deref().map_or_else(|| Ok(Vec::new()), from_json)?,
    }))
}

/// The file name of an import. `None` if the import does not exist or has no name.
///
/// # Errors
/// The query failed.
pub fn name(db: &mut DbConnection, id: i64) -> QueryResult<Option<String>> {
    let name: Option<Option<String>> =
        imports::table.filter(imports::id.eq(id)).select(imports::name).first(db).optional()?;
    Ok(name.flatten())
}

/// The number of dead letters. Their imports cannot become complete.
///
/// # Errors
/// The query failed.
pub fn dead_letters(db: &mut DbConnection) -> QueryResult<i64> {
    failed_messages::table.filter(failed_messages::next_attempt_at.is_null()).count().get_result(db)
}

#[derive(Queryable)]
struct Row {
    id: i64,
    uuid: String,
    source: String,
    first_seen_at: NaiveDateTime,
    origin: Option<String>,
    name: Option<String>,
    received_at: Option<NaiveDateTime>,
    rows_read: Option<i64>,
    rows_ignored: Option<i64>,
    rows_accepted: Option<i64>,
    rows_rejected: Option<i64>,
    amount_read: Option<i64>,
    amount_ignored: Option<i64>,
    quantity_accepted: Option<i64>,
    outcome: Option<String>,
    undone_at: Option<NaiveDateTime>,
    undone_by: Option<String>,
}

type RowColumns = (
    imports::id,
    imports::uuid,
    imports::source,
    imports::first_seen_at,
    imports::origin,
    imports::name,
    imports::received_at,
    imports::rows_read,
    imports::rows_ignored,
    imports::rows_accepted,
    imports::rows_rejected,
    imports::amount_read,
    imports::amount_ignored,
    imports::quantity_accepted,
    imports::outcome,
    imports::undone_at,
    imports::undone_by,
);
const ROW_COLUMNS: RowColumns = (
    imports::id,
    imports::uuid,
    imports::source,
    imports::first_seen_at,
    imports::origin,
    imports::name,
    imports::received_at,
    imports::rows_read,
    imports::rows_ignored,
    imports::rows_accepted,
    imports::rows_rejected,
    imports::amount_read,
    imports::amount_ignored,
    imports::quantity_accepted,
    imports::outcome,
    imports::undone_at,
    imports::undone_by,
);

/// The sums of an import's deliveries.
#[derive(Queryable, Default)]
struct Delivered {
    stored: i64,
    updated: i64,
    duplicate: i64,
    rejected: i64,
    amount_stored: i64,
    amount_updated: i64,
    amount_duplicate: i64,
    amount_rejected: i64,
}

fn delivered(db: &mut DbConnection, first: i64, last: i64) -> QueryResult<HashMap<i64, Delivered>> {
    let rows: Vec<(i64, Delivered)> = deliveries::table
        .filter(deliveries::import_id.between(first, last))
        // The undo's own entry is left out, because the ledger of an undone import still shows its deliveries.
        .filter(deliveries::kind.ne(EntryKind::Undo.code()))
        .group_by(deliveries::import_id)
        .select((
            deliveries::import_id,
            (
                sql::<BigInt>("CAST(SUM(stored) AS BIGINT)"),
                sql::<BigInt>("CAST(SUM(updated) AS BIGINT)"),
                sql::<BigInt>("CAST(SUM(duplicate) AS BIGINT)"),
                sql::<BigInt>("CAST(SUM(rejected) AS BIGINT)"),
                sql::<BigInt>("CAST(SUM(amount_stored) AS BIGINT)"),
                sql::<BigInt>("CAST(SUM(amount_updated) AS BIGINT)"),
                sql::<BigInt>("CAST(SUM(amount_duplicate) AS BIGINT)"),
                sql::<BigInt>("CAST(SUM(amount_rejected) AS BIGINT)"),
            ),
        ))
        .load(db)?;
    Ok(rows.into_iter().collect())
}

/// The changes that people made to an import after its delivery, the oldest first.
fn entries(db: &mut DbConnection, import_id: i64) -> QueryResult<Vec<LedgerEntry>> {
    type EntryRow = (String, Option<String>, NaiveDateTime, i64, i64, i64, i64);
    let rows: Vec<EntryRow> = deliveries::table
        .filter(deliveries::import_id.eq(import_id).and(deliveries::kind.ne(EntryKind::Delivery.code())))
        .order((deliveries::delivered_at, deliveries::message_id))
        .select((
            deliveries::kind,
            deliveries::acted_by,
            deliveries::delivered_at,
            deliveries::stored,
            deliveries::updated,
            deliveries::duplicate,
            deliveries::rejected,
        ))
        .load(db)?;
    let entry = |(kind, by, at, stored, updated, duplicate, rejected): EntryRow| {
        let unknown = || DeserializationError(format!("the ledger has an entry of the kind {kind}").into());
        Ok(LedgerEntry {
            kind: EntryKind::from_code(&kind).ok_or_else(unknown)?,
            by: by.filter(|by| !by.is_empty()),
            at: at.and_utc(),
            stored,
            updated,
            duplicate,
            rejected,
        })
    };
    rows.into_iter().map(entry).collect()
}

fn summary(
    row: Row,
    delivered: &Delivered,
    voids: VoidEffects,
    failed: &HashMap<String, i64>,
) -> QueryResult<ImportSummary> {
    let ledger = Ledger {
        rows: Balance {
            read: row.rows_read,
            stored: delivered.stored,
            updated: delivered.updated,
            duplicate: delivered.duplicate,
            rejected: delivered.rejected,
            ignored: row.rows_ignored,
        },
        money: Balance {
            read: row.amount_read.map(Cents),
            stored: Cents(delivered.amount_stored),
            updated: Cents(delivered.amount_updated),
            duplicate: Cents(delivered.amount_duplicate),
            rejected: Cents(delivered.amount_rejected),
            ignored: row.amount_ignored.map(Cents),
        },
        rows_accepted: row.rows_accepted,
        rows_rejected: row.rows_rejected,
    };
    Ok(ImportSummary {
        failed: failed.get(&row.uuid).copied().unwrap_or(0),
        id: row.id,
        uuid: row.uuid.parse().map_err(|error: uuid::Error| DeserializationError(error.into()))?,
        source: row.source,
        origin: row.origin.as_deref().map(origin).transpose()?,
        name: row.name,
        received_at: row.received_at.unwrap_or(row.first_seen_at).and_utc(),
        outcome: row.outcome.as_deref().map(from_json).transpose()?,
        state: if row.undone_at.is_some() { ImportState::Undone } else { ledger.state() },
        ledger,
        voids,
        undone_at: row.undone_at.map(|at| at.and_utc()),
        undone_by: row.undone_by,
        quantity: row.quantity_accepted.map(TenThousandths),
    })
}

fn origin(code: &str) -> QueryResult<Origin> {
    Origin::from_code(code).ok_or_else(|| DeserializationError(format!("an import has the origin {code}").into()))
}

/// A value from a column that holds JSON.
pub(super) fn from_json<T: DeserializeOwned>(text: &str) -> QueryResult<T> {
    serde_json::from_str(text).map_err(|error| DeserializationError(error.into()))
}
