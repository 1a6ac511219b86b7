//! The preview of an undo, and the undo itself.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;

use super::super::admin::Admin;
use super::super::frame::{Frame, Section, page};
use super::super::pager::First;
use super::super::visitor::SignedIn;
use super::super::{PageError, Pages};
use super::summary::{ImportView, import_view};
use super::{find, go_to_import};
use crate::deliver::undo;
use crate::view::imports;

#[derive(Template)]
#[template(path = "undo.html")]
struct UndoPage {
    f: Frame,
    import: ImportView,
    effects: Vec<String>,
    kept: First<String>,
    /// The reason why the undo was refused.
    problem: Option<String>,
}

/// `GET /imports/{id}/undo`: the effects that undoing the import would have.
///
/// # Errors
/// [`PageError::NotFound`]; [`PageError::Forbidden`] for readers; [`PageError::Internal`].
pub async fn preview(pages: web::Data<Pages>, reader: SignedIn, id: web::Path<i64>) -> Result<HttpResponse, PageError> {
    reader.must_be_admin()?;
    show(&pages, &reader, *id, None).await
}

/// `POST /imports/{id}/undo`: undoes the import. The page of the import shows the result.
///
/// # Errors
/// [`PageError::NotFound`]; [`PageError::Forbidden`] for readers; [`PageError::Internal`].
pub async fn confirm(pages: web::Data<Pages>, Admin { reader, id, .. }: Admin) -> Result<HttpResponse, PageError> {
    let import = find(&pages, id).await?;
    let path = format!("/imports/{}/undo", import.summary.uuid);
    match pages.ask_ingest(&reader, move |ingest, user| Ok(ingest.command(user, &path, &())?)).await {
        Ok(()) => Ok(go_to_import(id)),
        Err(PageError::Conflict(refused)) => show(&pages, &reader, id, Some(refused.sentence(reader.language))).await,
        Err(error) => Err(error),
    }
}

async fn show(pages: &Pages, reader: &SignedIn, id: i64, problem: Option<String>) -> Result<HttpResponse, PageError> {
    let found = pages
        .ask(move |db| {
            let Some(import) = imports::find_by_id(db, id)? else { return Ok(None) };
            Ok::<_, diesel::result::Error>(Some((import, undo::preview(db, id)?)))
        })
        .await?;
    let (import, effects) = found.ok_or(PageError::NotFound)?;
    let f = Frame::signed_in(reader, Section::Imports, format!("/imports/{id}/undo"));
    let status = if problem.is_some() { StatusCode::CONFLICT } else { StatusCode::OK };
    page(
        status,
        &UndoPage {
            import: import_view(&f, &import.summary, pages.config.time_zone),
            effects: effects.sentences(f.language),
            kept: First::of(super::SHOWN, effects.kept(f.language), f.language, |kept| kept),
            problem,
            f,
        },
    )
}
