//! Asks the ingest service for what only it can do: undo, mapping, originals. See [`caudal_platform::internal`].

use std::time::Duration;

use caudal_contract::command::{CommandRefused, PATH};
use caudal_platform::internal::{Peer, PeerError};
use caudal_platform::secret::SecretKey;
use caudal_platform::token::Audience;

/// The ingest service as the pages see it. All of it blocks.
#[derive(Clone)]
pub struct IngestService(Peer);

/// Why a command was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// It does not fit the import; the reason is for whoever asked.
    #[error(transparent)]
    Refused(#[from] CommandRefused),
    /// The service is away, or does not answer as it should.
    #[error("the ingest service: {0}")]
    Away(#[from] PeerError),
}

impl IngestService {
    /// The service at this address.
    #[must_use]
    pub fn new(url: &str, key: SecretKey) -> Self {
        Self(Peer::new(&format!("{url}{PATH}"), Audience::Commands, key))
    }

    /// Gives a command in a user's name.
    ///
    /// # Errors
    /// [`AskError`].
    pub fn command<T: serde::Serialize>(&self, user: &str, path: &str, body: &T) -> Result<(), AskError> {
        self.accepted(path, self.0.post(user, path, body)?).map(drop)
    }

    /// Fetches a file in a user's name.
    ///
    /// # Errors
    /// [`AskError`].
    pub fn fetch(&self, user: &str, path: &str) -> Result<Vec<u8>, AskError> {
        self.accepted(path, self.0.get(user, path)?)
    }

    /// The same for what a page only mentions: it does not wait long.
    ///
    /// # Errors
    /// [`AskError`].
    pub fn fetch_soon(&self, user: &str, path: &str) -> Result<Vec<u8>, AskError> {
        self.accepted(path, self.0.get_within(user, path, Duration::from_secs(2))?)
    }

    fn accepted(&self, path: &str, (status, bytes): (u16, Vec<u8>)) -> Result<Vec<u8>, AskError> {
        if (200..300).contains(&status) {
            return Ok(bytes);
        }
        match serde_json::from_slice::<CommandRefused>(&bytes) {
            Ok(refused) => Err(refused.into()),
            Err(_) => Err(PeerError { url: self.0.address(path), reason: format!("status {status}") }.into()),
        }
    }
}
