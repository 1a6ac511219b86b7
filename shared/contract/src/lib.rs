//! What both services of Caudal agree on: the words, the values and the messages.
//!
//! `ingest` and `distrib` never import each other; all that one says to the other is written here. Nothing in this crate opens a
//! file, a database or a connection, and its `Cargo.toml` keeps that promise.
//!
//! | module | what it holds |
//! |---|---|
//! | [`money`] | exact amounts, prices and quantities, and the one rounding rule |
//! | [`calendar`] | local days, UTC instants and the configured zone |
//! | [`document`] | CPF and CNPJ with their check digits |
//! | [`payment`] | the closed list of payment methods and the words for each |
//! | [`language`], [`mod@format`], [`text`] | Brazilian Portuguese and English: numbers, dates, comparing names |
//! | [`outside`] | showing text that came from outside on a terminal, in a log and on a page |
//! | [`field`] | what a column of a sheet can mean |
//! | [`decision`] | what a person decided about the columns of a sheet |
//! | [`notice`] | every sentence about a row, a file or an import, in both languages |
//! | [`message`] | the wire format of the queues |
//! | [`command`], [`rehearsal`] | what the services ask each other |
//! | [`trace`] | one row from its cells to its clean values |

pub mod calendar;
pub mod command;
pub mod decision;
pub mod document;
pub mod field;
pub mod format;
pub mod language;
pub mod message;
pub mod money;
pub mod notice;
pub mod outside;
pub mod payment;
pub mod rehearsal;
pub mod text;
pub mod trace;
