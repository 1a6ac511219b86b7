-- Money is kept in cents; unit prices and quantities in ten-thousandths. Times are UTC.

-- Files and API batches, with the totals that ingest counted. The totals arrive as a message of their own and are
-- NULL until then.
CREATE TABLE imports (
    id                INTEGER   NOT NULL PRIMARY KEY,
    uuid              TEXT      NOT NULL UNIQUE,
    source            TEXT      NOT NULL,
    first_seen_at     TIMESTAMP NOT NULL,
    origin            TEXT,
    name              TEXT,
    sha256            TEXT,
    received_at       TIMESTAMP,
    rows_read         BIGINT,
    rows_ignored      BIGINT,
    rows_accepted     BIGINT,
    rows_rejected     BIGINT,
    amount_read       BIGINT,
    amount_ignored    BIGINT,
    quantity_accepted BIGINT,
    -- JSON: taken, refused and why, or already imported; the sheets with header row and mapping; what was noticed
    outcome           TEXT,
    sheets            TEXT,
    remarks           TEXT
);

-- One row for each message applied: written first in its transaction, so that the same message applied twice collides.
-- The ledger of an import is the sum of its deliveries.
CREATE TABLE deliveries (
    message_id       TEXT      NOT NULL PRIMARY KEY,
    import_id        BIGINT    NOT NULL REFERENCES imports (id),
    delivered_at     TIMESTAMP NOT NULL,
    stored           BIGINT    NOT NULL DEFAULT 0,
    updated          BIGINT    NOT NULL DEFAULT 0,
    duplicate        BIGINT    NOT NULL DEFAULT 0,
    rejected         BIGINT    NOT NULL DEFAULT 0,
    amount_stored    BIGINT    NOT NULL DEFAULT 0,
    amount_updated   BIGINT    NOT NULL DEFAULT 0,
    amount_duplicate BIGINT    NOT NULL DEFAULT 0,
    amount_rejected  BIGINT    NOT NULL DEFAULT 0
);
CREATE INDEX deliveries_import ON deliveries (import_id);

CREATE TABLE customers (
    id            INTEGER   NOT NULL PRIMARY KEY,
    -- What makes two rows the same customer: document, else e-mail, else folded name and phone
    identity      TEXT      NOT NULL UNIQUE,
    name          TEXT,
    -- The name folded for searching: lower case, no accents
    search_name   TEXT      NOT NULL,
    document      TEXT,
    document_kind TEXT,
    email         TEXT,
    phone         TEXT
);

CREATE TABLE addresses (
    id          INTEGER NOT NULL PRIMARY KEY,
    customer_id BIGINT  REFERENCES customers (id),
    identity    TEXT    NOT NULL UNIQUE,
    street      TEXT,
    district    TEXT,
    city        TEXT,
    state       TEXT,
    postal_code TEXT,
    country     TEXT
);

CREATE TABLE products (
    id          INTEGER NOT NULL PRIMARY KEY,
    -- SKU, else the folded name
    identity    TEXT    NOT NULL UNIQUE,
    name        TEXT    NOT NULL,
    search_name TEXT    NOT NULL,
    sku         TEXT,
    category    TEXT
);

CREATE TABLE sales (
    id             INTEGER   NOT NULL PRIMARY KEY,
    sale_key       BLOB      NOT NULL UNIQUE,
    fingerprint    BLOB      NOT NULL,
    -- Lineage: where the sale was first read
    import_id      BIGINT    NOT NULL REFERENCES imports (id),
    sheet          TEXT      NOT NULL,
    row            BIGINT    NOT NULL,
    order_id       TEXT,
    line           TEXT,
    sold_at        TIMESTAMP NOT NULL,
    sold_on        DATE      NOT NULL,
    -- exact, day_only or assumed
    sold_time      TEXT      NOT NULL,
    customer_id    BIGINT    REFERENCES customers (id),
    address_id     BIGINT    REFERENCES addresses (id),
    product_id     BIGINT    NOT NULL REFERENCES products (id),
    quantity       BIGINT    NOT NULL,
    unit_price     BIGINT,
    discount       BIGINT,
    freight        BIGINT,
    tax            BIGINT,
    amount         BIGINT    NOT NULL,
    cost           BIGINT,
    payment_method TEXT,
    status         TEXT,
    seller         TEXT,
    store          TEXT,
    channel        TEXT,
    notes          TEXT
);
-- The list is sorted and filtered by day; a customer's and a product's sales are opened from their names; an import's
-- rows are opened from its page
CREATE INDEX sales_day ON sales (sold_on, id);
CREATE INDEX sales_customer ON sales (customer_id, sold_on);
CREATE INDEX sales_product ON sales (product_id, sold_on);
CREATE INDEX sales_import ON sales (import_id);

-- The other places of a sale: where a duplicate of it stands (kind duplicate), and where it stood before an update took
-- its lineage to a newer row (kind superseded). So each row of an import is a sale's lineage or a sighting.
CREATE TABLE sightings (
    id        INTEGER NOT NULL PRIMARY KEY,
    kind      TEXT    NOT NULL,
    sale_id   BIGINT  NOT NULL REFERENCES sales (id),
    import_id BIGINT  NOT NULL REFERENCES imports (id),
    sheet     TEXT    NOT NULL,
    row       BIGINT  NOT NULL
);
CREATE INDEX sightings_import ON sightings (import_id);
CREATE INDEX sightings_sale ON sightings (sale_id);

CREATE TABLE rejected_rows (
    id        INTEGER NOT NULL PRIMARY KEY,
    import_id BIGINT  NOT NULL REFERENCES imports (id),
    sheet     TEXT    NOT NULL,
    row       BIGINT  NOT NULL,
    amount    BIGINT  NOT NULL,
    -- JSON: every reason; the row as written
    reasons   TEXT    NOT NULL,
    cells     TEXT    NOT NULL
);
CREATE INDEX rejected_rows_import ON rejected_rows (import_id, row);

-- Rollups: kept in the transaction that changes the sales, so that a dashboard never scans them
CREATE TABLE daily_totals (
    sold_on  DATE   NOT NULL PRIMARY KEY,
    sales    BIGINT NOT NULL,
    quantity BIGINT NOT NULL,
    amount   BIGINT NOT NULL
);
CREATE TABLE daily_payments (
    sold_on        DATE   NOT NULL,
    -- Empty when the sheet does not say
    payment_method TEXT   NOT NULL,
    sales          BIGINT NOT NULL,
    amount         BIGINT NOT NULL,
    PRIMARY KEY (sold_on, payment_method)
);
CREATE TABLE monthly_products (
    -- The month's first day
    month      DATE   NOT NULL,
    product_id BIGINT NOT NULL REFERENCES products (id),
    sales      BIGINT NOT NULL,
    quantity   BIGINT NOT NULL,
    amount     BIGINT NOT NULL,
    PRIMARY KEY (month, product_id)
);

-- Messages that could not be applied: waiting for their next attempt, or given up
CREATE TABLE failed_messages (
    id              INTEGER   NOT NULL PRIMARY KEY,
    message_id      TEXT      NOT NULL UNIQUE,
    payload         BLOB      NOT NULL,
    attempts        BIGINT    NOT NULL,
    reason          TEXT      NOT NULL,
    first_failed_at TIMESTAMP NOT NULL,
    last_failed_at  TIMESTAMP NOT NULL,
    -- NULL when it was given up: a dead letter
    next_attempt_at TIMESTAMP
);
