//! The cost of a further workbook when many sales are stored already.

use std::io::Write as _;

use caudal_platform::testing::Servers;
use caudal_reading::shop::Sales;

use crate::deployment::{Deployment, Running};
use crate::import::{self, Figures};
use crate::report::{mebibytes, print_table, rows_a_second, summed_up};
use crate::{Failed, file_of, say};

/// The number of rows of the further workbook.
const FURTHER: u64 = 100_000;
/// The number of rows of a workbook that only fills.
const FILLING: u64 = 1_000_000;

/// One deployment with this many sales.
pub struct Line {
    deployment: Deployment,
    workers: usize,
    stored: u64,
    figures: Figures,
    /// The time relative to the level with the fewest stored sales.
    ratio: f64,
}

/// The data that an installation holds by now.
#[derive(Default)]
struct Held {
    rows: u64,
    cents: i64,
    fillings: u64,
    furthers: u64,
}

/// Measures one installation that grows from level to level, filled by Caudal itself. The sales that fill it are older than the
/// further ones, as in a shop: two years for each million.
pub fn measure(
    deployment: Deployment,
    workers: usize,
    servers: &Servers,
    levels: &[u64],
    runs: usize,
) -> Result<Vec<Line>, Failed> {
    let mut levels = levels.to_vec();
    levels.sort_unstable();
    let mut running = Running::start(deployment, workers, servers)?;
    let mut held = Held::default();
    let mut lines: Vec<Line> = Vec::new();
    for level in levels {
        while held.rows < level {
            let sales = held.next_filling(level - held.rows)?;
            say(&format!("{deployment}, {workers} workers: {} stored, filling up to {level}", held.rows));
            held.take(&running, &sales)?;
        }
        let stored = held.rows;
        let mut figures = Vec::new();
        for run in 1..=runs {
            say(&format!("{deployment}, {workers} workers: {stored} stored, {FURTHER} more, run {run}"));
            let sales = held.next_further();
            figures.push(held.take(&running, &sales)?);
        }
        let figures = summed_up(&figures.iter().collect::<Vec<_>>());
        let first = lines.first().map_or(figures.seconds(), |line| line.figures.seconds());
        lines.push(Line { deployment, workers, stored, ratio: figures.seconds() / first, figures });
    }
    running.stop()?;
    running.check_ledgers()?;
    Ok(lines)
}

impl Held {
    /// Sales of earlier years, with order numbers of their own.
    fn next_filling(&mut self, missing: u64) -> Result<Sales, Failed> {
        let number = self.fillings;
        self.fillings += 1;
        Ok(Sales {
            rows: missing.min(FILLING),
            orders_before: 10_000_000 + number * FILLING,
            first_year: 2022 - 2 * i32::try_from(number)?,
        })
    }

    /// Sales of the same two years, different ones each time.
    fn next_further(&mut self) -> Sales {
        let number = self.furthers;
        self.furthers += 1;
        Sales { orders_before: number * FURTHER, ..Sales::first(FURTHER) }
    }

    fn take(&mut self, running: &Running, sales: &Sales) -> Result<Figures, Failed> {
        let figures = import::measure(running, sales, &file_of(sales)?)?;
        self.rows += sales.rows;
        self.cents += sales.cents();
        running.check(self.rows, self.cents)?;
        Ok(figures)
    }
}

pub fn print(lines: &[Line]) -> Result<(), Failed> {
    let mut out = std::io::stdout();
    writeln!(out, "\n{FURTHER} rows more where so many are stored. Goal: the same everywhere.\n")?;
    let heads =
        ["stored", "deployment", "workers", "staged", "last stored", "visible", "rows/s", "times the first", "MiB"];
    let cells = lines.iter().map(|Line { deployment, workers, stored, figures, ratio }| {
        let [staged, _, last_stored, _, visible] = figures.stages;
        vec![
            stored.to_string(),
            deployment.to_string(),
            workers.to_string(),
            format!("{staged:.2}"),
            format!("{last_stored:.2}"),
            format!("{visible:.2}"),
            rows_a_second(FURTHER, figures),
            format!("{ratio:.2}"),
            mebibytes(figures.memory.together),
        ]
    });
    print_table(&heads, &cells.collect::<Vec<_>>())
}
