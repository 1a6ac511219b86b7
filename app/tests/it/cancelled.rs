//! Orders that are cancelled after they were stored: their money leaves every figure, and comes back if they are paid after all.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::api::post_text;
use crate::browser::Browser;
use crate::installation::{Installation, Service, wait_until};

const HEADER: &str = "pedido;data;cliente;produto;quantidade;total;status\n";
const PAID: &str = "A1;05/01/2026;Ana;Café;2;37,80;Pago\nA2;06/01/2026;Bia;Chá;1;8,00;Pago\n";

fn file(installation: &Installation, name: &str, rows: &str) -> PathBuf {
    installation.csv(name, &format!("{HEADER}{rows}"))
}

fn shown(installation: &Installation, id: &str) -> Value {
    installation.json(0, &["imports", "show", id, "--json"])
}

/// The sales that an import voids, and its own sales that are void: numbers and money.
fn effects(installation: &Installation, id: &str) -> Value {
    let import = shown(installation, id);
    assert_eq!(import["state"], "balanced", "{import}");
    json!([import["voids"]["sales"], import["voids"]["amount"], import["voided"]["sales"], import["voided"]["amount"]])
}

#[test]
fn a_later_file_that_says_cancelled_takes_the_money_out_and_a_later_one_that_says_paid_brings_it_back() {
    let installation = Installation::new();
    installation.import(0, &file(&installation, "jan.csv", PAID));
    assert_eq!(installation.sums(), (2, 4580));

    // The day is that of the cancellation, and the file has another order.
    let later = "A1;09/01/2026;Ana;Café;2;37,80;Cancelado\nA3;09/01/2026;Caio;Pão;1;2,00;Pago\n";
    let report = installation.import(0, &file(&installation, "fev.csv", later));
    assert_eq!(
        report["rows"],
        json!({"read": 2, "stored": 1, "updated": 0, "duplicate": 0, "rejected": 0, "ignored": 1})
    );
    assert_eq!(installation.sums(), (2, 1000));
    assert_eq!(effects(&installation, "1"), json!([0, "0.00", 1, "37.80"]));
    assert_eq!(effects(&installation, "2"), json!([1, "37.80", 0, "0.00"]));
    let text = installation.output(0, &["imports", "show", "2"]);
    assert!(text.contains("Voids 1 sale: -R$37.80"), "{text}");
    installation.assert_consistent();

    let preview = installation.output(0, &["imports", "undo", "2", "--dry-run"]);
    assert!(preview.contains("Sales that count again, because their cancellation goes: 1"), "{preview}");
    installation.output(0, &["imports", "undo", "2", "--yes"]);
    assert_eq!(installation.sums(), (2, 4580));
    installation.assert_consistent();

    installation.import(0, &file(&installation, "fev.csv", later));
    assert_eq!(installation.sums(), (2, 1000));
    // A longer export of a later day: the row is a duplicate, and the latest that is known.
    let paid = format!("{PAID}A4;10/01/2026;Duda;Bolo;1;20,00;Pago\n");
    installation.import(0, &file(&installation, "mar.csv", &paid));
    assert_eq!(installation.sums(), (4, 6780));
    assert_eq!(effects(&installation, "3"), json!([0, "0.00", 0, "0.00"]));
    installation.assert_consistent();
}

#[test]
fn the_very_same_file_again_revives_nothing() {
    let installation = Installation::new();
    installation.import(0, &file(&installation, "jan.csv", PAID));
    installation.import(0, &file(&installation, "fev.csv", "A1;05/01/2026;Ana;Café;2;37,80;Cancelado\n"));
    assert_eq!(installation.sums(), (1, 800));
    installation.import(0, &file(&installation, "jan-de-novo.csv", PAID));
    assert_eq!(installation.sums(), (1, 800), "an old file says nothing new");
    installation.import(0, &file(&installation, "mar.csv", "A1;05/01/2026;Ana;Café;2;37,80;Cancelado\n;;;;;;\n"));
    assert_eq!(effects(&installation, "2"), json!([1, "37.80", 0, "0.00"]), "the first that says so");
    installation.assert_consistent();
}

