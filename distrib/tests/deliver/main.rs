//! Delivery from messages to tables: the consumer gives the same result in any order of messages, even if they are repeated.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use caudal_contract::language::Language;
use caudal_contract::message::{
    Act, Address, Body, Channel, Customer, Fingerprint, ImportId, ImportTotals, Message, MessageId, Origin, Outcome,
    Product, Receipt, Sale, SaleKey, SoldTime, VERSION,
};
use caudal_contract::money::{Cents, TenThousandths};
use caudal_contract::notice::FailureReason;
use caudal_distrib::dead_letter::{self, Failure, MOST_ATTEMPTS};
use caudal_distrib::view::dead_letters;
use caudal_distrib::view::imports::{self, ImportState};
use caudal_distrib::view::sales::{SalesFilter, page, totals};
use caudal_distrib::{consumer, deliver};
use caudal_platform::database::Database;
use caudal_platform::pulse::Pulse;
use caudal_platform::queue::{Outgoing, Queue};
use caudal_platform::testing::Backend;
use chrono::{NaiveDate, Utc};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use serde_json::json;

mod cancelled;
mod failed;
mod fields;
mod references;
mod together;

struct Distrib {
    database: Database,
    queue: Queue,
    import_id: ImportId,
    backend: Backend,
}

impl Distrib {
    fn new() -> Self {
        let backend = Backend::new();
        let database = backend.database("distrib");
        caudal_distrib::migrate(&database).unwrap();
        Self { database, queue: backend.queue(), import_id: ImportId::new(), backend }
    }

    fn message(&self, body: Body) -> Message {
        Message {
            version: VERSION,
            message_id: MessageId::new(),
            import_id: self.import_id,
            source: "loja".into(),
            body,
        }
    }

    fn message_of(&self, import_id: ImportId, body: Body) -> Message {
        Message { import_id, ..self.message(body) }
    }

    fn undo(&self, import_id: ImportId) -> Message {
        self.message_of(import_id, Body::Undo(Act { by: "ana".into(), at: Utc::now() }))
    }

    fn deliver(&self, message: &Message) {
        deliver::deliver(&mut self.database.get().unwrap(), message, Utc::now()).unwrap();
    }

    async fn publish(&self, payload: Vec<u8>) {
        let outgoing = Outgoing { message_id: MessageId::new(), payload };
        self.queue.publish(Channel::ProcessedData, vec![outgoing]).await.unwrap();
    }

    /// Publishes a message and applies everything that waits.
    async fn consume(&self, message: &Message) {
        self.publish(serde_json::to_vec(message).unwrap()).await;
        while consumer::step(&self.queue, &self.database, &Pulse::default()).await.unwrap() > 0 {}
    }

    async fn receipts(&self) -> Vec<Receipt> {
        let claimed = self.queue.claim(Channel::Receipts, 100).await.unwrap();
        claimed.iter().map(|message| serde_json::from_slice(&message.payload).unwrap()).collect()
    }

    fn sums(&self) -> (i64, i64) {
        let sums = totals(&mut self.database.get().unwrap(), &SalesFilter::default()).unwrap();
        (sums.sales, sums.amount.0)
    }

    /// Records a message as failed and due, with this number of attempts.
    fn keep_failed(&self, message: &Message, part_of: Option<MessageId>, attempts: i64) {
        let failure = Failure {
            message_id: &message.message_id.to_string(),
            payload: &serde_json::to_vec(message).unwrap(),
            reason: &dead_letter::Reason { code: FailureReason::Refused, detail: "a reason".to_owned() },
            is_hopeless: false,
            import_id: Some(message.import_id),
            part_of,
        };
        dead_letter::record(&mut self.database.get().unwrap(), &failure, Utc::now()).unwrap();
        let message_id = message.message_id;
        self.backend.fill(
            &self.database,
            &format!(
                "UPDATE failed_messages SET attempts = {attempts}, next_attempt_at = '2026-01-01 00:00:00' WHERE message_id = '{message_id}'"
            ),
        );
    }

    /// The failure code of each failed message.
    fn reasons(&self) -> Vec<FailureReason> {
        let failed = dead_letters::list(&mut self.database.get().unwrap(), 0, 999).unwrap();
        failed.into_iter().filter_map(|failed| failed.code).collect()
    }

    fn doctor_is_content(&self) -> bool {
        let findings =
            caudal_distrib::view::consistency::findings(&mut self.database.get().unwrap(), Language::English).unwrap();
        findings.iter().all(|finding| finding.problem.is_none())
    }
}

