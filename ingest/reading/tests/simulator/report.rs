//! The report: counts, features that are often in wrong sheets, and the smallest sheet of each kind of wrong.

use std::collections::{BTreeMap, BTreeSet};
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
    doubts: BTreeMap<&'static str, Tally>,
    /// The plain sheets with each feature.
    features: BTreeMap<String, Tally>,
    /// How many wrong sheets have a fault, and how many of them have a warning.
    faults: BTreeMap<Fault, (usize, usize)>,
    wrong: BTreeMap<String, Kind>,
    asked: BTreeMap<String, Kind>,
    /// Sheets that were taken although a person would have asked.
    not_asked: BTreeMap<String, Kind>,
}

/// The verdicts of a group of sheets.
#[derive(Debug, Default, Clone, Copy)]
pub struct Tally {
    pub right: usize,
    pub asked: usize,
    pub wrong: usize,
}

/// Sheets with the same verdict.
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

    fn all(self) -> usize {
        self.right + self.asked + self.wrong
    }

    fn line(self, name: &str) -> String {
        let part = |count: usize| format!("{count} ({:.1} %)", 100.0 * count as f64 / self.all().max(1) as f64);
        let (right, asked, wrong) = (part(self.right), part(self.asked), part(self.wrong));
        format!("{name}: {} sheets: right {right}, asked {asked}, wrong {wrong}\n", self.all())
    }
}

impl Counts {
    pub fn add(&mut self, truth: &Truth, plan: &Plan, verdict: &Verdict) {
        let doubt = plan.doubt(truth);
        let features: BTreeSet<String> = plan.features().into_iter().collect();
        match doubt {
            Some(doubt) => {
                self.ambiguous.add(verdict);
                self.doubts.entry(doubt).or_default().add(verdict);
            }
            None => {
                self.plain.add(verdict);
                features.iter().for_each(|feature| self.features.entry(feature.clone()).or_default().add(verdict));
            }
        }
        let (kinds, is_warned) = match (verdict, doubt) {
            (Verdict::Wrong(wrong), None) => {
                for fault in &wrong.faults {
                    let (count, warned) = self.faults.entry(*fault).or_default();
                    *count += 1;
                    *warned += usize::from(wrong.is_warned);
                }
                (&mut self.wrong, wrong.is_warned)
            }
            (Verdict::Asked(_), None) => (&mut self.asked, false),
            (Verdict::Wrong(wrong), Some(_)) => (&mut self.not_asked, wrong.is_warned),
            _ => return,
        };
        let kind = kinds.entry(verdict.kind().unwrap_or_default()).or_default();
        kind.seeds.push(plan.seed);
        kind.warned += usize::from(is_warned);
        features.into_iter().for_each(|feature| *kind.features.entry(feature).or_default() += 1);
    }

    /// The report. The smallest sheets of the first `most` kinds are in it.
    pub fn report(&self, most: usize) -> String {
        let mut text = self.plain.line("plain") + &self.ambiguous.line("ambiguous");
        text.extend(self.doubts.iter().map(|(doubt, tally)| tally.line(&format!("  {doubt}"))));
        text += "\nfaults of plain sheets, some have several:\n";
        for (fault, (count, warned)) in &self.faults {
            let _ = writeln!(text, "{count:5} ({warned} with a warning)  {fault:?}");
        }
        text += "\nfeatures of plain sheets: sheets, wrong, asked\n";
        let rate = |tally: &Tally| 1000 * tally.wrong / tally.all();
        for (feature, tally) in by_count(&self.features, rate).into_iter().filter(|(_, tally)| tally.all() >= 5) {
            let percent = |count: usize| 100 * count / tally.all();
            let (wrong, asked) = (percent(tally.wrong), percent(tally.asked));
            let _ = writeln!(text, "{:5} {wrong:4} % {asked:4} %  {feature}", tally.all());
        }
        for (title, kinds) in [
            ("wrong: plain sheets that were taken with something wrong", &self.wrong),
            ("asked: plain sheets that wait", &self.asked),
            ("not asked: sheets that were taken although a person would have asked", &self.not_asked),
        ] {
            let _ = writeln!(text, "\n{title}\n");
            text += &self.kinds(kinds);
        }
        text += &smallest_of_each(&self.wrong, most);
        text += &smallest_of_each(&self.asked, most / 2);
        text + &smallest_of_each(&self.not_asked, most / 4)
    }

    fn kinds(&self, kinds: &BTreeMap<String, Kind>) -> String {
        let mut text = String::new();
        for (name, kind) in by_count(kinds, |kind| kind.seeds.len()) {
            let seeds: Vec<_> = kind.seeds.iter().take(6).collect();
            let _ = writeln!(text, "{:5} ({} with a warning)  {name}  seeds {seeds:?}", kind.seeds.len(), kind.warned);
            let often = self.often(kind);
            if !often.is_empty() {
                let _ = writeln!(text, "       often: {}", often.join(", "));
            }
        }
        text
    }

    /// The features that most sheets of a kind have and few others.
    fn often(&self, kind: &Kind) -> Vec<String> {
        let (sheets, all) = (kind.seeds.len(), self.plain.all());
        let of_all = |feature: &str| self.features.get(feature).map_or(0, |tally| tally.all()).max(1);
        let lift = |feature: &str, count: usize| (count * all) as f64 / (sheets * of_all(feature)) as f64;
        let is_often = |feature: &str, count: usize| 5 * count >= 2 * sheets && lift(feature, count) > 1.6;
        let mut often: Vec<_> = kind.features.iter().filter(|(feature, count)| is_often(feature, **count)).collect();
        often.sort_by(|(one, of_one), (other, of_other)| lift(other, **of_other).total_cmp(&lift(one, **of_one)));
        let most = if sheets < 3 { 0 } else { 6 };
        often.into_iter().take(most).map(|(feature, count)| format!("{feature} ({count})")).collect()
    }
}

/// The smallest sheet of each kind, made from a few of its sheets.
fn smallest_of_each(kinds: &BTreeMap<String, Kind>, most: usize) -> String {
    let mut text = String::new();
    for (name, kind) in by_count(kinds, |kind| kind.seeds.len()).into_iter().take(most) {
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

fn by_count<K: Ord, V, C: Ord>(map: &BTreeMap<K, V>, count: impl Fn(&V) -> C) -> Vec<(&K, &V)> {
    let mut all: Vec<_> = map.iter().collect();
    all.sort_by_key(|(_, value)| std::cmp::Reverse(count(value)));
    all
}

/// A sheet with the truth and the import beside each row.
pub fn sheet(truth: &Truth, plan: &Plan, trial: &Trial) -> String {
    let export = plan.known.map_or(String::new(), |known| format!(", export {}", known.name));
    let mut text = format!("seed {}, {:?}, {:?}{export}\n", plan.seed, plan.file, plan.language);
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
