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
        r.partial_text, r.partial_costs, m.content AS text
      FROM runs r JOIN messages m ON m.message_id = r.message_id JOIN chats c ON c.chat_id = r.chat_id
      WHERE r.run_id = :runId
      """)
  Optional<RunRow> find(UUID runId);

  @SqlQuery(
      """
      SELECT r.run_id, r.chat_id, c.owner_id, r.message_id, r.reply_id, r.turn_seq, r.agent_id, r.status,
        r.partial_text, r.partial_costs, m.content AS text
      FROM runs r JOIN messages m ON m.message_id = r.message_id JOIN chats c ON c.chat_id = r.chat_id
      WHERE r.chat_id = :chatId AND r.status = 'queued' ORDER BY r.run_id
      FETCH FIRST :limit ROWS ONLY
      """)
  List<RunRow> queuedOfChat(UUID chatId, int limit);

  @SqlQuery(
      """
      SELECT r.run_id, r.chat_id, c.owner_id, r.message_id, r.reply_id, r.turn_seq, r.agent_id, r.status,
        r.partial_text, r.partial_costs, m.content AS text
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

  @SqlUpdate(
      """
      UPDATE runs SET partial_text = :text, partial_costs = :costs
      WHERE run_id = :runId AND status = 'running'
      """)
  void savePartial(UUID runId, String text, String costs);

  @SqlUpdate(
      """
      UPDATE runs SET status = :status, partial_text = NULL, partial_costs = NULL, model = :model, input_tokens = :inputTokens,
        output_tokens = :outputTokens, ended_at = :now
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
