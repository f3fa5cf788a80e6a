package io.coterie.chat;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.coterie.ChatClient;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may open a socket, and what others are told. */
class ConnectTest extends SharedServer {

  private static final String MISSING_STRING = "Missing connection string";
  private static final String INVALID = "Invalid connection string";

  @ParameterizedTest
  @ValueSource(strings = {"", "chat_id=", "chat_id=%20&connection_string=x", "connection_string=x"})
  void connect_withoutChat_isMissingChatId(String query) {
    assertRefused(query, 400, "Missing chat id");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "&connection_string=", "&connection_string=%20&since=x"})
  void connect_withoutString_isMissingConnectionString(String rest) {
    assertRefused("chat_id=" + UUID.randomUUID() + rest, 400, MISSING_STRING);
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "-1", "1.5", "%20"})
  void connect_withBadSince_is400AndLeavesTheStringGood(String since) {
    String chat = chat();
    String opening = "chat_id=" + chat + "&connection_string=" + app.connectionString(user, chat);
    assertRefused(opening + "&since=" + since, 400, "since must be a whole number from 0");
    assertThat(Handshake.attempt(app, opening).status()).isEqualTo(101);
  }

  @Test
  void connect_withUnknownString_is401() {
    Handshake answer = Handshake.attempt(app, "chat_id=" + chat() + "&connection_string=nonsense");
    assertThat(answer.status()).isEqualTo(401);
    assertThat(answer.body()).isEqualTo("{\"msg\":\"" + INVALID + "\"}");
    assertThat(answer.head()).contains("WWW-Authenticate: Bearer");
    assertThat(answer.head()).anyMatch(line -> line.startsWith("X-Request-Id: "));
  }

  @Test
  void connect_setsNoCookie() {
    String chat = chat();
    String query = "chat_id=" + chat + "&connection_string=" + app.connectionString(user, chat);
    assertThat(Handshake.attempt(app, query).head())
        .noneMatch(line -> line.startsWith("Set-Cookie"));
    assertThat(Handshake.attempt(app, query).head())
        .noneMatch(line -> line.startsWith("Set-Cookie"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"nonsense", "00000000-0000-7000-8000-000000000000"})
  void connect_toUnknownChatWithUnknownString_is401(String chat) {
    assertRefused("chat_id=" + chat + "&connection_string=nonsense", 401, INVALID);
  }

  @Test
  void connect_withExpiredString_is401() {
    String chat = chat();
    String string = app.connectionString(user, chat);
    app.clock().advance(Duration.ofMinutes(5));
    assertRefused("chat_id=" + chat + "&connection_string=" + string, 401, INVALID);
  }

  @Test
  void connect_justBeforeTheStringExpires_isAccepted() {
    String chat = chat();
    String string = app.connectionString(user, chat);
    app.clock().advance(Duration.ofMinutes(5).minusMillis(1));
    String query = "chat_id=" + chat + "&connection_string=" + string;
    assertThat(Handshake.attempt(app, query).status()).isEqualTo(101);
  }

  @Test
  void connect_again_is401() {
    String chat = chat();
    String query = "chat_id=" + chat + "&connection_string=" + app.connectionString(user, chat);
    assertThat(Handshake.attempt(app, query).status()).isEqualTo(101);
    assertRefused(query, 401, INVALID);
  }

  @Test
  void connect_withAnotherChatsString_is401AndUsesItUp() {
    String chat = chat();
    String string = app.connectionString(user, chat);
    assertRefused("chat_id=" + chat() + "&connection_string=" + string, 401, INVALID);
    assertRefused("chat_id=" + chat + "&connection_string=" + string, 401, INVALID);
  }

  @Test
  void connect_withStringForChatThatIsNone_is401AndUsesItUp() {
    String chat = chat();
    String string = app.connectionString(user, chat);
    assertRefused("chat_id=nonsense&connection_string=" + string, 401, INVALID);
    assertRefused("chat_id=" + chat + "&connection_string=" + string, 401, INVALID);
  }

  @Test
  void connect_withMessageString_is401AndUsesItUp() {
    String chat = chat();
    String string = app.messageString(user, chat);
    assertRefused("chat_id=" + chat + "&connection_string=" + string, 401, INVALID);
    try (ChatClient client = connect(chat)) {
      client.message("x", string);
      assertThat(client.await("error").path("data").path("code").asText())
          .isEqualTo("invalid_message_string");
    }
  }

  @Test
  void connect_toChatDeletedSince_is404() {
    String chat = chat();
    String string = app.connectionString(user, chat);
    app.delete(user.token(), "/chat?chat_id=" + chat, null);
    assertRefused("chat_id=" + chat + "&connection_string=" + string, 404, "Chat not found");
  }

  @RepeatedTest(5)
  void connect_manyAtOnceWithOneString_oneWins() {
    String chat = chat();
    String query = "chat_id=" + chat + "&connection_string=" + app.connectionString(user, chat);
    CyclicBarrier start = new CyclicBarrier(4);
    List<CompletableFuture<Integer>> attempts =
        IntStream.range(0, 4)
            .mapToObj(
                i ->
                    CompletableFuture.supplyAsync(
                        () -> {
                          try {
                            start.await(20, TimeUnit.SECONDS);
                          } catch (Exception e) {
                            throw new IllegalStateException(e);
                          }
                          return Handshake.attempt(app, query).status();
                        },
                        work -> new Thread(work).start()))
            .toList();
    assertThat(attempts.stream().map(CompletableFuture::join))
        .containsExactlyInAnyOrder(101, 401, 401, 401);
  }

  @Test
  void get_withoutUpgrade_is426() {
    Handshake answer = Handshake.request(app, "chat_id=" + chat(), List.of());
    assertThat(answer.status()).isEqualTo(426);
    assertThat(answer.body()).isEqualTo("{\"msg\":\"Upgrade required\"}");
    assertThat(answer.head()).contains("Upgrade: websocket");
  }

  @Test
  void upgrade_ofAnotherVersion_is426() {
    Handshake answer =
        Handshake.request(
            app,
            "chat_id=" + chat(),
            List.of(
                "Connection: Upgrade",
                "Upgrade: websocket",
                "Sec-WebSocket-Version: 8",
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="));
    assertThat(answer.status()).isEqualTo(426);
    assertThat(answer.head()).contains("Sec-WebSocket-Version: 13");
  }

  @Test
  void connect_beginsWithReady() {
    String chat = chat();
    ask(chat, "@echo x");
    try (ChatClient client = app.connect(user, chat)) {
      JsonNode ready = client.await("ready");
      assertThat(client.received().get(0)).isEqualTo(ready);
      assertThat(ready.toString())
          .isEqualTo(
              "{\"event\":\"ready\",\"data\":{\"chat_id\":\""
                  + chat
                  + "\",\"last_seq\":7,\"recovered\":true}}");
    }
  }

  private void assertRefused(String query, int status, String msg) {
    Handshake answer = Handshake.attempt(app, query);
    assertThat(answer.status()).isEqualTo(status);
    assertThat(answer.body()).isEqualTo("{\"msg\":\"" + msg + "\"}");
  }
}
