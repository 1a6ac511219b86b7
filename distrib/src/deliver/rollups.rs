//! Rollups: the sums that dashboards read, updated in the transaction that changes the sales.
//!
//! A delivery collects its changes in memory and writes each rollup row once, at its end. Two workers often need the same row of
//! a day, and the first to write it locks it until it commits, so a late write keeps the lock short.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use caudal_contract::calendar::month_start;
use caudal_platform::database::DbConnection;
use chrono::NaiveDate;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::upsert::excluded;

use crate::schema::{daily_payments, daily_totals, monthly_products, sales};

/// The values of a sale that count in rollups.
#[derive(Debug, Clone)]
pub(super) struct Counted {
    pub(super) sold_on: NaiveDate,
    /// Empty if the sheet names no method.
    pub(super) payment_method: Cow<'static, str>,
    pub(super) product_id: i64,
    pub(super) quantity: i64,
    pub(super) amount: i64,
}

/// The stored values of these sales. PostgreSQL locks the rows first. Another worker that changes one of them then waits, and
/// subtracts the values that it finds after the wait instead of outdated ones.
pub(super) fn counted(connection: &mut DbConnection, sale_ids: &[i64]) -> QueryResult<Vec<Counted>> {
    use sales::dsl;
    type Columns = (NaiveDate, Option<String>, i64, i64, i64);
    macro_rules! stored_sales {
        () => {
            dsl::sales.filter(dsl::id.eq_any(sale_ids)).order(dsl::id).select((
                dsl::sold_on,
                dsl::payment_method,
                dsl::product_id,
                dsl::quantity,
                dsl::amount,
            ))
        };
    }
    let sales: Vec<Columns> = match connection {
        DbConnection::Sqlite(connection) => stored_sales!().load(connection)?,
        DbConnection::Postgres(connection) => stored_sales!().for_update().load(connection)?,
    };
    let counted = |(sold_on, payment_method, product_id, quantity, amount): Columns| Counted {
        sold_on,
        payment_method: payment_method.unwrap_or_default().into(),
        product_id,
        quantity,
        amount,
    };
    Ok(sales.into_iter().map(counted).collect())
}

#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    sales: i64,
    quantity: i64,
    amount: i64,
}

impl Sums {
    fn add(&mut self, other: Self) {
        self.sales += other.sales;
        self.quantity += other.quantity;
        self.amount += other.amount;
    }
}

/// Changes of the rollups, in the order of their keys. Because every worker writes in this order, two workers that change the
/// same rows wait for each other and never deadlock.
#[derive(Debug, Default)]
pub(super) struct Changes {
    days: BTreeMap<NaiveDate, Sums>,
    payments: BTreeMap<(NaiveDate, Cow<'static, str>), Sums>,
    products: BTreeMap<(NaiveDate, i64), Sums>,
    takes_away: bool,
}

#[derive(Insertable)]
#[diesel(table_name = daily_totals)]
struct DayRow {
    sold_on: NaiveDate,
    sales: i64,
    quantity: i64,
    amount: i64,
}

#[derive(Insertable)]
#[diesel(table_name = daily_payments)]
struct PaymentRow {
    sold_on: NaiveDate,
    payment_method: String,
    sales: i64,
    amount: i64,
}

#[derive(Insertable)]
#[diesel(table_name = monthly_products)]
struct ProductTotals {
    month: NaiveDate,
    product_id: i64,
    sales: i64,
    quantity: i64,
    amount: i64,
}

/// Adds rows to a rollup: one by one with a cached statement on SQLite, all at once on PostgreSQL.
macro_rules! add_all {
    ($connection:expr, $rows:expr, $row:ident => $insert:expr) => {
        match $connection {
            DbConnection::Sqlite(connection) => {
                for $row in &$rows {
                    $insert.execute(connection)?;
                }
            }
            DbConnection::Postgres(connection) => {
                let $row = &$rows;
                $insert.execute(connection)?;
            }
        }
    };
}

impl Changes {
    /// Counts a sale that was added.
    pub(super) fn add(&mut self, sale: &Counted) {
        self.change(sale, Sums { sales: 1, quantity: sale.quantity, amount: sale.amount });
    }

    /// Counts a sale that was removed.
    pub(super) fn take_away(&mut self, sale: &Counted) {
        self.takes_away = true;
        self.change(sale, Sums { sales: -1, quantity: -sale.quantity, amount: -sale.amount });
    }

    fn change(&mut self, sale: &Counted, sums: Sums) {
        self.days.entry(sale.sold_on).or_default().add(sums);
        self.payments.entry((sale.sold_on, sale.payment_method.clone())).or_default().add(sums);
        self.products.entry((month_start(sale.sold_on), sale.product_id)).or_default().add(sums);
    }

    /// Writes the changes.
    pub(super) fn write(self, connection: &mut DbConnection) -> QueryResult<()> {
        let days: BTreeSet<NaiveDate> = self.days.keys().copied().collect();
        let products: BTreeSet<i64> = self.products.keys().map(|(_, product)| *product).collect();
        self.add_to_days(connection)?;
        self.add_to_payments(connection)?;
        self.add_to_products(connection)?;
        if self.takes_away {
            forget_empty(connection, &days, &products)?;
        }
        Ok(())
    }

