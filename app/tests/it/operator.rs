//! Information for the person who runs Caudal: other running processes, the fate of a file, interrupted work.

use std::io::{Read, Write};
use std::net::TcpStream;

use calamine::Data;
use serde_json::Value;

use crate::browser::setup_path;
use crate::installation::{Installation, free_port, wait_until};
use crate::repair::resave;
use crate::workbook::{two_rows, write_rows};

#[test]
fn a_second_process_on_one_data_folder_is_refused_with_the_name_of_the_first() {
    let installation = Installation::new();
    let service = installation.start();
    let link = setup_path(&installation);
    let listen = format!("127.0.0.1:{}", free_port());
    let second = installation.caudal(&["--listen", &listen]);
    let errors = String::from_utf8_lossy(&second.stderr);
    assert_eq!(second.status.code(), Some(1), "{errors}");
    assert!(errors.contains(&format!("process {}", service.pid())) && errors.contains("--data-dir"), "{errors}");
    let page = ureq::get(format!("{}{link}", service.url)).call();
    assert_eq!(page.unwrap().status(), 200, "the first one's link is still good");
    installation.json(0, &["imports", "list", "--json"]);
    drop(service);
    // The process was killed, and its lock ended with it.
    drop(installation.start());
}

#[test]
fn a_file_can_be_followed_through_the_log_by_its_id() {
    let installation = Installation::new();
    let service = installation.start_with(&[("CAUDAL_LOG_FORMAT", "json")]);
    write_rows(&installation.desk("sheet"), two_rows());
    installation.drop_file(&installation.desk("sheet"), "vendas.xlsx");
    let imports = installation.wait_for_imports(1);
    let id = imports[0]["import_id"].as_str().unwrap().to_owned();
    let lines = |message: &str| -> Vec<Value> {
        let log = std::fs::read_to_string(installation.desk("service.log")).unwrap();
        let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        lines.filter(|line| line["message"] == message && line["import.id"] == id.as_str()).collect()
    };
    wait_until("the import has settled", || !lines("settled").is_empty());
    let settled = &lines("settled")[0];
    assert_eq!((&settled["file.name"], &settled["rows.stored"]), (&"vendas.xlsx".into(), &2.into()), "{settled}");
    let delivered = lines("delivered");
    assert_eq!(delivered.len(), 1, "{delivered:?}");
    assert_eq!(delivered[0]["rows.stored"], 2);
    drop(service);
}

/// Only debug builds end at a point that they are told.
#[cfg(debug_assertions)]
#[test]
fn an_interrupted_import_is_listed_counted_and_finished_by_the_same_command() {
    let installation = Installation::new();
    let sheet = installation.desk("vendas.xlsx");
    write_rows(&sheet, two_rows());
    let mut command = installation.command(&["import", sheet.to_str().unwrap()]);
    assert_ne!(command.env("CAUDAL_FAIL_AT", "after-staging").status().unwrap().code(), Some(0));
    let list = installation.output(0, &["imports", "list"]);
    assert!(list.contains("vendas.xlsx") && list.contains("[arriving]"), "{list}");
    let doctor = installation.output(0, &["doctor"]);
    assert!(doctor.contains("1 still arriving, with 2 messages"), "{doctor}");
    let again = installation.import(0, &sheet);
    assert_eq!((&again["status"], &again["rows"]["stored"]), (&"imported".into(), &2.into()), "{again}");
    assert_eq!(again["reason"], "was interrupted or still arriving; now all of it is stored");
    let doctor = installation.output(0, &["doctor"]);
    assert!(!doctor.contains("still arriving, with"), "{doctor}");
}

#[test]
fn the_doctor_tells_money_and_quantities_as_people_write_them() {
    let installation = Installation::new();
    let sheet = installation.csv("a.csv", "data;produto;quantidade;total\n01/01/2026;Bolo;2,5;9,00\n");
    installation.import(0, &sheet);
    let doctor = installation.output(0, &["doctor"]);
    assert!(doctor.contains(" 9.00 in sales") && doctor.contains(" 2.5 units in sales"), "{doctor}");
    installation.damage("UPDATE daily_totals SET amount = amount + 1, quantity = quantity - 5000");
    let doctor = installation.output(1, &["doctor"]);
    assert!(doctor.contains(" 9.00 in sales, but 9.01 in daily totals"), "{doctor}");
    assert!(doctor.contains(" 2.5 units in sales, but 2 units in daily totals"), "{doctor}");
}

