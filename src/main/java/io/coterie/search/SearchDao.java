package io.coterie.search;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.sqlobject.config.RegisterConstructorMapper;
import org.jdbi.v3.sqlobject.statement.SqlBatch;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;

/** The messages of a user, looked through. */
@RegisterConstructorMapper(SearchDao.Chat.class)
@RegisterConstructorMapper(SearchDao.Hit.class)
@RegisterConstructorMapper(SearchDao.Text.class)
interface SearchDao {

  record Chat(UUID chatId, long lastSeq, Instant updatedAt) {}

  record Hit(UUID chatId, UUID messageId, Instant createdAt) {}

  record Text(UUID messageId, long seq, String content) {}

  @SqlQuery("SELECT chat_id, last_seq, updated_at FROM chats WHERE owner_id = :ownerId")
  List<Chat> chats(UUID ownerId);

  @SqlQuery(
      """
      SELECT chat_id, last_seq, updated_at FROM chats
      WHERE workspace_id = :workspaceId AND owner_id = :ownerId
      """)
  List<Chat> chatsIn(UUID workspaceId, UUID ownerId);

  @SqlQuery(
      """
      SELECT chat_id, message_id, created_at FROM messages
      WHERE chat_id = :chatId AND seq > :after AND seq <= :upTo
        AND (created_at < :beforeTime OR (created_at = :beforeTime AND message_id < :beforeId))
        AND words LIKE :w0 AND words LIKE :w1 AND words LIKE :w2 AND words LIKE :w3 AND words LIKE :w4
        AND words LIKE :w5 AND words LIKE :w6 AND words LIKE :w7 AND words LIKE :w8 AND words LIKE :w9
      ORDER BY created_at DESC, message_id DESC FETCH FIRST :limit ROWS ONLY
      """)
  List<Hit> hits(
      UUID chatId,
      long after,
      long upTo,
      Instant beforeTime,
      UUID beforeId,
      String w0,
      String w1,
      String w2,
      String w3,
      String w4,
      String w5,
      String w6,
      String w7,
      String w8,
      String w9,
      int limit);

  @SqlQuery(
      """
      SELECT created_at FROM messages WHERE chat_id = :chatId AND seq <= :seq
      ORDER BY seq DESC FETCH FIRST 1 ROWS ONLY
      """)
  Optional<Instant> newestUpTo(UUID chatId, long seq);

  @SqlQuery(
      """
      SELECT m.chat_id, m.message_id, m.created_at
      FROM messages m JOIN chats c ON c.chat_id = m.chat_id
      WHERE m.message_id = :messageId AND c.owner_id = :ownerId
      """)
  Optional<Hit> owned(UUID messageId, UUID ownerId);

  @SqlQuery("SELECT content FROM messages WHERE message_id = :messageId")
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
      SELECT message_id, seq, content FROM messages WHERE chat_id = :chatId AND seq > :after AND words IS NULL
      ORDER BY seq FETCH FIRST :limit ROWS ONLY
      """)
  List<Text> wordless(UUID chatId, long after, int limit);

  @SqlBatch("UPDATE messages SET words = :words WHERE message_id = :messageId")
  void setWords(Iterable<UUID> messageId, Iterable<String> words);
}
