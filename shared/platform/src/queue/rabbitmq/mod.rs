//! The queue on RabbitMQ.
//!
//! The library's own recovery is off, because it gives up after some tries and can keep a caller waiting for ever. Here
//! a failed connection is thrown away and the operation fails; its caller tries again later with growing pauses, and
//! the retry makes a new connection. Every operation has a time limit. Publishing and consuming have separate
//! connections, because a broker that is short of memory or disk stops reading from publishers, and acknowledgements
//! must still get through.

mod topology;

use std::collections::VecDeque;
use std::future::Future;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use futures_util::{FutureExt, StreamExt};
use lapin::message::Delivery;
use lapin::options::{
    BasicAckOptions, BasicConsumeOptions, BasicPublishOptions, BasicQosOptions, ConfirmSelectOptions,
    QueueDeclareOptions,
};
use lapin::types::FieldTable;
use lapin::uri::AMQPUri;
use lapin::{BasicProperties, Channel as Link, Confirmation, Connection, ConnectionProperties, Consumer, ErrorKind};
use tokio::runtime::{Handle, Runtime};

use super::{CLAIM_BATCH, Claimed, DeliveryCount, Outgoing, QueueError, Tag};
use crate::database::masked;
use caudal_contract::message::Channel;

/// Receipts that the broker hands out ahead of their acknowledgement.
const RECEIPTS_PREFETCH: u16 = 64;
const HEARTBEAT_SECONDS: u16 = 20;
/// How long a claim waits for a message if the queue is empty.
const GLANCE: Duration = Duration::from_millis(200);
const NOT_FOUND: u16 = 404;
const PRECONDITION_FAILED: u16 = 406;

/// Time limits for the broker. After a limit the outcome is unknown, and the operation is tried again.
#[derive(Debug, Clone, Copy)]
struct Patience {
    operation: Duration,
    confirm: Duration,
}

const PATIENCE: Patience = Patience { operation: Duration::from_secs(10), confirm: Duration::from_secs(30) };

/// A queue on a RabbitMQ broker. Connects when it is first used.
#[derive(Clone)]
pub struct RabbitMqQueue {
    shared: Arc<Shared>,
}

struct Shared {
    uri: AMQPUri,
    shown: String,
    workers: u8,
    patience: Patience,
    publishing: Mutex<Option<Arc<Publishing>>>,
    /// Held for a batch. Batches on one channel must not overlap, because the library may hand a returned message to
    /// any publish that is waiting.
    batch: tokio::sync::Mutex<()>,
    processed_data: tokio::sync::Mutex<Option<Consuming>>,
    receipts: tokio::sync::Mutex<Option<Consuming>>,
    unroutable: Mutex<Unroutable>,
    /// Numbers the consumers, so that a claim can be matched to the consumer that made it.
    consumers: AtomicU64,
}

/// The known state of the queue of unroutable messages.
#[derive(Default)]
struct Unroutable {
    /// The count at the last look; `None` before the first one.
    known: Option<u32>,
    next_look: Option<Instant>,
    pause: Duration,
}

const LOOK_FOR_UNROUTABLE: Duration = Duration::from_secs(5);
const LONGEST_PAUSE_FOR_UNROUTABLE: Duration = Duration::from_secs(10 * 60);

struct Publishing {
    connection: Connection,
    link: Link,
    /// Whether the marker was found on this connection.
    marker_seen: AtomicBool,
}

struct Consuming {
    number: u64,
    _connection: Connection,
    link: Link,
    waiting: Consumer,
    dead: Consumer,
    /// Messages claimed before and given back. They stay in this process, because a return to the broker would count as
    /// a failed delivery.
    released: VecDeque<Claimed>,
}

