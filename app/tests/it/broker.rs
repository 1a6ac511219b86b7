//! Changes that an administrator makes to the broker behind Caudal's back.

use std::time::Duration;

use serde_json::json;

use crate::installation::{Installation, wait_until_at_most};

/// Much shorter than the time after which an unanswered message counts as lost.
const SOON: Duration = Duration::from_secs(25);

#[test]
fn a_binding_that_is_deleted_is_made_again_and_what_was_sent_meanwhile_arrives() {
    let installation = Installation::new();
    let service = installation.start();
    let token = installation.token(&service, "loja-3");
    let send = |id: &str| {
        let sale =
            json!([{"id": id, "sold_at": "2026-11-20", "product": "Café", "quantity": 1, "unit_price": "10.00"}]);
        let request = ureq::post(format!("{}/ingest/v1/sales", service.url));
        request.header("Authorization", format!("Bearer {token}")).send_json(&sale).unwrap();
    };
    send("1");
    installation.wait_for_imports(1);
    for (count, queue) in [(2, "processed_data"), (3, "receipts")] {
        if !installation.backend().unbind(queue) {
            return;
        }
        send(&count.to_string());
        wait_until_at_most(SOON, queue, || {
            let imports = installation.imports();
            imports.len() == count && imports.iter().all(|import| import["state"] == "balanced")
        });
        assert_eq!(installation.outbox(), 0, "{queue}");
    }
    assert_eq!(installation.sums(), (3, 3000));
    installation.assert_consistent();
}
