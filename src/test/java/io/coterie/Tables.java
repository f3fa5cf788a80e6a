package io.coterie;

import io.coterie.storage.RunningDatabase;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** What a data folder's database holds, read while no other process uses it. */
public final class Tables {

  private Tables() {}

  public static Connection open(Path dataDir) throws SQLException {
    return DriverManager.getConnection(RunningDatabase.url(dataDir), "sa", "");
  }

  /** Every row of every table, as text. */
  static Map<String, Set<String>> rows(Path dataDir) throws SQLException {
    Map<String, Set<String>> all = new TreeMap<>();
    try (Connection connection = open(dataDir);
        Statement sql = connection.createStatement()) {
      List<String> tables = new ArrayList<>();
      try (ResultSet found =
          sql.executeQuery(
              "SELECT table_name FROM information_schema.tables WHERE table_schema = 'PUBLIC'")) {
        while (found.next()) {
          tables.add(found.getString(1));
        }
      }
      for (String table : tables) {
        Set<String> rows = new TreeSet<>();
        try (ResultSet found = sql.executeQuery("SELECT * FROM \"" + table + "\"")) {
          int columns = found.getMetaData().getColumnCount();
          while (found.next()) {
            StringBuilder row = new StringBuilder();
            for (int i = 1; i <= columns; i++) {
              row.append(found.getMetaData().getColumnName(i)).append('=');
              row.append(found.getString(i)).append('|');
            }
            rows.add(row.toString());
          }
        }
        all.put(table.toLowerCase(Locale.ROOT), rows);
      }
    }
    return all;
  }
}
