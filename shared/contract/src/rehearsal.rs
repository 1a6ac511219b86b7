//! A rehearsal: what a file would do to what is stored. ingest asks, distrib answers, nothing is kept.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::message::{DeliveryCounts, Sale};
use crate::money::{Cents, TenThousandths};

/// Where distrib answers; see [`crate::internal`].
pub const PATH: &str = "/distrib/rehearsals";
/// Rows of each kind that are named one by one.
pub const MOST_NAMED: i64 = 5_000;

/// The sales of a file that is only rehearsed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Question {
    /// Who sends.
    pub source: String,
    /// The cleaned rows.
    pub sales: Vec<Sale>,
}

/// What storing the sales would do.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Effects {
    /// Where each row would go, in rows and money.
    pub counts: DeliveryCounts,
    /// Customers that nobody has sold to before.
    pub new_customers: Named<String>,
    /// Products that were not sold before.
    pub new_products: Named<String>,
    /// Products whose price differs from their latest sale.
    pub prices: Named<PriceChange>,
    /// Names, e-mails, phones and categories that would change.
    pub values: Named<ValueChange>,
    /// Sales that would change.
    pub updates: Named<Update>,
    /// Rows that are there already.
    pub duplicates: Named<Duplicate>,
}

/// How many there are, and the first of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named<T> {
    /// How many.
    pub count: i64,
    /// At most [`MOST_NAMED`] of them.
    pub first: Vec<T>,
}

impl<T> Default for Named<T> {
    fn default() -> Self {
        Self { count: 0, first: Vec::new() }
    }
}

/// A product's price, before and in the file.
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
    /// Whose.
    pub name: String,
    /// `name`, `email`, `phone` or `category`.
    pub field: String,
    /// What it is.
    pub before: Option<String>,
    /// What it would be.
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
    /// What is sold.
    pub product: String,
    /// Its money as stored.
    pub before: Cents,
    /// Its money in the file.
    pub after: Cents,
}

/// A row that is there already.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Duplicate {
    /// The row's sheet.
    pub sheet: String,
    /// The row.
    pub row: i64,
    /// Its day.
    pub sold_on: NaiveDate,
    /// What is sold.
    pub product: String,
    /// Its money.
    pub amount: Cents,
    /// The file that has it, the same file where the row is repeated within it.
    pub first_name: Option<String>,
    /// The sheet there.
    pub first_sheet: String,
    /// The row there.
    pub first_row: i64,
}
