//! The tables of the distrib database, as `migrations/` makes them.

mod sale;
mod sighting;

pub use sale::StoredSale;
pub(crate) use sale::{SaleRow, sales, updated_sales, with_sale_columns};
pub(crate) use sighting::SightingKind;

diesel::table! {
    imports (id) {
        id -> BigInt,
        uuid -> Text,
        source -> Text,
        first_seen_at -> Timestamp,
        origin -> Nullable<Text>,
        name -> Nullable<Text>,
        sha256 -> Nullable<Text>,
        received_at -> Nullable<Timestamp>,
        rows_read -> Nullable<BigInt>,
        rows_ignored -> Nullable<BigInt>,
        rows_accepted -> Nullable<BigInt>,
        rows_rejected -> Nullable<BigInt>,
        amount_read -> Nullable<BigInt>,
        amount_ignored -> Nullable<BigInt>,
        quantity_accepted -> Nullable<BigInt>,
        outcome -> Nullable<Text>,
        sheets -> Nullable<Text>,
        remarks -> Nullable<Text>,
        undone_at -> Nullable<Timestamp>,
        undone_by -> Nullable<Text>,
        undo_effects -> Nullable<Text>,
        ignored -> Nullable<Text>,
        warnings -> Nullable<Text>,
    }
}

diesel::table! {
    deliveries (message_id) {
        message_id -> Text,
        import_id -> BigInt,
        delivered_at -> Timestamp,
        stored -> BigInt,
        updated -> BigInt,
        duplicate -> BigInt,
        rejected -> BigInt,
        amount_stored -> BigInt,
        amount_updated -> BigInt,
        amount_duplicate -> BigInt,
        amount_rejected -> BigInt,
        kind -> Text,
        acted_by -> Nullable<Text>,
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
    }
}

diesel::table! {
    sightings (id) {
        id -> BigInt,
        kind -> Text,
        sale_id -> BigInt,
        import_id -> BigInt,
        sheet -> Text,
        row -> BigInt,
        fingerprint -> Nullable<Binary>,
        amount -> Nullable<BigInt>,
    }
}

diesel::table! {
    cancellations (id) {
        id -> BigInt,
        sale_key -> Binary,
        import_id -> BigInt,
        sheet -> Text,
        row -> BigInt,
        own_before -> BigInt,
    }
}

diesel::table! {
    void_sales (sale_id) {
        sale_id -> BigInt,
        cancellation_id -> BigInt,
    }
}

diesel::table! {
    value_changes (id) {
        id -> BigInt,
        import_id -> BigInt,
        kind -> Text,
        row_id -> BigInt,
        field -> Text,
        old_value -> Nullable<Text>,
        new_value -> Nullable<Text>,
    }
}

diesel::table! {
    rejected_rows (id) {
        id -> BigInt,
        import_id -> BigInt,
        sheet -> Text,
        row -> BigInt,
        amount -> BigInt,
        reasons -> Text,
        cells -> Text,
    }
}

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

diesel::table! {
    failed_messages (id) {
        id -> BigInt,
        message_id -> Text,
        payload -> Binary,
        attempts -> BigInt,
        reason -> Text,
        first_failed_at -> Timestamp,
        last_failed_at -> Timestamp,
        next_attempt_at -> Nullable<Timestamp>,
        import_uuid -> Nullable<Text>,
        part_of -> Nullable<Text>,
        discarded_by -> Nullable<Text>,
        reason_code -> Nullable<Text>,
    }
}

diesel::table! {
    users (id) {
        id -> BigInt,
        name -> Text,
        password_hash -> Text,
        role -> Text,
        created_at -> Timestamp,
        failed_logins -> BigInt,
        wait_until -> Nullable<Timestamp>,
    }
}

diesel::table! {
    sessions (token_hash) {
        token_hash -> Text,
        user_id -> BigInt,
        created_at -> Timestamp,
        last_seen_at -> Timestamp,
    }
}

diesel::joinable!(deliveries -> imports (import_id));
diesel::joinable!(addresses -> customers (customer_id));
diesel::joinable!(sales -> imports (import_id));
diesel::joinable!(sales -> customers (customer_id));
diesel::joinable!(sales -> addresses (address_id));
diesel::joinable!(sales -> products (product_id));
diesel::joinable!(sightings -> sales (sale_id));
diesel::joinable!(cancellations -> imports (import_id));
diesel::joinable!(void_sales -> sales (sale_id));
diesel::joinable!(void_sales -> cancellations (cancellation_id));
diesel::joinable!(rejected_rows -> imports (import_id));
diesel::joinable!(monthly_products -> products (product_id));
diesel::joinable!(sessions -> users (user_id));

diesel::allow_tables_to_appear_in_same_query!(
    imports,
    deliveries,
    customers,
    addresses,
    products,
    sales,
    sightings,
    cancellations,
    void_sales,
    value_changes,
    rejected_rows,
    daily_totals,
    daily_payments,
    monthly_products,
    failed_messages,
    users,
    sessions,
);
