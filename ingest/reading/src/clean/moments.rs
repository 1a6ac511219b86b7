//! Finds the time of each sale.

use std::collections::HashMap;

use caudal_contract::calendar::{to_local, to_utc};
use caudal_contract::field::Field;
use caudal_contract::notice::{Change, Remark, Rule};
use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;
use polars::prelude::{
    BooleanChunked, BooleanChunkedBuilder, ChunkedBuilder, Int32Chunked, Int32Type, Int64Chunked, Int64Type,
    PlSmallStr, PrimitiveChunkedBuilder,
};

use super::columns::Columns;
use crate::sheet::Column;
use crate::value::date::{self, Moment, OrderDecision};
use crate::value::partial_day::{PartialDay, Rest};
use crate::value::per_text::PerText;
use crate::value::{Basis, Conventions};

pub(super) struct Moments {
    /// Unix seconds, UTC.
    pub(super) sold_at: Int64Chunked,
    /// Days since 1970, local.
    pub(super) sold_on: Int32Chunked,
    /// Whether a time of day was given.
    pub(super) has_time: BooleanChunked,
    /// Whether the row has no date and takes the time of arrival.
    pub(super) is_assumed: BooleanChunked,
}

const FIRST_YEAR: i32 = 1990;

pub(super) fn clean(columns: &mut Columns<'_>, conventions: &Conventions) -> Moments {
    match columns.cells(Field::Date) {
        Some(cells) => dated(columns, cells, conventions),
        None => match columns.layout.given_day() {
            Some(day) => on_one(day, columns, conventions),
            None => assumed(columns, conventions),
        },
    }
}

/// Builds the columns row by row.
struct MomentsBuilder {
    zone: Tz,
    /// The offset from UTC of each day, in seconds. `None` if the clock changes on that day.
    offsets: HashMap<NaiveDate, Option<i64>>,
    sold_at: PrimitiveChunkedBuilder<Int64Type>,
    sold_on: PrimitiveChunkedBuilder<Int32Type>,
    has_time: BooleanChunkedBuilder,
    is_assumed: BooleanChunkedBuilder,
}

impl MomentsBuilder {
    fn new(rows: usize, zone: Tz) -> Self {
        Self {
            zone,
            offsets: HashMap::new(),
            sold_at: PrimitiveChunkedBuilder::new(PlSmallStr::from_static("sold_at"), rows),
            sold_on: PrimitiveChunkedBuilder::new(PlSmallStr::from_static("sold_on"), rows),
            has_time: BooleanChunkedBuilder::new(PlSmallStr::from_static("has_time"), rows),
            is_assumed: BooleanChunkedBuilder::new(PlSmallStr::from_static("date_assumed"), rows),
        }
    }

    fn push(&mut self, moment: Option<Moment>) {
        self.is_assumed.append_value(false);
        self.push_moment(moment);
    }

    /// Adds a row without a date, at the time of arrival.
    fn push_arrival(&mut self, arrived: DateTime<Utc>) {
        self.is_assumed.append_value(true);
        let local = to_local(arrived, self.zone);
        self.push_moment(Some(Moment { day: local.date(), time: Some(local.time()) }));
    }

    fn push_moment(&mut self, moment: Option<Moment>) {
        let instant = moment.map(|moment| self.instant(moment));
        self.sold_at.append_option(instant);
        self.sold_on.append_option(moment.map(|moment| days_since_1970(moment.day)));
        self.has_time.append_value(moment.is_some_and(|moment| moment.time.is_some()));
    }

    /// The instant in Unix seconds. A lookup in the zone searches all its changes, so it is made once a day unless the
    /// clock changes on that day.
    fn instant(&mut self, Moment { day, time }: Moment) -> i64 {
        let zone = self.zone;
        let local = day.and_time(time.unwrap_or(NaiveTime::MIN));
        match self.offsets.entry(day).or_insert_with(|| offset_all_day(day, zone)) {
            Some(offset) => local.and_utc().timestamp() - *offset,
            None => to_utc(local, zone).timestamp(),
        }
    }

    fn finish(self) -> Moments {
        Moments {
            sold_at: self.sold_at.finish(),
            sold_on: self.sold_on.finish(),
            has_time: self.has_time.finish(),
            is_assumed: self.is_assumed.finish(),
        }
    }
}

/// Seconds by which local time is ahead of UTC. `None` if the clock changes on that day.
fn offset_all_day(day: NaiveDate, zone: Tz) -> Option<i64> {
    let ahead = |seconds: u32| {
        let local = day.and_time(NaiveTime::from_num_seconds_from_midnight_opt(seconds, 0)?);
        Some(local.and_utc().timestamp() - to_utc(local, zone).timestamp())
    };
    let (first, last) = (ahead(0)?, ahead(86_399)?);
    (first == last).then_some(first)
}

