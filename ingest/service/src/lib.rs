//! The ingest service: takes files and JSON in, cleans the rows, stages them, and publishes them to the queue.
//!
//! ```text
//! inbox ──► intake ──► reading ──► staging ──► publisher ──► queue
//!  http ───────────────┘            (1 transaction:   (receipts come back)
//!                                    import + outbox)
//! ```
//!
//! `caudal_reading` turns bytes into sales. This crate handles files, the database and the queue.
//!
//! | module | input | output |
//! |---|---|---|
//! | [`inbox`], [`watch`] | the folder | files that have settled |
//! | [`intake`] | one file | its import, staged, and the original filed away |
//! | [`layout_store`] | people's decisions about columns | layouts for the next files |
//! | [`identity`] | sales | sales with their keys |
//! | [`staging`] | a batch | an import and its outbox, in one transaction |
//! | [`publisher`] | the outbox, receipts | messages; settled imports |
//! | [`pressure`] | disks, outbox, broker | a pause, if there is no room for more |
//! | [`originals`] | paths | bytes; files moved without overwriting |
//! | [`http`] | JSON with a token; requests from the pages | one answer for each row; undo, releases, layouts |

pub mod http;
pub mod identity;
pub mod inbox;
pub mod intake;
pub mod layout_store;
pub mod originals;
pub mod pressure;
pub mod publisher;
mod schema;
pub mod staging;
pub mod watch;

use caudal_platform::database::{Database, DatabaseError};
use diesel_migrations::{EmbeddedMigrations, embed_migrations};

const SQLITE_MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES_MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// Brings the database's tables up to date and returns the names of the migrations that ran.
///
/// # Errors
/// [`DatabaseError::Unfit`] if a migration fails, or if the database belongs to a newer program or to the other
/// service.
pub fn migrate(database: &Database) -> Result<Vec<String>, DatabaseError> {
    database.refuse_database_of("distrib", "deliveries")?;
    database.migrate(SQLITE_MIGRATIONS, POSTGRES_MIGRATIONS)
}
