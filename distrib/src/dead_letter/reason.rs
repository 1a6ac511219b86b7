//! The reason of a failed attempt: a code, from which the sentences for people are made, and the technical text.

use caudal_contract::notice::FailureReason;
use diesel::result::{DatabaseErrorKind, Error};

use crate::deliver::error::DeliverError;

/// Why an attempt at a message failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// The kind of failure. It comes with a sentence that says how to proceed.
    pub code: FailureReason,
    /// The text from the database or the parser. It is cut because parsers quote the input, and NUL characters are replaced
    /// because PostgreSQL stores none in texts.
    pub detail: String,
}

/// Maximum number of characters of a detail.
const MOST_DETAIL: usize = 2_000;

impl Reason {
    /// No worker ever finished the message.
    pub(crate) fn never_finished() -> Self {
        let detail =
            "it was handed out many times and never finished; it may be the cause of the crashes of the workers";
        Self { code: FailureReason::NeverFinished, detail: detail.to_owned() }
    }
}

impl From<&DeliverError> for Reason {
    fn from(error: &DeliverError) -> Self {
        let code = match error {
            DeliverError::Unreadable(_) => FailureReason::Malformed,
            DeliverError::UnknownVersion(_) => FailureReason::UnknownVersion,
            DeliverError::EveryRow(_) => FailureReason::NoRowStored,
            DeliverError::Panicked(_) => FailureReason::ProgramFailed,
            DeliverError::Database(error) => code_of(error),
        };
        Self { code, detail: storable(&error.to_string()) }
    }
}

fn storable(detail: &str) -> String {
    detail.replace('\0', "\u{FFFD}").chars().take(MOST_DETAIL).collect()
}

fn code_of(error: &Error) -> FailureReason {
    match error {
        Error::DatabaseError(DatabaseErrorKind::ForeignKeyViolation, _) | Error::NotFound => {
            FailureReason::RefersToNothing
        }
        // Only reached after several retries, see `apply`.
        Error::DatabaseError(DatabaseErrorKind::UniqueViolation, _) => FailureReason::Collides,
        // Diesel has no error kind for a statement timeout.
        Error::DatabaseError(DatabaseErrorKind::Unknown, said) if said.message().contains("statement timeout") => {
            FailureReason::TooSlow
        }
        Error::DatabaseError(..) => FailureReason::Refused,
        // The query never reached the database, or the program did not expect the answer.
        _ => FailureReason::ProgramFailed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_database_says_is_told_apart() {
        let said = |kind, words: &str| {
            Reason::from(&DeliverError::from(Error::DatabaseError(kind, Box::new(words.to_owned())))).code
        };
        assert_eq!(said(DatabaseErrorKind::ForeignKeyViolation, ""), FailureReason::RefersToNothing);
        assert_eq!(said(DatabaseErrorKind::UniqueViolation, ""), FailureReason::Collides);
        assert_eq!(
            said(DatabaseErrorKind::Unknown, "canceling statement due to statement timeout"),
            FailureReason::TooSlow
        );
        assert_eq!(said(DatabaseErrorKind::Unknown, "poisoned"), FailureReason::Refused);
        assert_eq!(said(DatabaseErrorKind::CheckViolation, ""), FailureReason::Refused);
    }
}
