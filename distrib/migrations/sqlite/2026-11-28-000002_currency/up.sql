-- The currency of the money as the sender writes it; amounts are not converted
ALTER TABLE sales ADD COLUMN currency TEXT;
ALTER TABLE superseded_sales ADD COLUMN currency TEXT;
