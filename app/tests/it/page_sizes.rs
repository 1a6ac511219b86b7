//! No page is longer than 1 MiB with any stored data: the longest texts and the largest numbers of everything that the tables
//! and the wire format accept, including data that the intake would refuse today.

use std::fmt::Write;

use caudal_contract::decision::{DecidedColumn, Decision};
use caudal_contract::field::Field;
use caudal_contract::message::{
    Body, Fingerprint, IgnoredRows, Message, Outcome, Product, Sale, SaleKey, SheetRead, SoldTime, VERSION,
};
use caudal_contract::money::{Cents, TenThousandths};
use caudal_contract::notice::{Ignored, LayoutProblem, Oddity, Rejection, Remark, Rule, Warning};
use chrono::{NaiveDate, Utc};
use serde::Serialize;
use serde_json::json;

use crate::browser::{Answer, Browser, setup_path};
use crate::installation::{Installation, Service};

const MIB: usize = 1 << 20;
/// The text that grows most when it is written into a page, an address or a form.
const GROWS: &str = "&\u{202e}🧉'\"<a";
/// The sheets of one import have the longest names that still get an address; the names of the other are far too long for one.
const IMPORTS: [(i64, &str); 2] = [(1_001, "&"), (1_002, "\u{202e}")];

/// The longest name that pages still link, or a name of some kilobytes.
fn sheet_name(of: &str) -> String {
    of.repeat(if of == "&" { 133 } else { 500 })
}

/// An installation with tables that are filled behind the program's back.
struct Filled {
    installation: Installation,
    service: Service,
    browser: Browser,
}

impl Filled {
    fn new() -> Self {
        let installation = Installation::new();
        let service = installation.start();
        let setup = setup_path(&installation);
        assert_short(&setup, &Browser::new(&service).get(&setup));
        let browser = Browser::set_up(&installation, &service);
        Self { installation, service, browser }
    }

    fn run(&self, statement: &str) {
        self.installation.damage(statement);
    }

    /// The SQL for [`GROWS`], repeated this many times.
    fn long(&self, times: usize) -> String {
        self.repeated(GROWS, times)
    }

    fn repeated(&self, text: &str, times: usize) -> String {
        let text = literal(text);
        if self.installation.is_postgres() {
            format!("repeat({text}, {times})")
        } else {
            format!("replace(hex(zeroblob({times})), '00', {text})")
        }
    }

    /// The SQL for a text as the bytes of a column.
    fn bytes(&self, text: &str) -> String {
        if self.installation.is_postgres() {
            format!("convert_to({text}, 'UTF8')")
        } else {
            format!("CAST({text} AS BLOB)")
        }
    }

    /// Fetches a page, which must exist, be whole and be short.
    fn fetch(&self, path: &str) -> String {
        let answer = self.browser.get(path);
        let log = self.installation.log();
        let why = log.lines().rfind(|line| line.contains("a page failed")).unwrap_or_default();
        assert_eq!(answer.status, 200, "{}: {why}", start_of(path));
        assert_short(path, &answer);
        answer.text()
    }

