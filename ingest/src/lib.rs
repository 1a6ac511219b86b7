//! The ingest service: takes files and JSON in, cleans the rows, stages them, and publishes them to the queue.
//!
//! ```text
//! inbox ──► intake ──► sheet ──► layout ──► clean ──► staging ──► publisher ──► queue
//!  api  ──────────────────────────────────────┘    (1 transaction:   (receipts come back)
//!                                                   import + outbox)
//! ```
//!
//! | module | comes in | goes out |
//! |---|---|---|
//! | [`inbox`], [`watch`] | the folder | files that have settled |
//! | [`intake`] | one file | its import, staged, and the original filed away |
//! | [`reader`] | bytes | sheets of typed cells, read in a process of their own |
//! | [`sheet`] | bytes | sheets of typed cells |
//! | [`layout`] | a sheet | the header's row and what each column means |
//! | [`layouts`] | what people decided about columns | layouts for the next files |
//! | [`clean`] | a sheet and its layout | clean rows and rejections |
//! | [`batch`] | a file or an API body | its clean rows and totals |
//! | [`rehearsal`] | a batch and its effects | the workbook of effects |
//! | [`repair`] | rejected rows | the repair workbook, and what comes back in it |
//! | [`records`], [`identity`] | clean rows | sales with their keys |
//! | [`staging`] | a batch | an import and its outbox, in one transaction |
//! | [`publisher`] | the outbox, receipts | messages; settled imports |
//! | [`pressure`] | disks, outbox, broker | whether there is room for more |
//! | [`originals`] | paths | bytes; files moved without overwriting |
//! | [`api`] | JSON with a token | an answer for each row |
//! | [`commands`] | what people ask for on the pages | undo, releases, layouts |

pub mod api;
pub mod batch;
pub mod clean;
pub mod commands;
#[cfg(any(test, feature = "fuzz"))]
pub mod fuzz;
pub mod identity;
pub mod inbox;
pub mod intake;
pub mod layout;
pub mod layouts;
pub mod originals;
pub mod pressure;
pub mod publisher;
pub mod reader;
pub mod records;
pub mod rehearsal;
pub mod repair;
mod repeats;
mod schema;
pub mod sheet;
pub mod staging;
pub mod watch;

use caudal_shared::database::{Database, DatabaseError};
use diesel_migrations::{EmbeddedMigrations, embed_migrations};

const SQLITE_MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES_MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// Brings the database's tables up to date and returns the names of the migrations that ran.
///
/// # Errors
/// [`DatabaseError::Unfit`] when a migration fails or the database belongs to a newer program or to the other service.
pub fn migrate(database: &Database) -> Result<Vec<String>, DatabaseError> {
    database.refuse_database_of("distrib", "deliveries")?;
    database.migrate(SQLITE_MIGRATIONS, POSTGRES_MIGRATIONS)
}
