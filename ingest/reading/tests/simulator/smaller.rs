//! A sheet that is read wrong is made smaller for as long as it stays wrong in the same way.

use crate::column::What;
use crate::judge::Trial;
use crate::plan::{Beside, Encoding, FileKind, Months, Place, Plan};
use crate::truth::Truth;
use crate::writing::Dates;

/// The most imports for one sheet.
const MOST: usize = 400;

/// Imports a sheet and judges the import.
pub type Attempt = fn(&Truth, &Plan) -> Trial;

struct Shrinking {
    attempt: Attempt,
    truth: Truth,
    plan: Plan,
    kind: String,
    is_plain: bool,
    /// Fewer orders give too little evidence for an answer.
    fewest: usize,
    tries: usize,
}

/// The smallest truth and plan that were found, with their trial.
pub fn smallest(truth: &Truth, plan: &Plan, kind: &str, attempt: Attempt) -> (Truth, Plan, Trial) {
    let is_plain = plan.doubt(truth).is_none();
    let fewest = if kind.starts_with("asked") { 4 } else { 1 };
    let mut found = Shrinking {
        attempt,
        truth: truth.clone(),
        plan: plan.clone(),
        kind: kind.to_owned(),
        is_plain,
        fewest,
        tries: 0,
    };
    while found.tries < MOST
        && (found.drop_orders() | found.drop_columns() | found.drop_oddities() | found.drop_lines())
    {}
    let trial = attempt(&found.truth, &found.plan);
    (found.truth, found.plan, trial)
}

impl Shrinking {
    /// Keeps a smaller sheet if it is still wrong in the same way.
    fn keep(&mut self, truth: Truth, plan: Plan) -> bool {
        self.tries += 1;
        let is_other = plan.known.is_some_and(|known| !known.is_whole(&plan.columns));
        if self.tries > MOST || is_other || self.is_plain != plan.doubt(&truth).is_none() {
            return false;
        }
        let is_same = (self.attempt)(&truth, &plan).verdict.kind().is_some_and(|kind| kind == self.kind);
        if is_same {
            (self.truth, self.plan) = (truth, plan);
        }
        is_same
    }

    fn drop_orders(&mut self) -> bool {
        let mut is_smaller = false;
        let mut size = self.truth.orders.len() / 2;
        while size > 0 {
            let mut at = 0;
            while at < self.truth.orders.len() && self.truth.orders.len() > self.fewest {
                let mut truth = self.truth.clone();
                truth.orders.drain(at..(at + size).min(truth.orders.len()));
                if truth.orders.len() < self.fewest || !self.keep(truth, self.plan.clone()) {
                    at += size;
                } else {
                    is_smaller = true;
                }
            }
            size /= 2;
        }
        is_smaller
    }

    fn drop_lines(&mut self) -> bool {
        let mut is_smaller = false;
        for order in 0..self.truth.orders.len() {
            while self.truth.orders[order].lines.len() > 1 {
                let mut truth = self.truth.clone();
                truth.orders[order].lines.pop();
                truth.orders[order].returned = None;
                let is_possible = truth.orders[order].amount() >= 0 && truth.orders[order].goods() > 0;
                if !is_possible || !self.keep(truth, self.plan.clone()) {
                    break;
                }
                is_smaller = true;
            }
        }
        is_smaller
    }

    fn drop_columns(&mut self) -> bool {
        let mut is_smaller = false;
        let mut at = 0;
        while at < self.plan.columns.len() {
            // A sheet without days or products is another kind of sheet, and so is an export without its money.
            let what = self.plan.columns[at].what;
            if matches!(what, What::Date | What::Product) {
                at += 1;
                continue;
            }
            let mut plan = self.plan.clone();
            plan.columns.remove(at);
            if self.plan.columns.len() > 1 && self.keep(self.truth.clone(), plan) {
                is_smaller = true;
            } else {
                at += 1;
            }
        }
        is_smaller
    }

    fn drop_oddities(&mut self) -> bool {
        let simpler: [fn(&mut Plan); 13] = [
            |plan| plan.titles = 0,
            |plan| plan.empty_columns = 0,
            |plan| plan.blank_rows = false,
            |plan| plan.sums = None,
            |plan| plan.newest_first = false,
            |plan| plan.has_unit_texts = false,
            |plan| plan.has_days_once = false,
            |plan| plan.repeats_header = false,
            |plan| plan.beside = Beside::Nothing,
            |plan| {
                if plan.dates.is_complete() {
                    plan.months = Months::Together;
                }
            },
            |plan| plan.place = Place::Repeated,
            |plan| {
                (plan.marks.before, plan.marks.after, plan.marks.thousands) = ("", "", None);
                (plan.marks.is_trimmed, plan.marks.has_brackets) = (false, false);
            },
            |plan| {
                let is_alone = plan.months == Months::Together && plan.beside == Beside::Nothing;
                if is_alone
                    && plan.dates != Dates::Swapped
                    && !matches!(plan.file, FileKind::Csv { encoding: Encoding::Utf8, .. })
                {
                    plan.file =
                        FileKind::Csv { delimiter: ';', encoding: Encoding::Utf8, quotes_all: false, has_crlf: false };
                    plan.file_name = "vendas.csv".to_owned();
                }
            },
        ];
        let mut is_smaller = false;
        for change in simpler {
            let mut plan = self.plan.clone();
            change(&mut plan);
            if plan.features() != self.plan.features() && self.keep(self.truth.clone(), plan) {
                is_smaller = true;
            }
        }
        is_smaller
    }
}
