//! Customers, products and addresses: found by what makes them the same, made or brought up to date where a row says
//! something new.
//!
//! The rows of a message are merged first, so that a name or a phone that only one of a customer's rows carries is kept,
//! whichever row that is. Most of what comes in is known already: only what is new or may change goes through the temporary
//! tables.

use std::collections::{HashMap, HashSet};

use caudal_shared::database::DbConnection;
use caudal_shared::document::DocumentKind;
use caudal_shared::message::{Address, Customer, Product, Sale};
use caudal_shared::text::folded;
use caudal_shared::{insert_all, on_backend};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;

use super::temporary;
use crate::identity;
use crate::schema::{addresses, customers, products, value_changes};

diesel::table! {
    incoming_customers (identity) {
        identity -> Text,
        name -> Nullable<Text>,
        search_name -> Text,
        document -> Nullable<Text>,
        document_kind -> Nullable<Text>,
        email -> Nullable<Text>,
        phone -> Nullable<Text>,
        import_id -> BigInt,
    }
}

diesel::table! {
    incoming_products (identity) {
        identity -> Text,
        name -> Text,
        search_name -> Text,
        sku -> Nullable<Text>,
        category -> Nullable<Text>,
        import_id -> BigInt,
    }
}

diesel::table! {
    incoming_addresses (identity) {
        identity -> Text,
        customer_identity -> Nullable<Text>,
        street -> Nullable<Text>,
        district -> Nullable<Text>,
        city -> Nullable<Text>,
        state -> Nullable<Text>,
        postal_code -> Nullable<Text>,
        country -> Nullable<Text>,
        import_id -> BigInt,
    }
}

#[derive(Insertable)]
#[diesel(table_name = incoming_customers, treat_none_as_default_value = false)]
struct CustomerRow<'a> {
    identity: &'a str,
    name: Option<&'a str>,
    search_name: String,
    document: Option<&'a str>,
    document_kind: Option<&'static str>,
    email: Option<&'a str>,
    phone: Option<&'a str>,
    import_id: i64,
}

#[derive(Insertable)]
#[diesel(table_name = incoming_products, treat_none_as_default_value = false)]
struct ProductRow<'a> {
    identity: &'a str,
    name: &'a str,
    search_name: String,
    sku: Option<&'a str>,
    category: Option<&'a str>,
    import_id: i64,
}

#[derive(Insertable)]
#[diesel(table_name = incoming_addresses, treat_none_as_default_value = false)]
struct AddressRow<'a> {
    identity: &'a str,
    customer_identity: Option<&'a str>,
    street: Option<&'a str>,
    district: Option<&'a str>,
    city: Option<&'a str>,
    state: Option<&'a str>,
    postal_code: Option<&'a str>,
    country: Option<&'a str>,
    import_id: i64,
}

/// The ids of these rows of a table, by identity.
macro_rules! ids_of {
    ($connection:expr, $table:ident, $identities:expr) => {
        if $identities.len() == 0 {
            Ids::new()
        } else {
            on_backend!($connection, own => $table::table
                .filter($table::identity.eq_any($identities))
                .select(($table::identity, $table::id))
                .load_iter::<(String, i64), diesel::connection::DefaultLoadingMode>(own)?
                .collect::<QueryResult<Ids>>()?)
        }
    };
}

/// The identities that one sale refers to.
struct Identities {
    customer: Option<String>,
    address: Option<String>,
    product: String,
}

/// The rows that one sale refers to.
#[derive(Debug, Clone, Copy)]
pub(super) struct References {
    pub(super) customer_id: Option<i64>,
    pub(super) address_id: Option<i64>,
    pub(super) product_id: i64,
}

/// The ids of rows by their identities.
type Ids = HashMap<String, i64>;

