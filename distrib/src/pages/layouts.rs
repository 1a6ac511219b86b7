//! Remembered layouts: the list of layouts that are applied without asking, and a way to forget one.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use caudal_contract::calendar::to_local;
use caudal_contract::decision::{FileDate, Remembered};
use caudal_contract::format;
use serde::Deserialize;

use super::admin::{Admin, Button};
use super::frame::{Frame, Section, go_to, page};
use super::pager::{First, PAGE_ROWS, Pager, page_number};
use super::visitor::SignedIn;
use super::{PageError, Pages};

/// Maximum number of used columns shown for a layout, and of unused ones. `caudal layout` shows all.
const SHOWN_COLUMNS: usize = 40;

/// The requested page of the list.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct LayoutsQuery {
    /// The page number, from 1.
    page: String,
}

#[derive(Template)]
#[template(path = "layouts.html")]
struct LayoutsPage {
    f: Frame,
    layouts: Vec<LayoutView>,
    pager: Pager,
}

/// A layout as texts.
struct LayoutView {
    fingerprint: String,
    decided: String,
    sheet: Option<String>,
    /// The date of all sales, if no column has dates.
    date: Option<String>,
    /// `(meaning, header)`.
    columns: First<(&'static str, String)>,
    ignored: First<String>,
}

/// `GET /layouts`: the remembered layouts, the newest first.
///
/// # Errors
/// [`PageError::Forbidden`] for readers; [`PageError::Internal`].
pub async fn list(
    pages: web::Data<Pages>,
    reader: SignedIn,
    query: web::Query<LayoutsQuery>,
) -> Result<HttpResponse, PageError> {
    reader.must_be_admin()?;
    let answer: Vec<Remembered> =
        pages.ask_ingest(&reader, |ingest, user| Ok(serde_json::from_slice(&ingest.fetch(user, "/layouts")?)?)).await?;
    let number = page_number(&query.page);
    let link = |number: i64| format!("/layouts?page={number}");
    let f = Frame::signed_in(&reader, Section::Imports, link(number));
    let page_rows = usize::try_from(PAGE_ROWS).unwrap_or(usize::MAX);
    let (layouts, pager) = Pager::part(answer, page_rows, number, f.language, link);
    let layouts = layouts.into_iter().map(|layout| view(&f, &pages, layout)).collect();
    page(StatusCode::OK, &LayoutsPage { layouts, pager, f })
}

/// `POST /layouts/{fingerprint}/forget`: the next file with these headers is analysed again.
///
/// # Errors
/// [`PageError::NotFound`]; [`PageError::Forbidden`] for readers; [`PageError::Internal`].
pub async fn forget(
    pages: web::Data<Pages>,
    Admin { reader, id: fingerprint, .. }: Admin<Button, String>,
) -> Result<HttpResponse, PageError> {
    if !fingerprint.chars().all(|c| c.is_ascii_hexdigit()) {
        return Err(PageError::NotFound);
    }
    let path = format!("/layouts/{fingerprint}/forget");
    let forgotten = pages.ask_ingest(&reader, move |ingest, user| Ok(ingest.command(user, &path, &())?)).await;
    forgotten.map_err(PageError::conflict_is_not_found)?;
    Ok(go_to("/layouts"))
}

fn view(f: &Frame, pages: &Pages, layout: Remembered) -> LayoutView {
    let at = format::date(to_local(layout.at, pages.config.time_zone).date(), f.language);
    let by = Some(layout.by.as_str()).filter(|by| !by.is_empty());
    let decision = layout.decision;
    let (mut columns, mut ignored) = (Vec::new(), Vec::new());
    for column in decision.columns {
        match column.field {
            Some(field) => columns.push((field.label(f.language), column.header)),
            None if column.header.is_empty() => {}
            None => ignored.push(column.header),
        }
    }
    LayoutView {
        fingerprint: layout.fingerprint,
        decided: f.t.layout_remembered_by(by, &at),
        sheet: decision.sheet,
        date: decision.date.map(|date| match date {
            FileDate::Day(day) => format::date(day, f.language),
            FileDate::Title => f.t.layout_date_title.to_owned(),
            FileDate::Arrival => f.t.layout_date_arrival.to_owned(),
        }),
        columns: First::of(SHOWN_COLUMNS, columns, f.language, |column| column),
        ignored: First::of(SHOWN_COLUMNS, ignored, f.language, |header| header),
    }
}
