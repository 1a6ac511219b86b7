//! Fault runs: sales flow in while processes, broker and database are killed, stopped and wiped. Afterwards everything must be
//! as if nothing had happened, without anybody's help: each row in one place, nothing twice, every import balanced.
//!
//! The short form runs with all tests. The long form (with the number of kills; `CAUDAL_FAULT_SEED` repeats a run):
//! `CAUDAL_FAULTS=200 cargo test -p caudal --test it faults:: -- --nocapture`.

mod cluster;
mod commit;
mod outage;
#[cfg(target_os = "linux")]
mod platter;
#[cfg(target_os = "linux")]
mod power;
mod workload;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use caudal_platform::fault::FailPoint;
use serde_json::Value;

use cluster::{Cluster, PATIENCE, Role, names, post_until_answered};
pub use workload::Dice;
use workload::{Expected, Workload};

use crate::disk::SmallDisk;
use crate::installation::{Installation, PASSWORD, wait_until};
use crate::servers::PrivateServers;

const POINTS: [FailPoint; 5] = [
    FailPoint::AfterStaging,
    FailPoint::AfterPublishBeforeMark,
    FailPoint::AfterDeliverBeforeAck,
    FailPoint::AfterCommitBeforeMove,
    FailPoint::AfterMoveBeforeMark,
];

/// How often processes are killed.
fn kills() -> usize {
    number("CAUDAL_FAULTS").and_then(|count| usize::try_from(count).ok()).unwrap_or(15)
}

/// The seed of all random choices. It is printed, so that a run can be repeated.
pub fn seed() -> u64 {
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

/// The workload that flows while this many faults happen.
fn workload(faults: usize) -> Workload {
    let files = faults.max(FAULTS.len() + 1);
    Workload { files, rows: 300, batches: files, batch_rows: 20 }
}

/// A size that is enough for the databases and their logs, or for either of two disks, while this many faults happen.
fn disk_mib(faults: usize) -> usize {
    128 + 3 * faults
}

/// How long a disk stays full after a process has run into its end.
fn moment(dice: &mut Dice) -> Duration {
    Duration::from_millis(200 + dice.roll(2000))
}

/// The business tables after the same workload without any fault.
fn undisturbed(workload: &Workload) -> Vec<String> {
    let installation = Installation::new();
    add_client(&installation);
    let mut cluster = Cluster::start(&installation, &[Role::All]);
    play(&installation, &mut cluster, workload, |_, _| {});
    digest(&installation)
}

/// A user who may send sales.
fn add_client(installation: &Installation) {
    installation.output(0, &["migrate"]);
    installation.add_user("loja", PASSWORD);
}

/// The lines that must be the same in every run: sales, customers, daily sums, the ledger of each file, rejected rows. Keys are
/// left out, because the order numbers of the first file name a space, and chance decides which file is first. Batches are left
/// out, because a client that sends one twice makes two imports.
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

/// Waits until everything has arrived, then compares it with the input.
fn assert_nothing_lost(installation: &Installation, cluster: &mut Cluster<'_>, expected: &Expected) {
    let mut imports = Vec::new();
    let files = || installation.files_in("inbox").len();
    let mut end = Instant::now() + PATIENCE;
    loop {
        cluster.revive();
        let now = installation.imports();
        if now != imports {
            // It is slow, not stuck.
            end = Instant::now() + PATIENCE;
            imports = now;
        }
        let of_files = imports.iter().filter(|import| import["origin"] == "file").count();
        let balance = imports.iter().all(|import| import["state"] == "balanced");
        if files() == 0 && of_files >= expected.files.len() && balance {
            break;
        }
        let state = || installation.output(0, &["imports", "list", "--limit", "1000000"]) + &installation.doctor();
        assert!(Instant::now() < end, "not every import balances: {}", state());
        std::thread::park_timeout(Duration::from_millis(250));
    }
    let bucket = |import: &Value, name: &str| import["ledger"]["rows"][name].as_i64().unwrap();
    let mut of_files: Vec<(String, [i64; 6])> = imports
        .iter()
        .filter(|import| import["origin"] == "file")
        .map(|import| {
            let buckets = ["read", "stored", "updated", "duplicate", "rejected", "ignored"];
            (import["name"].as_str().unwrap().to_owned(), buckets.map(|name| bucket(import, name)))
        })
        .collect();
    of_files.sort();
    assert_eq!(of_files, expected.files, "each file is one import, with its rows where they belong");
    let sums = installation.sums();
    assert_eq!(sums, (expected.sales, expected.cents), "sales and cents");
    installation.assert_consistent();
    assert_originals_are_whole(installation, expected);
    assert_eq!(installation.outbox(), 0, "everything was answered for");
    wait_until("the queue is empty", || installation.queued() == 0);
}

/// Each dropped file is filed once, byte for byte.
fn assert_originals_are_whole(installation: &Installation, expected: &Expected) {
    let mut filed = installation.files_in("processed");
    filed.retain(|file| file.extension().is_some_and(|extension| extension == "csv"));
    assert_eq!(filed.len(), expected.files.len(), "each original is filed once: {:?}", names(&filed));
    for (name, _) in &expected.files {
        let dropped = std::fs::read(installation.desk(name)).unwrap();
        let is_it = |file: &&PathBuf| file.to_str().unwrap().ends_with(&format!("-{name}"));
        let original = filed.iter().find(is_it).unwrap_or_else(|| panic!("{name} was not filed"));
        // Equal bytes prove more than an equal hash.
        assert!(std::fs::read(original).unwrap() == dropped, "{name} is not what was dropped");
    }
}

/// The moments at which a fault may happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Moment {
    /// The file of this number was just dropped; a batch and another file will follow.
    Flowing(usize),
    /// A file was just dropped, the last for a while.
    LastFile,
    /// A file was just dropped that repeats rows of earlier ones; another one will follow.
    Later(usize),
    /// Nothing more comes, and everything must arrive.
    Rest,
}

