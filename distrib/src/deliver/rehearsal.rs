//! The effects of storing sales, found by storing them in a transaction that is rolled back.

use caudal_contract::money::{Cents, TenThousandths};
use caudal_contract::rehearsal::{
    Duplicate, Effects, MOST_NAMED, Named, PriceChange, Question, Update, ValueChange, VoidedSale,
};
use caudal_platform::database::{DbConnection, write};
use chrono::{NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Date, Nullable, Text};
use uuid::Uuid;

use super::{cancellations, sales, stored_time, turns};
use crate::schema::{SightingKind, imports};
use crate::view;

/// Rows stored at once.
const BATCH: usize = 2_000;

/// The effects that storing these sales would have. Nothing is changed.
///
/// # Errors
/// The database failed.
pub fn effects(connection: &mut DbConnection, question: &Question) -> QueryResult<Effects> {
    let mut effects = Effects::default();
    let outcome = write(connection, |connection| {
        // Cancellations change sales of other imports.
        if question.cancellations.is_empty() {
            turns::side_by_side(connection)?;
        } else {
            turns::alone(connection)?;
        }
        effects = store_and_look(connection, question)?;
        Err::<(), _>(diesel::result::Error::RollbackTransaction)
    });
    match outcome {
        Err(diesel::result::Error::RollbackTransaction) | Ok(()) => Ok(effects),
        Err(error) => Err(error),
    }
}

fn store_and_look(connection: &mut DbConnection, question: &Question) -> QueryResult<Effects> {
    let uuid = Uuid::now_v7().to_string();
    diesel::insert_into(imports::table)
        .values((
            imports::uuid.eq(&uuid),
            imports::source.eq(&question.source),
            imports::first_seen_at.eq(stored_time(Utc::now())),
        ))
        .execute(connection)?;
    let import: i64 = imports::table.filter(imports::uuid.eq(&uuid)).select(imports::id).first(connection)?;
    let mut effects = Effects::default();
    for sales in question.sales.chunks(BATCH) {
        let counts = sales::store(connection, import, sales)?;
        effects.counts.stored += counts.stored;
        effects.counts.updated += counts.updated;
        effects.counts.duplicate += counts.duplicate;
        effects.counts.amount_stored += counts.amount_stored;
        effects.counts.amount_updated += counts.amount_updated;
        effects.counts.amount_duplicate += counts.amount_duplicate;
    }
    let sender = cancellations::Sender { import_id: import, source: &question.source, now: Utc::now() };
    cancellations::apply(connection, sender, &question.cancellations)?;
    effects.voids = named::<VoidedRow, _>(connection, VOIDS, import)?;
    effects.amount_voided = view::cancellations::effects(connection, import, import)?
        .remove(&import)
        .map_or(Cents::ZERO, |effects| effects.voids.amount);
    effects.new_customers = named::<NameRow, _>(
        connection,
        "SELECT COALESCE(name, document, email, '') AS name FROM customers WHERE import_id = $1 ORDER BY id",
        import,
    )?;
    effects.new_products =
        named::<NameRow, _>(connection, "SELECT name FROM products WHERE import_id = $1 ORDER BY id", import)?;
    effects.prices = named::<PriceRow, _>(connection, PRICES, import)?;
    effects.values = named::<ValueRow, _>(connection, VALUES, import)?;
    effects.updates = named::<UpdateRow, _>(connection, &updates(), import)?;
    effects.duplicates = named::<FoundDuplicate, _>(connection, &duplicates(), import)?;
    Ok(effects)
}

/// For each product sold before: the price of its latest sale in other imports, and of its latest sale in the file.
const PRICES: &str = "SELECT * FROM (
    SELECT p.name AS product,
        (SELECT s.unit_price FROM sales s WHERE s.product_id = p.id AND s.import_id <> $1 AND s.unit_price IS NOT NULL
         ORDER BY s.sold_on DESC, s.id DESC LIMIT 1) AS price_before,
        (SELECT s.unit_price FROM sales s WHERE s.product_id = p.id AND s.import_id = $1 AND s.unit_price IS NOT NULL
         ORDER BY s.sold_on DESC, s.id DESC LIMIT 1) AS price_after
    FROM products p WHERE p.id IN (SELECT product_id FROM sales WHERE import_id = $1)
) AS prices WHERE price_before <> price_after ORDER BY product";

const VALUES: &str = "SELECT COALESCE(c.name, p.name, '') AS name, v.field, v.old_value, v.new_value
    FROM value_changes v
    LEFT JOIN customers c ON v.kind = 'customers' AND c.id = v.row_id
    LEFT JOIN products p ON v.kind = 'products' AND p.id = v.row_id
    WHERE v.import_id = $1 AND v.field <> 'search_name' AND v.old_value IS DISTINCT FROM v.new_value
      AND COALESCE(c.import_id, p.import_id, 0) <> $1 ORDER BY v.id";

fn updates() -> String {
    let superseded = SightingKind::Superseded.code();
    format!(
    "SELECT s.sheet, s.row AS place, s.order_id, p.name AS product, g.amount AS amount_before, s.amount AS amount_after
    FROM sales s JOIN products p ON p.id = s.product_id
    JOIN sightings g ON g.id = (SELECT MAX(o.id) FROM sightings o
                                WHERE o.sale_id = s.id AND o.kind = '{superseded}' AND o.import_id <> $1)
    WHERE s.import_id = $1 ORDER BY place"
)
}

