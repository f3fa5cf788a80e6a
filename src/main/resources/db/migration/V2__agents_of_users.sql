-- An agent that a user made goes with the account, as installed ones do not: owner_id is null for those.

ALTER TABLE agents ADD COLUMN owner_id UUID;
ALTER TABLE agents ADD CONSTRAINT agents_owner FOREIGN KEY (owner_id) REFERENCES users (user_id) ON DELETE CASCADE;
CREATE INDEX agents_by_owner ON agents (owner_id);
