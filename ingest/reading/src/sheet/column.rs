use chrono::{NaiveDate, NaiveDateTime, TimeDelta};

use super::texts::{NO_TEXT, Texts, TextsBuilder};

/// The kind of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// Nothing.
    Empty,
    /// A text.
    Text,
    /// A number.
    Number,
    /// A number with the format of a day, or of a day and time. It counts days as Excel does.
    DateTime,
    /// A number with the format of a time of day or a duration, in days.
    Time,
    /// True or false, as 1 or 0.
    Bool,
    /// A spreadsheet error. The text names it.
    Error,
}

impl Kind {
    pub(super) const ALL: [Self; 7] =
        [Self::Empty, Self::Text, Self::Number, Self::DateTime, Self::Time, Self::Bool, Self::Error];
}

/// Number of rows in a piece.
pub(super) const PIECE: usize = 4_096;

/// A column of cells, in pieces of 4,096 rows. A cell far below the others takes no memory for the rows between.
#[derive(Debug, Clone)]
pub struct Column {
    pieces: Vec<Piece>,
    texts: Texts,
    rows: usize,
    /// Days that a plain number lacks to count as Excel does by default.
    days_before: f64,
}

/// Each list ends at the last cell that needs it.
#[derive(Debug, Clone, Default)]
struct Piece {
    kinds: Vec<Kind>,
    numbers: Vec<f64>,
    /// Indices into the column's texts.
    texts: Vec<u32>,
}

impl Column {
    /// The kind of the cell. Rows below the last are empty.
    #[must_use]
    pub fn kind(&self, row: usize) -> Kind {
        self.piece(row).and_then(|piece| piece.kinds.get(row % PIECE)).copied().unwrap_or(Kind::Empty)
    }

    /// The cell's number, if its kind has one. Otherwise NaN.
    #[must_use]
    pub fn number(&self, row: usize) -> f64 {
        self.piece(row).and_then(|piece| piece.numbers.get(row % PIECE)).copied().unwrap_or(f64::NAN)
    }

    /// A number without a format, or a number in a text, as a day count from 1900. Only cells with the format of a day
    /// are converted when they are read.
    #[must_use]
    pub fn day_count(&self, number: f64) -> f64 {
        number + self.days_before
    }

    /// Declares that the workbook counts days from 1904.
    pub(super) fn count_from_1904(&mut self) {
        self.days_before = DAYS_FROM_1900_TO_1904;
    }

    /// The cell's text, for texts and errors.
    #[must_use]
    pub fn text(&self, row: usize) -> Option<&str> {
        self.place_of_text(row).and_then(|place| self.texts.get(place))
    }

    /// The index of the cell's text among the column's texts.
    #[must_use]
    pub fn place_of_text(&self, row: usize) -> Option<usize> {
        let place = *self.piece(row)?.texts.get(row % PIECE)?;
        (place != NO_TEXT).then_some(place as usize)
    }

    /// The column's texts. Repeated texts are kept once.
    #[must_use]
    pub fn texts(&self) -> &Texts {
        &self.texts
    }

    fn piece(&self, row: usize) -> Option<&Piece> {
        self.pieces.get(row / PIECE)
    }

    /// The number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows
    }

    /// Whether the column has no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// Whether a cell is empty or holds only the marks of a blank form: ` / / `.
    #[must_use]
    pub fn is_blank(&self, row: usize) -> bool {
        match self.kind(row) {
            Kind::Empty => true,
            Kind::Text => self
                .text(row)
                .is_none_or(|text| text.chars().all(|c| c.is_whitespace() || matches!(c, '/' | '-' | '.' | ':'))),
            _ => false,
        }
    }

    /// The cell as a person sees it. `None` if it is empty or blank.
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
                // A duration may exceed the range of the calendar.
                let at = midnight.checked_add_signed(days(self.number(row)));
                Some(at.map_or_else(|| plain_number(self.number(row)), |at| at.time().format("%H:%M:%S").to_string()))
            }
            Kind::Bool => Some(if self.number(row) > 0.0 { "TRUE" } else { "FALSE" }.to_owned()),
        }
    }
}

/// A number as a person would type it: the shortest text that reads back as the same number, never in scientific
/// notation.
#[must_use]
pub fn plain_number(number: f64) -> String {
    const MOST_EXACT: f64 = 1e15;
    // Most identifiers are whole numbers, and integers are formatted faster. `-0` is excluded because an integer has no
    // `-0`.
    #[expect(clippy::cast_possible_truncation, reason = "whole and below 10^15")]
    if number.abs() < MOST_EXACT && number.fract() == 0.0 && number != 0.0 {
        return (number as i64).to_string();
    }
    format!("{number}")
}

