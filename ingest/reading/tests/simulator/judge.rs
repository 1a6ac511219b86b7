//! An import is compared with the truth, row by row and order by order.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

use caudal_contract::message::{Fingerprint, Sale, SaleKey};
use caudal_contract::notice::Remark;
use caudal_reading::batch::{Batch, BatchError};
use caudal_reading::sheet;
use chrono::NaiveDate;

use crate::cause;
use crate::column::What;
use crate::file;
use crate::plan::{Grain, Plan};
use crate::rendering::{Placed, Rendering, render};
use crate::truth::{Discount, Order, State, Truth};

/// A sale that was taken from a file.
#[derive(Debug, Clone)]
pub struct Taken {
    pub sheet: String,
    /// The row, counted from 0.
    pub row: usize,
    pub amount: i64,
    /// In ten-thousandths.
    pub quantity: i64,
    pub day: NaiveDate,
    pub currency: Option<String>,
    pub product: String,
    pub customer: Option<String>,
}

/// The result of an import.
#[derive(Debug, Clone)]
pub enum Import {
    /// Nothing was taken. The reason is a question or a refusal.
    Waits(String),
    /// Reading failed without a reason.
    Broken(String),
    Taken {
        sales: Vec<Taken>,
        rejected: Vec<(String, usize)>,
        remarks: Vec<String>,
        is_warned: bool,
    },
}

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    Broken,
    Money,
    /// Rows that are no sales were taken.
    Extra,
    /// Sales are missing, and nothing says so.
    Missing,
    Days,
    Quantity,
    Products,
    Customers,
}

/// The verdict on an import.
#[derive(Debug, Clone)]
pub enum Verdict {
    Right,
    Asked(String),
    Wrong(Wrong),
}

impl Verdict {
    /// The kind of a verdict that is not right.
    pub fn kind(&self) -> Option<String> {
        match self {
            Self::Right => None,
            Self::Asked(reason) => Some(format!("asked: {reason}")),
            Self::Wrong(wrong) => Some(wrong.kind.clone()),
        }
    }
}

/// A wrong import.
#[derive(Debug, Clone)]
pub struct Wrong {
    pub faults: Vec<Fault>,
    /// The kind: the worst fault and its likely cause.
    pub kind: String,
    pub is_warned: bool,
    pub got: i64,
    pub remarks: Vec<String>,
}

/// A sheet from its truth to its verdict.
pub struct Trial {
    pub rendering: Rendering,
    pub import: Import,
    pub verdict: Verdict,
}

pub fn attempt(truth: &Truth, plan: &Plan) -> Trial {
    let rendering = render(truth, plan);
    let import = import(&file::bytes(&rendering, plan), plan);
    let verdict = judge(truth, plan, &rendering, &import);
    Trial { rendering, import, verdict }
}

/// Imports the bytes of a file as the service does, in this process.
pub fn import(bytes: &[u8], plan: &Plan) -> Import {
    let read = catch_unwind(AssertUnwindSafe(|| {
        let contents = match sheet::read(bytes, &plan.file_name) {
            Ok(contents) => contents,
            Err(refusal) => return Import::Waits(format!("refused: {}", code(&refusal))),
        };
        match Batch::of_file(&contents, &plan.conventions(), &[]) {
            Ok(batch) => taken(&batch),
            Err(BatchError::Refused(refusal)) => Import::Waits(format!("refused: {}", code(&refusal))),
            Err(BatchError::NeedsLayout(problem)) => Import::Waits(format!("layout: {}", code(&problem))),
            Err(BatchError::Frame(error)) => Import::Broken(error.to_string()),
        }
    }));
    read.unwrap_or_else(|_| Import::Broken("a panic".to_owned()))
}

/// The code of a notice.
fn code(notice: &impl serde::Serialize) -> String {
    let json = serde_json::to_value(notice).unwrap();
    ["code", "problem", "kind"]
        .iter()
        .find_map(|key| json.get(key)?.as_str().map(str::to_owned))
        .or_else(|| json.as_str().map(str::to_owned))
        .unwrap_or_else(|| json.to_string())
}

fn taken(batch: &Batch) -> Import {
    let mut sales = Vec::new();
    for records in batch.records().unwrap() {
        for index in 0..records.len() {
            sales.push(sale(records.sale(index, SaleKey([0; 16]), Fingerprint([0; 16]))));
        }
    }
    let place = |sheet: &str, row: u32| (sheet.to_owned(), row as usize - 1);
    let doubts = |remark: &Remark| {
        let remarkable = ["amount_differs", "control_differs", "unknown_columns", "date_assumed", "amount_missing"];
        remarkable.contains(&code(remark).as_str())
    };
    Import::Taken {
        sales,
        rejected: batch.rejected.iter().map(|row| place(&row.sheet, row.row)).collect(),
        is_warned: !batch.warnings.is_empty() || batch.remarks.iter().any(doubts),
        remarks: batch.remarks.iter().map(code).collect(),
    }
}

