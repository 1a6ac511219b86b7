//! The overview: this month and this year compared with the same days before, the last twelve months, the best products, and the
//! payment methods. It reads only the rollups, never the sales.

use caudal_contract::calendar::{days_before, month_offset, month_start, year_before};
use caudal_contract::money::Cents;
use caudal_contract::payment::PaymentMethod;
use caudal_platform::database::DbConnection;
use chrono::{Datelike, NaiveDate};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::BigInt;

use crate::schema::{daily_payments, daily_totals, monthly_products, products};

const TOP_PRODUCTS: i64 = 10;
const MONTHS_SHOWN: i32 = 12;

/// All data of the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overview {
    /// The first day of the month shown.
    pub month: NaiveDate,
    /// Whether the month was not asked for, but is shown because the running month has no sales yet.
    pub is_latest: bool,
    /// The months that have sales, newest first.
    pub months_with_sales: Vec<NaiveDate>,
    /// All days of the month shown. The products and payments cover these days.
    pub whole_month: Period,
    /// The month shown. If it is the running month, it ends today.
    pub this_month: Comparison,
    /// The year up to the same day.
    pub this_year: Comparison,
    /// Twelve months up to the month shown, oldest first. A month without sales has zeros.
    pub months: Vec<MonthSum>,
    /// The best products of the month, by money.
    pub products: Vec<ProductSum>,
    /// The payment methods of the month, by money.
    pub payments: Vec<PaymentSum>,
}

/// A range of days, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// The first day.
    pub from: NaiveDate,
    /// The last day.
    pub to: NaiveDate,
}

/// The number of sales and their money.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sum {
    /// The number of sales.
    pub sales: i64,
    /// Their money.
    pub amount: Cents,
}

impl Sum {
    /// Money for each sale, rounded half up. `None` without sales.
    #[must_use]
    pub fn average(self) -> Option<Cents> {
        rounded_ratio(i128::from(self.amount.0), i128::from(self.sales)).map(Cents)
    }
}

/// A period, and the same days of the period before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Comparison {
    /// The days of the period.
    pub days: Period,
    /// The sum of the period.
    pub sum: Sum,
    /// The same days of the month or year before.
    pub days_before: Period,
    /// The sum of those days.
    pub sum_before: Sum,
}

/// The change from one value to another in tenths of a percent. `None` if the earlier value is not positive.
#[must_use]
pub fn change(before: i64, now: i64) -> Option<i64> {
    if before <= 0 {
        return None;
    }
    rounded_ratio((i128::from(now) - i128::from(before)) * 1000, i128::from(before))
}

/// `numerator / denominator`, rounded half away from zero. `None` if the denominator is not positive.
fn rounded_ratio(numerator: i128, denominator: i128) -> Option<i64> {
    if denominator <= 0 {
        return None;
    }
    let half = denominator / 2 * numerator.signum();
    i64::try_from((numerator + half) / denominator).ok()
}

/// The sum of a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MonthSum {
    /// The first day of the month.
    pub month: NaiveDate,
    /// The sum.
    pub sum: Sum,
}

/// The sum of a product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProductSum {
    /// The product.
    pub id: i64,
    /// The name.
    pub name: String,
    /// The sum.
    pub sum: Sum,
}

/// The sum of a payment method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PaymentSum {
    /// The method. `None` if the sheets name none.
    pub payment: Option<PaymentMethod>,
    /// The sum.
    pub sum: Sum,
}

/// The overview of the month that was asked for. Without such a month it shows the running month or, if that has no sales, the
/// latest month with sales. `None` if there are no sales at all.
///
/// # Errors
/// A query failed.
pub fn overview(db: &mut DbConnection, today: NaiveDate, asked: Option<NaiveDate>) -> QueryResult<Option<Overview>> {
    let months_with_sales: Vec<NaiveDate> = monthly_products::table
        .select(monthly_products::month)
        .distinct()
        .order(monthly_products::month.desc())
        .load(db)?;
    let running = month_start(today);
    // Skips later months, because sales with a wrong date must not make a month of next year the default.
    let latest = months_with_sales.iter().find(|month| **month <= running).or(months_with_sales.last()).copied();
    let Some(latest) = latest else { return Ok(None) };
    let month = asked.map_or(latest, month_start);

    let whole_month = Period { from: month, to: last_of_month(month) };
    let days = Period { to: if month == running { today } else { whole_month.to }, ..whole_month };
    let this_month = compare(db, days, days_of_month_before(days))?;
    let year = Period { from: first_of_year(month), to: days.to };
    let this_year = compare(db, year, days_of_year_before(year))?;
    Ok(Some(Overview {
        month,
        is_latest: asked.is_none() && month != running,
        months: last_months(db, month)?,
        products: top_products(db, month)?,
        payments: payments(db, whole_month)?,
        months_with_sales,
        whole_month,
        this_month,
        this_year,
    }))
}

