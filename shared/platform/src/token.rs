//! The JWT of API clients, and the tokens for requests between the services.
//!
//! The tokens use HS256 with the installation's own key. Issuer, audience, subject and expiry are all required; without
//! `required_spec_claims` a token that lacks `iss` or `aud` would pass. The algorithm is fixed here and never taken
//! from the token's header.

use std::time::Duration;

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::secret::SecretKey;

const ISSUER: &str = "caudal";

/// The purpose of a token. A token for sending sales is invalid for commands, and the other way round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// The API for sales.
    Sales,
    /// The commands of the pages: undo, mapping, originals.
    Commands,
    /// Questions about what is stored: rehearsals.
    Questions,
}

impl Audience {
    fn name(self) -> &'static str {
        match self {
            Self::Sales => "caudal-ingest",
            Self::Commands => "caudal-ingest-commands",
            Self::Questions => "caudal-distrib-questions",
        }
    }
}

/// The validity of a token.
pub const LIFETIME: Duration = Duration::from_secs(10 * 60);
const LEEWAY_SECONDS: u64 = 30;

/// The claims of a token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// The issuer.
    pub iss: String,
    /// The audience.
    pub aud: String,
    /// The user's name, which becomes the source of the data sent with the token.
    pub sub: String,
    /// The id of the token.
    pub jti: Uuid,
    /// Time of issue in Unix seconds.
    pub iat: i64,
    /// Time of expiry in Unix seconds.
    pub exp: i64,
}

/// The token is invalid. The text is for the log; clients are told no more than "401".
#[derive(Debug, thiserror::Error)]
#[error("the token is invalid: {0}")]
pub struct TokenError(#[from] jsonwebtoken::errors::Error);

/// Makes a token for a user.
///
/// # Errors
/// [`TokenError`] if signing fails.
pub fn issue(
    user: &str,
    audience: Audience,
    key: &SecretKey,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<String, TokenError> {
    let lifetime = i64::try_from(LIFETIME.as_secs()).unwrap_or(i64::MAX);
    let claims = Claims {
        iss: ISSUER.into(),
        aud: audience.name().into(),
        sub: user.into(),
        jti: Uuid::now_v7(),
        iat: now.timestamp(),
        exp: now.timestamp().saturating_add(lifetime),
    };
    let key = EncodingKey::from_secret(key.bytes());
    Ok(jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &key)?)
}

/// Returns the claims of a token if it has our signature and audience and has not expired.
///
/// # Errors
/// [`TokenError`] in every other case.
pub fn verify(token: &str, audience: Audience, key: &SecretKey) -> Result<Claims, TokenError> {
    let mut validation = Validation::new(Algorithm::HS256);
    validation.set_issuer(&[ISSUER]);
    validation.set_audience(&[audience.name()]);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    validation.validate_nbf = true;
    validation.leeway = LEEWAY_SECONDS;
    Ok(jsonwebtoken::decode(token, &DecodingKey::from_secret(key.bytes()), &validation)?.claims)
}

#[cfg(test)]
mod tests {
    use chrono::{TimeDelta, Utc};
    use serde_json::{Value, json};

    use super::*;
    use crate::secret::Secrets;

    fn key() -> SecretKey {
        Secrets::load_or_create(tempfile::tempdir().unwrap().path()).unwrap().token_key
    }

    fn signed(claims: &Value, key: &SecretKey) -> String {
        jsonwebtoken::encode(&Header::default(), claims, &EncodingKey::from_secret(key.bytes())).unwrap()
    }

    #[test]
    fn a_fresh_token_names_its_user() {
        let key = key();
        let token = issue("loja-3", Audience::Sales, &key, Utc::now()).unwrap();
        assert_eq!(verify(&token, Audience::Sales, &key).unwrap().sub, "loja-3");
    }

    #[test]
    fn a_token_for_sales_gives_no_commands() {
        let key = key();
        let token = issue("loja-3", Audience::Sales, &key, Utc::now()).unwrap();
        assert!(verify(&token, Audience::Commands, &key).is_err());
    }

    #[test]
    fn an_old_token_or_one_of_another_key_is_refused() {
        let key = key();
        let old = issue("loja-3", Audience::Sales, &key, Utc::now() - TimeDelta::minutes(11)).unwrap();
        assert!(verify(&old, Audience::Sales, &key).is_err());
        assert!(
            verify(&issue("loja-3", Audience::Sales, &self::key(), Utc::now()).unwrap(), Audience::Sales, &key)
                .is_err()
        );
    }

    #[test]
    fn a_token_without_or_with_a_wrong_claim_is_refused() {
        let key = key();
        let good = json!({"iss": ISSUER, "aud": Audience::Sales.name(), "sub": "ana", "jti": Uuid::now_v7(), "iat": 0, "exp": Utc::now().timestamp() + 60});
        assert!(verify(&signed(&good, &key), Audience::Sales, &key).is_ok());
        for claim in ["iss", "aud", "sub", "exp"] {
            let mut without = good.clone();
            without.as_object_mut().unwrap().remove(claim);
            assert!(verify(&signed(&without, &key), Audience::Sales, &key).is_err(), "without {claim}");
        }
        for claim in ["iss", "aud"] {
            let mut wrong = good.clone();
            wrong[claim] = json!("elsewhere");
            assert!(verify(&signed(&wrong, &key), Audience::Sales, &key).is_err(), "wrong {claim}");
        }
    }

    #[test]
    fn an_unsigned_token_is_refused() {
        // `{"alg":"none"}` with the claims of a real token and no signature.
        let key = key();
        let real = issue("ana", Audience::Sales, &key, Utc::now()).unwrap();
        let claims = real.split('.').nth(1).unwrap();
        assert!(verify(&format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{claims}."), Audience::Sales, &key).is_err());
    }
}