fn sale(sale: Sale) -> Taken {
    let customer = sale.customer.and_then(|customer| {
        let phone = customer.phone.map(|phone| phone.chars().filter(char::is_ascii_digit).collect::<String>());
        let phone = phone.map(|digits| digits.get(digits.len().saturating_sub(8)..).unwrap_or_default().to_owned());
        let name = customer.name.map(|name| name.to_lowercase());
        customer.document.or(customer.email).or_else(|| name.map(|name| name + &phone.unwrap_or_default()))
    });
    Taken {
        sheet: sale.sheet,
        row: sale.row as usize - 1,
        amount: sale.amount.0,
        quantity: sale.quantity.0,
        day: sale.sold_on,
        currency: sale.currency,
        product: sale.product.sku.unwrap_or(sale.product.name),
        customer,
    }
}

/// The sales of an order among those taken.
pub struct Found<'a> {
    pub order: &'a Order,
    pub amount: i64,
    pub lines: usize,
    /// Whether a row of it was rejected, which is said.
    pub is_said: bool,
    /// Whether each sale names the other currency.
    pub is_named_foreign: bool,
}

/// Compares an import with the truth.
pub fn judge(truth: &Truth, plan: &Plan, rendering: &Rendering, import: &Import) -> Verdict {
    let (sales, rejected, remarks, is_warned) = match import {
        Import::Waits(reason) => return Verdict::Asked(reason.clone()),
        Import::Broken(reason) => {
            let (faults, kind) = (vec![Fault::Broken], format!("broken: {reason}"));
            return Verdict::Wrong(Wrong { faults, kind, is_warned: false, got: 0, remarks: Vec::new() });
        }
        Import::Taken { sales, rejected, remarks, is_warned } => (sales, rejected, remarks, *is_warned),
    };
    let places: HashMap<(&str, usize), &Placed> = rendering
        .placed
        .iter()
        .map(|placed| ((rendering.grids[placed.sheet].name.as_str(), placed.row), placed))
        .collect();
    let is_said: HashSet<usize> = rejected
        .iter()
        .filter_map(|(sheet, row)| places.get(&(sheet.as_str(), *row)).map(|placed| placed.order))
        .collect();
    let mut faults: BTreeMap<Fault, Vec<String>> = BTreeMap::new();
    let mut by_order: BTreeMap<usize, Vec<(&Placed, &Taken)>> = BTreeMap::new();
    for sale in sales {
        match places.get(&(sale.sheet.as_str(), sale.row)) {
            Some(placed) => by_order.entry(placed.order).or_default().push((placed, sale)),
            None => faults.entry(Fault::Extra).or_default().push("a row that is no sale".to_owned()),
        }
    }
    let mut found = Vec::new();
    for (index, order) in truth.orders.iter().enumerate() {
        let sales = by_order.get(&index).map(Vec::as_slice).unwrap_or_default();
        let is_foreign = |sale: &Taken| {
            sale.currency.as_ref().is_some_and(|currency| !currency.eq_ignore_ascii_case(plan.currencies().0))
        };
        found.push(Found {
            order,
            amount: sales.iter().map(|(_, sale)| sale.amount).sum(),
            lines: sales.len(),
            is_said: is_said.contains(&index),
            is_named_foreign: sales.iter().all(|(_, sale)| is_foreign(sale)),
        });
    }
    for cause in money(plan, &found) {
        faults.entry(Fault::Money).or_default().push(cause);
    }
    missing(truth, plan, &found, &mut faults);
    values(truth, plan, &by_order, &mut faults);
    let got = sales.iter().map(|sale| sale.amount).sum();
    match faults.first_key_value() {
        Some((fault, causes)) => {
            let kind = format!("{fault:?}: {}", most_frequent(causes)).to_lowercase();
            let faults = faults.keys().copied().collect();
            Verdict::Wrong(Wrong { faults, kind, is_warned, got, remarks: remarks.clone() })
        }
        None if is_said.iter().any(|order| truth.orders[*order].is_sold()) => {
            Verdict::Asked("rejected rows".to_owned())
        }
        None => Verdict::Right,
    }
}

