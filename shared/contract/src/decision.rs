//! A person's decision about the tables with a certain header. It is the layout remembered for the next file with that
//! header.
//!
//! The same value is edited on a page, written as TOML on the command line, and stored as JSON.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::field::Field;

/// The meanings of a table's columns, and facts that its cells do not state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// The only sheet for which the decision is valid; absent if it is valid for every sheet with this header.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// Whether a row names the columns. If none does, the first row is a sale, and the table is recognised by the
    /// content of its columns.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub has_header: bool,
    /// The decimal mark of columns that do not prove one; absent if the configured mark is used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decimal_mark: Option<DecimalMark>,
    /// The order of day and month in columns that do not prove one; absent if the configured order is used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date_order: Option<DateOrder>,
    /// The date of all sales, if no column has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<FileDate>,
    /// Every column from the first header to the last, in order.
    pub columns: Vec<DecidedColumn>,
}

fn yes() -> bool {
    true
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_yes(value: &bool) -> bool {
    *value
}

impl Decision {
    /// The columns with this field as their meaning. More than one is a mistake.
    pub fn columns_of(&self, field: Field) -> impl Iterator<Item = &DecidedColumn> {
        self.columns.iter().filter(move |column| column.field == Some(field))
    }

    /// Whether a column has one of these fields as its meaning.
    #[must_use]
    pub fn has(&self, fields: &[Field]) -> bool {
        self.columns.iter().any(|column| column.field.is_some_and(|field| fields.contains(&field)))
    }
}

/// One column of the table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DecidedColumn {
    /// Its header as written, or its letter if there is no header row.
    pub header: String,
    /// Its meaning; `ignore` if it has none.
    #[serde(with = "meaning")]
    pub field: Option<Field>,
    /// The kind of its content; present only if there is no header row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holds: Option<Holds>,
}

/// The word for a column that is not used.
pub const IGNORE: &str = "ignore";

/// The meaning of a column as a word: the field's code, or [`IGNORE`].
mod meaning {
    use serde::{Deserialize, Deserializer, Serializer};

    use super::IGNORE;
    use crate::field::Field;

    pub(super) fn serialize<S: Serializer>(field: &Option<Field>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(field.map_or(IGNORE, Field::code))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Field>, D::Error> {
        let code = String::deserialize(deserializer)?;
        if code == IGNORE {
            return Ok(None);
        }
        Field::from_code(&code).map(Some).ok_or_else(|| {
            let known = Field::ALL.iter().map(|field| field.code()).collect::<Vec<_>>().join(", ");
            serde::de::Error::custom(format!("the field {code:?} is not known; one of: {IGNORE}, {known}"))
        })
    }
}

/// The decimal mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DecimalMark {
    /// `1.234,56`.
    Comma,
    /// `1,234.56`.
    Point,
}

impl DecimalMark {
    /// Every mark.
    pub const ALL: [Self; 2] = [Self::Comma, Self::Point];

    /// The name used in a decision and in forms.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Comma => "comma",
            Self::Point => "point",
        }
    }

    /// The mark with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mark| mark.code() == code)
    }
}

/// The order of day and month in a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DateOrder {
    /// 31/12/2026.
    DayFirst,
    /// 12/31/2026.
    MonthFirst,
}

impl DateOrder {
    /// Every order.
    pub const ALL: [Self; 2] = [Self::DayFirst, Self::MonthFirst];

    /// The name used in a decision and in forms.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::DayFirst => "day_first",
            Self::MonthFirst => "month_first",
        }
    }

    /// The order with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|order| order.code() == code)
    }
}

/// The kind of most cells of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Holds {
    /// Days.
    Date,
    /// Numbers.
    Number,
    /// Texts.
    Text,
    /// Nothing.
    Nothing,
}

/// The date of all sales in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileDate {
    /// This day.
    Day(NaiveDate),
    /// The last day of the period given in a title or in the sheet's name.
    Title,
    /// The arrival of the file.
    Arrival,
}

/// Where the date of the sales of a table stands, as a person chooses it in a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DatePlace {
    /// In a column.
    Column,
    /// The person gives the day of all sales.
    Day,
    /// In a title or in the sheet's name.
    Title,
    /// The date is the arrival of the file.
    Arrival,
}

impl DatePlace {
    /// Every place, in the order of the form.
    pub const ALL: [Self; 4] = [Self::Column, Self::Day, Self::Title, Self::Arrival];

