//! Every sentence that Caudal says about a row, a file or an import, in both languages.
//!
//! A notice travels and is stored as its code and its facts, never as text; the reader's language is chosen when it
//! is shown, so that the page, the command line, the log and the repair workbook use the same words.
//!
//! - [`Rejection`]: why a row was not taken;
//! - [`Refusal`]: why a whole file was not taken;
//! - [`Warning`]: what is odd about a cell of a row that was kept;
//! - [`Ignored`]: why a row is no sale;
//! - [`LayoutProblem`]: what a file waits for whose columns cannot be told, and what is wrong with a decision about them;
//! - [`Change`]: the rule by which a clean value differs from its cell;
//! - [`Pause`]: why nothing is taken in for the moment;
//! - [`FailureReason`]: what kept a message from being stored;
//! - [`BatchLimit`]: the limit that a batch of the API passed;
//! - [`Remark`]: what was noticed or assumed about an import that was taken.

mod batch_limit;
mod change;
mod failure_reason;
mod ignored;
mod layout_problem;
mod limit;
mod pause;
mod refusal;
mod rejection;
mod remark;
mod warning;

pub use batch_limit::BatchLimit;
pub use change::Change;
pub use failure_reason::FailureReason;
pub use ignored::Ignored;
pub use layout_problem::LayoutProblem;
pub use limit::ReadLimit;
pub use pause::Pause;
pub use refusal::{OtherSheet, Refusal};
pub use rejection::{Rejection, Rule};
pub use remark::{DiscountReading, Remark};
pub use warning::{Oddity, Warning};

use crate::language::Language;

/// "1 row" or "3 rows".
fn rows(count: u64, language: Language) -> String {
    match count {
        1 => language.pick("1 linha", "1 row").to_owned(),
        _ => {
            let number = crate::format::count(i64::try_from(count).unwrap_or(i64::MAX), language);
            format!("{number} {}", language.pick("linhas", "rows"))
        }
    }
}

/// Names in quotation marks, at most `most` of them.
fn quoted(names: &[String], most: usize, language: Language) -> String {
    let mut text = names.iter().take(most).map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ");
    if names.len() > most {
        text.push_str(language.pick(" e mais ", " and "));
        text.push_str(&(names.len() - most).to_string());
        text.push_str(language.pick("", " more"));
    }
    text
}
