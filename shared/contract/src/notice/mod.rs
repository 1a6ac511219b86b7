//! Every sentence that Caudal says about a row, a file or an import, in both languages.
//!
//! A notice is sent and stored as its code and its facts, never as text. The language is chosen when the notice is
//! shown. So the page, the command line, the log and the repair workbook use the same words.
//!
//! - [`Rejection`]: why a row was not taken;
//! - [`Refusal`]: why a whole file was not taken;
//! - [`Warning`]: an odd value in a row that was kept;
//! - [`Ignored`]: why a row is not a sale;
//! - [`LayoutProblem`]: why a file waits for a decision about its columns, or why a decision is wrong;
//! - [`Change`]: the rule that changed a cell into its clean value;
//! - [`Pause`]: why nothing is taken in at the moment;
//! - [`FailureReason`]: why a message could not be stored;
//! - [`BatchLimit`]: the limit that a batch of the API exceeded;
//! - [`Remark`]: an observation or assumption about an import that was taken;
//! - [`SumProof`]: the evidence that the sum of a sheet is right.

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
mod sum_proof;
mod warning;

pub use batch_limit::BatchLimit;
pub use change::Change;
pub use failure_reason::FailureReason;
pub use ignored::Ignored;
pub use layout_problem::{LayoutProblem, Reading};
pub use limit::ReadLimit;
pub use pause::Pause;
pub use refusal::{OtherSheet, Refusal};
pub use rejection::{Rejection, Rule};
pub use remark::{DiscountReading, Remark};
pub use sum_proof::SumProof;
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
