-- What each user's agents have used, by day (UTC). It outlives chats and workspaces, and goes with the user. The model of an agent that asks none is ''.

CREATE TABLE usage_days (
  user_id       UUID         NOT NULL,
  used_on       DATE         NOT NULL,
  agent_id      VARCHAR(400) NOT NULL,
  model         VARCHAR(300) NOT NULL,
  runs          BIGINT       NOT NULL,
  input_tokens  BIGINT       NOT NULL,
  output_tokens BIGINT       NOT NULL,
  time_ms       BIGINT       NOT NULL,
  PRIMARY KEY (user_id, used_on, agent_id, model),
  CONSTRAINT usage_days_user FOREIGN KEY (user_id) REFERENCES users (user_id) ON DELETE CASCADE
);

-- What a run in progress had used when its text was last saved, as JSON.
ALTER TABLE runs ADD COLUMN partial_costs VARCHAR(1000000);

-- What words a message may have, for searching: a Bloom filter. Where it says no there is no need to read the message.
CREATE TABLE message_marks (
  owner_id   UUID  NOT NULL,
  chat_id    UUID  NOT NULL,
  message_id UUID  NOT NULL,
  created_at TIMESTAMP(3) WITH TIME ZONE NOT NULL,
  marks      BYTEA NOT NULL,
  PRIMARY KEY (chat_id, message_id),
  CONSTRAINT message_marks_chat FOREIGN KEY (chat_id) REFERENCES chats (chat_id) ON DELETE CASCADE
);
CREATE INDEX message_marks_by_owner ON message_marks (owner_id, created_at DESC, message_id DESC);

-- Where the server is in finding the words of messages older than this table: the chats before this one remain. No row: all are done.
CREATE TABLE words_backlog (
  id          INTEGER PRIMARY KEY CHECK (id = 1),
  before_chat UUID NOT NULL
);
INSERT INTO words_backlog (id, before_chat) VALUES (1, CAST('7fffffff-ffff-ffff-7fff-ffffffffffff' AS UUID));
