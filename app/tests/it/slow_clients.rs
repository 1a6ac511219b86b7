//! Hundreds of clients that send or read as slowly as they can: clients at a normal pace notice nothing, and in the end the
//! slow ones are cut.

use std::collections::BTreeMap;
use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddrV4, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rustix::net::sockopt::set_socket_recv_buffer_size;
use rustix::net::{AddressFamily, SocketType, bind, connect, socket};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::browser::Browser;
use crate::installation::{Installation, Service, wait_until_at_most};

/// How long the good clients are watched while the attack goes on.
const WATCHED: Duration = Duration::from_secs(8);
/// The limit for 99 of 100 requests of a good client. A debug build on a machine that runs other tests hashes passwords and
/// makes pages about four times as slowly.
const SOON: Duration = if cfg!(debug_assertions) { Duration::from_secs(2) } else { Duration::from_millis(500) };
/// After this time a request of a good client has failed.
const PATIENCE: Duration = Duration::from_secs(5);
/// A body has 30 seconds and one more for each 64 KiB, the longest time for anything slow. The rest is for a busy machine.
const CUT_WITHIN: Duration = Duration::from_secs(45);
/// The most memory that the service may take.
const MOST_KIB: u64 = 512 << 10;
/// The number of files that the attack and the service need open.
const FILES: u64 = 4096;

#[derive(Clone, Copy)]
enum Kind {
    /// Sends the head of a request, a byte a second.
    Head,
    /// Sends the body of a login, a byte a second.
    Body,
    /// Asks for a file twenty times over and reads nothing.
    Deaf,
    /// Asks in the same way, and reads a byte a second.
    Sip,
}

/// The addresses of the slow clients.
#[derive(Clone, Copy, PartialEq, Eq)]
enum From {
    /// The address of the good clients. They share its fate, but monitoring does not.
    SameAddress,
    /// One other address.
    AnotherAddress,
    /// Many addresses with twenty connections each. Together they may take every place except those reserved for monitoring.
    ManyAddresses,
}

struct Attack {
    from: From,
    kinds: &'static [(Kind, usize)],
    /// Whether a client that is cut comes back at once.
    returns: bool,
    /// The number of attempts to log in, per second.
    logins: u32,
}

/// One slow client.
struct Slow {
    kind: Kind,
    address: Ipv4Addr,
    stream: Option<TcpStream>,
    has_begun: bool,
}

impl Slow {
    fn connect(&mut self, to: SocketAddrV4) {
        let open = || -> rustix::io::Result<TcpStream> {
            let socket = socket(AddressFamily::INET, SocketType::STREAM, None)?;
            if matches!(self.kind, Kind::Deaf | Kind::Sip) {
                set_socket_recv_buffer_size(&socket, 2048)?;
            }
            bind(&socket, &SocketAddrV4::new(self.address, 0))?;
            let stream = TcpStream::from(socket);
            stream.set_nonblocking(true).unwrap();
            match connect(&stream, &to) {
                Ok(()) | Err(rustix::io::Errno::INPROGRESS) => Ok(stream),
                Err(error) => Err(error),
            }
        };
        (self.stream, self.has_begun) = (open().ok(), false);
    }

    /// Sends or reads the next byte, and notices if it was cut.
    fn go_on(&mut self, file: &str) {
        let Some(stream) = &mut self.stream else { return };
        let head = match self.kind {
            Kind::Head => "GET /login HTTP/1.1\r\nHost: caudal\r\nX: ".to_owned(),
            Kind::Body => "POST /login HTTP/1.1\r\nHost: caudal\r\nContent-Type: application/x-www-form-urlencoded\r\n\
                           Content-Length: 16000\r\n\r\ncsrf="
                .to_owned(),
            Kind::Deaf | Kind::Sip => format!("GET {file} HTTP/1.1\r\nHost: caudal\r\n\r\n").repeat(20),
        };
        let is_reader = matches!(self.kind, Kind::Deaf | Kind::Sip);
        let next: &[u8] = match (self.has_begun, self.kind) {
            // Even the first line of a head comes a byte a second.
            (false, Kind::Head) => b"G",
            (false, _) => head.as_bytes(),
            (true, Kind::Head) => b"E",
            (true, Kind::Body) => b"a",
            (true, _) => b"",
        };
        let mut is_cut = match stream.write(next) {
            Ok(_) => {
                self.has_begun = true;
                false
            }
            Err(error) => !matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::NotConnected),
        };
        let mut some = [0; 4096];
        let wanted = match self.kind {
            Kind::Deaf => 0,
            Kind::Sip => 1,
            _ => some.len(),
        };
        if wanted > 0 {
            is_cut |= match stream.read(&mut some[..wanted]) {
                Ok(count) => count == 0,
                Err(error) => !matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::NotConnected),
            };
        } else if is_reader {
            is_cut |= stream.take_error().is_ok_and(|error| error.is_some());
        }
        if is_cut {
            self.stream = None;
        }
    }
}

