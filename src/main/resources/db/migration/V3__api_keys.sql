-- Of a key only its SHA-256 in hex and its first characters are kept. A key goes with its user, and with the workspace that it is scoped to.

CREATE TABLE api_keys (
  key_id       UUID PRIMARY KEY,
  user_id      UUID         NOT NULL,
  workspace_id UUID,
  name         VARCHAR(400) NOT NULL,
  prefix       VARCHAR(16)  NOT NULL,
  key_hash     VARCHAR(64)  NOT NULL,
  created_at   TIMESTAMP(3) WITH TIME ZONE NOT NULL,
  expires_at   TIMESTAMP(3) WITH TIME ZONE,
  last_used_at TIMESTAMP(3) WITH TIME ZONE,
  CONSTRAINT api_keys_hash_unique UNIQUE (key_hash),
  CONSTRAINT api_keys_user FOREIGN KEY (user_id) REFERENCES users (user_id) ON DELETE CASCADE,
  CONSTRAINT api_keys_workspace FOREIGN KEY (workspace_id) REFERENCES workspaces (workspace_id) ON DELETE CASCADE
);
CREATE INDEX api_keys_by_user ON api_keys (user_id, key_id);
CREATE INDEX api_keys_by_workspace ON api_keys (workspace_id);
