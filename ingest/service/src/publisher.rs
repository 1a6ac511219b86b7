//! Publishes the outbox to the queue, and takes the receipts that come back.
//!
//! A message is marked as published only after the queue has it, so a crash in between publishes it twice. It leaves
//! the outbox only after distrib answered for it, so a queue that lost everything is filled again. This happens at once
//! if the broker does not have our marker any more or had no queue for some messages. Otherwise it happens when no
//! answer has come for a while and nothing waits in the queue.

use std::collections::BTreeSet;
use std::time::Duration;

use caudal_contract::message::{Channel, ImportId, Receipt, RowCounts};
use caudal_platform::database::{Database, DatabaseError, DbConnection, write};
use caudal_platform::fault::{self, FailPoint};
use caudal_platform::queue::{Claimed, Outgoing, Queue, QueueError};
use chrono::{NaiveDateTime, TimeDelta, Utc};
use diesel::prelude::*;

use crate::schema::{imports, outbox};
use crate::staging;

/// Messages published at once.
const PUBLISH: i64 = 16;
/// Receipts taken at once.
const CLAIM: u32 = 64;
/// The time for an answer after which a message counts as lost; doubled after each publication.
const FIRST_WAIT: Duration = Duration::from_secs(30);
const LONGEST_WAIT: Duration = Duration::from_secs(15 * 60);
/// The time for an answer if the queue is never empty; doubled after each publication.
const VERY_LONG: Duration = Duration::from_secs(10 * 60);
/// The most overdue messages that one step handles.
const UNANSWERED: i64 = 1000;

/// The reason of a failed step. Nothing was lost; the next step tries again.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// The queue is away.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// The database is away.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The thread that talks to the database ended early.
    #[error("the publisher's thread ended: {0}")]
    Thread(#[from] tokio::task::JoinError),
}

/// Publishes the oldest unpublished messages and returns their number.
///
/// # Errors
/// [`PublishError`] if the queue or the database is away.
pub async fn publish_step(queue: &Queue, database: &Database) -> Result<usize, PublishError> {
    if queue.has_lost_its_messages().await? {
        let own = database.clone();
        let lost = tokio::task::spawn_blocking(move || forget_published(&mut *own.get()?)).await??;
        queue.mark().await?;
        if lost > 0 {
            tracing::warn!(
                messages = lost,
                "the queue's broker is new or lost its data; publishing the unanswered messages again"
            );
        }
    }
    // Handled at this point because no message is between its publication and its mark now. A later mark would undo
    // `forget_published`.
    if let Some(unroutable) = queue.unroutable().await? {
        queue.restore().await?;
        let own = database.clone();
        let unanswered = tokio::task::spawn_blocking(move || forget_published(&mut *own.get()?)).await??;
        queue.acknowledge_unroutable(unroutable);
        tracing::warn!(
            messages = unanswered,
            "the queue's broker had no queue for some messages because a binding was deleted; made the binding again, and the unanswered messages will be published again"
        );
    }
    let own = database.clone();
    let waiting = tokio::task::spawn_blocking(move || unpublished(&mut *own.get()?)).await??;
    if waiting.is_empty() {
        return Ok(0);
    }
    let ids: Vec<i64> = waiting.iter().map(|(id, _)| *id).collect();
    let count = ids.len();
    let messages: Vec<Outgoing> = waiting.into_iter().filter_map(|(_, message)| message).collect();
    if !messages.is_empty() {
        queue.publish(Channel::ProcessedData, messages).await?;
    }
    fault::point(FailPoint::AfterPublishBeforeMark);
    let own = database.clone();
    tokio::task::spawn_blocking(move || mark_published(&mut *own.get()?, &ids)).await??;
    Ok(count)
}

/// The oldest unpublished rows and their messages. A row with an invalid id has no message, because no receipt could be matched to
/// it. It is marked like the others, so that it does not hold them up, and it comes again as a message without an answer: the log
/// repeats the error until the row is mended.
fn unpublished(connection: &mut DbConnection) -> Result<Vec<(i64, Option<Outgoing>)>, DatabaseError> {
    let rows = outbox::table
        .filter(outbox::published_at.is_null())
        .order(outbox::id)
        .limit(PUBLISH)
        .select((outbox::id, outbox::message_id, outbox::payload))
        .load::<(i64, String, Vec<u8>)>(connection)?;
    Ok(rows
        .into_iter()
        .map(|(id, message_id, payload)| {
            let outgoing = match message_id.parse() {
                Ok(message_id) => Some(Outgoing { message_id, payload }),
                Err(error) => {
                    tracing::error!(
                        outbox.id = id, message.id = message_id, %error,
                        "a row of the table outbox has an invalid message_id, so it is not published; restore the row from a backup, or delete it if Caudal did not write it"
                    );
                    None
                }
            };
            (id, outgoing)
        })
        .collect())
}

