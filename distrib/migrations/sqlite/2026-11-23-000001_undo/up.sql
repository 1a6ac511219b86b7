-- When and by whom an import was undone, and what that did, as JSON
ALTER TABLE imports ADD COLUMN undone_at TIMESTAMP;
ALTER TABLE imports ADD COLUMN undone_by TEXT;
ALTER TABLE imports ADD COLUMN undo_effects TEXT;

-- What the entry is: rows delivered (delivery), rows mended (mended), a duplicate made a sale (release), the import taken
-- back (undo), or rows that another import's undo left to this one (moved)
ALTER TABLE deliveries ADD COLUMN kind TEXT NOT NULL DEFAULT 'delivery';
ALTER TABLE deliveries ADD COLUMN acted_by TEXT;

-- What the row said when it was met: with it a sale can be left to the next import that carried the very same
ALTER TABLE sightings ADD COLUMN fingerprint BLOB;
ALTER TABLE sightings ADD COLUMN amount BIGINT;

-- The content that an update replaced; its place is the sighting of kind superseded
CREATE TABLE superseded_sales (
    sighting_id    BIGINT    NOT NULL PRIMARY KEY REFERENCES sightings (id),
    order_id       TEXT,
    line           TEXT,
    sold_at        TIMESTAMP NOT NULL,
    sold_on        DATE      NOT NULL,
    sold_time      TEXT      NOT NULL,
    customer_id    BIGINT    REFERENCES customers (id),
    address_id     BIGINT    REFERENCES addresses (id),
    product_id     BIGINT    NOT NULL REFERENCES products (id),
    quantity       BIGINT    NOT NULL,
    unit_price     BIGINT,
    discount       BIGINT,
    freight        BIGINT,
    tax            BIGINT,
    cost           BIGINT,
    payment_method TEXT,
    status         TEXT,
    seller         TEXT,
    store          TEXT,
    channel        TEXT,
    notes          TEXT
);

-- The import that made the row; NULL for rows that are older than this column
ALTER TABLE customers ADD COLUMN import_id BIGINT REFERENCES imports (id);
ALTER TABLE products  ADD COLUMN import_id BIGINT REFERENCES imports (id);
ALTER TABLE addresses ADD COLUMN import_id BIGINT REFERENCES imports (id);

-- Each value of a customer or product that an import changed, or confirmed after another import had changed it
CREATE TABLE value_changes (
    id        INTEGER NOT NULL PRIMARY KEY,
    import_id BIGINT NOT NULL REFERENCES imports (id),
    -- customers or products
    kind      TEXT   NOT NULL,
    row_id    BIGINT NOT NULL,
    field     TEXT   NOT NULL,
    old_value TEXT,
    new_value TEXT
);
-- What an import changed is taken back; who changed a row's value last is looked up for each row that comes
CREATE INDEX value_changes_import ON value_changes (import_id);
CREATE INDEX value_changes_row ON value_changes (kind, row_id);
