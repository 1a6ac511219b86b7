use caudal_platform::database::Database;
use caudal_platform::testing::Backend;
use diesel::connection::SimpleConnection;

use super::*;

const UUID: &str = "0199f1c0-0000-7000-8000-000000000001";

/// One complete import, and one that waits for its totals.
fn imports() -> (Backend, Database) {
    let backend = Backend::new();
    let database = backend.database("distrib");
    crate::migrate(&database).unwrap();
    backend.fill(&database, r#"INSERT INTO imports (id, uuid, source, first_seen_at, origin, name, sha256, received_at, rows_read, rows_ignored,
                    rows_accepted, rows_rejected, amount_read, amount_ignored, quantity_accepted, outcome, sheets, remarks) VALUES
                (1, '0199f1c0-0000-7000-8000-000000000001', 'loja-3', '2026-11-01 12:00:05', 'file', 'vendas.xlsx', 'ab',
                    '2026-11-01 12:00:00', 5, 1, 3, 1, 1250, 50, 30000, '"taken"',
                    '[{"name":"Vendas","header_row":2,"mapping":[["date","Data"]]}]', '[{"code":"blank_rows","rows":1}]');
               INSERT INTO imports (id, uuid, source, first_seen_at) VALUES
                (2, '0199f1c0-0000-7000-8000-000000000002', '', '2026-11-02 12:00:00');
               INSERT INTO deliveries (message_id, import_id, delivered_at, stored, updated, duplicate, rejected, amount_stored,
                    amount_updated, amount_duplicate, amount_rejected) VALUES
                ('a', 1, '2026-11-01 12:00:01', 1, 0, 0, 0, 500, 0, 0, 0),
                ('b', 1, '2026-11-01 12:00:02', 0, 1, 1, 0, 0, 300, 200, 0),
                ('c', 1, '2026-11-01 12:00:03', 0, 0, 0, 1, 0, 0, 0, 200),
                ('d', 2, '2026-11-02 12:00:03', 4, 0, 0, 0, 400, 0, 0, 0);
               INSERT INTO products (id, identity, name, search_name) VALUES (1, 'n:a', 'A', 'a');
               INSERT INTO sales (id, sale_key, fingerprint, import_id, sheet, row, sold_at, sold_on, sold_time, product_id, quantity, amount)
                VALUES (1, x'01', x'01', 2, 'Plan1', 7, '2026-10-01 13:00:00', '2026-10-01', 'exact', 1, 10000, 200);
               INSERT INTO sightings (id, kind, sale_id, import_id, sheet, row) VALUES
                (1, 'duplicate', 1, 1, 'Vendas', 5), (2, 'superseded', 1, 1, 'Vendas', 4);
               INSERT INTO rejected_rows (id, import_id, sheet, row, amount, reasons, cells) VALUES
                (1, 1, 'Vendas', 6, 200, '[{"field":"quantity","column":"Qtde","value":"dois","rule":"not_a_number"}]', '[["Qtde","dois"]]');"#);
    (backend, database)
}

#[test]
fn the_ledger_is_the_totals_beside_the_sum_of_the_deliveries() {
    let (_backend, database) = imports();
    let db = &mut *database.get().unwrap();
    let list = list(db, 0, 10).unwrap();
    assert_eq!(
        list.iter().map(|import| (import.id, import.state)).collect::<Vec<_>>(),
        [(2, ImportState::Arriving), (1, ImportState::Balanced)]
    );
    assert_eq!(
        list[1].ledger.rows,
        Balance { read: Some(5), stored: 1, updated: 1, duplicate: 1, rejected: 1, ignored: Some(1) }
    );
    assert_eq!(list[1].ledger.money.accounted(), Cents(1250));
    assert_eq!(list[0].ledger.rows.read, None);
    assert_eq!(count(db).unwrap(), 2);
}

#[test]
fn a_delivery_too_few_is_arriving_and_money_that_differs_is_unbalanced() {
    let (_backend, database) = imports();
    let db = &mut *database.get().unwrap();
    db.batch_execute("UPDATE imports SET amount_read = 1251 WHERE id = 1").unwrap();
    assert_eq!(find_by_id(db, 1).unwrap().unwrap().summary.state, ImportState::Unbalanced);
    db.batch_execute("DELETE FROM deliveries WHERE message_id = 'c'").unwrap();
    assert_eq!(find_by_id(db, 1).unwrap().unwrap().summary.state, ImportState::Arriving);
}

#[test]
fn an_import_is_found_by_its_number_and_by_its_uuid() {
    let (_backend, database) = imports();
    let db = &mut *database.get().unwrap();
    let import = find(db, UUID).unwrap().unwrap();
    assert_eq!(find(db, "1").unwrap().as_ref(), Some(&import));
    assert_eq!(import.sheets[0].mapping, [("date".to_owned(), "Data".to_owned())]);
    assert_eq!(import.remarks, [Remark::BlankRows { rows: 1 }]);
    assert_eq!(find(db, "99").unwrap(), None);
    assert_eq!(find(db, "' OR 1=1").unwrap(), None);
}

#[test]
fn rejected_rows_and_duplicates_say_where_they_stand() {
    let (_backend, database) = imports();
    let db = &mut *database.get().unwrap();
    let rejected = rejected_rows(db, 1, 0, 10).unwrap();
    assert_eq!((rejected[0].row, rejected[0].reasons.len()), (6, 1));
    assert_eq!(rejected[0].cells, [("Qtde".to_owned(), "dois".to_owned())]);
    let seen = sightings(db, 1, 0, 10).unwrap();
    assert_eq!((seen[0].sheet.as_str(), seen[0].row), ("Vendas", 5));
    assert_eq!((seen[0].first_import_id, seen[0].first_sheet.as_str(), seen[0].first_row), (2, "Plan1", 7));
    assert_eq!(seen.len(), 1, "a row that an update left behind is no duplicate");
    assert!(rejected_rows(db, 1, 1, 10).unwrap().is_empty());
}

#[test]
fn an_import_is_written_as_json_with_plain_decimals() {
    let (_backend, database) = imports();
    let import = find(&mut database.get().unwrap(), "1").unwrap().unwrap();
    let json = serde_json::to_value(&import).unwrap();
    assert_eq!(json["import_id"], UUID);
    assert_eq!(json["state"], "balanced");
    assert_eq!(json["ledger"]["money"]["stored"], "5.00");
    assert_eq!(json["ledger"]["rows"]["duplicate"], 1);
}
