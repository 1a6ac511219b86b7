//! Tells the ingest service the effects that a file would have on the stored data.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::AUTHORIZATION;
use actix_web::middleware::Next;
use actix_web::{HttpResponse, web};
use caudal_contract::rehearsal::Question;
use caudal_platform::http::ApiProblem;
use caudal_platform::token::{self, Audience};

use super::{PageError, Pages};
use crate::deliver::rehearsal;

/// Rejects requests without a token for questions, before their body is read.
///
/// # Errors
/// [`ApiProblem::Unauthorized`], or the error of the handler.
pub async fn only_with_token(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let pages = request.app_data::<web::Data<Pages>>().ok_or(ApiProblem::Internal)?;
    let header = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = header.and_then(|value| value.strip_prefix("Bearer ")).ok_or(ApiProblem::Unauthorized)?;
    token::verify(token, Audience::Questions, &pages.secrets.token_key).map_err(|error| {
        tracing::info!(%error, "a request with an invalid token was refused");
        ApiProblem::Unauthorized
    })?;
    next.call(request).await
}

/// `POST /distrib/rehearsals`: the effects of storing these sales. Nothing is stored. Only reachable through [`only_with_token`].
///
/// # Errors
/// [`ApiProblem`].
pub async fn answer(pages: web::Data<Pages>, question: web::Json<Question>) -> Result<HttpResponse, ApiProblem> {
    let effects = pages.ask(move |db| rehearsal::effects(db, &question)).await.map_err(|error: PageError| {
        tracing::error!(%error, "a rehearsal could not be answered");
        ApiProblem::Unavailable
    })?;
    Ok(HttpResponse::Ok().json(effects))
}
