//! The distrib service: consumes messages, maintains the normalized database, and shows its data.
//!
//! ```text
//! queue ──► consumer ──► deliver ──► database ──► view ──► pages   (HTML)
//!              │            │                        └───► report  (CSV, XLSX, PDF)
//!              ▼            ▼
//!         dead_letter    receipts (back to ingest)
//! ```
//!
//! | module | comes in | goes out |
//! |---|---|---|
//! | [`consumer`] | messages of `processed_data` | receipts, acknowledgements |
//! | [`deliver`] | one message | its effects on the tables, in one transaction |
//! | [`dead_letter`] | failed messages | their next attempt, or a dead letter |
//! | [`view`] | queries | rows for pages and reports, one function for each query |
//! | [`accounts`] | names, passwords, cookies | users and sessions |
//! | [`ingest_service`] | requests from the pages | the answers of the ingest service |
//! | [`setup`] | a one-time link | the first admin |
//! | [`pages`] | requests of browsers | HTML |
//! | [`report`] | the filtered sales list | CSV, XLSX and PDF |

pub mod accounts;
mod apply;
pub mod consumer;
pub mod dead_letter;
pub mod deliver;
mod identity;
pub mod ingest_service;
mod months;
pub mod pages;
pub mod report;
mod schema;
pub mod setup;
pub mod view;

use caudal_platform::database::{Database, DatabaseError};
use diesel_migrations::{EmbeddedMigrations, embed_migrations};

const SQLITE_MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES_MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// Brings the database's tables up to date and returns the names of the migrations that ran.
///
/// # Errors
/// [`DatabaseError::Unfit`] if a migration fails, or if the database belongs to a newer program or to the other service.
pub fn migrate(database: &Database) -> Result<Vec<String>, DatabaseError> {
    database.refuse_database_of("ingest", "outbox")?;
    database.migrate(SQLITE_MIGRATIONS, POSTGRES_MIGRATIONS)
}
