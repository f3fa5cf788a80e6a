package io.coterie;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The packaged jar, killed while it removes what was deleted. */
class DeletionKillIT {

  private static final int MESSAGES = Boolean.getBoolean("growth.full") ? 120_000 : 10_000;
  private static final int CHATS = Boolean.getBoolean("growth.full") ? 20_000 : 500;
  private static final int KILLS = 4;
  private static final long PATIENCE_NANOS = 600_000_000_000L;

  @TempDir Path folder;

  @Test
  void removal_killedAgainAndAgain_goesOnUntilNothingIsLeft() throws Exception {
    Path data = folder.resolve("data");
    String token;
    String userId;
    try (ServerProcess server = ServerProcess.serve(folder)) {
      server.login("first@example.com");
      token = server.login("ada@example.com");
      userId = user(server, token);
      server.terminate();
      server.awaitExit();
    }
    String chat;
    String workspace;
    try (Filling filling = new Filling(data)) {
      chat = filling.chat(userId, filling.workspace(userId), MESSAGES / 2);
      workspace = filling.workspace(userId);
      filling.chats(userId, workspace, CHATS);
      filling.usage(userId, 1_000);
    }
    long rows = rows(data);
    try (ServerProcess server = ServerProcess.serve(folder)) {
      assertThat(server.answer(token, "DELETE", "/chat?chat_id=" + chat, "").status())
          .isEqualTo(200);
      server.kill();
    }
    long left = rows(data);
    assertThat(left).isBetween(1L, rows - 1);
    try (ServerProcess server = ServerProcess.serve(folder)) {
      assertThat(server.answer(token, "GET", "/chat?chat_id=" + chat, "").status()).isEqualTo(404);
      assertThat(server.answer(token, "DELETE", "/workspace/" + workspace, "").status())
          .isEqualTo(200);
      server.kill();
    }
    try (ServerProcess server = ServerProcess.serve(folder)) {
      String password = AppFixture.object("password", "secret").toString();
      assertThat(server.answer(token, "DELETE", "/user", password).status()).isEqualTo(200);
      server.kill();
    }
    for (int i = 0; i < KILLS; i++) {
      try (ServerProcess server = ServerProcess.serve(folder)) {
        assertThat(server.answer(token, "GET", "/user", "").status()).isEqualTo(404);
        LockSupport.parkNanos(i * 100_000_000L);
        server.kill();
      }
      long now = rows(data);
      assertThat(now).isLessThanOrEqualTo(left);
      left = now;
    }
    long restarted = left;
    awaitRemoval(data);
    System.out.printf("%d rows, %d after the kills, %d at the end%n", rows, restarted, rows(data));
    try (Connection connection = Tables.open(data)) {
      assertThat(Orphans.count(connection)).isEmpty();
    }
    try (ServerProcess server = ServerProcess.serve(folder)) {
      assertThat(user(server, server.login("ada@example.com"))).isNotEqualTo(userId);
    }
  }

  /** Looks at the file now and then; a server that is stopped in order goes on where it was. */
  private void awaitRemoval(Path data) throws Exception {
    long end = System.nanoTime() + PATIENCE_NANOS;
    long left = 1;
    for (long millis = 1_000; left > 0; millis = Math.min(2 * millis, 30_000)) {
      assertThat(System.nanoTime()).as("%d deletions are left", left).isLessThan(end);
      try (ServerProcess server = ServerProcess.serve(folder)) {
        LockSupport.parkNanos(millis * 1_000_000);
        server.terminate();
        assertThat(server.awaitExit()).as(server.output()).isIn(0, 143);
      }
      left = number(data, "SELECT COUNT(*) FROM deletions");
    }
  }

  private static String user(ServerProcess server, String token) {
    JsonNode answer = server.send(token, "GET", "/user", "");
    return answer.path("user").path("user_id").asText();
  }

  private static long rows(Path data) throws SQLException {
    return number(
        data,
        """
        SELECT (SELECT COUNT(*) FROM messages) + (SELECT COUNT(*) FROM events)
          + (SELECT COUNT(*) FROM runs) + (SELECT COUNT(*) FROM message_marks)
          + (SELECT COUNT(*) FROM chats) + (SELECT COUNT(*) FROM usage_days)""");
  }

  private static long number(Path data, String select) throws SQLException {
    try (Connection connection = Tables.open(data);
        var sql = connection.createStatement();
        var rows = sql.executeQuery(select)) {
      rows.next();
      return rows.getLong(1);
    }
  }
}
