//! The sales list: filtered, sorted, divided into pages, summed, and read in batches for reports.

mod query;

use caudal_contract::field::Field;
use caudal_contract::money::{Cents, TenThousandths};
use caudal_contract::payment::PaymentMethod;
use chrono::{DateTime, NaiveDate, Utc};

pub use query::{Choice, customer_name, for_each_batch, page, product_choices, product_name, totals};

/// The selection of sales, and their order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SalesFilter {
    /// Part of the name of a customer or product, or an order number.
    pub search: Option<String>,
    /// The first local day.
    pub from: Option<NaiveDate>,
    /// The last local day.
    pub to: Option<NaiveDate>,
    /// Only sales with this payment method.
    pub payment: Option<PaymentMethod>,
    /// Only sales of this product.
    pub product_id: Option<i64>,
    /// Only sales to this customer.
    pub customer_id: Option<i64>,
    /// Only sales read from this import.
    pub import_id: Option<i64>,
    /// Only sales of this category, seller, store or channel, each at most once.
    pub dimensions: Vec<(Dimension, String)>,
    /// The column to sort by.
    pub sort: SortColumn,
    /// Whether the smallest comes first. The default is largest, newest or last first.
    pub ascending: bool,
}

/// A property that groups sales, as the sheets name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dimension {
    /// The product's category.
    Category,
    /// The seller.
    Seller,
    /// The store.
    Store,
    /// The channel.
    Channel,
}

impl Dimension {
    /// Every dimension.
    pub const ALL: [Self; 4] = [Self::Category, Self::Seller, Self::Store, Self::Channel];

    /// The name used in URLs.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.field().code()
    }

    /// The field of a sale for this dimension.
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
    /// The time of the sale.
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
    /// The time, in UTC.
    pub sold_at: DateTime<Utc>,
    /// The local day.
    pub sold_on: NaiveDate,
    /// `exact`, `day_only` or `assumed`.
    pub sold_time: String,
    /// The sender's order number.
    pub order_id: Option<String>,
    /// The customer, if any.
    pub customer_id: Option<i64>,
    /// The name of the customer.
    pub customer_name: Option<String>,
    /// CPF or CNPJ without punctuation.
    pub customer_document: Option<String>,
    /// The product.
    pub product_id: i64,
    /// The name of the product.
    pub product_name: String,
    /// The code of the product.
    pub product_sku: Option<String>,
    /// The category of the product.
    pub category: Option<String>,
    /// The seller.
    pub seller: Option<String>,
    /// The store.
    pub store: Option<String>,
    /// The channel.
    pub channel: Option<String>,
    /// The quantity.
    pub quantity: TenThousandths,
    /// The unit price.
    pub unit_price: Option<TenThousandths>,
    /// The total of the line.
    pub amount: Cents,
    /// The payment method.
    pub payment: Option<PaymentMethod>,
    /// The import that it was first read from.
    pub import_id: i64,
    /// The file name of that import.
    pub import_name: Option<String>,
    /// The sheet.
    pub sheet: String,
    /// The row.
    pub row: i64,
}

/// Sums over a filtered list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SalesTotals {
    /// The number of sales.
    pub sales: i64,
    /// The total quantity.
    pub quantity: TenThousandths,
    /// The total amount.
    pub amount: Cents,
}

#[cfg(test)]
mod tests;
