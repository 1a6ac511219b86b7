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

use chrono::TimeDelta;

use judge::{Fault, Import, Taken, Trial, Verdict, attempt, judge};
use plan::Plan;
use rendering::{Placed, Rendering};
use report::Counts;
use truth::{Order, Truth};

/// Imports the sheets of some seeds, half of them beside the others.
fn run(first: u64, count: u64) -> Counts {
    let half = |seeds: std::ops::Range<u64>| {
        let attempt = |seed| {
            let plan = Plan::draw(seed);
            let truth = plan.truth();
            let verdict = attempt(&truth, &plan).verdict;
            (truth, plan, verdict)
        };
        seeds.map(attempt).collect::<Vec<_>>()
    };
    let (middle, end) = (first + count / 2, first + count);
    let (before, after) = std::thread::scope(|scope| {
        let other = scope.spawn(move || half(first..middle));
        let after = half(middle..end);
        (other.join().unwrap(), after)
    });
    let mut counts = Counts::default();
    for (truth, plan, verdict) in before.into_iter().chain(after) {
        counts.add(&truth, &plan, &verdict);
    }
    counts
}

/// Makes a right import wrong.
type Spoil = fn(&mut Vec<Taken>);

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
const MOST_WRONG: usize = 14;
/// The most plain sheets of them that may wait. A reader that asks about everything is of no use.
const MOST_ASKED: usize = 39;

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

#[test]
fn the_truth_balances() {
    for seed in 0..500 {
        let truth = Plan::draw(seed).truth();
        assert!(!truth.orders.is_empty(), "seed {seed}");
        for order in &truth.orders {
            assert_eq!(order.shares().iter().sum::<i64>(), order.goods(), "seed {seed}: the shares of {order:?}");
            assert!(order.goods() > 0 && (0..=order.goods()).contains(&order.amount()), "seed {seed}: {order:?}");
            assert!(
                order.lines.iter().all(|line| 0 <= line.net() && line.net() <= line.gross()),
                "seed {seed}: {order:?}"
            );
        }
        let kept: i64 =
            truth.orders.iter().filter(|order| order.is_sold() && !order.is_foreign).map(Order::amount).sum();
        assert_eq!(kept, truth.amount(), "seed {seed}");
    }
}

#[test]
fn the_same_seed_gives_the_same_sheet() {
    let bytes = |seed| {
        let plan = Plan::draw(seed);
        file::bytes(&rendering::render(&plan.truth(), &plan), &plan)
    };
    let of_texts = (0..100).filter(|seed| Plan::draw(*seed).file != plan::FileKind::Xlsx);
    for seed in of_texts {
        assert_eq!(bytes(seed), bytes(seed), "seed {seed}");
    }
    let cells = |seed| rendering::render(&Plan::draw(seed).truth(), &Plan::draw(seed));
    assert!((0..100).all(|seed| cells(seed) == cells(seed) && cells(seed) != cells(seed + 1)));
}

/// The import of a perfect reader.
fn perfect(truth: &Truth, plan: &Plan, rendering: &Rendering) -> Vec<Taken> {
    let place = |placed: &Placed| {
        let order = &truth.orders[placed.order];
        let line = placed.line.map(|line| &order.lines[line]);
        let sign = if placed.is_return { -1 } else { 1 };
        let of_order = if placed.line.is_some_and(|line| line > 0) { 0 } else { order.refund };
        order.is_sold().then(|| Taken {
            sheet: rendering.grids[placed.sheet].name.clone(),
            row: placed.row,
            amount: placed.line.map_or(order.goods(), |line| sign * order.shares()[line]) - of_order,
            quantity: line.map_or(10_000, |line| sign * 10 * line.thousandths),
            day: placed.day,
            currency: order.is_foreign.then(|| plan.currencies().1.to_owned()),
            product: line.map_or(String::new(), |line| line.product.to_string()),
            customer: order.customer.map(|customer| customer.to_string()),
        })
    };
    rendering.placed.iter().filter_map(place).collect()
}

