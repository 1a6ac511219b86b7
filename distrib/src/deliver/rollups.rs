//! Rollups: what dashboards read, kept in the transaction that changes the sales.

use caudal_shared::database::DbConnection;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;

const TABLE: &str = "CREATE TEMP TABLE IF NOT EXISTS rollup_changes (
    sign BIGINT, sold_on DATE, month DATE, payment_method TEXT, product_id BIGINT, quantity BIGINT, amount BIGINT)";

/// The columns of a row of `sales s` that count in rollups, as `rollup_changes` wants them behind the sign. The first day
/// of the month is the one expression that the two backends write differently.
fn columns(connection: &DbConnection) -> String {
    let month = match connection {
        DbConnection::Sqlite(_) => "date(s.sold_on, 'start of month')",
        DbConnection::Postgres(_) => "CAST(date_trunc('month', s.sold_on) AS DATE)",
    };
    format!("s.sold_on, {month}, COALESCE(s.payment_method, ''), s.product_id, s.quantity")
}

/// Runs SQL that fills `rollup_changes`, with `/* rollup columns */` for what a sale `s` counts (its amount excepted), and
/// then brings the rollups up to date at `/* rollups */`.
pub(super) fn run(connection: &mut DbConnection, sql: &str) -> QueryResult<()> {
    let sql =
        sql.replace("/* rollup columns */", &columns(connection)).replace("/* rollups */", include_str!("rollups.sql"));
    connection.batch_execute(TABLE)?;
    connection.batch_execute(&sql)
}
