//! Bodies of requests: none is read in vain, and not too many at once.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::installation::{Installation, Service, wait_until};
use crate::pressure::{post, ready};
use crate::servers::PrivateServers;

/// The size of the largest allowed body.
const MOST: usize = 8 << 20;

/// A client that has sent the head of a request with a body of this many bytes, and only the first of the bytes.
struct Slow {
    stream: TcpStream,
    missing: usize,
}

impl Slow {
    fn new(service: &Service, token: &str, bytes: usize) -> Self {
        const SALE: &str =
            r#"[{"id": "1", "sold_at": "2026-10-01", "product": "Café", "quantity": 1, "unit_price": "1.00"}]"#;
        let address = service.url.strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(address).unwrap();
        // Shorter than the time that a server waits for a body.
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        write!(
            stream,
            "POST /ingest/v1/sales HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/json\r\nContent-Length: {bytes}\r\n\r\n{SALE}"
        )
        .unwrap();
        Self { stream, missing: bytes - SALE.len() }
    }

    /// Sends the rest, as spaces that a reader of JSON ignores.
    fn finish(&mut self) {
        self.stream.write_all(&vec![b' '; self.missing]).unwrap();
    }

    fn is_answered(&self) -> bool {
        self.stream.set_nonblocking(true).unwrap();
        let is_answered = self.stream.peek(&mut [0]).is_ok();
        self.stream.set_nonblocking(false).unwrap();
        is_answered
    }

    /// Status and headers of the answer.
    fn answer(&mut self) -> String {
        let mut text = Vec::new();
        let mut some = [0; 1024];
        while !text.windows(4).any(|end| end == b"\r\n\r\n") {
            let count = self.stream.read(&mut some).expect("an answer before the body");
            assert!(count > 0, "no answer");
            text.extend_from_slice(&some[..count]);
        }
        String::from_utf8(text).unwrap().to_lowercase()
    }
}

#[test]
fn whoever_has_no_token_is_answered_before_its_body_is_read() {
    let installation = Installation::new();
    let service = installation.start();
    let answer = Slow::new(&service, "none", MOST).answer();
    assert!(answer.starts_with("http/1.1 401"), "{answer}");
    // A client that sends everything before it listens is answered too, instead of being cut off.
    let mut whole = Slow::new(&service, "none", MOST);
    whole.finish();
    assert!(whole.answer().starts_with("http/1.1 401"));
}

#[test]
fn while_the_intake_is_paused_no_body_is_read() {
    let installation = Installation::new();
    // More than any disk has.
    let service = installation.start_with(&[("CAUDAL_DISK_RESERVE_MIB", "1048576")]);
    let token = installation.token(&service, "loja");
    let answer = Slow::new(&service, &token, MOST).answer();
    assert!(answer.starts_with("http/1.1 503") && answer.contains("retry-after: 5"), "{answer}");
}

#[test]
fn while_the_database_is_away_no_body_is_read_and_all_goes_on_by_itself() {
    let Some(servers) = PrivateServers::start() else { return };
    let installation = Installation::on(servers.servers());
    installation.output(0, &["migrate"]);
    let service = installation.start();
    let token = installation.token(&service, "loja");
    servers.run(&["postgres", "crash"]);
    // The last known state stays valid for a second.
    wait_until("it is known", || {
        let (status, ready) = ready(&service);
        status == 503 && ready["paused"].as_str().is_some_and(|paused| paused.contains("database does not answer"))
    });
    let answer = Slow::new(&service, &token, MOST).answer();
    assert!(answer.starts_with("http/1.1 503") && answer.contains("retry-after: 5"), "{answer}");

    servers.run(&["postgres", "start"]);
    wait_until("the intake resumes", || post(&service, &token, 100, 1).0 == 200);
}

#[test]
fn more_bodies_at_once_than_there_is_memory_for_are_put_off_and_go_through_later() {
    let installation = Installation::new();
    let service = installation.start();
    let token = installation.token(&service, "loja");
    let mut large: Vec<Slow> = (0..5).map(|_| Slow::new(&service, &token, MOST)).collect();
    let mut put_off = None;
    wait_until("one of five is put off", || {
        put_off = large.iter().position(Slow::is_answered);
        put_off.is_some()
    });
    let answer = large.remove(put_off.unwrap()).answer();
    assert!(answer.starts_with("http/1.1 503") && answer.contains("retry-after: 5"), "{answer}");
    assert_eq!(post(&service, &token, 100, 1), (503, Some("5".to_owned())));

    // A client that goes away frees its memory for others.
    drop(large.pop());
    wait_until("there is memory again", || post(&service, &token, 100, 1).0 == 200);
    for mut slow in large {
        slow.finish();
        assert!(slow.answer().starts_with("http/1.1 200"));
    }
    let mut whole = Slow::new(&service, &token, MOST);
    whole.finish();
    assert!(whole.answer().starts_with("http/1.1 200"));
}
