use caudal_contract::message::{Body, Fingerprint, ImportId, MessageId, Product, Sale, SaleKey, SoldTime};
use caudal_contract::money::{Cents, TenThousandths};
use caudal_platform::database::Database;
use caudal_platform::testing::Backend;
use chrono::{NaiveDate, TimeDelta};

use super::*;
use crate::dead_letter::{MOST_ATTEMPTS, claim_due};

struct Distrib {
    database: Database,
    /// Keeps the database alive.
    _backend: Backend,
}

impl Distrib {
    fn new() -> Self {
        let backend = Backend::new();
        let database = backend.database("distrib");
        crate::migrate(&database).unwrap();
        Self { database, _backend: backend }
    }

    fn apply(&self, message: &Message) -> Option<Receipt> {
        let payload = serde_json::to_vec(message).unwrap();
        apply(&mut self.database.get().unwrap(), &payload, Ok(message.clone()), DeliveryCount::First).unwrap()
    }

    /// Records a message as failed and claims it.
    fn claim(&self, message: &Message, part_of: Option<MessageId>) -> Waiting {
        let connection = &mut *self.database.get().unwrap();
        let failure = Failure {
            message_id: &message.message_id.to_string(),
            payload: &serde_json::to_vec(message).unwrap(),
            reason: &Reason::never_finished(),
            is_hopeless: false,
            import_id: Some(message.import_id),
            part_of,
        };
        dead_letter::record(connection, &failure, Utc::now()).unwrap();
        claim_due(connection, Utc::now() + TimeDelta::minutes(1)).unwrap().unwrap()
    }

    fn apply_again(&self, waiting: &Waiting) -> Option<Receipt> {
        apply_again(&mut self.database.get().unwrap(), waiting, Utc::now()).unwrap()
    }

    fn kept(&self) -> usize {
        crate::view::dead_letters::list(&mut self.database.get().unwrap(), 0, 9).unwrap().len()
    }
}

fn sales(import_id: ImportId, keys: &[u8]) -> Message {
    let sale = |key: u8| Sale {
        key: SaleKey([key; 16]),
        fingerprint: Fingerprint([key; 16]),
        sheet: "Vendas".into(),
        row: u32::from(key) + 1,
        sold_at: Utc::now(),
        sold_on: NaiveDate::from_ymd_opt(2026, 1, 1).unwrap(),
        time: SoldTime::DayOnly,
        product: Product { name: format!("Produto {key}"), sku: None, category: None },
        quantity: TenThousandths(10_000),
        amount: Cents(100),
        ..Sale::default()
    };
    let body = Body::Sales(keys.iter().copied().map(sale).collect());
    Message { version: VERSION, message_id: MessageId::new(), import_id, source: "loja".into(), body }
}

#[test]
fn a_receipt_counts_the_rows_that_another_worker_has_just_added() {
    let distrib = Distrib::new();
    let import = ImportId::new();
    let whole = sales(import, &[1]);
    let before = distrib.apply(&whole).unwrap();
    let part = sales(import, &[2]);
    distrib.claim(&part, Some(whole.message_id));
    let connection = &mut *distrib.database.get().unwrap();
    deliver::deliver_part(connection, &whole.message_id.to_string(), &part, Utc::now()).unwrap();
    let receipt = answer(connection, before).unwrap().unwrap();
    assert_eq!(receipt.counts.stored, 2);
}

#[test]
fn a_claimed_part_that_another_worker_applied_is_not_kept_again_whether_it_was_discarded_or_fails() {
    let distrib = Distrib::new();
    let import = ImportId::new();
    let whole = sales(import, &[1]);
    distrib.apply(&whole);
    let entry = whole.message_id.to_string();
    for (key, discarded_by) in [(2, None), (3, Some("ana".to_owned()))] {
        let part = sales(import, &[key]);
        let claimed = Waiting { discarded_by, ..distrib.claim(&part, Some(whole.message_id)) };
        deliver::deliver_part(&mut distrib.database.get().unwrap(), &entry, &part, Utc::now()).unwrap();
        let receipt = distrib.apply_again(&claimed).unwrap();
        let counts = receipt.counts;
        assert_eq!((counts.stored, counts.duplicate, counts.rejected), (i64::from(key), 0, 0));
        let nonsense = Waiting { payload: b"{}".to_vec(), ..claimed };
        assert_eq!(distrib.apply_again(&nonsense), None);
    }
    assert_eq!(distrib.kept(), 0);
}

#[test]
fn a_message_that_fails_again_and_again_is_tried_twelve_times_with_growing_gaps() {
    let distrib = Distrib::new();
    let connection = &mut *distrib.database.get().unwrap();
    connection.batch_execute("ALTER TABLE sales RENAME TO away").unwrap();
    assert_eq!(distrib.apply(&sales(ImportId::new(), &[1])), None);
    let mut gaps = Vec::new();
    let last = loop {
        let kept = crate::view::dead_letters::list(connection, 0, 9).unwrap().remove(0);
        let Some(next) = kept.next_attempt_at else { break kept };
        gaps.push((next - kept.last_failed_at).as_seconds_f64());
        assert_eq!(claim_due(connection, next - TimeDelta::milliseconds(1)).unwrap(), None);
        let claimed = claim_due(connection, next).unwrap().unwrap();
        let receipt = apply_again(connection, &claimed, next).unwrap();
        assert_eq!(receipt.is_some_and(|receipt| receipt.dead), claimed.attempts == MOST_ATTEMPTS);
    };
    assert_eq!(last.attempts, MOST_ATTEMPTS);
    let expected = [2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 900.0, 900.0];
    assert_eq!(gaps.len(), expected.len(), "{gaps:?}");
    let shares: Vec<f64> = gaps.iter().zip(expected).map(|(gap, expected)| gap / expected).collect();
    assert!(shares.iter().all(|share| (0.79..1.21).contains(share)), "{shares:?}");
    assert!(shares.iter().any(|share| (share - 1.0).abs() > 0.001), "messages that failed together part: {shares:?}");
}
