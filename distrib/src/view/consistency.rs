//! Checks for `caudal doctor` that the tables agree with each other.
//!
//! Each check computes the same number in two ways. The checks scan whole tables, so only the doctor calls them.

use caudal_contract::format;
use caudal_contract::language::Language;
use caudal_contract::money::{Cents, TenThousandths};
use caudal_platform::database::DbConnection;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::BigInt;

use super::imports::{self, ImportState};
use crate::dead_letter;

/// The result of one check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The compared data.
    pub check: &'static str,
    /// The count, if both sides agree.
    pub detail: String,
    /// The difference, if the sides disagree.
    pub problem: Option<String>,
}

#[derive(QueryableByName)]
struct Pair {
    #[diesel(sql_type = BigInt)]
    one: i64,
    #[diesel(sql_type = BigInt)]
    other: i64,
}

/// Runs every check. The findings are in the given language.
///
/// # Errors
/// A query failed.
pub fn findings(db: &mut DbConnection, language: Language) -> QueryResult<Vec<Finding>> {
    Ok(vec![
        ledgers(db, language)?,
        dead_letters(db, language)?,
        compare(
            db,
            language,
            "rows and places",
            as_count,
            language.pick("linhas entregues", "rows delivered"),
            language.pick("lugares de vendas e de repetidas", "places of sales and of duplicates"),
            "SELECT (SELECT CAST(COALESCE(SUM(stored + updated + duplicate), 0) AS BIGINT) FROM deliveries) AS one,
                    (SELECT COUNT(*) FROM sales) + (SELECT COUNT(*) FROM sightings) AS other",
        )?,
        compare(
            db,
            language,
            "rejected rows",
            as_count,
            language.pick("linhas rejeitadas", "rows rejected"),
            language.pick("linhas rejeitadas guardadas", "rejected rows kept"),
            "SELECT (SELECT CAST(COALESCE(SUM(rejected), 0) AS BIGINT) FROM deliveries) AS one,
                    (SELECT COUNT(*) FROM rejected_rows) AS other",
        )?,
        compare(
            db,
            language,
            "daily totals",
            as_money,
            language.pick("nas vendas", "in sales"),
            language.pick("nos totais do dia", "in daily totals"),
            "SELECT (SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) FROM sales
                            WHERE id NOT IN (SELECT sale_id FROM void_sales)) AS one,
                    (SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) FROM daily_totals) AS other",
        )?,
        compare(
            db,
            language,
            "daily quantities",
            as_quantity,
            language.pick("unidades nas vendas", "units in sales"),
            language.pick("unidades nos totais do dia", "units in daily totals"),
            "SELECT (SELECT CAST(COALESCE(SUM(quantity), 0) AS BIGINT) FROM sales
                            WHERE id NOT IN (SELECT sale_id FROM void_sales)) AS one,
                    (SELECT CAST(COALESCE(SUM(quantity), 0) AS BIGINT) FROM daily_totals) AS other",
        )?,
        compare(
            db,
            language,
            "payment totals",
            as_money,
            language.pick("nas vendas", "in sales"),
            language.pick("nos totais por pagamento", "in payment totals"),
            "SELECT (SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) FROM sales
                            WHERE id NOT IN (SELECT sale_id FROM void_sales)) AS one,
                    (SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) FROM daily_payments) AS other",
        )?,
        compare(
            db,
            language,
            "product totals",
            as_money,
            language.pick("nas vendas", "in sales"),
            language.pick("nos totais por produto", "in product totals"),
            "SELECT (SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) FROM sales
                            WHERE id NOT IN (SELECT sale_id FROM void_sales)) AS one,
                    (SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) FROM monthly_products) AS other",
        )?,
        compare(
            db,
            language,
            "void sales",
            as_count,
            language.pick("vendas canceladas", "void sales"),
            language.pick("pelos cancelamentos", "by the cancellations"),
            VOID_SALES,
        )?,
        compare(
            db,
            language,
            "customers of sales",
            as_count,
            language.pick("vendas com cliente", "sales with a customer"),
            language.pick("delas têm o cliente no banco", "of them have the customer in the database"),
            "SELECT (SELECT COUNT(*) FROM sales WHERE customer_id IS NOT NULL) AS one,
                    (SELECT COUNT(*) FROM sales s JOIN customers c ON c.id = s.customer_id) AS other",
        )?,
        compare(
            db,
            language,
            "addresses of sales",
            as_count,
            language.pick("vendas com endereço", "sales with an address"),
            language.pick("delas têm o endereço no banco", "of them have the address in the database"),
            "SELECT (SELECT COUNT(*) FROM sales WHERE address_id IS NOT NULL) AS one,
                    (SELECT COUNT(*) FROM sales s JOIN addresses a ON a.id = s.address_id) AS other",
        )?,
    ])
}

