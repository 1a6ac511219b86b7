//! The months of sales. The indexes of customers and addresses start with the month, so a query for the sales of one customer or
//! address must list the months ([decision 23](../../docs/decisions/0023-sales-are-indexed-by-month-first.md)).

use std::fmt::Write;
use std::iter;

use caudal_platform::database::DbConnection;
use chrono::{Datelike, Months, NaiveDate};
use diesel::prelude::*;

use crate::schema::sales;

/// An SQL condition that holds for every sale between these days: it lists each month from the first sale to the last. `sales` is
/// the table's alias in the query.
///
/// # Errors
/// Errors of the queries for the first and the last day.
pub(crate) fn condition(
    db: &mut DbConnection,
    sales: &str,
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
) -> QueryResult<String> {
    let days = sales::table.select(sales::sold_on);
    let first: Option<NaiveDate> = days.order(sales::sold_on.asc()).first(db).optional()?;
    let last: Option<NaiveDate> = days.order(sales::sold_on.desc()).first(db).optional()?;
    // Only months between the first and the last sale are listed, because the days asked for may be thousands of years apart.
    let (Some(first), Some(last)) = (first, last) else { return Ok("1 = 0".to_owned()) };
    let (first, last) = (from.map_or(first, |from| from.max(first)), to.map_or(last, |to| to.min(last)));
    // The same expression as in the indexes, because otherwise the database does not use them.
    let (month, form) = match db {
        DbConnection::Sqlite(_) => (format!("substr({sales}.sold_on, 1, 7)"), "'%Y-%m'"),
        DbConnection::Postgres(_) => (format!("date_trunc('month', {sales}.sold_on::timestamp)"), "'%Y-%m-%d'"),
    };
    let months = iter::successors(first.with_day(1), |month| month.checked_add_months(Months::new(1)));
    let mut list = String::new();
    for month in months.take_while(|month| *month <= last) {
        let comma = if list.is_empty() { "" } else { ", " };
        let _ = write!(list, "{comma}{}", month.format(form));
    }
    Ok(if list.is_empty() { "1 = 0".to_owned() } else { format!("{month} IN ({list})") })
}

#[cfg(test)]
mod tests {
    use caudal_platform::testing::Backend;
    use diesel::sql_query;
    use diesel::sql_types::Text;

    use super::*;

    #[derive(QueryableByName)]
    struct Plan {
        #[diesel(sql_type = Text)]
        detail: String,
    }

    /// PostgreSQL scans a small table even if it has an index, so on PostgreSQL the test compares only the answers.
    #[test]
    fn sales_of_a_customer_or_an_address_are_found_in_an_index() {
        let backend = Backend::new();
        let database = backend.database("distrib");
        crate::migrate(&database).unwrap();
        let fill = "INSERT INTO imports (id, uuid, source, first_seen_at) VALUES (1, '0199f1c0-0000-7000-8000-000000000001', '', '2026-11-01 12:00:00');
            INSERT INTO products (id, identity, name, search_name) VALUES (1, 's:1', 'Café', 'cafe');
            INSERT INTO sales (id, sale_key, fingerprint, import_id, sheet, row, sold_at, sold_on, sold_time, customer_id, address_id, product_id, quantity, amount) VALUES
                (1, x'01', x'01', 1, '', 2, '2024-12-31 13:00:00', '2024-12-31', 'exact', 1, 7, 1, 10000, 1),
                (2, x'02', x'02', 1, '', 3, '2026-02-28 13:00:00', '2026-02-28', 'exact', 1, 7, 1, 10000, 2),
                (3, x'03', x'03', 1, '', 4, '2025-06-15 13:00:00', '2025-06-15', 'exact', 2, 8, 1, 10000, 4);";
        let db = &mut *database.get().unwrap();
        assert_eq!(condition(db, "s", None, None).unwrap(), "1 = 0", "there is no sale");
        backend.fill(&database, fill);
        let in_months = condition(db, "s", None, None).unwrap();
        for column in ["customer_id", "address_id"] {
            let wanted = if column == "customer_id" { 1 } else { 7 };
            let query = format!("FROM sales s WHERE {in_months} AND s.{column} = {wanted} AND +s.import_id = 1");
            let found =
                diesel::select(diesel::dsl::sql::<diesel::sql_types::BigInt>(&format!("(SELECT COUNT(*) {query})")));
            assert_eq!(found.get_result::<i64>(db).unwrap(), 2, "{query}");
            if !backend.is_postgres() {
                let plan = sql_query(format!("EXPLAIN QUERY PLAN SELECT s.id {query}")).load::<Plan>(db).unwrap();
                let index = format!("INDEX sales_{} (<expr>=? AND {column}=?)", column.trim_end_matches("_id"));
                assert!(plan.iter().any(|step| step.detail.contains(&index)), "{index}: {}", plan[0].detail);
            }
        }
        let day = |text: &str| Some(text.parse().unwrap());
        let of = |db: &mut DbConnection, from, to| condition(db, "s", from, to).unwrap().matches('\'').count() / 2;
        let quoted_unit = usize::from(backend.is_postgres());
        assert_eq!(of(db, None, None) - quoted_unit, 15, "from December 2024 to February 2026");
        assert_eq!(of(db, day("0001-01-01"), day("9999-12-31")) - quoted_unit, 15, "no more than there are");
        assert_eq!(of(db, day("2025-01-31"), day("2025-02-01")) - quoted_unit, 2);
        assert_eq!(condition(db, "s", day("2026-03-01"), None).unwrap(), "1 = 0", "after the last");
    }
}
