//! The meaning of a row of JSON depends on nothing but the row: not on the other rows of its batch, nor on the place of a cut.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{TestCaseError, TestRunner};
use serde_json::{Map, Value, json};

use crate::api::post_text;
use crate::installation::{Installation, Service, wait_until};

/// Shorter than the ten minutes that tokens are good for.
const TOKEN_LIFE: Duration = Duration::from_secs(300);

/// A program that sends sales.
struct Sender<'a> {
    service: &'a Service,
    name: &'static str,
    token: String,
    since: Instant,
}

/// The outcome of a batch: its import, and for each row its status and its sorted reasons.
struct Sent {
    import: String,
    rows: Vec<Value>,
}

impl<'a> Sender<'a> {
    fn new(installation: &Installation, service: &'a Service, name: &'static str) -> Self {
        Self { service, name, token: installation.token(service, name), since: Instant::now() }
    }

    fn send(&mut self, rows: &[Value]) -> Sent {
        self.send_text(&json!(rows).to_string())
    }

    fn send_text(&mut self, body: &str) -> Sent {
        if self.since.elapsed() > TOKEN_LIFE {
            (self.token, self.since) = (self.service.token(self.name), Instant::now());
        }
        let (status, mut answer) = post_text(self.service, Some(&self.token), body);
        assert_eq!(status, 200, "{answer} to {body}");
        let import = answer["import_id"].as_str().unwrap().to_owned();
        let Value::Array(mut rows) = answer["rows"].take() else { panic!("rows in {answer}") };
        for (row, place) in rows.iter_mut().zip(1..) {
            assert_eq!(row["row"], place, "{answer}");
            row.as_object_mut().unwrap().remove("row");
            // A cancelled row tells how many sales that were stored before it are void now.
            row.as_object_mut().unwrap().remove("voids");
            if let Some(reasons) = row.get_mut("reasons").and_then(Value::as_array_mut) {
                reasons.sort_by_key(Value::to_string);
            }
        }
        Sent { import, rows }
    }
}

/// Everything that is stored of the sales of these imports, except their places and times of arrival.
fn stored(installation: &Installation, imports: &[&str]) -> Vec<String> {
    const COLUMNS: [&str; 20] = [
        "s.sold_time",
        // A row without a time gets the time of arrival, which differs.
        "CASE WHEN s.sold_time = 'assumed' THEN '' ELSE CAST(s.sold_on AS TEXT) || ' ' || CAST(s.sold_at AS TEXT) END",
        "s.order_id",
        "s.line",
        "p.name",
        "p.sku",
        "s.quantity",
        "s.unit_price",
        "s.discount",
        "s.freight",
        "s.tax",
        "s.amount",
        "s.cost",
        "s.payment_method",
        "s.status",
        "s.seller",
        "s.store",
        "s.notes",
        "c.identity",
        "a.identity",
    ];
    let line = COLUMNS.map(|column| format!("COALESCE(CAST({column} AS TEXT), '-')")).join(" || '|' || ");
    let ids = imports.iter().map(|id| format!("'{id}'")).collect::<Vec<_>>().join(", ");
    installation.lines(
        "distrib",
        &format!(
            "SELECT {line} AS line FROM sales s JOIN imports i ON i.id = s.import_id JOIN products p ON p.id = s.product_id
             LEFT JOIN customers c ON c.id = s.customer_id LEFT JOIN addresses a ON a.id = s.address_id
             WHERE i.uuid IN ({ids}) ORDER BY 1"
        ),
    )
}

fn wait_until_stored(installation: &Installation) {
    wait_until("all is stored and answered for", || installation.outbox_now() == 0);
}

// --- Random batches, as shops send them

/// A row before it gets the number that makes it differ from all others.
#[derive(Debug, Clone)]
struct Draft {
    identity: Identity,
    properties: Map<String, Value>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Identity {
    Id,
    NumericId,
    Line,
    Content,
}

impl Draft {
    /// Makes the row. No two rows of a run are the same sale.
    fn row(&self, case: usize, place: usize) -> Value {
        let number = case * 100 + place;
        let mut row = self.properties.clone();
        match self.identity {
            Identity::Id => drop(row.insert("id".to_owned(), json!(format!("P-{number:06}")))),
            Identity::NumericId => drop(row.insert("id".to_owned(), json!(number))),
            Identity::Line => {
                row.insert("id".to_owned(), json!(format!("L-{case}")));
                row.insert("line".to_owned(), json!((place + 1).to_string()));
            }
            Identity::Content => {}
        }
        for name in ["product", "produto", "sku"] {
            if let Some(Value::String(text)) = row.get_mut(name).filter(|text| text.as_str() != Some("")) {
                text.push_str(&format!(" {number}"));
            }
        }
        Value::Object(row)
    }

