//! Reads days and times from cells.
//!
//! Date cells and day counts are unambiguous. In texts such as `03/04/2026` the day or the month may come first. This
//! is decided for a whole column from all its values: `25/12/2026` proves that the day comes first, `12/25/2026` that
//! the month does.

use caudal_contract::notice::{Change, Rule};
use caudal_contract::text::folded;
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use chrono_tz::Tz;

use super::per_text::PerText;
use crate::sheet::{Column, Kind, plain_number, serial_to_date_time};
use crate::words::Signs;
use crate::words::calendar::{AFTERNOON, BEFORE_CLOCK, BETWEEN_PARTS, MORNING, UTC, month_by_first_letters};

/// Number of values of a column that prove each order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OrderEvidence {
    /// Values with a first number above 12.
    pub day_first: u64,
    /// Values with a second number above 12.
    pub month_first: u64,
    /// Values that are a different day in each order.
    pub either: u64,
    /// Instants with an offset from UTC.
    pub instants: u64,
    /// Instants at midnight in UTC. If all are, a program wrote days as instants.
    pub midnights: u64,
}

/// The evidence of one value for the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Proof {
    DayFirst,
    MonthFirst,
    Either,
    Instant { midnight: bool },
}

impl Proof {
    fn of(text: &str) -> Option<Self> {
        match shape(text)? {
            Shape::Numbers { first, second, .. } => match (first > 12, second > 12) {
                (true, false) => Some(Self::DayFirst),
                (false, true) => Some(Self::MonthFirst),
                (false, false) if first != second => Some(Self::Either),
                _ => None,
            },
            Shape::Instant(at) => Some(Self::Instant { midnight: at.time() == NaiveTime::MIN }),
            Shape::Known(_) => None,
        }
    }
}

/// The order chosen for a column, and its evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrderDecision {
    /// Whether the day comes first in ambiguous values.
    pub day_first: bool,
    /// Counts over the whole column.
    pub evidence: OrderEvidence,
}

impl OrderDecision {
    /// Decides for a column. `fallback_day_first` is the configured order.
    #[must_use]
    pub fn of(column: &Column, rows: &[usize], fallback_day_first: bool) -> Self {
        let mut evidence = OrderEvidence::default();
        let mut known = PerText::of(column);
        for row in rows.iter().filter(|row| column.kind(**row) == Kind::Text) {
            match known.get(*row, || column.text(*row).and_then(Proof::of)) {
                Some(Proof::DayFirst) => evidence.day_first += 1,
                Some(Proof::MonthFirst) => evidence.month_first += 1,
                Some(Proof::Either) => evidence.either += 1,
                Some(Proof::Instant { midnight }) => {
                    evidence.instants += 1;
                    evidence.midnights += u64::from(midnight);
                }
                None => {}
            }
        }
        let day_first = match evidence.day_first.cmp(&evidence.month_first) {
            std::cmp::Ordering::Greater => true,
            std::cmp::Ordering::Less => false,
            std::cmp::Ordering::Equal => fallback_day_first,
        };
        Self { day_first, evidence }
    }

    /// Whether the column has ambiguous values and no value that proves an order.
    #[must_use]
    pub fn proves_nothing(self) -> bool {
        self.evidence.either > 0 && self.evidence.day_first == 0 && self.evidence.month_first == 0
    }

    /// The order in which the days of a column never go back, or never forward, if they jump to and fro in the other
    /// order. Rows are usually written day by day.
    #[must_use]
    pub fn by_sequence(column: &Column, rows: &[usize]) -> Option<bool> {
        let (mut last, mut day_first, mut month_first) = (None, Steps::default(), Steps::default());
        for row in rows.iter().filter(|row| column.kind(**row) == Kind::Text) {
            let Some(Shape::Numbers { first, second, year, .. }) = column.text(*row).and_then(shape) else { continue };
            if let Some((before_year, before_first, before_second)) = last.replace((year, first, second)) {
                day_first.add((before_year, before_second, before_first), (year, second, first));
                month_first.add((before_year, before_first, before_second), (year, first, second));
            }
        }
        match (day_first.are_in_order(), month_first.are_in_order()) {
            (true, false) if month_first.jump() => Some(true),
            (false, true) if day_first.jump() => Some(false),
            _ => None,
        }
    }

    fn instants_are_days(self) -> bool {
        self.evidence.midnights > 1 && self.evidence.midnights == self.evidence.instants
    }

    fn is_mixed(self) -> bool {
        self.evidence.day_first > 0 && self.evidence.month_first > 0
    }
}