/// The sales that are marked as void by a cancellation that is later than every row that says that they were paid, and all sales that
/// such a cancellation names.
const VOID_SALES: &str = "WITH voiding AS (
        SELECT s.id AS sale_id, c.id AS cancellation_id
        FROM sales s JOIN cancellations c ON c.sale_key = s.sale_key JOIN imports ci ON ci.id = c.import_id
        JOIN imports p ON p.id = s.import_id
        WHERE (p.uuid, s.\"row\") < (ci.uuid, c.own_before)
          AND NOT EXISTS (SELECT 1 FROM sightings g JOIN imports gi ON gi.id = g.import_id
                          WHERE g.sale_id = s.id AND (gi.uuid, g.\"row\") >= (ci.uuid, c.own_before)))
    SELECT (SELECT COUNT(*) FROM void_sales) AS one,
           (SELECT COUNT(DISTINCT sale_id) FROM voiding)
           + (SELECT COUNT(*) FROM void_sales v WHERE NOT EXISTS (
                SELECT 1 FROM voiding g WHERE g.sale_id = v.sale_id AND g.cancellation_id = v.cancellation_id)) AS other";

fn ledgers(db: &mut DbConnection, language: Language) -> QueryResult<Finding> {
    let all = imports::list(db, 0, i64::MAX)?;
    let arriving = all.iter().filter(|import| import.state == ImportState::Arriving).count();
    let wrong: Vec<String> = all
        .iter()
        .filter(|import| import.state == ImportState::Unbalanced)
        .map(|import| format!("{} ({})", import.id, import.name.as_deref().unwrap_or_default()))
        .collect();
    Ok(Finding {
        check: "ledgers",
        detail: language.pick(
            format!("{} importações, {arriving} ainda chegando, todas as outras fecham", all.len()),
            format!("{} imports, {arriving} still arriving, all others balance", all.len()),
        ),
        problem: (!wrong.is_empty()).then(|| {
            let what = language.pick("estas importações não fecham", "these imports do not balance");
            format!("{what}: {}", wrong.join(", "))
        }),
    })
}

fn dead_letters(db: &mut DbConnection, language: Language) -> QueryResult<Finding> {
    let dead = dead_letter::count_dead(db)?;
    Ok(Finding {
        check: "dead letters",
        detail: language.pick("nenhuma", "none").to_owned(),
        problem: (dead > 0).then(|| {
            language.pick(
                format!("{dead} mensagens não puderam ser gravadas; caudal dead-letters list mostra por quê"),
                format!("{dead} messages could not be stored; caudal dead-letters list shows why"),
            )
        }),
    })
}

fn compare(
    db: &mut DbConnection,
    language: Language,
    check: &'static str,
    written: fn(i64, Language) -> String,
    one: &str,
    other: &str,
    query: &str,
) -> QueryResult<Finding> {
    let pair = sql_query(query).get_result::<Pair>(db)?;
    let [first, second] = [pair.one, pair.other].map(|number| written(number, language));
    Ok(Finding {
        check,
        detail: format!("{first} {one}"),
        problem: (pair.one != pair.other)
            .then(|| format!("{first} {one}, {} {second} {other}", language.pick("mas", "but"))),
    })
}

fn as_count(count: i64, _: Language) -> String {
    count.to_string()
}

// Readers of a finding know sums of money and quantities, not the integers that the database stores.
fn as_money(cents: i64, language: Language) -> String {
    format::amount(Cents(cents), language)
}

fn as_quantity(ten_thousandths: i64, language: Language) -> String {
    format::quantity(TenThousandths(ten_thousandths), language)
}