#[test]
fn a_cancelled_line_takes_its_line_and_a_row_of_the_whole_order_takes_all_of_them() {
    let order =
        "B1;05/01/2026;Ana;Café;1;10,00;Pago\nB1;05/01/2026;Ana;Chá;1;5,00;Pago\nB1;05/01/2026;Ana;Café;1;10,00;Pago\n";
    for (later, left) in [
        ("B1;05/01/2026;Ana;Chá;1;5,00;Cancelado\n", (2, 2000)),
        // One of the two coffees; the file says that the other one is still paid.
        ("B1;05/01/2026;Ana;Café;1;10,00;Pago\nB1;05/01/2026;Ana;Café;1;10,00;Cancelado\n", (2, 1500)),
        ("B1;05/01/2026;Ana;3 itens;3;25,00;Cancelado\n", (0, 0)),
        // Another order with the same product.
        ("B2;05/01/2026;Ana;Chá;1;5,00;Cancelado\n", (3, 2500)),
        // No order number.
        (";05/01/2026;Ana;Chá;1;5,00;Cancelado\n", (3, 2500)),
    ] {
        let installation = Installation::new();
        installation.import(0, &file(&installation, "jan.csv", order));
        installation.import(0, &file(&installation, "fev.csv", &format!("{later}Z9;01/02/2026;Eva;Mel;1;0,00;Pago\n")));
        let (sales, cents) = installation.sums();
        assert_eq!((sales - 1, cents), left, "{later}");
        installation.assert_consistent();
    }
}

#[test]
fn a_cancelled_row_without_an_order_number_says_that_it_matches_nothing() {
    let installation = Installation::new();
    let sheet = |name: &str, status: &str| {
        installation.csv(
            name,
            &format!(
                "data;produto;quantidade;total;status\n05/01/2026;Café;1;10,00;{status}\n06/01/2026;Chá;1;5,00;Pago\n"
            ),
        )
    };
    installation.import(0, &sheet("a.csv", "Pago"));
    let report = installation.import(0, &sheet("b.csv", "Cancelado"));
    assert_eq!(installation.sums(), (2, 1500));
    assert!(report["warnings"].to_string().contains("no order number"), "{report}");
}

#[test]
fn order_numbers_that_start_over_cancel_nothing_of_last_month() {
    let installation = Installation::new();
    let month = |name: &str, month: u32, last: &str| {
        let rows: String = (1..=6)
            .map(|n| {
                format!(
                    "{n};{n:02}/{month:02}/2026;Cliente {month}{n};Produto {month}{n};1;10,00;{}\n",
                    if n == 6 { last } else { "Pago" }
                )
            })
            .collect();
        file(&installation, name, &rows)
    };
    installation.import(0, &month("jan.csv", 1, "Pago"));
    installation.import(0, &month("fev.csv", 2, "Cancelado"));
    assert_eq!(installation.sums(), (11, 11000), "the sixth of February is another order than the sixth of January");
    installation.assert_consistent();
}

#[test]
fn a_file_that_waits_while_its_order_is_cancelled_is_taken_in_as_cancelled() {
    let installation = Installation::new();
    let service = installation.start();
    // Nothing in the sheet explains its totals, so a person has to confirm the columns.
    let doubtful = "pedido;data;produto;quantidade;preço;total;status\nA1;05/01/2026;Café;2;10,00;35,00;Pago\n\
                    A2;06/01/2026;Chá;3;8,00;31,00;Pago\nA3;07/01/2026;Pão;4;2,00;19,00;Pago\n";
    installation.drop_file(&installation.csv("jan.csv", doubtful), "jan.csv");
    let waiting = installation.wait_for_imports(1);
    assert_eq!(
        waiting[0]["outcome"].as_object().map(|outcome| outcome.contains_key("needs_layout")),
        Some(true),
        "{waiting:?}"
    );
    installation.drop_file(
        &file(&installation, "fev.csv", "A1;05/01/2026;;Café;2;35,00;Cancelado\nB1;09/01/2026;;Mel;1;1,00;Pago\n"),
        "fev.csv",
    );
    installation.wait_for_imports(2);
    let browser = Browser::set_up(&installation, &service);
    let csrf = browser.csrf("/imports/1/layout");
    let fields = ["order_id", "date", "product", "quantity", "unit_price", "total", "status"];
    let names: Vec<String> = (0..fields.len()).map(|index| format!("field{index}")).collect();
    let mut form = vec![("csrf", csrf.as_str()), ("sheet", ""), ("header", "1"), ("dated", ""), ("date_order", "")];
    form.extend(names.iter().map(String::as_str).zip(fields));
    let answer = browser.post("/imports/1/layout", &form);
    assert_eq!(answer.status, 303, "{}", answer.text());
    wait_until("it is taken in", || installation.sums().0 == 3);
    assert_eq!(installation.sums(), (3, 5100), "A2, A3 and B1");
    installation.assert_consistent();
}

