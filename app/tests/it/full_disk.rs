//! Disks that are really full: nothing is lost, the intake pauses, and everything goes on by itself when there is room.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::browser::Browser;
use crate::disk::SmallDisk;
use crate::installation::{Installation, Service, free_port, wait_until, wait_until_at_most};
use crate::pressure::{agent, post, ready};
use crate::servers::PrivateServers;
use crate::workbook::{two_rows, write_rows};

/// The reason of the service for taking nothing.
fn said(service: &Service) -> String {
    let (status, answer) = ready(service);
    assert_eq!((status, &answer["status"]), (503, &json!("paused")), "{answer}");
    answer["paused"].as_str().unwrap().to_owned()
}

#[test]
fn a_disk_without_a_free_byte_loses_nothing_and_work_goes_on_when_there_is_room() {
    let installation = Installation::on(caudal_platform::testing::Servers::default());
    let data_dir = installation.data_dir();
    let Some(disk) = SmallDisk::mount(&data_dir, 48) else { return };
    let file = installation.desk("vendas.xlsx");
    write_rows(&file, two_rows());
    // Without a reserve it runs into the end of the disk.
    let service = installation.start_with(&[("CAUDAL_DISK_RESERVE_MIB", "0")]);
    let token = installation.token(&service, "loja");
    installation.drop_file(&file, "vendas.xlsx");
    disk.fill();
    let mut sent = 0;
    wait_until("a batch is refused for want of room", || {
        let (status, _) = post(&service, &token, sent, 1000);
        sent += if status == 200 { 1000 } else { 0 };
        status == 503
    });
    let health = agent().get(format!("{}/health", service.url)).call().unwrap();
    assert_eq!(health.status(), 200);
    assert!(said(&service).contains("the database's disk has no room left"), "{}", said(&service));

    disk.free();
    wait_until("it is ready", || ready(&service).0 == 200);
    wait_until("the same batch is taken", || post(&service, &token, sent, 1000).0 == 200);
    installation.wait_for_imports(sent / 1000 + 2);
    installation.wait_for_empty_inbox();
    assert_eq!(installation.sums().0, i64::try_from(sent + 1000 + 2).unwrap());
    installation.assert_consistent();
    service.kill();
}

#[test]
fn a_service_that_is_started_on_a_full_disk_waits_for_room() {
    let installation = Installation::on(caudal_platform::testing::Servers::default());
    let Some(disk) = SmallDisk::mount(&installation.data_dir(), 48) else { return };
    let waits = |times| installation.log().matches("cannot start yet").count() == times;
    // A new service has no keys and no tables yet.
    disk.fill();
    let service = std::thread::scope(|scope| {
        scope.spawn(|| {
            wait_until("it says what it waits for", || waits(1));
            disk.free();
        });
        installation.start_with(&[("CAUDAL_DISK_RESERVE_MIB", "0")])
    });
    // A service that ends well leaves no logs of its databases behind, so its successor has no room for new ones.
    assert_eq!(service.terminate(), Some(0));
    disk.fill();
    let mut worker = installation.start_role(&["worker"], free_port(), &[("CAUDAL_DISK_RESERVE_MIB", "0")]);
    wait_until("it says what it waits for, or ends", || waits(2) || worker.ended().is_some());
    assert!(worker.ended().is_none(), "{}", installation.log());

    disk.free();
    wait_until("it has started", || installation.log().matches("\"started\"").count() == 2);
    assert_eq!(worker.terminate(), Some(0));
}

/// The scaled deployment with the database of one service on a disk of its own.
struct Scaled {
    // Dropped in this order, because the servers must end before their disk.
    installation: Installation,
    _servers: PrivateServers,
    disk: SmallDisk,
}

impl Scaled {
    fn new(small: &str) -> Option<Self> {
        let servers = PrivateServers::start()?;
        let disk = SmallDisk::mount(&servers.folder("small"), 32)?;
        let installation = Installation::on(servers.servers());
        let url = installation.backend().database_url(small, &installation.data_dir());
        servers.move_databases(&[url], disk.folder());
        installation.output(0, &["migrate"]);
        Some(Self { installation, _servers: servers, disk })
    }

    fn start(&self, environment: &[(&str, &str)]) -> [Service; 2] {
        start(&self.installation, environment)
    }
}

/// Starts ingest and pages.
fn start(installation: &Installation, environment: &[(&str, &str)]) -> [Service; 2] {
    let ports = [free_port(), free_port()];
    let [ingest, distrib] = ports.map(|port| format!("http://127.0.0.1:{port}"));
    let mut all = vec![("CAUDAL_INGEST_URL", ingest.as_str()), ("CAUDAL_DISTRIB_URL", &distrib)];
    all.extend(environment);
    [("ingest", ports[0]), ("distrib", ports[1])].map(|(role, port)| installation.start_role(&[role], port, &all))
}

/// Sends batches until one is refused, and returns the number of sales that were taken.
fn send_until_refused(service: &Service, token: &str, mut sent: usize) -> usize {
    wait_until("a batch is refused", || {
        let (status, retry) = post(service, token, sent, 1000);
        assert!(status == 200 || (status, retry.as_deref()) == (503, Some("5")), "{status} {retry:?}");
        sent += if status == 200 { 1000 } else { 0 };
        status == 503
    });
    sent
}