fn mark_published(connection: &mut DbConnection, ids: &[i64]) -> Result<(), DatabaseError> {
    let now = Utc::now().naive_utc();
    write(connection, |connection| {
        for id in ids {
            diesel::update(outbox::table.find(id))
                .set((outbox::published_at.eq(now), outbox::publishes.eq(outbox::publishes + 1)))
                .execute(connection)?;
        }
        Ok(())
    })
}

/// Marks every unanswered message except dead letters as unpublished, because the queue does not have them any more: it
/// lost its data, or it is a new queue. The next steps publish them again. Returns the number of messages.
///
/// # Errors
/// The database error, if the update fails.
pub fn forget_published(connection: &mut DbConnection) -> Result<usize, DatabaseError> {
    let unanswered = outbox::table.filter(outbox::published_at.is_not_null().and(outbox::dead.eq(false)));
    Ok(diesel::update(unanswered).set(outbox::published_at.eq(None::<NaiveDateTime>)).execute(connection)?)
}

/// Publishes messages again if their answer is overdue and the queue is empty, so that they cannot be waiting in it.
/// This includes dead letters, because the answer that one was applied after all can be lost. After a much longer time
/// messages are published again even if the queue is not empty, because under a steady load it never is, and a copy
/// does no harm. Returns the number of messages.
///
/// # Errors
/// [`PublishError`] if the queue or the database is away.
pub async fn republish_step(queue: &Queue, database: &Database) -> Result<usize, PublishError> {
    let own = database.clone();
    let mut late = tokio::task::spawn_blocking(move || unanswered(&mut *own.get()?)).await??;
    if !late.is_empty() && queue.depth(Channel::ProcessedData).await? + queue.depth(Channel::Receipts).await? > 0 {
        late.retain(|late| late.very);
    }
    if late.is_empty() {
        return Ok(0);
    }
    let unanswered = late.iter().filter(|late| !late.dead).count();
    if unanswered > 0 {
        tracing::warn!(messages = unanswered, "some messages were not answered; publishing them again");
    }
    // The messages may have been unroutable without being noticed, so restore the bindings first.
    queue.restore().await?;
    let own = database.clone();
    tokio::task::spawn_blocking(move || -> Result<_, DatabaseError> {
        let mut connection = own.get()?;
        let late = outbox::table.filter(outbox::id.eq_any(late.iter().map(|late| late.id)));
        Ok(diesel::update(late).set(outbox::published_at.eq(None::<NaiveDateTime>)).execute(&mut *connection)?)
    })
    .await?
    .map_err(PublishError::from)
}

/// A message with an overdue answer.
struct Late {
    id: i64,
    dead: bool,
    /// Whether it is overdue even for a queue that was never empty.
    very: bool,
}

fn unanswered(connection: &mut DbConnection) -> Result<Vec<Late>, DatabaseError> {
    let now = Utc::now().naive_utc();
    let before = |wait: Duration| now - TimeDelta::from_std(wait).unwrap_or_default();
    let is_alive = outbox::dead.eq(false).and(outbox::published_at.lt(before(FIRST_WAIT)));
    let is_dead = outbox::dead.eq(true).and(outbox::published_at.lt(before(LONGEST_WAIT)));
    let rows: Vec<(i64, Option<NaiveDateTime>, i64, bool)> = outbox::table
        .filter(is_alive.or(is_dead))
        .order((outbox::dead, outbox::id))
        .limit(UNANSWERED)
        .select((outbox::id, outbox::published_at, outbox::publishes, outbox::dead))
        .load(connection)?;
    let late = rows.into_iter().filter_map(|(id, published_at, publishes, dead)| {
        let doublings = u32::try_from(publishes.clamp(1, 10) - 1).unwrap_or(0);
        let is_overdue = |wait: Duration| published_at.is_some_and(|at| at < before(wait));
        let wait = (FIRST_WAIT * 2_u32.pow(doublings)).min(LONGEST_WAIT);
        // Not capped like `wait`: if slow workers are the cause of the delay, copies must not fill the queue.
        let very = !dead && is_overdue(VERY_LONG * 2_u32.pow(doublings));
        is_overdue(wait).then_some(Late { id, dead, very })
    });
    Ok(late.collect())
}

