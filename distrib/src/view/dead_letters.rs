//! Messages that could not be applied, for people: dead letters, and messages that wait for another attempt.

use std::borrow::Cow;

use caudal_contract::message::{Body, MessageKind, SeparateRows, wire};
use caudal_contract::money::Cents;
use caudal_contract::notice::FailureReason;
use caudal_platform::database::DbConnection;
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use serde::Serialize;

use crate::schema::{failed_messages, imports};
use crate::{dead_letter, deliver};

/// A row that could not be stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FailedRow {
    /// The sheet. Empty for text files and API batches.
    pub sheet: String,
    /// The row number as in a spreadsheet.
    pub row: u32,
    /// The product. Absent for a row that ingest rejected, because such a row has only an amount.
    pub product: Option<String>,
    /// The amount.
    pub amount: Cents,
}

/// A message that could not be applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FailedMessage {
    /// The number that names the message on the command line and on the page.
    pub id: i64,
    /// The id on the queue, or a hash of the bytes if the message is unreadable.
    pub message_id: String,
    /// The kind. Absent if the message is unreadable.
    pub kind: Option<MessageKind>,
    /// The number of rows.
    pub rows: usize,
    /// The row, if the message holds only one.
    pub row: Option<FailedRow>,
    /// The number of the import, if it is known.
    pub import: Option<i64>,
    /// The file of the import, if it is known.
    pub import_name: Option<String>,
    /// The code of the failure. Absent if the message failed before codes existed.
    pub code: Option<FailureReason>,
    /// The text from the database or the parser.
    pub reason: String,
    /// Attempts so far.
    pub attempts: i64,
    /// The time of the first failure.
    pub first_failed_at: DateTime<Utc>,
    /// The time of the last failure.
    pub last_failed_at: DateTime<Utc>,
    /// The time of the next attempt. Absent for a dead letter.
    pub next_attempt_at: Option<DateTime<Utc>>,
    #[serde(skip)]
    is_nonsense: bool,
    #[serde(skip)]
    has_separate_rows: bool,
    /// The bytes as received: JSON, unless the message is unreadable. Empty in a list.
    #[serde(skip)]
    pub payload: Vec<u8>,
}

impl FailedMessage {
    /// Whether the message is a dead letter.
    #[must_use]
    pub fn is_dead(&self) -> bool {
        self.next_attempt_at.is_none()
    }

    /// Whether a person can discard it: its rows can count as rejected, or it is nonsense that can be deleted.
    #[must_use]
    pub fn can_be_discarded(&self) -> bool {
        self.has_separate_rows || self.is_nonsense
    }

    /// Whether the message is unreadable and names no import.
    #[must_use]
    pub fn is_nonsense(&self) -> bool {
        self.is_nonsense
    }

    /// The text, indented for reading and editing.
    #[must_use]
    pub fn text(&self) -> String {
        let json = wire::json_of(&self.payload).unwrap_or(Cow::Borrowed(&self.payload));
        serde_json::from_slice::<serde_json::Value>(&json)
            .and_then(|value| serde_json::to_string_pretty(&value))
            .unwrap_or_else(|_not_json| String::from_utf8_lossy(&self.payload).into_owned())
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = failed_messages)]
struct Row {
    id: i64,
    message_id: String,
    payload: Vec<u8>,
    attempts: i64,
    reason: String,
    first_failed_at: NaiveDateTime,
    last_failed_at: NaiveDateTime,
    next_attempt_at: Option<NaiveDateTime>,
    import_uuid: Option<String>,
    reason_code: Option<String>,
}

/// Dead letters first, then waiting messages, each with the newest failure first and without payloads.
///
/// # Errors
/// A query failed.
pub fn list(db: &mut DbConnection, offset: i64, limit: i64) -> QueryResult<Vec<FailedMessage>> {
    let ids: Vec<i64> = failed_messages::table
        .order((failed_messages::next_attempt_at.is_not_null(), failed_messages::last_failed_at.desc()))
        .then_order_by(failed_messages::id)
        .offset(offset)
        .limit(limit)
        .select(failed_messages::id)
        .load(db)?;
    let mut listed = Vec::with_capacity(ids.len());
    for id in ids {
        // Loads one payload at a time, because each may be large.
        listed.extend(find(db, id)?.map(|message| FailedMessage { payload: Vec::new(), ..message }));
    }
    Ok(listed)
}

/// The numbers of all dead letters.
///
/// # Errors
/// The query failed.
pub fn dead(db: &mut DbConnection) -> QueryResult<Vec<i64>> {
    let dead = failed_messages::table.filter(failed_messages::next_attempt_at.is_null());
    dead.order(failed_messages::id).select(failed_messages::id).load(db)
}

/// The number of failed messages, dead or waiting.
///
/// # Errors
/// The query failed.
pub fn count(db: &mut DbConnection) -> QueryResult<i64> {
    failed_messages::table.count().get_result(db)
}

/// The failed message with this number.
///
/// # Errors
/// A query failed.
pub fn find(db: &mut DbConnection, id: i64) -> QueryResult<Option<FailedMessage>> {
    let row = failed_messages::table.find(id).select(Row::as_select()).first(db).optional()?;
    row.map(|row| with_import(db, row)).transpose()
}

fn only_row(rows: SeparateRows<'_>) -> Option<FailedRow> {
    match rows {
        SeparateRows::Sales([sale]) => Some(FailedRow {
            sheet: sale.sheet.clone(),
            row: sale.row,
            product: Some(sale.product.name.clone()),
            amount: sale.amount,
        }),
        SeparateRows::Rejections([row]) => {
            Some(FailedRow { sheet: row.sheet.clone(), row: row.row, product: None, amount: row.amount })
        }
        SeparateRows::Sales(_) | SeparateRows::Rejections(_) => None,
    }
}

fn with_import(db: &mut DbConnection, row: Row) -> QueryResult<FailedMessage> {
    let import: Option<(i64, Option<String>)> = match &row.import_uuid {
        Some(uuid) => {
            imports::table.filter(imports::uuid.eq(uuid)).select((imports::id, imports::name)).first(db).optional()?
        }
        None => None,
    };
    let (import, import_name) = import.map_or((None, None), |(id, name)| (Some(id), name));
    let body = deliver::parse(&row.payload).ok().map(|message| message.body);
    let rows = body.as_ref().and_then(Body::separate_rows);
    Ok(FailedMessage {
        kind: body.as_ref().map(Body::kind),
        rows: body.as_ref().map_or(0, Body::row_count),
        row: rows.and_then(only_row),
        has_separate_rows: rows.is_some(),
        is_nonsense: dead_letter::is_nonsense(&row.payload, row.import_uuid.as_deref()),
        id: row.id,
        message_id: row.message_id,
        import,
        import_name,
        code: row.reason_code.as_deref().and_then(FailureReason::from_code),
        reason: row.reason,
        attempts: row.attempts,
        first_failed_at: row.first_failed_at.and_utc(),
        last_failed_at: row.last_failed_at.and_utc(),
        next_attempt_at: row.next_attempt_at.map(|at| at.and_utc()),
        payload: row.payload,
    })
}
