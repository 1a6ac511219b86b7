use caudal_platform::database::{Database, DbConnection};
use caudal_platform::testing::Backend;
use diesel::connection::SimpleConnection;
use std::ops::ControlFlow;

use super::*;

/// Five sales of three products to two customers, and one without a customer, read from two files.
fn sales() -> (Backend, Database) {
    let backend = Backend::new();
    let database = backend.database("distrib");
    crate::migrate(&database).unwrap();
    backend.fill(&database, "INSERT INTO imports (id, uuid, source, first_seen_at, name) VALUES
                (1, '0199f1c0-0000-7000-8000-000000000001', '', '2026-11-01 12:00:00', 'outubro.xlsx'),
                (2, '0199f1c0-0000-7000-8000-000000000002', '', '2026-11-02 12:00:00', NULL);
             INSERT INTO customers (id, identity, name, search_name, document) VALUES
                (1, 'd:1', 'João da Conceição', 'joao da conceicao', '52998224725'), (2, 'd:2', 'Ana', 'ana', NULL);
             INSERT INTO products (id, identity, name, search_name, sku) VALUES
                (1, 's:1', 'Café 500 g', 'cafe 500 g', 'CAF'), (2, 's:2', 'Açúcar', 'acucar', NULL), (3, 's:3', '100% Cacau', '100 cacau', NULL);
             INSERT INTO sales (id, sale_key, fingerprint, import_id, sheet, row, order_id, sold_at, sold_on, sold_time, customer_id,
                                product_id, quantity, unit_price, amount, payment_method) VALUES
                (1, x'01', x'01', 1, 'Vendas', 2, '10', '2026-10-01 13:00:00', '2026-10-01', 'exact', 1, 1, 20000, 189000, 3780, 'pix'),
                (2, x'02', x'02', 1, 'Vendas', 3, '11', '2026-10-02 13:00:00', '2026-10-02', 'exact', 2, 2, 10000, 50000, 500, 'cash'),
                (3, x'03', x'03', 1, 'Vendas', 4, '12', '2026-10-02 14:00:00', '2026-10-02', 'exact', NULL, 3, 10000, 90000, 900, NULL),
                (4, x'04', x'04', 2, '', 1, '13', '2026-11-03 13:00:00', '2026-11-03', 'day_only', 1, 2, 30000, 50000, 1500, 'pix'),
                (5, x'05', x'05', 2, '', 2, '14', '2026-11-04 13:00:00', '2026-11-04', 'day_only', 2, 1, -10000, 189000, -1890, 'pix'),
                (6, x'06', x'06', 2, '', 3, '15', '2026-11-05 13:00:00', '2026-11-05', 'day_only', 2, 1, 5000, 189000, 945, 'pix');
             INSERT INTO daily_totals (sold_on, sales, quantity, amount) VALUES
                ('2026-10-01', 1, 20000, 3780), ('2026-10-02', 2, 20000, 1400), ('2026-11-03', 1, 30000, 1500),
                ('2026-11-04', 1, -10000, -1890), ('2026-11-05', 1, 5000, 945);");
    (backend, database)
}

fn ids(db: &mut DbConnection, filter: &SalesFilter) -> Vec<i64> {
    page(db, filter, 0, 100).unwrap().into_iter().map(|line| line.sale.id).collect()
}

fn day(text: &str) -> Option<NaiveDate> {
    Some(text.parse().unwrap())
}

#[test]
fn the_list_is_newest_first_and_knows_each_sales_origin() {
    let (_backend, database) = sales();
    let lines = page(&mut database.get().unwrap(), &SalesFilter::default(), 0, 100).unwrap();
    assert_eq!(lines.iter().map(|line| line.sale.id).collect::<Vec<_>>(), [6, 5, 4, 3, 2, 1]);
    let first = &lines[5];
    assert_eq!(first.customer_name.as_deref(), Some("João da Conceição"));
    assert_eq!(
        (first.import_name.as_deref(), first.sale.sheet.as_str(), first.sale.row),
        (Some("outubro.xlsx"), "Vendas", 2)
    );
    assert_eq!(
        (first.quantity(), first.amount(), first.payment()),
        (TenThousandths(20_000), Cents(3780), Some(PaymentMethod::Pix))
    );
    assert_eq!(lines[3].sale.customer_id, None);
}

#[test]
fn each_filter_narrows_the_list() {
    let (_backend, database) = sales();
    let db = &mut *database.get().unwrap();
    let all = SalesFilter::default;
    for (filter, expected) in [
        (SalesFilter { from: day("2026-10-02"), to: day("2026-11-03"), ..all() }, vec![4, 3, 2]),
        (SalesFilter { payment: Some(PaymentMethod::Cash), ..all() }, vec![2]),
        (SalesFilter { product_id: Some(2), ..all() }, vec![4, 2]),
        (SalesFilter { customer_id: Some(2), ..all() }, vec![6, 5, 2]),
        (SalesFilter { customer_id: Some(2), from: day("2026-10-02"), to: day("2026-11-04"), ..all() }, vec![5, 2]),
        (SalesFilter { customer_id: Some(2), from: day("2026-10-31"), ..all() }, vec![6, 5]),
        (SalesFilter { customer_id: Some(2), to: day("2026-11-01"), ..all() }, vec![2]),
        (SalesFilter { customer_id: Some(2), from: day("2026-11-06"), ..all() }, vec![]),
        (SalesFilter { import_id: Some(1), ..all() }, vec![3, 2, 1]),
        (SalesFilter { customer_id: Some(2), product_id: Some(1), from: day("2026-11-05"), ..all() }, vec![6]),
    ] {
        assert_eq!(ids(db, &filter), expected, "{filter:?}");
    }
}

#[test]
fn searching_ignores_case_and_accents_and_takes_wildcards_for_letters() {
    let (_backend, database) = sales();
    let db = &mut *database.get().unwrap();
    let mut found = |text: &str| ids(db, &SalesFilter { search: Some(text.into()), ..SalesFilter::default() });
    assert_eq!(found("JOAO"), [4, 1], "part of a customer's name");
    assert_eq!(found("café"), [6, 5, 1], "part of a product's name");
    assert_eq!(found(" 13 "), [4], "an order number");
    assert_eq!(found("1"), [3], "part of a name, but no part of an order number");
    assert_eq!(found("%"), [0; 0], "no name holds it once punctuation is left out");
    assert_eq!(found("c_f"), [0; 0]);
    assert_eq!(found("\\"), [0; 0]);
}

#[test]
fn each_column_sorts_both_ways() {
    let (_backend, database) = sales();
    let db = &mut *database.get().unwrap();
    let mut sorted = |sort, ascending| ids(db, &SalesFilter { sort, ascending, ..SalesFilter::default() });
    assert_eq!(sorted(SortColumn::Date, true), [1, 2, 3, 4, 5, 6]);
    assert_eq!(sorted(SortColumn::Amount, false), [1, 4, 6, 3, 2, 5]);
    assert_eq!(sorted(SortColumn::Quantity, true), [5, 6, 2, 3, 1, 4]);
    assert_eq!(sorted(SortColumn::Product, true), [3, 2, 4, 1, 5, 6]);
    assert_eq!(sorted(SortColumn::Customer, false), [4, 1, 6, 5, 2, 3], "the sale without a customer comes last");
}

#[test]
fn totals_of_days_come_from_the_rollup_and_equal_those_of_the_sales() {
    let (_backend, database) = sales();
    let db = &mut *database.get().unwrap();
    let october = || SalesFilter { from: day("2026-10-01"), to: day("2026-10-31"), ..SalesFilter::default() };
    let from_rollup = totals(db, &october()).unwrap();
    assert_eq!(from_rollup, SalesTotals { sales: 3, quantity: TenThousandths(40_000), amount: Cents(5180) });
    let from_sales = totals(db, &SalesFilter { import_id: Some(1), ..october() }).unwrap();
    assert_eq!(from_sales, from_rollup);
    db.batch_execute("UPDATE daily_totals SET sales = 7 WHERE sold_on = '2026-10-01'").unwrap();
    assert_eq!(totals(db, &october()).unwrap().sales, 9, "the sales were not scanned");
}

#[test]
fn totals_of_nothing_are_zero() {
    let (_backend, database) = sales();
    let db = &mut *database.get().unwrap();
    let nothing = SalesFilter { product_id: Some(99), ..SalesFilter::default() };
    assert_eq!(totals(db, &nothing).unwrap(), SalesTotals::default());
    let no_days = SalesFilter { from: day("2030-01-01"), ..SalesFilter::default() };
    assert_eq!(totals(db, &no_days).unwrap(), SalesTotals::default());
}

#[test]
fn pages_and_batches_hold_every_sale_once_in_the_lists_order() {
    let (_backend, database) = sales();
    let db = &mut *database.get().unwrap();
    let filter = SalesFilter { sort: SortColumn::Amount, ..SalesFilter::default() };
    let mut paged = Vec::new();
    for offset in [0, 2, 4, 6] {
        paged.extend(page(db, &filter, offset, 2).unwrap());
    }
    let mut walked = Vec::new();
    for_each_batch(db, &filter, 4, |batch| {
        assert!(batch.len() <= 4);
        walked.extend(batch);
        ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!(paged, walked);
    assert_eq!(walked.len(), 6);
    let mut batches = 0;
    for_each_batch(db, &filter, 2, |_| {
        batches += 1;
        ControlFlow::Break(())
    })
    .unwrap();
    assert_eq!(batches, 1, "the walk ends when it is told to");
}
