//! Measures how long one reader waits for a page, and prints a table.
//!
//! ```sh
//! cargo bench -p caudal --bench pages
//! cargo bench -p caudal --bench pages -- --rows 1000 --requests 50
//! ```
//!
//! The real program runs on SQLite with some sales in it. A signed-in reader asks for page after page like a browser:
//! compressed, over a kept connection. Two other ways serve as floors: the same without compression, because the answer then
//! leaves in one write; and compressed over a new connection for each request, because nothing waits for an acknowledgement
//! there.
//!
//! Nothing is asserted about time. An answer other than 200 ends the run with an error.

use std::error::Error;
use std::fs::File;
use std::io::Write as _;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, ExitCode, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use caudal_reading::shop::{Kind, Sales};
use clap::Parser;
use tempfile::TempDir;

type Failed = Box<dyn Error>;

/// The folder of the bench's files. It lies on the disk where the program is built, because `/tmp` may be memory.
const FOLDER: &str = env!("CARGO_TARGET_TMPDIR");
/// Longer than a start takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);
const USER: &str = "ana";
const PASSWORD: &str = "a river never hurries";
/// The pages that are measured: the largest one, the lists that people read, and a small one.
const PAGES: [&str; 5] = ["/", "/sales", "/imports", "/layouts", "/health"];

#[derive(Debug, Parser)]
#[command(name = "pages", bin_name = "cargo bench -p caudal --bench pages --")]
struct Options {
    /// Sales that are stored
    #[arg(long, value_name = "COUNT", default_value_t = 100_000)]
    rows: u64,
    /// How often each page is asked for, each way
    #[arg(long, value_name = "COUNT", default_value_t = 200)]
    requests: usize,
    /// Given by cargo
    #[arg(long, hide = true)]
    bench: bool,
}

/// The ways to ask for a page.
#[derive(Debug, Clone, Copy)]
enum Way {
    /// Like a browser.
    KeptPacked,
    KeptPlain,
    NewPacked,
}

fn main() -> ExitCode {
    // `cargo test --benches` only checks that it starts.
    if !std::env::args().any(|argument| argument == "--bench") {
        return ExitCode::SUCCESS;
    }
    match measure(&Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn measure(options: &Options) -> Result<(), Failed> {
    let running = Running::start(options.rows)?;
    let reader = Reader::sign_in(&running.url)?;
    let mut out = std::io::stdout().lock();
    writeln!(out, "{} sales, {} requests each; milliseconds, median / 95 of 100\n", options.rows, options.requests)?;
    writeln!(out, "| page | kept, packed | floor: kept, plain | floor: new, packed | times the lower floor |")?;
    writeln!(out, "|---|---|---|---|---|")?;
    for page in PAGES {
        let ways = [Way::KeptPacked, Way::KeptPlain, Way::NewPacked];
        let mut times = Vec::new();
        for way in ways {
            times.push(reader.times(page, way, options.requests)?);
        }
        let cells: Vec<String> =
            times.iter().map(|times| format!("{:.1} / {:.1}", at(times, 50), at(times, 95))).collect();
        let ratio = at(&times[0], 50) / at(&times[1], 50).min(at(&times[2], 50));
        writeln!(out, "| {page} | {} | {ratio:.2} |", cells.join(" | "))?;
    }
    Ok(())
}

/// The time that this many of a hundred requests took at most.
fn at(sorted: &[f64], percent: usize) -> f64 {
    sorted.get((sorted.len() * percent / 100).min(sorted.len().saturating_sub(1))).copied().unwrap_or(f64::NAN)
}

/// A running program. Dropping it ends the program and removes everything.
struct Running {
    /// Killed in `drop`, before its files are removed.
    process: Child,
    _folder: TempDir,
    url: String,
}

impl Running {
    fn start(rows: u64) -> Result<Self, Failed> {
        let folder = tempfile::tempdir_in(FOLDER)?;
        let workbook = Sales::first(rows).file(Kind::Xlsx, Path::new(FOLDER))?;
        let caudal = |arguments: &[&str]| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_caudal"));
            command.args(arguments).env_clear().env("CAUDAL_DATA_DIR", folder.path().join("data"));
            command.env("CAUDAL_LANGUAGE", "en").current_dir(folder.path());
            command.stdin(Stdio::null()).stdout(Stdio::null());
            command
        };
        let mut add = caudal(&["user", "add", USER, "--role", "admin"]).stdin(Stdio::piped()).spawn()?;
        if let Some(mut input) = add.stdin.take() {
            writeln!(input, "{PASSWORD}")?;
        }
        let import = caudal(&["import"]).arg(workbook).status()?;
        if !(add.wait()?.success() && import.success()) {
            return Err("the user or the sales could not be added".into());
        }
        let listen = TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string();
        let log = File::create(folder.path().join("log"))?;
        let process = caudal(&["--listen", &listen]).stderr(log).spawn()?;
        let url = format!("http://{listen}");
        let mut running = Self { process, _folder: folder, url };
        let end = Instant::now() + PATIENCE;
        while ureq::get(format!("{}/health", running.url)).call().is_err() {
            if running.process.try_wait()?.is_some() || Instant::now() > end {
                return Err("the service does not become well".into());
            }
            thread::sleep(Duration::from_millis(50));
        }
        Ok(running)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // The process may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A signed-in reader.
struct Reader {
    agent: ureq::Agent,
    url: String,
}

impl Reader {
    fn sign_in(url: &str) -> Result<Self, Failed> {
        let agent: ureq::Agent =
            ureq::Agent::config_builder().max_redirects(0).http_status_as_error(false).build().into();
        let form = agent.get(format!("{url}/login")).call()?.body_mut().read_to_string()?;
        let csrf = form.split_once("name=\"csrf\" value=\"").and_then(|(_, rest)| rest.split('"').next());
        let csrf = csrf.ok_or("the login page has no form")?;
        let request = agent.post(format!("{url}/login")).header("Origin", url);
        let answer = request.send_form([("csrf", csrf), ("name", USER), ("password", PASSWORD)])?;
        if answer.status() != 303 {
            return Err(format!("the login says {}", answer.status()).into());
        }
        Ok(Self { agent, url: url.to_owned() })
    }

    /// The times of the requests in milliseconds, the shortest first.
    fn times(&self, page: &str, way: Way, requests: usize) -> Result<Vec<f64>, Failed> {
        let mut times = Vec::with_capacity(requests);
        // The first ones are not counted: they fill caches, and on a new connection every piece is acknowledged at once.
        for number in 0..requests + 20 {
            let mut request = self.agent.get(format!("{}{page}", self.url));
            request = match way {
                Way::KeptPacked => request.header("Accept-Encoding", "gzip"),
                Way::KeptPlain => request.header("Accept-Encoding", "identity"),
                Way::NewPacked => request.header("Accept-Encoding", "gzip").header("Connection", "close"),
            };
            let begun = Instant::now();
            let mut answer = request.call()?;
            answer.body_mut().read_to_vec()?;
            if answer.status() != 200 {
                return Err(format!("{page} answers {}", answer.status()).into());
            }
            if number >= 20 {
                times.push(begun.elapsed().as_secs_f64() * 1000.0);
            }
        }
        times.sort_by(f64::total_cmp);
        Ok(times)
    }
}
