//! The queries of the sales list.
//!
//! A page is read in two steps: first the ids of its rows, in order, from `sales` alone, then those rows with their customers,
//! products and imports. Skipping a thousand pages therefore skips only ids and no joined rows. A report reads a list of ids that
//! is fixed at its start, even if the table changes in the meantime.

use std::collections::HashMap;
use std::ops::ControlFlow;

use caudal_contract::field::FieldOwner;
use caudal_contract::money::{Cents, TenThousandths};
use caudal_contract::text::folded;
use caudal_platform::database::DbConnection;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Text};

use super::{SaleLine, SalesFilter, SalesTotals, SortColumn, Standing};
use crate::months;
use crate::schema::{StoredSale, cancellations, customers, daily_totals, imports, products, sales, void_sales};

/// A page of the list.
///
/// # Errors
/// A query failed.
pub fn page(db: &mut DbConnection, filter: &SalesFilter, offset: i64, limit: i64) -> QueryResult<Vec<SaleLine>> {
    let ids = ordered_ids(db, filter, Some((offset, limit)))?;
    lines(db, &ids)
}

/// Sums over the whole list. If only days narrow the list, the sums come from the rollup.
///
/// # Errors
/// The query failed.
pub fn totals(db: &mut DbConnection, filter: &SalesFilter) -> QueryResult<SalesTotals> {
    let (sales, quantity, amount): (i64, i64, i64) = if is_by_day_only(filter) {
        let mut query = daily_totals::table.into_boxed();
        if let Some(from) = filter.from {
            query = query.filter(daily_totals::sold_on.ge(from));
        }
        if let Some(to) = filter.to {
            query = query.filter(daily_totals::sold_on.le(to));
        }
        query
            .select((
                sql::<BigInt>("CAST(COALESCE(SUM(sales), 0) AS BIGINT)"),
                sql::<BigInt>("CAST(COALESCE(SUM(quantity), 0) AS BIGINT)"),
                sql::<BigInt>("CAST(COALESCE(SUM(amount), 0) AS BIGINT)"),
            ))
            .first(db)?
    } else {
        filtered(db, filter)?
            .select((
                diesel::dsl::count_star(),
                sql::<BigInt>("CAST(COALESCE(SUM(quantity), 0) AS BIGINT)"),
                sql::<BigInt>("CAST(COALESCE(SUM(amount), 0) AS BIGINT)"),
            ))
            .first(db)?
    };
    Ok(SalesTotals { sales, quantity: TenThousandths(quantity), amount: Cents(amount) })
}

/// Reads the whole list in order, `batch` rows at a time, until `f` returns a break. The ids are read first (8 bytes a sale), so
/// that each batch costs the same.
///
/// # Errors
/// A query failed.
pub fn for_each_batch(
    db: &mut DbConnection,
    filter: &SalesFilter,
    batch: i64,
    mut f: impl FnMut(Vec<SaleLine>) -> ControlFlow<()>,
) -> QueryResult<()> {
    let ids = ordered_ids(db, filter, None)?;
    for chunk in ids.chunks(usize::try_from(batch).unwrap_or(1).max(1)) {
        if f(lines(db, chunk)?).is_break() {
            break;
        }
    }
    Ok(())
}

/// A product that can be selected as a filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// The id of the product.
    pub id: i64,
    /// The name of the product.
    pub name: String,
}

/// The first `limit` products by name.
///
/// # Errors
/// The query failed.
pub fn product_choices(db: &mut DbConnection, limit: i64) -> QueryResult<Vec<Choice>> {
    let rows: Vec<(i64, String)> = products::table
        .order((products::search_name, products::id))
        .limit(limit)
        .select((products::id, products::name))
        .load(db)?;
    Ok(rows.into_iter().map(|(id, name)| Choice { id, name }).collect())
}

/// The name of a product.
///
/// # Errors
/// The query failed.
pub fn product_name(db: &mut DbConnection, id: i64) -> QueryResult<Option<String>> {
    products::table.filter(products::id.eq(id)).select(products::name).first(db).optional()
}

/// The name of a customer, or the document, e-mail or phone number if there is no name.
///
/// # Errors
/// The query failed.
pub fn customer_name(db: &mut DbConnection, id: i64) -> QueryResult<Option<String>> {
    type Names = (Option<String>, Option<String>, Option<String>, Option<String>);
    let found: Option<Names> = customers::table
        .filter(customers::id.eq(id))
        .select((customers::name, customers::document, customers::email, customers::phone))
        .first(db)
        .optional()?;
    Ok(found.and_then(|(name, document, email, phone)| name.or(document).or(email).or(phone)))
}

type Filtered<'a> = sales::BoxedQuery<'a, <DbConnection as Connection>::Backend>;

fn is_by_day_only(filter: &SalesFilter) -> bool {
    filter.search.is_none()
        && filter.payment.is_none()
        && filter.product_id.is_none()
        && filter.customer_id.is_none()
        && filter.import_id.is_none()
        && filter.standing == Standing::Counted
        && filter.cancelled_by.is_none()
        && filter.dimensions.is_empty()
}