    /// Inserts imports with everything that the list can show.
    fn imports(&self) {
        let found = vec![GROWS.repeat(500); 1_000];
        let outcome = Outcome::NeedsLayout { reason: LayoutProblem::Missing { missing: vec![Field::Total], found } };
        self.run(&format!(
            "INSERT INTO imports (id, uuid, source, first_seen_at, origin, name, sha256, received_at, rows_read, rows_ignored,
                                  rows_accepted, rows_rejected, amount_read, amount_ignored, quantity_accepted, outcome)
             {} SELECT 1000 + i, '00000000-0000-4000-8000-' || (100000000000 + i), {long}, '2026-10-01 00:00:00', 'file', {long}, '',
                       '2026-10-01 00:00:00', 0, 0, 0, 0, 0, 0, 0, {} FROM n",
            numbers(60),
            json_literal(&outcome),
            long = self.long(20_000),
        ));
    }

    /// Inserts one import with everything that its page lists.
    fn import(&self, id: i64, sheet: &str) {
        let sheet = sheet_name(sheet);
        let long = GROWS.repeat(30);
        let mapping = vec![("product".to_owned(), long.clone()); 1_024];
        let sheets = vec![SheetRead { name: sheet.clone(), header_row: Some(3), mapping, proof: None }; 40];
        let remark = |index: usize| match index % 2 {
            0 => Remark::SheetIgnored { sheet: long.clone() },
            _ => Remark::UnknownColumns { columns: vec![long.clone(); 10], more: 3 },
        };
        let remarks: Vec<Remark> = (0..1_000).map(remark).collect();
        let ignored: Vec<IgnoredRows> = (0..10_000)
            .map(|row| IgnoredRows { sheet: sheet.clone(), first: row * 3, last: row * 3 + 1, why: Ignored::Title })
            .collect();
        let warning = Warning {
            sheet: sheet.clone(),
            row: 7,
            field: Field::Total,
            column: Some(long.clone()),
            value: Some(long.clone()),
            rule: Oddity::AmountDiffers,
        };
        let reason = Rejection {
            field: Field::Quantity,
            column: Some(long.clone()),
            value: Some(long.clone()),
            rule: Rule::NotANumber,
        };
        let kept = json!({"kind": "products", "name": long, "field": "category", "value": long});
        let effects = json!({
            "sales_removed": 1, "sales_restored": 1, "sales_moved": 1, "duplicates_forgotten": 1, "rejected_forgotten": 1,
            "amount_change": Cents(1), "customers_removed": 1, "products_removed": 1, "values_restored": 1,
            "values_kept": vec![kept; 1_000], "values_kept_count": 1_000, "still_named": 1,
        });
        self.run(&format!(
            "UPDATE imports SET outcome = {}, sheets = {}, remarks = {}, ignored = {}, warnings = {}, undo_effects = {},
                                rows_read = 1000, rows_accepted = 500, rows_rejected = 500
             WHERE id = {id}",
            json_literal(&Outcome::Taken),
            json_literal(&sheets),
            json_literal(&remarks),
            json_literal(&ignored),
            json_literal(&vec![warning; 2_000]),
            json_literal(&effects),
        ));
        self.run(&format!(
            "INSERT INTO rejected_rows (import_id, sheet, \"row\", amount, reasons, cells)
             {} SELECT {id}, {}, i, 100, {}, {} FROM n",
            numbers(60),
            literal(&sheet),
            json_literal(&vec![reason; 30]),
            json_literal(&vec![(long.clone(), long.clone()); 1_024]),
        ));
        self.run(&format!(
            "INSERT INTO deliveries (message_id, import_id, delivered_at, kind, acted_by, stored, duplicate, rejected)
             {} SELECT 'delivery ' || {id} || ' ' || i, {id}, '2026-10-01 00:00:00',
                       CASE i WHEN 1 THEN 'delivery' ELSE 'release' END, {}, 7, 60, 60 FROM n",
            numbers(1_000),
            self.long(1_000),
        ));
        self.run(&format!(
            "INSERT INTO sightings (kind, sale_id, import_id, sheet, \"row\")
             {} SELECT 'duplicate', 1000 + i, {id}, {}, i FROM n",
            numbers(60),
            literal(&sheet),
        ));
    }

    /// Inserts two pages of sales: with names that have an address, and with names far too long for one.
    fn sales(&self) {
        let long = self.long(20_000);
        self.run(&format!(
            "INSERT INTO customers (id, identity, name, search_name, document) VALUES (1000, 'x', {long}, '', {long})"
        ));
        self.run(&format!(
            "INSERT INTO products (id, identity, name, search_name, sku, category)
             {} SELECT 1000 + i, 'p' || i, {long}, '', {long}, {} FROM n",
            numbers(190),
            literal(&sheet_name("&")),
        ));
        for (first, day, name, sheet) in [
            (1_000, "2026-10-02", literal(&sheet_name("&")), "&"),
            (1_100, "2026-10-01", self.long(20_000), "\u{202e}"),
        ] {
            self.run(&format!(
                "INSERT INTO sales (id, sale_key, fingerprint, import_id, sheet, \"row\", order_id, sold_at, sold_on, sold_time,
                                    customer_id, product_id, quantity, unit_price, amount, payment_method, seller, store, channel)
                 {} SELECT {first} + i, {key}, {key}, 1001, {}, i, {long}, '{day} 10:00:00', '{day}', 'exact', 1000, 1000 + i,
                           -10000, 10000, -100, 'pix', {name}, {name}, {name} FROM n",
                numbers(60),
                literal(&sheet_name(sheet)),
                key = self.bytes(&format!("'{first}' || i")),
            ));
        }
        self.run("INSERT INTO daily_totals (sold_on, sales, quantity, amount) VALUES ('2026-10-02', 120, 120, 120)");
    }

    /// Inserts many products in one month, and one product in very many months.
    fn rollups(&self) {
        let month = if self.installation.is_postgres() {
            "CAST(DATE '2027-01-01' + i * INTERVAL '1 month' AS DATE)"
        } else {
            "date('2027-01-01', '+' || i || ' months')"
        };
        for (rows, month, product) in [(50, "'2026-10-01'", "1000 + i"), (5_000, month, "1001")] {
            self.run(&format!(
                "INSERT INTO monthly_products (month, product_id, sales, quantity, amount)
                 {} SELECT {month}, {product}, 1, 1, 1 FROM n",
                numbers(rows),
            ));
        }
    }

    /// Inserts messages of one row with a long reason, and four with a text far longer than a page. One of the four is still
    /// tried.
    fn dead_letters(&self) {
        let text = serde_json::to_string(&message()).unwrap();
        let (before, after) = text.split_once("HERE").unwrap();
        let with = |middle: &str| self.bytes(&format!("{} || {middle} || {}", literal(before), literal(after)));
        let letter = |id: &str, payload: &str, next: &str, rows: usize| {
            self.run(&format!(
                "INSERT INTO failed_messages (id, message_id, payload, attempts, reason, reason_code, first_failed_at,
                                              last_failed_at, next_attempt_at, import_uuid)
                 {} SELECT {id}, 'message ' || ({id}), {payload}, 12, {}, 'refused', '2026-10-01 00:00:00',
                           '2026-10-01 00:00:00', {next}, '00000000-0000-4000-8000-100000000001' FROM n",
                numbers(rows),
                self.long(20_000),
            ));
        };
        let quoted = serde_json::to_string(GROWS).unwrap();
        let words = |times| with(&self.repeated(quoted.trim_matches('"'), times));
        let lines = format!("'[' || {} || '1]'", self.repeated("{\"a\":1},", 300_000));
        letter("2000 + i", &words(1_000), "NULL", 210);
        letter("3001", &words(300_000), "NULL", 1);
        letter("3002", &words(300_000), "'2126-10-01 00:00:00'", 1);
        letter("3003", &self.bytes(&self.long(1_000_000)), "NULL", 1);
        letter("3004", &self.bytes(&lines), "NULL", 1);
    }

    /// Inserts remembered layouts of the widest tables.
    fn layouts(&self) {
        let column = |index: usize| DecidedColumn {
            header: GROWS.repeat(100),
            field: (index < 512).then_some(Field::Total),
            holds: None,
        };
        let decision = Decision {
            sheet: Some(GROWS.repeat(1_000)),
            has_header: true,
            decimal_mark: None,
            date_order: None,
            date: None,
            columns: (0..1_024).map(column).collect(),
        };
        self.installation.change(
            "ingest",
            &format!(
                "INSERT INTO layouts (fingerprint, decision, decided_by, decided_at, resumed)
                 {} SELECT '00000000' || (10000000 + i), {}, {}, '2026-10-01 00:00:00', TRUE FROM n",
                numbers(60),
                json_literal(&decision),
                self.long(1_000),
            ),
        );
    }

    /// Imports a file with the widest table and one with the most sheets, both with unclear columns. Returns their pages.
    fn waiting(&self) -> Vec<String> {
        let (headers, values) = (["Kto", "Kiedy", "Co", "Ile", "Suma"], ["Ana", "01/03/2026", "Café", "2", "10,00"]);
        let line = |first: [&str; 5], more: &str| format!("{}{}\n", first.join(";"), format!(";{more}").repeat(1_019));
        let rows = line(values, &"<".repeat(60)).repeat(20);
        let wide = self.installation.csv("szeroki.csv", &(line(headers, &"&".repeat(100)) + &rows));
        let sheets = self.installation.desk("arkusze.xlsx");
        let mut workbook = rust_xlsxwriter::Workbook::new();
        for index in 0..400 {
            let sheet = workbook.add_worksheet().set_name(format!("{index:03}{}", "&".repeat(28))).unwrap();
            for (row, cells) in (0..).zip([headers, values]) {
                for (column, text) in (0..).zip(cells) {
                    sheet.write(row, column, text).unwrap();
                }
            }
        }
        workbook.save(&sheets).unwrap();
        for file in [&wide, &sheets] {
            let report = self.installation.import(1, file);
            assert_eq!(report["status"], "needs_layout", "{report}");
        }
        let names = ["szeroki.csv", "arkusze.xlsx"];
        let ids = names.map(|name| {
            self.installation
                .lines("distrib", &format!("SELECT CAST(id AS TEXT) AS line FROM imports WHERE name = '{name}'"))
        });
        ids.into_iter().flatten().map(|id| format!("/imports/{id}")).collect()
    }

    /// Imports a row of the widest table with long cells. Returns its page.
    fn wide_row(&self) -> String {
        let (mut headers, mut cells) =
            ("data;produto;quantidade;total".to_owned(), "01/03/2026;Café;1;10,00".to_owned());
        for column in 4..1_024 {
            write!(headers, ";{column}{}", "&".repeat(100)).unwrap();
            write!(cells, ";{}", "<".repeat(500)).unwrap();
        }
        self.installation.import(0, &self.installation.csv("larga.csv", &format!("{headers}\n{cells}\n")));
        let query = "SELECT CAST(id AS TEXT) AS line FROM imports WHERE name = 'larga.csv'";
        let ids = self.installation.lines("distrib", query);
        format!("/imports/{}/row?row=2", ids[0])
    }
}

