package io.coterie;

import static io.coterie.AppFixture.object;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.coterie.AppFixture.Login;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What belongs to one user can be neither read nor changed by another, be it the admin. */
class StrangersTest {

  private static final String NO_ACCESS = "User does not have access to the workspace";
  private static final String NOT_OWNER = "User is not the owner of the workspace";
  private static final String NOT_CHAT_OWNER = "User is not the owner of the chat";

  private static AppFixture app;
  private static Login owner;
  private static List<Login> strangers;
  private static String workspace;
  private static String chat;

  @BeforeAll
  static void start() {
    app = AppFixture.start();
    Login admin = app.login();
    owner = app.login();
    strangers = List.of(admin, app.login());
    workspace = app.workspace(owner);
    app.post(owner.token(), "/workspace/" + workspace + "/agent", object("agent_id", "echo"));
    chat = app.chat(owner, workspace);
    app.post(
        owner.token(), "/chat/message?wait=true", object("chat_id", chat, "message", "secret"));
  }

  @AfterAll
  static void stop() {
    app.close();
  }

  @Test
  void workspace_ofAnother_isClosedOnEveryRoute() {
    JsonNode before = app.get(owner.token(), "/workspace/" + workspace).json();
    String path = "/workspace/" + workspace;
    String agent = object("agent_id", "guide").toString();
    for (Login stranger : strangers) {
      refused(stranger, "GET", path, null, 403, NO_ACCESS);
      refused(stranger, "DELETE", path, null, 403, NO_ACCESS);
      refused(stranger, "GET", path + "/chats", null, 403, NO_ACCESS);
      refused(stranger, "POST", path + "/agent", agent, 403, NOT_OWNER);
      refused(stranger, "DELETE", path + "/agent", agent, 403, NOT_OWNER);
      refused(stranger, "PUT", path + "/rename", object("name", "x").toString(), 403, NOT_OWNER);
      refused(stranger, "PUT", path + "/coordinator", agent, 403, NOT_OWNER);
      refused(stranger, "POST", "/chat?workspace_id=" + workspace, null, 401, NOT_OWNER);
      assertThat(app.get(stranger.token(), "/workspace").json().findValuesAsText("workspace_id"))
          .doesNotContain(workspace);
    }
    assertThat(app.get(owner.token(), path).json()).isEqualTo(before);
    assertThat(app.get(owner.token(), path + "/chats").json().path("chats")).hasSize(1);
  }

  @Test
  void chat_ofAnother_isClosedOnEveryRoute() {
    JsonNode before = app.get(owner.token(), "/chat?chat_id=" + chat).json();
    JsonNode messages = app.get(owner.token(), "/chat/messages?chat_id=" + chat).json();
    assertThat(messages.path("messages")).hasSize(2);
    String message = object("chat_id", chat, "message", "mine").toString();
    for (Login stranger : strangers) {
      for (String route :
          List.of(
              "GET /chat",
              "DELETE /chat",
              "GET /chat/authorize",
              "GET /chat/authorize/message",
              "GET /chat/messages",
              "GET /chat/events",
              "POST /chat/retry",
              "POST /chat/cancel")) {
        String[] parts = route.split(" ");
        String path = parts[1] + "?chat_id=" + chat;
        refused(stranger, parts[0], path, null, 401, NOT_CHAT_OWNER);
      }
      String events = "/chat/events?poll=1&since=0&chat_id=" + chat;
      refused(stranger, "GET", events, null, 401, NOT_CHAT_OWNER);
      refused(stranger, "POST", "/chat/message", message, 401, NOT_CHAT_OWNER);
      refused(stranger, "POST", "/chat/message?wait=true", message, 401, NOT_CHAT_OWNER);
      Expect.msg(
          app.send(
              stranger.token(),
              "POST",
              "/chat/message",
              message,
              Map.of("Accept", "text/event-stream")),
          401,
          NOT_CHAT_OWNER);
    }
    assertThat(app.get(owner.token(), "/chat?chat_id=" + chat).json()).isEqualTo(before);
    assertThat(app.get(owner.token(), "/chat/messages?chat_id=" + chat).json()).isEqualTo(messages);
  }

  @Test
  void string_ofAnothersChat_opensNothingElse() {
    Login stranger = strangers.get(1);
    String theirs = app.chat(stranger);
    String string = app.connectionString(stranger, theirs);
    var reply =
        RawClient.upgrade(app, "/chat/connect?chat_id=" + chat + "&connection_string=" + string);
    assertThat(reply.status()).isEqualTo(401);
    assertThat(reply.json()).isEqualTo(object("msg", "Invalid connection string"));
  }

  private static void refused(
      Login who, String method, String path, String body, int status, String msg) {
    Expect.msg(app.send(who.token(), method, path, body, Map.of()), status, msg);
  }
}