    fn add_to_days(&self, connection: &mut DbConnection) -> QueryResult<()> {
        use daily_totals::dsl;
        let row = |(sold_on, sums): (&NaiveDate, &Sums)| DayRow {
            sold_on: *sold_on,
            sales: sums.sales,
            quantity: sums.quantity,
            amount: sums.amount,
        };
        let rows: Vec<DayRow> = self.days.iter().map(row).collect();
        add_all!(connection, rows, row => diesel::insert_into(dsl::daily_totals)
        .values(row)
        .on_conflict(dsl::sold_on)
        .do_update()
        .set((
            dsl::sales.eq(dsl::sales + excluded(dsl::sales)),
            dsl::quantity.eq(dsl::quantity + excluded(dsl::quantity)),
            dsl::amount.eq(dsl::amount + excluded(dsl::amount)),
        )));
        Ok(())
    }

    fn add_to_payments(&self, connection: &mut DbConnection) -> QueryResult<()> {
        use daily_payments::dsl;
        let row = |((sold_on, payment_method), sums): (&(NaiveDate, Cow<'static, str>), &Sums)| PaymentRow {
            sold_on: *sold_on,
            payment_method: payment_method.to_string(),
            sales: sums.sales,
            amount: sums.amount,
        };
        let rows: Vec<PaymentRow> = self.payments.iter().map(row).collect();
        add_all!(connection, rows, row => diesel::insert_into(dsl::daily_payments)
        .values(row)
        .on_conflict((dsl::sold_on, dsl::payment_method))
        .do_update()
        .set((
            dsl::sales.eq(dsl::sales + excluded(dsl::sales)),
            dsl::amount.eq(dsl::amount + excluded(dsl::amount)),
        )));
        Ok(())
    }

    fn add_to_products(&self, connection: &mut DbConnection) -> QueryResult<()> {
        use monthly_products::dsl;
        let row = |((month, product_id), sums): (&(NaiveDate, i64), &Sums)| ProductTotals {
            month: *month,
            product_id: *product_id,
            sales: sums.sales,
            quantity: sums.quantity,
            amount: sums.amount,
        };
        let rows: Vec<ProductTotals> = self.products.iter().map(row).collect();
        add_all!(connection, rows, row => diesel::insert_into(dsl::monthly_products)
        .values(row)
        .on_conflict((dsl::month, dsl::product_id))
        .do_update()
        .set((
            dsl::sales.eq(dsl::sales + excluded(dsl::sales)),
            dsl::quantity.eq(dsl::quantity + excluded(dsl::quantity)),
            dsl::amount.eq(dsl::amount + excluded(dsl::amount)),
        )));
        Ok(())
    }
}

/// Deletes rollup rows that no longer count any sale.
fn forget_empty(
    connection: &mut DbConnection,
    days: &BTreeSet<NaiveDate>,
    products: &BTreeSet<i64>,
) -> QueryResult<()> {
    let of_days = daily_totals::table.filter(daily_totals::sales.eq(0).and(daily_totals::sold_on.eq_any(days)));
    diesel::delete(of_days).execute(connection)?;
    let of_payments =
        daily_payments::table.filter(daily_payments::sales.eq(0).and(daily_payments::sold_on.eq_any(days)));
    diesel::delete(of_payments).execute(connection)?;
    let is_of_product = monthly_products::product_id.eq_any(products);
    diesel::delete(monthly_products::table.filter(monthly_products::sales.eq(0).and(is_of_product)))
        .execute(connection)?;
    Ok(())
}

const TABLE: &str = "CREATE TEMP TABLE IF NOT EXISTS rollup_changes (
    sign BIGINT, sold_on DATE, month DATE, payment_method TEXT, product_id BIGINT, quantity BIGINT, amount BIGINT)";

/// The columns of a row of `sales s` that count in rollups, in the order of the columns of `rollup_changes` after the sign. The
/// backends differ only in the expression for the first day of the month.
fn columns(connection: &DbConnection) -> String {
    let month = match connection {
        DbConnection::Sqlite(_) => "date(s.sold_on, 'start of month')",
        DbConnection::Postgres(_) => "CAST(date_trunc('month', s.sold_on) AS DATE)",
    };
    format!("s.sold_on, {month}, COALESCE(s.payment_method, ''), s.product_id, s.quantity")
}

/// Runs SQL that changes any number of sales at once. The SQL fills `rollup_changes`, with `/* rollup columns */` in the place of
/// the values of a sale `s` (except its amount), and updates the rollups at `/* rollups */`.
pub(super) fn run(connection: &mut DbConnection, sql: &str) -> QueryResult<()> {
    let sql =
        sql.replace("/* rollup columns */", &columns(connection)).replace("/* rollups */", include_str!("rollups.sql"));
    connection.batch_execute(TABLE)?;
    connection.batch_execute(&sql)
}
