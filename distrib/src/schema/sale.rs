//! The columns of a sale, each in one place: what its table calls it, what it holds, and where a message has it.
//!
//! The tables, the rows that are written and read, and the lists of columns in SQL all follow from here. A new column needs a line
//! of `sale_columns!` and a migration that adds it to `sales` and `superseded_sales`.

use caudal_contract::field::{Field, FieldKind};
use caudal_contract::message::{Sale, SoldTime, Value};
use caudal_contract::money::{Cents, TenThousandths};
use caudal_contract::payment::PaymentMethod;
use caudal_platform::database::{StoredDay, StoredInstant};
use caudal_platform::prepared_insert;
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use diesel::prelude::*;

use crate::deliver::References;

/// The list of the columns, given to the macro of this name: name, field, type in SQL, type as written, type as read, value.
#[macro_export]
macro_rules! sale_columns {
    ($take:ident) => {
        $take! { <'a> |sale, references|
            order_id [OrderId]: (Nullable<Text>), (Option<&'a str>), (Option<String>), sale.order_id.as_deref();
            line [Line]: (Nullable<Text>), (Option<&'a str>), (Option<String>), sale.line.as_deref();
            sold_at: (Timestamp), (StoredInstant), (NaiveDateTime), StoredInstant(sale.sold_at.naive_utc());
            sold_on: (Date), (StoredDay), (NaiveDate), StoredDay(sale.sold_on);
            sold_time: (Text), (&'static str), (String), sale.time.code();
            customer_id: (Nullable<BigInt>), (Option<i64>), (Option<i64>), references.customer_id;
            address_id: (Nullable<BigInt>), (Option<i64>), (Option<i64>), references.address_id;
            product_id: (BigInt), (i64), (i64), references.product_id;
            quantity [Quantity]: (BigInt), (i64), (i64), sale.quantity.0;
            unit_price [UnitPrice]: (Nullable<BigInt>), (Option<i64>), (Option<i64>), sale.unit_price.map(|price| price.0);
            discount [Discount]: (Nullable<BigInt>), (Option<i64>), (Option<i64>), sale.discount.map(|amount| amount.0);
            freight [Freight]: (Nullable<BigInt>), (Option<i64>), (Option<i64>), sale.freight.map(|amount| amount.0);
            tax [Tax]: (Nullable<BigInt>), (Option<i64>), (Option<i64>), sale.tax.map(|amount| amount.0);
            fee [Fee]: (Nullable<BigInt>), (Option<i64>), (Option<i64>), sale.fee.map(|amount| amount.0);
            cost [Cost]: (Nullable<BigInt>), (Option<i64>), (Option<i64>), sale.cost.map(|amount| amount.0);
            currency [Currency]: (Nullable<Text>), (Option<&'a str>), (Option<String>), sale.currency.as_deref();
            payment_method [PaymentMethod]: (Nullable<Text>), (Option<&'static str>), (Option<String>), sale.payment_method.map(PaymentMethod::code);
            status [Status]: (Nullable<Text>), (Option<&'a str>), (Option<String>), sale.status.as_deref();
            seller [Seller]: (Nullable<Text>), (Option<&'a str>), (Option<String>), sale.seller.as_deref();
            store [Store]: (Nullable<Text>), (Option<&'a str>), (Option<String>), sale.store.as_deref();
            channel [Channel]: (Nullable<Text>), (Option<&'a str>), (Option<String>), sale.channel.as_deref();
            notes [Notes]: (Nullable<Text>), (Option<&'a str>), (Option<String>), sale.notes.as_deref();
        }
    };
}

macro_rules! tables_and_rows {
    (<$a:lifetime> |$sale:ident, $references:ident| $($column:ident $([$field:ident])?: ($($sql:tt)+), ($($row:tt)+), ($($stored:tt)+), $value:expr;)+) => {
        diesel::table! {
            sales (id) {
                id -> BigInt,
                sale_key -> Binary,
                fingerprint -> Binary,
                import_id -> BigInt,
                sheet -> Text,
                row -> BigInt,
                $($column -> $($sql)+,)+
                amount -> BigInt,
            }
        }

        diesel::table! {
            updated_sales (sale_key) {
                sale_key -> Binary,
                fingerprint -> Binary,
                import_id -> BigInt,
                sheet -> Text,
                row -> BigInt,
                $($column -> $($sql)+,)+
                amount -> BigInt,
            }
        }

        /// A sale as it is written into its table.
        #[derive(Insertable)]
        #[diesel(table_name = sales, table_name = updated_sales, treat_none_as_default_value = false)]
        pub(crate) struct SaleRow<$a> {
            pub(crate) sale_key: &$a [u8],
            fingerprint: &$a [u8],
            import_id: i64,
            sheet: &$a str,
            row: i64,
            $($column: $($row)+,)+
            amount: i64,
        }

        prepared_insert! {
            SaleRow into sales: sale_key, fingerprint, import_id, sheet, row, $($column,)+ amount,
        }

        impl<$a> SaleRow<$a> {
            /// The row of a sale that an import brings.
            pub(crate) fn new(import_id: i64, $sale: &$a Sale, $references: References) -> Self {
                Self {
                    sale_key: &$sale.key.0,
                    fingerprint: &$sale.fingerprint.0,
                    import_id,
                    sheet: &$sale.sheet,
                    row: i64::from($sale.row),
                    $($column: $value,)+
                    amount: $sale.amount.0,
                }
            }
        }

        /// A sale as it is read from its table.
        #[derive(Debug, Clone, Default, PartialEq, Eq, Queryable, Selectable)]
        #[diesel(table_name = sales)]
        pub struct StoredSale {
            pub id: i64,
            pub import_id: i64,
            pub sheet: String,
            pub row: i64,
            $(pub $column: $($stored)+,)+
            pub amount: i64,
        }

        impl StoredSale {
            /// What the column of a field holds; `None` for a field that other tables keep, or several columns.
            fn column(&self, field: Field) -> Option<Stored<'_>> {
                match field {
                    $($(Field::$field => Some(Stored::from(&self.$column)),)?)+
                    _ => None,
                }
            }
        }

        /// The columns that an update replaces and an undo brings back. The amount is kept with the place of what was replaced.
        const VERSIONED: &[&str] = &[$(stringify!($column)),+];
    };
}

sale_columns!(tables_and_rows);

/// SQL with the columns of a sale written out, so that no statement has a list of its own: `/* sale columns */` becomes `order_id,
/// line, …`, `/* sale columns of s */` becomes `s.order_id, s.line, …`, and `/* sale columns from u */` becomes `order_id =
/// u.order_id, line = u.line, …`.
pub(crate) fn with_sale_columns(sql: &str) -> String {
    let list =
        |column: &dyn Fn(&str) -> String| VERSIONED.iter().map(|name| column(name)).collect::<Vec<_>>().join(", ");
    let mut parts = sql.split("/* sale columns");
    let mut written = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (which, rest) = part.split_once("*/").unwrap_or((part, ""));
        match which.trim().split_once(' ') {
            Some(("of", table)) => written += &list(&|name| format!("{table}.{name}")),
            Some((_, table)) => written += &list(&|name| format!("{name} = {table}.{name}")),
            None => written += &list(&str::to_owned),
        }
        written += rest;
    }
    written
}

/// What one column of a stored sale holds.
enum Stored<'a> {
    Text(&'a str),
    Number(i64),
    Missing,
}

impl<'a> From<&'a Option<String>> for Stored<'a> {
    fn from(value: &'a Option<String>) -> Self {
        value.as_deref().map_or(Self::Missing, Self::Text)
    }
}

impl From<&Option<i64>> for Stored<'_> {
    fn from(value: &Option<i64>) -> Self {
        value.map_or(Self::Missing, Self::Number)
    }
}

impl From<&i64> for Stored<'_> {
    fn from(value: &i64) -> Self {
        Self::Number(*value)
    }
}

impl StoredSale {
    /// When it was sold.
    #[must_use]
    pub fn sold_at(&self) -> DateTime<Utc> {
        self.sold_at.and_utc()
    }

    /// How much of the moment was given. A code of another program counts as a day, so that no hour is made up.
    #[must_use]
    pub fn time(&self) -> SoldTime {
        SoldTime::from_code(&self.sold_time).unwrap_or(SoldTime::DayOnly)
    }

    /// The value of a field; `None` if it has none, or if the field belongs to the customer, the address or the product, which have
    /// tables of their own.
    #[must_use]
    pub fn value(&self, field: Field) -> Option<Value<'_>> {
        match (field, self.column(field)) {
            (Field::Date | Field::Time, _) => {
                Some(Value::Moment { at: self.sold_at(), on: self.sold_on, time: self.time() })
            }
            (Field::Total, _) => Some(Value::Money(Cents(self.amount))),
            (Field::PaymentMethod, Some(Stored::Text(code))) => PaymentMethod::from_code(code).map(Value::Payment),
            (_, Some(Stored::Text(text))) => Some(Value::Text(text)),
            (field, Some(Stored::Number(number))) => match field.kind() {
                FieldKind::Money => Some(Value::Money(Cents(number))),
                FieldKind::Price => Some(Value::Price(TenThousandths(number))),
                _ => Some(Value::Number(TenThousandths(number))),
            },
            (_, Some(Stored::Missing) | None) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_columns_are_written_out() {
        assert_eq!(with_sale_columns("SELECT 1"), "SELECT 1");
        let sql = with_sale_columns("INSERT INTO x (/* sale columns */) SELECT /* sale columns of s */ FROM s");
        assert!(sql.starts_with("INSERT INTO x (order_id, line, sold_at, "), "{sql}");
        assert!(sql.ends_with("s.channel, s.notes FROM s"), "{sql}");
        let sql = with_sale_columns("UPDATE sales SET a = 1, /* sale columns from u */ FROM u");
        assert!(sql.contains("a = 1, order_id = u.order_id, line = u.line, "), "{sql}");
    }
}
