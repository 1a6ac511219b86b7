//! All routes, grouped by their callers. The table of the pages stands beside them, in [`pages::routes`].

use std::time::Instant;

use actix_web::HttpResponse;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{ALLOW, HeaderValue};
use actix_web::middleware::{Compress, Next, from_fn};
use actix_web::web::{self, ServiceConfig, delete, get, post};
use caudal_contract::{command, rehearsal};
use caudal_distrib::pages;
use caudal_ingest::http::{commands, layouts};
use caudal_platform::http::{ApiProblem, secure_headers};

use crate::health::{self, HEALTH, READY};
use crate::roles::Roles;
use crate::serve::connections::bodies;

/// The largest rehearsal: some 500,000 rows.
const MOST_REHEARSED_BYTES: usize = 512 * 1024 * 1024;

/// Everything that a process with these roles answers.
pub fn configure(config: &mut ServiceConfig, roles: Roles) {
    let mut scope = web::scope("")
        .wrap(Compress::default())
        .wrap(from_fn(bodies::limit))
        .wrap(from_fn(secure_headers))
        .wrap(from_fn(log_request))
        .configure(machines);
    if roles.ingest {
        scope = scope.configure(ingest);
    }
    if roles.distrib {
        scope = scope.configure(distrib);
    }
    config.service(scope);
}

/// For monitoring. No login, no page.
pub fn machines(config: &mut ServiceConfig) {
    config.route(HEALTH, get().to(health::health)).route(READY, get().to(health::ready));
}

/// For programs that send sales with a token, and for our own pages, with a token that only they can make.
pub fn ingest(config: &mut ServiceConfig) {
    config.service(
        web::scope(command::PATH)
            .wrap(from_fn(commands::only_with_token))
            .route("/imports/{id}/undo", post().to(commands::undo))
            .route("/imports/{id}/release", post().to(commands::release))
            .route("/imports/{id}/repair.xlsx", get().to(commands::repair_workbook))
            .route("/imports/{id}/row", get().to(commands::trace))
            .route("/imports/{id}/layout", get().to(layouts::draft))
            .route("/imports/{id}/layout", post().to(layouts::decide))
            .route("/imports/{id}/dismiss", post().to(layouts::dismiss))
            .route("/pause", get().to(commands::pause))
            .route("/layouts", get().to(layouts::list))
            .route("/layouts/{fingerprint}/forget", post().to(layouts::forget))
            .default_service(web::to(|| async { HttpResponse::from_error(ApiProblem::NotFound) })),
    );
    config.service(
        web::scope("/ingest/v1")
            .service(
                web::resource("/sales")
                    .route(post().to(caudal_ingest::http::sales::post_sales))
                    .default_service(web::to(only_post)),
            )
            .service(
                web::resource("/sales/{id}")
                    .route(delete().to(caudal_ingest::http::sales::delete_order))
                    .default_service(web::to(only_delete)),
            )
            .service(
                web::resource("/sales/{id}/{line}")
                    .route(delete().to(caudal_ingest::http::sales::delete_line))
                    .default_service(web::to(only_delete)),
            )
            .default_service(web::to(|| async { HttpResponse::from_error(ApiProblem::NotFound) })),
    );
}

async fn only_post() -> HttpResponse {
    only("POST")
}

async fn only_delete() -> HttpResponse {
    only("DELETE")
}

fn only(method: &'static str) -> HttpResponse {
    let mut response = HttpResponse::from_error(ApiProblem::MethodNotAllowed);
    response.headers_mut().insert(ALLOW, HeaderValue::from_static(method));
    response
}

/// For programs that fetch a token, and for people with a browser. It answers every remaining path, so it comes last.
pub fn distrib(config: &mut ServiceConfig) {
    config
        // With a user's name and password.
        .service(web::resource("/token").route(post().to(pages::token::create)).default_service(web::to(only_post)))
        // From the ingest service, with a token that only it can make.
        .service(
            web::resource(rehearsal::PATH)
                .wrap(from_fn(pages::rehearsals::only_with_token))
                .app_data(web::JsonConfig::default().limit(MOST_REHEARSED_BYTES))
                .route(post().to(pages::rehearsals::answer)),
        );
    pages::routes(config);
}

/// Logs one line for each request, without its query, because that may hold a one-time token or a customer's name.
async fn log_request(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let started = Instant::now();
    let response = next.call(request).await?;
    let duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    tracing::info!(
        http.method = %response.request().method(),
        http.path = response.request().path(),
        http.status = response.status().as_u16(),
        duration_ms,
        "request"
    );
    Ok(response)
}
