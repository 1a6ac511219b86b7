//! An installation is copied while it runs, restored elsewhere, and carried over to PostgreSQL.

use std::path::{Path, PathBuf};
use std::process::Command;

use caudal_platform::testing::Servers;
use serde_json::Value;

use crate::browser::Browser;
use crate::installation::{Installation, PASSWORD, wait_until};

const HEADER: &str = "pedido;data;cliente;email;produto;quantidade;preço;forma de pagamento\n";
const FILES: usize = 12;
const ROWS: i64 = 40;
/// The number of sales in all files.
const SALES: i64 = 480;

fn embedded() -> Installation {
    Installation::on(Servers::default())
}

/// Files with different sales. Half of them have order numbers.
fn files(installation: &Installation) -> Vec<PathBuf> {
    (0..FILES)
        .map(|file| {
            let mut text = HEADER.to_owned();
            for row in 0..ROWS {
                let order = if file % 2 == 0 { format!("{file}-{row}") } else { String::new() };
                let day = 1 + row % 28;
                text.push_str(&format!(
                    "{order};{day:02}/01/2026;Ana {file};ana{file}@exemplo.com;Café {row};{};10,00;PIX\n",
                    file + 1
                ));
            }
            installation.csv(&format!("{file}.csv"), &text)
        })
        .collect()
}

