//! Failed messages: actions of a person while a worker handles one, and messages that fail beside others that do not.

use super::*;
use caudal_contract::message::{ImportId, MessageId, MessageKind};

impl Distrib {
    fn id_of_failed(&self) -> i64 {
        dead_letters::list(&mut self.database.get().unwrap(), 0, 9).unwrap()[0].id
    }

    async fn retry_due(&self) {
        consumer::retry_due(&self.queue, &self.database, &Pulse::default()).await.unwrap();
    }

    fn due_now(&self) -> bool {
        due(self).iter().any(|(_, is_due)| *is_due)
    }

    fn failed(&self) -> usize {
        dead_letters::list(&mut self.database.get().unwrap(), 0, 999).unwrap().len()
    }
}

/// SQLite has one writer at a time, so the race cannot happen there.
#[tokio::test]
async fn a_dead_letter_that_is_tried_again_meanwhile_is_neither_discarded_nor_edited() {
    for is_discarded in [true, false] {
        let distrib = Distrib::new();
        let message = distrib.message(Body::Sales(vec![sale(1, 1, 1000)]));
        distrib.keep_failed(&message, None, 12);
        distrib.backend.fill(&distrib.database, "UPDATE failed_messages SET next_attempt_at = NULL");
        let id = distrib.id_of_failed();
        if !distrib.backend.is_postgres() {
            return;
        }
        let mut other = distrib.database.get().unwrap();
        other.batch_execute("BEGIN").unwrap();
        dead_letter::retry(&mut other, Some(id), Utc::now()).unwrap();
        let refused = std::thread::scope(|scope| {
            let late = scope.spawn(|| {
                let connection = &mut *distrib.database.get().unwrap();
                if is_discarded {
                    return dead_letter::discard(connection, id, "ana", Utc::now());
                }
                dead_letter::edit(connection, id, &serde_json::to_vec(&message).unwrap(), Utc::now())
            });
            while !late.is_finished() && waiting_for_locks(&distrib) < 1 {}
            other.batch_execute("COMMIT").unwrap();
            late.join().unwrap()
        });
        assert!(matches!(refused, Err(dead_letter::ActRefused::Unknown(_))), "{refused:?}");
        distrib.retry_due().await;
        assert_eq!(distrib.sums(), (1, 1000));
        assert!(distrib.doctor_is_content());
    }
}

#[tokio::test]
async fn a_message_that_was_applied_after_all_is_answered_so_when_it_is_discarded_or_out_of_attempts() {
    for discarded_by in ["'ana'", "NULL"] {
        let distrib = Distrib::new();
        let message = distrib.message(Body::Sales(vec![sale(1, 1, 1000)]));
        distrib.consume(&message).await;
        let answered = distrib.queue.claim(Channel::Receipts, 1).await.unwrap();
        distrib.queue.acknowledge(&answered).await.unwrap();
        distrib.keep_failed(&message, None, if discarded_by == "NULL" { MOST_ATTEMPTS } else { 1 });
        distrib.backend.fill(&distrib.database, &format!("UPDATE failed_messages SET discarded_by = {discarded_by}"));
        distrib.retry_due().await;
        let receipt = &distrib.receipts().await[0];
        assert_eq!((receipt.dead, receipt.counts.stored, receipt.counts.rejected), (false, 1, 0));
        assert_eq!(distrib.failed(), 0);
        assert!(distrib.doctor_is_content());
    }
}

/// On SQLite an attempt holds the only write lock, so no second worker can claim meanwhile.
#[test]
fn a_message_that_a_worker_is_at_is_not_claimed_however_long_that_takes() {
    let distrib = Distrib::new();
    let message = distrib.message(Body::Sales(vec![sale(1, 1, 1000)]));
    distrib.keep_failed(&message, None, 1);
    if !distrib.backend.is_postgres() {
        return;
    }
    let mut holder = distrib.database.get().unwrap();
    holder.batch_execute("BEGIN; LOCK TABLE sales").unwrap();
    std::thread::scope(|scope| {
        let attempt = scope.spawn(|| {
            deliver::deliver(&mut distrib.database.get().unwrap(), &message, Utc::now()).unwrap();
        });
        while !attempt.is_finished() && waiting_for_locks(&distrib) < 1 {}
        let in_an_hour = Utc::now() + chrono::TimeDelta::hours(1);
        let claimed = dead_letter::claim_due(&mut distrib.database.get().unwrap(), in_an_hour).unwrap();
        assert_eq!(claimed, None);
        holder.batch_execute("COMMIT").unwrap();
    });
    assert_eq!(distrib.failed(), 0);
}

