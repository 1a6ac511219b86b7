//! The embedded queue: one SQLite table.

use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Binary, Text};
use diesel_migrations::{EmbeddedMigrations, embed_migrations};

use super::{Claimed, DeliveryCount, Outgoing, QueueError, Tag};
use crate::database::{Database, DatabaseUrl, DbConnection, write};
use caudal_contract::message::Channel;

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations/queue");
/// The messages of a consumer that died come free after this time, or earlier if its successor starts.
const LEASE: Duration = Duration::from_secs(60);
/// A message handed out more often than this is under suspicion. The same limit as on a broker.
const MOST_CLAIMS: i64 = 20;

/// A queue in a SQLite file.
#[derive(Clone)]
pub struct EmbeddedQueue {
    database: Database,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = BigInt)]
    claim: i64,
    #[diesel(sql_type = Binary)]
    payload: Vec<u8>,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

impl EmbeddedQueue {
    /// Opens the file.
    pub(super) fn open(path: &Path) -> Result<Self, QueueError> {
        let database = Database::open(&DatabaseUrl::Sqlite(path.to_owned()), 3)?;
        // The embedded queue runs on SQLite only, so both lists are the same.
        database.migrate(MIGRATIONS, MIGRATIONS)?;
        Ok(Self { database })
    }

    pub(super) fn free_leases(&self) -> Result<(), QueueError> {
        let mut connection = self.database.get()?;
        sql_query("UPDATE queue_messages SET leased_until = 0 WHERE leased_until > 0").execute(&mut *connection)?;
        Ok(())
    }

    pub(super) fn publish(&self, channel: Channel, messages: &[Outgoing]) -> Result<(), QueueError> {
        let mut connection = self.database.get()?;
        write(&mut connection, |connection| {
            for message in messages {
                sql_query("INSERT INTO queue_messages (queue, message_id, payload) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING")
                    .bind::<Text, _>(channel.name())
                    .bind::<Text, _>(message.message_id.to_string())
                    .bind::<Binary, _>(&message.payload)
                    .execute(connection)?;
            }
            Ok(())
        })
    }

    pub(super) fn claim(&self, channel: Channel, most: u32) -> Result<Vec<Claimed>, QueueError> {
        let mut connection = self.database.get()?;
        // Reading first keeps an idle consumer from taking the write lock many times a second.
        if !has_free(&mut connection, channel)? {
            return Ok(Vec::new());
        }
        let now = unix_ms();
        let until = now.saturating_add(i64::try_from(LEASE.as_millis()).unwrap_or(i64::MAX));
        let mut rows = write(&mut connection, |connection| {
            sql_query(
                "UPDATE queue_messages SET leased_until = $1, claim = claim + 1
                 WHERE id IN (SELECT id FROM queue_messages WHERE queue = $2 AND leased_until < $3 ORDER BY id LIMIT $4)
                 RETURNING id, claim, payload",
            )
            .bind::<BigInt, _>(until)
            .bind::<Text, _>(channel.name())
            .bind::<BigInt, _>(now)
            .bind::<BigInt, _>(i64::from(most))
            .load::<Row>(connection)
        })?;
        rows.sort_by_key(|row| row.id);
        Ok(rows
            .into_iter()
            .map(|row| Claimed {
                payload: row.payload,
                handed_out: match row.claim {
                    ..=1 => DeliveryCount::First,
                    2..=MOST_CLAIMS => DeliveryCount::Again,
                    _ => DeliveryCount::TooOften,
                },
                tag: Tag::Embedded { id: row.id, claim: row.claim },
            })
            .collect())
    }

    pub(super) fn acknowledge(&self, tags: &[Tag]) -> Result<(), QueueError> {
        self.for_each(tags, "DELETE FROM queue_messages WHERE id = $1 AND claim = $2")
    }

    pub(super) fn release(&self, tags: &[Tag]) -> Result<(), QueueError> {
        // The failure was not caused by the message, so this claim does not count.
        self.for_each(
            tags,
            "UPDATE queue_messages SET leased_until = 0, claim = claim - 1 WHERE id = $1 AND claim = $2",
        )
    }

