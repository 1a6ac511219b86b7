//! Measures the cost of a dropped workbook from end to end, in time and memory, and the cost of just reading and storing the
//! same rows. Prints both as tables.
//!
//! ```sh
//! cargo bench -p caudal --bench pipeline                          # 1,000, 100,000 and 1,000,000 rows
//! cargo bench -p caudal --bench pipeline -- --rows 100000 --deployments scaled --workers 2 --runs 3
//! cargo bench -p caudal --bench pipeline -- --stored 0,1000000,5000000
//! ```
//!
//! Each measurement starts the real processes on an empty data folder or on empty databases and moves a workbook into the
//! inbox. The clock starts when the file has settled: `CAUDAL_SETTLE_SECONDS` (set to the allowed minimum) after the move. The
//! progress of the rows is looked at from outside, in short intervals.
//!
//! Nothing is asserted about time. A wrong sum or a ledger that does not balance ends the run with an error.

mod deployment;
mod floor;
mod import;
mod overview;
mod processes;
mod report;
mod servers;
mod stored;
mod tables;

use std::error::Error;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use caudal_platform::testing::Servers;
use caudal_reading::shop::{Kind, Sales};
use clap::Parser;
use deployment::{Deployment, Running};
use import::Figures;

type Failed = Box<dyn Error>;

/// The folder of the bench's files. It lies on the disk where the program is built, because `/tmp` may be memory.
const FOLDER: &str = env!("CARGO_TARGET_TMPDIR");

#[derive(Debug, Parser)]
#[command(name = "pipeline", bin_name = "cargo bench -p caudal --bench pipeline --")]
struct Options {
    /// Rows of the workbook [default: 1000,100000,1000000, without --stored]
    #[arg(long, value_delimiter = ',', value_name = "COUNT,…")]
    rows: Vec<u64>,
    /// What is started
    #[arg(long, value_delimiter = ',', value_enum, default_value = "embedded,scaled")]
    deployments: Vec<Deployment>,
    /// How many worker processes, for scaled
    #[arg(long, value_delimiter = ',', value_name = "COUNT,…", default_value = "1,2,4")]
    workers: Vec<usize>,
    /// How often; the medians of the times count, and the highest memory
    #[arg(long, value_name = "COUNT", default_value_t = 1)]
    runs: usize,
    /// Sales that are there already when 100,000 rows more come; with the first number of --workers
    #[arg(long, value_delimiter = ',', value_name = "COUNT,…")]
    stored: Vec<u64>,
    /// Given by cargo
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    let done = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [_, floor::READ, file] => floor::read_here(Path::new(file)),
        // `cargo test --benches` only checks that it starts.
        all if !all.contains(&"--bench") => Ok(()),
        _ => measure(&Options::parse()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn measure(options: &Options) -> Result<(), Failed> {
    let servers = Servers::of_environment();
    let mut variants: Vec<(Deployment, usize)> = Vec::new();
    for deployment in &options.deployments {
        match deployment {
            Deployment::Embedded => variants.push((Deployment::Embedded, 1)),
            Deployment::Scaled if servers.postgres.is_some() && servers.rabbitmq.is_some() => {
                variants.extend(options.workers.iter().map(|workers| (Deployment::Scaled, *workers)));
            }
            Deployment::Scaled => say(&format!(
                "scaled is skipped: {}, {} and {} name no servers; scripts/services starts some",
                caudal_platform::testing::POSTGRES,
                caudal_platform::testing::RABBITMQ,
                caudal_platform::testing::RABBITMQ_API
            )),
        }
    }
    let sizes = match options.rows.as_slice() {
        [] if options.stored.is_empty() => &[1_000, 100_000, 1_000_000],
        sizes => sizes,
    };
    let mut lines = Vec::new();
    for rows in sizes {
        let sales = Sales::first(*rows);
        let file = file_of(&sales)?;
        for (deployment, workers) in &variants {
            let mut runs = Vec::new();
            for run in 1..=options.runs.max(1) {
                say(&format!("{rows} rows, {deployment}, {workers} workers, run {run}"));
                runs.push(from_empty(*deployment, *workers, &servers, &sales, &file)?);
            }
            let line = report::Line::new(*rows, *deployment, *workers, &runs);
            say(&line.in_short());
            lines.push(line);
        }
    }
    report::print(&lines)?;
    if options.stored.is_empty() {
        return Ok(());
    }
    variants.dedup_by_key(|(deployment, _)| *deployment);
    let mut lines = Vec::new();
    for (deployment, workers) in variants {
        lines.extend(stored::measure(deployment, workers, &servers, &options.stored, options.runs.max(1))?);
    }
    stored::print(&lines)
}

/// Imports one workbook into an empty installation, and measures the floors for it.
fn from_empty(
    deployment: Deployment,
    workers: usize,
    servers: &Servers,
    sales: &Sales,
    file: &Path,
) -> Result<(Figures, floor::Floors), Failed> {
    let mut running = Running::start(deployment, workers, servers)?;
    let figures = import::measure(&running, sales, file)?;
    running.stop()?;
    running.check(sales.rows, sales.cents())?;
    running.check_ledgers()?;
    Ok((figures, floor::measure(&running, file)?))
}

/// The workbook of some sales, made before any measurement.
fn file_of(sales: &Sales) -> Result<PathBuf, Failed> {
    sales.file(Kind::Xlsx, Path::new(FOLDER))
}

/// Reports the progress to the person who waits.
fn say(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}
