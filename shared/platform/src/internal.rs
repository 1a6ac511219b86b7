//! How one service asks the other over HTTP inside an installation, with a token made for the question.

use std::time::Duration;

use chrono::Utc;
use ureq::Agent;
use ureq::http::Response;

use crate::database::masked;
use crate::secret::SecretKey;
use crate::token::{self, Audience};

/// The other service. All of it blocks.
#[derive(Clone)]
pub struct Peer {
    agent: Agent,
    url: String,
    audience: Audience,
    key: SecretKey,
}

/// The other service is away, or does not answer as it should. The text is for the log.
#[derive(Debug, thiserror::Error)]
#[error("{url} did not answer as it should: {reason}")]
pub struct PeerError {
    /// Where it was asked; masked.
    pub url: String,
    /// What happened.
    pub reason: String,
}

/// Reading a large workbook again may take this long: somewhat more than the default of `CAUDAL_READ_SECONDS`.
const PATIENCE: Duration = Duration::from_secs(150);
/// The largest answer: as large as a file may be.
const MOST_BYTES: u64 = 4 * 1024 * 1024 * 1024;

impl Peer {
    /// The service at this address, for questions of one kind.
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

    /// Fetches `path` in a user's name: the status and the bytes.
    ///
    /// # Errors
    /// [`PeerError`].
    pub fn get(&self, user: &str, path: &str) -> Result<(u16, Vec<u8>), PeerError> {
        let url = self.address(path);
        let authorization = self.authorization(user, &url)?;
        let answer = self.agent.get(&url).header("authorization", authorization).call();
        read(&url, answer)
    }

    /// The same, given up after so long.
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

    /// Sends `body` as JSON to `path` in a user's name: the status and the bytes of the answer.
    ///
    /// # Errors
    /// [`PeerError`].
    pub fn post<T: serde::Serialize>(&self, user: &str, path: &str, body: &T) -> Result<(u16, Vec<u8>), PeerError> {
        let url = self.address(path);
        let authorization = self.authorization(user, &url)?;
        let answer = self.agent.post(&url).header("authorization", authorization).send_json(body);
        read(&url, answer)
    }

    /// The address of a path there.
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
