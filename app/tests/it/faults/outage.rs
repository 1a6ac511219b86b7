//! One large file, and one thing that goes wrong in its middle. In the long form the file has 100,000 rows.

use std::time::Duration;

use super::cluster::{COMA, Cluster, HEARTBEAT, Role};
use super::workload::Workload;
use super::{add_client, assert_nothing_lost, number};
use crate::installation::{Installation, wait_until_at_most};
use crate::servers::PrivateServers;

const ROLES: [Role; 4] = [Role::Ingest, Role::Distrib, Role::Worker, Role::Worker];
/// Longer than the first rows of a large file take.
const FIRST_ROWS: Duration = Duration::from_secs(120);

fn is_long() -> bool {
    number("CAUDAL_FAULTS").is_some()
}

/// Drops a file and returns once a part of it is stored.
fn begin(installation: &Installation) -> Workload {
    let rows = if is_long() { 100_000 } else { 6_000 };
    let workload = Workload { files: 1, rows, batches: 0, batch_rows: 0 };
    for file in workload.files(installation) {
        installation.drop_file(&file, "loja-000.csv");
    }
    wait_until_at_most(FIRST_ROWS, "the first rows are stored", || installation.sums().0 > 0);
    workload
}

#[test]
fn a_broker_that_loses_everything_in_the_middle_of_a_file_loses_no_row() {
    let Some(servers) = PrivateServers::start() else { return };
    let installation = Installation::on(servers.servers());
    add_client(&installation);
    let mut cluster = Cluster::start(&installation, &ROLES);
    let workload = begin(&installation);
    cluster.while_workers_stand_still(|| {
        assert!(installation.outbox_now() > 0, "everything was stored before the broker was wiped");
        servers.run(&["rabbitmq", "wipe"]);
        servers.run(&["rabbitmq", "start"]);
        installation.backend().add_vhost_again();
    });
    assert_nothing_lost(&installation, &mut cluster, &workload.expected());
    assert!(installation.log().contains("publishing again what was not answered"), "nothing was lost with the broker");
}

#[test]
fn a_worker_that_stands_still_in_the_middle_of_a_file_doubles_no_row() {
    // Two minutes are about as long as a broker waits by itself
    let shortly = (HEARTBEAT, COMA);
    let cases = if is_long() { vec![shortly, ("", Duration::from_secs(120))] } else { vec![shortly] };
    for (heartbeat, time) in cases {
        let Some(servers) = PrivateServers::start() else { return };
        let installation = Installation::on(servers.servers());
        add_client(&installation);
        let mut cluster = Cluster::start_with(&installation, &ROLES, heartbeat);
        let workload = begin(&installation);
        assert!(installation.outbox_now() > 0, "everything was stored before");
        cluster.put_worker_into_coma(time);
        assert_nothing_lost(&installation, &mut cluster, &workload.expected());
    }
}
