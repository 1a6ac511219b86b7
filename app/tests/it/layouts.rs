//! Files with unclear columns wait, and are taken in after a person says what the columns mean.

use std::path::PathBuf;

use calamine::Data;
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::installation::{Installation, wait_until};
use crate::repair::resave;
use crate::workbook::Cell::{Number, Text, When};
use crate::workbook::write;

/// Headers of a language that Caudal does not know.
const POLISH: &str = "Kto;Kiedy;Co;Ile;Suma\n";
const FIELDS: [&str; 5] = ["customer", "date", "product", "quantity", "total"];

fn march(installation: &Installation) -> PathBuf {
    installation.csv("marzec.csv", &format!("{POLISH}Ana;01/03/2026;Café;2;10,00\nBia;02/03/2026;Chá;1;5,00\n"))
}

fn april(installation: &Installation) -> PathBuf {
    installation.csv("kwiecien.csv", &format!("{POLISH}Ana;01/04/2026;Café;3;15,00\n"))
}

/// Takes the layout shown for a file or an import, replaces its fields, and writes it to a file for `layout set`.
fn layout(installation: &Installation, what: &str, fields: &[&str]) -> PathBuf {
    let mut fields = fields.iter();
    let shown = installation.output(0, &["layout", "show", what]);
    let edited: Vec<String> = shown
        .lines()
        .map(|line| {
            if line.starts_with("field = ") { format!("field = {:?}", fields.next().unwrap()) } else { line.to_owned() }
        })
        .collect();
    assert_eq!(fields.next(), None, "a field for each column: {shown}");
    installation.csv("layout.toml", &edited.join("\n"))
}

fn rows(stored: u64) -> Value {
    json!({"read": stored, "stored": stored, "updated": 0, "duplicate": 0, "rejected": 0, "ignored": 0})
}

fn set(installation: &Installation, file: &std::path::Path) -> String {
    installation.output(0, &["layout", "set", file.to_str().unwrap()])
}

#[test]
fn a_file_without_usable_headers_waits_and_is_stored_once_its_columns_are_named() {
    let installation = Installation::new();
    let file = march(&installation);
    let report = installation.import(1, &file);
    assert_eq!(report["status"], "needs_layout");
    let reason = report["reason"].as_str().unwrap();
    assert!(reason.starts_with("No column was recognised as product, total: name them"), "{reason}");
    assert_eq!(report["rows"], rows(0));
    let waiting = installation.files_in("waiting");
    assert_eq!(waiting.len(), 2, "the original and the reason: {waiting:?}");
    assert_eq!(std::fs::read_to_string(&waiting[1]).unwrap().trim(), reason);
    assert_eq!(std::fs::read(&waiting[0]).unwrap(), std::fs::read(&file).unwrap());

    let import_id = report["import_id"].as_str().unwrap();
    let said = set(&installation, &layout(&installation, import_id, &FIELDS));
    assert!(said.contains("marzec.csv: 2 read = 2 stored"), "{said}");
    let import = installation.json(0, &["imports", "show", import_id, "--json"]);
    assert_eq!((&import["state"], &import["ledger"]["rows"]), (&json!("balanced"), &rows(2)));
    assert_eq!((&import["outcome"], &import["ledger"]["money"]["stored"]), (&json!("taken"), &json!("15.00")));
    assert!(installation.files_in("waiting").is_empty());
    assert_eq!(installation.files_in("processed").len(), 1);
    installation.assert_consistent();

    assert_eq!(installation.import(0, &file)["status"], "duplicate");
    installation.output(0, &["imports", "undo", import_id, "--yes"]);
    assert_eq!(installation.import(0, &file)["rows"], rows(2), "now it is taken at once");
    installation.assert_consistent();
}

#[test]
fn the_next_file_like_it_is_taken_by_itself_and_says_by_whose_decision() {
    let installation = Installation::new();
    installation.import(1, &march(&installation));
    set(&installation, &layout(&installation, "1", &FIELDS));
    let report = installation.import(0, &april(&installation));
    assert_eq!((&report["rows"], &report["mapping"]["total"]), (&rows(1), &json!("Suma")));
    let applied = report["warnings"].as_array().unwrap().iter().find_map(|warning| {
        warning.as_str().filter(|text| text.starts_with("Columns read as decided on the command line on "))
    });
    assert!(applied.is_some(), "{report}");

    let list = installation.json(0, &["layout", "list", "--json"]);
    let fingerprint = list[0]["fingerprint"].as_str().unwrap();
    assert!(
        installation.output(0, &["layout", "show", &fingerprint[..6]]).contains("header = \"Suma\"\nfield = \"total\"")
    );
    installation.output(0, &["layout", "forget", fingerprint]);
    let other = installation.csv("maj.csv", &format!("{POLISH}Ana;01/05/2026;Café;3;15,00\n"));
    assert_eq!(installation.import(1, &other)["status"], "needs_layout");
}

