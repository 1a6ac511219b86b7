//! What a database's failures mean: whether it is away, full, or right to refuse.
//!
//! Both backends tell these apart by codes that do not reach us, so their words are looked at. PostgreSQL's are English: a server that
//! speaks another language is refused (`fitness.rs`).

use std::time::Duration;

/// Why a database cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// Nobody answers, the server is only just starting or stopping, or it is locked or its disk full: it may be there again in a
    /// moment.
    #[error("the database {url} cannot be reached: {reason}")]
    Away {
        /// Masked.
        url: String,
        /// What the backend said, passwords masked.
        reason: String,
    },
    /// Opening it failed.
    #[error("the database {url} cannot be opened: {reason}")]
    Open {
        /// Masked.
        url: String,
        /// What the backend said, passwords masked.
        reason: String,
    },
    /// It can be opened but not trusted.
    #[error("the database {url} cannot be used: {reason}")]
    Unfit {
        /// Masked.
        url: String,
        /// What is wrong and what to do.
        reason: String,
    },
    /// No connection became free.
    #[error("no connection to the database became free in {after:?}: {reason}")]
    Busy {
        /// How long was waited.
        after: Duration,
        /// What the pool said, and what the last attempt to connect failed with; passwords masked.
        reason: String,
    },
    /// A query failed.
    #[error(transparent)]
    Query(#[from] diesel::result::Error),
}

impl DatabaseError {
    /// Whether the same may succeed in a moment: the database is away, locked or full.
    #[must_use]
    pub fn is_away(&self) -> bool {
        match self {
            Self::Away { .. } | Self::Busy { .. } => true,
            Self::Query(error) => is_infrastructure(error),
            Self::Open { .. } | Self::Unfit { .. } => false,
        }
    }
}

/// Whether a failure says nothing about what was asked: the database is away, locked, stopped or full.
#[must_use]
pub fn is_infrastructure(error: &diesel::result::Error) -> bool {
    use diesel::result::{DatabaseErrorKind as Kind, Error};
    match error {
        Error::DatabaseError(
            Kind::ClosedConnection | Kind::SerializationFailure | Kind::UnableToSendCommand | Kind::ReadOnlyTransaction,
            _,
        )
        | Error::BrokenTransactionManager => true,
        Error::DatabaseError(Kind::Unknown, information) => names_infrastructure(information.message()),
        _ => false,
    }
}

/// The same by the words alone: servers tell these failures apart by codes that do not reach us.
pub(super) fn names_infrastructure(said: &str) -> bool {
    // A statement that takes too long is not among them: the next attempt may take as long
    const WORDS: [&str; 18] = [
        "locked",
        "disk I/O",
        "deadlock",
        "lock timeout",
        "could not write",
        "could not serialize",
        "closed the connection",
        "no connection to the server",
        "terminating connection",
        "shutting down",
        "starting up",
        "recovery mode",
        "read-only",
        "readonly",
        "out of memory",
        "unable to open database file",
        // A damaged file is no fault of the message that meets it
        "disk image is malformed",
        "file is not a database",
    ];
    means_full(said) || WORDS.iter().any(|words| said.contains(words))
}

/// Whether the client library's words for a failed connection mean that nobody answers, and not that the server refuses us.
/// It gives no code; its own words are English, for this program sets no locale.
pub(super) fn means_away(reason: &str) -> bool {
    const PASSING: [&str; 9] = [
        "starting up",
        "shutting down",
        "recovery mode",
        "not yet accepting connections",
        "not accepting connections",
        "terminating connection",
        "too many clients",
        "too many connections",
        "connection slots are reserved",
    ];
    let has_answered = reason.contains("FATAL:");
    let is_of_network =
        ["connection to server", "could not translate host name"].iter().any(|start| reason.starts_with(start));
    if has_answered { means_full(reason) || PASSING.iter().any(|words| reason.contains(words)) } else { is_of_network }
}

