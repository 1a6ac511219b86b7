//! The exchanges and queues that Caudal declares on the broker, with reasons. The arguments are valid for RabbitMQ 3.10
//! to 4.x.
//!
//! ```text
//! exchange caudal ──(name)──► queue NAME  ──(20 deliveries)──► exchange caudal.dead ──(name)──► queue NAME.dead
//!     └─(no such binding)──► exchange caudal.unroutable ──► queue caudal.unroutable
//! ```
//!
//! A queue's arguments cannot be changed once it exists. A change here needs a higher [`VERSION`], which gives the
//! queues new names. The outbox fills the new queues, because unanswered messages are published again.

use lapin::options::{ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{Channel as Link, ExchangeKind};

use caudal_contract::message::Channel;

/// The exchange for all messages; the routing key is the channel's name.
pub(super) const EXCHANGE: &str = "caudal";
/// The exchange and queue for messages without a binding. They are copies, because the outbox keeps unanswered
/// messages.
pub(super) const UNROUTABLE: &str = "caudal.unroutable";
const DEAD: &str = "caudal.dead";
/// The queue that tells a broker that has our messages from a broker that lost or never had them.
pub(super) const MARKER: &str = "caudal.marker";

const VERSION: u16 = 1;
/// How often a message is handed out before the broker gives up on it. RabbitMQ 3.10 has no default limit, 4.0 has 20.
const MOST_DELIVERIES: i64 = 20;
/// A full queue refuses new messages (`reject-publish`), so the outbox keeps them.
const MOST_BYTES: i64 = 1 << 30;
/// Unroutable messages are kept for inspection, but not for ever.
const MOST_UNROUTABLE_BYTES: i64 = 64 << 20;

/// The queue of a channel.
pub(super) fn queue(channel: Channel) -> String {
    versioned(channel.name())
}

/// The queue for messages on which the broker gave up.
pub(super) fn dead_queue(channel: Channel) -> String {
    versioned(&format!("{}.dead", channel.name()))
}

fn versioned(name: &str) -> String {
    if VERSION == 1 { name.to_owned() } else { format!("{name}.v{VERSION}") }
}

/// Declares everything. Existing objects stay as they are.
pub(super) async fn declare(link: &Link) -> lapin::Result<()> {
    exchange(link, UNROUTABLE, ExchangeKind::Fanout, FieldTable::default()).await?;
    quorum_queue(link, UNROUTABLE, &[("x-max-length-bytes", AMQPValue::LongLongInt(MOST_UNROUTABLE_BYTES))]).await?;
    bind(link, UNROUTABLE, UNROUTABLE, "").await?;
    exchange(link, DEAD, ExchangeKind::Direct, FieldTable::default()).await?;
    exchange(link, EXCHANGE, ExchangeKind::Direct, table(&[("alternate-exchange", text(UNROUTABLE))])).await?;
    for channel in [Channel::ProcessedData, Channel::Receipts] {
        let (queue, dead_queue) = (queue(channel), dead_queue(channel));
        // No limit here: at-least-once dead-lettering would then pile up in the source queue.
        quorum_queue(link, &dead_queue, &[]).await?;
        bind(link, &dead_queue, DEAD, channel.name()).await?;
        let arguments = [
            ("x-dead-letter-exchange", text(DEAD)),
            ("x-dead-letter-routing-key", text(channel.name())),
            // Without reject-publish the broker would silently fall back to at-most-once.
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

/// Declares the marker: from now on the broker is known to have the published messages.
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
