//! Rejected rows that are mended in the repair workbook and come back.

use std::path::Path;

use calamine::{Data, Reader, Xlsx, open_workbook};
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::installation::{Installation, wait_until};
use crate::workbook::Cell::{self, Blank, Bool, Broken, Number, Text, When};
use crate::workbook::write;

const HEADERS: [&str; 7] = ["pedido", "data", "cliente", "produto", "qtde", "preço", "pagamento"];

fn good_row() -> Vec<Cell> {
    vec![Text("P-1"), When("2026-03-05T00:00:00"), Text("Ana"), Text("Café"), Number(2.0), Number(10.0), Text("PIX")]
}

/// Twenty kinds of bad cells: the column, the content, and the rule that it breaks.
fn bad_cells() -> Vec<(usize, Cell, &'static str)> {
    vec![
        (1, Blank, "missing"),
        (1, Text("amanhã"), "not_a_date"),
        (1, Text("31/02/2026"), "not_a_date"),
        (1, Text("2026-13-45"), "not_a_date"),
        (1, When("1985-01-01T00:00:00"), "implausible_date"),
        (1, When("2099-01-01T00:00:00"), "implausible_date"),
        (1, Broken("#VALUE!"), "cell_error"),
        (3, Blank, "missing"),
        (3, Broken("#REF!"), "cell_error"),
        (4, Blank, "missing"),
        (4, Text("duas"), "not_a_number"),
        (4, Number(0.0), "zero"),
        (4, Number(1e12), "too_large"),
        (4, Broken("#DIV/0!"), "cell_error"),
        (4, Bool(true), "not_a_number"),
        (5, Blank, "missing"),
        (5, Text("a combinar"), "not_a_number"),
        (5, Number(1e15), "too_large"),
        (5, Broken("#N/A"), "cell_error"),
        (0, Number(7.891_234_567_89e17), "digits_lost"),
    ]
}

/// Saves the repair workbook anew, like a spreadsheet program. `mend` may replace the content of each cell.
pub fn resave(from: &Path, to: &Path, mend: impl Fn(&str, usize, &Data) -> Option<Data>) {
    save_anew(from, to, mend, str::to_owned);
}

fn resave_with_headers(from: &Path, to: &Path, rename: impl Fn(&str) -> String) {
    save_anew(from, to, |_, _, _| None, rename);
}

fn save_anew(
    from: &Path,
    to: &Path,
    mend: impl Fn(&str, usize, &Data) -> Option<Data>,
    rename: impl Fn(&str) -> String,
) {
    let mut old: Xlsx<_> = open_workbook(from).unwrap();
    let mut new = Workbook::new();
    for name in old.sheet_names() {
        let range = old.worksheet_range(&name).unwrap();
        let sheet = new.add_worksheet();
        sheet.set_name(&name).unwrap();
        let headers: Vec<String> = range.rows().next().unwrap().iter().map(ToString::to_string).collect();
        for (row, cells) in range.rows().enumerate() {
            for (column, cell) in cells.iter().enumerate() {
                let mended = (row > 0 && name != "caudal").then(|| mend(&headers[column], row, cell)).flatten();
                let (row, column) = (row as u32, u16::try_from(column).unwrap());
                match mended.as_ref().unwrap_or(cell) {
                    Data::Empty => {}
                    Data::String(text) => {
                        let text = if row == 0 && name != "caudal" { rename(text) } else { text.clone() };
                        sheet.write_string(row, column, text).unwrap();
                    }
                    Data::Float(number) => {
                        sheet.write_number(row, column, *number).unwrap();
                    }
                    Data::Bool(is_true) => {
                        sheet.write_boolean(row, column, *is_true).unwrap();
                    }
                    Data::DateTime(at) => {
                        let at = ExcelDateTime::from_serial_datetime(at.as_f64()).unwrap();
                        let format = Format::new().set_num_format("dd/mm/yyyy");
                        sheet.write_datetime_with_format(row, column, &at, &format).unwrap();
                    }
                    other => assert_eq!(*other, Data::Empty, "the repair workbook holds nothing else"),
                }
            }
        }
    }
    new.save(to).unwrap();
}

