package io.coterie.workspace;

import static io.coterie.AppFixture.object;
import static org.assertj.core.api.Assertions.assertThat;

import io.coterie.AppFixture;
import io.coterie.AppFixture.Login;
import io.coterie.Expect;
import io.coterie.RawClient;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An identifier is opaque: one that is not well-formed is not found, whatever is in it. */
class MalformedIdsTest {

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

  @ParameterizedTest
  @ValueSource(
      strings = {
        "x",
        "0",
        "-1",
        "null",
        "undefined",
        "%27",
        "%22",
        "%27%20OR%201=1--",
        "a%2Fb",
        "%2F",
        "%252F",
        "%E2%98%95",
        "%20",
        "%09",
        "%0A",
        "%25",
        "%5C",
        "..%2F..",
        "%7Bid%7D",
        "*",
        "+",
        "a+b",
        "%3B",
        "a.b",
        "01999999-9999-7999-8999-99999999999",
        "01999999-9999-7999-8999-9999999999990",
        "0199999999997999899999999999999a",
        "1-1-1-1-1",
        "%7B01999999-9999-7999-8999-999999999999%7D"
      })
  void id_malformed_isNotFound(String id) {
    String auth = "Authorization: Bearer " + user.token();
    notFound(RawClient.get(app, "/workspace/" + id, auth), "Workspace not found");
    notFound(RawClient.get(app, "/workspace/" + id + "/chats", auth), "Workspace not found");
    notFound(RawClient.get(app, "/agent/" + id, auth), "Agent not found");
    if (!id.equals("%20") && !id.equals("%09") && !id.equals("%0A") && !id.equals("+")) {
      notFound(RawClient.get(app, "/chat?chat_id=" + id, auth), "Chat not found");
      notFound(RawClient.get(app, "/chat/authorize?chat_id=" + id, auth), "Chat not found");
      notFound(RawClient.get(app, "/chat/messages?chat_id=" + id, auth), "Chat not found");
    }
  }

  @Test
  void id_malformedInBodies_isNotFound() {
    for (String id : new String[] {"x", "' OR 1=1", "☕", "a/b", "x".repeat(10_000)}) {
      Expect.msg(
          app.post(user.token(), "/chat/message", object("chat_id", id, "message", "m")),
          404,
          "Chat not found");
    }
  }

  @Test
  void id_withNulInTheQuery_isNotFound() {
    String auth = "Authorization: Bearer " + user.token();
    notFound(RawClient.get(app, "/chat?chat_id=%00", auth), "Chat not found");
    notFound(RawClient.get(app, "/chat?chat_id=a%00b", auth), "Chat not found");
    notFound(RawClient.get(app, "/workspace?before=%00", auth), "Workspace not found");
  }

  @Test
  void id_ofTenThousandCharacters_isRefusedInTheUsualShape() {
    String auth = "Authorization: Bearer " + user.token();
    String id = "a".repeat(10_000);
    for (String target : new String[] {"/workspace/" + id, "/chat?chat_id=" + id, "/agent/" + id}) {
      var reply = RawClient.get(app, target, auth);
      assertThat(reply.status()).isIn(404, 414, 431);
      assertThat(reply.json().path("msg").asText()).isNotBlank();
    }
    String shorter = "a".repeat(4_000);
    notFound(RawClient.get(app, "/workspace/" + shorter, auth), "Workspace not found");
    notFound(RawClient.get(app, "/chat?chat_id=" + shorter, auth), "Chat not found");
  }

  @Test
  void id_inUpperCase_isAnother() {
    String workspace = app.workspace(user);
    String chat = app.chat(user, workspace);
    Expect.msg(
        app.get(user.token(), "/workspace/" + workspace.toUpperCase(Locale.ROOT)),
        404,
        "Workspace not found");
    Expect.msg(
        app.get(user.token(), "/chat?chat_id=" + chat.toUpperCase(Locale.ROOT)),
        404,
        "Chat not found");
  }

  private static void notFound(RawClient.Reply reply, String msg) {
    assertThat(reply.json()).isEqualTo(object("msg", msg));
    assertThat(reply.status()).isEqualTo(404);
  }
}
