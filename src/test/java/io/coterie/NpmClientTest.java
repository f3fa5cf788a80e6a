package io.coterie;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.coterie.http.Json;
import io.coterie.model.ScriptedModel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Live chat as {@code socket.io-client} of npm sees it. Skipped where that is not installed. */
class NpmClientTest {

  private static final ScriptedModel MODEL = new ScriptedModel(ScriptedModel.pieces("Hel", "lo"));

  private static AppFixture app;
  private static AppFixture.Login user;
  private static String workspace;

  @BeforeAll
  static void start() {
    String missing = NodeClient.missing();
    if (missing != null) {
      System.out.println("SKIPPED: the npm client of Socket.IO is not tested, as " + missing);
    }
    assumeTrue(missing == null, missing);
    app = AppFixture.startWith(MODEL);
    user = app.login();
    workspace = app.workspace(user);
  }

  @AfterAll
  static void stop() {
    if (app != null) {
      app.close();
    }
  }

  @ParameterizedTest
  @CsvSource({"'', polling, websocket", "websocket, websocket, ''", "polling, polling, ''"})
  void messages_asObjectAndAsString_areAnswered(String only, String first, String upgrade) {
    String chat = app.chat(user, workspace);
    ObjectNode options = options(chat);
    if (!only.isEmpty()) {
      options.putArray("transports").add(only);
    }
    try (NodeClient client = NodeClient.connect(app.port(), "/chat", options)) {
      JsonNode ready = client.await("event");
      assertThat(ready.path(0).asText()).isEqualTo("ready");
      assertThat(ready.path(1).path("chat_id").asText()).isEqualTo(chat);
      assertThat(client.await("transport").asText()).isEqualTo(first);
      if (!upgrade.isEmpty()) {
        assertThat(client.await("upgrade").asText()).isEqualTo(upgrade);
      }
      client.emit("chat_message", message(chat, "Hi \u00e4\ud83d\ude00"));
      long answered = seq(client.awaitRun("completed"));
      client.emit("chat_message", TextNode.valueOf(message(chat, "Again").toString()));
      client.await(
          "event",
          event ->
              event.path(1).path("status").asText().equals("completed") && seq(event) > answered);
      List<JsonNode> events = client.all("event");
      JsonNode reply = named(events, "message").get(0);
      assertThat(reply).hasSize(4);
      assertThat(reply.path(1).textValue()).isEqualTo("Hello");
      assertThat(reply.path(2).path("content").textValue()).isEqualTo("Hello");
      JsonNode feedback = named(events, "feedback").get(0);
      assertThat(feedback).hasSize(3);
      assertThat(feedback.path(1).path("message").asText()).isEqualTo("Hi \u00e4\ud83d\ude00");
      assertThat(named(events, "delta").get(0)).hasSize(2);
      assertThat(named(events, "message")).hasSize(2);
      assertSeqsFromOne(events);
      assertThat(client.all("connect_error")).isEmpty();
    }
  }

  @Test
  void messageWithAck_isAcknowledged() {
    String chat = app.chat(user, workspace);
    try (NodeClient client = NodeClient.connect(app.port(), "/chat", options(chat))) {
      JsonNode taken = client.emitAndAwait("chat_message", message(chat, "Hi"));
      assertThat(taken.path("message_id").asText()).isNotEmpty();
      client.awaitRun("completed");
      client.forget();
      JsonNode refused = client.emitAndAwait("chat_message", AppFixture.object("message", "x"));
      assertThat(refused.path("code").asText()).isEqualTo("invalid_message_string");
    }
  }

  @Test
  void cancel_stopsTheRun() {
    String chat = app.chat(user, workspace);
    MODEL.then(ScriptedModel.hanging("Hm"));
    try (NodeClient client = NodeClient.connect(app.port(), "/chat", options(chat))) {
      client.emit("chat_message", message(chat, "Hi"));
      client.await("event", event -> event.path(0).asText().equals("delta"));
      assertThat(client.emitAndAwait("cancel", AppFixture.object()))
          .isEqualTo(AppFixture.object("msg", "Run cancelled"));
      client.awaitRun("cancelled");
    }
  }

