//! The worst eight mebibytes of JSON: each batch is answered soon, takes little memory, and stops nobody else.

use std::fmt::Write;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Resource, Rlimit, Signal, kill_process, prlimit};
use serde_json::{Value, json};

use crate::faults::{Dice, seed};
use crate::installation::{Installation, Service};

/// The size of the largest allowed body.
const MOST: usize = 8 << 20;
/// How long an answer may take in a release build. A debug build may take longer, depending on its time for a full batch of
/// ordinary sales.
const SOON: Duration = Duration::from_secs(2);
/// In a debug build, any batch may take this many times as long as a full batch of ordinary sales.
const TIMES_ORDINARY: u32 = 3;
/// How much memory a batch may take in addition to the idle service, in KiB.
const MOST_KIB: u64 = 200 << 10;
/// The address space of the attacked service, so that a successful attack does not take the machine with it.
const ADDRESS_SPACE: u64 = 6 << 30;
/// After this time there is no answer.
const PATIENCE: Duration = Duration::from_secs(30);

type Shape = (String, Box<dyn Fn(&mut Dice) -> String>);

fn shape(name: &str, make: impl Fn(&mut Dice) -> String + 'static) -> Shape {
    (name.to_owned(), Box::new(make))
}

/// Items with commas in between, as many as fit into the largest body.
fn filled(before: &str, after: &str, count: usize, mut item: impl FnMut(usize) -> String) -> String {
    let mut text = String::with_capacity(MOST);
    text.push_str(before);
    for place in 0..count {
        let item = item(place);
        if text.len() + item.len() + after.len() + 1 > MOST {
            break;
        }
        if place > 0 {
            text.push(',');
        }
        text.push_str(&item);
    }
    text.push_str(after);
    text
}

/// Repeats a piece until the largest body is full.
fn repeated(before: &str, piece: &str, after: &str) -> String {
    let count = (MOST - before.len() - after.len()) / piece.len();
    format!("{before}{}{after}", piece.repeat(count))
}

