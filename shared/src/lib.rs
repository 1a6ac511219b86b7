//! What both sides of Caudal agree on.
//!
//! `ingest` and `distrib` never import each other; whatever both need lives here:
//!
//! | module | what it holds |
//! |---|---|
//! | [`config`] | every setting, its default, and where its value came from |
//! | [`secret`] | the signing keys of an installation, made on the first run |
//! | [`durable`] | names that outlive a power cut |
//! | [`money`] | exact amounts, prices and quantities, and the one rounding rule |
//! | [`calendar`] | local days, UTC instants and the configured zone |
//! | [`command`] | what the pages ask of the ingest service |
//! | [`rehearsal`] | what a file would do to what is stored |
//! | [`internal`] | how one service asks the other |
//! | [`trace`] | one row from its cells to its clean values |
//! | [`document`] | CPF and CNPJ with their check digits |
//! | [`payment`] | the closed list of payment methods and the words for each |
//! | [`language`], [`mod@format`], [`text`] | Brazilian Portuguese and English: numbers, dates, comparing names |
//! | [`field`] | what a column of a sheet can mean |
//! | [`notice`] | every sentence about a row, a file or an import, in both languages |
//! | [`message`] | the wire format of the queues |
//! | [`database`] | opening SQLite or PostgreSQL by URL, and migrations |
//! | [`queue`] | the durable queue between the services |
//! | [`pulse`] | signs of life of a worker |
//! | [`token`] | the JWT that API clients carry |
//! | [`http`] | answers, headers and errors that both services share |
//! | [`telemetry`] | logs |
//! | [`fault`] | named points where a test can make the process die |
//!
//! # Errors
//! Each module has a typed error (`thiserror`); only the binary uses `anyhow`. An error's text says what
//! happened and what to do next. What an HTTP client may read of it is decided in [`http`].

pub mod calendar;
pub mod carry;
pub mod command;
pub mod config;
pub mod database;
pub mod document;
pub mod durable;
pub mod fault;
pub mod field;
pub mod format;
pub mod http;
pub mod internal;
pub mod language;
pub mod layout;
pub mod message;
pub mod money;
pub mod notice;
pub mod outside;
pub mod payment;
pub mod private;
pub mod pulse;
pub mod queue;
pub mod rehearsal;
pub mod secret;
pub mod snapshot;
pub mod telemetry;
#[cfg(feature = "testing")]
pub mod testing;
pub mod text;
pub mod token;
pub mod trace;
