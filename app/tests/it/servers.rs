//! Servers for a single test.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use caudal_platform::testing::Servers;
use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};
use tempfile::TempDir;

/// PostgreSQL and RabbitMQ that only this test uses, so that it may stop, kill and wipe them.
pub struct PrivateServers {
    folder: TempDir,
}

impl PrivateServers {
    /// `None` if this run has no servers at all; a message then says so.
    pub fn start() -> Option<Self> {
        if Servers::of_environment().postgres.is_none() {
            eprintln!(
                "skipped: {} names no server, so the scaled deployment is not tried",
                caudal_platform::testing::POSTGRES
            );
            return None;
        }
        let servers = Self { folder: tempfile::tempdir().unwrap() };
        servers.run(&["start"]);
        Some(servers)
    }

    /// The addresses of the servers, as the script wrote them down.
    pub fn servers(&self) -> Servers {
        let text = std::fs::read_to_string(self.folder.path().join("env")).unwrap();
        let value = |name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(&format!("export {name}=")));
            line.unwrap_or_else(|| panic!("{name}: {text}")).to_owned()
        };
        Servers {
            postgres: Some(value(caudal_platform::testing::POSTGRES)),
            rabbitmq: Some((value(caudal_platform::testing::RABBITMQ), value(caudal_platform::testing::RABBITMQ_API))),
        }
    }

    /// Runs `scripts/services` with these words.
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

impl PrivateServers {
    /// A folder of the servers for files of the test.
    pub fn folder(&self, name: &str) -> PathBuf {
        let folder = self.folder.path().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        folder
    }

    /// Moves PostgreSQL's write-ahead log into a folder.
    pub fn move_log(&self, folder: &Path) {
        self.run(&["postgres", "stop"]);
        let log = self.folder.path().join("postgres/pg_wal");
        assert!(Command::new("cp").args(["-a", "--"]).args([&log, folder]).status().unwrap().success());
        std::fs::remove_dir_all(&log).unwrap();
        std::os::unix::fs::symlink(folder.join("pg_wal"), &log).unwrap();
        self.run(&["postgres", "start"]);
    }

    /// Moves databases that nobody uses yet into a folder.
    pub fn move_databases(&self, urls: &[String], folder: &Path) {
        // If root runs the test, the server runs as another user.
        let like = format!("--reference={}", self.folder.path().join("postgres").display());
        assert!(Command::new("chown").arg(like).arg(folder).status().unwrap().success());
        let mut server = PgConnection::establish(&self.servers().postgres.unwrap()).unwrap();
        server.batch_execute(&format!("CREATE TABLESPACE small LOCATION '{}'", folder.display())).unwrap();
        for url in urls {
            let (_, name) = url.rsplit_once('/').unwrap();
            server.batch_execute(&format!("ALTER DATABASE {name} SET TABLESPACE small")).unwrap();
        }
    }

    /// Stops the broker without ending it.
    pub fn freeze_broker(&self) {
        self.signal_broker("-STOP");
    }

    /// Lets the broker go on.
    pub fn thaw_broker(&self) {
        self.signal_broker("-CONT");
    }

    fn signal_broker(&self, signal: &str) {
        let pid = std::fs::read_to_string(self.folder.path().join("rabbitmq/pid")).unwrap();
        assert!(Command::new("kill").args([signal, pid.trim()]).status().unwrap().success());
    }

    /// The number of consumers that the broker knows for a queue of a virtual host.
    pub fn consumers(&self, queue_url: &str, queue: &str) -> Option<u64> {
        let mut answer = agent().get(self.queue(queue_url, queue)).call().unwrap();
        answer.body_mut().read_json::<serde_json::Value>().ok()?["consumers"].as_u64()
    }

    /// The address of a queue in the broker's management API.
    fn queue(&self, queue_url: &str, queue: &str) -> String {
        let (_, api) = self.servers().rabbitmq.unwrap();
        let (_, vhost) = queue_url.rsplit_once('/').unwrap();
        format!("{api}/api/queues/{vhost}/{queue}")
    }

    /// Deletes a queue of a virtual host with all its messages, as an administrator does by mistake.
    pub fn delete_queue(&self, queue_url: &str, queue: &str) {
        let answer = agent().delete(self.queue(queue_url, queue)).call().unwrap();
        // A broker that has just lost everything may not have the queue yet.
        assert!([204, 404].contains(&answer.status().as_u16()), "{answer:?}");
    }
}

fn agent() -> ureq::Agent {
    ureq::Agent::config_builder().http_status_as_error(false).build().into()
}

impl Drop for PrivateServers {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.run(&["stop"]);
            return;
        }
        // The first failure is the one to report. The broker is set going again, because a broker that stands still does not
        // end.
        let _ = std::fs::read_to_string(self.folder.path().join("rabbitmq/pid"))
            .map(|pid| Command::new("kill").args(["-CONT", pid.trim()]).output());
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scripts/services");
        let _ = Command::new(script).arg("stop").arg(self.folder.path()).output();
    }
}

/// Adds a user to a broker by its management API, with rights in the virtual host of `queue_url`. Returns the URL with this
/// user.
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
