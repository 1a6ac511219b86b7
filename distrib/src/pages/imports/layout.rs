//! Assigns meanings to the columns of a waiting file: the page shows its first rows with a choice of fields above each column.
//! The file can also be dismissed.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use caudal_contract::calendar::to_local;
use caudal_contract::decision::{DateOrder, DatePlace, DecimalMark, Decision, Draft, FileDate, IGNORE, TableChoice};
use caudal_contract::field::Field;
use caudal_contract::format;
use caudal_contract::message::Outcome;
use caudal_contract::notice::LayoutProblem;
use serde::Deserialize;

use super::super::admin::{Admin, AdminForm};
use super::super::frame::{Frame, Section, page};
use super::super::link::{fits, query_string};
use super::super::pager::First;
use super::super::visitor::SignedIn;
use super::super::{PageError, Pages};
use super::summary::{ImportView, import_view};
use super::{find, go_to_import};
use crate::view::imports::ImportDetail;

/// Maximum size of the form, in bytes: a choice for each of very many columns.
pub const MOST_BYTES: usize = 1 << 20;

/// Columns that the page offers. Later columns keep their detected meaning, and `caudal layout` shows all.
const SHOWN_COLUMNS: usize = 100;

/// The table to show, from the URL of the page.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct TableQuery {
    sheet: String,
    /// The number of the header row as in spreadsheets, from 1. 0 for a table without a header.
    header: String,
}

#[derive(Template)]
#[template(path = "import_layout.html")]
struct LayoutPage {
    f: Frame,
    import: ImportView,
    /// The error in the choices, or the reason why there is nothing to choose.
    problem: Option<String>,
    /// The answers to the question about the sum, the likeliest first.
    answers: Vec<AnswerView>,
    table: Option<TableView>,
}

/// An answer to the question about the sum: one button.
struct AnswerView {
    /// The value that the form sends: columns with their fields, or nothing.
    value: String,
    label: String,
    total: String,
}

/// The table for the template.
struct TableView {
    sheets: Vec<Choice>,
    headers: Vec<Choice>,
    /// The values that the form sends back.
    sheet: String,
    header: String,
    columns: First<ColumnView>,
    rows: Vec<(String, Vec<String>)>,
    fields: Vec<(&'static str, &'static str)>,
    marks: Vec<Choice>,
    orders: Vec<Choice>,
    dates: Vec<Choice>,
    day: String,
    is_only_sheet: bool,
    remembered: Option<String>,
}

/// An option of a select.
struct Choice {
    value: String,
    label: String,
    is_chosen: bool,
}

struct ColumnView {
    index: usize,
    header: String,
    field: &'static str,
    is_used: bool,
}

/// `GET /imports/{id}/layout`: the table of a waiting file.
///
/// # Errors
/// [`PageError::NotFound`]; [`PageError::Forbidden`] for readers; [`PageError::Internal`].
pub async fn show(
    pages: web::Data<Pages>,
    reader: SignedIn,
    id: web::Path<i64>,
    query: web::Query<TableQuery>,
) -> Result<HttpResponse, PageError> {
    reader.must_be_admin()?;
    let import = find(&pages, *id).await?;
    if !matches!(import.summary.outcome, Some(Outcome::NeedsLayout { .. })) {
        return Ok(go_to_import(*id));
    }
    match draft(&pages, &reader, &import, &query).await? {
        Ok(draft) => answer(&pages, &reader, &import, Some(&draft), None),
        Err(problem) => answer(&pages, &reader, &import, None, Some(problem)),
    }
}

