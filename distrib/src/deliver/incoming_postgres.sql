-- The rows of one message. Kept from one message to the next on the same connection, emptied for each.
CREATE TEMP TABLE IF NOT EXISTS incoming_customers (
    identity TEXT PRIMARY KEY, name TEXT, search_name TEXT, document TEXT, document_kind TEXT, email TEXT, phone TEXT,
    import_id BIGINT
);
CREATE TEMP TABLE IF NOT EXISTS incoming_products (
    identity TEXT PRIMARY KEY, name TEXT, search_name TEXT, sku TEXT, category TEXT, import_id BIGINT
);
CREATE TEMP TABLE IF NOT EXISTS incoming_addresses (
    identity TEXT PRIMARY KEY, customer_identity TEXT,
    street TEXT, district TEXT, city TEXT, state TEXT, postal_code TEXT, country TEXT,
    import_id BIGINT
);
CREATE TEMP TABLE IF NOT EXISTS incoming_sales (
    n BIGINT PRIMARY KEY, sale_key BYTEA, fingerprint BYTEA, import_id BIGINT, sheet TEXT, "row" BIGINT,
    order_id TEXT, line TEXT, sold_at TIMESTAMP, sold_on DATE, month DATE, sold_time TEXT,
    customer_identity TEXT, address_identity TEXT, product_identity TEXT,
    quantity BIGINT, unit_price BIGINT, discount BIGINT, freight BIGINT, tax BIGINT, amount BIGINT, cost BIGINT,
    payment_method TEXT, status TEXT, seller TEXT, store TEXT, channel TEXT, notes TEXT,
    -- Found out below: the ids of the rows in the real tables, and what becomes of the sale
    customer_id BIGINT, address_id BIGINT, product_id BIGINT, sale_id BIGINT, outcome TEXT
);
DELETE FROM incoming_customers;
DELETE FROM incoming_products;
DELETE FROM incoming_addresses;
DELETE FROM incoming_sales;
