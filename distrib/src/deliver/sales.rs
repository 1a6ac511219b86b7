//! Stores new sales, updates known ones and counts duplicates, for all sales of a message at once.

use std::collections::{BTreeMap, HashMap};

use caudal_contract::message::{DeliveryCounts, Sale};
use caudal_contract::payment::PaymentMethod;
use caudal_platform::database::{DbConnection, StoredDay, StoredInstant};
use caudal_platform::{insert_all, on_backend, prepared_insert};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error};
use diesel::sqlite::SqliteConnection;

use super::master_data::{self, References};
use super::{rollups, temporary};
use crate::schema::{sales, sightings};

diesel::table! {
    updated_sales (sale_key) {
        sale_key -> Binary,
        fingerprint -> Binary,
        import_id -> BigInt,
        sheet -> Text,
        row -> BigInt,
        order_id -> Nullable<Text>,
        line -> Nullable<Text>,
        sold_at -> Timestamp,
        sold_on -> Date,
        sold_time -> Text,
        customer_id -> Nullable<BigInt>,
        address_id -> Nullable<BigInt>,
        product_id -> BigInt,
        quantity -> BigInt,
        unit_price -> Nullable<BigInt>,
        discount -> Nullable<BigInt>,
        freight -> Nullable<BigInt>,
        tax -> Nullable<BigInt>,
        amount -> BigInt,
        cost -> Nullable<BigInt>,
        payment_method -> Nullable<Text>,
        status -> Nullable<Text>,
        seller -> Nullable<Text>,
        store -> Nullable<Text>,
        channel -> Nullable<Text>,
        notes -> Nullable<Text>,
    }
}

/// A sale as a row of its table.
#[derive(Insertable)]
#[diesel(table_name = sales, table_name = updated_sales, treat_none_as_default_value = false)]
struct SaleRow<'a> {
    sale_key: &'a [u8],
    fingerprint: &'a [u8],
    import_id: i64,
    sheet: &'a str,
    row: i64,
    order_id: Option<&'a str>,
    line: Option<&'a str>,
    sold_at: StoredInstant,
    sold_on: StoredDay,
    sold_time: &'static str,
    customer_id: Option<i64>,
    address_id: Option<i64>,
    product_id: i64,
    quantity: i64,
    unit_price: Option<i64>,
    discount: Option<i64>,
    freight: Option<i64>,
    tax: Option<i64>,
    amount: i64,
    cost: Option<i64>,
    payment_method: Option<&'static str>,
    status: Option<&'a str>,
    seller: Option<&'a str>,
    store: Option<&'a str>,
    channel: Option<&'a str>,
    notes: Option<&'a str>,
}

prepared_insert! {
    SaleRow into sales:
    sale_key, fingerprint, import_id, sheet, row, order_id, line, sold_at, sold_on, sold_time, customer_id, address_id,
    product_id, quantity, unit_price, discount, freight, tax, amount, cost, payment_method, status, seller, store, channel,
    notes,
}

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
struct Standing {
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
}

