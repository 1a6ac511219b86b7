//! Cancellations: in any order of the messages the same sales are void, and an undo takes back exactly the statements of its import.

use caudal_contract::message::Cancellation;
use caudal_distrib::view::cancellations::VoidEffects;
use caudal_distrib::view::sales::Standing;
use proptest::prelude::*;

use super::*;

fn cancellation(key: u8) -> Cancellation {
    Cancellation {
        key: SaleKey([key; 16]),
        import_id: None,
        sheet: "Vendas".into(),
        row: u32::from(key) + 1,
        cancels_own: false,
    }
}

impl Distrib {
    fn cancel(&self, import_id: ImportId, keys: &[u8]) -> Message {
        self.message_of(import_id, Body::Cancellations(keys.iter().map(|key| cancellation(*key)).collect()))
    }

    fn pay(&self, import_id: ImportId, sales: &[(u8, u8, i64)]) -> Message {
        let sales = sales.iter().map(|(key, content, amount)| sale(*key, *content, *amount)).collect();
        self.message_of(import_id, Body::Sales(sales))
    }

    /// The keys of the void sales.
    fn void(&self) -> Vec<String> {
        let filter = SalesFilter { standing: Standing::Void, ascending: true, ..SalesFilter::default() };
        let lines = page(&mut self.database.get().unwrap(), &filter, 0, 99).unwrap();
        assert!(lines.iter().all(|line| line.cancelled_by.is_some()));
        lines.into_iter().map(|line| line.product_name).collect()
    }

    /// For each import in the order of their ids: the sales that it voids, and its own sales that are void.
    fn effects(&self) -> Vec<[(i64, i64); 2]> {
        let mut all = imports::list(&mut self.database.get().unwrap(), 0, 99).unwrap();
        all.sort_by_key(|import| import.uuid);
        let pair = |VoidEffects { voids, voided }: VoidEffects| {
            [(voids.sales, voids.amount.0), (voided.sales, voided.amount.0)]
        };
        all.into_iter().map(|import| pair(import.voids)).collect()
    }
}

#[test]
fn a_cancelled_sale_leaves_every_sum_and_both_imports_say_so() {
    let distrib = Distrib::new();
    let (paid, cancelled) = (ImportId::new(), ImportId::new());
    distrib.deliver(&distrib.pay(paid, &[(1, 1, 3780), (2, 2, 500)]));
    let message = distrib.cancel(cancelled, &[1]);
    distrib.deliver(&message);
    distrib.deliver(&message);
    assert_eq!(distrib.sums(), (1, 500));
    assert_eq!(distrib.void(), ["Produto 1"]);
    assert_eq!(distrib.effects(), [[(0, 0), (1, 3780)], [(1, 3780), (0, 0)]]);
    assert!(distrib.doctor_is_content());
    let all = SalesFilter { standing: Standing::All, ..SalesFilter::default() };
    assert_eq!(totals(&mut distrib.database.get().unwrap(), &all).unwrap().sales, 2);
}

#[test]
fn the_latest_statement_counts_whatever_is_delivered_last() {
    let imports = [ImportId::new(), ImportId::new(), ImportId::new()];
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let distrib = Distrib::new();
        let messages = [
            distrib.pay(imports[0], &[(1, 1, 1000)]),
            distrib.cancel(imports[1], &[1]),
            // The very same row: the latest that is known is that it was paid.
            distrib.pay(imports[2], &[(1, 1, 1000)]),
        ];
        for place in order {
            distrib.deliver(&messages[place]);
        }
        assert_eq!((distrib.sums(), distrib.void().len()), ((1, 1000), 0), "{order:?}");
        assert!(distrib.doctor_is_content(), "{order:?}");
        distrib.deliver(&distrib.undo(imports[2]));
        assert_eq!((distrib.sums(), distrib.void().len()), ((0, 0), 1), "void again: {order:?}");
        assert!(distrib.doctor_is_content(), "{order:?}");
    }
}

#[test]
fn a_row_of_a_file_leaves_its_own_file_alone_and_a_row_of_a_batch_cancels_the_rows_before_it() {
    for (cancels_own, void) in [(false, 0), (true, 1)] {
        let distrib = Distrib::new();
        let import = ImportId::new();
        distrib.deliver(&distrib.pay(import, &[(1, 1, 1000), (7, 7, 500)]));
        let row = |key| Cancellation { row: 5, cancels_own, ..cancellation(key) };
        distrib.deliver(&distrib.message_of(import, Body::Cancellations(vec![row(1), row(7)])));
        assert_eq!(distrib.void().len(), void, "row 2 is before row 5, and row 8 is behind it");
        assert!(distrib.doctor_is_content());
    }
}

