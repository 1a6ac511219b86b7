//! Queries for pages and reports, one function for each question. Nothing here writes.

pub mod cancellations;
pub mod consistency;
pub mod dead_letters;
pub mod imports;
pub mod overview;
pub mod sales;

use caudal_platform::database::DbConnection;
use diesel::prelude::*;

/// Whether the database answers.
pub fn reachable(db: &mut DbConnection) -> bool {
    diesel::sql_query("SELECT 1").execute(db).is_ok()
}
