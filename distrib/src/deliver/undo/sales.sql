-- Removes the effects of one import (the one in undoing) on sales, all rows at once. Runs unchanged on SQLite and PostgreSQL.
--
-- A sale has versions: those that updates replaced (sightings of kind superseded, oldest first), and the current one. A version
-- is carried by the row that it was read from and by every duplicate with the same content. Because the rows of the import no
-- longer carry anything, a version moves to another row if one carries it, and is deleted otherwise. If the current version is
-- deleted, the newest remaining version replaces it. A sale without versions is removed.

-- The import's own duplicates carry no version of their own.
UPDATE undo_counts SET duplicates_forgotten = (
    SELECT COUNT(*) FROM sightings WHERE kind = 'duplicate' AND import_id = (SELECT import_id FROM undoing));
DELETE FROM sightings WHERE kind = 'duplicate' AND import_id = (SELECT import_id FROM undoing);

-- Replaced versions move to another row with the same content, or are deleted if there is none.
INSERT INTO undo_moves (version_id, duplicate_id)
SELECT s.id, CASE WHEN s.id = (
    SELECT MAX(same.id) FROM sightings same
    WHERE same.sale_id = s.sale_id AND same.kind = s.kind AND same.import_id = s.import_id
      AND same.fingerprint = s.fingerprint) THEN MIN(d.id) END
FROM sightings s LEFT JOIN sightings d
  ON d.sale_id = s.sale_id AND d.kind = 'duplicate' AND d.fingerprint = s.fingerprint
WHERE s.kind = 'superseded' AND s.import_id = (SELECT import_id FROM undoing)
GROUP BY s.id, s.sale_id, s.kind, s.import_id, s.fingerprint;
UPDATE sightings SET import_id = d.import_id, sheet = d.sheet, row = d.row
FROM undo_moves m JOIN sightings d ON d.id = m.duplicate_id WHERE m.version_id = sightings.id;
DELETE FROM superseded_sales WHERE sighting_id IN (SELECT version_id FROM undo_moves WHERE duplicate_id IS NULL);
DELETE FROM sightings WHERE id IN (SELECT version_id FROM undo_moves WHERE duplicate_id IS NULL);
DELETE FROM sightings WHERE id IN (SELECT duplicate_id FROM undo_moves);

-- The current version moves to another row. If there is none, an older version is restored. If there is none either, the sale
-- goes.
UPDATE undo_sales SET outcome = 'moved', sighting_id = (
    SELECT MIN(d.id) FROM sightings d JOIN sales s ON s.id = d.sale_id
    WHERE d.sale_id = undo_sales.sale_id AND d.kind = 'duplicate' AND COALESCE(d.fingerprint, s.fingerprint) = s.fingerprint)
WHERE sale_id IN (SELECT id FROM sales WHERE import_id = (SELECT import_id FROM undoing));
UPDATE undo_sales SET outcome = 'restored', sighting_id = (
    SELECT MAX(g.id) FROM sightings g JOIN superseded_sales c ON c.sighting_id = g.id WHERE g.sale_id = undo_sales.sale_id)
WHERE outcome = 'moved' AND sighting_id IS NULL;
UPDATE undo_sales SET outcome = 'removed' WHERE outcome = 'restored' AND sighting_id IS NULL;

UPDATE undo_counts SET
    sales_removed   = (SELECT COUNT(*) FROM undo_sales WHERE outcome = 'removed'),
    sales_restored  = (SELECT COUNT(*) FROM undo_sales WHERE outcome = 'restored'),
    sales_moved     = (SELECT COUNT(*) FROM undo_sales WHERE outcome = 'moved'),
    rejected_forgotten = (SELECT COUNT(*) FROM rejected_rows WHERE import_id = (SELECT import_id FROM undoing)),
    amount_before   = (SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) FROM sales WHERE id IN (SELECT sale_id FROM undo_sales));

-- The rollups lose the removed and replaced sales and gain the restored ones.
INSERT INTO rollup_changes (sign, sold_on, month, payment_method, product_id, quantity, amount)
SELECT -1, /* rollup columns */, s.amount
FROM sales s JOIN undo_sales u ON u.sale_id = s.id WHERE u.outcome IN ('removed', 'restored')
UNION ALL
SELECT 1, /* rollup columns */, g.amount
FROM superseded_sales s JOIN undo_sales u ON u.sighting_id = s.sighting_id JOIN sightings g ON g.id = s.sighting_id
WHERE u.outcome = 'restored';
/* rollups */
-- The sales themselves.
UPDATE sales SET import_id = d.import_id, sheet = d.sheet, row = d.row
FROM undo_sales u JOIN sightings d ON d.id = u.sighting_id WHERE u.outcome = 'moved' AND u.sale_id = sales.id;
UPDATE sales SET
    fingerprint = g.fingerprint, import_id = g.import_id, sheet = g.sheet, row = g.row, amount = g.amount,
    /* sale columns from c */
FROM undo_sales u JOIN sightings g ON g.id = u.sighting_id JOIN superseded_sales c ON c.sighting_id = g.id
WHERE u.outcome = 'restored' AND u.sale_id = sales.id;
DELETE FROM superseded_sales WHERE sighting_id IN (SELECT sighting_id FROM undo_sales WHERE outcome = 'restored');
DELETE FROM sightings WHERE id IN (SELECT sighting_id FROM undo_sales WHERE outcome IN ('moved', 'restored'));
DELETE FROM sightings WHERE sale_id IN (SELECT sale_id FROM undo_sales WHERE outcome = 'removed');
DELETE FROM sales WHERE id IN (SELECT sale_id FROM undo_sales WHERE outcome = 'removed');
DELETE FROM rejected_rows WHERE import_id = (SELECT import_id FROM undoing);

UPDATE undo_counts SET
    amount_after = (SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) FROM sales WHERE id IN (SELECT sale_id FROM undo_sales));
