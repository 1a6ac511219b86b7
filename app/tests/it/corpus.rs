//! Real sheets of strangers, where they are at hand: they are no part of the project.
//!
//! `CAUDAL_TEST_CORPUS` may name their folder; else it is looked for in `../shared/corpus` beside the checkout.

use std::path::{Path, PathBuf};

use serde_json::json;

use crate::installation::Installation;

#[expect(clippy::disallowed_methods, reason = "a setting of the tests, not of the program")]
pub fn corpus() -> Option<PathBuf> {
    let folder = std::env::var_os("CAUDAL_TEST_CORPUS")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus"), PathBuf::from);
    folder.join("real.csv").exists().then_some(folder)
}

#[test]
#[expect(clippy::print_stderr, reason = "a skipped test must say so")]
fn real_sheets_give_exactly_the_sums_that_other_tools_read() {
    let Some(folder) = corpus() else {
        eprintln!("skipped: no folder of real sheets here");
        return;
    };
    for (file, rows, quantity, total, first, last) in [
        ("016_dataalyse-vendas.xlsx", 10_000, "80571", "15599471.10", "2019-01-02", "2025-12-28"),
        ("048_vitorsilvestre29-vendas.xlsx", 500, "1504", "1216020.00", "2025-03-14", "2025-05-12"),
        ("055_residenciaserratecdados-vendas-ecommerce.xlsx", 698, "3866", "1950534.75", "2023-01-01", "2024-12-30"),
        ("066_romulotec-base-vendas.xlsx", 29, "60", "100300.00", "2023-01-01", "2023-03-09"),
        ("172_ailtonbarreto-vendas.xlsx", 1271, "6964", "738963.44", "2022-01-09", "2023-12-04"),
    ] {
        let report = Installation::new().import(0, &folder.join("real").join(file));
        assert_eq!(report["rows"]["stored"], rows, "{file}");
        assert_eq!(report["quantity"], quantity, "{file}");
        assert_eq!(report["total"], total, "{file}");
        assert_eq!((&report["first_date"], &report["last_date"]), (&json!(first), &json!(last)), "{file}");
    }
}
