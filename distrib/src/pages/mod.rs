//! The pages that people see, and the sign-in that guards them.
//!
//! | module | what it does |
//! |---|---|
//! | [`visitor`] | who asks, in which language; [`SignedIn`] guards a handler by being one of its arguments |
//! | [`csrf`] | proves that a form was ours and sent from here |
//! | [`setup`], [`login`], [`language`] | the first admin, coming and going, choosing a language |
//! | [`overview`], [`sales`], [`imports`], [`layouts`], [`dead_letters`] | the pages |
//! | [`sales_query`] | the sales list's address as a filter, and back |
//! | [`token`] | the token for API clients |
//! | [`rehearsals`] | answers the ingest service what a file would do |
//! | [`assets`] | style sheets, scripts and pictures, embedded in the program |
//! | [`error`] | what a browser sees when something is wrong |
//!
//! A handler asks the database through [`Pages::ask`], fills a template of `templates/`, and changes nothing unless it
//! is reached by POST with a CSRF token. The routes are in the binary, on one page.

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
pub mod sales;
pub mod sales_query;
pub mod setup;
mod texts;
pub mod token;
pub mod visitor;

use std::sync::Arc;

use actix_web::web;
use caudal_platform::config::Config;
use caudal_platform::database::{Database, DatabaseError, DbConnection};
use caudal_platform::secret::Secrets;

pub use error::{PageError, error_pages, not_found};
pub use sales_query::SalesQuery;
pub use visitor::SignedIn;

use crate::accounts::LoginGate;
use crate::ingest_service::IngestService;

/// What every handler works with; application data of the web server.
pub struct Pages {
    /// The settings.
    pub config: Arc<Config>,
    /// The distrib database.
    pub database: Database,
    /// The keys that sign tokens.
    pub secrets: Secrets,
    /// Where logins pass.
    pub gate: Arc<LoginGate>,
    /// Where commands go.
    pub ingest: IngestService,
}

impl Pages {
    /// The state of one process.
    #[must_use]
    pub fn new(config: Arc<Config>, database: Database, secrets: Secrets) -> Self {
        let ingest = IngestService::new(&config.ingest_url, secrets.token_key.clone());
        Self { config, database, secrets, gate: Arc::default(), ingest }
    }

    /// Asks the database on a thread where waiting is allowed.
    ///
    /// # Errors
    /// [`PageError::Internal`] when there is no connection or the question fails.
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
        blocking(move || question(&mut *database.get()?).map_err(PageError::from)).await
    }
}

/// Runs work that blocks on a thread made for it.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, PageError> + Send + 'static,
) -> Result<T, PageError> {
    web::block(work).await.map_err(|error| PageError::Internal(error.to_string()))?
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
