//! The durable queue between the services.
//!
//! One interface, chosen by URL: the embedded queue in SQLite, or RabbitMQ. At least once: a message that was claimed and
//! not acknowledged comes again, so whoever consumes must apply each message id once.

mod embedded;
mod rabbitmq;

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use crate::database::{DatabaseError, masked, scheme_of};
use caudal_contract::message::{Channel, MessageId};
use embedded::EmbeddedQueue;
use rabbitmq::RabbitMqQueue;

/// Where the queue is.
#[derive(Clone, PartialEq, Eq)]
pub enum QueueUrl {
    /// The embedded queue's file.
    Sqlite(PathBuf),
    /// A RabbitMQ broker; the URL as given, password and all.
    RabbitMq(String),
}

/// The URL names no queue.
#[derive(Debug, thiserror::Error)]
pub enum QueueUrlError {
    /// Neither SQLite nor RabbitMQ.
    #[error("\"{scheme}\" is no queue that Caudal knows; use sqlite:PATH or amqp://USER:PASSWORD@HOST/VHOST")]
    UnknownScheme {
        /// What stands before `://`, never the rest: it may hold a password.
        scheme: String,
    },
    /// TLS is not compiled in.
    #[error("Caudal does not speak amqps; keep the broker in one network with it, or put a TLS tunnel between them")]
    Tls,
}

impl FromStr for QueueUrl {
    type Err = QueueUrlError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once(':') {
            Some(("sqlite", path)) if !path.is_empty() => {
                Ok(Self::Sqlite(PathBuf::from(path.strip_prefix("//").unwrap_or(path))))
            }
            Some(("amqp", rest)) if rest.starts_with("//") => Ok(Self::RabbitMq(text.to_owned())),
            Some(("amqps", _)) => Err(QueueUrlError::Tls),
            _ => Err(QueueUrlError::UnknownScheme { scheme: scheme_of(text) }),
        }
    }
}

/// The URL without its password.
impl fmt::Display for QueueUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::RabbitMq(url) => f.write_str(&masked(url)),
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
    /// No thread could be made to talk to it.
    #[error("the queue's thread cannot be started: {reason}")]
    NoThread {
        /// What the system said.
        reason: String,
    },
    /// The broker cannot be reached, or refuses us.
    #[error("the queue {url} cannot be reached: {reason}")]
    Connect {
        /// Masked.
        url: String,
        /// What the broker or the network said.
        reason: String,
    },
    /// The password that every broker is delivered with.
    #[error("the queue {url} has the user and password that every broker is delivered with; make a user of its own")]
    Guest {
        /// Masked.
        url: String,
    },
    /// The broker, or the connection to it, failed.
    #[error("the queue's broker: {0}")]
    Broker(#[from] lapin::Error),
    /// The broker has something of our name that is not what we declare.
    #[error(
        "the queue's broker holds something of Caudal's name that was made with other settings ({reason}); delete it there, an exchange on the management pages, a queue there or by rabbitmqctl delete_queue --vhost VHOST NAME: Caudal makes it anew and publishes again what was not answered"
    )]
    OtherSettings {
        /// What the broker said: which one, and in what it differs.
        reason: String,
    },
    /// No answer in time: whether it was done is not known.
    #[error("the queue's broker did not answer in {after:?} ({operation})")]
    Late {
        /// What was asked.
        operation: &'static str,
        /// How long was waited.
        after: Duration,
    },
    /// The broker is short of memory or disk and reads nothing from those who publish.
    #[error("the queue's broker is short of memory or disk and takes no messages; free some, it goes on by itself")]
    Blocked,
    /// The broker did not take messages, most likely because its queue is full.
    #[error("the queue's broker refused {count} messages; its queue may be full")]
    Refused {
        /// How many.
        count: usize,
    },
    /// No queue is bound to where the messages were sent.
    #[error("the queue's broker had no queue for {count} messages")]
    Unroutable {
        /// How many.
        count: usize,
    },
    /// The connection was replaced since a message was claimed: the broker hands it out again.
    #[error("a message was claimed on a connection that is gone")]
    Stale,
    /// The broker ended the subscription, say because the queue was deleted.
    #[error("the queue's broker ended the subscription")]
    Cancelled,
}

impl From<diesel::result::Error> for QueueError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Database(error.into())
    }
}

/// Messages that a worker claims at once from a broker.
pub const A_WORKER: u8 = 8;

/// A message to publish.
#[derive(Debug, Clone)]
pub struct Outgoing {
    /// Its name for ever.
    pub message_id: MessageId,
    /// JSON.
    pub payload: Vec<u8>,
}

/// A message that this consumer holds until it acknowledges or releases it, or the lease ends.
#[derive(Debug, Clone)]
pub struct Claimed {
    /// JSON, as published.
    pub payload: Vec<u8>,
    /// How often it was handed out.
    pub handed_out: HandedOut,
    tag: Tag,
}

/// How often a message was handed out, this time included, without being acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HandedOut {
    /// Once.
    First,
    /// More often: whoever had it ended, or lost the connection.
    Again,
    /// So often that it may be what ends its consumers.
    TooOften,
}

#[derive(Debug, Clone)]
enum Tag {
    Embedded { id: i64, claim: i64 },
    RabbitMq { acker: Box<lapin::Acker>, consumer: u64 },
}

/// A durable queue.
#[derive(Clone)]
pub enum Queue {
    /// In SQLite.
    Embedded(EmbeddedQueue),
    /// On a RabbitMQ broker.
    RabbitMq(RabbitMqQueue),
}

