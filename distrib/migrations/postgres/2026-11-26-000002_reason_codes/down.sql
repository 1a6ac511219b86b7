ALTER TABLE failed_messages DROP COLUMN reason_code;