/// `POST /imports/{id}/layout`: remembers the choices and imports the file, or reports an error in the choices.
///
/// # Errors
/// [`PageError::NotFound`]; [`PageError::Forbidden`] for readers; [`PageError::Internal`].
pub async fn decide(
    pages: web::Data<Pages>,
    Admin { reader, id, form }: Admin<LayoutForm>,
) -> Result<HttpResponse, PageError> {
    let import = find(&pages, id).await?;
    let query = TableQuery { sheet: form.value("sheet").to_owned(), header: form.value("header").to_owned() };
    let mut draft = match draft(&pages, &reader, &import, &query).await? {
        Ok(draft) => draft,
        Err(problem) => return answer(&pages, &reader, &import, None, Some(problem)),
    };
    form.apply(&mut draft);
    form.apply_answer(&mut draft);
    if form.date_place() == Some(DatePlace::Day) && draft.decision.date.is_none() {
        let problem = Frame::signed_in(&reader, Section::Imports, String::new()).t.layout_day_missing.to_owned();
        return answer(&pages, &reader, &import, Some(&draft), Some(problem));
    }
    let path = format!("/imports/{}/layout", import.summary.uuid);
    let decision = draft.decision.clone();
    match pages.ask_ingest(&reader, move |ingest, user| Ok(ingest.command(user, &path, &decision)?)).await {
        Ok(()) => Ok(go_to_import(id)),
        Err(PageError::Conflict(refused)) => {
            answer(&pages, &reader, &import, Some(&draft), Some(refused.sentence(reader.language)))
        }
        Err(error) => Err(error),
    }
}

/// `POST /imports/{id}/dismiss`: refuses a waiting file. The page of the import shows the result.
///
/// # Errors
/// [`PageError::NotFound`]; [`PageError::Forbidden`] for readers; [`PageError::Conflict`]; [`PageError::Internal`].
pub async fn dismiss(pages: web::Data<Pages>, Admin { reader, id, .. }: Admin) -> Result<HttpResponse, PageError> {
    let import = find(&pages, id).await?;
    let path = format!("/imports/{}/dismiss", import.summary.uuid);
    pages.ask_ingest(&reader, move |ingest, user| Ok(ingest.command(user, &path, &())?)).await?;
    Ok(go_to_import(id))
}

/// The table of the file, or the reason why it cannot be shown, as a sentence.
async fn draft(
    pages: &Pages,
    reader: &SignedIn,
    import: &ImportDetail,
    query: &TableQuery,
) -> Result<Result<Draft, String>, PageError> {
    let choice = [("sheet", query.sheet.as_str()), ("header", query.header.as_str())];
    let path = format!("/imports/{}/layout{}", import.summary.uuid, query_string(&choice));
    match pages.ask_ingest(reader, move |ingest, user| Ok(serde_json::from_slice(&ingest.fetch(user, &path)?)?)).await {
        Ok(draft) => Ok(Ok(draft)),
        Err(PageError::Conflict(refused)) => Ok(Err(refused.sentence(reader.language))),
        Err(error) => Err(error),
    }
}

fn answer(
    pages: &Pages,
    reader: &SignedIn,
    import: &ImportDetail,
    draft: Option<&Draft>,
    problem: Option<String>,
) -> Result<HttpResponse, PageError> {
    let zone = pages.config.time_zone;
    let choice = draft.map(choice_of).unwrap_or_default();
    let (sheet, header) = (choice.sheet.unwrap_or_default(), choice.header.map(|row| row.to_string()));
    let id = import.summary.id;
    let query = query_string(&[("sheet", to_give_back(&sheet)), ("header", header.as_deref().unwrap_or_default())]);
    let f = Frame::signed_in(reader, Section::Imports, format!("/imports/{id}/layout{query}"));
    let outcome = import.summary.outcome.clone();
    let mut import = import_view(&f, &import.summary, zone);
    // If the attempt failed, only its problem is shown, not the earlier explanation.
    import.explanation = import.explanation.filter(|_| problem.is_none());
    let status = if problem.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let remembered = draft.and_then(|draft| draft.remembered.as_ref()).map(|(by, at)| {
        f.t.layout_remembered_by(
            Some(by.as_str()).filter(|by| !by.is_empty()),
            &format::date(to_local(*at, zone).date(), f.language),
        )
    });
    let answers = match (draft, &outcome) {
        (Some(draft), Some(Outcome::NeedsLayout { reason })) => answers(&f, draft, reason),
        _ => Vec::new(),
    };
    let table = draft.map(|draft| table_view(&f, draft, remembered));
    page(status, &LayoutPage { import, problem, answers, table, f })
}