impl Queue {
    /// Opens the embedded queue and prepares what it needs. A broker is connected to when it is first used; it hands out enough for
    /// so many `workers` of this process side by side.
    ///
    /// # Errors
    /// [`QueueError`] when it cannot be opened.
    pub fn open(url: &QueueUrl, workers: u8) -> Result<Self, QueueError> {
        match url {
            QueueUrl::Sqlite(path) => EmbeddedQueue::open(path).map(Self::Embedded),
            QueueUrl::RabbitMq(url) => RabbitMqQueue::new(url, workers).map(Self::RabbitMq),
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
            Self::RabbitMq(_) => Ok(()),
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
            Self::RabbitMq(queue) => queue.publish(channel, &messages).await,
        }
    }

    /// Whether the broker is new or lost everything it had, so that what was not answered must be published again; then
    /// [`Queue::mark`] it. (What the embedded queue loses is published again after a while.)
    ///
    /// # Errors
    /// [`QueueError`] when it cannot be reached.
    pub async fn is_empty_handed(&self) -> Result<bool, QueueError> {
        match self {
            Self::Embedded(_) => Ok(false),
            Self::RabbitMq(queue) => queue.is_empty_handed().await,
        }
    }

    /// Marks the broker as one that has, or will be given, all that was not answered.
    ///
    /// # Errors
    /// [`QueueError`] when it cannot be reached.
    pub async fn mark(&self) -> Result<(), QueueError> {
        match self {
            Self::Embedded(_) => Ok(()),
            Self::RabbitMq(queue) => queue.mark().await,
        }
    }

    /// How many messages the broker brought to no queue, where that has changed: somebody has deleted a binding. They count as
    /// published; [`Queue::restore`] it, have them published again, and then say so by [`Queue::strays_answered`]. Looked at every
    /// five seconds.
    ///
    /// # Errors
    /// [`QueueError`] when it cannot be reached.
    pub async fn strays(&self) -> Result<Option<u32>, QueueError> {
        match self {
            Self::Embedded(_) => Ok(None),
            Self::RabbitMq(queue) => queue.strays().await,
        }
    }

    /// That so many [`Queue::strays`] are known, and what they stand for is published again.
    pub fn strays_answered(&self, count: u32) {
        match self {
            Self::Embedded(_) => {}
            Self::RabbitMq(queue) => queue.strays_answered(count),
        }
    }

    /// Makes again what somebody has deleted on the broker. (A new connection does that too.)
    ///
    /// # Errors
    /// [`QueueError`] when it cannot be reached.
    pub async fn restore(&self) -> Result<(), QueueError> {
        match self {
            Self::Embedded(_) => Ok(()),
            Self::RabbitMq(queue) => queue.restore().await,
        }
    }

    /// Claims up to `most` messages, oldest first. An empty answer means that nothing waits; on a broker that takes a moment
    /// to find out.
    ///
    /// # Errors
    /// [`QueueError`] when it cannot be reached.
    pub async fn claim(&self, channel: Channel, most: u32) -> Result<Vec<Claimed>, QueueError> {
        match self {
            Self::Embedded(queue) => {
                let queue = queue.clone();
                tokio::task::spawn_blocking(move || queue.claim(channel, most)).await?
            }
            Self::RabbitMq(queue) => queue.claim(channel, most).await,
        }
    }

    /// Removes claimed messages for good: call it after their effect is committed.
    ///
    /// # Errors
    /// [`QueueError`]: they may come again.
    pub async fn acknowledge(&self, claimed: &[Claimed]) -> Result<(), QueueError> {
        let tags: Vec<Tag> = claimed.iter().map(|message| message.tag.clone()).collect();
        match self {
            Self::Embedded(queue) => {
                let queue = queue.clone();
                tokio::task::spawn_blocking(move || queue.acknowledge(&tags)).await?
            }
            Self::RabbitMq(queue) => queue.acknowledge(&tags).await,
        }
    }

    /// Gives claimed messages back at once, where the failure was not theirs.
    ///
    /// # Errors
    /// [`QueueError`]: they come back when their lease ends.
    pub async fn release(&self, channel: Channel, claimed: Vec<Claimed>) -> Result<(), QueueError> {
        match self {
            Self::Embedded(queue) => {
                let queue = queue.clone();
                let tags: Vec<Tag> = claimed.into_iter().map(|message| message.tag).collect();
                tokio::task::spawn_blocking(move || queue.release(&tags)).await?
            }
            Self::RabbitMq(queue) => {
                queue.release(channel, claimed).await;
                Ok(())
            }
        }
    }

    /// How many messages were not acknowledged yet; on a broker, how many it has not handed out.
    ///
    /// # Errors
    /// [`QueueError`] when it cannot be reached.
    pub async fn depth(&self, channel: Channel) -> Result<u64, QueueError> {
        match self {
            Self::Embedded(queue) => {
                let queue = queue.clone();
                tokio::task::spawn_blocking(move || queue.depth(channel)).await?
            }
            Self::RabbitMq(queue) => queue.depth(channel).await,
        }
    }

    /// Whether the broker takes no messages because it is short of memory or disk.
    #[must_use]
    pub fn is_blocked(&self) -> bool {
        match self {
            Self::Embedded(_) => false,
            Self::RabbitMq(queue) => queue.is_blocked(),
        }
    }
}