#[tokio::test]
async fn failed_messages_that_cannot_be_tried_keep_no_others_waiting() {
    let distrib = Distrib::new();
    refuse(&distrib, "Produto 2", "could not extend file");
    distrib.keep_failed(&distrib.message(Body::Sales(vec![sale(2, 2, 100)])), None, 3);
    distrib.publish(serde_json::to_vec(&distrib.message(Body::Sales(vec![sale(1, 1, 1000)]))).unwrap()).await;
    for _ in 0..20 {
        if consumer::step(&distrib.queue, &distrib.database, &Pulse::default()).await.is_ok_and(|count| count > 0) {
            break;
        }
    }
    assert_eq!(distrib.sums(), (1, 1000));
}

/// A number of sales. Those selected by `poison` cannot be stored.
fn sales(rows: u8, poison: impl Fn(u8) -> bool) -> Vec<Sale> {
    let name = |n| if poison(n) { "Veneno".to_owned() } else { format!("Produto {n}") };
    let product = |n| Product { name: name(n), sku: None, category: None };
    (0..rows).map(|n| Sale { product: product(n), ..sale(n, 1, 100) }).collect()
}

#[tokio::test]
async fn many_rows_that_cannot_be_stored_do_not_stop_the_others_for_long() {
    let distrib = Distrib::new();
    refuse(&distrib, "Veneno", "poisoned");
    let message = distrib.message(Body::Sales(sales(200, |n| n % 10 < 3)));
    deliver::deliver_sound_rows(&mut distrib.database.get().unwrap(), &message, Utc::now()).unwrap();
    let (stored, _) = distrib.sums();
    assert!((100..140).contains(&stored), "all but those that stand close to the last of many: {stored}");
    distrib.backend.fill(&distrib.database, "UPDATE failed_messages SET next_attempt_at = '2026-01-01 00:00:00'");
    while distrib.due_now() {
        distrib.retry_due().await;
    }
    assert_eq!(distrib.sums(), (140, 14_000));
    assert_eq!(distrib.failed(), 60, "each stands alone");
}

#[tokio::test]
async fn where_no_row_can_be_stored_the_message_stays_in_one_piece() {
    let distrib = Distrib::new();
    refuse(&distrib, "Veneno", "poisoned");
    distrib.consume(&distrib.message(Body::Sales(sales(200, |_| true)))).await;
    assert_eq!(distrib.failed(), 1);
    assert_eq!(distrib.reasons(), [FailureReason::NoRowStored]);
}

#[tokio::test]
async fn a_row_that_the_program_fails_over_stops_only_itself() {
    let distrib = Distrib::new();
    distrib.consume(&distrib.message(Body::Sales(vec![sale(1, 1, i64::MIN)]))).await;
    // Negating the amount overflows, because `i64::MIN` has no positive counterpart.
    distrib.consume(&distrib.message(Body::Sales(vec![sale(1, 2, 700), sale(2, 2, 500), sale(3, 3, 500)]))).await;
    let failed = dead_letters::list(&mut distrib.database.get().unwrap(), 0, 9).unwrap();
    assert!(failed.len() == 1 && failed[0].reason.contains("the program failed"), "{failed:?}");
    assert_eq!(failed[0].code, Some(FailureReason::ProgramFailed));
    assert_eq!(distrib.sums().0, 3);
}

#[tokio::test]
async fn why_a_row_is_left_over_is_kept_as_a_code_beside_the_databases_words() {
    let distrib = Distrib::new();
    refuse(&distrib, "Veneno", "poisoned");
    distrib.consume(&distrib.message(Body::Sales(sales(2, |n| n == 1)))).await;
    assert_eq!(distrib.reasons(), [FailureReason::Refused]);

    let distrib = Distrib::new();
    distrib.backend.fill(&distrib.database, "CREATE UNIQUE INDEX one_of_each ON products (name)");
    let product = |sku: &str| Product { name: "Café".into(), sku: Some(sku.into()), category: None };
    let twice = [(1, "A"), (2, "B")].map(|(n, sku)| Sale { product: product(sku), ..sale(n, n, 100) });
    distrib.consume(&distrib.message(Body::Sales(twice.to_vec()))).await;
    assert_eq!(distrib.reasons(), [FailureReason::Collides]);

    let distrib = Distrib::new();
    let gone = MessageId::new();
    distrib.keep_failed(&distrib.message(Body::Sales(vec![sale(1, 1, 100)])), Some(gone), 1);
    distrib.retry_due().await;
    assert_eq!(distrib.reasons(), [FailureReason::RefersToNothing], "its entry of the ledger");
    assert_eq!(distrib.sums(), (0, 0));
}

