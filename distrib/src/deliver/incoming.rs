//! The rows of one message in temporary tables, so that plain SQL can work on all of them at once.
//!
//! Customers, products and addresses are merged here first, so that a name or a phone that only one of a customer's
//! rows carries is kept, whichever row that is.

use std::collections::{BTreeMap, BTreeSet};

use caudal_shared::database::DbConnection;
use caudal_shared::message::{Address, Customer, Product, Sale};
use caudal_shared::text::folded;
use chrono::{NaiveDate, NaiveDateTime};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;

use crate::identity;

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

diesel::table! {
    incoming_sales (n) {
        n -> BigInt,
        sale_key -> Binary,
        fingerprint -> Binary,
        import_id -> BigInt,
        sheet -> Text,
        row -> BigInt,
        order_id -> Nullable<Text>,
        line -> Nullable<Text>,
        sold_at -> Timestamp,
        sold_on -> Date,
        month -> Date,
        sold_time -> Text,
        customer_identity -> Nullable<Text>,
        address_identity -> Nullable<Text>,
        product_identity -> Text,
        quantity -> BigInt,
        unit_price -> Nullable<BigInt>,
        discount -> Nullable<BigInt>,
        freight -> Nullable<BigInt>,
        tax -> Nullable<BigInt>,
        amount -> BigInt,
        cost -> Nullable<BigInt>,
        payment_method -> Nullable<Text>,
        status -> Nullable<Text>,
        seller -> Nullable<Text>,
        store -> Nullable<Text>,
        channel -> Nullable<Text>,
        notes -> Nullable<Text>,
    }
}

#[derive(Insertable)]
#[diesel(table_name = incoming_customers, treat_none_as_default_value = false)]
struct CustomerRow {
    identity: String,
    name: Option<String>,
    search_name: String,
    document: Option<String>,
    document_kind: Option<&'static str>,
    email: Option<String>,
    phone: Option<String>,
    import_id: i64,
}

#[derive(Insertable)]
#[diesel(table_name = incoming_products, treat_none_as_default_value = false)]
struct ProductRow {
    identity: String,
    name: String,
    search_name: String,
    sku: Option<String>,
    category: Option<String>,
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

#[derive(Insertable)]
#[diesel(table_name = incoming_sales, treat_none_as_default_value = false)]
struct SaleRow<'a> {
    n: i64,
    sale_key: &'a [u8],
    fingerprint: &'a [u8],
    import_id: i64,
    sheet: &'a str,
    row: i64,
    order_id: Option<&'a str>,
    line: Option<&'a str>,
    sold_at: NaiveDateTime,
    sold_on: NaiveDate,
    month: NaiveDate,
    sold_time: &'static str,
    customer_identity: Option<&'a str>,
    address_identity: Option<&'a str>,
    product_identity: &'a str,
    quantity: i64,
    unit_price: Option<i64>,
    discount: Option<i64>,
    freight: Option<i64>,
    tax: Option<i64>,
    amount: i64,
    cost: Option<i64>,
    payment_method: Option<&'static str>,
    status: Option<&'a str>,
    seller: Option<&'a str>,
    store: Option<&'a str>,
    channel: Option<&'a str>,
    notes: Option<&'a str>,
}

/// The identities that one sale refers to.
struct Identities {
    customer: Option<String>,
    address: Option<String>,
    product: String,
}

/// Splits sales into rounds in which no key appears twice: a file that names one order line twice updates it twice, in
/// its own order.
pub(super) fn rounds(sales: &[Sale]) -> Vec<Vec<&Sale>> {
    let mut seen: BTreeMap<_, usize> = BTreeMap::new();
    let mut rounds: Vec<Vec<&Sale>> = Vec::new();
    for sale in sales {
        let round = seen.entry(sale.key).and_modify(|round| *round += 1).or_insert(0);
        if rounds.len() == *round {
            rounds.push(Vec::with_capacity(if *round == 0 { sales.len() } else { 1 }));
        }
        if let Some(rows) = rounds.get_mut(*round) {
            rows.push(sale);
        }
    }
    rounds
}

/// Fills the temporary tables with these sales, replacing what they held.
pub(super) fn load(connection: &mut DbConnection, import_id: i64, sales: &[&Sale]) -> QueryResult<()> {
    match connection {
        DbConnection::Sqlite(connection) => connection.batch_execute(include_str!("incoming_sqlite.sql"))?,
        DbConnection::Postgres(connection) => connection.batch_execute(include_str!("incoming_postgres.sql"))?,
    }
    let identities: Vec<Identities> = sales.iter().map(|sale| identities_of(sale)).collect();
    let customers: Vec<CustomerRow> = merged_customers(import_id, sales, &identities).into_values().collect();
    let products: Vec<ProductRow> = merged_products(import_id, sales, &identities).into_values().collect();
    let addresses = addresses(import_id, sales, &identities);
    let rows: Vec<SaleRow> =
        sales.iter().zip(&identities).zip(0..).map(|((sale, ids), n)| sale_row(import_id, n, sale, ids)).collect();

    // Row by row with a cached statement on SQLite, COPY on PostgreSQL
    macro_rules! insert {
        ($table:expr, $rows:expr) => {
            match connection {
                DbConnection::Sqlite(connection) => {
                    for row in &$rows {
                        diesel::insert_into($table).values(row).execute(connection)?;
                    }
                }
                DbConnection::Postgres(connection) => {
                    diesel::copy_from($table).from_insertable($rows).execute(connection)?;
                }
            }
        };
    }
    insert!(incoming_customers::table, customers);
    insert!(incoming_products::table, products);
    insert!(incoming_addresses::table, addresses);
    insert!(incoming_sales::table, rows);
    Ok(())
}

