//! What Caudal declares on the broker, and why. Arguments hold for RabbitMQ 3.10 to 4.x.
//!
//! ```text
//! exchange caudal ──(name)──► queue NAME  ──(20 deliveries)──► exchange caudal.dead ──(name)──► queue NAME.dead
//!     └─(no such binding)──► exchange caudal.unroutable ──► queue caudal.unroutable
//! ```
//!
//! A queue's arguments cannot be changed once it exists. Whoever changes one here raises [`VERSION`], which names new
//! queues; the outbox fills them again, since what was not answered is published again.

use lapin::options::{ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{Channel as Link, ExchangeKind};

use caudal_contract::message::Channel;

/// Where everything is published to, by the channel's name.
pub(super) const EXCHANGE: &str = "caudal";
/// What was published and has no binding: copies, for the outbox keeps what is not answered.
pub(super) const UNROUTABLE: &str = "caudal.unroutable";
const DEAD: &str = "caudal.dead";
/// Tells a broker that has our messages from one that lost or never had them.
pub(super) const MARKER: &str = "caudal.marker";

const VERSION: u16 = 1;
/// How often a message is handed out before the broker gives up on it. 3.10 knows no limit of its own, 4.0 has 20.
const MOST_DELIVERIES: i64 = 20;
/// A queue that is full refuses what is published (`reject-publish`), so that the outbox keeps it.
const MOST_BYTES: i64 = 1 << 30;
/// What nobody asked for is kept for a look, not for ever.
const MOST_UNROUTABLE_BYTES: i64 = 64 << 20;

/// The queue of a channel.
pub(super) fn queue(channel: Channel) -> String {
    versioned(channel.name())
}

/// Where the broker puts what it gave up on.
pub(super) fn dead_queue(channel: Channel) -> String {
    versioned(&format!("{}.dead", channel.name()))
}

fn versioned(name: &str) -> String {
    if VERSION == 1 { name.to_owned() } else { format!("{name}.v{VERSION}") }
}

/// Declares all of it; what is there already stays as it is.
pub(super) async fn declare(link: &Link) -> lapin::Result<()> {
    exchange(link, UNROUTABLE, ExchangeKind::Fanout, FieldTable::default()).await?;
    quorum_queue(link, UNROUTABLE, &[("x-max-length-bytes", AMQPValue::LongLongInt(MOST_UNROUTABLE_BYTES))]).await?;
    bind(link, UNROUTABLE, UNROUTABLE, "").await?;
    exchange(link, DEAD, ExchangeKind::Direct, FieldTable::default()).await?;
    exchange(link, EXCHANGE, ExchangeKind::Direct, table(&[("alternate-exchange", text(UNROUTABLE))])).await?;
    for channel in [Channel::ProcessedData, Channel::Receipts] {
        let (queue, dead_queue) = (queue(channel), dead_queue(channel));
        // Not limited: at-least-once dead-lettering would pile up at its source
        quorum_queue(link, &dead_queue, &[]).await?;
        bind(link, &dead_queue, DEAD, channel.name()).await?;
        let arguments = [
            ("x-dead-letter-exchange", text(DEAD)),
            ("x-dead-letter-routing-key", text(channel.name())),
            // Without reject-publish this would silently become at-most-once
            ("x-dead-letter-strategy", text("at-least-once")),
            ("x-overflow", text("reject-publish")),
            ("x-max-length-bytes", AMQPValue::LongLongInt(MOST_BYTES)),
            ("x-delivery-limit", AMQPValue::LongLongInt(MOST_DELIVERIES)),
        ];
        quorum_queue(link, &queue, &arguments).await?;
        bind(link, &queue, EXCHANGE, channel.name()).await?;
    }
    Ok(())
}

/// Declares the marker: from now on the broker is known to have what was published.
pub(super) async fn mark(link: &Link) -> lapin::Result<()> {
    quorum_queue(link, MARKER, &[]).await
}

async fn exchange(link: &Link, name: &str, kind: ExchangeKind, arguments: FieldTable) -> lapin::Result<()> {
    let options = ExchangeDeclareOptions { durable: true, ..ExchangeDeclareOptions::default() };
    link.exchange_declare(name.into(), kind, options, arguments).await
}

async fn quorum_queue(link: &Link, name: &str, arguments: &[(&str, AMQPValue)]) -> lapin::Result<()> {
    let mut arguments = table(arguments);
    arguments.insert("x-queue-type".into(), text("quorum"));
    link.queue_declare(name.into(), QueueDeclareOptions::durable(), arguments).await?;
    Ok(())
}

async fn bind(link: &Link, queue: &str, exchange: &str, key: &str) -> lapin::Result<()> {
    link.queue_bind(queue.into(), exchange.into(), key.into(), QueueBindOptions::default(), FieldTable::default()).await
}

fn text(value: &str) -> AMQPValue {
    AMQPValue::LongString(value.into())
}

fn table(entries: &[(&str, AMQPValue)]) -> FieldTable {
    let mut table = FieldTable::default();
    for (name, value) in entries {
        table.insert((*name).into(), value.clone());
    }
    table
}
