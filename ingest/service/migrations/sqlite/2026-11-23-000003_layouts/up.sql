-- What people decided about the columns of tables with the same header
CREATE TABLE layouts (
    -- 16 hex digits of a hash of the headers
    fingerprint TEXT      NOT NULL PRIMARY KEY,
    -- JSON
    decision    TEXT      NOT NULL,
    -- A user's name; empty for the command line
    decided_by  TEXT      NOT NULL,
    decided_at  TIMESTAMP NOT NULL,
    -- Whether the files that wait were gone through since
    resumed     BOOLEAN   NOT NULL
);

-- What was decided about an import's columns when it was read, as JSON: it is read the same way when rows of it are mended
ALTER TABLE imports ADD COLUMN layouts TEXT NOT NULL DEFAULT '[]';
