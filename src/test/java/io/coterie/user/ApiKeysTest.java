package io.coterie.user;

import static io.coterie.AppFixture.object;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.coterie.AllAtOnce;
import io.coterie.AppFixture;
import io.coterie.AppFixture.Answer;
import io.coterie.AppFixture.Login;
import io.coterie.Expect;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Making, using, listing and revoking API keys. */
class ApiKeysTest {

  private static AppFixture app;
  private static Login user;

  @BeforeAll
  static void start() {
    app = AppFixture.start();
    user = app.login();
  }

  @AfterAll
  static void stop() {
    app.close();
  }

  @Test
  void create_nameOnly_makesAKeyThatWorksAndNeverExpires() {
    Login owner = app.login();
    Answer made = create(owner, object("name", " ci "));
    assertThat(made.status()).isEqualTo(200);
    assertThat(made.json().fieldNames())
        .toIterable()
        .containsExactly(
            "msg", "key", "key_id", "name", "workspace_id", "created_at", "expires_at");
    assertThat(made.msg()).isEqualTo("API key created");
    assertThat(made.json().path("name").asText()).isEqualTo("ci");
    assertThat(made.json().path("created_at").asText()).matches("2026-.*T.*\\.\\d{3}Z");
    assertThat(made.json().path("expires_at").isNull()).isTrue();
    assertThat(made.json().path("workspace_id").isNull()).isTrue();
    String key = key(made);
    assertThat(key).matches("ct_[A-Za-z0-9_-]{48}");

    JsonNode account = app.get(key, "/user").json().path("user");
    assertThat(account.path("user_id").asText()).isEqualTo(owner.userId());
    app.clock().advance(Duration.ofDays(4_000));
    assertThat(app.get(key, "/user").status()).isEqualTo(200);
    owner = again(owner);
    JsonNode listed = keys(owner).get(0);
    assertThat(listed.fieldNames())
        .toIterable()
        .containsExactly(
            "key_id", "name", "prefix", "workspace_id", "created_at", "expires_at", "last_used_at");
    assertThat(listed.path("key_id")).isEqualTo(made.json().path("key_id"));
    assertThat(listed.path("prefix").asText()).isEqualTo(key.substring(0, 11));
    user = again(user);
  }

  @Test
  void create_badBodies_areRefusedByName() {
    Expect.msg(app.post(user.token(), "/user/keys", null), 400, "Missing JSON in request");
    for (String body : List.of("{}", "{\"name\":null}", "{\"name\":\"  \"}")) {
      Expect.msg(send(user.token(), body), 400, "Missing name parameter");
    }
    Expect.badField(send(user.token(), "{\"name\":5}"), "name");
    Expect.badField(create(user, object("name", "x".repeat(201))), "name");
    Expect.badField(send(user.token(), "{\"name\":\"n\",\"workspace_id\":1}"), "workspace_id");
    for (String lifetime :
        List.of(
            "0",
            "-1",
            "1.5",
            "true",
            "[]",
            "{}",
            "99999999999",
            "\"0d\"",
            "\"d\"",
            "\"30 days\"",
            "\"-5m\"",
            "\"36501d\"",
            "\"9999999999w\"",
            "\"1y\"")) {
      Expect.badField(
          send(user.token(), "{\"name\":\"n\",\"expires_in\":" + lifetime + "}"), "expires_in");
    }
    assertThat(keys(user)).isEmpty();
  }

