PRAGMA writable_schema = ON;
UPDATE sqlite_schema
SET sql = replace(
    replace(sql, 'customer_id    BIGINT ', 'customer_id    BIGINT    REFERENCES customers (id)'),
    'address_id     BIGINT ', 'address_id     BIGINT    REFERENCES addresses (id)')
WHERE type = 'table' AND name = 'sales';
PRAGMA writable_schema = RESET;
DROP INDEX sales_address;
CREATE INDEX sales_address ON sales (address_id) WHERE address_id IS NOT NULL;
DROP INDEX sales_customer;
CREATE INDEX sales_customer ON sales (customer_id, sold_on);
