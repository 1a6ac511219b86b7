//! Turns the bytes of a file or an API batch into sales, rejections and totals.
//!
//! ```text
//! file ──► reader ──► sheet ──► layout ──► clean ──► batch ──► records
//! JSON ──► body ──────┘                               └──────► repair
//! ```
//!
//! The result depends only on the bytes and the configuration. There is no database, no web and no broker, and the
//! `Cargo.toml` of this crate keeps that promise. The only IO is the pipe to the process that reads foreign formats.
//!
//! | module | input | output |
//! |---|---|---|
//! | [`reader`] | bytes | sheets of typed cells, read in a separate process |
//! | [`sheet`] | bytes | sheets of typed cells |
//! | [`body`] | JSON | a sheet of typed cells |
//! | [`value`] | a cell | its number, date, text or place |
//! | `words` | a word | whether it is known, and as what |
//! | [`layout`] | a sheet | the header row and the meaning of each column |
//! | [`clean`] | a sheet and its layout | clean rows and rejections |
//! | [`batch`] | a file or an API body | its clean rows and totals |
//! | [`records`] | clean rows | sales |
//! | [`rehearsal_workbook`] | a batch and its effects | the workbook of effects |
//! | [`repair`] | rejected rows | the repair workbook, and the cells mended in it |

pub mod batch;
pub mod body;
pub mod clean;
#[cfg(any(test, feature = "fuzz"))]
pub mod fuzz;
pub mod layout;
pub mod reader;
pub mod records;
pub mod rehearsal_workbook;
pub mod repair;
mod repeats;
pub mod sheet;
#[cfg(feature = "shop")]
pub mod shop;
pub mod value;
mod words;

pub use polars::prelude::PolarsError;
