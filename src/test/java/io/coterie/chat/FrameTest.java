package io.coterie.chat;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.coterie.AppFixture;
import io.coterie.ChatClient;
import io.coterie.http.Json;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a client may send over a socket, and how a bad frame is refused. */
class FrameTest extends SharedServer {

  private String chat;
  private ChatClient client;

  @BeforeEach
  void open() {
    chat = chat();
    client = connect(chat);
  }

  @AfterEach
  void close() {
    client.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "hello",
        "",
        "null",
        "[]",
        "42",
        "\"ping\"",
        "{",
        "{}",
        "{\"event\":5}",
        "{\"event\":null}",
        "{\"event\":\"ping\"} x",
        "{\"data\":{}}",
        "{\"event\":\"chat_message\",\"data\":\"x\"}",
        "{\"event\":\"ping\",\"data\":[]}",
        "{\"event\":\"chat_message\",\"data\":{\"message\":5}}",
        "{\"event\":\"chat_message\",\"data\":{\"message\":{}}}",
        "{\"event\":\"chat_message\",\"data\":{\"message\":\"x\",\"message_string\":7}}",
        "{\"event\":\"chat_message\",\"data\":{\"message\":\"x\",\"chat_id\":7}}",
        "{\"event\":\"cancel\",\"data\":{\"run_id\":7}}"
      })
  void frame_ofBadShape_isInvalidFrame(String frame) {
    client.sendText(frame);
    assertRefused("invalid_frame");
  }

  @ParameterizedTest
  @ValueSource(strings = {"shout", "", "PING", "delta", "ready"})
  void event_thatNobodyKnows_isUnknownEvent(String event) {
    client.send(event, AppFixture.object());
    assertRefused("unknown_event");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"event\":\"chat_message\"}",
        "{\"event\":\"chat_message\",\"data\":null}",
        "{\"event\":\"chat_message\",\"data\":{}}",
        "{\"event\":\"chat_message\",\"data\":{\"message\":null}}",
        "{\"event\":\"chat_message\",\"data\":{\"message\":\"  \\n\"}}"
      })
  void message_missingOrBlank_isMissingMessage(String frame) {
    client.sendText(frame);
    assertRefused("missing_message");
  }

  @Test
  void message_overTheLimit_isMessageTooLong() {
    say(client, chat, "x".repeat(100_001));
    assertRefused("message_too_long");
  }

  @Test
  void message_atTheLimit_isAnswered() {
    say(client, chat, "@echo " + "x".repeat(99_994));
    assertThat(client.await("message").path("data").path("content").asText()).hasSize(99_994);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\\u0000b", "a\\ud83d", "\\ude00b", "\\ude00\\ud83d"})
  void message_thatNoStoreKeeps_isInvalidFrame(String text) {
    client.sendText(
        "{\"event\":\"chat_message\",\"data\":{\"message\":\""
            + text
            + "\",\"message_string\":\""
            + app.messageString(user, chat)
            + "\"}}");
    assertRefused("invalid_frame");
  }

  @Test
  void message_forAnotherChat_isInvalidFrame() {
    var data =
        AppFixture.object(
            "message", "x", "chat_id", chat(), "message_string", app.messageString(user, chat));
    client.send("chat_message", data);
    assertRefused("invalid_frame");
  }

  @Test
  void message_thatNamesItsChat_isAnswered() {
    var data =
        AppFixture.object(
            "message", "@echo x", "chat_id", chat, "message_string", app.messageString(user, chat));
    client.send("chat_message", data);
    client.awaitRun("completed");
  }

  @ParameterizedTest
  @CsvSource(
      value = {"null", "''", "' '", "unknown"},
      nullValues = "null")
  void messageString_missingOrUnknown_isInvalid(String string) {
    client.message("x", string);
    assertRefused("invalid_message_string");
  }

  @Test
  void messageString_used_isInvalid() {
    String string = app.messageString(user, chat);
    client.message("@echo x", string);
    client.awaitRun("completed");
    client.message("@echo x", string);
    assertRefused("invalid_message_string");
  }

  @Test
  void messageString_expired_isInvalid() {
    String string = app.messageString(user, chat);
    app.clock().advance(Duration.ofMinutes(1));
    client.message("x", string);
    assertRefused("invalid_message_string");
  }

  @Test
  void messageString_justBeforeItExpires_isGood() {
    String string = app.messageString(user, chat);
    app.clock().advance(Duration.ofMinutes(1).minusMillis(1));
    client.message("@echo x", string);
    client.awaitRun("completed");
  }

  @Test
  void messageString_ofAnotherChat_isInvalidAndUsedUp() {
    String other = chat();
    String string = app.messageString(user, other);
    client.message("x", string);
    assertRefused("invalid_message_string");
    try (ChatClient there = connect(other)) {
      there.message("x", string);
      assertThat(there.await("error").path("data").path("code").asText())
          .isEqualTo("invalid_message_string");
    }
  }

  @Test
  void connectionString_asMessageString_isInvalidAndUsedUp() {
    String string = app.connectionString(user, chat);
    client.message("x", string);
    assertRefused("invalid_message_string");
    assertThat(Handshake.attempt(app, "chat_id=" + chat + "&connection_string=" + string).status())
        .isEqualTo(401);
  }

  @Test
  void shapeError_leavesTheMessageStringGood() {
    String string = app.messageString(user, chat);
    client.send("chat_message", AppFixture.object("message", " ", "message_string", string));
    client.send(
        "chat_message",
        AppFixture.object("message", "x".repeat(100_001), "message_string", string));
    client.send(
        "chat_message",
        AppFixture.object("message", "x", "chat_id", workspace, "message_string", string));
    client.message("@echo good", string);
    client.awaitRun("completed");
    assertThat(client.types().stream().filter("error"::equals)).hasSize(3);
  }

  @Test
  void binaryFrame_isInvalidFrame() {
    client.sendBinary("{\"event\":\"ping\"}".getBytes(java.nio.charset.StandardCharsets.UTF_8));
    assertRefused("invalid_frame");
  }

  @Test
  void frame_ofOneMegabyte_isRead() {
    String frame = "{\"event\":\"ping\",\"data\":{\"x\":\"\"}}";
    client.sendText(frame.replace("\"\"", '"' + "x".repeat(1_048_576 - frame.length()) + '"'));
    client.await("pong");
  }

  @Test
  void frame_overOneMegabyte_closesWith1009() {
    client.sendText("x".repeat(1_048_577));
    assertThat(client.awaitClose()).isEqualTo(1009);
  }

  @Test
  void ping_isAnsweredWithPongThatIsNotStored() {
    client.send("ping", Json.MAPPER.createObjectNode());
    JsonNode pong = client.await("pong");
    assertThat(pong.toString()).isEqualTo("{\"event\":\"pong\",\"data\":{}}");
    assertThat(stored(chat)).isEmpty();
  }

  @Test
  void cancel_withNothingToCancel_isSilent() {
    client.send("cancel", AppFixture.object());
    client.send("cancel", AppFixture.object("run_id", "nonsense"));
    client.send("ping", AppFixture.object());
    client.await("pong");
    assertThat(client.types()).containsExactly("ready", "pong");
  }

  /** The sender is told, nothing is stored, and the socket goes on. */
  private void assertRefused(String code) {
    JsonNode error = client.await("error");
    assertThat(error.path("data").path("code").asText()).isEqualTo(code);
    assertThat(error.path("data").path("msg").asText()).isNotBlank();
    assertThat(error.path("data").has("run_id")).isFalse();
    assertThat(error.has("seq")).isFalse();
    client.send("ping", AppFixture.object());
    client.await("pong");
    assertThat(brief(stored(chat))).noneMatch("error"::equals);
  }
}
