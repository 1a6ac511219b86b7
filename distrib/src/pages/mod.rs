//! The pages for people, and the login that protects them.
//!
//! | module | what it does |
//! |---|---|
//! | [`visitor`] | the requesting person and their language; [`SignedIn`] as an argument of a handler requires a login |
//! | [`admin`] | [`admin::Admin`] as an argument of a handler requires a form that an admin sent |
//! | [`csrf`] | proves that a form is ours and was sent from our pages |
//! | [`setup`], [`login`], [`language`] | the first admin, login and logout, the choice of a language |
//! | [`overview`], [`sales`], [`imports`], [`layouts`], [`dead_letters`] | the pages |
//! | [`reports`] | the sales list as a download |
//! | [`sales_query`] | converts the URL of the sales list to a filter and back |
//! | [`token`] | the token for API clients |
//! | [`rehearsals`] | tells the ingest service the effects that a file would have |
//! | [`assets`] | style sheets, scripts and pictures, embedded in the program |
//! | [`error`] | the page for an error |
//!
//! A handler queries the database through [`Pages::ask`] and fills a template of `templates/`. It changes something only if the
//! request is a POST with a CSRF token. [`routes`] lists all of them.

pub mod admin;
pub mod assets;
pub mod csrf;
pub mod dead_letters;
pub mod error;
mod escape;
mod frame;
pub mod imports;
pub mod language;
pub mod layouts;
mod link;
pub mod login;
pub mod overview;
mod pager;
pub mod rehearsals;
pub mod reports;
pub mod sales;
pub mod sales_query;
pub mod setup;
mod texts;
pub mod token;
pub mod visitor;

use std::sync::Arc;

use actix_web::middleware::from_fn;
use actix_web::web::{self, ServiceConfig, get, post};
use caudal_platform::config::Config;
use caudal_platform::database::{Database, DatabaseError, DbConnection};
use caudal_platform::secret::Secrets;

pub use error::{PageError, error_pages, not_found};
pub use visitor::SignedIn;

use crate::accounts::LoginGate;
use crate::ingest_service::{AskError, IngestService};

// The address, the icon in `icons.html`, and the text. Every signed-in user sees all lines.
frame::menu! {
    Overview: "/" "chart" overview;
    Sales: "/sales" "cart" sales;
    Imports: "/imports" "inbox" imports;
}

/// The routes for people: errors are pages, and only our own forms change anything. They answer every remaining path, so they
/// come last.
pub fn routes(config: &mut ServiceConfig) {
    config.service(
        web::scope("")
            .wrap(from_fn(csrf::same_origin))
            .wrap(from_fn(error_pages))
            // Public.
            .route("/static/{name}", get().to(assets::serve))
            .route("/setup", get().to(setup::form))
            .route("/setup", post().to(setup::create))
            .route("/login", get().to(login::form))
            .route("/login", post().to(login::sign_in))
            .route("/language", post().to(language::choose))
            // Signed in, because each handler asks for `SignedIn` or `Admin`.
            .route("/logout", post().to(login::sign_out))
            .route("/", get().to(overview::show))
            .route("/sales", get().to(sales::show))
            .route("/sales/report.csv", get().to(reports::csv))
            .route("/sales/report.xlsx", get().to(reports::xlsx))
            .route("/sales/report.pdf", get().to(reports::pdf))
            .route("/imports", get().to(imports::list))
            .route("/imports/{id}", get().to(imports::show))
            .route("/imports/{id}/undo", get().to(imports::undo::preview))
            .route("/imports/{id}/undo", post().to(imports::undo::confirm))
            .route("/imports/{id}/row", get().to(imports::row::show))
            .route("/imports/{id}/repair.xlsx", get().to(imports::repair::download))
            .route("/imports/{id}/duplicates", post().to(imports::duplicates::release))
            .service(
                web::resource("/imports/{id}/layout")
                    .app_data(web::FormConfig::default().limit(imports::layout::MOST_BYTES))
                    .route(get().to(imports::layout::show))
                    .route(post().to(imports::layout::decide)),
            )
            .route("/imports/{id}/dismiss", post().to(imports::layout::dismiss))
            .route("/layouts", get().to(layouts::list))
            .route("/layouts/{fingerprint}/forget", post().to(layouts::forget))
            .route("/dead-letters", get().to(dead_letters::list))
            .route("/dead-letters/retry", post().to(dead_letters::retry_all))
            .route("/dead-letters/{id}/retry", post().to(dead_letters::retry))
            .route("/dead-letters/{id}/discard", post().to(dead_letters::discard))
            .service(
                web::resource("/dead-letters/{id}")
                    .app_data(web::FormConfig::default().limit(dead_letters::MOST_BYTES))
                    .route(get().to(dead_letters::show))
                    .route(post().to(dead_letters::edit)),
            )
            .default_service(web::to(not_found)),
    );
}