/// Parsers quote their input, and PostgreSQL cannot store a NUL in a text.
#[tokio::test]
async fn a_message_with_a_nul_in_a_name_is_a_dead_letter_and_stops_no_other() {
    let distrib = Distrib::new();
    let mut nonsense = serde_json::to_value(distrib.message(Body::Sales(Vec::new()))).unwrap();
    nonsense["body"] = json!({ "\0": "x".repeat(100_000) });
    distrib.publish(nonsense.to_string().into_bytes()).await;
    nonsense["message_id"] = json!(ImportId::new());
    nonsense["body"] = json!({ "\0".repeat(100_000): 1 });
    distrib.publish(nonsense.to_string().into_bytes()).await;
    distrib.consume(&distrib.message(Body::Sales(vec![sale(1, 1, 1000)]))).await;
    assert_eq!(distrib.sums(), (1, 1000));
    assert_eq!(distrib.reasons(), [FailureReason::Malformed; 2]);
    let failed = dead_letters::list(&mut distrib.database.get().unwrap(), 0, 9).unwrap();
    assert!(failed.iter().all(|failed| failed.reason.contains('\u{FFFD}') && failed.reason.len() < 10_000));
}

/// PostgreSQL aborts one of the transactions that wait for each other. SQLite has no such waits.
#[tokio::test]
async fn a_message_that_meets_a_deadlock_or_a_serialization_failure_is_tried_again_at_once() {
    for (code, words) in [("40P01", "deadlock detected"), ("40001", "could not serialize access")] {
        let distrib = Distrib::new();
        if !distrib.backend.is_postgres() {
            return;
        }
        let database = &distrib.database;
        let function = format!(
            "CREATE SEQUENCE meetings;
             CREATE FUNCTION meet() RETURNS trigger LANGUAGE plpgsql AS $$
             BEGIN IF nextval('meetings') < 3 THEN RAISE EXCEPTION '{words}' USING ERRCODE = '{code}'; END IF; RETURN NEW; END $$;
             CREATE TRIGGER meet BEFORE INSERT ON products FOR EACH STATEMENT EXECUTE FUNCTION meet()"
        );
        database.get().unwrap().batch_execute(&function).unwrap();
        for n in [1, 2] {
            distrib.publish(serde_json::to_vec(&distrib.message(Body::Sales(vec![sale(n, n, 1000)]))).unwrap()).await;
        }
        // Every step succeeds, so the messages are neither released nor recorded as failed.
        let mut taken = 0;
        while taken < 2 {
            taken += consumer::step(&distrib.queue, &distrib.database, &Pulse::default()).await.unwrap();
        }
        assert_eq!(distrib.sums(), (2, 2000));
        assert_eq!(distrib.failed(), 0);
    }
}

/// Totals that arrive after a discard would overwrite its counts.
#[tokio::test]
async fn rows_are_discarded_only_after_the_totals_of_their_import_that_failed_as_well() {
    let distrib = Distrib::new();
    let (totals, sales) =
        (distrib.message(import_totals(1, 1000)), distrib.message(Body::Sales(vec![sale(1, 1, 1000)])));
    for message in [&totals, &sales] {
        distrib.keep_failed(message, None, 12);
    }
    distrib.backend.fill(&distrib.database, "UPDATE failed_messages SET next_attempt_at = NULL");
    let discard = || {
        let connection = &mut *distrib.database.get().unwrap();
        let failed = dead_letters::list(connection, 0, 9).unwrap();
        let of_sales = failed.iter().find(|failed| failed.kind == Some(MessageKind::Sales)).unwrap().id;
        dead_letter::discard(connection, of_sales, "ana", Utc::now())
    };
    let refused = discard().unwrap_err();
    assert!(matches!(refused, dead_letter::ActRefused::NoTotals), "{refused}");
    assert!(refused.to_string().contains("try that message again first"), "{refused}");
    dead_letter::retry(&mut distrib.database.get().unwrap(), None, Utc::now()).unwrap();
    let first = format!("UPDATE failed_messages SET next_attempt_at = NULL WHERE message_id = '{}'", sales.message_id);
    distrib.backend.fill(&distrib.database, &first);
    distrib.retry_due().await;
    discard().unwrap();
    distrib.retry_due().await;
    let imports = imports::list(&mut distrib.database.get().unwrap(), 0, 9).unwrap();
    assert_eq!(imports[0].state, ImportState::Balanced);
    assert_eq!(imports[0].ledger.rows.rejected, 1);
    assert!(distrib.doctor_is_content());
}