    /// The place that a decision names.
    #[must_use]
    pub const fn of(date: Option<FileDate>) -> Self {
        match date {
            None => Self::Column,
            Some(FileDate::Day(_)) => Self::Day,
            Some(FileDate::Title) => Self::Title,
            Some(FileDate::Arrival) => Self::Arrival,
        }
    }

    /// The name used in forms; in a decision, too, where no day stands.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Column => "",
            Self::Day => "day",
            Self::Title => "title",
            Self::Arrival => "arrival",
        }
    }

    /// The place with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|place| place.code() == code)
    }
}

impl fmt::Display for FileDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Day(day) => write!(f, "{day}"),
            Self::Title | Self::Arrival => f.write_str(DatePlace::of(Some(*self)).code()),
        }
    }
}

impl FromStr for FileDate {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match DatePlace::from_code(text) {
            Some(DatePlace::Title) => Ok(Self::Title),
            Some(DatePlace::Arrival) => Ok(Self::Arrival),
            Some(DatePlace::Column | DatePlace::Day) | None => text.parse().map(Self::Day).map_err(|error| {
                format!("{text:?} is neither a date like 2026-12-31, \"title\" nor \"arrival\": {error}")
            }),
        }
    }
}

impl Serialize for FileDate {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for FileDate {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// A stored decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remembered {
    /// Its id: 16 hex digits of a hash of the headers.
    pub fingerprint: String,
    /// The decision.
    pub decision: Decision,
    /// The name of the user who decided it; empty for the command line.
    pub by: String,
    /// The time of the decision.
    pub at: DateTime<Utc>,
}

/// A file's table, shown to the person who decides about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// The names of the sheets that are not empty.
    pub sheets: Vec<String>,
    /// The sheet shown.
    pub sheet: String,
    /// Rows that may be the header, counted from 0, each with its cells.
    pub candidates: Vec<(u32, String)>,
    /// The row taken for the header; `None` if the first row is a sale.
    pub header_row: Option<u32>,
    /// The first rows below the header, counted from 0, with the displayed text of the cells in the table's columns.
    pub rows: Vec<(u32, Vec<String>)>,
    /// The remembered decision for this table, or else a guess.
    pub decision: Decision,
    /// The user and the time of the remembered decision, if there is one.
    pub remembered: Option<(String, DateTime<Utc>)>,
}

/// The requested table of a file; by default the most likely table of sales.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableChoice {
    /// The sheet's name.
    pub sheet: Option<String>,
    /// The header's row, counted from 1; 0 for a table without one.
    pub header: Option<u32>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decision_reads_back_as_it_was_written() {
        let text = r#"{"sheet":"Plan1","date":"2026-03-31","columns":[{"header":"Cod","field":"sku"},{"header":"X","field":"ignore"}]}"#;
        let decision: Decision = serde_json::from_str(text).unwrap();
        assert_eq!(decision.date, NaiveDate::from_ymd_opt(2026, 3, 31).map(FileDate::Day));
        assert_eq!(decision.columns.iter().map(|column| column.field).collect::<Vec<_>>(), [Some(Field::Sku), None]);
        assert!(decision.has_header);
        assert_eq!(serde_json::to_string(&decision).unwrap(), text);
    }

    #[test]
    fn the_codes_of_a_form_are_those_of_a_decision() {
        for mark in DecimalMark::ALL {
            assert_eq!(serde_json::to_value(mark).unwrap(), mark.code());
            assert_eq!(DecimalMark::from_code(mark.code()), Some(mark));
        }
        for order in DateOrder::ALL {
            assert_eq!(serde_json::to_value(order).unwrap(), order.code());
            assert_eq!(DateOrder::from_code(order.code()), Some(order));
        }
        for date in [FileDate::Title, FileDate::Arrival] {
            assert_eq!(DatePlace::of(Some(date)).code().parse(), Ok(date));
        }
        assert!("day".parse::<FileDate>().is_err() && "".parse::<FileDate>().is_err());
    }

    #[test]
    fn a_mistyped_field_is_answered_with_those_that_there_are() {
        let text = r#"{"columns":[{"header":"Cod","field":"prodct"}]}"#;
        let error = serde_json::from_str::<Decision>(text).unwrap_err().to_string();
        assert!(error.contains("\"prodct\"") && error.contains("product") && error.contains("ignore"), "{error}");
    }
}
