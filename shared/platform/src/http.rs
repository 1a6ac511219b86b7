//! The common parts of all HTTP answers of Caudal: security headers, and errors that tell a client the next step
//! without telling internal details.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, HeaderValue, REFERRER_POLICY, RETRY_AFTER,
    STRICT_TRANSPORT_SECURITY, WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS,
};
use actix_web::middleware::Next;
use actix_web::{HttpResponse, ResponseError};
use caudal_contract::notice::BatchLimit;
use serde::Serialize;

/// No inline code and nothing from other origins, so a text that slips through the escaping still cannot run.
const CONTENT_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
    font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'";

/// Adds the security headers to every answer. An answer without a `Cache-Control` header is not cached.
///
/// # Errors
/// The error of the handler.
pub async fn secure_headers(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let https = request.app_data::<actix_web::web::Data<Https>>().is_some_and(|https| https.0);
    let mut response = next.call(request).await?;
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(CONTENT_POLICY));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    for (name, value) in [
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ] {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    if https {
        headers.insert(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    if !headers.contains_key(CACHE_CONTROL) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    Ok(response)
}

/// Whether people reach the service over TLS; application data for [`secure_headers`].
#[derive(Debug, Clone, Copy)]
pub struct Https(pub bool);

/// An error of the JSON API, written as RFC 9457 `application/problem+json`. `docs/ERRORS.md` explains each code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ApiProblem {
    /// The token is missing or invalid.
    #[error("a valid token is required; get one from POST /token and send it as \"Authorization: Bearer …\"")]
    Unauthorized,
    /// Wrong user name or password.
    #[error("the user name or the password is wrong")]
    WrongCredentials,
    /// Too many attempts.
    #[error("too many attempts; wait and try again")]
    TooManyAttempts,
    /// The body is neither a sale nor an array of sales.
    #[error("the body must be one sale or an array of sales, as JSON; it is invalid at line {line}, column {column}")]
    UnreadableBody {
        /// The line, from 1.
        line: u32,
        /// The byte of the line, from 1; 0 if the body is empty.
        column: u32,
    },
    /// The body is compressed and cannot be decompressed.
    #[error("the body cannot be unpacked; check that Content-Encoding names its compression")]
    NotUnpacked,
    /// One of the array's values is not a sale.
    #[error("value {row} of the array is not an object; each sale must be an object")]
    NoSale {
        /// The position in the array, from 1.
        row: u32,
    },
    /// The array is empty.
    #[error("the array has no sales")]
    EmptyBatch,
    /// The batch exceeds a limit.
    #[error("{0}; send it in parts")]
    BatchTooLarge(BatchLimit),
    /// The address does not take this method.
    #[error("this address does not accept the method; see the Allow header")]
    MethodNotAllowed,
    /// The body did not arrive.
    #[error("the body did not arrive in time; try again, and if it fails again send the batch in parts")]
    BodyTooSlow,
    /// No sale with the id, or no line with the number, was taken from the user.
    #[error("no sale with this id was taken from you, or it has no line with this number")]
    NoSuchSale,
    /// No such page.
    #[error("there is nothing here")]
    NotFound,
    /// An internal failure; nothing was accepted.
    #[error("the service failed and accepted nothing; try again, and if it fails again see its log")]
    Internal,
    /// A database or the queue is away for the moment, or there is no room.
    #[error("the service cannot take data at the moment; try again shortly")]
    Unavailable,
}

impl ApiProblem {
    /// Every problem. A test compares the codes with the documentation.
    pub const ALL: [Self; 14] = [
        Self::Unauthorized,
        Self::WrongCredentials,
        Self::TooManyAttempts,
        Self::UnreadableBody { line: 1, column: 1 },
        Self::NotUnpacked,
        Self::NoSale { row: 1 },
        Self::EmptyBatch,
        Self::BatchTooLarge(BatchLimit::Notices),
        Self::BodyTooSlow,
        Self::MethodNotAllowed,
        Self::NoSuchSale,
        Self::NotFound,
        Self::Internal,
        Self::Unavailable,
    ];

    /// The code for clients to compare.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Unauthorized => "unauthorized",
            Self::WrongCredentials => "wrong_credentials",
            Self::TooManyAttempts => "too_many_attempts",
            Self::UnreadableBody { .. } | Self::NotUnpacked | Self::NoSale { .. } => "unreadable_body",
            Self::EmptyBatch => "empty_batch",
            Self::BatchTooLarge(_) => "batch_too_large",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::BodyTooSlow => "body_too_slow",
            Self::NoSuchSale => "no_such_sale",
            Self::NotFound => "not_found",
            Self::Internal => "internal",
            Self::Unavailable => "unavailable",
        }
    }
}

#[derive(Serialize)]
struct ProblemBody {
    code: &'static str,
    status: u16,
    detail: String,
}

impl ResponseError for ApiProblem {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::Unauthorized | Self::WrongCredentials => StatusCode::UNAUTHORIZED,
            Self::TooManyAttempts => StatusCode::TOO_MANY_REQUESTS,
            Self::UnreadableBody { .. } | Self::NotUnpacked | Self::NoSale { .. } | Self::EmptyBatch => {
                StatusCode::BAD_REQUEST
            }
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::BatchTooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::BodyTooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::NoSuchSale | Self::NotFound => StatusCode::NOT_FOUND,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    fn error_response(&self) -> HttpResponse {
        let status = self.status_code();
        let mut response = HttpResponse::build(status);
        match self {
            Self::Unauthorized => {
                response.insert_header((WWW_AUTHENTICATE, "Bearer"));
            }
            Self::TooManyAttempts | Self::Unavailable => {
                response.insert_header((RETRY_AFTER, "5"));
            }
            _ => {}
        }
        let body = ProblemBody { code: self.code(), status: status.as_u16(), detail: self.to_string() };
        response.content_type("application/problem+json").json(body)
    }
}
