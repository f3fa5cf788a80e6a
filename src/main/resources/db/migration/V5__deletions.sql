-- What is deleted loses the row that all else hangs on, and is noted here; the rest is removed in the background, a few hundred rows at a time. So nothing may go along by itself of which there
-- can be many. Whoever adds a row below a chat, a workspace or a user holds that one's row meanwhile.

CREATE TABLE deletions (
  kind    VARCHAR(16) NOT NULL,
  item_id UUID        NOT NULL,
  PRIMARY KEY (kind, item_id)
);

ALTER TABLE workspaces DROP CONSTRAINT workspaces_owner;
ALTER TABLE workspace_agents DROP CONSTRAINT workspace_agents_workspace;
ALTER TABLE chats DROP CONSTRAINT chats_workspace;
ALTER TABLE chats DROP CONSTRAINT chats_owner;
ALTER TABLE messages DROP CONSTRAINT messages_chat;
ALTER TABLE runs DROP CONSTRAINT runs_chat;
ALTER TABLE events DROP CONSTRAINT events_chat;
ALTER TABLE message_marks DROP CONSTRAINT message_marks_chat;
ALTER TABLE usage_days DROP CONSTRAINT usage_days_user;
ALTER TABLE agents DROP CONSTRAINT agents_owner;
ALTER TABLE agents DROP CONSTRAINT agents_installer;
