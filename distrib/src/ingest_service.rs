//! Asks the ingest service for what only it can do: undo, mapping, originals. Internal HTTP, with a token made for it.

use std::time::Duration;

use caudal_shared::command::{CommandRefused, PATH};
use caudal_shared::secret::SecretKey;
use caudal_shared::token::{self, Audience};
use chrono::Utc;
use ureq::Agent;
use ureq::http::{Response, StatusCode};

/// The ingest service as the pages see it. All of it blocks.
#[derive(Clone)]
pub struct IngestService {
    agent: Agent,
    url: String,
    key: SecretKey,
}

/// Why a command was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// It does not fit the import; the reason is for whoever asked.
    #[error(transparent)]
    Refused(#[from] CommandRefused),
    /// The service is away, or does not answer as it should. The text is for the log.
    #[error("the ingest service at {url} did not answer as it should: {reason}")]
    Away {
        /// Where it was asked.
        url: String,
        /// What happened.
        reason: String,
    },
}

/// Reading a large workbook again may take this long.
const PATIENCE: Duration = Duration::from_secs(90);
/// The largest file that is fetched: as large as a file may be.
const MOST_BYTES: u64 = 4 * 1024 * 1024 * 1024;

impl IngestService {
    /// The service at this address.
    #[must_use]
    pub fn new(url: &str, key: SecretKey) -> Self {
        let agent = Agent::config_builder()
            .timeout_global(Some(PATIENCE))
            .http_status_as_error(false)
            .proxy(None)
            .build()
            .new_agent();
        Self { agent, url: url.to_owned(), key }
    }

    /// Gives a command in a user's name.
    ///
    /// # Errors
    /// [`AskError`].
    pub fn command<T: serde::Serialize>(&self, user: &str, path: &str, body: &T) -> Result<(), AskError> {
        let url = self.address(path);
        let answer = self
            .agent
            .post(&url)
            .header("authorization", self.authorization(user, &url)?)
            .send_json(body)
            .map_err(|error| away(&url, error))?;
        self.accepted(&url, answer).map(drop)
    }

    /// Fetches a file in a user's name.
    ///
    /// # Errors
    /// [`AskError`].
    pub fn fetch(&self, user: &str, path: &str) -> Result<Vec<u8>, AskError> {
        let url = self.address(path);
        let answer = self
            .agent
            .get(&url)
            .header("authorization", self.authorization(user, &url)?)
            .call()
            .map_err(|error| away(&url, error))?;
        let mut answer = self.accepted(&url, answer)?;
        answer.body_mut().with_config().limit(MOST_BYTES).read_to_vec().map_err(|error| away(&url, error))
    }

    fn address(&self, path: &str) -> String {
        format!("{}{PATH}{path}", self.url)
    }

    fn authorization(&self, user: &str, url: &str) -> Result<String, AskError> {
        let token = token::issue(user, Audience::Commands, &self.key, Utc::now()).map_err(|error| away(url, error))?;
        Ok(format!("Bearer {token}"))
    }

    fn accepted(&self, url: &str, mut answer: Response<ureq::Body>) -> Result<Response<ureq::Body>, AskError> {
        match answer.status() {
            status if status.is_success() => Ok(answer),
            StatusCode::CONFLICT | StatusCode::NOT_FOUND | StatusCode::UNPROCESSABLE_ENTITY => {
                let refused: CommandRefused = answer.body_mut().read_json().map_err(|error| away(url, error))?;
                Err(refused.into())
            }
            status => Err(away(url, status)),
        }
    }
}

fn away(url: &str, reason: impl std::fmt::Display) -> AskError {
    AskError::Away { url: url.to_owned(), reason: reason.to_string() }
}
