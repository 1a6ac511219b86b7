DROP TABLE order_lines;
DROP TABLE order_spaces;
DROP TABLE outbox;
DROP TABLE imports;