/// The SQL for the numbers from 1, as the table `n` with the column `i`.
fn numbers(count: usize) -> String {
    format!("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})")
}

fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

fn json_literal<T: Serialize>(value: &T) -> String {
    literal(&serde_json::to_string(value).unwrap())
}

/// One sale of a product with the name HERE.
fn message() -> Message {
    let day = NaiveDate::from_ymd_opt(2026, 10, 1).unwrap();
    let sale = Sale {
        key: SaleKey([7; 16]),
        fingerprint: Fingerprint([7; 16]),
        sheet: String::new(),
        row: 2,
        sold_at: Utc::now(),
        sold_on: day,
        time: SoldTime::Exact,
        product: Product { name: "HERE".to_owned(), sku: None, category: None },
        quantity: TenThousandths(10_000),
        amount: Cents(100),
        ..Sale::default()
    };
    Message {
        version: VERSION,
        message_id: uuid::Uuid::from_u128(7).into(),
        import_id: uuid::Uuid::from_u128(8).into(),
        source: "inbox".to_owned(),
        body: Body::Sales(vec![sale]),
    }
}

fn start_of(path: &str) -> String {
    path.chars().take(100).collect()
}

fn assert_short(path: &str, answer: &Answer) {
    let (path, length) = (start_of(path), answer.bytes.len());
    assert!(length < MIB, "{path} has {length} bytes");
    assert!(answer.text().trim_end().ends_with("</html>"), "{path} is not whole");
    eprintln!("{length:>9} {path}");
}