impl RabbitMqQueue {
    /// The queue at `amqp://USER:PASSWORD@HOST:PORT/VHOST`.
    pub(super) fn new(url: &str, workers: u8) -> Result<Self, QueueError> {
        let shown = masked(url);
        let mut uri: AMQPUri =
            url.parse().map_err(|reason: String| QueueError::Connect { url: shown.clone(), reason })?;
        let user = &uri.authority.userinfo;
        if (user.username.as_str(), user.password.as_str()) == ("guest", "guest") && !is_here(&uri.authority.host) {
            return Err(QueueError::Guest { url: shown });
        }
        uri.query.heartbeat.get_or_insert(HEARTBEAT_SECONDS);
        Ok(Self {
            shared: Arc::new(Shared {
                uri,
                shown,
                workers,
                patience: PATIENCE,
                publishing: Mutex::new(None),
                batch: tokio::sync::Mutex::new(()),
                processed_data: tokio::sync::Mutex::new(None),
                receipts: tokio::sync::Mutex::new(None),
                unroutable: Mutex::default(),
                consumers: AtomicU64::new(0),
            }),
        })
    }

    pub(super) async fn publish(&self, channel: Channel, messages: &[Outgoing]) -> Result<(), QueueError> {
        let _alone = self.shared.batch.lock().await;
        let publishing = self.shared.publishing().await?;
        if publishing.connection.status().blocked() {
            return Err(QueueError::Blocked);
        }
        let batch = messages.iter().map(|message| (channel.name(), message));
        let sending =
            self.shared.within("publish", self.shared.patience.confirm, publish_batch(&publishing.link, batch));
        let sent = tokio::select! {
            sent = sending => sent,
            () = until_blocked(&publishing.connection) => Err(QueueError::Blocked),
        };
        match sent {
            // The broker answered, so the connection is good.
            Ok(()) | Err(QueueError::Refused { .. } | QueueError::Unroutable { .. } | QueueError::Blocked) => sent,
            Err(error) => {
                self.shared.forget_publishing();
                Err(error)
            }
        }
    }

    /// Whether the broker lacks our marker, because it is new or lost its data. After the marker was found, the
    /// connection is not asked again.
    pub(super) async fn has_lost_its_messages(&self) -> Result<bool, QueueError> {
        let publishing = self.shared.publishing().await?;
        if publishing.marker_seen.load(Ordering::Acquire) {
            return Ok(false);
        }
        let found = self.shared.count(&publishing, topology::MARKER).await?.is_some();
        publishing.marker_seen.store(found, Ordering::Release);
        Ok(!found)
    }

    /// Declares the marker: from now on the broker is known to have the published messages.
    pub(super) async fn mark(&self) -> Result<(), QueueError> {
        let publishing = self.shared.publishing().await?;
        self.shared.declare(topology::mark(&publishing.link)).await
    }

    /// Returns the count of unroutable messages if it changed since the last check. They stay in the `unroutable` queue
    /// for inspection.
    pub(super) async fn unroutable(&self) -> Result<Option<u32>, QueueError> {
        if self.shared.unroutable().next_look.is_some_and(|next| Instant::now() < next) {
            return Ok(None);
        }
        let publishing = self.shared.publishing().await?;
        if publishing.connection.status().blocked() {
            return Ok(None);
        }
        let count = self.shared.count(&publishing, topology::UNROUTABLE).await?.unwrap_or(0);
        let mut unroutable = self.shared.unroutable();
        // The queue drops its oldest messages when it is full, so a smaller count can also mean new messages.
        if count > 0 && unroutable.known.is_some_and(|known| known != count) {
            return Ok(Some(count));
        }
        *unroutable = Unroutable {
            known: Some(count),
            pause: LOOK_FOR_UNROUTABLE,
            next_look: Some(Instant::now() + LOOK_FOR_UNROUTABLE),
        };
        Ok(None)
    }

    /// Records that the unroutable messages were dealt with. The pause before the next look doubles each time, because
    /// the messages may come from another program.
    pub(super) fn acknowledge_unroutable(&self, count: u32) {
        let mut unroutable = self.shared.unroutable();
        let pause = (unroutable.pause * 2).clamp(LOOK_FOR_UNROUTABLE, LONGEST_PAUSE_FOR_UNROUTABLE);
        *unroutable = Unroutable { known: Some(count), pause, next_look: Some(Instant::now() + pause) };
    }

    /// Declares everything again, on a channel of its own because a failure closes the channel.
    pub(super) async fn restore(&self) -> Result<(), QueueError> {
        let publishing = self.shared.publishing().await?;
        let link = self.shared.operation("open a channel", publishing.connection.create_channel()).await?;
        self.shared.declare(topology::declare(&link)).await?;
        self.shared.operation("close a channel", link.close(200, "done".into())).await
    }