fn compare(db: &mut DbConnection, days: Period, days_before: Period) -> QueryResult<Comparison> {
    Ok(Comparison { days, sum: sum(db, days)?, days_before, sum_before: sum(db, days_before)? })
}

fn sum(db: &mut DbConnection, days: Period) -> QueryResult<Sum> {
    let (sales, amount): (i64, i64) = daily_totals::table
        .filter(daily_totals::sold_on.between(days.from, days.to))
        .select((
            sql::<BigInt>("CAST(COALESCE(SUM(sales), 0) AS BIGINT)"),
            sql::<BigInt>("CAST(COALESCE(SUM(amount), 0) AS BIGINT)"),
        ))
        .first(db)?;
    Ok(Sum { sales, amount: Cents(amount) })
}

fn last_months(db: &mut DbConnection, month: NaiveDate) -> QueryResult<Vec<MonthSum>> {
    let first = month_offset(month, 1 - MONTHS_SHOWN);
    let days: Vec<(NaiveDate, i64, i64)> = daily_totals::table
        .filter(daily_totals::sold_on.between(first, last_of_month(month)))
        .select((daily_totals::sold_on, daily_totals::sales, daily_totals::amount))
        .load(db)?;
    let mut months: Vec<MonthSum> =
        (0..MONTHS_SHOWN).map(|step| MonthSum { month: month_offset(first, step), sum: Sum::default() }).collect();
    for (day, sales, amount) in days {
        if let Some(entry) = months.iter_mut().find(|entry| entry.month == month_start(day)) {
            entry.sum.sales += sales;
            entry.sum.amount += Cents(amount);
        }
    }
    Ok(months)
}

fn top_products(db: &mut DbConnection, month: NaiveDate) -> QueryResult<Vec<ProductSum>> {
    let rows: Vec<(i64, String, i64, i64)> = monthly_products::table
        .inner_join(products::table)
        .filter(monthly_products::month.eq(month))
        .order((monthly_products::amount.desc(), products::id))
        .limit(TOP_PRODUCTS)
        .select((products::id, products::name, monthly_products::sales, monthly_products::amount))
        .load(db)?;
    let product = |(id, name, sales, amount)| ProductSum { id, name, sum: Sum { sales, amount: Cents(amount) } };
    Ok(rows.into_iter().map(product).collect())
}

fn payments(db: &mut DbConnection, days: Period) -> QueryResult<Vec<PaymentSum>> {
    let rows: Vec<(String, i64, i64)> = daily_payments::table
        .filter(daily_payments::sold_on.between(days.from, days.to))
        .group_by(daily_payments::payment_method)
        .select((
            daily_payments::payment_method,
            sql::<BigInt>("CAST(SUM(sales) AS BIGINT)"),
            sql::<BigInt>("CAST(SUM(amount) AS BIGINT)"),
        ))
        .load(db)?;
    let mut payments: Vec<PaymentSum> = rows
        .into_iter()
        .filter(|(_, sales, amount)| (*sales, *amount) != (0, 0))
        .map(|(code, sales, amount)| PaymentSum {
            payment: PaymentMethod::from_code(&code),
            sum: Sum { sales, amount: Cents(amount) },
        })
        .collect();
    payments.sort_by_key(|payment| std::cmp::Reverse(payment.sum.amount));
    Ok(payments)
}

/// The same days of the month before. A whole month is compared with the whole month before, otherwise the range ends on the same
/// day of the month or on the month's last day.
fn days_of_month_before(days: Period) -> Period {
    let from = month_offset(days.from, -1);
    let to = if days.to == last_of_month(days.from) {
        last_of_month(from)
    } else {
        from.with_day(days.to.day()).unwrap_or_else(|| last_of_month(from))
    };
    Period { from, to }
}

/// The same days of the year before. The end of February is compared with the end of February.
fn days_of_year_before(days: Period) -> Period {
    let to = year_before(days.to);
    let to = if days.to == last_of_month(days.to) { last_of_month(to) } else { to };
    Period { from: first_of_year(to), to }
}

fn first_of_year(day: NaiveDate) -> NaiveDate {
    NaiveDate::from_ymd_opt(day.year(), 1, 1).unwrap_or(day)
}

fn last_of_month(day: NaiveDate) -> NaiveDate {
    days_before(month_offset(day, 1), 1)
}

#[cfg(test)]
mod tests;