#[test]
fn a_wrong_decision_is_answered_with_a_sentence_and_nothing_is_lost() {
    let installation = Installation::new();
    let file = march(&installation);
    installation.import(1, &file);
    let before = installation.whole_tables();
    for (fields, sentence) in [
        (["customer", "date", "total", "quantity", "product"], "The column \"Co\" cannot be the total"),
        (["customer", "date", "product", "total", "total"], "More than one column was chosen as the total"),
        (["customer", "ignore", "product", "quantity", "total"], "No sale date: give one for the whole file"),
    ] {
        let layout = layout(&installation, file.to_str().unwrap(), &fields);
        let output = installation.caudal(&["layout", "set", layout.to_str().unwrap()]);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains(sentence), "{said}");
    }
    let mistyped = installation.csv("mistyped.toml", "[[columns]]\nheader = \"Co\"\nfield = \"prodct\"\n");
    let output = installation.caudal(&["layout", "set", mistyped.to_str().unwrap()]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("\"prodct\" is not known"));
    assert_eq!(installation.json(0, &["layout", "list", "--json"]), json!([]));
    assert_eq!((installation.whole_tables(), installation.files_in("waiting").len()), (before, 2));
}

#[test]
fn a_table_without_any_header_is_known_by_what_its_columns_hold() {
    let installation = Installation::new();
    let first = installation.csv("a.csv", "01/03/2026;Café;2;10,00\n02/03/2026;Chá;1;5,00\n");
    assert_eq!(
        installation.import(1, &first)["reason"],
        "No row names the columns: choose the meaning of each column."
    );
    set(&installation, &layout(&installation, "1", &["date", "product", "quantity", "total"]));
    let next = installation.csv("b.csv", "01/04/2026;Pão;4;2,00\n;;;\n02/04/2026;Bolo;1;30,00\n");
    let report = installation.import(0, &next);
    assert_eq!((&report["rows"]["stored"], &report["rows"]["ignored"]), (&json!(2), &json!(1)), "{report}");
    assert_eq!((&report["total"], &report["header_row"]), (&json!("32.00"), &Value::Null));
    installation.assert_consistent();
}