/// Makes and updates what the sales refer to, and returns that, sale by sale.
pub(super) fn store(connection: &mut DbConnection, import_id: i64, sales: &[&Sale]) -> QueryResult<Vec<References>> {
    let identities: Vec<Identities> = sales.iter().map(|sale| identities_of(sale)).collect();
    let (mut customer_ids, customers) =
        find_customers(connection, import_id, merged_customers(import_id, sales, &identities))?;
    let (mut product_ids, products) =
        find_products(connection, import_id, merged_products(import_id, sales, &identities))?;
    let (mut address_ids, addresses) = find_addresses(connection, distinct_addresses(import_id, sales, &identities))?;
    if !(customers.is_empty() && products.is_empty() && addresses.is_empty()) {
        let new = |ids: &Ids, identities: Vec<&str>| -> Vec<String> {
            identities.into_iter().filter(|identity| !ids.contains_key(*identity)).map(str::to_owned).collect()
        };
        let new_customers = new(&customer_ids, customers.iter().map(|row| row.identity).collect());
        let new_products = new(&product_ids, products.iter().map(|row| row.identity).collect());
        let new_addresses = new(&address_ids, addresses.iter().map(|row| row.identity).collect());
        temporary::make(connection, include_str!("incoming_master_data.sql"))?;
        insert_all!(connection, incoming_customers::table, customers);
        insert_all!(connection, incoming_products::table, products);
        insert_all!(connection, incoming_addresses::table, addresses);
        connection.batch_execute(include_str!("master_data.sql"))?;
        customer_ids.extend(ids_of!(connection, customers, new_customers));
        product_ids.extend(ids_of!(connection, products, new_products));
        address_ids.extend(ids_of!(connection, addresses, new_addresses));
    }
    let id = |ids: &Ids, identity: &String| ids.get(identity).copied().ok_or(diesel::result::Error::NotFound);
    let references = |identities: &Identities| {
        Ok(References {
            customer_id: identities.customer.as_ref().map(|customer| id(&customer_ids, customer)).transpose()?,
            address_id: identities.address.as_ref().map(|address| id(&address_ids, address)).transpose()?,
            product_id: id(&product_ids, &identities.product)?,
        })
    };
    identities.iter().map(references).collect()
}

fn identities_of(sale: &Sale) -> Identities {
    let customer = sale.customer.as_ref().and_then(identity::of_customer);
    let address = sale.address.as_ref().map(|address| identity::of_address(address, customer.as_deref()));
    Identities { customer, address, product: identity::of_product(&sale.product) }
}

fn merged_customers<'a>(
    import_id: i64,
    sales: &[&'a Sale],
    identities: &'a [Identities],
) -> HashMap<&'a str, CustomerRow<'a>> {
    let mut merged: HashMap<&str, CustomerRow> = HashMap::new();
    for (sale, ids) in sales.iter().zip(identities) {
        let (Some(identity), Some(Customer { name, document, document_kind, email, phone })) =
            (&ids.customer, &sale.customer)
        else {
            continue;
        };
        let row = merged.entry(identity).or_insert_with(|| CustomerRow {
            identity,
            name: None,
            search_name: String::new(),
            document: document.as_deref(),
            document_kind: document_kind.map(|kind| match kind {
                DocumentKind::Cpf => "cpf",
                DocumentKind::Cnpj => "cnpj",
                DocumentKind::Other => "other",
            }),
            email: None,
            phone: None,
            import_id,
        });
        row.name = name.as_deref().or(row.name);
        row.email = email.as_deref().or(row.email);
        row.phone = phone.as_deref().or(row.phone);
    }
    merged
}

fn merged_products<'a>(
    import_id: i64,
    sales: &[&'a Sale],
    identities: &'a [Identities],
) -> HashMap<&'a str, ProductRow<'a>> {
    let mut merged: HashMap<&str, ProductRow> = HashMap::new();
    for (sale, ids) in sales.iter().zip(identities) {
        let Product { name, sku, category } = &sale.product;
        let row = merged.entry(&ids.product).or_insert_with(|| ProductRow {
            identity: &ids.product,
            name,
            search_name: String::new(),
            sku: sku.as_deref(),
            category: None,
            import_id,
        });
        row.name = name;
        row.category = category.as_deref().or(row.category);
    }
    merged
}

fn distinct_addresses<'a>(
    import_id: i64,
    sales: &[&'a Sale],
    identities: &'a [Identities],
) -> HashMap<&'a str, AddressRow<'a>> {
    let mut distinct = HashMap::new();
    for (sale, ids) in sales.iter().zip(identities) {
        let (Some(identity), Some(Address { street, district, city, state, postal_code, country })) =
            (&ids.address, &sale.address)
        else {
            continue;
        };
        distinct.entry(identity.as_str()).or_insert_with(|| AddressRow {
            identity,
            customer_identity: ids.customer.as_deref(),
            street: street.as_deref(),
            district: district.as_deref(),
            city: city.as_deref(),
            state: state.as_deref(),
            postal_code: postal_code.as_deref(),
            country: country.as_deref(),
            import_id,
        });
    }
    distinct
}