/// The answers that good clients got, with the time of each request and the failures.
#[derive(Default)]
struct Record(Mutex<BTreeMap<&'static str, Answers>>);

/// The time of each request, and the reasons of the failures.
type Answers = (Vec<Duration>, Vec<String>);

impl Record {
    fn add(&self, what: &'static str, took: Duration, failure: Option<String>) {
        let mut record = self.0.lock().unwrap();
        let (times, failures) = record.entry(what).or_default();
        times.push(took);
        failures.extend(failure);
    }

    /// The complaints that a good client would have.
    fn complaints(&self, expected: &[&str]) -> Vec<String> {
        let record = self.0.lock().unwrap();
        let mut complaints = Vec::new();
        let mut all = Vec::new();
        for what in expected {
            let Some((times, failures)) = record.get(what) else {
                complaints.push(format!("{what}: never answered"));
                continue;
            };
            all.extend_from_slice(times);
            let told = format!("{what}: {} requests, {}", times.len(), within(times.clone()));
            eprintln!("{told}");
            if let Some(failure) = failures.first() {
                complaints.push(format!("{told}, {} failed: {failure}", failures.len()));
            }
        }
        let is_slow = !all.is_empty() && slowest_of_99(&mut all) > SOON;
        complaints.extend(is_slow.then(|| format!("all {} requests: {}", all.len(), within(all.clone()))));
        complaints
    }
}

/// The longest time among 99 of 100 requests.
fn slowest_of_99(times: &mut [Duration]) -> Duration {
    times.sort();
    times[times.len() * 99 / 100]
}

fn within(mut times: Vec<Duration>) -> String {
    format!("99 of 100 within {:.2?}", slowest_of_99(&mut times))
}

const HEALTH: [&str; 2] = ["/health", "/ready"];
const ALL: [&str; 8] = [
    "/health",
    "/ready",
    "/login",
    "a batch",
    "/health, kept alive",
    "/ready, kept alive",
    "/login, kept alive",
    "a batch, kept alive",
];

fn agent() -> ureq::Agent {
    ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(PATIENCE)).build().into()
}

/// Sends all requests again and again until told to stop, over a new connection each time or always the same one.
fn ask(service: &Service, token: &str, is_kept_alive: bool, record: &Record, stop: &AtomicBool) {
    let kept = agent();
    let number = AtomicU64::new(0);
    let names = if is_kept_alive { &ALL[4..] } else { &ALL[..4] };
    while !stop.load(Ordering::Relaxed) {
        for (place, what) in names.iter().enumerate() {
            if stop.load(Ordering::Relaxed) {
                return;
            }
            let agent = if is_kept_alive { kept.clone() } else { agent() };
            let request = || {
                let answer = match ALL[place] {
                    "a batch" => {
                        let number = number.fetch_add(1, Ordering::Relaxed);
                        let body = format!(
                            r#"[{{"id":"{is_kept_alive}-{number}","sold_at":"2026-05-11","product":"Mel","quantity":1,"total":"9.50"}}]"#
                        );
                        agent
                            .post(format!("{}/ingest/v1/sales", service.url))
                            .header("Authorization", format!("Bearer {token}"))
                            .content_type("application/json")
                            .send(body)
                    }
                    path => agent.get(format!("{}{path}", service.url)).call(),
                };
                let mut answer = answer.map_err(|error| error.to_string())?;
                answer.body_mut().read_to_vec().map_err(|error| error.to_string())?;
                if answer.status() == 200 { Ok(()) } else { Err(format!("status {}", answer.status())) }
            };
            let before = Instant::now();
            let mut result = request();
            // A kept connection may be closed just when it is used again.
            if is_kept_alive && result.is_err() {
                result = request();
            }
            record.add(what, before.elapsed(), result.err());
        }
        std::thread::park_timeout(Duration::from_millis(10));
    }
}