/// Drops files and posts batches, with a `fault` after each file, and waits until everything that was sent has arrived. Then
/// drops files that repeat rows of the first ones, while the faults go on.
fn play(
    installation: &Installation,
    cluster: &mut Cluster<'_>,
    workload: &Workload,
    mut fault: impl FnMut(&mut Cluster<'_>, Moment),
) {
    let drop = |file: &Path| installation.drop_file(file, file.file_name().unwrap().to_str().unwrap());
    for (file, step) in workload.files(installation).iter().zip(0..) {
        drop(file);
        fault(cluster, if step + 1 < workload.files { Moment::Flowing(step) } else { Moment::LastFile });
        if step < workload.batches {
            post_until_answered(cluster, &workload.batch(step));
        }
        cluster.revive();
    }
    fault(cluster, Moment::Rest);
    assert_nothing_lost(installation, cluster, &workload.expected());
    let later = workload.later_files(installation);
    for (file, step) in later.iter().zip(0..) {
        drop(file);
        fault(cluster, if step + 1 < later.len() { Moment::Later(step) } else { Moment::LastFile });
    }
    fault(cluster, Moment::Rest);
    assert_nothing_lost(installation, cluster, &workload.expected_later());
}

#[test]
fn embedded_processes_killed_at_random_lose_and_double_nothing() {
    let mut dice = Dice::new(seed());
    let workload = workload(kills());
    let installation = Installation::on(caudal_platform::testing::Servers::default());
    let disk = SmallDisk::mount(&installation.data_dir(), disk_mib(kills()));
    add_client(&installation);
    let mut cluster = Cluster::start(&installation, &[Role::All]);
    let mut planned = BTreeSet::new();
    play(&installation, &mut cluster, &workload, |cluster, moment| {
        std::thread::park_timeout(Duration::from_millis(20 + dice.roll(400)));
        // The file that was just dropped brings the process to its point.
        cluster.await_deaths(&workload.batch(0));
        match (moment, &disk) {
            (Moment::Flowing(step) | Moment::Later(step), Some(disk)) if step % 6 == 3 => {
                disk.fill();
                cluster.await_refusal(&workload.batch(0));
                // Either way the service starts on a full disk.
                let freed = if step % 12 == 3 {
                    disk.free();
                    // A service that ends well leaves no logs of its databases behind, so there is no room for new ones.
                    cluster.restart(0, || {
                        disk.fill();
                        disk.free_after(self::moment(&mut dice))
                    })
                } else {
                    let freed = disk.free_after(self::moment(&mut dice));
                    cluster.kill(0);
                    freed
                };
                freed.join().unwrap();
                return;
            }
            _ => {}
        }
        match moment {
            Moment::Flowing(step) | Moment::Later(step) if step % 2 == 0 => {
                let point = POINTS[step / 2 % POINTS.len()];
                planned.insert(point.name());
                cluster.kill_before(point);
            }
            Moment::Flowing(_) | Moment::Later(_) | Moment::LastFile => cluster.kill(0),
            Moment::Rest => {}
        }
    });
    assert!(cluster.reached().is_superset(&planned), "died only at {:?}", cluster.reached());
    assert!(cluster.kills() >= kills(), "only {} kills", cluster.kills());
    assert!(disk.is_none() || installation.log().contains("disk is full"), "nothing has run into the end of the disk");
    eprintln!("{} kills", cluster.kills());
    assert_same(&digest(&installation), &undisturbed(&workload));
}

/// The faults of a scaled installation besides its kills. Each kind happens, even in a short run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    BrokerCrashes,
    BrokerStops,
    BrokerStandsStill,
    BrokerLosesEverything,
    BrokerIsBlocked,
    QueueIsDeleted,
    DatabaseCrashes,
    SessionsEnd,
    DisksAreFull,
    ProcessPauses,
    WorkerIsTakenForDead,
}

