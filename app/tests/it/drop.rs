//! Files dropped into the inbox.

use rust_xlsxwriter::Workbook;
use serde_json::json;

use crate::installation::{Installation, wait_until};
use crate::workbook::Cell::{Blank, Number, Text, When};
use crate::workbook::{HEADERS, row_with, two_rows, write, write_rows};

#[test]
fn a_dropped_workbook_is_stored_with_every_row_accounted_for() {
    let installation = Installation::new();
    let _service = installation.start();
    write_rows(&installation.desk("a.xlsx"), two_rows());
    installation.drop_file(&installation.desk("a.xlsx"), "vendas.xlsx");

    let imports = installation.wait_for_imports(1);
    assert_eq!(imports[0]["name"], "vendas.xlsx");
    assert_eq!(imports[0]["source"], "inbox");
    let rows = &imports[0]["ledger"]["rows"];
    assert_eq!(*rows, json!({"read": 2, "stored": 2, "updated": 0, "duplicate": 0, "rejected": 0, "ignored": 0}));
    assert_eq!(imports[0]["ledger"]["money"]["read"], "3599.80");
    installation.wait_for_empty_inbox();
    let processed = installation.files_in("processed");
    assert_eq!(processed.len(), 1);
    assert_eq!(std::fs::read(&processed[0]).unwrap(), std::fs::read(installation.desk("a.xlsx")).unwrap());
    assert_eq!(installation.json(0, &["doctor", "--json"])[0]["ok"], true);
}

#[test]
fn both_sheets_of_a_workbook_are_read_and_documents_prices_and_payments_understood() {
    let installation = Installation::new();
    let file = installation.desk("duas.xlsx");
    write(&file, &HEADERS, &[("Janeiro", two_rows()), ("Fevereiro", vec![row_with(&[("produto", Text("Teclado"))])])]);
    let report = installation.import(0, &file);
    assert_eq!(report["sheet"], "Janeiro, Fevereiro");
    assert_eq!(report["rows"]["stored"], 3);
    assert_eq!(report["total"], "3699.60");
    assert_eq!((&report["first_date"], &report["last_date"]), (&json!("2024-03-05"), &json!("2024-03-06")));
    let tables = installation.business_tables();
    assert!(tables.contains("document:01234567890"), "the leading zero is back: {tables}");
    assert!(tables.contains("|card|Notebook|"), "Cartão is a payment method: {tables}");
    assert!(tables.contains("2024-03-06"), "a sale at 23:30 stays on its local day: {tables}");
}

#[test]
fn a_hidden_sheet_that_holds_sales_is_read_and_said_and_one_that_holds_none_is_named() {
    let installation = Installation::new();
    let file = installation.desk("escondidas.xlsx");
    let mut workbook = Workbook::new();
    for (name, header, cell) in
        [("Vendas", "valor", "10,00"), ("Antigas", "valor", "20,50"), ("Notas", "lembrete", "ligar para o contador")]
    {
        let sheet = workbook.add_worksheet().set_name(name).unwrap();
        sheet.set_hidden(name != "Vendas");
        if header == "valor" {
            sheet.write_row(0, 0, ["data", "produto", header]).unwrap();
            sheet.write_row(1, 0, ["05/03/2026", "Café", cell]).unwrap();
        } else {
            sheet.write_row(0, 0, [header]).unwrap();
            sheet.write_row(1, 0, [cell]).unwrap();
        }
    }
    workbook.save(&file).unwrap();
    let report = installation.import(0, &file);
    assert_eq!((&report["sheet"], &report["rows"]["stored"]), (&json!("Vendas, Antigas"), &json!(2)), "{report}");
    assert_eq!(report["total"], "30.50");
    let warnings = report["warnings"].to_string();
    assert!(warnings.contains("The hidden sheet \\\"Antigas\\\" was imported, because it has sales"), "{warnings}");
    assert!(warnings.contains("Notas"), "{warnings}");
}

