//! Power cuts: everything that an API client was answered for, and every file that has left the inbox, is there afterwards.
//!
//! kill -9 leaves unsynced writes in the system's memory, so it proves nothing about a power cut. Here the program runs with a
//! library that records the bytes that a disk would hold ([`platter`](super::platter)). At each cut the data folder is built
//! anew from this record, and the program goes on there.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use caudal_platform::database::{Database, DatabaseUrl};
use caudal_platform::testing::Servers;
use diesel::prelude::*;
use diesel::sql_types::Text;
use serde_json::Value;

use super::cluster::PATIENCE;
use super::platter::{Platter, Shim};
use super::workload::{Dice, Workload};
use super::{number, seed};
use crate::installation::{Installation, PASSWORD, Service, wait_until_at_most};

/// The number of files dropped, and of batches posted, between two cuts.
const BETWEEN: usize = 3;

/// The number of power cuts.
fn cuts() -> usize {
    number("CAUDAL_FAULTS").and_then(|count| usize::try_from(count).ok()).unwrap_or(5)
}

/// Everything that the senders remember of their files and batches.
struct Senders {
    workload: Workload,
    /// The files as their owner has them.
    files: Vec<PathBuf>,
    /// Files that were seen to leave the inbox.
    filed: BTreeSet<usize>,
    /// The imports of the batches that were answered.
    answered: BTreeMap<usize, String>,
}

#[test]
fn what_was_acknowledged_outlives_power_cuts() {
    let Some(shim) = Shim::build() else { return };
    let mut dice = Dice::new(seed());
    let sent = cuts() * BETWEEN;
    let workload = Workload { files: sent, rows: 150, batches: sent, batch_rows: 20 };
    let desk = Installation::on(Servers::default());
    let files = workload.files(&desk);
    let mut senders = Senders { workload, files, filed: BTreeSet::new(), answered: BTreeMap::new() };

    // The first cut comes right after the first user was added, on an empty disk.
    let mut installation = Installation::on(Servers::default());
    let mut platter = Platter::of(&installation.data_dir());
    add_client(&installation, &platter.environment(&shim));
    for cut in 1..=cuts() {
        installation = senders.after_the_cut(&installation, &platter);
        // Now and then the power goes again before anybody looks.
        if cut == 1 || dice.roll(3) > 0 {
            senders.assert_nothing_lost(&installation);
        }
        platter = Platter::of(&installation.data_dir());
        let environment = platter.environment(&shim);
        let service = start(&installation, &environment);
        senders.send(&installation, service, cut * BETWEEN, &mut dice);
    }
    installation = senders.after_the_cut(&installation, &platter);
    senders.assert_nothing_lost(&installation);
    eprintln!(
        "{} cuts; {} files filed and {} batches answered before one",
        cuts(),
        senders.filed.len(),
        senders.answered.len()
    );
    assert!(!senders.filed.is_empty() && !senders.answered.is_empty(), "nothing was acknowledged before any cut");
    senders.finish(&installation);
}

#[test]
fn rows_that_outlive_a_power_cut_have_their_original() {
    let Some(shim) = Shim::build() else { return };
    // At one point the rows are committed but the original has not moved; at the other it has moved but the import is not
    // marked.
    for (point, folder) in [("after-commit-before-move", "inbox"), ("after-move-before-mark", "processed")] {
        let before = Installation::on(Servers::default());
        assert_eq!(start(&before, &[]).terminate(), Some(0), "the folders are made");
        let mut platter = Platter::of(&before.data_dir());
        let file = before.csv("vendas.csv", "Data;Produto;Quantidade;Total\n01/03/2026;Café;2;10,00\n");
        // In a folder that was made a moment ago by a program that synced nothing.
        before.drop_file(&file, "loja-3/vendas.csv");
        let mut environment = platter.environment(&shim).to_vec();
        environment.push(("CAUDAL_FAIL_AT", point.to_owned()));
        start(&before, &environment).wait_for_end();

        let mut after = Installation::on(Servers::default());
        platter.rebuild(&after.data_dir());
        let original = find(&after, folder, &file).unwrap_or_else(|| panic!("{point}: the original is gone"));
        assert!(fs::read(original).unwrap() == fs::read(&file).unwrap(), "{point}");
        // The import is marked as filed, and the power goes again.
        platter = Platter::of(&after.data_dir());
        let service = start(&after, &platter.environment(&shim));
        wait_until_at_most(PATIENCE, "the import is there and balances", || {
            after.files_in("inbox").is_empty() && after.imports().iter().any(|import| import["state"] == "balanced")
        });
        service.kill();
        let last = Installation::on(Servers::default());
        platter.rebuild(&last.data_dir());
        after = last;
        let service = start(&after, &[]);
        after.wait_for_imports(1);
        let original = find(&after, "processed", &file).unwrap_or_else(|| panic!("{point}: the original is gone"));
        assert!(fs::read(original).unwrap() == fs::read(&file).unwrap(), "{point}");
        assert_eq!((after.imports().len(), after.sums()), (1, (1, 1_000)), "{point}: once");
        after.assert_consistent();
        assert_eq!(service.terminate(), Some(0));
    }
}

