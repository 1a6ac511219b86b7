//! The shared contract of Caudal's services: words, values and messages.
//!
//! `ingest` and `distrib` never import each other, because everything that one tells the other is defined here. Nothing
//! in this crate opens a file, a database or a connection, and its `Cargo.toml` keeps that promise.
//!
//! | module | content |
//! |---|---|
//! | [`money`] | exact amounts, prices and quantities, and the one rounding rule |
//! | [`calendar`] | local days, UTC instants and the configured zone |
//! | [`document`] | CPF and CNPJ with their check digits |
//! | [`payment`] | the closed list of payment methods and the words for each |
//! | [`language`], [`mod@format`], [`text`] | Brazilian Portuguese and English: numbers, dates, comparing names |
//! | [`outside`] | showing text from outside safely on a terminal, in a log and on a page |
//! | [`field`] | the possible meanings of a column of a sheet |
//! | [`decision`] | a person's decision about the columns of a sheet |
//! | [`notice`] | every sentence about a row, a file or an import, in both languages |
//! | [`message`] | the wire format of the queues |
//! | [`command`], [`rehearsal`] | the requests between the services |
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