/// The steps between consecutive days of a column.
#[derive(Debug, Clone, Copy, Default)]
struct Steps {
    on: usize,
    back: usize,
}

impl Steps {
    fn add(&mut self, before: (i32, u32, u32), after: (i32, u32, u32)) {
        self.on += usize::from(before < after);
        self.back += usize::from(after < before);
    }

    fn are_in_order(self) -> bool {
        const FEWEST: usize = 4;
        self.on.min(self.back) == 0 && self.on + self.back >= FEWEST
    }

    fn jump(self) -> bool {
        const FEWEST: usize = 2;
        self.on.min(self.back) >= FEWEST
    }
}

/// A local day, with the time of day if one was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// The day.
    pub day: NaiveDate,
    /// The time, if any.
    pub time: Option<NaiveTime>,
}

impl Moment {
    fn from_date_time(at: NaiveDateTime) -> Self {
        let time = at.time();
        Self { day: at.date(), time: (time != NaiveTime::MIN).then_some(time) }
    }
}

/// The local moment in a cell. `None` if the cell is blank. A text with an offset from UTC is an instant and becomes
/// the local time in `zone`.
///
/// # Errors
/// The rule that the cell breaks.
pub fn of_cell(column: &Column, row: usize, decision: OrderDecision, zone: Tz) -> Result<Option<Moment>, Rule> {
    Ok(read_cell(column, row, decision, zone)?.map(|(moment, _)| moment))
}

/// The local moment in a cell and the rule by which it was read. `None` if the cell is blank.
///
/// # Errors
/// The rule that the cell breaks.
pub fn read_cell(
    column: &Column,
    row: usize,
    decision: OrderDecision,
    zone: Tz,
) -> Result<Option<(Moment, Option<Change>)>, Rule> {
    let counted = |at: NaiveDateTime| (Moment::from_date_time(at), Some(Change::DayFromNumber));
    match column.kind(row) {
        Kind::Empty => Ok(None),
        Kind::Error => Err(Rule::CellError),
        Kind::DateTime => {
            let at = serial_to_date_time(column.number(row)).ok_or(Rule::NotADate)?;
            Ok(Some((Moment::from_date_time(at), None)))
        }
        // This is a date in a cell with the format of a number.
        Kind::Number if is_plausible_serial(column.number(row)) => {
            Ok(serial_to_date_time(column.number(row)).map(counted))
        }
        Kind::Number => match compact_number(column.number(row)) {
            Some(day) => Ok(Some((Moment { day, time: None }, Some(Change::DayFromNumber)))),
            None => Err(Rule::NotADate),
        },
        Kind::Time | Kind::Bool => Err(Rule::NotADate),
        Kind::Text => match column.text(row).unwrap_or_default().trim() {
            text if text.chars().all(|c| matches!(c, '/' | '-' | ' ' | '.')) => Ok(None),
            text => match serial_of_text(text).and_then(serial_to_date_time) {
                Some(at) => Ok(Some(counted(at))),
                None => Ok(Some((of_text(text, decision, zone)?, Some(Change::DayFromText)))),
            },
        },
    }
}

/// The moment in a text.
///
/// # Errors
/// [`Rule::NotADate`], also for an ambiguous value in a column that proves both orders.
pub fn of_text(text: &str, decision: OrderDecision, zone: Tz) -> Result<Moment, Rule> {
    match shape(text).ok_or(Rule::NotADate)? {
        Shape::Known(moment) => Ok(moment),
        Shape::Instant(at) if decision.instants_are_days() => Ok(Moment::from_date_time(at.naive_utc())),
        Shape::Instant(at) => Ok(Moment::from_date_time(caudal_contract::calendar::to_local(at, zone))),
        Shape::Numbers { first, second, year, time } => {
            let day_first = match (first > 12, second > 12) {
                (true, _) => true,
                (_, true) => false,
                _ if decision.is_mixed() && first != second => return Err(Rule::NotADate),
                _ => decision.day_first,
            };
            let (day, month) = if day_first { (first, second) } else { (second, first) };
            let day = NaiveDate::from_ymd_opt(year, month, day).ok_or(Rule::NotADate)?;
            Ok(Moment { day, time })
        }
    }
}

