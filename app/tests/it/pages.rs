//! The pages and reports, as a browser without JavaScript sees them.

use crate::browser::{Browser, setup_path};
use crate::installation::{Installation, PASSWORD, Service};
use crate::workbook::Cell::{Text, When};
use crate::workbook::{row_with, two_rows, write_rows};

/// An installation with the shop's two sales, its service, and a browser that is signed in.
fn shop() -> (Installation, Service, Browser) {
    let installation = Installation::new();
    let service = installation.start();
    write_rows(&installation.desk("a.xlsx"), two_rows());
    installation.import(0, &installation.desk("a.xlsx"));
    let browser = Browser::set_up(&installation, &service);
    (installation, service, browser)
}

#[test]
fn the_setup_link_makes_one_admin_and_then_leads_nowhere() {
    let installation = Installation::new();
    let service = installation.start();
    let stranger = Browser::new(&service);
    assert_eq!(stranger.get("/setup?token=guess").status, 403);
    assert_eq!(stranger.get("/").status, 303, "nothing is shown to strangers");
    let path = setup_path(&installation);
    let browser = Browser::set_up(&installation, &service);
    assert_eq!(browser.get("/").status, 200, "signed in at once");
    assert_eq!(stranger.get(&path).status, 404);
}

#[test]
fn coming_and_going_needs_the_password_and_the_form() {
    let (_installation, service, browser) = shop();
    let visitor = Browser::new(&service);
    let csrf = visitor.csrf("/login");
    let wrong = [("csrf", csrf.as_str()), ("next", "/"), ("name", "ana"), ("password", "not the password")];
    assert_eq!(visitor.post("/login", &wrong).status, 401);
    let forged = [("csrf", "forged"), ("next", "/"), ("name", "ana"), ("password", PASSWORD)];
    assert_eq!(visitor.post("/login", &forged).status, 403);
    let right = [("csrf", csrf.as_str()), ("next", "//evil.example"), ("name", "ana"), ("password", PASSWORD)];
    let answer = visitor.post("/login", &right);
    assert_eq!((answer.status, answer.header("location")), (303, "/"), "only our own pages are gone to");
    let cookie = answer.header("set-cookie");
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
    assert_eq!(visitor.post("/logout", &[("csrf", "forged")]).status, 403);
    let csrf = browser.csrf("/");
    assert_eq!(browser.post("/logout", &[("csrf", &csrf)]).status, 303);
    assert_eq!(browser.get("/").status, 303);
}

#[test]
fn a_row_is_shown_as_it_came_beside_what_was_made_of_it_with_the_rule_of_each_change() {
    let (_installation, _service, browser) = shop();
    let answer = browser.get("/imports/1/row?sheet=Vendas&row=2");
    let page = answer.text();
    assert_eq!(answer.status, 200, "{page}");
    for expected in [
        "<code>1234567890</code>",
        "zeros à esquerda devolvidos",
        "<code>3500.00</code>",
        "ponto decimal",
        "<code>(11) 99999-0000</code>",
        "pontuação retirada",
        "calculado a partir de outras colunas",
    ] {
        assert!(page.contains(expected), "{expected}: {page}");
    }
    assert!(!page.contains("espaços arrumados") && !page.contains("deixado de fora"), "{page}");
}

#[test]
fn every_page_is_whole_without_scripts_and_holds_no_code_of_its_own() {
    let (_installation, _service, browser) = shop();
    for path in ["/", "/sales", "/sales?q=joao&sort=amount", "/imports", "/imports/1"] {
        let answer = browser.get(path);
        assert_eq!(answer.status, 200, "{path}");
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("script-src 'self'") && !policy.contains("unsafe"), "{policy}");
        let text = answer.text();
        for code in [" style=\"", " onclick=", "javascript:", "https://cdn", "<script>"] {
            assert!(!text.contains(code), "{path} holds {code}");
        }
        assert!(text.contains("lang=\"pt-BR\""), "{path}");
        for address in text.split(['"']).filter(|part| part.starts_with("/static/")) {
            assert_eq!(browser.get(address).status, 200, "{address}");
        }
    }
    assert!(browser.get("/").text().contains("R$\u{a0}3.599,80"), "money as Brazilians read it");
    assert!(browser.get("/sales").text().contains("05/03/2024"));
    assert_eq!(browser.get("/imports/99").status, 404);
    assert_eq!(browser.get("/nothing").status, 404);
}

#[test]
fn the_sales_list_is_searched_filtered_and_sorted_by_the_server() {
    let (_installation, _service, browser) = shop();
    let names = |query: &str| {
        let text = browser.get(&format!("/sales?{query}")).text();
        let table = text.split("<tbody").nth(1).unwrap_or_default();
        ["Notebook", "Mouse"].into_iter().filter(|name| table.contains(name)).collect::<Vec<_>>()
    };
    assert_eq!(names("q=joao+silva"), ["Notebook"], "without the accent");
    assert_eq!(names("payment=pix"), ["Mouse"]);
    assert_eq!(names("from=2024-03-06&to=2024-03-06"), ["Mouse"]);
    assert_eq!(names("q=%25"), [""; 0], "a wildcard is a letter like others");
    assert_eq!(browser.get("/sales?sort=id;drop&page=-3").status, 200);
}

