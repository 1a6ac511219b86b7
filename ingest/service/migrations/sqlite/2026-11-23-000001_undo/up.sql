-- Which import made a space of order numbers; empty for those that are older than this column
ALTER TABLE order_spaces ADD COLUMN import_id TEXT NOT NULL DEFAULT '';

-- Order lines with their history: a line that an import replaces is kept, so that undoing the import brings it back
ALTER TABLE order_lines RENAME TO order_lines_before;
CREATE TABLE order_lines (
    id          INTEGER NOT NULL PRIMARY KEY,
    space_id    BIGINT NOT NULL REFERENCES order_spaces (id),
    order_id    TEXT   NOT NULL,
    -- The line's own number, else the product and its occurrence within the order
    line        TEXT   NOT NULL,
    sale_key    BLOB  NOT NULL,
    fingerprint BLOB  NOT NULL,
    sold_on     DATE   NOT NULL,
    product     TEXT   NOT NULL,
    customer    TEXT   NOT NULL,
    -- The import that gave the line, and the one whose line took its place
    import_id   TEXT   NOT NULL,
    replaced_by TEXT
);
INSERT INTO order_lines (space_id, order_id, line, sale_key, fingerprint, sold_on, product, customer, import_id)
SELECT space_id, order_id, line, sale_key, fingerprint, sold_on, product, customer, '' FROM order_lines_before;
DROP TABLE order_lines_before;
-- A row's order is looked up; an undo takes an import's lines away and frees those that it replaced
CREATE INDEX order_lines_order ON order_lines (space_id, order_id);
CREATE INDEX order_lines_import ON order_lines (import_id);
CREATE INDEX order_lines_replaced ON order_lines (replaced_by) WHERE replaced_by IS NOT NULL;
