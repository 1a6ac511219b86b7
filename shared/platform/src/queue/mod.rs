//! The durable queue between the services.
//!
//! One interface with two implementations, chosen by URL: the embedded queue in SQLite, or RabbitMQ. Delivery is at
//! least once: a message that was claimed and not acknowledged comes again, so consumers must apply each message id
//! once.

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

/// The location of the queue.
#[derive(Clone, PartialEq, Eq)]
pub enum QueueUrl {
    /// The file of the embedded queue.
    Sqlite(PathBuf),
    /// The URL of a RabbitMQ broker as given, with its password.
    RabbitMq(String),
}

/// The URL names no known queue.
#[derive(Debug, thiserror::Error)]
pub enum QueueUrlError {
    /// The scheme is neither SQLite nor RabbitMQ.
    #[error("\"{scheme}\" is not a queue that Caudal knows; use sqlite:PATH or amqp://USER:PASSWORD@HOST/VHOST")]
    UnknownScheme {
        /// The text before `://`, never the rest, because that may hold a password.
        scheme: String,
    },
    /// TLS support is not compiled in.
    #[error(
        "Caudal does not support amqps; keep the broker in the same network as Caudal, or put a TLS tunnel between them"
    )]
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

/// A queue operation failed. Nothing was lost; the caller tries again.
#[derive(Debug, thiserror::Error)]
pub enum QueueError {
    /// The embedded queue's database failed.
    #[error("the queue: {0}")]
    Database(#[from] DatabaseError),
    /// The thread that talks to the queue ended early.
    #[error("the queue's thread ended: {0}")]
    Thread(#[from] tokio::task::JoinError),
    /// No thread could be started to talk to the queue.
    #[error("the queue's thread cannot be started: {reason}")]
    NoThread {
        /// The text of the system.
        reason: String,
    },
    /// The broker cannot be reached, or it refuses us.
    #[error("the queue {url} cannot be reached: {reason}")]
    Connect {
        /// The URL, masked.
        url: String,
        /// The text of the broker or the network.
        reason: String,
    },
    /// The URL holds the password with which every broker is delivered.
    #[error("the queue {url} uses the default user and password of every broker; create a user for Caudal")]
    Guest {
        /// The URL, masked.
        url: String,
    },
    /// The broker, or the connection to it, failed.
    #[error("the queue's broker: {0}")]
    Broker(#[from] lapin::Error),
    /// The broker has a queue or exchange of our name with other settings.
    #[error(
        "the queue's broker has a queue or an exchange with Caudal's name but other settings ({reason}); delete the exchange on the management pages, or the queue there or by rabbitmqctl delete_queue --vhost VHOST NAME: Caudal creates it again and publishes the unanswered messages again"
    )]
    OtherSettings {
        /// The broker's text, which names the object and the difference.
        reason: String,
    },
    /// The broker did not answer in time, so the outcome is unknown.
    #[error("the queue's broker did not answer in {after:?} ({operation})")]
    Late {
        /// The operation.
        operation: &'static str,
        /// The length of the wait.
        after: Duration,
    },
    /// The broker is short of memory or disk and reads nothing from publishers.
    #[error(
        "the queue's broker is short of memory or disk space and takes no messages; free some, and Caudal resumes by itself"
    )]
    Blocked,
    /// The broker refused messages, most likely because its queue is full.
    #[error("the queue's broker refused {count} messages; the queue may be full")]
    Refused {
        /// The number of messages.
        count: usize,
    },
    /// No queue is bound to the routing key of the messages.
    #[error("the queue's broker had no queue for {count} messages")]
    Unroutable {
        /// The number of messages.
        count: usize,
    },
    /// The connection was replaced after the message was claimed, so the broker hands the message out again.
    #[error("a message was claimed on a connection that has ended")]
    Stale,
    /// The broker ended the subscription, for example because the queue was deleted.
    #[error("the queue's broker ended the subscription")]
    Cancelled,
}

impl From<diesel::result::Error> for QueueError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Database(error.into())
    }
}

/// The number of messages that a worker claims at once from a broker.
pub const CLAIM_BATCH: u8 = 8;

/// A message to publish.
#[derive(Debug, Clone)]
pub struct Outgoing {
    /// The id of the message, which never changes.
    pub message_id: MessageId,
    /// JSON.
    pub payload: Vec<u8>,
}

/// A message that a consumer holds until it acknowledges or releases it, or until the lease ends.
#[derive(Debug, Clone)]
pub struct Claimed {
    /// JSON, as published.
    pub payload: Vec<u8>,
    /// How often it was handed out.
    pub handed_out: DeliveryCount,
    tag: Tag,
}

