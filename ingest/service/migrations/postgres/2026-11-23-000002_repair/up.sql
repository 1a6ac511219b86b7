-- Rejected rows that came back mended: what their cells are now, and what became of them
CREATE TABLE mended_rows (
    import_id TEXT   NOT NULL REFERENCES imports (id),
    sheet     TEXT   NOT NULL,
    "row"     BIGINT NOT NULL,
    -- JSON: the cells that differ from the original, by column
    cells     TEXT   NOT NULL,
    -- sale, rejected or ignored
    outcome   TEXT   NOT NULL,
    PRIMARY KEY (import_id, sheet, "row")
);
