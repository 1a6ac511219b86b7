//! The rejected rows as a workbook for corrections.

use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::{HttpResponse, web};

use super::super::visitor::SignedIn;
use super::super::{PageError, Pages};
use super::find;

/// `GET /imports/{id}/repair.xlsx`.
///
/// # Errors
/// [`PageError::NotFound`] if there is nothing to correct; [`PageError::Internal`].
pub async fn download(
    pages: web::Data<Pages>,
    reader: SignedIn,
    id: web::Path<i64>,
) -> Result<HttpResponse, PageError> {
    let id = *id;
    let import = find(&pages, id).await?;
    let path = format!("/imports/{}/repair.xlsx", import.summary.uuid);
    let workbook = pages.ask_ingest(&reader, move |ingest, user| Ok(ingest.fetch(user, &path)?)).await;
    let workbook = workbook.map_err(PageError::conflict_is_not_found)?;
    let name = reader.language.pick("correcao", "repair");
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"caudal-{id}-{name}.xlsx\"")))
        .body(workbook))
}
