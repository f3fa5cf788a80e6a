package io.coterie;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.coterie.model.ScriptedModel;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RequestLogTest {

  private final ByteArrayOutputStream written = new ByteArrayOutputStream();
  private final PrintStream before = System.out;

  @BeforeEach
  void capture() {
    System.setOut(new PrintStream(written, true, StandardCharsets.UTF_8));
  }

  @AfterEach
  void release() {
    System.setOut(before);
  }

  @Test
  void log_ofABusyServer_aLineARequestAndNoSecrets() {
    ScriptedModel model = new ScriptedModel(ScriptedModel.pieces("the model's words"));
    try (AppFixture server = AppFixture.startWith(model)) {
      AppFixture.Login user = server.login();
      String chat = server.chat(user);
      String connection = server.connectionString(user, chat);
      String message = server.messageString(user, chat);
      String polled = server.connectionString(user, chat);
      try (ChatClient client = ChatClient.connect(server, chat, connection, null)) {
        client.message("what I wrote", message);
        client.awaitRun("completed");
      }
      server.get(
          null, "/chat/events?poll=1&since=0&chat_id=" + chat + "&connection_string=" + polled);
      JsonNode body = AppFixture.object("chat_id", chat, "message", "what I wrote");
      server.post(user.token(), "/chat/message?wait=true", body);
      server.get("wrong-token", "/user");
      server.get(null, "/nowhere/guessed-path");
      server.get(null, "/%00");
      AppFixture.Answer ping = server.get(null, "/ping");

      awaitLine(
          "method=GET route=/ping status=200 ",
          "request_id=" + ping.response().headers().firstValue("X-Request-Id").orElseThrow(),
          "user_id=- ip=127.0.0.1");
      awaitLine("method=POST route=/chat/message status=200 ", "user_id=" + user.userId());
      awaitLine("method=GET route=/user status=401 ", "user_id=-");
      awaitLine("method=GET route=none status=404 ");
      awaitLine("method=OTHER route=none status=400 ");
      awaitLine("method=GET route=/chat/connect status=101 ");
      awaitLine("method=GET route=/chat/events status=200 ");
      assertThat(log())
          .doesNotContain(
              List.of(
                  user.token(),
                  connection,
                  message,
                  polled,
                  AppFixture.password(),
                  user.email(),
                  "what I wrote",
                  "the model's words",
                  "wrong-token",
                  "guessed-path"));
    }
  }

  @Test
  void log_switchedOff_noLines() {
    try (AppFixture server = AppFixture.start("log.requests=false")) {
      server.get(null, "/ping");
      server.get(null, "/ping");
    }

    assertThat(log()).contains("Listening on").doesNotContain("route=");
  }

  private void awaitLine(String... parts) {
    Await.until(
        () -> log().lines().anyMatch(line -> List.of(parts).stream().allMatch(line::contains)),
        this::log);
  }

  private String log() {
    return written.toString(StandardCharsets.UTF_8);
  }
}