/// Days from the first day of the 1900 system to that of the 1904 system.
pub(super) const DAYS_FROM_1900_TO_1904: f64 = 1462.0;

/// The local time of a day count in the 1900 system. `cells` has already converted workbooks of the 1904 system. Days
/// before March 1900 are refused because Excel counts a 29 February 1900, which did not exist.
#[must_use]
pub fn serial_to_date_time(serial: f64) -> Option<NaiveDateTime> {
    if !(61.0..2_958_466.0).contains(&serial) {
        return None;
    }
    let epoch = NaiveDate::from_ymd_opt(1899, 12, 30)?.and_hms_opt(0, 0, 0)?;
    epoch.checked_add_signed(days(serial))
}

/// A day count as a span, rounded to the second because spreadsheets keep times as fractions that are rarely exact.
fn days(count: f64) -> TimeDelta {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "checked to be below 2,958,466 days, or garbage that wraps to a time"
    )]
    let seconds = (count * 86_400.0).round() as i64;
    TimeDelta::try_seconds(seconds).unwrap_or_default()
}

/// Fills a column from the top. Rows that are skipped are empty.
pub(super) struct ColumnBuilder {
    pieces: Vec<Piece>,
    texts: TextsBuilder,
    rows: usize,
    /// Memory of the pieces, in bytes.
    bytes: usize,
}

impl ColumnBuilder {
    pub(super) fn new() -> Self {
        Self { pieces: Vec::new(), texts: TextsBuilder::new(), rows: 0, bytes: 0 }
    }

    /// Sets the cell in `row`. Rows must be set in ascending order. If a row is set again, it keeps its first value.
    pub(super) fn set_number(&mut self, row: usize, kind: Kind, number: f64) {
        if let Some(piece) = self.begin(row, kind) {
            self.bytes += fill(&mut piece.numbers, row % PIECE, f64::NAN, number);
        }
    }

    pub(super) fn set_text(&mut self, row: usize, kind: Kind, text: &str) {
        if text.is_empty() || row < self.rows {
            return;
        }
        let place = self.texts.place_of(text);
        if let (Some(place), Some(piece)) = (place, self.begin(row, kind)) {
            self.bytes += fill(&mut piece.texts, row % PIECE, NO_TEXT, place);
        }
    }

    /// The row's piece with the cell's kind set. `None` if the row is not below the last one.
    fn begin(&mut self, row: usize, kind: Kind) -> Option<&mut Piece> {
        if row < self.rows {
            return None;
        }
        self.rows = row + 1;
        if self.pieces.len() <= row / PIECE {
            self.pieces.resize_with(row / PIECE + 1, Piece::default);
        }
        let piece = self.pieces.get_mut(row / PIECE)?;
        self.bytes += fill(&mut piece.kinds, row % PIECE, Kind::Empty, kind);
        Some(piece)
    }

    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// The memory of the cells, in bytes.
    pub(super) fn bytes(&self) -> usize {
        self.bytes + self.texts.bytes()
    }

    pub(super) fn finish(self, rows: usize) -> Column {
        Column { pieces: self.pieces, texts: self.texts.finish(), rows, days_before: 0.0 }
    }
}

/// Appends `value` at index `at` and fills the gap before it with `between`. Returns by how many bytes the list grew.
fn fill<T: Clone>(list: &mut Vec<T>, at: usize, between: T, value: T) -> usize {
    let before = list.capacity();
    if before == 0 && at == 0 {
        // A column with a cell in the first row of a piece usually fills the piece.
        list.reserve_exact(PIECE);
    }
    list.resize(at, between);
    list.push(value);
    (list.capacity() - before) * size_of::<T>()
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
    fn numbers_are_shown_as_they_were_typed() {
        for (number, shown) in
            [(0.0, "0"), (-0.0, "-0"), (7.0, "7"), (-100_001.0, "-100001"), (0.1, "0.1"), (1e15, "1000000000000000")]
        {
            assert_eq!(plain_number(number), shown);
        }
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

    #[test]
    fn a_cell_far_below_takes_no_memory_for_the_rows_between() {
        let mut builder = ColumnBuilder::new();
        builder.set_text(0, Kind::Text, "a");
        builder.set_number(1_000_000, Kind::Number, 2.5);
        builder.set_text(999_999, Kind::Text, "too late");
        assert!(builder.bytes() < 2 * 9 * PIECE, "{}", builder.bytes());
        let column = builder.finish(1_000_001);
        assert_eq!((column.shown(0), column.shown(999_999)), (Some("a".into()), None));
        assert_eq!(column.shown(1_000_000), Some("2.5".into()));
    }
}
