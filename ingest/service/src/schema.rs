//! The tables of the ingest database, as `migrations/` creates them.

diesel::table! {
    imports (id) {
        id -> Text,
        source -> Text,
        origin -> Text,
        name -> Text,
        sha256 -> Text,
        received_at -> Timestamp,
        outcome -> Text,
        outcome_detail -> Text,
        file_as -> Nullable<Text>,
        filed -> Bool,
        rows_read -> BigInt,
        rows_ignored -> BigInt,
        rows_accepted -> BigInt,
        rows_rejected -> BigInt,
        amount_accepted -> BigInt,
        quantity_accepted -> BigInt,
        first_day -> Nullable<Date>,
        last_day -> Nullable<Date>,
        sheets -> Text,
        remarks -> Text,
        messages -> BigInt,
        messages_settled -> BigInt,
        messages_dead -> BigInt,
        stored -> BigInt,
        updated -> BigInt,
        duplicate -> BigInt,
        rejected -> BigInt,
        layouts -> Text,
    }
}

diesel::table! {
    outbox (id) {
        id -> BigInt,
        message_id -> Text,
        import_id -> Text,
        payload -> Binary,
        published_at -> Nullable<Timestamp>,
        publishes -> BigInt,
        dead -> Bool,
    }
}

diesel::table! {
    order_spaces (id) {
        id -> BigInt,
        source -> Text,
        import_id -> Text,
    }
}

diesel::table! {
    order_lines (id) {
        id -> BigInt,
        space_id -> BigInt,
        order_id -> Text,
        line -> Text,
        sale_key -> Binary,
        fingerprint -> Binary,
        sold_on -> Date,
        product -> Text,
        customer -> Text,
        import_id -> Text,
        replaced_by -> Nullable<Text>,
    }
}

diesel::table! {
    cancellations (id) {
        id -> BigInt,
        space_id -> BigInt,
        order_id -> Text,
        line -> Text,
        product -> Text,
        occurrence -> BigInt,
        alone -> Bool,
        import_id -> Text,
        sheet -> Text,
        row -> BigInt,
    }
}

diesel::table! {
    mended_rows (import_id, sheet, row) {
        import_id -> Text,
        sheet -> Text,
        row -> BigInt,
        cells -> Text,
        outcome -> Text,
    }
}

diesel::table! {
    layouts (fingerprint) {
        fingerprint -> Text,
        decision -> Text,
        decided_by -> Text,
        decided_at -> Timestamp,
        resumed -> Bool,
    }
}