  @Test
  void refusedConnect_isAConnectError() {
    String chat = app.chat(user, workspace);
    ObjectNode used = options(chat);
    try (NodeClient first = NodeClient.connect(app.port(), "/chat", used)) {
      first.await("connect");
    }
    Map<String, ObjectNode> attempts =
        Map.of(
            "Invalid connection string", used, "Missing chat id", Json.MAPPER.createObjectNode());
    attempts.forEach((message, options) -> assertRefused("/chat", options, message));
    assertRefused("", options(chat), "Invalid namespace");
    assertRefused("/other", options(chat), "Invalid namespace");
  }

  @ParameterizedTest
  @ValueSource(strings = {"websocket", "polling"})
  void clientThatComesBackWithAUsedString_learnsSo(String transport) {
    String chat = app.chat(user, workspace);
    ObjectNode options = options(chat);
    options.putArray("transports").add(transport);
    try (CuttableProxy proxy = new CuttableProxy(app.port());
        NodeClient client = NodeClient.connect(proxy.port(), "/chat", options)) {
      client.await("connect");
      Await.until(
          () -> {
            // A poll may be on its way only, and not there to be cut.
            proxy.cut();
            return !client.all("disconnect").isEmpty();
          },
          () -> "the client does not notice");
      assertThat(client.await("disconnect").asText()).isIn("transport close", "transport error");
      client.await("connect_error", error -> error.asText().equals("Invalid connection string"));
      assertThat(client.all("connect")).hasSize(1);
    }
  }

  @Test
  void clientThatComesBackWithAFreshString_getsEveryEventOnce() {
    String chat = app.chat(user, workspace);
    ObjectNode options = Json.MAPPER.createObjectNode().put("auth", "ask");
    options.putObject("query").put("chat_id", chat);
    try (CuttableProxy proxy = new CuttableProxy(app.port());
        NodeClient client = NodeClient.connect(proxy.port(), "/chat", options)) {
      client.await("auth");
      client.tell("auth", auth(chat, 0));
      client.await("upgrade");
      client.emit("chat_message", message(chat, "One"));
      long seen = seq(client.awaitRun("completed"));
      List<JsonNode> before = client.all("event");
      client.forget();
      proxy.cut();
      client.await("disconnect");
      client.await("auth");
      app.post(
          user.token(),
          "/chat/message?wait=true",
          AppFixture.object("chat_id", chat, "message", "Two"));
      client.tell("auth", auth(chat, seen));
      long caughtUp = seq(client.awaitRun("completed"));
      assertThat(caughtUp).isEqualTo(2 * seen);
      List<JsonNode> all = new ArrayList<>(before);
      all.addAll(client.all("event"));
      assertSeqsFromOne(all);
      assertThat(client.all("connect_error")).isEmpty();
    }
  }

  private static void assertRefused(String namespace, ObjectNode options, String message) {
    try (NodeClient client = NodeClient.connect(app.port(), namespace, options)) {
      assertThat(client.await("connect_error").asText()).isEqualTo(message);
      assertThat(client.all("connect")).isEmpty();
    }
  }

  private static void assertSeqsFromOne(List<JsonNode> events) {
    List<Long> seqs = events.stream().map(NpmClientTest::seq).filter(seq -> seq > 0).toList();
    assertThat(seqs).isEqualTo(LongStream.rangeClosed(1, seqs.size()).boxed().toList());
  }

  /** The number of an event, its last argument; zero where it is not stored. */
  private static long seq(JsonNode event) {
    return event.path(event.size() - 1).asLong();
  }

  private static List<JsonNode> named(List<JsonNode> events, String name) {
    return events.stream().filter(event -> event.path(0).asText().equals(name)).toList();
  }

  private static ObjectNode options(String chat) {
    ObjectNode options = Json.MAPPER.createObjectNode();
    options
        .putObject("query")
        .put("chat_id", chat)
        .put("connection_string", app.connectionString(user, chat));
    return options;
  }

  private static ObjectNode auth(String chat, long since) {
    return AppFixture.object("connection_string", app.connectionString(user, chat))
        .put("since", since);
  }

  private static ObjectNode message(String chat, String text) {
    return AppFixture.object(
        "message", text, "chat_id", chat, "message_string", app.messageString(user, chat));
  }
}
