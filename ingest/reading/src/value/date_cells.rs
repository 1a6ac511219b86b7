//! Recognises a column of days in which a spreadsheet program swapped day and month of some.
//!
//! A program that expects the month first opens "05/03/2026", the fifth of March, as the third of May, and keeps it as a
//! date. It cannot read "13/03/2026" so, and leaves it a text. Then all date cells have a day of at most 12, and all
//! texts have a day above 12. The order in which the rows follow each other, or the months of the texts, tell whether
//! the date cells were swapped.

use chrono::{Datelike, NaiveDate};

/// The meaning of the date cells in a column that also has days as texts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum DateCells {
    /// They are the days that they show.
    #[default]
    AsShown,
    /// Day and month are swapped in all of them.
    Swapped,
    /// The column looks as if they were swapped, and nothing proves it.
    Unclear,
}

/// One day of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Day {
    /// The day that a date cell shows.
    Cell(NaiveDate),
    /// The day that a text says in numbers, with a day above 12.
    Text(NaiveDate),
}

/// The day with its day and month swapped. `None` if there is no such month.
#[must_use]
pub fn swapped(day: NaiveDate) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(day.year(), day.day(), day.month())
}

/// Fewest different cells that prove something.
const FEWEST: usize = 3;
/// Fewest different cells that all have a day of at most 12 by no accident.
const NO_ACCIDENT: usize = 8;

/// Decides from the days of a column, in the order of its rows.
pub(super) fn decide(days: &[Day]) -> DateCells {
    let mut shown = Vec::new();
    let (mut first, mut last): (Option<NaiveDate>, Option<NaiveDate>) = (None, None);
    for day in days {
        match day {
            Day::Cell(day) if swapped(*day).is_none() => return DateCells::AsShown,
            Day::Cell(day) => shown.push(*day),
            Day::Text(day) => {
                first = Some(first.map_or(*day, |first| first.min(*day)));
                last = Some(last.map_or(*day, |last| last.max(*day)));
            }
        }
    }
    let (Some(first), Some(last)) = (first, last) else { return DateCells::AsShown };
    shown.sort_unstable();
    shown.dedup();
    shown.retain(|day| day.day() != day.month());
    if shown.is_empty() {
        return DateCells::AsShown;
    }
    by_sequence(days).or_else(|| by_months(&shown, first, last)).unwrap_or_else(|| {
        let mut of_month: Vec<u32> = shown.iter().map(Datelike::day).collect();
        of_month.sort_unstable();
        of_month.dedup();
        // Days that a person chose, such as the first of each month, are of at most 12 without an accident.
        let is_no_accident = shown.len() >= NO_ACCIDENT && of_month.len() > FEWEST;
        if is_no_accident { DateCells::Swapped } else { DateCells::Unclear }
    })
}

/// The reading with much fewer steps back, because rows are usually written day by day.
fn by_sequence(days: &[Day]) -> Option<DateCells> {
    let steps_back = |read: fn(NaiveDate) -> Option<NaiveDate>| {
        let read: Vec<NaiveDate> = days
            .iter()
            .filter_map(|day| match day {
                Day::Cell(day) => read(*day),
                Day::Text(day) => Some(*day),
            })
            .collect();
        let count = |is_step: fn(&(&NaiveDate, &NaiveDate)) -> bool| {
            read.iter().zip(read.iter().skip(1)).filter(is_step).count()
        };
        // Rows may be written from the last day to the first.
        count(|(before, after)| before < after).min(count(|(before, after)| before > after))
    };
    fewer(steps_back(Some), steps_back(swapped))
}

/// The reading in which the cells are in the months of the texts.
fn by_months(shown: &[NaiveDate], first: NaiveDate, last: NaiveDate) -> Option<DateCells> {
    let month = |day: NaiveDate| i64::from(day.year()) * 12 + i64::from(day.month());
    let months = |near: i64| (month(first) - near)..=(month(last) + near);
    let out = |near: i64| {
        let is_out = |day: &NaiveDate| !months(near).contains(&month(*day));
        let as_shown = shown.iter().filter(|day| is_out(day)).count();
        (as_shown, shown.iter().filter_map(|day| swapped(*day)).filter(is_out).count())
    };
    [0, 1].into_iter().find_map(|near| {
        let (as_shown, swapped) = out(near);
        fewer(as_shown, swapped)
    })
}

