//! The two languages of pages, messages and reports.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A language that Caudal speaks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Language {
    /// Brazilian Portuguese.
    #[default]
    #[serde(rename = "pt-BR")]
    Portuguese,
    /// English.
    #[serde(rename = "en")]
    English,
}

impl Language {
    /// All languages, in the order in which a page offers them.
    pub const ALL: [Self; 2] = [Self::Portuguese, Self::English];

    /// The BCP 47 tag.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::Portuguese => "pt-BR",
            Self::English => "en",
        }
    }

    /// Picks the text in this language.
    #[must_use]
    pub fn pick<T>(self, portuguese: T, english: T) -> T {
        match self {
            Self::Portuguese => portuguese,
            Self::English => english,
        }
    }

    /// The best match for an `Accept-Language` header, or `fallback` if it names none of our languages. The order of
    /// the header counts as the order of preference, because browsers write it that way.
    #[must_use]
    pub fn from_accept_header(header: &str, fallback: Self) -> Self {
        header
            .split(',')
            .filter_map(|part| part.split(';').next().and_then(|tag| tag.trim().parse().ok()))
            .next()
            .unwrap_or(fallback)
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.tag())
    }
}

/// The text does not name a language that Caudal speaks.
#[derive(Debug, thiserror::Error)]
#[error("\"{0}\" is not a language of Caudal; use pt-BR or en")]
pub struct UnknownLanguage(String);

impl FromStr for Language {
    type Err = UnknownLanguage;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.trim().get(..2).map(str::to_ascii_lowercase).as_deref() {
            Some("pt") => Ok(Self::Portuguese),
            Some("en") => Ok(Self::English),
            _ => Err(UnknownLanguage(text.to_owned())),
        }
    }
}