#[test]
fn a_date_may_be_given_for_the_whole_file_or_stand_in_its_title() {
    let installation = Installation::new();
    let header = "Produto;Quantidade;Valor\n";
    let given = installation.csv("a.csv", &format!("{header}Café;2;10,00\n"));
    let reason = installation.import(1, &given)["reason"].as_str().unwrap().to_owned();
    assert!(reason.starts_with("There is no sign that these rows are sales: if they are, give their date"), "{reason}");
    let guessed = std::fs::read_to_string(layout(&installation, "1", &["product", "quantity", "total"])).unwrap();
    let with = |date: &str| installation.csv("dated.toml", &format!("date = {date:?}\n{guessed}"));
    set(&installation, &with("2026-03-31"));
    let import = installation.json(0, &["imports", "show", "1", "--json"]);
    assert!(import["remarks"].to_string().contains(r#"{"code":"date_given","day":"2026-03-31","in_title":false}"#));

    set(&installation, &with("title"));
    let titled = installation.csv("b.csv", &format!("Vendas de fevereiro de 2026;;\n{header}Chá;1;5,00\n"));
    assert_eq!(installation.import(0, &titled)["first_date"], "2026-02-28");
    let untitled = installation.csv("c.csv", &format!("{header}Pão;1;1,00\n"));
    let report = installation.import(1, &untitled);
    assert_eq!(report["status"], "needs_layout", "{report}");
    assert!(report["reason"].as_str().unwrap().starts_with("No title above the table gives the period"), "{report}");
    installation.assert_consistent();
}

#[test]
fn one_decision_takes_every_file_that_waits_for_it_and_the_same_bytes_once() {
    let installation = Installation::new();
    let (march, april) = (march(&installation), april(&installation));
    let again = installation.csv("again.csv", &std::fs::read_to_string(&march).unwrap());
    for file in [&march, &april, &again] {
        installation.import(1, file);
    }
    installation.import(1, &installation.csv("other.csv", "Wann;Was;Wieviel\n01/03/2026;Brot;3,00\n"));
    let said = set(&installation, &layout(&installation, "1", &FIELDS));
    assert!(said.contains("kwiecien.csv: 1 read = 1 stored"), "{said}");
    let outcomes: Vec<Value> = installation.imports().iter().map(|import| import["outcome"].clone()).collect();
    assert!(outcomes[0].get("needs_layout").is_some(), "another header: {outcomes:?}");
    assert!(outcomes[1].get("already_imported").is_some(), "the same bytes: {outcomes:?}");
    assert_eq!(outcomes[2..], [json!("taken"), json!("taken")]);
    assert_eq!((installation.files_in("processed").len(), installation.files_in("waiting").len()), (3, 2));
    installation.assert_consistent();
}

#[test]
fn rows_of_a_mapped_file_are_mended_by_the_layout_that_it_was_read_by() {
    let installation = Installation::new();
    let file =
        installation.csv("x.csv", &format!("{POLISH}Ana;01/03/2026;Café;dwa;10,00\nBia;02/03/2026;Chá;1;5,00\n"));
    installation.import(1, &file);
    let said = set(&installation, &layout(&installation, "1", &FIELDS));
    assert!(said.contains("1 stored + 0 updated + 0 duplicate + 1 rejected"), "{said}");
    let fingerprint =
        installation.json(0, &["layout", "list", "--json"])[0]["fingerprint"].as_str().unwrap().to_owned();
    installation.output(0, &["layout", "forget", &fingerprint]);
    let workbook = &installation.files_in("rejected")[0];
    let mended = installation.desk("mended.xlsx");
    resave(workbook, &mended, |header, _, _| (header == "Ile").then_some(Data::Float(2.0)));
    installation.import(0, &mended);
    let import = installation.json(0, &["imports", "show", "1", "--json"]);
    assert_eq!((&import["ledger"]["rows"], &import["state"]), (&rows(2), &json!("balanced")));
    installation.assert_consistent();
}

#[test]
fn a_file_that_waits_can_be_dismissed_and_dropped_again() {
    let installation = Installation::new();
    let file = march(&installation);
    installation.import(1, &file);
    let said = installation.output(0, &["imports", "dismiss", "1"]);
    let reason = "Dismissed on the command line: nothing was imported. To import it, drop the file again.";
    assert!(said.contains(reason), "{said}");
    let import = installation.json(0, &["imports", "show", "1", "--json"]);
    assert_eq!((&import["state"], &import["outcome"]["refused"]["code"]), (&json!("balanced"), &json!("dismissed")));
    assert_eq!(import["ledger"]["rows"], rows(0));
    assert!(installation.files_in("waiting").is_empty());
    let rejected = installation.files_in("rejected");
    assert_eq!(rejected.len(), 2, "the original and the reason: {rejected:?}");
    assert_eq!(std::fs::read(&rejected[0]).unwrap(), std::fs::read(&file).unwrap());
    assert_eq!(std::fs::read_to_string(&rejected[1]).unwrap().trim(), reason);

    let again = installation.caudal(&["imports", "dismiss", "1"]);
    assert_eq!(again.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&again.stderr).contains("does not wait for a layout"));
    let report = installation.import(1, &file);
    assert_eq!(report["status"], "needs_layout", "as if it came for the first time");
    set(&installation, &layout(&installation, report["import_id"].as_str().unwrap(), &FIELDS));
    let imports = installation.imports();
    assert_eq!((&imports[0]["ledger"]["rows"], &imports[1]["ledger"]["rows"]), (&rows(2), &rows(0)));
    assert_eq!(imports[1]["outcome"]["refused"]["code"], "dismissed", "what was dismissed is not taken in");
    installation.assert_consistent();
}

#[test]
fn a_crash_while_a_file_is_dismissed_leaves_it_dismissed() {
    for point in ["after-staging", "after-commit-before-move", "after-move-before-mark"] {
        let installation = Installation::new();
        installation.import(1, &march(&installation));
        let crashed = installation.command(&["imports", "dismiss", "1"]).env("CAUDAL_FAIL_AT", point).output().unwrap();
        assert!(!crashed.status.success(), "{point}");
        let _service = installation.start();
        wait_until("the file is where it belongs", || {
            installation.files_in("waiting").is_empty() && installation.files_in("rejected").len() == 2
        });
        let imports = installation.wait_for_imports(1);
        wait_until("it is known to be dismissed", || {
            installation.imports()[0]["outcome"]["refused"]["code"] == "dismissed"
        });
        assert_eq!(imports.len(), 1, "{point}");
    }
}

#[test]
fn an_admin_dismisses_a_waiting_file_on_its_page() {
    let installation = Installation::new();
    let service = installation.start();
    let browser = Browser::set_up(&installation, &service);
    installation.drop_file(&march(&installation), "marzec.csv");
    installation.wait_for_imports(1);
    let page = browser.get("/imports/1").text();
    assert!(page.contains("action=\"/imports/1/dismiss\"") && page.contains("Dispensar o arquivo"), "{page}");
    let csrf = browser.csrf("/imports/1");
    assert_eq!(browser.post("/imports/1/dismiss", &[("csrf", "forged")]).status, 403);
    // Repeated, because it works only after distrib knows that the file waits and its original lies in the folder for that.
    wait_until("it is dismissed", || {
        let answer = browser.post("/imports/1/dismiss", &[("csrf", &csrf)]);
        answer.status == 303 && answer.header("location") == "/imports/1"
    });
    wait_until("the page says who", || browser.get("/imports/1").text().contains("Dispensado por ana"));
    assert!(!browser.get("/imports/1").text().contains("/imports/1/dismiss"));
    assert_eq!(browser.post("/imports/1/dismiss", &[("csrf", &csrf)]).status, 409, "it waits no longer");
}

#[test]
fn an_admin_maps_a_waiting_file_on_its_page() {
    let installation = Installation::new();
    let service = installation.start();
    let browser = Browser::set_up(&installation, &service);
    installation.drop_file(&march(&installation), "marzec.csv");
    installation.wait_for_imports(1);
    installation.drop_file(&april(&installation), "kwiecien.csv");
    installation.wait_for_imports(2);
    installation.wait_for_empty_inbox();
    let page = browser.get("/imports/1").text();
    assert!(page.contains("Espera um layout") && page.contains("href=\"/imports/1/layout\""), "{page}");
    let form = browser.get("/imports/1/layout").text();
    assert!(form.contains("<th scope=\"col\">Suma</th>") && form.contains("<td>Café</td>"), "{form}");

    let csrf = browser.csrf("/imports/1/layout");
    let send = |csrf: &str, fields: [&str; 5]| {
        let names: Vec<String> = (0..fields.len()).map(|index| format!("field{index}")).collect();
        let mut pairs =
            vec![("csrf", csrf), ("sheet", ""), ("header", "1"), ("dated", ""), ("date_order", "day_first")];
        pairs.extend(names.iter().map(String::as_str).zip(fields));
        browser.post("/imports/1/layout", &pairs)
    };
    assert_eq!(send("forged", FIELDS).status, 403);
    let wrong = send(&csrf, ["customer", "date", "total", "quantity", "product"]);
    assert_eq!(wrong.status, 422);
    let text = wrong.text();
    assert!(text.contains("&#34;Co&#34; cannot be the total"), "{text}");
    assert!(
        text.contains("value=\"quantity\" selected") && text.contains("value=\"day_first\" selected"),
        "kept: {text}"
    );

    let right = send(&csrf, FIELDS);
    assert_eq!((right.status, right.header("location")), (303, "/imports/1"), "{}", right.text());
    wait_until("both files that waited have arrived", || {
        let imports = installation.imports();
        imports[1]["ledger"]["rows"] == rows(2) && imports[0]["ledger"]["rows"] == rows(1)
    });
    assert!(browser.get("/imports/1").text().contains("Colunas lidas como ana decidiu em"));
    assert_eq!(send(&csrf, FIELDS).status, 422, "it waits no longer");
    assert_eq!(browser.get("/imports/1/layout").header("location"), "/imports/1");

    let may = installation.csv("maj.csv", &format!("{POLISH}Ana;01/05/2026;Café;3;15,00\n"));
    installation.drop_file(&may, "maj.csv");
    let imports = installation.wait_for_imports(3);
    assert_eq!(imports[0]["outcome"], "taken", "the next one by itself");
    let list = browser.get("/layouts").text();
    assert!(list.contains("<dd>Suma</dd>") && list.contains("Decidido por ana em"), "{list}");
    let (_, rest) = list.split_once("action=\"/layouts/").unwrap();
    let path = format!("/layouts/{}", rest.split('"').next().unwrap());
    assert_eq!(browser.post(&path, &[("csrf", "forged")]).status, 403);
    assert_eq!(browser.post(&path, &[("csrf", &browser.csrf("/layouts"))]).status, 303);
    assert!(browser.get("/layouts").text().contains("Nenhum layout guardado"));
    installation.assert_consistent();
}

#[test]
fn another_sheet_or_header_row_is_chosen_on_the_page() {
    let installation = Installation::new();
    let service = installation.start();
    let browser = Browser::set_up(&installation, &service);
    let file = installation.csv("x.csv", "Lista;Loja;Kwota\nKto;Co;Suma\nAna;Café;10,00\nBia;Chá;5,00\n");
    installation.drop_file(&file, "x.csv");
    installation.wait_for_imports(1);
    installation.wait_for_empty_inbox();
    let second = browser.get("/imports/1/layout?header=2").text();
    assert!(second.contains("<th scope=\"col\">Suma</th>") && !second.contains("<td>Suma</td>"), "{second}");
    let csrf = browser.csrf("/imports/1/layout");
    let form = |dated: &'static str, day: &'static str| {
        let pairs = [
            ("csrf", csrf.as_str()),
            ("header", "2"),
            ("dated", dated),
            ("day", day),
            ("field0", "customer"),
            ("field1", "product"),
            ("field2", "total"),
        ];
        browser.post("/imports/1/layout", &pairs)
    };
    let without = form("day", "");
    assert_eq!(without.status, 422);
    assert!(without.text().contains("The date for the whole file is missing"), "{}", without.text());
    assert_eq!(form("day", "2026-03-31").status, 303);
    wait_until("the import has arrived", || installation.imports()[0]["ledger"]["rows"] == rows(2));
    assert!(installation.business_tables().contains("2026-03-31|2|20000|1500"), "{}", installation.business_tables());
}

#[test]
fn only_the_chosen_sheet_is_taken_and_the_other_is_said_to_be_left_aside() {
    let installation = Installation::new();
    let file = installation.desk("dwa.xlsx");
    let row = |day: &'static str, amount: f64| vec![Text("Ana"), When(day), Text("Café"), Number(1.0), Number(amount)];
    let headers: Vec<&str> = POLISH.trim().split(';').collect();
    let sheets = [
        ("Plan", vec![row("2026-03-01T00:00:00", 99.0)]),
        ("Sprzedaż", vec![row("2026-03-02T00:00:00", 10.0), row("2026-03-03T00:00:00", 5.5)]),
    ];
    write(&file, &headers, &sheets);
    installation.import(1, &file);
    let service = installation.start();
    let browser = Browser::set_up(&installation, &service);
    let page = browser.get("/imports/1/layout?sheet=Sprzeda%C5%BC").text();
    assert!(page.contains("value=\"Sprzedaż\" selected") && page.contains("<td>5.5</td>"), "{page}");
    let csrf = browser.csrf("/imports/1/layout");
    let names: Vec<String> = (0..FIELDS.len()).map(|index| format!("field{index}")).collect();
    let mut pairs = vec![("csrf", csrf.as_str()), ("sheet", "Sprzedaż"), ("header", "1"), ("only_sheet", "yes")];
    pairs.extend(names.iter().map(String::as_str).zip(FIELDS));
    assert_eq!(browser.post("/imports/1/layout", &pairs).status, 303);
    wait_until("the import has arrived", || installation.imports()[0]["ledger"]["rows"] == rows(2));
    let import = installation.json(0, &["imports", "show", "1", "--json"]);
    assert_eq!(import["ledger"]["money"]["stored"], "15.50");
    assert!(import["remarks"].to_string().contains(r#"{"code":"sheet_not_chosen","sheet":"Plan"}"#), "{import}");
    installation.assert_consistent();
}

/// The tables after an undisturbed decision.
fn undisturbed() -> String {
    let installation = Installation::new();
    installation.import(1, &march(&installation));
    installation.import(1, &april(&installation));
    set(&installation, &layout(&installation, "1", &FIELDS));
    installation.business_tables()
}

fn killed_at(point: &str) {
    let expected = undisturbed();
    let installation = Installation::new();
    installation.import(1, &march(&installation));
    installation.import(1, &april(&installation));
    let layout = layout(&installation, "1", &FIELDS);
    let mut command = installation.command(&["layout", "set", layout.to_str().unwrap()]);
    let ended = command.env("CAUDAL_FAIL_AT", point).output().unwrap();
    assert_eq!(ended.status.code(), None, "the process must die at {point}");

    let _service = installation.start();
    wait_until("the waiting files are taken in", || {
        installation.imports().iter().all(|import| import["outcome"] == "taken" && import["state"] == "balanced")
            && installation.files_in("waiting").is_empty()
    });
    assert_eq!(installation.business_tables(), expected, "after dying at {point}");
    assert_eq!(installation.files_in("processed").len(), 2);
    installation.assert_consistent();
}

#[test]
fn killed_after_the_decision() {
    killed_at("after-deciding");
}

#[test]
fn killed_after_staging_what_waited() {
    killed_at("after-staging");
}

#[test]
fn killed_before_the_original_leaves_where_it_waited() {
    killed_at("after-commit-before-move");
}

#[test]
fn killed_after_the_original_left_before_it_is_marked() {
    killed_at("after-move-before-mark");
}

#[test]
fn many_rows_rejected_for_one_reason_are_asked_about_before_the_others_are_taken() {
    let installation = Installation::new();
    let mut text = "data;produto;quantidade;total\n".to_owned();
    for row in 0..200 {
        let day = if row % 5 == 0 { "sem data".to_owned() } else { format!("{:02}/03/2026", row % 28 + 1) };
        text.push_str(&format!("{day};Produto {row};1;10,00\n"));
    }
    let report = installation.import(1, &installation.csv("pedidos.csv", &text));
    assert_eq!(report["status"], "needs_layout");
    let reason = report["reason"].as_str().unwrap();
    assert!(reason.starts_with("40 of 200 rows would be rejected, all for the same reason"), "{reason}");
    assert!(reason.contains("in row 2: \"data\" (date): \"sem data\" is not a date"), "{reason}");

    // Confirmed unchanged: the other rows are taken, and these rows come back to be mended.
    let import_id = report["import_id"].as_str().unwrap();
    let said = installation.output(
        0,
        &[
            "layout",
            "set",
            layout(&installation, import_id, &["date", "product", "quantity", "total"]).to_str().unwrap(),
        ],
    );
    assert!(said.contains("200 read = 160 stored + 0 updated + 0 duplicate + 40 rejected"), "{said}");
    installation.assert_consistent();
}

#[test]
fn values_below_the_wrong_headers_wait_until_somebody_confirms_the_columns() {
    let installation = Installation::new();
    let header = "Data;Produto;Código;Quantidade;Preço;Total\n";
    let rows = "01/03/2026;Café;3;9,90;29,70;17\n02/03/2026;Chá;2;5,50;11,00;18\n03/03/2026;Pão;4;0,75;3,00;17\n";
    let file = installation.csv("vendas.csv", &format!("{header}{rows}"));
    let report = installation.import(1, &file);
    let reason = report["reason"].as_str().unwrap();
    assert_eq!((&report["status"], &report["rows"]), (&json!("needs_layout"), &self::rows(0)));
    assert!(reason.starts_with("On 3 of 3 rows \"Quantidade\" × \"Preço\" does not equal \"Total\""), "{reason}");
    let import_id = report["import_id"].as_str().unwrap();
    let fields = ["date", "product", "quantity", "unit_price", "total", "ignore"];
    let said = set(&installation, &layout(&installation, import_id, &fields));
    assert!(said.contains("vendas.csv: 3 read = 3 stored"), "{said}");
    let import = installation.json(0, &["imports", "show", import_id, "--json"]);
    assert_eq!(import["ledger"]["money"]["stored"], json!("43.70"));

    let other =
        installation.csv("outras.csv", &format!("{header}{}", rows.replace("2026", "2025")).replace("Código", "Cor"));
    let report = installation.import(1, &other);
    let import_id = report["import_id"].as_str().unwrap();
    let shown = installation.output(0, &["layout", "show", import_id]);
    let said = set(&installation, &installation.csv("layout.toml", &shown));
    assert!(said.contains("outras.csv: 3 read = 3 stored"), "what a person confirmed is not doubted: {said}");
    installation.assert_consistent();
}
