//! Sends the ingest service the requests that only it can answer: undo, mapping, originals. See [`caudal_platform::internal`].

use std::time::Duration;

use caudal_contract::command::{CommandRefused, PATH};
use caudal_platform::internal::{Peer, PeerError};
use caudal_platform::secret::SecretKey;
use caudal_platform::token::Audience;

/// The ingest service as the pages see it. All its calls block.
#[derive(Clone)]
pub struct IngestService(Peer);

/// Why a command was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// The command does not fit the import. The reason is for the person who asked.
    #[error(transparent)]
    Refused(#[from] CommandRefused),
    /// The service cannot be reached, or gives an unexpected answer.
    #[error("the ingest service: {0}")]
    Away(#[from] PeerError),
}

impl IngestService {
    /// The service at this address.
    #[must_use]
    pub fn new(url: &str, key: SecretKey) -> Self {
        Self(Peer::new(&format!("{url}{PATH}"), Audience::Commands, key))
    }

    /// Sends a command on behalf of a user.
    ///
    /// # Errors
    /// [`AskError`].
    pub fn command<T: serde::Serialize>(&self, user: &str, path: &str, body: &T) -> Result<(), AskError> {
        self.accepted(path, self.0.post(user, path, body)?).map(drop)
    }

    /// Fetches a file on behalf of a user.
    ///
    /// # Errors
    /// [`AskError`].
    pub fn fetch(&self, user: &str, path: &str) -> Result<Vec<u8>, AskError> {
        self.accepted(path, self.0.get(user, path)?)
    }

    /// Like [`Self::fetch`], but gives up after 2 seconds: for details that a page can do without.
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
