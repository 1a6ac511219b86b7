DROP INDEX failed_messages_next;
DROP INDEX failed_messages_part_of;
ALTER TABLE failed_messages DROP COLUMN discarded_by;
ALTER TABLE failed_messages DROP COLUMN part_of;
ALTER TABLE failed_messages DROP COLUMN import_uuid;
