use caudal_platform::database::Database;
use caudal_platform::testing::Backend;

use super::*;

fn database(rows: &str) -> (Backend, Database) {
    let backend = Backend::new();
    let database = backend.database("distrib");
    crate::migrate(&database).unwrap();
    if !rows.is_empty() {
        backend.fill(&database, rows);
    }
    (backend, database)
}

const TWO_YEARS: &str = "
    INSERT INTO products (id, identity, name, search_name) VALUES (1, 'n:a', 'A', 'a'), (2, 'n:b', 'B', 'b');
    INSERT INTO daily_totals (sold_on, sales, quantity, amount) VALUES
        ('2025-01-10', 1, 10000, 1000), ('2025-11-22', 1, 10000, 2000), ('2025-11-23', 1, 10000, 99900),
        ('2026-01-10', 2, 20000, 3000), ('2026-10-22', 1, 10000, 4000), ('2026-10-23', 1, 10000, 88800),
        ('2026-11-01', 2, 20000, 2500), ('2026-11-22', 1, 10000, 2500);
    INSERT INTO daily_payments (sold_on, payment_method, sales, amount) VALUES
        ('2026-11-01', 'pix', 1, 1000), ('2026-11-01', '', 1, 1500), ('2026-11-22', 'pix', 1, 2500), ('2026-10-22', 'cash', 1, 4000);
    INSERT INTO monthly_products (month, product_id, sales, quantity, amount) VALUES
        ('2025-01-01', 1, 1, 10000, 1000), ('2025-11-01', 1, 2, 20000, 101900), ('2026-01-01', 1, 2, 20000, 3000),
        ('2026-10-01', 1, 2, 20000, 92800), ('2026-11-01', 1, 1, 10000, 1000), ('2026-11-01', 2, 2, 20000, 4000);";

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn period(from: &str, to: &str) -> Period {
    Period { from: day(from), to: day(to) }
}

#[test]
fn a_running_month_is_compared_with_the_same_days_of_the_month_and_the_year_before() {
    let (_backend, database) = database(TWO_YEARS);
    let shown = overview(&mut database.get().unwrap(), day("2026-11-22"), None).unwrap().unwrap();
    assert_eq!((shown.month, shown.is_latest), (day("2026-11-01"), false));
    assert_eq!(shown.this_month.days, period("2026-11-01", "2026-11-22"));
    assert_eq!(shown.this_month.days_before, period("2026-10-01", "2026-10-22"));
    assert_eq!(shown.this_month.sum, Sum { sales: 3, amount: Cents(5000) });
    assert_eq!(shown.this_month.sum_before, Sum { sales: 1, amount: Cents(4000) });
    assert_eq!(shown.this_year.days_before, period("2025-01-01", "2025-11-22"));
    assert_eq!(
        shown.this_year.sum_before,
        Sum { sales: 2, amount: Cents(3000) },
        "23 November 2025 is not one of the same days"
    );
    assert_eq!(shown.this_month.sum.average(), Some(Cents(1667)));
}

#[test]
fn products_and_payments_are_sorted_by_money() {
    let (_backend, database) = database(TWO_YEARS);
    let shown = overview(&mut database.get().unwrap(), day("2026-11-22"), None).unwrap().unwrap();
    let products: Vec<_> = shown.products.iter().map(|product| (product.name.as_str(), product.sum.amount.0)).collect();
    assert_eq!(products, [("B", 4000), ("A", 1000)]);
    let payments: Vec<_> = shown.payments.iter().map(|payment| (payment.payment, payment.sum.amount.0)).collect();
    assert_eq!(payments, [(Some(PaymentMethod::Pix), 3500), (None, 1500)]);
}

#[test]
fn twelve_months_end_with_the_month_shown_and_months_without_sales_are_zero() {
    let (_backend, database) = database(TWO_YEARS);
    let shown = overview(&mut database.get().unwrap(), day("2026-11-22"), None).unwrap().unwrap();
    assert_eq!(shown.months.len(), 12);
    assert_eq!(shown.months[0], MonthSum { month: day("2025-12-01"), sum: Sum::default() });
    assert_eq!(shown.months[10].sum, Sum { sales: 2, amount: Cents(92_800) });
    assert_eq!(shown.months[11].month, day("2026-11-01"));
}

#[test]
fn without_sales_in_the_running_month_the_latest_month_is_shown_whole_and_said_so() {
    let (_backend, database) = database(TWO_YEARS);
    let db = &mut *database.get().unwrap();
    let shown = overview(db, day("2026-12-05"), None).unwrap().unwrap();
    assert_eq!((shown.month, shown.is_latest), (day("2026-11-01"), true));
    assert_eq!(shown.this_month.days, period("2026-11-01", "2026-11-30"));
    assert_eq!(shown.this_month.days_before, period("2026-10-01", "2026-10-31"));
    assert_eq!(shown.months_with_sales.first(), Some(&day("2026-11-01")));
    let asked = overview(db, day("2026-12-05"), Some(day("2026-10-01"))).unwrap().unwrap();
    assert_eq!((asked.month, asked.is_latest), (day("2026-10-01"), false));
}

#[test]
fn without_any_sale_there_is_no_overview() {
    let (_backend, database) = database("");
    assert_eq!(overview(&mut database.get().unwrap(), day("2026-11-22"), None).unwrap(), None);
}

#[test]
fn the_same_days_are_found_at_the_ends_of_months() {
    assert_eq!(days_of_month_before(period("2026-03-01", "2026-03-30")), period("2026-02-01", "2026-02-28"));
    assert_eq!(days_of_month_before(period("2026-02-01", "2026-02-28")), period("2026-01-01", "2026-01-31"));
    assert_eq!(days_of_year_before(period("2025-01-01", "2025-02-28")), period("2024-01-01", "2024-02-29"));
    assert_eq!(days_of_year_before(period("2024-01-01", "2024-02-29")), period("2023-01-01", "2023-02-28"));
}

#[test]
fn changes_are_rounded_and_absent_where_there_was_nothing() {
    assert_eq!(change(4000, 5000), Some(250));
    assert_eq!(change(3000, 2000), Some(-333));
    assert_eq!(change(0, 5000), None);
    assert_eq!(change(-100, 5000), None);
    assert_eq!(Sum::default().average(), None);
}
