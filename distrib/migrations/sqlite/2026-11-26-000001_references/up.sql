-- When an address, a customer or a product goes, the database looks for rows that still name it: without these it would read whole
-- tables for each. Both databases use a partial index for that, and rows that name none cost nothing.
CREATE INDEX sales_address ON sales (address_id) WHERE address_id IS NOT NULL;
CREATE INDEX addresses_customer ON addresses (customer_id) WHERE customer_id IS NOT NULL;
CREATE INDEX superseded_sales_address ON superseded_sales (address_id) WHERE address_id IS NOT NULL;
CREATE INDEX superseded_sales_customer ON superseded_sales (customer_id) WHERE customer_id IS NOT NULL;
CREATE INDEX superseded_sales_product ON superseded_sales (product_id);
CREATE INDEX monthly_products_product ON monthly_products (product_id);
