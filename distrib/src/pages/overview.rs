//! The first page: an overview of the sales.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use caudal_contract::calendar::to_local;
use caudal_contract::format;
use caudal_contract::language::Language;
use chrono::{Datelike, NaiveDate, Utc};
use serde::Deserialize;

use super::frame::{Frame, NextStep, Section, page};
use super::visitor::SignedIn;
use super::{PageError, Pages};
use crate::view::overview::{Comparison, MonthSum, Overview, Period, Sum, change, overview};

/// Maximum number of months offered, the newest first: fifty years.
const MOST_MONTHS: usize = 600;

/// The month to show.
#[derive(Debug, Deserialize)]
pub struct OverviewQuery {
    /// A month such as `2026-11`. Any other text selects the default.
    #[serde(default)]
    month: String,
}

#[derive(Template)]
#[template(path = "overview.html")]
struct OverviewPage {
    f: Frame,
    next_step: NextStep,
    /// `None` if there are no sales at all.
    content: Option<Content>,
}

struct Content {
    month: String,
    /// Shown if the running month has no sales and another month takes its place.
    shown_instead: Option<String>,
    choices: Vec<MonthChoice>,
    cards: Vec<CardRow>,
    months: Vec<MonthRow>,
    finding: String,
    products: Vec<ShareRow>,
    payments: Vec<ShareRow>,
    sales_link: String,
}

struct MonthChoice {
    value: String,
    label: String,
    is_shown: bool,
}

/// The cards of a period.
struct CardRow {
    title: String,
    days: String,
    compared: String,
    cards: Vec<Card>,
}

struct Card {
    title: &'static str,
    value: String,
    change: Option<String>,
    trend: Trend,
    before: String,
}

/// The direction of a change. The page shows it with an arrow and a word, because colour alone is not accessible to everyone.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Trend {
    Up,
    Down,
    Level,
}

impl Trend {
    fn code(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
            Self::Level => "level",
        }
    }
}

struct MonthRow {
    label: String,
    sales: String,
    amount: String,
    /// A plain decimal for the chart.
    value: String,
}

/// A row with its share of the whole.
struct ShareRow {
    name: String,
    link: Option<String>,
    sales: String,
    amount: String,
    /// The length of the bar in percent of the largest row.
    bar: i64,
    /// The share of the whole.
    share: String,
}

/// `GET /`: the overview of a month.
///
/// # Errors
/// [`PageError::Internal`].
pub async fn show(
    pages: web::Data<Pages>,
    reader: SignedIn,
    query: web::Query<OverviewQuery>,
) -> Result<HttpResponse, PageError> {
    let today = to_local(Utc::now(), pages.config.time_zone).date();
    let asked = NaiveDate::parse_from_str(&format!("{}-01", query.month), "%Y-%m-%d").ok();
    let answer = pages.ask(move |db| overview(db, today, asked)).await?;
    let here = asked.map_or_else(|| "/".to_owned(), |month| format!("/?month={}", month.format("%Y-%m")));
    let f = Frame::signed_in(&reader, Section::Overview, here);
    let content = answer.map(|answer| content(&f, &answer, today));
    page(StatusCode::OK, &OverviewPage { f, next_step: NextStep::new(&pages), content })
}

fn content(f: &Frame, answer: &Overview, today: NaiveDate) -> Content {
    let language = f.language;
    let month = format::month(answer.month, language);
    let year = answer.month.year();
    let mut choices: Vec<NaiveDate> = answer.months_with_sales.iter().copied().take(MOST_MONTHS).collect();
    if !choices.contains(&answer.month) {
        choices.push(answer.month);
        choices.sort_by_key(|month| std::cmp::Reverse(*month));
    }
    let whole = answer.months.last().map(|entry| entry.sum).unwrap_or_default();
    let days = format!("from={}&to={}", answer.whole_month.from, answer.whole_month.to);
    Content {
        shown_instead: answer.is_latest.then(|| f.t.shown_instead(&format::month(today, language), &month)),
        choices: choices
            .into_iter()
            .map(|choice| MonthChoice {
                value: choice.format("%Y-%m").to_string(),
                label: format::month(choice, language),
                is_shown: choice == answer.month,
            })
            .collect(),
        cards: vec![card_row(f, month.clone(), &answer.this_month), card_row(f, year.to_string(), &answer.this_year)],
        finding: finding(f, &answer.months),
        months: answer.months.iter().map(|entry| month_row(entry, language)).collect(),
        products: shares(
            answer.products.iter().map(|product| {
                let link = format!("/sales?product={}&{days}", product.id);
                (product.name.clone(), Some(link), product.sum)
            }),
            whole,
            language,
        ),
        payments: shares(
            answer.payments.iter().map(|payment| match payment.payment {
                Some(method) => {
                    let link = format!("/sales?payment={}&{days}", method.code());
                    (method.label(language).to_owned(), Some(link), payment.sum)
                }
                None => (f.t.not_said.to_owned(), None, payment.sum),
            }),
            whole,
            language,
        ),
        sales_link: format!("/sales?{days}"),
        month,
    }
}

