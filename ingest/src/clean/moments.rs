//! When each row was sold.

use caudal_shared::calendar::{to_local, to_utc};
use caudal_shared::field::Field;
use caudal_shared::notice::{Remark, Rule};
use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use polars::prelude::{BooleanChunked, Int32Chunked, Int64Chunked, NewChunkedArray, PlSmallStr};

use super::Conventions;
use super::columns::Columns;
use super::date::{self, Moment, OrderDecision};
use crate::sheet::Column;

pub(super) struct Moments {
    /// Unix seconds, UTC.
    pub(super) sold_at: Int64Chunked,
    /// Days since 1970, local.
    pub(super) sold_on: Int32Chunked,
    /// Whether a time of day was given.
    pub(super) has_time: BooleanChunked,
}

const FIRST_YEAR: i32 = 1990;

pub(super) fn clean(columns: &mut Columns<'_>, conventions: &Conventions) -> Moments {
    let moments = match columns.layout.column(Field::Date).and_then(|column| columns.sheet.columns.get(column)) {
        Some(cells) => dated(columns, cells, conventions),
        None => assumed(columns, conventions),
    };
    let zone = conventions.zone;
    let local = |moment: &Moment| moment.day.and_time(moment.time.unwrap_or(NaiveTime::MIN));
    let sold_at: Vec<Option<i64>> =
        moments.iter().map(|moment| moment.as_ref().map(|moment| to_utc(local(moment), zone).timestamp())).collect();
    let sold_on: Vec<Option<i32>> =
        moments.iter().map(|moment| moment.as_ref().map(|moment| days_since_1970(moment.day))).collect();
    let has_time = moments.iter().map(|moment| moment.as_ref().is_some_and(|moment| moment.time.is_some()));
    Moments {
        sold_at: Int64Chunked::from_slice_options(PlSmallStr::from_static("sold_at"), &sold_at),
        sold_on: Int32Chunked::from_slice_options(PlSmallStr::from_static("sold_on"), &sold_on),
        has_time: BooleanChunked::from_iter_values(PlSmallStr::from_static("has_time"), has_time),
    }
}

/// No date column: the day in the title, else the time the file arrived.
fn assumed(columns: &mut Columns<'_>, conventions: &Conventions) -> Vec<Option<Moment>> {
    if let Some(moments) = of_titles(columns, conventions) {
        return moments;
    }
    columns.remarks.push(Remark::DateAssumed { at: conventions.arrived });
    let local: NaiveDateTime = to_local(conventions.arrived, conventions.zone);
    vec![Some(Moment { day: local.date(), time: Some(local.time()) }); columns.rows.len()]
}

/// The days in the sheet's titles, where each row has one that can be true.
fn of_titles(columns: &mut Columns<'_>, conventions: &Conventions) -> Option<Vec<Option<Moment>>> {
    let decision = OrderDecision { day_first: conventions.day_first, evidence: date::OrderEvidence::default() };
    let last_day = to_local(conventions.arrived, conventions.zone).date() + TimeDelta::days(366);
    let titles = columns.layout.title_days.iter().map(|(row, text)| {
        let moment = date::of_text(text, decision, conventions.zone).ok()?;
        is_plausible(moment.day, last_day).then_some((*row, moment))
    });
    let titles: Vec<(usize, Moment)> = titles.collect::<Option<_>>()?;
    let above = |row: &usize| titles.partition_point(|(title, _)| title < row).checked_sub(1);
    let moment = |row: &usize| above(row).and_then(|title| titles.get(title)).map(|(_, moment)| *moment);
    let moments: Vec<Option<Moment>> = columns.rows.iter().map(moment).collect();
    if titles.is_empty() || moments.iter().any(Option::is_none) {
        return None;
    }
    columns.remarks.push(match titles.as_slice() {
        [(_, only)] => Remark::DateFromTitle { day: only.day },
        several => Remark::DatesFromTitles { titles: several.len() as u64 },
    });
    Some(moments)
}

fn dated(columns: &mut Columns<'_>, cells: &Column, conventions: &Conventions) -> Vec<Option<Moment>> {
    let mut decision = OrderDecision::of(cells, columns.rows, conventions.day_first);
    if decision.proves_nothing() {
        decision.day_first = order_of_others(columns, cells).unwrap_or(decision.day_first);
    }
    note_order(columns, decision);
    let last_day = to_local(conventions.arrived, conventions.zone).date() + TimeDelta::days(366);
    let times = columns.layout.column(Field::Time).and_then(|column| columns.sheet.columns.get(column));
    let mut late_times = 0;
    let mut moments = Vec::with_capacity(columns.rows.len());
    for (index, row) in columns.rows.iter().enumerate() {
        let read =
            date::of_cell(cells, *row, decision, conventions.zone).and_then(|moment| moment.ok_or(Rule::Missing));
        moments.push(match read {
            Ok(moment) if !is_plausible(moment.day, last_day) => {
                columns.reject(index, Field::Date, Rule::ImplausibleDate);
                None
            }
            Ok(mut moment) => {
                if let (None, Some(times)) = (moment.time, times) {
                    match date::time_of_cell(times, *row) {
                        Ok(time) => moment.time = time,
                        Err(_) => late_times += 1,
                    }
                }
                Some(moment)
            }
            Err(rule) => {
                columns.reject(index, Field::Date, rule);
                None
            }
        });
    }
    if let (1.., Some(column)) = (late_times, columns.layout.header(Field::Time)) {
        let column = column.to_owned();
        columns.remarks.push(Remark::ValuesLeftOut { column, field: Field::Time, rows: late_times });
    }
    moments
}

/// Whether the day comes first in the other columns of days, such as that of the delivery, where they prove it.
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
    chrono::Datelike::year(&day) >= FIRST_YEAR && day <= last_day
}

fn days_since_1970(day: NaiveDate) -> i32 {
    i32::try_from(day.signed_duration_since(NaiveDate::default()).num_days()).unwrap_or(i32::MAX)
}