fn said(output: &std::process::Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_backup_made_while_files_flow_in_is_an_installation_that_goes_on_from_there() {
    let installation = embedded();
    let files = files(&installation);
    let to = installation.desk("backup");
    // Small messages, so that the copy is made between some of them.
    let service = installation.start_with(&[("CAUDAL_BATCH_ROWS", "5")]);
    for (number, file) in files.iter().enumerate() {
        installation.drop_file(file, &format!("{number}.csv"));
        if number == FILES / 2 {
            wait_until("some are stored", || installation.sums().0 > 20);
            let made = installation.json(0, &["backup", to.to_str().unwrap(), "--json"]);
            assert_eq!(made["missing"], serde_json::json!([]), "each import has its original");
        }
    }
    service.kill();

    let elsewhere = embedded();
    elsewhere.output(0, &["restore", to.to_str().unwrap()]);
    let service = elsewhere.start();
    wait_until("what was on its way arrives", || {
        elsewhere.imports().iter().all(|import| import["state"] == "balanced")
    });
    assert_eq!(elsewhere.outbox(), 0);
    let stored = elsewhere.sums().0;
    assert!(stored > 20 && stored % ROWS == 0, "whole files: {stored}");
    elsewhere.assert_consistent();
    for (number, file) in files.iter().enumerate() {
        elsewhere.drop_file(file, &format!("{number}.csv"));
    }
    wait_until("all of them are stored", || elsewhere.sums().0 == SALES);
    elsewhere.wait_for_empty_inbox();
    wait_until("all of them balance", || elsewhere.imports().iter().all(|import| import["state"] == "balanced"));
    assert_eq!(elsewhere.sums().0, SALES, "nothing is doubled");
    let taken = |import: &&Value| import["outcome"] == "taken";
    assert_eq!(elsewhere.imports().iter().filter(taken).count(), FILES, "each file was taken once");
    elsewhere.assert_consistent();
    drop(service);
}

/// An installation with a bit of everything, and a service that died in the middle of its work.
fn eventful(installation: &Installation) {
    installation.add_user("ana", PASSWORD);
    let first = installation.csv(
        "jan.csv",
        &format!("{HEADER}A1;05/01/2026;Ana Lima;ana@exemplo.com;Café;2;10,00;PIX\nA2;06/01/2026;Bia;bia@exemplo.com;Chá;1;8,00;Dinheiro\n"),
    );
    installation.import(0, &first);
    let second = installation.csv(
        "fev.csv",
        &format!("{HEADER}A1;05/01/2026;Ana \"L\" Souza;ana@exemplo.com;Café \\ torrado;3;10,00;PIX\nA2;06/01/2026;Bia;bia@exemplo.com;Chá;1;8,00;Dinheiro\nA4;08/02/2026;Duda;;Bolo;muitos;20,00;PIX\n"),
    );
    installation.import(5, &second);
    let third = installation.csv("mar.csv", &format!("{HEADER}A7;05/03/2026;Caio;caio@exemplo.com;Pão;2;1,50;PIX\n"));
    let undone = installation.import(0, &third)["import_id"].as_str().unwrap().to_owned();
    installation.output(0, &["imports", "undo", &undone, "--yes"]);
    installation.import(1, &installation.csv("marzec.csv", "Kto;Kiedy;Co;Ile;Razem\nAna;01/03/2026;Café;2;10,00\n"));
    installation.import(1, &installation.csv("x.csv", "planet,mass\nMars,6\n"));
    installation.import(0, &first);

    let last = installation.csv("abr.csv", &format!("{HEADER}A9;05/04/2026;Eva;eva@exemplo.com;Suco;2;4,50;PIX\n"));
    let mut service = installation.start_with(&[("CAUDAL_FAIL_AT", "after-deliver-before-ack")]);
    installation.drop_file(&last, "abr.csv");
    assert_eq!(service.wait_for_end(), None);
}

#[test]
fn a_backup_in_one_file_brings_everything_back_and_nobody_else_can_read_it() {
    let installation = embedded();
    eventful(&installation);
    let archive = installation.desk("caudal.zip");
    let said_of_it = installation.output(0, &["backup", archive.to_str().unwrap()]);
    assert!(said_of_it.contains("7 imports and"), "{said_of_it}");
    let again = installation.caudal(&["backup", archive.to_str().unwrap()]);
    assert_eq!(again.status.code(), Some(1));
    assert!(said(&again).contains("exists already; give the name of a new file or folder"), "{}", said(&again));

    let elsewhere = embedded();
    let restored = elsewhere.output(0, &["restore", archive.to_str().unwrap()]);
    assert!(restored.contains("7 imports and"), "{restored}");
    assert_eq!(elsewhere.whole_tables(), installation.whole_tables());
    for folder in ["processed", "rejected", "waiting", "secrets"] {
        let names = |installation: &Installation| -> Vec<(PathBuf, Vec<u8>)> {
            let named = |file: &PathBuf| file.strip_prefix(installation.data_dir()).unwrap().to_owned();
            let files = installation.files_in(folder);
            files.iter().map(|file| (named(file), std::fs::read(file).unwrap())).collect()
        };
        assert!(!names(&installation).is_empty(), "{folder}");
        assert_eq!(names(&elsewhere), names(&installation), "{folder}");
    }
    #[cfg(unix)]
    for file in [&archive, &elsewhere.data_dir().join("distrib.db"), &elsewhere.data_dir().join("secrets/token.key")] {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(file).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{}", file.display());
    }

    let twice = elsewhere.caudal(&["restore", archive.to_str().unwrap()]);
    assert_eq!(twice.status.code(), Some(1));
    assert!(
        said(&twice).contains("is not empty; a backup can be restored only into an empty folder"),
        "{}",
        said(&twice)
    );
    let third = embedded();
    let nothing = third.caudal(&["restore", installation.desk("jan.csv").to_str().unwrap()]);
    assert_eq!(nothing.status.code(), Some(1));
    assert!(!third.data_dir().exists());
}

#[test]
fn a_backup_that_lost_a_file_or_was_damaged_is_not_taken_for_whole() {
    let installation = embedded();
    eventful(&installation);
    let to = installation.desk("backup");
    // With a slash at the end, as a shell completes the name of a folder.
    installation.output(0, &["backup", &format!("{}/", to.display())]);
    std::fs::remove_file(to.join("secrets/token.key")).unwrap();
    let elsewhere = embedded();
    let short = elsewhere.caudal(&["restore", to.to_str().unwrap()]);
    assert_eq!(short.status.code(), Some(1));
    assert!(said(&short).contains("it is incomplete"), "{}", said(&short));
    std::fs::remove_dir_all(elsewhere.data_dir()).unwrap();

    std::fs::write(to.join("secrets/token.key"), "").unwrap();
    let mut bytes = std::fs::read(to.join("distrib.db")).unwrap();
    bytes[8192..].fill(7);
    std::fs::write(to.join("distrib.db"), bytes).unwrap();
    let damaged = elsewhere.caudal(&["restore", to.to_str().unwrap()]);
    assert_eq!(damaged.status.code(), Some(1));
    for name in ["ingest.db", "distrib.db", "queue.db"] {
        assert!(!elsewhere.data_dir().join(name).exists(), "nothing can start with it");
    }
    let start = elsewhere.caudal(&["doctor"]);
    assert_eq!(start.status.code(), Some(1));
    assert!(said(&start).contains("is an incompletely restored backup"), "{}", said(&start));
    assert!(!elsewhere.data_dir().join("ingest.db").exists(), "nor did it make others in their place");
}

#[test]
fn databases_that_are_kept_elsewhere_are_restored_there() {
    let installation = embedded();
    eventful(&installation);
    let to = installation.desk("backup");
    installation.output(0, &["backup", to.to_str().unwrap()]);
    let elsewhere = embedded();
    let disk = elsewhere.desk("disk");
    let mut restore = elsewhere.command(&["restore", to.to_str().unwrap()]);
    for (name, file) in [("INGEST_DATABASE_URL", "a.db"), ("DISTRIB_DATABASE_URL", "b.db"), ("QUEUE_URL", "c.db")] {
        restore.env(name, format!("sqlite:{}", disk.join(file).display()));
    }
    // The log of a database that was there before.
    std::fs::create_dir_all(&disk).unwrap();
    std::fs::write(disk.join("a.db-wal"), "old").unwrap();
    let refused = restore.output().unwrap();
    assert!(said(&refused).contains("a.db-wal exists already; move it away"), "{}", said(&refused));
    std::fs::remove_file(disk.join("a.db-wal")).unwrap();
    let restored = restore.output().unwrap();
    assert!(restored.status.success(), "{}", said(&restored));
    assert!(["a.db", "b.db", "c.db"].iter().all(|file| disk.join(file).is_file()));
}

#[test]
fn a_restored_original_that_is_not_what_was_imported_is_named() {
    let installation = embedded();
    eventful(&installation);
    let to = installation.desk("backup");
    installation.output(0, &["backup", to.to_str().unwrap()]);
    let originals = installation.files_in("processed");
    let original = originals.iter().find(|file| file.extension().is_some_and(|kind| kind == "csv")).unwrap();
    let within = original.strip_prefix(installation.data_dir()).unwrap();
    std::fs::write(to.join(within), "pedido;data\n").unwrap();
    let elsewhere = embedded();
    let restored = elsewhere.output(1, &["restore", to.to_str().unwrap()]);
    let line = restored.lines().find(|line| line.contains("  originals ")).unwrap();
    assert!(line.starts_with("WRONG") && line.contains(within.to_str().unwrap()), "{restored}");
    // Everything is restored nevertheless.
    assert_eq!(elsewhere.whole_tables(), installation.whole_tables());
}

/// The imports as they are listed, with times cut to microseconds, because PostgreSQL stores no more.
fn listed(installation: &Installation) -> Vec<Value> {
    let mut imports = installation.imports();
    for import in &mut imports {
        for time in ["received_at", "undone_at"] {
            let shortened =
                import[time].as_str().map(|at| at.trim_end_matches('Z').chars().take(26).collect::<String>());
            import[time] = shortened.into();
        }
    }
    imports
}

fn copy_folder(from: &Path, to: &Path) {
    assert!(Command::new("cp").arg("-r").args([from, to]).status().unwrap().success());
}

#[test]
fn an_installation_moves_to_postgres_with_all_that_it_knows() {
    let servers = Servers { rabbitmq: None, ..Servers::of_environment() };
    if servers.postgres.is_none() {
        eprintln!("skipped: no PostgreSQL is named by {}", caudal_platform::testing::POSTGRES);
        return;
    }
    let (small, large) = (embedded(), Installation::on(servers));
    eventful(&small);
    let data = small.data_dir();
    let arguments = ["migrate-data", "--from", data.to_str().unwrap()];
    let service = small.start();
    let in_use = large.caudal(&arguments);
    assert_eq!(in_use.status.code(), Some(1));
    assert!(said(&in_use).contains("is in use; stop every process of Caudal"), "{}", said(&in_use));
    service.kill();

    // Adds a message with a receipt that is on its way, and a message that never left.
    let last = small.csv("mai.csv", &format!("{HEADER}A10;05/05/2026;Eva;eva@exemplo.com;Suco;2;4,50;PIX\n"));
    for point in ["after-staging", "after-deliver-before-ack"] {
        let mut service = small.start_with(&[("CAUDAL_FAIL_AT", point)]);
        small.drop_file(&last, &format!("{point}.csv"));
        assert_eq!(service.wait_for_end(), None);
    }
    let before = (listed(&small), small.business_tables(), small.sums());
    let users = small.output(0, &["user", "list", "--json"]);

    let report = large.json(0, &[&arguments[..], &["--json"]].concat());
    let outbox = report["ingest"].as_array().unwrap().iter().find(|table| table["table"] == "outbox").unwrap();
    assert!(outbox["target"].as_i64().unwrap() > 0, "{report}");
    assert_eq!((listed(&large), large.business_tables(), large.sums()), before);
    let same_users =
        |text: &str| text.lines().filter(|line| !line.contains("_at")).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(same_users(&large.output(0, &["user", "list", "--json"])), same_users(&users));
    let twice = large.caudal(&arguments);
    assert_eq!(twice.status.code(), Some(1));
    assert!(said(&twice).contains("the target database must be empty"), "{}", said(&twice));

    // Both go on from there with the same pages, the same logins and the same answers.
    std::fs::remove_dir_all(large.data_dir()).unwrap();
    copy_folder(&data, &large.data_dir());
    let pages = [&small, &large].map(|installation| {
        let service = installation.start();
        installation.wait_for_empty_inbox();
        assert_eq!(installation.outbox(), 0);
        let imports = installation.imports();
        assert!(
            imports
                .iter()
                .filter(|import| import["outcome"] == "taken")
                .all(|import| import["state"] == "balanced" || import["state"] == "undone")
        );
        let browser = Browser::new(&service);
        let csrf = browser.csrf("/login");
        let answer = browser.post("/login", &[("csrf", &csrf), ("name", "ana"), ("password", PASSWORD)]);
        assert_eq!(answer.status, 303, "the same login: {}", answer.text());
        // The text of the page, without the addresses and tokens of this run.
        let sales = browser.get("/sales").text();
        let sales: Vec<String> =
            sales.split('<').filter_map(|tag| tag.split_once('>')).map(|(_, text)| text.trim().to_owned()).collect();
        let jan = installation.csv(
            "jun.csv",
            &format!(
                "{HEADER}A2;06/01/2026;Bia;bia@exemplo.com;Chá;1;8,00;Dinheiro\nA11;01/06/2026;Gil;;Chá;1;8,00;PIX\n"
            ),
        );
        let report = installation.import(0, &jan);
        assert_eq!(
            (&report["rows"]["stored"], &report["rows"]["duplicate"]),
            (&1.into(), &1.into()),
            "new ids, old keys"
        );
        installation.assert_consistent();
        (sales, installation.sums())
    });
    assert_eq!(pages[0].1, pages[1].1);
    assert_eq!(pages[0].0, pages[1].0);
}
