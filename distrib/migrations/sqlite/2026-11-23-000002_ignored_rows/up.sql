-- JSON: where the ignored rows stand and why, in runs; NULL for imports that are older than this column
ALTER TABLE imports ADD COLUMN ignored TEXT;