fn start(installation: &Installation, environment: &[(&'static str, String)]) -> Service {
    let mut all: Vec<(&str, &str)> = environment.iter().map(|(name, value)| (*name, value.as_str())).collect();
    // Small messages, so that work is left between any two cuts.
    all.push(("CAUDAL_BATCH_ROWS", "25"));
    installation.start_with(&all)
}

/// Adds the user for the batches, in a process of its own.
fn add_client(installation: &Installation, environment: &[(&'static str, String)]) {
    let mut command = installation.command(&["user", "add", "loja", "--role", "admin"]);
    command.envs(environment.iter().map(|(name, value)| (*name, value)));
    let mut child = command.stdin(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(format!("{PASSWORD}\n").as_bytes()).unwrap();
    assert!(child.wait().unwrap().success());
}

impl Senders {
    /// Rebuilds the data folder after a cut, in a separate place.
    fn after_the_cut(&self, before: &Installation, platter: &Platter) -> Installation {
        let installation = Installation::on(Servers::default());
        platter.rebuild(&installation.data_dir());
        self.assert_originals(&installation);
        if !self.answered.is_empty() {
            // A token was given out and must stay valid.
            let key = |installation: &Installation| fs::read(installation.data_dir().join("secrets/token.key")).ok();
            assert!(key(before).is_some() && key(&installation) == key(before), "the token key is another, or gone");
        }
        installation
    }

    /// Drops files and posts batches, those of the first `until` that were not acknowledged yet. Meanwhile the power is cut.
    fn send(&mut self, installation: &Installation, service: Service, until: usize, dice: &mut Dice) {
        let batches: Vec<usize> = (0..until).filter(|batch| !self.answered.contains_key(batch)).collect();
        let (url, workload) = (service.url.clone(), self.workload);
        let client = std::thread::spawn(move || {
            // Each answer before the cut counts. The first error is the cut.
            let posted = |batch: usize| Some((batch, post(&url, &workload.batch(batch))?));
            batches.into_iter().map_while(posted).collect::<Vec<_>>()
        });
        for file in self.not_filed(until) {
            self.drop_again(installation, file);
            std::thread::park_timeout(Duration::from_millis(dice.roll(150)));
        }
        std::thread::park_timeout(Duration::from_millis(dice.roll(2500)));
        service.freeze();
        let gone = self.not_filed(until).into_iter().filter(|file| {
            let is_in = |folder| find(installation, folder, &self.files[*file]).is_some();
            !is_in("inbox") && is_in("processed")
        });
        let gone: Vec<usize> = gone.collect();
        self.filed.extend(gone);
        service.kill();
        self.answered.extend(client.join().unwrap());
    }

    fn not_filed(&self, until: usize) -> Vec<usize> {
        (0..until).filter(|file| !self.filed.contains(file)).collect()
    }

    /// Drops a file again if it is missing from the inbox or not whole there, as its owner would.
    fn drop_again(&self, installation: &Installation, file: usize) {
        let path = &self.files[file];
        let there = installation.data_dir().join("inbox").join(name(path));
        if !fs::read(there).is_ok_and(|bytes| bytes == fs::read(path).unwrap()) {
            installation.drop_file(path, name(path));
        }
    }

    /// The bytes of each file that has left the inbox exist: in its place, or in the inbox again.
    fn assert_originals(&self, installation: &Installation) {
        for file in &self.filed {
            let path = &self.files[*file];
            let original = ["processed", "inbox"].into_iter().find_map(|folder| find(installation, folder, path));
            let original = original.unwrap_or_else(|| panic!("{} had left the inbox and is nowhere", name(path)));
            assert!(fs::read(&original).unwrap() == fs::read(path).unwrap(), "{} is another", original.display());
        }
    }

    /// Everything acknowledged is stored, every import balances, and the tables agree.
    fn assert_nothing_lost(&self, installation: &Installation) {
        let service = start(installation, &[]);
        let expected = self.workload.expected();
        let mut missing = Vec::new();
        let mut look = || {
            let imports = installation.imports();
            missing.clear();
            missing.extend(imports.iter().filter(|import| import["state"] != "balanced").map(ToString::to_string));
            for file in &self.filed {
                let (name, rows) = &expected.files[*file];
                if taken(&imports, name) != [*rows] {
                    missing.push(format!("{name}: {rows:?}, but {:?}", taken(&imports, name)));
                }
            }
            for (batch, id) in &self.answered {
                let read = imports.iter().find(|import| import["import_id"] == *id).map(|import| rows(import)[0]);
                if read != i64::try_from(self.workload.batch_rows).ok() {
                    missing.push(format!("batch {batch} ({id}): rows read {read:?}"));
                }
            }
            missing.is_empty()
        };
        let end = std::time::Instant::now() + PATIENCE / 4;
        while !look() {
            if std::time::Instant::now() > end {
                panic!("acknowledged, and lost by the power cut: {missing:#?}\n{}", installation.doctor());
            }
            std::thread::park_timeout(Duration::from_millis(100));
        }
        installation.assert_consistent();
        for name in ["ingest", "distrib", "queue"] {
            assert_eq!(integrity(&installation.data_dir().join(format!("{name}.db"))), "ok", "{name}.db");
        }
        assert_eq!(service.terminate(), Some(0));
    }

    /// Sends everything again that was not acknowledged. Then all of it is there, once.
    fn finish(mut self, installation: &Installation) {
        let service = start(installation, &[]);
        for file in self.not_filed(self.files.len()) {
            self.drop_again(installation, file);
        }
        for batch in 0..self.workload.batches {
            if !self.answered.contains_key(&batch) {
                self.answered.insert(batch, post(&service.url, &self.workload.batch(batch)).unwrap());
            }
        }
        let expected = self.workload.expected();
        wait_until_at_most(PATIENCE, "every file is imported and every import balances", || {
            let imports = installation.imports();
            installation.files_in("inbox").is_empty()
                && imports.iter().all(|import| import["state"] == "balanced")
                && expected.files.iter().all(|(name, _)| !taken(&imports, name).is_empty())
        });
        let imports = installation.imports();
        for (file, (name, rows)) in expected.files.iter().enumerate() {
            assert_eq!(taken(&imports, name), [*rows], "{name} is taken once");
            let original = find(installation, "processed", &self.files[file]).unwrap();
            assert!(fs::read(original).unwrap() == fs::read(&self.files[file]).unwrap(), "{name} is its original");
        }
        assert_eq!(installation.sums(), (expected.sales, expected.cents), "sales and cents");
        assert_eq!(installation.outbox(), 0, "everything was answered for");
        installation.assert_consistent();
        assert_eq!(service.terminate(), Some(0));
    }
}

/// Posts a batch and returns its import if it is answered.
fn post(url: &str, batch: &Value) -> Option<String> {
    let timeout = Some(Duration::from_secs(20));
    let agent: ureq::Agent = ureq::Agent::config_builder().timeout_global(timeout).build().into();
    let form = [("username", "loja"), ("password", PASSWORD)];
    let token: Value = agent.post(format!("{url}/token")).send_form(form).ok()?.body_mut().read_json().ok()?;
    let request = agent.post(format!("{url}/ingest/v1/sales")).content_type("application/json");
    let request = request.header("Authorization", format!("Bearer {}", token["access_token"].as_str()?));
    let answer: Value = request.send(batch.to_string()).ok()?.body_mut().read_json().ok()?;
    Some(answer["import_id"].as_str()?.to_owned())
}

/// The rows of the imports that took a file of this name.
fn taken(imports: &[Value], name: &str) -> Vec<[i64; 6]> {
    let is_it = |import: &&Value| import["name"] == name && import["outcome"] == "taken";
    imports.iter().filter(is_it).map(rows).collect()
}

/// The numbers of rows read, stored, updated, duplicate, rejected and ignored.
fn rows(import: &Value) -> [i64; 6] {
    ["read", "stored", "updated", "duplicate", "rejected", "ignored"]
        .map(|name| import["ledger"]["rows"][name].as_i64().unwrap())
}

/// Finds the file in this folder or below, under its own name or a name that ends with it.
fn find(installation: &Installation, folder: &str, file: &Path) -> Option<PathBuf> {
    installation.files_in(folder).into_iter().find(|path| name(path).ends_with(name(file)))
}

fn name(path: &Path) -> &str {
    path.file_name().unwrap().to_str().unwrap()
}

#[derive(QueryableByName)]
struct Verdict {
    #[diesel(sql_type = Text)]
    integrity_check: String,
}

fn integrity(file: &Path) -> String {
    let database = Database::open(&DatabaseUrl::Sqlite(file.to_owned()), 1).unwrap();
    let mut connection = database.get().unwrap();
    let verdict = diesel::sql_query("PRAGMA integrity_check").get_result::<Verdict>(&mut *connection).unwrap();
    verdict.integrity_check
}
