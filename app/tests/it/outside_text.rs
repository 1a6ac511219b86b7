//! Harmful names and texts from outside: they change no log, no terminal and no page, and they forge no line.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use rust_xlsxwriter::Workbook;
use serde_json::{Value, json};

use crate::api::post_text;
use crate::browser::Browser;
use crate::dead_letters::{give_up, poison};
use crate::faults::{Dice, seed};
use crate::installation::{Installation, Service, wait_until, wait_until_at_most};
use crate::pressure::agent;

/// Sequences that terminals and logs take for more than letters.
const PIECES: [&str; 27] = [
    "\u{1b}]0;pwn\u{7}",
    "\u{1b}[31m",
    "\u{1b}",
    "\r\n1999-01-01T00:00:00.000000Z  INFO forged signed in user.name=\"chefe\"",
    "\n1999-01-01T00:00:00Z forged",
    "\n{\"timestamp\":\"1999-01-01T00:00:00Z\",\"level\":\"INFO\",\"forged\":1}",
    "\nforged: balanced\n",
    "\r\u{8}\u{8}\u{8}forged",
    "\r",
    "\n",
    "\t",
    "\u{1}",
    "\u{b}\u{c}",
    "\u{7f}",
    "\u{85}",
    "\u{9b}31m",
    "\u{9d}0;pwn\u{9c}",
    "\u{90}q\u{9c}",
    "\u{202e}",
    "\u{202a}\u{202c}",
    "\u{2066}",
    "\u{2067}\u{2069}",
    "\u{200e}\u{200f}",
    "\u{61c}",
    "\u{2028}",
    "\u{2029}",
    "\u{feff}",
];

/// Whether a workbook can hold the piece.
fn fits_workbook(piece: &str) -> bool {
    piece.chars().all(|letter| letter as u32 >= 0x7f)
}

/// Ordinary letters with some of the pieces in between, at most this many bytes.
fn hostile(dice: &mut Dice, most: usize, fits: impl Fn(&str) -> bool) -> String {
    let pieces: Vec<&str> = PIECES.into_iter().filter(|piece| fits(piece)).collect();
    let mut text = "fatura".to_owned();
    for _ in 0..=dice.roll(4) {
        let piece = pieces[dice.roll(pieces.len() as u64) as usize];
        if text.len() + piece.len() < most {
            text.push_str(piece);
            text.push('x');
        }
    }
    text
}

/// A name for a file. It contains no folder and is not one of the names that the inbox leaves alone.
fn hostile_name(dice: &mut Dice, ending: &str) -> String {
    hostile(dice, 180, |piece| !piece.contains('/')) + ending
}

/// The reason why a letter would harm its reader; `None` if it would not.
fn harm(letter: char) -> Option<&'static str> {
    match letter {
        '\n' => None,
        '\u{0}'..='\u{1f}' => Some("a control character"),
        '\u{7f}' => Some("DEL"),
        '\u{80}'..='\u{9f}' => Some("a C1 control character"),
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => Some("a bidi mark"),
        '\u{2028}' | '\u{2029}' => Some("a line separator"),
        _ => None,
    }
}

/// The harm found in all output: its place and kind, how often it occurs, and one line.
#[derive(Default)]
struct Findings(BTreeMap<String, (usize, String)>);

impl Findings {
    fn look(&mut self, what: &str, bytes: &[u8]) {
        let Ok(text) = std::str::from_utf8(bytes) else {
            self.add(what, "is not UTF-8", &String::from_utf8_lossy(bytes));
            return;
        };
        for line in text.split('\n') {
            if let Some(kind) = line.chars().find_map(harm) {
                self.add(what, kind, line);
            }
            if ["1999-01-01", "forged", "{\"timestamp\":\"1999"]
                .iter()
                .any(|start| line.trim_start().starts_with(start))
            {
                self.add(what, "a forged line", line);
            }
        }
    }