/// The value that a person would write into a bad cell.
fn mended(header: &str, _row: usize, cell: &Data) -> Option<Data> {
    let is_bad = |good: &dyn Fn(&Data) -> bool| (!good(cell)).then_some(());
    match header {
        "data" => is_bad(&|cell| matches!(cell, Data::DateTime(at) if (at.as_f64() - 46_086.0).abs() < 0.5))
            .map(|()| Data::String("06/03/2026".into())),
        "pedido" => is_bad(&|cell| matches!(cell, Data::String(_))).map(|()| Data::String("789123456789012345".into())),
        "produto" => is_bad(&|cell| *cell == Data::String("Café".into())).map(|()| Data::String("Chá".into())),
        "qtde" => is_bad(&|cell| *cell == Data::Float(2.0)).map(|()| Data::Float(3.0)),
        "preço" => is_bad(&|cell| *cell == Data::Float(10.0)).map(|()| Data::String("7,50".into())),
        _ => None,
    }
}

fn sheet_of_bad_cells(installation: &Installation, name: &str) -> std::path::PathBuf {
    let mut rows = vec![good_row(), good_row()];
    rows[1][0] = Text("P-2");
    let numbers: Vec<&'static str> =
        (0..bad_cells().len()).map(|index| &*Box::leak(format!("B-{index}").into_boxed_str())).collect();
    for ((column, cell, _), number) in bad_cells().into_iter().zip(numbers) {
        let mut row = good_row();
        row[0] = Text(number);
        row[column] = cell;
        rows.push(row);
    }
    let file = installation.desk(name);
    write(&file, &HEADERS, &[("Vendas", rows)]);
    file
}

fn rows(read: u64, stored: u64, updated: u64, duplicate: u64, rejected: u64, ignored: u64) -> Value {
    json!({"read": read, "stored": stored, "updated": updated, "duplicate": duplicate, "rejected": rejected, "ignored": ignored})
}

#[test]
fn twenty_kinds_of_bad_cell_are_told_with_place_and_rule_mended_and_taken_back() {
    let installation = Installation::new();
    let untouched = {
        installation
            .import(0, &installation.csv("antes.csv", "data;produto;quantidade;total\n01/01/2026;Bolo;1;9,00\n"));
        installation.whole_tables()
    };
    let file = sheet_of_bad_cells(&installation, "ruins.xlsx");
    let report = installation.import(5, &file);
    assert_eq!(report["rows"], rows(22, 2, 0, 0, 20, 0));
    let id = report["import_id"].as_str().unwrap();
    let shown = installation.json(0, &["imports", "show", id, "--json"]);
    for (index, (column, _, rule)) in bad_cells().into_iter().enumerate() {
        let rejected = &shown["rejected_rows"][index];
        assert_eq!((&rejected["sheet"], &rejected["row"]), (&json!("Vendas"), &json!(index + 4)));
        let reason = &rejected["reasons"][0];
        assert_eq!((&reason["column"], &reason["rule"]), (&json!(HEADERS[column]), &json!(rule)), "row {rejected}");
        assert_eq!(rejected["reasons"].as_array().unwrap().len(), 1, "{rejected}");
    }

    let beside = installation.files_in("rejected");
    assert_eq!(beside.len(), 1);
    assert!(beside[0].to_string_lossy().ends_with("ruins.xlsx.repair.xlsx"), "{beside:?}");
    resave(&beside[0], &installation.desk("mended.xlsx"), mended);
    let back = installation.import(0, &installation.desk("mended.xlsx"));
    assert_eq!(back["status"], "repaired");
    assert_eq!(back["rows"], rows(20, 20, 0, 0, 0, 0));

    let shown = installation.json(0, &["imports", "show", id, "--json"]);
    assert_eq!(shown["ledger"]["rows"], rows(22, 22, 0, 0, 0, 0), "all in the account of the original import");
    assert_eq!((&shown["state"], &shown["rejected_rows"]), (&json!("balanced"), &json!([])));
    // 12 rows with the right money, 6 with three instead of two, 4 at 7.50.
    assert_eq!(shown["ledger"]["money"]["read"], "480.00");
    assert!(installation.files_in("rejected").is_empty(), "nothing is left to mend");
    installation.assert_consistent();

    // The same workbook again, and the original again, add nothing.
    assert_eq!(installation.import(0, &installation.desk("mended.xlsx"))["status"], "duplicate");
    assert_eq!(installation.import(0, &file)["status"], "duplicate");

    let undone = installation.output(0, &["imports", "undo", id, "--yes"]);
    assert!(undone.contains("Sales removed: 22"), "{undone}");
    assert_eq!(installation.whole_tables(), untouched, "byte for byte");
    installation.assert_consistent();
    assert_eq!(installation.import(5, &file)["rows"], rows(22, 2, 0, 0, 20, 0));
}

