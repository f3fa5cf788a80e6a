package io.coterie.search;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.sqlobject.config.RegisterConstructorMapper;
import org.jdbi.v3.sqlobject.customizer.BindMethods;
import org.jdbi.v3.sqlobject.statement.SqlBatch;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;

/**
 * The messages of a user, looked through. An order names the owner, of whom there is one, and a
 * condition the time twice: so H2 reads as many rows as it answers from the index.
 */
@RegisterConstructorMapper(SearchDao.Marked.class)
@RegisterConstructorMapper(SearchDao.Place.class)
@RegisterConstructorMapper(SearchDao.Text.class)
@RegisterConstructorMapper(SearchDao.Group.class)
@RegisterConstructorMapper(SearchDao.Range.class)
@RegisterConstructorMapper(SearchDao.Home.class)
interface SearchDao {

  /** Where a message is in the order of results. */
  record Place(UUID messageId, Instant createdAt) {}

  /** What is known of a message without a look at it. */
  record Marked(long markNo, UUID chatId, UUID messageId, Instant createdAt, byte[] marks) {
    Place place() {
      return new Place(messageId, createdAt);
    }
  }

  /** What is known of some messages: those whose numbers are in that range, ends included. */
  record Group(long firstNo, long lastNo, Instant newestAt, byte[] marks) {}

  /** As {@link Group}, with how many messages it was made of. */
  record Range(long firstNo, long lastNo, int messages) {}

  /**
   * A message that may not be searchable yet.
   *
   * @param marked whether it is
   */
  record Text(
      UUID chatId, UUID messageId, long seq, Instant createdAt, String content, boolean marked) {
    public byte[] marks() {
      return Marks.of(content);
    }
  }

  /** Whose a chat is, and where. */
  record Home(UUID ownerId, UUID workspaceId) {}

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

  /** Empty where the chat, or its workspace, is gone. */
  @SqlQuery(
      """
      SELECT c.owner_id, c.workspace_id
      FROM chats c JOIN workspaces w ON w.workspace_id = c.workspace_id WHERE c.chat_id = :chatId
      """)
  Optional<Home> home(UUID chatId);

  @SqlQuery("SELECT content FROM messages WHERE message_id = :messageId")
  Optional<String> content(UUID messageId);

  /** The next messages after a number, in the order in which they were stored. */
  @SqlQuery(
      """
      SELECT mark_no, chat_id, message_id, created_at, marks FROM message_marks
      WHERE owner_id = :ownerId AND mark_no > :afterNo
      ORDER BY owner_id, mark_no FETCH FIRST :limit ROWS ONLY
      """)
  List<Marked> storedAfter(UUID ownerId, long afterNo, int limit);

  @SqlQuery(
      """
      SELECT mark_no, chat_id, message_id, created_at, marks FROM message_marks
      WHERE owner_id = :ownerId AND mark_no >= :firstNo AND mark_no <= :lastNo
      ORDER BY owner_id, mark_no
      """)
  List<Marked> between(UUID ownerId, long firstNo, long lastNo);

  @SqlQuery(
      """
      SELECT mark_no FROM message_marks WHERE owner_id = :ownerId AND mark_no > :afterNo
      ORDER BY owner_id, mark_no FETCH FIRST :limit ROWS ONLY
      """)
  List<Long> numbersAfter(UUID ownerId, long afterNo, int limit);

  @SqlQuery(
      """
      SELECT mark_no FROM message_marks
      WHERE owner_id = :ownerId AND mark_no >= :firstNo AND mark_no <= :lastNo
      """)
  List<Long> numbersBetween(UUID ownerId, long firstNo, long lastNo);

  /** Up to which number the owner's messages are in groups. */
  @SqlQuery(
      """
      SELECT last_no FROM mark_groups WHERE owner_id = :ownerId
      ORDER BY owner_id, last_no DESC FETCH FIRST 1 ROWS ONLY
      """)
  Optional<Long> lastGrouped(UUID ownerId);

  /**
   * The next groups that have messages as old as {@code from} or older, by their newest message,
   * that first. Passes over those that do not.
   */
  @SqlQuery(
      """
      SELECT first_no, last_no, newest_at, marks FROM mark_groups
      WHERE owner_id = :ownerId AND newest_at <= :newestAt
        AND (newest_at < :newestAt OR last_no < :beforeNo) AND oldest_at <= :from
      ORDER BY owner_id, newest_at DESC, last_no DESC FETCH FIRST :limit ROWS ONLY
      """)
  List<Group> groups(UUID ownerId, Instant newestAt, long beforeNo, Instant from, int limit);

  @SqlQuery(
      """
      SELECT first_no, last_no, messages FROM mark_groups
      WHERE owner_id = :ownerId AND last_no > :afterNo
      ORDER BY owner_id, last_no FETCH FIRST :limit ROWS ONLY
      """)
  List<Range> ranges(UUID ownerId, long afterNo, int limit);

  /** Holds the user's row until the transaction ends, so that the account stays meanwhile. */
  @SqlQuery("SELECT user_id FROM users WHERE user_id = :userId FOR UPDATE")
  Optional<UUID> lockUser(UUID userId);

  @SqlUpdate(
      """
      INSERT INTO mark_groups (owner_id, first_no, last_no, oldest_at, newest_at, messages, marks)
      VALUES (:ownerId, :firstNo, :lastNo, :oldestAt, :newestAt, :messages, :marks)
      """)
  void insertGroup(
      UUID ownerId,
      long firstNo,
      long lastNo,
      Instant oldestAt,
      Instant newestAt,
      int messages,
      byte[] marks);

  @SqlUpdate("DELETE FROM mark_groups WHERE owner_id = :ownerId AND last_no = :lastNo")
  int deleteGroup(UUID ownerId, long lastNo);

  @SqlQuery("SELECT owner_id FROM mark_groups_due FETCH FIRST 1 ROWS ONLY")
  Optional<UUID> due();

  @SqlUpdate("DELETE FROM mark_groups_due WHERE owner_id = :ownerId")
  int deleteDue(UUID ownerId);

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
      SELECT m.chat_id, m.message_id, m.seq, m.created_at, m.content,
        EXISTS (SELECT 1 FROM message_marks k
          WHERE k.chat_id = m.chat_id AND k.message_id = m.message_id) AS marked
      FROM messages m WHERE m.chat_id = :chatId AND m.seq < :before
      ORDER BY m.chat_id, m.seq DESC FETCH FIRST :limit ROWS ONLY
      """)
  List<Text> before(UUID chatId, long before, int limit);

  @SqlBatch(
      """
      INSERT INTO message_marks (owner_id, chat_id, message_id, created_at, marks)
      VALUES ((SELECT owner_id FROM chats WHERE chat_id = :chatId), :chatId, :messageId, :createdAt, :marks)
      """)
  void insertMarks(@BindMethods Iterable<Text> texts);
}
