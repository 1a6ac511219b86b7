-- Makes each of these sales void if a cancellation is later than every row that says that it was paid: its own place, and those of
-- its duplicates and earlier versions. The id of an import begins with the time of its arrival, so a larger one is a later one. The
-- first such cancellation is the one that voids the sale. Runs unchanged on SQLite and PostgreSQL.
INSERT INTO void_sales (sale_id, cancellation_id)
SELECT sale_id, cancellation_id FROM (
    SELECT s.id AS sale_id, (
        SELECT c.id FROM cancellations c JOIN imports ci ON ci.id = c.import_id
        WHERE c.sale_key = s.sale_key
          AND NOT EXISTS (SELECT 1 FROM imports p
                          WHERE p.id = s.import_id AND (p.uuid, s."row") > (ci.uuid, c.own_before))
          AND NOT EXISTS (SELECT 1 FROM sightings g JOIN imports p ON p.id = g.import_id
                          WHERE g.sale_id = s.id AND (p.uuid, g."row") > (ci.uuid, c.own_before))
        ORDER BY ci.uuid, c.own_before, c."row", c.sheet LIMIT 1) AS cancellation_id
    FROM sales s WHERE s.id IN (/* sales */)
) AS decided WHERE cancellation_id IS NOT NULL
