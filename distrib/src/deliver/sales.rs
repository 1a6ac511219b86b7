//! Sales: normalized set-wise, from temporary tables, by `store_sales.sql`.

use caudal_shared::database::DbConnection;
use caudal_shared::message::{DeliveryCounts, Sale};
use caudal_shared::money::Cents;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Text};

use super::{incoming, rollups};

#[derive(QueryableByName)]
struct Outcome {
    #[diesel(sql_type = Text)]
    outcome: String,
    #[diesel(sql_type = BigInt)]
    rows: i64,
    #[diesel(sql_type = BigInt)]
    amount: i64,
}

pub(super) fn store(connection: &mut DbConnection, import_id: i64, sales: &[Sale]) -> QueryResult<DeliveryCounts> {
    let mut counts = DeliveryCounts::default();
    for round in incoming::rounds(sales) {
        incoming::load(connection, import_id, &round)?;
        rollups::run(connection, include_str!("store_sales.sql"))?;
        let outcomes = sql_query(
            "SELECT outcome, count(*) AS rows, CAST(SUM(amount) AS BIGINT) AS amount FROM incoming_sales GROUP BY outcome",
        )
        .load::<Outcome>(connection)?;
        for Outcome { outcome, rows, amount } in outcomes {
            let (count, money) = match outcome.as_str() {
                "stored" => (&mut counts.stored, &mut counts.amount_stored),
                "updated" => (&mut counts.updated, &mut counts.amount_updated),
                _ => (&mut counts.duplicate, &mut counts.amount_duplicate),
            };
            *count += rows;
            *money += Cents(amount);
        }
    }
    Ok(counts)
}
