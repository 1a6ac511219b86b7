//! The simulator of sheets: a truth is drawn, rendered as a sheet, imported, and the import compared with the truth.
//!
//! ```text
//! seed ──► plan ──► truth ──► rendering ──► file ──► import ──► judge ──► report
//! ```

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that cannot go on fails, and a report is printed"
)]

mod cause;
mod chance;
mod column;
mod file;
mod goods;
mod judge;
mod known;
mod plan;
mod reader;
mod rendering;
mod report;
mod smaller;
mod truth;
mod words;
mod writing;

use judge::attempt;
use plan::Plan;
use report::Counts;

fn run(first: u64, count: u64) -> Counts {
    let mut counts = Counts::default();
    for seed in first..first + count {
        let plan = Plan::draw(seed);
        let truth = plan.truth();
        counts.add(&truth, &plan, &attempt(&truth, &plan).verdict);
    }
    counts
}

fn setting(name: &str, or: u64) -> u64 {
    #[expect(clippy::disallowed_methods, reason = "a setting of the test")]
    let value = std::env::var(name);
    value.ok().and_then(|value| value.parse().ok()).unwrap_or(or)
}

/// Prints the report on thousands of sheets.
#[test]
#[ignore = "a command: see docs/testing.md"]
fn thousands() {
    let first = setting("CAUDAL_SHEETS_SEED", 1_000_000);
    let counts = run(first, setting("CAUDAL_SHEETS", 1000));
    println!("{}", counts.report(usize::try_from(setting("CAUDAL_SHEETS_KINDS", 12)).unwrap()));
}

/// The most sheets of the fixed seeds that may be read wrong. This number only ever goes down.
const MOST_WRONG: usize = 300;
/// The most plain sheets of them that may wait. A reader that asks about everything is of no use.
const MOST_ASKED: usize = 300;

#[test]
fn sheets_are_read_right_or_asked_about() {
    let counts = run(1, 300);
    let (wrong, asked) = (counts.plain.wrong + counts.ambiguous.wrong, counts.plain.asked);
    assert!(wrong <= MOST_WRONG && asked <= MOST_ASKED, "wrong {wrong}, asked {asked}\n{}", counts.report(0));
}

#[test]
fn a_plain_sheet_holds_the_truth() {
    let (mut plain, mut problems) = (0, Vec::new());
    for seed in 0..2000 {
        let plan = Plan::draw(seed);
        let truth = plan.truth();
        if plan.doubt(&truth).is_some() {
            continue;
        }
        plain += 1;
        let rendering = rendering::render(&truth, &plan);
        for (index, read) in reader::read(&rendering, &plan, &truth) {
            let order = &truth.orders[index];
            let tolerance = i64::try_from(order.lines.len()).unwrap();
            if (read - order.amount()).abs() > tolerance {
                problems.push(format!("seed {seed}, order {index}: {read} is not {}", order.amount()));
            }
        }
    }
    problems.dedup_by_key(|problem| problem.split(',').next().map(str::to_owned));
    assert!(plain > 1500, "only {plain} sheets are plain");
    assert!(problems.is_empty(), "{} sheets: {:#?}", problems.len(), problems.iter().take(20).collect::<Vec<_>>());
}