fn sale(key: u8, content: u8, amount: i64) -> Sale {
    Sale {
        key: SaleKey([key; 16]),
        fingerprint: Fingerprint([content; 16]),
        sheet: "Vendas".into(),
        row: u32::from(key) + 1,
        sold_at: Utc::now(),
        sold_on: NaiveDate::from_ymd_opt(2026, 1, u32::from(content)).unwrap(),
        time: SoldTime::DayOnly,
        product: Product { name: format!("Produto {content}"), sku: None, category: None },
        quantity: TenThousandths(10_000),
        amount: Cents(amount),
        ..Sale::default()
    }
}

fn import_totals(rows: u64, amount: i64) -> Body {
    Body::Import(Box::new(ImportTotals {
        outcome: Outcome::Taken,
        origin: Origin::File,
        name: "vendas.xlsx".into(),
        sha256: "00".into(),
        received_at: Utc::now(),
        sheets: Vec::new(),
        rows_read: rows,
        rows_ignored: 0,
        rows_accepted: rows,
        rows_rejected: 0,
        amount_read: Cents(amount),
        ignored: Vec::new(),
        warnings: Vec::new(),
        amount_ignored: Cents::ZERO,
        quantity_accepted: TenThousandths::ZERO,
        remarks: Vec::new(),
    }))
}

#[tokio::test]
async fn a_message_that_comes_twice_has_one_effect_and_the_same_receipt() {
    let distrib = Distrib::new();
    let message = distrib.message(Body::Sales(vec![sale(1, 1, 1000), sale(2, 2, 500)]));
    distrib.consume(&message).await;
    let first = distrib.receipts().await;
    distrib.consume(&message).await;
    assert_eq!(distrib.sums(), (2, 1500));
    assert_eq!((first[0].counts.stored, first[0].counts.amount_stored), (2, Cents(1500)));
    assert!(distrib.doctor_is_content());
}

#[tokio::test]
async fn what_could_not_be_answered_comes_again_at_once_and_is_answered_then() {
    let distrib = Distrib::new();
    assert_eq!(
        consumer::step(&distrib.queue, &distrib.database, &Pulse::default()).await.unwrap(),
        0,
        "it is connected"
    );
    distrib.publish(serde_json::to_vec(&distrib.message(Body::Sales(vec![sale(1, 1, 1000)]))).unwrap()).await;
    distrib.backend.refuse_receipts();
    while consumer::step(&distrib.queue, &distrib.database, &Pulse::default()).await.is_ok() {}
    distrib.backend.take_receipts();
    assert_eq!(consumer::step(&distrib.queue, &distrib.database, &Pulse::default()).await.unwrap(), 1);
    assert_eq!(distrib.receipts().await[0].counts.stored, 1);
    assert_eq!(distrib.sums(), (1, 1000));
}

#[tokio::test]
async fn an_import_balances_once_all_has_come_in_whatever_order() {
    let distrib = Distrib::new();
    distrib.consume(&distrib.message(Body::Sales(vec![sale(1, 1, 1000)]))).await;
    let state = || imports::list(&mut distrib.database.get().unwrap(), 0, 9).unwrap()[0].state;
    assert_eq!(state(), ImportState::Arriving, "its totals are on their way");
    distrib.consume(&distrib.message(import_totals(2, 1500))).await;
    assert_eq!(state(), ImportState::Arriving, "a row is on its way");
    distrib.consume(&distrib.message(Body::Sales(vec![sale(2, 2, 500)]))).await;
    assert_eq!(state(), ImportState::Balanced);
}

#[tokio::test]
async fn an_update_takes_its_old_values_out_of_every_sum() {
    let distrib = Distrib::new();
    distrib.consume(&distrib.message(Body::Sales(vec![sale(1, 1, 1000), sale(2, 2, 500)]))).await;
    distrib.consume(&distrib.message(Body::Sales(vec![sale(1, 3, 700), sale(2, 2, 500)]))).await;
    assert_eq!(distrib.sums(), (2, 1200));
    assert!(distrib.doctor_is_content(), "rollups and places agree");
    let lines = page(&mut distrib.database.get().unwrap(), &SalesFilter::default(), 0, 9).unwrap();
    assert_eq!(lines[0].product_name, "Produto 3");
}

#[tokio::test]
async fn one_key_twice_in_a_message_ends_as_its_last_row() {
    let distrib = Distrib::new();
    distrib.consume(&distrib.message(Body::Sales(vec![sale(1, 1, 1000), sale(1, 2, 700), sale(1, 2, 700)]))).await;
    let counts = distrib.receipts().await[0].counts;
    assert_eq!((counts.stored, counts.updated, counts.duplicate), (1, 1, 1));
    assert_eq!(distrib.sums(), (1, 700));
    assert!(distrib.doctor_is_content());
}