    pub(super) async fn claim(&self, channel: Channel, most: u32) -> Result<Vec<Claimed>, QueueError> {
        let mut slot = self.shared.consuming(channel).lock().await;
        if slot.as_ref().is_none_or(|consuming| !consuming.link.status().connected()) {
            *slot = None;
            *slot = Some(self.shared.consume(channel).await?);
        }
        let Some(consuming) = slot.as_mut() else { return Ok(Vec::new()) };
        let claimed = consuming.take(most as usize).await;
        if claimed.is_err() {
            *slot = None;
        }
        claimed
    }

    pub(super) async fn acknowledge(&self, tags: &[Tag]) -> Result<(), QueueError> {
        for tag in tags {
            let Tag::RabbitMq { acker, consumer } = tag else { continue };
            let outcome = match self.shared.operation("acknowledge", acker.ack(BasicAckOptions::default())).await {
                Ok(true) => continue,
                Ok(false) => Err(QueueError::Stale),
                Err(error) => Err(error),
            };
            // It is unknown whether the broker got the acknowledgement. It would keep the other messages of this
            // consumer reserved until it gives the consumer up. Closing the connection makes it hand them out again.
            self.shared.forget_consumer(*consumer).await;
            return outcome;
        }
        Ok(())
    }

    pub(super) async fn release(&self, channel: Channel, claimed: Vec<Claimed>) {
        let mut slot = self.shared.consuming(channel).lock().await;
        // If the connection was replaced, the broker took the messages of the old one back. Keeping them here would
        // make duplicates.
        if let Some(consuming) = slot.as_mut() {
            let number = consuming.number;
            let is_own =
                |message: &Claimed| matches!(message.tag, Tag::RabbitMq { consumer, .. } if consumer == number);
            consuming.released.extend(claimed.into_iter().filter(is_own));
        }
    }

    pub(super) async fn depth(&self, channel: Channel) -> Result<u64, QueueError> {
        let publishing = self.shared.publishing().await?;
        Ok(u64::from(self.shared.count(&publishing, &topology::queue(channel)).await?.unwrap_or(0)))
    }

    /// Whether the broker reads nothing from publishers because it is short of memory or disk. An ended connection
    /// keeps its blocked flag, so the flag counts only while connected.
    pub(super) fn is_blocked(&self) -> bool {
        self.shared.publishing_slot().as_ref().is_some_and(|publishing| {
            let status = publishing.connection.status();
            status.connected() && status.blocked()
        })
    }
}

impl Shared {
    async fn connect(&self, purpose: &str) -> Result<Connection, QueueError> {
        let properties = ConnectionProperties::default().with_connection_name(format!("caudal {purpose}").into());
        // Made on the runtime for connections, because the connection's tasks live on the runtime that made it.
        let connecting = runtime()?.spawn(Connection::connect_uri(self.uri.clone(), properties));
        let connection = self.within("connect", self.patience.operation, async { Ok(connecting.await??) }).await;
        connection.map_err(|error| QueueError::Connect { url: self.shown.clone(), reason: error.to_string() })
    }

    fn publishing_slot(&self) -> MutexGuard<'_, Option<Arc<Publishing>>> {
        self.publishing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn forget_publishing(&self) {
        *self.publishing_slot() = None;
    }

    fn unroutable(&self) -> MutexGuard<'_, Unroutable> {
        self.unroutable.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The connection to publish on; a new one if the last one was lost.
    async fn publishing(&self) -> Result<Arc<Publishing>, QueueError> {
        let current = self.publishing_slot().clone();
        if let Some(publishing) = current.filter(|publishing| publishing.link.status().connected()) {
            return Ok(publishing);
        }
        let connection = self.connect("publisher").await?;
        let link = self.operation("open a channel", connection.create_channel()).await?;
        self.declare(topology::declare(&link)).await?;
        self.operation("ask for confirms", link.confirm_select(ConfirmSelectOptions::default())).await?;
        let publishing = Arc::new(Publishing { connection, link, marker_seen: false.into() });
        *self.publishing_slot() = Some(Arc::clone(&publishing));
        Ok(publishing)
    }

    fn consuming(&self, channel: Channel) -> &tokio::sync::Mutex<Option<Consuming>> {
        match channel {
            Channel::ProcessedData => &self.processed_data,
            Channel::Receipts => &self.receipts,
        }
    }

