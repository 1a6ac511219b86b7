//! Mistakes of the systems before Caudal. Each test covers one case, or a few of one kind.

use serde_json::{Value, json};

use crate::installation::Installation;
use crate::workbook::Cell::{self, Blank, Number, Text, When};
use crate::workbook::{HEADERS, row_with, two_rows, write, write_rows};

/// Imports rows in the usual layout and returns the report.
fn import(installation: &Installation, name: &str, code: i32, rows: Vec<Vec<Cell>>) -> Value {
    let file = installation.desk(name);
    write_rows(&file, rows);
    installation.import(code, &file)
}

/// The customers as `identity|name|email|phone`.
fn customers(installation: &Installation) -> Vec<String> {
    let tables = installation.business_tables();
    tables.split("\n\n").nth(1).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn two_samples_and_the_same_two_again_are_seven_sales_not_fourteen() {
    let installation = Installation::new();
    let first = vec![two_rows().swap_remove(0), two_rows().swap_remove(1), row_with(&[("produto", Text("Webcam"))])];
    let second: Vec<_> =
        ["Teclado", "Monitor", "Cabo", "Hub"].map(|product| row_with(&[("produto", Text(product))])).into();
    let mut stored = 0;
    for (name, rows) in [("1.xlsx", &first), ("2.xlsx", &second), ("1 copy.xlsx", &first), ("2 copy.xlsx", &second)] {
        stored += import(&installation, name, 0, rows.clone())["rows"]["stored"].as_i64().unwrap();
    }
    assert_eq!(stored, 7);
}

#[test]
fn the_date_in_the_file_is_the_date_of_the_sale() {
    let installation = Installation::new();
    let report = import(&installation, "a.xlsx", 0, vec![row_with(&[("data_hora", When("2024-03-05T10:30:00"))])]);
    assert_eq!(report["first_date"], "2024-03-05");
}

#[test]
fn every_word_for_a_payment_method_is_understood() {
    let installation = Installation::new();
    let words = ["Cartão", "cartao de credito", "Crédito", "pix", "DEBITO", "dinheiro", "Boleto"];
    let rows = words.map(|word| row_with(&[("forma_pagamento", Text(word)), ("produto", Text(word))])).into();
    import(&installation, "a.xlsx", 0, rows);
    let tables = installation.business_tables();
    for (code, product) in [
        ("card", "Cartão"),
        ("credit_card", "cartao de credito"),
        ("credit_card", "Crédito"),
        ("pix", "pix"),
        ("debit_card", "DEBITO"),
        ("cash", "dinheiro"),
        ("boleto", "Boleto"),
    ] {
        assert!(tables.contains(&format!("|{code}|{product}|")), "{product} is {code}: {tables}");
    }
}

#[test]
fn a_blank_payment_method_stays_blank() {
    let installation = Installation::new();
    import(&installation, "a.xlsx", 0, vec![row_with(&[("forma_pagamento", Blank)])]);
    assert!(installation.business_tables().contains("||Mouse|"));
}

#[test]
fn quantities_are_kept_as_they_are_and_zero_is_told() {
    let installation = Installation::new();
    let rows = vec![
        row_with(&[("quantidade", Number(2.7))]),
        row_with(&[("quantidade", Number(-3.0))]),
        row_with(&[("quantidade", Number(0.0))]),
        row_with(&[("quantidade", Text("1.000,00"))]),
    ];
    let report = import(&installation, "a.xlsx", 5, rows);
    assert_eq!(
        report["rows"],
        json!({"read": 4, "stored": 3, "updated": 0, "duplicate": 0, "rejected": 1, "ignored": 0})
    );
    assert_eq!(report["quantity"], "999.7", "2.7 - 3 + 1000: a return is kept, a thousand is a thousand");
}

#[test]
fn prices_as_brazilians_write_them_are_read() {
    let installation = Installation::new();
    let rows = ["1.234,56", "R$ 10,00", "10,5", "(1.234,56)"]
        .map(|price| row_with(&[("quantidade", Number(1.0)), ("valor_unitario", Text(price))]));
    let report = import(&installation, "a.xlsx", 0, rows.into());
    assert_eq!((&report["rows"]["stored"], &report["total"]), (&json!(4), &json!("20.50")));
}

#[test]
fn a_header_with_spaces_and_a_capital_is_the_same_header() {
    let installation = Installation::new();
    let mut headers = HEADERS;
    headers[0] = "Nome ";
    let file = installation.desk("a.xlsx");
    write(&file, &headers, &[("Vendas", two_rows())]);
    assert_eq!(installation.import(0, &file)["rows"]["stored"], 2);
    assert!(customers(&installation).iter().any(|customer| customer.contains("João Silva")));
}

#[test]
fn one_blank_or_very_long_name_does_not_stop_the_file() {
    let installation = Installation::new();
    let long: &'static str = Box::leak("Ana Maria ".repeat(30).into_boxed_str());
    let rows = vec![
        row_with(&[("nome", Blank)]),
        row_with(&[("nome", Text(long)), ("cpf_cnpj", Blank), ("email", Blank)]),
        row_with(&[]),
    ];
    assert_eq!(import(&installation, "a.xlsx", 0, rows)["rows"]["stored"], 3);
    assert!(customers(&installation).iter().any(|customer| customer.contains(long.trim())));
}

#[test]
fn a_row_without_document_and_email_is_a_sale_all_the_same() {
    let installation = Installation::new();
    let rows = vec![row_with(&[("cpf_cnpj", Blank), ("email", Blank)])];
    assert_eq!(import(&installation, "a.xlsx", 0, rows)["rows"]["stored"], 1);
}

#[test]
fn a_price_beyond_reason_is_rejected_with_a_reason_not_lost() {
    let installation = Installation::new();
    let report = import(
        &installation,
        "a.xlsx",
        5,
        vec![row_with(&[("valor_unitario", Number(1e11))]), row_with(&[("quantidade", Number(7_891_234_567_895.0))])],
    );
    assert_eq!(report["rows"]["rejected"], 2, "nor is a bar code a quantity");
}

#[test]
fn documents_and_phones_keep_every_digit_whatever_the_cell() {
    let installation = Installation::new();
    let rows = vec![
        // One customer: as text and number, with and without the zero, masked and plain.
        row_with(&[("cpf_cnpj", Text("01234567890")), ("telefone", Text("011999990000"))]),
        row_with(&[("cpf_cnpj", Number(1_234_567_890.0)), ("telefone", Blank), ("produto", Text("A"))]),
        row_with(&[("cpf_cnpj", Text("012.345.678-90")), ("telefone", Blank), ("produto", Text("B"))]),
        row_with(&[
            ("cpf_cnpj", Number(98_765_432_100.0)),
            ("telefone", Number(11_888_887_777.0)),
            ("produto", Text("C")),
        ]),
        row_with(&[("cpf_cnpj", Blank), ("telefone", Blank), ("produto", Text("D"))]),
    ];
    import(&installation, "a.xlsx", 0, rows);
    let customers = customers(&installation);
    assert_eq!(customers.len(), 3, "{customers:?}");
    assert!(
        customers
            .iter()
            .any(|customer| customer.starts_with("document:01234567890|") && customer.ends_with("|011999990000"))
    );
    assert!(
        customers
            .iter()
            .any(|customer| customer.starts_with("document:98765432100|") && customer.ends_with("|11888887777"))
    );
}

#[test]
fn customers_of_one_name_stay_apart() {
    let installation = Installation::new();
    let joao = |email, document| row_with(&[("nome", Text("João Silva")), ("email", email), ("cpf_cnpj", document)]);
    let rows =
        vec![joao(Text("a@x.com"), Blank), joao(Text("b@x.com"), Blank), joao(Text("c@x.com"), Text("529.982.247-25"))];
    import(&installation, "a.xlsx", 0, rows);
    let customers = customers(&installation);
    assert_eq!(customers.len(), 3, "{customers:?}");
    assert!(
        customers.iter().any(|customer| customer.contains("a@x.com"))
            && customers.iter().any(|customer| customer.contains("b@x.com"))
    );
}

#[test]
fn a_file_dropped_before_any_worker_ever_ran_arrives() {
    let installation = Installation::new();
    write_rows(&installation.desk("a.xlsx"), two_rows());
    installation.drop_file(&installation.desk("a.xlsx"), "a.xlsx");
    let _service = installation.start();
    assert_eq!(installation.wait_for_imports(1)[0]["ledger"]["rows"]["stored"], 2);
}