/// The properties of every sale, without the braces.
fn sale(number: u64) -> String {
    format!(r#""id":"{number}","sold_at":"2026-05-11","product":"Mel","quantity":1,"total":"9.50""#)
}

/// A number that no earlier batch had.
fn new_number(dice: &mut Dice) -> u64 {
    dice.roll(1 << 52)
}

/// Random letters, so that no two texts are the same.
fn letters(dice: &mut Dice, count: usize) -> String {
    (0..count).map(|_| char::from(b'a' + dice.roll(26) as u8)).collect()
}

/// A full batch of sales as shops send them, each with all possible properties.
fn ordinary(dice: &mut Dice) -> String {
    filled("[", "]", 5_000, |_| {
        let row = json!({
            "id": new_number(dice).to_string(), "line": "1", "sold_at": "2026-05-11T10:30:00-03:00",
            "customer": format!("Cliente {}", dice.roll(500)), "email": format!("c{}@exemplo.com", dice.roll(500)),
            "phone": "(11) 99999-0000", "address": format!("Rua das Flores, {}", dice.roll(500)), "city": "São Paulo",
            "state": "SP", "postal_code": "01000-000", "product": format!("Produto {}", dice.roll(200)),
            "category": "Mercearia", "quantity": 1 + dice.roll(9), "unit_price": format!("{}.90", dice.roll(90)),
            "freight": 5, "payment_method": "pix", "seller": "Bia", "store": "Centro", "channel": "site",
            "notes": letters(dice, 1_200)
        });
        row.to_string()
    })
}

const TEXTS: [&str; 20] = [
    "id",
    "line",
    "sold_at",
    "customer",
    "document",
    "email",
    "phone",
    "address",
    "district",
    "city",
    "state",
    "postal_code",
    "country",
    "product",
    "sku",
    "category",
    "payment_method",
    "seller",
    "channel",
    "notes",
];
const NUMBERS: [&str; 7] = ["quantity", "unit_price", "total", "discount", "freight", "tax", "cost"];

/// A sale with another value for one property, as JSON.
fn sale_with(dice: &mut Dice, name: &str, value: &str) -> String {
    let number = new_number(dice).to_string();
    let usual = [
        ("id", format!("\"{number}\"")),
        ("sold_at", "\"2026-05-11\"".to_owned()),
        ("product", "\"Mel\"".to_owned()),
        ("quantity", "1".to_owned()),
        ("total", "9.50".to_owned()),
    ];
    let mut row = format!("{{\"{name}\":{value}");
    for (other, value) in
        usual.iter().filter(|(other, _)| *other != name && (name != "unit_price" || *other != "total"))
    {
        write!(row, ",\"{other}\":{value}").unwrap();
    }
    row + "}"
}

fn shapes() -> Vec<Shape> {
    let mut shapes = vec![
        shape("many names in one row", |dice| {
            let start = new_number(dice);
            filled(&format!("[{{{},", sale(start)), "}]", MOST, |place| format!("\"k{place}\":1"))
        }),
        shape("many long names in one row", |dice| {
            let start = new_number(dice);
            filled(&format!("[{{{},", sale(start)), "}]", MOST, |place| format!("\"{}{place}\":1", letters(dice, 900)))
        }),
        shape("one object of many names, without an array", |_| {
            filled("{", "}", MOST, |place| format!("\"{place}\":0"))
        }),
        shape("thousands of rows of the same many names", |dice| {
            let names: String = (0..130).fold(String::new(), |text, place| text + &format!(",\"k{place}\":1"));
            filled("[", "]", 5_000, |_| format!("{{{}{names}}}", sale(new_number(dice))))
        }),
        shape("rows of many names, other names in each", |dice| {
            let mut name = 0;
            filled("[", "]", 5_000, |_| {
                let mut row = format!("{{{}", sale(new_number(dice)));
                for _ in 0..100 {
                    name += 1;
                    write!(row, ",\"k{name}\":1").unwrap();
                }
                row + "}"
            })
        }),
        shape("some rows of very many names", |dice| {
            filled("[", "]", 5_000, |row| {
                let mut text = format!("{{{}", sale(new_number(dice)));
                for name in 0..8_000 {
                    write!(text, ",\"k{}\":\"\"", name + row).unwrap();
                }
                text + "}"
            })
        }),
        shape("one name again and again", |dice| {
            filled(&format!("[{{{},", sale(new_number(dice))), "}]", MOST, |_| "\"total\":1".to_owned())
        }),
        shape("one unknown name again and again", |dice| {
            filled(&format!("[{{{},", sale(new_number(dice))), "}]", MOST, |_| "\"x\":\"\"".to_owned())
        }),
        shape("a long name", |dice| repeated(&format!("[{{{},\"", sale(new_number(dice))), "nome", "\":1}]")),
        shape("long names in many rows", |dice| {
            filled("[", "]", 5_000, |_| format!("{{{},\"{}\":1}}", sale(new_number(dice)), letters(dice, 1_500)))
        }),
        shape("names in escapes", |dice| {
            let mut name = 0x1000_u32;
            filled(&format!("[{{{},", sale(new_number(dice))), "}]", MOST, |_| {
                name += 1;
                format!("\"\\u{:04x}\\u{:04x}\":1", 0x0061 + name % 26, name % 0xD000)
            })
        }),
        shape("nothing but opened arrays", |_| "[".repeat(MOST)),
        shape("nothing but opened objects", |_| repeated("", "{\"a\":", "")),
        shape("a value of arrays as deep as the body", |dice| {
            let depth = MOST / 2 - 200;
            format!("[{{{},\"notes\":{}{}}}]", sale(new_number(dice)), "[".repeat(depth), "]".repeat(depth))
        }),
        shape("values as deep as parsers go in every row", |dice| {
            let depth = 20 + dice.roll(105) as usize;
            filled("[", "]", 5_000, |_| {
                let value = format!("{}{}", "{\"a\":[".repeat(depth / 2), "]}".repeat(depth / 2));
                format!("{{{},\"notes\":{value},\"x\":{value}}}", sale(new_number(dice)))
            })
        }),
        shape("a value of many empty arrays", |dice| {
            repeated(&format!("[{{{},\"notes\":[[]", sale(new_number(dice))), ",[]", "]}]")
        }),
        shape("a value of many small objects", |dice| {
            repeated(&format!("[{{{},\"seller\":[0", sale(new_number(dice))), ",{\"a\":1}", "]}]")
        }),
        shape("an unknown value of many small objects", |dice| {
            repeated(&format!("[{{{},\"x\":[0", sale(new_number(dice))), ",{\"a\":1}", "]}]")
        }),
        shape("more small rows than a batch may have", |_| repeated("[{\"a\":1}", ",{\"a\":1}", "]")),
        shape("more empty rows than a batch may have", |_| repeated("[{}", ",{}", "]")),
        shape("rows that are numbers", |_| repeated("[1", ",1", "]")),
        shape("empty rows and spaces", |_| filled("[", "]", 5_000, |_| format!("{{{}}}", " ".repeat(1_600)))),
        shape("nothing but spaces", |_| " ".repeat(MOST)),
        shape("a text that is never closed", |_| format!("[{{\"product\":\"{}", "x".repeat(MOST - 20))),
        shape("escapes that stand alone", |dice| {
            let piece = ["\\ud800", "\\u0000", "\\udc00\\ud800", "\\u00"][dice.roll(4) as usize];
            repeated("[{\"product\":\"", piece, "\"}]")
        }),
        shape("texts in escapes in every row", |dice| {
            filled("[", "]", 5_000, |_| {
                let text: String =
                    (0..230).fold(String::new(), |text, _| text + &format!("\\u{:04x}", 0x20 + dice.roll(0xD000)));
                sale_with(dice, "product", &format!("\"{text}\""))
            })
        }),
        shape("a different long text in every row", |dice| {
            let name = TEXTS[dice.roll(TEXTS.len() as u64) as usize];
            filled("[", "]", 5_000, |_| {
                let text = letters(dice, 1_500);
                sale_with(dice, name, &format!("\"{text}\""))
            })
        }),
        shape("long texts in every property of every row", |dice| {
            filled("[", "]", 5_000, |_| {
                let texts = TEXTS.map(|name| format!("\"{name}\":\"{}\"", letters(dice, 70))).join(",");
                format!("{{{texts},\"quantity\":1,\"total\":1}}")
            })
        }),
        shape("numbers that are none in every row", |dice| {
            filled("[", "]", 5_000, |_| {
                let numbers = NUMBERS.map(|name| format!("\"{name}\":\"{}\"", letters(dice, 210))).join(",");
                format!("{{\"product\":\"Mel\",\"sold_at\":\"{}\",{numbers}}}", letters(dice, 100))
            })
        }),
        shape("long numbers in every row", |dice| {
            filled("[", "]", 5_000, |place| {
                let digits: String = (0..1_500).map(|_| char::from(b'1' + dice.roll(9) as u8)).collect();
                let value = match place % 4 {
                    // As many digits as a reader of JSON takes for a number.
                    0 => format!("{}.{}", &digits[..300], &digits[300..]),
                    1 => format!("0.{digits}"),
                    2 => format!("\"{digits}\""),
                    _ => format!("\"0.{digits}\""),
                };
                sale_with(dice, NUMBERS[place % NUMBERS.len()], &value)
            })
        }),
        shape("short numbers in every place of every row", |dice| {
            filled("[", "]", 5_000, |_| {
                let numbers = NUMBERS.map(|name| format!("\"{name}\":1e-{}", dice.roll(400))).join(",");
                format!("{{\"product\":{},{numbers},\"line\":1e308,\"sku\":-0.0}}", dice.roll(1 << 60))
            })
        }),
        shape("rows of this and that", |dice| {
            filled("[", "]", 5_000, |_| {
                let mut row = format!("{{{}", sale(new_number(dice)));
                for _ in 0..dice.roll(12) {
                    let name = match dice.roll(3) {
                        0 => TEXTS[dice.roll(TEXTS.len() as u64) as usize].to_owned(),
                        1 => NUMBERS[dice.roll(NUMBERS.len() as u64) as usize].to_owned(),
                        _ => letters(dice, 8),
                    };
                    let count = 1 << dice.roll(9);
                    let value = match dice.roll(7) {
                        0 => format!("\"{}\"", letters(dice, count)),
                        1 => format!("\"{}\"", "\\u0301".repeat(count / 6)),
                        2 => format!("{}1{}", "[".repeat(count.min(100)), "]".repeat(count.min(100))),
                        3 => "9".repeat(count.min(300)),
                        4 => format!("[{}0]", "{\"a\":1},".repeat(count / 8)),
                        5 => "null".to_owned(),
                        _ => format!("1e{}", dice.roll(300)),
                    };
                    write!(row, ",\"{name}\":{value}").unwrap();
                }
                row + "}"
            })
        }),
    ];
    for (kind, number) in [
        ("digits", "7".repeat(MOST - 200)),
        ("a mebibyte of digits", "7".repeat(1 << 20)),
        ("zeros before", format!("0.{}1", "0".repeat(MOST - 200))),
        ("a long exponent", format!("1e{}", "9".repeat(MOST - 200))),
        ("a huge exponent", "1e999999999".to_owned()),
        ("a tiny exponent", "1e-999999999".to_owned()),
    ] {
        let text = format!("\"{number}\"");
        shapes.push(shape(&format!("a number of {kind}"), move |dice| {
            let name = NUMBERS[dice.roll(NUMBERS.len() as u64) as usize];
            format!("[{}]", sale_with(dice, name, &number))
        }));
        shapes.push(shape(&format!("a text of {kind} for a number"), move |dice| {
            let name = NUMBERS[dice.roll(NUMBERS.len() as u64) as usize];
            format!("[{}]", sale_with(dice, name, &text))
        }));
    }
    for name in TEXTS {
        shapes.push(shape(&format!("one long text in {name}"), move |dice| {
            let piece =
                ["x", "7", "\u{301}e", "ß ", "\u{1F600}", "\\u00e9", "\\n", "-", "<", "\\\""][dice.roll(10) as usize];
            let text = repeated("", piece, &" ".repeat(300));
            format!("[{}]", sale_with(dice, name, &format!("\"{}\"", text.trim_end())))
        }));
    }
    shapes
}

/// A service under attack.
struct Target<'a> {
    installation: &'a Installation,
    service: Service,
    token: String,
    agent: ureq::Agent,
    idle: u64,
    /// The number of messages of earlier shapes that will never be answered.
    stuck: i64,
}