/// The time of day in a cell. `None` if the cell is blank.
///
/// # Errors
/// [`Rule::NotADate`] or [`Rule::CellError`].
pub fn time_of_cell(column: &Column, row: usize) -> Result<Option<NaiveTime>, Rule> {
    match column.kind(row) {
        Kind::Empty => Ok(None),
        Kind::Error => Err(Rule::CellError),
        Kind::DateTime | Kind::Time | Kind::Number => {
            let fraction = column.number(row).rem_euclid(1.0);
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a fraction of a day, from 0 to 86400"
            )]
            let seconds = (fraction * 86_400.0).round() as u32;
            Ok(NaiveTime::from_num_seconds_from_midnight_opt(seconds % 86_400, 0))
        }
        Kind::Bool => Err(Rule::NotADate),
        Kind::Text => match column.text(row).unwrap_or_default().trim() {
            "" => Ok(None),
            text => time_of_text(text).map(Some).ok_or(Rule::NotADate),
        },
    }
}

/// Whether a number is a day count from 1990 to 2099, as a date appears in a cell with the format of a number.
#[must_use]
pub fn is_plausible_serial(number: f64) -> bool {
    (32_874.0..73_050.0).contains(&number)
}

/// The day count in a text such as `46081`: a spreadsheet saved a day as its internal number.
#[must_use]
pub fn serial_of_text(text: &str) -> Option<f64> {
    let whole = text.split([',', '.']).next()?;
    let fits = whole.len() == 5 && text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b',' | b'.'));
    let number: f64 = fits.then(|| text.replace(',', ".").parse().ok())??;
    Some(number).filter(|number| is_plausible_serial(*number))
}

/// The day in a number such as 20260331.
#[must_use]
pub fn compact_number(number: f64) -> Option<NaiveDate> {
    ((19_900_101.0..21_000_000.0).contains(&number) && number.fract() == 0.0).then(|| compact(&plain_number(number)))?
}

/// Whether a text is a day in any style.
#[must_use]
pub fn looks_like_date(text: &str) -> bool {
    shape(text).is_some()
}

/// Whether a text is a time of day.
#[must_use]
pub fn looks_like_time(text: &str) -> bool {
    time_of_text(text.trim()).is_some()
}

enum Shape {
    Known(Moment),
    /// A time with its offset from UTC.
    Instant(DateTime<Utc>),
    /// A year and two numbers. Either number may be the day.
    Numbers {
        first: u32,
        second: u32,
        year: i32,
        time: Option<NaiveTime>,
    },
}

fn shape(text: &str) -> Option<Shape> {
    let text = text.trim();
    if !text.is_char_boundary(text.len().min(1)) || text.len() < 6 || text.len() > 60 {
        return None;
    }
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Some(Shape::Instant(at.to_utc()));
    }
    if let Some(at) = with_offset(text) {
        return Some(Shape::Instant(at));
    }
    let (day, time) = split_time(without_weekday(text))?;
    if let Some(moment) = compact(day) {
        return Some(Shape::Known(Moment { day: moment, time }));
    }
    let parts: Vec<&str> = day.split(['/', '-', '.']).map(str::trim).collect();
    if let [a, b, c] = parts.as_slice()
        && let (Ok(a_number), Ok(b_number), Ok(c_number)) = (a.parse::<u32>(), b.parse::<u32>(), c.parse::<u32>())
    {
        if a.len() == 4 {
            let day = NaiveDate::from_ymd_opt(i32::try_from(a_number).ok()?, b_number, c_number)?;
            return Some(Shape::Known(Moment { day, time }));
        }
        if a.len() <= 2 && b.len() <= 2 && (c.len() == 4 || c.len() == 2) {
            let year = year_of(c_number, c.len())?;
            let valid = |day, month| NaiveDate::from_ymd_opt(year, month, day).is_some();
            return (valid(a_number, b_number) || valid(b_number, a_number)).then_some(Shape::Numbers {
                first: a_number,
                second: b_number,
                year,
                time,
            });
        }
    }
    named_month(day).map(|day| Shape::Known(Moment { day, time }))
}

/// An instant as shop systems export it: "2026-12-31 18:05:00 -0300", "2026-12-31 18:05:00 UTC".
fn with_offset(text: &str) -> Option<DateTime<Utc>> {
    let (clock, offset) = text.rsplit_once(' ')?;
    let offset = match offset {
        zone if UTC.has(zone) => "+0000",
        signed if signed.starts_with(['+', '-']) && signed.len() >= 5 => signed,
        _ => return None,
    };
    let formats = ["%Y-%m-%d %H:%M:%S%.f %z", "%Y-%m-%d %H:%M %z", "%Y-%m-%dT%H:%M:%S%.f %z"];
    let text = format!("{clock} {offset}");
    formats.iter().find_map(|format| DateTime::parse_from_str(&text, format).ok()).map(|at| at.to_utc())
}