    /// Looks at a page as a browser shows it. The values that forms give back unchanged are left out, because they are not
    /// shown as text.
    fn look_at_page(&mut self, what: &str, page: &str) {
        let mut shown = String::new();
        let mut rest = page;
        while let Some((before, value)) = rest.split_once(" value=\"") {
            shown.push_str(before);
            rest = value.split_once('"').map_or("", |(_, after)| after);
        }
        shown.push_str(rest);
        while let Some((start, end)) = shown.find("<textarea").zip(shown.find("</textarea>")) {
            shown.replace_range(start..end + "</textarea>".len(), "");
        }
        self.look(what, shown.as_bytes());
    }

    fn look_at_log(&mut self, log: &str, is_json: bool) {
        self.look("the log", log.as_bytes());
        for line in log.lines() {
            let is_right = if is_json {
                serde_json::from_str::<Value>(line).is_ok_and(|line| line["timestamp"].is_string())
            } else {
                let time = line.get(..20).unwrap_or_default();
                time.len() == 20
                    && time.char_indices().all(|(place, letter)| match place {
                        4 | 7 => letter == '-',
                        10 => letter == 'T',
                        13 | 16 => letter == ':',
                        19 => letter == '.' || letter == 'Z',
                        _ => letter.is_ascii_digit(),
                    })
            };
            if !is_right && !is_of_banner(line) {
                self.add("the log", "a line that is none of ours", line);
            }
        }
    }

    fn add(&mut self, what: &str, kind: &str, line: &str) {
        let shown = line.chars().take(300).collect::<String>();
        self.0.entry(format!("{what}: {kind}")).or_insert_with(|| (0, shown)).0 += 1;
    }

    fn assert_none(self) {
        let told: Vec<String> =
            self.0.iter().map(|(what, (count, line))| format!("{what}, {count} times, so in {line:?}")).collect();
        assert!(told.is_empty(), "{} kinds of harm:\n{}", told.len(), told.join("\n"));
    }
}

