package io.coterie.storage;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * Looks for what is missing in a database whose file was damaged: the events of a chat have no
 * gaps, and the messages that they tell of are there. What left no trace is not found. Stateless.
 */
final class Soundness {

  /** Of others, what was deleted may be half removed. */
  private static final String KEPT_CHATS =
      """
      SELECT c.chat_id FROM chats c
      JOIN workspaces w ON w.workspace_id = c.workspace_id JOIN users u ON u.user_id = w.owner_id\
      """;

  private static final String CHATS_WITH_GAPS =
      """
      SELECT COUNT(*)
      FROM chats
      LEFT JOIN (SELECT chat_id, COUNT(*) AS there FROM events GROUP BY chat_id) AS found
        ON found.chat_id = chats.chat_id
      WHERE chats.last_seq <> COALESCE(found.there, 0) AND chats.chat_id IN (%s)
      """
          .formatted(KEPT_CHATS);

  private static final String MISSING_MESSAGES =
      """
      SELECT COUNT(*)
      FROM events
      WHERE data IS NULL AND events.chat_id IN (%s)
        AND NOT EXISTS (SELECT 1 FROM messages WHERE messages.message_id = events.message_id)
      """
          .formatted(KEPT_CHATS);

  private Soundness() {}

  /** What is found, in one line. */
  static String report(Connection connection) {
    try {
      long gaps = count(connection, CHATS_WITH_GAPS);
      long messages = count(connection, MISSING_MESSAGES);
      return gaps + messages == 0
          ? "No gap was found in what is there; that the newest is missing cannot be excluded"
          : "%d chats have gaps, and %d messages are missing".formatted(gaps, messages);
    } catch (SQLException e) {
      return "Not all of it can be read";
    }
  }

  private static long count(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getLong(1);
    }
  }
}
