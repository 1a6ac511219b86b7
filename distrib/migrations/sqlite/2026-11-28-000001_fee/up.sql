-- What a marketplace or a card takes off the money of a sale, in cents; it takes no part in the amount
ALTER TABLE sales ADD COLUMN fee BIGINT;
ALTER TABLE superseded_sales ADD COLUMN fee BIGINT;
