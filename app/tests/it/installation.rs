//! A separate installation for each test: a data folder, the binary, and everything that can be seen from outside.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

use caudal_contract::message::Channel;
use caudal_platform::database::{Database, DbConnection, Lent};
use caudal_platform::queue::Queue;
use caudal_platform::testing::{Backend, Servers};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;
use serde_json::Value;

/// Longer than anything here takes, even on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

pub struct Installation {
    backend: Backend,
}

/// A running service. Dropping it kills it.
pub struct Service {
    child: Child,
    pub url: String,
}

impl Installation {
    pub fn new() -> Self {
        Self { backend: Backend::new() }
    }

    /// An installation that stores on these servers.
    pub fn on(servers: Servers) -> Self {
        Self { backend: Backend::on(servers) }
    }

    pub fn backend(&self) -> &Backend {
        &self.backend
    }

    pub fn data_dir(&self) -> PathBuf {
        self.backend.folder().join("data")
    }

    /// A place for files that are not dropped yet.
    pub fn desk(&self, name: &str) -> PathBuf {
        self.backend.folder().join(name)
    }

    /// The binary with this installation's settings. Files settle quickly, so that tests need not wait.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_caudal"));
        command
            .args(arguments)
            .env_clear()
            .env("CAUDAL_DATA_DIR", self.data_dir())
            .env("INGEST_DATABASE_URL", self.backend.database_url("ingest", &self.data_dir()))
            .env("DISTRIB_DATABASE_URL", self.backend.database_url("distrib", &self.data_dir()))
            .env("QUEUE_URL", self.backend.queue_url(&self.data_dir()))
            .env("CAUDAL_SETTLE_SECONDS", "0.2")
            .env("CAUDAL_INCOMPLETE_SECONDS", "1")
            .env("CAUDAL_SCAN_SECONDS", "0.5")
            .env("CAUDAL_LANGUAGE", "en")
            .current_dir(self.backend.folder())
            .stdin(Stdio::null());
        command
    }

    pub fn caudal(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// The standard output of a command that must end with this code.
    pub fn output(&self, code: i32, arguments: &[&str]) -> String {
        let output = self.caudal(arguments);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "caudal {arguments:?}: {errors}");
        String::from_utf8(output.stdout).unwrap()
    }

    pub fn json(&self, code: i32, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.output(code, arguments)).unwrap()
    }

    /// The report of `caudal import FILE --json`.
    pub fn import(&self, code: i32, file: &Path) -> Value {
        self.json(code, &["import", file.to_str().unwrap(), "--json"])
    }

    /// All imports, newest first.
    pub fn imports(&self) -> Vec<Value> {
        let list = self.json(0, &["imports", "list", "--json", "--limit", "1000000"]);
        list.as_array().unwrap().clone()
    }

    pub fn start(&self) -> Service {
        self.start_with(&[])
    }

    /// Starts everything, with more environment, and waits until it answers.
    pub fn start_with(&self, environment: &[(&str, &str)]) -> Service {
        self.start_role(&[], free_port(), environment)
    }

    /// Starts a role on a port and waits until it answers. A worker has no port, so it is only started.
    pub fn start_role(&self, role: &[&str], port: u16, environment: &[(&str, &str)]) -> Service {
        let mut command = self.command(role);
        command.envs(environment.iter().copied());
        self.spawn(command, port, role.first() != Some(&"worker"))
    }

    /// Starts everything with this umask, because a person may have any.
    #[cfg(unix)]
    pub fn start_under(&self, umask: &str) -> Service {
        self.spawn(under(umask, &self.command(&[])), free_port(), true)
    }

    fn spawn(&self, mut command: Command, port: u16, has_port: bool) -> Service {
        let log = std::fs::File::options().create(true).append(true).open(self.desk("service.log")).unwrap();
        let child =
            command.args(["--listen", &format!("127.0.0.1:{port}")]).stdout(Stdio::null()).stderr(log).spawn().unwrap();
        let mut service = Service { child, url: format!("http://127.0.0.1:{port}") };
        if !has_port {
            return service;
        }
        let health = format!("{}/health", service.url);
        wait_until("the service answers", || {
            ureq::get(&health).call().is_ok() || service.child.try_wait().unwrap().is_some()
        });
        service
    }

    /// Puts a file into the inbox like a program that copies: under another name first.
    pub fn drop_file(&self, from: &Path, name: &str) {
        let to = self.data_dir().join("inbox").join(name);
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        let unfinished = to.with_extension("part");
        // Tries again while the disk is full.
        wait_until("there is room for a file", || match std::fs::copy(from, &unfinished) {
            Err(error) if error.kind() == std::io::ErrorKind::StorageFull => false,
            copied => {
                copied.unwrap();
                true
            }
        });
        std::fs::rename(unfinished, to).unwrap();
    }

    /// Waits until this many imports are there and each one balances.
    pub fn wait_for_imports(&self, count: usize) -> Vec<Value> {
        let mut imports = Vec::new();
        wait_until(&format!("{count} imports balance"), || {
            imports = self.imports();
            imports.len() >= count && imports.iter().all(|import| import["state"] == "balanced")
        });
        imports
    }

    /// Waits until nothing is left in the inbox.
    pub fn wait_for_empty_inbox(&self) {
        wait_until("the inbox is empty", || files_in(&self.data_dir().join("inbox")).is_empty());
    }

    pub fn files_in(&self, folder: &str) -> Vec<PathBuf> {
        files_in(&self.data_dir().join(folder))
    }

    /// The contents of the business tables without the parts that differ between runs (ids, times of arrival).
    pub fn business_tables(&self) -> String {
        const QUERIES: [&str; 5] = [
            "SELECT HEX(s.sale_key) || '|' || HEX(s.fingerprint) || '|' || s.sheet || '|' || s.row || '|' || s.sold_on || '|' ||
                    s.quantity || '|' || s.amount || '|' || COALESCE(CAST(s.unit_price AS TEXT), '') || '|' ||
                    COALESCE(s.payment_method, '') || '|' ||
                    p.name || '|' || COALESCE(c.identity, '') || '|' || COALESCE(a.identity, '') ||
                    CASE WHEN v.sale_id IS NULL THEN '' ELSE '|void by ' || COALESCE(b.name, '') || ', ' || n.\"row\" END AS line
             FROM sales s JOIN products p ON p.id = s.product_id LEFT JOIN customers c ON c.id = s.customer_id
             LEFT JOIN addresses a ON a.id = s.address_id LEFT JOIN void_sales v ON v.sale_id = s.id
             LEFT JOIN cancellations n ON n.id = v.cancellation_id LEFT JOIN imports b ON b.id = n.import_id ORDER BY 1",
            "SELECT identity || '|' || COALESCE(name, '') || '|' || COALESCE(email, '') || '|' || COALESCE(phone, '') AS line FROM customers ORDER BY 1",
            "SELECT sold_on || '|' || sales || '|' || quantity || '|' || amount AS line FROM daily_totals ORDER BY 1",
            "SELECT i.name || '|' || CASE WHEN i.outcome LIKE '%taken%' THEN 1 ELSE 0 END || '|' || i.rows_read || '|' ||
                    i.amount_read || '|' || SUM(d.stored) || '|' ||
                    SUM(d.updated) || '|' || SUM(d.duplicate) || '|' || SUM(d.rejected) AS line
             FROM imports i JOIN deliveries d ON d.import_id = i.id GROUP BY i.id ORDER BY 1",
            "SELECT r.sheet || '|' || r.row || '|' || r.reasons || '|' || r.cells AS line FROM rejected_rows r ORDER BY 1",
        ];
        let mut connection = self.distrib();
        let mut text = String::new();
        for query in QUERIES {
            let query = if self.backend.is_postgres() {
                // The same digits as in SQLite.
                query
                    .replace("HEX(s.sale_key)", "UPPER(ENCODE(s.sale_key, 'hex'))")
                    .replace("HEX(s.fingerprint)", "UPPER(ENCODE(s.fingerprint, 'hex'))")
            } else {
                query.to_owned()
            };
            for row in diesel::sql_query(query).load::<Line>(&mut *connection).unwrap() {
                text.push_str(&row.line);
                text.push('\n');
            }
            text.push('\n');
        }
        text
    }

    /// Every column of every business table, for comparing byte for byte. The record of an undo is not included.
    pub fn whole_tables(&self) -> String {
        const TABLES: [&str; 13] = [
            "customers",
            "products",
            "addresses",
            "sales",
            "sightings",
            "superseded_sales",
            "cancellations",
            "void_sales",
            "value_changes",
            "rejected_rows",
            "daily_totals",
            "daily_payments",
            "monthly_products",
        ];
        let mut connection = self.distrib();
        let mut text = String::new();
        for table in TABLES {
            let query = if self.backend.is_postgres() {
                format!("SELECT CAST(t AS TEXT) AS line FROM {table} t ORDER BY 1")
            } else {
                let columns: Vec<String> = diesel::sql_query(format!(
                    "SELECT 'quote(' || name || ')' AS line FROM pragma_table_info('{table}')"
                ))
                .load::<Line>(&mut *connection)
                .unwrap()
                .into_iter()
                .map(|column| column.line)
                .collect();
                format!("SELECT {} AS line FROM {table} ORDER BY 1", columns.join(" || ',' || "))
            };
            text.push_str(table);
            for row in diesel::sql_query(query).load::<Line>(&mut *connection).unwrap() {
                text.push('\n');
                text.push_str(&row.line);
            }
            text.push_str("\n\n");
        }
        text
    }

    /// A text file on the desk.
    pub fn csv(&self, name: &str, text: &str) -> PathBuf {
        let file = self.desk(name);
        std::fs::write(&file, text).unwrap();
        file
    }

    /// Asserts that the tables agree with each other and with the ledgers.
    pub fn assert_consistent(&self) {
        let report = self.output(0, &["doctor"]);
        assert!(!report.contains("WRONG"), "{report}");
    }

    pub fn dead_letters(&self) -> Vec<Value> {
        self.json(0, &["dead-letters", "list", "--json"]).as_array().unwrap().clone()
    }

    /// The output of `caudal doctor`, good or bad.
    pub fn doctor(&self) -> String {
        String::from_utf8(self.caudal(&["doctor"]).stdout).unwrap()
    }

    /// Changes the distrib database behind the program's back.
    pub fn damage(&self, statement: &str) {
        self.change("distrib", statement);
    }

    /// Changes a service's database behind the program's back.
    pub fn change(&self, service: &str, statement: &str) {
        diesel::sql_query(statement).execute(&mut *self.database(service)).unwrap();
    }

    /// The number of sales that count, and their money in cents.
    pub fn sums(&self) -> (i64, i64) {
        let sum = "SELECT CAST(count(*) AS TEXT) || ' ' || CAST(COALESCE(SUM(amount), 0) AS TEXT) AS line FROM sales
                   WHERE id NOT IN (SELECT sale_id FROM void_sales)";
        let line = diesel::sql_query(sum).get_result::<Line>(&mut *self.distrib()).unwrap().line;
        let (count, cents) = line.split_once(' ').unwrap();
        (count.parse().unwrap(), cents.parse().unwrap())
    }

    /// The first column, a text, of the rows that a query finds in a service's database.
    pub fn lines(&self, service: &str, query: &str) -> Vec<String> {
        let rows = diesel::sql_query(query).load::<Line>(&mut *self.database(service)).unwrap();
        rows.into_iter().map(|row| row.line).collect()
    }

    /// Waits until distrib has answered for every message, and returns the number that is left.
    pub fn outbox(&self) -> i64 {
        let mut left = 0;
        wait_until("the outbox is empty, or stays as it is", || {
            left = self.outbox_now();
            left == 0
        });
        left
    }

    /// The number of messages that distrib has not answered for.
    pub fn outbox_now(&self) -> i64 {
        let count = "SELECT CAST(count(*) AS TEXT) AS line FROM outbox";
        let line = diesel::sql_query(count).get_result::<Line>(&mut *self.database("ingest")).unwrap().line;
        line.parse().unwrap()
    }

    /// The number of messages that the queue holds for workers. On a broker, messages held by a worker do not count.
    pub fn queued(&self) -> i64 {
        let url = self.backend.queue_url(&self.data_dir()).parse().unwrap();
        let queue = Queue::open(&url, 1).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        i64::try_from(runtime.block_on(queue.depth(Channel::ProcessedData)).unwrap()).unwrap()
    }

    /// Keeps every delivery from being committed until the returned value is dropped.
    pub fn hold_deliveries(&self) -> Lent {
        hold(self.distrib(), "deliveries")
    }

    /// Keeps every file and batch from being staged until the returned value is dropped.
    pub fn hold_intake(&self) -> Lent {
        hold(self.database("ingest"), "imports")
    }

    /// Holds an advisory lock of the distrib database on PostgreSQL until the returned value is dropped.
    pub fn hold_lock(&self, lock: i64) -> Lent {
        let mut connection = self.distrib();
        connection.batch_execute(&format!("SELECT pg_advisory_lock({lock})")).unwrap();
        connection
    }

    /// The log of the services so far.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.desk("service.log")).unwrap_or_default()
    }

    /// The messages that distrib has not answered for, in their published form in base64; on PostgreSQL.
    pub fn unanswered(&self) -> Vec<String> {
        let query = r"SELECT translate(encode(payload, 'base64'), E'\n', '') AS line FROM outbox ORDER BY id";
        let rows = diesel::sql_query(query).load::<Line>(&mut *self.database("ingest")).unwrap();
        rows.into_iter().map(|row| row.line).collect()
    }

    /// Ends every session of the databases, as an administrator does.
    pub fn terminate_sessions(&self) {
        let end = "SELECT CAST(count(pg_terminate_backend(pid)) AS TEXT) AS line FROM pg_stat_activity
                   WHERE pid <> pg_backend_pid() AND datname LIKE 'caudal_test_%'";
        diesel::sql_query(end).get_result::<Line>(&mut *self.distrib()).unwrap();
    }

    pub fn is_postgres(&self) -> bool {
        self.backend.is_postgres()
    }

    /// A separate connection to the distrib database.
    fn distrib(&self) -> Lent {
        self.database("distrib")
    }

    fn database(&self, service: &str) -> Lent {
        let url = self.backend.database_url(service, &self.data_dir()).parse().unwrap();
        Database::open(&url, 1).unwrap().get().unwrap()
    }

    /// Adds a user and returns a token for the API.
    pub fn token(&self, service: &Service, name: &str) -> String {
        self.add_user(name, PASSWORD);
        service.token(name)
    }

    pub fn add_user(&self, name: &str, password: &str) {
        self.add_user_as(name, password, "admin");
    }

    pub fn add_user_as(&self, name: &str, password: &str, role: &str) {
        use std::io::Write;
        let mut child = self
            .command(&["user", "add", name, "--role", role])
            .stdin(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(format!("{password}\n").as_bytes()).unwrap();
        assert!(child.wait().unwrap().success());
    }
}