/// How often a message was handed out without an acknowledgement, including this time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryCount {
    /// Once.
    First,
    /// More than once: an earlier consumer ended or lost its connection.
    Again,
    /// So often that the message itself may be what ends its consumers.
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
    /// Opens the embedded queue and prepares its tables. A broker is connected to on first use; its prefetch is sized
    /// for `workers` of this process side by side.
    ///
    /// # Errors
    /// [`QueueError`] if the queue cannot be opened.
    pub fn open(url: &QueueUrl, workers: u8) -> Result<Self, QueueError> {
        match url {
            QueueUrl::Sqlite(path) => EmbeddedQueue::open(path).map(Self::Embedded),
            QueueUrl::RabbitMq(url) => RabbitMqQueue::new(url, workers).map(Self::RabbitMq),
        }
    }

    /// Frees all leases at once when a consumer starts, so that the messages of dead consumers wait no longer. A
    /// consumer that is still alive may lose its claim, but its message is still applied only once because of the
    /// message id. (A broker frees the messages of a dead consumer itself.)
    ///
    /// # Errors
    /// [`QueueError`] if the queue cannot be reached.
    pub fn free_leases(&self) -> Result<(), QueueError> {
        match self {
            Self::Embedded(queue) => queue.free_leases(),
            Self::RabbitMq(_) => Ok(()),
        }
    }

    /// Publishes all messages. When it returns `Ok`, they are durable.
    ///
    /// # Errors
    /// [`QueueError`]: some of the messages may be in the queue; publish all of them again.
    pub async fn publish(&self, channel: Channel, messages: Vec<Outgoing>) -> Result<(), QueueError> {
        match self {
            Self::Embedded(queue) => {
                let queue = queue.clone();
                tokio::task::spawn_blocking(move || queue.publish(channel, &messages)).await?
            }
            Self::RabbitMq(queue) => queue.publish(channel, &messages).await,
        }
    }

    /// Whether the broker is new or lost its data, so that all unanswered messages must be published again. After that,
    /// call [`Queue::mark`]. (Messages lost by the embedded queue are published again after a while.)
    ///
    /// # Errors
    /// [`QueueError`] if the broker cannot be reached.
    pub async fn has_lost_its_messages(&self) -> Result<bool, QueueError> {
        match self {
            Self::Embedded(_) => Ok(false),
            Self::RabbitMq(queue) => queue.has_lost_its_messages().await,
        }
    }

    /// Marks the broker as known: it has, or will be given, all unanswered messages.
    ///
    /// # Errors
    /// [`QueueError`] if the broker cannot be reached.
    pub async fn mark(&self) -> Result<(), QueueError> {
        match self {
            Self::Embedded(_) => Ok(()),
            Self::RabbitMq(queue) => queue.mark().await,
        }
    }

    /// Returns the count of unroutable messages if it changed since the last check, because somebody deleted a binding.
    /// The broker confirmed these messages as published. The caller must [`Queue::restore`] the bindings, publish the
    /// unanswered messages again, and then call [`Queue::acknowledge_unroutable`]. The count is checked every five seconds.
    ///
    /// # Errors
    /// [`QueueError`] if the broker cannot be reached.
    pub async fn unroutable(&self) -> Result<Option<u32>, QueueError> {
        match self {
            Self::Embedded(_) => Ok(None),
            Self::RabbitMq(queue) => queue.unroutable().await,
        }
    }

    /// Records that `count` [`Queue::unroutable`] are known and that the messages behind them will be published again.
    pub fn acknowledge_unroutable(&self, count: u32) {
        match self {
            Self::Embedded(_) => {}
            Self::RabbitMq(queue) => queue.acknowledge_unroutable(count),
        }
    }

    /// Declares all queues, exchanges and bindings again, because somebody deleted some of them. (A new connection does
    /// that too.)
    ///
    /// # Errors
    /// [`QueueError`] if the broker cannot be reached.
    pub async fn restore(&self) -> Result<(), QueueError> {
        match self {
            Self::Embedded(_) => Ok(()),
            Self::RabbitMq(queue) => queue.restore().await,
        }
    }

    /// Claims up to `most` messages, oldest first. An empty answer means that no message waits; on a broker it takes a
    /// moment to find that out.
    ///
    /// # Errors
    /// [`QueueError`] if the queue cannot be reached.
    pub async fn claim(&self, channel: Channel, most: u32) -> Result<Vec<Claimed>, QueueError> {
        match self {
            Self::Embedded(queue) => {
                let queue = queue.clone();
                tokio::task::spawn_blocking(move || queue.claim(channel, most)).await?
            }
            Self::RabbitMq(queue) => queue.claim(channel, most).await,
        }
    }

    /// Removes claimed messages for good. Call it only after their effect is committed, because a crash would lose them
    /// otherwise.
    ///
    /// # Errors
    /// [`QueueError`]: the messages may come again.
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

    /// Gives claimed messages back at once. Call it if the failure was not caused by the messages.
    ///
    /// # Errors
    /// [`QueueError`]: the messages come back when their lease ends.
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

    /// The number of messages not acknowledged yet; on a broker, the number not handed out yet.
    ///
    /// # Errors
    /// [`QueueError`] if the queue cannot be reached.
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
