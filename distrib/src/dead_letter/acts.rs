//! Actions on a dead letter: retry it, edit it, discard it.
//!
//! Each action only records the decision. The next worker carries it out and tells ingest. Therefore the action may come from a
//! process without a queue, may come twice, and may come while another worker handles the message.

use std::fmt;

use caudal_contract::field::Field;
use caudal_contract::language::Language;
use caudal_contract::message::{Body, Message, RejectedRow, Sale};
use caudal_contract::money::{Cents, TenThousandths};
use caudal_contract::notice::{Rejection, Rule};
use caudal_platform::database::{DbConnection, write};
use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::{Waiting, is_nonsense};
use crate::deliver::{self, DeliverError};
use crate::schema::failed_messages;

/// Why an action on a dead letter was refused.
#[derive(Debug, thiserror::Error)]
pub enum ActRefused {
    /// No such dead letter exists.
    #[error("there is no dead letter {0}; perhaps it has been applied")]
    Unknown(i64),
    /// The new text is not a valid message.
    #[error("the text is not a message that Caudal can read: {0}")]
    Unreadable(String),
    /// The new text would no longer be the same message.
    #[error("{0} must stay as it is: import a corrected sheet instead, and discard this message")]
    Changed(Kept),
    /// The message holds no rows that could count as rejected.
    #[error("it has no rows that could be counted as rejected: edit it or try it again")]
    NoRows,
    /// The totals of the import have failed as well. If they were applied later, they would overwrite the counts of the discard.
    #[error(
        "the message with the import's totals has not been applied: try that message again first, then discard this one"
    )]
    NoTotals,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] diesel::result::Error),
}

impl ActRefused {
    /// The reason as a sentence for the person who asked on a page.
    #[must_use]
    pub fn sentence(&self, language: Language) -> String {
        match (self, language) {
            (Self::Unknown(_), Language::Portuguese) => {
                "Esta mensagem não está mais na lista; talvez já tenha sido gravada.".to_owned()
            }
            (Self::Unreadable(reason), Language::Portuguese) => {
                format!("O texto não é uma mensagem que o Caudal consiga ler: {reason}")
            }
            (Self::Changed(what), Language::Portuguese) => format!(
                "{} precisa ficar como está: descarte a mensagem e importe uma planilha corrigida.",
                what.in_portuguese()
            ),
            (Self::NoRows, Language::Portuguese) => {
                "Ela não tem linhas que possam contar como rejeitadas: corrija o texto ou tente de novo.".to_owned()
            }
            (Self::NoTotals, Language::Portuguese) => {
                "A mensagem com os totais da importação ainda não foi gravada: primeiro tente aquela de novo e depois descarte esta."
                    .to_owned()
            }
            (Self::Database(_), Language::Portuguese) => "O banco de dados falhou; tente de novo.".to_owned(),
            (_, Language::English) => self.to_string(),
        }
    }
}

/// The part of a message that an edit must keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// The ids of the message and of its import.
    Names,
    /// The place and the money of each row.
    Rows,
    /// The kind of message.
    Kind,
}

impl Kept {
    fn in_portuguese(self) -> &'static str {
        match self {
            Self::Names => "message_id e import_id",
            Self::Rows => "o lugar e o dinheiro de cada linha",
            Self::Kind => "o tipo da mensagem",
        }
    }
}

impl fmt::Display for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Names => "message_id and import_id",
            Self::Rows => "the place and the money of each row",
            Self::Kind => "the kind of the message",
        })
    }
}

