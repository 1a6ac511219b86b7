//! Error pages: in the language of the browser, with advice for the next step, and never with the cause.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{HttpResponse, ResponseError};
use askama::Template;
use caudal_contract::command::CommandRefused;
use caudal_contract::language::Language;

use super::frame::{Frame, Section, filled, go_to};
use super::link::query_string;
use super::sales_query::QueryProblem;
use super::visitor::language_of;

/// Why a page is not shown.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    /// The request needs a login. The login leads back to the page.
    #[error("nobody is signed in")]
    SignInNeeded {
        /// The requested path and query.
        next: String,
        /// Whether a script requested a part of a page. The script must then leave the page instead of inserting the login form
        /// into it.
        partial: bool,
    },
    /// The request is not allowed, or its form is not ours.
    #[error("the form has expired or was sent from elsewhere")]
    Forbidden,
    /// The page does not exist.
    #[error("there is nothing here")]
    NotFound,
    /// The request does not fit the current state of the import.
    #[error("{0}")]
    Conflict(CommandRefused),
    /// The days of a filter are invalid, and the answer cannot do without them.
    #[error("the days of the filter are invalid")]
    BadDays(QueryProblem),
    /// The list is longer than a worksheet.
    #[error("the list is longer than a worksheet")]
    TooManyRows,
    /// Too many requests at the same time.
    #[error("too many attempts")]
    TooManyAttempts,
    /// An internal failure. The cause appears only in the log.
    #[error("{0}")]
    Internal(String),
}

impl PageError {
    /// Turns a refused command into a missing page, for a page that exists only if the command is possible.
    pub(super) fn conflict_is_not_found(self) -> Self {
        match self {
            Self::Conflict(_) => Self::NotFound,
            other => other,
        }
    }
}

impl ResponseError for PageError {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::SignInNeeded { .. } => StatusCode::SEE_OTHER,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Conflict(_) => StatusCode::CONFLICT,
            Self::BadDays(_) => StatusCode::BAD_REQUEST,
            Self::TooManyRows => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooManyAttempts => StatusCode::TOO_MANY_REQUESTS,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The answer without a body, which [`error_pages`] adds.
    fn error_response(&self) -> HttpResponse {
        match self {
            Self::SignInNeeded { next, partial } => {
                let login = format!("/login{}", query_string(&[("next", next)]));
                if *partial {
                    let redirect = HeaderName::from_static("hx-redirect");
                    HttpResponse::Unauthorized().insert_header((redirect, login)).finish()
                } else {
                    go_to(&login)
                }
            }
            other => HttpResponse::new(other.status_code()),
        }
    }
}

/// Answers requests that match no route.
///
/// # Errors
/// Always [`PageError::NotFound`].
pub async fn not_found() -> Result<HttpResponse, PageError> {
    Err(PageError::NotFound)
}

/// Middleware: adds a page to every error that has none yet, and logs each internal failure once.
///
/// # Errors
/// The error of an inner service.
pub async fn error_pages(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let language = language_of(request.request());
    let response = next.call(request).await?.map_into_boxed_body();
    let status = response.status();
    let error = response.response().error().and_then(|error| error.as_error::<PageError>());
    if let Some(PageError::Internal(cause)) = error {
        tracing::error!(http.path = response.request().path(), error = %cause, "a page failed");
    }
    let is_page = response.headers().get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    if !(status.is_client_error() || status.is_server_error()) || is_page {
        return Ok(response);
    }
    let Ok(body) = filled(&error_page(language, status, error)) else { return Ok(response) };
    let mut response = response.map_body(|_, _| BoxBody::new(body));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    Ok(response)
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    f: Frame,
    status: u16,
    title: &'static str,
    advice: String,
    /// The path and the text of the link that leads on.
    link: (&'static str, &'static str),
}

fn error_page(language: Language, status: StatusCode, error: Option<&PageError>) -> ErrorPage {
    let f = Frame::anonymous(language, Section::None, String::new());
    let t = f.t;
    let (title, advice, link) = match error {
        Some(PageError::BadDays(problem)) => {
            let advice = format!("{} {}", t.bad_days(*problem), t.correct_the_days);
            (t.period_unusable, advice, ("/sales", t.to_sales))
        }
        Some(PageError::TooManyRows) => (t.list_too_long, t.too_many_rows.to_owned(), ("/sales", t.to_sales)),
        _ => (t.error_title(status), t.error_advice(status).to_owned(), ("/", t.to_overview)),
    };
    ErrorPage { f, status: status.as_u16(), title, advice, link }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_that_is_longer_than_a_worksheet_is_refused_with_another_way() {
        let error = PageError::TooManyRows;
        let page = filled(&error_page(Language::English, error.status_code(), Some(&error))).unwrap();
        assert_eq!(error.status_code(), StatusCode::PAYLOAD_TOO_LARGE);
        assert!(
            page.contains("1,048,576") && page.contains("download the CSV") && page.contains("href=\"/sales\""),
            "{page}"
        );
        let other = filled(&error_page(Language::English, StatusCode::PAYLOAD_TOO_LARGE, None)).unwrap();
        assert!(other.contains("The request is invalid"), "a form that is too large: {other}");
    }
}