    pub(super) fn depth(&self, channel: Channel) -> Result<u64, QueueError> {
        let mut connection = self.database.get()?;
        let count = sql_query("SELECT count(*) AS count FROM queue_messages WHERE queue = $1")
            .bind::<Text, _>(channel.name())
            .get_result::<Count>(&mut *connection)?;
        Ok(u64::try_from(count.count).unwrap_or(0))
    }

    fn for_each(&self, tags: &[Tag], statement: &str) -> Result<(), QueueError> {
        let mut connection = self.database.get()?;
        write(&mut connection, |connection| {
            for tag in tags {
                let Tag::Embedded { id, claim } = tag else { continue };
                sql_query(statement).bind::<BigInt, _>(id).bind::<BigInt, _>(claim).execute(connection)?;
            }
            Ok(())
        })
    }
}

fn has_free(connection: &mut DbConnection, channel: Channel) -> Result<bool, QueueError> {
    let count = sql_query(
        "SELECT count(*) AS count FROM (SELECT 1 FROM queue_messages WHERE queue = $1 AND leased_until < $2 LIMIT 1) AS free",
    )
    .bind::<Text, _>(channel.name())
    .bind::<BigInt, _>(unix_ms())
    .get_result::<Count>(connection)?;
    Ok(count.count > 0)
}

fn unix_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {

    use caudal_contract::message::MessageId;

    use super::*;

    fn message(text: &str) -> Outgoing {
        Outgoing { message_id: MessageId::new(), payload: text.into() }
    }

    fn payloads(claimed: &[Claimed]) -> Vec<&str> {
        claimed.iter().map(|message| std::str::from_utf8(&message.payload).unwrap()).collect()
    }

    #[test]
    fn messages_come_in_order_and_stay_until_they_are_acknowledged() {
        let folder = tempfile::tempdir().unwrap();
        let queue = EmbeddedQueue::open(&folder.path().join("queue.db")).unwrap();
        queue.publish(Channel::ProcessedData, &[message("a"), message("b"), message("c")]).unwrap();

        let first = queue.claim(Channel::ProcessedData, 2).unwrap();
        assert_eq!(payloads(&first), ["a", "b"]);
        assert_eq!(payloads(&queue.claim(Channel::ProcessedData, 2).unwrap()), ["c"], "claimed messages are hidden");
        assert!(queue.claim(Channel::Receipts, 2).unwrap().is_empty(), "channels do not mix");

        let tags: Vec<Tag> = first.iter().map(|message| message.tag.clone()).collect();
        queue.acknowledge(&tags[..1]).unwrap();
        queue.release(&tags[1..]).unwrap();
        assert_eq!(payloads(&queue.claim(Channel::ProcessedData, 9).unwrap()), ["b"]);
    }

    #[test]
    fn a_restart_gives_back_what_a_dead_consumer_held() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("queue.db");
        let queue = EmbeddedQueue::open(&path).unwrap();
        queue.publish(Channel::ProcessedData, &[message("a")]).unwrap();
        let stale = queue.claim(Channel::ProcessedData, 1).unwrap();

        let successor = EmbeddedQueue::open(&path).unwrap();
        successor.free_leases().unwrap();
        assert_eq!(payloads(&successor.claim(Channel::ProcessedData, 1).unwrap()), ["a"]);
        queue.acknowledge(&[stale[0].tag.clone()]).unwrap();
        assert_eq!(successor.depth(Channel::ProcessedData).unwrap(), 1, "an old claim cannot acknowledge a newer one");
    }

    #[test]
    fn a_message_published_twice_waits_once() {
        let folder = tempfile::tempdir().unwrap();
        let queue = EmbeddedQueue::open(&folder.path().join("queue.db")).unwrap();
        let twice = message("a");
        queue.publish(Channel::ProcessedData, std::slice::from_ref(&twice)).unwrap();
        queue.publish(Channel::ProcessedData, &[twice]).unwrap();
        assert_eq!(queue.depth(Channel::ProcessedData).unwrap(), 1);
    }
}
