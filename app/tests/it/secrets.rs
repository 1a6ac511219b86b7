//! Passwords appear in no log, no error and no output.

use caudal_platform::testing::Servers;
use serde_json::json;

use crate::browser::Browser;
use crate::installation::{Installation, PASSWORD, free_port, wait_until};
use crate::servers::add_broker_user;
use crate::workbook::{two_rows, write_rows};

/// The password in every URL.
const CANARY: &str = "Kanarienvogel7";

/// The whole output of a command.
fn said(mut command: std::process::Command) -> String {
    let output = command.output().unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// Fails with the line that contains a secret.
fn assert_keeps(text: &str, secrets: &[&str], what: &str) {
    for secret in secrets {
        let line = text.lines().find(|line| line.contains(secret));
        assert!(line.is_none(), "{what} tells a secret: {}", line.unwrap());
    }
}

#[test]
fn commands_and_errors_tell_no_password() {
    let installation = Installation::on(Servers::default());
    let file = installation.desk("a.xlsx");
    write_rows(&file, two_rows());
    let away = [
        ("INGEST_DATABASE_URL", format!("postgres://ana:{CANARY}@127.0.0.1:9/ingest")),
        ("DISTRIB_DATABASE_URL", format!("postgres://ana@127.0.0.1:9/distrib?password={CANARY}")),
        ("QUEUE_URL", format!("amqp://ana:{CANARY}@127.0.0.1:9/caudal")),
        ("CAUDAL_PUBLIC_URL", format!("https://ana:{CANARY}@vendas.example")),
        ("CAUDAL_INGEST_URL", format!("http://ana:{CANARY}@ingest:8000")),
        ("CAUDAL_DISTRIB_URL", format!("http://ana:{CANARY}@distrib:8000")),
    ];
    let import = file.to_str().unwrap();
    let commands: [&[&str]; 8] = [
        &["config"],
        &["config", "--json"],
        &["doctor"],
        &["import", import],
        &["imports", "list"],
        &["health", "--worker"],
        &["migrate"],
        &["migrate-data"],
    ];
    let run = |settings: &[(&str, String)], arguments: &[&str]| {
        let mut command = installation.command(arguments);
        command.envs(settings.iter().map(|(name, value)| (name, value))).env("CAUDAL_LOG", "trace");
        said(command)
    };
    for arguments in commands {
        assert_keeps(&run(&away, arguments), &[CANARY], &format!("{arguments:?}"));
        // Only the queue is away here, because otherwise the databases would fail first.
        assert_keeps(&run(&away[2..3], arguments), &[CANARY], &format!("{arguments:?}"));
        for (name, _) in &away {
            // Typical mistakes: no scheme, another scheme, a malformed URL, or the password alone.
            for wrong in [
                format!("ana:{CANARY}@127.0.0.1:9/x"),
                format!("{CANARY}@127.0.0.1:9/x"),
                format!("mysql://ana:{CANARY}@127.0.0.1/x"),
                format!("postgres://ana:{CANARY}%zz@127.0.0.1:9/x"),
                format!("amqp://ana:{CANARY}/%zz@127.0.0.1:9/x"),
                format!("{CANARY}:x"),
                CANARY.to_owned(),
            ] {
                if arguments.len() == 1 {
                    assert_keeps(
                        &run(&[(name, wrong.clone())], arguments),
                        &[CANARY],
                        &format!("{arguments:?} with {name}"),
                    );
                }
            }
        }
    }
}

#[test]
fn services_that_log_everything_log_no_password_and_no_token() {
    let installation = Installation::new();
    let servers = Servers::of_environment();
    let file = installation.desk("a.xlsx");
    write_rows(&file, two_rows());
    let data_dir = installation.data_dir();
    let with_password = |url: String| match url.split_once('@') {
        // The server lets everybody in, but the password is sent all the same.
        Some((user, rest)) => format!("{user}:{CANARY}@{rest}"),
        None => url,
    };
    let [ingest, distrib] =
        ["ingest", "distrib"].map(|name| with_password(installation.backend().database_url(name, &data_dir)));
    let queue = match servers.rabbitmq {
        Some((_, api)) => add_broker_user(&api, &installation.backend().queue_url(&data_dir), "kanarie", CANARY),
        None => installation.backend().queue_url(&data_dir),
    };
    let port = free_port();
    let own = format!("http://ana:{CANARY}@127.0.0.1:{port}");
    let environment = [
        ("INGEST_DATABASE_URL", ingest.as_str()),
        ("DISTRIB_DATABASE_URL", &distrib),
        ("QUEUE_URL", &queue),
        ("CAUDAL_PUBLIC_URL", &own),
        ("CAUDAL_INGEST_URL", &own),
        ("CAUDAL_DISTRIB_URL", &own),
        ("CAUDAL_LOG", "trace,lapin=trace"),
    ];
    let service = installation.start_role(&[], port, &environment);
    let token = installation.token(&service, "loja");
    let sale = json!({"id": "1", "sold_at": "2026-10-01", "product": "Café", "quantity": 1, "unit_price": "1.00"});
    let request =
        ureq::post(format!("{}/ingest/v1/sales", service.url)).header("authorization", format!("Bearer {token}"));
    assert_eq!(request.send_json(&sale).unwrap().status(), 200);
    installation.drop_file(&file, "a.xlsx");
    std::fs::create_dir_all(data_dir.join("inbox/rehearsal")).unwrap();
    installation.drop_file(&file, "rehearsal/a.xlsx");
    let browser = Browser::new(&service);
    let csrf = browser.csrf("/login");
    assert_eq!(browser.post("/login", &[("csrf", &csrf), ("name", "loja"), ("password", PASSWORD)]).status, 303);
    browser.get("/imports");
    wait_until("all is stored", || installation.sums().0 == 3);
    installation.wait_for_empty_inbox();
    assert_eq!(service.terminate(), Some(0));
    let log = std::fs::read_to_string(installation.desk("service.log")).unwrap();
    assert!(log.contains("TRACE"), "it did log everything");
    assert_keeps(&log, &[CANARY, PASSWORD, &token], "the log");
}