fn verdict_on(truth: &Truth, plan: &Plan, rendering: &Rendering, sales: Vec<Taken>) -> Verdict {
    let import = Import::Taken { sales, rejected: Vec::new(), remarks: Vec::new(), is_warned: false };
    judge(truth, plan, rendering, &import)
}

#[test]
fn a_perfect_import_is_right_and_a_spoiled_one_is_wrong() {
    let spoil: [(Fault, Spoil); 7] = [
        (Fault::Money, |sales| sales[0].amount += 200),
        (Fault::Money, |sales| sales.iter_mut().for_each(|sale| sale.amount *= 100)),
        (Fault::Missing, |sales| sales.clear()),
        (Fault::Extra, |sales| sales.push(Taken { row: 9_999, ..sales[0].clone() })),
        (Fault::Days, |sales| sales[0].day += TimeDelta::days(1)),
        (Fault::Products, |sales| sales.iter_mut().for_each(|sale| sale.product = String::new())),
        (Fault::Customers, |sales| sales.iter_mut().for_each(|sale| sale.customer = None)),
    ];
    let mut seen = [0; 7];
    for seed in 0..150 {
        let plan = Plan::draw(seed);
        let truth = plan.truth();
        let rendering = rendering::render(&truth, &plan);
        let sales = perfect(&truth, &plan, &rendering);
        let verdict = verdict_on(&truth, &plan, &rendering, sales.clone());
        assert!(matches!(verdict, Verdict::Right), "seed {seed}: {verdict:?}");
        for (index, (fault, spoil)) in spoil.iter().enumerate() {
            let mut sales = sales.clone();
            spoil(&mut sales);
            if let Verdict::Wrong(wrong) = verdict_on(&truth, &plan, &rendering, sales) {
                seen[index] += usize::from(wrong.faults.contains(fault));
            }
        }
    }
    let fewest = [150, 150, 150, 150, 120, 60, 60];
    assert!(seen.iter().zip(fewest).all(|(seen, fewest)| *seen >= fewest), "{seen:?} of 150, expected {fewest:?}");
}

/// A reader that knows everything, and ignores the discounts of orders.
fn careless(truth: &Truth, plan: &Plan) -> Trial {
    let rendering = rendering::render(truth, plan);
    let mut sales = perfect(truth, plan, &rendering);
    for sale in &mut sales {
        let placed = rendering.placed.iter().find(|placed| placed.row == sale.row && placed.line == Some(0));
        sale.amount += placed.map_or(0, |placed| truth.orders[placed.order].discount);
    }
    let verdict = verdict_on(truth, plan, &rendering, sales);
    Trial { rendering, import: Import::Waits(String::new()), verdict }
}

#[test]
fn a_sheet_is_made_smaller_for_as_long_as_it_is_wrong_in_the_same_way() {
    let kind = "money: the order's discount is ignored";
    let mut tried = 0;
    for seed in 0..200 {
        let plan = Plan::draw(seed);
        let truth = plan.truth();
        if !matches!(careless(&truth, &plan).verdict, Verdict::Wrong(wrong) if wrong.kind == kind) {
            continue;
        }
        tried += 1;
        let (small, small_plan, trial) = smaller::smallest(&truth, &plan, kind, careless);
        assert!(matches!(trial.verdict, Verdict::Wrong(wrong) if wrong.kind == kind), "seed {seed}");
        assert_eq!(small.orders.len(), 1, "seed {seed}");
        assert!(small_plan.columns.len() <= plan.columns.len() && small_plan.titles == 0, "seed {seed}");
    }
    assert!(tried > 10, "only {tried} sheets have discounts of orders");
}

/// Prints the sheet of one seed, with the truth and the import beside each row.
#[test]
#[ignore = "a command: see docs/testing.md"]
fn one() {
    let plan = Plan::draw(setting("CAUDAL_SHEETS_SEED", 1));
    let truth = plan.truth();
    println!("{}", report::sheet(&truth, &plan, &attempt(&truth, &plan)));
}