#[tokio::test]
async fn what_cannot_be_read_is_kept_as_a_dead_letter_and_the_rest_goes_on() {
    let distrib = Distrib::new();
    distrib.publish(b"nonsense".to_vec()).await;
    let newer =
        json!({"version": 2, "message_id": ImportId::new(), "import_id": distrib.import_id, "body": {"sales": 1}});
    distrib.publish(newer.to_string().into_bytes()).await;
    distrib.consume(&distrib.message(Body::Sales(vec![sale(1, 1, 1000)]))).await;
    assert_eq!(distrib.sums(), (1, 1000));
    assert_eq!(dead_letter::count_dead(&mut distrib.database.get().unwrap()).unwrap(), 2);
    let dead = distrib.receipts().await.into_iter().filter(|receipt| receipt.dead).count();
    assert_eq!(dead, 1, "a message that names itself is answered for");
    let mut codes = distrib.reasons();
    codes.sort_by_key(|reason| reason.code());
    assert_eq!(codes, [FailureReason::Malformed, FailureReason::UnknownVersion]);
}

#[tokio::test]
async fn names_longer_than_an_index_takes_are_stored_and_found_again() {
    let distrib = Distrib::new();
    // Irregular letters, because PostgreSQL would compress a repeated text and the index would accept it.
    let long = |seed: u8| {
        let letters = (0..12_000_u32).map(|n| n.wrapping_add(u32::from(seed)).wrapping_mul(2_654_435_761) >> 16);
        letters.map(|n| char::from_u32(0x4E00 + n % 0x5000).unwrap()).collect::<String>()
    };
    let verbose = |key, content| Sale {
        customer: Some(Customer {
            name: Some(long(1)),
            document: None,
            document_kind: None,
            email: None,
            phone: Some("1".repeat(3000)),
        }),
        address: Some(Address { street: Some(long(2)), ..Address::default() }),
        product: Product { name: long(3), sku: None, category: Some(long(4)) },
        // A longer code would make the message unreadable.
        order_id: Some(long(5).chars().take(500).collect()),
        seller: Some(long(6)),
        notes: Some(long(7)),
        ..sale(key, content, 100)
    };
    distrib.consume(&distrib.message(Body::Sales(vec![verbose(1, 1)]))).await;
    distrib.consume(&distrib.message(Body::Sales(vec![verbose(2, 2)]))).await;
    assert_eq!(distrib.sums(), (2, 200));
    let count = "(SELECT (SELECT count(*) FROM customers) + (SELECT count(*) FROM addresses) + (SELECT count(*) FROM products))";
    let named = diesel::select(diesel::dsl::sql::<diesel::sql_types::BigInt>(count))
        .get_result::<i64>(&mut *distrib.database.get().unwrap())
        .unwrap();
    assert_eq!(named, 3, "each once");
}

/// Makes the database reject products with this name, with this reason.
fn refuse(distrib: &Distrib, product: &str, reason: &str) {
    let mut connection = distrib.database.get().unwrap();
    let statements = if distrib.backend.is_postgres() {
        format!(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
             BEGIN IF NEW.name = '{product}' THEN RAISE EXCEPTION '{reason}'; END IF; RETURN NEW; END $$;
             CREATE TRIGGER refuse BEFORE INSERT ON products FOR EACH ROW EXECUTE FUNCTION refuse()"
        )
    } else {
        format!(
            "CREATE TRIGGER refuse BEFORE INSERT ON products WHEN NEW.name = '{product}'
             BEGIN SELECT RAISE(ABORT, '{reason}'); END"
        )
    };
    connection.batch_execute(&statements).unwrap();
}

fn due(distrib: &Distrib) -> Vec<(i64, bool)> {
    let failed = dead_letters::list(&mut distrib.database.get().unwrap(), 0, 999).unwrap();
    failed.iter().map(|failed| (failed.attempts, failed.next_attempt_at.is_some_and(|at| at <= Utc::now()))).collect()
}

#[tokio::test]
async fn a_failure_of_the_database_counts_no_attempt_and_keeps_no_answer_back() {
    let distrib = Distrib::new();
    refuse(&distrib, "Produto 2", "could not extend file");
    let messages = [1, 2, 3].map(|n| distrib.message(Body::Sales(vec![sale(n, n, 100)])));
    for message in &messages {
        distrib.keep_failed(message, None, 3);
    }
    assert!(consumer::retry_due(&distrib.queue, &distrib.database, &Pulse::default()).await.is_err());
    assert_eq!(due(&distrib), [(3, true), (3, false)], "not again at once");
    let answered: Vec<MessageId> = distrib.receipts().await.iter().map(|receipt| receipt.message_id).collect();
    assert_eq!(answered, [messages[0].message_id]);
}