const VOIDS: &str = "SELECT c.sheet, c.\"row\" AS place, s.order_id, p.name AS product, s.amount
    FROM cancellations c JOIN void_sales v ON v.cancellation_id = c.id JOIN sales s ON s.id = v.sale_id
    JOIN products p ON p.id = s.product_id WHERE c.import_id = $1 ORDER BY place, s.id";

fn duplicates() -> String {
    let duplicate = SightingKind::Duplicate.code();
    format!(
        "SELECT g.sheet, g.row AS place, s.sold_on, p.name AS product, s.amount, i.name AS first_name,
        s.sheet AS first_sheet, s.row AS first_row
    FROM sightings g JOIN sales s ON s.id = g.sale_id JOIN products p ON p.id = s.product_id
    JOIN imports i ON i.id = s.import_id
    WHERE g.import_id = $1 AND g.kind = '{duplicate}' ORDER BY place, g.id"
    )
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// The number of rows that a query returns, and the first of them.
fn named<R, T>(connection: &mut DbConnection, query: &str, import: i64) -> QueryResult<Named<T>>
where
    R: QueryableByName<<DbConnection as Connection>::Backend> + Into<T> + 'static,
{
    let count = sql_query(format!("SELECT COUNT(*) AS count FROM ({query}) AS rows_of_it"))
        .bind::<BigInt, _>(import)
        .get_result::<Count>(connection)?
        .count;
    let rows = sql_query(format!("{query} LIMIT {MOST_NAMED}")).bind::<BigInt, _>(import).load::<R>(connection)?;
    Ok(Named { count, first: rows.into_iter().map(Into::into).collect() })
}

#[derive(QueryableByName)]
struct NameRow {
    #[diesel(sql_type = Text)]
    name: String,
}

impl From<NameRow> for String {
    fn from(row: NameRow) -> Self {
        row.name
    }
}

#[derive(QueryableByName)]
struct PriceRow {
    #[diesel(sql_type = Text)]
    product: String,
    #[diesel(sql_type = BigInt)]
    price_before: i64,
    #[diesel(sql_type = BigInt)]
    price_after: i64,
}

impl From<PriceRow> for PriceChange {
    fn from(row: PriceRow) -> Self {
        let (before, after) = (TenThousandths(row.price_before), TenThousandths(row.price_after));
        Self { product: row.product, before, after }
    }
}

#[derive(QueryableByName)]
struct ValueRow {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    field: String,
    #[diesel(sql_type = Nullable<Text>)]
    old_value: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    new_value: Option<String>,
}

impl From<ValueRow> for ValueChange {
    fn from(row: ValueRow) -> Self {
        Self { name: row.name, field: row.field, before: row.old_value, after: row.new_value }
    }
}

#[derive(QueryableByName)]
struct UpdateRow {
    #[diesel(sql_type = Text)]
    sheet: String,
    #[diesel(sql_type = BigInt)]
    place: i64,
    #[diesel(sql_type = Nullable<Text>)]
    order_id: Option<String>,
    #[diesel(sql_type = Text)]
    product: String,
    #[diesel(sql_type = Nullable<BigInt>)]
    amount_before: Option<i64>,
    #[diesel(sql_type = BigInt)]
    amount_after: i64,
}

impl From<UpdateRow> for Update {
    fn from(row: UpdateRow) -> Self {
        Self {
            sheet: row.sheet,
            row: row.place,
            order_id: row.order_id,
            product: row.product,
            before: Cents(row.amount_before.unwrap_or_default()),
            after: Cents(row.amount_after),
        }
    }
}

#[derive(QueryableByName)]
struct VoidedRow {
    #[diesel(sql_type = Text)]
    sheet: String,
    #[diesel(sql_type = BigInt)]
    place: i64,
    #[diesel(sql_type = Nullable<Text>)]
    order_id: Option<String>,
    #[diesel(sql_type = Text)]
    product: String,
    #[diesel(sql_type = BigInt)]
    amount: i64,
}

impl From<VoidedRow> for VoidedSale {
    fn from(row: VoidedRow) -> Self {
        let VoidedRow { sheet, place, order_id, product, amount } = row;
        Self { sheet, row: place, order_id, product, amount: Cents(amount) }
    }
}

#[derive(QueryableByName)]
struct FoundDuplicate {
    #[diesel(sql_type = Text)]
    sheet: String,
    #[diesel(sql_type = BigInt)]
    place: i64,
    #[diesel(sql_type = Date)]
    sold_on: NaiveDate,
    #[diesel(sql_type = Text)]
    product: String,
    #[diesel(sql_type = BigInt)]
    amount: i64,
    #[diesel(sql_type = Nullable<Text>)]
    first_name: Option<String>,
    #[diesel(sql_type = Text)]
    first_sheet: String,
    #[diesel(sql_type = BigInt)]
    first_row: i64,
}

impl From<FoundDuplicate> for Duplicate {
    fn from(row: FoundDuplicate) -> Self {
        Self {
            sheet: row.sheet,
            row: row.place,
            sold_on: row.sold_on,
            product: row.product,
            amount: Cents(row.amount),
            first_name: row.first_name,
            first_sheet: row.first_sheet,
            first_row: row.first_row,
        }
    }
}