pub const PASSWORD: &str = "a river never hurries";

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

impl Service {
    /// Another token for an existing user.
    pub fn token(&self, name: &str) -> String {
        let mut answer =
            ureq::post(format!("{}/token", self.url)).send_form([("username", name), ("password", PASSWORD)]).unwrap();
        let answer: Value = answer.body_mut().read_json().unwrap();
        answer["access_token"].as_str().unwrap().to_owned()
    }

    /// Asks to stop, as a service manager does, and returns the exit code.
    pub fn terminate(mut self) -> Option<i32> {
        self.signal("TERM");
        self.wait_for_end()
    }

    /// Sends a signal by the name that `kill` uses.
    pub fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args([&format!("-{name}"), &id]).status().unwrap().success());
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The status of the process, if it has ended.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().unwrap()
    }

    /// Stops all its threads without ending the process.
    #[cfg(target_os = "linux")]
    pub fn freeze(&self) {
        let id = self.pid().to_string();
        assert!(Command::new("kill").args(["-STOP", &id]).status().unwrap().success());
        wait_until("every thread stands still", || {
            let threads = std::fs::read_dir(format!("/proc/{id}/task")).unwrap();
            threads.map(|thread| std::fs::read_to_string(thread.unwrap().path().join("stat")).unwrap_or_default()).all(
                |state| {
                    state.rsplit(')').next().unwrap_or_default().trim_start().starts_with(['T', 'Z'])
                        || state.is_empty()
                },
            )
        });
    }

    /// Lets the threads go on.
    #[cfg(target_os = "linux")]
    pub fn thaw(&self) {
        assert!(Command::new("kill").args(["-CONT", &self.pid().to_string()]).status().unwrap().success());
    }

    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Waits until the process has ended by itself. The code is `None` if a signal ended it.
    pub fn wait_for_end(&mut self) -> Option<i32> {
        let mut code = None;
        wait_until("the process ends", || match self.child.try_wait().unwrap() {
            Some(status) => {
                code = status.code();
                true
            }
            None => false,
        });
        code
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The same command with this umask.
#[cfg(unix)]
pub fn under(umask: &str, command: &Command) -> Command {
    let mut shell = Command::new("sh");
    shell
        .args(["-c", &format!("umask {umask}; exec \"$0\" \"$@\"")])
        .arg(command.get_program())
        .args(command.get_args())
        .env_clear()
        .envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))))
        .stdin(Stdio::null());
    if let Some(folder) = command.get_current_dir() {
        shell.current_dir(folder);
    }
    shell
}

/// Locks a table, or the whole database if it is a file, against all other writers.
fn hold(mut connection: Lent, table: &str) -> Lent {
    let lock = match &*connection {
        DbConnection::Sqlite(_) => "BEGIN IMMEDIATE".to_owned(),
        DbConnection::Postgres(_) => {
            format!("SET idle_in_transaction_session_timeout = 0; BEGIN; LOCK TABLE {table} IN EXCLUSIVE MODE")
        }
    };
    connection.batch_execute(&lock).unwrap();
    connection
}

/// A port without a listener.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Checks again and again until the condition holds; fails when patience ends.
pub fn wait_until(what: &str, is_so: impl FnMut() -> bool) {
    wait_until_at_most(PATIENCE, what, is_so);
}

/// Like [`wait_until`], for longer work.
pub fn wait_until_at_most(patience: Duration, what: &str, mut is_so: impl FnMut() -> bool) {
    let end = Instant::now() + patience;
    while !is_so() {
        assert!(Instant::now() < end, "waited in vain: {what}");
        std::thread::park_timeout(Duration::from_millis(25));
    }
}

fn files_in(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.unwrap().path())
        .flat_map(|path| if path.is_dir() { files_in(&path) } else { vec![path] })
        .collect();
    files.sort();
    files
}
