-- Adds the rows of rollup_changes (sign 1 for an added sale, -1 for a removed one) to the rollups and empties that table. Runs
-- unchanged on SQLite and PostgreSQL.
INSERT INTO daily_totals (sold_on, sales, quantity, amount)
SELECT sold_on, SUM(sign), SUM(sign * quantity), SUM(sign * amount) FROM rollup_changes WHERE TRUE GROUP BY sold_on ORDER BY sold_on
ON CONFLICT (sold_on) DO UPDATE SET
    sales    = daily_totals.sales + excluded.sales,
    quantity = daily_totals.quantity + excluded.quantity,
    amount   = daily_totals.amount + excluded.amount;

INSERT INTO daily_payments (sold_on, payment_method, sales, amount)
SELECT sold_on, payment_method, SUM(sign), SUM(sign * amount) FROM rollup_changes
WHERE TRUE GROUP BY sold_on, payment_method ORDER BY sold_on, payment_method
ON CONFLICT (sold_on, payment_method) DO UPDATE SET
    sales  = daily_payments.sales + excluded.sales,
    amount = daily_payments.amount + excluded.amount;

INSERT INTO monthly_products (month, product_id, sales, quantity, amount)
SELECT month, product_id, SUM(sign), SUM(sign * quantity), SUM(sign * amount) FROM rollup_changes
WHERE TRUE GROUP BY month, product_id ORDER BY month, product_id
ON CONFLICT (month, product_id) DO UPDATE SET
    sales    = monthly_products.sales + excluded.sales,
    quantity = monthly_products.quantity + excluded.quantity,
    amount   = monthly_products.amount + excluded.amount;

DELETE FROM daily_totals WHERE sales = 0 AND sold_on IN (SELECT sold_on FROM rollup_changes WHERE sign < 0);
DELETE FROM daily_payments WHERE sales = 0 AND sold_on IN (SELECT sold_on FROM rollup_changes WHERE sign < 0);
DELETE FROM monthly_products WHERE sales = 0 AND product_id IN (SELECT product_id FROM rollup_changes WHERE sign < 0);
DELETE FROM rollup_changes;