fn filtered<'a>(db: &mut DbConnection, filter: &'a SalesFilter) -> QueryResult<Filtered<'a>> {
    let mut query = sales::table.into_boxed();
    if let Some(from) = filter.from {
        query = query.filter(sales::sold_on.ge(from));
    }
    if let Some(to) = filter.to {
        query = query.filter(sales::sold_on.le(to));
    }
    if let Some(payment) = filter.payment {
        query = query.filter(sales::payment_method.eq(payment.code()));
    }
    if let Some(id) = filter.customer_id {
        let in_months = sql::<Bool>(&months::condition(db, "sales", filter.from, filter.to)?);
        query = query.filter(in_months.and(sales::customer_id.eq(id)));
    }
    // A customer has fewer sales than most products and imports. Without statistics SQLite would assume the opposite, so the `+`
    // keeps it from using the other indexes.
    let beside = if filter.customer_id.is_some() { "+" } else { "" };
    if let Some(id) = filter.product_id {
        query = query.filter(sql::<Bool>(&format!("{beside}sales.product_id = ")).bind::<BigInt, _>(id));
    }
    if let Some(id) = filter.import_id {
        query = query.filter(sql::<Bool>(&format!("{beside}sales.import_id = ")).bind::<BigInt, _>(id));
    }
    let is_void = || diesel::dsl::exists(void_sales::table.filter(void_sales::sale_id.eq(sales::id)));
    query = match filter.standing {
        // The list by day needs only an index and this small table.
        Standing::Counted if filter.cancelled_by.is_none() => query.filter(diesel::dsl::not(is_void())),
        Standing::Void => query.filter(is_void()),
        Standing::Counted | Standing::All => query,
    };
    if let Some(import) = filter.cancelled_by {
        let cancelled = void_sales::table
            .inner_join(cancellations::table)
            .filter(cancellations::import_id.eq(import))
            .select(void_sales::sale_id);
        query = query.filter(sales::id.eq_any(cancelled));
    }
    for (field, value) in &filter.dimensions {
        query = if field.owner() == FieldOwner::Product {
            let products =
                products::table.filter(sql::<Bool>(&format!("products.{} = ", field.code())).bind::<Text, _>(value));
            query.filter(sales::product_id.eq_any(products.select(products::id)))
        } else {
            query.filter(sql::<Bool>(&format!("sales.{} = ", field.code())).bind::<Text, _>(value))
        };
    }
    if let Some(text) = &filter.search {
        let by_order = sales::order_id.eq(text.trim());
        let name = folded(text);
        // Without punctuation the text is empty, and an empty text is part of every name. It may still be an order number.
        if name.is_empty() {
            return Ok(query.filter(by_order));
        }
        let pattern = contains(&name);
        let products = products::table.filter(products::search_name.like(pattern.clone()).escape('\\'));
        let customers = customers::table.filter(customers::search_name.like(pattern).escape('\\'));
        query = query.filter(
            by_order
                .or(sales::product_id.eq_any(products.select(products::id)).nullable())
                .or(sales::customer_id.eq_any(customers.select(customers::id.nullable()))),
        );
    }
    Ok(query)
}

/// A `LIKE` pattern for texts that contain this one. Wildcards in the text are escaped.
fn contains(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    format!("%{escaped}%")
}

fn ordered_ids(db: &mut DbConnection, filter: &SalesFilter, window: Option<(i64, i64)>) -> QueryResult<Vec<i64>> {
    // The names are looked up row by row and only if the list is sorted by them, so that the other orders need no join. A sale
    // without a customer sorts by an empty name, because the databases sort NULL differently.
    let customer_name =
        || sql::<Text>("COALESCE((SELECT c.search_name FROM customers c WHERE c.id = sales.customer_id), '')");
    let product_name = || sql::<Text>("(SELECT p.search_name FROM products p WHERE p.id = sales.product_id)");
    let query = filtered(db, filter)?;
    let query = match (filter.sort, filter.ascending) {
        (SortColumn::Date, true) => query.order((sales::sold_on.asc(), sales::id.asc())),
        (SortColumn::Date, false) => query.order((sales::sold_on.desc(), sales::id.desc())),
        (SortColumn::Customer, true) => query.order((customer_name().asc(), sales::id.asc())),
        (SortColumn::Customer, false) => query.order((customer_name().desc(), sales::id.desc())),
        (SortColumn::Product, true) => query.order((product_name().asc(), sales::id.asc())),
        (SortColumn::Product, false) => query.order((product_name().desc(), sales::id.desc())),
        (SortColumn::Quantity, true) => query.order((sales::quantity.asc(), sales::id.asc())),
        (SortColumn::Quantity, false) => query.order((sales::quantity.desc(), sales::id.desc())),
        (SortColumn::Amount, true) => query.order((sales::amount.asc(), sales::id.asc())),
        (SortColumn::Amount, false) => query.order((sales::amount.desc(), sales::id.desc())),
    };
    let query = match window {
        Some((offset, limit)) => query.offset(offset).limit(limit),
        None => query,
    };
    query.select(sales::id).load(db)
}

/// The sales of these ids, in their order; one that was removed meanwhile is missing.
fn lines(db: &mut DbConnection, ids: &[i64]) -> QueryResult<Vec<SaleLine>> {
    let rows: Vec<SaleLine> = sales::table
        .inner_join(products::table)
        .inner_join(imports::table)
        .left_join(customers::table)
        .left_join(void_sales::table.inner_join(cancellations::table))
        .filter(sales::id.eq_any(ids))
        .select((
            StoredSale::as_select(),
            customers::name.nullable(),
            customers::document.nullable(),
            products::name,
            products::sku,
            products::category,
            imports::name,
            cancellations::import_id.nullable(),
        ))
        .load(db)?;
    let mut by_id: HashMap<i64, SaleLine> = rows.into_iter().map(|line| (line.sale.id, line)).collect();
    Ok(ids.iter().filter_map(|id| by_id.remove(id)).collect())
}