/// Makes dead letters due at once with a fresh count of attempts: the one with this id, or all. Returns how many it changed,
/// which is 0 if the message is waiting for an attempt already.
///
/// # Errors
/// The database failed.
pub fn retry(connection: &mut DbConnection, id: Option<i64>, now: DateTime<Utc>) -> QueryResult<usize> {
    let due = (
        failed_messages::next_attempt_at.eq(Some(now.naive_utc())),
        failed_messages::attempts.eq(0),
        // A failed discard is dropped, because the person now wants the message to be applied.
        failed_messages::discarded_by.eq(None::<String>),
    );
    let dead = failed_messages::table.filter(failed_messages::next_attempt_at.is_null());
    match id {
        Some(id) => diesel::update(dead.filter(failed_messages::id.eq(id))).set(due).execute(connection),
        None => diesel::update(dead).set(due).execute(connection),
    }
}

/// Gives up on a dead letter: its rows will count as rejected, with the last error as the reason. An unreadable message without
/// an import is deleted at once.
///
/// # Errors
/// [`ActRefused`].
pub fn discard(connection: &mut DbConnection, id: i64, by: &str, now: DateTime<Utc>) -> Result<(), ActRefused> {
    write(connection, |connection| {
        let payload = payload(connection, id)?;
        let belongs: Option<String> =
            failed_messages::table.find(id).select(failed_messages::import_uuid).first(connection)?;
        if is_nonsense(&payload, belongs.as_deref()) {
            one(id, diesel::delete(still_dead(id)).execute(connection)?)?;
            tracing::warn!(id, by, "an unreadable message without an import was deleted");
            return Ok(());
        }
        let message = parsed(&payload)?;
        if !matches!(message.body, Body::Sales(_) | Body::Rejections(_)) {
            return Err(ActRefused::NoRows);
        }
        if waits_for_totals(connection, &message)? {
            return Err(ActRefused::NoTotals);
        }
        let discarded = diesel::update(still_dead(id))
            .set((
                failed_messages::discarded_by.eq(by),
                failed_messages::next_attempt_at.eq(Some(now.naive_utc())),
                failed_messages::attempts.eq(0),
            ))
            .execute(connection)?;
        one(id, discarded)
    })
}

