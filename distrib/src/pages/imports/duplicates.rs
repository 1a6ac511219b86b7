//! A duplicate that a person declares to be a sale of its own.

use actix_web::{HttpResponse, web};
use caudal_contract::command::RowPlace;
use serde::Deserialize;

use super::super::admin::{Admin, AdminForm};
use super::super::{PageError, Pages};
use super::{find, go_to_import};

/// The form beside a duplicate.
#[derive(Debug, Deserialize)]
pub struct ReleaseForm {
    csrf: String,
    #[serde(default)]
    sheet: String,
    row: u32,
}

impl AdminForm for ReleaseForm {
    fn csrf(&self) -> &str {
        &self.csrf
    }
}

/// `POST /imports/{id}/duplicates`: makes the row a sale. The page of the import shows the result.
///
/// # Errors
/// [`PageError::NotFound`]; [`PageError::Forbidden`] for readers; [`PageError::Conflict`]; [`PageError::Internal`].
pub async fn release(
    pages: web::Data<Pages>,
    Admin { reader, id, form: ReleaseForm { sheet, row, .. } }: Admin<ReleaseForm>,
) -> Result<HttpResponse, PageError> {
    let import = find(&pages, id).await?;
    let path = format!("/imports/{}/release", import.summary.uuid);
    pages.ask_ingest(&reader, move |ingest, user| Ok(ingest.command(user, &path, &RowPlace { sheet, row })?)).await?;
    Ok(go_to_import(id))
}
