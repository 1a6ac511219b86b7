ALTER TABLE superseded_sales DROP COLUMN currency;
ALTER TABLE sales DROP COLUMN currency;
