package io.coterie.chat;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.sqlobject.config.RegisterConstructorMapper;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;

@RegisterConstructorMapper(RunRow.class)
interface RunDao {

  @SqlUpdate(
      """
      INSERT INTO runs (run_id, chat_id, message_id, reply_id, turn_seq, agent_id, status, created_at)
      VALUES (:runId, :chatId, :messageId, :replyId, :turnSeq, :agentId, 'queued', :now)
      """)
  void insert(
      UUID runId,
      UUID chatId,
      UUID messageId,
      UUID replyId,
      long turnSeq,
      String agentId,
      Instant now);

  @SqlQuery(
      """
      SELECT r.run_id, r.chat_id, c.owner_id, r.message_id, r.reply_id, r.turn_seq, r.agent_id, r.status,
        r.partial_costs, m.content AS text
      FROM runs r JOIN messages m ON m.message_id = r.message_id JOIN chats c ON c.chat_id = r.chat_id
      WHERE r.run_id = :runId
      """)
  Optional<RunRow> find(UUID runId);

  @SqlQuery(
      """
      SELECT r.run_id, r.chat_id, c.owner_id, r.message_id, r.reply_id, r.turn_seq, r.agent_id, r.status,
        r.partial_costs, m.content AS text
      FROM runs r JOIN messages m ON m.message_id = r.message_id JOIN chats c ON c.chat_id = r.chat_id
      WHERE r.chat_id = :chatId AND r.status = 'queued' ORDER BY r.run_id
      FETCH FIRST :limit ROWS ONLY
      """)
  List<RunRow> queuedOfChat(UUID chatId, int limit);

  @SqlQuery(
      """
      SELECT r.run_id, r.chat_id, c.owner_id, r.message_id, r.reply_id, r.turn_seq, r.agent_id, r.status,
        r.partial_costs, m.content AS text
      FROM runs r JOIN messages m ON m.message_id = r.message_id JOIN chats c ON c.chat_id = r.chat_id
        JOIN workspaces w ON w.workspace_id = c.workspace_id JOIN users u ON u.user_id = w.owner_id
      WHERE r.status = :status ORDER BY r.run_id
      """)
  List<RunRow> ofStatus(String status);

  @SqlUpdate(
      """
      UPDATE runs SET status = 'running', agent_id = :agentId, started_at = :now
      WHERE run_id = :runId AND status = 'queued'
      """)
  int start(UUID runId, String agentId, Instant now);

  /**
   * Holds the run's row until the transaction ends, so that it does not end meanwhile; 0 where it
   * is not in progress.
   */
  @SqlUpdate("UPDATE runs SET partial_costs = :costs WHERE run_id = :runId AND status = 'running'")
  int saveCosts(UUID runId, String costs);

  @SqlUpdate("UPDATE run_texts SET text = :text WHERE run_id = :runId AND start_at = :startAt")
  int rewriteText(UUID runId, int startAt, String text);

  @SqlUpdate("INSERT INTO run_texts (run_id, start_at, text) VALUES (:runId, :startAt, :text)")
  void addText(UUID runId, int startAt, String text);

  /** What was saved of a reply, in pieces. */
  @SqlQuery("SELECT text FROM run_texts WHERE run_id = :runId ORDER BY run_id, start_at")
  List<String> texts(UUID runId);

  @SqlUpdate("DELETE FROM run_texts WHERE run_id = :runId")
  void dropTexts(UUID runId);

  /** Any run that has saved text. */
  @SqlQuery("SELECT run_id FROM run_texts FETCH FIRST 1 ROWS ONLY")
  Optional<UUID> anyWithText();

  @SqlUpdate(
      """
      UPDATE runs SET status = :status, partial_costs = NULL, model = :model,
        input_tokens = :inputTokens, output_tokens = :outputTokens, ended_at = :now
      WHERE run_id = :runId AND status IN ('queued', 'running')
      """)
  int end(
      UUID runId,
      String status,
      String model,
      Integer inputTokens,
      Integer outputTokens,
      Instant now);
}