#[test]
fn rows_are_mended_a_few_at_a_time_and_one_mended_badly_stays_rejected_with_its_new_reason() {
    let installation = Installation::new();
    let _service = installation.start();
    let file = sheet_of_bad_cells(&installation, "ruins.xlsx");
    installation.drop_file(&file, "ruins.xlsx");
    installation.wait_for_imports(1);
    let workbook = || installation.files_in("rejected").pop().unwrap();

    // Row 10 of the workbook: a blank quantity; row 11: "duas", mended into something as bad.
    resave(&workbook(), &installation.desk("1.xlsx"), |header, row, _| match (header, row) {
        ("qtde", 10) => Some(Data::Float(4.0)),
        ("qtde", 11) => Some(Data::String("três".into())),
        _ => None,
    });
    installation.drop_file(&installation.desk("1.xlsx"), "corrigido.xlsx");
    let ledger = || installation.json(0, &["imports", "show", "1", "--json"])["ledger"]["rows"].clone();
    wait_until("one row is mended", || ledger() == rows(22, 3, 0, 0, 19, 0));
    wait_until("the other has a new reason", || {
        let shown = installation.json(0, &["imports", "show", "1", "--json"]);
        let rejected = shown["rejected_rows"].as_array().unwrap();
        rejected.iter().any(|row| row["row"] == 14 && row["reasons"][0]["value"] == "três")
    });
    installation.wait_for_empty_inbox();

    resave(&workbook(), &installation.desk("2.xlsx"), mended);
    installation.drop_file(&installation.desk("2.xlsx"), "corrigido de novo.xlsx");
    wait_until("all rows are mended", || ledger() == rows(22, 22, 0, 0, 0, 0));
    installation.wait_for_empty_inbox();
    installation.assert_consistent();
    let imports = installation.wait_for_imports(3);
    assert_eq!(imports[0]["outcome"]["repaired"]["sales"], 19);
}

#[test]
fn a_mended_row_that_equals_another_one_of_its_file_stays_a_sale_of_its_own() {
    let installation = Installation::new();
    let header = "data;produto;quantidade;total\n";
    let text = format!("{header}01/03/2026;Café;abc;10,00\n01/03/2026;Café;1;10,00\n");
    assert_eq!(installation.import(5, &installation.csv("a.csv", &text))["rows"], rows(2, 1, 0, 0, 1, 0));
    let workbook = installation.files_in("rejected").pop().unwrap();
    resave(&workbook, &installation.desk("b.xlsx"), |header, _, _| {
        (header == "quantidade").then(|| Data::String("1".into()))
    });
    assert_eq!(installation.import(0, &installation.desk("b.xlsx"))["rows"]["stored"], 1);
    let shown = installation.json(0, &["imports", "show", "1", "--json"]);
    assert_eq!(shown["ledger"]["rows"], rows(2, 2, 0, 0, 0, 0));
    // The sheet as it should have been: both rows are known.
    let right = installation.csv("c.csv", &text.replace("abc", "1"));
    assert_eq!(installation.import(0, &right)["rows"], rows(2, 0, 0, 2, 0, 0));
    installation.assert_consistent();
}

