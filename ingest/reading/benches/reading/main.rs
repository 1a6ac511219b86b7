//! Compares the time and memory of reading and cleaning with calamine's streaming reader alone, and prints one table.
//!
//! ```sh
//! cargo bench -p caudal-reading                              # 100,000 and 1,000,000 rows
//! cargo bench -p caudal-reading -- --rows 100000 --runs 5
//! ```
//!
//! The input is generated once and is always the same. Each measurement runs in a process of its own, so that none
//! inherits another's memory or warm caches. The measurements of a round follow each other, so that a busy machine
//! slows all of them. The best round counts.

mod measure;

use std::error::Error;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};

use caudal_reading::shop::{Kind, Sales};
use measure::{Figures, What};

type Failed = Box<dyn Error>;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments.as_slice() {
        // The measured program starts itself to read a file.
        [command, ..] if *command == caudal_reading::reader::COMMAND => {
            caudal_reading::reader::serve().map_err(Failed::from)
        }
        ["--measure", what, file] => measured(what, Path::new(file)),
        ["--bench", options @ ..] | [options @ .., "--bench"] => compare(options),
        // `cargo test --benches` only checks that the program starts.
        _ => Ok(()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn measured(what: &str, file: &Path) -> Result<(), Failed> {
    let what = What::parse(what).ok_or("nothing of that name is measured")?;
    serde_json::to_writer(std::io::stdout(), &measure::measure(what, file)?)?;
    Ok(())
}

fn compare(options: &[&str]) -> Result<(), Failed> {
    let option = |name: &str| options.iter().position(|other| *other == name).and_then(|at| options.get(at + 1));
    let sizes = match option("--rows") {
        Some(rows) => vec![rows.parse()?],
        None => vec![100_000, 1_000_000],
    };
    let runs: u32 = option("--runs").map_or(Ok(3), |runs| runs.parse())?;
    let mut out = std::io::stdout();
    for rows in sizes {
        for kind in Kind::ALL {
            let sales = Sales::first(rows);
            let path = sales.file(kind, Path::new(env!("CARGO_TARGET_TMPDIR")))?;
            writeln!(out, "\n{rows} rows x 10 columns, {kind}, {:.1} MiB, best of {runs}", mebibytes_of(&path)?)?;
            let reports = best(&path, runs, What::all_of(kind))?;
            for (what, figures) in &reports {
                writeln!(out, "  {}", figures.line(*what))?;
            }
            let of = |what: What| reports.iter().find(|(other, _)| *other == what).map(|(_, figures)| figures);
            if let (Some(base), Some(alone), Some(ours)) = (of(What::baseline(kind)), of(What::Alone), of(What::Ours)) {
                writeln!(out, "  {}", ours.comparison(base, alone, rows))?;
                let taken = (ours.rows, ours.cents, ours.rejected) == (rows, sales.cents(), 0);
                writeln!(
                    out,
                    "  {}",
                    if taken { "every row was taken, and their sum is right" } else { "WRONG ROWS" }
                )?;
            }
        }
    }
    Ok(())
}

/// Measures each once a round and keeps the quickest.
fn best(path: &Path, runs: u32, whats: &[What]) -> Result<Vec<(What, Figures)>, Failed> {
    let mut best: Vec<(What, Figures)> = Vec::new();
    for _ in 0..runs {
        for what in whats {
            let figures = in_own_process(*what, path)?;
            match best.iter_mut().find(|(other, _)| other == what) {
                Some((_, before)) if before.seconds <= figures.seconds => {}
                Some((_, before)) => *before = figures,
                None => best.push((*what, figures)),
            }
        }
    }
    Ok(best)
}

fn in_own_process(what: What, path: &Path) -> Result<Figures, Failed> {
    let mut command = Command::new(std::env::current_exe()?);
    let output = command.args(["--measure", what.name()]).arg(path).stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        return Err(format!("measuring {} of {} failed", what.name(), path.display()).into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

#[expect(clippy::cast_precision_loss, reason = "for people")]
fn mebibytes_of(path: &Path) -> std::io::Result<f64> {
    Ok(std::fs::metadata(path)?.len() as f64 / (1024.0 * 1024.0))
}
