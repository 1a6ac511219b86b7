//! Converts calamine's cells to ours.

use calamine::{Data, DataRef, ExcelDateTime, ExcelDateTimeType};
use caudal_contract::notice::Refusal;
use chrono::{NaiveDate, NaiveDateTime, NaiveTime};

use super::Kind;
use super::column::DAYS_FROM_1900_TO_1904;
use super::limits::Tally;
use super::taker::Taker;

/// Counts a cell and sets it. `row` and `column` count from 0.
pub(super) fn set(
    taker: &mut Taker<'_>,
    tally: &mut Tally,
    (row, column): (u32, u32),
    value: &DataRef<'_>,
) -> Result<(), Refusal> {
    if matches!(value, DataRef::Empty) {
        return Ok(());
    }
    tally.admit(row, column)?;
    let (row, column) = (row as usize, column as usize);
    let mut set_text = |kind, text: &str| {
        Tally::admit_text(text)?;
        taker.set_text(row, column, kind, text)
    };
    match value {
        DataRef::Empty => Ok(()),
        #[expect(clippy::cast_precision_loss, reason = "a spreadsheet's integer is an f64 to begin with")]
        DataRef::Int(number) => taker.set_number(row, column, Kind::Number, *number as f64),
        // Only broken files hold NaN or infinity.
        DataRef::Float(number) if number.is_finite() => taker.set_number(row, column, Kind::Number, *number),
        DataRef::Float(number) => set_text(Kind::Error, &number.to_string()),
        DataRef::String(text) => set_text(Kind::Text, text),
        DataRef::SharedString(text) => set_text(Kind::Text, text),
        DataRef::Bool(value) => taker.set_number(row, column, Kind::Bool, f64::from(u8::from(*value))),
        DataRef::DateTime(at) => {
            // A cell with a date format and a value below one day is a time of day.
            if at.is_duration() || (0.0..1.0).contains(&at.as_f64()) {
                return taker.set_number(row, column, Kind::Time, at.as_f64());
            }
            let days_before = if counts_from_1904(at) { DAYS_FROM_1900_TO_1904 } else { 0.0 };
            taker.set_number(row, column, Kind::DateTime, at.as_f64() + days_before)
        }
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => match iso_serial(text) {
            Some((kind, serial)) => taker.set_number(row, column, kind, serial),
            None => set_text(Kind::Text, text),
        },
        DataRef::Error(error) => set_text(Kind::Error, &error.to_string()),
    }
}

/// Converts a cell of a range to the type of the streaming readers.
pub(super) fn borrowed(value: &Data) -> DataRef<'_> {
    match value {
        Data::Int(number) => DataRef::Int(*number),
        Data::Float(number) => DataRef::Float(*number),
        Data::String(text) => DataRef::SharedString(text),
        Data::Bool(value) => DataRef::Bool(*value),
        Data::DateTime(at) => DataRef::DateTime(*at),
        Data::DateTimeIso(text) => DataRef::DateTimeIso(text.clone()),
        Data::DurationIso(text) => DataRef::DurationIso(text.clone()),
        Data::Error(error) => DataRef::Error(error.clone()),
        Data::Empty => DataRef::Empty,
    }
}

/// Whether the workbook counts days from 1904, as old Macs do. calamine knows this but exposes it only through
/// comparison.
fn counts_from_1904(at: &ExcelDateTime) -> bool {
    let kind = if at.is_duration() { ExcelDateTimeType::TimeDelta } else { ExcelDateTimeType::DateTime };
    kind == ExcelDateTimeType::DateTime && *at != ExcelDateTime::new(at.as_f64(), kind, false)
}

/// The day count of an ISO date, a date and time, or a duration (`PT10H30M00S`), as OpenDocument keeps them. `None` if
/// the text is invalid, such as 30 February.
fn iso_serial(text: &str) -> Option<(Kind, f64)> {
    const SECONDS_A_DAY: f64 = 86_400.0;
    if let Some(duration) = text.strip_prefix("PT") {
        let (hours, rest) = duration.split_once('H')?;
        let (minutes, rest) = rest.split_once('M')?;
        let seconds: f64 = rest.strip_suffix('S')?.parse().ok()?;
        let whole = hours.parse::<f64>().ok()? * 3_600.0 + minutes.parse::<f64>().ok()? * 60.0;
        return Some((Kind::Time, (whole + seconds) / SECONDS_A_DAY));
    }
    let at =
        text.parse::<NaiveDateTime>().or_else(|_| text.parse::<NaiveDate>().map(|day| day.and_time(NaiveTime::MIN)));
    let since = at.ok()?.signed_duration_since(NaiveDate::from_ymd_opt(1899, 12, 30)?.and_time(NaiveTime::MIN));
    #[expect(clippy::cast_precision_loss, reason = "a few billion seconds at most: dates have four digits of year")]
    let serial = since.num_seconds() as f64 / SECONDS_A_DAY;
    Some((Kind::DateTime, serial))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_opendocument_are_day_counts() {
        assert_eq!(iso_serial("2024-03-05"), Some((Kind::DateTime, 45_356.0)));
        assert_eq!(iso_serial("2024-03-05T10:30:00"), Some((Kind::DateTime, 45_356.437_5)));
        assert_eq!(iso_serial("PT10H30M00S"), Some((Kind::Time, 0.437_5)));
        assert_eq!(iso_serial("2024-02-30"), None);
    }
}
