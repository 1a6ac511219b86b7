-- The temporary tables of an undo. They stay on the connection and are emptied each time.
CREATE TEMP TABLE IF NOT EXISTS undoing (import_id BIGINT);
CREATE TEMP TABLE IF NOT EXISTS undo_sales (sale_id BIGINT PRIMARY KEY, outcome TEXT, sighting_id BIGINT);
CREATE TEMP TABLE IF NOT EXISTS undo_moves (version_id BIGINT PRIMARY KEY, duplicate_id BIGINT);
CREATE TEMP TABLE IF NOT EXISTS undo_places (phase BIGINT, import_id BIGINT, class TEXT, amount BIGINT);
CREATE TEMP TABLE IF NOT EXISTS undo_counts (
    sales_removed BIGINT, sales_restored BIGINT, sales_moved BIGINT, duplicates_forgotten BIGINT,
    rejected_forgotten BIGINT, amount_before BIGINT, amount_after BIGINT, customers_removed BIGINT,
    products_removed BIGINT, still_named BIGINT
);
DELETE FROM undoing;
DELETE FROM undo_sales;
DELETE FROM undo_moves;
DELETE FROM undo_places;
DELETE FROM undo_counts;
INSERT INTO undo_counts VALUES (0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
INSERT INTO undoing VALUES (/* import */);

-- The sales that the import stored or updated.
INSERT INTO undo_sales (sale_id, outcome)
SELECT id, 'stands' FROM sales WHERE import_id = (SELECT import_id FROM undoing)
UNION
SELECT sale_id, 'stands' FROM sightings WHERE kind = 'superseded' AND import_id = (SELECT import_id FROM undoing);
