-- Cancelled rows with an order number, kept so that order lines that are staged later with an earlier place in time meet them (decision 27)
CREATE TABLE cancellations (
    id         INTEGER NOT NULL PRIMARY KEY,
    space_id   BIGINT  NOT NULL REFERENCES order_spaces (id),
    order_id   TEXT    NOT NULL,
    -- The line and the product that the row names, and its place among the order's rows with this product; empty if it names none
    line       TEXT    NOT NULL,
    product    TEXT    NOT NULL,
    occurrence BIGINT  NOT NULL,
    -- Whether its import has no paid row of the order
    alone      BOOLEAN NOT NULL,
    import_id  TEXT    NOT NULL,
    sheet      TEXT    NOT NULL,
    row        BIGINT  NOT NULL
);
-- Those of later imports are looked for; an undo takes an import's away
CREATE INDEX cancellations_later ON cancellations (space_id, import_id);
CREATE INDEX cancellations_import ON cancellations (import_id);