const FAULTS: [Fault; 11] = [
    Fault::BrokerCrashes,
    Fault::ProcessPauses,
    Fault::DisksAreFull,
    Fault::DatabaseCrashes,
    Fault::BrokerStandsStill,
    Fault::WorkerIsTakenForDead,
    Fault::SessionsEnd,
    Fault::BrokerLosesEverything,
    Fault::BrokerIsBlocked,
    Fault::QueueIsDeleted,
    Fault::BrokerStops,
];

/// A scaled installation, and the servers that fail under it.
struct Scaled<'a> {
    servers: &'a PrivateServers,
    installation: &'a Installation,
    /// The disks of the data folder and of the databases, if they can be mounted.
    disks: Option<[&'a SmallDisk; 2]>,
    /// The threads that free the disks that are full for a moment.
    full: Vec<JoinHandle<()>>,
    /// The fault that goes on until the next step.
    lasting: Option<Fault>,
    /// Sales that were sent before.
    batch: Value,
    /// Published messages, to be published again: twice in a row, and late.
    copies: Vec<String>,
}

impl Scaled<'_> {
    fn begin(&mut self, fault: Fault, cluster: &mut Cluster<'_>, dice: &mut Dice) {
        match fault {
            Fault::BrokerCrashes => self.servers.run(&["rabbitmq", "crash"]),
            Fault::BrokerStops => self.servers.run(&["rabbitmq", "stop"]),
            Fault::BrokerStandsStill => {
                self.servers.freeze_broker();
                std::thread::park_timeout(Duration::from_secs(2));
            }
            Fault::BrokerLosesEverything => {
                self.servers.run(&["rabbitmq", "wipe"]);
                self.servers.run(&["rabbitmq", "start"]);
                self.installation.backend().add_vhost_again();
            }
            Fault::BrokerIsBlocked => {
                self.servers.run(&["rabbitmq", "block"]);
                cluster.await_pause(&self.batch);
                self.servers.run(&["rabbitmq", "unblock"]);
            }
            Fault::QueueIsDeleted => {
                let url = self.installation.backend().queue_url(&self.installation.data_dir());
                self.servers.delete_queue(&url, "processed_data");
            }
            Fault::DatabaseCrashes => {
                self.servers.run(&["postgres", "crash"]);
                self.servers.run(&["postgres", "start"]);
            }
            Fault::SessionsEnd => self.installation.terminate_sessions(),
            Fault::DisksAreFull => {
                let Some(disks) = self.disks else { return };
                disks.iter().for_each(|disk| disk.fill());
                cluster.await_refusal(&self.batch);
                let time = moment(dice);
                self.full.extend(disks.map(|disk| disk.free_after(time)));
            }
            Fault::ProcessPauses => {
                let process = dice.roll(cluster.len() as u64) as usize;
                cluster.pause(process, Duration::from_secs(1 + dice.roll(3)));
            }
            Fault::WorkerIsTakenForDead => cluster.put_worker_into_coma(),
        }
        self.lasting = Some(fault);
    }

    fn end(&mut self) {
        self.full.drain(..).for_each(|freed| freed.join().unwrap());
        match self.lasting.take() {
            Some(Fault::BrokerStandsStill) => self.servers.thaw_broker(),
            Some(Fault::BrokerCrashes | Fault::BrokerStops) => {
                // Nobody has answered for the batch that was sent while the broker was away.
                let batch = self.installation.unanswered().pop().expect("a message waits for the broker");
                self.servers.run(&["rabbitmq", "start"]);
                self.installation.backend().publish_base64(&batch);
                self.installation.backend().publish_base64(&batch);
                self.copies.push(batch);
            }
            _ => {}
        }
    }
}