/// The answers to the question about the sum, each with the sum that it gives. None if the file waits for something else,
/// or if another table is shown than the one that the question is about.
fn answers(f: &Frame, draft: &Draft, problem: &LayoutProblem) -> Vec<AnswerView> {
    let LayoutProblem::Unexplained { columns, without, readings } = problem else { return Vec::new() };
    let places = |header: &String| {
        let columns = draft.decision.columns.iter().enumerate();
        columns.filter(|(_, column)| column.header == *header).map(|(index, _)| index).collect::<Vec<_>>()
    };
    if columns.iter().any(|header| places(header).is_empty()) {
        return Vec::new();
    }
    let reading = readings.iter().filter_map(|reading| {
        let place = *places(&reading.column).get(reading.occurrence)?;
        let mut value = format!("{place}:{}", reading.field.code());
        if let Some(price) = &reading.price {
            // If several columns have its header, a button could mean another one.
            let [price] = places(price)[..] else { return None };
            value.push_str(&format!(",{price}:{}", Field::UnitPrice.code()));
        }
        Some(AnswerView {
            value,
            label: f.t.layout_answer_as(&reading.column, reading.field.label(f.language)),
            total: format::money(reading.total, f.language),
        })
    });
    let without = AnswerView {
        value: String::new(),
        label: f.t.layout_answer_without(columns),
        total: format::money(*without, f.language),
    };
    reading.chain([without]).collect()
}

fn choice_of(draft: &Draft) -> TableChoice {
    TableChoice { sheet: Some(draft.sheet.clone()), header: Some(draft.header_row.map_or(0, |row| row + 1)) }
}

fn table_view(f: &Frame, draft: &Draft, remembered: Option<String>) -> TableView {
    let decision = &draft.decision;
    let header = choice_of(draft).header.unwrap_or_default().to_string();
    let row_label = |row: u32| format::count(i64::from(row) + 1, f.language);
    let mut headers: Vec<Choice> = draft
        .candidates
        .iter()
        .map(|(row, text)| {
            let value = (row + 1).to_string();
            choice(&value, &format!("{}: {text}", row_label(*row)), header == value)
        })
        .collect();
    headers.push(choice("0", f.t.layout_no_header, draft.header_row.is_none()));
    let (mark, order, date) = (decision.decimal_mark, decision.date_order, decision.date);
    TableView {
        sheets: draft
            .sheets
            .iter()
            .filter(|name| fits(name))
            .map(|name| choice(name, name, *name == draft.sheet))
            .collect(),
        headers,
        sheet: to_give_back(&draft.sheet).to_owned(),
        header,
        columns: First::of(SHOWN_COLUMNS, decision.columns.iter().enumerate(), f.language, |(index, column)| {
            ColumnView {
                index,
                header: column.header.clone(),
                field: column.field.map_or(IGNORE, Field::code),
                is_used: column.field.is_some(),
            }
        }),
        rows: draft
            .rows
            .iter()
            .map(|(row, cells)| (row_label(*row), cells.iter().take(SHOWN_COLUMNS).cloned().collect()))
            .collect(),
        fields: Field::ALL.iter().map(|field| (field.code(), field.label(f.language))).collect(),
        marks: by_values(f, &DecimalMark::ALL, mark, |mark| match mark {
            DecimalMark::Comma => (mark.code(), f.t.layout_comma),
            DecimalMark::Point => (mark.code(), f.t.layout_point),
        }),
        orders: by_values(f, &DateOrder::ALL, order, |order| match order {
            DateOrder::DayFirst => (order.code(), f.t.layout_day_first),
            DateOrder::MonthFirst => (order.code(), f.t.layout_month_first),
        }),
        dates: DatePlace::ALL
            .into_iter()
            .map(|place| choice(place.code(), date_label(f, place), place == DatePlace::of(date)))
            .collect(),
        day: match date {
            Some(FileDate::Day(day)) => day.to_string(),
            _ => String::new(),
        },
        is_only_sheet: decision.sheet.is_some(),
        remembered,
    }
}

