-- What kept the message from being stored, as a code with a sentence of its own; reason holds the technical words. NULL where
-- the message failed before there were codes
ALTER TABLE failed_messages ADD COLUMN reason_code TEXT;