/// Removes the weekday from "segunda-feira, 5 de março de 2026" and "Mon, 5 Mar 2026". A weekday ends with a comma and
/// has only letters and hyphens.
fn without_weekday(text: &str) -> &str {
    match text.split_once(',') {
        Some((first, rest))
            if first.chars().all(|c| c.is_alphabetic() || c == '-') && month_by_first_letters(first).is_none() =>
        {
            rest.trim_start()
        }
        _ => text,
    }
}

/// A day such as "20260331".
fn compact(text: &str) -> Option<NaiveDate> {
    if text.len() != 8 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    NaiveDate::parse_from_str(text, "%Y%m%d").ok().filter(|day| (1990..2100).contains(&chrono::Datelike::year(day)))
}

fn year_of(number: u32, digits: usize) -> Option<i32> {
    let year = i32::try_from(number).ok()?;
    Some(match digits {
        2 if year < 70 => 2000 + year,
        2 => 1900 + year,
        _ => year,
    })
}

/// Cuts a time of day off the end: "31/12/2026 18:05", "2026-12-31T18:05:00".
fn split_time(text: &str) -> Option<(&str, Option<NaiveTime>)> {
    let Some(colon) = text.find(':').or_else(|| hour_mark(text)) else {
        return Some((text.trim_end_matches('.').trim_end_matches(" hs"), None));
    };
    let start = text.get(..colon)?.rfind([' ', 'T', ','])?;
    let time = time_of_text(text.get(start + 1..)?.trim())?;
    let day = text.get(..start)?.trim().trim_end_matches([',', '-']).trim();
    // "05/03/2026 às 14:30", "5 March 2026 at 2:30 PM".
    let day = BEFORE_CLOCK.iter().find_map(|word| day.strip_suffix(word)).map_or(day, str::trim_end);
    Some((day, Some(time)))
}

/// The position of the `h` in "14h30" after a space.
fn hour_mark(text: &str) -> Option<usize> {
    let (start, clock) = text.rsplit_once(' ')?;
    let hours = clock.bytes().take_while(u8::is_ascii_digit).count();
    let is_mark = matches!(hours, 1 | 2) && clock.as_bytes().get(hours) == Some(&b'h');
    (is_mark && clock.as_bytes().get(hours + 1).is_some_and(u8::is_ascii_digit)).then_some(start.len() + 1 + hours)
}

fn time_of_text(text: &str) -> Option<NaiveTime> {
    let lower = text.to_ascii_lowercase();
    let cut = |signs: Signs| signs.iter().find_map(|sign| lower.strip_suffix(sign));
    let (clock, afternoon) = if let Some(clock) = cut(AFTERNOON) {
        (clock.trim(), Some(true))
    } else if let Some(clock) = cut(MORNING) {
        (clock.trim(), Some(false))
    } else {
        (lower.trim_end_matches(['h', 's', 'r', ' ', '.']), None)
    };
    let mut parts = clock.split([':', 'h']);
    let hour: u32 = parts.next()?.trim().parse().ok()?;
    let minute: u32 = parts.next()?.trim().parse().ok()?;
    let second: u32 = match parts.next() {
        Some(seconds) => seconds.split(['.', ',']).next()?.trim().parse().ok()?,
        None => 0,
    };
    let hour = match (afternoon, hour) {
        (Some(true), 1..=11) => hour + 12,
        (Some(false), 12) => 0,
        _ => hour,
    };
    if parts.next().is_some() { None } else { NaiveTime::from_hms_opt(hour, minute, second) }
}

/// A day such as "5 de março de 2026", "05-mar-2026" or "March 5, 2026".
fn named_month(text: &str) -> Option<NaiveDate> {
    let words = folded(text);
    let words: Vec<&str> = words.split(' ').filter(|word| !BETWEEN_PARTS.has(word)).collect();
    let [a, b, c] = words.as_slice() else { return None };
    let (day, month) = match (month_by_first_letters(a), month_by_first_letters(b)) {
        (None, Some(month)) => (a.parse().ok()?, month),
        (Some(month), None) => (b.parse().ok()?, month),
        _ => return None,
    };
    NaiveDate::from_ymd_opt(year_of(c.parse().ok()?, c.len())?, month, day)
}

#[cfg(test)]
mod tests {
    use chrono_tz::America::Sao_Paulo;

    use super::*;

    const DAY_FIRST: OrderDecision = OrderDecision {
        day_first: true,
        evidence: OrderEvidence { day_first: 0, month_first: 0, either: 0, instants: 0, midnights: 0 },
    };

