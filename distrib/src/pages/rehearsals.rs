//! Answers the ingest service what a file would do to what is stored.

use actix_web::http::header::AUTHORIZATION;
use actix_web::{HttpRequest, HttpResponse, web};
use caudal_shared::http::ApiProblem;
use caudal_shared::rehearsal::Question;
use caudal_shared::token::{self, Audience};

use super::{PageError, Pages};
use crate::deliver::rehearsal;

/// `POST /distrib/rehearsals`: the effects of storing these sales; nothing is stored.
///
/// # Errors
/// [`ApiProblem`].
pub async fn answer(
    pages: web::Data<Pages>,
    request: HttpRequest,
    question: web::Json<Question>,
) -> Result<HttpResponse, ApiProblem> {
    let header = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = header.and_then(|value| value.strip_prefix("Bearer ")).ok_or(ApiProblem::Unauthorized)?;
    token::verify(token, Audience::Questions, &pages.secrets.token_key).map_err(|error| {
        tracing::info!(%error, "a token was not accepted");
        ApiProblem::Unauthorized
    })?;
    let effects = pages.ask(move |db| rehearsal::effects(db, &question)).await.map_err(|error: PageError| {
        tracing::error!(%error, "a rehearsal could not be answered");
        ApiProblem::Unavailable
    })?;
    Ok(HttpResponse::Ok().json(effects))
}
