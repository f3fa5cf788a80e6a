package io.coterie.chat;

import static io.coterie.AppFixture.object;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.coterie.AppFixture;
import io.coterie.AppFixture.Login;
import io.coterie.Await;
import io.coterie.ChatClient;
import io.coterie.EventStream;
import io.coterie.Expect;
import io.coterie.LiveClient;
import io.coterie.LiveTransport;
import io.coterie.RawClient;
import io.coterie.SocketIoClient;
import io.coterie.model.Gate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What was opened with a login or a key ends with it. */
class ExpiredCredentialsTest extends SharedServer {

  private static final Duration TTL = Duration.ofHours(1);

  /** A token ends with a whole second. */
  private static final Duration ALL_OF_IT = TTL.plusSeconds(1);

  @Override
  String[] settings() {
    return new String[] {"auth.token.ttl=1h", "chat.connection-string.ttl=3h"};
  }

  @AfterEach
  void logInAgain() {
    user = again(user);
  }

  private Login again(Login who) {
    var body = object("email", who.email(), "password", AppFixture.password());
    String token = app.post(null, "/auth/login", body).json().path("access_token").asText();
    return new Login(who.userId(), who.email(), token);
  }

  private Login key(Login of, String lifetime) {
    JsonNode made =
        app.post(of.token(), "/user/keys", object("name", "k", "expires_in", lifetime)).json();
    return new Login(of.userId(), of.email(), made.path("key").asText());
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "POLLING")
  void connection_endsWithItsToken_andNotBefore(LiveTransport transport) {
    String chat = chat();
    try (LiveClient early = transport.connect(app, user, chat, 0L)) {
      early.await("ready");
      app.clock().advance(TTL.minusSeconds(2));
      Login fresh = again(user);
      try (LiveClient late = transport.connect(app, fresh, chat, 0L)) {
        late.await("ready");
        app.post(fresh.token(), "/chat/message", object("chat_id", chat, "message", "@echo x"));
        early.await(ExpiredCredentialsTest::isCompletedRun);
        app.clock().advance(Duration.ofSeconds(3));
        early.awaitEnd();
        assertThat(early.closeCode()).isIn(transport == LiveTransport.WEB_SOCKET ? 4401 : 0);
        app.post(fresh.token(), "/chat/message", object("chat_id", chat, "message", "@echo y"));
        late.await(event -> event.path("data").path("content").asText().equals("y"));
      }
    }
  }

  private static boolean isCompletedRun(JsonNode event) {
    return event.path("data").path("status").asText().equals("completed");
  }

  @Test
  void socketIo_isToldNotToComeBack() {
    for (SocketIoClient.Way way : SocketIoClient.Way.values()) {
      Login fresh = again(user);
      String chat = app.chat(fresh);
      var query = Map.of("chat_id", chat, "connection_string", app.connectionString(fresh, chat));
      var options = SocketIoClient.Options.by(way).reconnecting();
      try (SocketIoClient client = SocketIoClient.connect(app.port(), "/chat", query, options)) {
        client.awaitConnected();
        app.clock().advance(ALL_OF_IT);
        assertThat(client.awaitDisconnect()).isEqualTo("io server disconnect");
      }
    }
  }

  @Test
  void connectionOfAKey_endsWithTheKey() {
    app.clock().advance(Duration.ofMillis(300));
    String chat = chat();
    Login shortLived = key(user, "90s");
    Login forever = key(user, "36500d");
    try (ChatClient socket = app.connect(shortLived, chat);
        EventStream stream = EventStream.follow(app, shortLived.token(), chat, null);
        ChatClient ofLogin = app.connect(user, chat);
        ChatClient ofForever = app.connect(forever, chat)) {
      for (ChatClient client : List.of(socket, ofLogin, ofForever)) {
        client.await("ready");
      }
      stream.await("ready");
      app.clock().advance(Duration.ofSeconds(90));
      assertThat(socket.awaitClose()).isEqualTo(4401);
      stream.awaitEnd();
      ofLogin.message("@echo on", app.messageString(user, chat));
      ofLogin.awaitRun("completed");
      ofForever.awaitRun("completed");
    }
  }

  @Test
  void oneTimeStrings_endWithTheTokenThatAskedForThem() {
    String chat = chat();
    app.clock().advance(TTL.minusSeconds(10));
    JsonNode made = app.get(user.token(), "/chat/authorize?chat_id=" + chat).json();
    Duration good =
        Duration.between(
            Instant.parse(made.path("created_at").asText()),
            Instant.parse(made.path("expires_at").asText()));
    assertThat(good).isBetween(Duration.ofSeconds(9), Duration.ofSeconds(11));
    String message = app.messageString(user, chat);
    app.clock().advance(Duration.ofSeconds(11));
    String path =
        "/chat/connect?" + LiveTransport.query(chat, made.path("connection_string").asText(), null);
    RawClient.Reply reply = RawClient.upgrade(app, path);
    assertThat(reply.status()).isEqualTo(401);
    assertThat(reply.json().path("msg").asText()).isEqualTo("Invalid connection string");

    Login fresh = again(user);
    try (ChatClient client = app.connect(fresh, chat)) {
      client.await("ready");
      client.message("x", message);
      assertThat(client.await("error").path("data").path("code").asText())
          .isEqualTo("invalid_message_string");
    }
  }

  @Test
  void streamOfOneRun_endsWithTheToken_andTheReplyGoesOn() {
    String chat = chat();
    Gate go = new Gate();
    model.then(
        (request, reply) -> {
          reply.text("so ");
          go.await();
          reply.text("far").complete(1, 1);
        });
    var body = object("chat_id", chat, "message", "Hi");
    try (EventStream stream =
        EventStream.open(app, user.token(), "POST", "/chat/message", body, Map.of())) {
      stream.await("delta");
      app.clock().advance(ALL_OF_IT);
      stream.awaitEnd();
    }
    user = again(user);
    try (ChatClient client = connect(chat)) {
      go.open();
      client.awaitRun("completed");
    }
    assertThat(messages(chat).findValuesAsText("content")).containsExactly("Hi", "so far");
  }

  @Test
  void clockSetBack_endsNothing() {
    String chat = chat();
    try (ChatClient client = connect(chat)) {
      app.clock().advance(Duration.ofHours(-12));
      client.message("@echo x", app.messageString(user, chat));
      client.awaitRun("completed");
      app.clock().advance(Duration.ofHours(12));
    }
  }

  @Test
  void manyConnections_endTogether_andLeaveNoTimerBehind() {
    String chat = chat();
    Await.until(() -> app.openConnections() == 0, () -> app.openConnections() + " connections");
    List<ChatClient> clients = new ArrayList<>();
    try {
      int before = app.timerTasks();
      for (int i = 0; i < 200; i++) {
        clients.add(app.connect(user, chat));
      }
      clients.forEach(client -> client.await("ready"));
      assertThat(app.timerTasks()).isLessThan(before + 10);
      app.clock().advance(ALL_OF_IT);
      clients.forEach(client -> assertThat(client.awaitClose()).isEqualTo(4401));
    } finally {
      clients.forEach(ChatClient::close);
    }
    Await.until(() -> app.openConnections() == 0, () -> app.openConnections() + " connections");
    Expect.msg(app.get(user.token(), "/workspace"), 401, "Token has expired");
  }
}
