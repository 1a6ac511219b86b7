//! The printed tables.

use std::collections::BTreeMap;
use std::io::Write as _;

use crate::Failed;
use crate::deployment::{Deployment, SETTLE};
use crate::floor::Floors;
use crate::import::{Figures, STAGES};
use crate::processes::Memory;

/// One size on one deployment.
pub struct Line {
    rows: u64,
    deployment: Deployment,
    workers: usize,
    figures: Figures,
    floors: Floors,
}

impl Line {
    pub fn new(rows: u64, deployment: Deployment, workers: usize, runs: &[(Figures, Floors)]) -> Self {
        let figures: Vec<&Figures> = runs.iter().map(|(figures, _)| figures).collect();
        let floors = Floors {
            read: median(runs.iter().map(|(_, floors)| floors.read)),
            write: median(runs.iter().map(|(_, floors)| floors.write)),
        };
        Self { rows, deployment, workers, figures: summed_up(&figures), floors }
    }

    /// A short result for the person who waits for the rest.
    pub fn in_short(&self) -> String {
        let Self { rows, figures, floors, .. } = self;
        let [staged, .., visible] = figures.stages;
        let (speed, ratio) = (rows_a_second(*rows, figures), figures.seconds() / floors.sum());
        format!(
            "  staged {staged:.2} s, visible {visible:.2} s, {speed} rows/s, {ratio:.2} times the sum of the floors"
        )
    }

    fn cells(&self) -> Vec<String> {
        let Self { rows, deployment, workers, figures, floors } = self;
        let mut cells = vec![rows.to_string(), deployment.to_string(), workers.to_string()];
        cells.extend(figures.stages.iter().map(|seconds| format!("{seconds:.2}")));
        cells.extend([
            rows_a_second(*rows, figures),
            format!("{:.2}", figures.processor_seconds),
            format!("{:.2}", figures.servers_processor_seconds),
            mebibytes(figures.memory.together),
            format!("{:.3}", floors.read),
            format!("{:.3}", floors.write),
            format!("{:.2}", figures.seconds() / floors.sum()),
            format!("{:.2}", figures.seconds() / floors.larger()),
        ]);
        cells
    }
}

/// The medians of the times, and the highest memory.
pub fn summed_up(runs: &[&Figures]) -> Figures {
    let mut stages = [0.0; 5];
    for (index, stage) in stages.iter_mut().enumerate() {
        *stage = median(runs.iter().filter_map(|figures| figures.stages.get(index).copied()));
    }
    let mut memory = Memory::default();
    for run in runs {
        memory.together = memory.together.max(run.memory.together);
        raise(&mut memory.peaks, &run.memory.peaks);
        raise(&mut memory.servers, &run.memory.servers);
    }
    Figures {
        stages,
        processor_seconds: median(runs.iter().map(|figures| figures.processor_seconds)),
        servers_processor_seconds: median(runs.iter().map(|figures| figures.servers_processor_seconds)),
        memory,
    }
}

fn raise(highest: &mut BTreeMap<String, u64>, others: &BTreeMap<String, u64>) {
    for (name, other) in others {
        let value = highest.entry(name.clone()).or_default();
        *value = (*value).max(*other);
    }
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match (values.get(middle.saturating_sub(1)), values.get(middle)) {
        (Some(below), Some(above)) if values.len().is_multiple_of(2) => f64::midpoint(*below, *above),
        (_, value) => value.copied().unwrap_or_default(),
    }
}

pub fn rows_a_second(rows: u64, figures: &Figures) -> String {
    #[expect(clippy::cast_precision_loss, reason = "for people")]
    let rows = rows as f64;
    format!("{:.0}", rows / figures.seconds())
}

pub fn mebibytes(kib: u64) -> String {
    (kib / 1024).to_string()
}

pub fn print(lines: &[Line]) -> Result<(), Failed> {
    if lines.is_empty() {
        return Ok(());
    }
    let mut out = std::io::stdout();
    writeln!(
        out,
        "\nSeconds since the file had settled, {} s after it was moved into the inbox; MiB of all processes of Caudal at one \
         moment.\nThe floors: calamine's streaming reader alone on the same workbook; the same cleaned rows in one transaction into \
         the same\nempty tables. Goals: 2.0 times their sum, then 1.2 times the larger; 1024 MiB.\n",
        SETTLE.as_secs_f64()
    )?;
    let mut heads = vec!["rows", "deployment", "workers"];
    heads.extend(STAGES);
    heads.extend(["rows/s", "CPU s", "servers' CPU s", "MiB", "floor: read", "write", "times the sum", "the larger"]);
    print_table(&heads, &lines.iter().map(Line::cells).collect::<Vec<_>>())?;
    writeln!(out, "\nThe most that each process had by itself, in MiB:\n")?;
    let heads = ["rows", "deployment", "workers", "each", "at one moment", "servers"];
    let cells = lines.iter().map(|Line { rows, deployment, workers, figures, .. }| {
        vec![
            rows.to_string(),
            deployment.to_string(),
            workers.to_string(),
            each(&figures.memory.peaks),
            mebibytes(figures.memory.together),
            each(&figures.memory.servers),
        ]
    });
    print_table(&heads, &cells.collect::<Vec<_>>())
}

/// `ingest 120, reader 80`
fn each(peaks: &BTreeMap<String, u64>) -> String {
    peaks.iter().map(|(name, kib)| format!("{name} {}", mebibytes(*kib))).collect::<Vec<_>>().join(", ")
}

/// Prints a table with columns as wide as their cells.
pub fn print_table(heads: &[&str], lines: &[Vec<String>]) -> Result<(), Failed> {
    let widths: Vec<usize> = heads
        .iter()
        .enumerate()
        .map(|(column, head)| {
            let cells = lines.iter().filter_map(|line| line.get(column)).map(|cell| cell.chars().count());
            cells.chain([head.chars().count()]).max().unwrap_or_default()
        })
        .collect();
    let mut out = std::io::stdout();
    let heads = heads.iter().map(|head| (*head).to_owned()).collect();
    let rule = widths.iter().map(|width| "-".repeat(*width)).collect();
    for line in [&heads, &rule].into_iter().chain(lines) {
        let cells = line.iter().zip(&widths).map(|(cell, width)| format!("{cell:>width$}"));
        writeln!(out, "| {} |", cells.collect::<Vec<_>>().join(" | "))?;
    }
    Ok(())
}
