//! Real sheets of strangers. They are no part of the project, so the tests use them only if they are present.
//!
//! `CAUDAL_TEST_CORPUS` may name their folder. Otherwise the tests look into `../shared/corpus` beside the checkout.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

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

/// The row of a file in the table of real sheets, by column.
type Expected = BTreeMap<String, String>;

fn number(text: &str) -> Option<f64> {
    text.replace(' ', "").parse().ok()
}

/// Whether a rehearsal gives the oracle's rows, quantity, total and days.
fn equals_the_oracle(report: &Value, expected: &Expected) -> bool {
    let rows = expected["oracle_rows"].parse::<u64>().ok();
    let near = |mine: &Value, theirs: &str, slack: f64| match (mine.as_str().and_then(number), number(theirs)) {
        (_, None) => true,
        (Some(mine), Some(theirs)) => (mine - theirs).abs() <= slack,
        (None, Some(_)) => false,
    };
    let same_day = |mine: &Value, theirs: &str| {
        theirs.is_empty() || mine.as_str().is_some_and(|day| day.get(..10) == theirs.get(..10))
    };
    #[expect(clippy::cast_precision_loss, reason = "sheets have far fewer rows than 2^52")]
    let half_cents = 0.005 * (rows.unwrap_or(0) + 1) as f64;
    rows.is_none_or(|rows| report["rows"]["stored"] == rows)
        && near(&report["quantity"], &expected["oracle_qty_sum"], 0.0005)
        && near(&report["total"], &expected["oracle_total_sum"], half_cents)
        && same_day(&report["first_date"], &expected["oracle_date_min"])
        && same_day(&report["last_date"], &expected["oracle_date_max"])
}

#[test]
#[expect(clippy::print_stderr, reason = "a skipped test must say so")]
fn most_real_sheets_are_taken_exactly_and_no_others() {
    let Some(folder) = corpus() else {
        eprintln!("skipped: no folder of real sheets here");
        return;
    };
    let installation = Installation::new();
    let mut right = BTreeMap::from([("accept", 0), ("partial", 0), ("refuse", 0)]);
    let mut wrong = Vec::new();
    for expected in csv::Reader::from_path(folder.join("real.csv")).unwrap().deserialize::<Expected>() {
        let expected = expected.unwrap();
        let Some(count) = right.get_mut(expected["verdict"].as_str()) else { continue };
        let file = folder.join(&expected["file"]);
        let output = installation.caudal(&["import", file.to_str().unwrap(), "--json", "--dry-run"]);
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        let refused = report["status"] == "refused" || report["status"] == "needs_layout";
        let explained = report["reason"].as_str().is_some_and(|reason| reason.split_whitespace().count() >= 4);
        let is_right = match expected["verdict"].as_str() {
            "accept" => !refused && equals_the_oracle(&report, &expected),
            "partial" if !refused => equals_the_oracle(&report, &expected),
            _ => refused && explained,
        };
        if is_right {
            *count += 1;
        } else {
            wrong.push(format!("{}: {} {}", expected["file"], report["rows"], report["reason"]));
        }
    }
    assert!(right["accept"] >= 25 && right["partial"] >= 28 && right["refuse"] >= 40, "{right:?}, wrong: {wrong:#?}");
}
