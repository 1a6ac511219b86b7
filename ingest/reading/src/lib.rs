//! Bytes of a file or of a batch come in, sales with their rejections and totals go out.
//!
//! ```text
//! file ──► reader ──► sheet ──► layout ──► clean ──► batch ──► records
//! JSON ──► body ──────┘                               └──────► repair
//! ```
//!
//! All of it is a function of the bytes and of what is configured. There is no database, no web and no broker, and the
//! `Cargo.toml` of this crate keeps that promise; the only IO is the pipe to the process that reads foreign formats.
//!
//! | module | comes in | goes out |
//! |---|---|---|
//! | [`reader`] | bytes | sheets of typed cells, read in a process of their own |
//! | [`sheet`] | bytes | sheets of typed cells |
//! | [`body`] | JSON | a sheet of typed cells |
//! | [`value`] | a cell | its value as people write it |
//! | [`layout`] | a sheet | the header's row and what each column means |
//! | [`clean`] | a sheet and its layout | clean rows and rejections |
//! | [`batch`] | a file or an API body | its clean rows and totals |
//! | [`records`] | clean rows | sales |
//! | [`rehearsal`] | a batch and its effects | the workbook of effects |
//! | [`repair`] | rejected rows | the repair workbook, and what comes back in it |

pub mod batch;
pub mod body;
pub mod clean;
#[cfg(any(test, feature = "fuzz"))]
pub mod fuzz;
pub mod layout;
pub mod reader;
pub mod records;
pub mod rehearsal;
pub mod repair;
mod repeats;
pub mod sheet;
#[cfg(feature = "shop")]
pub mod shop;
pub mod value;

pub use polars::prelude::PolarsError;
