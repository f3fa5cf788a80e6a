package io.coterie.workspace;

import static io.coterie.AppFixture.object;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import io.coterie.AppFixture;
import io.coterie.AppFixture.Login;
import io.coterie.Expect;
import io.restassured.response.ValidatableResponse;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Creating, reading, renaming and deleting workspaces. */
class WorkspaceTest {

  private static final String SHAPE =
      "{\"workspace_id\":\"%s\",\"name\":\"%s\",\"owner\":\"%s\",\"agents\":[],"
          + "\"coordinator_agent\":null,\"created_at\":\"2026-01-15T10:00:00.123Z\"}";

  private static AppFixture app;
  private static Login user;
  private static Login stranger;

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

  @Test
  void create_withName_showsTheWholeWorkspace() {
    ValidatableResponse response =
        app.rest(user.token())
            .body("{\"name\":\" My New Workspace \"}")
            .when()
            .post("/workspace")
            .then()
            .statusCode(200);
    String id = response.extract().path("workspace.workspace_id");
    String shown = SHAPE.formatted(id, "My New Workspace", user.userId());
    response.body(equalTo("{\"msg\":\"Workspace created\",\"workspace\":" + shown + "}"));
    app.rest(user.token())
        .when()
        .get("/workspace/" + id)
        .then()
        .statusCode(200)
        .body(equalTo("{\"workspace\":" + shown + "}"));
  }

  @Test
  void create_withoutName_isUntitled() {
    for (String body :
        new String[] {
          null,
          "",
          "{}",
          "nonsense",
          "[1]",
          "null",
          "\"x\"",
          "1",
          "{\"name\":null}",
          "{\"name\":\"\"}",
          "{\"name\":\"  \"}",
          "{\"name\":1}",
          "{\"name\":{}}",
          "{\"name\":[\"a\"]}",
          "{\"name\":true}",
          "{\"title\":\"x\"}"
        }) {
      var answer = app.send(user.token(), "POST", "/workspace", body, Map.of());
      assertThat(answer.status()).as(body).isEqualTo(200);
      assertThat(answer.json().path("workspace").path("name").asText())
          .isEqualTo("Untitled Workspace");
    }
  }

  @Test
  void create_nameOverTheLimit_isNamed() {
    Expect.badField(app.post(user.token(), "/workspace", object("name", "a".repeat(201))), "name");
    Expect.badField(app.post(user.token(), "/workspace", object("name", "a\0b")), "name");
    Expect.badField(
        app.send(user.token(), "POST", "/workspace", "{\"name\":\"\\ud800\"}", Map.of()), "name");
    String longest = "\uD83D\uDE42".repeat(200);
    assertThat(
            app.post(user.token(), "/workspace", object("name", longest))
                .json()
                .path("workspace")
                .path("name")
                .asText())
        .isEqualTo(longest);
  }

  @Test
  void list_own_isNewestFirst() {
    Login fresh = app.login();
    app.rest(fresh.token())
        .when()
        .get("/workspace")
        .then()
        .statusCode(200)
        .body(equalTo("{\"workspaces\":[]}"));
    String first = app.workspace(fresh);
    String second = app.workspace(fresh);
    app.rest(fresh.token())
        .when()
        .get("/workspace")
        .then()
        .statusCode(200)
        .body(
            equalTo(
                "{\"workspaces\":["
                    + SHAPE.formatted(second, "W", fresh.userId())
                    + ","
                    + SHAPE.formatted(first, "W", fresh.userId())
                    + "]}"));
  }

  @Test
  void get_unknownOrForeign_isRefused() {
    Expect.msg(app.get(user.token(), "/workspace/" + UNKNOWN), 404, "Workspace not found");
    String id = app.workspace(user);
    Expect.msg(
        app.get(stranger.token(), "/workspace/" + id),
        403,
        "User does not have access to the workspace");
  }

  @Test
  void delete_own_takesItsChatsAlong() {
    String id = app.workspace(user);
    String chat = app.chat(user, id);
    Expect.msg(app.delete(user.token(), "/workspace/" + id, null), 200, "Workspace deleted");
    Expect.msg(app.get(user.token(), "/workspace/" + id), 404, "Workspace not found");
    Expect.msg(app.get(user.token(), "/workspace/" + id + "/chats"), 404, "Workspace not found");
    Expect.msg(app.delete(user.token(), "/workspace/" + id, null), 404, "Workspace not found");
    Expect.msg(
        app.post(user.token(), "/chat?workspace_id=" + id, null), 404, "Workspace not found");
    Expect.msg(app.get(user.token(), "/chat?chat_id=" + chat), 404, "Chat not found");
  }

  @Test
  void delete_unknownOrForeign_isRefused() {
    Expect.msg(app.delete(user.token(), "/workspace/" + UNKNOWN, null), 404, "Workspace not found");
    String id = app.workspace(user);
    Expect.msg(
        app.delete(stranger.token(), "/workspace/" + id, null),
        403,
        "User does not have access to the workspace");
    assertThat(app.get(user.token(), "/workspace/" + id).status()).isEqualTo(200);
  }

  @Test
  void rename_own_changesTheName() {
    String id = app.workspace(user);
    app.rest(user.token())
        .body("{\"name\":\"  New Workspace Name\"}")
        .when()
        .put("/workspace/" + id + "/rename")
        .then()
        .statusCode(200)
        .body(equalTo("{\"msg\":\"Workspace renamed\"}"));
    app.rest(user.token())
        .when()
        .get("/workspace/" + id)
        .then()
        .body("workspace.name", equalTo("New Workspace Name"));
    String longest = "n".repeat(200);
    Expect.msg(rename(user, id, longest), 200, "Workspace renamed");
  }

  @Test
  void rename_checksInOrder() {
    String id = app.workspace(user);
    for (String path : List.of("/workspace/" + UNKNOWN, "/workspace/" + id)) {
      Expect.msg(app.put(stranger.token(), path + "/rename", null), 400, "Missing JSON in request");
      Expect.msg(
          app.put(stranger.token(), path + "/rename", object()), 400, "Missing name parameter");
    }
    Expect.msg(rename(stranger, UNKNOWN, "x"), 404, "Workspace not found");
    Expect.msg(rename(stranger, id, "x"), 403, "User is not the owner of the workspace");
  }

  static final String UNKNOWN = "01999999-9999-7999-8999-999999999999";

  private static AppFixture.Answer rename(Login who, String id, String name) {
    return app.put(who.token(), "/workspace/" + id + "/rename", object("name", name));
  }
}
