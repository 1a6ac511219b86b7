DROP INDEX imports_batches;
