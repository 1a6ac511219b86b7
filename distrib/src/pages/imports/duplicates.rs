//! A duplicate that a person declares to be a sale of its own.

use actix_web::http::header::LOCATION;
use actix_web::{HttpResponse, web};
use caudal_contract::command::RowPlace;
use serde::Deserialize;

use super::super::visitor::SignedIn;
use super::super::{PageError, Pages};
use crate::view::imports;

/// The form beside a duplicate.
#[derive(Debug, Deserialize)]
pub struct ReleaseForm {
    csrf: String,
    #[serde(default)]
    sheet: String,
    row: u32,
}

/// `POST /imports/{id}/duplicates`: makes the row a sale. The page of the import shows the result.
///
/// # Errors
/// [`PageError::NotFound`]; [`PageError::Forbidden`] for readers; [`PageError::Conflict`]; [`PageError::Internal`].
pub async fn release(
    pages: web::Data<Pages>,
    reader: SignedIn,
    id: web::Path<i64>,
    form: web::Form<ReleaseForm>,
) -> Result<HttpResponse, PageError> {
    reader.check(&pages, &form.csrf)?;
    reader.must_be_admin()?;
    let id = *id;
    let import = pages.ask(move |db| imports::find_by_id(db, id)).await?.ok_or(PageError::NotFound)?;
    let path = format!("/imports/{}/release", import.summary.uuid);
    let ReleaseForm { sheet, row, .. } = form.into_inner();
    pages.ask_ingest(&reader, move |ingest, user| Ok(ingest.command(user, &path, &RowPlace { sheet, row })?)).await?;
    Ok(HttpResponse::SeeOther().insert_header((LOCATION, format!("/imports/{id}"))).finish())
}
