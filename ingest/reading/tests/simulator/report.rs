//! The report: counts, features that are often in wrong sheets, and the smallest sheet of each kind of wrong.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::file;
use crate::judge::{Fault, Import, Trial, Verdict, attempt};
use crate::plan::{Grain, Plan};
use crate::smaller::smallest;
use crate::truth::Truth;

/// The counts of a run.
#[derive(Debug, Default)]
pub struct Counts {
    pub plain: Tally,
    pub ambiguous: Tally,
    /// How many sheets with a feature there were, and how many were wrong or asked about.
    features: BTreeMap<String, (usize, usize, usize)>,
    /// The seeds of each kind of wrong among plain sheets.
    kinds: BTreeMap<String, Kind>,
    /// How many wrong sheets have a fault, and how many of them have a warning.
    faults: BTreeMap<Fault, (usize, usize)>,
    asked: BTreeMap<String, usize>,
    doubts: BTreeMap<&'static str, Tally>,
}

/// The verdicts of a group of sheets.
#[derive(Debug, Default, Clone, Copy)]
pub struct Tally {
    pub right: usize,
    pub asked: usize,
    pub wrong: usize,
}

#[derive(Debug, Default)]
struct Kind {
    seeds: Vec<u64>,
    warned: usize,
    features: BTreeMap<String, usize>,
}

impl Tally {
    fn add(&mut self, verdict: &Verdict) {
        match verdict {
            Verdict::Right => self.right += 1,
            Verdict::Asked(_) => self.asked += 1,
            Verdict::Wrong(_) => self.wrong += 1,
        }
    }

    fn line(self, name: &str) -> String {
        let all = (self.right + self.asked + self.wrong).max(1);
        let part = |count: usize| format!("{count} ({:.1} %)", 100.0 * count as f64 / all as f64);
        format!(
            "{name}: {all} sheets: right {}, asked {}, wrong {}\n",
            part(self.right),
            part(self.asked),
            part(self.wrong)
        )
    }
}

impl Counts {
    pub fn add(&mut self, truth: &Truth, plan: &Plan, verdict: &Verdict) {
        let doubt = plan.doubt(truth);
        if let Some(doubt) = doubt {
            self.ambiguous.add(verdict);
            self.doubts.entry(doubt).or_default().add(verdict);
            return;
        }
        self.plain.add(verdict);
        for feature in plan.features() {
            let counts = self.features.entry(feature).or_default();
            counts.0 += 1;
            counts.1 += usize::from(matches!(verdict, Verdict::Wrong(_)));
            counts.2 += usize::from(matches!(verdict, Verdict::Asked(_)));
        }
        match verdict {
            Verdict::Wrong(wrong) => {
                let kind = self.kinds.entry(wrong.kind.clone()).or_default();
                kind.seeds.push(plan.seed);
                kind.warned += usize::from(wrong.is_warned);
                for feature in plan.features() {
                    *kind.features.entry(feature).or_default() += 1;
                }
                for fault in &wrong.faults {
                    let counts = self.faults.entry(*fault).or_default();
                    counts.0 += 1;
                    counts.1 += usize::from(wrong.is_warned);
                }
            }
            Verdict::Asked(reason) => *self.asked.entry(reason.clone()).or_default() += 1,
            Verdict::Right => {}
        }
    }

    /// The features that most sheets of a kind have and few others.
    fn typical(&self, kind: &Kind) -> Vec<String> {
        let (sheets, all) = (kind.seeds.len(), self.plain.right + self.plain.asked + self.plain.wrong);
        if sheets < 3 {
            return Vec::new();
        }
        let lift = |feature: &str, count: usize| (count * all) as f64 / (sheets * self.features[feature].0) as f64;
        let often =
            kind.features.iter().filter(|(feature, count)| 5 * **count >= 2 * sheets && lift(feature, **count) > 1.6);
        let mut often: Vec<_> = often.collect();
        often.sort_by(|(one, of_one), (other, of_other)| lift(other, **of_other).total_cmp(&lift(one, **of_one)));
        often.into_iter().take(6).map(|(feature, count)| format!("{feature} ({count})")).collect()
    }

