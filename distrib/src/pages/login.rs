//! Login and logout.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use chrono::Utc;
use serde::Deserialize;

use super::frame::{Frame, go_to, page};
use super::link::{local_path, query_string};
use super::visitor::{SignedIn, Visitor, ended_session_cookie, session_cookie, with_cookie};
use super::{PageError, Pages};
use crate::accounts::session::{self, SessionError};
use crate::accounts::{self, LoginError, SessionToken, User};

/// The destination after the login.
#[derive(Debug, Deserialize)]
pub struct LoginQuery {
    #[serde(default)]
    next: String,
}

/// The login form.
#[derive(Deserialize)]
pub struct LoginForm {
    csrf: String,
    name: String,
    password: String,
    #[serde(default)]
    next: String,
}

#[derive(Template)]
#[template(path = "login.html")]
struct LoginPage {
    f: Frame,
    next: String,
    name: String,
    problem: Option<String>,
    /// Whether no admin exists yet, so that the setup link is needed first.
    needs_setup: bool,
}

/// `GET /login`.
///
/// # Errors
/// [`PageError::Internal`].
pub async fn form(
    pages: web::Data<Pages>,
    visitor: Visitor,
    query: web::Query<LoginQuery>,
) -> Result<HttpResponse, PageError> {
    let attempt = Attempt { next: query.into_inner().next, name: String::new(), problem: None };
    show(&pages, &visitor, StatusCode::OK, attempt).await
}

/// The values that the form shows again.
struct Attempt {
    next: String,
    name: String,
    problem: Option<String>,
}

async fn show(
    pages: &Pages,
    visitor: &Visitor,
    status: StatusCode,
    attempt: Attempt,
) -> Result<HttpResponse, PageError> {
    let Attempt { next, name, problem } = attempt;
    let next = local_path(&next).to_owned();
    let f = Frame::visitor(visitor, format!("/login{}", query_string(&[("next", &next)])));
    let needs_setup = !pages.ask(accounts::has_admin).await?;
    let form = page(status, &LoginPage { f, next, name, problem, needs_setup })?;
    with_cookie(form, &visitor.cookie(pages))
}

/// `POST /login`: starts a session, or shows the form again.
///
/// # Errors
/// [`PageError::Forbidden`] if the form is not ours; [`PageError::Internal`].
pub async fn sign_in(
    pages: web::Data<Pages>,
    visitor: Visitor,
    form: web::Form<LoginForm>,
) -> Result<HttpResponse, PageError> {
    let form = form.into_inner();
    visitor.check(&pages, &form.csrf)?;
    let (name, password) = (form.name.clone(), form.password);
    match authenticate(&pages, name, password).await? {
        Ok(user) => {
            tracing::info!(user.name = user.name, "signed in");
            let token = begin_session(&pages, user.id, visitor.session).await?;
            with_cookie(go_to(local_path(&form.next)), &session_cookie(&pages, &token))
        }
        Err(error) => {
            let t = super::texts::texts(visitor.language);
            let (status, problem) = match error {
                LoginError::Wait(left) => (StatusCode::TOO_MANY_REQUESTS, t.wait(left)),
                LoginError::Busy => (StatusCode::TOO_MANY_REQUESTS, t.login_busy.to_owned()),
                _ => (StatusCode::UNAUTHORIZED, t.login_wrong.to_owned()),
            };
            let attempt = Attempt { next: form.next, name: form.name, problem: Some(problem) };
            show(&pages, &visitor, status, attempt).await
        }
    }
}

/// Checks a name and a password on a thread that may block. The outer error is a failure, the inner one a refusal.
pub(super) async fn authenticate(
    pages: &Pages,
    name: String,
    password: String,
) -> Result<Result<User, LoginError>, PageError> {
    let (gate, database) = (Arc::clone(&pages.gate), pages.database.clone());
    Pages::run(move || match gate.authenticate(&database, &name, &password, Utc::now()) {
        Err(LoginError::Database(error)) => Err(error.into()),
        answer => Ok(answer),
    })
    .await
}

/// Starts a session for an authenticated user.
pub(super) async fn begin_session(
    pages: &Pages,
    user_id: i64,
    before: Option<SessionToken>,
) -> Result<SessionToken, PageError> {
    pages.ask(move |db| session::begin(db, user_id, before.as_ref(), Utc::now())).await
}

impl From<SessionError> for PageError {
    fn from(error: SessionError) -> Self {
        Self::Internal(error.to_string())
    }
}

/// The form of the logout button.
#[derive(Debug, Deserialize)]
pub struct LogoutForm {
    csrf: String,
}

/// `POST /logout`: ends the session.
///
/// # Errors
/// [`PageError::Forbidden`] if the form is not ours; [`PageError::Internal`].
pub async fn sign_out(
    pages: web::Data<Pages>,
    reader: SignedIn,
    form: web::Form<LogoutForm>,
) -> Result<HttpResponse, PageError> {
    reader.check(&pages, &form.csrf)?;
    let token = reader.session.token;
    pages.ask(move |db| session::end(db, &token)).await?;
    tracing::info!(user.name = reader.user.name, "signed out");
    with_cookie(go_to("/login"), &ended_session_cookie(&pages))
}
