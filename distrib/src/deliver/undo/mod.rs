//! Undoes an import: removes the sales that it added, restores the ones that it replaced, and keeps the ones that another import
//! also brought.
//!
//! A preview does the same work in a transaction that is rolled back, so that it cannot differ from the undo.

mod effects;

use caudal_contract::message::{Act, DeliveryCounts, EntryKind};
use caudal_contract::money::Cents;
use caudal_platform::database::{DbConnection, write};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Nullable, Text, Timestamp};

use super::import::json;
use super::{cancellations, rollups, stored_time, turns};
use crate::months;
use crate::schema::{deliveries, imports, value_changes, with_sale_columns};
pub use effects::{KeptValue, UndoEffects};

/// Maximum number of kept values that are listed one by one.
const NAMED: usize = 50;

/// The effects that undoing an import would have. Nothing is changed.
///
/// # Errors
/// The database failed.
pub fn preview(connection: &mut DbConnection, import_id: i64) -> QueryResult<UndoEffects> {
    let mut effects = UndoEffects::default();
    let outcome = write(connection, |connection| {
        turns::alone(connection)?;
        effects = take_back_rows(connection, import_id)?;
        Err::<(), _>(diesel::result::Error::RollbackTransaction)
    });
    match outcome {
        Err(diesel::result::Error::RollbackTransaction) => Ok(effects),
        Err(error) => Err(error),
        Ok(()) => Ok(effects),
    }
}

/// Undoes an import and records the undo in its ledger. Other imports that take over sales get a ledger entry too.
pub(super) fn apply(
    connection: &mut DbConnection,
    import_id: i64,
    message_id: &str,
    act: &Act,
) -> QueryResult<DeliveryCounts> {
    let effects = take_back_rows(connection, import_id)?;
    record_moves(connection, import_id, message_id, act)?;
    diesel::update(imports::table.find(import_id))
        .set((
            imports::undone_at.eq(stored_time(act.at)),
            imports::undone_by.eq(&act.by),
            imports::undo_effects.eq(json(&effects)?),
        ))
        .execute(connection)?;
    let counts = delivered_so_far(connection, import_id)?;
    Ok(DeliveryCounts {
        stored: -counts.stored,
        updated: -counts.updated,
        duplicate: -counts.duplicate,
        rejected: -counts.rejected,
        amount_stored: -counts.amount_stored,
        amount_updated: -counts.amount_updated,
        amount_duplicate: -counts.amount_duplicate,
        amount_rejected: -counts.amount_rejected,
    })
}

fn take_back_rows(connection: &mut DbConnection, import_id: i64) -> QueryResult<UndoEffects> {
    let mut changes = rollups::Changes::default();
    let touched = cancellations::sales_touched_by(connection, import_id)?;
    // Void sales count during the undo. Afterwards the statements that are left decide.
    let void_before = cancellations::lift(connection, &touched, &mut changes)?;
    cancellations::forget(connection, import_id)?;
    changes.write(connection)?;
    let begin = include_str!("begin.sql").replace("/* import */", &import_id.to_string());
    connection.batch_execute(&begin)?;
    let places = |phase: &str| include_str!("places.sql").replace("/* phase */", phase);
    connection.batch_execute(&places("-1"))?;
    rollups::run(connection, &with_sale_columns(include_str!("sales.sql")))?;
    connection.batch_execute(&places("1"))?;
    let mut changes = rollups::Changes::default();
    let touched = cancellations::standing_among(connection, &touched)?;
    let void_after = cancellations::settle(connection, &touched, &mut changes)?;
    changes.write(connection)?;
    let (values_restored, values_kept, values_kept_count) = restore_values(connection, import_id)?;
    // Restored sales may have days that no other sale has, so the list of months is complete only now.
    let in_months = months::condition(connection, "s", None, None)?;
    connection.batch_execute(&include_str!("master_data.sql").replace("/* in months */", &in_months))?;
    let counts = sql_query("SELECT * FROM undo_counts").get_result::<Counts>(connection)?;
    Ok(UndoEffects {
        sales_removed: counts.sales_removed,
        sales_restored: counts.sales_restored,
        sales_moved: counts.sales_moved,
        duplicates_forgotten: counts.duplicates_forgotten,
        rejected_forgotten: counts.rejected_forgotten,
        sales_revived: count(void_before.ids.difference(&void_after.ids).filter(|id| touched.contains(id))),
        sales_void_again: count(void_after.ids.difference(&void_before.ids)),
        // A void sale has no money in the sum.
        amount_change: Cents(counts.amount_after - counts.amount_before) - void_after.amount + void_before.amount,
        customers_removed: counts.customers_removed,
        products_removed: counts.products_removed,
        values_restored,
        values_kept,
        values_kept_count,
        still_named: counts.still_named,
    })
}

