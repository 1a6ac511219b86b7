//! One large file, and one fault in its middle. In the long form the file has 100,000 rows.

use std::time::Duration;

use super::cluster::{Cluster, HEARTBEAT, PATIENCE, Role};
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

/// Drops a file and returns after a part of it is stored.
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
    cluster.while_workers_stand_still(2, || {
        assert!(installation.outbox_now() > 0, "everything was stored before the broker was wiped");
        servers.run(&["rabbitmq", "wipe"]);
        servers.run(&["rabbitmq", "start"]);
        installation.backend().add_vhost_again();
    });
    assert_nothing_lost(&installation, &mut cluster, &workload.expected());
    assert!(
        installation.log().contains("publishing the unanswered messages again"),
        "nothing was lost with the broker"
    );
}

#[test]
fn a_worker_that_stands_still_in_the_middle_of_a_file_doubles_no_row() {
    let heartbeats = if is_long() { vec![HEARTBEAT, ""] } else { vec![HEARTBEAT] };
    for heartbeat in heartbeats {
        let Some(servers) = PrivateServers::start() else { return };
        let installation = Installation::on(servers.servers());
        add_client(&installation);
        let mut cluster = Cluster::start_with(&installation, &ROLES, heartbeat);
        let queue_url = installation.backend().queue_url(&installation.data_dir());
        let consumers = || servers.consumers(&queue_url, "processed_data");
        wait_until_at_most(PATIENCE, "the broker counts both workers", || consumers() == Some(2));
        let workload = begin(&installation);
        assert!(installation.outbox_now() > 0, "everything was stored before");
        cluster.while_workers_stand_still(1, || {
            if heartbeat.is_empty() {
                // About as long as a broker waits with its default heartbeat.
                std::thread::park_timeout(Duration::from_secs(120));
            } else {
                let is_given_up = "the broker takes it for dead, and gives what it held to the other worker";
                wait_until_at_most(PATIENCE, is_given_up, || consumers() == Some(1));
            }
        });
        assert_nothing_lost(&installation, &mut cluster, &workload.expected());
    }
}
