//! Databases and queues for tests, a new set for each test: SQLite files, or databases and a virtual host on running
//! servers if [`POSTGRES`] and [`RABBITMQ`] name them. So the same tests run on both deployments; see CONTRIBUTING.md.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::Path;
use std::time::{Duration, Instant};

use diesel::prelude::*;
use uuid::Uuid;

use crate::database::{Database, DatabaseUrl};
use crate::queue::{Queue, QueueUrl};

/// The variable for the URL of a PostgreSQL database. Its user must be allowed to create other databases.
pub const POSTGRES: &str = "CAUDAL_TEST_POSTGRES";
/// The variable for the URL of a RabbitMQ broker, without a virtual host.
pub const RABBITMQ: &str = "CAUDAL_TEST_RABBITMQ";
/// The variable for the URL of that broker's management API. Its user must be allowed to create virtual hosts.
pub const RABBITMQ_API: &str = "CAUDAL_TEST_RABBITMQ_API";

/// Servers for the tests. Without them everything is in SQLite files.
#[derive(Debug, Clone, Default)]
pub struct Servers {
    /// A PostgreSQL database. Its user must be allowed to create other databases.
    pub postgres: Option<String>,
    /// A RabbitMQ broker, and its management API.
    pub rabbitmq: Option<(String, String)>,
}

impl Servers {
    /// The servers named in the environment.
    #[must_use]
    pub fn of_environment() -> Self {
        Self { postgres: variable(POSTGRES), rabbitmq: variable(RABBITMQ).zip(variable(RABBITMQ_API)) }
    }
}

/// The storage of one test. All of it is deleted when this is dropped.
pub struct Backend {
    folder: tempfile::TempDir,
    name: String,
    postgres: Option<String>,
    rabbitmq: Option<Broker>,
}

/// A virtual host of its own on a running broker.
struct Broker {
    url: String,
    api: String,
}

/// The databases that a test may use.
const DATABASES: [&str; 2] = ["ingest", "distrib"];

impl Backend {
    /// An empty backend on the servers that the environment names.
    #[must_use]
    pub fn new() -> Self {
        Self::on(Servers::of_environment())
    }

    /// An empty backend on these servers.
    #[must_use]
    pub fn on(servers: Servers) -> Self {
        let name = format!("caudal_test_{}", Uuid::now_v7().simple());
        let postgres = servers.postgres;
        if let Some(server) = &postgres {
            for database in DATABASES {
                run(server, &format!("CREATE DATABASE {name}_{database}"));
            }
        }
        let rabbitmq = servers.rabbitmq.map(|(url, api)| Broker { url, api });
        if let Some(broker) = &rabbitmq {
            broker.add_vhost(&name);
        }
        Self { folder: tempfile::tempdir().unwrap(), name, postgres, rabbitmq }
    }

    /// Whether databases are on PostgreSQL.
    #[must_use]
    pub fn is_postgres(&self) -> bool {
        self.postgres.is_some()
    }

    /// Makes the virtual host again after the broker lost its data.
    pub fn add_vhost_again(&self) {
        if let Some(broker) = &self.rabbitmq {
            broker.add_vhost(&self.name);
        }
    }

    /// Publishes a payload to `processed_data` directly, without the program.
    pub fn publish(&self, payload: &str) {
        self.publish_encoded(payload, "string");
    }

    /// Like [`Self::publish`], with a payload in base64.
    pub fn publish_base64(&self, payload: &str) {
        self.publish_encoded(payload, "base64");
    }

    fn publish_encoded(&self, payload: &str, encoding: &str) {
        let Some(broker) = &self.rabbitmq else { return };
        let body = serde_json::json!({
            "properties": {"delivery_mode": 2}, "routing_key": "processed_data", "payload": payload, "payload_encoding": encoding
        });
        let path = format!("{}/api/exchanges/{}/caudal/publish", broker.api, self.name);
        let publish = || ureq::post(&path).header("content-type", "application/json").send(body.to_string());
        // The management API of a broker that has just started drops connections for a moment. A message published
        // twice is harmless.
        let end = Instant::now() + Duration::from_secs(30);
        loop {
            match publish() {
                Err(ureq::Error::Io(_)) if Instant::now() < end => {
                    std::thread::park_timeout(Duration::from_millis(200));
                }
                published => break published.map(drop).unwrap(),
            }
        }
    }

    /// Deletes the binding of a queue, as an administrator might. Returns `false` if there is no broker.
    #[must_use]
    pub fn unbind(&self, queue: &str) -> bool {
        let Some(broker) = &self.rabbitmq else { return false };
        let path = format!("{}/api/bindings/{}/e/caudal/q/{queue}/{queue}", broker.api, self.name);
        ureq::delete(path).call().unwrap();
        true
    }

