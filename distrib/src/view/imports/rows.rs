//! The rejected and duplicate rows of an import.

use caudal_contract::money::Cents;
use caudal_platform::database::DbConnection;
use chrono::NaiveDate;
use diesel::prelude::*;

use super::query::from_json;
use super::{RejectedRowView, Sighting};
use crate::schema::{SightingKind, imports, products, rejected_rows as rejected, sales, sightings as seen};

/// An import's rejected rows in the order of the file.
///
/// # Errors
/// The query failed.
pub fn rejected_rows(
    db: &mut DbConnection,
    import_id: i64,
    offset: i64,
    limit: i64,
) -> QueryResult<Vec<RejectedRowView>> {
    let rows: Vec<StoredRejection> = rejected::table
        .filter(rejected::import_id.eq(import_id))
        .order((rejected::row, rejected::id))
        .offset(offset)
        .limit(limit)
        .select((rejected::sheet, rejected::row, rejected::amount, rejected::reasons, rejected::cells))
        .load(db)?;
    rows.into_iter().map(rejected_row_of).collect()
}

/// The rejected row of an import at this place, if there is one.
///
/// # Errors
/// The query failed.
pub fn rejected_row(
    db: &mut DbConnection,
    import_id: i64,
    sheet: &str,
    row: i64,
) -> QueryResult<Option<RejectedRowView>> {
    let found: Option<StoredRejection> = rejected::table
        .filter(rejected::import_id.eq(import_id).and(rejected::sheet.eq(sheet)).and(rejected::row.eq(row)))
        .select((rejected::sheet, rejected::row, rejected::amount, rejected::reasons, rejected::cells))
        .first(db)
        .optional()?;
    found.map(rejected_row_of).transpose()
}

/// Sheet, row, amount, reasons and cells.
type StoredRejection = (String, i64, i64, String, String);

fn rejected_row_of((sheet, row, amount, reasons, cells): StoredRejection) -> QueryResult<RejectedRowView> {
    let (amount, reasons, cells) = (Cents(amount), from_json(&reasons)?, from_json(&cells)?);
    Ok(RejectedRowView { sheet, row, amount, reasons, cells })
}

/// The duplicates of an import in the order of the file, each with its first occurrence.
///
/// # Errors
/// The query failed.
pub fn sightings(db: &mut DbConnection, import_id: i64, offset: i64, limit: i64) -> QueryResult<Vec<Sighting>> {
    type SightingRow = (String, i64, NaiveDate, String, i64, i64, String, Option<String>, String, i64);
    let rows: Vec<SightingRow> = seen::table
        .inner_join(sales::table.inner_join(products::table).inner_join(imports::table))
        .filter(seen::import_id.eq(import_id).and(seen::kind.eq(SightingKind::Duplicate.code())))
        .order((seen::row, seen::id))
        .offset(offset)
        .limit(limit)
        .select((
            seen::sheet,
            seen::row,
            sales::sold_on,
            products::name,
            sales::amount,
            imports::id,
            imports::uuid,
            imports::name,
            sales::sheet,
            sales::row,
        ))
        .load(db)?;
    let sighting = |(
        sheet,
        row,
        sold_on,
        product_name,
        amount,
        first_import_id,
        first_import,
        first_name,
        first_sheet,
        first_row,
    )| Sighting {
        sheet,
        row,
        sold_on,
        product_name,
        amount: Cents(amount),
        first_import_id,
        first_import,
        first_name,
        first_sheet,
        first_row,
    };
    Ok(rows.into_iter().map(sighting).collect())
}