#[test]
fn list_and_reports_agree_on_the_local_day_and_no_text_becomes_a_formula() {
    let installation = Installation::new();
    let service = installation.start();
    let rows = vec![row_with(&[("nome", Text("=1+1 Ltda")), ("data_hora", When("2026-01-15T23:30:00"))])];
    write_rows(&installation.desk("a.xlsx"), rows);
    installation.import(0, &installation.desk("a.xlsx"));
    let browser = Browser::set_up(&installation, &service);
    assert!(browser.get("/sales").text().contains("15/01/2026"));
    let csv = browser.get("/sales/report.csv").text();
    assert!(csv.contains("15/01/2026") && !csv.contains("16/01/2026"), "{csv}");
    assert!(csv.contains("'=1+1 Ltda") && csv.contains("99,80"), "{csv}");
    let data = browser.get("/sales/report.csv?profile=data").text();
    assert!(data.contains(",=1+1 Ltda,") && data.contains("99.80"), "the data profile is exact: {data}");
    let xlsx = browser.get("/sales/report.xlsx");
    assert!(xlsx.bytes.starts_with(b"PK") && xlsx.header("content-disposition").contains("vendas-"));
    let pdf = browser.get("/sales/report.pdf");
    assert!(pdf.bytes.starts_with(b"%PDF") && pdf.header("content-type") == "application/pdf");
}

#[test]
fn one_imports_page_shows_its_balance_and_its_rejected_rows() {
    let installation = Installation::new();
    let service = installation.start();
    write_rows(&installation.desk("a.xlsx"), vec![row_with(&[]), row_with(&[("quantidade", Text("abc"))])]);
    installation.import(5, &installation.desk("a.xlsx"));
    let browser = Browser::set_up(&installation, &service);
    let text = browser.get("/imports/1").text();
    assert!(text.contains("não é um número") && text.contains("abc"), "{text}");
    assert!(text.contains("a.xlsx") && text.contains("Vendas"));
}

#[test]
fn an_import_that_does_not_balance_is_shown_in_red_and_named_by_the_doctor() {
    let (installation, _service, browser) = shop();
    installation.damage("UPDATE deliveries SET stored = stored - 1 WHERE stored > 0");
    installation.damage("UPDATE imports SET rows_accepted = rows_accepted - 1");
    let text = browser.get("/imports").text();
    assert!(text.contains("state-unbalanced") && text.contains("Não fecha"), "{text}");
    let doctor = installation.output(1, &["doctor"]);
    assert!(doctor.contains("these imports do not balance: 1 (a.xlsx)"), "{doctor}");
}

/// Like a restore from backups that were made apart.
#[test]
fn databases_that_are_not_of_one_moment_are_told_by_the_doctor() {
    let (installation, _service, _) = shop();
    assert_eq!(installation.outbox(), 0);
    installation.assert_consistent();
    installation.damage("UPDATE deliveries SET stored = stored - 1 WHERE stored > 0");
    let doctor = installation.output(1, &["doctor"]);
    assert!(
        doctor.contains("ingest has all the answers for these imports, but distrib does not have them completely"),
        "{doctor}"
    );
    assert!(doctor.contains("a.xlsx (1 in all); restore both databases from one backup"), "{doctor}");
    installation.change("ingest", "DELETE FROM imports");
    let doctor = installation.output(1, &["doctor"]);
    assert!(doctor.contains("distrib has these imports, but ingest does not know them"), "{doctor}");
}

#[test]
fn sales_are_told_apart_by_seller_store_channel_and_category() {
    let installation = Installation::new();
    let text = "data;produto;categoria;quantidade;total;vendedor;loja;canal\n01/03/2026;Café;Bebidas;1;10,00;Ana;Centro;Balcão\n02/03/2026;Pão;Padaria;1;5,00;Bia;Centro;Site\n03/03/2026;Chá;Bebidas;1;3,00;Bia;Praia & Sol;Site\n";
    installation.import(0, &installation.csv("a.csv", text));
    let service = installation.start();
    let browser = Browser::set_up(&installation, &service);
    let list = browser.get("/sales").text();
    assert!(list.contains("href=\"/sales?store=Praia%20%26%20Sol\""), "{list}");
    let centre = browser.get("/sales?store=Centro").text();
    assert!(centre.contains("Balcão") && centre.contains("Padaria") && !centre.contains("Praia"), "{centre}");
    let drinks = browser.get("/sales?category=Bebidas&seller=Bia").text();
    assert!(drinks.contains("Praia") && !drinks.contains("Balcão"), "{drinks}");
    let report = browser.get("/sales/report.csv?channel=Site").text();
    assert_eq!(report.lines().count(), 3, "{report}");
    assert!(report.lines().next().unwrap().contains("Vendedor") && report.contains("Praia & Sol"), "{report}");
}