#[test]
fn the_row_of_a_void_sale_shows_both_places_and_the_list_can_show_it() {
    let installation = Installation::new();
    let service = installation.start();
    let browser = Browser::set_up(&installation, &service);
    let drop = |name: &str, rows: &str, count| {
        installation.drop_file(&file(&installation, name, rows), name);
        installation.wait_for_imports(count);
    };
    drop("jan.csv", PAID, 1);
    let overview = browser.get("/?month=2026-01").text();
    assert!(overview.contains("45,80"), "{overview}");
    drop("fev.csv", "A1;05/01/2026;Ana;Café;2;37,80;Cancelado\n", 2);
    wait_until("the figure falls", || !browser.get("/?month=2026-01").text().contains("45,80"));
    assert!(browser.get("/?month=2026-01").text().contains("8,00"));
    let paid = browser.get("/imports/1/row?sheet=&row=2").text();
    assert!(paid.contains("foi cancelada depois") && paid.contains("/imports/2/row?row=2"), "{paid}");
    let cancelled = browser.get("/imports/2/row?sheet=&row=2").text();
    assert!(cancelled.contains("Esta linha cancela") && cancelled.contains("/imports/1/row?row=2"), "{cancelled}");
    let page = browser.get("/imports/2").text();
    assert!(page.contains("Cancela 1 venda: -R$") && page.contains("/sales?cancelled_by=2"), "{page}");
    assert!(browser.get("/imports/1").text().contains("1 venda foi cancelada por outra importação"));
    assert!(!browser.get("/sales").text().contains("Café</a>"));
    for list in
        ["/sales?standing=void", "/sales?standing=all", "/sales?cancelled_by=2", "/sales?import=1&standing=void"]
    {
        let list = browser.get(list).text();
        assert!(list.contains("Café</a>") && list.contains("is-void"), "{list}");
    }
    let report = browser.get("/sales/report.csv").text();
    assert!(!report.contains("Café") && report.contains("Chá"), "{report}");
}

#[test]
fn a_rehearsal_says_what_would_be_cancelled() {
    let installation = Installation::new();
    installation.import(0, &file(&installation, "jan.csv", PAID));
    let later = file(&installation, "fev.csv", "A1;05/01/2026;Ana;Café;2;37,80;Cancelado\n");
    let rehearsed = installation.json(0, &["import", "--dry-run", "--json", later.to_str().unwrap()]);
    assert_eq!((&rehearsed["effects"]["voids"], &rehearsed["effects"]["amount_voided"]), (&json!(1), &json!("37.80")));
    assert_eq!(installation.sums(), (2, 4580));
    installation.assert_consistent();
}

/// The tables after a file and a later one that cancels an order of it; before the later one, `before` is called.
fn tables_after(before: impl FnOnce(&Installation, Service, &str)) -> String {
    let installation = Installation::new();
    let service = installation.start();
    installation.drop_file(&file(&installation, "jan.csv", PAID), "jan.csv");
    installation.wait_for_imports(1);
    installation.wait_for_empty_inbox();
    file(&installation, "fev.csv", "A1;09/01/2026;Ana;Café;2;37,80;Cancelado\nA3;09/01/2026;Caio;Pão;1;2,00;Pago\n");
    before(&installation, service, "fev.csv");
    installation.wait_for_imports(2);
    installation.wait_for_empty_inbox();
    installation.assert_consistent();
    installation.business_tables()
}

#[test]
fn a_process_that_is_killed_between_two_steps_of_a_cancellation_ends_with_the_same_tables() {
    let mut running = None;
    let expected = tables_after(|installation, service, later| {
        installation.drop_file(&installation.desk(later), later);
        running = Some(service);
    });
    assert!(expected.contains("|void by fev.csv, 2"), "{expected}");
    for point in [
        "after-staging",
        "after-publish-before-mark",
        "after-deliver-before-ack",
        "after-commit-before-move",
        "after-move-before-mark",
    ] {
        let tables = tables_after(|installation, service, later| {
            service.kill();
            let mut service = installation.start_with(&[("CAUDAL_FAIL_AT", point)]);
            installation.drop_file(&installation.desk(later), later);
            assert_eq!(service.wait_for_end(), None, "the process must die at {point}");
            running = Some(installation.start());
        });
        assert_eq!(tables, expected, "after dying at {point}");
    }
}

