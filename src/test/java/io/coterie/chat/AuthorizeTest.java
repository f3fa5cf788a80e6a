package io.coterie.chat;

import static io.coterie.AppFixture.object;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import com.fasterxml.jackson.databind.JsonNode;
import io.coterie.AllAtOnce;
import io.coterie.AppFixture;
import io.coterie.AppFixture.Login;
import io.coterie.Expect;
import io.coterie.RawClient;
import io.coterie.RawClient.Reply;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/**
 * The strings that open a chat and authorize a message: what they look like and how long they hold.
 */
class AuthorizeTest {

  private static AppFixture app;
  private static Login user;
  private static String workspace;
  private static String chat;

  @BeforeAll
  static void start() {
    app = AppFixture.start();
    user = app.login();
    workspace = app.workspace(user);
    chat = app.chat(user, workspace);
  }

  @AfterAll
  static void stop() {
    app.close();
  }

  @Test
  void authorize_ownChat_givesAStringForFiveMinutes() {
    expiring("/chat/authorize", "connection_string", Duration.ofMinutes(5));
  }

  @Test
  void authorizeMessage_ownChat_givesAStringForOneMinute() {
    expiring("/chat/authorize/message", "message_string", Duration.ofMinutes(1));
  }

  private static void expiring(String path, String name, Duration ttl) {
    JsonNode answer = app.get(user.token(), path + "?chat_id=" + chat).json();
    String string = answer.path(name).asText();
    assertThat(string).matches("[A-Za-z0-9_-]{20,}");
    var now = app.clock().instant();
    app.rest(user.token())
        .when()
        .get(path + "?chat_id=" + chat)
        .then()
        .statusCode(200)
        .body("created_at", equalTo(now.toString()))
        .body("expires_at", equalTo(now.plus(ttl).toString()))
        .body("created_by", equalTo(user.userId()))
        .body("size()", equalTo(4));
    Set<String> strings = new HashSet<>();
    for (int i = 0; i < 20; i++) {
      strings.add(app.get(user.token(), path + "?chat_id=" + chat).json().path(name).asText());
    }
    assertThat(strings).hasSize(20);
  }

  @Test
  void string_used_opensOnce() {
    String string = app.connectionString(user, chat);
    assertThat(open(chat, string).status()).isEqualTo(101);
    refused(open(chat, string));
  }

  @RepeatedTest(10)
  void string_usedAllAtOnce_opensOnce() throws Exception {
    String string = app.connectionString(user, chat);
    List<Callable<Integer>> calls = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      calls.add(() -> open(chat, string).status());
    }
    assertThat(AllAtOnce.call(calls)).containsOnly(101, 401).containsOnlyOnce(101);
  }

  @Test
  void string_expired_opensNothing() {
    String string = app.connectionString(user, chat);
    app.clock().advance(Duration.ofMinutes(5).minusMillis(1));
    assertThat(open(chat, string).status()).isEqualTo(101);
    String late = app.connectionString(user, chat);
    app.clock().advance(Duration.ofMinutes(5));
    refused(open(chat, late));
  }

  @Test
  void string_ofTheOtherKindOrChat_opensNothingAndIsUsedUp() {
    refused(open(chat, app.messageString(user, chat)));
    String string = app.connectionString(user, chat);
    refused(open(app.chat(user, workspace), string));
    refused(open(chat, string));
  }

  @Test
  void string_ofAChatInADeletedWorkspace_opensNothing() {
    String gone = app.workspace(user);
    String inside = app.chat(user, gone);
    String string = app.connectionString(user, inside);
    Expect.msg(app.delete(user.token(), "/workspace/" + gone, null), 200, "Workspace deleted");
    Reply reply = open(inside, string);
    assertThat(reply.status()).isEqualTo(404);
    assertThat(reply.json()).isEqualTo(object("msg", "Chat not found"));
    for (String path :
        List.of("/chat", "/chat/authorize", "/chat/authorize/message", "/chat/messages")) {
      Expect.msg(app.get(user.token(), path + "?chat_id=" + inside), 404, "Chat not found");
    }
    Expect.msg(
        app.post(user.token(), "/chat/message", object("chat_id", inside, "message", "m")),
        404,
        "Chat not found");
  }

  @Test
  void string_ofADisabledUser_opensNothing() {
    Login other = app.login("strings@example.com");
    String theirs = app.chat(other);
    String string = app.connectionString(other, theirs);
    app.sql("UPDATE users SET disabled = TRUE WHERE email_key = 'strings@example.com'");
    refused(open(theirs, string));
  }

  private static Reply open(String chatId, String string) {
    return RawClient.upgrade(
        app, "/chat/connect?chat_id=" + chatId + "&connection_string=" + string);
  }

  private static void refused(Reply reply) {
    assertThat(reply.status()).isEqualTo(401);
    assertThat(reply.json()).isEqualTo(object("msg", "Invalid connection string"));
  }
}
