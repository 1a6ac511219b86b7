//! Customers, products and addresses. They are found by their identities, inserted if they are new, and updated if a row has new
//! values.
//!
//! The rows of a message are merged first, so that a name or a phone number is kept even if only one row of the customer has it.
//! Most rows name known data, so only new or possibly changed rows go through the temporary tables.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use caudal_contract::document::DocumentKind;
use caudal_contract::message::{Address, Customer, Product, Sale};
use caudal_contract::text::folded;
use caudal_platform::database::DbConnection;
use caudal_platform::{insert_all, on_backend};
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

/// The rows that one sale refers to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct References {
    pub(crate) customer_id: Option<i64>,
    pub(crate) address_id: Option<i64>,
    pub(crate) product_id: i64,
}

/// Customers, products and addresses in the database, by identity, as far as the import's sales named them in this transaction.
/// SQLite has one writer, so no other worker changes them before the transaction ends. On PostgreSQL other workers wait if they
/// want to change a row that this transaction has written.
#[derive(Default)]
pub(super) struct Known {
    /// The import that the values belong to, because `is_disputed` depends on it.
    import_id: i64,
    customers: HashMap<String, KnownCustomer>,
    products: HashMap<String, KnownProduct>,
    addresses: HashMap<String, i64>,
    /// Identities of products without a code, by the name as written. They are cached because folding a name costs more than a
    /// lookup.
    product_identities: HashMap<String, Rc<str>>,
}

struct KnownCustomer {
    id: i64,
    name: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    is_disputed: bool,
}

struct KnownProduct {
    id: i64,
    name: String,
    category: Option<String>,
    is_disputed: bool,
}

impl KnownCustomer {
    fn may_change_by(&self, row: &CustomerRow<'_>) -> bool {
        let changes = |new: Option<&str>, old: &Option<String>| new.is_some() && new != old.as_deref();
        self.is_disputed
            || changes(row.name, &self.name)
            || changes(row.email, &self.email)
            || changes(row.phone, &self.phone)
    }
}

impl KnownProduct {
    fn may_change_by(&self, row: &ProductRow<'_>) -> bool {
        self.is_disputed || row.name != self.name || row.category.is_some() && row.category != self.category.as_deref()
    }
}

/// The identities that one sale refers to.
struct Identities {
    customer: Option<String>,
    address: Option<String>,
    product: Rc<str>,
}

/// One row for each identity, in the order of their first mention.
struct Distinct<'a, Row> {
    places: HashMap<&'a str, usize>,
    rows: Vec<Row>,
}

impl<'a, Row> Distinct<'a, Row> {
    fn new() -> Self {
        Self { places: HashMap::new(), rows: Vec::new() }
    }

    /// Merges the values of a sale into the row with this identity, and returns the index of the row.
    fn merge(&mut self, identity: &'a str, new: impl FnOnce() -> Row, merge: impl FnOnce(&mut Row)) -> usize {
        let next = self.rows.len();
        let place = *self.places.entry(identity).or_insert(next);
        if place == next {
            self.rows.push(new());
        }
        if let Some(row) = self.rows.get_mut(place) {
            merge(row);
        }
        place
    }
}

/// Inserts and updates the rows that the sales refer to, and returns their ids for each sale.
pub(super) fn store(
    connection: &mut DbConnection,
    import_id: i64,
    sales: &[&Sale],
    known: &mut Known,
) -> QueryResult<Vec<References>> {
    if known.import_id != import_id {
        *known = Known { import_id, ..Known::default() };
    }
    let identities: Vec<Identities> = sales.iter().map(|sale| known.identities_of(sale)).collect();
    let (customers, customer_of_sale) = merged_customers(import_id, sales, &identities);
    let (products, product_of_sale) = merged_products(import_id, sales, &identities);
    let (addresses, address_of_sale) = distinct_addresses(import_id, sales, &identities);
    let named_customers: Vec<&str> = customers.iter().map(|row| row.identity).collect();
    let named_products: Vec<&str> = products.iter().map(|row| row.identity).collect();
    let named_addresses: Vec<&str> = addresses.iter().map(|row| row.identity).collect();
    known.find(connection, &named_customers, &named_products, &named_addresses)?;
    known.bring_up_to_date(connection, customers, products, addresses)?;

    let customer_ids = ids(&named_customers, |identity| Some(known.customers.get(identity)?.id))?;
    let product_ids = ids(&named_products, |identity| Some(known.products.get(identity)?.id))?;
    let address_ids = ids(&named_addresses, |identity| known.addresses.get(identity).copied())?;
    let id = |ids: &[i64], place: usize| ids.get(place).copied().ok_or(diesel::result::Error::NotFound);
    let of_sales = customer_of_sale.into_iter().zip(address_of_sale).zip(product_of_sale);
    let references = |((customer, address), product): ((Option<usize>, Option<usize>), usize)| {
        Ok(References {
            customer_id: customer.map(|place| id(&customer_ids, place)).transpose()?,
            address_id: address.map(|place| id(&address_ids, place)).transpose()?,
            product_id: id(&product_ids, product)?,
        })
    };
    of_sales.map(references).collect()
}

