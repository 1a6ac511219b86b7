//! One cleaned sale, as it travels.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::{Fingerprint, SaleKey};
use crate::document::DocumentKind;
use crate::field::Field;
use crate::money::{Cents, TenThousandths};
use crate::payment::PaymentMethod;

/// One cleaned sale.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sale {
    /// Identity within all of Caudal: 32 hex digits. The same key again is the same sale.
    pub key: SaleKey,
    /// Hash of the content: the same key with the same fingerprint is a duplicate, with another one an update.
    pub fingerprint: Fingerprint,
    /// The sheet it was read from; empty for text files and API batches.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub sheet: String,
    /// The row, counted from 1 as spreadsheets show it; in an API batch the place in the array, from 1.
    pub row: u32,
    /// The sender's order number and line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_id: Option<String>,
    /// The line within the order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<String>,
    /// When it was sold, UTC.
    pub sold_at: DateTime<Utc>,
    /// The local day it was sold on.
    pub sold_on: NaiveDate,
    /// How `sold_at` is known.
    #[serde(default)]
    pub time: SoldTime,
    /// Who bought, if anybody was named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<Customer>,
    /// Where to, if an address was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Address>,
    /// What was sold.
    pub product: Product,
    /// How many; negative for a return.
    pub quantity: TenThousandths,
    /// The price of one, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit_price: Option<TenThousandths>,
    /// Discount in money.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discount: Option<Cents>,
    /// Freight.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub freight: Option<Cents>,
    /// Tax.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax: Option<Cents>,
    /// What the line adds up to.
    pub amount: Cents,
    /// What it cost the seller.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<Cents>,
    /// How it was paid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment_method: Option<PaymentMethod>,
    /// The order's state as written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Who sold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seller: Option<String>,
    /// Where it was sold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub store: Option<String>,
    /// Through which channel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// Remarks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
}

impl Sale {
    /// Cuts each text to what its field may have. Who sends has done so already; whoever stores does it again, for a queue takes
    /// messages of any program.
    ///
    /// # Errors
    /// The field of a code that is too long: a part of a code would be another code.
    pub fn shorten_texts(&mut self) -> Result<(), Field> {
        let customer = self.customer.get_or_insert_default();
        let address = self.address.get_or_insert_default();
        for (field, code) in [
            (Field::OrderId, &self.order_id),
            (Field::Line, &self.line),
            (Field::Sku, &self.product.sku),
            (Field::Document, &customer.document),
        ] {
            if code.as_deref().is_some_and(|code| field.shortened(code).is_some()) {
                return Err(field);
            }
        }
        let texts = [
            (Field::Category, &mut self.product.category),
            (Field::Status, &mut self.status),
            (Field::Seller, &mut self.seller),
            (Field::Store, &mut self.store),
            (Field::Channel, &mut self.channel),
            (Field::Notes, &mut self.notes),
            (Field::Customer, &mut customer.name),
            (Field::Email, &mut customer.email),
            (Field::Phone, &mut customer.phone),
            (Field::Address, &mut address.street),
            (Field::District, &mut address.district),
            (Field::City, &mut address.city),
            (Field::State, &mut address.state),
            (Field::PostalCode, &mut address.postal_code),
            (Field::Country, &mut address.country),
        ];
        for (field, text) in texts.into_iter().filter_map(|(field, text)| Some((field, text.as_mut()?))) {
            if let Some(shorter) = field.shortened(text) {
                *text = shorter;
            }
        }
        if let Some(shorter) = Field::Product.shortened(&self.product.name) {
            self.product.name = shorter;
        }
        self.customer = self.customer.take().filter(|customer| *customer != Customer::default());
        self.address = self.address.take().filter(|address| *address != Address::default());
        Ok(())
    }
}

/// How much of `sold_at` was given.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SoldTime {
    /// A day and a time of day.
    #[default]
    Exact,
    /// A day only; `sold_at` is its local midnight.
    DayOnly,
    /// Neither: the time of arrival.
    Assumed,
}

impl SoldTime {
    /// The name used in the database.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::DayOnly => "day_only",
            Self::Assumed => "assumed",
        }
    }
}

/// A buyer as the row names it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Customer {
    /// Name as written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// CPF, CNPJ or another number, without punctuation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<String>,
    /// What the document is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document_kind: Option<DocumentKind>,
    /// E-mail in lower case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Digits, with a leading `+` where given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
}

/// An address as far as the row gives it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// Street, number and whatever else stood in one column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub street: Option<String>,
    /// Neighbourhood.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub district: Option<String>,
    /// City.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// State or UF.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// CEP digits or another postal code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<String>,
    /// Country.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
}

/// What was sold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Product {
    /// Name as written; the code where only that is known.
    pub name: String,
    /// The seller's code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sku: Option<String>,
    /// Category.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
}
