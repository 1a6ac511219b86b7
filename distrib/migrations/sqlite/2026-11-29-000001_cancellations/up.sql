-- Rows that say that a sale was cancelled, as facts: which of them count follows from all statements about the sale (decision 27)
CREATE TABLE cancellations (
    id         INTEGER NOT NULL PRIMARY KEY,
    sale_key   BLOB   NOT NULL,
    import_id  BIGINT NOT NULL REFERENCES imports (id),
    sheet      TEXT   NOT NULL,
    row        BIGINT NOT NULL,
    -- The rows of its own import before this one are cancelled too; 0 for files
    own_before BIGINT NOT NULL,
    UNIQUE (sale_key, import_id, sheet, row)
);
-- An import's cancellations are shown on its page and go with its undo
CREATE INDEX cancellations_import ON cancellations (import_id);

-- The sales that are void, each with the first cancellation that no later statement takes back. They count in no rollup.
CREATE TABLE void_sales (
    sale_id         BIGINT NOT NULL PRIMARY KEY REFERENCES sales (id),
    cancellation_id BIGINT NOT NULL REFERENCES cancellations (id)
);
CREATE INDEX void_sales_cancellation ON void_sales (cancellation_id);