fn ids(identities: &[&str], id: impl Fn(&str) -> Option<i64>) -> QueryResult<Vec<i64>> {
    identities.iter().map(|identity| id(identity).ok_or(diesel::result::Error::NotFound)).collect()
}

impl Known {
    fn identities_of(&mut self, sale: &Sale) -> Identities {
        let customer = sale.customer.as_ref().and_then(identity::of_customer);
        let address = sale.address.as_ref().map(|address| identity::of_address(address, customer.as_deref()));
        Identities { customer, address, product: self.identity_of_product(&sale.product) }
    }

    fn identity_of_product(&mut self, product: &Product) -> Rc<str> {
        if product.sku.is_some() {
            return identity::of_product(product).into();
        }
        if let Some(identity) = self.product_identities.get(&product.name) {
            return Rc::clone(identity);
        }
        let identity: Rc<str> = identity::of_product(product).into();
        self.product_identities.insert(product.name.clone(), Rc::clone(&identity));
        identity
    }

    /// Looks up the identities that are not cached yet.
    fn find(
        &mut self,
        connection: &mut DbConnection,
        customers: &[&str],
        products: &[&str],
        addresses: &[&str],
    ) -> QueryResult<()> {
        let unknown = |identity: &&&str| !self.customers.contains_key(**identity);
        let customers: Vec<&str> = customers.iter().filter(unknown).copied().collect();
        let unknown = |identity: &&&str| !self.products.contains_key(**identity);
        let products: Vec<&str> = products.iter().filter(unknown).copied().collect();
        let unknown = |identity: &&&str| !self.addresses.contains_key(**identity);
        let addresses: Vec<&str> = addresses.iter().filter(unknown).copied().collect();
        self.look_up(connection, &customers, &products, &addresses)
    }

    /// Looks up these identities, even if they are cached.
    fn look_up(
        &mut self,
        connection: &mut DbConnection,
        customers: &[&str],
        products: &[&str],
        addresses: &[&str],
    ) -> QueryResult<()> {
        if !customers.is_empty() {
            self.look_up_customers(connection, customers)?;
        }
        if !products.is_empty() {
            self.look_up_products(connection, products)?;
        }
        if !addresses.is_empty() {
            let found: Vec<(String, i64)> = on_backend!(connection, own => addresses::table
                .filter(addresses::identity.eq_any(addresses))
                .select((addresses::identity, addresses::id))
                .load(own))?;
            self.addresses.extend(found);
        }
        Ok(())
    }

    fn look_up_customers(&mut self, connection: &mut DbConnection, identities: &[&str]) -> QueryResult<()> {
        use customers::dsl;
        type Found = (String, i64, Option<String>, Option<String>, Option<String>);
        let found: Vec<Found> = on_backend!(connection, own => dsl::customers
            .filter(dsl::identity.eq_any(identities))
            .select((dsl::identity, dsl::id, dsl::name, dsl::email, dsl::phone))
            .load(own))?;
        let ids = found.iter().map(|(_, id, ..)| *id);
        let disputed = changed_by_others(connection, self.import_id, "customers", ids)?;
        self.customers.extend(found.into_iter().map(|(identity, id, name, email, phone)| {
            (identity, KnownCustomer { id, name, email, phone, is_disputed: disputed.contains(&id) })
        }));
        Ok(())
    }

    fn look_up_products(&mut self, connection: &mut DbConnection, identities: &[&str]) -> QueryResult<()> {
        use products::dsl;
        let found: Vec<(String, i64, String, Option<String>)> = on_backend!(connection, own => dsl::products
            .filter(dsl::identity.eq_any(identities))
            .select((dsl::identity, dsl::id, dsl::name, dsl::category))
            .load(own))?;
        let ids = found.iter().map(|(_, id, ..)| *id);
        let disputed = changed_by_others(connection, self.import_id, "products", ids)?;
        self.products.extend(found.into_iter().map(|(identity, id, name, category)| {
            (identity, KnownProduct { id, name, category, is_disputed: disputed.contains(&id) })
        }));
        Ok(())
    }

