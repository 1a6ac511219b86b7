-- JSON: what is odd about single cells; NULL for imports that are older than this column
ALTER TABLE imports ADD COLUMN warnings TEXT;
