//! The command line: its texts, their streams and the exit codes.

use std::net::TcpListener;

use serde_json::json;

use crate::installation::Installation;
use crate::workbook::{two_rows, write_rows};

#[test]
fn a_rehearsal_gives_the_numbers_and_stores_nothing() {
    let installation = Installation::new();
    let file = installation.desk("a.xlsx");
    write_rows(&file, two_rows());
    let rehearsed = installation.json(0, &["import", "--dry-run", "--json", file.to_str().unwrap()]);
    assert_eq!((&rehearsed["status"], &rehearsed["import_id"]), (&json!("rehearsed"), &json!(null)));
    assert_eq!(rehearsed["mapping"]["unit_price"], "valor_unitario");
    assert!(installation.imports().is_empty());
    let imported = installation.import(0, &file);
    for part in ["sheet", "header_row", "mapping", "rows", "quantity", "total", "first_date", "last_date"] {
        assert_eq!(imported[part], rehearsed[part], "{part}");
    }
    assert!(file.exists(), "a file named on the command line stays where it is");
    let again = installation.import(0, &file);
    assert_eq!(again["status"], "duplicate");
    assert!(again["reason"].as_str().unwrap().starts_with("already imported on "));
}

#[test]
fn exit_codes_tell_what_happened() {
    let installation = Installation::new();
    let nonsense = installation.desk("x.csv");
    std::fs::write(&nonsense, "planet,mass\nMars,6\n").unwrap();
    installation.output(1, &["import", nonsense.to_str().unwrap()]);
    installation.output(1, &["import", "no-such-file.xlsx"]);
    installation.output(2, &["import"]);
    installation.output(3, &["--listen", "8000", "config"]);
    let database = ("INGEST_DATABASE_URL", "postgres://ana:hunter2@127.0.0.1:9/caudal");
    let unreachable = installation.command(&["doctor"]).env(database.0, database.1).output().unwrap();
    assert_eq!(unreachable.status.code(), Some(4));
    let text = String::from_utf8_lossy(&unreachable.stderr).into_owned();
    assert!(text.contains("postgres://ana:***@127.0.0.1:9/caudal cannot be reached"), "{text}");
    assert!(!text.contains("hunter2"), "{text}");
}

#[test]
fn a_queue_that_cannot_be_reached_is_told_by_the_exit_code_and_by_the_doctor_among_the_rest() {
    let installation = Installation::new();
    let file = installation.desk("a.xlsx");
    write_rows(&file, two_rows());
    let away = ("QUEUE_URL", "amqp://ana:hunter2@127.0.0.1:9/caudal");
    let import = installation.command(&["import", file.to_str().unwrap()]).env(away.0, away.1).output().unwrap();
    assert_eq!(import.status.code(), Some(4), "{}", String::from_utf8_lossy(&import.stderr));
    let doctor = installation.command(&["doctor"]).env(away.0, away.1).output().unwrap();
    assert_eq!(doctor.status.code(), Some(1));
    let report = String::from_utf8(doctor.stdout).unwrap();
    let line =
        |name: &str| report.lines().find(|line| line.contains(name)).unwrap_or_else(|| panic!("{name}: {report}"));
    assert!(
        line("  queue ").starts_with("WRONG")
            && line("  queue ").contains("amqp://ana:***@127.0.0.1:9/caudal cannot be reached"),
        "{report}"
    );
    for sound in ["ingest database", "distrib database", "  inbox "] {
        assert!(line(sound).starts_with("ok "), "{report}");
    }
}

