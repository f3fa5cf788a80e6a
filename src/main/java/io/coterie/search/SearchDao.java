package io.coterie.search;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jdbi.v3.sqlobject.config.RegisterConstructorMapper;
import org.jdbi.v3.sqlobject.customizer.BindMethods;
import org.jdbi.v3.sqlobject.statement.SqlBatch;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;

/** The messages of a user, looked through. */
@RegisterConstructorMapper(SearchDao.Marked.class)
@RegisterConstructorMapper(SearchDao.Place.class)
@RegisterConstructorMapper(SearchDao.Text.class)
interface SearchDao {

  /** Where a message is in the order of results. */
  record Place(UUID messageId, Instant createdAt) {}

  /** What is known of a message without a look at it. */
  record Marked(UUID chatId, UUID messageId, Instant createdAt, byte[] marks) {
    Place place() {
      return new Place(messageId, createdAt);
    }
  }

  record Text(UUID chatId, UUID messageId, long seq, Instant createdAt, String content) {
    public byte[] marks() {
      return Marks.of(content);
    }
  }

  @SqlQuery("SELECT chat_id FROM chats WHERE workspace_id = :workspaceId AND owner_id = :ownerId")
  Set<UUID> chatsIn(UUID workspaceId, UUID ownerId);

  /**
   * The next ones after a place, newest first. The order names the owner, of whom there is one, and
   * the condition the time twice: so H2 reads them from the index, and no others.
   */
  @SqlQuery(
      """
      SELECT chat_id, message_id, created_at, marks FROM message_marks
      WHERE owner_id = :ownerId AND created_at <= :createdAt
        AND (created_at < :createdAt OR message_id < :messageId)
      ORDER BY owner_id, created_at DESC, message_id DESC FETCH FIRST :limit ROWS ONLY
      """)
  List<Marked> after(UUID ownerId, @BindMethods Place place, int limit);

  /**
   * The place of a message of that owner.
   *
   * @param workspaceId only there; null for everywhere
   */
  @SqlQuery(
      """
      SELECT m.message_id, m.created_at FROM messages m JOIN chats c ON c.chat_id = m.chat_id
        JOIN workspaces w ON w.workspace_id = c.workspace_id
      WHERE m.message_id = :messageId AND c.owner_id = :ownerId
        AND c.workspace_id = COALESCE(CAST(:workspaceId AS UUID), c.workspace_id)
      """)
  Optional<Place> owned(UUID messageId, UUID ownerId, UUID workspaceId);

  /** Empty where the message's chat is gone, and perhaps not yet its rows. */
  @SqlQuery(
      """
      SELECT m.content FROM messages m JOIN chats c ON c.chat_id = m.chat_id
        JOIN workspaces w ON w.workspace_id = c.workspace_id
      WHERE m.message_id = :messageId
      """)
  Optional<String> content(UUID messageId);

  @SqlQuery("SELECT before_chat FROM words_backlog WHERE id = 1")
  Optional<UUID> backlog();

  @SqlUpdate("UPDATE words_backlog SET before_chat = :chatId WHERE id = 1")
  void moveBacklog(UUID chatId);

  @SqlUpdate("DELETE FROM words_backlog")
  void endBacklog();

  @SqlQuery(
      """
      SELECT chat_id FROM chats WHERE chat_id < :before ORDER BY chat_id DESC FETCH FIRST 1 ROWS ONLY
      """)
  Optional<UUID> chatBefore(UUID before);

  /** Holds the chat's row, so that it is not deleted meanwhile. */
  @SqlQuery("SELECT chat_id FROM chats WHERE chat_id = :chatId FOR UPDATE")
  Optional<UUID> lockChat(UUID chatId);

  @SqlQuery(
      """
      SELECT m.chat_id, m.message_id, m.seq, m.created_at, m.content FROM messages m
      WHERE m.chat_id = :chatId AND m.seq > :after
        AND NOT EXISTS (
          SELECT 1 FROM message_marks k WHERE k.chat_id = m.chat_id AND k.message_id = m.message_id)
      ORDER BY m.seq FETCH FIRST :limit ROWS ONLY
      """)
  List<Text> unmarked(UUID chatId, long after, int limit);

  @SqlBatch(
      """
      INSERT INTO message_marks (owner_id, chat_id, message_id, created_at, marks)
      VALUES ((SELECT owner_id FROM chats WHERE chat_id = :chatId), :chatId, :messageId, :createdAt, :marks)
      """)
  void insertMarks(@BindMethods Iterable<Text> texts);
}
