-- Normalizes the sales of one message, all rows at once. Runs unchanged on SQLite and PostgreSQL.
-- (WHERE TRUE keeps SQLite from reading ON CONFLICT as a join's ON.)

-- Each value that changes is noted, so that an undo finds the one before. A value that only agrees is noted where another
-- import had changed it: then both stand for it.
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

-- Master data: the newest value that is given wins, a blank never erases. In the order of their keys, so that two workers
-- that meet at the same rows wait for each other instead of for ever.
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

UPDATE incoming_sales SET
    customer_id = (SELECT id FROM customers WHERE identity = customer_identity),
    address_id  = (SELECT id FROM addresses WHERE identity = address_identity),
    product_id  = (SELECT id FROM products WHERE identity = product_identity),
    sale_id     = (SELECT s.id FROM sales s WHERE s.sale_key = incoming_sales.sale_key);

UPDATE incoming_sales SET outcome = CASE
    WHEN sale_id IS NULL THEN 'stored'
    WHEN fingerprint = (SELECT s.fingerprint FROM sales s WHERE s.id = incoming_sales.sale_id) THEN 'duplicate'
    ELSE 'updated' END;

-- Rollups take what is new and give back what an update replaces, while the old values still stand.
INSERT INTO rollup_changes (sign, sold_on, month, payment_method, product_id, quantity, amount)
SELECT 1, sold_on, month, COALESCE(payment_method, ''), product_id, quantity, amount
FROM incoming_sales WHERE outcome <> 'duplicate'
UNION ALL
SELECT -1, /* rollup columns */, s.amount
FROM sales s JOIN incoming_sales i ON i.sale_id = s.id WHERE i.outcome = 'updated';
/* rollups */
-- Each row of an import stays findable: a duplicate's place, and the place and content that an update replaces.
INSERT INTO sightings (kind, sale_id, import_id, sheet, row, fingerprint, amount)
SELECT 'duplicate', sale_id, import_id, sheet, row, fingerprint, amount
FROM incoming_sales WHERE outcome = 'duplicate' ORDER BY n;
INSERT INTO sightings (kind, sale_id, import_id, sheet, row, fingerprint, amount)
SELECT 'superseded', s.id, s.import_id, s.sheet, s.row, s.fingerprint, s.amount
FROM sales s JOIN incoming_sales i ON i.sale_id = s.id WHERE i.outcome = 'updated' ORDER BY i.n;
INSERT INTO superseded_sales (
    sighting_id, order_id, line, sold_at, sold_on, sold_time, customer_id, address_id, product_id, quantity, unit_price,
    discount, freight, tax, cost, payment_method, status, seller, store, channel, notes)
SELECT
    (SELECT MAX(g.id) FROM sightings g WHERE g.sale_id = s.id AND g.kind = 'superseded'), s.order_id, s.line, s.sold_at,
    s.sold_on, s.sold_time, s.customer_id, s.address_id, s.product_id, s.quantity, s.unit_price, s.discount, s.freight,
    s.tax, s.cost, s.payment_method, s.status, s.seller, s.store, s.channel, s.notes
FROM sales s JOIN incoming_sales i ON i.sale_id = s.id WHERE i.outcome = 'updated';

UPDATE sales SET
    fingerprint = i.fingerprint, import_id = i.import_id, sheet = i.sheet, row = i.row, order_id = i.order_id,
    line = i.line, sold_at = i.sold_at, sold_on = i.sold_on, sold_time = i.sold_time, customer_id = i.customer_id,
    address_id = i.address_id, product_id = i.product_id, quantity = i.quantity, unit_price = i.unit_price,
    discount = i.discount, freight = i.freight, tax = i.tax, amount = i.amount, cost = i.cost,
    payment_method = i.payment_method, status = i.status, seller = i.seller, store = i.store, channel = i.channel,
    notes = i.notes
FROM incoming_sales i WHERE i.sale_id = sales.id AND i.outcome = 'updated';

INSERT INTO sales (
    sale_key, fingerprint, import_id, sheet, row, order_id, line, sold_at, sold_on, sold_time, customer_id, address_id,
    product_id, quantity, unit_price, discount, freight, tax, amount, cost, payment_method, status, seller, store,
    channel, notes)
SELECT
    sale_key, fingerprint, import_id, sheet, row, order_id, line, sold_at, sold_on, sold_time, customer_id, address_id,
    product_id, quantity, unit_price, discount, freight, tax, amount, cost, payment_method, status, seller, store,
    channel, notes
FROM incoming_sales WHERE outcome = 'stored' ORDER BY n;
