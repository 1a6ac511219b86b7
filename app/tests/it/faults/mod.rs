//! Fault runs: sales flow in while processes, broker and database are killed, stopped and wiped. Afterwards everything must be
//! as if nothing had happened: each row in one place, nothing twice, every import balanced, without anybody's help.
//!
//! The short form runs with all tests. The long form: `CAUDAL_FAULTS=200 cargo test -p caudal --test it faults:: -- --nocapture`
//! (so many kills in each run; `CAUDAL_FAULT_SEED` repeats one).

mod cluster;
#[cfg(target_os = "linux")]
mod platter;
#[cfg(target_os = "linux")]
mod power;
mod workload;

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use caudal_shared::fault::FailPoint;
use cluster::{Cluster, PATIENCE, Role, names, post_until_answered};
use workload::{Dice, Workload};

use crate::installation::{Installation, PASSWORD, wait_until};
use crate::servers::PrivateServers;

const POINTS: [FailPoint; 5] = [
    FailPoint::AfterStaging,
    FailPoint::AfterPublishBeforeMark,
    FailPoint::AfterDeliverBeforeAck,
    FailPoint::AfterCommitBeforeMove,
    FailPoint::AfterMoveBeforeMark,
];

/// How many times processes are killed.
fn kills() -> usize {
    number("CAUDAL_FAULTS").and_then(|count| usize::try_from(count).ok()).unwrap_or(15)
}

fn seed() -> u64 {
    let seed = number("CAUDAL_FAULT_SEED").unwrap_or_else(|| {
        std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_micros() as u64
    });
    eprintln!("CAUDAL_FAULT_SEED={seed}");
    seed
}

#[expect(clippy::disallowed_methods, reason = "these are no settings of the program")]
fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// As much as flows while so many faults happen.
fn workload(faults: usize) -> Workload {
    Workload { files: faults.max(8), rows: 300, batches: faults.max(8), batch_rows: 20 }
}

/// What is in the business tables after the same without any fault.
fn undisturbed(workload: &Workload) -> Vec<String> {
    let installation = Installation::new();
    add_client(&installation);
    let mut cluster = Cluster::start(&installation, &[Role::All]);
    for (file, batch) in workload.files(&installation).iter().zip(0..) {
        installation.drop_file(file, file.file_name().unwrap().to_str().unwrap());
        if batch < workload.batches {
            post_until_answered(&mut cluster, &workload.batch(batch));
        }
    }
    assert_nothing_lost(&installation, &mut cluster, workload);
    digest(&installation)
}

/// A user who may send sales.
fn add_client(installation: &Installation) {
    installation.output(0, &["migrate"]);
    installation.add_user("loja", PASSWORD);
}

/// What must be the same in every run: sales, customers, sums of days, the ledger of each file, rejected rows. Keys are not:
/// the first file's order numbers name a space, and which file is the first is chance. Nor are batches, which are imports
/// of their own when a client sends them twice.
fn digest(installation: &Installation) -> Vec<String> {
    let text = installation.business_tables();
    let without_keys = |line: &str| match line.split('|').collect::<Vec<_>>().as_slice() {
        [_key, _fingerprint, rest @ ..] if rest.len() > 8 => rest.join("|"),
        _ => line.to_owned(),
    };
    let mut lines: Vec<String> = text.lines().filter(|line| !line.starts_with('|')).map(without_keys).collect();
    lines.sort();
    lines
}

/// Fails with the lines that differ.
fn assert_same(mine: &[String], undisturbed: &[String]) {
    let only = |these: &[String], those: &[String]| {
        these.iter().filter(|line| !those.contains(line)).take(20).cloned().collect::<Vec<_>>()
    };
    assert_eq!(only(mine, undisturbed), only(undisturbed, mine), "lines of this run, and those of an undisturbed one");
    assert_eq!(mine.len(), undisturbed.len());
}

/// Waits until everything has arrived, then compares it with what was sent.
fn assert_nothing_lost(installation: &Installation, cluster: &mut Cluster<'_>, workload: &Workload) {
    let expected = workload.expected();
    let mut imports = Vec::new();
    let files = || installation.files_in("inbox").len();
    let mut end = Instant::now() + PATIENCE;
    loop {
        cluster.revive();
        let now = installation.imports();
        if now != imports {
            // It is slow, not stuck
            end = Instant::now() + PATIENCE;
            imports = now;
        }
        let of_files = imports.iter().filter(|import| import["origin"] == "file").count();
        if files() == 0 && of_files >= workload.files && imports.iter().all(|import| import["state"] == "balanced") {
            break;
        }
        let state = || installation.output(0, &["imports", "list", "--limit", "500"]) + &installation.doctor();
        assert!(Instant::now() < end, "not every import balances: {}", state());
        std::thread::park_timeout(Duration::from_millis(250));
    }
    let bucket = |import: &serde_json::Value, name: &str| import["ledger"]["rows"][name].as_i64().unwrap();
    let mut of_files: Vec<(String, [i64; 4])> = imports
        .iter()
        .filter(|import| import["origin"] == "file")
        .map(|import| {
            let rows = ["read", "stored", "rejected", "ignored"].map(|name| bucket(import, name));
            (import["name"].as_str().unwrap().to_owned(), rows)
        })
        .collect();
    of_files.sort();
    assert_eq!(of_files, expected.files, "each file is one import, with its rows where they belong");
    let sums = installation.sums();
    assert_eq!(sums, (expected.sales, expected.cents), "sales and cents");
    installation.assert_consistent();
    let mut originals = names(&installation.files_in("processed"));
    originals.retain(|name| name.ends_with(".csv"));
    assert_eq!(originals.len(), workload.files, "each original is filed once");
    assert_eq!(installation.outbox(), 0, "everything was answered for");
}