struct Measured {
    status: Option<u16>,
    took: Duration,
    /// The memory in addition to that before the batch, in KiB, until it was answered.
    until_answered: u64,
    /// The same memory, until all of it was stored.
    memory: u64,
}

impl<'a> Target<'a> {
    fn new(installation: &'a Installation, dice: &mut Dice) -> Self {
        let (service, token) = started(installation, "atacante");
        let agent =
            ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(PATIENCE)).build().into();
        let mut target = Self { installation, service, token, agent, idle: 0, stuck: 0 };
        target.come_to_rest(dice);
        target
    }

    /// Measured after a full batch, because caches of databases fill once.
    fn come_to_rest(&mut self, dice: &mut Dice) {
        assert_eq!(self.measure(&ordinary(dice)).status, Some(200));
        self.idle = self.kib("VmRSS");
    }

    fn kib(&self, name: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.service.pid())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).unwrap_or_default();
        line.trim().trim_end_matches(" kB").parse().unwrap_or_default()
    }

    fn processor_time(&self) -> Duration {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.service.pid())).unwrap_or_default();
        let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace().skip(11).take(2);
        // In hundredths of a second, on every Linux.
        Duration::from_millis(10 * fields.filter_map(|ticks| ticks.parse::<u64>().ok()).sum::<u64>())
    }

    fn post(&self, body: &str) -> Result<u16, ureq::Error> {
        let request = self.agent.post(format!("{}/ingest/v1/sales", self.service.url)).content_type("application/json");
        let mut answer = request.header("Authorization", format!("Bearer {}", self.token)).send(body)?;
        // Read to its end, because an answer that breaks off does not count.
        answer.body_mut().with_config().limit(1 << 30).read_to_vec()?;
        Ok(answer.status().as_u16())
    }

    fn measure(&mut self, body: &str) -> Measured {
        // Caches of databases fill for a long time, so only the memory in addition to the state before the batch counts.
        let before_it = self.kib("VmRSS");
        std::fs::write(format!("/proc/{}/clear_refs", self.service.pid()), "5").unwrap();
        let (before, worked) = (Instant::now(), self.processor_time());
        let status = self.post(body).ok();
        // If the machine is busy with other work, the processor time counts.
        let took = before.elapsed().min(self.processor_time().saturating_sub(worked));
        let until_answered = self.kib("VmHWM").saturating_sub(before_it);
        self.wait_until_stored();
        Measured { status, took, until_answered, memory: self.kib("VmHWM").saturating_sub(before_it) }
    }

    fn wait_until_stored(&mut self) {
        let end = Instant::now() + 3 * PATIENCE;
        while self.installation.outbox_now() > self.stuck {
            if Instant::now() > end || self.service.ended().is_some() {
                self.stuck = self.installation.outbox_now();
            }
            std::thread::park_timeout(Duration::from_millis(50));
        }
    }

    fn ordinary_sale(&self) -> Result<u16, String> {
        let number = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_nanos();
        self.post(&format!("[{{{}}}]", sale(number as u64))).map_err(|error| error.to_string())
    }

    /// Whether the service goes on as if nothing had happened.
    fn is_well(&self) -> bool {
        let health = self.agent.get(format!("{}/health", self.service.url)).call();
        health.is_ok_and(|answer| answer.status() == 200) && self.ordinary_sale() == Ok(200)
    }

    /// Attacks with one shape. Returns the problems, an empty list if all went well.
    fn attack(&mut self, shape: &Shape, dice: &mut Dice, soon: Duration) -> String {
        let stuck = self.stuck;
        let mut measured = self.measure(&(shape.1)(dice));
        // The machine may have been busy with other work.
        for _ in 0..2 {
            if measured.took > soon && measured.status.is_some() {
                let again = self.measure(&(shape.1)(dice));
                measured.took = measured.took.min(again.took);
                measured.memory = measured.memory.max(again.memory);
                measured.status = again.status;
            }
        }
        let Measured { status, took, memory, until_answered } = measured;
        eprintln!("{}: {status:?}, {took:.2?}, {} MiB, stored {} MiB", shape.0, until_answered >> 10, memory >> 10);
        let mut wrong = String::new();
        match status {
            Some(200..500) => {}
            Some(status) => write!(wrong, " answered {status}").unwrap(),
            None => wrong.push_str(" no answer"),
        }
        if took > soon {
            write!(wrong, " took {took:.1?}, {soon:.1?} allowed").unwrap();
        }
        if memory > MOST_KIB {
            write!(wrong, " took {} MiB", memory >> 10).unwrap();
        }
        if self.stuck > stuck {
            wrong.push_str(" cannot be stored");
        }
        if !self.is_well() {
            wrong.push_str(" afterwards the service is not well");
        }
        if !wrong.is_empty() {
            // It may still work on this shape, which would count against the next one.
            let pid = Pid::from_raw(i32::try_from(self.service.pid()).unwrap()).unwrap();
            let _ = kill_process(pid, Signal::KILL);
            self.service.wait_for_end();
            (self.service, self.token) = started(self.installation, &format!("atacante-{}", dice.roll(1 << 40)));
            self.come_to_rest(dice);
        }
        wrong
    }
}