    /// Whether it has a time of sale or a number. Without both its whole body may be its identity, which a cut changes.
    fn is_known_again(&self) -> bool {
        self.identity != Identity::Content
            || ["sold_at", "data_hora"].iter().any(|name| self.properties.get(*name).is_some_and(|at| !at.is_null()))
    }
}

/// A number as a text or as JSON: the marks, spaces and signs that programs write.
fn number() -> impl Strategy<Value = Value> {
    let digits = (prop_oneof![0..20_u32, 0..9_999_999_u32], 0..=4_usize, 0..10_000_u32);
    (digits, 0..24_u8).prop_map(|((whole, places, fraction), kind)| {
        let fraction = &format!("{fraction:04}")[..places];
        let with = |thousands: &str, mark: &str| {
            let text = whole.to_string();
            let mut grouped = String::new();
            for (place, digit) in text.chars().enumerate() {
                if place > 0 && (text.len() - place).is_multiple_of(3) {
                    grouped.push_str(thousands);
                }
                grouped.push(digit);
            }
            if fraction.is_empty() { grouped } else { format!("{grouped}{mark}{fraction}") }
        };
        let text = match kind {
            0..=6 => return serde_json::from_str(&with("", ".")).unwrap(),
            7 => return serde_json::from_str(&format!("-{}", with("", "."))).unwrap(),
            8..=12 => with("", "."),
            13..=15 => with("", ","),
            16 => with(".", ","),
            17 => with(",", "."),
            18 => format!(" {} ", with("", ".")),
            19 => format!("R$ {}", with("", ".")),
            20 => format!("R$ {}", with("", ",")),
            21 => format!("-{}", with("", ".")),
            22 => format!("{}e{}", whole % 10, places),
            _ => with(".", "."),
        };
        json!(text)
    })
}

/// A quantity, mostly a small one.
fn quantity() -> impl Strategy<Value = Value> {
    prop_oneof![
        6 => (1..50_u32).prop_map(|count| json!(count)),
        2 => (1..50_u32).prop_map(|count| json!(count.to_string())),
        1 => (1..5_u32).prop_map(|count| json!(-f64::from(count))),
        1 => Just(json!("1.5")),
        1 => Just(json!("0,250")),
        1 => Just(json!("1.000")),
        1 => Just(json!(" 2 ")),
        1 => Just(json!("dois")),
        1 => Just(json!(0)),
        1 => Just(json!(true)),
        2 => number(),
    ]
}

/// A day or a time as programs write it: instants, local times, days alone, and the two orders of day and month.
fn moment() -> impl Strategy<Value = Value> {
    let days = prop_oneof![
        Just((2018, 11, 3)),
        Just((2018, 11, 4)),
        Just((2019, 2, 16)),
        Just((2019, 2, 17)),
        Just((2026, 4, 3)),
        Just((2026, 4, 13)),
        (2024..2026_u32, 1..=12_u32, 1..=28_u32),
    ];
    let times = prop_oneof![
        4 => Just((0, 0, 0)),
        1 => Just((23, 59, 59)),
        1 => Just((0, 30, 0)),
        1 => Just((2, 30, 0)),
        2 => (0..24_u32, 0..60_u32, 0..60_u32),
    ];
    (days, times, 0..14_u8).prop_map(|((year, month, day), (hour, minute, second), kind)| {
        let date = format!("{year}-{month:02}-{day:02}");
        let time = format!("{hour:02}:{minute:02}:{second:02}");
        json!(match kind {
            0 | 1 => format!("{date}T{time}Z"),
            2 => format!("{date}T{time}-03:00"),
            3 => format!("{date}T{time}+01:00"),
            4 => format!("{date}T{time}.999-02:00"),
            5 | 6 => format!("{date}T{time}"),
            7 => format!("{date}T{hour:02}:{minute:02}"),
            8 => format!("{date} {time}"),
            9 | 10 => date,
            11 => format!("{day:02}/{month:02}/{year}"),
            12 => format!("{day:02}/{month:02}/{year} {hour:02}:{minute:02}"),
            _ => format!("{month:02}/{day:02}/{year}"),
        })
    })
}

/// Either name of a property that has two.
fn either(names: [&'static str; 2]) -> impl Strategy<Value = &'static str> {
    prop_oneof![Just(names[0]), Just(names[1])]
}

type Pair = (String, Value);

fn named(
    name: impl Strategy<Value = &'static str> + 'static,
    value: impl Strategy<Value = Value> + 'static,
) -> BoxedStrategy<Pair> {
    (name, value).prop_map(|(name, value)| (name.to_owned(), value)).boxed()
}

fn words(words: &'static [&'static str]) -> impl Strategy<Value = Value> {
    proptest::sample::select(words).prop_map(|word| json!(word))
}

/// The properties of a row besides its number. A required one is missing once in a while.
fn draft() -> impl Strategy<Value = Draft> {
    let must = (
        prop_oneof![
            10 => named(either(["product", "produto"]), words(&["Café", "Chá mate", "Pão", "Açúcar 1 kg"])).prop_map(Some),
            2 => named(Just("sku"), words(&["CAF", "CHA", "007"])).prop_map(Some),
            1 => named(either(["product", "produto"]), Just(json!(""))).prop_map(Some),
            1 => Just(None),
        ],
        prop_oneof![
            15 => named(either(["quantity", "quantidade"]), quantity()).prop_map(Some),
            1 => Just(None),
        ],
        prop_oneof![
            9 => named(either(["sold_at", "data_hora"]), moment()).prop_map(Some),
            1 => named(Just("sold_at"), Just(Value::Null)).prop_map(Some),
            2 => Just(None),
        ],
    );
    let price = named(either(["unit_price", "valor_unitario"]), number());
    let total = named(Just("total"), number());
    let money = prop_oneof![
        4 => price.clone().prop_map(|price| vec![price]),
        3 => total.clone().prop_map(|total| vec![total]),
        2 => (price.clone(), named(Just("discount"), prop_oneof![number(), words(&["10%", "5 %", "12,5%"])]))
            .prop_map(|(price, discount)| vec![price, discount]),
        1 => (price, total).prop_map(|(price, total)| vec![price, total]),
        1 => Just(Vec::new()),
    ];
    let may = prop_oneof![
        named(Just("freight"), number()),
        named(Just("tax"), number()),
        named(Just("cost"), number()),
        named(either(["customer", "nome"]), words(&["Ana Souza", "João Silva", "  Ana  Souza "])),
        named(either(["document", "cpf_cnpj"]), words(&["529.982.247-25", "11144477735", "123", ""])),
        named(Just("email"), words(&["ana@exemplo.com", "x"])),
        named(either(["phone", "telefone"]), words(&["(11) 99999-0000", "11 9"])),
        named(either(["address", "endereco_completo"]), words(&["Rua A, 1, São Paulo - SP", "Rua B"])),
        named(Just("state"), words(&["SP", "rj"])),
        named(either(["payment_method", "forma_pagamento"]), words(&["pix", "Cartão de crédito", "fiado", "Cartão"])),
        named(Just("status"), words(&["paid", "cancelled", "Cancelado", "pago", ""])),
        named(Just("seller"), words(&["Bia", "Caio"])),
        named(Just("store"), words(&["1", "Centro"])),
        named(Just("notes"), words(&["presente", "1.000", "2026-04-03"])),
        named(Just("cor"), words(&["azul"])),
        named(Just("seller"), prop_oneof![Just(json!(7)), Just(json!([1])), Just(json!({"a": 1})), Just(Value::Null)]),
    ];
    let identity = prop_oneof![
        3 => Just(Identity::Id),
        1 => Just(Identity::NumericId),
        2 => Just(Identity::Line),
        2 => Just(Identity::Content)
    ];
    (identity, must, money, proptest::collection::vec(may, 0..4)).prop_map(
        |(identity, (product, quantity, sold_at), money, more)| Draft {
            identity,
            properties: product.into_iter().chain(quantity).chain(sold_at).chain(money).chain(more).collect(),
        },
    )
}

/// One running service for all cases.
struct Shop<'a> {
    installation: &'a Installation,
    whole: Sender<'a>,
    cut: Sender<'a>,
    single: Sender<'a>,
}

/// The number of the next case, so that no case meets the sales of another.
static CASES: AtomicUsize = AtomicUsize::new(1);

impl Shop<'_> {
    fn assert_means_the_same(&mut self, drafts: &[Draft], cut: Index, order: &[Index]) -> Result<(), TestCaseError> {
        let case = CASES.fetch_add(1, Ordering::Relaxed);
        let rows: Vec<Value> = drafts.iter().enumerate().map(|(place, draft)| draft.row(case, place)).collect();
        let (first, second) = rows.split_at(1 + cut.index(rows.len() - 1));

        let whole = self.whole.send(&rows);
        let parts = [self.cut.send(first), self.cut.send(second)];
        let in_parts: Vec<Value> = parts.iter().flat_map(|part| part.rows.clone()).collect();
        let mut left: Vec<usize> = (0..rows.len()).collect();
        let mut one_by_one = vec![Value::Null; rows.len()];
        let mut singles = Vec::new();
        for index in order.iter().cycle().take(rows.len()) {
            let place = left.remove(index.index(left.len()));
            let sent = self.single.send(&rows[place..=place]);
            one_by_one[place] = sent.rows[0].clone();
            singles.push(sent.import);
        }
        for (place, row) in rows.iter().enumerate() {
            prop_assert_eq!(&whole.rows[place], &in_parts[place], "in one batch, and cut: {}", row);
            prop_assert_eq!(&whole.rows[place], &one_by_one[place], "in one batch, and alone: {}", row);
        }

        wait_until_stored(self.installation);
        let expected = stored(self.installation, &[&whole.import]);
        let accepted = whole.rows.iter().filter(|row| row["status"] == "accepted").count();
        prop_assert_eq!(expected.len(), accepted, "sales of the batch: {:?}", &expected);
        let of_parts = stored(self.installation, &parts.each_ref().map(|part| part.import.as_str()));
        prop_assert_eq!(&expected, &of_parts, "in one batch, and cut");
        let of_singles = stored(self.installation, &singles.iter().map(String::as_str).collect::<Vec<_>>());
        prop_assert_eq!(&expected, &of_singles, "in one batch, and one by one");

        self.assert_known_again(drafts, &rows, &whole, cut)
    }

