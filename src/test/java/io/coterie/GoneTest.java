package io.coterie;

import static io.coterie.AppFixture.object;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.coterie.AppFixture.Login;
import io.coterie.http.Json;
import io.coterie.storage.RunningDatabase;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is deleted is gone for everybody, also while all its rows are still there. */
class GoneTest {

  private AppFixture app;
  private Login user;
  private String workspace;
  private String chat;

  @BeforeEach
  void start() {
    app = AppFixture.startOnDisk();
    app.login();
    user = app.login();
    workspace = app.workspace(user);
    chat = app.chat(user, workspace);
    ask(chat, "@echo remember xylophone");
  }

  @AfterEach
  void stop() {
    app.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"chat", "workspace"})
  void everyRoute_ofWhatIsGone_findsNothing(String kind) {
    String connection = app.connectionString(user, chat);
    String key = key();
    String other = app.chat(user);
    ask(other, "@echo other xylophone");
    remove(kind);

    String query = "?chat_id=" + chat;
    for (String path :
        List.of(
            "/chat" + query,
            "/chat/authorize" + query,
            "/chat/authorize/message" + query,
            "/chat/events" + query,
            "/chat/events" + query + "&since=0&poll=1",
            "/chat/messages" + query)) {
      Expect.msg(app.get(user.token(), path), 404, "Chat not found");
    }
    for (String path : List.of("/chat/retry" + query, "/chat/cancel" + query)) {
      Expect.msg(app.post(user.token(), path, null), 404, "Chat not found");
    }
    JsonNode message = object("chat_id", chat, "message", "@echo hi");
    Expect.msg(app.post(user.token(), "/chat/message", message), 404, "Chat not found");
    Expect.msg(app.post(user.token(), "/chat/ask", message), 404, "Chat not found");
    Expect.msg(app.put(user.token(), "/chat" + query, object("title", "T")), 404, "Chat not found");
    Expect.msg(app.delete(user.token(), "/chat" + query, null), 404, "Chat not found");
    var refused =
        RawClient.upgrade(app, "/chat/connect" + query + "&connection_string=" + connection);
    assertThat(refused.status()).isEqualTo(404);
    assertThat(found(user.token())).containsExactly(other);
    if (kind.equals("workspace")) {
      workspaceIsGone(key);
    } else {
      assertThat(app.get(user.token(), "/workspace/" + workspace + "/chats").json().path("chats"))
          .isEmpty();
      assertThat(found(key)).isEmpty();
    }
  }

  private void workspaceIsGone(String key) {
    String path = "/workspace/" + workspace;
    String notFound = "Workspace not found";
    Expect.msg(app.get(user.token(), path), 404, notFound);
    Expect.msg(app.get(user.token(), path + "/chats"), 404, notFound);
    Expect.msg(app.get(user.token(), "/workspace?before=" + workspace), 404, notFound);
    Expect.msg(app.delete(user.token(), path, null), 404, notFound);
    Expect.msg(app.put(user.token(), path + "/rename", object("name", "N")), 404, notFound);
    JsonNode agent = object("agent_id", "echo");
    Expect.msg(app.post(user.token(), path + "/agent", agent), 404, notFound);
    Expect.msg(app.delete(user.token(), path + "/agent", agent), 404, notFound);
    Expect.msg(app.put(user.token(), path + "/coordinator", agent), 404, notFound);
    Expect.msg(app.post(user.token(), "/chat?workspace_id=" + workspace, null), 404, notFound);
    JsonNode ask = object("workspace_id", workspace, "message", "@echo hi");
    Expect.msg(app.post(user.token(), "/chat/ask", ask), 404, notFound);
    Expect.msg(app.get(key, "/workspace"), 401, "Token has been revoked");
    assertThat(app.get(user.token(), "/user/keys").json().path("keys")).isEmpty();
    assertThat(app.get(user.token(), "/workspace").json().findValuesAsText("workspace_id"))
        .doesNotContain(workspace);
    assertThat(app.get(user.token(), "/v1/models").json().toString()).doesNotContain(workspace);
    JsonNode completion =
        object("model", "workspace:" + workspace)
            .set(
                "messages",
                Json.MAPPER.createArrayNode().add(object("role", "user", "content", "hi")));
    assertThat(app.post(user.token(), "/v1/chat/completions", completion).status()).isEqualTo(404);
  }

  @ParameterizedTest
  @ValueSource(strings = {"chat", "workspace", "user"})
  void start_withRowsAndRunsOfWhatIsGone_revivesNothingAndRemovesAll(String kind)
      throws SQLException {
    for (String status : List.of("queued", "running")) {
      app.sql(
          """
          INSERT INTO runs (run_id, chat_id, message_id, reply_id, turn_seq, agent_id, status,
            created_at)
          SELECT RANDOM_UUID(), chat_id, message_id, RANDOM_UUID(), turn_seq, 'echo', '%s', NOW()
          FROM runs WHERE chat_id = '%s' AND status = 'completed'"""
              .formatted(status, chat));
    }
    app.post(user.token(), "/agent", agent());
    remove(kind);
    app.sql("INSERT INTO deletions VALUES ('%s', '%s')".formatted(kind, id(kind)));
    long messages = count("messages");
    app.restart();
    Await.until(() -> app.app().isCleared(), () -> "what is gone to be removed");
    assertThat(count("messages")).isLessThan(messages);
    try (Connection connection = connection()) {
      assertThat(Orphans.count(connection)).isEmpty();
    }
    if (kind.equals("user")) {
      Login next = app.login(user.email());
      assertThat(app.post(next.token(), "/agent", agent()).status()).isEqualTo(200);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void agent_ofAMakerWhoIsGone_leavesItsNameToOthers(boolean restarted) {
    app.post(user.token(), "/agent", agent());
    if (restarted) {
      remove("user");
      app.restart();
    } else {
      app.delete(user.token(), "/user", object("password", AppFixture.password()));
    }
    Login next = app.login(user.email());
    assertThat(app.get(next.token(), "/agent/mine").status()).isEqualTo(404);
    assertThat(app.post(next.token(), "/agent", agent()).status()).isEqualTo(200);
    app.restart();
    assertThat(app.get(next.token(), "/agent/mine").status()).isEqualTo(200);
  }

  /** As a deletion begins, without what it goes on with. */
  private void remove(String kind) {
    app.sql("DELETE FROM %1$ss WHERE %1$s_id = '%2$s'".formatted(kind, id(kind)));
  }

  private String id(String kind) {
    return Map.of("chat", chat, "workspace", workspace, "user", user.userId()).get(kind);
  }

  private static JsonNode agent() {
    return object(
        "agent_id", "mine", "name", "Mine", "description", "Mine.", "instructions", "Help.");
  }

  private String key() {
    return app.post(user.token(), "/user/keys", object("name", "K", "workspace_id", workspace))
        .json()
        .path("key")
        .asText();
  }

  private List<String> found(String token) {
    return app
        .get(token, "/chat/search?query=xylophone")
        .json()
        .path("results")
        .findValuesAsText("chat_id")
        .stream()
        .distinct()
        .toList();
  }

  private void ask(String chat, String text) {
    var answer =
        app.post(user.token(), "/chat/message?wait=true", object("chat_id", chat, "message", text));
    assertThat(answer.status()).isEqualTo(200);
  }

  private Connection connection() throws SQLException {
    return DriverManager.getConnection(RunningDatabase.url(app.dataDir()), "sa", "");
  }

  private long count(String table) throws SQLException {
    try (Connection connection = connection();
        var sql = connection.createStatement();
        var rows = sql.executeQuery("SELECT COUNT(*) FROM " + table)) {
      rows.next();
      return rows.getLong(1);
    }
  }
}
