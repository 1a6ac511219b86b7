//! JSON with a token.

use serde_json::{Value, json};

use crate::browser::Browser;
use crate::installation::{Installation, PASSWORD, Service, wait_until};

fn post(service: &Service, token: Option<&str>, body: &Value) -> (u16, Value) {
    post_text(service, token, &body.to_string())
}

pub fn post_text(service: &Service, token: Option<&str>, body: &str) -> (u16, Value) {
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let mut request = agent.post(format!("{}/ingest/v1/sales", service.url)).content_type("application/json");
    if let Some(token) = token {
        request = request.header("Authorization", format!("Bearer {token}"));
    }
    let mut answer = request.send(body).unwrap();
    (answer.status().as_u16(), answer.body_mut().read_json().unwrap())
}

fn sale(id: &str) -> Value {
    json!({
        "id": id, "sold_at": "2026-01-15T23:30:00-03:00", "customer": "Ana", "document": "529.982.247-25",
        "product": "Café", "quantity": 2, "unit_price": "10.50", "payment_method": "Cartão de crédito"
    })
}

#[test]
fn a_rejected_row_of_a_batch_is_shown_as_it_was_received() {
    let installation = Installation::new();
    let service = installation.start();
    let browser = Browser::set_up(&installation, &service);
    let token = installation.token(&service, "loja");
    let batch = json!([sale("1"), {"id": "2", "product": "Chá", "quantity": "abc", "unit_price": 1, "cor": "azul"}]);
    assert_eq!(post(&service, Some(&token), &batch).0, 200);
    installation.wait_for_imports(1);
    let rejected = browser.get("/imports/1/row?sheet=&row=2");
    let page = rejected.text();
    assert_eq!(rejected.status, 200, "{page}");
    for expected in
        ["Esta linha foi rejeitada", "<code>abc</code>", "não é um número", ">quantidade<", "<code>Chá</code>"]
    {
        assert!(page.contains(expected), "{expected}: {page}");
    }
    wait_until("a row that is stored is not kept as it was received", || {
        let stored = browser.get("/imports/1/row?sheet=&row=1");
        stored.status == 404 && stored.text().contains("Este lote veio pela API")
    });
}

#[test]
fn the_first_batches_of_a_client_that_come_all_at_once_make_each_sale_once() {
    const CLIENTS: usize = 6;
    const ROWS: usize = 20;
    let installation = Installation::new();
    let service = installation.start();
    let token = installation.token(&service, "loja");
    let batch = Value::Array((0..ROWS).map(|id| sale(&id.to_string())).collect());
    let barrier = std::sync::Barrier::new(CLIENTS);
    std::thread::scope(|scope| {
        for _ in 0..CLIENTS {
            scope.spawn(|| {
                barrier.wait();
                assert_eq!(post(&service, Some(&token), &batch).0, 200);
            });
        }
    });
    let imports = installation.wait_for_imports(CLIENTS);
    let sum =
        |bucket: &str| imports.iter().map(|import| import["ledger"]["rows"][bucket].as_u64().unwrap()).sum::<u64>();
    assert_eq!(sum("stored"), ROWS as u64, "{imports:?}");
    assert_eq!(sum("duplicate"), ((CLIENTS - 1) * ROWS) as u64, "{imports:?}");
}

