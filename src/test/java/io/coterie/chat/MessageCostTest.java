package io.coterie.chat;

import static org.assertj.core.api.Assertions.assertThat;

import io.coterie.AppFixture;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;

/** What a message costs the database, however long its chat is. */
class MessageCostTest {

  /**
   * Token, owner, who answers; then the message, the run's start, the run's end and its usage, for
   * which the user's row is held, and what searching needs of both messages.
   */
  private static final int STATEMENTS = 27;

  /** Each of the three transactions ends with Jdbi's commit and with H2's, back to auto-commit. */
  private static final int COMMITS = 6;

  @Test
  void message_inALongChat_costsAsFewStatementsAndRowsAsInAShortOne() throws SQLException {
    try (AppFixture app = AppFixture.start();
        Connection database = DriverManager.getConnection(app.databaseUrl(), "sa", "");
        Statement sql = database.createStatement()) {
      var user = app.login();
      String chat = app.chat(user);
      Cost first = cost(app, user, chat, sql);
      for (int i = 0; i < 100; i++) {
        ask(app, user, chat);
      }
      Cost later = cost(app, user, chat, sql);
      assertThat(first.statements()).isLessThanOrEqualTo(STATEMENTS);
      assertThat(first.commits()).isEqualTo(COMMITS);
      assertThat(later).isEqualTo(first);
    }
  }

  private record Cost(long statements, long rows, long commits) {}

  /** The least of a few: a run that is slow, on a busy machine, saves its text on the way. */
  private static Cost cost(AppFixture app, AppFixture.Login user, String chat, Statement sql)
      throws SQLException {
    Cost least = costOfOne(app, user, chat, sql);
    for (int i = 0; i < 4; i++) {
      Cost cost = costOfOne(app, user, chat, sql);
      least = cost.statements() < least.statements() ? cost : least;
    }
    return least;
  }

  private static Cost costOfOne(AppFixture app, AppFixture.Login user, String chat, Statement sql)
      throws SQLException {
    sql.execute("SET QUERY_STATISTICS TRUE");
    ask(app, user, chat);
    String ours = " WHERE SQL_STATEMENT <> 'COMMIT'";
    Cost cost =
        new Cost(
            sum(sql, "EXECUTION_COUNT", ours),
            sum(sql, "CUMULATIVE_ROW_COUNT", ours),
            sum(sql, "EXECUTION_COUNT", " WHERE SQL_STATEMENT = 'COMMIT'"));
    sql.execute("SET QUERY_STATISTICS FALSE");
    return cost;
  }

  private static long sum(Statement sql, String column, String where) throws SQLException {
    String table = " FROM INFORMATION_SCHEMA.QUERY_STATISTICS";
    try (ResultSet row =
        sql.executeQuery(
            "SELECT SUM("
                + column
                + ")"
                + table
                + where
                + " AND SQL_STATEMENT NOT LIKE '%STATISTICS%'")) {
      row.next();
      return row.getLong(1);
    }
  }

  private static void ask(AppFixture app, AppFixture.Login user, String chat) {
    var body = AppFixture.object("chat_id", chat, "message", "@echo hello");
    assertThat(app.post(user.token(), "/chat/message?wait=true", body).status()).isEqualTo(200);
  }
}
