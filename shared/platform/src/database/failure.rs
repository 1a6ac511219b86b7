//! Classifies database failures: the database is away, its disk is full, or it rightly refused the statement.
//!
//! The error codes that tell these cases apart do not reach us on either backend, so the texts are compared.
//! PostgreSQL's texts must be English: a server with another language is refused (`fitness.rs`).

use std::time::Duration;

/// The reasons for which a database cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// The database does not answer, is starting or stopping, is locked, or has a full disk. It may be back in a
    /// moment.
    #[error("the database {url} cannot be reached: {reason}")]
    Away {
        /// The URL, masked.
        url: String,
        /// The text of the backend, passwords masked.
        reason: String,
    },
    /// The database cannot be opened.
    #[error("the database {url} cannot be opened: {reason}")]
    Open {
        /// The URL, masked.
        url: String,
        /// The text of the backend, passwords masked.
        reason: String,
    },
    /// The database can be opened but not trusted.
    #[error("the database {url} cannot be used: {reason}")]
    Unfit {
        /// The URL, masked.
        url: String,
        /// The problem and its remedy.
        reason: String,
    },
    /// No connection became free in time.
    #[error("no connection to the database became free in {after:?}: {reason}")]
    Busy {
        /// The length of the wait.
        after: Duration,
        /// The text of the pool with the last connection error; passwords masked.
        reason: String,
    },
    /// A query failed.
    #[error(transparent)]
    Query(#[from] diesel::result::Error),
}

impl DatabaseError {
    /// Whether a retry may succeed in a moment, because the database is away, locked or full.
    #[must_use]
    pub fn is_away(&self) -> bool {
        match self {
            Self::Away { .. } | Self::Busy { .. } => true,
            Self::Query(error) => is_infrastructure(error),
            Self::Open { .. } | Self::Unfit { .. } => false,
        }
    }
}

/// Whether the failure is unrelated to the statement, because the database is away, locked, stopped or full.
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

/// Like [`is_infrastructure`], judged by the text alone because the server's error code does not reach us.
pub(super) fn names_infrastructure(said: &str) -> bool {
    // A statement timeout is not in the list, because the next attempt may take as long.
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
        // A damaged file is not the fault of the message that was being applied.
        "disk image is malformed",
        "file is not a database",
    ];
    means_full(said) || WORDS.iter().any(|words| said.contains(words))
}

/// Whether the client library's text for a failed connection means that no server answers, as opposed to a server that
/// refuses us. The library gives no code. Its own texts are English because this program sets no locale.
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

/// Whether the text of a failure says that the disk has no room left. PostgreSQL has a code for it (53100) and SQLite
/// has SQLITE_FULL, but neither reaches us.
#[must_use]
pub fn means_full(said: &str) -> bool {
    const WORDS: [&str; 4] =
        ["No space left on device", "Disk quota exceeded", "database or disk is full", "could not extend file"];
    WORDS.iter().any(|words| said.contains(words))
}

/// The reason of a failed connection without the quoted part of the URL. If the client library cannot parse the URL, it
/// quotes the part that it does not understand, and that may be part of the password.
pub(super) fn reason_without_url(reason: &str) -> String {
    let reason = reason.trim_end();
    // With these beginnings the URL was parsed, so the quotes hold host, user or database names.
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
