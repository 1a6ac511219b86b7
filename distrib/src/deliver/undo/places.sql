-- Each row that carries a sale of the undo, with its bucket. The first version of a sale counts as stored, each later version as
-- updated, and every other row as duplicate.
INSERT INTO undo_places (phase, import_id, class, amount)
SELECT /* phase */, s.import_id, CASE WHEN EXISTS (
    SELECT 1 FROM sightings g WHERE g.sale_id = s.id AND g.kind = 'superseded') THEN 'updated' ELSE 'stored' END, s.amount
FROM sales s JOIN undo_sales u ON u.sale_id = s.id
UNION ALL
SELECT /* phase */, g.import_id, CASE
    WHEN g.kind = 'duplicate' THEN 'duplicate'
    WHEN EXISTS (SELECT 1 FROM sightings older
                 WHERE older.sale_id = g.sale_id AND older.kind = 'superseded' AND older.id < g.id) THEN 'updated'
    ELSE 'stored' END, COALESCE(g.amount, 0)
FROM sightings g JOIN undo_sales u ON u.sale_id = g.sale_id;