fn card_row(f: &Frame, title: String, comparison: &Comparison) -> CardRow {
    let language = f.language;
    let Comparison { sum, sum_before, .. } = comparison;
    let money = |amount| format::money(amount, language);
    let average = |sum: &Sum| sum.average().map_or_else(|| "–".to_owned(), money);
    let average_change = sum_before.average().zip(sum.average()).and_then(|(before, now)| change(before.0, now.0));
    CardRow {
        title,
        days: period(comparison.days, language),
        compared: period(comparison.days_before, language),
        cards: vec![
            card(
                f,
                f.t.revenue,
                money(sum.amount),
                change(sum_before.amount.0, sum.amount.0),
                money(sum_before.amount),
            ),
            card(
                f,
                f.t.sales,
                format::count(sum.sales, language),
                change(sum_before.sales, sum.sales),
                format::count(sum_before.sales, language),
            ),
            card(f, f.t.average_ticket, average(sum), average_change, average(sum_before)),
        ],
    }
}

fn card(f: &Frame, title: &'static str, value: String, change: Option<i64>, before: String) -> Card {
    Card {
        title,
        value,
        change: change.map(|change| format::percent_change(change, f.language)),
        trend: match change {
            Some(1..) => Trend::Up,
            Some(..=-1) => Trend::Down,
            _ => Trend::Level,
        },
        before,
    }
}

fn period(days: Period, language: Language) -> String {
    format!("{} – {}", format::date(days.from, language), format::date(days.to, language))
}

/// The message of the chart as a sentence, for people who cannot see the chart.
fn finding(f: &Frame, months: &[MonthSum]) -> String {
    let total: caudal_contract::money::Cents = months.iter().map(|entry| entry.sum.amount).sum();
    let best = months.iter().max_by_key(|entry| entry.sum.amount);
    best.map_or_else(String::new, |best| {
        f.t.finding(
            &format::money(total, f.language),
            &format::month(best.month, f.language),
            &format::money(best.sum.amount, f.language),
        )
    })
}

fn month_row(entry: &MonthSum, language: Language) -> MonthRow {
    MonthRow {
        label: format::month(entry.month, language),
        sales: format::count(entry.sum.sales, language),
        amount: format::money(entry.sum.amount, language),
        value: entry.sum.amount.to_string(),
    }
}

fn shares(rows: impl Iterator<Item = (String, Option<String>, Sum)>, whole: Sum, language: Language) -> Vec<ShareRow> {
    let rows: Vec<_> = rows.collect();
    let largest = rows.iter().map(|(_, _, sum)| sum.amount.0).max().unwrap_or_default();
    rows.into_iter()
        .map(|(name, link, sum)| ShareRow {
            name,
            link,
            sales: format::count(sum.sales, language),
            amount: format::money(sum.amount, language),
            bar: per_mille(sum.amount.0, largest) / 10,
            share: share(per_mille(sum.amount.0, whole.amount.0), language),
        })
        .collect()
}

/// The part of a whole in thousandths. 0 if the part or the whole is not positive.
fn per_mille(part: i64, whole: i64) -> i64 {
    if whole <= 0 || part <= 0 {
        return 0;
    }
    i64::try_from((i128::from(part) * 1000 + i128::from(whole) / 2) / i128::from(whole)).unwrap_or_default()
}

fn share(per_mille: i64, language: Language) -> String {
    let mark = language.pick(',', '.');
    format!("{}{mark}{}{}", per_mille / 10, per_mille % 10, language.pick("\u{a0}%", "%"))
}