fn most_frequent(causes: &[String]) -> &str {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for cause in causes {
        *counts.entry(cause).or_default() += 1;
    }
    counts.into_iter().max_by_key(|(cause, count)| (*count, std::cmp::Reverse(*cause))).map_or("", |(cause, _)| cause)
}

/// The causes of wrong money, one for each order that has it.
fn money(plan: &Plan, found: &[Found<'_>]) -> Vec<String> {
    let is_exact = plan.has(What::Net)
        || plan.has(What::Share)
        || plan.grain == Grain::Order
        || !plan.traits.has_weights && plan.traits.line_discounts != Some(Discount::Percent);
    let mut wrong = Vec::new();
    for one in found.iter().filter(|one| !one.is_said && one.lines > 0) {
        let tolerance = if is_exact { 0 } else { i64::try_from(one.order.lines.len()).unwrap() };
        if one.order.is_foreign && !one.is_named_foreign && one.order.is_sold() {
            wrong.push("another currency was added".to_owned());
        } else if (one.amount - one.order.amount()).abs() > tolerance {
            wrong.push(cause::of(plan, one));
        }
    }
    wrong
}

fn missing(truth: &Truth, plan: &Plan, found: &[Found<'_>], faults: &mut BTreeMap<Fault, Vec<String>>) {
    for one in found.iter().filter(|one| !one.is_said && one.order.is_sold()) {
        let rows = if plan.grain == Grain::Order { 1 } else { one.order.lines.len() };
        let reason = match (one.lines, one.order.state) {
            (0, State::Unpaid) => "an unpaid order",
            (0, _) if one.order.is_foreign => "an order in another currency",
            (0, _) if one.order.discount > 0 => "an order with a discount",
            (0, _) => "an order",
            (lines, _) if lines < rows => "a line of an order",
            _ => continue,
        };
        let all = found.iter().all(|one| one.lines == 0);
        let reason = if all && truth.orders.len() > 1 { "all orders" } else { reason };
        faults.entry(Fault::Missing).or_default().push(reason.to_owned());
    }
}

/// Days, quantities, products and customers of the sales.
fn values(
    truth: &Truth,
    plan: &Plan,
    by_order: &BTreeMap<usize, Vec<(&Placed, &Taken)>>,
    faults: &mut BTreeMap<Fault, Vec<String>>,
) {
    let (mut products, mut customers) = (Pairs::default(), Pairs::default());
    for (placed, sale) in by_order.values().flatten() {
        let order = &truth.orders[placed.order];
        if plan.has(What::Date) && sale.day != placed.day {
            let cause = format!("{:?}", plan.dates).chars().take_while(|letter| letter.is_alphanumeric()).collect();
            faults.entry(Fault::Days).or_default().push(cause);
        }
        let line = placed.line.map(|line| &order.lines[line]);
        if let Some(line) = line.filter(|_| plan.has(What::Quantity) && order.state == State::Paid) {
            let right = 10 * line.thousandths * if placed.is_return { -1 } else { 1 };
            if sale.quantity != right {
                let cause = match sale.quantity {
                    10_000 => "1 assumed",
                    got if got == right * 1000 => "a thousand times as much",
                    _ => "another number",
                };
                faults.entry(Fault::Quantity).or_default().push(cause.to_owned());
            }
        }
        if let Some(line) = line {
            products.add(line.product, sale.product.to_lowercase());
        }
        if let (Some(truth), Some(read)) = (order.customer, &sale.customer) {
            customers.add(truth, read.clone());
        } else if order.customer.is_some() && placed.line.is_none_or(|line| line == 0) {
            customers.lost += 1;
        }
    }
    if plan.has(What::Product) || plan.has(What::Sku) {
        products.judge(Fault::Products, faults);
    }
    if plan.has(What::Customer) || plan.has(What::Email) || plan.has(What::Document) {
        customers.judge(Fault::Customers, faults);
    }
}

/// Things of the truth and their names in the import.
#[derive(Default)]
struct Pairs {
    truths: HashSet<usize>,
    read: HashSet<String>,
    lost: usize,
}

impl Pairs {
    fn add(&mut self, truth: usize, read: String) {
        self.truths.insert(truth);
        self.read.insert(read);
    }

    fn judge(&self, fault: Fault, faults: &mut BTreeMap<Fault, Vec<String>>) {
        let cause = match self.read.len().cmp(&self.truths.len()) {
            _ if self.lost > 0 => "not read",
            std::cmp::Ordering::Less => "several became one",
            std::cmp::Ordering::Greater => "one became several",
            std::cmp::Ordering::Equal => return,
        };
        faults.entry(fault).or_default().push(cause.to_owned());
    }
}
