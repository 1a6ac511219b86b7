//! Moving what is stored: copies of a database that is in use, and rows from SQLite to PostgreSQL.

pub mod carry;
pub mod snapshot;
