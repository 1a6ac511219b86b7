//! Files that are only rehearsed.

use std::path::Path;

use calamine::{Reader, Xlsx, open_workbook};
use serde_json::json;

use crate::installation::{Installation, wait_until};

const HEADER: &str = "pedido;data;cliente;email;telefone;produto;quantidade;preço\n";

fn shop() -> Installation {
    let installation = Installation::new();
    let first = format!(
        "{HEADER}A1;05/01/2026;Ana;ana@exemplo.com;11 98888-0001;Café;2;10,00\nA2;06/01/2026;Bia;bia@exemplo.com;;Chá;1;8,00\n"
    );
    installation.import(0, &installation.csv("jan.csv", &first));
    installation
}

/// A changed order, an unchanged one, one of a new customer with a new product, one with a new price, and a bad row.
fn next_export(installation: &Installation) -> std::path::PathBuf {
    let text = format!(
        "{HEADER}A1;05/01/2026;Ana;ana@exemplo.com;11 97777-0002;Café;3;10,00\nA2;06/01/2026;Bia;bia@exemplo.com;;Chá;1;8,00\nA3;07/02/2026;Caio;caio@exemplo.com;;Pão;1;1,50\nA4;08/02/2026;Bia;bia@exemplo.com;;Chá;1;9,00\nA5;amanhã;Bia;bia@exemplo.com;;Chá;1;9,00\n"
    );
    installation.csv("fev.csv", &text)
}

fn cells(workbook: &Path, sheet: &str) -> Vec<Vec<String>> {
    let mut workbook: Xlsx<_> = open_workbook(workbook).unwrap();
    let range = workbook.worksheet_range(sheet).unwrap();
    range.rows().skip(1).map(|row| row.iter().map(ToString::to_string).collect()).collect()
}

fn assert_effects(workbook: &Path) {
    assert_eq!(cells(workbook, "New customers"), [["Caio"]]);
    assert_eq!(cells(workbook, "New products"), [["Pão"]]);
    assert_eq!(cells(workbook, "Price changes"), [["Chá", "8", "9"]]);
    assert_eq!(cells(workbook, "Changed values"), [["Ana", "phone", "11988880001", "11977770002"]]);
    assert_eq!(cells(workbook, "Changed sales"), [["", "2", "A1", "Café", "20", "30"]]);
    assert_eq!(cells(workbook, "Duplicate rows")[0][5..], ["jan.csv", "", "3"]);
    let rejected = cells(workbook, "Rejected rows");
    assert_eq!((rejected.len(), rejected[0][1].as_str()), (1, "6"));
    let summary = cells(workbook, "Summary");
    let line = |title: &str| summary.iter().find(|row| row[0] == title).unwrap()[1..].to_vec();
    assert_eq!(line("Read"), ["5", "57.5"]);
    assert_eq!(line("Stored"), ["2", "10.5"]);
    assert_eq!(line("Updated"), ["1", "30"]);
    assert_eq!(line("Duplicate"), ["1", "8"]);
    assert_eq!(line("Rejected"), ["1", "9"]);
}

#[test]
fn a_dry_run_says_what_would_happen_and_stores_nothing() {
    let installation = shop();
    let before = installation.whole_tables();
    let (file, workbook) = (next_export(&installation), installation.desk("efeitos.xlsx"));
    let arguments = ["import", "--dry-run", "--json", "--effects", workbook.to_str().unwrap(), file.to_str().unwrap()];
    let report = installation.json(5, &arguments);
    assert_eq!(
        report["rows"],
        json!({"read": 5, "stored": 2, "updated": 1, "duplicate": 1, "rejected": 1, "ignored": 0})
    );
    assert_eq!(
        report["effects"],
        json!({"new_customers": 1, "new_products": 1, "price_changes": 1, "value_changes": 1})
    );
    assert_effects(&workbook);
    assert_eq!(installation.whole_tables(), before);
    assert_eq!(installation.imports().len(), 1);
    let again =
        installation.caudal(&["import", "--dry-run", "--effects", file.to_str().unwrap(), file.to_str().unwrap()]);
    assert_eq!(again.status.code(), Some(1), "a file is never written over");
    // The real import does what the rehearsal said.
    assert_eq!(installation.import(5, &file)["rows"], report["rows"]);
}

#[test]
fn a_dry_run_of_two_files_says_that_each_is_rehearsed_by_itself() {
    let installation = shop();
    let file = next_export(&installation);
    let same = installation.desk("fev (1).csv");
    std::fs::copy(&file, &same).unwrap();
    let arguments = ["import", "--dry-run", file.to_str().unwrap(), same.to_str().unwrap()];
    let said = String::from_utf8(installation.caudal(&arguments).stderr).unwrap();
    assert!(said.contains("Each file was rehearsed by itself"), "{said}");
    let of_one = String::from_utf8(installation.caudal(&arguments[..3]).stderr).unwrap();
    assert!(!of_one.contains("by itself"), "{of_one}");
}

#[test]
fn a_file_in_the_folder_for_rehearsals_comes_back_with_its_effects_and_stores_nothing() {
    let installation = shop();
    let _service = installation.start();
    let before = installation.whole_tables();
    installation.drop_file(&next_export(&installation), "rehearsal/fev.csv");
    installation.drop_file(&installation.csv("x.csv", "planeta;luas\nMarte;2\n"), "ensaio/astros.csv");
    wait_until("both are rehearsed", || installation.files_in("rehearsed").len() == 4);
    installation.wait_for_empty_inbox();
    let files = installation.files_in("rehearsed");
    let named = |ending: &str| files.iter().find(|file| file.to_string_lossy().ends_with(ending)).unwrap();
    assert_effects(named("fev.csv.effects.xlsx"));
    let reason = std::fs::read_to_string(named("astros.csv.reason.txt")).unwrap();
    assert!(reason.contains("planeta"), "{reason}");
    assert_eq!(installation.whole_tables(), before);
    assert_eq!(installation.imports().len(), 1, "a rehearsal is no import");
}