#[test]
fn a_workbook_without_dates_takes_the_time_it_arrived_and_says_so() {
    let installation = Installation::new();
    let file = installation.desk("sem-data.xlsx");
    let without: Vec<&str> = HEADERS.iter().copied().filter(|header| *header != "data_hora").collect();
    let rows =
        two_rows().into_iter().map(|row| row.into_iter().filter(|cell| !matches!(cell, When(_))).collect()).collect();
    write(&file, &without, &[("Vendas", rows)]);
    let report = installation.import(0, &file);
    assert_eq!(report["rows"]["stored"], 2);
    let warnings = report["warnings"].to_string();
    assert!(warnings.contains("No column has the date: the time of arrival"), "{warnings}");
}

#[test]
fn the_same_bytes_under_another_name_add_nothing() {
    let installation = Installation::new();
    let _service = installation.start();
    write_rows(&installation.desk("a.xlsx"), two_rows());
    installation.drop_file(&installation.desk("a.xlsx"), "vendas.xlsx");
    installation.wait_for_imports(1);
    let before = installation.business_tables();
    installation.drop_file(&installation.desk("a.xlsx"), "vendas (1).xlsx");
    let imports = installation.wait_for_imports(2);
    installation.wait_for_empty_inbox();
    assert!(
        imports[0]["outcome"]["already_imported"]["import_id"] == imports[1]["import_id"],
        "{}",
        imports[0]["outcome"]
    );
    let sales_of = |tables: &str| tables.split("\n\n").next().unwrap().to_owned();
    assert_eq!(sales_of(&installation.business_tables()), sales_of(&before));
    assert_eq!(installation.files_in("processed").len(), 2, "both originals are kept");
}

#[test]
fn a_longer_export_that_repeats_rows_adds_only_the_new_ones() {
    let installation = Installation::new();
    let (first, second) = (installation.desk("1.xlsx"), installation.desk("2.xlsx"));
    let equal_twice = || row_with(&[("produto", Text("Café"))]);
    write_rows(&first, vec![row_with(&[]), equal_twice(), equal_twice()]);
    write_rows(&second, vec![row_with(&[]), equal_twice(), equal_twice(), row_with(&[("produto", Text("Chá"))])]);
    assert_eq!(installation.import(0, &first)["rows"]["stored"], 3, "two equal lines in one file stay two");
    let report = installation.import(0, &second);
    assert_eq!((&report["rows"]["stored"], &report["rows"]["duplicate"]), (&json!(1), &json!(3)));
}

#[test]
fn order_numbers_that_restart_each_month_overwrite_nothing() {
    let installation = Installation::new();
    let month = |name: &str, day: &'static str, price: f64| {
        let file = installation.desk(name);
        let products = ["Café", "Chá", "Pão", "Leite"];
        let rows = (1..=500)
            .map(|id| {
                vec![
                    Number(f64::from(id)),
                    When(day),
                    Text(products[id as usize % 4]),
                    Number(1.0),
                    Number(price + f64::from(id)),
                ]
            })
            .collect();
        write(&file, &["id_venda", "data", "produto", "quantidade", "preco_unitario"], &[("Vendas", rows)]);
        file
    };
    assert_eq!(installation.import(0, &month("jan.xlsx", "2025-01-10", 10.0))["rows"]["stored"], 500);
    let february = installation.import(0, &month("fev.xlsx", "2025-02-10", 10.0));
    assert_eq!(february["rows"]["stored"], 500);
    assert!(february["warnings"].to_string().contains("The order numbers restart in this file"), "{february}");
    // A corrected export of January: the same numbers mean the same sales.
    let corrected = installation.import(0, &month("jan-corrigido.xlsx", "2025-01-10", 11.0));
    assert_eq!((&corrected["rows"]["updated"], &corrected["rows"]["stored"]), (&json!(500), &json!(0)));
    assert_eq!(installation.output(0, &["doctor"]).matches("WRONG").count(), 0);
}

