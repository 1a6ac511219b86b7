//! The sales list: filtered, sorted, paged, summed, and walked through for reports.

mod query;

use caudal_contract::field::Field;
use caudal_contract::money::{Cents, TenThousandths};
use caudal_contract::payment::PaymentMethod;
use chrono::{DateTime, NaiveDate, Utc};

pub use query::{Choice, customer_name, for_each_batch, page, product_choices, product_name, totals};

/// Which sales, and in which order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SalesFilter {
    /// Part of a customer's or product's name, or an order number.
    pub search: Option<String>,
    /// First local day.
    pub from: Option<NaiveDate>,
    /// Last local day.
    pub to: Option<NaiveDate>,
    /// Paid this way.
    pub payment: Option<PaymentMethod>,
    /// This product.
    pub product_id: Option<i64>,
    /// This customer.
    pub customer_id: Option<i64>,
    /// Read from this import.
    pub import_id: Option<i64>,
    /// Of this category, seller, store or channel, each at most once.
    pub dimensions: Vec<(Dimension, String)>,
    /// Column to sort by.
    pub sort: SortColumn,
    /// Smallest first; the default is largest, newest or last first.
    pub ascending: bool,
}

/// What sales can be told apart by, as the sheets name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dimension {
    /// The product's category.
    Category,
    /// Who sold.
    Seller,
    /// Where it was sold.
    Store,
    /// Through which channel.
    Channel,
}

impl Dimension {
    /// Every dimension.
    pub const ALL: [Self; 4] = [Self::Category, Self::Seller, Self::Store, Self::Channel];

    /// The name used in addresses.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.field().code()
    }

    /// The field of a sale that it is.
    #[must_use]
    pub fn field(self) -> Field {
        match self {
            Self::Category => Field::Category,
            Self::Seller => Field::Seller,
            Self::Store => Field::Store,
            Self::Channel => Field::Channel,
        }
    }
}

/// A column that the list can be sorted by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SortColumn {
    /// When it was sold.
    #[default]
    Date,
    /// The customer's name.
    Customer,
    /// The product's name.
    Product,
    /// Quantity.
    Quantity,
    /// Amount.
    Amount,
}

/// One row of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SaleLine {
    /// The sale.
    pub id: i64,
    /// When, UTC.
    pub sold_at: DateTime<Utc>,
    /// The local day.
    pub sold_on: NaiveDate,
    /// `exact`, `day_only` or `assumed`.
    pub sold_time: String,
    /// The sender's order number.
    pub order_id: Option<String>,
    /// The customer, if any.
    pub customer_id: Option<i64>,
    /// Their name.
    pub customer_name: Option<String>,
    /// CPF or CNPJ without punctuation.
    pub customer_document: Option<String>,
    /// The product.
    pub product_id: i64,
    /// Its name.
    pub product_name: String,
    /// Its code.
    pub product_sku: Option<String>,
    /// Its category.
    pub category: Option<String>,
    /// Who sold.
    pub seller: Option<String>,
    /// Where it was sold.
    pub store: Option<String>,
    /// Through which channel.
    pub channel: Option<String>,
    /// How many.
    pub quantity: TenThousandths,
    /// The price of one.
    pub unit_price: Option<TenThousandths>,
    /// What the line adds up to.
    pub amount: Cents,
    /// How it was paid.
    pub payment: Option<PaymentMethod>,
    /// The import it was first read from.
    pub import_id: i64,
    /// That import's file name.
    pub import_name: Option<String>,
    /// The sheet.
    pub sheet: String,
    /// The row.
    pub row: i64,
}

/// Sums over a filtered list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SalesTotals {
    /// How many sales.
    pub sales: i64,
    /// Quantity of all.
    pub quantity: TenThousandths,
    /// Money of all.
    pub amount: Cents,
}

#[cfg(test)]
mod tests;