#[test]
fn mended_rows_are_told_in_the_log_and_their_workbook_goes_in_whatever_language_it_was() {
    let installation = Installation::new();
    let mut text = "data;produto;quantidade;total\n01/01/2026;Bolo;abc;9,00\n02/01/2026;Bolo;xyz;8,00\n".to_owned();
    for day in 3..9 {
        text.push_str(&format!("0{day}/01/2026;Pão;1;5,00\n"));
    }
    let sheet = installation.csv("a.csv", &text);
    let mut portuguese = installation.command(&["import", sheet.to_str().unwrap()]);
    assert_eq!(portuguese.env("CAUDAL_LANGUAGE", "pt-BR").output().unwrap().status.code(), Some(5));
    let beside = || -> Vec<String> {
        let files = installation.files_in("rejected");
        files.iter().map(|file| file.to_string_lossy().rsplit("a.csv.").next().unwrap().to_owned()).collect()
    };
    assert_eq!(beside(), ["correcao.xlsx"]);
    let service = installation.start_with(&[("CAUDAL_LOG_FORMAT", "json")]);
    resave(&installation.files_in("rejected")[0], &installation.desk("b.xlsx"), |header, row, _| {
        (header == "quantidade" && row == 1).then_some(Data::Float(1.0))
    });
    installation.drop_file(&installation.desk("b.xlsx"), "corrigido.xlsx");
    installation.wait_for_empty_inbox();
    wait_until("the workbook is in the language of today", || beside() == ["repair.xlsx"]);
    let log = installation.log();
    let line = log.lines().find(|line| line.contains("mended rows staged")).unwrap();
    let line: Value = serde_json::from_str(line).unwrap();
    assert_eq!(
        (&line["file.name"], &line["rows.stored"], &line["rows.rejected"]),
        (&"corrigido.xlsx".into(), &1.into(), &0.into()),
        "{line}"
    );
    assert_eq!(line["import.id"], installation.json(0, &["imports", "show", "1", "--json"])["import_id"], "{line}");
    drop(service);
}

#[test]
fn what_is_wrong_on_the_command_line_is_told_as_it_was_typed() {
    let installation = Installation::new();
    let errors = |code: i32, arguments: &[&str]| {
        let output = installation.command(arguments).env_remove("CAUDAL_LANGUAGE").env("CAUDAL_LANGAGE", "en").output();
        let output = output.unwrap();
        let errors = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{errors}");
        errors
    };
    let french = errors(3, &["--language", "fr", "config"]);
    assert!(french.contains("--language fr: ") && !french.contains("CAUDAL_LANGUAGE"), "{french}");
    let misspelt = errors(0, &["--language", "en", "config"]);
    assert!(
        misspelt.contains("CAUDAL_LANGAGE is not a setting of Caudal; did you mean CAUDAL_LANGUAGE?"),
        "{misspelt}"
    );
    let misspelt = errors(0, &["config"]);
    assert!(misspelt.contains("você quis dizer CAUDAL_LANGUAGE?"), "{misspelt}");
    let file = installation.csv("vendas.csv", "");
    let file = file.to_str().unwrap();
    for (language, sentence) in
        [("en", " is a file, and Caudal needs a folder"), ("pt-BR", " é um arquivo, e o Caudal precisa")]
    {
        let told = errors(3, &["--language", language, "--data-dir", file, "user", "list"]);
        assert!(told.contains(&format!("{file}{sentence}")), "{told}");
    }
}

#[test]
fn a_name_is_listened_on_as_its_address() {
    let settings = Installation::new().json(0, &["--listen", "localhost:8123", "config", "--json"]);
    assert_eq!(settings["CAUDAL_PUBLIC_URL"]["value"], "http://127.0.0.1:8123");
    let unknown = Installation::new().caudal(&["--listen", "no such name:8123", "config"]);
    let errors = String::from_utf8(unknown.stderr).unwrap();
    assert!(errors.contains("--listen no such name:8123: expected an address and a port"), "{errors}");
}

#[test]
fn a_second_signal_ends_a_service_that_is_stopping_at_once_and_says_so() {
    let installation = Installation::new();
    let mut service = installation.start();
    // The service waits for the end of this request, because it has asked for a body that does not come.
    let mut asking = TcpStream::connect(service.url.trim_start_matches("http://")).unwrap();
    asking
        .write_all(b"POST /login HTTP/1.1\r\nHost: caudal\r\nExpect: 100-continue\r\nContent-Length: 100\r\n\r\n")
        .unwrap();
    let mut answer = [0; 12];
    asking.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.1 100");
    service.signal("TERM");
    wait_until("it is stopping", || installation.log().contains("stopping: no new files"));
    service.signal("TERM");
    assert_eq!(service.wait_for_end(), Some(130));
    let log = installation.log();
    assert!(log.contains("a second signal stopped the process at once") && !log.contains("panicked"), "{log}");
    drop(installation.start());
    installation.assert_consistent();
}
