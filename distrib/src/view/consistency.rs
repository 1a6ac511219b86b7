//! Whether the tables agree with each other: what `caudal doctor` asks.
//!
//! Each check compares two ways of knowing the same thing. They scan whole tables; nothing but the doctor calls them.

use caudal_shared::database::DbConnection;
use caudal_shared::money::{Cents, TenThousandths};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::BigInt;

use super::imports::{self, ImportState};
use crate::dead_letter;

/// What one check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What was compared.
    pub check: &'static str,
    /// What was counted, when it agrees.
    pub detail: String,
    /// What does not agree.
    pub problem: Option<String>,
}

#[derive(QueryableByName)]
struct Pair {
    #[diesel(sql_type = BigInt)]
    one: i64,
    #[diesel(sql_type = BigInt)]
    other: i64,
}

/// Runs every check.
///
/// # Errors
/// What a query returns.
pub fn findings(db: &mut DbConnection) -> QueryResult<Vec<Finding>> {
    Ok(vec![
        ledgers(db)?,
        dead_letters(db)?,
        compare(
            db,
            "rows and places",
            as_count,
            "rows delivered",
            "places of sales and of duplicates",
            "SELECT (SELECT CAST(COALESCE(SUM(stored + updated + duplicate), 0) AS BIGINT) FROM deliveries) AS one,
                    (SELECT COUNT(*) FROM sales) + (SELECT COUNT(*) FROM sightings) AS other",
        )?,
        compare(
            db,
            "rejected rows",
            as_count,
            "rows rejected",
            "rejected rows kept",
            "SELECT (SELECT CAST(COALESCE(SUM(rejected), 0) AS BIGINT) FROM deliveries) AS one,
                    (SELECT COUNT(*) FROM rejected_rows) AS other",
        )?,
        compare(
            db,
            "daily totals",
            as_money,
            "in sales",
            "in daily totals",
            "SELECT (SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) FROM sales) AS one,
                    (SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) FROM daily_totals) AS other",
        )?,
        compare(
            db,
            "daily quantities",
            as_quantity,
            "units in sales",
            "units in daily totals",
            "SELECT (SELECT CAST(COALESCE(SUM(quantity), 0) AS BIGINT) FROM sales) AS one,
                    (SELECT CAST(COALESCE(SUM(quantity), 0) AS BIGINT) FROM daily_totals) AS other",
        )?,
        compare(
            db,
            "payment totals",
            as_money,
            "in sales",
            "in payment totals",
            "SELECT (SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) FROM sales) AS one,
                    (SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) FROM daily_payments) AS other",
        )?,
        compare(
            db,
            "product totals",
            as_money,
            "in sales",
            "in product totals",
            "SELECT (SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) FROM sales) AS one,
                    (SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) FROM monthly_products) AS other",
        )?,
        compare(
            db,
            "customers of sales",
            as_count,
            "sales that name a customer",
            "of those whose customer is there",
            "SELECT (SELECT COUNT(*) FROM sales WHERE customer_id IS NOT NULL) AS one,
                    (SELECT COUNT(*) FROM sales s JOIN customers c ON c.id = s.customer_id) AS other",
        )?,
        compare(
            db,
            "addresses of sales",
            as_count,
            "sales that name an address",
            "of those whose address is there",
            "SELECT (SELECT COUNT(*) FROM sales WHERE address_id IS NOT NULL) AS one,
                    (SELECT COUNT(*) FROM sales s JOIN addresses a ON a.id = s.address_id) AS other",
        )?,
    ])
}

fn ledgers(db: &mut DbConnection) -> QueryResult<Finding> {
    let all = imports::list(db, 0, i64::MAX)?;
    let arriving = all.iter().filter(|import| import.state == ImportState::Arriving).count();
    let wrong: Vec<String> = all
        .iter()
        .filter(|import| import.state == ImportState::Unbalanced)
        .map(|import| format!("{} ({})", import.id, import.name.as_deref().unwrap_or_default()))
        .collect();
    Ok(Finding {
        check: "ledgers",
        detail: format!("{} imports, {arriving} still arriving, all others balance", all.len()),
        problem: (!wrong.is_empty()).then(|| format!("these imports do not balance: {}", wrong.join(", "))),
    })
}

fn dead_letters(db: &mut DbConnection) -> QueryResult<Finding> {
    let dead = dead_letter::count_dead(db)?;
    Ok(Finding {
        check: "dead letters",
        detail: "none".to_owned(),
        problem: (dead > 0).then(|| format!("{dead} messages could not be applied; caudal dead-letters list says why")),
    })
}

fn compare(
    db: &mut DbConnection,
    check: &'static str,
    written: fn(i64) -> String,
    one: &str,
    other: &str,
    query: &str,
) -> QueryResult<Finding> {
    let pair = sql_query(query).get_result::<Pair>(db)?;
    let [first, second] = [pair.one, pair.other].map(written);
    Ok(Finding {
        check,
        detail: format!("{first} {one}"),
        problem: (pair.one != pair.other).then(|| format!("{first} {one}, but {second} {other}")),
    })
}

fn as_count(count: i64) -> String {
    count.to_string()
}

// Whoever reads this knows sums of money and quantities, not the whole numbers that they are stored as
fn as_money(cents: i64) -> String {
    Cents(cents).to_string()
}

fn as_quantity(ten_thousandths: i64) -> String {
    TenThousandths(ten_thousandths).to_string()
}
