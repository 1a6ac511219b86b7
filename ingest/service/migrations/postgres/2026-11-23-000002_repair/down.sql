DROP TABLE mended_rows;
