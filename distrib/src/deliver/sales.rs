//! Stores new sales, updates known ones and counts duplicates, for all sales of a message at once.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use caudal_contract::message::{DeliveryCounts, Sale};
use caudal_contract::payment::PaymentMethod;
use caudal_platform::database::DbConnection;
use caudal_platform::{insert_all, on_backend};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error};
use diesel::sqlite::SqliteConnection;

use super::master_data::{self, References};
use super::{cancellations, rollups, temporary};
use crate::schema::{SaleRow, SightingKind, sales, sightings, updated_sales, with_sale_columns};

/// The place of a duplicate of a sale.
#[derive(Insertable)]
#[diesel(table_name = sightings, treat_none_as_default_value = false)]
struct DuplicateRow<'a> {
    kind: &'static str,
    sale_id: i64,
    import_id: i64,
    sheet: &'a str,
    row: i64,
    fingerprint: &'a [u8],
    amount: i64,
}

/// A stored sale with the same key as an incoming one.
struct KnownSale {
    id: i64,
    fingerprint: Vec<u8>,
}

/// Rows stored at once, because SQLite accepts at most 32,766 parameters in a query.
const MOST_ROWS: usize = 10_000;

/// State that the sales of one transaction share, even across messages.
#[derive(Default)]
pub(super) struct Shared {
    known: master_data::Known,
    changes: rollups::Changes,
    /// Whether anything was ever cancelled, once it was looked up. No cancellation is delivered at the same time.
    are_cancelled: Option<bool>,
}

impl Shared {
    /// Writes the pending rollups and forgets the master data, because other code continues the transaction or it ends.
    pub(super) fn finish(&mut self, connection: &mut DbConnection) -> QueryResult<()> {
        let Self { changes, .. } = std::mem::take(self);
        changes.write(connection)
    }
}

/// Stores sales of an import.
pub(super) fn store(connection: &mut DbConnection, import_id: i64, sales: &[Sale]) -> QueryResult<DeliveryCounts> {
    let mut shared = Shared::default();
    let counts = store_sharing(connection, import_id, sales, &mut shared)?;
    shared.finish(connection)?;
    Ok(counts)
}

/// Stores sales of an import. The caller must call [`Shared::finish`] to bring the transaction's rollups up to date.
pub(super) fn store_sharing(
    connection: &mut DbConnection,
    import_id: i64,
    sales: &[Sale],
    shared: &mut Shared,
) -> QueryResult<DeliveryCounts> {
    let mut counts = DeliveryCounts::default();
    for sales in sales.chunks(MOST_ROWS) {
        for round in rounds(sales) {
            counts = counts + store_and_settle(connection, import_id, &round, shared)?;
        }
    }
    Ok(counts)
}

/// Splits sales into rounds in which no key appears twice. If a file names one order line twice, the line is updated twice, in
/// the file's order.
fn rounds(sales: &[Sale]) -> Vec<Vec<&Sale>> {
    let mut seen: BTreeMap<_, usize> = BTreeMap::new();
    let mut rounds: Vec<Vec<&Sale>> = Vec::new();
    for sale in sales {
        let round = seen.entry(sale.key).and_modify(|round| *round += 1).or_insert(0);
        if rounds.len() == *round {
            rounds.push(Vec::with_capacity(if *round == 0 { sales.len() } else { 1 }));
        }
        if let Some(rows) = rounds.get_mut(*round) {
            rows.push(sale);
        }
    }
    rounds
}

/// Stores a round. A sale that is void or cancelled counts while it is stored; then its statements decide again.
fn store_and_settle(
    connection: &mut DbConnection,
    import_id: i64,
    sales: &[&Sale],
    shared: &mut Shared,
) -> QueryResult<DeliveryCounts> {
    let are_cancelled = match shared.are_cancelled {
        Some(known) => known,
        None => *shared.are_cancelled.insert(cancellations::are_there(connection)?),
    };
    let cancelled = if are_cancelled { cancellations::cancelled_keys(connection, sales)? } else { BTreeSet::new() };
    if cancelled.is_empty() {
        return store_round(connection, import_id, sales, shared);
    }
    let keys: Vec<&[u8]> = cancelled.iter().map(|key| key.0.as_slice()).collect();
    let standing = cancellations::sales_of(connection, &keys)?;
    cancellations::lift(connection, &standing, &mut shared.changes)?;
    let counts = store_round(connection, import_id, sales, shared)?;
    let stored = cancellations::sales_of(connection, &keys)?;
    cancellations::settle(connection, &stored, &mut shared.changes)?;
    Ok(counts)
}