/// The state of all handlers, stored as application data of the web server.
pub struct Pages {
    /// The settings.
    pub config: Arc<Config>,
    /// The distrib database.
    pub database: Database,
    /// The keys that sign tokens.
    pub secrets: Secrets,
    /// The gate for logins.
    pub gate: Arc<LoginGate>,
    /// The receiver of commands.
    pub ingest: IngestService,
}

impl Pages {
    /// The state of one process.
    #[must_use]
    pub fn new(config: Arc<Config>, database: Database, secrets: Secrets) -> Self {
        let ingest = IngestService::new(&config.ingest_url, secrets.token_key.clone());
        Self { config, database, secrets, gate: Arc::default(), ingest }
    }

    /// Queries the database.
    ///
    /// # Errors
    /// [`PageError::Internal`] if no connection is available or the query fails.
    pub async fn ask<T, E>(
        &self,
        question: impl FnOnce(&mut DbConnection) -> Result<T, E> + Send + 'static,
    ) -> Result<T, PageError>
    where
        T: Send + 'static,
        E: Send + 'static,
        PageError: From<E>,
    {
        let database = self.database.clone();
        Self::run(move || question(&mut *database.get()?).map_err(PageError::from)).await
    }

    /// Sends a request to the ingest service on behalf of a user. The request gets the service and the name of the user.
    ///
    /// # Errors
    /// [`PageError::Conflict`] if the service refuses a command; [`PageError::Internal`] if it gives no usable answer.
    pub async fn ask_ingest<T: Send + 'static>(
        &self,
        reader: &SignedIn,
        request: impl FnOnce(&IngestService, &str) -> Result<T, PageError> + Send + 'static,
    ) -> Result<T, PageError> {
        let (ingest, user) = (self.ingest.clone(), reader.user.name.clone());
        Self::run(move || request(&ingest, &user)).await
    }

    /// Runs work on a thread that may block. All blocking work of the pages goes through here, except the CSV download, which sends
    /// its first bytes before the work is done.
    async fn run<T: Send + 'static>(
        work: impl FnOnce() -> Result<T, PageError> + Send + 'static,
    ) -> Result<T, PageError> {
        web::block(work).await.map_err(|error| PageError::Internal(error.to_string()))?
    }
}

impl From<AskError> for PageError {
    fn from(error: AskError) -> Self {
        match error {
            AskError::Refused(refused) => Self::Conflict(refused),
            away @ AskError::Away(_) => Self::Internal(away.to_string()),
        }
    }
}

impl From<serde_json::Error> for PageError {
    fn from(error: serde_json::Error) -> Self {
        Self::Internal(error.to_string())
    }
}

impl From<DatabaseError> for PageError {
    fn from(error: DatabaseError) -> Self {
        Self::Internal(error.to_string())
    }
}

impl From<diesel::result::Error> for PageError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Internal(error.to_string())
    }
}

#[cfg(test)]
mod tests;
