-- SQL that H2 and PostgreSQL both accept. H2 counts a VARCHAR in UTF-16 units, so what may have 200 characters gets 400. Identifiers are UUIDv7, so ordering by them is ordering by age.

CREATE TABLE users (
  user_id       UUID PRIMARY KEY,
  email         VARCHAR(508) NOT NULL,
  email_key     VARCHAR(1600) NOT NULL,
  password_hash VARCHAR(100) NOT NULL,
  role          VARCHAR(16)  NOT NULL,
  disabled      BOOLEAN      NOT NULL,
  token_version INTEGER      NOT NULL,
  created_at    TIMESTAMP(3) WITH TIME ZONE NOT NULL,
  CONSTRAINT users_email_unique UNIQUE (email_key)
);

-- One row at most: whoever inserts it is the first user, however many register at once.
CREATE TABLE first_user (
  id      INTEGER PRIMARY KEY CHECK (id = 1),
  user_id UUID NOT NULL
);

CREATE TABLE agents (
  agent_id     VARCHAR(64)     PRIMARY KEY,
  source       VARCHAR(16)     NOT NULL,
  installed_by UUID,
  registry     VARCHAR(1000)   NOT NULL,
  sha256       VARCHAR(64)     NOT NULL,
  manifest     VARCHAR(1000000) NOT NULL,
  installed_at TIMESTAMP(3) WITH TIME ZONE NOT NULL,
  CONSTRAINT agents_installer FOREIGN KEY (installed_by) REFERENCES users (user_id) ON DELETE SET NULL
);
CREATE INDEX agents_by_installer ON agents (installed_by);

CREATE TABLE workspaces (
  workspace_id      UUID PRIMARY KEY,
  owner_id          UUID         NOT NULL,
  name              VARCHAR(400) NOT NULL,
  coordinator_agent VARCHAR(400),
  created_at        TIMESTAMP(3) WITH TIME ZONE NOT NULL,
  CONSTRAINT workspaces_owner FOREIGN KEY (owner_id) REFERENCES users (user_id) ON DELETE CASCADE
);
CREATE INDEX workspaces_by_owner ON workspaces (owner_id, workspace_id);

CREATE TABLE workspace_agents (
  workspace_id UUID         NOT NULL,
  agent_id     VARCHAR(400) NOT NULL,
  added_at     TIMESTAMP(3) WITH TIME ZONE NOT NULL,
  PRIMARY KEY (workspace_id, agent_id),
  CONSTRAINT workspace_agents_workspace FOREIGN KEY (workspace_id) REFERENCES workspaces (workspace_id) ON DELETE CASCADE
);

CREATE TABLE chats (
  chat_id      UUID PRIMARY KEY,
  workspace_id UUID         NOT NULL,
  owner_id     UUID         NOT NULL,
  title        VARCHAR(400),
  last_seq     BIGINT       NOT NULL,
  created_at   TIMESTAMP(3) WITH TIME ZONE NOT NULL,
  updated_at   TIMESTAMP(3) WITH TIME ZONE NOT NULL,
  CONSTRAINT chats_workspace FOREIGN KEY (workspace_id) REFERENCES workspaces (workspace_id) ON DELETE CASCADE,
  CONSTRAINT chats_owner FOREIGN KEY (owner_id) REFERENCES users (user_id) ON DELETE CASCADE
);
CREATE INDEX chats_by_workspace ON chats (workspace_id, chat_id);
CREATE INDEX chats_by_owner ON chats (owner_id);

-- turn_seq is the seq of the user's message that a message belongs to: a queued message is answered without later ones.
CREATE TABLE messages (
  message_id    UUID PRIMARY KEY,
  chat_id       UUID            NOT NULL,
  run_id        UUID            NOT NULL,
  seq           BIGINT          NOT NULL,
  turn_seq      BIGINT          NOT NULL,
  role          VARCHAR(16)     NOT NULL,
  agent_id      VARCHAR(400),
  content       VARCHAR(1000000) NOT NULL,
  status        VARCHAR(16)     NOT NULL,
  input_tokens  INTEGER,
  output_tokens INTEGER,
  created_at    TIMESTAMP(3) WITH TIME ZONE NOT NULL,
  CONSTRAINT messages_chat FOREIGN KEY (chat_id) REFERENCES chats (chat_id) ON DELETE CASCADE
);
CREATE INDEX messages_by_chat ON messages (chat_id, seq);

-- message_id is the user's message that the run answers, reply_id the message that it makes.
CREATE TABLE runs (
  run_id        UUID PRIMARY KEY,
  chat_id       UUID         NOT NULL,
  message_id    UUID         NOT NULL,
  reply_id      UUID         NOT NULL,
  turn_seq      BIGINT       NOT NULL,
  agent_id      VARCHAR(400) NOT NULL,
  status        VARCHAR(16)  NOT NULL,
  partial_text  VARCHAR(1000000),
  model         VARCHAR(300),
  input_tokens  INTEGER,
  output_tokens INTEGER,
  created_at    TIMESTAMP(3) WITH TIME ZONE NOT NULL,
  started_at    TIMESTAMP(3) WITH TIME ZONE,
  ended_at      TIMESTAMP(3) WITH TIME ZONE,
  CONSTRAINT runs_chat FOREIGN KEY (chat_id) REFERENCES chats (chat_id) ON DELETE CASCADE
);
CREATE INDEX runs_by_chat ON runs (chat_id, status);
CREATE INDEX runs_by_status ON runs (status);

-- What clients are told, in order. The data of 'feedback' and 'message' is the message itself, so it is not kept twice.
CREATE TABLE events (
  chat_id    UUID        NOT NULL,
  seq        BIGINT      NOT NULL,
  type       VARCHAR(16) NOT NULL,
  message_id UUID,
  data       VARCHAR(100000),
  PRIMARY KEY (chat_id, seq),
  CONSTRAINT events_chat FOREIGN KEY (chat_id) REFERENCES chats (chat_id) ON DELETE CASCADE
);