  @Test
  void create_expiresIn_isReadInAllItsForms() {
    Map<String, Duration> forms =
        Map.of(
            "\"30d\"", Duration.ofDays(30),
            "\"2w\"", Duration.ofDays(14),
            "\"12h\"", Duration.ofHours(12),
            "\"90m\"", Duration.ofMinutes(90),
            "\"45s\"", Duration.ofSeconds(45),
            "\"3600\"", Duration.ofHours(1),
            "3600", Duration.ofHours(1),
            "\"36500d\"", Duration.ofDays(36_500));
    Login owner = app.login();
    forms.forEach(
        (text, lifetime) -> {
          Answer made = send(owner.token(), "{\"name\":\"n\",\"expires_in\":" + text + "}");
          var created = java.time.Instant.parse(made.json().path("created_at").asText());
          assertThat(java.time.Instant.parse(made.json().path("expires_at").asText()))
              .as(text)
              .isEqualTo(created.plus(lifetime));
        });
    for (String none : List.of("null", "\"\"", "\" \"")) {
      Answer made = send(owner.token(), "{\"name\":\"n\",\"expires_in\":" + none + "}");
      assertThat(made.json().path("expires_at").isNull()).as(none).isTrue();
    }
  }

  @Test
  void key_expired_isToldSo() {
    Login owner = app.login();
    String key = key(create(owner, object("name", "short", "expires_in", "60")));
    app.clock().advance(Duration.ofMillis(59_999));
    assertThat(app.get(key, "/workspace").status()).isEqualTo(200);
    app.clock().advance(Duration.ofMillis(1));
    Expect.msg(app.get(key, "/workspace"), 401, "Token has expired");
    assertThat(keys(owner)).hasSize(1);
  }

  @Test
  void key_revoked_endsAtOnce() {
    Login owner = app.login();
    Answer made = create(owner, object("name", "k"));
    String other = key(create(owner, object("name", "other")));
    String path = "/user/keys/" + made.json().path("key_id").asText();
    Expect.msg(app.delete(user.token(), path, null), 404, "API key not found");
    assertThat(app.get(key(made), "/user").status()).isEqualTo(200);
    Expect.msg(app.delete(owner.token(), path, null), 200, "API key revoked");
    Expect.msg(app.get(key(made), "/user"), 401, "Token has been revoked");
    Expect.msg(app.delete(owner.token(), path, null), 404, "API key not found");
    for (String id : List.of("x", "%20", UUID.randomUUID().toString())) {
      Expect.msg(app.delete(owner.token(), "/user/keys/" + id, null), 404, "API key not found");
    }
    assertThat(app.get(other, "/user").status()).isEqualTo(200);
    assertThat(keys(owner)).hasSize(1);
  }

  @Test
  void key_malformed_isInvalid() {
    String key = key(create(app.login(), object("name", "k")));
    char last = key.charAt(key.length() - 1) == 'A' ? 'B' : 'A';
    for (String bad :
        List.of(
            "ct_",
            "ct_x",
            key + "A",
            key.substring(0, 50),
            key.substring(0, 50) + last,
            key.replace("ct_", "CT_"),
            "ct_" + "!".repeat(48))) {
      Expect.msg(app.get(bad, "/user"), 401, "Invalid token");
    }
  }

  @Test
  void key_ofADeletedAccountOrWorkspace_isRevoked() {
    Login owner = app.login();
    String workspace = app.workspace(owner);
    String scoped = key(create(owner, object("name", "k", "workspace_id", workspace)));
    String unscoped = key(create(owner, object("name", "k")));
    assertThat(app.delete(owner.token(), "/workspace/" + workspace, null).status()).isEqualTo(200);
    Expect.msg(app.get(scoped, "/user"), 401, "Token has been revoked");
    assertThat(app.get(unscoped, "/user").status()).isEqualTo(200);
    app.delete(owner.token(), "/user", object("password", AppFixture.password()));
    Expect.msg(app.get(unscoped, "/user"), 401, "Token has been revoked");
  }

  @Test
  void key_afterAPasswordChange_goesOn() {
    Login owner = app.login();
    String key = key(create(owner, object("name", "k")));
    ObjectNode change =
        object("current_password", AppFixture.password(), "new_password", "another one");
    Expect.msg(app.put(owner.token(), "/user/password", change), 200, "Password updated");
    Expect.msg(app.get(owner.token(), "/workspace"), 401, "Token has been revoked");
    assertThat(app.get(key, "/workspace").status()).isEqualTo(200);
  }

