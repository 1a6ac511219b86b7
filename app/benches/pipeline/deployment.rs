//! The processes of an installation as they run for real, on separate empty databases.

use std::cell::RefCell;
use std::fmt;
use std::fs::File;
use std::io::Write as _;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use caudal_platform::database::Database;
use caudal_platform::testing::{Backend, Servers};
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use tempfile::TempDir;

use crate::overview::Reader;
use crate::{FOLDER, Failed};

/// The kind of an installation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Deployment {
    /// One process on SQLite.
    Embedded,
    /// Ingest, distrib and workers on PostgreSQL and RabbitMQ.
    Scaled,
}

impl fmt::Display for Deployment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Embedded => "embedded",
            Self::Scaled => "scaled",
        })
    }
}

/// The shortest settle time that is allowed.
pub const SETTLE: Duration = Duration::from_millis(100);
/// Longer than a start or an end takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);
const USER: &str = "ana";
const PASSWORD: &str = "a river never hurries";

/// A running installation. Dropping it ends the processes and removes everything.
pub struct Running {
    /// Declared first, so that the processes end before their databases are removed.
    processes: Vec<Process>,
    backend: Backend,
    folder: TempDir,
    servers: Servers,
    pages: String,
}

/// One process of an installation.
pub struct Process {
    /// Its name in the tables.
    pub name: String,
    child: RefCell<Child>,
    log: PathBuf,
}

impl Running {
    /// Starts an empty installation, waits until it is well, and adds a user.
    pub fn start(deployment: Deployment, workers: usize, servers: &Servers) -> Result<Self, Failed> {
        let servers = if deployment == Deployment::Scaled { servers.clone() } else { Servers::default() };
        let [ingest, distrib] = [free_port()?, free_port()?].map(|port| format!("127.0.0.1:{port}"));
        let folder = tempfile::tempdir_in(FOLDER)?;
        let pages = format!("http://{}", if deployment == Deployment::Scaled { &distrib } else { &ingest });
        let backend = Backend::on(servers.clone());
        let mut running = Self { processes: Vec::new(), backend, folder, servers, pages };
        if deployment == Deployment::Embedded {
            running.launch("caudal", &[], &ingest, &[])?;
        } else {
            // Like docker-compose.yml and scripts/scaled-up: no service is told the other's database.
            let (ingest_url, distrib_url) = (format!("http://{ingest}"), format!("http://{distrib}"));
            let urls = [("CAUDAL_INGEST_URL", ingest_url.as_str()), ("CAUDAL_DISTRIB_URL", distrib_url.as_str())];
            running.launch("ingest", &["ingest"], &ingest, &urls)?;
            running.launch("distrib", &["distrib"], &distrib, &urls)?;
            for number in 1..=workers {
                running.launch(&format!("worker-{number}"), &["worker"], &ingest, &urls)?;
            }
        }
        running.add_user()?;
        Ok(running)
    }

    fn launch(&mut self, name: &str, role: &[&str], listen: &str, environment: &[(&str, &str)]) -> Result<(), Failed> {
        let log = self.folder.path().join(format!("{name}.log"));
        let mut command = self.command(role);
        match role {
            ["ingest"] => _ = command.env_remove("DISTRIB_DATABASE_URL"),
            [_, ..] => _ = command.env_remove("INGEST_DATABASE_URL"),
            [] => {}
        }
        command.args(["--listen", listen]).envs(environment.iter().copied());
        let child = command.stdout(Stdio::null()).stderr(File::create(&log)?).spawn()?;
        self.processes.push(Process { name: name.to_owned(), child: RefCell::new(child), log });
        let url = format!("http://{listen}");
        let ask: &[&str] = if role == ["worker"] { &["health", "--worker"] } else { &["health", "--url", &url] };
        let end = Instant::now() + PATIENCE;
        while !self.caudal(ask)?.status.success() {
            self.check_alive()?;
            if Instant::now() > end {
                return Err(format!("{name} does not become well").into());
            }
            thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }

    /// The program with the installation's settings. Limits are the defaults, because a full sheet is no more than they allow.
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_caudal"));
        command
            .args(arguments)
            .env_clear()
            .env("CAUDAL_DATA_DIR", self.data_dir())
            .env("INGEST_DATABASE_URL", self.backend.database_url("ingest", &self.data_dir()))
            .env("DISTRIB_DATABASE_URL", self.backend.database_url("distrib", &self.data_dir()))
            .env("QUEUE_URL", self.backend.queue_url(&self.data_dir()))
            .env("CAUDAL_SETTLE_SECONDS", SETTLE.as_secs_f64().to_string())
            .env("CAUDAL_LANGUAGE", "en")
            .current_dir(self.folder.path())
            .stdin(Stdio::null());
        command
    }

