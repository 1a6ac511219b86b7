-- Customers, products and addresses of one message that are new or may change. The tables stay on the connection from one message
-- to the next and are emptied for each.
CREATE TEMP TABLE IF NOT EXISTS incoming_customers (
    identity TEXT, name TEXT, search_name TEXT, document TEXT, document_kind TEXT, email TEXT, phone TEXT, import_id BIGINT
) /* emptied by the commit */;
CREATE TEMP TABLE IF NOT EXISTS incoming_products (
    identity TEXT, name TEXT, search_name TEXT, sku TEXT, category TEXT, import_id BIGINT
) /* emptied by the commit */;
CREATE TEMP TABLE IF NOT EXISTS incoming_addresses (
    identity TEXT, customer_identity TEXT, street TEXT, district TEXT, city TEXT, state TEXT, postal_code TEXT,
    country TEXT, import_id BIGINT
) /* emptied by the commit */;
DELETE FROM incoming_customers;
DELETE FROM incoming_products;
DELETE FROM incoming_addresses;
