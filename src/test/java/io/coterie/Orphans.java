package io.coterie;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Rows that hang on one that is gone, in whatever table, also in tables that are yet to come. */
final class Orphans {

  /** By the name of a column, the table that it leads to. */
  private static final Map<String, String> PARENTS =
      Map.of(
          "chat_id", "chats chat_id",
          "workspace_id", "workspaces workspace_id",
          "user_id", "users user_id",
          "owner_id", "users user_id",
          "installed_by", "users user_id",
          "message_id", "messages message_id",
          "run_id", "runs run_id");

  private Orphans() {}

  /** How many there are, by table and column; empty where there are none. */
  static Map<String, Long> count(Connection connection) throws SQLException {
    Map<String, Long> orphans = new TreeMap<>();
    try (Statement sql = connection.createStatement()) {
      for (String[] column : references(sql)) {
        String[] parent = PARENTS.get(column[1]).split(" ");
        String select =
            """
            SELECT COUNT(*) FROM %1$s t WHERE t.%2$s IS NOT NULL
              AND NOT EXISTS (SELECT 1 FROM %3$s p WHERE p.%4$s = t.%2$s)"""
                .formatted(column[0], column[1], parent[0], parent[1]);
        long count = number(sql, select);
        if (count > 0) {
          orphans.put(column[0] + "." + column[1], count);
        }
      }
    }
    return orphans;
  }

  private static List<String[]> references(Statement sql) throws SQLException {
    String select =
        """
        SELECT LOWER(c.table_name), LOWER(c.column_name) FROM information_schema.columns c
          JOIN information_schema.tables t
          ON t.table_schema = c.table_schema AND t.table_name = c.table_name
        WHERE c.table_schema = 'PUBLIC' AND t.table_type = 'BASE TABLE'
          AND t.table_name NOT LIKE 'flyway%'
        ORDER BY c.table_name, c.column_name""";
    List<String[]> found = new ArrayList<>();
    try (ResultSet rows = sql.executeQuery(select)) {
      while (rows.next()) {
        if (PARENTS.containsKey(rows.getString(2))) {
          found.add(new String[] {rows.getString(1), rows.getString(2)});
        }
      }
    }
    return found;
  }

  private static long number(Statement sql, String select) throws SQLException {
    try (ResultSet rows = sql.executeQuery(select)) {
      rows.next();
      return rows.getLong(1);
    }
  }
}