/// Tries to log in this many times a second.
fn guess(service: &Service, a_second: u32, stop: &AtomicBool) {
    let agent = agent();
    let mut number = 0;
    while !stop.load(Ordering::Relaxed) {
        let next = Instant::now() + Duration::from_secs(1) / a_second;
        number += 1;
        let name = format!("ninguem-{}", number % 50);
        let form = [("username", name.as_str()), ("password", "a wrong password")];
        let _ = agent.post(format!("{}/token", service.url)).send_form(form);
        std::thread::park_timeout(next.saturating_duration_since(Instant::now()));
    }
}

/// The number of connections that a process has open.
fn connections(service: &Service) -> usize {
    let files = std::fs::read_dir(format!("/proc/{}/fd", service.pid())).unwrap();
    files
        .filter_map(|file| std::fs::read_link(file.ok()?.path()).ok())
        .filter(|to| to.to_string_lossy().starts_with("socket:"))
        .count()
}

fn peak_kib(service: &Service) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", service.pid())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// One attack after the other, because each takes the whole machine.
fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether this many connections can be made from here.
fn may_open_files() -> bool {
    let limit = getrlimit(Resource::Nofile);
    if limit.current.is_none_or(|current| current >= FILES) {
        return true;
    }
    let raised = Rlimit { current: Some(limit.maximum.map_or(FILES, |most| most.min(FILES))), maximum: limit.maximum };
    setrlimit(Resource::Nofile, raised).is_ok() && raised.current.is_none_or(|current| current >= FILES)
}

impl Attack {
    fn run(&self) {
        let _turn = turn();
        if !may_open_files() {
            eprintln!("skipped: fewer than {FILES} files may be open here");
            return;
        }
        let installation = Installation::new();
        let service = installation.start();
        let token = installation.token(&service, "loja");
        let login = Browser::new(&service).get("/login").text();
        let file = login.split('"').find(|text| text.starts_with("/static/tabler")).expect("a style sheet").to_owned();
        let usual = connections(&service);
        let to: SocketAddrV4 = service.url.strip_prefix("http://").unwrap().parse().unwrap();
        let expected: &[&str] = if self.from == From::AnotherAddress { &ALL } else { &HEALTH };

        let record = Record::default();
        let [stop_good, stop_slow] = [const { AtomicBool::new(false) }; 2];
        let mut slow = self.clients();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !stop_slow.load(Ordering::Relaxed) {
                    let next = Instant::now() + Duration::from_secs(1);
                    for client in &mut slow {
                        if client.stream.is_none() && (self.returns || !client.has_begun) {
                            client.connect(to);
                        }
                        client.go_on(&file);
                    }
                    std::thread::park_timeout(next.saturating_duration_since(Instant::now()));
                }
            });
            // The slow clients take every place that they can get before the good ones come.
            std::thread::park_timeout(Duration::from_secs(1));
            for is_kept_alive in [false, true] {
                let (service, token, record, stop) = (&service, &token, &record, &stop_good);
                scope.spawn(move || ask(service, token, is_kept_alive, record, stop));
            }
            for _ in 0..self.logins / 50 {
                scope.spawn(|| guess(&service, 50, &stop_good));
            }
            let begun = Instant::now();
            std::thread::park_timeout(WATCHED);
            while begun.elapsed() < WATCHED {
                std::thread::park_timeout(WATCHED.saturating_sub(begun.elapsed()));
            }
            stop_good.store(true, Ordering::Relaxed);
            let held = connections(&service);
            let complaints = record.complaints(expected);
            eprintln!("{held} connections, {} MiB at most", peak_kib(&service) >> 10);

            // If anything fails from here on, the slow clients must still be told to end.
            let is_cut = self.returns
                || !complaints.is_empty()
                || is_cut_in_time(&service, usual, CUT_WITHIN.saturating_sub(begun.elapsed()));
            let left = connections(&service).saturating_sub(usual);
            stop_slow.store(true, Ordering::Relaxed);
            assert!(complaints.is_empty(), "with {held} connections open:\n{}", complaints.join("\n"));
            assert!(is_cut, "{left} slow connections are still open after {CUT_WITHIN:?}");
        });
        assert!(peak_kib(&service) < MOST_KIB, "{} MiB", peak_kib(&service) >> 10);
        drop(slow);
        wait_until_at_most(Duration::from_secs(20), "everything is as before", || {
            ALL[..3].iter().all(|path| {
                agent().get(format!("{}{path}", service.url)).call().is_ok_and(|answer| answer.status() == 200)
            })
        });
        installation.assert_consistent();
    }

    fn clients(&self) -> Vec<Slow> {
        let kinds = self.kinds.iter().flat_map(|(kind, count)| std::iter::repeat_n(*kind, *count));
        kinds
            .enumerate()
            .map(|(place, kind)| {
                let address = match self.from {
                    From::SameAddress => Ipv4Addr::LOCALHOST,
                    From::AnotherAddress => Ipv4Addr::new(127, 0, 0, 2),
                    From::ManyAddresses => Ipv4Addr::new(127, 0, 1, u8::try_from(1 + place / 20).unwrap()),
                };
                Slow { kind, address, stream: None, has_begun: false }
            })
            .collect()
    }
}

