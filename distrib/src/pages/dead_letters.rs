//! Messages that could not be stored: the reasons, and the actions for a person.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use caudal_contract::calendar::to_local;
use caudal_contract::format;
use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::admin::{Admin, AdminForm, Button};
use super::frame::{Frame, Section, go_to, page};
use super::pager::First;
use super::visitor::SignedIn;
use super::{PageError, Pages, escape};
use crate::dead_letter::{self, ActRefused};
use crate::view::dead_letters::{self, FailedMessage};

/// Maximum size of an edited message, in bytes.
pub const MOST_BYTES: usize = 16 * 1024 * 1024;
/// If a text takes more bytes of the page than this, it can be edited only on the command line.
const MOST_EDITED_BYTES: usize = 768 * 1024;
/// Lines of a read-only text. The command line shows all.
const SHOWN_LINES: usize = 2_000;
/// Messages on the page. The command line lists all.
const SHOWN: i64 = 200;

#[derive(Template)]
#[template(path = "dead_letters.html")]
struct DeadLettersPage {
    f: Frame,
    messages: Vec<MessageView>,
    has_dead: bool,
    more: Option<String>,
}

#[derive(Template)]
#[template(path = "dead_letter.html")]
struct DeadLetterPage {
    f: Frame,
    message: MessageView,
    text: MessageText,
    /// How to see and edit the text on the command line, if the page has no room for it.
    elsewhere: Option<String>,
    problem: Option<String>,
}

/// The text of a message on its page.
enum MessageText {
    /// The text can be edited.
    Edited(String),
    /// The text is read-only.
    Read(First<String>),
}

/// A failed message as texts.
struct MessageView {
    id: i64,
    is_dead: bool,
    /// Whether its rows can count as rejected, or the message is nonsense that can be deleted.
    can_discard: bool,
    is_nonsense: bool,
    title: String,
    import: Option<(i64, String)>,
    reason: String,
    /// The technical text, if the reason is one of our sentences.
    detail: Option<String>,
    attempts: String,
    first: String,
    last: String,
    next: Option<String>,
}

/// The form that edits a message.
#[derive(Debug, Deserialize)]
pub struct EditForm {
    csrf: String,
    text: String,
}

impl AdminForm for EditForm {
    fn csrf(&self) -> &str {
        &self.csrf
    }
}

/// `GET /dead-letters`: failed messages, dead letters first.
///
/// # Errors
/// [`PageError::Forbidden`] for readers; [`PageError::Internal`].
pub async fn list(pages: web::Data<Pages>, reader: SignedIn) -> Result<HttpResponse, PageError> {
    reader.must_be_admin()?;
    let (found, total) = pages
        .ask(|db| Ok::<_, diesel::result::Error>((dead_letters::list(db, 0, SHOWN)?, dead_letters::count(db)?)))
        .await?;
    let f = Frame::signed_in(&reader, Section::Imports, "/dead-letters".to_owned());
    let messages: Vec<MessageView> = found.iter().map(|message| view(&f, &pages, message)).collect();
    page(
        StatusCode::OK,
        &DeadLettersPage {
            has_dead: messages.iter().any(|message| message.is_dead),
            more: (total > SHOWN).then(|| f.t.more_dead_letters(&format::count(total - SHOWN, f.language))),
            messages,
            f,
        },
    )
}

/// `GET /dead-letters/{id}`: the text of a message, for reading and editing.
///
/// # Errors
/// [`PageError::NotFound`]; [`PageError::Forbidden`] for readers; [`PageError::Internal`].
pub async fn show(pages: web::Data<Pages>, reader: SignedIn, id: web::Path<i64>) -> Result<HttpResponse, PageError> {
    reader.must_be_admin()?;
    letter(&pages, &reader, *id, None, None).await
}