/// The addresses of the pages in the table of routes.
fn routes_of_pages() -> Vec<String> {
    let pages = include_str!("../../../distrib/src/pages/mod.rs");
    let (_, routes) = pages.split_once("pub fn routes(").unwrap();
    let (table, _) = routes.split_once("\n}\n").unwrap();
    let (mut resource, mut pages) = (String::new(), Vec::new());
    for line in table.lines() {
        let quoted = line.split('"').nth(1).unwrap_or_default().to_owned();
        if line.contains("web::resource(") {
            resource.clone_from(&quoted);
        }
        if line.contains("get()") {
            pages.push(if quoted.is_empty() { resource.clone() } else { quoted });
        }
    }
    pages.retain(|path| !path.contains('.') && !path.starts_with("/static"));
    pages
}

fn is_of(route: &str, path: &str) -> bool {
    let path = path.split('?').next().unwrap_or_default();
    let (route, path): (Vec<_>, Vec<_>) = (route.split('/').collect(), path.split('/').collect());
    route.len() == path.len() && route.iter().zip(&path).all(|(part, given)| part == given || part.starts_with('{'))
}

#[test]
fn no_page_is_longer_than_a_mebibyte_whatever_is_stored() {
    let filled = Filled::new();
    filled.imports();
    filled.sales();
    for (id, sheet) in IMPORTS {
        filled.import(id, sheet);
    }
    filled.rollups();
    filled.dead_letters();
    filled.layouts();

    let asked = "%F0%9F%A7%89".repeat(1_000);
    let mut paths: Vec<String> = [
        "/",
        "/?month=2026-10",
        "/?month=2100-01",
        "/sales",
        "/sales?page=2",
        "/sales?page=3",
        "/sales?product=1001&customer=1000&import=1001",
        "/imports",
        "/imports?page=2",
        "/layouts",
        "/layouts?page=2",
        "/dead-letters",
        "/dead-letters/2001",
        "/dead-letters/3001",
        "/dead-letters/3002",
        "/dead-letters/3003",
        "/dead-letters/3004",
    ]
    .map(str::to_owned)
    .into();
    paths.push(format!("/sales?category={asked}&seller={asked}&store={asked}&channel={asked}&q={asked}"));
    for (id, sheet) in IMPORTS {
        let sheet: String = sheet_name(sheet).bytes().fold(String::new(), |mut out, byte| {
            write!(out, "%{byte:02X}").unwrap();
            out
        });
        paths.push(format!("/imports/{id}"));
        paths.push(format!("/imports/{id}?page=2&duplicates=2"));
        paths.push(format!("/imports/{id}/undo"));
        paths.extend([1, 2, 6].map(|page| format!("/imports/{id}/row?sheet={sheet}&row=1&page={page}")));
    }
    for path in &paths {
        filled.fetch(path);
    }
    let stranger = Browser::new(&filled.service);
    for path in ["/login".to_owned(), format!("/login?next=/{}", "'".repeat(60_000))] {
        assert_short(&path, &stranger.get(&path));
        paths.push(path);
    }
    let mut more = filled.waiting();
    more.extend(more.clone().into_iter().map(|path| format!("{path}/layout")));
    let row = filled.wide_row();
    more.extend([1, 6].map(|page| format!("{row}&page={page}")));
    for path in &more {
        filled.fetch(path);
    }
    paths.extend(more);
    paths.push(setup_path(&filled.installation));

    let routes = routes_of_pages();
    assert!(routes.len() >= 12, "{routes:?}");
    for route in routes {
        assert!(paths.iter().any(|path| is_of(&route, path)), "no address of {route} was looked at");
    }
}