#[test]
fn a_repair_workbook_that_mends_nothing_or_belongs_to_nothing_is_refused_in_a_sentence() {
    let installation = Installation::new();
    let file = sheet_of_bad_cells(&installation, "ruins.xlsx");
    installation.import(5, &file);
    let workbook = installation.files_in("rejected").pop().unwrap();
    let unchanged = installation.import(1, &workbook);
    assert!(
        unchanged["reason"].as_str().unwrap().starts_with("No cell of this repair workbook has changed"),
        "{unchanged}"
    );
    let elsewhere = Installation::new();
    let foreign = elsewhere.import(1, &workbook);
    assert!(foreign["reason"].as_str().unwrap().starts_with("This repair workbook belongs to an import"), "{foreign}");
}

#[test]
fn the_repair_workbook_is_downloaded_from_the_imports_page() {
    let installation = Installation::new();
    installation.import(5, &sheet_of_bad_cells(&installation, "ruins.xlsx"));
    let service = installation.start();
    let browser = Browser::set_up(&installation, &service);
    let page = browser.get("/imports/1").text();
    assert!(page.contains("href=\"/imports/1/repair.xlsx\""), "{page}");
    let answer = browser.get("/imports/1/repair.xlsx");
    assert_eq!((answer.status, &answer.bytes[..4]), (200, &b"PK\x03\x04"[..]));
    std::fs::write(installation.desk("web.xlsx"), &answer.bytes).unwrap();
    resave(&installation.desk("web.xlsx"), &installation.desk("mended.xlsx"), mended);
    assert_eq!(installation.import(0, &installation.desk("mended.xlsx"))["rows"]["stored"], 20);
    assert_eq!(browser.get("/imports/1/repair.xlsx").status, 404, "nothing is left to mend");
    let page = browser.get("/imports/1").text();
    assert!(page.contains("linhas corrigidas"), "{page}");
}

#[test]
fn any_row_is_shown_as_it_came_beside_its_clean_values_and_the_rule_of_each_change() {
    let installation = Installation::new();
    let text = "data;cliente;cpf;produto;qtde;preço;total;forma de pagamento\n05/03/2026; Ana  Lima ;01234567890;Café;2;R$ 1.234,50;;cartao\n06/03/2026;Bia;;;1;;5,00;\nTotal;;;;;;2.474,00;\n";
    installation.import(5, &installation.csv("a.csv", text));
    let service = installation.start();
    let browser = Browser::set_up(&installation, &service);
    let sale = browser.get("/imports/1/row?sheet=&row=2").text();
    for expected in [
        "R$ 1.234,50",
        "1.234,50",
        "símbolo de moeda retirado",
        "espaços arrumados",
        "palavra reconhecida",
        "calculado a partir de outras colunas",
        "Esta linha é uma venda",
    ] {
        assert!(sale.contains(expected), "{expected}: {sale}");
    }
    let csrf = browser.csrf("/imports");
    browser.post("/language", &[("csrf", &csrf), ("language", "en"), ("here", "/imports")]);
    let english = browser.get("/imports/1/row?sheet=&row=2").text();
    assert!(english.contains("R$1,234.50") && english.contains("2026-03-05"), "in the reader's language: {english}");
    browser.post("/language", &[("csrf", &csrf), ("language", "pt-BR"), ("here", "/imports")]);
    let rejected = browser.get("/imports/1/row?sheet=&row=3").text();
    assert!(rejected.contains("Esta linha foi rejeitada") && rejected.contains("está em branco"), "{rejected}");
    let ignored = browser.get("/imports/1/row?sheet=&row=4").text();
    assert!(ignored.contains("não é uma venda e foi ignorada"), "{ignored}");
    assert_eq!(browser.get("/imports/1/row?sheet=&row=99").status, 404);
    let page = browser.get("/imports/1").text();
    assert!(page.contains("Linhas ignoradas") && page.contains("total ou subtotal"), "{page}");
    let shown = installation.json(0, &["imports", "show", "1", "--json"]);
    assert_eq!(shown["ignored"], json!([{"first": 4, "last": 4, "why": "total"}]));
    let list = browser.get("/sales").text();
    assert!(list.contains("/imports/1/row?sheet=&amp;row=2") || list.contains("/imports/1/row?row=2"), "{list}");
}

