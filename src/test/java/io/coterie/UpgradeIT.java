package io.coterie;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.coterie.storage.Ids;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.Map;
import java.util.UUID;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mindrot.jbcrypt.BCrypt;

/** The packaged jar on databases of other versions. */
class UpgradeIT {

  private static final String USER = Ids.next().toString();
  private static final String WORKSPACE = Ids.next().toString();
  private static final String CHAT = Ids.next().toString();

  @TempDir Path folder;

  @Test
  void start_databaseOfTheFirstVersion_isBackedUpUpgradedAndWhole() throws Exception {
    Path data = Files.createDirectory(folder.resolve("data"));
    makeFirstVersion(data);
    var old = Tables.rows(data);

    String backup;
    try (ServerProcess server = ServerProcess.serve(folder)) {
      String name = data.resolve("backups").toFile().list()[0];
      backup = "data/backups/" + name;
      assertThat(server.output())
          .contains("The database is upgraded; backups/" + name + " is a backup of what it was");
      String login = AppFixture.object("email", "old@example.com", "password", "secret").toString();
      String token = server.send(null, "POST", "/auth/login", login).path("access_token").asText();
      assertThat(server.send(token, "GET", "/user", "").path("user").path("role").asText())
          .isEqualTo("admin");
      JsonNode messages = server.send(token, "GET", "/chat/messages?chat_id=" + CHAT, "");
      assertThat(messages.path("messages").findValuesAsText("content"))
          .containsExactly("What did I say?", "You asked.");
      String next = AppFixture.object("chat_id", CHAT, "message", "@echo on").toString();
      assertThat(
              server.send(token, "POST", "/chat/message?wait=true", next).path("content").asText())
          .isEqualTo("on");
      Await.until(
          () ->
              server
                  .send(token, "GET", "/chat/search?query=asked", "")
                  .path("results")
                  .toString()
                  .contains(CHAT),
          server::output);
      server.terminate();
      server.awaitExit();
    }
    try (ServerProcess again = ServerProcess.serve(folder)) {
      assertThat(again.output()).doesNotContain("upgraded");
      assertThat(data.resolve("backups").toFile().list()).hasSize(1);
    }
    try (ServerProcess restore =
        ServerProcess.run(folder, Map.of(), "restore", backup, "--data.dir=restored")) {
      assertThat(restore.awaitExit()).as(restore.output()).isZero();
    }
    assertThat(Tables.rows(folder.resolve("restored"))).isEqualTo(old);
  }

  @Test
  void start_databaseOfANewerVersion_isRefusedInOneLineAndStaysAsItIs() throws Exception {
    Path data = folder.resolve("data");
    try (ServerProcess server = ServerProcess.serve(folder)) {
      server.login("ada@example.com");
      server.terminate();
      server.awaitExit();
    }
    try (Connection connection = Tables.open(data);
        Statement sql = connection.createStatement()) {
      sql.execute(
          """
          INSERT INTO "flyway_schema_history" ("installed_rank", "version", "description", "type",
            "script", "checksum", "installed_by", "execution_time", "success")
          VALUES (900, '900', 'later', 'SQL', 'V900__later.sql', 1, 'sa', 1, TRUE)""");
    }
    var before = Tables.rows(data);

    try (ServerProcess server = ServerProcess.run(folder, Map.of(), "--server.port=0")) {
      assertThat(server.awaitExit()).isEqualTo(1);
      assertThat(server.output()).contains("written by a newer version").hasLineCount(1);
    }

    assertThat(Tables.rows(data)).isEqualTo(before);
    assertThat(data.toFile().list()).containsExactlyInAnyOrder("coterie.mv.db", "jwt.secret");
  }

  private static void makeFirstVersion(Path data) throws Exception {
    Flyway.configure()
        .dataSource("jdbc:h2:" + data.resolve("coterie"), "sa", "")
        .target("1")
        .load()
        .migrate();
    try (Connection connection = Tables.open(data);
        Statement sql = connection.createStatement()) {
      sql.execute(
          """
          INSERT INTO users VALUES ('%s', 'old@example.com', 'old@example.com', '%s', 'admin',
            FALSE, 0, NOW())"""
              .formatted(USER, BCrypt.hashpw("secret", BCrypt.gensalt(4))));
      sql.execute("INSERT INTO first_user VALUES (1, '%s')".formatted(USER));
      sql.execute(
          "INSERT INTO workspaces VALUES ('%s', '%s', 'W', NULL, NOW())"
              .formatted(WORKSPACE, USER));
      sql.execute(
          "INSERT INTO chats VALUES ('%s', '%s', '%s', 'T', 4, NOW(), NOW())"
              .formatted(CHAT, WORKSPACE, USER));
      UUID run = Ids.next();
      UUID question = message(sql, run, 1, "user", "What did I say?");
      UUID answer = message(sql, run, 4, "assistant", "You asked.");
      sql.execute(
          """
          INSERT INTO runs VALUES ('%s', '%s', '%s', '%s', 1, 'echo', 'completed', NULL, NULL, NULL,
            NULL, NOW(), NOW(), NOW())"""
              .formatted(run, CHAT, question, answer));
      event(sql, 1, "feedback", question, null);
      event(sql, 2, "run", null, "{}");
      event(sql, 3, "message", answer, null);
      event(sql, 4, "run", null, "{}");
    }
  }

  private static UUID message(Statement sql, UUID run, int seq, String role, String text)
      throws Exception {
    UUID id = Ids.next();
    sql.execute(
        """
        INSERT INTO messages VALUES ('%s', '%s', '%s', %d, 1, '%s', NULL, '%s', 'completed', NULL,
          NULL, NOW())"""
            .formatted(id, CHAT, run, seq, role, text));
    return id;
  }

  private static void event(Statement sql, int seq, String type, UUID message, String data)
      throws Exception {
    sql.execute(
        "INSERT INTO events VALUES ('%s', %d, '%s', %s, %s)"
            .formatted(CHAT, seq, type, quoted(message), quoted(data)));
  }

  private static String quoted(Object value) {
    return value == null ? "NULL" : "'" + value + "'";
  }
}