/// The sheet has no date column, and a day was decided for all rows.
fn on_one(day: NaiveDate, columns: &mut Columns<'_>, conventions: &Conventions) -> Moments {
    let in_title = |remark: &Remark| matches!(remark, Remark::DateGiven { in_title: true, .. });
    let is_in_title = columns.layout.remarks.iter().any(in_title);
    columns.did_to_all(Field::Date, if is_in_title { Change::FromTitle } else { Change::DayGiven });
    let mut moments = MomentsBuilder::new(columns.rows.len(), conventions.zone);
    for _ in columns.rows {
        moments.push(Some(Moment { day, time: None }));
    }
    moments.finish()
}

/// The sheet has no date column. The days in the titles count, or otherwise the arrival of the file.
fn assumed(columns: &mut Columns<'_>, conventions: &Conventions) -> Moments {
    if let Some(moments) = of_titles(columns, conventions) {
        return moments;
    }
    columns.remarks.push(Remark::DateAssumed { at: conventions.arrived, rows: None });
    columns.did_to_all(Field::Date, Change::Assumed);
    let mut moments = MomentsBuilder::new(columns.rows.len(), conventions.zone);
    for _ in columns.rows {
        moments.push_arrival(conventions.arrived);
    }
    moments.finish()
}

/// Dates the rows by the days in the sheet's titles, if all of these days are plausible and every row has one above it.
fn of_titles(columns: &mut Columns<'_>, conventions: &Conventions) -> Option<Moments> {
    let decision = OrderDecision { day_first: conventions.day_first, evidence: date::OrderEvidence::default() };
    let last_day = to_local(conventions.arrived, conventions.zone).date() + TimeDelta::days(366);
    let titles = columns.layout.title_days.iter().map(|(row, text)| {
        let moment = date::of_text(text, decision, conventions.zone).ok()?;
        is_plausible(moment.day, last_day).then_some((*row, moment))
    });
    let titles: Vec<(usize, Moment)> = titles.collect::<Option<_>>()?;
    if titles.is_empty() {
        return None;
    }
    let above = |row: &usize| titles.partition_point(|(title, _)| title < row).checked_sub(1);
    let moment = |row: &usize| above(row).and_then(|title| titles.get(title)).map(|(_, moment)| *moment);
    let mut moments = MomentsBuilder::new(columns.rows.len(), conventions.zone);
    for row in columns.rows {
        moments.push(Some(moment(row)?));
    }
    columns.remarks.push(match titles.as_slice() {
        [(_, only)] => Remark::DateFromTitle { day: only.day },
        several => Remark::DatesFromTitles { titles: several.len() as u64 },
    });
    columns.did_to_all(Field::Date, Change::FromTitle);
    Some(moments.finish())
}

fn dated(columns: &mut Columns<'_>, cells: &Column, conventions: &Conventions) -> Moments {
    let mut decision = match columns.basis {
        Basis::Column => OrderDecision::of(cells, columns.rows, conventions.day_first),
        Basis::Value => OrderDecision { day_first: conventions.day_first, evidence: date::OrderEvidence::default() },
    };
    if decision.proves_nothing() {
        let decided = columns.layout.decided.as_ref().is_some_and(|decided| decided.day_first.is_some());
        let by_sequence = || if decided { None } else { OrderDecision::by_sequence(cells, columns.rows) };
        decision.day_first = order_of_others(columns, cells).or_else(by_sequence).unwrap_or(decision.day_first);
    }
    note_order(columns, decision);
    let last_day = to_local(conventions.arrived, conventions.zone).date() + TimeDelta::days(366);
    let times = columns.cells(Field::Time);
    let (mut late_times, mut undated) = (0, 0);
    let mut known = PerText::of(cells);
    let mut moments = MomentsBuilder::new(columns.rows.len(), conventions.zone);
    for (index, row) in columns.rows.iter().enumerate() {
        let cell = || match columns.layout.rest_of_days {
            Some(rest) => day_with(rest, conventions.day_first, cells, *row),
            None => date::read_cell(cells, *row, decision, conventions.zone),
        };
        let read = known.get(*row, || match cell()? {
            Some((moment, _)) if !is_plausible(moment.day, last_day) => Err(Rule::ImplausibleDate),
            read => Ok(read),
        });
        let moment = match read {
            // A row that is read by itself does not lack a date only because other rows have one. It gets the time of
            // arrival.
            Ok(None) if columns.basis == Basis::Value && !columns.has_problem(index, Field::Date) => {
                undated += 1;
                columns.did(index, Field::Date, Some(Change::Assumed));
                moments.push_arrival(conventions.arrived);
                continue;
            }
            Ok(None) => {
                if !columns.has_problem(index, Field::Date) {
                    columns.reject(index, Field::Date, Rule::Missing);
                }
                None
            }
            Ok(Some((mut moment, change))) => {
                columns.did(index, Field::Date, change);
                if let (None, Some(times)) = (moment.time, times) {
                    match date::time_of_cell(times, *row) {
                        Ok(Some(time)) => {
                            moment.time = Some(time);
                            columns.did(index, Field::Date, Some(Change::DayAndTimeJoined));
                            columns.did(index, Field::Time, Some(Change::DayAndTimeJoined));
                        }
                        Ok(None) => {}
                        Err(_) => {
                            late_times += 1;
                            columns.did(index, Field::Time, Some(Change::LeftOut));
                        }
                    }
                } else {
                    columns.did(index, Field::Time, Some(Change::OtherColumnCounts));
                }
                Some(moment)
            }
            Err(rule) => {
                columns.reject(index, Field::Date, rule);
                None
            }
        };
        moments.push(moment);
    }
    if let (1.., Some(column)) = (late_times, columns.layout.header(Field::Time)) {
        let column = column.to_owned();
        columns.remarks.push(Remark::ValuesLeftOut { column, field: Field::Time, rows: late_times });
    }
    if undated > 0 {
        columns.remarks.push(Remark::DateAssumed { at: conventions.arrived, rows: Some(undated) });
    }
    moments.finish()
}

