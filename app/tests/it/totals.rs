//! Rankings and reports by product are no sales, unless a person says so.

use serde_json::json;

use crate::installation::Installation;

const RANKING: &str = "Produto;Quantidade vendida;Total vendido\nCafé;40;400,00\nPão;90;90,00\nChá;20;80,00\n";

#[test]
fn totals_per_product_wait_until_somebody_says_that_they_are_sales() {
    let installation = Installation::new();
    let report = installation.import(1, &installation.csv("ranking.csv", RANKING));
    assert_eq!((&report["status"], &report["rows"]["stored"]), (&json!("needs_layout"), &json!(0)), "{report}");
    let reason = report["reason"].as_str().unwrap();
    assert!(reason.starts_with("These seem to be totals per \"Produto\", not sales"), "{reason}");
    let shown = installation.output(0, &["layout", "show", "1"]);
    let decided = installation.csv("layout.toml", &format!("date = \"2026-03-31\"\n{shown}"));
    installation.output(0, &["layout", "set", decided.to_str().unwrap()]);
    let import = installation.json(0, &["imports", "show", "1", "--json"]);
    assert_eq!(import["ledger"]["rows"]["stored"], 3, "{import}");
    let next = installation.csv("next.csv", &RANKING.replace("40;400", "41;410"));
    assert_eq!(installation.import(0, &next)["status"], "imported", "it is remembered");
    installation.assert_consistent();
}

#[test]
fn a_ranking_is_refused_with_one_sentence() {
    let installation = Installation::new();
    let abc = format!("Curva ABC de março;;\n{RANKING}");
    let report = installation.import(1, &installation.csv("abc.csv", &abc));
    assert_eq!(report["status"], "refused", "{report}");
    let reason = report["reason"].as_str().unwrap();
    assert!(reason.starts_with("This looks like a summary of totals (a ranking, an ABC curve"), "{reason}");
}

#[test]
fn a_ranking_beside_the_sales_is_left_aside() {
    let installation = Installation::new();
    let path = installation.desk("vendas.xlsx");
    let sales = "Data;Produto;Quantidade;Total\n01/03/2026;Café;1;10\n02/03/2026;Café;1;12\n03/03/2026;Chá;1;5";
    let ranking = "Produto;Quantidade vendida;Total vendido\nCafé;2;22\nChá;1;5";
    let mut workbook = rust_xlsxwriter::Workbook::new();
    for text in [sales, ranking] {
        let sheet = workbook.add_worksheet();
        for (row, line) in (0..).zip(text.lines()) {
            for (column, cell) in (0..).zip(line.split(';')) {
                sheet.write_string(row, column, cell).unwrap();
            }
        }
    }
    workbook.save(&path).unwrap();
    let report = installation.import(0, &path);
    assert_eq!((&report["rows"]["stored"], &report["total"]), (&json!(3), &json!("27.00")), "{report}");
    installation.assert_consistent();
}
