//! Commands of the pages about layouts.

use actix_web::{HttpRequest, HttpResponse, web};
use caudal_contract::command::CommandRefused;
use caudal_contract::decision::{Decision, TableChoice};
use caudal_contract::message::ImportId;
use caudal_platform::token::Audience;

use super::commands::{CommandProblem, blocking};
use super::sales::{Api, authenticated};
use crate::layout_store;
use crate::staging::StageError;

/// `GET …/imports/{id}/layout`: the import's table with the meanings assumed for its columns, see
/// [`caudal_contract::decision::Draft`].
///
/// # Errors
/// [`CommandProblem`].
pub async fn draft(
    api: web::Data<Api>,
    request: HttpRequest,
    import_id: web::Path<ImportId>,
    choice: web::Query<TableChoice>,
) -> Result<HttpResponse, CommandProblem> {
    authenticated(&request, Audience::Commands, &api.secrets)?;
    let intake = api.intake();
    let draft = blocking(move || Ok(intake.draft_of_import(*import_id, &choice)?)).await?;
    Ok(HttpResponse::Ok().json(draft))
}

/// `POST …/imports/{id}/layout`: remembers the meanings of an import's columns and takes the import in. Answers 202
/// because the effect comes through the queue.
///
/// # Errors
/// [`CommandProblem`]; then nothing was changed.
pub async fn decide(
    api: web::Data<Api>,
    request: HttpRequest,
    import_id: web::Path<ImportId>,
    decision: web::Json<Decision>,
) -> Result<HttpResponse, CommandProblem> {
    let by = authenticated(&request, Audience::Commands, &api.secrets)?;
    let intake = api.intake();
    blocking(move || Ok(intake.decide(Some(*import_id), decision.into_inner(), &by)?)).await?;
    Ok(HttpResponse::Accepted().finish())
}

/// `POST …/imports/{id}/dismiss`: refuses a waiting file. Answers 202 because the effect comes through the queue.
///
/// # Errors
/// [`CommandProblem`]; then nothing was changed.
pub async fn dismiss(
    api: web::Data<Api>,
    request: HttpRequest,
    import_id: web::Path<ImportId>,
) -> Result<HttpResponse, CommandProblem> {
    let by = authenticated(&request, Audience::Commands, &api.secrets)?;
    let intake = api.intake();
    blocking(move || Ok(intake.dismiss(*import_id, &by)?)).await?;
    Ok(HttpResponse::Accepted().finish())
}

/// `GET …/layouts`: the remembered layouts, newest first.
///
/// # Errors
/// [`CommandProblem`].
pub async fn list(api: web::Data<Api>, request: HttpRequest) -> Result<HttpResponse, CommandProblem> {
    authenticated(&request, Audience::Commands, &api.secrets)?;
    let known = blocking(move || Ok(layout_store::all(&mut *api.database.get()?)?)).await?;
    Ok(HttpResponse::Ok().json(known))
}

/// `POST …/layouts/{fingerprint}/forget`: deletes a layout. Imports taken with it stay; the next file is examined anew.
///
/// # Errors
/// [`CommandProblem`].
pub async fn forget(
    api: web::Data<Api>,
    request: HttpRequest,
    fingerprint: web::Path<String>,
) -> Result<HttpResponse, CommandProblem> {
    let by = authenticated(&request, Audience::Commands, &api.secrets)?;
    blocking(move || {
        let forgotten = layout_store::forget(&mut *api.database.get()?, &fingerprint).map_err(StageError::from)?;
        tracing::info!(layout.fingerprint = %fingerprint, user = by, forgotten, "a layout was forgotten");
        if forgotten { Ok(()) } else { Err(CommandRefused::NoSuchLayout.into()) }
    })
    .await?;
    Ok(HttpResponse::Accepted().finish())
}