    fn read(text: &str) -> Option<String> {
        of_text(text, DAY_FIRST, Sao_Paulo).ok().map(|moment| match moment.time {
            Some(time) => format!("{} {time}", moment.day),
            None => moment.day.to_string(),
        })
    }

    #[test]
    fn days_are_read_as_people_write_them() {
        for (text, expected) in [
            ("2024-03-05", "2024-03-05"),
            ("2024-03-05 10:30", "2024-03-05 10:30:00"),
            ("2024-03-05T10:30:15", "2024-03-05 10:30:15"),
            ("05/03/2024", "2024-03-05"),
            ("5/3/24", "2024-03-05"),
            ("05.03.2024", "2024-03-05"),
            ("05-03-2024 18:05:09", "2024-03-05 18:05:09"),
            ("3/25/2024 1:05 PM", "2024-03-25 13:05:00"),
            ("5 de março de 2024", "2024-03-05"),
            ("05-mar-2024", "2024-03-05"),
            ("March 5, 2024", "2024-03-05"),
            ("10 de janeiro de 2025 14:02 hs.", "2025-01-10 14:02:00"),
            ("terça-feira, 5 de março de 2024", "2024-03-05"),
            ("05/03/2024 às 14:30", "2024-03-05 14:30:00"),
            ("05/03/2024 - 14h30", "2024-03-05 14:30:00"),
            ("2024-03-05 10:00:00 -0300", "2024-03-05 10:00:00"),
            ("2024-03-06 01:30:00 UTC", "2024-03-05 22:30:00"),
            ("05-mar.-24", "2024-03-05"),
            ("Mar-05-24", "2024-03-05"),
            ("20240305", "2024-03-05"),
            ("2024-03-06T01:30:00Z", "2024-03-05 22:30:00"),
        ] {
            assert_eq!(read(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_day_is_not_made_one() {
        for text in ["31/02/2026", "2024-02-30", "abc", "12:30", "1.234,56", "32/13/2024", "/  /"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn the_order_is_decided_by_the_column() {
        let month_first = OrderDecision {
            day_first: false,
            evidence: OrderEvidence { day_first: 0, month_first: 9, either: 1, ..OrderEvidence::default() },
        };
        let mixed = OrderDecision {
            day_first: true,
            evidence: OrderEvidence { day_first: 5, month_first: 5, either: 1, ..OrderEvidence::default() },
        };
        assert_eq!(of_text("03/04/2026", month_first, Sao_Paulo).unwrap().day.to_string(), "2026-03-04");
        assert_eq!(of_text("25/04/2026", month_first, Sao_Paulo).unwrap().day.to_string(), "2026-04-25");
        assert_eq!(of_text("03/04/2026", mixed, Sao_Paulo), Err(Rule::NotADate), "a column that uses both cannot say");
    }

    #[test]
    fn days_that_a_program_wrote_as_instants_stay_the_same_days() {
        let column = |text: &str| {
            crate::sheet::read(format!("x\n{text}").as_bytes(), "x.csv").unwrap().sheets.remove(0).columns.remove(0)
        };
        let first = |text: &str| {
            let cells = column(text);
            let decision = OrderDecision::of(&cells, &[1, 2], true);
            of_cell(&cells, 1, decision, Sao_Paulo).unwrap().unwrap().day.to_string()
        };
        assert_eq!(first("2026-03-05T00:00:00Z\n2026-03-06T00:00:00.000Z\n"), "2026-03-05");
        assert_eq!(first("2026-03-05T00:00:00Z\n2026-03-06T10:00:00Z\n"), "2026-03-04");
        assert_eq!(compact_number(20_260_305.0).unwrap().to_string(), "2026-03-05");
    }

    #[test]
    fn the_order_in_which_days_follow_each_other_is_the_right_one() {
        let order = |days: &[&str]| {
            let text = format!("Data\n{}\n", days.join("\n"));
            let sheet = crate::sheet::read(text.as_bytes(), "x.csv").unwrap().sheets.remove(0);
            OrderDecision::by_sequence(&sheet.columns[0], &(1..sheet.rows).collect::<Vec<_>>())
        };
        let month_first = ["01/03/2026", "01/05/2026", "01/09/2026", "02/01/2026", "02/07/2026", "03/02/2026"];
        assert_eq!(order(&month_first), Some(false));
        let day_first = ["03/01/2026", "05/01/2026", "09/01/2026", "01/02/2026", "07/02/2026", "02/03/2026"];
        assert_eq!(order(&day_first), Some(true));
        assert_eq!(order(&["01/03/2026", "09/02/2026", "05/06/2026", "02/08/2026", "07/01/2026"]), None);
    }
}
