-- Brings customers, products and addresses up to date for a whole message at once. The rows are new or may have changed values.
-- Runs unchanged on SQLite and PostgreSQL. (WHERE TRUE is needed because SQLite would read ON CONFLICT as the ON of a join.)

-- Each changed value is recorded, so that an undo can restore the earlier one. An equal value is recorded too if another import
-- made the last change, because then both imports confirm it.
INSERT INTO value_changes (import_id, kind, row_id, field, old_value, new_value)
SELECT g.import_id, g.kind, g.row_id, g.field, g.old_value, g.new_value FROM (
    SELECT i.import_id, 'customers' AS kind, c.id AS row_id, 'name' AS field, c.name AS old_value, i.name AS new_value
    FROM incoming_customers i JOIN customers c ON c.identity = i.identity WHERE i.name IS NOT NULL
    UNION ALL
    SELECT i.import_id, 'customers', c.id, 'search_name', c.search_name, i.search_name
    FROM incoming_customers i JOIN customers c ON c.identity = i.identity WHERE i.name IS NOT NULL
    UNION ALL
    SELECT i.import_id, 'customers', c.id, 'email', c.email, i.email
    FROM incoming_customers i JOIN customers c ON c.identity = i.identity WHERE i.email IS NOT NULL
    UNION ALL
    SELECT i.import_id, 'customers', c.id, 'phone', c.phone, i.phone
    FROM incoming_customers i JOIN customers c ON c.identity = i.identity WHERE i.phone IS NOT NULL
    UNION ALL
    SELECT i.import_id, 'products', p.id, 'name', p.name, i.name
    FROM incoming_products i JOIN products p ON p.identity = i.identity
    UNION ALL
    SELECT i.import_id, 'products', p.id, 'search_name', p.search_name, i.search_name
    FROM incoming_products i JOIN products p ON p.identity = i.identity
    UNION ALL
    SELECT i.import_id, 'products', p.id, 'category', p.category, i.category
    FROM incoming_products i JOIN products p ON p.identity = i.identity WHERE i.category IS NOT NULL
) AS g
WHERE g.old_value IS DISTINCT FROM g.new_value
   OR g.import_id <> (SELECT v.import_id FROM value_changes v
                      WHERE v.kind = g.kind AND v.row_id = g.row_id AND v.field = g.field ORDER BY v.id DESC LIMIT 1);

-- Master data: the newest value wins, and a blank never erases a value. The rows are written in the order of their keys, because
-- then two workers that write the same rows wait for each other and never deadlock.
INSERT INTO customers (identity, name, search_name, document, document_kind, email, phone, import_id)
SELECT identity, name, search_name, document, document_kind, email, phone, import_id FROM incoming_customers WHERE TRUE ORDER BY identity
ON CONFLICT (identity) DO UPDATE SET
    name        = COALESCE(excluded.name, customers.name),
    search_name = CASE WHEN excluded.name IS NULL THEN customers.search_name ELSE excluded.search_name END,
    email       = COALESCE(excluded.email, customers.email),
    phone       = COALESCE(excluded.phone, customers.phone)
WHERE COALESCE(excluded.name, customers.name) IS DISTINCT FROM customers.name
   OR COALESCE(excluded.email, customers.email) IS DISTINCT FROM customers.email
   OR COALESCE(excluded.phone, customers.phone) IS DISTINCT FROM customers.phone;

INSERT INTO products (identity, name, search_name, sku, category, import_id)
SELECT identity, name, search_name, sku, category, import_id FROM incoming_products WHERE TRUE ORDER BY identity
ON CONFLICT (identity) DO UPDATE SET
    name        = excluded.name,
    search_name = excluded.search_name,
    category    = COALESCE(excluded.category, products.category)
WHERE excluded.name <> products.name
   OR COALESCE(excluded.category, products.category) IS DISTINCT FROM products.category;

INSERT INTO addresses (identity, customer_id, street, district, city, state, postal_code, country, import_id)
SELECT a.identity, c.id, a.street, a.district, a.city, a.state, a.postal_code, a.country, a.import_id
FROM incoming_addresses a LEFT JOIN customers c ON c.identity = a.customer_identity
WHERE TRUE ORDER BY a.identity
ON CONFLICT (identity) DO NOTHING;
