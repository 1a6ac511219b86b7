//! Reports as downloads: parses the filter from the URL, reads the list, and answers with a file.

use std::ops::ControlFlow;

use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_DISPOSITION, ContentEncoding, ContentType};
use actix_web::{HttpResponse, HttpResponseBuilder, web};
use caudal_contract::language::Language;
use caudal_platform::database::DbConnection;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde::Deserialize;
use tokio::sync::Semaphore;

use super::csv::{CsvReport, Profile};
use super::filters::{self, Names};
use super::pdf::PdfReport;
use super::xlsx::{self, XlsxReport};
use super::{ReportContext, ReportError, file_name, stream};
use crate::pages::sales_query::{ParsedQuery, QueryProblem};
use crate::pages::{PageError, Pages, SalesQuery, SignedIn};
use crate::view::sales::{SalesFilter, for_each_batch, totals};

/// Workbooks and PDFs made at the same time in this process, because each takes a connection, a processor and up to 100 MB.
static FILES: Semaphore = Semaphore::const_new(2);
/// CSV downloads at the same time, because each holds a connection until the reader has received the last row.
static STREAMS: Semaphore = Semaphore::const_new(3);

const BATCH: i64 = 1_000;

/// The options that only the CSV has, besides the filter.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(default)]
pub struct CsvQuery {
    profile: Profile,
}

/// The parameters of a requested report.
struct Request {
    filter: SalesFilter,
    language: Language,
    time_zone: Tz,
    now: DateTime<Utc>,
}

/// `GET /sales/report.csv`: the filtered list, sent while it is read. `?profile=data` selects the profile for programs.
///
/// # Errors
/// [`PageError::TooManyAttempts`] if too many downloads are running, [`PageError::Internal`]. An error after the first bytes
/// breaks the connection, because a partial list must never look complete.
pub async fn sales_csv(
    pages: web::Data<Pages>,
    reader: SignedIn,
    query: web::Query<SalesQuery>,
    options: web::Query<CsvQuery>,
) -> Result<HttpResponse, PageError> {
    let request = match Request::new(&pages, &reader, &query) {
        Ok(request) => request,
        Err(problem) => return Ok(wrong_days(problem, reader.language)),
    };
    let permit = STREAMS.try_acquire().map_err(|_full| PageError::TooManyAttempts)?;
    let mut answer = request.attachment("csv", "text/csv; charset=utf-8");
    let report = CsvReport { profile: options.profile, language: request.language, time_zone: request.time_zone };
    let pieces = stream::start(pages.database.clone(), request.filter, report, permit).await;
    Ok(answer.streaming(pieces.map_err(|error| PageError::Internal(error.to_string()))?))
}

/// `GET /sales/report.xlsx`: the filtered list as a workbook.
///
/// # Errors
/// [`PageError::TooManyAttempts`] if two reports are being made already, [`PageError::Internal`].
pub async fn sales_xlsx(
    pages: web::Data<Pages>,
    reader: SignedIn,
    query: web::Query<SalesQuery>,
) -> Result<HttpResponse, PageError> {
    let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    file(&pages, &reader, &query, "xlsx", kind, workbook).await
}

/// `GET /sales/report.pdf`: the filtered list to print.
///
/// # Errors
/// [`PageError::TooManyAttempts`] if two reports are being made already, [`PageError::Internal`].
pub async fn sales_pdf(
    pages: web::Data<Pages>,
    reader: SignedIn,
    query: web::Query<SalesQuery>,
) -> Result<HttpResponse, PageError> {
    file(&pages, &reader, &query, "pdf", "application/pdf", document).await
}

