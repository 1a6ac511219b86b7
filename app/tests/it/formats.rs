//! One sheet of sales in every format of workbooks; see `ingest/reading/testdata/formats/README.md`.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::installation::Installation;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../ingest/reading/testdata/formats").join(name)
}

/// The report and the business tables after the import of the file, without its name.
fn imported(name: &str) -> (Value, String) {
    let installation = Installation::new();
    let mut report = installation.import(0, &fixture(name));
    installation.assert_consistent();
    let tables = installation.business_tables().replace(name, "vendas");
    for of_its_own in ["file", "import_id"] {
        report.as_object_mut().unwrap().remove(of_its_own);
    }
    (report, tables)
}

#[test]
fn every_format_of_a_workbook_gives_the_same_sales_to_the_cent_and_the_second() {
    let (report, tables) = imported("vendas.xlsx");
    assert_eq!((&report["rows"]["read"], &report["rows"]["stored"]), (&json!(5), &json!(5)), "{report}");
    assert_eq!((&report["quantity"], &report["total"]), (&json!("14.75"), &json!("3613.20")), "{report}");
    assert_eq!((&report["first_date"], &report["last_date"]), (&json!("2024-03-05"), &json!("2024-03-31")));
    for name in ["vendas.xlsb", "vendas.xls", "vendas.ods"] {
        assert_eq!(imported(name), (report.clone(), tables.clone()), "{name}");
    }
}

#[test]
fn days_counted_from_1904_are_the_same_days() {
    let (report, tables) = imported("vendas.xlsx");
    for name in ["vendas-1904.xlsx", "vendas-1904.xlsb", "vendas-1904.xls"] {
        assert_eq!(imported(name), (report.clone(), tables.clone()), "{name}");
    }
}

#[test]
fn a_workbook_with_macros_is_read_without_them_and_says_so() {
    let (plain, tables) = imported("vendas.xlsx");
    let (mut report, with_macros) = imported("vendas.xlsm");
    assert_eq!(with_macros, tables);
    let warnings = report["warnings"].as_array_mut().unwrap();
    let said = warnings.iter().position(|said| said == "The workbook has macros; none was run.");
    warnings.remove(said.unwrap_or_else(|| panic!("{warnings:?}")));
    assert_eq!(report, plain, "and nothing else is different");
}
