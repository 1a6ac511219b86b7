//! The first visit: the holder of the one-time link creates the first admin.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use chrono::Utc;
use serde::Deserialize;

use super::frame::{Frame, go_to, page};
use super::link::query_string;
use super::login::begin_session;
use super::visitor::{Visitor, session_cookie, with_cookie};
use super::{PageError, Pages};
use crate::accounts::{self, AccountError, LoginError, User};
use crate::setup;

/// The token of the one-time link.
#[derive(Deserialize)]
pub struct SetupQuery {
    #[serde(default)]
    token: String,
}

/// The form that creates the first admin.
#[derive(Deserialize)]
pub struct SetupForm {
    csrf: String,
    token: String,
    name: String,
    password: String,
    repeated: String,
}

#[derive(Template)]
#[template(path = "setup.html")]
struct SetupPage {
    f: Frame,
    /// `None` if the link is invalid or has expired.
    token: Option<String>,
    name: String,
    problem: Option<&'static str>,
}

/// `GET /setup?token=…`: the form, as long as there is no admin.
///
/// # Errors
/// [`PageError::NotFound`] if Caudal is set up; [`PageError::Internal`].
pub async fn form(
    pages: web::Data<Pages>,
    visitor: Visitor,
    query: web::Query<SetupQuery>,
) -> Result<HttpResponse, PageError> {
    refuse_if_set_up(&pages).await?;
    let token =
        Some(query.into_inner().token).filter(|token| setup::is_good(&pages.config.data_dir, token, Utc::now()));
    let status = if token.is_some() { StatusCode::OK } else { StatusCode::FORBIDDEN };
    show(&pages, &visitor, status, token, String::new(), None)
}

fn show(
    pages: &Pages,
    visitor: &Visitor,
    status: StatusCode,
    token: Option<String>,
    name: String,
    problem: Option<&'static str>,
) -> Result<HttpResponse, PageError> {
    let here = format!("/setup{}", query_string(&[("token", token.as_deref().unwrap_or_default())]));
    let form = page(status, &SetupPage { f: Frame::visitor(visitor, here), token, name, problem })?;
    with_cookie(form, &visitor.cookie(pages))
}

/// `POST /setup`: creates the first admin and signs them in.
///
/// # Errors
/// [`PageError::NotFound`] if Caudal is set up; [`PageError::Forbidden`] if the form is not ours; [`PageError::Internal`].
pub async fn create(
    pages: web::Data<Pages>,
    visitor: Visitor,
    form: web::Form<SetupForm>,
) -> Result<HttpResponse, PageError> {
    let form = form.into_inner();
    visitor.check(&pages, &form.csrf)?;
    refuse_if_set_up(&pages).await?;
    if !setup::is_good(&pages.config.data_dir, &form.token, Utc::now()) {
        return show(&pages, &visitor, StatusCode::FORBIDDEN, None, String::new(), None);
    }
    let t = super::texts::texts(visitor.language);
    let problem = if form.password == form.repeated {
        match add_first_admin(&pages, form.name.clone(), form.password).await? {
            Ok(user) => {
                setup::forget(&pages.config.data_dir);
                tracing::info!(user.name = user.name, "the first admin was created");
                let token = begin_session(&pages, user.id, visitor.session).await?;
                return with_cookie(go_to("/"), &session_cookie(&pages, &token));
            }
            Err(AccountError::SetUpAlready) => return Err(PageError::NotFound),
            Err(AccountError::Password(_)) => t.password_length,
            Err(AccountError::NameTaken) => t.name_taken,
            Err(_) => t.name_unusable,
        }
    } else {
        t.passwords_differ
    };
    show(&pages, &visitor, StatusCode::UNPROCESSABLE_ENTITY, Some(form.token), form.name, Some(problem))
}

/// The outer error is a failure, the inner one a refusal.
async fn add_first_admin(
    pages: &Pages,
    name: String,
    password: String,
) -> Result<Result<User, AccountError>, PageError> {
    let (gate, database) = (Arc::clone(&pages.gate), pages.database.clone());
    Pages::run(move || {
        let db = &mut *database.get()?;
        match gate.in_turn(|| accounts::add_first_admin(db, &name, &password)) {
            Ok(Err(AccountError::Query(error))) => Err(error.into()),
            Ok(answer) => Ok(answer),
            Err(LoginError::Busy) => Err(PageError::TooManyAttempts),
            Err(error) => Err(PageError::Internal(error.to_string())),
        }
    })
    .await
}

async fn refuse_if_set_up(pages: &Pages) -> Result<(), PageError> {
    if pages.ask(accounts::has_admin).await? { Err(PageError::NotFound) } else { Ok(()) }
}
