//! The person behind a request: signed in or not, and their language.

use std::future::{Ready, ready};
use std::pin::Pin;

use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::dev::Payload;
use actix_web::http::header::ACCEPT_LANGUAGE;
use actix_web::{FromRequest, HttpRequest, HttpResponse, web};
use caudal_contract::language::Language;
use caudal_contract::message::{from_hex, to_hex};
use caudal_platform::secret::random_bytes;
use chrono::Utc;

use super::csrf::{self, Bond};
use super::{PageError, Pages};
use crate::accounts::session::{self, Session};
use crate::accounts::{Role, SessionToken, User};

const LANGUAGE_COOKIE: &str = "caudal_language";

/// A signed-in user. As an argument of a handler it protects the page: a request without a session is redirected to the login.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// The user.
    pub user: User,
    /// The session.
    pub session: Session,
    /// The language of pages and reports.
    pub language: Language,
    /// The token for forms.
    pub csrf: String,
}

impl SignedIn {
    /// Checks the token of a form.
    ///
    /// # Errors
    /// [`PageError::Forbidden`] if the token belongs to another session.
    pub fn check(&self, pages: &Pages, token: &str) -> Result<(), PageError> {
        let session = self.session.token.reveal();
        if csrf::is_good(&pages.secrets.csrf_key, Bond::Session(&session), token) {
            Ok(())
        } else {
            Err(PageError::Forbidden)
        }
    }
}

impl SignedIn {
    /// Whether the user may change shared data.
    #[must_use]
    pub fn is_admin(&self) -> bool {
        self.user.role == Role::Admin
    }

    /// Rejects users that may only read.
    ///
    /// # Errors
    /// [`PageError::Forbidden`].
    pub fn must_be_admin(&self) -> Result<(), PageError> {
        if self.is_admin() { Ok(()) } else { Err(PageError::Forbidden) }
    }
}

impl FromRequest for SignedIn {
    type Error = PageError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, PageError>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let pages = pages_of(&request)?;
            let token = session_token(&request, &pages);
            let session = match token {
                Some(token) => pages.ask(move |db| session::find(db, token, Utc::now())).await?,
                None => None,
            };
            let Some(session) = session else {
                return Err(PageError::SignInNeeded {
                    next: next_after_login(&request),
                    partial: is_partial(&request),
                });
            };
            let csrf = csrf::token(&pages.secrets.csrf_key, Bond::Session(&session.token.reveal()));
            Ok(Self { user: session.user.clone(), language: language_of(&request), session, csrf })
        })
    }
}

/// A person on a page that needs no login.
#[derive(Debug, Clone)]
pub struct Visitor {
    /// The language of pages.
    pub language: Language,
    /// The token for forms.
    pub csrf: String,
    /// The session cookie that the browser still has, if any. The session may have ended.
    pub session: Option<SessionToken>,
    visit: String,
}

impl Visitor {
    /// Checks the token of a form.
    ///
    /// # Errors
    /// [`PageError::Forbidden`] if the token belongs to another visitor.
    pub fn check(&self, pages: &Pages, token: &str) -> Result<(), PageError> {
        if csrf::is_good(&pages.secrets.csrf_key, Bond::Visit(&self.visit), token) {
            Ok(())
        } else {
            Err(PageError::Forbidden)
        }
    }

    /// The cookie that forms are bound to. It must be set with every page that contains a form.
    pub(super) fn cookie(&self, pages: &Pages) -> Cookie<'static> {
        cookie(pages, visit_cookie_name(pages), self.visit.clone())
    }
}

impl FromRequest for Visitor {
    type Error = PageError;
    type Future = Ready<Result<Self, PageError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(visitor(request))
    }
}

fn visitor(request: &HttpRequest) -> Result<Visitor, PageError> {
    let pages = pages_of(request)?;
    let kept = request.cookie(visit_cookie_name(&pages)).map(|cookie| cookie.value().to_owned());
    let visit = match kept.filter(|value| from_hex::<32>(value).is_some()) {
        Some(value) => value,
        None => to_hex(&random_bytes().map_err(|error| PageError::Internal(error.to_string()))?),
    };
    Ok(Visitor {
        language: language_of(request),
        csrf: csrf::token(&pages.secrets.csrf_key, Bond::Visit(&visit)),
        session: session_token(request, &pages),
        visit,
    })
}

/// The language of a request: the one chosen on a page, else the one that the browser prefers, else the configured one.
pub(super) fn language_of(request: &HttpRequest) -> Language {
    let configured =
        request.app_data::<web::Data<Pages>>().map_or_else(Language::default, |pages| pages.config.language);
    if let Some(chosen) = request.cookie(LANGUAGE_COOKIE).and_then(|cookie| cookie.value().parse().ok()) {
        return chosen;
    }
    let accepted = request.headers().get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    accepted.map_or(configured, |header| Language::from_accept_header(header, configured))
}

/// The cookie that stores the chosen language for a year.
pub(super) fn language_cookie(pages: &Pages, language: Language) -> Cookie<'static> {
    let mut cookie = cookie(pages, LANGUAGE_COOKIE, language.tag().to_owned());
    cookie.set_max_age(Duration::days(365));
    cookie
}

/// The cookie of a new session. The browser deletes it when it is closed, and the database when the session expires.
pub(super) fn session_cookie(pages: &Pages, token: &SessionToken) -> Cookie<'static> {
    cookie(pages, session_cookie_name(pages), token.reveal())
}

/// The cookie that makes the browser delete its session.
pub(super) fn ended_session_cookie(pages: &Pages) -> Cookie<'static> {
    let mut cookie = cookie(pages, session_cookie_name(pages), String::new());
    cookie.make_removal();
    cookie
}

/// A response that sets a cookie.
pub(super) fn with_cookie(mut response: HttpResponse, cookie: &Cookie<'_>) -> Result<HttpResponse, PageError> {
    response.add_cookie(cookie).map_err(|error| PageError::Internal(error.to_string()))?;
    Ok(response)
}

fn cookie(pages: &Pages, name: &'static str, value: String) -> Cookie<'static> {
    Cookie::build(name, value)
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(pages.config.is_https())
        .finish()
}

/// With TLS the name has the `__Host-` prefix, because browsers then refuse a cookie that a sibling domain or plain HTTP set.
fn session_cookie_name(pages: &Pages) -> &'static str {
    if pages.config.is_https() { "__Host-caudal_session" } else { "caudal_session" }
}

fn visit_cookie_name(pages: &Pages) -> &'static str {
    if pages.config.is_https() { "__Host-caudal_visit" } else { "caudal_visit" }
}

fn session_token(request: &HttpRequest, pages: &Pages) -> Option<SessionToken> {
    request.cookie(session_cookie_name(pages)).and_then(|cookie| SessionToken::parse(cookie.value()))
}

fn pages_of(request: &HttpRequest) -> Result<web::Data<Pages>, PageError> {
    let pages = request.app_data::<web::Data<Pages>>().cloned();
    pages.ok_or_else(|| PageError::Internal("the web server was started without its state".to_owned()))
}

/// A form's URL cannot be opened with GET, so after a POST the login leads to the first page.
fn next_after_login(request: &HttpRequest) -> String {
    if request.method().is_safe() {
        request.uri().path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string)
    } else {
        "/".to_owned()
    }
}

fn is_partial(request: &HttpRequest) -> bool {
    request.headers().contains_key("hx-request")
}
