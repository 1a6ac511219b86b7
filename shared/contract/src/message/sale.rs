//! One cleaned sale, in the form sent through the queue.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::{Fingerprint, SaleKey};
use crate::document::DocumentKind;
use crate::field::{Field, FieldKind};
use crate::money::{Cents, TenThousandths};
use crate::payment::PaymentMethod;

/// One cleaned sale. The default has no value at all; a real sale has at least a key, a day and a product.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
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
    /// The marketplace's or the card's fee.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fee: Option<Cents>,
    /// The total of the line.
    pub amount: Cents,
    /// The seller's cost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<Cents>,
    /// The currency of the money, as the sender writes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
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

/// The value of one field of a sale, by the kind of the field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value<'a> {
    /// A text or a code.
    Text(&'a str),
    /// A way to pay.
    Payment(PaymentMethod),
    /// Money.
    Money(Cents),
    /// The price of one.
    Price(TenThousandths),
    /// A number that is no money.
    Number(TenThousandths),
    /// When it was sold.
    Moment {
        /// UTC.
        at: DateTime<Utc>,
        /// The local day.
        on: NaiveDate,
        /// How much of it was given.
        time: SoldTime,
    },
}

/// Where the value of a field of a sale can be written.
#[derive(Debug)]
pub enum Slot<'a> {
    /// A text that may be missing.
    Text(&'a mut Option<String>),
    /// A text that every sale has.
    Name(&'a mut String),
    /// A way to pay.
    Payment(&'a mut Option<PaymentMethod>),
    /// Money that may be missing.
    Money(&'a mut Option<Cents>),
    /// Money that every sale has.
    Amount(&'a mut Cents),
    /// The price of one.
    Price(&'a mut Option<TenThousandths>),
    /// A number that every sale has.
    Number(&'a mut TenThousandths),
    /// The moment consists of several values that are written together.
    Moment,
}

impl Sale {
    /// The value of a field; `None` if the row did not give it.
    #[must_use]
    pub fn value(&self, field: Field) -> Option<Value<'_>> {
        fn text(text: &Option<String>) -> Option<Value<'_>> {
            text.as_deref().map(Value::Text)
        }
        let customer = self.customer.as_ref();
        let address = self.address.as_ref();
        match field {
            Field::OrderId => text(&self.order_id),
            Field::Line => text(&self.line),
            Field::Date | Field::Time => Some(Value::Moment { at: self.sold_at, on: self.sold_on, time: self.time })
                .filter(|_| field == Field::Date || self.time != SoldTime::DayOnly),
            Field::Customer => text(&customer?.name),
            Field::Document => text(&customer?.document),
            Field::Email => text(&customer?.email),
            Field::Phone => text(&customer?.phone),
            Field::Address => text(&address?.street),
            Field::District => text(&address?.district),
            Field::City => text(&address?.city),
            Field::State => text(&address?.state),
            Field::PostalCode => text(&address?.postal_code),
            Field::Country => text(&address?.country),
            Field::Product => Some(Value::Text(&self.product.name)),
            Field::Sku => text(&self.product.sku),
            Field::Category => text(&self.product.category),
            Field::Quantity => Some(Value::Number(self.quantity)),
            Field::UnitPrice => self.unit_price.map(Value::Price),
            Field::Discount => self.discount.map(Value::Money),
            Field::Freight => self.freight.map(Value::Money),
            Field::Tax => self.tax.map(Value::Money),
            Field::Fee => self.fee.map(Value::Money),
            Field::Total => Some(Value::Money(self.amount)),
            Field::Cost => self.cost.map(Value::Money),
            Field::Currency => text(&self.currency),
            Field::PaymentMethod => self.payment_method.map(Value::Payment),
            Field::Status => text(&self.status),
            Field::Seller => text(&self.seller),
            Field::Store => text(&self.store),
            Field::Channel => text(&self.channel),
            Field::Notes => text(&self.notes),
        }
    }

    /// The place of a field's value. A customer and an address come into being when they are asked for; `tidy` takes away
    /// the ones that stayed empty.
    pub fn slot(&mut self, field: Field) -> Slot<'_> {
        match field {
            Field::OrderId => Slot::Text(&mut self.order_id),
            Field::Line => Slot::Text(&mut self.line),
            Field::Date | Field::Time => Slot::Moment,
            Field::Customer => Slot::Text(&mut self.customer.get_or_insert_default().name),
            Field::Document => Slot::Text(&mut self.customer.get_or_insert_default().document),
            Field::Email => Slot::Text(&mut self.customer.get_or_insert_default().email),
            Field::Phone => Slot::Text(&mut self.customer.get_or_insert_default().phone),
            Field::Address => Slot::Text(&mut self.address.get_or_insert_default().street),
            Field::District => Slot::Text(&mut self.address.get_or_insert_default().district),
            Field::City => Slot::Text(&mut self.address.get_or_insert_default().city),
            Field::State => Slot::Text(&mut self.address.get_or_insert_default().state),
            Field::PostalCode => Slot::Text(&mut self.address.get_or_insert_default().postal_code),
            Field::Country => Slot::Text(&mut self.address.get_or_insert_default().country),
            Field::Product => Slot::Name(&mut self.product.name),
            Field::Sku => Slot::Text(&mut self.product.sku),
            Field::Category => Slot::Text(&mut self.product.category),
            Field::Quantity => Slot::Number(&mut self.quantity),
            Field::UnitPrice => Slot::Price(&mut self.unit_price),
            Field::Discount => Slot::Money(&mut self.discount),
            Field::Freight => Slot::Money(&mut self.freight),
            Field::Tax => Slot::Money(&mut self.tax),
            Field::Fee => Slot::Money(&mut self.fee),
            Field::Total => Slot::Amount(&mut self.amount),
            Field::Cost => Slot::Money(&mut self.cost),
            Field::Currency => Slot::Text(&mut self.currency),
            Field::PaymentMethod => Slot::Payment(&mut self.payment_method),
            Field::Status => Slot::Text(&mut self.status),
            Field::Seller => Slot::Text(&mut self.seller),
            Field::Store => Slot::Text(&mut self.store),
            Field::Channel => Slot::Text(&mut self.channel),
            Field::Notes => Slot::Text(&mut self.notes),
        }
    }

    /// Takes away a customer and an address without any value.
    fn tidy(&mut self) {
        self.customer = self.customer.take().filter(|customer| *customer != Customer::default());
        self.address = self.address.take().filter(|address| *address != Address::default());
    }

    /// Cuts each text to the length that its field may have. The sender has done so already. The receiver does it again, because a
    /// queue takes messages of any program.
    ///
    /// # Errors
    /// The field of a code that is too long, because a part of a code would be another code.
    pub fn shorten_texts(&mut self) -> Result<(), Field> {
        for field in Field::ALL.iter().copied().filter(|field| field.is_text()) {
            let Some(Value::Text(text)) = self.value(field) else { continue };
            let Some(shorter) = field.shortened(text) else { continue };
            if field.kind() == FieldKind::Code {
                return Err(field);
            }
            match self.slot(field) {
                Slot::Text(text) => *text = Some(shorter),
                Slot::Name(text) => *text = shorter,
                _ => {}
            }
        }
        self.tidy();
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

    /// The precision with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Exact, Self::DayOnly, Self::Assumed].into_iter().find(|time| time.code() == code)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_customer_and_an_address_without_any_value_are_left_out() {
        let customer = Some(Customer::default());
        let mut sale = Sale { customer, address: Some(Address::default()), ..Sale::default() };
        sale.shorten_texts().unwrap();
        assert_eq!((sale.customer, sale.address), (None, None));
    }

    #[test]
    fn every_field_has_a_place_of_its_kind() {
        for field in Field::ALL {
            let mut sale = Sale::default();
            let fits = match sale.slot(*field) {
                Slot::Text(_) | Slot::Name(_) => matches!(field.kind(), FieldKind::Text | FieldKind::Code),
                Slot::Payment(_) => field.kind() == FieldKind::Word,
                Slot::Money(_) | Slot::Amount(_) => field.kind() == FieldKind::Money,
                Slot::Price(_) => field.kind() == FieldKind::Price,
                Slot::Number(_) => field.kind() == FieldKind::Number,
                Slot::Moment => matches!(field.kind(), FieldKind::Day | FieldKind::TimeOfDay),
            };
            assert!(fits, "{field:?} is {:?}", field.kind());
        }
    }
}