fn started(installation: &Installation, user: &str) -> (Service, String) {
    let service = installation.start();
    let pid = Pid::from_raw(i32::try_from(service.pid()).unwrap());
    let limit = Rlimit { current: Some(ADDRESS_SPACE), maximum: Some(ADDRESS_SPACE) };
    prlimit(pid, Resource::As, limit).unwrap();
    let token = installation.token(&service, user);
    (service, token)
}

#[test]
fn the_worst_batch_of_any_shape_is_answered_soon_with_little_memory_and_stops_nobody() {
    let installation = Installation::new();
    let mut dice = Dice::new(seed());
    let mut target = Target::new(&installation, &mut dice);
    let full = [target.measure(&ordinary(&mut dice)), target.measure(&ordinary(&mut dice))];
    let usual = full.iter().map(|measured| measured.took).max().unwrap();
    let soon = if cfg!(debug_assertions) { SOON.max(usual * TIMES_ORDINARY) } else { SOON };
    eprintln!("idle {} MiB, ordinary sales {usual:.2?}, so that {soon:.2?} are allowed", target.idle >> 10);
    let mut wrong = Vec::new();
    for shape in std::iter::once(shape("ordinary sales", ordinary)).chain(shapes()) {
        let what = target.attack(&shape, &mut dice, soon);
        if !what.is_empty() {
            wrong.push(format!("{}:{what}", shape.0));
        }
    }
    let left = target.kib("VmRSS").saturating_sub(target.idle);
    assert!(left <= MOST_KIB, "after all of them {} MiB are left", left >> 10);
    assert!(wrong.is_empty(), "{} kinds do harm:\n{}", wrong.len(), wrong.join("\n"));
    let answer: Value = serde_json::from_str(&installation.output(0, &["doctor", "--json"])).unwrap();
    assert!(!answer.to_string().contains("WRONG"), "{answer}");
}
