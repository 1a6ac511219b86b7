-- How often the message was published: what is not answered is published again, after growing pauses
ALTER TABLE outbox ADD COLUMN publishes BIGINT NOT NULL DEFAULT 0;
-- Whether distrib has given it up. It stays here, for a person may have it tried again.
ALTER TABLE outbox ADD COLUMN dead BOOLEAN NOT NULL DEFAULT FALSE;