fn count<T>(sales: impl Iterator<Item = T>) -> i64 {
    i64::try_from(sales.count()).unwrap_or(i64::MAX)
}

#[derive(QueryableByName)]
struct Counts {
    #[diesel(sql_type = BigInt)]
    sales_removed: i64,
    #[diesel(sql_type = BigInt)]
    sales_restored: i64,
    #[diesel(sql_type = BigInt)]
    sales_moved: i64,
    #[diesel(sql_type = BigInt)]
    duplicates_forgotten: i64,
    #[diesel(sql_type = BigInt)]
    rejected_forgotten: i64,
    #[diesel(sql_type = BigInt)]
    amount_before: i64,
    #[diesel(sql_type = BigInt)]
    amount_after: i64,
    #[diesel(sql_type = BigInt)]
    customers_removed: i64,
    #[diesel(sql_type = BigInt)]
    products_removed: i64,
    #[diesel(sql_type = BigInt)]
    still_named: i64,
}

type Change = (i64, String, i64, String, Option<String>);

/// Removes the import's changes from the history of each value, the newest first. If a later change of the value exists, the
/// value from before this import becomes the old value of that change. Otherwise the value itself is restored.
fn restore_values(connection: &mut DbConnection, import_id: i64) -> QueryResult<(i64, Vec<KeptValue>, i64)> {
    use value_changes::dsl;
    let changes: Vec<Change> = value_changes::table
        .filter(dsl::import_id.eq(import_id))
        .order(dsl::id.desc())
        .select((dsl::id, dsl::kind, dsl::row_id, dsl::field, dsl::old_value))
        .load(connection)?;
    let (mut restored, mut kept, mut kept_count) = (0, Vec::new(), 0);
    for (id, kind, row_id, field, old_value) in changes {
        let next: Option<i64> = value_changes::table
            .filter(dsl::kind.eq(&kind).and(dsl::row_id.eq(row_id)).and(dsl::field.eq(&field)).and(dsl::id.gt(id)))
            .order(dsl::id)
            .select(dsl::id)
            .first(connection)
            .optional()?;
        // The folded name changes together with the name, so it is not listed a second time.
        let is_told = field != "search_name";
        match next {
            Some(next) => {
                diesel::update(value_changes::table.find(next))
                    .set(dsl::old_value.eq(&old_value))
                    .execute(connection)?;
                if is_told {
                    kept_count += 1;
                    if kept.len() < NAMED {
                        kept.extend(kept_value(connection, &kind, row_id, &field)?);
                    }
                }
            }
            None => {
                set_value(connection, &kind, row_id, &field, old_value.as_deref())?;
                restored += i64::from(is_told);
            }
        }
        diesel::delete(value_changes::table.find(id)).execute(connection)?;
    }
    Ok((restored, kept, kept_count))
}

/// The table and column of a changed value. The names come only from our own statements, because they become part of SQL.
fn column(kind: &str, field: &str) -> Option<(&'static str, &'static str)> {
    let table = ["customers", "products"].into_iter().find(|table| *table == kind)?;
    let column = ["name", "search_name", "email", "phone", "category"].into_iter().find(|column| *column == field)?;
    Some((table, column))
}