    /// How many messages the broker hands out ahead: one share for each worker and one more, so that no worker waits. A
    /// message is a batch of rows and up to some MiB, so a larger prefetch would only fill memory.
    fn prefetch(&self, channel: Channel) -> u16 {
        match channel {
            Channel::ProcessedData => u16::from(CLAIM_BATCH) * (u16::from(self.workers) + 1),
            Channel::Receipts => RECEIPTS_PREFETCH,
        }
    }

    async fn consume(&self, channel: Channel) -> Result<Consuming, QueueError> {
        let connection = self.connect(&format!("consumer of {}", channel.name())).await?;
        let link = self.operation("open a channel", connection.create_channel()).await?;
        self.declare(topology::declare(&link)).await?;
        self.operation("limit the prefetch", link.basic_qos(self.prefetch(channel), BasicQosOptions::default()))
            .await?;
        let waiting = self.operation("consume", subscribe(&link, &topology::queue(channel))).await?;
        let dead = self.operation("consume", subscribe(&link, &topology::dead_queue(channel))).await?;
        let number = self.consumers.fetch_add(1, Ordering::Relaxed);
        Ok(Consuming { number, _connection: connection, link, waiting, dead, released: VecDeque::new() })
    }

    /// Drops a consumer if it still exists. The broker then takes back all messages that were not acknowledged.
    async fn forget_consumer(&self, number: u64) {
        for slot in [&self.processed_data, &self.receipts] {
            let mut slot = slot.lock().await;
            if slot.as_ref().is_some_and(|consuming| consuming.number == number) {
                *slot = None;
            }
        }
    }

    /// The number of messages waiting in a queue, or `None` if the queue does not exist. Asked on a channel of its own,
    /// because asking for a missing queue closes the channel.
    async fn count(&self, publishing: &Publishing, queue: &str) -> Result<Option<u32>, QueueError> {
        if publishing.connection.status().blocked() {
            return Err(QueueError::Blocked);
        }
        let link = self.operation("open a channel", publishing.connection.create_channel()).await?;
        let passive = QueueDeclareOptions { passive: true, ..QueueDeclareOptions::durable() };
        let asking = link.queue_declare(queue.into(), passive, FieldTable::default());
        let answer = tokio::time::timeout(self.patience.operation, asking).await;
        match answer {
            Err(_) => Err(QueueError::Late { operation: "look at a queue", after: self.patience.operation }),
            Ok(Err(error)) if is_not_found(&error) => Ok(None),
            Ok(Err(error)) => Err(error.into()),
            Ok(Ok(found)) => {
                self.operation("close a channel", link.close(200, "done".into())).await?;
                Ok(Some(found.message_count()))
            }
        }
    }

    /// Runs declarations on the broker. An object that exists already must have the same settings.
    async fn declare(&self, work: impl Future<Output = lapin::Result<()>>) -> Result<(), QueueError> {
        match self.operation("declare", work).await {
            Err(QueueError::Broker(error)) => Err(with_remedy(error)),
            outcome => outcome,
        }
    }

    async fn operation<T>(
        &self,
        operation: &'static str,
        work: impl Future<Output = lapin::Result<T>>,
    ) -> Result<T, QueueError> {
        self.within(operation, self.patience.operation, async { Ok(work.await?) }).await
    }

    async fn within<T>(
        &self,
        operation: &'static str,
        limit: Duration,
        work: impl Future<Output = Result<T, QueueError>>,
    ) -> Result<T, QueueError> {
        tokio::time::timeout(limit, work).await.unwrap_or(Err(QueueError::Late { operation, after: limit }))
    }
}

impl Consuming {
    async fn take(&mut self, most: usize) -> Result<Vec<Claimed>, QueueError> {
        let mut claimed: Vec<Claimed> = Vec::new();
        while claimed.len() < most {
            if let Some(again) = self.released.pop_front() {
                claimed.push(again);
            } else if let Some(delivery) = self.dead.next().now_or_never() {
                claimed.push(Claimed { handed_out: DeliveryCount::TooOften, ..self.given(delivery)? });
            } else if let Some(delivery) = self.waiting.next().now_or_never() {
                claimed.push(self.given(delivery)?);
            } else if claimed.is_empty() {
                let Ok(delivery) = tokio::time::timeout(GLANCE, self.waiting.next()).await else { break };
                claimed.push(self.given(delivery)?);
            } else {
                break;
            }
        }
        Ok(claimed)
    }

