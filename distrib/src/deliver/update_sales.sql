-- Replaces sales by newer rows (updated_sales, by key) for a whole message at once. Runs unchanged on SQLite and PostgreSQL. The
-- place and the content of the replaced version stay in sightings and superseded_sales, because an undo needs them.
INSERT INTO sightings (kind, sale_id, import_id, sheet, row, fingerprint, amount)
SELECT 'superseded', s.id, s.import_id, s.sheet, s.row, s.fingerprint, s.amount
FROM sales s JOIN updated_sales u ON u.sale_key = s.sale_key ORDER BY s.id;

INSERT INTO superseded_sales (
    sighting_id, order_id, line, sold_at, sold_on, sold_time, customer_id, address_id, product_id, quantity, unit_price,
    discount, freight, tax, cost, payment_method, status, seller, store, channel, notes)
SELECT
    (SELECT MAX(g.id) FROM sightings g WHERE g.sale_id = s.id AND g.kind = 'superseded'), s.order_id, s.line, s.sold_at,
    s.sold_on, s.sold_time, s.customer_id, s.address_id, s.product_id, s.quantity, s.unit_price, s.discount, s.freight,
    s.tax, s.cost, s.payment_method, s.status, s.seller, s.store, s.channel, s.notes
FROM sales s JOIN updated_sales u ON u.sale_key = s.sale_key;

UPDATE sales SET
    fingerprint = u.fingerprint, import_id = u.import_id, sheet = u.sheet, row = u.row, order_id = u.order_id,
    line = u.line, sold_at = u.sold_at, sold_on = u.sold_on, sold_time = u.sold_time, customer_id = u.customer_id,
    address_id = u.address_id, product_id = u.product_id, quantity = u.quantity, unit_price = u.unit_price,
    discount = u.discount, freight = u.freight, tax = u.tax, amount = u.amount, cost = u.cost,
    payment_method = u.payment_method, status = u.status, seller = u.seller, store = u.store, channel = u.channel,
    notes = u.notes
FROM updated_sales u WHERE u.sale_key = sales.sale_key;
