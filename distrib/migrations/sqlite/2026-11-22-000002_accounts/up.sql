CREATE TABLE users (
    id            INTEGER   NOT NULL PRIMARY KEY,
    name          TEXT      NOT NULL UNIQUE,
    -- argon2id, with its parameters
    password_hash TEXT      NOT NULL,
    -- admin or reader
    role          TEXT      NOT NULL,
    created_at    TIMESTAMP NOT NULL,
    -- Wrong passwords since the last right one, and until when the next try must wait
    failed_logins BIGINT    NOT NULL DEFAULT 0,
    wait_until    TIMESTAMP
);

CREATE TABLE sessions (
    -- SHA-256 of the cookie's value: the database alone opens no session
    token_hash   TEXT      NOT NULL PRIMARY KEY,
    user_id      BIGINT    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at   TIMESTAMP NOT NULL,
    last_seen_at TIMESTAMP NOT NULL
);
CREATE INDEX sessions_user ON sessions (user_id);