/// Takes the waiting receipts, counts them, and returns the number of receipts.
///
/// # Errors
/// [`PublishError`] if the queue or the database is away.
pub async fn receipts_step(queue: &Queue, database: &Database) -> Result<usize, PublishError> {
    let claimed = queue.claim(Channel::Receipts, CLAIM).await?;
    if claimed.is_empty() {
        return Ok(0);
    }
    let count = claimed.len();
    if let Err(error) = count_receipts(queue, database, &claimed).await {
        // Give the receipts back, because nobody else gets them while this process holds them.
        if let Err(error) = queue.release(Channel::Receipts, claimed).await {
            tracing::debug!(%error, "the receipts could not be given back to the queue");
        }
        return Err(error);
    }
    Ok(count)
}

async fn count_receipts(queue: &Queue, database: &Database, claimed: &[Claimed]) -> Result<(), PublishError> {
    let receipts: Vec<Receipt> = claimed
        .iter()
        .filter_map(|message| {
            serde_json::from_slice(&message.payload)
                .inspect_err(|error| tracing::error!(%error, "a receipt cannot be read and is dropped"))
                .ok()
        })
        .collect();
    let own = database.clone();
    tokio::task::spawn_blocking(move || {
        let mut connection = own.get()?;
        let counted = count_once(&mut connection, &receipts)?;
        tell_settled(&mut connection, &counted);
        Ok::<_, DatabaseError>(())
    })
    .await??;
    Ok(queue.acknowledge(claimed).await?)
}

/// Logs one line for each of these imports if all its messages are answered for now.
fn tell_settled(connection: &mut DbConnection, imports: &BTreeSet<ImportId>) {
    for import_id in imports {
        let import = match staging::find(connection, *import_id) {
            Ok(Some(import)) if import.settled => import,
            Ok(_) => continue,
            Err(error) => {
                tracing::debug!(%error, import.id = %import_id, "an import could not be looked up after its receipts");
                continue;
            }
        };
        let RowCounts { read, stored, updated, duplicate, rejected, ignored } = import.rows;
        tracing::info!(
            import.id = %import_id,
            source.id = import.source,
            file.name = import.name,
            outcome = staging::outcome_code(&import.outcome),
            rows.read = read,
            rows.stored = stored,
            rows.updated = updated,
            rows.duplicate = duplicate,
            rows.rejected = rejected,
            rows.ignored = ignored,
            messages.dead = import.messages_dead,
            amount = %import.amount,
            duration_ms = (Utc::now() - import.received_at).num_milliseconds(),
            "settled"
        );
    }
}

/// Counts each receipt once, because its outbox row exists only the first time. The row of a dead letter stays, because
/// the message may be applied after all.
///
/// Returns the imports whose counts changed.
fn count_once(connection: &mut DbConnection, receipts: &[Receipt]) -> Result<BTreeSet<ImportId>, DatabaseError> {
    write(connection, |connection| {
        let mut counted = BTreeSet::new();
        for receipt in receipts {
            let message_id = receipt.message_id.to_string();
            let own = outbox::table.filter(outbox::message_id.eq(&message_id));
            // On PostgreSQL the row is locked, because another process may be taking a copy of the receipt.
            let was_dead: Option<bool> = match connection {
                DbConnection::Sqlite(connection) => own.select(outbox::dead).first(connection).optional()?,
                DbConnection::Postgres(connection) => {
                    own.select(outbox::dead).for_update().first(connection).optional()?
                }
            };
            let Some(was_dead) = was_dead else { continue };
            if receipt.dead {
                if was_dead {
                    continue;
                }
                diesel::update(own).set(outbox::dead.eq(true)).execute(connection)?;
            } else {
                diesel::delete(own).execute(connection)?;
            }
            let counts = receipt.counts;
            diesel::update(imports::table.find(receipt.import_id.to_string()))
                .set((
                    imports::messages_settled.eq(imports::messages_settled + i64::from(!was_dead)),
                    imports::messages_dead.eq(imports::messages_dead + i64::from(receipt.dead) - i64::from(was_dead)),
                    imports::stored.eq(imports::stored + counts.stored),
                    imports::updated.eq(imports::updated + counts.updated),
                    imports::duplicate.eq(imports::duplicate + counts.duplicate),
                    imports::rejected.eq(imports::rejected + counts.rejected),
                ))
                .execute(connection)?;
            counted.insert(receipt.import_id);
        }
        Ok(counted)
    })
}

