//! Messages that a worker has taken but cannot commit are not acknowledged, so they stay in the queue.

use std::time::Duration;

use super::workload::Workload;
use crate::installation::{Installation, free_port, wait_until, wait_until_at_most};

/// Longer than a worker waits for a lock.
const LOCKED: Duration = Duration::from_secs(120);

#[test]
fn messages_that_cannot_be_committed_stay_in_the_queue() {
    let installation = Installation::new();
    installation.output(0, &["migrate"]);
    // More messages than a worker holds.
    let (workload, small) =
        (Workload { files: 1, rows: 600, batches: 0, batch_rows: 0 }, [("CAUDAL_BATCH_ROWS", "25")]);
    let ingest = installation.start_role(&["ingest"], free_port(), &small);
    for file in workload.files(&installation) {
        installation.drop_file(&file, "loja-000.csv");
    }
    installation.wait_for_empty_inbox();
    let sent = installation.outbox_now();
    assert!(sent > 20, "{sent} messages");
    wait_until("every message is in the queue", || installation.queued() == sent);
    // Without ingest nobody publishes lost messages again.
    ingest.kill();

    let held = installation.hold_deliveries();
    let worker = installation.start_role(&["worker"], free_port(), &[]);
    let gives_up =
        || installation.log().lines().any(|line| line.contains("the step failed") && line.contains("\"consume\""));
    wait_until_at_most(LOCKED, "the worker cannot commit what it has taken", gives_up);
    worker.kill();
    assert_eq!(installation.sums(), (0, 0), "nothing was committed");
    wait_until("nothing was acknowledged, and every message is in the queue", || installation.queued() == sent);

    drop(held);
    let _ingest = installation.start_role(&["ingest"], free_port(), &small);
    let _worker = installation.start_role(&["worker"], free_port(), &[]);
    installation.wait_for_imports(1);
    let expected = workload.expected();
    assert_eq!(installation.sums(), (expected.sales, expected.cents));
    installation.assert_consistent();
}