#[test]
fn a_mended_cell_that_would_change_how_its_column_is_read_is_refused() {
    let installation = Installation::new();
    let text =
        "data;produto;quantidade;total\n01/03/2026;Café;1;2.500\n01/03/2026;Chá;abc;3.000\n01/03/2026;Pão;1;abc\n";
    installation.import(5, &installation.csv("a.csv", text));
    let workbook = installation.files_in("rejected").pop().unwrap();
    let mend = |total: &'static str| {
        resave(&workbook, &installation.desk("b.xlsx"), move |header, row, _| match (header, row) {
            ("quantidade", 1) => Some(Data::String("1".into())),
            ("total", 2) => Some(Data::String(total.into())),
            _ => None,
        });
    };
    mend("89.90");
    let refused = installation.import(1, &installation.desk("b.xlsx"));
    assert!(refused["reason"].as_str().unwrap().starts_with("A mended value in \"total\""), "{refused}");
    mend("89,90");
    installation.import(0, &installation.desk("b.xlsx"));
    let shown = installation.json(0, &["imports", "show", "1", "--json"]);
    assert_eq!(shown["ledger"]["money"]["stored"], "5589.90");
    installation.assert_consistent();
}

#[test]
fn a_column_that_was_renamed_in_the_workbook_is_still_the_same_column() {
    let installation = Installation::new();
    let text = "data;produto;quantidade;total\n01/03/2026;Café;1;2,50\n01/03/2026;Chá;abc;3,00\n";
    installation.import(5, &installation.csv("a.csv", text));
    let workbook = installation.files_in("rejected").pop().unwrap();
    resave(&workbook, &installation.desk("b.xlsx"), |header, _, _| {
        (header == "quantidade").then(|| Data::String("2".into()))
    });
    let renamed = installation.desk("c.xlsx");
    resave_with_headers(&installation.desk("b.xlsx"), &renamed, |header| header.replace("quantidade", "qtd"));
    assert_eq!(installation.import(0, &renamed)["rows"]["stored"], 1);
    installation.assert_consistent();
}

#[test]
fn a_repair_workbook_without_its_hidden_sheet_is_no_new_sheet_of_sales() {
    let installation = Installation::new();
    installation.import(5, &sheet_of_bad_cells(&installation, "ruins.xlsx"));
    let text =
        "pedido;data;cliente;produto;qtde;preço;pagamento;Reason;caudal_row\nB-0;05/03/2026;Ana;Café;2;10;PIX;x;1:4\n";
    let refused = installation.import(1, &installation.csv("salvo.csv", text));
    assert!(refused["reason"].as_str().unwrap().contains("without its hidden sheet"), "{refused}");
}

#[test]
fn sheets_named_like_ours_have_a_repair_workbook_too() {
    let installation = Installation::new();
    let rows_of = |product: &'static str| {
        let (mut good, mut bad) = (good_row(), good_row());
        (good[3], bad[3], bad[4]) = (Text(product), Text(product), Text("x"));
        (good[0], bad[0]) = (Text("P-1"), Text("P-2"));
        vec![good, bad]
    };
    let file = installation.desk("nomes.xlsx");
    write(&file, &HEADERS, &[("Caudal", rows_of("Café")), ("How to mend", rows_of("Chá"))]);
    installation.import(5, &file);
    let workbook = installation.files_in("rejected").pop().unwrap();
    resave(&workbook, &installation.desk("b.xlsx"), |header, _, _| (header == "qtde").then_some(Data::Float(3.0)));
    assert_eq!(installation.import(0, &installation.desk("b.xlsx"))["rows"]["stored"], 2);
    installation.assert_consistent();
}