#[cfg(test)]
mod tests {
    use caudal_contract::message::{DeliveryCounts, MessageId, VERSION};
    use caudal_platform::testing::Backend;
    use diesel::connection::SimpleConnection;
    use diesel::sql_query;
    use diesel::sql_types::Text;

    use super::*;

    /// Inserts a message that was published and not answered.
    fn published(database: &Database) -> MessageId {
        let (message_id, import_id) = (MessageId::new(), ImportId::new().to_string());
        let connection = &mut *database.get().unwrap();
        sql_query(
            "INSERT INTO imports (id, source, origin, name, sha256, received_at, outcome, outcome_detail, filed, rows_read,
                 rows_ignored, rows_accepted, rows_rejected, amount_accepted, quantity_accepted, sheets, remarks, messages)
             VALUES ($1, 'loja', 'api', '', '', '2026-01-01 00:00:00', 'taken', '', TRUE, 0, 0, 0, 0, 0, 0, '[]', '[]', 1)",
        )
        .bind::<Text, _>(&import_id)
        .execute(connection)
        .unwrap();
        diesel::insert_into(outbox::table)
            .values((
                outbox::message_id.eq(message_id.to_string()),
                outbox::import_id.eq(&import_id),
                outbox::payload.eq(b"{}".as_slice()),
                outbox::published_at.eq(Utc::now().naive_utc()),
            ))
            .execute(connection)
            .unwrap();
        message_id
    }

    async fn answer(queue: &Queue, message_id: MessageId, dead: bool) {
        let counts = DeliveryCounts::default();
        let receipt = Receipt { version: VERSION, message_id, import_id: ImportId::new(), dead, counts };
        let outgoing = Outgoing { message_id, payload: serde_json::to_vec(&receipt).unwrap() };
        queue.publish(Channel::Receipts, vec![outgoing]).await.unwrap();
    }

    fn waiting(database: &Database) -> i64 {
        outbox::table.count().get_result(&mut *database.get().unwrap()).unwrap()
    }

    #[tokio::test]
    async fn receipts_that_could_not_be_counted_come_again_at_once() {
        let backend = Backend::new();
        let (database, queue) = (backend.database("ingest"), backend.queue());
        crate::migrate(&database).unwrap();
        answer(&queue, published(&database), false).await;
        backend.fill(&database, "ALTER TABLE outbox RENAME TO away");
        while receipts_step(&queue, &database).await.is_ok() {}
        backend.fill(&database, "ALTER TABLE away RENAME TO outbox");
        assert_eq!(receipts_step(&queue, &database).await.unwrap(), 1);
        assert_eq!(waiting(&database), 0);
    }

    /// On SQLite there is one writer at a time, so the test shows nothing there.
    #[test]
    fn a_receipt_that_two_processes_take_at_once_is_counted_once() {
        let backend = Backend::new();
        let database = backend.database("ingest");
        crate::migrate(&database).unwrap();
        for dead in [false, true] {
            let message_id = published(&database);
            let connection = &mut *database.get().unwrap();
            let import: String = outbox::table
                .filter(outbox::message_id.eq(message_id.to_string()))
                .select(outbox::import_id)
                .first(connection)
                .unwrap();
            let counts = DeliveryCounts { stored: i64::from(!dead), ..DeliveryCounts::default() };
            let receipt = Receipt { version: VERSION, message_id, import_id: import.parse().unwrap(), dead, counts };
            if backend.is_postgres() {
                // Both threads get as far as the outbox before one of them writes.
                connection.batch_execute("BEGIN; SELECT 1 FROM outbox FOR UPDATE").unwrap();
            }
            std::thread::scope(|scope| {
                for _ in 0..2 {
                    scope.spawn(|| count_once(&mut database.get().unwrap(), std::slice::from_ref(&receipt)).unwrap());
                }
                if backend.is_postgres() {
                    while waiting_for_locks(&database) < 2 {}
                    connection.batch_execute("COMMIT").unwrap();
                }
            });
            let counted: (i64, i64, i64) = imports::table
                .find(&import)
                .select((imports::messages_settled, imports::messages_dead, imports::stored))
                .first(connection)
                .unwrap();
            assert_eq!(counted, (1, i64::from(dead), i64::from(!dead)));
        }
    }

    fn waiting_for_locks(database: &Database) -> i64 {
        let count =
            "(SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')";
        diesel::select(diesel::dsl::sql::<diesel::sql_types::BigInt>(count))
            .get_result(&mut *database.get().unwrap())
            .unwrap()
    }

    #[tokio::test]
    async fn a_lost_message_is_published_again_though_others_keep_coming_but_not_all_the_time() {
        let backend = Backend::new();
        let (database, queue) = (backend.database("ingest"), backend.queue());
        crate::migrate(&database).unwrap();
        published(&database);
        let another = Outgoing { message_id: MessageId::new(), payload: b"{}".to_vec() };
        queue.publish(Channel::ProcessedData, vec![another]).await.unwrap();
        while queue.depth(Channel::ProcessedData).await.unwrap() == 0 {}
        let ago = |minutes: i64| Some(Utc::now().naive_utc() - TimeDelta::minutes(minutes));
        let publishes = async |minutes, publishes: i64| {
            diesel::update(outbox::table)
                .set((outbox::published_at.eq(ago(minutes)), outbox::publishes.eq(publishes)))
                .execute(&mut *database.get().unwrap())
                .unwrap();
            republish_step(&queue, &database).await.unwrap()
        };
        assert_eq!(publishes(9, 1).await, 0, "it may be in the queue");
        assert_eq!(publishes(11, 1).await, 1);
        assert_eq!(publishes(11, 2).await, 0, "a copy may be in the queue");
        assert_eq!(publishes(21, 2).await, 1);
    }

    #[tokio::test]
    async fn a_message_whose_id_cannot_be_read_is_kept_and_never_published_and_holds_up_no_other() {
        let backend = Backend::new();
        let (database, queue) = (backend.database("ingest"), backend.queue());
        crate::migrate(&database).unwrap();
        // More of them than one step takes, and all of them before the good one.
        for damaged in 0..=PUBLISH {
            let message_id = published(&database);
            let damage =
                format!("UPDATE outbox SET message_id = 'damaged {damaged}' WHERE message_id = '{message_id}'");
            backend.fill(&database, &damage);
        }
        let good = published(&database);
        backend.fill(&database, "UPDATE outbox SET published_at = NULL");
        let publish_all = async || while publish_step(&queue, &database).await.unwrap() > 0 {};
        publish_all().await;
        // The damaged rows are tried again like messages without an answer, and again nothing of them is published.
        backend
            .fill(&database, "UPDATE outbox SET published_at = '2026-01-01 00:00:00' WHERE message_id LIKE 'damaged%'");
        while queue.depth(Channel::ProcessedData).await.unwrap() == 0 {}
        let claimed = queue.claim(Channel::ProcessedData, 100).await.unwrap();
        assert_eq!(claimed.len(), 1);
        queue.acknowledge(&claimed).await.unwrap();
        while republish_step(&queue, &database).await.unwrap() == 0 {}
        publish_all().await;
        assert_eq!(waiting(&database), PUBLISH + 2, "nothing is lost");
        answer(&queue, good, false).await;
        while receipts_step(&queue, &database).await.unwrap() == 0 {}
        assert_eq!(queue.depth(Channel::ProcessedData).await.unwrap(), 0);
        assert_eq!(waiting(&database), PUBLISH + 1, "only the message with an id is answered");
    }

    #[tokio::test]
    async fn a_dead_letter_is_asked_about_again_for_the_answer_that_it_was_applied_may_be_lost() {
        let backend = Backend::new();
        let (database, queue) = (backend.database("ingest"), backend.queue());
        crate::migrate(&database).unwrap();
        let message_id = published(&database);
        answer(&queue, message_id, true).await;
        while receipts_step(&queue, &database).await.unwrap() == 0 {}
        assert_eq!(republish_step(&queue, &database).await.unwrap(), 0, "not all the time");
        backend.fill(&database, "UPDATE outbox SET published_at = '2026-01-01 00:00:00'");
        while republish_step(&queue, &database).await.unwrap() == 0 {}
        assert_eq!(publish_step(&queue, &database).await.unwrap(), 1);
        answer(&queue, message_id, false).await;
        while receipts_step(&queue, &database).await.unwrap() == 0 {}
        assert_eq!(waiting(&database), 0);
    }
}
