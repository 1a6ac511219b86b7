//! A duplicate that a person declares to be a sale of its own.

use caudal_contract::message::{DeliveryCounts, Fingerprint, Release, SaleKey, SoldTime};
use caudal_contract::money::Cents;
use caudal_platform::database::DbConnection;
use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Binary};

use super::{cancellations, rollups};
use crate::schema::{SightingKind, imports, sales, sightings, with_sale_columns};

/// Stores a copy of the sale at the duplicate's place. Its key is the one that ingest gave it as a line of its order, or else the
/// next free one among equal rows, so that a later file with both rows finds both. If the row is not a duplicate (because it was
/// released before), nothing changes.
pub(super) fn apply(connection: &mut DbConnection, import_id: i64, release: &Release) -> QueryResult<DeliveryCounts> {
    let found: Option<(i64, i64, Option<Vec<u8>>)> = sightings::table
        .filter(sightings::import_id.eq(import_id).and(sightings::kind.eq(SightingKind::Duplicate.code())))
        .filter(sightings::sheet.eq(&release.sheet).and(sightings::row.eq(i64::from(release.row))))
        .select((sightings::id, sightings::sale_id, sightings::fingerprint))
        .first(connection)
        .optional()?;
    let Some((sighting, sale, fingerprint)) = found else { return Ok(DeliveryCounts::default()) };
    let (current, sold_on, sold_time, amount): (Vec<u8>, NaiveDate, String, i64) = sales::table
        .find(sale)
        .select((sales::fingerprint, sales::sold_on, sales::sold_time, sales::amount))
        .first(connection)?;
    // If the sale has changed since, the duplicate no longer equals it. It then stays a duplicate.
    if fingerprint.is_some_and(|fingerprint| fingerprint != current) {
        return Ok(DeliveryCounts::default());
    }
    let source: String = imports::table.find(import_id).select(imports::source).first(connection)?;
    let day = (sold_time != SoldTime::Assumed.code()).then_some(sold_on);
    let key = match release.key {
        Some(key) if !is_taken(connection, key)? => key,
        _ => free_key(connection, &source, &current, day)?,
    };
    sql_query(with_sale_columns(
        "INSERT INTO sales (sale_key, fingerprint, import_id, sheet, row, amount, /* sale columns */)
        SELECT $1, s.fingerprint, g.import_id, g.sheet, g.row, s.amount, /* sale columns of s */
        FROM sales s JOIN sightings g ON g.sale_id = s.id WHERE g.id = $2",
    ))
    .bind::<Binary, _>(&key.0[..])
    .bind::<BigInt, _>(sighting)
    .execute(connection)?;
    let mut changes = rollups::Changes::default();
    for copied in rollups::counted(connection, &[sale])? {
        changes.add(&copied);
    }
    let released = cancellations::sales_of(connection, &[&key.0])?;
    cancellations::settle(connection, &released, &mut changes)?;
    changes.write(connection)?;
    diesel::delete(sightings::table.find(sighting)).execute(connection)?;
    Ok(DeliveryCounts {
        stored: 1,
        duplicate: -1,
        amount_stored: Cents(amount),
        amount_duplicate: Cents(-amount),
        ..DeliveryCounts::default()
    })
}

/// The key of the first occurrence of this content that no sale uses.
fn free_key(
    connection: &mut DbConnection,
    source: &str,
    fingerprint: &[u8],
    day: Option<NaiveDate>,
) -> QueryResult<SaleKey> {
    let content = Fingerprint::first_of(fingerprint);
    let mut occurrence = 0;
    loop {
        let key = SaleKey::of_content(source, content, occurrence, day);
        if !is_taken(connection, key)? {
            return Ok(key);
        }
        occurrence += 1;
    }
}

fn is_taken(connection: &mut DbConnection, key: SaleKey) -> QueryResult<bool> {
    let sales: i64 = sales::table.filter(sales::sale_key.eq(&key.0[..])).count().get_result(connection)?;
    Ok(sales > 0)
}