/// The ids of the customers that are known, and the rows of those that are new or may change.
fn find_customers<'a>(
    connection: &mut DbConnection,
    import_id: i64,
    mut rows: HashMap<&'a str, CustomerRow<'a>>,
) -> QueryResult<(Ids, Vec<CustomerRow<'a>>)> {
    use customers::dsl;
    type Known = (String, i64, Option<String>, Option<String>, Option<String>);
    let known: Vec<Known> = on_backend!(connection, own => dsl::customers
        .filter(dsl::identity.eq_any(rows.keys()))
        .select((dsl::identity, dsl::id, dsl::name, dsl::email, dsl::phone))
        .load(own))?;
    let disputed = changed_by_others(connection, import_id, "customers", known.iter().map(|(_, id, ..)| *id))?;
    for (identity, id, name, email, phone) in &known {
        let changes = |new: Option<&str>, old: &Option<String>| new.is_some() && new != old.as_deref();
        let is_changed =
            |row: &CustomerRow| changes(row.name, name) || changes(row.email, email) || changes(row.phone, phone);
        if !disputed.contains(id) && !rows.get(identity.as_str()).is_some_and(is_changed) {
            rows.remove(identity.as_str());
        }
    }
    let with_search_name =
        |row: CustomerRow<'a>| CustomerRow { search_name: row.name.map(folded).unwrap_or_default(), ..row };
    let ids = known.into_iter().map(|(identity, id, ..)| (identity, id)).collect();
    Ok((ids, rows.into_values().map(with_search_name).collect()))
}

/// The ids of the products that are known, and the rows of those that are new or may change.
fn find_products<'a>(
    connection: &mut DbConnection,
    import_id: i64,
    mut rows: HashMap<&'a str, ProductRow<'a>>,
) -> QueryResult<(Ids, Vec<ProductRow<'a>>)> {
    use products::dsl;
    let known: Vec<(String, i64, String, Option<String>)> = on_backend!(connection, own => dsl::products
        .filter(dsl::identity.eq_any(rows.keys()))
        .select((dsl::identity, dsl::id, dsl::name, dsl::category))
        .load(own))?;
    let disputed = changed_by_others(connection, import_id, "products", known.iter().map(|(_, id, ..)| *id))?;
    for (identity, id, name, category) in &known {
        let is_changed =
            |row: &ProductRow| row.name != name || row.category.is_some() && row.category != category.as_deref();
        if !disputed.contains(id) && !rows.get(identity.as_str()).is_some_and(is_changed) {
            rows.remove(identity.as_str());
        }
    }
    let with_search_name = |row: ProductRow<'a>| ProductRow { search_name: folded(row.name), ..row };
    let ids = known.into_iter().map(|(identity, id, ..)| (identity, id)).collect();
    Ok((ids, rows.into_values().map(with_search_name).collect()))
}

/// The ids of the addresses that are known, and the rows of the new ones.
fn find_addresses<'a>(
    connection: &mut DbConnection,
    mut rows: HashMap<&'a str, AddressRow<'a>>,
) -> QueryResult<(Ids, Vec<AddressRow<'a>>)> {
    let ids: Ids = ids_of!(connection, addresses, rows.keys());
    rows.retain(|identity, _| !ids.contains_key(*identity));
    Ok((ids, rows.into_values().collect()))
}

/// Which of these rows an import other than this one changed: then it is noted that this one agrees, see `master_data.sql`.
fn changed_by_others(
    connection: &mut DbConnection,
    import_id: i64,
    kind: &str,
    ids: impl Iterator<Item = i64>,
) -> QueryResult<HashSet<i64>> {
    use value_changes::dsl;
    let ids: Vec<i64> = ids.collect();
    let changed: Vec<i64> = on_backend!(connection, own => dsl::value_changes
        .filter(dsl::kind.eq(kind).and(dsl::row_id.eq_any(&ids)).and(dsl::import_id.ne(import_id)))
        .select(dsl::row_id)
        .distinct()
        .load(own))?;
    Ok(changed.into_iter().collect())
}
