-- A durable queue. A row is a message that was not acknowledged yet.
CREATE TABLE queue_messages (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    queue        TEXT    NOT NULL,
    message_id   TEXT    NOT NULL,
    payload      BLOB    NOT NULL,
    -- Unix milliseconds until which a consumer holds the message; 0 when nobody does
    leased_until BIGINT  NOT NULL DEFAULT 0,
    -- Grows with each claim: an acknowledgement of an older claim has no effect
    claim        BIGINT  NOT NULL DEFAULT 0,
    -- A message published twice waits once
    UNIQUE (queue, message_id)
);
