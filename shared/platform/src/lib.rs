//! The foundation that both services of Caudal run on.
//!
//! | module | content |
//! |---|---|
//! | [`config`] | every setting, its default, and the origin of its value |
//! | [`secret`] | the signing keys of an installation, made on the first run |
//! | [`durable`], [`private`] | files that survive a power cut, and files that no other user can read |
//! | [`database`] | opening SQLite or PostgreSQL by URL, and migrations |
//! | [`queue`] | the durable queue between the services |
//! | [`pulse`] | signs of life of a worker |
//! | [`internal`] | how one service asks the other |
//! | [`token`] | the JWT that API clients carry |
//! | [`http`] | answers, headers and errors that both services share |
//! | [`telemetry`] | logs |
//! | [`fault`] | named points where a test can make the process die |
//!
//! # Errors
//! Each module has a typed error (`thiserror`); only the binary uses `anyhow`. The text of an error says what happened
//! and what to do next. [`http`] decides how much of it an HTTP client may read.

pub mod config;
pub mod database;
pub mod durable;
pub mod fault;
pub mod http;
pub mod internal;
pub mod private;
pub mod pulse;
pub mod queue;
pub mod secret;
pub mod telemetry;
#[cfg(feature = "testing")]
pub mod testing;
pub mod token;
