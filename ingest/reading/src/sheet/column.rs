use chrono::{NaiveDate, NaiveDateTime, TimeDelta};

use super::texts::{NO_TEXT, Texts, TextsBuilder};

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

/// Rows of a piece.
pub(super) const PIECE: usize = 4_096;

/// A column of cells, in pieces of 4,096 rows: a cell far below the others makes no memory of the rows between.
#[derive(Debug, Clone)]
pub struct Column {
    pieces: Vec<Piece>,
    texts: Texts,
    rows: usize,
}

/// Each list goes as far down as there are such cells.
#[derive(Debug, Clone, Default)]
struct Piece {
    kinds: Vec<Kind>,
    numbers: Vec<f64>,
    /// Places in the column's texts.
    texts: Vec<u32>,
}

impl Column {
    /// What the cell is; empty below the last row.
    #[must_use]
    pub fn kind(&self, row: usize) -> Kind {
        self.piece(row).and_then(|piece| piece.kinds.get(row % PIECE)).copied().unwrap_or(Kind::Empty)
    }

    /// The cell's number, of whatever kind; only for kinds that have one.
    #[must_use]
    pub fn number(&self, row: usize) -> f64 {
        self.piece(row).and_then(|piece| piece.numbers.get(row % PIECE)).copied().unwrap_or(f64::NAN)
    }

    /// The cell's text, for texts and errors.
    #[must_use]
    pub fn text(&self, row: usize) -> Option<&str> {
        self.place_of_text(row).and_then(|place| self.texts.get(place))
    }

    /// Where the cell's text stands among the column's texts.
    #[must_use]
    pub fn place_of_text(&self, row: usize) -> Option<usize> {
        let place = *self.piece(row)?.texts.get(row % PIECE)?;
        (place != NO_TEXT).then_some(place as usize)
    }

    /// The column's texts, repeated ones once.
    #[must_use]
    pub fn texts(&self) -> &Texts {
        &self.texts
    }

    fn piece(&self, row: usize) -> Option<&Piece> {
        self.pieces.get(row / PIECE)
    }

    /// How many rows it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows
    }

    /// Whether it has no row at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows == 0
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
                // A duration may be longer than the calendar
                let at = midnight.checked_add_signed(days(self.number(row)));
                Some(at.map_or_else(|| plain_number(self.number(row)), |at| at.time().format("%H:%M:%S").to_string()))
            }
            Kind::Bool => Some(if self.number(row) > 0.0 { "TRUE" } else { "FALSE" }.to_owned()),
        }
    }
}

/// A number the way it was typed: the shortest text that reads back as the same number, never in scientific notation.
#[must_use]
pub fn plain_number(number: f64) -> String {
    const MOST_EXACT: f64 = 1e15;
    // Most identifiers are whole numbers, which are written faster as such; -0 is not one
    #[expect(clippy::cast_possible_truncation, reason = "whole and below 10^15")]
    if number.abs() < MOST_EXACT && number.fract() == 0.0 && number != 0.0 {
        return (number as i64).to_string();
    }
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
    pieces: Vec<Piece>,
    texts: TextsBuilder,
    rows: usize,
    /// Memory of the pieces.
    bytes: usize,
}

impl ColumnBuilder {
    pub(super) fn new() -> Self {
        Self { pieces: Vec::new(), texts: TextsBuilder::new(), rows: 0, bytes: 0 }
    }

    /// Sets the cell in `row`; rows must grow. A row met again keeps its first value.
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

    /// The row's piece, with the cell's kind set; `None` when the row is not below the last.
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

    /// The memory that its cells take.
    pub(super) fn bytes(&self) -> usize {
        self.bytes + self.texts.bytes()
    }

    pub(super) fn finish(self, rows: usize) -> Column {
        Column { pieces: self.pieces, texts: self.texts.finish(), rows }
    }
}

/// Appends a value as the one `at` this place; returns by how many bytes the list grew.
fn fill<T: Clone>(list: &mut Vec<T>, at: usize, between: T, value: T) -> usize {
    let before = list.capacity();
    if before == 0 && at == 0 {
        // A column that begins a piece mostly fills it
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
