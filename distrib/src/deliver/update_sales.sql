-- Replaces sales by newer rows (updated_sales, by key) for a whole message at once. Runs unchanged on SQLite and PostgreSQL. The
-- place and the content of the replaced version stay in sightings and superseded_sales, because an undo needs them.
INSERT INTO sightings (kind, sale_id, import_id, sheet, row, fingerprint, amount)
SELECT 'superseded', s.id, s.import_id, s.sheet, s.row, s.fingerprint, s.amount
FROM sales s JOIN updated_sales u ON u.sale_key = s.sale_key ORDER BY s.id;

INSERT INTO superseded_sales (sighting_id, /* sale columns */)
SELECT (SELECT MAX(g.id) FROM sightings g WHERE g.sale_id = s.id AND g.kind = 'superseded'), /* sale columns of s */
FROM sales s JOIN updated_sales u ON u.sale_key = s.sale_key;

UPDATE sales SET
    fingerprint = u.fingerprint, import_id = u.import_id, sheet = u.sheet, row = u.row, amount = u.amount,
    /* sale columns from u */
FROM updated_sales u WHERE u.sale_key = sales.sale_key;
