//! Commands of the pages, over internal HTTP with a token of their own; see [`caudal_contract::command`].

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::middleware::Next;
use actix_web::{HttpRequest, HttpResponse, ResponseError, web};
use caudal_contract::command::{CommandRefused, RowPlace, TraceQuery};
use caudal_contract::message::{Act, ImportId, Release};
use caudal_platform::database::DatabaseError;
use caudal_platform::http::ApiProblem;
use caudal_platform::token::Audience;
use chrono::Utc;

use super::sales::{Api, authenticated};
use crate::intake::{CommandError, IntakeError};
use crate::staging::{self, StageError};

/// The reason for which a command was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum CommandProblem {
    /// The caller may not give the command, or the service cannot carry it out at the moment.
    #[error(transparent)]
    Problem(#[from] ApiProblem),
    /// The command is not possible for this import.
    #[error(transparent)]
    Refused(#[from] CommandRefused),
}

impl ResponseError for CommandProblem {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::Problem(problem) => problem.status_code(),
            Self::Refused(CommandRefused::NoSuchImport | CommandRefused::NoSuchLayout) => StatusCode::NOT_FOUND,
            Self::Refused(_) => StatusCode::CONFLICT,
        }
    }

    fn error_response(&self) -> HttpResponse {
        match self {
            Self::Problem(problem) => problem.error_response(),
            Self::Refused(refused) => HttpResponse::build(self.status_code()).json(refused),
        }
    }
}

impl From<StageError> for CommandProblem {
    fn from(error: StageError) -> Self {
        match error {
            StageError::Refused(refused) => Self::Refused(refused),
            error @ (StageError::Database(_) | StageError::Query(_)) => {
                tracing::error!(%error, "a command could not be carried out");
                Self::Problem(ApiProblem::Unavailable)
            }
            error => {
                tracing::error!(%error, "a command could not be carried out");
                Self::Problem(ApiProblem::Internal)
            }
        }
    }
}

impl From<IntakeError> for CommandProblem {
    fn from(error: IntakeError) -> Self {
        match error {
            IntakeError::Stage(error) => error.into(),
            IntakeError::Database(error) => error.into(),
            error => {
                tracing::error!(%error, "a command could not be carried out");
                Self::Problem(ApiProblem::Internal)
            }
        }
    }
}

impl From<CommandError> for CommandProblem {
    fn from(error: CommandError) -> Self {
        match error {
            CommandError::Refused(refused) => Self::Refused(refused),
            CommandError::Intake(error) => error.into(),
        }
    }
}

impl From<DatabaseError> for CommandProblem {
    fn from(error: DatabaseError) -> Self {
        StageError::from(error).into()
    }
}

/// Requires a token for commands before the body is read or the address is examined.
///
/// # Errors
/// [`ApiProblem::Unauthorized`], or the error of the handler.
pub async fn only_with_token(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let api = request.app_data::<web::Data<Api>>().ok_or(ApiProblem::Internal)?;
    authenticated(request.request(), Audience::Commands, &api.secrets)?;
    next.call(request).await
}

/// `POST …/imports/{id}/undo`: takes an import back. Answers 202 because the effect comes through the queue.
///
/// # Errors
/// [`CommandProblem`]; then nothing was changed.
pub async fn undo(
    api: web::Data<Api>,
    request: HttpRequest,
    import_id: web::Path<ImportId>,
) -> Result<HttpResponse, CommandProblem> {
    let by = authenticated(&request, Audience::Commands, &api.secrets)?;
    blocking(move || {
        let act = Act { by, at: Utc::now() };
        staging::undo(&mut *api.database.get()?, *import_id, act)?;
        tracing::info!(import.id = %import_id, "the import was undone");
        Ok(())
    })
    .await?;
    Ok(HttpResponse::Accepted().finish())
}

/// `POST …/imports/{id}/release`: makes a duplicate a sale of its own. Answers 202 because the effect comes through the
/// queue.
///
/// # Errors
/// [`CommandProblem`]; then nothing was changed.
pub async fn release(
    api: web::Data<Api>,
    request: HttpRequest,
    import_id: web::Path<ImportId>,
    place: web::Json<RowPlace>,
) -> Result<HttpResponse, CommandProblem> {
    let by = authenticated(&request, Audience::Commands, &api.secrets)?;
    blocking(move || {
        let RowPlace { sheet, row } = place.into_inner();
        let release = Release { act: Act { by, at: Utc::now() }, sheet, row, key: None };
        Ok(api.intake().release(*import_id, release)?)
    })
    .await?;
    Ok(HttpResponse::Accepted().finish())
}

/// `GET …/imports/{id}/repair.xlsx`: the rejected rows, to be mended.
///
/// # Errors
/// [`CommandProblem`].
pub async fn repair_workbook(
    api: web::Data<Api>,
    request: HttpRequest,
    import_id: web::Path<ImportId>,
) -> Result<HttpResponse, CommandProblem> {
    authenticated(&request, Audience::Commands, &api.secrets)?;
    let workbook = blocking(move || Ok(api.intake().repair_workbook(*import_id)?)).await?;
    Ok(HttpResponse::Ok().body(workbook))
}

/// `GET …/imports/{id}/row?sheet=…&row=…&language=…`: a row, from its cells to its clean values.
///
/// # Errors
/// [`CommandProblem`].
pub async fn trace(
    api: web::Data<Api>,
    request: HttpRequest,
    import_id: web::Path<ImportId>,
    query: web::Query<TraceQuery>,
) -> Result<HttpResponse, CommandProblem> {
    authenticated(&request, Audience::Commands, &api.secrets)?;
    let trace = blocking(move || Ok(api.intake().trace(*import_id, &query)?)).await?;
    Ok(HttpResponse::Ok().json(trace))
}

pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, CommandProblem> + Send + 'static,
) -> Result<T, CommandProblem> {
    web::block(work).await.map_err(|error| {
        tracing::error!(%error, "a command was interrupted");
        CommandProblem::Problem(ApiProblem::Unavailable)
    })?
}

/// `GET …/pause`: the reason for which nothing is taken in at the moment; null if there is room.
///
/// # Errors
/// [`CommandProblem`].
pub async fn pause(api: web::Data<Api>) -> Result<HttpResponse, CommandProblem> {
    let pause = web::block(move || api.pressure.pause()).await.map_err(|error| {
        tracing::error!(%error, "the check for free space was interrupted");
        ApiProblem::Unavailable
    })?;
    Ok(HttpResponse::Ok().json(pause))
}