#[test]
fn a_scaled_installation_outlives_its_processes_its_broker_and_its_database() {
    let Some(servers) = PrivateServers::start() else { return };
    let mut dice = Dice::new(seed());
    let workload = workload(kills());
    let room = SmallDisk::mount(&servers.folder("small"), disk_mib(kills()));
    let installation = Installation::on(servers.servers());
    let data = SmallDisk::mount(&installation.data_dir(), disk_mib(kills()));
    if let Some(room) = &room {
        let urls =
            ["ingest", "distrib"].map(|name| installation.backend().database_url(name, &installation.data_dir()));
        servers.move_databases(&urls, room.folder());
    }
    add_client(&installation);
    let roles = [Role::Ingest, Role::Distrib, Role::Worker, Role::Worker];
    let mut cluster = Cluster::start(&installation, &roles);
    let batch = workload.batch(0);
    let mut scaled = Scaled {
        servers: &servers,
        installation: &installation,
        disks: data.as_ref().zip(room.as_ref()).map(|(data, room)| [data, room]),
        full: Vec::new(),
        lasting: None,
        batch: batch.clone(),
        copies: Vec::new(),
    };
    let mut planned = BTreeSet::new();
    play(&installation, &mut cluster, &workload, |cluster, moment| {
        scaled.end();
        std::thread::park_timeout(Duration::from_millis(20 + dice.roll(400)));
        // Broker and database are well, and the file that was just dropped brings the process to its point.
        cluster.await_deaths(&batch);
        if let Moment::Flowing(step) = moment {
            scaled.begin(FAULTS[step % FAULTS.len()], cluster, &mut dice);
        }
        match moment {
            Moment::Flowing(step) | Moment::Later(step) if step % 2 == 0 => {
                let point = POINTS[step / 2 % POINTS.len()];
                planned.insert(point.name());
                cluster.kill_before(point);
            }
            Moment::Flowing(_) | Moment::Later(_) | Moment::LastFile => {
                cluster.kill(dice.roll(cluster.len() as u64) as usize);
            }
            Moment::Rest => {}
        }
    });
    // Nonsense, and messages that come long after they were answered for, must stop nobody.
    assert!(!scaled.copies.is_empty());
    scaled.copies.iter().for_each(|copy| installation.backend().publish_base64(copy));
    installation.backend().publish("nonsense");
    wait_until("the nonsense is a dead letter", || installation.dead_letters().len() == 1);
    installation.output(0, &["dead-letters", "discard", &installation.dead_letters()[0]["id"].to_string()]);
    assert_nothing_lost(&installation, &mut cluster, &workload.expected_later());
    assert!(cluster.reached().is_superset(&planned), "died only at {:?}", cluster.reached());
    assert!(cluster.kills() >= kills(), "only {} kills", cluster.kills());
    let was_full = scaled.disks.is_none() || installation.log().contains("No space left on device");
    assert!(was_full, "nothing has run into the end of the disks");
    eprintln!("{} kills", cluster.kills());
    assert_same(&digest(&installation), &undisturbed(&workload));
}