/// Answers with a report that is complete before the first byte is sent.
async fn file(
    pages: &Pages,
    reader: &SignedIn,
    query: &SalesQuery,
    extension: &str,
    kind: &str,
    make: fn(&mut DbConnection, &Request) -> Result<Vec<u8>, ReportError>,
) -> Result<HttpResponse, PageError> {
    let request = match Request::new(pages, reader, query) {
        Ok(request) => request,
        Err(problem) => return Ok(wrong_days(problem, reader.language)),
    };
    let permit = FILES.try_acquire().map_err(|_full| PageError::TooManyAttempts)?;
    let (language, mut answer) = (request.language, request.attachment(extension, kind));
    let made = pages
        .ask(move |db| {
            // The work keeps the permit, not the request: if the reader leaves early, the processor is still busy.
            let _permit = permit;
            Ok::<_, PageError>(make(db, &request))
        })
        .await?;
    match made {
        // The formats are compressed already.
        Ok(bytes) => Ok(answer.insert_header(ContentEncoding::Identity).body(bytes)),
        Err(ReportError::TooManyRows) => Ok(refusal(
            StatusCode::PAYLOAD_TOO_LARGE,
            language,
            language.pick(
                "Uma planilha do Excel tem no máximo 1.048.576 linhas, e a lista tem mais. Filtre um período menor ou use o CSV.",
                "An Excel sheet ends at row 1,048,576, and the list is longer. Choose a shorter period or take the CSV.",
            ),
        )),
        Err(error) => Err(PageError::Internal(error.to_string())),
    }
}

fn workbook(db: &mut DbConnection, request: &Request) -> Result<Vec<u8>, ReportError> {
    let context = request.context(db)?;
    // Checked first, because a workbook that is too long would fail only after a million rows.
    if context.totals.sales > i64::from(xlsx::ROW_LIMIT) {
        return Err(ReportError::TooManyRows);
    }
    let mut report = XlsxReport::start(context)?;
    let mut outcome = Ok(());
    for_each_batch(db, &request.filter, BATCH, |lines| {
        outcome = report.add(&lines);
        if outcome.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    outcome?;
    report.finish()
}

fn document(db: &mut DbConnection, request: &Request) -> Result<Vec<u8>, ReportError> {
    let mut report = PdfReport::start(request.context(db)?)?;
    for_each_batch(db, &request.filter, BATCH, |lines| {
        if report.add(&lines) { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    Ok(report.finish())
}

impl Request {
    /// Parses the URL. An invalid day is an error, because a report of all sales would look like a valid answer.
    fn new(pages: &Pages, reader: &SignedIn, query: &SalesQuery) -> Result<Self, QueryProblem> {
        let ParsedQuery { filter, problem, .. } = query.clone().parsed();
        match problem {
            Some(problem) => Err(problem),
            None => Ok(Self { filter, language: reader.language, time_zone: pages.config.time_zone, now: Utc::now() }),
        }
    }

    fn context(&self, db: &mut DbConnection) -> Result<ReportContext, ReportError> {
        let names = Names::of(&self.filter, db)?;
        Ok(ReportContext {
            language: self.language,
            time_zone: self.time_zone,
            generated_at: self.now,
            filter_words: filters::words(&self.filter, &names, self.language),
            totals: totals(db, &self.filter)?,
        })
    }

    /// The headers of an answer that a browser saves. The file name is generated here from ASCII letters and digits only.
    fn attachment(&self, extension: &str, kind: &str) -> HttpResponseBuilder {
        let name = file_name(self.now, self.time_zone, self.language, extension);
        let mut answer = HttpResponse::Ok();
        answer.content_type(kind);
        answer
            .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"; filename*=UTF-8''{name}")));
        answer
    }
}

fn wrong_days(problem: QueryProblem, language: Language) -> HttpResponse {
    let sentence = match problem {
        QueryProblem::NotADay => language.pick(
            "Uma das datas do filtro não existe. Corrija-a na lista de vendas.",
            "A day of the filter does not exist. Correct it in the sales list.",
        ),
        QueryProblem::EndBeforeStart => language.pick(
            "O filtro termina antes de começar. Corrija as datas na lista de vendas.",
            "The filter ends before it begins. Correct the days in the sales list.",
        ),
    };
    refusal(StatusCode::BAD_REQUEST, language, sentence)
}

/// A page with one of our own sentences.
fn refusal(status: StatusCode, language: Language, sentence: &str) -> HttpResponse {
    let page = format!(
        "<!doctype html><html lang=\"{language}\"><meta charset=\"utf-8\"><title>Caudal</title><p>{sentence}</p>\
         <p><a href=\"/sales\">{}</a></p></html>",
        language.pick("Voltar às vendas", "Back to the sales")
    );
    HttpResponse::build(status).insert_header(ContentType::html()).body(page)
}
