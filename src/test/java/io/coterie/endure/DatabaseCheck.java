package io.coterie.endure;

import io.coterie.Tables;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** What must hold between the tables of a database that no server has open. */
final class DatabaseCheck {

  /** A column of that name, in whatever table, names a row of that table. */
  private static final Map<String, String> REFERENCES =
      Map.of(
          "CHAT_ID", "CHATS",
          "WORKSPACE_ID", "WORKSPACES",
          "RUN_ID", "RUNS",
          "USER_ID", "USERS",
          "OWNER_ID", "USERS",
          "INSTALLED_BY", "USERS");

  /** The first user may be gone: that there was one is what counts. */
  private static final String FIRST_USER = "FIRST_USER";

  private final Path dataDir;

  DatabaseCheck(Path dataDir) {
    this.dataDir = dataDir;
  }

  /** Rows whose owner is gone, by table and column; none where all is cleared. */
  Map<String, Long> orphans() throws SQLException {
    Map<String, Long> orphans = new TreeMap<>();
    try (Connection connection = Tables.open(dataDir)) {
      for (String[] column : columns(connection)) {
        String parent = REFERENCES.get(column[1]);
        if (parent == null || parent.equals(column[0]) || column[0].equals(FIRST_USER)) {
          continue;
        }
        String key = parent.equals("USERS") ? "USER_ID" : column[1];
        long count =
            number(
                connection,
                """
                SELECT COUNT(*) FROM %s c WHERE c.%s IS NOT NULL
                AND NOT EXISTS (SELECT 1 FROM %s p WHERE p.%s = c.%s)
                """
                    .formatted(column[0], column[1], parent, key, column[1]));
        if (count > 0) {
          orphans.put(column[0].toLowerCase(Locale.ROOT) + "." + column[1], count);
        }
      }
    }
    return orphans;
  }

  /** Numbers without gaps, runs with one end, messages with one event. */
  void check(Findings findings, Figures figures) throws SQLException {
    try (Connection connection = Tables.open(dataDir)) {
      none(
          connection,
          findings,
          "chats whose numbers are not 1 to last_seq",
          """
          SELECT COUNT(*) FROM chats c WHERE c.last_seq <>
            (SELECT COUNT(*) FROM events e WHERE e.chat_id = c.chat_id)
          OR c.last_seq <> COALESCE((SELECT MAX(e.seq) FROM events e WHERE e.chat_id = c.chat_id), 0)
          """);
      none(
          connection,
          findings,
          "runs that never ended",
          "SELECT COUNT(*) FROM runs WHERE status IN ('queued', 'running')");
      none(
          connection,
          findings,
          "messages without an event of theirs",
          """
          SELECT COUNT(*) FROM messages m WHERE NOT EXISTS (SELECT 1 FROM events e
          WHERE e.chat_id = m.chat_id AND e.seq = m.seq AND e.message_id = m.message_id)
          """);
      none(
          connection,
          findings,
          "messages that were refused",
          "SELECT COUNT(*) FROM messages WHERE content LIKE '%" + Markers.REFUSED + "%'");
      for (String table : List.of("users", "workspaces", "chats", "messages", "runs", "events")) {
        figures.value("rows in " + table, number(connection, "SELECT COUNT(*) FROM " + table));
      }
    }
  }

  /** The characters of all that is kept. */
  long content() throws SQLException {
    try (Connection connection = Tables.open(dataDir)) {
      return number(connection, "SELECT COALESCE(SUM(LENGTH(content)), 0) FROM messages")
          + number(connection, "SELECT COALESCE(SUM(LENGTH(data)), 0) FROM events");
    }
  }

  private static void none(Connection connection, Findings findings, String what, String sql)
      throws SQLException {
    long count = number(connection, sql);
    findings.check(count == 0, "database: " + what, String.valueOf(count));
  }

  private static List<String[]> columns(Connection connection) throws SQLException {
    List<String[]> columns = new ArrayList<>();
    try (Statement sql = connection.createStatement();
        ResultSet found =
            sql.executeQuery(
                """
                SELECT table_name, column_name FROM information_schema.columns
                WHERE table_schema = 'PUBLIC'
                """)) {
      while (found.next()) {
        columns.add(new String[] {found.getString(1), found.getString(2)});
      }
    }
    return columns;
  }

  private static long number(Connection connection, String query) throws SQLException {
    try (Statement sql = connection.createStatement();
        ResultSet found = sql.executeQuery(query)) {
      found.next();
      return found.getLong(1);
    }
  }
}
