use chrono::{NaiveDate, NaiveDateTime, TimeDelta};
use polars::prelude::{PlSmallStr, StringChunked, StringChunkedBuilder};

/// What a cell is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// Nothing.
    Empty,
    /// A text.
    Text,
    /// A number.
    Number,
    /// A number whose format makes it a day or a day and time; the number counts days as Excel does.
    DateTime,
    /// A number whose format makes it a time of day or a duration, in days.
    Time,
    /// True or false, as 1 or 0.
    Bool,
    /// A spreadsheet error; the text names it.
    Error,
}

impl Kind {
    pub(super) const ALL: [Self; 7] =
        [Self::Empty, Self::Text, Self::Number, Self::DateTime, Self::Time, Self::Bool, Self::Error];
}

/// A column of cells.
#[derive(Debug, Clone)]
pub struct Column {
    pub(super) kinds: Vec<Kind>,
    /// Made with the first number; then one a row down to the last number.
    pub(super) numbers: Vec<f64>,
    pub(super) texts: Option<StringChunked>,
}

impl Column {
    /// What the cell is; empty below the last row.
    #[must_use]
    pub fn kind(&self, row: usize) -> Kind {
        self.kinds.get(row).copied().unwrap_or(Kind::Empty)
    }

    /// The cell's number, of whatever kind; only for kinds that have one.
    #[must_use]
    pub fn number(&self, row: usize) -> f64 {
        self.numbers.get(row).copied().unwrap_or(f64::NAN)
    }

    /// The cell's text, for texts and errors.
    #[must_use]
    pub fn text(&self, row: usize) -> Option<&str> {
        self.texts.as_ref().and_then(|texts| texts.get(row))
    }

    /// How many rows it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.kinds.len()
    }

    /// Whether it has no row at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.kinds.is_empty()
    }

    /// The cell as a person sees it; `None` when it is empty or blank.
    #[must_use]
    pub fn shown(&self, row: usize) -> Option<String> {
        match self.kind(row) {
            Kind::Empty => None,
            Kind::Text | Kind::Error => self.text(row).filter(|text| !text.trim().is_empty()).map(str::to_owned),
            Kind::Number => Some(plain_number(self.number(row))),
            Kind::DateTime => Some(match serial_to_date_time(self.number(row)) {
                Some(at) if at.time() == chrono::NaiveTime::MIN => at.date().to_string(),
                Some(at) => at.to_string(),
                None => plain_number(self.number(row)),
            }),
            Kind::Time => {
                let midnight = NaiveDate::default().and_time(chrono::NaiveTime::MIN);
                Some((midnight + days(self.number(row))).time().format("%H:%M:%S").to_string())
            }
            Kind::Bool => Some(if self.number(row) > 0.0 { "TRUE" } else { "FALSE" }.to_owned()),
        }
    }
}

/// A number the way it was typed: the shortest text that reads back as the same number, never in scientific notation.
#[must_use]
pub fn plain_number(number: f64) -> String {
    format!("{number}")
}

/// The local time that a day count means (1900 system; calamine has already moved 1904 workbooks). Days before
/// March 1900 are refused: Excel counts a 29 February 1900 that never was.
#[must_use]
pub fn serial_to_date_time(serial: f64) -> Option<NaiveDateTime> {
    if !(61.0..2_958_466.0).contains(&serial) {
        return None;
    }
    let epoch = NaiveDate::from_ymd_opt(1899, 12, 30)?.and_hms_opt(0, 0, 0)?;
    epoch.checked_add_signed(days(serial))
}

/// A day count as a span, rounded to the second: spreadsheets keep times as fractions that rarely are exact.
fn days(count: f64) -> TimeDelta {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "checked to be below 2,958,466 days, or garbage that wraps to a time"
    )]
    let seconds = (count * 86_400.0).round() as i64;
    TimeDelta::try_seconds(seconds).unwrap_or_default()
}

/// Fills a column from the top; rows that are skipped are empty.
pub(super) struct ColumnBuilder {
    kinds: Vec<Kind>,
    numbers: Vec<f64>,
    texts: Option<StringChunkedBuilder>,
    texts_len: usize,
}

impl ColumnBuilder {
    pub(super) fn new() -> Self {
        Self { kinds: Vec::new(), numbers: Vec::new(), texts: None, texts_len: 0 }
    }

    /// Sets the cell in `row`; rows must grow. A row met again keeps its first value.
    pub(super) fn set_number(&mut self, row: usize, kind: Kind, number: f64) {
        if self.begin(row, kind) {
            self.numbers.resize(row, f64::NAN);
            self.numbers.push(number);
        }
    }

    pub(super) fn set_text(&mut self, row: usize, kind: Kind, text: &str) {
        if text.is_empty() || !self.begin(row, kind) {
            return;
        }
        // PostgreSQL keeps no NUL in a text
        if text.contains('\0') {
            self.append_text(row, &text.replace('\0', "\u{fffd}"));
        } else {
            self.append_text(row, text);
        }
    }

    fn append_text(&mut self, row: usize, text: &str) {
        let texts = self.texts.get_or_insert_with(|| StringChunkedBuilder::new(PlSmallStr::EMPTY, 0));
        for _ in self.texts_len..row {
            texts.append_null();
        }
        texts.append_value(text);
        self.texts_len = row + 1;
    }

    fn begin(&mut self, row: usize, kind: Kind) -> bool {
        if row < self.kinds.len() {
            return false;
        }
        self.kinds.resize(row, Kind::Empty);
        self.kinds.push(kind);
        true
    }

    pub(super) fn rows(&self) -> usize {
        self.kinds.len()
    }

    pub(super) fn finish(mut self, rows: usize) -> Column {
        self.kinds.resize(rows, Kind::Empty);
        let texts = self.texts.map(|mut texts| {
            for _ in self.texts_len..rows {
                texts.append_null();
            }
            texts.finish()
        });
        Column { kinds: self.kinds, numbers: self.numbers, texts }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn day_counts_become_days_and_times() {
        let shown = |serial| serial_to_date_time(serial).map(|at| at.to_string());
        assert_eq!(shown(45_356.437_5), Some("2024-03-05 10:30:00".into()));
        assert_eq!(shown(61.0), Some("1900-03-01 00:00:00".into()));
        assert_eq!(shown(60.0), None, "29 February 1900 never was");
        assert_eq!(shown(2_958_466.0), None);
    }

    #[test]
    fn cells_left_out_are_empty() {
        let mut builder = ColumnBuilder::new();
        builder.set_text(1, Kind::Text, "a");
        builder.set_number(3, Kind::Number, 2.5);
        let column = builder.finish(5);
        let shown: Vec<_> = (0..5).map(|row| column.shown(row)).collect();
        assert_eq!(shown, [None, Some("a".into()), None, Some("2.5".into()), None]);
    }
}
