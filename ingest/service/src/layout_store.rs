//! The layouts that people decided, stored in the database.

use caudal_contract::decision::Remembered;
use caudal_platform::database::DbConnection;
use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Text, Timestamp};

use crate::schema::layouts;
use crate::staging::StageError;

/// Returns every remembered layout, newest first.
///
/// # Errors
/// The error of the query or of its decoding.
pub fn all(connection: &mut DbConnection) -> Result<Vec<Remembered>, StageError> {
    load(connection, false)
}

/// Returns the layouts that were not applied to the waiting files yet.
///
/// # Errors
/// The error of the query or of its decoding.
pub fn unresumed(connection: &mut DbConnection) -> Result<Vec<Remembered>, StageError> {
    load(connection, true)
}

fn load(connection: &mut DbConnection, only_unresumed: bool) -> Result<Vec<Remembered>, StageError> {
    let rows: Vec<(String, String, String, NaiveDateTime)> = layouts::table
        .filter(layouts::resumed.eq(false).or(layouts::resumed.ne(only_unresumed)))
        .order((layouts::decided_at.desc(), layouts::fingerprint))
        .select((layouts::fingerprint, layouts::decision, layouts::decided_by, layouts::decided_at))
        .load(connection)?;
    rows.into_iter()
        .map(|(fingerprint, decision, by, at)| {
            Ok(Remembered { fingerprint, decision: serde_json::from_str(&decision)?, by, at: at.and_utc() })
        })
        .collect()
}

/// Stores a layout. If there is one for the same header, it is replaced.
///
/// # Errors
/// The database error, if the insert fails.
pub fn remember(connection: &mut DbConnection, layout: &Remembered) -> Result<(), StageError> {
    sql_query(
        "INSERT INTO layouts (fingerprint, decision, decided_by, decided_at, resumed) VALUES ($1, $2, $3, $4, FALSE)
         ON CONFLICT (fingerprint) DO UPDATE SET decision = excluded.decision, decided_by = excluded.decided_by,
             decided_at = excluded.decided_at, resumed = FALSE",
    )
    .bind::<Text, _>(&layout.fingerprint)
    .bind::<Text, _>(serde_json::to_string(&layout.decision)?)
    .bind::<Text, _>(&layout.by)
    .bind::<Timestamp, _>(layout.at.naive_utc())
    .execute(connection)?;
    Ok(())
}

/// Deletes a layout. Returns whether it existed.
///
/// # Errors
/// The database error, if the deletion fails.
pub fn forget(connection: &mut DbConnection, fingerprint: &str) -> QueryResult<bool> {
    Ok(diesel::delete(layouts::table.find(fingerprint)).execute(connection)? > 0)
}

/// Records that these layouts were applied to the waiting files, unless a layout was decided again meanwhile.
///
/// # Errors
/// The database error, if an update fails.
pub fn mark_resumed(connection: &mut DbConnection, layouts: &[Remembered]) -> QueryResult<()> {
    for layout in layouts {
        let same = layouts::decided_at.eq(layout.at.naive_utc());
        diesel::update(layouts::table.find(&layout.fingerprint).filter(same))
            .set(layouts::resumed.eq(true))
            .execute(connection)?;
    }
    Ok(())
}

/// Marks every layout to be applied to the waiting files once more.
///
/// # Errors
/// The database error, if the update fails.
pub fn look_again(connection: &mut DbConnection) -> QueryResult<()> {
    diesel::update(layouts::table).set(layouts::resumed.eq(false)).execute(connection)?;
    Ok(())
}