/// Drops files and posts batches while `fault` happens before each.
fn play(
    installation: &Installation,
    cluster: &mut Cluster<'_>,
    workload: &Workload,
    mut fault: impl FnMut(&mut Cluster<'_>, usize),
) {
    for (file, step) in workload.files(installation).iter().zip(0..) {
        installation.drop_file(file, file.file_name().unwrap().to_str().unwrap());
        fault(cluster, step);
        if step < workload.batches {
            post_until_answered(cluster, &workload.batch(step));
        }
        cluster.revive();
    }
}

#[test]
fn embedded_processes_killed_at_random_lose_and_double_nothing() {
    let mut dice = Dice::new(seed());
    let workload = workload(kills());
    let installation = Installation::on(caudal_shared::testing::Servers::default());
    add_client(&installation);
    let mut cluster = Cluster::start(&installation, &[Role::All]);
    play(&installation, &mut cluster, &workload, |cluster, step| {
        std::thread::park_timeout(Duration::from_millis(20 + dice.roll(400)));
        if step % 2 == 0 {
            cluster.kill_before(POINTS[step / 2 % POINTS.len()]);
        } else {
            // The file that was dropped just now brings it there
            cluster.await_deaths();
            cluster.kill(0);
        }
    });
    let planned: BTreeSet<&str> = (0..workload.files / 2).map(|death| POINTS[death % POINTS.len()].name()).collect();
    assert!(cluster.reached().is_superset(&planned), "died only at {:?}", cluster.reached());
    assert_nothing_lost(&installation, &mut cluster, &workload);
    eprintln!("{} kills", cluster.kills());
    assert_same(&digest(&installation), &undisturbed(&workload));
}

#[test]
fn a_scaled_installation_outlives_its_processes_its_broker_and_its_database() {
    let Some(servers) = PrivateServers::start() else { return };
    let mut dice = Dice::new(seed());
    let workload = workload(kills());
    let installation = Installation::on(servers.servers());
    add_client(&installation);
    let roles = [Role::Ingest, Role::Distrib, Role::Worker, Role::Worker];
    let mut deaths = 0;
    let mut cluster = Cluster::start(&installation, &roles);
    play(&installation, &mut cluster, &workload, |cluster, step| {
        std::thread::park_timeout(Duration::from_millis(20 + dice.roll(400)));
        let process = dice.roll(cluster.len() as u64) as usize;
        // Each kind of fault comes, however short the run
        match step % 10 {
            1 => servers.run(&["rabbitmq", "crash"]),
            2 => servers.run(&["rabbitmq", "start"]),
            3 => {
                servers.run(&["postgres", "crash"]);
                servers.run(&["postgres", "start"]);
            }
            4 => installation.terminate_sessions(),
            5 => {
                servers.run(&["rabbitmq", "wipe"]);
                servers.run(&["rabbitmq", "start"]);
                installation.backend().add_vhost_again();
            }
            6 => {
                servers.run(&["rabbitmq", "block"]);
                // The file that was dropped just now makes it send something, and then it knows
                cluster.await_pause();
                servers.run(&["rabbitmq", "unblock"]);
            }
            8 => cluster.pause(process, Duration::from_secs(1 + dice.roll(3))),
            _ => {
                // Broker and database are well, and the file that was dropped just now brings it there
                cluster.await_deaths();
                cluster.kill(process);
                let point = POINTS[deaths % POINTS.len()];
                cluster.kill_before(point);
                deaths += 1;
            }
        }
    });
    assert!(deaths < 2 || !cluster.reached().is_empty(), "no process has died where it was told to");
    if workload.files % 10 == 2 {
        servers.run(&["rabbitmq", "start"]);
    }
    // Nonsense among them, and a message that comes twice, stop nobody
    installation.backend().publish("nonsense");
    wait_until("the nonsense is a dead letter", || installation.dead_letters().len() == 1);
    installation.output(0, &["dead-letters", "discard", &installation.dead_letters()[0]["id"].to_string()]);
    assert_nothing_lost(&installation, &mut cluster, &workload);
    eprintln!("{} kills", cluster.kills());
    assert_same(&digest(&installation), &undisturbed(&workload));
}