    fn caudal(&self, arguments: &[&str]) -> Result<Output, Failed> {
        Ok(self.command(arguments).output()?)
    }

    fn add_user(&self) -> Result<(), Failed> {
        let mut command = self.command(&["user", "add", USER, "--role", "admin"]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?;
        if let Some(mut input) = child.stdin.take() {
            writeln!(input, "{PASSWORD}")?;
        }
        let output = child.wait_with_output()?;
        if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).into()) }
    }

    /// A signed-in reader.
    pub fn reader(&self) -> Result<Reader, Failed> {
        Reader::sign_in(&self.pages, USER, PASSWORD)
    }

    pub fn processes(&self) -> &[Process] {
        &self.processes
    }

    /// The servers that it stores on; empty for SQLite.
    pub fn servers(&self) -> &Servers {
        &self.servers
    }

    fn data_dir(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// The watched folder, and a folder beside it on the same disk.
    pub fn inbox_and_desk(&self) -> (PathBuf, &Path) {
        (self.data_dir().join("inbox"), self.folder.path())
    }

    /// A separate connection to a service's database, for reading only.
    pub fn database(&self, service: &str) -> Result<Database, Failed> {
        let url = self.backend.database_url(service, &self.data_dir()).parse()?;
        Ok(Database::open(&url, 1)?)
    }

    /// Fails if a process has ended by itself, with the end of its log.
    pub fn check_alive(&self) -> Result<(), Failed> {
        for Process { name, child, log } in &self.processes {
            if let Some(status) = child.borrow_mut().try_wait()? {
                let log = std::fs::read_to_string(log)?;
                let last: Vec<&str> = log.lines().rev().take(5).collect();
                let last: Vec<&str> = last.into_iter().rev().collect();
                return Err(format!("{name} ended with {status}:\n{}", last.join("\n")).into());
            }
        }
        Ok(())
    }

    /// Ends all processes like a service manager, and keeps the stored data.
    pub fn stop(&mut self) -> Result<(), Failed> {
        for process in std::mem::take(&mut self.processes) {
            Command::new("kill").args(["-TERM", &process.pid().to_string()]).status()?;
            let end = Instant::now() + PATIENCE;
            while process.child.borrow_mut().try_wait()?.is_none() {
                if Instant::now() > end {
                    return Err(format!("{} does not end", process.name).into());
                }
                thread::sleep(Duration::from_millis(20));
            }
        }
        Ok(())
    }

    /// Checks that exactly this many sales are stored, with this sum of money.
    pub fn check(&self, rows: u64, cents: i64) -> Result<(), Failed> {
        #[derive(QueryableByName)]
        struct Sums {
            #[diesel(sql_type = BigInt)]
            rows: i64,
            #[diesel(sql_type = BigInt)]
            cents: i64,
        }
        let query = "SELECT count(*) AS rows, CAST(COALESCE(SUM(amount), 0) AS BIGINT) AS cents FROM sales";
        let sums: Sums = diesel::sql_query(query).get_result(&mut *self.database("distrib")?.get()?)?;
        if (u64::try_from(sums.rows)?, sums.cents) == (rows, cents) {
            return Ok(());
        }
        Err(format!("WRONG SUMS: {} sales of {} cents, not {rows} of {cents}", sums.rows, sums.cents).into())
    }

    /// Checks that every ledger balances and that the tables agree with each other.
    pub fn check_ledgers(&self) -> Result<(), Failed> {
        let output = self.caudal(&["doctor"])?;
        let text = String::from_utf8_lossy(&output.stdout);
        if output.status.success() && !text.contains("WRONG") {
            return Ok(());
        }
        Err(format!("caudal doctor: {text}{}", String::from_utf8_lossy(&output.stderr)).into())
    }
}

impl Process {
    pub fn pid(&self) -> u32 {
        self.child.borrow().id()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // The process may have ended already.
        let child = self.child.get_mut();
        let _ = child.kill();
        let _ = child.wait();
    }
}

fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}
