-- A customer's sales are found month by month (decision 23). An index that starts with the customer has a page for each customer, and
-- rows touch as many pages as they have customers, the more the more is stored; one that starts with the month takes the rows of a month
-- to the pages of that month. Whoever asks writes the month as it stands here: src/months.rs.
DROP INDEX sales_customer;
CREATE INDEX sales_customer ON sales ((date_trunc('month', sold_on::timestamp)), customer_id);
DROP INDEX sales_address;
CREATE INDEX sales_address ON sales ((date_trunc('month', sold_on::timestamp)), address_id) WHERE address_id IS NOT NULL;

-- Without an index that starts with the customer the database would read all sales for each customer that goes, to see that none names
-- it. The undo of an import, the only one that lets customers and addresses go, sees to that itself.
ALTER TABLE sales DROP CONSTRAINT sales_customer_id_fkey;
ALTER TABLE sales DROP CONSTRAINT sales_address_id_fkey;
-- What the planner knows of an index's expression comes from here alone
ANALYZE sales;