fn store_round(
    connection: &mut DbConnection,
    import_id: i64,
    sales: &[&Sale],
    Shared { known, changes, .. }: &mut Shared,
) -> QueryResult<DeliveryCounts> {
    let references = master_data::store(connection, import_id, sales, known)?;
    let rows = sales.iter().zip(&references).map(|(sale, references)| SaleRow::new(import_id, sale, *references));
    let stored = match connection {
        // The insert itself finds a key that exists, so a query before it would search the index twice.
        DbConnection::Sqlite(own) => {
            let met = insert_unless_stored(own, sales, rows)?;
            stored_sales(connection, &met)?
        }
        DbConnection::Postgres(_) => {
            let stored = stored_sales(connection, sales)?;
            let new: Vec<SaleRow> = rows.filter(|row| !stored.contains_key(row.sale_key)).collect();
            insert_all!(connection, sales::table, new);
            stored
        }
    };
    let mut counts = DeliveryCounts::default();
    let (mut updates, mut updated_ids, mut duplicates) = (Vec::new(), Vec::new(), Vec::new());
    for (sale, references) in sales.iter().zip(&references) {
        match stored.get(sale.key.0.as_slice()) {
            None => {
                changes.add(&counted(sale, *references));
                counts.stored += 1;
                counts.amount_stored += sale.amount;
            }
            Some(KnownSale { id, fingerprint }) if *fingerprint == sale.fingerprint.0 => {
                duplicates.push(duplicate_row(import_id, *id, sale));
                counts.duplicate += 1;
                counts.amount_duplicate += sale.amount;
            }
            Some(KnownSale { id, .. }) => {
                changes.add(&counted(sale, *references));
                updates.push(SaleRow::new(import_id, sale, *references));
                updated_ids.push(*id);
                counts.updated += 1;
                counts.amount_updated += sale.amount;
            }
        }
    }
    insert_all!(connection, sightings::table, duplicates);
    if !updates.is_empty() {
        let replaced = rollups::counted(connection, &updated_ids)?;
        if replaced.len() != updated_ids.len() {
            return Err(gone());
        }
        for sale in &replaced {
            changes.take_away(sale);
        }
        temporary::make(connection, UPDATED_SALES)?;
        insert_all!(connection, updated_sales::table, updates);
        connection.batch_execute(&with_sale_columns(include_str!("update_sales.sql")))?;
    }
    Ok(counts)
}

/// Inserts the sales with new keys, and returns the others. If a statement fails, SQLite undoes only that statement and continues
/// the transaction. `ON CONFLICT DO NOTHING` would be clearer, but Diesel builds such a statement again for each row.
fn insert_unless_stored<'a, 'b>(
    connection: &mut SqliteConnection,
    sales: &[&'a Sale],
    rows: impl Iterator<Item = SaleRow<'b>>,
) -> QueryResult<Vec<&'a Sale>> {
    let mut met = Vec::new();
    for (sale, row) in sales.iter().zip(rows) {
        match row.execute(connection) {
            Ok(_) => {}
            // The key is the only unique column, so the sale exists already.
            Err(Error::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) => met.push(*sale),
            Err(error) => return Err(error),
        }
    }
    Ok(met)
}

/// Reported when a sale was deleted between lookup and update because its writer skipped the turn lock. The caller retries and
/// sees the current rows.
fn gone() -> Error {
    let reason = "a sale was taken away while it was updated";
    Error::DatabaseError(DatabaseErrorKind::SerializationFailure, Box::new(reason.to_owned()))
}

const UPDATED_SALES: &str = "
    CREATE TEMP TABLE IF NOT EXISTS updated_sales /* emptied by the commit */ AS SELECT * FROM sales WHERE 1 = 0;
    DELETE FROM updated_sales;";

fn stored_sales(connection: &mut DbConnection, sales: &[&Sale]) -> QueryResult<HashMap<Vec<u8>, KnownSale>> {
    use sales::dsl;
    if sales.is_empty() {
        return Ok(HashMap::new());
    }
    let keys: Vec<&[u8]> = sales.iter().map(|sale| sale.key.0.as_slice()).collect();
    let found: Vec<(Vec<u8>, i64, Vec<u8>)> = on_backend!(connection, own => dsl::sales
        .filter(dsl::sale_key.eq_any(&keys))
        .select((dsl::sale_key, dsl::id, dsl::fingerprint))
        .load(own))?;
    Ok(found.into_iter().map(|(key, id, fingerprint)| (key, KnownSale { id, fingerprint })).collect())
}

fn counted(sale: &Sale, references: References) -> rollups::Counted {
    rollups::Counted {
        sold_on: sale.sold_on,
        payment_method: sale.payment_method.map_or("", PaymentMethod::code).into(),
        product_id: references.product_id,
        quantity: sale.quantity.0,
        amount: sale.amount.0,
    }
}

fn duplicate_row(import_id: i64, sale_id: i64, sale: &Sale) -> DuplicateRow<'_> {
    DuplicateRow {
        kind: SightingKind::Duplicate.code(),
        sale_id,
        import_id,
        sheet: &sale.sheet,
        row: i64::from(sale.row),
        fingerprint: &sale.fingerprint.0,
        amount: sale.amount.0,
    }
}
