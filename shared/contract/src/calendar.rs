//! Local days and UTC instants.
//!
//! A sale has `sold_at` (UTC) and `sold_on` (the local date in the configured zone). Both are computed once, with these
//! functions, when the row is cleaned. Later steps never convert again.

use chrono::{DateTime, Days, LocalResult, NaiveDate, NaiveDateTime, TimeZone, Utc};
use chrono_tz::Tz;

/// The UTC instant of a local wall-clock time. If the clock was put back and the time occurred twice, the earlier
/// instant is taken. If the clock was put forward and the time did not occur (2018-11-04 00:30 in São Paulo), an hour
/// is added.
#[must_use]
pub fn to_utc(local: NaiveDateTime, zone: Tz) -> DateTime<Utc> {
    match zone.from_local_datetime(&local) {
        LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => at.to_utc(),
        LocalResult::None => {
            let after_gap = local + chrono::TimeDelta::hours(1);
            zone.from_local_datetime(&after_gap).earliest().map_or_else(|| local.and_utc(), |at| at.to_utc())
        }
    }
}

/// The local wall-clock time of a UTC instant.
#[must_use]
pub fn to_local(at: DateTime<Utc>, zone: Tz) -> NaiveDateTime {
    at.with_timezone(&zone).naive_local()
}

/// The first day of the month of `day`.
#[must_use]
pub fn month_start(day: NaiveDate) -> NaiveDate {
    use chrono::Datelike;
    day.with_day(1).unwrap_or(day)
}

/// The first day of the month `months` before (negative) or after the month of `day`.
#[must_use]
pub fn month_offset(day: NaiveDate, months: i32) -> NaiveDate {
    let start = month_start(day);
    let step = chrono::Months::new(months.unsigned_abs());
    if months < 0 { start.checked_sub_months(step) } else { start.checked_add_months(step) }.unwrap_or(start)
}

/// The same day of the previous year; 29 February becomes 28 February.
#[must_use]
pub fn year_before(day: NaiveDate) -> NaiveDate {
    day.checked_sub_months(chrono::Months::new(12)).unwrap_or(day)
}

/// The day `days` days earlier.
#[must_use]
pub fn days_before(day: NaiveDate, days: u64) -> NaiveDate {
    day.checked_sub_days(Days::new(days)).unwrap_or(day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono_tz::America::Sao_Paulo;

    fn local(text: &str) -> NaiveDateTime {
        text.parse().unwrap()
    }

    #[test]
    fn a_local_time_becomes_the_utc_instant() {
        assert_eq!(to_utc(local("2024-03-05T10:30:00"), Sao_Paulo).to_rfc3339(), "2024-03-05T13:30:00+00:00");
    }

    #[test]
    fn a_time_that_never_was_moves_past_the_gap() {
        assert_eq!(to_utc(local("2018-11-04T00:30:00"), Sao_Paulo).to_rfc3339(), "2018-11-04T03:30:00+00:00");
    }

    #[test]
    fn a_time_that_was_twice_is_the_earlier() {
        assert_eq!(to_utc(local("2019-02-16T23:30:00"), Sao_Paulo).to_rfc3339(), "2019-02-17T01:30:00+00:00");
    }

    #[test]
    fn months_are_counted_over_year_ends() {
        let day = NaiveDate::from_ymd_opt(2026, 1, 31).unwrap();
        assert_eq!(month_offset(day, -2), NaiveDate::from_ymd_opt(2025, 11, 1).unwrap());
        assert_eq!(month_offset(day, 1), NaiveDate::from_ymd_opt(2026, 2, 1).unwrap());
    }
}