#[test]
fn each_row_of_a_batch_is_answered_and_accounted_for() {
    let installation = Installation::new();
    let service = installation.start();
    let token = installation.token(&service, "loja");
    let (status, answer) = post(
        &service,
        Some(&token),
        &json!([sale("1"), sale("2"), {"id": "3", "product": "", "quantity": "abc", "unit_price": 1}, {}]),
    );
    assert_eq!(status, 200, "{answer}");
    assert_eq!((&answer["accepted"], &answer["rejected"]), (&json!(2), &json!(2)), "{answer}");
    assert_eq!(answer["rows"][0], json!({"status": "accepted", "row": 1}));
    assert_eq!(answer["rows"][2]["status"], "rejected");
    let rules: Vec<_> = answer["rows"][2]["reasons"]
        .as_array()
        .unwrap()
        .iter()
        .map(|reason| (&reason["field"], &reason["rule"]))
        .collect();
    assert!(rules.contains(&(&json!("quantity"), &json!("not_a_number"))), "{rules:?}");
    assert!(rules.contains(&(&json!("product"), &json!("missing"))), "{rules:?}");
    let imports = installation.wait_for_imports(1);
    assert_eq!(imports[0]["source"], "api:loja");
    assert_eq!(
        imports[0]["ledger"]["rows"],
        json!({"read": 4, "stored": 2, "updated": 0, "duplicate": 0, "rejected": 2, "ignored": 0})
    );
    assert!(
        installation.business_tables().contains("|2026-01-15|20000|2100|105000|credit_card|Café|"),
        "its local day, exactly"
    );
}

#[test]
fn the_same_sale_again_is_a_duplicate_and_a_changed_one_an_update() {
    let installation = Installation::new();
    let service = installation.start();
    let token = installation.token(&service, "loja");
    let without_id = json!({"product": "Chá", "quantity": 1, "unit_price": 5});
    for expected in ["accepted", "duplicate"] {
        assert_eq!(post(&service, Some(&token), &sale("1")).1["rows"][0]["status"], expected);
        assert_eq!(post(&service, Some(&token), &without_id).1["rows"][0]["status"], expected);
    }
    let mut changed = sale("1");
    changed["quantity"] = json!(3);
    assert_eq!(post(&service, Some(&token), &changed).1["rows"][0]["status"], "accepted");
    let imports = installation.wait_for_imports(5);
    let sum =
        |bucket: &str| imports.iter().map(|import| import["ledger"]["rows"][bucket].as_i64().unwrap()).sum::<i64>();
    assert_eq!((sum("stored"), sum("updated"), sum("duplicate")), (2, 1, 2));
}

#[test]
fn nothing_is_taken_without_a_good_token() {
    let installation = Installation::new();
    let service = installation.start();
    let token = installation.token(&service, "loja");
    let claims = token.split('.').nth(1).unwrap();
    let unsigned = format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{claims}.");
    let forged = format!("{}x", &token[..token.len() - 1]);
    for bad in [None, Some("x"), Some(unsigned.as_str()), Some(forged.as_str())] {
        let (status, answer) = post(&service, bad, &sale("1"));
        assert_eq!((status, &answer["code"]), (401, &json!("unauthorized")));
    }
    assert!(installation.imports().is_empty());
}

#[test]
fn a_wrong_password_gives_no_token_and_says_no_more() {
    let installation = Installation::new();
    let service = installation.start();
    installation.add_user("ana", PASSWORD);
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let ask = |name: &str, password: &str| {
        let mut answer = agent
            .post(format!("{}/token", service.url))
            .send_form([("username", name), ("password", password)])
            .unwrap();
        (answer.status().as_u16(), answer.body_mut().read_to_string().unwrap())
    };
    assert_eq!(ask("ana", "wrong password 123"), ask("nobody", "wrong password 123"));
    assert_eq!(ask("ana", "wrong password 123").0, 401);
    assert_eq!(ask("ana", PASSWORD).0, 200);
}

#[test]
fn what_is_no_sale_is_refused_as_a_whole() {
    let installation = Installation::new();
    let service = installation.start();
    let token = installation.token(&service, "loja");
    for (body, code) in [
        ("nonsense", "unreadable_body"),
        ("[]", "empty_batch"),
        ("[1]", "unreadable_body"),
        ("{\"quantity\": NaN}", "unreadable_body"),
    ] {
        let (status, answer) = post_text(&service, Some(&token), body);
        assert_eq!((status, &answer["code"]), (400, &json!(code)), "{body}");
    }
    for (body, place) in [("[{\"product\": \"Café\"}, null]", "value 2"), ("[\n{\"product\": }]", "line 2, column 13")]
    {
        let (status, answer) = post_text(&service, Some(&token), body);
        assert_eq!(status, 400, "{body}");
        assert!(answer["detail"].as_str().unwrap().contains(place), "{answer}");
    }
    let many = Value::Array((0..5001).map(|id| sale(&id.to_string())).collect());
    assert_eq!(post(&service, Some(&token), &many).0, 413);
    assert!(installation.imports().is_empty());
}

