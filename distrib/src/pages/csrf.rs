//! Proves that a form came from one of our pages and was sent from one of our pages.
//!
//! Every form carries a token: the HMAC of the reader's session, or of a random cookie before the login. In addition, a request
//! that changes something must come from the same origin, as browsers report in `Sec-Fetch-Site` and `Origin`.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{HOST, HeaderMap, ORIGIN};
use actix_web::middleware::Next;
use actix_web::web;
use caudal_contract::message::{from_hex, to_hex};
use caudal_platform::secret::SecretKey;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::{PageError, Pages};

/// The value that a token is bound to. The two kinds never share a token, even if their values are equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bond<'a> {
    /// The value of a session cookie.
    Session(&'a str),
    /// The value of the cookie of a visitor without a login.
    Visit(&'a str),
}

/// The token for forms.
#[must_use]
pub fn token(key: &SecretKey, bond: Bond<'_>) -> String {
    mac(key, bond).map_or_else(String::new, |mac| to_hex(&mac.finalize().into_bytes()))
}

/// Whether the token of a form belongs to this bond. The comparison takes constant time.
#[must_use]
pub fn is_good(key: &SecretKey, bond: Bond<'_>, token: &str) -> bool {
    match (from_hex::<32>(token), mac(key, bond)) {
        (Some(token), Some(mac)) => mac.verify_slice(&token).is_ok(),
        _ => false,
    }
}

fn mac(key: &SecretKey, bond: Bond<'_>) -> Option<Hmac<Sha256>> {
    let (kind, value) = match bond {
        Bond::Session(value) => ("session", value),
        Bond::Visit(value) => ("visit", value),
    };
    let mut mac = Hmac::<Sha256>::new_from_slice(key.bytes()).ok()?;
    mac.update(kind.as_bytes());
    mac.update(b":");
    mac.update(value.as_bytes());
    Some(mac)
}

/// Middleware: refuses requests that change something and come from another site.
///
/// # Errors
/// The error of an inner service.
pub async fn same_origin(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let public_url = request.app_data::<web::Data<Pages>>().map(|pages| pages.config.public_url.as_str());
    if !request.method().is_safe() && !is_same_origin(request.headers(), public_url) {
        return Ok(request.error_response(PageError::Forbidden).map_into_right_body());
    }
    Ok(next.call(request).await?.map_into_left_body())
}

fn is_same_origin(headers: &HeaderMap, public_url: Option<&str>) -> bool {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    if text("sec-fetch-site").is_some_and(|site| !matches!(site, "same-origin" | "none")) {
        return false;
    }
    let Some(origin) = text(ORIGIN.as_str()) else { return true };
    let host = origin.split_once("://").map(|(_, host)| host);
    // Behind a gateway the `Host` header may differ, but the origin is then the public URL.
    public_url == Some(origin) || (host.is_some() && host == text(HOST.as_str()))
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};
    use caudal_platform::secret::Secrets;

    use super::*;

    fn key() -> SecretKey {
        Secrets::load_or_create(tempfile::tempdir().unwrap().path()).unwrap().csrf_key
    }

    #[test]
    fn a_token_is_good_for_its_own_session_only() {
        let key = key();
        let ours = token(&key, Bond::Session("a"));
        assert!(is_good(&key, Bond::Session("a"), &ours));
        assert!(!is_good(&key, Bond::Session("b"), &ours), "another session");
        assert!(!is_good(&key, Bond::Visit("a"), &ours), "from before the login");
        assert!(!is_good(&self::key(), Bond::Session("a"), &ours), "another key");
        assert!(!is_good(&key, Bond::Session("a"), ""));
        assert!(!is_good(&key, Bond::Session("a"), &ours[..62]));
    }

    #[test]
    fn requests_of_other_sites_are_told_apart() {
        let check = |pairs: &[(&'static str, &'static str)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in pairs {
                headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
            }
            is_same_origin(&headers, Some("https://vendas.example"))
        };
        assert!(check(&[
            ("host", "127.0.0.1:8000"),
            ("origin", "http://127.0.0.1:8000"),
            ("sec-fetch-site", "same-origin")
        ]));
        assert!(check(&[("host", "caudal:8000"), ("origin", "https://vendas.example")]), "behind a gateway");
        assert!(check(&[("host", "127.0.0.1:8000")]), "an old browser says neither");
        assert!(!check(&[("host", "127.0.0.1:8000"), ("sec-fetch-site", "cross-site")]));
        assert!(!check(&[("host", "127.0.0.1:8000"), ("sec-fetch-site", "same-site")]));
        assert!(!check(&[("host", "127.0.0.1:8000"), ("origin", "https://evil.example")]));
        assert!(!check(&[("host", "127.0.0.1:8000"), ("origin", "null")]));
    }
}
