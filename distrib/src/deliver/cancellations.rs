//! Cancellations, and the sales that are void because of them.
//!
//! Each row of an import is a statement about its sale, paid or cancelled, with a place in time: the id of the import, and within a
//! batch of the API the row. The places of a sale (its own, its duplicates and its earlier versions) are the paid statements. A sale
//! is void if a cancellation is later than all of them. This is computed again for a sale whenever one of its statements comes or
//! goes, so the order of messages does not matter ([decision 27](../../../docs/decisions/0027-a-cancellation-is-a-statement-with-a-place-in-time.md)).

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use caudal_contract::message::{Cancellation, ImportId, Sale, SaleKey};
use caudal_contract::money::Cents;
use caudal_platform::database::DbConnection;
use caudal_platform::on_backend;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Binary, Text};

use super::{import, rollups};
use crate::schema::{cancellations, sales, void_sales};

/// Rows of one statement, because SQLite accepts at most 32,766 parameters in a query.
const AT_ONCE: usize = 10_000;

/// The import whose message is applied.
#[derive(Clone, Copy)]
pub(super) struct Sender<'a> {
    pub(super) import_id: i64,
    pub(super) source: &'a str,
    pub(super) now: DateTime<Utc>,
}

/// Records cancellations and makes void what they cancel. Those of an import that was undone are left out.
pub(super) fn apply(connection: &mut DbConnection, sender: Sender<'_>, rows: &[Cancellation]) -> QueryResult<()> {
    let mut imports: BTreeMap<Option<ImportId>, Option<i64>> = BTreeMap::new();
    for row in rows {
        if imports.contains_key(&row.import_id) {
            continue;
        }
        let id = match row.import_id {
            None => sender.import_id,
            Some(other) => import::find_or_announce(connection, other, sender.source, sender.now)?,
        };
        let standing = (!import::is_undone(connection, id)?).then_some(id);
        imports.insert(row.import_id, standing);
    }
    for row in rows {
        let Some(Some(import_id)) = imports.get(&row.import_id) else { continue };
        record(connection, *import_id, row)?;
    }
    let keys: Vec<&[u8]> = rows.iter().map(|row| row.key.0.as_slice()).collect();
    let ids = sales_of(connection, &keys)?;
    let mut changes = rollups::Changes::default();
    lift(connection, &ids, &mut changes)?;
    settle(connection, &ids, &mut changes)?;
    changes.write(connection)
}

fn record(connection: &mut DbConnection, import_id: i64, row: &Cancellation) -> QueryResult<()> {
    sql_query(
        "INSERT INTO cancellations (sale_key, import_id, sheet, \"row\", own_before) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (sale_key, import_id, sheet, \"row\") DO NOTHING",
    )
    .bind::<Binary, _>(row.key.0.as_slice())
    .bind::<BigInt, _>(import_id)
    .bind::<Text, _>(&row.sheet)
    .bind::<BigInt, _>(i64::from(row.row))
    .bind::<BigInt, _>(if row.cancels_own { i64::from(row.row) } else { 0 })
    .execute(connection)?;
    Ok(())
}

/// Whether anything was ever cancelled. If not, sales need no second look.
pub(super) fn are_there(connection: &mut DbConnection) -> QueryResult<bool> {
    let first: Option<i64> = cancellations::table.select(cancellations::id).first(connection).optional()?;
    Ok(first.is_some())
}

/// The keys of these sales that a cancellation names.
pub(super) fn cancelled_keys(connection: &mut DbConnection, sales: &[&Sale]) -> QueryResult<BTreeSet<SaleKey>> {
    let keys: Vec<&[u8]> = sales.iter().map(|sale| sale.key.0.as_slice()).collect();
    let found: Vec<Vec<u8>> = on_backend!(connection, own => cancellations::table
        .filter(cancellations::sale_key.eq_any(&keys))
        .select(cancellations::sale_key)
        .distinct()
        .load(own))?;
    let is_found = |sale: &&&Sale| found.iter().any(|key| *key == sale.key.0);
    Ok(sales.iter().filter(is_found).map(|sale| sale.key).collect())
}

