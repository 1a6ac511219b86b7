//! The health of a process, asked from outside.

use std::net::{TcpListener, TcpStream};

use caudal_platform::database::MIGRATION_LOCK;

use crate::installation::{Installation, free_port, wait_until};

#[test]
fn a_service_that_answers_is_well_and_one_that_ended_is_not() {
    let installation = Installation::new();
    let service = installation.start();
    let url = service.url.clone();
    let answer = installation.output(0, &["health", "--url", &url]);
    assert!(answer.contains("200"), "{answer}");
    // Its address is known from its settings too, even if it listens everywhere.
    let port = url.rsplit(':').next().unwrap();
    installation.output(0, &["health", "--listen", &format!("0.0.0.0:{port}")]);

    assert_eq!(service.terminate(), Some(0));
    let output = installation.caudal(&["health", "--url", &url]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("unhealthy"));
}

#[test]
fn a_worker_is_well_while_its_database_and_its_queue_can_be_reached() {
    let installation = Installation::new();
    installation.output(0, &["migrate"]);
    assert!(not_well(&installation, &[]).contains("no worker runs here"));
    let worker = installation.start_role(&["worker"], free_port(), &[]);
    wait_until("the worker moves", || installation.caudal(&["health", "--worker"]).status.success());
    assert!(installation.output(0, &["health", "--worker"]).contains("0 messages waiting"));
    for (name, away) in
        [("DISTRIB_DATABASE_URL", "postgres://nobody:x@127.0.0.1:1/x"), ("QUEUE_URL", "amqp://nobody:x@127.0.0.1:1/x")]
    {
        let output = installation.command(&["health", "--worker"]).env(name, away).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{name}");
    }
    assert_eq!(worker.terminate(), Some(0));
    assert!(not_well(&installation, &[]).contains("no worker runs here"));
}

/// The complaint of `caudal health --worker`, which must fail.
fn not_well(installation: &Installation, environment: &[(&str, &str)]) -> String {
    let output = installation.command(&["health", "--worker"]).envs(environment.iter().copied()).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    String::from_utf8(output.stderr).unwrap()
}

/// Long enough for a worker that moves, even on a busy machine.
const BRIEF: (&str, &str) = ("CAUDAL_WORKER_SILENCE_SECONDS", "4");

/// Whether the workers count as well if they may be silent only briefly.
fn moves(installation: &Installation) -> bool {
    installation.command(&["health", "--worker"]).envs([BRIEF]).output().unwrap().status.success()
}

#[cfg(target_os = "linux")]
#[test]
fn a_worker_that_stands_still_is_said_to_be_stuck_until_it_goes_on() {
    let installation = Installation::new();
    installation.output(0, &["migrate"]);
    let workers = [(); 2].map(|()| installation.start_role(&["worker"], free_port(), &[]));
    wait_until("both workers move", || {
        std::fs::read_dir(installation.data_dir().join("workers")).is_ok_and(|files| files.count() == 2)
            && moves(&installation)
    });
    workers[1].freeze();
    wait_until("it is stuck", || !moves(&installation));
    let said = not_well(&installation, &[BRIEF]);
    assert!(said.contains(&format!("the worker of process {} is stuck", workers[1].pid())), "{said}");
    workers[1].thaw();
    wait_until("it moves again", || moves(&installation));
}

#[test]
fn a_worker_that_waits_for_a_lock_is_not_stuck_for_a_while() {
    let installation = Installation::new();
    let _service = installation.start();
    wait_until("the worker moves", || moves(&installation));
    let lock = installation.hold_deliveries();
    let file = installation.csv("vendas.csv", "pedido;data;produto;quantidade;total\n1;01/10/2026;Café;1;10,00\n");
    installation.drop_file(&file, "vendas.csv");
    // The sign of life comes from the work, not from a thread beside it.
    wait_until("it waits for the lock", || !moves(&installation));
    installation.output(0, &["health", "--worker"]);
    drop(lock);
    installation.wait_for_imports(1);
    wait_until("it moves again", || moves(&installation));
}