impl Shared {
    /// Writes the pending rollups and forgets the master data, because other code continues the transaction or it ends.
    pub(super) fn finish(&mut self, connection: &mut DbConnection) -> QueryResult<()> {
        let Self { known: _, changes } = std::mem::take(self);
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
            counts = counts + store_round(connection, import_id, &round, shared)?;
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

fn store_round(
    connection: &mut DbConnection,
    import_id: i64,
    sales: &[&Sale],
    Shared { known, changes }: &mut Shared,
) -> QueryResult<DeliveryCounts> {
    let references = master_data::store(connection, import_id, sales, known)?;
    let rows = sales.iter().zip(&references).map(|(sale, references)| sale_row(import_id, sale, *references));
    let standing = match connection {
        // The insert itself finds a key that exists, so a query before it would search the index twice.
        DbConnection::Sqlite(own) => {
            let met = insert_unless_standing(own, sales, rows)?;
            standing(connection, &met)?
        }
        DbConnection::Postgres(_) => {
            let standing = standing(connection, sales)?;
            let new: Vec<SaleRow> = rows.filter(|row| !standing.contains_key(row.sale_key)).collect();
            insert_all!(connection, sales::table, new);
            standing
        }
    };
    let mut counts = DeliveryCounts::default();
    let (mut updates, mut updated_ids, mut duplicates) = (Vec::new(), Vec::new(), Vec::new());
    for (sale, references) in sales.iter().zip(&references) {
        match standing.get(sale.key.0.as_slice()) {
            None => {
                changes.add(&counted(sale, *references));
                counts.stored += 1;
                counts.amount_stored += sale.amount;
            }
            Some(Standing { id, fingerprint }) if *fingerprint == sale.fingerprint.0 => {
                duplicates.push(duplicate_row(import_id, *id, sale));
                counts.duplicate += 1;
                counts.amount_duplicate += sale.amount;
            }
            Some(Standing { id, .. }) => {
                changes.add(&counted(sale, *references));
                updates.push(sale_row(import_id, sale, *references));
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
        for standing in &replaced {
            changes.take_away(standing);
        }
        temporary::make(connection, UPDATED_SALES)?;
        insert_all!(connection, updated_sales::table, updates);
        connection.batch_execute(include_str!("update_sales.sql"))?;
    }
    Ok(counts)
}

/// Inserts the sales with new keys, and returns the others. If a statement fails, SQLite undoes only that statement and continues
/// the transaction. `ON CONFLICT DO NOTHING` would be clearer, but Diesel builds such a statement again for each row.
fn insert_unless_standing<'a, 'b>(
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

fn standing(connection: &mut DbConnection, sales: &[&Sale]) -> QueryResult<HashMap<Vec<u8>, Standing>> {
    use sales::dsl;
    if sales.is_empty() {
        return Ok(HashMap::new());
    }
    let keys: Vec<&[u8]> = sales.iter().map(|sale| sale.key.0.as_slice()).collect();
    let found: Vec<(Vec<u8>, i64, Vec<u8>)> = on_backend!(connection, own => dsl::sales
        .filter(dsl::sale_key.eq_any(&keys))
        .select((dsl::sale_key, dsl::id, dsl::fingerprint))
        .load(own))?;
    Ok(found.into_iter().map(|(key, id, fingerprint)| (key, Standing { id, fingerprint })).collect())
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
        kind: "duplicate",
        sale_id,
        import_id,
        sheet: &sale.sheet,
        row: i64::from(sale.row),
        fingerprint: &sale.fingerprint.0,
        amount: sale.amount.0,
    }
}

fn sale_row(import_id: i64, sale: &Sale, references: References) -> SaleRow<'_> {
    SaleRow {
        sale_key: &sale.key.0,
        fingerprint: &sale.fingerprint.0,
        import_id,
        sheet: &sale.sheet,
        row: i64::from(sale.row),
        order_id: sale.order_id.as_deref(),
        line: sale.line.as_deref(),
        sold_at: StoredInstant(sale.sold_at.naive_utc()),
        sold_on: StoredDay(sale.sold_on),
        sold_time: sale.time.code(),
        customer_id: references.customer_id,
        address_id: references.address_id,
        product_id: references.product_id,
        quantity: sale.quantity.0,
        unit_price: sale.unit_price.map(|price| price.0),
        discount: sale.discount.map(|amount| amount.0),
        freight: sale.freight.map(|amount| amount.0),
        tax: sale.tax.map(|amount| amount.0),
        amount: sale.amount.0,
        cost: sale.cost.map(|amount| amount.0),
        payment_method: sale.payment_method.map(PaymentMethod::code),
        status: sale.status.as_deref(),
        seller: sale.seller.as_deref(),
        store: sale.store.as_deref(),
        channel: sale.channel.as_deref(),
        notes: sale.notes.as_deref(),
    }
}