  @Test
  void create_workspaceOfNobodyOrOfAnother_isRefused() {
    String theirs = app.workspace(app.login());
    for (String id : List.of("x", UUID.randomUUID().toString())) {
      Expect.msg(create(user, object("name", "k", "workspace_id", id)), 404, "Workspace not found");
    }
    Expect.msg(
        create(user, object("name", "k", "workspace_id", theirs)),
        403,
        "User is not the owner of the workspace");
  }

  @Test
  void lastUsed_movesOncePerMinute() {
    Login owner = app.login();
    String key = key(create(owner, object("name", "k")));
    assertThat(keys(owner).get(0).path("last_used_at").isNull()).isTrue();
    app.get(key, "/user");
    String first = keys(owner).get(0).path("last_used_at").asText();
    assertThat(first).isEqualTo(app.clock().instant().toString());
    app.clock().advance(Duration.ofSeconds(59));
    app.get(key, "/user");
    assertThat(keys(owner).get(0).path("last_used_at").asText()).isEqualTo(first);
    app.clock().advance(Duration.ofSeconds(1));
    app.get(key, "/user");
    assertThat(keys(owner).get(0).path("last_used_at").asText())
        .isEqualTo(app.clock().instant().toString());
  }

  @Test
  void keys_stored_cannotBeReadBack() throws SQLException {
    Answer made = create(app.login(), object("name", "k"));
    StringBuilder stored = new StringBuilder();
    try (var connection = DriverManager.getConnection(app.databaseUrl(), "sa", "");
        var statement = connection.createStatement();
        var lines = statement.executeQuery("SCRIPT")) {
      while (lines.next()) {
        stored.append(lines.getString(1)).append('\n');
      }
    }
    assertThat(stored)
        .contains(made.json().path("key_id").asText())
        .contains(KeyText.hash(key(made)))
        .doesNotContain(key(made))
        .doesNotContain(key(made).substring(3));
  }

  @Test
  void create_manyAtOnce_stopAtTheLimit() throws Exception {
    Login owner = app.login();
    for (int i = 0; i < ApiKeys.MAX_KEYS - 4; i++) {
      create(owner, object("name", "k" + i, "expires_in", i < 3 ? "10" : ""));
    }
    List<Callable<Integer>> calls = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      calls.add(() -> create(owner, object("name", "more")).status());
    }
    List<Integer> statuses = AllAtOnce.call(calls);
    assertThat(statuses.stream().filter(status -> status == 200)).hasSize(4);
    Expect.msg(create(owner, object("name", "x")), 400, "A user may have at most 100 API keys");
    assertThat(keys(owner)).hasSize(100);

    app.clock().advance(Duration.ofSeconds(11));
    assertThat(create(owner, object("name", "instead of three")).status()).isEqualTo(200);
    assertThat(keys(owner)).hasSize(98);
    assertThat(keys(owner).get(0).path("name").asText()).isEqualTo("instead of three");
  }

  @Test
  void keys_ofTwoUsers_areApart() {
    Login a = app.login();
    create(a, object("name", "a"));
    assertThat(keys(app.login())).isEmpty();
    assertThat(keys(a)).hasSize(1);
  }

  private static Login again(Login login) {
    ObjectNode body = object("email", login.email(), "password", AppFixture.password());
    String token = app.post(null, "/auth/login", body).json().path("access_token").asText();
    return new Login(login.userId(), login.email(), token);
  }

  private static Answer create(Login owner, ObjectNode body) {
    return app.post(owner.token(), "/user/keys", body);
  }

  private static Answer send(String token, String body) {
    return app.send(token, "POST", "/user/keys", body, Map.of());
  }

  private static JsonNode keys(Login owner) {
    return app.get(owner.token(), "/user/keys").json().path("keys");
  }

  private static String key(Answer made) {
    return made.json().path("key").asText();
  }
}
