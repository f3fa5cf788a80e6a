package io.coterie.chat;

import io.coterie.AppFixture;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Looks at what is stored, where no route shows it. */
final class Sql {

  private Sql() {}

  /** Whether no run is queued or being worked on. */
  static boolean isIdle(AppFixture app) {
    String select = "SELECT COUNT(*) FROM runs WHERE status IN ('queued', 'running')";
    try (var connection = DriverManager.getConnection(app.databaseUrl(), "sa", "");
        var statement = connection.createStatement();
        var rows = statement.executeQuery(select)) {
      return rows.next() && rows.getInt(1) == 0;
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** How many rows there are; {@code from} is a table, and what its rows are to be like. */
  static int count(AppFixture app, String from) {
    try (var connection = DriverManager.getConnection(app.databaseUrl(), "sa", "");
        var statement = connection.createStatement();
        var rows = statement.executeQuery("SELECT COUNT(*) FROM " + from)) {
      rows.next();
      return rows.getInt(1);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The first row that a query finds for a chat, its columns with spaces between. */
  static String row(AppFixture app, String select, String chat) {
    try (var connection = DriverManager.getConnection(app.databaseUrl(), "sa", "");
        var statement = connection.prepareStatement(select + " WHERE chat_id = CAST(? AS UUID)")) {
      statement.setString(1, chat);
      try (var rows = statement.executeQuery()) {
        if (!rows.next()) {
          return "";
        }
        List<String> columns = new ArrayList<>();
        for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
          columns.add(rows.getString(i));
        }
        return String.join(" ", columns);
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