/// One of them may have ended the worker that held them before.
#[tokio::test]
async fn messages_that_were_handed_out_before_are_applied_one_by_one() {
    let mut distrib = Distrib::new();
    refuse(&distrib, "Produto 2", "could not extend file");
    let messages = [1, 2].map(|n| distrib.message(Body::Sales(vec![sale(n, n, 100)])));
    for message in &messages {
        distrib.publish(serde_json::to_vec(message).unwrap()).await;
    }
    let held = distrib.queue.claim(Channel::ProcessedData, 2).await.unwrap();
    drop(held);
    distrib.queue = distrib.backend.queue();
    distrib.queue.free_leases().unwrap();
    while consumer::step(&distrib.queue, &distrib.database, &Pulse::default()).await.is_ok() {}
    assert_eq!(distrib.sums(), (1, 100));
}

#[tokio::test]
async fn a_message_whose_last_attempt_was_never_finished_is_given_up_and_answered() {
    let distrib = Distrib::new();
    distrib.keep_failed(&distrib.message(Body::Sales(vec![sale(1, 1, 1000)])), None, MOST_ATTEMPTS);
    consumer::retry_due(&distrib.queue, &distrib.database, &Pulse::default()).await.unwrap();
    assert_eq!(dead_letter::count_dead(&mut distrib.database.get().unwrap()).unwrap(), 1);
    assert_eq!(distrib.reasons(), [FailureReason::NeverFinished]);
    assert!(distrib.receipts().await[0].dead);
    assert_eq!(distrib.sums(), (0, 0));
}

#[tokio::test]
async fn what_is_tried_again_after_a_discard_that_failed_is_stored() {
    let distrib = Distrib::new();
    distrib.keep_failed(&distrib.message(Body::Sales(vec![sale(1, 1, 1000)])), None, 1);
    distrib.backend.fill(&distrib.database, "UPDATE failed_messages SET next_attempt_at = NULL, discarded_by = 'ana'");
    dead_letter::retry(&mut distrib.database.get().unwrap(), None, Utc::now()).unwrap();
    consumer::retry_due(&distrib.queue, &distrib.database, &Pulse::default()).await.unwrap();
    assert_eq!(distrib.sums(), (1, 1000));
}

/// SQLite has one writer at a time, so the race cannot happen there.
#[tokio::test]
async fn two_workers_at_rows_of_one_message_both_count() {
    let distrib = Distrib::new();
    let whole = distrib.message(Body::Sales(vec![sale(1, 1, 100)]));
    distrib.consume(&whole).await;
    let parts = [2, 3].map(|n| distrib.message(Body::Sales(vec![sale(n, n, 100)])));
    for part in &parts {
        distrib.keep_failed(part, Some(whole.message_id), 1);
    }
    let entry = whole.message_id.to_string();
    let mut holder = distrib.database.get().unwrap();
    if distrib.backend.is_postgres() {
        // Both workers reach the ledger entry before one of them writes.
        holder.batch_execute("BEGIN; SELECT 1 FROM deliveries FOR UPDATE").unwrap();
    }
    std::thread::scope(|scope| {
        for part in &parts {
            let (database, entry) = (distrib.database.clone(), &entry);
            scope.spawn(move || {
                deliver::deliver_part(&mut database.get().unwrap(), entry, part, Utc::now()).unwrap();
            });
        }
        if distrib.backend.is_postgres() {
            while waiting_for_locks(&distrib) < 2 {}
            holder.batch_execute("COMMIT").unwrap();
        }
    });
    let mut connection = distrib.database.get().unwrap();
    let counted = imports::list(&mut connection, 0, 9).unwrap();
    assert_eq!(counted[0].ledger.rows.stored, 3);
    assert!(distrib.doctor_is_content());
}

fn waiting_for_locks(distrib: &Distrib) -> i64 {
    let count =
        "(SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')";
    diesel::select(diesel::dsl::sql::<diesel::sql_types::BigInt>(count))
        .get_result(&mut *distrib.database.get().unwrap())
        .unwrap()
}

#[test]
fn a_text_that_is_too_long_is_cut_before_it_is_stored_and_a_code_refuses_its_message() {
    let distrib = Distrib::new();
    let read = |change: fn(&mut Sale)| {
        let mut long = sale(1, 1, 1000);
        change(&mut long);
        let message = distrib.message(Body::Sales(vec![long]));
        deliver::parse(&serde_json::to_vec(&message).unwrap())
    };
    let Body::Sales(sales) = read(|sale| sale.product.name = "é".repeat(600)).unwrap().body else { panic!() };
    assert_eq!(sales[0].product.name.chars().count(), 500);
    assert_eq!((&sales[0].customer, &sales[0].address), (&sale(1, 1, 1000).customer, &sale(1, 1, 1000).address));
    let refused = read(|sale| sale.product.sku = Some("1".repeat(600))).unwrap_err();
    assert!(refused.to_string().contains("row 2 has a sku with more than 500 characters"), "{refused}");
}