fn choice(value: &str, label: &str, is_chosen: bool) -> Choice {
    Choice { value: value.to_owned(), label: label.to_owned(), is_chosen }
}

/// The choice of what a column proves itself, and then the values that a person may choose instead.
fn by_values<T: Copy + PartialEq>(
    f: &Frame,
    values: &[T],
    chosen: Option<T>,
    code_and_label: impl Fn(T) -> (&'static str, &'static str),
) -> Vec<Choice> {
    let unchosen = choice("", f.t.layout_by_values, chosen.is_none());
    let others = values.iter().map(|value| {
        let (code, label) = code_and_label(*value);
        choice(code, label, chosen == Some(*value))
    });
    std::iter::once(unchosen).chain(others).collect()
}

fn date_label(f: &Frame, place: DatePlace) -> &'static str {
    match place {
        DatePlace::Column => f.t.layout_date_column,
        DatePlace::Day => f.t.layout_date_day,
        DatePlace::Title => f.t.layout_date_title,
        DatePlace::Arrival => f.t.layout_date_arrival,
    }
}

/// The sheet name for the form. The page never offers a sheet with a name that is too long for a form, so such a sheet is shown
/// only if nobody chose one. An empty name selects the same sheet again.
fn to_give_back(sheet: &str) -> &str {
    if fits(sheet) { sheet } else { "" }
}

/// The choices as they were sent: names and values.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub struct LayoutForm(Vec<(String, String)>);

impl AdminForm for LayoutForm {
    fn csrf(&self) -> &str {
        self.value("csrf")
    }
}

impl LayoutForm {
    fn value(&self, name: &str) -> &str {
        self.0.iter().find(|(other, _)| other == name).map_or("", |(_, value)| value.trim())
    }

    fn date_place(&self) -> Option<DatePlace> {
        DatePlace::from_code(self.value("dated"))
    }

    /// Copies the choices into the draft.
    fn apply(&self, draft: &mut Draft) {
        let Decision { sheet, decimal_mark, date_order, date, columns, .. } = &mut draft.decision;
        *sheet = (!self.value("only_sheet").is_empty()).then(|| draft.sheet.clone());
        *decimal_mark = DecimalMark::from_code(self.value("decimal_mark"));
        *date_order = DateOrder::from_code(self.value("date_order"));
        *date = match self.date_place() {
            Some(DatePlace::Title) => Some(FileDate::Title),
            Some(DatePlace::Arrival) => Some(FileDate::Arrival),
            // A day that was filled in counts even if the select still has its default.
            Some(DatePlace::Day | DatePlace::Column) => self.value("day").parse().ok().map(FileDate::Day),
            None => None,
        };
        for (index, column) in columns.iter_mut().enumerate().take(SHOWN_COLUMNS) {
            column.field = Field::from_code(self.value(&format!("field{index}")));
        }
    }

    /// Gives the columns of the chosen answer their fields, and takes these fields from the columns that had them.
    fn apply_answer(&self, draft: &mut Draft) {
        for part in self.value("answer").split(',') {
            let Some((index, field)) = part.split_once(':') else { continue };
            let (Ok(index), Some(field)) = (index.parse::<usize>(), Field::from_code(field)) else { continue };
            for (other, column) in draft.decision.columns.iter_mut().enumerate() {
                if other == index {
                    column.field = Some(field);
                } else if column.field == Some(field) {
                    column.field = None;
                }
            }
        }
    }
}
