//! Requests between the services of an installation, over HTTP and with a token made for each request.

use std::time::Duration;

use chrono::Utc;
use ureq::Agent;
use ureq::http::Response;

use crate::database::masked;
use crate::secret::SecretKey;
use crate::token::{self, Audience};

/// A client of the other service. All its calls block.
#[derive(Clone)]
pub struct Peer {
    agent: Agent,
    url: String,
    audience: Audience,
    key: SecretKey,
}

/// The other service is away, or its answer is invalid. The text is for the log.
#[derive(Debug, thiserror::Error)]
#[error("{url} gave no valid answer: {reason}")]
pub struct PeerError {
    /// The address that was asked; masked.
    pub url: String,
    /// The failure.
    pub reason: String,
}

/// Reading a large workbook again may take this long: somewhat more than the default of `CAUDAL_READ_SECONDS`.
const PATIENCE: Duration = Duration::from_secs(150);
/// The largest answer: as large as the largest file allowed.
const MOST_BYTES: u64 = 4 * 1024 * 1024 * 1024;

impl Peer {
    /// A client for requests of one kind to the service at `url`.
    #[must_use]
    pub fn new(url: &str, audience: Audience, key: SecretKey) -> Self {
        let agent = Agent::config_builder()
            .timeout_global(Some(PATIENCE))
            .http_status_as_error(false)
            .proxy(None)
            .build()
            .new_agent();
        Self { agent, url: url.to_owned(), audience, key }
    }

    /// Fetches `path` in the name of a user. Returns the status and the bytes.
    ///
    /// # Errors
    /// [`PeerError`].
    pub fn get(&self, user: &str, path: &str) -> Result<(u16, Vec<u8>), PeerError> {
        let url = self.address(path);
        let authorization = self.authorization(user, &url)?;
        let answer = self.agent.get(&url).header("authorization", authorization).call();
        read(&url, answer)
    }

    /// Like [`Self::get`], but gives up after `limit`.
    ///
    /// # Errors
    /// [`PeerError`].
    pub fn get_within(&self, user: &str, path: &str, limit: Duration) -> Result<(u16, Vec<u8>), PeerError> {
        let url = self.address(path);
        let authorization = self.authorization(user, &url)?;
        let request = self.agent.get(&url).config().timeout_global(Some(limit)).build();
        let answer = request.header("authorization", authorization).call();
        read(&url, answer)
    }

    /// Sends `body` as JSON to `path` in the name of a user. Returns the status and the bytes of the answer.
    ///
    /// # Errors
    /// [`PeerError`].
    pub fn post<T: serde::Serialize>(&self, user: &str, path: &str, body: &T) -> Result<(u16, Vec<u8>), PeerError> {
        let url = self.address(path);
        let authorization = self.authorization(user, &url)?;
        let answer = self.agent.post(&url).header("authorization", authorization).send_json(body);
        read(&url, answer)
    }

    /// The full address of a path on the other service.
    #[must_use]
    pub fn address(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    fn authorization(&self, user: &str, url: &str) -> Result<String, PeerError> {
        let token = token::issue(user, self.audience, &self.key, Utc::now()).map_err(|error| failed(url, error))?;
        Ok(format!("Bearer {token}"))
    }
}

fn read(url: &str, answer: Result<Response<ureq::Body>, ureq::Error>) -> Result<(u16, Vec<u8>), PeerError> {
    let mut answer = answer.map_err(|error| failed(url, error))?;
    let bytes = answer.body_mut().with_config().limit(MOST_BYTES).read_to_vec().map_err(|error| failed(url, error))?;
    Ok((answer.status().as_u16(), bytes))
}

fn failed(url: &str, reason: impl std::fmt::Display) -> PeerError {
    PeerError { url: masked(url), reason: reason.to_string() }
}
