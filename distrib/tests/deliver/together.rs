//! An undo while other messages are delivered. In either order the tables end as if one message had followed the other. SQLite
//! has one writer at a time, so the race cannot happen there.

use caudal_contract::message::{IgnoredRows, ImportId, Mended, RejectedRow};
use caudal_contract::notice::Ignored;

use super::*;

impl Distrib {
    /// Delivers both messages at once: the first has begun and waits for a row of `held` when the second begins.
    fn deliver_at_once(&self, held: &str, first: &Message, second: &Message) {
        let mut holder = self.database.get().unwrap();
        let waits = self.backend.is_postgres();
        if waits {
            holder.batch_execute(&format!("BEGIN; SELECT 1 FROM {held} FOR NO KEY UPDATE")).unwrap();
        }
        std::thread::scope(|scope| {
            let first = scope.spawn(|| self.deliver(first));
            while waits && !first.is_finished() && waiting_for_locks(self) < 1 {}
            let second = scope.spawn(|| self.deliver(second));
            while waits && !second.is_finished() && waiting_for_locks(self) < 2 {}
            if waits {
                holder.batch_execute("COMMIT").unwrap();
            }
            first.join().unwrap();
            second.join().unwrap();
        });
    }
}

#[test]
fn a_sale_that_is_updated_while_it_is_taken_back_counts_once() {
    let distrib = Distrib::new();
    let (old, new) = (ImportId::new(), ImportId::new());
    distrib.deliver(&distrib.message_of(old, Body::Sales(vec![sale(1, 1, 1000)])));
    let update = distrib.message_of(new, Body::Sales(vec![sale(1, 3, 700)]));
    distrib.deliver_at_once("sales", &distrib.undo(old), &update);
    assert_eq!(distrib.sums(), (1, 700));
    assert!(distrib.doctor_is_content());
}

#[test]
fn a_row_that_repeats_what_is_just_taken_back_is_kept() {
    let distrib = Distrib::new();
    let (first, second, third) = (ImportId::new(), ImportId::new(), ImportId::new());
    distrib.deliver(&distrib.message_of(first, Body::Sales(vec![sale(1, 1, 1000)])));
    distrib.deliver(&distrib.message_of(second, Body::Sales(vec![sale(1, 2, 700)])));
    let same_again = distrib.message_of(third, Body::Sales(vec![sale(1, 2, 700)]));
    distrib.deliver_at_once("sales", &distrib.undo(second), &same_again);
    assert_eq!(distrib.sums(), (1, 700));
    assert!(distrib.doctor_is_content());
}

#[test]
fn a_dead_letter_that_is_tried_again_while_its_import_is_taken_back_leaves_nothing() {
    let distrib = Distrib::new();
    let import = ImportId::new();
    distrib.deliver(&distrib.message_of(import, Body::Sales(vec![sale(1, 1, 1000)])));
    let late = distrib.message_of(import, Body::Sales(vec![sale(2, 2, 500)]));
    distrib.deliver_at_once("sales", &distrib.undo(import), &late);
    assert_eq!(distrib.sums(), (0, 0));
    assert!(distrib.doctor_is_content());
}

#[test]
fn two_imports_with_the_same_rows_that_are_taken_back_at_once_leave_nothing() {
    let distrib = Distrib::new();
    let (one, other) = (ImportId::new(), ImportId::new());
    distrib.deliver(&distrib.message_of(one, Body::Sales(vec![sale(1, 1, 1000), sale(2, 2, 500)])));
    distrib.deliver(&distrib.message_of(other, Body::Sales(vec![sale(1, 1, 1000)])));
    // The first undo has already left the shared sale to the other import when it waits for the day of its own sale.
    let held = "daily_totals WHERE sold_on = '2026-01-02'";
    distrib.deliver_at_once(held, &distrib.undo(one), &distrib.undo(other));
    assert_eq!(distrib.sums(), (0, 0));
    assert!(distrib.doctor_is_content());
}

#[test]
fn rows_of_one_import_that_are_mended_at_once_are_all_in_its_account() {
    let distrib = Distrib::new();
    let import = ImportId::new();
    let rejected =
        |row| RejectedRow { sheet: "Vendas".into(), row, reasons: Vec::new(), amount: Cents(100), cells: Vec::new() };
    distrib.deliver(&distrib.message_of(import, Body::Rejections(vec![rejected(5), rejected(6)])));
    let mended = |rejected, ignored| {
        let act = Act { by: "ana".into(), at: Utc::now() };
        distrib.message_of(import, Body::Mended(Box::new(Mended { act, sales: Vec::new(), rejected, ignored })))
    };
    let is_no_sale = IgnoredRows { sheet: "Vendas".into(), first: 5, last: 5, why: Ignored::Cancelled };
    distrib.deliver_at_once("imports", &mended(Vec::new(), vec![is_no_sale]), &mended(vec![rejected(6)], Vec::new()));
    let ignored = diesel::select(diesel::dsl::sql::<diesel::sql_types::Text>("(SELECT ignored FROM imports)"))
        .get_result::<String>(&mut *distrib.database.get().unwrap())
        .unwrap();
    assert!(ignored.contains("Vendas"), "{ignored}");
    assert!(distrib.doctor_is_content());
}
