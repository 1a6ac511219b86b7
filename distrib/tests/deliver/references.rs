//! An undo deletes the customers, addresses and products of its import, unless a sale names them.

use super::*;
use caudal_contract::message::ImportId;

/// A sale to Ana with her address.
fn to_ana(key: u8, content: u8, sold_on: &str) -> Sale {
    Sale {
        sold_on: sold_on.parse().unwrap(),
        customer: Some(Customer {
            name: Some("Ana".into()),
            document: None,
            document_kind: None,
            email: Some("ana@exemplo.com".into()),
            phone: None,
        }),
        address: Some(Address { street: Some("Rua das Flores, 1".into()), ..Address::default() }),
        ..sale(key, content, 100)
    }
}

impl Distrib {
    pub(super) fn count(&self, of: &str) -> i64 {
        diesel::select(diesel::dsl::sql::<diesel::sql_types::BigInt>(&format!("(SELECT count(*) FROM {of})")))
            .get_result(&mut *self.database.get().unwrap())
            .unwrap()
    }

    fn customers_and_addresses(&self) -> (i64, i64) {
        (self.count("customers"), self.count("addresses"))
    }
}

#[test]
fn who_is_named_by_a_sale_of_another_month_stays_when_the_import_that_brought_them_is_undone() {
    for month in ["2019-12-31", "2026-01-01", "2031-06-30"] {
        let distrib = Distrib::new();
        let (first, second) = (ImportId::new(), ImportId::new());
        distrib.deliver(&distrib.message_of(first, Body::Sales(vec![to_ana(1, 1, "2026-01-31")])));
        distrib.deliver(&distrib.message_of(second, Body::Sales(vec![to_ana(2, 2, month)])));
        distrib.deliver(&distrib.undo(first));
        assert_eq!(distrib.customers_and_addresses(), (1, 1), "{month}");
        assert_eq!(
            distrib.count("customers WHERE import_id = (SELECT MAX(id) FROM imports)"),
            1,
            "whoever needs them has them"
        );
        assert!(distrib.doctor_is_content());
        distrib.deliver(&distrib.undo(second));
        assert_eq!(distrib.customers_and_addresses(), (0, 0), "{month}");
        assert!(distrib.doctor_is_content());
    }
}

#[test]
fn the_doctor_names_sales_whose_customer_or_address_is_gone() {
    for gone in ["DELETE FROM addresses", "UPDATE addresses SET customer_id = NULL; DELETE FROM customers"] {
        let distrib = Distrib::new();
        distrib.deliver(&distrib.message(Body::Sales(vec![to_ana(1, 1, "2026-01-31")])));
        assert!(distrib.doctor_is_content());
        distrib.database.get().unwrap().batch_execute(gone).unwrap();
        assert!(!distrib.doctor_is_content(), "{gone}");
    }
}

/// Without an index the database would scan the whole table for each deleted row, to check whether another row names it. Imports
/// are never deleted, and sales name customers and addresses without a constraint (`months.rs`).
#[test]
fn what_an_undo_removes_is_found_in_an_index_by_those_who_name_it() {
    let distrib = Distrib::new();
    let unindexed = if distrib.backend.is_postgres() {
        "SELECT c.conrelid::regclass || '.' || a.attname AS reference
         FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
         WHERE c.contype = 'f' AND c.confrelid NOT IN ('imports'::regclass, 'users'::regclass)
           AND NOT EXISTS (SELECT 1 FROM pg_index i WHERE i.indrelid = c.conrelid AND i.indkey[0] = c.conkey[1])"
    } else {
        "SELECT t.name || '.' || f.\"from\" AS reference
         FROM sqlite_master t JOIN pragma_foreign_key_list(t.name) f
         WHERE t.type = 'table' AND f.\"table\" NOT IN ('imports', 'users')
           AND NOT EXISTS (SELECT 1 FROM pragma_index_list(t.name) i JOIN pragma_index_info(i.name) c
                           WHERE c.seqno = 0 AND c.name = f.\"from\")"
    };
    let unindexed = diesel::sql_query(unindexed).load::<Reference>(&mut *distrib.database.get().unwrap()).unwrap();
    assert!(unindexed.is_empty(), "{unindexed:?}");
}

#[derive(Debug, QueryableByName)]
struct Reference {
    #[diesel(sql_type = diesel::sql_types::Text)]
    #[expect(dead_code, reason = "shown where there is one")]
    reference: String,
}
