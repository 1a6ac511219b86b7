//! `POST /ingest/v1/sales`: one sale or an array of sales as JSON, answered row by row.
//!
//! A row takes exactly the path of a sheet's row: its properties become the columns of a sheet, which is cleaned,
//! staged and published like a file. But each row is read by itself, so it means the same in every batch. The answer is
//! sent after the staging is committed.

use std::collections::BTreeMap;
use std::sync::Arc;

use actix_web::error::PayloadError;
use actix_web::http::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_LENGTH};
use actix_web::{FromRequest, HttpRequest, HttpResponse, web};
use caudal_contract::message::{ImportId, Origin, RejectedRow};
use caudal_contract::notice::BatchLimit;
use caudal_platform::config::Config;
use caudal_platform::database::{Database, Lent};
use caudal_platform::http::ApiProblem;
use caudal_platform::secret::Secrets;
use caudal_platform::token::{self, Audience};
use chrono::{DateTime, Utc};
use serde::Serialize;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::intake::Intake;
use crate::originals::sha256_of;
use crate::pressure::Pressure;
use crate::staging::{self, Arrival, StageError, Staged};
use caudal_reading::batch::{Batch, BatchError};
use caudal_reading::body::{Body, BodyProblem, identifier};
use caudal_reading::value::{Basis, Conventions, Mark};

/// Largest body, in bytes.
pub const MOST_BYTES: usize = 8 * 1024 * 1024;
/// The total size of the bodies that are read or processed at the same time, in bytes: four of the largest, or many
/// small ones. The limit is needed because processing takes several times the size of a body.
const MOST_BYTES_AT_ONCE: usize = 4 * MOST_BYTES;
/// The unit of the permits for a body, in bytes.
const PERMIT: usize = 1024;

/// The shared state of the API.
pub struct Api {
    /// Settings.
    pub config: Arc<Config>,
    /// The ingest database.
    pub database: Database,
    /// Keys.
    pub secrets: Secrets,
    /// Checks for room.
    pub pressure: Pressure,
    /// Permits for the memory of bodies.
    bodies: Arc<Semaphore>,
}

impl Api {
    /// An API that takes batches into this database.
    #[must_use]
    pub fn new(config: Arc<Config>, database: Database, secrets: Secrets, pressure: Pressure) -> Self {
        let bodies = Arc::new(Semaphore::new(MOST_BYTES_AT_ONCE / PERMIT));
        Self { config, database, secrets, pressure, bodies }
    }

    /// The intake, for commands about files.
    pub(crate) fn intake(&self) -> Intake {
        Intake::new(Arc::clone(&self.config), self.database.clone(), &self.secrets)
    }
}

/// The answer to a batch.
#[derive(Debug, Serialize)]
pub struct Answer {
    /// The import made from the batch.
    pub import_id: ImportId,
    /// Rows taken.
    pub accepted: usize,
    /// Rows that were taken before.
    pub duplicate: usize,
    /// Rows that were not taken.
    pub rejected: usize,
    /// Rows that are not sales: cancelled orders. Together with the three counts above they make the rows of the batch.
    pub ignored: usize,
    /// One answer a row, in the order of the batch.
    pub rows: Vec<RowAnswer>,
}

/// The result for one row.
#[derive(Debug, Serialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum RowAnswer {
    /// The row was taken. It will be stored, or will update the sale with the same id.
    Accepted {
        /// The row's place, from 1.
        row: u32,
    },
    /// The same sale with the same content was taken before.
    Duplicate {
        /// The row's place, from 1.
        row: u32,
    },
    /// A cancelled order: counted, not taken as a sale.
    Ignored {
        /// The row's place, from 1.
        row: u32,
        /// The number of sales taken before that the row cancels. They are void.
        #[serde(skip_serializing_if = "cancels_nothing")]
        voids: usize,
    },
    /// The row was not taken.
    Rejected {
        /// The row's place, from 1.
        row: u32,
        /// Every reason.
        reasons: Vec<Reason>,
    },
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
const fn cancels_nothing(count: &usize) -> bool {
    *count == 0
}