#[test]
fn services_that_start_at_once_on_postgresql_take_turns_to_migrate() {
    let installation = Installation::new();
    if !installation.backend().is_postgres() {
        return;
    }
    let started: Vec<_> = (0..6).map(|_| installation.command(&["migrate"]).spawn().unwrap()).collect();
    for mut process in started {
        assert!(process.wait().unwrap().success());
    }
}

#[test]
fn a_service_waits_for_a_database_that_is_away_and_ends_well_when_it_is_told() {
    let installation = Installation::new();
    let url = format!("postgres://ana:hunter2@127.0.0.1:{}/caudal", free_port());
    let service = installation.start_role(&["worker"], free_port(), &[("DISTRIB_DATABASE_URL", &url)]);
    wait_until("it says what it waits for", || installation.log().contains("cannot start yet"));
    assert!(installation.log().contains("cannot be reached"), "{}", installation.log());
    assert_eq!(service.terminate(), Some(0));
    assert_eq!(installation.log().matches("cannot start yet").count(), 1);
}

#[test]
fn a_file_that_is_no_database_ends_the_start_with_its_name() {
    let installation = Installation::on(caudal_platform::testing::Servers::default());
    installation.output(0, &["migrate"]);
    std::fs::write(installation.data_dir().join("distrib.db"), "x".repeat(8192)).unwrap();
    let mut service = installation.start_role(&[], free_port(), &[]);
    let mut ended = None;
    wait_until("it ends", || {
        ended = service.ended();
        ended.is_some()
    });
    assert_eq!(ended.unwrap().code(), Some(4), "{}", installation.log());
    let log = installation.log();
    assert!(log.contains("distrib.db") && log.contains("file is not a database"), "{log}");
}

#[test]
fn a_service_starts_by_itself_when_its_database_is_there() {
    let installation = Installation::new();
    if !installation.backend().is_postgres() {
        return;
    }
    let url = installation.backend().database_url("distrib", &installation.data_dir());
    let (user, server) = url.split_once('@').unwrap();
    let (server, database) = server.split_once('/').unwrap();
    let port = free_port();
    let through = format!("{user}@127.0.0.1:{port}/{database}");
    let service = installation.start_role(&["worker"], free_port(), &[("DISTRIB_DATABASE_URL", &through)]);
    wait_until("it waits", || installation.log().contains("cannot start yet"));
    forward(port, server.to_owned());
    wait_until("it has started", || installation.log().contains("\"started\""));
    assert_eq!(service.terminate(), Some(0));

    // A server that answers and refuses will do so again, so the worker does not wait.
    let url = format!("{user}@{server}/no_such_database");
    let refused = installation.command(&["worker"]).env("DISTRIB_DATABASE_URL", url).output().unwrap();
    assert_eq!(refused.status.code(), Some(4));
}

/// Listens on a port and forwards everything to a server.
fn forward(port: u16, server: String) {
    let listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
    std::thread::spawn(move || {
        for client in listener.incoming() {
            let (client, server) = (client.unwrap(), TcpStream::connect(&server).unwrap());
            for (mut from, mut to) in [(client.try_clone().unwrap(), server.try_clone().unwrap()), (server, client)] {
                std::thread::spawn(move || {
                    let _ = std::io::copy(&mut from, &mut to);
                    let _ = to.shutdown(std::net::Shutdown::Both);
                });
            }
        }
    });
}

#[test]
fn a_service_waits_for_another_that_brings_the_tables_up_to_date_however_long_that_takes() {
    let installation = Installation::new();
    if !installation.backend().is_postgres() {
        return;
    }
    let other = installation.hold_lock(MIGRATION_LOCK);
    let mut service = installation.start_role(&["worker"], free_port(), &[]);
    wait_until("it says what it waits for, or ends", || {
        installation.log().contains("cannot start yet") || service.ended().is_some()
    });
    assert!(service.ended().is_none(), "{}", installation.log());
    drop(other);
    wait_until("it has started", || installation.log().contains("\"started\""));
    assert_eq!(service.terminate(), Some(0));
}