fn delete(service: &Service, token: Option<&str>, path: &str) -> (u16, Value) {
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let mut request = agent.delete(format!("{}/ingest/v1/sales/{path}", service.url));
    if let Some(token) = token {
        request = request.header("Authorization", format!("Bearer {token}"));
    }
    let mut answer = request.call().unwrap();
    (answer.status().as_u16(), answer.body_mut().read_json().unwrap_or_default())
}

fn lines(id: &str) -> String {
    let line = |line: u32, cents: u32| {
        json!({"id": id, "line": line.to_string(), "sold_at": "2026-01-05", "product": format!("P{line}"), "quantity": 1,
               "total": format!("{}.00", cents / 100)})
    };
    json!([line(1, 1000), line(2, 500)]).to_string()
}

#[test]
fn a_program_cancels_its_own_sales_and_nobody_elses_as_often_as_it_likes() {
    let installation = Installation::new();
    let service = installation.start();
    let (own, other) = (installation.token(&service, "loja-1"), installation.token(&service, "loja-2"));
    for token in [&own, &other] {
        assert_eq!(post_text(&service, Some(token), &lines("N/7 ç")).0, 200);
    }
    installation.wait_for_imports(2);
    assert_eq!(installation.sums(), (4, 3000));
    assert_eq!(delete(&service, None, "N%2F7%20%C3%A7").0, 401);
    let unknown = delete(&service, Some(&own), "8");
    assert_eq!((unknown.0, &unknown.1["code"]), (404, &json!("no_such_sale")));
    assert_eq!(delete(&service, Some(&own), "N%2F7%20%C3%A7/3").0, 404);
    assert_eq!(installation.imports().len(), 2, "nothing was taken");

    for _ in 0..2 {
        let (status, answer) = delete(&service, Some(&own), "N%2F7%20%C3%A7/2");
        assert_eq!((status, &answer["voids"]), (200, &json!(1)), "{answer}");
    }
    wait_until("the line is void", || installation.sums() == (3, 2500));
    let (status, answer) = delete(&service, Some(&own), "N%2F7%20%C3%A7");
    assert_eq!((status, &answer["voids"]), (200, &json!(2)), "{answer}");
    wait_until("the order is void", || installation.sums() == (2, 1500));
    let imports = installation.wait_for_imports(5);
    assert!(imports.iter().all(|import| import["state"] == "balanced"), "{imports:?}");

    // The same again is a later statement.
    let (_, answer) = post_text(&service, Some(&own), &lines("N/7 ç"));
    assert_eq!(answer["duplicate"], 2, "{answer}");
    wait_until("it counts again", || installation.sums() == (4, 3000));
    installation.assert_consistent();
}

#[test]
fn a_sale_that_a_program_sends_as_cancelled_voids_the_one_that_it_sent_before() {
    let installation = Installation::new();
    let service = installation.start();
    let token = installation.token(&service, "loja");
    let sale = |status: &str| json!({"id": "7", "sold_at": "2026-01-05", "product": "Café", "quantity": 1, "total": "10.00", "status": status});
    let both =
        json!([sale("paid"), {"id": "8", "sold_at": "2026-01-05", "product": "Chá", "quantity": 1, "total": "5.00"}]);
    assert_eq!(post_text(&service, Some(&token), &both.to_string()).0, 200);
    let (_, answer) = post_text(&service, Some(&token), &json!({"id": "7", "status": "cancelled"}).to_string());
    assert_eq!(answer["rows"], json!([{"status": "ignored", "row": 1, "voids": 1}]), "{answer}");
    wait_until("it is void", || installation.sums() == (1, 500));
    // Within a batch the later row is the later statement.
    let again = json!([sale("paid"), sale("cancelled")]).to_string();
    assert_eq!(post_text(&service, Some(&token), &again).0, 200);
    installation.wait_for_imports(3);
    assert_eq!(installation.sums(), (1, 500));
    installation.assert_consistent();
}

#[test]
fn the_addresses_of_sales_take_no_other_method() {
    let installation = Installation::new();
    let service = installation.start();
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    for path in ["7", "7/1"] {
        let answer = agent.get(format!("{}/ingest/v1/sales/{path}", service.url)).call().unwrap();
        let allow = answer.headers().get("allow").and_then(|allow| allow.to_str().ok());
        assert_eq!((answer.status().as_u16(), allow), (405, Some("DELETE")), "{path}");
    }
}