/// Whether a database's words for a failure say that its disk has no room left. PostgreSQL says it by a code as well (53100),
/// and SQLite by SQLITE_FULL; neither reaches us.
#[must_use]
pub fn means_full(said: &str) -> bool {
    const WORDS: [&str; 4] =
        ["No space left on device", "Disk quota exceeded", "database or disk is full", "could not extend file"];
    WORDS.iter().any(|words| said.contains(words))
}

/// Why no connection could be made, without what the client library quotes of a URL that it cannot read: that may be a part of
/// the password.
pub(super) fn reason_without_url(reason: &str) -> String {
    let reason = reason.trim_end();
    // Then the URL was read, and hosts, users and databases are what is quoted
    let is_read =
        ["connection to server", "could not translate host name"].iter().any(|start| reason.starts_with(start));
    match (reason.find('"'), reason.rfind('"')) {
        (Some(first), Some(last)) if !is_read => {
            let (before, after) = (reason.get(..first).unwrap_or_default(), reason.get(last + 1..).unwrap_or_default());
            format!("its URL is malformed ({before}…{after}); write special characters of the password as %XX")
        }
        _ => reason.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_refuses_us_is_not_one_that_is_away() {
        let server = r#"connection to server at "10.0.0.1", port 5432 failed: "#;
        for (said, is_away) in [
            ("Connection refused", true),
            ("timeout expired", true),
            ("FATAL:  the database system is starting up", true),
            ("FATAL:  the database system is in recovery mode", true),
            ("FATAL:  sorry, too many clients already", true),
            ("FATAL:  remaining connection slots are reserved for non-replication superuser connections", true),
            ("FATAL:  the database system is not accepting connections", true),
            ("FATAL:  terminating connection due to administrator command", true),
            (r#"FATAL:  database "caudal" is not currently accepting connections"#, false),
            (r#"FATAL:  password authentication failed for user "ana""#, false),
            (r#"FATAL:  database "caudal" does not exist"#, false),
        ] {
            assert_eq!(means_away(&format!("{server}{said}")), is_away, "{said}");
        }
        assert!(means_away(r#"could not translate host name "db" to address: Name or service not known"#));
        assert!(!means_away(r#"invalid port number: "x""#));
    }

    #[test]
    fn a_query_is_to_blame_for_what_takes_too_long_and_not_for_a_database_that_is_away() {
        use diesel::result::{DatabaseErrorKind as Kind, Error};
        for (kind, words, is_away) in [
            (Kind::Unknown, "canceling statement due to statement timeout", false),
            (Kind::Unknown, "canceling statement due to lock timeout", true),
            (Kind::ReadOnlyTransaction, "cannot execute INSERT in a read-only transaction", true),
            (Kind::Unknown, "unable to open database file", true),
            (Kind::Unknown, "terminating connection due to administrator command", true),
            (Kind::Unknown, "database is locked", true),
            (Kind::Unknown, "database disk image is malformed", true),
            (Kind::Unknown, "database or disk is full", true),
            (Kind::Unknown, r#"could not extend file "base/16384/2691": No space left on device"#, true),
            (
                Kind::Unknown,
                r#"could not extend file "base/16384/2691": wrote only 4096 of 8192 bytes at block 7"#,
                true,
            ),
            (Kind::Unknown, r#"could not create file "base/16384/24601": No space left on device"#, true),
            (Kind::Unknown, r#"could not write to file "base/pgsql_tmp/pgsql_tmp1.0": Disk quota exceeded"#, true),
            (Kind::Unknown, "relation \"outbox\" does not exist", false),
            (Kind::Unknown, "the shelf of a busy shop is full", false),
            (Kind::UniqueViolation, "duplicate key value, full", false),
        ] {
            let error = DatabaseError::from(Error::DatabaseError(kind, Box::new(words.to_owned())));
            assert_eq!(error.is_away(), is_away, "{error}");
        }
    }
}
