-- The very same body of an API batch, when it came first
CREATE INDEX imports_batches ON imports (source, sha256) WHERE origin = 'api' AND outcome = 'taken';
