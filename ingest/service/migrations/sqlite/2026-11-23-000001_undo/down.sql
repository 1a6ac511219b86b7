DROP INDEX order_lines_replaced;
DROP INDEX order_lines_import;
DROP INDEX order_lines_order;
ALTER TABLE order_lines RENAME TO order_lines_after;
CREATE TABLE order_lines (
    space_id    BIGINT NOT NULL REFERENCES order_spaces (id),
    order_id    TEXT   NOT NULL,
    line        TEXT   NOT NULL,
    sale_key    BLOB  NOT NULL,
    fingerprint BLOB  NOT NULL,
    sold_on     DATE   NOT NULL,
    product     TEXT   NOT NULL,
    customer    TEXT   NOT NULL,
    PRIMARY KEY (space_id, order_id, line)
);
INSERT INTO order_lines SELECT space_id, order_id, line, sale_key, fingerprint, sold_on, product, customer
FROM order_lines_after WHERE replaced_by IS NULL;
DROP TABLE order_lines_after;
ALTER TABLE order_spaces DROP COLUMN import_id;
