//! Numbers and days as people and programs write them into cells.

use chrono::{Datelike, NaiveDate, NaiveDateTime, TimeDelta, Timelike};

use crate::truth::Language;
use crate::words;

/// A cell of a sheet.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    Blank,
    Text(String),
    /// A number with its format. In a text file the number is written plainly.
    Number(f64, &'static str),
    /// A day or moment with its format.
    Moment(NaiveDateTime, &'static str),
}

/// How amounts are written as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Marks {
    pub decimal: char,
    pub thousands: Option<char>,
    pub before: &'static str,
    pub after: &'static str,
    /// Whether zeros after the mark are left out: `12,5`.
    pub is_trimmed: bool,
    /// Whether amounts below zero stand in brackets.
    pub has_brackets: bool,
}

impl Marks {
    /// Writes a number that has so many decimal places.
    pub fn text(&self, value: i64, places: u32) -> String {
        let scale = 10_i64.pow(places);
        let (whole, rest) = (value.abs() / scale, value.abs() % scale);
        let mut text = whole.to_string();
        if let Some(mark) = self.thousands {
            let mut at = text.len();
            while at > 3 {
                at -= 3;
                text.insert(at, mark);
            }
        }
        let mut decimals = if places == 0 { String::new() } else { format!("{rest:0width$}", width = places as usize) };
        if self.is_trimmed {
            decimals.truncate(decimals.trim_end_matches('0').len());
        }
        if !decimals.is_empty() {
            text.push(self.decimal);
            text.push_str(&decimals);
        }
        match (value < 0, self.has_brackets) {
            (true, true) => format!("({text})"),
            (true, false) => format!("-{text}"),
            _ => text,
        }
    }

    pub fn money(&self, cents: i64) -> String {
        format!("{}{}{}", self.before, self.text(cents, 2), self.after)
    }
}

/// How days are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dates {
    /// A real day, with its format.
    Cells(&'static str),
    /// A real moment, with its format.
    MomentCells(&'static str),
    /// Day, month, year, parted by a mark.
    DayFirst(char),
    /// The same with a year of two digits.
    ShortYear(char),
    /// Day, month, year and the time.
    DayFirstTime,
    /// The same with seconds.
    DayFirstSeconds,
    MonthFirst,
    MonthFirstShort,
    YearFirst,
    IsoMinutes,
    IsoTime,
    /// A moment in universal time.
    IsoZulu,
    /// `12 de março de 2026 10:31 hs.`
    LongTime,
    /// A moment with its offset.
    IsoOffset,
    /// `12 de março de 2026`.
    Long,
    /// `12-mar-26`, `Mar 12, 2026`.
    Abbreviated,
    /// The number of the day. Month and year stand elsewhere.
    DayNumber,
    /// Day and month. The year stands elsewhere.
    DayMonth,
    /// A spreadsheet program took day and month for one another if it could, and kept the others as text.
    Swapped,
}

impl Dates {
    /// Whether each value by itself says its year.
    pub fn is_complete(self) -> bool {
        !matches!(self, Self::DayNumber | Self::DayMonth)
    }

    pub fn cell(self, at: NaiveDateTime, language: Language) -> Cell {
        let text = |format: &str| Cell::Text(at.format(format).to_string());
        let month = words::months(language)[at.month0() as usize];
        let short: String = month.chars().take(3).collect();
        let (day, year) = (at.day(), at.year());
        match self {
            Self::Cells(format) => Cell::Moment(at.date().and_hms_opt(0, 0, 0).unwrap(), format),
            Self::MomentCells(format) => Cell::Moment(at, format),
            Self::DayFirst(mark) => text(&format!("%d{mark}%m{mark}%Y")),
            Self::ShortYear(mark) => text(&format!("%d{mark}%m{mark}%y")),
            Self::DayFirstTime => text("%d/%m/%Y %H:%M"),
            Self::DayFirstSeconds => text("%d/%m/%Y %H:%M:%S"),
            Self::MonthFirst => text("%m/%d/%Y"),
            Self::MonthFirstShort => text("%m/%d/%y"),
            Self::IsoMinutes => text("%Y-%m-%d %H:%M"),
            // The shops are in zones some hours behind universal time.
            Self::IsoZulu => Cell::Text((at + TimeDelta::hours(4)).format("%Y-%m-%dT%H:%M:%S+00:00").to_string()),
            Self::LongTime => Cell::Text(format!("{day} de {month} de {year} {}", at.format("%H:%M hs."))),
            Self::YearFirst => text("%Y-%m-%d"),
            Self::IsoTime => text("%Y-%m-%d %H:%M:%S"),
            Self::IsoOffset => text("%Y-%m-%d %H:%M:%S -0300"),
            Self::Long if language == Language::English => Cell::Text(format!("{month} {day}, {year}")),
            Self::Long => Cell::Text(format!("{day} de {month} de {year}")),
            Self::Abbreviated if language == Language::English => Cell::Text(format!("{short} {day}, {year}")),
            Self::Abbreviated => Cell::Text(format!("{day:02}-{short}-{:02}", year % 100)),
            Self::DayNumber => Cell::Number(f64::from(day), "0"),
            Self::DayMonth => text("%d/%m"),
            Self::Swapped => match NaiveDate::from_ymd_opt(year, day, at.month()) {
                Some(other) => Cell::Moment(other.and_hms_opt(0, 0, 0).unwrap(), "dd/mm/yyyy"),
                None => text("%d/%m/%Y"),
            },
        }
    }
}

/// How a percentage is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Percents {
    /// `10%`
    Sign,
    /// `10`
    Whole,
    /// 0.1 in a cell that shows 10%
    Format,
    /// `0,1`
    Fraction,
}

/// The time of day.
pub fn time(at: NaiveDateTime) -> Cell {
    Cell::Text(format!("{:02}:{:02}", at.hour(), at.minute()))
}