fn identities_of(sale: &Sale) -> Identities {
    let customer = sale.customer.as_ref().and_then(identity::of_customer);
    let address = sale.address.as_ref().map(|address| identity::of_address(address, customer.as_deref()));
    Identities { customer, address, product: identity::of_product(&sale.product) }
}

fn merged_customers(import_id: i64, sales: &[&Sale], identities: &[Identities]) -> BTreeMap<String, CustomerRow> {
    let mut merged: BTreeMap<String, CustomerRow> = BTreeMap::new();
    for (sale, ids) in sales.iter().zip(identities) {
        let (Some(identity), Some(Customer { name, document, document_kind, email, phone })) =
            (&ids.customer, &sale.customer)
        else {
            continue;
        };
        let row = merged.entry(identity.clone()).or_insert_with(|| CustomerRow {
            identity: identity.clone(),
            name: None,
            search_name: String::new(),
            document: document.clone(),
            document_kind: document_kind.map(|kind| match kind {
                caudal_shared::document::DocumentKind::Cpf => "cpf",
                caudal_shared::document::DocumentKind::Cnpj => "cnpj",
                caudal_shared::document::DocumentKind::Other => "other",
            }),
            email: None,
            phone: None,
            import_id,
        });
        if let Some(name) = name {
            row.name = Some(name.clone());
            row.search_name = folded(name);
        }
        if email.is_some() {
            row.email.clone_from(email);
        }
        if phone.is_some() {
            row.phone.clone_from(phone);
        }
    }
    merged
}

fn merged_products(import_id: i64, sales: &[&Sale], identities: &[Identities]) -> BTreeMap<String, ProductRow> {
    let mut merged: BTreeMap<String, ProductRow> = BTreeMap::new();
    for (sale, ids) in sales.iter().zip(identities) {
        let Product { name, sku, category } = &sale.product;
        let row = merged.entry(ids.product.clone()).or_insert_with(|| ProductRow {
            identity: ids.product.clone(),
            name: String::new(),
            search_name: String::new(),
            sku: sku.clone(),
            category: None,
            import_id,
        });
        if row.name != *name {
            row.name.clone_from(name);
            row.search_name = folded(name);
        }
        if category.is_some() {
            row.category.clone_from(category);
        }
    }
    merged
}

fn addresses<'a>(import_id: i64, sales: &[&'a Sale], identities: &'a [Identities]) -> Vec<AddressRow<'a>> {
    let mut seen = BTreeSet::new();
    let mut rows = Vec::new();
    for (sale, ids) in sales.iter().zip(identities) {
        let (Some(identity), Some(Address { street, district, city, state, postal_code, country })) =
            (&ids.address, &sale.address)
        else {
            continue;
        };
        if seen.insert(identity) {
            rows.push(AddressRow {
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
    }
    rows
}

fn sale_row<'a>(import_id: i64, n: i64, sale: &'a Sale, ids: &'a Identities) -> SaleRow<'a> {
    SaleRow {
        n,
        sale_key: &sale.key.0,
        fingerprint: &sale.fingerprint.0,
        import_id,
        sheet: &sale.sheet,
        row: i64::from(sale.row),
        order_id: sale.order_id.as_deref(),
        line: sale.line.as_deref(),
        sold_at: sale.sold_at.naive_utc(),
        sold_on: sale.sold_on,
        month: caudal_shared::calendar::month_start(sale.sold_on),
        sold_time: sale.time.code(),
        customer_identity: ids.customer.as_deref(),
        address_identity: ids.address.as_deref(),
        product_identity: &ids.product,
        quantity: sale.quantity.0,
        unit_price: sale.unit_price.map(|price| price.0),
        discount: sale.discount.map(|amount| amount.0),
        freight: sale.freight.map(|amount| amount.0),
        tax: sale.tax.map(|amount| amount.0),
        amount: sale.amount.0,
        cost: sale.cost.map(|amount| amount.0),
        payment_method: sale.payment_method.map(caudal_shared::payment::PaymentMethod::code),
        status: sale.status.as_deref(),
        seller: sale.seller.as_deref(),
        store: sale.store.as_deref(),
        channel: sale.channel.as_deref(),
        notes: sale.notes.as_deref(),
    }
}
