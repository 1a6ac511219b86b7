//! Messages that cannot be stored: the others go on, and a person can bring the failed ones back.

use serde_json::Value;

use crate::browser::Browser;
use crate::installation::{Installation, PASSWORD, Service, free_port, wait_until};

/// Three sales. The database will refuse one of them.
const SALES: &str = "pedido;data;produto;quantidade;total\n1;01/10/2026;Café;1;10,00\n2;02/10/2026;Veneno;1;20,00\n3;03/10/2026;Chá;1;30,00\n";

/// From now on the database refuses the product Veneno.
pub fn poison(installation: &Installation) {
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

/// Gives the failed message up, as after its twelve attempts.
pub fn give_up(installation: &Installation) {
    installation.damage("UPDATE failed_messages SET attempts = 12, next_attempt_at = NULL");
}

/// Drops the sheet and waits until one of its rows has failed.
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

/// An installation with one dead letter, and an admin at its pages. No worker runs, so a decision of the admin has no effect
/// until one is started.
fn at_the_page() -> (Installation, Service, Browser) {
    let installation = Installation::new();
    left_over(&installation);
    give_up(&installation);
    let service = installation.start_role(&["distrib"], free_port(), &[]);
    let browser = Browser::set_up(&installation, &service);
    (installation, service, browser)
}

fn only_letter(installation: &Installation) -> Value {
    let letters = installation.dead_letters();
    assert_eq!(letters.len(), 1, "{letters:?}");
    letters[0].clone()
}

/// Starts everything, waits for the import and checks the numbers of stored and rejected rows.
fn ends_with(installation: &Installation, stored: i64, rejected: i64) {
    let _service = installation.start();
    let imports = installation.wait_for_imports(1);
    let rows = &imports[0]["ledger"]["rows"];
    assert_eq!((&rows["stored"], &rows["rejected"]), (&stored.into(), &rejected.into()), "{rows}");
    assert!(installation.dead_letters().is_empty());
    installation.assert_consistent();
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

#[test]
fn the_reason_is_a_plain_sentence_with_the_technical_words_folded_below() {
    let (installation, _service, browser) = at_the_page();
    assert_eq!(only_letter(&installation)["code"], "refused");
    let page = browser.get("/dead-letters").text();
    let (before, folded) = page.split_once("<details").expect("something is folded");
    assert!(before.contains("O banco de dados recusou o conteúdo desta mensagem."), "{page}");
    assert!(!before.contains("poisoned") && folded.contains("poisoned"), "{page}");
    assert!(before.contains("Linha 3: Veneno, R$\u{a0}20,00"), "{page}");
    let list = installation.output(0, &["dead-letters", "list"]);
    assert!(list.contains("The database refused the content of this message.") && !list.contains("poisoned"), "{list}");
    let id = only_letter(&installation)["id"].to_string();
    let shown = installation.output(0, &["dead-letters", "show", &id]);
    assert!(
        shown.contains("The database refused") && shown.contains("Technical details: ") && shown.contains("poisoned")
    );

    // A message that failed before there were codes.
    installation.damage("UPDATE failed_messages SET reason_code = NULL");
    let page = browser.get("/dead-letters").text();
    assert!(page.contains("O banco de dados não aceitou a mensagem: ") && page.contains("poisoned"), "{page}");
    assert!(installation.output(0, &["dead-letters", "list"]).contains("poisoned"));
}

#[test]
fn trying_again_twice_on_the_page_is_trying_again_once() {
    let (installation, service, browser) = at_the_page();
    let id = only_letter(&installation)["id"].to_string();
    let csrf = browser.csrf("/dead-letters");
    for path in [format!("/dead-letters/{id}/retry"), "/dead-letters/retry".to_owned()] {
        give_up(&installation);
        assert_eq!(browser.post(&path, &[("csrf", &csrf)]).status, 303);
        let pressed_once = only_letter(&installation);
        assert!(pressed_once["next_attempt_at"].is_string() && pressed_once["attempts"] == 0, "{pressed_once}");
        assert_eq!(browser.post(&path, &[("csrf", &csrf)]).status, 303);
        assert_eq!(only_letter(&installation), pressed_once, "{path}");
    }
    assert!(browser.get("/dead-letters").text().contains("aguarda nova tentativa"));
    heal(&installation);
    drop(service);
    ends_with(&installation, 3, 0);
}

#[test]
fn what_was_decided_first_about_a_dead_letter_stays() {
    for (is_discarded_first, stored, rejected) in [(true, 2, 1), (false, 3, 0)] {
        let (installation, service, browser) = at_the_page();
        let letter = only_letter(&installation);
        let text = browser.get(&format!("/dead-letters/{}", letter["id"])).text();
        assert!(text.contains("Descartar"), "{text}");
        let csrf = browser.csrf("/dead-letters");
        let press = |act: &str| {
            let path = format!("/dead-letters/{}{act}", letter["id"]);
            browser.post(&path, &[("csrf", csrf.as_str()), ("text", "{}")]).status
        };
        assert_eq!(press(if is_discarded_first { "/discard" } else { "/retry" }), 303);
        let decided = only_letter(&installation);
        // A retry of a waiting message changes nothing, and the message can no longer be discarded or edited.
        assert_eq!(press("/retry"), 303);
        assert_eq!(browser.post("/dead-letters/retry", &[("csrf", &csrf)]).status, 303);
        assert_eq!(press("/discard"), 404);
        assert_eq!(only_letter(&installation), decided);
        heal(&installation);
        drop(service);
        ends_with(&installation, stored, rejected);
    }
}

#[test]
fn only_an_admin_with_the_token_of_the_form_decides_about_dead_letters() {
    let (installation, service, browser) = at_the_page();
    let before = only_letter(&installation);
    installation.add_user_as("leo", PASSWORD, "reader");
    let reader = Browser::signed_in(&service, "leo");
    let id = before["id"].to_string();
    for path in ["/dead-letters".to_owned(), format!("/dead-letters/{id}")] {
        assert_eq!(reader.get(&path).status, 403, "{path}");
        assert_eq!(browser.get(&path).status, 200, "{path}");
    }
    let (own, shown) = (reader.csrf("/"), browser.get(&format!("/dead-letters/{id}")).text());
    assert!(shown.contains("Veneno"));
    let payload =
        installation.json(0, &["dead-letters", "show", &id, "--json"])["payload"].as_str().unwrap().to_owned();
    for act in ["/retry", &format!("/{id}/retry"), &format!("/{id}/discard"), &format!("/{id}")] {
        let path = format!("/dead-letters{act}");
        assert_eq!(reader.post(&path, &[("csrf", &own), ("text", &payload)]).status, 403, "a reader: {path}");
        assert_eq!(browser.post(&path, &[("csrf", "forged"), ("text", &payload)]).status, 403, "forged: {path}");
    }
    assert_eq!(only_letter(&installation), before);
}

#[test]
fn an_edit_that_is_still_wrong_says_so_and_keeps_what_was_typed() {
    let (installation, service, browser) = at_the_page();
    let before = only_letter(&installation);
    let path = format!("/dead-letters/{}", before["id"]);
    let id = before["id"].to_string();
    let payload =
        || installation.json(0, &["dead-letters", "show", &id, "--json"])["payload"].as_str().unwrap().to_owned();
    let text = payload();
    let csrf = browser.csrf(&path);
    let edit = |text: &str| browser.post(&path, &[("csrf", &csrf), ("text", text)]);
    for (typed, shown, said) in [
        ("isto não é JSON", "isto não é JSON", "the text is not a message that Caudal can read"),
        (&text.replace("\"20.00\"", "\"21.00\""), "21.00", "the place and the money of each row must stay"),
    ] {
        let answer = edit(typed);
        assert_eq!(answer.status, 422);
        let page = answer.text();
        assert!(page.contains(said) && page.contains(shown), "{page}");
        assert_eq!((only_letter(&installation), payload()), (before.clone(), text.clone()));
    }
    drop(service);

    // This text may be tried, but the database refuses it once more.
    let service = installation.start();
    let browser = Browser::signed_in(&service, "ana");
    let csrf = browser.csrf(&path);
    assert_eq!(browser.post(&path, &[("csrf", &csrf), ("text", &text)]).status, 303);
    wait_until("it has failed again", || only_letter(&installation)["attempts"] == 1);
    let again = only_letter(&installation);
    assert!(again["code"] == "refused" && again["next_attempt_at"].is_string(), "{again}");
    heal(&installation);
    drop(service);
    ends_with(&installation, 3, 0);
}