/// The reason for which a row was not taken.
#[derive(Debug, Serialize)]
pub struct Reason {
    /// The property, under the name that the row uses.
    pub field: String,
    /// The rule that the row broke.
    pub rule: &'static str,
    /// The same as a sentence.
    pub reason: String,
}

/// Takes a batch in. Answers 200 if every row is accounted for, even if rows were rejected. The body is not read if the
/// token is invalid or the intake is paused.
///
/// # Errors
/// [`ApiProblem`]; then nothing was taken.
pub async fn post_sales(
    api: web::Data<Api>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, ApiProblem> {
    let user = authenticated(&request, Audience::Sales, &api.secrets)?;
    let pressure = api.pressure.clone();
    if blocking(move || Ok(pressure.pause().is_some())).await? {
        return Err(ApiProblem::Unavailable);
    }
    let permit = permit(&api.bodies, &request)?;
    let body = body(&request, payload).await?;
    let answer = blocking(move || {
        // The work goes on if the client disconnects, so it keeps the permit.
        let _permit = permit;
        take(&api, &user, body)
    });
    Ok(HttpResponse::Ok().json(answer.await?))
}

/// The answer to a cancellation.
#[derive(Debug, Serialize)]
pub struct Cancelled {
    /// The import made from the request.
    pub import_id: ImportId,
    /// The number of sales that are void.
    pub voids: usize,
}

/// `DELETE /ingest/v1/sales/{id}`: cancels every line of the user's order with this id.
///
/// # Errors
/// [`ApiProblem::NoSuchSale`] if the user sent no sale with this id; [`ApiProblem`]. Then nothing was cancelled.
pub async fn delete_order(
    api: web::Data<Api>,
    request: HttpRequest,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiProblem> {
    delete(api, &request, id.into_inner(), None).await
}

/// `DELETE /ingest/v1/sales/{id}/{line}`: cancels one line of the user's order.
///
/// # Errors
/// As [`delete_order`].
pub async fn delete_line(
    api: web::Data<Api>,
    request: HttpRequest,
    place: web::Path<(String, String)>,
) -> Result<HttpResponse, ApiProblem> {
    let (id, line) = place.into_inner();
    delete(api, &request, id, Some(line)).await
}

async fn delete(
    api: web::Data<Api>,
    request: &HttpRequest,
    id: String,
    line: Option<String>,
) -> Result<HttpResponse, ApiProblem> {
    let user = authenticated(request, Audience::Sales, &api.secrets)?;
    let answer = blocking(move || {
        if api.pressure.pause().is_some() {
            return Err(ApiProblem::Unavailable);
        }
        cancel(&api, &user, &id, line.as_deref())
    });
    Ok(HttpResponse::Ok().json(answer.await?))
}

fn cancel(api: &Api, user: &str, id: &str, line: Option<&str>) -> Result<Cancelled, ApiProblem> {
    // The same reading as of the properties, so that the same text is the same id.
    let (id, line) = (identifier(id), line.map(identifier));
    let asked = format!("{id}\u{1f}{}", line.as_deref().unwrap_or_default());
    let arrival = arrival(user, sha256_of(asked.as_bytes()), Utc::now());
    let mut connection = connection(api)?;
    let staged = staging::stage_cancellation(&mut connection, &arrival, &id, line.as_deref());
    let voids = staged.map_err(|error| not_staged(api, error))?.ok_or(ApiProblem::NoSuchSale)?;
    tracing::info!(import.id = %arrival.import_id, source.id = arrival.source, sales = voids, "cancelled");
    Ok(Cancelled { import_id: arrival.import_id, voids })
}

fn arrival(user: &str, sha256: String, received_at: DateTime<Utc>) -> Arrival {
    Arrival {
        import_id: ImportId::new(),
        source: format!("api:{user}"),
        origin: Origin::Api,
        name: String::new(),
        sha256,
        received_at,
        file_as: None,
    }
}

fn connection(api: &Api) -> Result<Lent, ApiProblem> {
    api.database.get().map_err(|error| {
        tracing::error!(%error, "no connection for a batch");
        ApiProblem::Unavailable
    })
}

fn not_staged(api: &Api, error: StageError) -> ApiProblem {
    match error {
        StageError::Database(_) | StageError::Query(_) => {
            tracing::error!(%error, "a batch could not be staged");
            api.pressure.notice(&error);
            ApiProblem::Unavailable
        }
        StageError::TooLong => ApiProblem::BatchTooLarge(BatchLimit::Notices),
        error => {
            tracing::error!(%error, "a batch could not be staged");
            ApiProblem::Internal
        }
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ApiProblem> + Send + 'static,
) -> Result<T, ApiProblem> {
    web::block(work).await.map_err(|error| {
        tracing::error!(%error, "the intake of a batch was interrupted");
        ApiProblem::Unavailable
    })?
}

/// Reserves memory for a body, by the size in its head.
fn permit(bodies: &Arc<Semaphore>, request: &HttpRequest) -> Result<OwnedSemaphorePermit, ApiProblem> {
    let length = request.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    // A compressed body is larger than its `Content-Length`.
    let is_packed = request.headers().contains_key(CONTENT_ENCODING);
    let bytes = length.filter(|_| !is_packed).map_or(MOST_BYTES, |length| length.min(MOST_BYTES));
    let count = u32::try_from(bytes.div_ceil(PERMIT)).unwrap_or(u32::MAX);
    Arc::clone(bodies).try_acquire_many_owned(count).map_err(|error| {
        tracing::warn!(bytes, %error, "a batch was refused for now, because too many batches are being taken at once");
        ApiProblem::Unavailable
    })
}

/// Reads and decompresses the body. The server's connection code gives up if the body does not come in time.
async fn body(request: &HttpRequest, payload: web::Payload) -> Result<web::Bytes, ApiProblem> {
    let mut payload = payload.into_inner();
    web::Bytes::from_request(request, &mut payload).await.map_err(|error| {
        tracing::info!(%error, "a body was not read");
        match error.as_error::<PayloadError>() {
            Some(PayloadError::Overflow) | None => {
                ApiProblem::BatchTooLarge(BatchLimit::Bytes { mib: MOST_BYTES >> 20 })
            }
            Some(PayloadError::Incomplete(_)) => ApiProblem::BodyTooSlow,
            Some(_) => ApiProblem::NotUnpacked,
        }
    })
}

/// The user named in the request's token.
pub(crate) fn authenticated(
    request: &HttpRequest,
    audience: Audience,
    secrets: &Secrets,
) -> Result<String, ApiProblem> {
    let header = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let (scheme, token) = header.and_then(|value| value.split_once(' ')).ok_or(ApiProblem::Unauthorized)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(ApiProblem::Unauthorized);
    }
    token::verify(token.trim(), audience, &secrets.token_key).map(|claims| claims.sub).map_err(|error| {
        tracing::info!(%error, "a token was not accepted");
        ApiProblem::Unauthorized
    })
}

fn take(api: &Api, user: &str, body: web::Bytes) -> Result<Answer, ApiProblem> {
    // The body may have taken long to arrive, so check again.
    if api.pressure.pause().is_some() {
        return Err(ApiProblem::Unavailable);
    }
    let read = Body::read(&body).map_err(problem)?;
    let received_at = Utc::now();
    let arrival = arrival(user, sha256_of(&body), received_at);
    let mut connection = connection(api)?;
    // Rows without a date get the day of the batch's first arrival, so that the same bytes are the same sales even
    // after midnight.
    let mut arrived = received_at;
    if read.has_undated() {
        let first = staging::first_arrival(&mut connection, &arrival.source, &arrival.sha256).map_err(|error| {
            tracing::error!(%error, "a batch could not be staged");
            ApiProblem::Unavailable
        })?;
        arrived = first.unwrap_or(received_at);
    }
    let batch = cleaned(&read, &api.config, arrived).map_err(|error| {
        tracing::error!(%error, "a batch could not be staged");
        ApiProblem::Internal
    })?;
    let rows = read.len();
    // The body is as large as the data made from it, so free it before staging.
    drop(body);
    let staged = staging::stage(&mut connection, &arrival, &batch, api.config.batch_rows)
        .map_err(|error| not_staged(api, error))?;
    tracing::info!(import.id = %arrival.import_id, source.id = arrival.source, rows.read = batch.rows_read, rows.rejected = batch.rejected.len(), "staged");
    Ok(answer(arrival.import_id, rows, &batch, &staged, api.config.language))
}

/// The answer to an invalid body.
fn problem(problem: BodyProblem) -> ApiProblem {
    match problem {
        BodyProblem::Unreadable { line, column } => ApiProblem::UnreadableBody { line, column },
        BodyProblem::NoSale { row } => ApiProblem::NoSale { row },
        BodyProblem::Empty => ApiProblem::EmptyBatch,
        BodyProblem::TooLarge(limit) => ApiProblem::BatchTooLarge(limit),
    }
}

/// The clean rows of a body. Rows without a date get the time `arrived`.
fn cleaned(body: &Body<'_>, config: &Config, arrived: DateTime<Utc>) -> Result<Batch, BatchError> {
    let conventions = Conventions {
        zone: config.time_zone,
        basis: Basis::Value,
        mark: Mark::Point,
        day_first: config.day_first,
        arrived,
    };
    Batch::of_body(body, &conventions)
}

fn answer(
    import_id: ImportId,
    rows: usize,
    batch: &Batch,
    Staged { identities, cancellations }: &Staged,
    language: caudal_contract::language::Language,
) -> Answer {
    let mut voids: BTreeMap<u32, usize> = BTreeMap::new();
    for cancellation in cancellations.iter().filter(|cancellation| cancellation.import_id.is_none()) {
        *voids.entry(cancellation.row).or_insert(0) += 1;
    }
    let ignored = |row| RowAnswer::Ignored { row, voids: voids.get(&row).copied().unwrap_or(0) };
    let mut answers: Vec<RowAnswer> = (1..).take(rows).map(ignored).collect();
    let mut put = |row: u32, answer: RowAnswer| {
        if let Some(slot) = answers.get_mut((row as usize).wrapping_sub(1)) {
            *slot = answer;
        }
    };
    let numbers = batch.sheets.iter().filter_map(|sheet| sheet.sales.column("row").ok()?.u32().ok());
    let (mut accepted, mut duplicate) = (0, 0);
    for (rows, identities) in numbers.zip(identities) {
        for (row, identity) in rows.iter().flatten().zip(identities) {
            if identity.known {
                duplicate += 1;
                put(row, RowAnswer::Duplicate { row });
            } else {
                accepted += 1;
                put(row, RowAnswer::Accepted { row });
            }
        }
    }
    for RejectedRow { row, reasons, .. } in &batch.rejected {
        let reasons = reasons
            .iter()
            .map(|reason| Reason {
                field: reason.column.clone().unwrap_or_else(|| reason.field.code().to_owned()),
                rule: reason.rule.code(),
                reason: reason.sentence(language),
            })
            .collect();
        put(*row, RowAnswer::Rejected { row: *row, reasons });
    }
    let rejected = batch.rejected.len();
    Answer { import_id, accepted, duplicate, rejected, ignored: rows - accepted - duplicate - rejected, rows: answers }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn memory_is_kept_for_what_a_body_may_become() {
        let kept = |name, value| {
            let bodies = Arc::new(Semaphore::new(MOST_BYTES_AT_ONCE / PERMIT));
            let request = TestRequest::default().insert_header((CONTENT_LENGTH, "5000")).insert_header((name, value));
            permit(&bodies, &request.to_http_request()).map(|permit| permit.num_permits())
        };
        assert_eq!(kept(CONTENT_LENGTH, "5000"), Ok(5));
        assert_eq!(kept(CONTENT_LENGTH, "99999999999"), Ok(MOST_BYTES / PERMIT), "it is not read further");
        assert_eq!(kept(CONTENT_ENCODING, "gzip"), Ok(MOST_BYTES / PERMIT));
    }
}
