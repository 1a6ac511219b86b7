-- The import that the message belongs to, where that can be read
ALTER TABLE failed_messages ADD COLUMN import_uuid TEXT;
-- For a row that stopped its message: the message that it was taken out of, whose other rows are stored
ALTER TABLE failed_messages ADD COLUMN part_of TEXT;
-- Who discarded it; the next worker then counts its rows as rejected
ALTER TABLE failed_messages ADD COLUMN discarded_by TEXT;
-- A message is answered for once none of its rows waits any more
CREATE INDEX failed_messages_part_of ON failed_messages (part_of) WHERE part_of IS NOT NULL;
-- Dead letters are listed and counted; the others are asked for their next attempt
CREATE INDEX failed_messages_next ON failed_messages (next_attempt_at);
