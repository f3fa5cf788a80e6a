package io.coterie;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.UUID;

/** Fills a stopped server's database with more than could be sent in the time of a test. */
final class Filling implements AutoCloseable {

  /** What is stored of messages that were answered. CHAT and SEQ may depend on x, 1 to COUNT. */
  private static final String[] ANSWERED = {
    """
    INSERT INTO runs (run_id, chat_id, message_id, reply_id, turn_seq, agent_id, status, created_at)
    SELECT RUN, CHAT, ASKED, REPLY, SEQ, 'echo', 'completed', NOW()
    FROM SYSTEM_RANGE(1, COUNT)""",
    """
    INSERT INTO messages (message_id, chat_id, run_id, seq, turn_seq, role, content, status, created_at)
    SELECT CASE y WHEN 0 THEN ASKED ELSE REPLY END, CHAT, RUN, SEQ + 5 * y, SEQ,
      CASE y WHEN 0 THEN 'user' ELSE 'assistant' END,
      'Message ' || x || ' says ' || REPEAT(RAWTOHEX(SECURE_RAND(10)) || ' ', 10), 'completed', NOW()
    FROM SYSTEM_RANGE(1, COUNT) CROSS JOIN (SELECT x AS y FROM SYSTEM_RANGE(0, 1)) ORDER BY x, y""",
    """
    INSERT INTO message_marks (owner_id, chat_id, message_id, created_at, marks)
    SELECT 'OWNER', CHAT, CASE y WHEN 0 THEN ASKED ELSE REPLY END, NOW(), SECURE_RAND(40)
    FROM SYSTEM_RANGE(1, COUNT) CROSS JOIN (SELECT x AS y FROM SYSTEM_RANGE(0, 1)) ORDER BY x, y""",
    """
    INSERT INTO events (chat_id, seq, type, message_id, data)
    SELECT CHAT, SEQ + y, CASE y WHEN 0 THEN 'feedback' WHEN 5 THEN 'message' ELSE 'run' END,
      CASE y WHEN 0 THEN ASKED WHEN 5 THEN REPLY END,
      CASE WHEN y IN (0, 5) THEN NULL
        ELSE '{"run_id":"' || RUN || '","agent_id":"echo","status":"running"}' END
    FROM SYSTEM_RANGE(1, COUNT) CROSS JOIN (SELECT x AS y FROM SYSTEM_RANGE(0, 6)) ORDER BY x, y"""
  };

  private final Connection connection;
  private final Statement sql;
  private int kinds;

  Filling(Path dataDir) throws SQLException {
    connection = Tables.open(dataDir);
    sql = connection.createStatement();
  }

  /** A workspace with one agent. */
  String workspace(String userId) throws SQLException {
    String id = UUID.randomUUID().toString();
    run("INSERT INTO workspaces VALUES ('%s', '%s', 'W', NULL, NOW())", id, userId);
    run("INSERT INTO workspace_agents VALUES ('%s', 'echo', NOW())", id);
    return id;
  }

  /** A chat in which so many messages were answered. */
  String chat(String userId, String workspace, int answered) throws SQLException {
    String id = UUID.randomUUID().toString();
    run(
        "INSERT INTO chats VALUES ('%s', '%s', '%s', 'T', 7 * %d, NOW(), NOW())",
        id, workspace, userId, answered);
    answer("'" + id + "'", "(7 * x - 6)", userId, answered);
    return id;
  }

  /** Many chats with one answered message each. */
  void chats(String userId, String workspace, int count) throws SQLException {
    String id = uuid(++kinds);
    run(
        """
        INSERT INTO chats SELECT %s, '%s', '%s', 'T', 7, NOW(), NOW() FROM SYSTEM_RANGE(1, %d)""",
        id, workspace, userId, count);
    answer(id, "1", userId, count);
  }

  /** Days on which a user used something. */
  void usage(String userId, int days) throws SQLException {
    run(
        """
        INSERT INTO usage_days SELECT '%s', DATEADD(DAY, -x, CURRENT_DATE), 'echo', '', 1, 1, 1, 1
        FROM SYSTEM_RANGE(1, %d)""",
        userId, days);
  }

  private void answer(String chat, String seq, String owner, int count) throws SQLException {
    String run = uuid(++kinds);
    String asked = uuid(++kinds);
    String reply = uuid(++kinds);
    for (String statement : ANSWERED) {
      sql.execute(
          statement
              .replace("CHAT", chat)
              .replace("SEQ", seq)
              .replace("RUN", run)
              .replace("ASKED", asked)
              .replace("REPLY", reply)
              .replace("OWNER", owner)
              .replace("COUNT", Integer.toString(count)));
    }
  }

  private void run(String statement, Object... parameters) throws SQLException {
    sql.execute(statement.formatted(parameters));
  }

  /** An identifier for each x that grows with it, as those of the server do with time. */
  private static String uuid(int kind) {
    return "CAST('01900000-0000-7000-8%03d-' || LPAD(x, 12, '0') AS UUID)".formatted(kind);
  }

  /** Leaves the file as small as it can be. */
  @Override
  public void close() throws SQLException {
    sql.execute("SHUTDOWN COMPACT");
    connection.close();
  }
}
