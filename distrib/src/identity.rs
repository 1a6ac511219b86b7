//! Decides when two rows mean the same customer, address or product.
//!
//! A customer is identified by its document, else by its e-mail, else by its folded name and phone. A product is identified by
//! its SKU, else by its folded name. An address belongs to its customer and is compared part by part, folded. If an identity is
//! too long for an index, its hash takes its place.

use caudal_contract::message::{Address, Customer, Product, to_hex};
use caudal_contract::text::folded;
use sha2::{Digest, Sha256};

/// PostgreSQL indexes texts of up to 2,704 bytes.
const MOST_BYTES: usize = 2_000;

/// The identity of a customer. `None` if the row names no customer.
pub fn of_customer(customer: &Customer) -> Option<String> {
    if let Some(document) = &customer.document {
        return Some(findable(format!("document:{document}")));
    }
    if let Some(email) = &customer.email {
        return Some(findable(format!("email:{}", email.to_lowercase())));
    }
    let name = customer.name.as_deref().map(folded).filter(|name| !name.is_empty())?;
    Some(findable(format!("name:{name}|{}", customer.phone.as_deref().unwrap_or_default())))
}

/// The identity of a product.
pub fn of_product(product: &Product) -> String {
    findable(match product.sku.as_deref().map(str::trim) {
        Some(sku) if !sku.is_empty() => format!("sku:{}", sku.to_uppercase()),
        _ => format!("name:{}", folded(&product.name)),
    })
}

/// The identity of an address, with or without a customer.
pub fn of_address(address: &Address, customer: Option<&str>) -> String {
    let part = |text: &Option<String>| text.as_deref().map(folded).unwrap_or_default();
    let parts =
        [&address.street, &address.district, &address.city, &address.state, &address.postal_code, &address.country]
            .map(part)
            .join("|");
    findable(format!("{}|{parts}", customer.unwrap_or_default()))
}

/// The identity, or its hash if it is too long for an index.
fn findable(identity: String) -> String {
    if identity.len() <= MOST_BYTES {
        return identity;
    }
    format!("sha256:{}", to_hex(&Sha256::digest(identity)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn customer(name: &str, document: Option<&str>, email: Option<&str>, phone: Option<&str>) -> Customer {
        let own = |text: Option<&str>| text.map(str::to_owned);
        Customer {
            name: Some(name.into()),
            document: own(document),
            document_kind: None,
            email: own(email),
            phone: own(phone),
        }
    }

    #[test]
    fn the_same_document_is_the_same_customer_whatever_the_name() {
        let with_document = |name| of_customer(&customer(name, Some("52998224725"), None, None));
        assert_eq!(with_document("João Silva"), with_document("J. Silva"));
    }

    #[test]
    fn the_same_name_with_other_documents_or_mails_is_another_customer() {
        let people = [
            customer("João Silva", None, Some("a@x.com"), None),
            customer("João Silva", None, Some("b@x.com"), None),
            customer("João Silva", Some("52998224725"), None, None),
            customer("João Silva", None, None, Some("11999990000")),
            customer("João Silva", None, None, None),
        ];
        let identities: std::collections::BTreeSet<_> = people.iter().map(of_customer).collect();
        assert_eq!(identities.len(), people.len());
    }

    #[test]
    fn a_name_is_compared_without_case_and_accents() {
        let named = |name| of_customer(&customer(name, None, None, None));
        assert_eq!(named("JOAO  silva"), named("João Silva"));
        assert_eq!(named("..."), None);
    }

    #[test]
    fn a_product_is_its_code_before_its_name() {
        let product = |name: &str, sku: Option<&str>| {
            of_product(&Product { name: name.into(), sku: sku.map(Into::into), category: None })
        };
        assert_eq!(product("Café 500g", Some("c-1")), product("Cafe", Some("C-1")));
        assert_eq!(product("Café", None), product("CAFE ", None));
        assert_ne!(product("Café", Some("C-1")), product("Café", None));
    }
}