/// Escapes letters that have a meaning in an address.
fn percent(text: &str) -> String {
    text.bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

/// A text file of sales with a header, texts and numbers from outside.
fn sheet(dice: &mut Dice, number: u64, is_header_hostile: bool) -> String {
    let quoted = |text: String| format!("\"{}\"", text.replace('"', "\"\""));
    let any = |dice: &mut Dice| quoted(hostile(dice, 200, |_| true));
    let extra = if is_header_hostile { any(dice) } else { "cor".to_owned() };
    let mut text = format!("pedido;data;cliente;produto;quantidade;total;loja;{extra}\n");
    for row in 0..3 {
        let texts: Vec<String> = (0..4).map(|_| any(dice)).collect();
        text += &format!("{number}-{row};05/03/2026;{};{};1;10,00;{};{}\n", texts[0], texts[1], texts[2], texts[3]);
    }
    // These rows are rejected, and the reasons quote their values.
    let (date, quantity) = (any(dice), any(dice));
    text + &format!("{number}-8;{date};Ana;Café;1;10,00;;\n{number}-9;05/03/2026;Ana;Café;{quantity};10,00;;\n")
}

/// A workbook with such names of sheets.
fn workbook(dice: &mut Dice, path: &Path) {
    let mut workbook = Workbook::new();
    for number in 0..3_u32 {
        let sheet = workbook.add_worksheet();
        let name: String = format!("{number}{}", hostile(dice, 60, fits_workbook)).chars().take(31).collect();
        sheet.set_name(name).unwrap();
        let headers = ["data", "produto", "quantidade", "total", &hostile(dice, 60, fits_workbook)].map(str::to_owned);
        for (column, header) in (0..).zip(&headers) {
            sheet.write_string(0, column, header).unwrap();
        }
        for row in 1..4 {
            let cells = [
                "05/03/2026".to_owned(),
                hostile(dice, 60, fits_workbook),
                if row == 3 { hostile(dice, 60, fits_workbook) } else { "2".to_owned() },
                format!("{}", 10 + number),
                hostile(dice, 60, fits_workbook),
            ];
            for (column, cell) in (0..).zip(&cells) {
                sheet.write_string(row, column, cell).unwrap();
            }
        }
    }
    workbook.save(path).unwrap();
}

/// Files for the inbox, with every possible fate, in folders with such names.
fn files(dice: &mut Dice, installation: &Installation) -> Vec<(PathBuf, OsString)> {
    let mut files = Vec::new();
    let mut add = |name: OsString, bytes: Vec<u8>| {
        let file = installation.desk(&format!("file-{}", files.len()));
        std::fs::write(&file, bytes).unwrap();
        files.push((file, name));
    };
    for number in 0..6 {
        let folder = if number % 2 == 0 { String::new() } else { hostile_name(dice, "/") };
        let name = folder + &hostile_name(dice, ".csv");
        add(name.into(), sheet(dice, number, number % 3 == 0).into_bytes());
    }
    let taken = sheet(dice, 90, false).into_bytes();
    add(hostile_name(dice, "-90.csv").into(), taken.clone());
    // A file that is known already, refused files, a file that waits for a layout, and a name that is not UTF-8.
    add(hostile_name(dice, "-91.csv").into(), taken);
    add(hostile_name(dice, ".xls").into(), b"<html>".to_vec());
    add(hostile_name(dice, ".xlsx").into(), [&b"PK\x03\x04"[..], &[7; 400]].concat());
    add(
        hostile_name(dice, "-92.csv").into(),
        format!(
            "{};Kiedy;Co;Ile;Suma\nAna;01/03/2026;Café;2;10,00\n",
            hostile(dice, 90, |piece| !piece.contains(['\n', '\r', '"']))
        )
        .into_bytes(),
    );
    add(OsString::from_vec(b"fatura\xff\x9b31m\xfe.csv".to_vec()), sheet(dice, 93, false).into_bytes());
    // A file that is only rehearsed, with such a name.
    add(format!("rehearsal/{}", hostile_name(dice, ".csv")).into(), sheet(dice, 94, true).into_bytes());
    // One row of this file will fail.
    add(
        hostile_name(dice, "-95.csv").into(),
        b"pedido;data;produto;quantidade;total\nV1;01/10/2026;Veneno;1;20,00\nV2;03/10/2026;Mate;1;30,00\n".to_vec(),
    );
    let file = installation.desk("sheets.xlsx");
    workbook(dice, &file);
    add(hostile_name(dice, ".xlsx").into(), std::fs::read(file).unwrap());
    files
}

fn drop_as(installation: &Installation, from: &Path, name: &OsString) {
    let to = installation.data_dir().join("inbox").join(name);
    std::fs::create_dir_all(to.parent().unwrap()).unwrap();
    let unfinished = installation.data_dir().join("inbox/unfinished.part");
    std::fs::copy(from, &unfinished).unwrap();
    std::fs::rename(unfinished, to).unwrap();
}

/// Sends everything that programs may send: texts, names of properties and users, paths and queries.
fn ask_as_programs_do(dice: &mut Dice, service: &Service, token: &str) {
    for number in 0..6 {
        let mut row = json!({"id": format!("A{number}"), "sold_at": "2026-03-05", "quantity": 1, "total": "9.50"});
        for name in ["product", "customer", "seller", "store", "notes", "address", "payment_method", "status"] {
            row[name] = json!(hostile(dice, 200, |_| true) + "\0");
        }
        row[hostile(dice, 100, |_| true)] = json!(hostile(dice, 100, |_| true));
        let wrong = json!({"id": format!("B{number}"), "sold_at": hostile(dice, 100, |_| true), "product": "Mel",
                           "quantity": hostile(dice, 100, |_| true), "total": 1, "document": hostile(dice, 60, |_| true)});
        assert_eq!(post_text(service, Some(token), &json!([row, wrong]).to_string()).0, 200);
        let (path, query) = (percent(&hostile(dice, 100, |_| true)), percent(&hostile(dice, 100, |_| true)));
        for path in [
            format!("/ingest/v1/{path}?{query}={query}"),
            format!("/{path}?q={query}"),
            format!("/sales?q={query}&product={query}&payment={query}&from={query}"),
            format!("/imports/{path}"),
            format!("/static/{path}"),
            format!("/setup?token={query}"),
        ] {
            let request = agent().get(format!("{}{path}", service.url)).header("User-Agent", "x\tforged");
            request.call().unwrap();
        }
        let name = hostile(dice, 60, |_| true);
        let form = [("username", name.as_str()), ("password", "a wrong password")];
        agent().post(format!("{}/token", service.url)).send_form(form).unwrap();
        let browser = Browser::new(service);
        let csrf = browser.csrf("/login");
        browser.post("/login", &[("csrf", &csrf), ("next", &name), ("name", &name), ("password", "a wrong password")]);
    }
}

/// Tries to add a user with a harmful name, which may be refused.
fn add_user(installation: &Installation, name: &str, findings: &mut Findings) {
    use std::io::Write;
    let mut command = installation.command(&["user", "add", name]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let _ = child.stdin.take().unwrap().write_all(b"a river never hurries\n");
    let output = child.wait_with_output().unwrap();
    findings.look("user add", &output.stdout);
    findings.look("user add, its errors", &output.stderr);
}

fn look_at_command(mut command: Command, what: &str, findings: &mut Findings) {
    let output = command.output().unwrap();
    findings.look(what, &output.stdout);
    findings.look(&format!("{what}, its errors"), &output.stderr);
}

/// Looks at everything that the terminal shows, in both languages and with either log.
fn look_at_terminal(installation: &Installation, dice: &mut Dice, imports: &[Value], findings: &mut Findings) {
    for (language, log) in [("en", "text"), ("pt-BR", "json")] {
        let command = |arguments: &[&str]| {
            let mut command = installation.command(arguments);
            command.env("CAUDAL_LANGUAGE", language).env("CAUDAL_LOG_FORMAT", log);
            command
        };
        for arguments in [
            &["imports", "list", "--limit", "1000"][..],
            &["dead-letters", "list"],
            &["dead-letters", "show", "1"],
            &["layout", "list"],
            &["user", "list"],
            &["doctor"],
        ] {
            look_at_command(command(arguments), &arguments.join(" "), findings);
        }
        for import in imports {
            let id = import["import_id"].as_str().or(import["id"].as_str()).unwrap_or("1");
            look_at_command(command(&["imports", "show", id]), "imports show", findings);
            look_at_command(command(&["layout", "show", id]), "layout show", findings);
        }
        for number in 0..6 {
            let file = installation.desk(&hostile_name(dice, ".csv"));
            let text = if number == 5 { "a;b\n1;2\n".to_owned() } else { sheet(dice, 200 + number, number % 2 == 0) };
            std::fs::write(&file, text).unwrap();
            let path = file.to_str().unwrap();
            look_at_command(command(&["import", "--dry-run", path]), "import --dry-run", findings);
            look_at_command(command(&["layout", "show", path]), "layout show", findings);
            look_at_command(command(&["import", path]), "import", findings);
            look_at_command(command(&["import", path]), "import, again", findings);
        }
        let missing = installation.desk(&hostile_name(dice, ".csv"));
        look_at_command(command(&["import", missing.to_str().unwrap()]), "import of a missing file", findings);
        let hostile = hostile(dice, 60, |_| true);
        for arguments in [["imports", "show"], ["layout", "show"], ["user", "passwd"]] {
            look_at_command(command(&[arguments[0], arguments[1], &hostile]), &arguments.join(" "), findings);
        }
    }
}

/// Looks at every page, in both languages.
fn look_at_pages(browser: &Browser, dice: &mut Dice, count: usize, findings: &mut Findings) {
    for language in ["pt-BR", "en"] {
        let csrf = browser.csrf("/imports");
        browser.post("/language", &[("csrf", &csrf), ("language", language), ("here", "/")]);
        let mut paths: Vec<String> =
            ["/", "/sales", "/imports", "/layouts", "/dead-letters", "/dead-letters/1"].map(str::to_owned).to_vec();
        for number in 1..=count {
            let import = format!("/imports/{number}");
            let page = browser.get(&import).text();
            // The pages of rows that the page of the import links to, with their sheets.
            let links = page.split("href=\"").skip(1).filter_map(|link| link.split('"').next());
            paths.extend(
                links
                    .filter(|link| link.starts_with(&import) && link.contains("row?"))
                    .take(8)
                    .map(|link| link.replace("&amp;", "&").replace("&#38;", "&")),
            );
            paths.extend(["", "/layout", "/undo"].map(|page| format!("{import}{page}")));
        }
        let query = percent(&hostile(dice, 100, |_| true));
        paths.push(format!("/sales?q={query}"));
        paths.push(format!("/imports/{query}"));
        paths.push(format!("/{query}"));
        for path in paths {
            let kind: String =
                path.split(['?', '%']).next().unwrap_or_default().replace(|c: char| c.is_ascii_digit(), "");
            findings.look_at_page(&format!("the page {kind} in {language}"), &browser.get(&path).text());
        }
    }
}

fn nothing_from_outside_harms_its_reader(log_format: &str) {
    let mut dice = Dice::new(seed());
    let mut findings = Findings::default();
    let installation = Installation::new();
    installation.output(0, &["migrate"]);
    poison(&installation);
    let files = files(&mut dice, &installation);
    let service = installation.start_with(&[("CAUDAL_LOG_FORMAT", log_format)]);
    let token = installation.token(&service, "loja");
    let browser = Browser::signed_in(&service, "loja");
    for _ in 0..4 {
        add_user(&installation, &hostile(&mut dice, 30, |_| true), &mut findings);
    }
    for (file, name) in &files {
        drop_as(&installation, file, name);
    }
    ask_as_programs_do(&mut dice, &service, &token);
    wait_until_at_most(Duration::from_secs(120), "every file has left the inbox", || {
        let waiting = installation.files_in("inbox");
        let is_left = |file: &PathBuf| {
            !["rehearsal", "ensaio"].iter().any(|folder| file.components().any(|part| part.as_os_str() == *folder))
        };
        !waiting.iter().any(is_left)
    });
    wait_until("a row is left over", || !installation.dead_letters().is_empty());
    give_up(&installation);
    wait_until("all but the row that failed is stored", || installation.outbox_now() <= 2);

    let imports = installation.json(0, &["imports", "list", "--json", "--limit", "1000"]);
    let imports = imports.as_array().unwrap().clone();
    look_at_pages(&browser, &mut dice, imports.len(), &mut findings);
    look_at_terminal(&installation, &mut dice, &imports, &mut findings);
    assert_eq!(service.terminate(), Some(0));
    findings.look_at_log(&installation.log(), log_format == "json");
    findings.assert_none();
}

#[test]
fn hostile_names_and_texts_harm_no_reader_of_text_logs_terminals_and_pages() {
    nothing_from_outside_harms_its_reader("text");
}

#[test]
fn hostile_names_and_texts_harm_no_reader_of_json_logs_terminals_and_pages() {
    nothing_from_outside_harms_its_reader("json");
}

/// Whether a line belongs to the banner, because a service with a text log greets the person who starts it.
fn is_of_banner(line: &str) -> bool {
    const LABELS: [&str; 8] =
        ["Caudal ", "Address ", "Start here ", "(valid for ", "Inbox ", "Database ", "Queue ", "Data "];
    let text = line.strip_prefix("  ").map(str::trim_start);
    line.is_empty()
        || text
            .is_some_and(|text| text.starts_with("Press Ctrl+C") || LABELS.iter().any(|label| text.starts_with(label)))
}
