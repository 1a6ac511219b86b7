//! Reports as downloads: parses the filter from the URL and answers with a file.

mod stream;

use actix_web::http::header::{CONTENT_DISPOSITION, ContentEncoding};
use actix_web::{HttpResponse, HttpResponseBuilder, web};
use caudal_platform::database::DbConnection;
use chrono::Utc;
use serde::Deserialize;
use tokio::sync::Semaphore;

use super::sales_query::SalesQuery;
use super::visitor::SignedIn;
use super::{PageError, Pages};
use crate::report::csv::Profile;
use crate::report::{ReportError, ReportRequest, file_name};

/// Workbooks and PDFs made at the same time in this process, because each takes a connection, a processor and up to 100 MB.
static FILES: Semaphore = Semaphore::const_new(2);
/// CSV downloads at the same time, because each holds a connection until the reader has received the last row.
static STREAMS: Semaphore = Semaphore::const_new(3);

/// The options that only the CSV has, besides the filter.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(default)]
pub struct CsvQuery {
    profile: Profile,
}

/// `GET /sales/report.csv`: the filtered list, sent while it is read. `?profile=data` selects the profile for programs.
///
/// # Errors
/// [`PageError::BadDays`], [`PageError::TooManyAttempts`] if too many downloads are running, [`PageError::Internal`]. An error
/// after the first bytes breaks the connection, because a partial list must never look complete.
pub async fn csv(
    pages: web::Data<Pages>,
    reader: SignedIn,
    query: web::Query<SalesQuery>,
    options: web::Query<CsvQuery>,
) -> Result<HttpResponse, PageError> {
    let request = requested(&pages, &reader, query.into_inner())?;
    let permit = STREAMS.try_acquire().map_err(|_full| PageError::TooManyAttempts)?;
    let mut answer = attachment(&request, "csv", "text/csv; charset=utf-8");
    let pieces = stream::start(pages.database.clone(), request, options.profile, permit).await?;
    Ok(answer.streaming(pieces))
}

/// `GET /sales/report.xlsx`: the filtered list as a workbook.
///
/// # Errors
/// [`PageError::BadDays`], [`PageError::TooManyRows`], [`PageError::TooManyAttempts`] if two reports are being made already,
/// [`PageError::Internal`].
pub async fn xlsx(
    pages: web::Data<Pages>,
    reader: SignedIn,
    query: web::Query<SalesQuery>,
) -> Result<HttpResponse, PageError> {
    let request = requested(&pages, &reader, query.into_inner())?;
    let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    file(&pages, request, "xlsx", kind, ReportRequest::xlsx).await
}

/// `GET /sales/report.pdf`: the filtered list to print.
///
/// # Errors
/// [`PageError::BadDays`], [`PageError::TooManyAttempts`] if two reports are being made already, [`PageError::Internal`].
pub async fn pdf(
    pages: web::Data<Pages>,
    reader: SignedIn,
    query: web::Query<SalesQuery>,
) -> Result<HttpResponse, PageError> {
    let request = requested(&pages, &reader, query.into_inner())?;
    file(&pages, request, "pdf", "application/pdf", ReportRequest::pdf).await
}

/// Answers with a report that is complete before the first byte is sent.
async fn file(
    pages: &Pages,
    request: ReportRequest,
    extension: &str,
    kind: &str,
    make: fn(&ReportRequest, &mut DbConnection) -> Result<Vec<u8>, ReportError>,
) -> Result<HttpResponse, PageError> {
    let permit = FILES.try_acquire().map_err(|_full| PageError::TooManyAttempts)?;
    let mut answer = attachment(&request, extension, kind);
    let bytes = pages
        .ask(move |db| {
            // The work keeps the permit, not the request: if the reader leaves early, the processor is still busy.
            let _permit = permit;
            make(&request, db)
        })
        .await?;
    // The formats are compressed already.
    Ok(answer.insert_header(ContentEncoding::Identity).body(bytes))
}

/// The report that a URL asks for. An invalid day is an error, because a report of all sales would look like a valid answer.
fn requested(pages: &Pages, reader: &SignedIn, query: SalesQuery) -> Result<ReportRequest, PageError> {
    let list = query.parsed();
    match list.problem {
        Some(problem) => Err(PageError::BadDays(problem)),
        None => Ok(ReportRequest {
            filter: list.filter,
            language: reader.language,
            time_zone: pages.config.time_zone,
            now: Utc::now(),
        }),
    }
}

/// The headers of an answer that a browser saves. The file name is generated here from ASCII letters and digits only.
fn attachment(request: &ReportRequest, extension: &str, kind: &str) -> HttpResponseBuilder {
    let name = file_name(request.now, request.time_zone, request.language, extension);
    let mut answer = HttpResponse::Ok();
    answer.content_type(kind);
    answer.insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"; filename*=UTF-8''{name}")));
    answer
}

impl From<ReportError> for PageError {
    fn from(error: ReportError) -> Self {
        match error {
            ReportError::TooManyRows => Self::TooManyRows,
            other => Self::Internal(other.to_string()),
        }
    }
}