#[test]
fn a_server_without_room_pauses_the_intake_which_goes_on_by_itself_when_there_is_some() {
    let Some(scaled) = Scaled::new("ingest") else { return };
    let (installation, disk) = (&scaled.installation, &scaled.disk);
    let file = installation.desk("vendas.xlsx");
    write_rows(&file, two_rows());
    let [service, pages] = scaled.start(&[]);
    let token = installation.token(&pages, "loja");
    let browser = Browser::signed_in(&pages, "loja");
    let _worker = installation.start_role(&["worker"], free_port(), &[]);
    disk.fill();
    let sent = send_until_refused(&service, &token, 0);
    assert!(said(&service).contains("the database's disk has no room left"), "{}", said(&service));
    let page = browser.get("/imports").text();
    assert!(page.contains("Entrada em pausa: o disco do banco de dados"), "{page}");
    installation.drop_file(&file, "vendas.xlsx");
    let end = Instant::now() + Duration::from_secs(3);
    wait_until("room was looked for some times, in vain", || {
        assert!(said(&service).contains("the database's disk has no room left"));
        Instant::now() > end
    });
    assert_eq!(installation.files_in("inbox").len(), 1, "the file waits");

    disk.free();
    // It recovers without any sender, because a monitor that asks `/ready` sends nothing to a paused service.
    wait_until("it is ready", || ready(&service).0 == 200);
    installation.wait_for_empty_inbox();
    assert_eq!(post(&service, &token, sent, 1000).0, 200);
    installation.wait_for_imports(sent / 1000 + 2);
    assert_eq!(installation.sums().0, i64::try_from(sent + 1000 + 2).unwrap());
    installation.assert_consistent();
}

#[test]
fn a_full_disk_below_the_stored_sales_costs_no_message_an_attempt_and_pauses_the_intake_in_time() {
    let Some(scaled) = Scaled::new("distrib") else { return };
    let (installation, disk) = (&scaled.installation, &scaled.disk);
    let [service, pages] = scaled.start(&[("CAUDAL_MAX_OUTBOX_MIB", "1")]);
    let token = installation.token(&pages, "loja");
    let browser = Browser::signed_in(&pages, "loja");
    // One message has failed before the disk is full, and is due again and again.
    installation.damage(
        "CREATE FUNCTION poison() RETURNS trigger LANGUAGE plpgsql AS $$
         BEGIN IF NEW.name = 'Veneno' THEN RAISE EXCEPTION 'poisoned'; END IF; RETURN NEW; END $$",
    );
    installation.damage("CREATE TRIGGER poison BEFORE INSERT ON products FOR EACH ROW EXECUTE FUNCTION poison()");
    let file = installation.csv("vendas.csv", "pedido;data;produto;quantidade;total\n1;01/10/2026;Veneno;1;20,00\n");
    installation.drop_file(&file, "vendas.csv");
    let _workers = [free_port(), free_port()].map(|port| installation.start_role(&["worker"], port, &[]));
    wait_until("its row has failed", || installation.dead_letters().len() == 1);
    installation.damage("DROP TRIGGER poison ON products");
    installation.damage("UPDATE failed_messages SET attempts = 11, next_attempt_at = '2100-01-01'");
    disk.fill();
    // Its last attempt begins while there is no room.
    installation.damage("UPDATE failed_messages SET next_attempt_at = '2020-01-01'");
    let sent = send_until_refused(&service, &token, 0);
    assert!(said(&service).contains("too much data waits to be stored"), "{}", said(&service));
    let page = browser.get("/imports").text();
    assert!(page.contains("Entrada em pausa") && page.contains("MiB já esperam para ser gravados"), "{page}");

    disk.free();
    wait_until_at_most(Duration::from_secs(120), "everything is stored", || {
        installation.sums().0 == i64::try_from(sent + 1).unwrap()
    });
    assert_eq!(installation.dead_letters(), Vec::<serde_json::Value>::new());
    wait_until("the intake resumes", || post(&service, &token, sent, 1).0 == 200);
    installation.wait_for_imports(sent / 1000 + 2);
    installation.assert_consistent();
}

#[test]
fn a_server_that_stops_because_its_log_has_no_room_is_waited_for() {
    let Some(servers) = PrivateServers::start() else { return };
    let Some(disk) = SmallDisk::mount(&servers.folder("log"), 48) else { return };
    servers.move_log(disk.folder());
    let installation = Installation::on(servers.servers());
    installation.output(0, &["migrate"]);
    let [service, pages] = start(&installation, &[]);
    let token = installation.token(&pages, "loja");
    let _worker = installation.start_role(&["worker"], free_port(), &[]);
    let mut sent = 0;
    wait_until_at_most(Duration::from_secs(120), "the server has stopped", || {
        sent = send_until_refused(&service, &token, sent);
        let (status, answer) = ready(&service);
        assert_eq!(status, 503, "{answer}");
        answer["unreachable"].as_array().is_some_and(|names| names.contains(&json!("ingest database")))
    });

    disk.grow(1024);
    servers.run(&["postgres", "start"]);
    wait_until("it is ready", || ready(&service).0 == 200);
    assert_eq!(post(&service, &token, sent, 1000).0, 200);
    installation.wait_for_imports(sent / 1000 + 1);
    // The refused batch may have been committed when the server stopped.
    assert_eq!(installation.sums().0, i64::try_from(sent + 1000).unwrap());
    assert_eq!(installation.dead_letters(), Vec::<serde_json::Value>::new());
    installation.assert_consistent();
}
