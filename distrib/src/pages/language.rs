//! The choice of a language.

use actix_web::{HttpResponse, web};
use caudal_contract::language::Language;
use serde::Deserialize;

use super::frame::go_to;
use super::link::local_path;
use super::visitor::{SignedIn, Visitor, language_cookie, with_cookie};
use super::{PageError, Pages};

/// The form in the head of every page.
#[derive(Debug, Deserialize)]
pub struct LanguageForm {
    csrf: String,
    language: Language,
    here: String,
}

/// `POST /language`: stores the choice in a cookie and returns to the page.
///
/// # Errors
/// [`PageError::Forbidden`] if the form is not ours.
pub async fn choose(
    pages: web::Data<Pages>,
    signed_in: Result<SignedIn, PageError>,
    visitor: Visitor,
    form: web::Form<LanguageForm>,
) -> Result<HttpResponse, PageError> {
    match signed_in {
        Ok(reader) => reader.check(&pages, &form.csrf)?,
        Err(PageError::SignInNeeded { .. }) => visitor.check(&pages, &form.csrf)?,
        Err(error) => return Err(error),
    }
    with_cookie(go_to(local_path(&form.here)), &language_cookie(&pages, form.language))
}
