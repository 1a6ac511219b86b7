//! The sum of a file is proven, or the file waits with the sums of each reading.

use serde_json::{Value, json};

use crate::browser::Browser;
use crate::installation::{Installation, wait_until};

fn proof(report: &Value) -> &Value {
    &report["proof"][0]["code"]
}

/// A sheet with a column of numbers that nothing explains.
const UNEXPLAINED: &str = "Data;Cliente;Produto;Valor;Zmrk\n";

#[test]
fn a_report_and_the_page_say_how_the_sum_is_known() {
    let installation = Installation::new();
    let service = installation.start();
    let browser = Browser::set_up(&installation, &service);
    let product = "Data;Cliente;Produto;Qtd;Preço;Total\n\
                   01/03/2026;Ana;Café;2;5,00;10,00\n02/03/2026;Bia;Chá;3;4,00;12,00\n03/03/2026;Eva;Pão;5;2,00;10,00\n";
    let report = installation.import(0, &installation.csv("contas.csv", product));
    assert_eq!(proof(&report), "arithmetic", "{report}");
    assert_eq!((&report["proof"][0]["rows"], &report["proof"][0]["of"]), (&json!(3), &json!(3)));

    let totals = "Data;Cliente;Produto;Valor\n01/03/2026;Ana;Café;7,50\n02/03/2026;Bia;Chá;4,10\nTOTAL;;;11,60\n";
    let report = installation.import(0, &installation.csv("rodape.csv", totals));
    assert!(["own_total", "nothing_left"].contains(&proof(&report).as_str().unwrap()), "{report}");

    let plain = "Data;Cliente;Produto;Valor\n01/04/2026;Ana;Café;7,50\n02/04/2026;Bia;Chá;4,10\n";
    let report = installation.import(0, &installation.csv("simples.csv", plain));
    assert_eq!(proof(&report), "nothing_left", "{report}");

    wait_until("the page says it", || {
        browser.get("/imports/1").text().contains("Quantidade, preço e desconto dão o total da planilha em 3 linhas")
    });
}

#[test]
fn a_column_that_could_change_the_sum_is_asked_about_and_one_click_answers() {
    let installation = Installation::new();
    let service = installation.start();
    let browser = Browser::set_up(&installation, &service);
    let sheet = |name: &str, month: u32| {
        let rows = format!("01/{month:02}/2026;Ana;Café;12,50;3\n02/{month:02}/2026;Bia;Chá;4,10;7\n");
        installation.csv(name, &format!("{UNEXPLAINED}{rows}"))
    };
    installation.drop_file(&sheet("marco.csv", 3), "marco.csv");
    installation.wait_for_imports(1);
    installation.wait_for_empty_inbox();
    let form = browser.get("/imports/1/layout").text();
    // 12.50 + 4.10, and 12.50 × 3 + 4.10 × 7.
    for sum in ["R$ 16,60", "R$ 66,20"] {
        assert!(form.replace('\u{a0}', " ").contains(&format!("<strong>{sum}</strong>")), "{sum} in {form}");
    }
    assert!(form.contains("A soma não usa “Zmrk”") && form.contains("value=\"4:quantity,3:unit_price\""), "{form}");

    let csrf = browser.csrf("/imports/1/layout");
    let mut pairs = vec![("csrf", csrf.as_str()), ("sheet", ""), ("header", "1"), ("dated", "")];
    pairs.extend([("field0", "date"), ("field1", "customer"), ("field2", "product"), ("field3", "total")]);
    pairs.extend([("field4", "ignore"), ("answer", "4:quantity,3:unit_price")]);
    let answer = browser.post("/imports/1/layout", &pairs);
    assert_eq!((answer.status, answer.header("location")), (303, "/imports/1"), "{}", answer.text());
    wait_until("it has arrived", || installation.imports()[0]["ledger"]["money"]["stored"] == json!("66.20"));
    assert!(browser.get("/imports/1").text().contains("ana confirmou o significado das colunas"));

    installation.drop_file(&sheet("abril.csv", 4), "abril.csv");
    let imports = installation.wait_for_imports(2);
    assert_eq!(imports[0]["outcome"], "taken", "the answer is remembered for the header: {imports:?}");
    installation.assert_consistent();
}

#[test]
fn a_total_line_that_differs_from_its_rows_is_asked_about() {
    let installation = Installation::new();
    let sheet = "Data;Cliente;Produto;Valor\n01/03/2026;Ana;Café;7,50\n02/03/2026;Bia;Chá;4,10\nTOTAL;;;21,60\n";
    let report = installation.import(1, &installation.csv("rodape.csv", sheet));
    assert_eq!(report["status"], "needs_layout", "{report}");
    let reason = report["reason"].as_str().unwrap();
    assert!(reason.contains("21.60") && reason.contains("11.60"), "{reason}");
}

#[test]
fn an_answer_about_the_second_of_two_columns_with_one_name_means_the_second() {
    let installation = Installation::new();
    let service = installation.start();
    let browser = Browser::set_up(&installation, &service);
    let text =
        "Data;Produto;Total;Total\n01/03/2026;Café;10,00;8,00\n02/03/2026;Chá;5,00;4,00\n03/03/2026;Pão;2,50;2,00\n";
    installation.drop_file(&installation.csv("dois.csv", text), "dois.csv");
    installation.wait_for_imports(1);
    installation.wait_for_empty_inbox();
    let form = browser.get("/imports/1/layout").text();
    let sum = "<strong>R$ 14,00</strong>";
    assert!(form.replace('\u{a0}', " ").contains(sum) && form.contains("value=\"3:total\""), "{form}");

    let csrf = browser.csrf("/imports/1/layout");
    let mut pairs = vec![("csrf", csrf.as_str()), ("sheet", ""), ("header", "1"), ("dated", "")];
    pairs.extend([("field0", "date"), ("field1", "product"), ("field2", "total"), ("field3", "ignore")]);
    pairs.push(("answer", "3:total"));
    assert_eq!(browser.post("/imports/1/layout", &pairs).status, 303);
    wait_until("it has arrived", || installation.imports()[0]["ledger"]["money"]["stored"] == json!("14.00"));
    installation.assert_consistent();
}