/// Whether the totals of the message's import are among the failed messages.
fn waits_for_totals(connection: &mut DbConnection, message: &Message) -> Result<bool, ActRefused> {
    let own = failed_messages::table.filter(failed_messages::import_uuid.eq(message.import_id.to_string()));
    let ids: Vec<i64> = own.select(failed_messages::id).order(failed_messages::id).load(connection)?;
    for id in ids {
        let payload: Option<Vec<u8>> =
            failed_messages::table.find(id).select(failed_messages::payload).first(connection).optional()?;
        let message = payload.and_then(|payload| deliver::parse(&payload).ok());
        if message.is_some_and(|message| matches!(message.body, Body::Import(_))) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Replaces the text of a dead letter and makes it due. Ids, places and money of the rows must stay, because the ledger counts
/// them.
///
/// # Errors
/// [`ActRefused`].
pub fn edit(connection: &mut DbConnection, id: i64, text: &[u8], now: DateTime<Utc>) -> Result<(), ActRefused> {
    let new = parsed(text)?;
    write(connection, |connection| {
        // If the old text was unreadable, there is nothing to compare.
        if let Ok(old) = deliver::parse(&payload(connection, id)?) {
            check_same(&old, &new)?;
        }
        let new_id = new.message_id.to_string();
        let edited = diesel::update(still_dead(id))
            .set((
                failed_messages::payload.eq(text),
                failed_messages::message_id.eq(new_id),
                failed_messages::import_uuid.eq(new.import_id.to_string()),
                failed_messages::next_attempt_at.eq(Some(now.naive_utc())),
                failed_messages::attempts.eq(0),
                failed_messages::discarded_by.eq(None::<String>),
            ))
            .execute(connection)?;
        one(id, edited)
    })
}

fn parsed(text: &[u8]) -> Result<Message, ActRefused> {
    deliver::parse(text).map_err(|error| ActRefused::Unreadable(error.to_string()))
}

fn payload(connection: &mut DbConnection, id: i64) -> Result<Vec<u8>, ActRefused> {
    still_dead(id).select(failed_messages::payload).first(connection).optional()?.ok_or(ActRefused::Unknown(id))
}

/// Selects the message, unless somebody made it due in the meantime.
#[diesel::dsl::auto_type]
fn still_dead(id: i64) -> _ {
    failed_messages::table.filter(failed_messages::id.eq(id).and(failed_messages::next_attempt_at.is_null()))
}

/// Returns an error if no dead letter was changed.
fn one(id: i64, changed: usize) -> Result<(), ActRefused> {
    if changed == 1 { Ok(()) } else { Err(ActRefused::Unknown(id)) }
}

fn check_same(old: &Message, new: &Message) -> Result<(), ActRefused> {
    if (old.message_id, old.import_id) != (new.message_id, new.import_id) {
        return Err(ActRefused::Changed(Kept::Names));
    }
    let places =
        |sales: &[Sale]| sales.iter().map(|sale| (sale.sheet.clone(), sale.row, sale.amount)).collect::<Vec<_>>();
    let rejected =
        |rows: &[RejectedRow]| rows.iter().map(|row| (row.sheet.clone(), row.row, row.amount)).collect::<Vec<_>>();
    match (&old.body, &new.body) {
        (Body::Sales(old), Body::Sales(new)) if places(old) == places(new) => Ok(()),
        (Body::Rejections(old), Body::Rejections(new)) if rejected(old) == rejected(new) => Ok(()),
        (Body::Sales(_), Body::Sales(_)) | (Body::Rejections(_), Body::Rejections(_)) => {
            Err(ActRefused::Changed(Kept::Rows))
        }
        (old, new) if std::mem::discriminant(old) == std::mem::discriminant(new) => Ok(()),
        _ => Err(ActRefused::Changed(Kept::Kind)),
    }
}

/// Counts the rows of a discarded message as rejected, in one transaction and only once. Does nothing if the message is gone
/// because another worker applied it.
///
/// # Errors
/// [`DeliverError`]. Then nothing was changed.
pub(crate) fn apply_discard(
    connection: &mut DbConnection,
    waiting: &Waiting,
    message: &Message,
    now: DateTime<Utc>,
) -> Result<(), DeliverError> {
    let reason: Option<String> = failed_messages::table
        .filter(failed_messages::message_id.eq(&waiting.message_id))
        .select(failed_messages::reason)
        .first(connection)
        .optional()?;
    let Some(reason) = reason else { return Ok(()) };
    let (rows, left) = match &message.body {
        Body::Sales(sales) => {
            let quantity: TenThousandths = sales.iter().map(|sale| sale.quantity).sum();
            (sales.iter().map(|sale| as_rejected(sale, &reason)).collect(), (sales.len(), quantity))
        }
        Body::Rejections(rows) => (rows.clone(), (0, TenThousandths::ZERO)),
        _ => (Vec::new(), (0, TenThousandths::ZERO)),
    };
    let entry = waiting.part_of.as_deref().unwrap_or(&waiting.message_id);
    let by = waiting.discarded_by.as_deref().unwrap_or_default();
    deliver::deliver_as_rejected(connection, message, entry, &rows, left, by, now)
}

/// Turns a sale that could not be stored into a rejected row.
fn as_rejected(sale: &Sale, reason: &str) -> RejectedRow {
    let cells = [
        ("order_id", sale.order_id.clone()),
        ("date", Some(sale.sold_on.to_string())),
        ("customer", sale.customer.as_ref().and_then(|customer| customer.name.clone())),
        ("product", Some(sale.product.name.clone())),
        ("quantity", Some(sale.quantity.to_string())),
        ("total", Some(Cents(sale.amount.0).to_string())),
    ];
    RejectedRow {
        sheet: sale.sheet.clone(),
        row: sale.row,
        reasons: vec![Rejection {
            field: Field::Product,
            column: None,
            value: Some(reason.to_owned()),
            rule: Rule::Undeliverable,
        }],
        amount: sale.amount,
        cells: cells.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect(),
    }
}
