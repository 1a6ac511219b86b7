//! Moves stored data: copies of databases that are in use, and rows from SQLite to PostgreSQL.

pub mod carry;
pub mod snapshot;
