//! A rehearsal reports the effects that a file would have on the stored data. ingest asks, distrib answers, and nothing
//! is stored.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::message::{Cancellation, DeliveryCounts, Sale};
use crate::money::{Cents, TenThousandths};

/// The address at which distrib answers; see `caudal_platform::internal`.
pub const PATH: &str = "/distrib/rehearsals";
/// The most rows of each kind that are named one by one.
pub const MOST_NAMED: i64 = 5_000;

/// The sales of a file that is only rehearsed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Question {
    /// The sender.
    pub source: String,
    /// The cleaned rows.
    pub sales: Vec<Sale>,
    /// The sales that rows of the file cancel.
    #[serde(default)]
    pub cancellations: Vec<Cancellation>,
}

/// The effects that storing the sales would have.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Effects {
    /// The result for the rows, in rows and money.
    pub counts: DeliveryCounts,
    /// Customers without earlier sales.
    pub new_customers: Named<String>,
    /// Products that were not sold before.
    pub new_products: Named<String>,
    /// Products whose price differs from their latest sale.
    pub prices: Named<PriceChange>,
    /// Names, e-mails, phones and categories that would change.
    pub values: Named<ValueChange>,
    /// Sales that would change.
    pub updates: Named<Update>,
    /// Stored sales that rows of the file would void.
    #[serde(default)]
    pub voids: Named<VoidedSale>,
    /// The money of these sales, which would leave every figure.
    #[serde(default)]
    pub amount_voided: Cents,
    /// Rows that are already stored.
    pub duplicates: Named<Duplicate>,
}

/// A count, with the first entries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named<T> {
    /// The number of entries.
    pub count: i64,
    /// At most [`MOST_NAMED`] entries.
    pub first: Vec<T>,
}

impl<T> Default for Named<T> {
    fn default() -> Self {
        Self { count: 0, first: Vec::new() }
    }
}

/// The price of a product, before and in the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriceChange {
    /// The product.
    pub product: String,
    /// The price of its latest sale.
    pub before: TenThousandths,
    /// The price of its latest sale in the file.
    pub after: TenThousandths,
}

/// A value of a customer or product, before and in the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ValueChange {
    /// The name of the customer or product.
    pub name: String,
    /// `name`, `email`, `phone` or `category`.
    pub field: String,
    /// The stored value.
    pub before: Option<String>,
    /// The value in the file.
    pub after: Option<String>,
}

/// A sale that would change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Update {
    /// The row's sheet.
    pub sheet: String,
    /// The row.
    pub row: i64,
    /// The order.
    pub order_id: Option<String>,
    /// The product sold.
    pub product: String,
    /// Its money as stored.
    pub before: Cents,
    /// Its money in the file.
    pub after: Cents,
}

/// A stored sale that would be void.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VoidedSale {
    /// The sheet of the row that cancels it.
    pub sheet: String,
    /// The row that cancels it.
    pub row: i64,
    /// The order.
    pub order_id: Option<String>,
    /// The product sold.
    pub product: String,
    /// Its money.
    pub amount: Cents,
}

/// A row that is already stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Duplicate {
    /// The row's sheet.
    pub sheet: String,
    /// The row.
    pub row: i64,
    /// Its day.
    pub sold_on: NaiveDate,
    /// The product sold.
    pub product: String,
    /// Its money.
    pub amount: Cents,
    /// The file with the stored row. It is the same file if the row is repeated within it.
    pub first_name: Option<String>,
    /// The sheet of the stored row.
    pub first_sheet: String,
    /// The stored row.
    pub first_row: i64,
}
