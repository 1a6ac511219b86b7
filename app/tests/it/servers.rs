//! Servers that a test has for itself.

use std::path::Path;
use std::process::{Command, Stdio};

use caudal_shared::testing::Servers;
use tempfile::TempDir;

/// PostgreSQL and RabbitMQ that only this test uses, so that it may stop, kill and wipe them.
pub struct PrivateServers {
    folder: TempDir,
}

impl PrivateServers {
    /// `None` where this run has no servers at all; then it says so.
    pub fn start() -> Option<Self> {
        if Servers::of_environment().postgres.is_none() {
            eprintln!(
                "skipped: {} names no server, so the scaled deployment is not tried",
                caudal_shared::testing::POSTGRES
            );
            return None;
        }
        let servers = Self { folder: tempfile::tempdir().unwrap() };
        servers.run(&["start"]);
        Some(servers)
    }

    /// Where they are, as the script wrote it down.
    pub fn servers(&self) -> Servers {
        let text = std::fs::read_to_string(self.folder.path().join("env")).unwrap();
        let value = |name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(&format!("export {name}=")));
            line.unwrap_or_else(|| panic!("{name}: {text}")).to_owned()
        };
        Servers {
            postgres: Some(value(caudal_shared::testing::POSTGRES)),
            rabbitmq: Some((value(caudal_shared::testing::RABBITMQ), value(caudal_shared::testing::RABBITMQ_API))),
        }
    }

    /// `scripts/services` with these words.
    pub fn run(&self, words: &[&str]) {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scripts/services");
        let log =
            std::fs::File::options().create(true).append(true).open(self.folder.path().join("script.log")).unwrap();
        let done = Command::new(script)
            .args(words)
            .arg(self.folder.path())
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .status()
            .unwrap();
        let said = || std::fs::read_to_string(self.folder.path().join("script.log")).unwrap_or_default();
        assert!(done.success(), "scripts/services {words:?}: {}", said());
    }
}

impl Drop for PrivateServers {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.run(&["stop"]);
            return;
        }
        // The first failure is the one to report
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scripts/services");
        let _ = Command::new(script).arg("stop").arg(self.folder.path()).output();
    }
}

/// Adds a user to a broker by its management API, with rights in the virtual host of `queue_url`; returns the URL with this user.
pub fn add_broker_user(api: &str, queue_url: &str, name: &str, password: &str) -> String {
    let put = |path: &str, body: serde_json::Value| {
        ureq::put(format!("{api}/api/{path}")).send_json(&body).unwrap();
    };
    let (_, place) = queue_url.split_once('@').unwrap();
    let (_, vhost) = place.split_once('/').unwrap();
    put(&format!("users/{name}"), serde_json::json!({"password": password, "tags": ""}));
    put(&format!("permissions/{vhost}/{name}"), serde_json::json!({"configure": ".*", "write": ".*", "read": ".*"}));
    format!("amqp://{name}:{password}@{place}")
}