    /// Rows that were taken in one batch are recognized when they come in two.
    fn assert_known_again(
        &mut self,
        drafts: &[Draft],
        rows: &[Value],
        whole: &Sent,
        cut: Index,
    ) -> Result<(), TestCaseError> {
        let again: Vec<usize> = (0..rows.len()).filter(|place| drafts[*place].is_known_again()).collect();
        let count = self.installation.sums().0;
        let (first, second) = again.split_at(cut.index(again.len() + 1));
        for places in [first, second].into_iter().filter(|places| !places.is_empty()) {
            let part: Vec<Value> = places.iter().map(|place| rows[*place].clone()).collect();
            let sent = self.whole.send(&part);
            for (place, answer) in places.iter().zip(&sent.rows) {
                let expected = if whole.rows[*place]["status"] == "accepted" {
                    json!({"status": "duplicate"})
                } else {
                    whole.rows[*place].clone()
                };
                prop_assert_eq!(answer, &expected, "sent again, cut elsewhere: {}", &rows[*place]);
            }
        }
        wait_until_stored(self.installation);
        prop_assert_eq!(self.installation.sums().0, count, "nothing is stored again");
        Ok(())
    }
}

#[test]
fn a_batch_cut_anywhere_or_sent_row_by_row_gives_the_same_sales_and_the_same_keys() {
    let installation = Installation::new();
    let service = installation.start();
    let [whole, cut, single] = ["whole", "cut", "single"].map(|name| Sender::new(&installation, &service, name));
    let shop = std::cell::RefCell::new(Shop { installation: &installation, whole, cut, single });
    let usual = ProptestConfig::default();
    let config = ProptestConfig {
        // Fewer cases than usual, because each is sent and stored several times.
        cases: usual.cases.div_ceil(10),
        failure_persistence: None,
        max_shrink_iters: 60,
        ..usual
    };
    let batches =
        (proptest::collection::vec(draft(), 2..8), any::<Index>(), proptest::collection::vec(any::<Index>(), 4));
    TestRunner::new(config)
        .run(&batches, |(drafts, cut, order)| shop.borrow_mut().assert_means_the_same(&drafts, cut, &order))
        .unwrap_or_else(|failure| panic!("{failure}"));
    installation.assert_consistent();
}

