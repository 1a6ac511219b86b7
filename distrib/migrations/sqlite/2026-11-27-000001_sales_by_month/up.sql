-- A customer's sales are found month by month (decision 23). An index that starts with the customer has a page for each customer, and
-- rows touch as many pages as they have customers, the more the more is stored; one that starts with the month takes the rows of a month
-- to the pages of that month. Whoever asks writes the month as it stands here: src/months.rs.
DROP INDEX sales_customer;
CREATE INDEX sales_customer ON sales (substr(sold_on, 1, 7), customer_id);
DROP INDEX sales_address;
CREATE INDEX sales_address ON sales (substr(sold_on, 1, 7), address_id) WHERE address_id IS NOT NULL;

-- Without an index that starts with the customer the database would read all sales for each customer that goes, to see that none names
-- it. The undo of an import, the only one that lets customers and addresses go, sees to that itself.
-- SQLite has no statement that drops a constraint; this is the way its documentation gives
-- (https://sqlite.org/lang_altertable.html, 7).
PRAGMA writable_schema = ON;
UPDATE sqlite_schema
SET sql = replace(replace(sql, 'REFERENCES customers (id)', ''), 'REFERENCES addresses (id)', '')
WHERE type = 'table' AND name = 'sales';
PRAGMA writable_schema = RESET;
