//! Imports that are undone, and duplicates that are sales after all.

use serde_json::json;

use crate::browser::Browser;
use crate::installation::{Installation, wait_until};

const HEADER: &str = "pedido;data;cliente;email;telefone;produto;categoria;quantidade;preço;forma de pagamento\n";

/// The state before the import: two orders of two customers.
fn shop() -> Installation {
    let installation = Installation::new();
    let first = installation.csv(
        "jan.csv",
        &format!(
            "{HEADER}A1;05/01/2026;Ana Lima;ana@exemplo.com;11 98888-0001;Café;Bebidas;2;10,00;PIX\nA2;06/01/2026;Bia Reis;bia@exemplo.com;;Chá;;1;8,00;Dinheiro\n"
        ),
    );
    assert_eq!(installation.import(0, &first)["rows"]["stored"], 2);
    installation
}

#[test]
fn undo_gives_every_table_back_byte_for_byte_and_the_file_may_be_dropped_again() {
    let installation = shop();
    let before = installation.whole_tables();
    // A changed order, the same order again, a new one with new people, a bad row, and a new phone for Ana.
    let file = installation.csv(
        "fev.csv",
        &format!(
            "{HEADER}A1;05/01/2026;Ana Lima Souza;ana@exemplo.com;11 97777-0009;Café;Mercearia;3;10,00;PIX\nA2;06/01/2026;Bia Reis;bia@exemplo.com;;Chá;;1;8,00;Dinheiro\nA3;07/02/2026;Caio;caio@exemplo.com;;Pão;Padaria;4;1,50;PIX\nA4;08/02/2026;Duda;;;Bolo;;muitos;20,00;PIX\n"
        ),
    );
    let report = installation.import(5, &file);
    let rows = json!({"read": 4, "stored": 1, "updated": 1, "duplicate": 1, "rejected": 1, "ignored": 0});
    assert_eq!(report["rows"], rows);
    assert_ne!(installation.whole_tables(), before);
    installation.assert_consistent();

    let id = report["import_id"].as_str().unwrap();
    let preview = installation.output(0, &["imports", "undo", id, "--dry-run"]);
    for line in ["Sales removed: 1", "Sales that go back to their earlier version: 1", "Customers removed: 1"] {
        assert!(preview.contains(line), "{preview}");
    }
    assert!(preview.contains("-R$16.00"), "3 for 2 cups of 10.00 and 4 breads less: {preview}");
    installation.assert_consistent();

    let undone = installation.json(0, &["imports", "undo", id, "--yes", "--json"]);
    assert_eq!(undone["state"], "undone");
    assert_eq!(undone["undo_effects"]["sales_removed"], 1);
    assert_eq!(undone["entries"][0]["kind"], "undo");
    assert_eq!(undone["ledger"]["rows"]["read"], 4, "what it had brought stays to be seen");
    assert_eq!(installation.whole_tables(), before);
    installation.assert_consistent();

    let again = installation.caudal(&["imports", "undo", id, "--yes"]);
    assert_eq!(again.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&again.stderr).contains("This import is already undone"));

    assert_eq!(installation.import(5, &file)["rows"], rows, "as if it had never been here");
    installation.assert_consistent();
}

#[test]
fn a_sale_that_another_import_also_carried_stays_and_moves_there() {
    let installation = Installation::new();
    let header = "data;produto;quantidade;total\n";
    let first = installation.csv("a.csv", &format!("{header}01/03/2026;Café;1;10,00\n02/03/2026;Chá;1;5,00\n"));
    let longer = installation.csv("b.csv", &format!("{header}02/03/2026;Chá;1;5,00\n03/03/2026;Pão;1;2,00\n"));
    let first = installation.import(0, &first);
    assert_eq!(installation.import(0, &longer)["rows"]["duplicate"], 1);

    let undone = installation.json(0, &["imports", "undo", "1", "--yes", "--json"]);
    assert_eq!(undone["undo_effects"]["sales_moved"], 1);
    assert_eq!(undone["undo_effects"]["sales_removed"], 1);
    let longer = installation.json(0, &["imports", "show", "2", "--json"]);
    assert_eq!(
        longer["ledger"]["rows"],
        json!({"read": 2, "stored": 2, "updated": 0, "duplicate": 0, "rejected": 0, "ignored": 0})
    );
    assert_eq!(longer["ledger"]["money"]["stored"], "7.00");
    assert_eq!((&longer["state"], &longer["entries"][0]["kind"]), (&json!("balanced"), &json!("moved")));
    installation.assert_consistent();

    // Now only the second import carries the sale, so its undo leaves nothing at all.
    installation.output(0, &["imports", "undo", "2", "--yes"]);
    let tables = installation.whole_tables();
    assert!(!tables.contains("Café") && !tables.contains("Chá"), "{tables}");
    installation.assert_consistent();
    assert_eq!(first["rows"]["stored"], 2);
}

