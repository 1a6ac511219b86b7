//! Database URLs, and masking of the passwords in them.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

/// The location of a database.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// The path of a SQLite file.
    Sqlite(PathBuf),
    /// The PostgreSQL URL as given, with its password.
    Postgres(String),
}

/// The URL names no known backend.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseUrlError {
    /// The scheme is neither SQLite nor PostgreSQL.
    #[error("\"{scheme}\" is not a database that Caudal knows; use sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME")]
    UnknownScheme {
        /// The text before `://`, never the rest, because that may hold a password.
        scheme: String,
    },
    /// PostgreSQL's client library takes everything after the first `@` for the host, and quotes it in the error if no
    /// such host exists. That could be part of a password.
    #[error("{shown} has more than one @; write an @ in the user or the password as %40")]
    SecondAt {
        /// The URL without its password.
        shown: String,
    },
}

impl FromStr for DatabaseUrl {
    type Err = DatabaseUrlError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once(':').unwrap_or_default() {
            ("sqlite", rest) if !rest.is_empty() => {
                Ok(Self::Sqlite(PathBuf::from(rest.strip_prefix("//").unwrap_or(rest))))
            }
            ("postgres" | "postgresql", rest) if rest.starts_with("//") => {
                let has_two = rest.split('?').next().unwrap_or_default().matches('@').count() > 1;
                if has_two {
                    Err(DatabaseUrlError::SecondAt { shown: masked(text) })
                } else {
                    Ok(Self::Postgres(text.to_owned()))
                }
            }
            _ => Err(DatabaseUrlError::UnknownScheme { scheme: scheme_of(text) }),
        }
    }
}

/// The scheme of a refused URL, for an error message. A text that only looks like a scheme is not shown, because
/// `USER:PASSWORD@HOST` begins with a name and a password alone may hold a colon.
#[must_use]
pub fn scheme_of(url: &str) -> String {
    const WITHOUT_SLASHES: [&str; 4] = ["sqlite", "postgres", "postgresql", "amqp"];
    let is_one = |scheme: &&str| {
        scheme.starts_with(|first: char| first.is_ascii_alphabetic())
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
    };
    let before = |mark: &str| url.split_once(mark).map(|(scheme, _)| scheme);
    let scheme = before("://").filter(is_one).or(before(":").filter(|scheme| WITHOUT_SLASHES.contains(scheme)));
    scheme.unwrap_or("(no scheme)").to_owned()
}

/// The URL without its password.
impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Postgres(url) => f.write_str(&masked(url)),
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The URL with `***` in place of its password. The password is found before the host, even if it wrongly holds `/` or
/// `@`, and among the parameters.
#[must_use]
pub fn masked(url: &str) -> String {
    const PARAMETER: &str = "password=";
    let mut shown = String::with_capacity(url.len());
    let mut rest = url;
    while let Some(at) = rest.to_ascii_lowercase().find(PARAMETER) {
        let (before, value) = rest.split_at(at + PARAMETER.len());
        shown.push_str(before);
        shown.push_str("***");
        rest = value.find('&').map_or("", |end| value.split_at(end).1);
    }
    shown.push_str(rest);
    let Some((scheme, rest)) = shown.split_once("://") else { return shown };
    let Some((credentials, host)) = rest.rsplit_once('@') else { return shown };
    let user = credentials.split([':', '/', '?']).next().unwrap_or_default();
    format!("{scheme}://{user}:***@{host}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_scheme_is_refused_without_showing_the_url() {
        let error = "mysql://root:hunter2@db/caudal".parse::<DatabaseUrl>().unwrap_err().to_string();
        assert!(
            error.contains("\"mysql\" is not a database that Caudal knows; use sqlite:PATH or postgres://"),
            "{error}"
        );
        assert!(!error.contains("hunter2"));
        assert!("caudal.db".parse::<DatabaseUrl>().is_err(), "a bare name must not become a new SQLite file");
        for url in
            ["hunter2", "hunter2:x", "ana:hunter2@db/caudal", "hunter2@db:5432/x", "hunter2/@db://x", "//hunter2"]
        {
            let error = url.parse::<DatabaseUrl>().unwrap_err().to_string();
            assert!(error.contains("\"(no scheme)\" is not a database") && !error.contains("hunter2"), "{error}");
        }
        assert_eq!(scheme_of("postgres:ana:hunter2@db"), "postgres");
    }

    #[test]
    fn a_password_with_an_at_sign_is_refused_before_a_part_of_it_is_taken_for_the_host() {
        for url in ["postgres://ana:hun@ter2@db/x", "postgres://ana:hun@ter2/3@db/x?sslmode=require"] {
            let error = url.parse::<DatabaseUrl>().unwrap_err().to_string();
            assert!(error.contains("write an @ in the user or the password as %40"), "{error}");
            assert!(!error.contains("hun") && !error.contains("ter2"), "{error}");
        }
        assert!("postgres://db/x?user=ana@shop&password=hun@ter2".parse::<DatabaseUrl>().is_ok());
    }

    #[test]
    fn a_password_is_masked_wherever_a_url_is_shown() {
        let url: DatabaseUrl = "postgres://ana:p%40ss@db:5432/caudal?sslmode=require".parse().unwrap();
        assert_eq!(url.to_string(), "postgres://ana:***@db:5432/caudal?sslmode=require");
        assert_eq!(format!("{url:?}"), url.to_string());
        for (url, shown) in [
            ("postgres://ana:pa/ss@db/x", "postgres://ana:***@db/x"),
            ("postgres://ana:p@ss@db/x", "postgres://ana:***@db/x"),
            (
                "postgres://db/x?user=ana&password=hunter2&sslmode=disable",
                "postgres://db/x?user=ana&password=***&sslmode=disable",
            ),
            ("postgres://db/x?password=hun@ter2", "postgres://db/x?password=***"),
            ("amqp://ana:pa/ss@broker/caudal", "amqp://ana:***@broker/caudal"),
            ("postgres://db/x", "postgres://db/x"),
        ] {
            assert_eq!(masked(url), shown);
        }
    }
}