#[test]
fn a_cancelled_sale_that_changes_is_void_with_its_new_values() {
    let distrib = Distrib::new();
    let (first, second, later) = (ImportId::new(), ImportId::new(), ImportId::new());
    distrib.deliver(&distrib.pay(first, &[(1, 1, 1000)]));
    distrib.deliver(&distrib.cancel(later, &[1]));
    distrib.deliver(&distrib.pay(second, &[(1, 3, 700)]));
    assert_eq!(distrib.sums(), (0, 0));
    assert_eq!(distrib.effects(), [[(0, 0), (0, 0)], [(0, 0), (1, 700)], [(1, 700), (0, 0)]]);
    distrib.deliver(&distrib.undo(later));
    assert_eq!(distrib.sums(), (1, 700));
    assert!(distrib.doctor_is_content());
}

#[test]
fn a_cancellation_of_an_import_that_was_undone_does_nothing_even_if_another_import_hands_it_over() {
    let distrib = Distrib::new();
    let (waiting, cancelled) = (ImportId::new(), ImportId::new());
    distrib.deliver(&distrib.message_of(cancelled, import_totals(0, 0)));
    let handed_over = |import_id| Cancellation { import_id: Some(import_id), ..cancellation(1) };
    distrib.deliver(&distrib.pay(waiting, &[(1, 1, 1000)]));
    distrib.deliver(&distrib.message_of(waiting, Body::Cancellations(vec![handed_over(cancelled)])));
    assert_eq!(distrib.sums(), (0, 0));
    distrib.deliver(&distrib.undo(cancelled));
    assert_eq!(distrib.sums(), (1, 1000));
    distrib.deliver(&distrib.message_of(waiting, Body::Cancellations(vec![handed_over(cancelled)])));
    assert_eq!(distrib.sums(), (1, 1000));
    assert!(distrib.doctor_is_content());
}

#[test]
fn a_preview_of_an_undo_says_what_counts_again_and_what_is_void_again() {
    let distrib = Distrib::new();
    let (paid, cancelled, again) = (ImportId::new(), ImportId::new(), ImportId::new());
    distrib.deliver(&distrib.pay(paid, &[(1, 1, 1000), (2, 2, 500)]));
    distrib.deliver(&distrib.cancel(cancelled, &[1, 2]));
    distrib.deliver(&distrib.pay(again, &[(2, 2, 500)]));
    let preview = |import: ImportId| {
        let connection = &mut distrib.database.get().unwrap();
        let id = imports::find(connection, &import.to_string()).unwrap().unwrap().summary.id;
        let effects = deliver::undo::preview(connection, id).unwrap();
        (effects.sales_revived, effects.sales_void_again, effects.sales_removed, effects.amount_change.0)
    };
    assert_eq!(preview(cancelled), (1, 0, 0, 1000));
    assert_eq!(preview(again), (0, 1, 0, -500));
    assert_eq!(preview(paid), (0, 0, 1, 0), "the sale that goes is void, and the other one moves");
    assert_eq!(distrib.sums(), (1, 500));
    assert!(distrib.doctor_is_content());
}

/// Five imports of which each may say of three sales that they are paid or cancelled.
fn statements() -> impl Strategy<Value = Vec<[Option<bool>; 3]>> {
    prop::collection::vec(prop::array::uniform3(prop::option::of(any::<bool>())), 5)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// The tables follow from the statements: compared with what the latest statement of each sale says.
    #[test]
    fn any_order_of_messages_and_undos_ends_in_the_latest_statements(
        said in statements(),
        order in Just((0..10_usize).collect::<Vec<_>>()).prop_shuffle(),
        undone in prop::collection::vec(any::<bool>(), 5),
    ) {
        let distrib = Distrib::new();
        let ids: Vec<ImportId> = said.iter().map(|_| ImportId::new()).collect();
        let messages: Vec<Message> = said.iter().zip(&ids).flat_map(|(said, id)| {
            let keys = |paid| (1..=3_u8).zip(said).filter(move |(_, says)| **says == Some(paid)).map(|(key, _)| key);
            let sales: Vec<_> = keys(true).map(|key| (key, key, 100 * i64::from(key))).collect();
            [distrib.pay(*id, &sales), distrib.cancel(*id, &keys(false).collect::<Vec<_>>())]
        }).collect();
        for place in &order {
            distrib.deliver(&messages[*place]);
        }
        for twice in order.iter().take(3) {
            distrib.deliver(&messages[*twice]);
        }
        let undone: Vec<bool> = undone.iter().zip(&said).map(|(undone, _)| *undone).collect();
        for (id, _) in ids.iter().zip(&undone).filter(|(_, undone)| **undone) {
            distrib.deliver(&distrib.undo(*id));
        }
        let (mut counted, mut void) = ((0, 0), Vec::new());
        for key in 0..3 {
            let standing = said.iter().zip(&undone).filter(|(_, undone)| !**undone).map(|(said, _)| said[key]);
            let said: Vec<bool> = standing.flatten().collect();
            let number = i64::try_from(key).unwrap() + 1;
            match (said.contains(&true), said.last()) {
                (true, Some(true)) => counted = (counted.0 + 1, counted.1 + 100 * number),
                (true, Some(false)) => void.push(format!("Produto {number}")),
                _ => {}
            }
        }
        prop_assert_eq!(distrib.sums(), counted);
        prop_assert_eq!(distrib.void(), void);
        prop_assert!(distrib.doctor_is_content());
    }
}
