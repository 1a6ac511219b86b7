//! The durable queue between the services.
//!
//! One interface, chosen by URL: today the embedded queue in SQLite. At least once: a message that was claimed and not
//! acknowledged comes again, so whoever consumes must apply each message id once.

mod embedded;

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use uuid::Uuid;

use crate::database::DatabaseError;
use crate::message::Channel;
use embedded::EmbeddedQueue;

/// Where the queue is.
#[derive(Clone, PartialEq, Eq)]
pub enum QueueUrl {
    /// The embedded queue's file.
    Sqlite(PathBuf),
}

/// The URL names no queue.
#[derive(Debug, thiserror::Error)]
#[error("\"{scheme}\" is no queue that Caudal knows; use sqlite:PATH")]
pub struct QueueUrlError {
    scheme: String,
}

impl FromStr for QueueUrl {
    type Err = QueueUrlError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once(':') {
            Some(("sqlite", path)) if !path.is_empty() => {
                Ok(Self::Sqlite(PathBuf::from(path.strip_prefix("//").unwrap_or(path))))
            }
            Some((scheme, _)) => Err(QueueUrlError { scheme: scheme.to_owned() }),
            None => Err(QueueUrlError { scheme: "(no scheme)".to_owned() }),
        }
    }
}

impl fmt::Display for QueueUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
        }
    }
}

impl fmt::Debug for QueueUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The queue could not do what was asked; nothing was lost, try again.
#[derive(Debug, thiserror::Error)]
pub enum QueueError {
    /// The embedded queue's database failed.
    #[error("the queue: {0}")]
    Database(#[from] DatabaseError),
    /// The thread that talks to it ended early.
    #[error("the queue's thread ended: {0}")]
    Thread(#[from] tokio::task::JoinError),
}

impl From<diesel::result::Error> for QueueError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Database(error.into())
    }
}

/// A message to publish.
#[derive(Debug, Clone)]
pub struct Outgoing {
    /// Its name for ever.
    pub message_id: Uuid,
    /// JSON.
    pub payload: Vec<u8>,
}

/// A message that this consumer holds until it acknowledges or releases it, or the lease ends.
#[derive(Debug)]
pub struct Claimed {
    /// JSON, as published.
    pub payload: Vec<u8>,
    tag: Tag,
}

#[derive(Debug, Clone, Copy)]
enum Tag {
    Embedded { id: i64, claim: i64 },
}

/// A durable queue.
#[derive(Clone)]
pub enum Queue {
    /// In SQLite.
    Embedded(EmbeddedQueue),
}

impl Queue {
    /// Opens the queue and prepares what it needs.
    ///
    /// # Errors
    /// [`QueueError`] when it cannot be reached.
    pub fn open(url: &QueueUrl) -> Result<Self, QueueError> {
        match url {
            QueueUrl::Sqlite(path) => EmbeddedQueue::open(path).map(Self::Embedded),
        }
    }

    /// Gives free at once what consumers that died were holding, for a consumer that starts. One that still lives may lose
    /// its claim by this; its message is then applied once all the same, by the message id. (A broker does this itself.)
    ///
    /// # Errors
    /// [`QueueError`] when it cannot be reached.
    pub fn free_leases(&self) -> Result<(), QueueError> {
        match self {
            Self::Embedded(queue) => queue.free_leases(),
        }
    }

    /// Publishes all messages; when it returns `Ok` they are durable.
    ///
    /// # Errors
    /// [`QueueError`]: some or none may be in the queue; publish all of them again.
    pub async fn publish(&self, channel: Channel, messages: Vec<Outgoing>) -> Result<(), QueueError> {
        match self {
            Self::Embedded(queue) => {
                let queue = queue.clone();
                tokio::task::spawn_blocking(move || queue.publish(channel, &messages)).await?
            }
        }
    }

    /// Claims up to `most` messages, oldest first. An empty answer means that nothing waits.
    ///
    /// # Errors
    /// [`QueueError`] when it cannot be reached.
    pub async fn claim(&self, channel: Channel, most: u32) -> Result<Vec<Claimed>, QueueError> {
        match self {
            Self::Embedded(queue) => {
                let queue = queue.clone();
                tokio::task::spawn_blocking(move || queue.claim(channel, most)).await?
            }
        }
    }

    /// Removes claimed messages for good: call it after their effect is committed.
    ///
    /// # Errors
    /// [`QueueError`]: they may come again.
    pub async fn acknowledge(&self, claimed: &[Claimed]) -> Result<(), QueueError> {
        match self {
            Self::Embedded(queue) => {
                let (queue, tags) = (queue.clone(), tags(claimed));
                tokio::task::spawn_blocking(move || queue.acknowledge(&tags)).await?
            }
        }
    }

    /// Gives claimed messages back at once.
    ///
    /// # Errors
    /// [`QueueError`]: they come back when their lease ends.
    pub async fn release(&self, claimed: &[Claimed]) -> Result<(), QueueError> {
        match self {
            Self::Embedded(queue) => {
                let (queue, tags) = (queue.clone(), tags(claimed));
                tokio::task::spawn_blocking(move || queue.release(&tags)).await?
            }
        }
    }

    /// How many messages were not acknowledged yet.
    ///
    /// # Errors
    /// [`QueueError`] when it cannot be reached.
    pub async fn depth(&self, channel: Channel) -> Result<u64, QueueError> {
        match self {
            Self::Embedded(queue) => {
                let queue = queue.clone();
                tokio::task::spawn_blocking(move || queue.depth(channel)).await?
            }
        }
    }
}

fn tags(claimed: &[Claimed]) -> Vec<Tag> {
    claimed.iter().map(|message| message.tag).collect()
}
