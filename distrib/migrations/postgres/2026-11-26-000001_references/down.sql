DROP INDEX monthly_products_product;
DROP INDEX superseded_sales_product;
DROP INDEX superseded_sales_customer;
DROP INDEX superseded_sales_address;
DROP INDEX addresses_customer;
DROP INDEX sales_address;
