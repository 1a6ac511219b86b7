ALTER TABLE superseded_sales DROP COLUMN fee;
ALTER TABLE sales DROP COLUMN fee;
