//! Reads days that lack their year, or their month and year: "28", "28/02", "5-mar". A title or the sheet's name has the
//! rest.

use caudal_contract::text::folded;
use chrono::NaiveDate;

use crate::sheet::{Column, Kind};
use crate::words::calendar;

/// The written part of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PartialDay {
    /// The day of a month.
    Day(u32),
    /// Day and month in the order in which they are written.
    Two(u32, u32),
    /// Day and month, the month by its name.
    Named(u32, u32),
}

/// The rest of such days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rest {
    /// The year.
    pub(crate) year: i32,
    /// The month, if the rest names only one.
    pub(crate) month: Option<u32>,
    /// Whether the day is written before the month. `None` if nothing proves an order.
    pub(crate) day_first: Option<bool>,
}

impl PartialDay {
    /// The part in a cell. `None` for any other cell.
    pub(crate) fn of_cell(column: &Column, row: usize) -> Option<Self> {
        match column.kind(row) {
            Kind::Number => {
                let is_same = |day: &u32| (f64::from(*day) - column.number(row)).abs() < f64::EPSILON;
                (1..=31).find(is_same).map(Self::Day)
            }
            Kind::Text => Self::of_text(column.text(row)?),
            _ => None,
        }
    }

    fn of_text(text: &str) -> Option<Self> {
        let text = folded(text);
        let parts: Vec<&str> = text.split(' ').filter(|part| *part != "de").collect();
        let number =
            |part: &str| part.parse::<u32>().ok().filter(|number| part.len() <= 2 && (1..=31).contains(number));
        match *parts.as_slice() {
            [day] => number(day).map(Self::Day),
            [first, second] => match (number(first), number(second)) {
                (Some(first), Some(second)) if first.min(second) <= 12 => Some(Self::Two(first, second)),
                (Some(day), None) => calendar::month(second).map(|month| Self::Named(day, month)),
                (None, Some(day)) => calendar::month(first).map(|month| Self::Named(day, month)),
                _ => None,
            },
            _ => None,
        }
    }

    /// The whole day. `None` if there is no such day. If nothing proves an order, `day_first` counts.
    pub(crate) fn with(self, rest: Rest, day_first: bool) -> Option<NaiveDate> {
        let (day, month) = match self {
            Self::Day(day) => (day, rest.month?),
            Self::Named(day, month) => (day, month),
            Self::Two(first, second) if rest.day_first.unwrap_or(day_first) => (first, second),
            Self::Two(first, second) => (second, first),
        };
        NaiveDate::from_ymd_opt(rest.year, month, day)
    }
}

impl Rest {
    /// The rest for these parts of days, if a title names this year, and this month or several. `None` if the parts do not
    /// fit to it.
    pub(crate) fn of(parts: &[PartialDay], year: i32, month: Option<u32>) -> Option<Self> {
        let pairs =
            || parts.iter().filter_map(|part| if let PartialDay::Two(a, b) = part { Some((*a, *b)) } else { None });
        let of_month = |day_first: bool| {
            let months = pairs().map(|(first, second)| if day_first { second } else { first });
            pairs().next().is_some() && months.into_iter().all(|named| Some(named) == month)
        };
        let proves = |day_first: bool| pairs().any(|(first, second)| if day_first { first > 12 } else { second > 12 });
        let day_first = match (of_month(true), of_month(false), proves(true), proves(false)) {
            (true, false, ..) => Some(true),
            (false, true, ..) => Some(false),
            (.., true, true) => return None,
            (.., true, false) => Some(true),
            (.., false, true) => Some(false),
            _ => None,
        };
        let rest = Self { year, month, day_first };
        let fits = |part: &PartialDay| part.with(rest, true).is_some() || part.with(rest, false).is_some();
        parts.iter().all(fits).then_some(rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_days_are_read_as_they_are_written() {
        for (text, part) in [
            ("28", Some(PartialDay::Day(28))),
            ("05/03", Some(PartialDay::Two(5, 3))),
            ("5-mar", Some(PartialDay::Named(5, 3))),
            ("5 de março", Some(PartialDay::Named(5, 3))),
            ("Mar 5", Some(PartialDay::Named(5, 3))),
            ("13/14", None),
            ("0", None),
            ("05/03/2026", None),
            ("ontem", None),
        ] {
            assert_eq!(PartialDay::of_text(text), part, "{text}");
        }
    }

    #[test]
    fn the_order_follows_from_the_month_or_from_a_day_above_twelve() {
        let rest = |parts: &[(u32, u32)], month| {
            let parts: Vec<PartialDay> = parts.iter().map(|(a, b)| PartialDay::Two(*a, *b)).collect();
            Rest::of(&parts, 2026, month).map(|rest| rest.day_first)
        };
        assert_eq!(rest(&[(5, 3), (9, 3)], Some(3)), Some(Some(true)));
        assert_eq!(rest(&[(3, 5), (3, 9)], Some(3)), Some(Some(false)));
        assert_eq!(rest(&[(3, 5), (13, 9)], None), Some(Some(true)));
        assert_eq!(rest(&[(3, 5), (2, 19)], None), Some(Some(false)));
        assert_eq!(rest(&[(3, 5), (2, 9)], None), Some(None));
        assert_eq!(rest(&[(13, 5), (2, 19)], None), None, "both orders are proven");
        assert_eq!(Rest::of(&[PartialDay::Day(31)], 2026, Some(2)), None, "no such day");
        assert_eq!(Rest::of(&[PartialDay::Day(30)], 2026, None), None, "no month");
    }
}
