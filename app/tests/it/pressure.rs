//! No room for more: the intake waits, says so, and goes on by itself.

use std::time::Duration;

use caudal_platform::database::wal_bytes;
use caudal_platform::testing::Servers;
use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::installation::{Installation, Service, free_port, wait_until, wait_until_at_most};
use crate::servers::PrivateServers;
use crate::workbook::{two_rows, write_rows};

pub fn agent() -> ureq::Agent {
    ureq::Agent::config_builder().http_status_as_error(false).build().into()
}

pub fn ready(service: &Service) -> (u16, Value) {
    let mut answer = agent().get(format!("{}/ready", service.url)).call().unwrap();
    (answer.status().as_u16(), answer.body_mut().read_json().unwrap())
}

/// Sends this many sales. Returns the status and the number of seconds to wait before a retry.
pub fn post(service: &Service, token: &str, first: usize, count: usize) -> (u16, Option<String>) {
    let sales: Vec<Value> = (first..first + count)
        .map(|id| json!({"id": id.to_string(), "sold_at": "2026-10-01", "product": "Café", "quantity": 1, "unit_price": "1.00"}))
        .collect();
    let request = agent().post(format!("{}/ingest/v1/sales", service.url)).content_type("application/json");
    let answer = request.header("Authorization", format!("Bearer {token}")).send(json!(sales).to_string()).unwrap();
    let retry = answer.headers().get("retry-after").map(|value| value.to_str().unwrap().to_owned());
    (answer.status().as_u16(), retry)
}

/// The Imports page, as the user reads it.
fn imports_page(pages: &Service) -> String {
    Browser::signed_in(pages, "loja").get("/imports").text()
}

#[test]
fn a_full_disk_pauses_the_intake_with_a_plain_message() {
    let installation = Installation::new();
    let file = installation.desk("vendas.xlsx");
    write_rows(&file, two_rows());
    // More than any disk has.
    let service = installation.start_with(&[("CAUDAL_DISK_RESERVE_MIB", "1048576")]);
    let token = installation.token(&service, "loja");
    let (status, answer) = ready(&service);
    assert_eq!((status, &answer["status"]), (503, &json!("paused")), "{answer}");
    let paused = answer["paused"].as_str().unwrap();
    assert!(paused.contains("too little room is left on a disk"), "{answer}");
    assert!(!paused.contains(installation.data_dir().to_str().unwrap()) && !paused.contains("MiB"), "{answer}");
    assert_eq!(post(&service, &token, 0, 1), (503, Some("5".to_owned())));
    let health = agent().get(format!("{}/health", service.url)).call().unwrap();
    assert_eq!(health.status(), 200, "it lives");

    installation.drop_file(&file, "vendas.xlsx");
    let page = imports_page(&service);
    assert!(page.contains("Entrada em pausa") && page.contains("MiB livres"), "{page}");
    assert_eq!(installation.files_in("inbox").len(), 1, "the file waits");

    service.kill();
    let _service = installation.start();
    installation.wait_for_imports(1);
}

#[test]
fn an_outbox_that_nobody_empties_stops_growing_and_the_intake_goes_on_by_itself() {
    let installation = Installation::new();
    installation.output(0, &["migrate"]);
    let [ingest, distrib] = [free_port(), free_port()];
    let pages = installation.start_role(&["distrib"], distrib, &[]);
    let service = installation.start_role(&["ingest"], ingest, &[("CAUDAL_MAX_OUTBOX_MIB", "1")]);
    let token = installation.token(&pages, "loja");
    let mut sent = 0;
    wait_until("the outbox is full", || {
        let (status, _) = post(&service, &token, sent, 1000);
        sent += if status == 200 { 1000 } else { 0 };
        status == 503
    });
    assert!((1000..200_000).contains(&sent), "{sent} rows were taken before it was full");
    let (_, answer) = ready(&service);
    assert!(answer["paused"].as_str().unwrap().contains("waits to be stored"), "{answer}");

    let _worker = installation.start_role(&["worker"], free_port(), &[]);
    wait_until("the intake resumes", || post(&service, &token, sent, 1).0 == 200);
    installation.wait_for_imports(sent / 1000 + 1);
    assert_eq!(installation.sums().0, i64::try_from(sent + 1).unwrap());
}