#[test]
fn the_first_of_two_changes_is_taken_back_and_the_second_stays() {
    let installation = shop();
    let before = installation.whole_tables();
    let order = |name: &str, phone: &str, quantity: u32| {
        installation.csv(
            name,
            &format!("{HEADER}A1;05/01/2026;Ana Lima;ana@exemplo.com;{phone};Café;Bebidas;{quantity};10,00;PIX\n"),
        )
    };
    installation.import(0, &order("2.csv", "11 97777-0002", 5));
    installation.import(0, &order("3.csv", "11 97777-0003", 7));
    let after_both = installation.business_tables();

    let undone = installation.json(0, &["imports", "undo", "2", "--yes", "--json"]);
    let kept = json!([{"kind": "customers", "name": "Ana Lima", "field": "phone", "value": "11977770003"}]);
    assert_eq!(undone["undo_effects"]["values_kept"], kept);
    assert_eq!(undone["undo_effects"]["sales_removed"], 0);
    let first_line = |tables: &str| tables.lines().next().unwrap().to_owned();
    assert_eq!(first_line(&installation.business_tables()), first_line(&after_both), "the third import still stands");
    installation.assert_consistent();

    installation.output(0, &["imports", "undo", "3", "--yes"]);
    assert_eq!(installation.whole_tables(), before, "the third never was, so it goes back to the first");
    installation.assert_consistent();
}

#[test]
fn order_numbers_of_an_undone_import_are_free_again() {
    let installation = shop();
    let other =
        installation.csv("x.csv", &format!("{HEADER}B7;05/01/2026;Ana Lima;ana@exemplo.com;;Café;;1;10,00;PIX\n"));
    let corrected =
        installation.csv("y.csv", &format!("{HEADER}B7;05/01/2026;Ana Lima;ana@exemplo.com;;Café;;2;10,00;PIX\n"));
    installation.import(0, &other);
    installation.output(0, &["imports", "undo", "2", "--yes"]);
    assert_eq!(installation.import(0, &corrected)["rows"]["stored"], 1, "nothing is there to be updated");
    assert_eq!(installation.import(0, &other)["rows"]["updated"], 1);
    installation.assert_consistent();
}

#[test]
fn a_duplicate_that_a_person_releases_counts_and_is_met_again_as_two() {
    let installation = Installation::new();
    let header = "data;produto;quantidade;total\n";
    let line = "01/03/2026;Café;1;10,00\n";
    installation.import(0, &installation.csv("a.csv", &format!("{header}{line}")));
    installation.import(0, &installation.csv("b.csv", &format!("{header}02/03/2026;Chá;1;5,00\n{line}")));
    installation.output(0, &["imports", "release", "2", "3"]);
    let released = installation.json(0, &["imports", "show", "2", "--json"]);
    assert_eq!(
        released["ledger"]["rows"],
        json!({"read": 2, "stored": 2, "updated": 0, "duplicate": 0, "rejected": 0, "ignored": 0})
    );
    installation.assert_consistent();
    let both = installation.import(0, &installation.csv("c.csv", &format!("{header}{line}{line}")));
    assert_eq!(both["rows"]["duplicate"], 2, "{both}");
    installation.assert_consistent();
}