    /// Makes the queue refuse receipts from programs that are connected, until [`Self::take_receipts`].
    pub fn refuse_receipts(&self) {
        match &self.rabbitmq {
            // The next connection declares the exchange again. The program connects anew after a failed publish.
            Some(broker) => broker.delete(&format!("exchanges/{}/caudal", self.name)),
            None => self.on_queue_file(
                "CREATE TRIGGER refuse BEFORE INSERT ON queue_messages WHEN NEW.queue = 'receipts'
                 BEGIN SELECT RAISE(ABORT, 'refused'); END",
            ),
        }
    }

    /// Ends [`Self::refuse_receipts`].
    pub fn take_receipts(&self) {
        if self.rabbitmq.is_none() {
            self.on_queue_file("DROP TRIGGER refuse");
        }
    }

    fn on_queue_file(&self, statement: &str) {
        let file = self.folder().join("queue.db");
        let mut connection = SqliteConnection::establish(file.to_str().unwrap()).unwrap();
        diesel::sql_query(statement).execute(&mut connection).unwrap();
    }

    /// A folder for files.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The URL of a service's database. `service` is `ingest` or `distrib`; a SQLite file is in `data_dir`.
    #[must_use]
    pub fn database_url(&self, service: &str, data_dir: &Path) -> String {
        match &self.postgres {
            Some(server) => on_server(server, &format!("{}_{service}", self.name)),
            None => format!("sqlite:{}", data_dir.join(format!("{service}.db")).display()),
        }
    }

    /// The URL of the queue; a SQLite file is in `data_dir`.
    #[must_use]
    pub fn queue_url(&self, data_dir: &Path) -> String {
        match &self.rabbitmq {
            Some(broker) => format!("{}/{}", broker.url, self.name),
            None => format!("sqlite:{}", data_dir.join("queue.db").display()),
        }
    }

    /// Opens the empty database of a service.
    #[must_use]
    pub fn database(&self, service: &str) -> Database {
        let url: DatabaseUrl = self.database_url(service, self.folder()).parse().unwrap();
        Database::open(&url, 8).unwrap()
    }

    /// Runs statements in SQLite's syntax. For PostgreSQL only the byte strings need another syntax.
    pub fn fill(&self, database: &Database, statements: &str) {
        use diesel::connection::SimpleConnection;
        let statements = if self.is_postgres() {
            statements.replace(" x'", " '\\x").replace(" AS BLOB)", " AS BYTEA)")
        } else {
            statements.to_owned()
        };
        database.get().unwrap().batch_execute(&statements).unwrap();
    }

    /// Opens the queue.
    #[must_use]
    pub fn queue(&self) -> Queue {
        let url: QueueUrl = self.queue_url(self.folder()).parse().unwrap();
        Queue::open(&url, 1).unwrap()
    }
}

impl Default for Backend {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Backend {
    fn drop(&mut self) {
        if let Some(server) = &self.postgres {
            for database in DATABASES {
                // FORCE, because a process under test may have been killed a moment ago and its connection may still be
                // open.
                run(server, &format!("DROP DATABASE IF EXISTS {}_{database} WITH (FORCE)", self.name));
            }
        }
        if let Some(broker) = &self.rabbitmq {
            broker.delete(&format!("vhosts/{}", self.name));
        }
    }
}

impl Broker {
    fn add_vhost(&self, name: &str) {
        self.put(&format!("vhosts/{name}"), "{}");
        let all = r#"{"configure": ".*", "write": ".*", "read": ".*"}"#;
        self.put(&format!("permissions/{name}/{}", self.user()), all);
    }

    fn user(&self) -> &str {
        self.api.split_once("://").and_then(|(_, rest)| rest.split_once(':')).unwrap().0
    }

    fn put(&self, path: &str, body: &str) {
        let request = ureq::put(format!("{}/api/{path}", self.api)).header("content-type", "application/json");
        request.send(body).unwrap();
    }

    fn delete(&self, path: &str) {
        // A test may have stopped the broker. Its data is deleted with its folder.
        let _ = ureq::delete(format!("{}/api/{path}", self.api)).call();
    }
}

fn run(server: &str, statement: &str) {
    let mut connection = PgConnection::establish(server).unwrap();
    diesel::sql_query(statement).execute(&mut connection).unwrap();
}

/// The URL of another database on the same server.
fn on_server(server: &str, name: &str) -> String {
    let (server, _) = server.rsplit_once('/').unwrap();
    format!("{server}/{name}")
}

#[expect(clippy::disallowed_methods, reason = "these are no settings of the program")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