    /// Converts a delivery. The end of the stream means that the broker cancelled it, for example because the queue was
    /// deleted.
    fn given(&self, delivery: Option<lapin::Result<Delivery>>) -> Result<Claimed, QueueError> {
        let delivery = delivery.ok_or(QueueError::Cancelled)??;
        let handed_out = if delivery.redelivered { DeliveryCount::Again } else { DeliveryCount::First };
        let tag = Tag::RabbitMq { acker: Box::new(delivery.acker), consumer: self.number };
        Ok(Claimed { payload: delivery.data, handed_out, tag })
    }
}

async fn subscribe(link: &Link, queue: &str) -> lapin::Result<Consumer> {
    // The empty tag lets the broker name the consumer.
    link.basic_consume(queue.into(), "".into(), BasicConsumeOptions::default(), FieldTable::default()).await
}

/// Publishes all messages and waits for every confirm. The batch counts as published only if each confirm is a clean
/// acknowledgement. The library can hand a returned message to another publish of the batch, so it is unknown which
/// message was returned.
async fn publish_batch<'a>(
    link: &Link,
    batch: impl Iterator<Item = (&'static str, &'a Outgoing)>,
) -> Result<(), QueueError> {
    let options = BasicPublishOptions { mandatory: true, ..BasicPublishOptions::default() };
    let mut confirms = Vec::new();
    for (key, message) in batch {
        let properties = BasicProperties::default()
            .with_delivery_mode(2)
            .with_content_type("application/json".into())
            .with_message_id(message.message_id.to_string().into());
        let sent =
            link.basic_publish(topology::EXCHANGE.into(), key.into(), options, &message.payload, properties).await?;
        confirms.push(sent);
    }
    let (mut refused, mut returned) = (0, 0);
    for confirm in confirms {
        match confirm.await? {
            Confirmation::Ack(None) => {}
            Confirmation::Ack(Some(_)) => returned += 1,
            Confirmation::Nack(_) | Confirmation::NotRequested => refused += 1,
        }
    }
    returned += link.wait_for_confirms().await?.len();
    match (refused, returned) {
        (0, 0) => Ok(()),
        (0, count) => Err(QueueError::Unroutable { count }),
        (count, _) => Err(QueueError::Refused { count }),
    }
}

fn is_here(host: &str) -> bool {
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Waits until the broker reports that it is blocked. It reports that only after something was sent to it, and confirms
/// the messages only when it has room again, so this runs beside the publish.
async fn until_blocked(connection: &Connection) {
    while !connection.status().blocked() {
        tokio::time::sleep(GLANCE).await;
    }
}

fn with_remedy(error: lapin::Error) -> QueueError {
    match error.kind() {
        ErrorKind::ProtocolError(said) if said.get_id() == PRECONDITION_FAILED => {
            QueueError::OtherSettings { reason: said.get_message().to_string() }
        }
        _ => error.into(),
    }
}

fn is_not_found(error: &lapin::Error) -> bool {
    matches!(error.kind(), ErrorKind::ProtocolError(error) if error.get_id() == NOT_FOUND)
}

/// A runtime with one thread for connections alone, so that they answer heartbeats while the rest of the program is
/// busy. It is made under a lock: a second one, made at the same time and then dropped, would panic in the task that
/// made it.
fn runtime() -> Result<Handle, QueueError> {
    static RUNTIME: Mutex<Option<Runtime>> = Mutex::new(None);
    made_once(&RUNTIME)
}

fn made_once(slot: &Mutex<Option<Runtime>>) -> Result<Handle, QueueError> {
    let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(runtime) = slot.as_ref() {
        return Ok(runtime.handle().clone());
    }
    let made =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).thread_name("rabbitmq").enable_all().build();
    let made = made.map_err(|error| QueueError::NoThread { reason: error.to_string() })?;
    Ok(slot.insert(made).handle().clone())
}

#[cfg(all(test, feature = "testing"))]
mod tests;