// --- Exactly these values

/// Sends each row alone and all of them together. Both times each row must give exactly this day, quantity, price and amount,
/// or be rejected because of this property.
fn assert_exactly(cases: &[(Value, Result<&str, &str>)]) {
    let installation = Installation::new();
    let service = installation.start();
    let rows: Vec<Value> = cases
        .iter()
        .zip(1..)
        .map(|((row, _), place)| {
            let mut row = row.clone();
            row["id"] = json!(format!("{place:03}"));
            row["product"] = json!("Gasolina comum");
            row
        })
        .collect();
    let mut together = Sender::new(&installation, &service, "together");
    let mut alone = Sender::new(&installation, &service, "alone");
    let mut imports = vec![together.send(&rows)];
    imports.extend(rows.chunks(1).map(|row| alone.send(row)));
    wait_until_stored(&installation);
    let stored = |source: &str, id: &str| {
        let query = format!(
            "SELECT CAST(s.sold_on AS TEXT) || ' ' || s.quantity || ' ' || COALESCE(CAST(s.unit_price AS TEXT), '-') || ' ' ||
             s.amount AS line FROM sales s JOIN imports i ON i.id = s.import_id
             WHERE i.source = 'api:{source}' AND s.order_id = '{id}'"
        );
        installation.lines("distrib", &query)
    };
    let mut wrong = Vec::new();
    for (place, ((row, expected), sent)) in cases.iter().zip(&rows).enumerate() {
        let id = sent["id"].as_str().unwrap();
        for (source, answer) in [("together", &imports[0].rows[place]), ("alone", &imports[place + 1].rows[0])] {
            let found = stored(source, id);
            let is_right = match expected {
                Ok(sale) => answer["status"] == "accepted" && found == [*sale],
                Err(field) => {
                    let reasons = answer["reasons"].as_array().cloned().unwrap_or_default();
                    answer["status"] == "rejected"
                        && found.is_empty()
                        && reasons.iter().any(|reason| reason["field"] == *field)
                }
            };
            if !is_right {
                wrong.push(format!("{source}: {row}: expected {expected:?}, got {found:?}, {answer}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_point_in_a_string_is_the_decimal_mark_whatever_stands_beside_it() {
    let priced =
        |quantity: i64, price: &str| json!({"sold_at": "2026-05-11", "quantity": quantity, "unit_price": price});
    assert_exactly(&[
        (priced(30, "6.459"), Ok("2026-05-11 300000 64590 19377")),
        (priced(22, "6.789"), Ok("2026-05-11 220000 67890 14936")),
        (priced(7, "1.000"), Ok("2026-05-11 70000 10000 700")),
        (priced(3, "12.345"), Ok("2026-05-11 30000 123450 3704")),
        (priced(2, "27.50"), Ok("2026-05-11 20000 275000 5500")),
        (priced(2, "4.5"), Ok("2026-05-11 20000 45000 900")),
        (priced(2, "0.0125"), Ok("2026-05-11 20000 125 3")),
        (json!({"sold_at": "2026-05-11", "quantity": "1.500", "total": "9.00"}), Ok("2026-05-11 15000 - 900")),
        (json!({"sold_at": "2026-05-11", "quantity": 1, "total": "2.345"}), Ok("2026-05-11 10000 - 235")),
    ]);
}

#[test]
fn strings_with_three_decimals_alone_are_no_thousands() {
    // As a fuel station sends them: every string of the batch has three decimals.
    let priced =
        |quantity: i64, price: &str| json!({"sold_at": "2026-05-11", "quantity": quantity, "unit_price": price});
    assert_exactly(&[
        (priced(30, "6.459"), Ok("2026-05-11 300000 64590 19377")),
        (priced(20, "6.019"), Ok("2026-05-11 200000 60190 12038")),
        (priced(10, "5.779"), Ok("2026-05-11 100000 57790 5779")),
    ]);
}

#[test]
fn a_comma_is_the_decimal_mark_where_no_point_stands_beside_it_and_else_the_row_is_rejected() {
    let priced = |price: &str| json!({"sold_at": "2026-05-11", "quantity": 2, "unit_price": price});
    assert_exactly(&[
        (priced("18,90"), Ok("2026-05-11 20000 189000 3780")),
        (priced("18.90"), Ok("2026-05-11 20000 189000 3780")),
        (priced("7,5"), Ok("2026-05-11 20000 75000 1500")),
        (priced("5,899"), Ok("2026-05-11 20000 58990 1180")),
        (priced("1.234,56"), Err("unit_price")),
        (priced("1,234.56"), Err("unit_price")),
        (priced("1.234.567"), Err("unit_price")),
        (priced("1,234,567"), Err("unit_price")),
    ]);
}

#[test]
fn an_instant_near_midnight_belongs_to_the_day_of_the_shop_alone_and_beside_others() {
    let sold = |at: &str| json!({"sold_at": at, "quantity": 1, "total": "10.00"});
    assert_exactly(&[
        (sold("2026-04-01T02:30:00Z"), Ok("2026-03-31 10000 - 1000")),
        (sold("2026-04-01T03:00:00Z"), Ok("2026-04-01 10000 - 1000")),
        (sold("2026-04-01T00:00:00Z"), Ok("2026-03-31 10000 - 1000")),
        (sold("2026-03-31T23:59:59-03:00"), Ok("2026-03-31 10000 - 1000")),
        (sold("2026-04-01T00:00:00-03:00"), Ok("2026-04-01 10000 - 1000")),
        (sold("2026-03-31T23:30:00"), Ok("2026-03-31 10000 - 1000")),
        (sold("2026-04-01T00:00:00"), Ok("2026-04-01 10000 - 1000")),
        (sold("2026-04-01"), Ok("2026-04-01 10000 - 1000")),
        (sold("2026-03-31T23:59:59.999-03:00"), Ok("2026-03-31 10000 - 1000")),
        // The clocks skipped half past midnight in that night.
        (sold("2018-11-04T00:30:00"), Ok("2018-11-04 10000 - 1000")),
    ]);
}

#[test]
fn midnights_in_utc_alone_are_instants_and_not_days() {
    let sold = |at: &str| json!({"sold_at": at, "quantity": 1, "total": "10.00"});
    assert_exactly(&[
        (sold("2026-04-01T00:00:00Z"), Ok("2026-03-31 10000 - 1000")),
        (sold("2026-06-15T00:00:00Z"), Ok("2026-06-14 10000 - 1000")),
    ]);
}

#[test]
fn a_row_may_use_either_name_of_a_property_whatever_the_other_rows_use() {
    assert_exactly(&[
        (json!({"sold_at": "2026-05-11", "quantity": 2, "unit_price": "3.50"}), Ok("2026-05-11 20000 35000 700")),
        (
            json!({"data_hora": "2026-05-12", "quantidade": 3, "valor_unitario": "2.50"}),
            Ok("2026-05-12 30000 25000 750"),
        ),
        (json!({"data_hora": "2026-05-13", "quantity": 3, "total": 9}), Ok("2026-05-13 30000 - 900")),
    ]);
}

// --- Names that occur twice

/// The name of a property with some of its letters escaped.
fn escaped(name: &str) -> String {
    name.chars()
        .enumerate()
        .map(|(place, letter)| if place % 2 == 1 { format!("\\u{:04x}", letter as u32) } else { letter.to_string() })
        .collect()
}

/// Two spellings of names that one row has twice.
fn twice() -> impl Strategy<Value = (&'static str, &'static str, bool)> {
    prop_oneof![
        proptest::sample::select(
            &[
                "id",
                "line",
                "sold_at",
                "customer",
                "document",
                "product",
                "produto",
                "sku",
                "quantity",
                "unit_price",
                "discount",
                "total",
                "status",
                "notes",
                "payment_method",
            ][..]
        )
        .prop_map(|name| (name, name)),
        proptest::sample::select(
            &[
                ("product", "produto"),
                ("quantity", "quantidade"),
                ("unit_price", "valor_unitario"),
                ("sold_at", "data_hora"),
                ("customer", "nome"),
                ("document", "cpf_cnpj"),
                ("phone", "telefone"),
                ("address", "endereco_completo"),
                ("payment_method", "forma_pagamento"),
            ][..]
        ),
        proptest::sample::select(&["cor", "x-order", "Total", "código"][..]).prop_map(|name| (name, name)),
    ]
    .prop_flat_map(|(first, second)| (Just(first), Just(second), any::<bool>(), any::<bool>()))
    .prop_map(
        |(first, second, is_turned, is_escaped)| {
            if is_turned { (second, first, is_escaped) } else { (first, second, is_escaped) }
        },
    )
}

#[test]
fn a_row_in_which_a_name_stands_twice_is_rejected_with_the_name_and_the_others_are_taken() {
    let installation = Installation::new();
    let service = installation.start();
    let sender = std::cell::RefCell::new(Sender::new(&installation, &service, "loja"));
    let usual = ProptestConfig::default();
    let config =
        ProptestConfig { cases: usual.cases.div_ceil(4), failure_persistence: None, max_shrink_iters: 60, ..usual };
    let cases = (twice(), any::<[Index; 2]>(), any::<bool>(), any::<bool>());
    let check =
        |((first, second, is_escaped), places, is_same, is_alone): ((&str, &str, bool), [Index; 2], bool, bool)| {
            let case = CASES.fetch_add(1, Ordering::Relaxed);
            let mut properties: Vec<(String, String)> = [
                ("id", format!("\"T-{case}\"")),
                ("sold_at", "\"2026-03-09\"".to_owned()),
                ("product", "\"Mel\"".to_owned()),
                ("quantity", "1".to_owned()),
                ("total", "24.90".to_owned()),
            ]
            .into_iter()
            .filter(|(name, _)| *name != first && *name != second)
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
            let value = |name: &str, is_other: bool| match name {
                "quantity" | "quantidade" => if is_other { "3" } else { "2" }.to_owned(),
                "total" | "unit_price" | "valor_unitario" | "discount" => {
                    if is_other { "2490" } else { "24.90" }.to_owned()
                }
                "sold_at" | "data_hora" => if is_other { "\"2026-03-10\"" } else { "\"2026-03-09\"" }.to_owned(),
                "status" => "\"paid\"".to_owned(),
                _ => {
                    if is_other {
                        format!("\"{case}-b\"")
                    } else {
                        format!("\"{case}-a\"")
                    }
                }
            };
            let spelled = if is_escaped { escaped(second) } else { second.to_owned() };
            for (place, name, value) in
                [(places[0], first.to_owned(), value(first, false)), (places[1], spelled, value(second, !is_same))]
            {
                properties.insert(place.index(properties.len() + 1), (name, value));
            }
            let row =
                properties.iter().map(|(name, value)| format!("\"{name}\": {value}")).collect::<Vec<_>>().join(", ");
            let good = format!(
                r#"{{"id": "G-{case}", "sold_at": "2026-03-09", "product": "Pão", "quantity": 10, "total": "9.50"}}"#
            );
            let body = if is_alone { format!("{{{row}}}") } else { format!("[{{{row}}}, {good}]") };
            let sent = sender.borrow_mut().send_text(&body);
            let answer = sent.rows[0].to_string();
            prop_assert_eq!(&sent.rows[0]["status"], "rejected", "{}", body);
            prop_assert!(answer.contains(first) || answer.contains(second), "which name? {} of {}", answer, body);
            if !is_alone {
                prop_assert_eq!(&sent.rows[1]["status"], "accepted", "{}", body);
            }
            Ok(())
        };
    TestRunner::new(config).run(&cases, check).unwrap_or_else(|failure| panic!("{failure}"));
    wait_until_stored(&installation);
    let others = installation.lines(
        "distrib",
        "SELECT COALESCE(order_id, '-') AS line FROM sales WHERE amount <> 950 OR quantity <> 100000",
    );
    assert!(others.is_empty(), "{others:?}");
}