#[test]
fn a_released_line_of_an_order_is_met_again_by_a_file_that_holds_both() {
    let installation = Installation::new();
    let header = "pedido;data;produto;quantidade;total\n";
    let line = "P1;01/03/2026;Café;1;10,00\n";
    let first = installation.csv("a.csv", &format!("{header}{line}P2;01/03/2026;Pão;2;3,00\n"));
    installation.import(0, &first);
    let second = installation.csv("b.csv", &format!("{header}P3;02/03/2026;Chá;1;5,00\n{line}"));
    assert_eq!(installation.import(0, &second)["rows"]["duplicate"], 1);
    installation.output(0, &["imports", "release", "2", "3"]);
    installation.assert_consistent();
    let counts = |report: &serde_json::Value| (report["rows"]["stored"].clone(), report["rows"]["duplicate"].clone());
    let released = installation.json(0, &["imports", "show", "2", "--json"]);
    assert_eq!(released["ledger"]["rows"]["stored"], 2, "{released}");

    let both = installation.import(0, &installation.csv("c.csv", &format!("{header}{line}{line}")));
    assert_eq!(counts(&both), (json!(0), json!(2)), "{both}");
    let three = installation.import(0, &installation.csv("d.csv", &format!("{header}{line}{line}{line}")));
    assert_eq!(counts(&three), (json!(1), json!(2)), "a third line of the order is one more sale: {three}");
    installation.assert_consistent();

    // The files that hold the sale twice are undone, and so is the first: the released sale stays and is not taken for the
    // first one.
    for id in ["4", "3", "1"] {
        installation.output(0, &["imports", "undo", id, "--yes"]);
    }
    assert_eq!(counts(&installation.import(0, &first)), (json!(2), json!(0)));
    installation.assert_consistent();
}

#[test]
fn a_released_line_with_a_number_that_comes_twice_is_never_stored_a_third_time() {
    let installation = Installation::new();
    let header = "pedido;item do pedido;data;produto;quantidade;total\n";
    let line = "P1;1;01/03/2026;Café;1;10,00\n";
    let first = installation.csv("a.csv", &format!("{header}{line}{line}P2;1;01/03/2026;Pão;2;3,00\n"));
    assert_eq!(installation.import(0, &first)["rows"]["duplicate"], 1);
    installation.output(0, &["imports", "release", "1", "3"]);
    let again = format!("{header}P3;1;02/03/2026;Chá;1;5,00\n{line}{line}");
    let both = installation.import(0, &installation.csv("b.csv", &again));
    assert_eq!((&both["rows"]["stored"], &both["rows"]["duplicate"]), (&json!(1), &json!(2)), "{both}");
    installation.assert_consistent();
}

#[test]
fn an_admin_undoes_an_import_on_its_page() {
    let installation = shop();
    let service = installation.start();
    let browser = Browser::set_up(&installation, &service);
    let page = browser.get("/imports/1").text();
    assert!(page.contains("/imports/1/undo"), "{page}");
    let preview = browser.get("/imports/1/undo").text();
    assert!(preview.contains("Vendas removidas: 2"), "{preview}");
    let csrf = browser.csrf("/imports/1/undo");
    assert_eq!(browser.post("/imports/1/undo", &[("csrf", "forged")]).status, 403);
    let answer = browser.post("/imports/1/undo", &[("csrf", &csrf)]);
    assert_eq!((answer.status, answer.header("location")), (303, "/imports/1"));
    wait_until("the page says so", || browser.get("/imports/1").text().contains("por ana"));
    let answer = browser.post("/imports/1/undo", &[("csrf", &csrf)]);
    assert_eq!(answer.status, 409);
    assert!(answer.text().contains("is already undone"), "{}", answer.text());
    installation.assert_consistent();
}

#[test]
fn nobody_undoes_an_import_by_the_api_alone() {
    let installation = shop();
    let service = installation.start();
    let id = installation.imports()[0]["import_id"].as_str().unwrap().to_owned();
    let token = installation.token(&service, "loja");
    let url = format!("{}/ingest/commands/imports/{id}/undo", service.url);
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    assert_eq!(agent.post(&url).send_empty().unwrap().status(), 401);
    let answer = agent.post(&url).header("authorization", format!("Bearer {token}")).send_empty().unwrap();
    assert_eq!(answer.status(), 401, "a token for sales gives no commands");
    // Refused before any body is read or any address is looked at.
    for path in ["/distrib/rehearsals", "/ingest/commands/imports/x/release", "/ingest/commands/layouts/x/forget"] {
        let answer = agent.post(format!("{}{path}", service.url)).send("garbage").unwrap();
        assert_eq!(answer.status(), 401, "{path}");
    }
}
