DROP TABLE void_sales;
DROP TABLE cancellations;
