package io.coterie.chat;

import static org.assertj.core.api.Assertions.assertThat;

import io.coterie.AppFixture;
import io.coterie.SocketIoClient;
import io.coterie.SocketIoClient.Options;
import io.coterie.SocketIoClient.Way;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may connect to a chat over Socket.IO: every refusal is a {@code connect_error}. */
class SocketIoConnectTest extends SharedServer {

  private static final String INVALID = "Invalid connection string";

  @ParameterizedTest
  @EnumSource
  void string_used_isRefused(Way way) {
    Map<String, String> query = query(chat());
    try (SocketIoClient first = connect(way, "/chat", query)) {
      first.await("ready");
      assertThat(refusal(way, "/chat", query)).isEqualTo(INVALID);
      first.emit("ping", AppFixture.object());
      first.await("pong");
    }
  }

  @Test
  void string_unknownOrOfTheOtherKind_isRefused() {
    String chat = chat();
    assertThat(refusal(with(query(chat), "connection_string", "x"))).isEqualTo(INVALID);
    String other = app.messageString(user, chat);
    assertThat(refusal(with(query(chat), "connection_string", other))).isEqualTo(INVALID);
  }

  @Test
  void string_ofAnotherChat_isRefusedAndUsedUp() {
    Map<String, String> query = query(chat());
    assertThat(refusal(with(query, "chat_id", chat()))).isEqualTo(INVALID);
    assertThat(refusal(query)).isEqualTo(INVALID);
  }

  @Test
  void string_expired_isRefused() {
    Map<String, String> query = query(chat());
    app.clock().advance(Duration.ofMinutes(5).plusSeconds(1));
    assertThat(refusal(query)).isEqualTo(INVALID);
  }

  @Test
  void chat_deletedSince_isNotFound() {
    String chat = chat();
    Map<String, String> query = query(chat);
    app.delete(user.token(), "/chat?chat_id=" + chat, null);
    assertThat(refusal(query)).isEqualTo("Chat not found");
  }

  @Test
  void parameter_missing_isNamed() {
    Map<String, String> query = query(chat());
    assertThat(refusal(Map.of())).isEqualTo("Missing chat id");
    assertThat(refusal(with(query, "chat_id", " "))).isEqualTo("Missing chat id");
    assertThat(refusal(with(query, "connection_string", "")))
        .isEqualTo("Missing connection string");
  }

  @ParameterizedTest
  @ValueSource(strings = {"-1", "x", "1.5", "0x1", "1e3", "+1"})
  void since_thatIsNoNumber_isRefused_andTheStringIsStillGood(String since) {
    Map<String, String> query = query(chat());
    assertThat(refusal(with(query, "since", since)))
        .isEqualTo("since must be a whole number from 0");
    try (SocketIoClient client = connect(Way.WEBSOCKET, "/chat", query)) {
      client.await("ready");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"-1", "x", "1.5"})
  void since_inAuthThatIsNoNumber_isRefused(String since) {
    Map<String, String> auth = with(query(chat()), "since", since);
    Options options = Options.by(Way.WEBSOCKET).withAuth(auth);
    try (SocketIoClient client = SocketIoClient.connect(app.port(), "/chat", Map.of(), options)) {
      assertThat(client.awaitRefusal()).isEqualTo("since must be a whole number from 0");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/other", "/chat/x", "/CHAT"})
  void namespace_another_isInvalid_andTheStringIsStillGood(String namespace) {
    Map<String, String> query = query(chat());
    assertThat(refusal(Way.UPGRADE, namespace, query)).isEqualTo("Invalid namespace");
    try (SocketIoClient client = connect(Way.UPGRADE, "/chat", query)) {
      client.await("ready");
    }
  }

  @ParameterizedTest
  @EnumSource
  void clientThatReconnectsByItself_withAUsedString_learnsIt(Way way) {
    String chat = chat();
    Options options = Options.by(way).reconnecting();
    try (SocketIoClient client =
        SocketIoClient.connect(app.port(), "/chat", query(chat), options)) {
      client.await("ready");
      // The server ends it, and does not say for good: as when it stops or the client is too slow.
      app.endConnections();
      assertThat(client.awaitDisconnect()).isIn("transport close", "transport error");
      assertThat(client.awaitRefusal()).isEqualTo(INVALID);
    }
  }

  private String refusal(Map<String, String> query) {
    return refusal(Way.WEBSOCKET, "/chat", query);
  }

  private String refusal(Way way, String namespace, Map<String, String> query) {
    try (SocketIoClient client = connect(way, namespace, query)) {
      return client.awaitRefusal();
    }
  }

  private SocketIoClient connect(Way way, String namespace, Map<String, String> query) {
    return SocketIoClient.connect(app.port(), namespace, query, Options.by(way));
  }

  private Map<String, String> query(String chat) {
    return Map.of("chat_id", chat, "connection_string", app.connectionString(user, chat));
  }

  private static Map<String, String> with(Map<String, String> query, String name, String value) {
    Map<String, String> changed = new HashMap<>(query);
    changed.put(name, value);
    return changed;
  }
}
