-- Files and API batches, from the moment they are safe here until everything of them is delivered. Money is kept in
-- cents, quantities in ten-thousandths, times in UTC.
CREATE TABLE imports (
    id                 TEXT      NOT NULL PRIMARY KEY,
    source             TEXT      NOT NULL,
    -- file or api
    origin             TEXT      NOT NULL,
    name               TEXT      NOT NULL,
    sha256             TEXT      NOT NULL,
    received_at        TIMESTAMP NOT NULL,
    -- taken, refused or already_imported; then the whole outcome as JSON
    outcome            TEXT      NOT NULL,
    outcome_detail     TEXT      NOT NULL,
    -- Where the original goes, relative to the data folder, and whether it is there
    file_as            TEXT,
    filed              BOOLEAN   NOT NULL,
    rows_read          BIGINT    NOT NULL,
    rows_ignored       BIGINT    NOT NULL,
    rows_accepted      BIGINT    NOT NULL,
    rows_rejected      BIGINT    NOT NULL,
    amount_accepted    BIGINT    NOT NULL,
    quantity_accepted  BIGINT    NOT NULL,
    first_day          DATE,
    last_day           DATE,
    -- JSON
    sheets             TEXT      NOT NULL,
    remarks            TEXT      NOT NULL,
    -- Counted down by receipts
    messages           BIGINT    NOT NULL,
    messages_settled   BIGINT    NOT NULL DEFAULT 0,
    messages_dead      BIGINT    NOT NULL DEFAULT 0,
    stored             BIGINT    NOT NULL DEFAULT 0,
    updated            BIGINT    NOT NULL DEFAULT 0,
    duplicate          BIGINT    NOT NULL DEFAULT 0,
    rejected           BIGINT    NOT NULL DEFAULT 0
);
-- The same bytes are taken once from each source
CREATE UNIQUE INDEX imports_taken_once ON imports (source, sha256) WHERE origin = 'file' AND outcome = 'taken';
CREATE INDEX imports_unfiled ON imports (filed) WHERE filed = FALSE;

-- Messages that distrib has not answered for yet
CREATE TABLE outbox (
    -- Never given twice, even when the outbox was empty between
    id           INTEGER   NOT NULL PRIMARY KEY AUTOINCREMENT,
    message_id   TEXT      NOT NULL UNIQUE,
    import_id    TEXT      NOT NULL REFERENCES imports (id),
    payload      BLOB      NOT NULL,
    published_at TIMESTAMP
);
CREATE INDEX outbox_unpublished ON outbox (id) WHERE published_at IS NULL;

-- Order numbers that a source counts without starting over. A file whose numbers start over gets a space of its own.
CREATE TABLE order_spaces (
    id     INTEGER NOT NULL PRIMARY KEY,
    source TEXT    NOT NULL
);
CREATE INDEX order_spaces_source ON order_spaces (source);

-- The sale that each order line was given, and what it was, to tell the same line from another one of the same number
CREATE TABLE order_lines (
    space_id    BIGINT NOT NULL REFERENCES order_spaces (id),
    order_id    TEXT   NOT NULL,
    -- The line's own number, else the product and its occurrence within the order
    line        TEXT   NOT NULL,
    sale_key    BLOB   NOT NULL,
    fingerprint BLOB   NOT NULL,
    sold_on     DATE   NOT NULL,
    product     TEXT   NOT NULL,
    customer    TEXT   NOT NULL,
    PRIMARY KEY (space_id, order_id, line)
);