/// The reading with at most a quarter of the contradictions of the other. That the cells are as they show needs more of
/// them, because the texts look as if the program had swapped the others.
fn fewer(as_shown: usize, swapped: usize) -> Option<DateCells> {
    let is_fewer = |few: usize, many: usize, fewest: usize| many >= fewest && few * 4 <= many;
    match (is_fewer(as_shown, swapped, NO_ACCIDENT), is_fewer(swapped, as_shown, FEWEST)) {
        (true, _) => Some(DateCells::AsShown),
        (_, true) => Some(DateCells::Swapped),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use chrono_tz::America::Sao_Paulo;
    use proptest::prelude::*;

    use super::*;
    use crate::sheet::{Column, Kind, SheetBuilder};
    use crate::value::date::{self, OrderDecision};

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn serial(day: NaiveDate) -> f64 {
        f64::from(i32::try_from((day - self::day("1899-12-30")).num_days()).unwrap())
    }

    /// The column that a program makes of these days, if it expects the other order of day and month.
    fn opened_in_the_wrong_order(days: &[NaiveDate], day_first: bool) -> Column {
        let mut builder = SheetBuilder::default();
        for (row, day) in days.iter().enumerate() {
            match swapped(*day) {
                Some(other) => builder.set_number(row, 0, Kind::DateTime, serial(other)),
                None => {
                    let form = if day_first { "%d/%m/%Y" } else { "%m/%d/%Y" };
                    builder.set_text(row, 0, Kind::Text, &day.format(form).to_string());
                }
            }
        }
        builder.finish(String::new(), false, days.len()).columns.remove(0)
    }

    fn read(column: &Column) -> (DateCells, Vec<NaiveDate>) {
        let rows: Vec<usize> = (0..column.len()).collect();
        let decision = OrderDecision::of(column, &rows, true);
        let day = |row: &usize| date::of_cell(column, *row, decision, Sao_Paulo).unwrap().unwrap().day;
        (decision.date_cells, rows.iter().map(day).collect())
    }

    /// Days of a period, in the order of the days, or in any.
    fn days() -> impl Strategy<Value = Vec<NaiveDate>> {
        let offsets = (1_i64..400).prop_flat_map(|span| proptest::collection::vec(0..span, 1..80));
        (0_i64..1_000, offsets, any::<bool>(), any::<bool>()).prop_map(|(start, mut offsets, in_order, last_first)| {
            if in_order {
                offsets.sort_unstable();
            }
            if last_first {
                offsets.reverse();
            }
            offsets.into_iter().map(|offset| day("2023-11-20") + TimeDelta::days(start + offset)).collect()
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn swapped_days_are_read_as_the_days_that_they_were_or_asked_about(days in days(), day_first in any::<bool>()) {
            let column = opened_in_the_wrong_order(&days, day_first);
            let (date_cells, read) = read(&column);
            let is_told = days.iter().any(|day| day.day() > 12);
            prop_assert!(read == days || date_cells == DateCells::Unclear || !is_told, "{:?}: {:?}", date_cells, days);
        }

        #[test]
        fn days_of_which_some_are_texts_by_chance_are_read_as_they_are(
            days in days(),
            texts in proptest::collection::vec(any::<bool>(), 80),
        ) {
            let mut builder = SheetBuilder::default();
            for ((row, day), is_text) in days.iter().enumerate().zip(texts) {
                if is_text {
                    builder.set_text(row, 0, Kind::Text, &day.format("%d/%m/%Y").to_string());
                } else {
                    builder.set_number(row, 0, Kind::DateTime, serial(*day));
                }
            }
            let column = builder.finish(String::new(), false, days.len()).columns.remove(0);
            prop_assert_ne!(read(&column).0, DateCells::Swapped);
        }
    }

    #[test]
    fn a_month_that_was_opened_in_the_wrong_order_is_put_right() {
        let month: Vec<NaiveDate> = (0..28).map(|offset| day("2026-01-01") + TimeDelta::days(offset)).collect();
        for day_first in [true, false] {
            assert_eq!(read(&opened_in_the_wrong_order(&month, day_first)), (DateCells::Swapped, month.clone()));
        }
        let few = [day("2026-01-02"), day("2026-01-20")];
        assert_eq!(read(&opened_in_the_wrong_order(&few, true)).0, DateCells::Unclear, "two rows prove nothing");
    }

    #[test]
    fn a_month_whose_last_days_were_typed_as_texts_stays_as_it_is() {
        let cells = (1..13).map(|of_month| Day::Cell(NaiveDate::from_ymd_opt(2026, 1, of_month).unwrap()));
        let texts = (13..32).map(|of_month| Day::Text(NaiveDate::from_ymd_opt(2026, 1, of_month).unwrap()));
        assert_eq!(decide(&cells.chain(texts).collect::<Vec<_>>()), DateCells::AsShown);
    }
}
