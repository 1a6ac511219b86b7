//! One row of an import: its cells beside the clean values, with the rule of each change.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use caudal_contract::command::RowPlace;
use caudal_contract::field::Field;
use caudal_contract::format;
use caudal_contract::money::Cents;
use caudal_contract::notice::Rejection;
use caudal_contract::trace::{Bucket, RowTrace};
use serde::Deserialize;

use super::super::frame::{Frame, Section, page};
use super::super::link::{query_string, row_address};
use super::super::pager::{First, Pager, page_number};
use super::super::visitor::SignedIn;
use super::super::{PageError, Pages};
use super::find;
use super::rows::place;
use crate::view::cancellations;
use crate::view::imports::{self, ImportDetail, RejectedRowView};

/// Maximum number of values on a page. Most sheets have fewer columns.
const PAGE_LINES: usize = 200;
/// Maximum number of reasons for a rejection.
const SHOWN_REASONS: usize = 200;

/// The requested page of the row's values.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct RowQuery {
    /// The page number, from 1.
    page: String,
}

#[derive(Template)]
#[template(path = "row.html")]
struct RowPage {
    f: Frame,
    import_id: i64,
    import_name: String,
    place: String,
    /// The bucket of the row, or the reason why it is unknown.
    outcome: String,
    /// The place of the row that cancels this one.
    voided_by: Option<OtherRow>,
    /// The places of the sales that this row cancels.
    voids: Vec<OtherRow>,
    reasons: First<String>,
    lines: Vec<Line>,
    pager: Pager,
}

/// The place of another row.
struct OtherRow {
    place: String,
    address: String,
    amount: String,
}

/// A cell, or a value without one.
struct Line {
    header: String,
    raw: String,
    field: &'static str,
    clean: String,
    change: &'static str,
}

/// `GET /imports/{id}/row?sheet=…&row=…&page=…`.
///
/// # Errors
/// [`PageError::NotFound`] if the import does not exist; [`PageError::Internal`].
pub async fn show(
    pages: web::Data<Pages>,
    reader: SignedIn,
    id: web::Path<i64>,
    query: web::Query<RowPlace>,
    part: web::Query<RowQuery>,
) -> Result<HttpResponse, PageError> {
    let (id, place_asked) = (*id, query.into_inner());
    let import = find(&pages, id).await?;
    let (sheet, row_number) = (place_asked.sheet.clone(), i64::from(place_asked.row));
    let row = place_asked.row.to_string();
    let asked = [("sheet", place_asked.sheet.as_str()), ("row", &row), ("language", reader.language.tag())];
    let path = format!("/imports/{}/row{}", import.summary.uuid, query_string(&asked));
    let trace: Result<RowTrace, PageError> =
        pages.ask_ingest(&reader, move |ingest, user| Ok(serde_json::from_slice(&ingest.fetch(user, &path)?)?)).await;
    let number = page_number(&part.page);
    let link = |number: i64| {
        let number = if number > 1 { number.to_string() } else { String::new() };
        let query = query_string(&[("sheet", &place_asked.sheet), ("row", &row), ("page", &number)]);
        format!("/imports/{id}/row{query}")
    };
    let asked = sheet.clone();
    let others = pages.ask(move |db| cancellations::other_places(db, id, &asked, row_number)).await?;
    let f = Frame::signed_in(&reader, Section::Imports, link(number));
    let voided_by = others.voided_by.as_ref().map(|place| other_row(&f, place));
    let voids = others.voids.iter().map(|place| other_row(&f, place)).collect();
    let (outcome, reasons, lines) = match trace {
        Ok(trace) => (outcome(&f, trace.bucket).to_owned(), sentences(&f, &trace.reasons), lines(&f, trace)),
        Err(PageError::Conflict(refused)) => {
            match pages.ask(move |db| imports::rejected_row(db, id, &sheet, row_number)).await? {
                // If there is no original (as for an API batch), the rejected row was stored as received, with its reasons.
                Some(row) => (f.t.is_rejected.to_owned(), sentences(&f, &row.reasons), received(&f, &import, row)),
                None => (refused.sentence(f.language), Vec::new(), Vec::new()),
            }
        }
        Err(error) => return Err(error),
    };
    let status = if lines.is_empty() { StatusCode::NOT_FOUND } else { StatusCode::OK };
    let name = import.summary.name.filter(|name| !name.is_empty()).unwrap_or_else(|| f.t.api_batch.to_owned());
    let place = place(&f, &place_asked.sheet, i64::from(place_asked.row));
    let reasons = First::of(SHOWN_REASONS, reasons, f.language, |reason| reason);
    let (lines, pager) = Pager::part(lines, PAGE_LINES, number, f.language, link);
    page(
        status,
        &RowPage { import_id: id, import_name: name, place, outcome, voided_by, voids, reasons, lines, pager, f },
    )
}

fn other_row(f: &Frame, other: &cancellations::Place) -> OtherRow {
    let name = other.import_name.as_deref().filter(|name| !name.is_empty()).unwrap_or(f.t.api_batch);
    OtherRow {
        place: format!("{name}, {}", place(f, &other.sheet, other.at)),
        address: row_address(other.import_id, &other.sheet, other.at),
        amount: format::money(Cents(other.amount), f.language),
    }
}

fn outcome(f: &Frame, bucket: Bucket) -> &'static str {
    match bucket {
        Bucket::Sale => f.t.is_sale,
        Bucket::Rejected => f.t.is_rejected,
        Bucket::Ignored => f.t.is_ignored,
    }
}

fn sentences(f: &Frame, reasons: &[Rejection]) -> Vec<String> {
    reasons.iter().map(|reason| reason.sentence(f.language)).collect()
}

/// The values of a rejected row with the meaning of each. There are no clean values, because the row was rejected.
fn received(f: &Frame, import: &ImportDetail, row: RejectedRowView) -> Vec<Line> {
    let sheet = import.sheets.iter().find(|sheet| sheet.name == row.sheet);
    let field = |header: &str| {
        let named = sheet?.mapping.iter().find(|(_, other)| other == header)?;
        Field::from_code(&named.0).map(|field| field.label(f.language))
    };
    let line = |(header, raw): (String, String)| Line {
        field: field(&header).unwrap_or(f.t.not_used),
        header,
        raw,
        clean: String::new(),
        change: "",
    };
    row.cells.into_iter().map(line).collect()
}

fn lines(f: &Frame, trace: RowTrace) -> Vec<Line> {
    let cells = trace.cells.into_iter().filter(|cell| cell.raw.is_some() || cell.field.is_some()).map(|cell| Line {
        header: cell.header,
        raw: cell.raw.unwrap_or_default(),
        field: cell.field.map_or(f.t.not_used, |field| field.label(f.language)),
        clean: cell.clean.unwrap_or_default(),
        change: cell.change.map_or("", |change| change.sentence(f.language)),
    });
    let derived = trace.derived.into_iter().map(|value| Line {
        header: String::new(),
        raw: String::new(),
        field: value.field.label(f.language),
        clean: value.clean,
        change: value.change.sentence(f.language),
    });
    cells.chain(derived).collect()
}
