//! Days and instants for inserts of many rows. Diesel formats SQLite's text with a format string that is parsed again
//! for each value, which is a tenth of the cost of binding a row.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::expression::AsExpression;
use diesel::pg::Pg;
use diesel::serialize::{IsNull, Output, Result, ToSql};
use diesel::sql_types::{Date, Timestamp};
use diesel::sqlite::Sqlite;

/// A day in a column of type `Date`.
#[derive(Debug, Clone, Copy, AsExpression)]
#[diesel(sql_type = Date)]
pub struct StoredDay(pub NaiveDate);

/// A UTC instant in a column of type `Timestamp`.
#[derive(Debug, Clone, Copy, AsExpression)]
#[diesel(sql_type = Timestamp)]
pub struct StoredInstant(pub NaiveDateTime);

impl ToSql<Date, Sqlite> for StoredDay {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> Result {
        out.set_value(self.0.to_string());
        Ok(IsNull::No)
    }
}

impl ToSql<Date, Pg> for StoredDay {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> Result {
        ToSql::<Date, Pg>::to_sql(&self.0, out)
    }
}

impl ToSql<Timestamp, Sqlite> for StoredInstant {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> Result {
        out.set_value(self.0.to_string());
        Ok(IsNull::No)
    }
}

impl ToSql<Timestamp, Pg> for StoredInstant {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> Result {
        ToSql::<Timestamp, Pg>::to_sql(&self.0, out)
    }
}

#[cfg(test)]
mod tests {
    use diesel::dsl::select;
    use diesel::prelude::*;
    use diesel::sqlite::SqliteConnection;

    use super::*;

    #[test]
    fn what_is_written_is_what_diesel_writes() {
        let connection = &mut SqliteConnection::establish(":memory:").unwrap();
        for (year, month, day) in [(2026, 11, 26), (1, 1, 1), (1969, 12, 31), (9999, 12, 31), (-44, 3, 15)] {
            let date = NaiveDate::from_ymd_opt(year, month, day).unwrap();
            let same = StoredDay(date).into_sql::<Date>().eq(date.into_sql::<Date>());
            assert!(select(same).get_result::<bool>(connection).unwrap(), "{date}");
            for nano in [0, 5_000_000, 5_000, 5] {
                let at = date.and_hms_nano_opt(3, 4, 5, nano).unwrap();
                let same = StoredInstant(at).into_sql::<Timestamp>().eq(at.into_sql::<Timestamp>());
                assert!(select(same).get_result::<bool>(connection).unwrap(), "{at}");
            }
        }
    }
}