#[test]
fn texts_as_long_as_they_may_be_are_shown_whole_and_a_list_says_how_much_more_there_is() {
    let filled = Filled::new();
    let (name, notes) = ("ação ".repeat(100), "é".repeat(4_000));
    let name = name.trim_end();
    let text = format!("data;produto;quantidade;total;observações\n01/03/2026;{name};1;10,00;{notes}\n");
    filled.installation.import(0, &filled.installation.csv("a.csv", &text));
    assert!(filled.fetch("/sales").contains(&format!(">{name}</a>")));
    assert!(filled.fetch("/").contains(&format!(">{name}</a>")));
    let row = filled.fetch("/imports/1/row?row=2");
    assert!(row.contains(&format!("<code>{name}</code>")) && row.contains(&format!("<code>{notes}</code>")));

    filled.run(&format!(
        "INSERT INTO rejected_rows (import_id, sheet, \"row\", amount, reasons, cells) VALUES (1, '', 9, 0, '[]', {})",
        json_literal(&(0..1_024).map(|column| (format!("coluna {column}"), "x".to_owned())).collect::<Vec<_>>()),
    ));
    let import = filled.fetch("/imports/1");
    assert!(
        import.contains("coluna 24<") && !import.contains("coluna 25<") && import.contains("e mais 999"),
        "{import}"
    );
}

#[test]
fn a_message_that_is_too_long_for_its_page_says_how_it_is_edited() {
    let filled = Filled::new();
    filled.dead_letters();
    assert_eq!(filled.installation.dead_letters().len(), 214);
    assert!(filled.fetch("/dead-letters/2001").contains("<textarea"));
    let long = filled.fetch("/dead-letters/3001");
    assert!(!long.contains("<textarea") && long.contains("caudal dead-letters edit 3001 --file ARQUIVO"), "{long}");
    let waiting = filled.fetch("/dead-letters/3002");
    assert!(waiting.contains("caudal dead-letters show 3002") && !waiting.contains("dead-letters edit"), "{waiting}");
}
