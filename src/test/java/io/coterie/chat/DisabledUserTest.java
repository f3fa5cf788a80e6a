package io.coterie.chat;

import static io.coterie.AppFixture.object;
import static org.assertj.core.api.Assertions.assertThat;

import io.coterie.AllAtOnce;
import io.coterie.AppFixture;
import io.coterie.AppFixture.Login;
import io.coterie.Await;
import io.coterie.ChatClient;
import io.coterie.EventStream;
import io.coterie.RawClient;
import io.coterie.model.Gate;
import java.net.http.WebSocketHandshakeException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A user who is disabled while their chats are in use; the user of this class is the admin. */
class DisabledUserTest extends SharedServer {

  @Test
  void disable_duringRuns_cancelsThemAndClosesWith4401() {
    Login other = app.login();
    String chat = app.chat(other);
    String idle = app.chat(other);
    Gate cancelled = new Gate();
    model.then(
        (request, reply) -> {
          reply.text("so far");
          try {
            reply.awaitCancel();
          } finally {
            cancelled.open();
          }
        });
    String unused = app.connectionString(other, chat);
    try (ChatClient client = app.connect(other, chat);
        ChatClient idler = app.connect(other, idle);
        EventStream stream = EventStream.follow(app, other.token(), chat, null)) {
      client.await("ready");
      idler.await("ready");
      send(other, chat, "one");
      send(other, chat, "two");
      client.await("delta");
      stream.await("delta");
      assertThat(set(other, true)).isEqualTo(200);
      assertThat(client.awaitClose()).isEqualTo(4401);
      assertThat(idler.awaitClose()).isEqualTo(4401);
      stream.awaitEnd();
      cancelled.await();
    }
    Await.until(() -> Sql.isIdle(app), () -> "runs go on");
    assertThat(
            RawClient.upgrade(app, "/chat/connect?chat_id=" + chat + "&connection_string=" + unused)
                .status())
        .isEqualTo(401);

    set(other, false);
    Login again = again(other);
    var messages = app.get(again.token(), "/chat/messages?chat_id=" + chat).json();
    assertThat(messages.findValuesAsText("content"))
        .containsExactlyInAnyOrder("one", "two", "so far");
    for (var message : messages.path("messages")) {
      boolean reply = message.path("role").asText().equals("assistant");
      assertThat(message.path("status").asText()).isEqualTo(reply ? "cancelled" : "completed");
    }
    assertThat(send(again, chat, "@echo back")).isEqualTo(202);
  }

  @Test
  void disable_whileOthersBeginToUseTheChat_leavesNobodyBehind() throws Exception {
    for (int i = 0; i < 25; i++) {
      Login other = app.login();
      String chat = app.chat(other);
      String string = app.connectionString(other, chat);
      model.then((request, reply) -> reply.awaitCancel());
      List<Integer> results =
          AllAtOnce.call(
              List.of(
                  () -> set(other, true),
                  () -> connectUntilClosed(chat, string),
                  () -> followUntilEnded(other, chat),
                  () -> send(other, chat, "hang")));
      assertThat(results.get(0)).isEqualTo(200);
      assertThat(results.get(1)).isIn(401, 4401);
      assertThat(results.get(2)).isIn(200, 401);
      assertThat(results.get(3)).isIn(202, 401);
      Await.until(() -> Sql.isIdle(app), () -> "a run goes on");
    }
    Await.until(() -> app.openConnections() == 0, () -> app.openConnections() + " connections");
    assertThat(app.followedChats()).isZero();
  }

  private int connectUntilClosed(String chat, String string) {
    try (ChatClient client = ChatClient.connect(app, chat, string, 0L)) {
      return client.awaitClose();
    } catch (RuntimeException e) {
      for (Throwable cause = e; cause != null; cause = cause.getCause()) {
        if (cause instanceof WebSocketHandshakeException refused) {
          return refused.getResponse().statusCode();
        }
      }
      throw e;
    }
  }

  private int followUntilEnded(Login who, String chat) {
    String path = "/chat/events?chat_id=" + chat + "&since=0";
    try (EventStream stream = EventStream.open(app, who.token(), "GET", path, null, Map.of())) {
      stream.awaitEnd();
      return stream.response().statusCode();
    }
  }

  private int send(Login who, String chat, String text) {
    return app.post(who.token(), "/chat/message", object("chat_id", chat, "message", text))
        .status();
  }

  private int set(Login who, boolean disabled) {
    return app.put(user.token(), "/admin/users/" + who.userId(), object().put("disabled", disabled))
        .status();
  }

  private Login again(Login who) {
    var body = object("email", who.email(), "password", AppFixture.password());
    String token = app.post(null, "/auth/login", body).json().path("access_token").asText();
    return new Login(who.userId(), who.email(), token);
  }
}