    /// Writes the rows that are new or may change.
    fn bring_up_to_date(
        &mut self,
        connection: &mut DbConnection,
        mut customers: Vec<CustomerRow<'_>>,
        mut products: Vec<ProductRow<'_>>,
        mut addresses: Vec<AddressRow<'_>>,
    ) -> QueryResult<()> {
        customers.retain(|row| self.customers.get(row.identity).is_none_or(|known| known.may_change_by(row)));
        products.retain(|row| self.products.get(row.identity).is_none_or(|known| known.may_change_by(row)));
        addresses.retain(|row| !self.addresses.contains_key(row.identity));
        if customers.is_empty() && products.is_empty() && addresses.is_empty() {
            return Ok(());
        }
        for row in &mut customers {
            row.search_name = row.name.map(folded).unwrap_or_default();
        }
        for row in &mut products {
            row.search_name = folded(row.name);
        }
        let changed_customers: Vec<&str> = customers.iter().map(|row| row.identity).collect();
        let changed_products: Vec<&str> = products.iter().map(|row| row.identity).collect();
        let new_addresses: Vec<&str> = addresses.iter().map(|row| row.identity).collect();
        temporary::make(connection, include_str!("incoming_master_data.sql"))?;
        insert_all!(connection, incoming_customers::table, customers);
        insert_all!(connection, incoming_products::table, products);
        insert_all!(connection, incoming_addresses::table, addresses);
        connection.batch_execute(include_str!("master_data.sql"))?;
        self.look_up(connection, &changed_customers, &changed_products, &new_addresses)
    }
}

fn merged_customers<'a>(
    import_id: i64,
    sales: &[&'a Sale],
    identities: &'a [Identities],
) -> (Vec<CustomerRow<'a>>, Vec<Option<usize>>) {
    let mut merged = Distinct::new();
    let mut place = |(sale, ids): (&&'a Sale, &'a Identities)| {
        let (identity, customer) = (ids.customer.as_deref()?, sale.customer.as_ref()?);
        let Customer { name, document, document_kind, email, phone } = customer;
        let new = || CustomerRow {
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
        };
        Some(merged.merge(identity, new, |row| {
            row.name = name.as_deref().or(row.name);
            row.email = email.as_deref().or(row.email);
            row.phone = phone.as_deref().or(row.phone);
        }))
    };
    let places = sales.iter().zip(identities).map(&mut place).collect();
    (merged.rows, places)
}

fn merged_products<'a>(
    import_id: i64,
    sales: &[&'a Sale],
    identities: &'a [Identities],
) -> (Vec<ProductRow<'a>>, Vec<usize>) {
    let mut merged = Distinct::new();
    let mut place = |(sale, ids): (&&'a Sale, &'a Identities)| {
        let Product { name, sku, category } = &sale.product;
        let new = || ProductRow {
            identity: &ids.product,
            name,
            search_name: String::new(),
            sku: sku.as_deref(),
            category: None,
            import_id,
        };
        merged.merge(&ids.product, new, |row| {
            row.name = name;
            row.category = category.as_deref().or(row.category);
        })
    };
    let places = sales.iter().zip(identities).map(&mut place).collect();
    (merged.rows, places)
}

fn distinct_addresses<'a>(
    import_id: i64,
    sales: &[&'a Sale],
    identities: &'a [Identities],
) -> (Vec<AddressRow<'a>>, Vec<Option<usize>>) {
    let mut distinct = Distinct::new();
    let mut place = |(sale, ids): (&&'a Sale, &'a Identities)| {
        let (identity, address) = (ids.address.as_deref()?, sale.address.as_ref()?);
        let Address { street, district, city, state, postal_code, country } = address;
        let new = || AddressRow {
            identity,
            customer_identity: ids.customer.as_deref(),
            street: street.as_deref(),
            district: district.as_deref(),
            city: city.as_deref(),
            state: state.as_deref(),
            postal_code: postal_code.as_deref(),
            country: country.as_deref(),
            import_id,
        };
        Some(distinct.merge(identity, new, |_| ()))
    };
    let places = sales.iter().zip(identities).map(&mut place).collect();
    (distinct.rows, places)
}

/// Finds the rows that another import has changed. For them the agreement of this import is recorded, see `master_data.sql`.
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
