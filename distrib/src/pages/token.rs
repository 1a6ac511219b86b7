//! The token for API clients.

use actix_web::{HttpResponse, web};
use caudal_platform::http::ApiProblem;
use caudal_platform::token::{Audience, LIFETIME, issue};
use chrono::Utc;
use serde::{Deserialize, Serialize};

use super::{PageError, Pages, login};
use crate::accounts::LoginError;

/// The name and password of a user. The field names are those of OAuth's password grant.
#[derive(Deserialize)]
pub struct TokenForm {
    username: String,
    password: String,
}

#[derive(Serialize)]
struct TokenAnswer {
    access_token: String,
    token_type: &'static str,
    expires_in: u64,
}

/// `POST /token`: a token for `POST /ingest/v1/sales`, valid for ten minutes.
///
/// # Errors
/// [`ApiProblem`].
pub async fn create(
    pages: web::Data<Pages>,
    form: Result<web::Form<TokenForm>, actix_web::Error>,
) -> Result<HttpResponse, ApiProblem> {
    let TokenForm { username, password } = form.map_err(|_unreadable| ApiProblem::WrongCredentials)?.into_inner();
    let user = match login::authenticate(&pages, username, password).await {
        Ok(Ok(user)) => user,
        Ok(Err(LoginError::WrongCredentials)) => return Err(ApiProblem::WrongCredentials),
        Ok(Err(LoginError::Wait(_) | LoginError::Busy)) => return Err(ApiProblem::TooManyAttempts),
        Ok(Err(LoginError::Database(error))) => return Err(failed(&error.to_string())),
        Err(PageError::Internal(cause)) => return Err(failed(&cause)),
        Err(error) => return Err(failed(&error.to_string())),
    };
    let access_token = issue(&user.name, Audience::Sales, &pages.secrets.token_key, Utc::now())
        .map_err(|error| failed(&error.to_string()))?;
    tracing::info!(user.name = user.name, "issued a token");
    Ok(HttpResponse::Ok().json(TokenAnswer { access_token, token_type: "bearer", expires_in: LIFETIME.as_secs() }))
}

fn failed(cause: &str) -> ApiProblem {
    tracing::error!(error = cause, "no token could be issued");
    ApiProblem::Internal
}
