//! One cleaned sale, in the form sent through the queue.

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
    /// The identity in all of Caudal: 32 hex digits. Two rows with the same key are the same sale.
    pub key: SaleKey,
    /// The hash of the content. The same key with the same fingerprint is a duplicate, with another fingerprint an
    /// update.
    pub fingerprint: Fingerprint,
    /// The sheet from which it was read; empty for text files and API batches.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub sheet: String,
    /// The row, counted from 1 as in spreadsheets; in an API batch the place in the array, from 1.
    pub row: u32,
    /// The sender's order number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_id: Option<String>,
    /// The line within the order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<String>,
    /// The instant of the sale, UTC.
    pub sold_at: DateTime<Utc>,
    /// The local day of the sale.
    pub sold_on: NaiveDate,
    /// The precision of `sold_at`.
    #[serde(default)]
    pub time: SoldTime,
    /// The buyer, if the row names one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<Customer>,
    /// The address, if the row gives one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Address>,
    /// The product sold.
    pub product: Product,
    /// The quantity; negative for a return.
    pub quantity: TenThousandths,
    /// The price of one unit, if known.
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
    /// The total of the line.
    pub amount: Cents,
    /// The seller's cost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<Cents>,
    /// The means of payment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment_method: Option<PaymentMethod>,
    /// The state of the order as written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// The seller.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seller: Option<String>,
    /// The place of the sale.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub store: Option<String>,
    /// The sales channel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// Remarks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
}

impl Sale {
    /// Cuts each text to the length allowed for its field. The sender has done so already, but the receiver does it
    /// again because any program may put messages into the queue.
    ///
    /// # Errors
    /// The field of a code that is too long. A code is not cut, because a part of it would be another code.
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

/// The precision with which `sold_at` is known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SoldTime {
    /// A day and a time of day.
    #[default]
    Exact,
    /// A day only; `sold_at` is its local midnight.
    DayOnly,
    /// Neither a day nor a time; `sold_at` is the time of arrival.
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

/// The buyer named in the row.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Customer {
    /// Name as written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// CPF, CNPJ or another number, without punctuation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<String>,
    /// The kind of the document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document_kind: Option<DocumentKind>,
    /// E-mail in lower case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Digits, with a leading `+` if the row has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
}

/// The parts of an address that the row gives.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// Street, number, and other parts that were in the same column.
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

/// The product sold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Product {
    /// Name as written, or the code if only the code is known.
    pub name: String,
    /// The seller's code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sku: Option<String>,
    /// Category.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
}
