-- Deletes the customers, products and addresses that the import created and no other data names. Those that other data names move
-- to the oldest import that names them. Only this script protects the customers and addresses of sales, because sales have no
-- foreign keys to them (decision 23). Therefore it deletes a row only if no sale names it.
DELETE FROM addresses WHERE import_id = (SELECT import_id FROM undoing)
    AND NOT EXISTS (SELECT 1 FROM sales s
                    WHERE /* in months */ AND s.address_id = addresses.id)
    AND NOT EXISTS (SELECT 1 FROM superseded_sales c WHERE c.address_id = addresses.id);
UPDATE undo_counts SET
    customers_removed = (SELECT COUNT(*) FROM customers WHERE import_id = (SELECT import_id FROM undoing)),
    products_removed  = (SELECT COUNT(*) FROM products WHERE import_id = (SELECT import_id FROM undoing));
DELETE FROM customers WHERE import_id = (SELECT import_id FROM undoing)
    AND NOT EXISTS (SELECT 1 FROM sales s
                    WHERE /* in months */ AND s.customer_id = customers.id)
    AND NOT EXISTS (SELECT 1 FROM superseded_sales c WHERE c.customer_id = customers.id)
    AND NOT EXISTS (SELECT 1 FROM addresses a WHERE a.customer_id = customers.id);
DELETE FROM products WHERE import_id = (SELECT import_id FROM undoing)
    AND NOT EXISTS (SELECT 1 FROM sales s WHERE s.product_id = products.id)
    AND NOT EXISTS (SELECT 1 FROM superseded_sales c WHERE c.product_id = products.id);
UPDATE undo_counts SET
    customers_removed = customers_removed
        - (SELECT COUNT(*) FROM customers WHERE import_id = (SELECT import_id FROM undoing)),
    products_removed  = products_removed
        - (SELECT COUNT(*) FROM products WHERE import_id = (SELECT import_id FROM undoing)),
    still_named = (SELECT COUNT(*) FROM customers WHERE import_id = (SELECT import_id FROM undoing))
        + (SELECT COUNT(*) FROM products WHERE import_id = (SELECT import_id FROM undoing));
DELETE FROM value_changes WHERE kind = 'customers' AND row_id NOT IN (SELECT id FROM customers);
DELETE FROM value_changes WHERE kind = 'products' AND row_id NOT IN (SELECT id FROM products);

UPDATE addresses SET import_id = COALESCE(
    (SELECT MIN(s.import_id) FROM sales s
     WHERE /* in months */ AND s.address_id = addresses.id),
    (SELECT MIN(g.import_id) FROM superseded_sales c JOIN sightings g ON g.id = c.sighting_id
     WHERE c.address_id = addresses.id))
WHERE import_id = (SELECT import_id FROM undoing);
UPDATE customers SET import_id = COALESCE(
    (SELECT MIN(s.import_id) FROM sales s
     WHERE /* in months */ AND s.customer_id = customers.id),
    (SELECT MIN(g.import_id) FROM superseded_sales c JOIN sightings g ON g.id = c.sighting_id
     WHERE c.customer_id = customers.id),
    (SELECT MIN(a.import_id) FROM addresses a WHERE a.customer_id = customers.id))
WHERE import_id = (SELECT import_id FROM undoing);
UPDATE products SET import_id = COALESCE(
    (SELECT MIN(s.import_id) FROM sales s WHERE s.product_id = products.id),
    (SELECT MIN(g.import_id) FROM superseded_sales c JOIN sightings g ON g.id = c.sighting_id
     WHERE c.product_id = products.id))
WHERE import_id = (SELECT import_id FROM undoing);