/// Waits until no more connections are open than before the attack, except those of the good clients and to databases.
fn is_cut_in_time(service: &Service, usual: usize, patience: Duration) -> bool {
    let end = Instant::now() + patience;
    while connections(service) > usual + 40 {
        if Instant::now() > end {
            return false;
        }
        std::thread::park_timeout(Duration::from_millis(100));
    }
    true
}

#[test]
fn heads_and_bodies_of_a_byte_a_second_and_a_flood_of_logins_disturb_nobody() {
    Attack { from: From::AnotherAddress, kinds: &[(Kind::Head, 500), (Kind::Body, 500)], returns: false, logins: 200 }
        .run();
}

#[test]
fn more_slow_bodies_than_there_are_places_disturb_nobody() {
    Attack { from: From::AnotherAddress, kinds: &[(Kind::Body, 1100)], returns: false, logins: 0 }.run();
}

#[test]
fn more_readers_that_do_not_read_than_there_are_places_disturb_nobody() {
    Attack { from: From::AnotherAddress, kinds: &[(Kind::Deaf, 1100)], returns: false, logins: 0 }.run();
}

#[test]
fn readers_of_a_byte_a_second_disturb_nobody() {
    Attack { from: From::AnotherAddress, kinds: &[(Kind::Sip, 1100)], returns: false, logins: 0 }.run();
}

#[test]
fn slow_clients_that_come_back_whenever_they_are_cut_disturb_nobody() {
    Attack {
        from: From::AnotherAddress,
        kinds: &[(Kind::Head, 300), (Kind::Body, 700), (Kind::Deaf, 500)],
        returns: true,
        logins: 0,
    }
    .run();
}

#[test]
fn slow_clients_of_ones_own_address_leave_health_and_readiness_alone() {
    Attack {
        from: From::SameAddress,
        kinds: &[(Kind::Body, 500), (Kind::Deaf, 400), (Kind::Sip, 200)],
        returns: false,
        logins: 0,
    }
    .run();
}

#[test]
fn slow_clients_of_many_addresses_leave_health_and_readiness_alone() {
    Attack {
        from: From::ManyAddresses,
        kinds: &[(Kind::Body, 500), (Kind::Deaf, 400), (Kind::Sip, 200)],
        returns: false,
        logins: 0,
    }
    .run();
}
