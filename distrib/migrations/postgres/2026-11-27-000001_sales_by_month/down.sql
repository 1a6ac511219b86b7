ALTER TABLE sales ADD CONSTRAINT sales_address_id_fkey FOREIGN KEY (address_id) REFERENCES addresses (id);
ALTER TABLE sales ADD CONSTRAINT sales_customer_id_fkey FOREIGN KEY (customer_id) REFERENCES customers (id);
DROP INDEX sales_address;
CREATE INDEX sales_address ON sales (address_id) WHERE address_id IS NOT NULL;
DROP INDEX sales_customer;
CREATE INDEX sales_customer ON sales (customer_id, sold_on);