#[test]
fn a_blocked_broker_pauses_the_intake_while_workers_empty_it_and_all_goes_on_by_itself() {
    let Some(servers) = PrivateServers::start() else { return };
    let installation = Installation::on(servers.servers());
    let file = installation.desk("vendas.xlsx");
    write_rows(&file, two_rows());
    installation.output(0, &["migrate"]);
    let ports = [free_port(), free_port()];
    let [ingest, distrib] = ports.map(|port| format!("http://127.0.0.1:{port}"));
    // Many more messages than a worker holds.
    let environment =
        [("CAUDAL_INGEST_URL", ingest.as_str()), ("CAUDAL_DISTRIB_URL", &distrib), ("CAUDAL_BATCH_ROWS", "25")];
    let service = installation.start_role(&["ingest"], ports[0], &environment);
    let pages = installation.start_role(&["distrib"], ports[1], &environment);
    let token = installation.token(&pages, "loja");
    let in_queue = |count| installation.queued() == count;
    assert_eq!(post(&service, &token, 0, 1000).0, 200);
    // 40 messages with sales, and one with the totals.
    wait_until("all messages are in the queue", || in_queue(41));

    servers.run(&["rabbitmq", "block"]);
    let (mut sent, mut retry) = (1000, None);
    // The broker tells only a client that sends something.
    wait_until("a batch is refused", || {
        let (status, after) = post(&service, &token, sent, 1);
        sent += usize::from(status == 200);
        retry = after;
        status == 503
    });
    assert_eq!(retry, Some("5".to_owned()));
    let (status, answer) = ready(&service);
    assert_eq!((status, &answer["status"]), (503, &json!("paused")), "{answer}");
    assert!(answer["paused"].as_str().unwrap().contains("the queue takes no messages"), "{answer}");
    let page = imports_page(&pages);
    assert!(page.contains("Entrada em pausa: a fila (RabbitMQ)"), "{page}");
    installation.drop_file(&file, "vendas.xlsx");

    let worker = installation.start_role(&["worker"], free_port(), &environment);
    wait_until("what the broker held is stored", || installation.sums().0 == 1000);
    assert_eq!(worker.terminate(), Some(0));
    assert!(in_queue(0), "what was stored was not acknowledged");
    assert_eq!(installation.files_in("inbox").len(), 1, "the file waits");

    servers.run(&["rabbitmq", "unblock"]);
    let _worker = installation.start_role(&["worker"], free_port(), &environment);
    installation.wait_for_empty_inbox();
    wait_until("the intake resumes", || post(&service, &token, sent, 1).0 == 200);
    // Messages are published again if no answer has come for a while.
    wait_until_at_most(Duration::from_secs(150), "every import balances", || {
        let imports = installation.imports();
        imports.len() == sent - 1000 + 3 && imports.iter().all(|import| import["state"] == "balanced")
    });
    assert_eq!(installation.outbox(), 0, "everything was answered for");
    assert_eq!(installation.sums().0, i64::try_from(sent + 1 + 2).unwrap());
    installation.assert_consistent();
}

#[test]
fn dead_letters_count_towards_the_bound_of_the_outbox() {
    let installation = Installation::new();
    installation.output(0, &["migrate"]);
    let [ingest, distrib] = [free_port(), free_port()];
    let pages = installation.start_role(&["distrib"], distrib, &[]);
    let service = installation.start_role(&["ingest"], ingest, &[("CAUDAL_MAX_OUTBOX_MIB", "1")]);
    let token = installation.token(&pages, "loja");
    let mut sent = 0;
    wait_until("the outbox is full", || {
        let (status, _) = post(&service, &token, sent, 1000);
        sent += if status == 200 { 1000 } else { 0 };
        status == 503
    });
    // As if each message had been given up.
    installation.change("ingest", "UPDATE outbox SET dead = TRUE");
    wait_until("the reason is another", || {
        let (status, answer) = ready(&service);
        assert_eq!(status, 503, "{answer}");
        answer["paused"].as_str().unwrap().contains("could not be stored and wait for a decision")
    });
    assert_eq!(post(&service, &token, sent, 1).0, 503);

    let _worker = installation.start_role(&["worker"], free_port(), &[]);
    wait_until("they are stored after all", || post(&service, &token, sent, 1).0 == 200);
    installation.wait_for_imports(sent / 1000 + 1);
}

#[test]
fn a_reader_that_stays_pauses_the_intake_before_the_log_of_sqlite_grows_without_bound() {
    let installation = Installation::on(Servers::default());
    let service = installation.start_with(&[("CAUDAL_MAX_WAL_MIB", "4")]);
    let token = installation.token(&service, "loja");
    let files = ["ingest", "distrib", "queue"].map(|name| installation.data_dir().join(format!("{name}.db")));
    let logs = || files.each_ref().map(|file| wal_bytes(file) >> 20);
    let mut sent = 0;
    let mut send = |status| {
        let (answered, _) = post(&service, &token, sent, 1000);
        sent += if answered == 200 { 1000 } else { 0 };
        answered == status
    };
    for _ in 0..15 {
        wait_until("a batch is taken, however much was written", || send(200));
    }
    // Like a backup.
    let mut reader = SqliteConnection::establish(files[0].to_str().unwrap()).unwrap();
    reader.batch_execute("BEGIN; SELECT count(*) FROM outbox").unwrap();
    let browser = Browser::signed_in(&service, "loja");
    wait_until("the page says which log is too large", || {
        // For a moment it can be another log, which only has to be emptied.
        send(200);
        let page = browser.get("/imports").text();
        page.contains("Entrada em pausa: o log (WAL) de") && page.contains("ingest.db")
    });
    assert!(send(503));
    let (status, answer) = ready(&service);
    assert_eq!((status, &answer["status"]), (503, &json!("paused")), "{answer}");
    assert!(answer["paused"].as_str().unwrap().contains("the log of a database has grown too large"), "{answer}");
    // The log stays small, because it is looked at once a second.
    assert!(logs()[0] < 40, "{:?} MiB", logs());

    reader.batch_execute("COMMIT").unwrap();
    wait_until("the intake resumes", || ready(&service).0 == 200);
    assert!(logs()[0] <= 4, "{:?} MiB", logs());
    assert!(send(200));
    installation.wait_for_imports(sent / 1000);
    assert_eq!(installation.sums().0, i64::try_from(sent).unwrap());
}
