//! The effects of cancellations: how many sales an import made void or lost, and the two places of a void sale.

use std::collections::HashMap;

use caudal_contract::format;
use caudal_contract::language::Language;
use caudal_contract::money::Cents;
use caudal_platform::database::DbConnection;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Nullable, Text};
use serde::Serialize;

/// A number of sales and their money.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct VoidSum {
    /// The number of sales.
    pub sales: i64,
    /// Their money, which counts in no figure.
    pub amount: Cents,
}

/// The effects of cancellations on the sums, beside the ledger of an import.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct VoidEffects {
    /// The sales that rows of the import cancelled, and that are void because of them.
    pub voids: VoidSum,
    /// The import's own sales that are void because another import cancelled them.
    pub voided: VoidSum,
}

impl VoidEffects {
    /// The effect of the import's own rows, and the loss of its sales, each as a sentence if there is one.
    #[must_use]
    pub fn sentences(self, language: Language) -> [Option<String>; 2] {
        let sentence = |sum: VoidSum, one: &str, many: &str| {
            let (count, money) = (format::count(sum.sales, language), format::money(-sum.amount, language));
            (sum.sales > 0)
                .then(|| format!("{}: {money}", if sum.sales == 1 { one } else { many }.replace("{}", &count)))
        };
        [
            sentence(
                self.voids,
                language.pick("Cancela 1 venda", "Voids 1 sale"),
                language.pick("Cancela {} vendas", "Voids {} sales"),
            ),
            sentence(
                self.voided,
                language.pick("1 venda foi cancelada por outra importação", "1 sale was cancelled by another import"),
                language.pick(
                    "{} vendas foram canceladas por outras importações",
                    "{} sales were cancelled by other imports",
                ),
            ),
        ]
    }
}

#[derive(QueryableByName)]
struct SumRow {
    #[diesel(sql_type = BigInt)]
    import_id: i64,
    #[diesel(sql_type = BigInt)]
    sales: i64,
    #[diesel(sql_type = BigInt)]
    amount: i64,
}

/// The effects at each import from `first` to `last`. Imports without any are left out.
///
/// # Errors
/// A query failed.
pub fn effects(db: &mut DbConnection, first: i64, last: i64) -> QueryResult<HashMap<i64, VoidEffects>> {
    let mut effects: HashMap<i64, VoidEffects> = HashMap::new();
    for (import, slot) in [("c.import_id", Side::Voids), ("s.import_id", Side::Voided)] {
        let rows = sql_query(format!(
            "SELECT {import} AS import_id, COUNT(*) AS sales, CAST(SUM(s.amount) AS BIGINT) AS amount
             FROM void_sales v JOIN sales s ON s.id = v.sale_id JOIN cancellations c ON c.id = v.cancellation_id
             WHERE {import} BETWEEN $1 AND $2 GROUP BY {import}"
        ))
        .bind::<BigInt, _>(first)
        .bind::<BigInt, _>(last)
        .load::<SumRow>(db)?;
        for SumRow { import_id, sales, amount } in rows {
            let sum = VoidSum { sales, amount: Cents(amount) };
            let effects = effects.entry(import_id).or_default();
            match slot {
                Side::Voids => effects.voids = sum,
                Side::Voided => effects.voided = sum,
            }
        }
    }
    Ok(effects)
}

#[derive(Clone, Copy)]
enum Side {
    Voids,
    Voided,
}

/// The place of a row that is a statement about a sale.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Place {
    /// The import.
    #[diesel(sql_type = BigInt)]
    pub import_id: i64,
    /// Its file name; empty for a batch of the API.
    #[diesel(sql_type = Nullable<Text>)]
    pub import_name: Option<String>,
    /// The sheet.
    #[diesel(sql_type = Text)]
    pub sheet: String,
    /// The row.
    #[diesel(sql_type = BigInt)]
    pub at: i64,
    /// The money of the sale.
    #[diesel(sql_type = BigInt)]
    pub amount: i64,
}

/// The other places of a row: what it cancels, and what cancels it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OtherPlaces {
    /// The sales that are void because of the row.
    pub voids: Vec<Place>,
    /// The row that makes the sale of this row void.
    pub voided_by: Option<Place>,
}

/// The most sales that a row's page lists.
const MOST_PLACES: i64 = 50;

/// The other places of a row of an import.
///
/// # Errors
/// A query failed.
pub fn other_places(db: &mut DbConnection, import_id: i64, sheet: &str, row: i64) -> QueryResult<OtherPlaces> {
    let voids = sql_query(format!(
        "SELECT s.import_id, i.name AS import_name, s.sheet, s.\"row\" AS at, s.amount
         FROM cancellations c JOIN void_sales v ON v.cancellation_id = c.id JOIN sales s ON s.id = v.sale_id
         JOIN imports i ON i.id = s.import_id
         WHERE c.import_id = $1 AND c.sheet = $2 AND c.\"row\" = $3 ORDER BY s.id LIMIT {MOST_PLACES}"
    ))
    .bind::<BigInt, _>(import_id)
    .bind::<Text, _>(sheet)
    .bind::<BigInt, _>(row)
    .load(db)?;
    let voided_by = sql_query(
        "SELECT c.import_id, i.name AS import_name, c.sheet, c.\"row\" AS at, s.amount
         FROM void_sales v JOIN sales s ON s.id = v.sale_id JOIN cancellations c ON c.id = v.cancellation_id
         JOIN imports i ON i.id = c.import_id
         WHERE (s.import_id = $1 AND s.sheet = $2 AND s.\"row\" = $3)
            OR s.id IN (SELECT g.sale_id FROM sightings g WHERE g.import_id = $1 AND g.sheet = $2 AND g.\"row\" = $3)
         ORDER BY v.sale_id LIMIT 1",
    )
    .bind::<BigInt, _>(import_id)
    .bind::<Text, _>(sheet)
    .bind::<BigInt, _>(row)
    .get_result(db)
    .optional()?;
    Ok(OtherPlaces { voids, voided_by })
}
