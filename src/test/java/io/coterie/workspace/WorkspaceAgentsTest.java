package io.coterie.workspace;

import static io.coterie.AppFixture.object;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import com.fasterxml.jackson.databind.JsonNode;
import io.coterie.AppFixture;
import io.coterie.AppFixture.Login;
import io.coterie.Expect;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Which agents are in a workspace, and which of them coordinates. */
class WorkspaceAgentsTest {

  private static final String UNKNOWN = "/workspace/01999999-9999-7999-8999-999999999999";
  private static final String NOT_OWNER = "User is not the owner of the workspace";

  private static AppFixture app;
  private static Login user;
  private static Login stranger;
  private String path;

  @BeforeAll
  static void start() {
    app = AppFixture.start();
    stranger = app.login();
    user = app.login();
  }

  @AfterAll
  static void stop() {
    app.close();
  }

  @BeforeEach
  void workspace() {
    path = "/workspace/" + app.workspace(user);
  }

  @Test
  void add_installedAgent_isListedAsSuch() {
    app.rest(user.token())
        .body("{\"agent_id\":\"echo\"}")
        .when()
        .post(path + "/agent")
        .then()
        .statusCode(200)
        .body(equalTo("{\"msg\":\"Agent added to Workspace.\"}"));
    JsonNode agents = agents();
    assertThat(agents).hasSize(1);
    assertThat(agents.get(0).path("agent_id").asText()).isEqualTo("echo");
    assertThat(agents.get(0).path("installed").booleanValue()).isTrue();
    assertThat(agents.get(0).path("name").asText()).isEqualTo("Echo");
  }

  @Test
  void add_twice_isListedOnce() {
    for (int i = 0; i < 3; i++) {
      Expect.msg(add(user, path, "echo"), 200, "Agent added to Workspace.");
    }
    assertThat(agents()).hasSize(1);
  }

  @Test
  void add_unknownAgent_isListedAsNotInstalled() {
    for (String id : List.of("12345", "Ünïcode 'quoted\" id", "a".repeat(200), "../x")) {
      Expect.msg(add(user, path, id), 200, "Agent added to Workspace.");
    }
    assertThat(agents()).hasSize(4);
    agents().forEach(agent -> assertThat(agent.path("installed").booleanValue()).isFalse());
    assertThat(agents().findValuesAsText("agent_id"))
        .containsExactlyInAnyOrder("12345", "Ünïcode 'quoted\" id", "a".repeat(200), "../x");
  }

  @Test
  void remove_presentOrAbsent_isTheSame() {
    add(user, path, "echo");
    add(user, path, "guide");
    for (int i = 0; i < 2; i++) {
      app.rest(user.token())
          .body("{\"agent_id\":\"echo\"}")
          .when()
          .delete(path + "/agent")
          .then()
          .statusCode(200)
          .body(equalTo("{\"msg\":\"Agent removed\"}"));
    }
    assertThat(agents()).hasSize(1);
    assertThat(agents().get(0).path("agent_id").asText()).isEqualTo("guide");
  }

  @Test
  void addAndRemove_checkInOrder() {
    for (String method : List.of("POST", "DELETE")) {
      for (String workspace : List.of(path, UNKNOWN)) {
        Expect.msg(send(stranger, method, workspace, "x"), 400, "Missing JSON in request");
        Expect.msg(send(stranger, method, workspace, "{}"), 400, "Missing agent_id parameter");
      }
      String body = "{\"agent_id\":\"echo\"}";
      Expect.msg(send(stranger, method, UNKNOWN, body), 404, "Workspace not found");
      Expect.msg(send(stranger, method, path, body), 403, NOT_OWNER);
      Expect.msg(send(null, method, path, body), 401, "Missing Authorization Header");
    }
    assertThat(agents()).isEmpty();
  }

  @Test
  void coordinator_set_isShownAndNullClearsIt() {
    assertThat(coordinator().isNull()).isTrue();
    app.rest(user.token())
        .body("{\"agent_id\":\"echo\"}")
        .when()
        .put(path + "/coordinator")
        .then()
        .statusCode(200)
        .body(equalTo("{\"msg\":\"Coordinator set\"}"));
    assertThat(coordinator().asText()).isEqualTo("echo");
    Expect.msg(coordinate(user, path, "{\"agent_id\":\"not-installed\"}"), 200, "Coordinator set");
    assertThat(coordinator().asText()).isEqualTo("not-installed");
    Expect.msg(coordinate(user, path, "{\"agent_id\":null}"), 200, "Coordinator set");
    assertThat(coordinator().isNull()).isTrue();
  }

  @Test
  void coordinator_checksInOrder() {
    for (String workspace : List.of(path, UNKNOWN)) {
      Expect.msg(coordinate(stranger, workspace, ""), 400, "Missing JSON in request");
      Expect.msg(coordinate(stranger, workspace, "{}"), 400, "Missing agent_id parameter");
      Expect.msg(
          coordinate(stranger, workspace, "{\"agent_id\":\" \"}"),
          400,
          "Missing agent_id parameter");
      Expect.badField(coordinate(stranger, workspace, "{\"agent_id\":1}"), "agent_id");
      Expect.badField(
          coordinate(stranger, workspace, "{\"agent_id\":\"" + "a".repeat(201) + "\"}"),
          "agent_id");
    }
    String body = "{\"agent_id\":\"echo\"}";
    Expect.msg(coordinate(stranger, UNKNOWN, body), 404, "Workspace not found");
    Expect.msg(coordinate(stranger, path, body), 403, NOT_OWNER);
    Expect.msg(coordinate(stranger, path, "{\"agent_id\":null}"), 403, NOT_OWNER);
    assertThat(coordinator().isNull()).isTrue();
  }

  @Test
  void add_oneBeyondAHundred_isRefusedUntilAnotherIsTakenOut() {
    for (int i = 0; i < 100; i++) {
      assertThat(add(user, "agent-" + i).status()).isEqualTo(200);
    }
    AppFixture.Answer refused = add(user, "surplus");
    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.response().body()).isEqualTo("{\"msg\":\"Workspace has too many agents\"}");
    assertThat(add(stranger, "surplus").msg()).isEqualTo(NOT_OWNER);
    assertThat(add(user, "agent-50").status()).isEqualTo(200);
    assertThat(agents()).hasSize(100);
    app.delete(user.token(), path + "/agent", object("agent_id", "agent-50"));
    assertThat(add(user, "surplus").status()).isEqualTo(200);
    assertThat(add(user, "agent-50").status()).isEqualTo(400);
  }

  private AppFixture.Answer add(Login who, String agentId) {
    return app.post(who.token(), path + "/agent", object("agent_id", agentId));
  }

  private JsonNode agents() {
    return app.get(user.token(), path).json().path("workspace").path("agents");
  }

  private JsonNode coordinator() {
    return app.get(user.token(), path).json().path("workspace").get("coordinator_agent");
  }

  private static AppFixture.Answer add(Login who, String path, String agentId) {
    return app.post(who.token(), path + "/agent", object("agent_id", agentId));
  }

  private static AppFixture.Answer coordinate(Login who, String path, String body) {
    return app.send(who.token(), "PUT", path + "/coordinator", body, Map.of());
  }

  private static AppFixture.Answer send(Login who, String method, String path, String body) {
    return app.send(who == null ? null : who.token(), method, path + "/agent", body, Map.of());
  }
}