fn set_value(
    connection: &mut DbConnection,
    kind: &str,
    row_id: i64,
    field: &str,
    value: Option<&str>,
) -> QueryResult<()> {
    let Some((table, column)) = column(kind, field) else { return Ok(()) };
    sql_query(format!("UPDATE {table} SET {column} = $1 WHERE id = $2"))
        .bind::<Nullable<Text>, _>(value)
        .bind::<BigInt, _>(row_id)
        .execute(connection)?;
    Ok(())
}

fn kept_value(connection: &mut DbConnection, kind: &str, row_id: i64, field: &str) -> QueryResult<Option<KeptValue>> {
    #[derive(QueryableByName)]
    struct Named {
        #[diesel(sql_type = Nullable<Text>)]
        name: Option<String>,
        #[diesel(sql_type = Nullable<Text>)]
        value: Option<String>,
    }
    let Some((table, column)) = column(kind, field) else { return Ok(None) };
    let named = sql_query(format!("SELECT name, {column} AS value FROM {table} WHERE id = $1"))
        .bind::<BigInt, _>(row_id)
        .get_result::<Named>(connection)
        .optional()?;
    Ok(named.map(|Named { name, value }| KeptValue {
        kind: kind.to_owned(),
        name: name.unwrap_or_default(),
        field: field.to_owned(),
        value,
    }))
}

/// Adds a ledger entry to each other import that has rows in another bucket now.
fn record_moves(connection: &mut DbConnection, import_id: i64, message_id: &str, act: &Act) -> QueryResult<()> {
    let statement = "INSERT INTO deliveries (message_id, import_id, delivered_at, kind, acted_by,
            stored, updated, duplicate, amount_stored, amount_updated, amount_duplicate)
        SELECT $1 || '/' || import_id, import_id, $2, $3, $4,
            SUM(CASE WHEN class = 'stored' THEN phase ELSE 0 END),
            SUM(CASE WHEN class = 'updated' THEN phase ELSE 0 END),
            SUM(CASE WHEN class = 'duplicate' THEN phase ELSE 0 END),
            SUM(CASE WHEN class = 'stored' THEN phase * amount ELSE 0 END),
            SUM(CASE WHEN class = 'updated' THEN phase * amount ELSE 0 END),
            SUM(CASE WHEN class = 'duplicate' THEN phase * amount ELSE 0 END)
        FROM undo_places WHERE import_id <> $5 GROUP BY import_id
        HAVING SUM(CASE WHEN class = 'stored' THEN phase ELSE 0 END) <> 0
            OR SUM(CASE WHEN class = 'updated' THEN phase ELSE 0 END) <> 0";
    sql_query(statement)
        .bind::<Text, _>(message_id)
        .bind::<Timestamp, _>(stored_time(act.at))
        .bind::<Text, _>(EntryKind::Moved.code())
        .bind::<Text, _>(&act.by)
        .bind::<BigInt, _>(import_id)
        .execute(connection)?;
    Ok(())
}

/// The sum of all ledger entries of an import.
fn delivered_so_far(connection: &mut DbConnection, import_id: i64) -> QueryResult<DeliveryCounts> {
    use deliveries::dsl;
    let entries: Vec<super::CountColumns> =
        deliveries::table.filter(dsl::import_id.eq(import_id)).select(super::COUNT_COLUMNS).load(connection)?;
    let mut sum = DeliveryCounts::default();
    for counts in entries.into_iter().map(super::counts) {
        sum.stored += counts.stored;
        sum.updated += counts.updated;
        sum.duplicate += counts.duplicate;
        sum.rejected += counts.rejected;
        sum.amount_stored += counts.amount_stored;
        sum.amount_updated += counts.amount_updated;
        sum.amount_duplicate += counts.amount_duplicate;
        sum.amount_rejected += counts.amount_rejected;
    }
    Ok(sum)
}