async fn letter(
    pages: &Pages,
    reader: &SignedIn,
    id: i64,
    edited: Option<String>,
    problem: Option<String>,
) -> Result<HttpResponse, PageError> {
    let message = pages.ask(move |db| dead_letters::find(db, id)).await?.ok_or(PageError::NotFound)?;
    let f = Frame::signed_in(reader, Section::Imports, format!("/dead-letters/{id}"));
    let status = if problem.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let whole = edited.unwrap_or_else(|| message.text());
    let is_too_long = escape::exact_bytes(&whole) > MOST_EDITED_BYTES;
    let text = if message.is_dead() && !is_too_long {
        MessageText::Edited(whole)
    } else {
        MessageText::Read(First::of(SHOWN_LINES, whole.lines(), f.language, str::to_owned))
    };
    let elsewhere = is_too_long.then(|| f.t.text_elsewhere(id, message.is_dead()));
    page(status, &DeadLetterPage { message: view(&f, pages, &message), text, elsewhere, problem, f })
}

/// `POST /dead-letters/retry`: makes all dead letters due.
///
/// # Errors
/// [`PageError::Forbidden`] for readers; [`PageError::Internal`].
pub async fn retry_all(pages: web::Data<Pages>, _admin: Admin<Button, ()>) -> Result<HttpResponse, PageError> {
    pages.ask(|db| dead_letter::retry(db, None, Utc::now())).await?;
    Ok(go_to("/dead-letters"))
}

/// `POST /dead-letters/{id}/retry`: makes one dead letter due.
///
/// # Errors
/// [`PageError::Forbidden`] for readers; [`PageError::Internal`].
pub async fn retry(pages: web::Data<Pages>, Admin { id, .. }: Admin) -> Result<HttpResponse, PageError> {
    pages.ask(move |db| dead_letter::retry(db, Some(id), Utc::now())).await?;
    Ok(go_to("/dead-letters"))
}

/// `POST /dead-letters/{id}/discard`: counts its rows as rejected.
///
/// # Errors
/// [`PageError::NotFound`]; [`PageError::Forbidden`] for readers; [`PageError::Internal`].
pub async fn discard(pages: web::Data<Pages>, Admin { reader, id, .. }: Admin) -> Result<HttpResponse, PageError> {
    let by = reader.user.name.clone();
    let outcome = pages.ask(move |db| Ok::<_, PageError>(dead_letter::discard(db, id, &by, Utc::now()))).await?;
    after(&pages, &reader, id, outcome, None).await
}

/// `POST /dead-letters/{id}`: replaces its text and makes it due.
///
/// # Errors
/// [`PageError::NotFound`]; [`PageError::Forbidden`] for readers; [`PageError::Internal`].
pub async fn edit(
    pages: web::Data<Pages>,
    Admin { reader, id, form: EditForm { text, .. } }: Admin<EditForm>,
) -> Result<HttpResponse, PageError> {
    let new = text.clone();
    let outcome =
        pages.ask(move |db| Ok::<_, PageError>(dead_letter::edit(db, id, new.as_bytes(), Utc::now()))).await?;
    after(&pages, &reader, id, outcome, Some(text)).await
}

async fn after(
    pages: &Pages,
    reader: &SignedIn,
    id: i64,
    outcome: Result<(), ActRefused>,
    edited: Option<String>,
) -> Result<HttpResponse, PageError> {
    match outcome {
        Ok(()) => Ok(go_to("/dead-letters")),
        Err(ActRefused::Unknown(_)) => Err(PageError::NotFound),
        Err(ActRefused::Database(error)) => Err(error.into()),
        Err(refused) => letter(pages, reader, id, edited, Some(refused.sentence(reader.language))).await,
    }
}

fn view(f: &Frame, pages: &Pages, message: &FailedMessage) -> MessageView {
    let at = |at: DateTime<Utc>| format::date_time(to_local(at, pages.config.time_zone), f.language);
    let rows = i64::try_from(message.rows).unwrap_or(i64::MAX);
    MessageView {
        id: message.id,
        is_dead: message.is_dead(),
        can_discard: message.can_be_discarded(),
        is_nonsense: message.is_nonsense(),
        title: f.t.failed_message(message.kind, &format::count(rows, f.language), message.row.as_ref()),
        import: message.import.map(|id| (id, f.t.import_called(id, message.import_name.as_deref()))),
        reason: match message.code {
            Some(reason) => reason.sentence(f.language).to_owned(),
            None => f.t.failure(message.kind.is_some(), &message.reason),
        },
        detail: message.code.map(|_| message.reason.clone()),
        attempts: format::count(message.attempts, f.language),
        first: at(message.first_failed_at),
        last: at(message.last_failed_at),
        next: message.next_attempt_at.map(at),
    }
}