#[test]
fn another_method_on_the_address_of_sales_is_told_which_one_it_takes() {
    let installation = Installation::new();
    let service = installation.start();
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    for path in ["/ingest/v1/sales", "/token"] {
        let answer = agent.get(format!("{}{path}", service.url)).call().unwrap();
        let allow = answer.headers().get("allow").and_then(|value| value.to_str().ok()).map(str::to_owned);
        assert_eq!((answer.status().as_u16(), allow.as_deref()), (405, Some("POST")), "{path}");
    }
}

#[test]
fn the_answer_speaks_with_the_words_of_the_sender_and_adds_up() {
    let installation = Installation::new();
    let service = installation.start();
    let token = installation.token(&service, "loja");
    let batch = r#"[
        {"id": "1", "produto": "Chá", "quantidade": "duas", "valor_unitario": 1},
        {"id": 12345678901234567, "product": "Chá", "quantity": 1, "unit_price": 1},
        {"id": "3", "product": "Chá", "quantity": 1, "unit_price": 1, "status": "cancelled"},
        {"id": "4", "product": "Chá", "quantity": 1, "total": 24.90, "total": 2490},
        {"id": "5", "product": "Chá", "quantity": 1, "unit_price": 1, "currency": "USD"},
        {"id": "6", "product": "Chá", "quantity": 1, "unit_price": 1, "moeda": "BRL"}]"#;
    let (status, answer) = post_text(&service, Some(&token), batch);
    assert_eq!(status, 200, "{answer}");
    let counts = ["accepted", "duplicate", "rejected", "ignored"].map(|bucket| answer[bucket].as_u64().unwrap());
    assert_eq!(counts, [1, 0, 4, 1], "{answer}");
    let reason = |row: usize| {
        let reason = &answer["rows"][row]["reasons"][0];
        (reason["field"].as_str().unwrap_or_default(), reason["rule"].as_str().unwrap_or_default())
    };
    assert_eq!(reason(0), ("quantidade", "not_a_number"), "{answer}");
    assert_eq!(reason(1), ("id", "digits_lost"), "{answer}");
    assert_eq!(reason(3), ("total", "named_twice"), "{answer}");
    assert_eq!(reason(4), ("currency", "other_currency"), "{answer}");
}

#[test]
fn a_text_longer_than_its_field_may_be_is_cut_and_said() {
    let installation = Installation::new();
    let service = installation.start();
    let token = installation.token(&service, "loja");
    let mut long = sale("1");
    long["product"] = json!("Café ".repeat(200));
    long["notes"] = json!("à vista ".repeat(1_000));
    assert_eq!(post(&service, Some(&token), &long).1["accepted"], 1);
    installation.wait_for_imports(1);
    let tables = installation.business_tables();
    assert!(tables.contains(&"Café ".repeat(99)) && !tables.contains(&"Café ".repeat(101)), "{tables}");
    let shown = installation.output(0, &["imports", "show", "1"]);
    assert!(shown.contains("was too long on 1 row and was cut: the limit is 500 characters"), "{shown}");
}

#[test]
fn numbers_beyond_money_are_rejected_not_stored() {
    let installation = Installation::new();
    let service = installation.start();
    let token = installation.token(&service, "loja");
    let mut huge = sale("1");
    huge["unit_price"] = json!(1e300);
    let (_, answer) = post(&service, Some(&token), &huge);
    assert_eq!(answer["rows"][0]["reasons"][0]["rule"], "too_large", "{answer}");
}
