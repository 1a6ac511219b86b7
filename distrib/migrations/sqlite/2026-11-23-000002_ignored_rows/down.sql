ALTER TABLE imports DROP COLUMN ignored;
