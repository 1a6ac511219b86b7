//! Messages that cannot be stored: the rest goes on, and a person can bring them back.

use crate::browser::Browser;
use crate::installation::{Installation, wait_until};

/// Three sales, one of which the database will refuse.
const SALES: &str = "pedido;data;produto;quantidade;total\n1;01/10/2026;Café;1;10,00\n2;02/10/2026;Veneno;1;20,00\n3;03/10/2026;Chá;1;30,00\n";

/// From now on the database refuses the product Veneno.
fn poison(installation: &Installation) {
    if installation.is_postgres() {
        installation.damage(
            "CREATE FUNCTION poison() RETURNS trigger LANGUAGE plpgsql AS $$
             BEGIN IF NEW.name = 'Veneno' THEN RAISE EXCEPTION 'poisoned'; END IF; RETURN NEW; END $$",
        );
        installation.damage("CREATE TRIGGER poison BEFORE INSERT ON products FOR EACH ROW EXECUTE FUNCTION poison()");
    } else {
        installation.damage(
            "CREATE TRIGGER poison BEFORE INSERT ON products WHEN NEW.name = 'Veneno' BEGIN SELECT RAISE(ABORT, 'poisoned'); END",
        );
    }
}

fn heal(installation: &Installation) {
    installation.damage(if installation.is_postgres() {
        "DROP TRIGGER poison ON products"
    } else {
        "DROP TRIGGER poison"
    });
}

/// The message that failed is given up, as after its twelve attempts.
fn give_up(installation: &Installation) {
    installation.damage("UPDATE failed_messages SET attempts = 12, next_attempt_at = NULL");
}

/// Drops the sheet and waits until one row of it is left over.
fn left_over(installation: &Installation) {
    installation.output(0, &["migrate"]);
    poison(installation);
    let file = installation.csv("vendas.csv", SALES);
    let _service = installation.start();
    installation.drop_file(&file, "vendas.csv");
    wait_until("a row is left over", || {
        installation.json(0, &["dead-letters", "list", "--json"]).as_array().unwrap().len() == 1
    });
}

#[test]
fn a_row_that_cannot_be_stored_stops_only_itself_and_arrives_when_it_is_tried_again() {
    let installation = Installation::new();
    left_over(&installation);
    let import = &installation.imports()[0];
    assert_eq!((&import["state"], &import["ledger"]["rows"]["stored"]), (&"arriving".into(), &2.into()), "{import}");
    let waiting = &installation.json(0, &["dead-letters", "list", "--json"])[0];
    assert!(waiting["reason"].as_str().unwrap().contains("poisoned"), "{waiting}");
    assert_eq!((&waiting["rows"], &waiting["kind"]), (&1.into(), &"sales".into()));

    heal(&installation);
    give_up(&installation);
    for _ in 0..2 {
        installation.output(0, &["dead-letters", "retry", "--all"]);
    }
    let import = &installation.imports()[0];
    assert_eq!((&import["state"], &import["ledger"]["rows"]["stored"]), (&"balanced".into(), &3.into()), "{import}");
    installation.assert_consistent();
}

#[test]
fn a_discarded_row_counts_as_rejected_with_what_stopped_it_and_the_import_balances() {
    let installation = Installation::new();
    left_over(&installation);
    give_up(&installation);
    let service = installation.start();
    let browser = Browser::set_up(&installation, &service);
    let page = browser.get("/dead-letters").text();
    assert!(page.contains("poisoned") && page.contains("vendas.csv"), "{page}");
    let id = installation.json(0, &["dead-letters", "list", "--json"])[0]["id"].to_string();
    let csrf = browser.csrf("/dead-letters");
    assert_eq!(browser.post(&format!("/dead-letters/{id}/discard"), &[("csrf", &csrf)]).status, 303);
    let imports = installation.wait_for_imports(1);
    let rows = &imports[0]["ledger"]["rows"];
    assert_eq!((&rows["stored"], &rows["rejected"]), (&2.into(), &1.into()), "{rows}");
    let shown = installation.output(0, &["imports", "show", "1", "--json"]);
    assert!(shown.contains("poisoned") && shown.contains("Veneno"), "{shown}");
    installation.assert_consistent();
}

#[test]
fn a_dead_letter_is_edited_and_tried_again_but_its_money_stays() {
    let installation = Installation::new();
    left_over(&installation);
    give_up(&installation);
    let list = installation.json(0, &["dead-letters", "list", "--json"]);
    let id = list[0]["id"].to_string();
    let shown = installation.json(0, &["dead-letters", "show", &id, "--json"]);
    let text = shown["payload"].as_str().unwrap();

    let dearer = installation.csv("dearer.json", &text.replace("\"20.00\"", "\"21.00\""));
    let refused = installation.caudal(&["dead-letters", "edit", &id, "--file", dearer.to_str().unwrap()]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("the place and the money of each row must stay"));

    let milder = installation.csv("milder.json", &text.replace("Veneno", "Remédio"));
    installation.output(0, &["dead-letters", "edit", &id, "--file", milder.to_str().unwrap()]);
    let import = &installation.imports()[0];
    assert_eq!(import["state"], "balanced", "{import}");
    installation.assert_consistent();
}
