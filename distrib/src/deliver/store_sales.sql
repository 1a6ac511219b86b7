-- Normalizes the sales of one message, all rows at once. Runs unchanged on SQLite and PostgreSQL.
-- (WHERE TRUE keeps SQLite from reading ON CONFLICT as a join's ON.)

-- Master data: the newest value that is given wins, a blank never erases.
INSERT INTO customers (identity, name, search_name, document, document_kind, email, phone)
SELECT identity, name, search_name, document, document_kind, email, phone FROM incoming_customers WHERE TRUE
ON CONFLICT (identity) DO UPDATE SET
    name        = COALESCE(excluded.name, customers.name),
    search_name = CASE WHEN excluded.name IS NULL THEN customers.search_name ELSE excluded.search_name END,
    email       = COALESCE(excluded.email, customers.email),
    phone       = COALESCE(excluded.phone, customers.phone)
WHERE COALESCE(excluded.name, customers.name) IS DISTINCT FROM customers.name
   OR COALESCE(excluded.email, customers.email) IS DISTINCT FROM customers.email
   OR COALESCE(excluded.phone, customers.phone) IS DISTINCT FROM customers.phone;

INSERT INTO products (identity, name, search_name, sku, category)
SELECT identity, name, search_name, sku, category FROM incoming_products WHERE TRUE
ON CONFLICT (identity) DO UPDATE SET
    name        = excluded.name,
    search_name = excluded.search_name,
    category    = COALESCE(excluded.category, products.category)
WHERE excluded.name <> products.name
   OR COALESCE(excluded.category, products.category) IS DISTINCT FROM products.category;

INSERT INTO addresses (identity, customer_id, street, district, city, state, postal_code, country)
SELECT a.identity, c.id, a.street, a.district, a.city, a.state, a.postal_code, a.country
FROM incoming_addresses a LEFT JOIN customers c ON c.identity = a.customer_identity
WHERE TRUE
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
INSERT INTO daily_totals (sold_on, sales, quantity, amount)
SELECT sold_on, SUM(sign), SUM(sign * quantity), SUM(sign * amount) FROM (
    SELECT 1 AS sign, sold_on, quantity, amount FROM incoming_sales WHERE outcome <> 'duplicate'
    UNION ALL
    SELECT -1, s.sold_on, s.quantity, s.amount
    FROM sales s JOIN incoming_sales i ON i.sale_id = s.id WHERE i.outcome = 'updated'
) AS changes WHERE TRUE GROUP BY sold_on
ON CONFLICT (sold_on) DO UPDATE SET
    sales    = daily_totals.sales + excluded.sales,
    quantity = daily_totals.quantity + excluded.quantity,
    amount   = daily_totals.amount + excluded.amount;

INSERT INTO daily_payments (sold_on, payment_method, sales, amount)
SELECT sold_on, payment_method, SUM(sign), SUM(sign * amount) FROM (
    SELECT 1 AS sign, sold_on, COALESCE(payment_method, '') AS payment_method, amount
    FROM incoming_sales WHERE outcome <> 'duplicate'
    UNION ALL
    SELECT -1, s.sold_on, COALESCE(s.payment_method, ''), s.amount
    FROM sales s JOIN incoming_sales i ON i.sale_id = s.id WHERE i.outcome = 'updated'
) AS changes WHERE TRUE GROUP BY sold_on, payment_method
ON CONFLICT (sold_on, payment_method) DO UPDATE SET
    sales  = daily_payments.sales + excluded.sales,
    amount = daily_payments.amount + excluded.amount;

INSERT INTO monthly_products (month, product_id, sales, quantity, amount)
SELECT month, product_id, SUM(sign), SUM(sign * quantity), SUM(sign * amount) FROM (
    SELECT 1 AS sign, month, product_id, quantity, amount FROM incoming_sales WHERE outcome <> 'duplicate'
    UNION ALL
    SELECT -1, /* month of */ s.sold_on, s.product_id, s.quantity, s.amount
    FROM sales s JOIN incoming_sales i ON i.sale_id = s.id WHERE i.outcome = 'updated'
) AS changes WHERE TRUE GROUP BY month, product_id
ON CONFLICT (month, product_id) DO UPDATE SET
    sales    = monthly_products.sales + excluded.sales,
    quantity = monthly_products.quantity + excluded.quantity,
    amount   = monthly_products.amount + excluded.amount;

DELETE FROM daily_totals WHERE sales = 0 AND sold_on IN
    (SELECT s.sold_on FROM sales s JOIN incoming_sales i ON i.sale_id = s.id WHERE i.outcome = 'updated');
DELETE FROM daily_payments WHERE sales = 0 AND sold_on IN
    (SELECT s.sold_on FROM sales s JOIN incoming_sales i ON i.sale_id = s.id WHERE i.outcome = 'updated');
DELETE FROM monthly_products WHERE sales = 0 AND product_id IN
    (SELECT s.product_id FROM sales s JOIN incoming_sales i ON i.sale_id = s.id WHERE i.outcome = 'updated');

-- Each row of an import stays findable: a duplicate's place, and the place that an update takes the lineage from.
INSERT INTO sightings (kind, sale_id, import_id, sheet, row)
SELECT 'duplicate', sale_id, import_id, sheet, row FROM incoming_sales WHERE outcome = 'duplicate' ORDER BY n;
INSERT INTO sightings (kind, sale_id, import_id, sheet, row)
SELECT 'superseded', s.id, s.import_id, s.sheet, s.row
FROM sales s JOIN incoming_sales i ON i.sale_id = s.id WHERE i.outcome = 'updated' ORDER BY i.n;

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
