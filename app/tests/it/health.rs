//! Whether a process is well, asked from beside it.

use crate::installation::Installation;

#[test]
fn a_service_that_answers_is_well_and_one_that_ended_is_not() {
    let installation = Installation::new();
    let service = installation.start();
    let url = service.url.clone();
    let answer = installation.output(0, &["health", "--url", &url]);
    assert!(answer.contains("200"), "{answer}");
    // Where it answers is known from its own settings too, also when it listens everywhere
    let port = url.rsplit(':').next().unwrap();
    installation.output(0, &["health", "--listen", &format!("0.0.0.0:{port}")]);

    assert_eq!(service.terminate(), Some(0));
    let output = installation.caudal(&["health", "--url", &url]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("not well"));
}

#[test]
fn a_worker_is_well_while_its_database_and_its_queue_can_be_reached() {
    let installation = Installation::new();
    installation.output(0, &["migrate"]);
    assert!(installation.output(0, &["health", "--worker"]).contains("0 messages waiting"));
    for (name, away) in
        [("DISTRIB_DATABASE_URL", "postgres://nobody:x@127.0.0.1:1/x"), ("QUEUE_URL", "amqp://nobody:x@127.0.0.1:1/x")]
    {
        let output = installation.command(&["health", "--worker"]).env(name, away).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{name}");
    }
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