/// The day of which a cell has a part.
fn day_with(rest: Rest, day_first: bool, cells: &Column, row: usize) -> Result<Option<(Moment, Option<Change>)>, Rule> {
    if cells.is_blank(row) {
        return Ok(None);
    }
    let day = PartialDay::of_cell(cells, row).and_then(|part| part.with(rest, day_first)).ok_or(Rule::NotADate)?;
    Ok(Some((Moment { day, time: None }, Some(Change::FromTitle))))
}

/// Whether the day comes first in the other columns of days, such as that of the delivery. `None` if they prove no
/// order.
fn order_of_others(columns: &Columns<'_>, dates: &Column) -> Option<bool> {
    let others = columns.sheet.columns.iter().filter(|cells| !std::ptr::eq(*cells, dates));
    let (mut day_first, mut month_first) = (0, 0);
    for evidence in others.map(|cells| OrderDecision::of(cells, columns.rows, true).evidence) {
        day_first += evidence.day_first;
        month_first += evidence.month_first;
    }
    (day_first != month_first).then_some(day_first > month_first)
}

fn note_order(columns: &mut Columns<'_>, decision: OrderDecision) {
    let evidence = decision.evidence;
    if evidence.day_first + evidence.month_first + evidence.either == 0 {
        return;
    }
    if let Some(column) = columns.layout.header(Field::Date) {
        columns.remarks.push(Remark::DateOrder {
            column: column.to_owned(),
            day_first: decision.day_first,
            day_proofs: evidence.day_first,
            month_proofs: evidence.month_first,
        });
    }
}

fn is_plausible(day: NaiveDate, last_day: NaiveDate) -> bool {
    day.year() >= FIRST_YEAR && day <= last_day
}

fn days_since_1970(day: NaiveDate) -> i32 {
    i32::try_from(day.signed_duration_since(NaiveDate::default()).num_days()).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use chrono_tz::America::Sao_Paulo;

    use super::*;

    #[test]
    fn a_day_that_gains_or_loses_an_hour_has_no_offset_of_its_own() {
        let offset = |day: &str| offset_all_day(day.parse().unwrap(), Sao_Paulo);
        assert_eq!(offset("2024-03-05"), Some(-3 * 3_600));
        assert_eq!(offset("2018-11-04"), None, "it began at one o'clock");
        assert_eq!(offset("2018-11-05"), Some(-2 * 3_600));
    }

    #[test]
    fn instants_are_those_of_the_calendar() {
        let mut moments = MomentsBuilder::new(0, Sao_Paulo);
        for day in ["2018-11-03", "2018-11-04", "2019-02-16", "2019-02-17", "2026-07-01"] {
            for minutes in [0, 29, 30, 60, 90, 720, 1_380, 1_439] {
                let (day, time) = (day.parse().unwrap(), NaiveTime::MIN + TimeDelta::minutes(minutes));
                let expected = to_utc(NaiveDate::and_time(&day, time), Sao_Paulo).timestamp();
                assert_eq!(moments.instant(Moment { day, time: Some(time) }), expected, "{day} {time}");
            }
        }
    }
}
