package io.coterie.chat;

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
 * The events of a chat and the messages that some of them carry. An order names the column that is
 * the same in all rows, so that H2 reads as many rows as it answers from the index.
 */
@RegisterConstructorMapper(EventRow.class)
@RegisterConstructorMapper(MessageRow.class)
@RegisterConstructorMapper(LogDao.Held.class)
interface LogDao {

  /**
   * A chat whose row is held.
   *
   * @param ownerDisabled null where its workspace or the owner of that is gone, and with it the
   *     chat
   */
  record Held(long lastSeq, Boolean ownerDisabled) {}

  /**
   * Holds the chat's row until the transaction ends, so that nothing is added to what is being
   * removed. What decides whether it is there, and for whom, is not in the condition: H2 2.2.224
   * evaluates it once more where it had to wait for the row, and then answers wrongly.
   */
  @SqlQuery(
      """
      SELECT last_seq,
        (SELECT u.disabled FROM workspaces w JOIN users u ON u.user_id = w.owner_id
         WHERE w.workspace_id = chats.workspace_id) AS owner_disabled
      FROM chats WHERE chat_id = :chatId FOR UPDATE
      """)
  Optional<Held> lock(UUID chatId);

  @SqlQuery(
      """
      SELECT u.disabled
      FROM chats c JOIN workspaces w ON w.workspace_id = c.workspace_id
        JOIN users u ON u.user_id = w.owner_id
      WHERE c.chat_id = :chatId
      """)
  Optional<Boolean> ownerDisabled(UUID chatId);

  @SqlQuery(
      """
      SELECT c.last_seq
      FROM chats c JOIN workspaces w ON w.workspace_id = c.workspace_id
        JOIN users u ON u.user_id = w.owner_id
      WHERE c.chat_id = :chatId
      """)
  Optional<Long> lastSeq(UUID chatId);

  @SqlUpdate(
      """
      UPDATE chats SET last_seq = :lastSeq, updated_at = :now, title = COALESCE(title, CAST(:title AS VARCHAR(400)))
      WHERE chat_id = :chatId
      """)
  void advance(UUID chatId, long lastSeq, Instant now, String title);

  @SqlBatch(
      """
      INSERT INTO events (chat_id, seq, type, message_id, data)
      VALUES (:chatId, :seq, :type, :messageId, :data)
      """)
  void insertEvents(@BindMethods Iterable<EventRow> events);

  @SqlQuery(
      """
      SELECT chat_id, seq, type, message_id, data FROM events
      WHERE chat_id = :chatId AND seq > :after
      ORDER BY chat_id, seq FETCH FIRST :limit ROWS ONLY
      """)
  List<EventRow> eventsAfter(UUID chatId, long after, int limit);

  @SqlUpdate(
      """
      INSERT INTO messages (message_id, chat_id, run_id, seq, turn_seq, role, agent_id, content, status,
        input_tokens, output_tokens, created_at)
      VALUES (:messageId, :chatId, :runId, :seq, :turnSeq, :role, :agentId, :content, :status,
        :inputTokens, :outputTokens, :createdAt)
      """)
  void insertMessage(@BindMethods MessageRow message);

  @SqlUpdate(
      """
      INSERT INTO message_marks (owner_id, chat_id, message_id, created_at, marks)
      VALUES ((SELECT owner_id FROM chats WHERE chat_id = :chatId), :chatId, :messageId, :createdAt, :marks)
      """)
  void insertMarks(@BindMethods MessageRow message);

  @SqlQuery(
      """
      SELECT message_id, chat_id, run_id, seq, turn_seq, role, agent_id, content, status,
        input_tokens, output_tokens, created_at
      FROM messages WHERE chat_id = :chatId AND seq > :after AND seq <= :upTo
      ORDER BY seq
      """)
  List<MessageRow> messagesBetween(UUID chatId, long after, long upTo);

  @SqlQuery(
      """
      SELECT message_id, chat_id, run_id, seq, turn_seq, role, agent_id, content, status,
        input_tokens, output_tokens, created_at
      FROM messages WHERE chat_id = :chatId AND seq < :before
      ORDER BY chat_id, seq DESC FETCH FIRST :limit ROWS ONLY
      """)
  List<MessageRow> messagesBefore(UUID chatId, long before, int limit);

  @SqlQuery(
      """
      SELECT message_id, chat_id, run_id, seq, turn_seq, role, agent_id, content, status,
        input_tokens, output_tokens, created_at
      FROM messages WHERE chat_id = :chatId AND seq > :after
      ORDER BY chat_id, seq FETCH FIRST :limit ROWS ONLY
      """)
  List<MessageRow> messagesAfter(UUID chatId, long after, int limit);

  /** The newest turns before one, in each the newest message first. */
  @SqlQuery(
      """
      SELECT message_id, chat_id, run_id, seq, turn_seq, role, agent_id, content, status,
        input_tokens, output_tokens, created_at
      FROM messages WHERE chat_id = :chatId AND turn_seq < :beforeTurn
      ORDER BY chat_id, turn_seq DESC, seq DESC FETCH FIRST :limit ROWS ONLY
      """)
  List<MessageRow> turnsBefore(UUID chatId, long beforeTurn, int limit);

  /** The user's message that began the chat's last turn: its number is the turn's. */
  @SqlQuery(
      """
      SELECT message_id, chat_id, run_id, seq, turn_seq, role, agent_id, content, status,
        input_tokens, output_tokens, created_at
      FROM messages WHERE chat_id = :chatId AND seq = (
        SELECT turn_seq FROM messages WHERE chat_id = :chatId
        ORDER BY chat_id, turn_seq DESC FETCH FIRST 1 ROWS ONLY)
      """)
  Optional<MessageRow> lastUserMessage(UUID chatId);

  @SqlQuery("SELECT seq FROM messages WHERE message_id = :messageId AND chat_id = :chatId")
  Optional<Long> seqOfMessage(UUID chatId, UUID messageId);

  @SqlQuery(
      """
      SELECT message_id, chat_id, run_id, seq, turn_seq, role, agent_id, content, status,
        input_tokens, output_tokens, created_at
      FROM messages WHERE message_id = :messageId
      """)
  Optional<MessageRow> message(UUID messageId);
}
