ALTER TABLE imports DROP COLUMN layouts;
DROP TABLE layouts;