    /// The report. The smallest sheets of the first `kinds` kinds are in it.
    pub fn report(&self, kinds: usize) -> String {
        let mut text = self.plain.line("plain") + &self.ambiguous.line("ambiguous");
        for (doubt, tally) in &self.doubts {
            text += &tally.line(&format!("  {doubt}"));
        }
        text += "\nfaults of plain sheets, some have several:\n";
        for (fault, (count, warned)) in &self.faults {
            let _ = writeln!(text, "{count:5} ({warned} with a warning)  {fault:?}");
        }
        text += "\nwhy plain sheets wait:\n";
        for (reason, count) in by_count(&self.asked, |count| *count) {
            let _ = writeln!(text, "{count:5}  {reason}");
        }
        text += "\nfeatures of plain sheets: sheets, wrong, asked\n";
        let rate = |counts: &(usize, usize, usize)| 1000 * counts.1 / counts.0;
        for (feature, counts) in by_count(&self.features, rate).into_iter().filter(|(_, counts)| counts.0 >= 5) {
            let percent = |count: usize| 100 * count / counts.0;
            let _ = writeln!(text, "{:5} {:4} % {:4} %  {feature}", counts.0, percent(counts.1), percent(counts.2));
        }
        text += "\nkinds of wrong among plain sheets:\n";
        let all = by_count(&self.kinds, |kind| kind.seeds.len());
        for (name, kind) in &all {
            let seeds: Vec<_> = kind.seeds.iter().take(6).collect();
            let _ = writeln!(text, "{:5} ({} with a warning)  {name}  seeds {seeds:?}", kind.seeds.len(), kind.warned);
            let typical = self.typical(kind);
            if !typical.is_empty() {
                let _ = writeln!(text, "       often: {}", typical.join(", "));
            }
        }
        for (name, kind) in all.into_iter().take(kinds) {
            let sheets = kind.seeds.iter().take(6).map(|seed| {
                let plan = Plan::draw(*seed);
                smallest(&plan.truth(), &plan, name, attempt)
            });
            let size = |(truth, plan, _): &(Truth, Plan, Trial)| {
                plan.columns.len() * (1 + truth.orders.iter().map(|order| order.lines.len()).sum::<usize>())
            };
            if let Some((truth, plan, trial)) = sheets.min_by_key(size) {
                let _ = writeln!(text, "\n== {name}: {} sheets", kind.seeds.len());
                text += &sheet(&truth, &plan, &trial);
            }
        }
        text
    }
}

fn by_count<K: Ord, V, C: Ord>(map: &BTreeMap<K, V>, count: impl Fn(&V) -> C) -> Vec<(&K, &V)> {
    let mut all: Vec<_> = map.iter().collect();
    all.sort_by_key(|(_, value)| std::cmp::Reverse(count(value)));
    all
}

/// A sheet with the truth and the import beside each row.
pub fn sheet(truth: &Truth, plan: &Plan, trial: &Trial) -> String {
    let mut text = format!("seed {}, {:?}, {:?}\n", plan.seed, plan.file, plan.language);
    let _ = writeln!(text, "columns {:?}", plan.columns.iter().map(|column| column.what).collect::<Vec<_>>());
    for (index, grid) in trial.rendering.grids.iter().enumerate().take(2) {
        if !grid.name.is_empty() {
            let _ = writeln!(text, "sheet {:?}", grid.name);
        }
        for (row, cells) in grid.rows.iter().enumerate().take(16) {
            let cells: Vec<_> = cells.iter().map(|cell| file::shown(cell).replace('\n', "⏎")).collect();
            let line = format!("  {}", cells.join(" | "));
            let _ = writeln!(text, "{line:<70} {}", beside(truth, plan, trial, (index, row)));
        }
    }
    match (&trial.verdict, &trial.import) {
        (Verdict::Wrong(wrong), Import::Taken { sales, .. }) => {
            let _ = writeln!(
                text,
                "  truth {}, read {} in {} sales; wrong: {:?}; remarks: {}",
                money(truth.amount()),
                money(wrong.got),
                sales.len(),
                wrong.faults,
                wrong.remarks.join(", ")
            );
        }
        (verdict, _) => drop(writeln!(text, "  {verdict:?}")),
    }
    text
}

/// The truth and the import of a row.
fn beside(truth: &Truth, plan: &Plan, trial: &Trial, (sheet, row): (usize, usize)) -> String {
    let placed = trial.rendering.placed.iter().find(|placed| (placed.sheet, placed.row) == (sheet, row));
    let right = placed.map(|placed| {
        let order = &truth.orders[placed.order];
        match (placed.line, plan.grain) {
            (Some(line), Grain::Line) if order.is_sold() && order.refund == 0 && !placed.is_return => {
                format!("{} on {}", money(order.shares()[line]), placed.day)
            }
            _ if placed.is_return => "a return".to_owned(),
            _ => format!("order {} on {}", money(order.amount()), placed.day),
        }
    });
    let name = &trial.rendering.grids[sheet].name;
    let read = match &trial.import {
        Import::Taken { sales, .. } => sales.iter().find(|sale| sale.sheet == *name && sale.row == row).map(|sale| {
            let pieces = sale.quantity as f64 / 10_000.0;
            format!(
                "{} on {}, {pieces} of {:?}, {:?}",
                money(sale.amount),
                sale.day,
                sale.product,
                sale.customer.as_deref().unwrap_or("-")
            )
        }),
        _ => None,
    };
    match (right, read) {
        (None, None) => String::new(),
        (right, read) => {
            format!(
                "<- truth {}; read {}",
                right.unwrap_or_else(|| "no sale".to_owned()),
                read.unwrap_or_else(|| "nothing".to_owned())
            )
        }
    }
}

fn money(cents: i64) -> String {
    format!("{}{}.{:02}", if cents < 0 { "-" } else { "" }, cents.abs() / 100, cents.abs() % 100)
}