#[test]
fn a_bad_row_is_rejected_with_its_place_and_reason_and_the_others_go_in() {
    let installation = Installation::new();
    let file = installation.desk("ruim.xlsx");
    write_rows(
        &file,
        vec![
            row_with(&[]),
            row_with(&[("quantidade", Text("abc"))]),
            row_with(&[("produto", Blank), ("data_hora", Text("31/02/2026"))]),
            row_with(&[("produto", Text("Cabo"))]),
        ],
    );
    let report = installation.import(5, &file);
    assert_eq!((&report["rows"]["stored"], &report["rows"]["rejected"]), (&json!(2), &json!(2)));
    let shown = installation.json(0, &["imports", "show", report["import_id"].as_str().unwrap(), "--json"]);
    let rejected = &shown["rejected_rows"];
    assert_eq!(rejected[0]["sheet"], "Vendas");
    assert_eq!(rejected[0]["row"], 3);
    let reason = json!({"field": "quantity", "column": "quantidade", "value": "abc", "rule": "not_a_number"});
    assert_eq!(rejected[0]["reasons"], json!([reason]));
    assert_eq!(rejected[0]["cells"][0], json!(["nome", "Maria Souza"]));
    let rules: Vec<_> =
        rejected[1]["reasons"].as_array().unwrap().iter().map(|reason| reason["rule"].clone()).collect();
    assert_eq!(rules, ["missing", "not_a_date"], "every problem of a row at once, in the order of the columns");
    assert_eq!(rejected[1]["amount"], "99.80", "a rejected row counts with the money that could be read");
    let text = installation.output(0, &["imports", "show", "1"]);
    assert!(text.contains("Vendas, row 3: \"quantidade\" (quantity): \"abc\" is not a number"), "{text}");
}

#[test]
fn a_file_that_cannot_be_taken_goes_to_rejected_with_a_sentence_and_the_service_goes_on() {
    let installation = Installation::new();
    let _service = installation.start();
    write_rows(&installation.desk("bom.xlsx"), two_rows());
    let whole = std::fs::read(installation.desk("bom.xlsx")).unwrap();
    std::fs::write(installation.desk("cortado.xlsx"), &whole[..whole.len() / 2]).unwrap();
    std::fs::write(installation.desk("vazio.xlsx"), b"").unwrap();
    std::fs::write(installation.desk("binario.xlsx"), [1, 0, 2, 0, 3]).unwrap();
    write(
        &installation.desk("outra.xlsx"),
        &["planeta", "massa", "luas"],
        &[("Astros", vec![vec![Text("Marte"), Number(6.4), Number(2.0)]])],
    );
    write(&installation.desk("so-cabecalho.xlsx"), &HEADERS, &[("Vendas", Vec::new())]);
    for name in ["cortado.xlsx", "vazio.xlsx", "binario.xlsx", "outra.xlsx", "so-cabecalho.xlsx", "bom.xlsx"] {
        installation.drop_file(&installation.desk(name), name);
    }
    let imports = installation.wait_for_imports(6);
    installation.wait_for_empty_inbox();
    assert_eq!(imports.iter().filter(|import| import["outcome"] == "taken").count(), 1);
    let reason = |name: &str| {
        let files = installation.files_in("rejected");
        let note =
            files.iter().find(|file| file.to_string_lossy().ends_with(&format!("{name}.reason.txt"))).expect(name);
        std::fs::read_to_string(note).unwrap()
    };
    assert!(reason("cortado.xlsx").starts_with("The workbook is incomplete or damaged"));
    assert!(reason("vazio.xlsx").starts_with("The file is empty (zero bytes)"));
    assert!(reason("binario.xlsx").starts_with("This kind of file (.xlsx) cannot be read"));
    assert!(reason("outra.xlsx").contains("the columns are \"planeta\", \"massa\", \"luas\""));
    assert!(reason("so-cabecalho.xlsx").starts_with("The sheet has the header of sales but no row below it"));
    assert_eq!(installation.files_in("rejected").len(), 10, "each refused original is kept beside its reason");
}

#[test]
fn subfolders_name_the_source_and_capital_extensions_are_read() {
    let installation = Installation::new();
    let _service = installation.start();
    write_rows(&installation.desk("a.xlsx"), two_rows());
    installation.drop_file(&installation.desk("a.xlsx"), "loja-3/VENDAS.XLSX");
    installation.drop_file(&installation.desk("a.xlsx"), "loja-4/VENDAS.XLSX");
    let imports = installation.wait_for_imports(2);
    let mut sources: Vec<&str> = imports.iter().map(|import| import["source"].as_str().unwrap()).collect();
    sources.sort_unstable();
    assert_eq!(sources, ["loja-3", "loja-4"], "the same bytes from two shops are two imports");
    assert!(imports.iter().all(|import| import["ledger"]["rows"]["stored"] == 2));
}