/// The ids of the sales with these keys. PostgreSQL locks the rows, so that no other worker decides about them meanwhile.
pub(super) fn sales_of(connection: &mut DbConnection, keys: &[&[u8]]) -> QueryResult<Vec<i64>> {
    let mut ids = Vec::new();
    for keys in keys.chunks(AT_ONCE) {
        let found: Vec<i64> = match connection {
            DbConnection::Sqlite(own) => {
                sales::table.filter(sales::sale_key.eq_any(keys)).order(sales::id).select(sales::id).load(own)?
            }
            DbConnection::Postgres(own) => sales::table
                .filter(sales::sale_key.eq_any(keys))
                .order(sales::id)
                .select(sales::id)
                .for_update()
                .load(own)?,
        };
        ids.extend(found);
    }
    Ok(ids)
}

/// Sales with their number and money.
#[derive(Debug, Default)]
pub(super) struct Voids {
    pub(super) ids: BTreeSet<i64>,
    pub(super) amount: Cents,
}

/// Makes these sales count as if nothing had been cancelled, until [`settle`] decides again. Returns those that were void.
pub(super) fn lift(
    connection: &mut DbConnection,
    sale_ids: &[i64],
    changes: &mut rollups::Changes,
) -> QueryResult<Voids> {
    let mut lifted = Voids::default();
    for ids in sale_ids.chunks(AT_ONCE) {
        let void = void_among(connection, ids)?;
        for sale in rollups::counted(connection, &void)? {
            changes.add(&sale);
            lifted.amount += Cents(sale.amount);
        }
        diesel::delete(void_sales::table.filter(void_sales::sale_id.eq_any(&void))).execute(connection)?;
        lifted.ids.extend(void);
    }
    Ok(lifted)
}

/// Decides which of these sales are void. They must count before, see [`lift`]. Returns those that are void now.
pub(super) fn settle(
    connection: &mut DbConnection,
    sale_ids: &[i64],
    changes: &mut rollups::Changes,
) -> QueryResult<Voids> {
    let mut settled = Voids::default();
    for ids in sale_ids.chunks(AT_ONCE) {
        let mut list = String::new();
        for id in ids {
            let comma = if list.is_empty() { "" } else { ", " };
            let _ = write!(list, "{comma}{id}");
        }
        sql_query(include_str!("settle_voids.sql").replace("/* sales */", &list)).execute(connection)?;
        let void = void_among(connection, ids)?;
        for sale in rollups::counted(connection, &void)? {
            changes.take_away(&sale);
            settled.amount += Cents(sale.amount);
        }
        settled.ids.extend(void);
    }
    Ok(settled)
}

fn void_among(connection: &mut DbConnection, sale_ids: &[i64]) -> QueryResult<Vec<i64>> {
    on_backend!(connection, own => void_sales::table
        .filter(void_sales::sale_id.eq_any(sale_ids))
        .order(void_sales::sale_id)
        .select(void_sales::sale_id)
        .load(own))
}

/// The sales that an import cancels, or of which it carries a row.
pub(super) fn sales_touched_by(connection: &mut DbConnection, import_id: i64) -> QueryResult<Vec<i64>> {
    #[derive(QueryableByName)]
    struct Touched {
        #[diesel(sql_type = BigInt)]
        id: i64,
    }
    let touched = sql_query(
        "SELECT s.id FROM sales s JOIN cancellations c ON c.sale_key = s.sale_key
         WHERE c.import_id = $1 OR s.import_id = $1
            OR EXISTS (SELECT 1 FROM sightings g WHERE g.sale_id = s.id AND g.import_id = $1)
         GROUP BY s.id ORDER BY s.id",
    )
    .bind::<BigInt, _>(import_id)
    .load::<Touched>(connection)?;
    Ok(touched.into_iter().map(|touched| touched.id).collect())
}

/// Those of these sales that are still there.
pub(super) fn standing_among(connection: &mut DbConnection, sale_ids: &[i64]) -> QueryResult<Vec<i64>> {
    let mut standing = Vec::new();
    for ids in sale_ids.chunks(AT_ONCE) {
        let found: Vec<i64> = on_backend!(connection, own => sales::table
            .filter(sales::id.eq_any(ids))
            .order(sales::id)
            .select(sales::id)
            .load(own))?;
        standing.extend(found);
    }
    Ok(standing)
}

/// Forgets the cancellations of an import. No sale may be void because of them, see [`lift`].
pub(super) fn forget(connection: &mut DbConnection, import_id: i64) -> QueryResult<()> {
    diesel::delete(cancellations::table.filter(cancellations::import_id.eq(import_id))).execute(connection)?;
    Ok(())
}
