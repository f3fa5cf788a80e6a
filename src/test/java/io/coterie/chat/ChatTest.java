package io.coterie.chat;

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

/** Creating, reading, listing and deleting chats. */
class ChatTest {

  private static final String UNKNOWN = "01999999-9999-7999-8999-999999999999";
  private static final String TIME = "2026-01-15T10:00:00.123Z";

  private static AppFixture app;
  private static Login user;
  private static Login stranger;
  private static String workspace;

  @BeforeAll
  static void start() {
    app = AppFixture.start();
    stranger = app.login();
    user = app.login();
    workspace = app.workspace(user);
  }

  @AfterAll
  static void stop() {
    app.close();
  }

  private static String shape(String chat, String inWorkspace) {
    return "{\"chat_id\":\"%s\",\"workspace_id\":\"%s\",\"owner\":\"%s\",\"created_by\":\"%s\","
            .formatted(chat, inWorkspace, user.userId(), user.userId())
        + "\"title\":null,\"busy\":false,\"created_at\":\"%s\",\"updated_at\":\"%s\"}"
            .formatted(TIME, TIME);
  }

  @Test
  void create_inOwnWorkspace_showsChatAndWorkspace() {
    ValidatableResponse response =
        app.rest(user.token())
            .when()
            .post("/chat?workspace_id=" + workspace)
            .then()
            .statusCode(200);
    String chat = response.extract().path("chat.chat_id");
    response.body(
        equalTo(
            "{\"msg\":\"Chat created successfully\",\"chat\":"
                + shape(chat, workspace)
                + ",\"workspace\":{\"workspace_id\":\""
                + workspace
                + "\",\"name\":\"W\",\"owner\":\""
                + user.userId()
                + "\",\"agents\":[],\"coordinator_agent\":null,\"created_at\":\""
                + TIME
                + "\"}}"));
    app.rest(user.token())
        .when()
        .get("/chat?chat_id=" + chat)
        .then()
        .statusCode(200)
        .body(equalTo(shape(chat, workspace)));
  }

  @Test
  void create_checksInOrder() {
    for (String query : List.of("", "?workspace_id=", "?workspace_id=%20", "?chat_id=" + UNKNOWN)) {
      Expect.msg(app.post(user.token(), "/chat" + query, null), 400, "Missing workspace id");
    }
    Expect.msg(
        app.post(user.token(), "/chat", object("workspace_id", workspace)),
        400,
        "Missing workspace id");
    Expect.msg(
        app.post(user.token(), "/chat?workspace_id=" + UNKNOWN, null), 404, "Workspace not found");
    Expect.msg(
        app.post(stranger.token(), "/chat?workspace_id=" + workspace, null),
        401,
        "User is not the owner of the workspace");
    Expect.msg(app.post(null, "/chat", null), 401, "Missing Authorization Header");
  }

  @Test
  void chatRoutes_checkInOrder() {
    String chat = app.chat(user, workspace);
    for (String route :
        List.of(
            "GET /chat",
            "DELETE /chat",
            "GET /chat/authorize",
            "GET /chat/authorize/message",
            "GET /chat/messages",
            "GET /chat/events",
            "POST /chat/cancel",
            "POST /chat/retry")) {
      String method = route.split(" ")[0];
      String path = route.split(" ")[1];
      for (String query : List.of("", "?chat_id=", "?chat_id=%20", "?workspace_id=" + UNKNOWN)) {
        Expect.msg(send(stranger, method, path + query), 400, "Missing chat id");
      }
      Expect.msg(send(stranger, method, path + "?chat_id=" + UNKNOWN), 404, "Chat not found");
      Expect.msg(
          send(stranger, method, path + "?chat_id=" + chat),
          401,
          "User is not the owner of the chat");
    }
    assertThat(app.get(user.token(), "/chat?chat_id=" + chat).status()).isEqualTo(200);
  }

  @Test
  void delete_own_isGone() {
    String chat = app.chat(user, workspace);
    app.rest(user.token())
        .when()
        .delete("/chat?chat_id=" + chat)
        .then()
        .statusCode(200)
        .body(equalTo("{\"msg\":\"Chat deleted successfully\"}"));
    for (String path : List.of("/chat", "/chat/authorize", "/chat/authorize/message")) {
      Expect.msg(app.get(user.token(), path + "?chat_id=" + chat), 404, "Chat not found");
    }
    Expect.msg(send(user, "DELETE", "/chat?chat_id=" + chat), 404, "Chat not found");
  }

  @Test
  void ofWorkspace_own_isNewestFirst() {
    String own = app.workspace(user);
    app.rest(user.token())
        .when()
        .get("/workspace/" + own + "/chats")
        .then()
        .statusCode(200)
        .body(equalTo("{\"chats\":[]}"));
    String first = app.chat(user, own);
    String second = app.chat(user, own);
    app.rest(user.token())
        .when()
        .get("/workspace/" + own + "/chats")
        .then()
        .statusCode(200)
        .body(equalTo("{\"chats\":[" + shape(second, own) + "," + shape(first, own) + "]}"));
  }

  @Test
  void ofWorkspace_unknownOrForeign_isRefused() {
    Expect.msg(
        app.get(user.token(), "/workspace/" + UNKNOWN + "/chats"), 404, "Workspace not found");
    Expect.msg(
        app.get(stranger.token(), "/workspace/" + workspace + "/chats"),
        403,
        "User does not have access to the workspace");
  }

  private static AppFixture.Answer send(Login who, String method, String path) {
    return app.send(who.token(), method, path, null, Map.of());
  }
}