#[test]
fn one_database_url_is_enough_for_whoever_works_with_one_database() {
    let installation = Installation::new();
    let alone = |arguments: &[&str]| {
        let url = installation.backend().database_url("distrib", &installation.data_dir());
        let mut command = installation.command(arguments);
        command.env_remove("INGEST_DATABASE_URL").env_remove("DISTRIB_DATABASE_URL").env("DATABASE_URL", url);
        let output = command.output().unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    assert_eq!(alone(&["config"]).0, Some(0));
    assert_eq!(alone(&["user", "list"]).0, Some(0));
    let idle = alone(&["health", "--worker"]);
    assert!(idle.0 == Some(1) && idle.1.contains("no worker runs here"), "{idle:?}");
    let nobody = alone(&["health", "--url", "http://127.0.0.1:9"]);
    assert!(nobody.0 == Some(1) && nobody.1.contains("unhealthy"), "{nobody:?}");
    let both = alone(&["doctor"]);
    assert!(both.0 == Some(3) && both.1.contains("one database for two services"), "{both:?}");
}

#[test]
fn a_database_of_the_other_service_is_not_taken_for_ones_own() {
    let installation = Installation::new();
    installation.output(0, &["migrate"]);
    let url = |service: &str| installation.backend().database_url(service, &installation.data_dir());
    let mut swapped = installation.command(&["migrate"]);
    swapped.env("INGEST_DATABASE_URL", url("distrib")).env("DISTRIB_DATABASE_URL", url("ingest"));
    let output = swapped.output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(text.contains("is the distrib service's database") && text.contains("swapped"), "{text}");
    // Judged by its migrations alone, the database would look as if some were missing.
    let worker = installation.command(&["user", "list"]).env("DISTRIB_DATABASE_URL", url("ingest")).output().unwrap();
    assert_eq!(worker.status.code(), Some(1));
    installation.assert_consistent();
}

#[test]
fn settings_are_shown_with_where_they_came_from_and_without_passwords() {
    let installation = Installation::new();
    let output = installation
        .command(&["config", "--json", "--language", "pt-BR"])
        .env("DISTRIB_DATABASE_URL", "postgres://ana:hunter2@db/caudal")
        .output()
        .unwrap();
    let settings: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(settings["CAUDAL_LANGUAGE"]["from"], "flag");
    assert_eq!(settings["CAUDAL_DATA_DIR"]["from"], "environment");
    assert_eq!(
        settings["CAUDAL_LISTEN"],
        json!({"value": "127.0.0.1:8000", "from": "default", "help": settings["CAUDAL_LISTEN"]["help"]})
    );
    assert_eq!(settings["DISTRIB_DATABASE_URL"]["value"], "postgres://ana:***@db/caudal");
    assert!(!String::from_utf8_lossy(&output.stdout).contains("hunter2"));
}

#[test]
fn a_busy_port_is_named_with_the_flag_that_changes_it() {
    let installation = Installation::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = installation.caudal(&["--listen", &address]);
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(text.contains(&format!("cannot listen on {address}")) && text.contains("--listen"), "{text}");
}

#[test]
fn a_service_that_is_asked_to_stop_ends_well() {
    let installation = Installation::new();
    let service = installation.start();
    assert_eq!(service.terminate(), Some(0));
}

#[cfg(unix)]
#[test]
fn keys_and_data_are_private() {
    use std::os::unix::fs::PermissionsExt;
    let installation = Installation::new();
    let _service = installation.start();
    let mode = |path: &str| std::fs::metadata(installation.data_dir().join(path)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(""), 0o700);
    for file in ["secrets/token.key", "secrets/csrf.key", "secrets/setup.token"] {
        assert_eq!(mode(file), 0o600, "{file}");
    }
}

#[test]
fn health_and_readiness_are_told() {
    let installation = Installation::new();
    let service = installation.start();
    for path in ["health", "ready"] {
        assert_eq!(ureq::get(format!("{}/{path}", service.url)).call().unwrap().status(), 200, "{path}");
    }
}

#[test]
fn help_shows_examples_and_exit_codes() {
    let help = Installation::new().output(0, &["--help"]);
    for part in ["caudal import vendas.xlsx", "5 finished, with rejected rows", "--data-dir"] {
        assert!(help.contains(part), "{part}: {help}");
    }
}
