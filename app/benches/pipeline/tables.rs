//! The tables that an import fills in the distrib database, and their rows held in memory.

use std::io::{Read as _, Write};

use chrono::{NaiveDate, NaiveDateTime};
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;

diesel::table! {
    imports (id) {
        id -> BigInt,
        uuid -> Text,
        source -> Text,
        first_seen_at -> Timestamp,
    }
}

diesel::table! {
    customers (id) {
        id -> BigInt,
        identity -> Text,
        name -> Nullable<Text>,
        search_name -> Text,
        document -> Nullable<Text>,
        document_kind -> Nullable<Text>,
        email -> Nullable<Text>,
        phone -> Nullable<Text>,
        import_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    products (id) {
        id -> BigInt,
        identity -> Text,
        name -> Text,
        search_name -> Text,
        sku -> Nullable<Text>,
        category -> Nullable<Text>,
        import_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    addresses (id) {
        id -> BigInt,
        customer_id -> Nullable<BigInt>,
        identity -> Text,
        street -> Nullable<Text>,
        district -> Nullable<Text>,
        city -> Nullable<Text>,
        state -> Nullable<Text>,
        postal_code -> Nullable<Text>,
        country -> Nullable<Text>,
        import_id -> Nullable<BigInt>,
    }
}

/// The table of sales and its row, with the columns that the schema of distrib lists.
macro_rules! sales_and_row {
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

        #[derive(Queryable, Insertable)]
        #[diesel(table_name = sales, treat_none_as_default_value = false)]
        struct SaleRow {
            id: i64,
            sale_key: Vec<u8>,
            fingerprint: Vec<u8>,
            import_id: i64,
            sheet: String,
            row: i64,
            $($column: $($stored)+,)+
            amount: i64,
        }
    };
}

caudal_distrib::sale_columns!(sales_and_row);

diesel::table! {
    daily_totals (sold_on) {
        sold_on -> Date,
        sales -> BigInt,
        quantity -> BigInt,
        amount -> BigInt,
    }
}

diesel::table! {
    daily_payments (sold_on, payment_method) {
        sold_on -> Date,
        payment_method -> Text,
        sales -> BigInt,
        amount -> BigInt,
    }
}

diesel::table! {
    monthly_products (month, product_id) {
        month -> Date,
        product_id -> BigInt,
        sales -> BigInt,
        quantity -> BigInt,
        amount -> BigInt,
    }
}

/// The number of bytes that the client library is given at once.
const PIECE: usize = 1 << 16;

/// A row as SQLite gives and takes it.
macro_rules! row {
    ($table:ident $row:ident { $($column:ident: $value:ty,)* }) => {
        #[derive(Queryable, Insertable)]
        #[diesel(table_name = $table, treat_none_as_default_value = false)]
        struct $row { $($column: $value,)* }
    };
}

macro_rules! rows {
    ($($table:ident $row:ident,)*) => {
        /// The rows of SQLite tables, each table after the tables that it refers to.
        pub struct Rows { $($table: Vec<$row>,)* }

        impl Rows {
            pub fn of(connection: &mut SqliteConnection) -> QueryResult<Self> {
                Ok(Self { $($table: $table::table.load(connection)?,)* })
            }

            /// Inserts the rows one by one, with one prepared statement for each table.
            pub fn insert(&self, connection: &mut SqliteConnection) -> QueryResult<()> {
                $(for row in &self.$table {
                    diesel::insert_into($table::table).values(row).execute(connection)?;
                })*
                Ok(())
            }
        }

        /// The rows of PostgreSQL tables as COPY gives and takes them, each table after the tables that it refers to.
        pub struct Copies { $($table: Vec<u8>,)* }

        impl Copies {
            pub fn of(url: &str) -> Result<Self, crate::Failed> {
                $(
                    // A new connection for each table, because Diesel leaves it within the COPY after reading the end.
                    let mut connection = PgConnection::establish(url)?;
                    let mut $table = Vec::new();
                    diesel::copy_to($table::table).load_raw(&mut connection)?.read_to_end(&mut $table)?;
                )*
                Ok(Self { $($table,)* })
            }

            /// Inserts the rows with one COPY for each table.
            pub fn insert(&self, connection: &mut PgConnection) -> QueryResult<()> {
                $(
                    let send = |copy: &mut dyn Write| {
                        let sent = self.$table.chunks(PIECE).try_for_each(|piece| copy.write_all(piece));
                        sent.map_err(|error| diesel::result::Error::SerializationError(error.into()))
                    };
                    diesel::copy_from($table::table).from_raw_data($table::table, send).execute(connection)?;
                )*
                Ok(())
            }
        }
    };
}

row! {
    imports ImportRow {
        id: i64,
        uuid: String,
        source: String,
        first_seen_at: NaiveDateTime,
    }
}

row! {
    customers CustomerRow {
        id: i64,
        identity: String,
        name: Option<String>,
        search_name: String,
        document: Option<String>,
        document_kind: Option<String>,
        email: Option<String>,
        phone: Option<String>,
        import_id: Option<i64>,
    }
}

row! {
    products ProductRow {
        id: i64,
        identity: String,
        name: String,
        search_name: String,
        sku: Option<String>,
        category: Option<String>,
        import_id: Option<i64>,
    }
}

row! {
    addresses AddressRow {
        id: i64,
        customer_id: Option<i64>,
        identity: String,
        street: Option<String>,
        district: Option<String>,
        city: Option<String>,
        state: Option<String>,
        postal_code: Option<String>,
        country: Option<String>,
        import_id: Option<i64>,
    }
}

row! {
    daily_totals DayRow {
        sold_on: NaiveDate,
        sales: i64,
        quantity: i64,
        amount: i64,
    }
}

row! {
    daily_payments PaymentRow {
        sold_on: NaiveDate,
        payment_method: String,
        sales: i64,
        amount: i64,
    }
}

row! {
    monthly_products ProductMonthRow {
        month: NaiveDate,
        product_id: i64,
        sales: i64,
        quantity: i64,
        amount: i64,
    }
}

// Each table after the tables that it refers to.
rows! {
    imports ImportRow,
    customers CustomerRow,
    products ProductRow,
    addresses AddressRow,
    sales SaleRow,
    daily_totals DayRow,
    daily_payments PaymentRow,
    monthly_products ProductMonthRow,
}
