//! The sales list: filtered, sorted, divided into pages, summed, and read in batches for reports.

mod query;

use caudal_contract::field::Field;
use caudal_contract::message::Value;
use caudal_contract::money::{Cents, TenThousandths};
use caudal_contract::payment::PaymentMethod;
use chrono::NaiveDate;
use diesel::Queryable;

use crate::schema::StoredSale;

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
    /// Whether sales that were cancelled are in the list.
    pub standing: Standing,
    /// Only sales that this import cancelled. They are all void.
    pub cancelled_by: Option<i64>,
    /// With these values of fields that filter, each field at most once.
    pub dimensions: Vec<(Field, String)>,
    /// Column to sort by.
    pub sort: SortColumn,
    /// Whether the smallest comes first. The default is largest, newest or last first.
    pub ascending: bool,
}

/// Which sales are in the list: a sale that was cancelled later is void and counts in no figure.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Standing {
    /// Only those that count.
    #[default]
    Counted,
    /// Only those that are void.
    Void,
    /// All of them.
    All,
}

impl Standing {
    /// All of them, in the order of the form.
    pub const ALL: [Self; 3] = [Self::Counted, Self::Void, Self::All];

    /// The name used in URLs. Empty for the usual list.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Counted => "",
            Self::Void => "void",
            Self::All => "all",
        }
    }

    /// The one with this name, or the usual list.
    #[must_use]
    pub fn from_code(code: &str) -> Self {
        Self::ALL.into_iter().find(|standing| standing.code() == code).unwrap_or_default()
    }
}

/// The fields by whose values the list can be narrowed, in the order of their table.
pub fn dimensions() -> impl Iterator<Item = Field> {
    Field::ALL.iter().copied().filter(|field| field.filters())
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
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct SaleLine {
    /// The sale's own columns.
    pub sale: StoredSale,
    /// The customer's name.
    pub customer_name: Option<String>,
    /// CPF or CNPJ without punctuation.
    pub customer_document: Option<String>,
    /// The product's name.
    pub product_name: String,
    /// The product's code.
    pub product_sku: Option<String>,
    /// The product's category.
    pub category: Option<String>,
    /// The file name of the import that the sale was first read from.
    pub import_name: Option<String>,
    /// The import that cancelled it, if it is void.
    pub cancelled_by: Option<i64>,
}

impl SaleLine {
    /// The value of a field; `None` if the sale has none, and for the fields that the list does not read.
    #[must_use]
    pub fn value(&self, field: Field) -> Option<Value<'_>> {
        match field {
            Field::Customer => self.customer_name.as_deref().map(Value::Text),
            Field::Document => self.customer_document.as_deref().map(Value::Text),
            Field::Product => Some(Value::Text(&self.product_name)),
            Field::Sku => self.product_sku.as_deref().map(Value::Text),
            Field::Category => self.category.as_deref().map(Value::Text),
            field => self.sale.value(field),
        }
    }

    /// The text of a field.
    #[must_use]
    pub fn text(&self, field: Field) -> Option<&str> {
        match self.value(field)? {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// How it was paid.
    #[must_use]
    pub fn payment(&self) -> Option<PaymentMethod> {
        match self.value(Field::PaymentMethod)? {
            Value::Payment(method) => Some(method),
            _ => None,
        }
    }

    /// How many.
    #[must_use]
    pub fn quantity(&self) -> TenThousandths {
        TenThousandths(self.sale.quantity)
    }

    /// The sum of the line.
    #[must_use]
    pub fn amount(&self) -> Cents {
        Cents(self.sale.amount)
    }
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
