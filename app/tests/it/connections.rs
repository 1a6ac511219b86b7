//! Connections: the answers while all places are taken, and bodies that do not come.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use crate::installation::{Installation, Service, wait_until};

/// Sends a text over a new connection and reads until the other side closes it. Empty if the place was given to another
/// connection.
fn exchange(service: &Service, request: &str) -> String {
    let mut stream = TcpStream::connect(service.url.strip_prefix("http://").unwrap()).unwrap();
    // Longer than the service tolerates anything slow.
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let mut answer = Vec::new();
    let _ = stream.write_all(request.as_bytes()).and_then(|()| stream.read_to_end(&mut answer));
    String::from_utf8_lossy(&answer).to_lowercase()
}

fn ask(service: &Service, path: &str) -> String {
    exchange(service, &format!("GET {path} HTTP/1.1\r\nHost: caudal\r\n\r\n"))
}

#[test]
fn while_all_places_are_worked_on_health_and_readiness_are_answered_and_others_are_told_to_come_again() {
    let installation = Installation::new();
    let service = installation.start_with(&[("CAUDAL_MAX_CONNECTIONS_PER_ADDRESS", "1")]);
    let token = installation.token(&service, "loja");
    let sale = r#"[{"id":"1","sold_at":"2026-10-01","product":"Mel","quantity":1,"unit_price":"1.00"}]"#;
    let batch = format!(
        "POST /ingest/v1/sales HTTP/1.1\r\nHost: caudal\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\
         Content-Length: {}\r\n\r\n{sale}",
        sale.len()
    );
    let lock = installation.hold_intake();
    std::thread::scope(|scope| {
        // Repeats until the batch has the place, because one of our own questions may have it.
        let send = || exchange(&service, &batch);
        let batch = scope.spawn(move || std::iter::repeat_with(send).find(|answer| answer.starts_with("http/1.1 200")));
        // The request does not ask to close the connection.
        let mut page = String::new();
        wait_until("the batch is worked on", || {
            page = ask(&service, "/login");
            page.starts_with("http/1.1 503")
        });
        assert!(page.contains("retry-after: 5") && page.contains("connection: close"), "{page}");
        assert!(page.contains("application/problem+json") && page.contains("\"unavailable\""), "{page}");
        for _ in 0..50 {
            let health = ask(&service, "/health");
            assert!(health.starts_with("http/1.1 200") && health.contains("connection: close"), "{health}");
        }
        assert!(ask(&service, "/ready").contains("\"status\":"));
        assert!(!batch.is_finished(), "nobody took its place");
        drop(lock);
        assert!(batch.join().unwrap().is_some());
    });
    assert!(ask(&service, "/login").starts_with("http/1.1 200"));
    installation.assert_consistent();
}

#[test]
fn a_body_that_does_not_come_is_answered_408_whoever_would_read_it() {
    let installation = Installation::new();
    let service = installation.start();
    let token = installation.token(&service, "loja");
    let authorization = format!("Authorization: Bearer {token}\r\n");
    let form = "Content-Type: application/x-www-form-urlencoded\r\n";
    let json = "Content-Type: application/json\r\n";
    std::thread::scope(|scope| {
        for (path, headers) in [
            ("/login", form.to_owned()),
            ("/setup", form.to_owned()),
            ("/language", form.to_owned()),
            ("/token", form.to_owned()),
            ("/ingest/v1/sales", format!("{json}{authorization}")),
        ] {
            for length in ["Content-Length: 1000\r\n\r\na", "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n"] {
                let service = &service;
                let headers = headers.clone();
                scope.spawn(move || {
                    let origin = &service.url;
                    let head = format!("POST {path} HTTP/1.1\r\nHost: caudal\r\nOrigin: {origin}\r\n{headers}{length}");
                    let answer = exchange(service, &head);
                    assert!(answer.starts_with("http/1.1 408"), "{path}: {answer}");
                    assert!(
                        answer.contains("\"body_too_slow\"") && answer.contains("connection: close"),
                        "{path}: {answer}"
                    );
                });
            }
        }
    });
}