#[test]
fn lock_files_and_unfinished_copies_stay_where_they_are() {
    let installation = Installation::new();
    let _service = installation.start();
    let inbox = installation.data_dir().join("inbox");
    std::fs::write(inbox.join("~$vendas.xlsx"), "lock").unwrap();
    std::fs::write(inbox.join("vendas.xlsx.part"), "half").unwrap();
    write_rows(&installation.desk("a.xlsx"), two_rows());
    installation.drop_file(&installation.desk("a.xlsx"), "outra.xlsx");
    installation.wait_for_imports(1);
    wait_until("only the lock and the part are left", || installation.files_in("inbox").len() == 2);
    assert_eq!(installation.imports().len(), 1);
}

#[test]
fn a_row_that_is_kept_with_a_warning_is_named_with_its_place_and_value() {
    let installation = Installation::new();
    let text = "data;cliente;cpf;produto;qtde;preço;total;forma de pagamento\n01/03/2026;Ana;111.111.111-12;Café;2;5,00;11,00;fiado do Zé\n02/03/2026;Bia;;Chá;-1;8,00;-8,00;PIX\n";
    let file = installation.csv("a.csv", text);
    assert_eq!(installation.import(0, &file)["rows"]["stored"], 2);
    let shown = installation.json(0, &["imports", "show", "1", "--json"]);
    let told: Vec<_> = shown["warnings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|warning| {
            (warning["row"].as_i64().unwrap(), warning["rule"].as_str().unwrap(), warning["value"].as_str().unwrap())
        })
        .collect();
    assert_eq!(
        told,
        [
            (2, "amount_differs", "11,00"),
            (2, "document_doubtful", "111.111.111-12"),
            (2, "payment_unknown", "fiado do Zé"),
            (3, "return", "-1"),
        ]
    );
}

#[test]
fn a_line_that_comes_back_beside_its_correction_is_a_sale_of_its_own() {
    let installation = Installation::new();
    let header = "pedido;data;cliente;produto;quantidade;total\n";
    let other = "11;01/03/2026;Bia;Copo;1;5,00\n12;01/03/2026;Caio;Prato;1;7,00\n";
    let mug = "10;01/03/2026;Ana;Caneca;1;10,00\n";
    let jug = "10;01/03/2026;Ana;Jarra;1;40,00\n";
    installation.import(0, &installation.csv("1.csv", &format!("{header}{mug}{other}")));
    let corrected = installation.import(0, &installation.csv("2.csv", &format!("{header}{jug}{other}")));
    assert_eq!(corrected["rows"]["updated"], 1);
    assert!(corrected["warnings"].to_string().contains("only line has another product now"), "{corrected}");
    let both = installation.import(0, &installation.csv("3.csv", &format!("{header}{mug}{jug}{other}")));
    assert_eq!((&both["rows"]["stored"], &both["rows"]["duplicate"]), (&json!(1), &json!(3)), "{both}");
    let tables = installation.business_tables();
    assert!(tables.contains("|Caneca|") && tables.contains("|Jarra|"), "{tables}");
    installation.assert_consistent();
}

#[test]
fn two_products_under_one_line_number_are_two_sales() {
    let installation = Installation::new();
    let text = "pedido;item;data;produto;quantidade;total\n1;1;01/03/2026;Café;1;10,00\n1;1;01/03/2026;Pão;1;5,00\n";
    let file = installation.csv("a.csv", text);
    assert_eq!(installation.import(0, &file)["rows"]["stored"], 2);
    let again = installation.import(0, &installation.csv("b.csv", &format!("{text}2;1;02/03/2026;Chá;1;3,00\n")));
    assert_eq!((&again["rows"]["stored"], &again["rows"]["duplicate"]), (&json!(1), &json!(2)));
}
