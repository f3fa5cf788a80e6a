package io.coterie.chat;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.coterie.AppFixture;
import io.coterie.Await;
import io.coterie.ChatClient;
import io.coterie.SocketIoClient;
import io.coterie.SocketIoClient.Event;
import io.coterie.SocketIoClient.Options;
import io.coterie.SocketIoClient.Way;
import io.coterie.http.Json;
import io.coterie.model.ScriptedModel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A chat as the Java client of Socket.IO sees it. */
class SocketIoTest extends SharedServer {

  @ParameterizedTest
  @EnumSource
  void message_asObject_isAnsweredWithEveryEvent(Way way) {
    String chat = chat();
    try (SocketIoClient client = socketIo(way, chat)) {
      client.await("ready");
      client.emit("chat_message", message(chat, "Hi"));
      client.awaitRun("completed");
      assertThat(client.received().stream().map(Event::name))
          .containsExactly(
              "ready",
              "feedback",
              "run",
              "run",
              "agent",
              "delta",
              "delta",
              "agent",
              "message",
              "run");
      assertThat(frames(client.received(), true)).isEqualTo(stored(chat));
      if (way != Way.POLLING) {
        client.emit("ping", AppFixture.object());
        client.awaitWebSocket();
      }
    }
    Await.until(() -> app.openConnections() == 0, () -> app.openConnections() + " connections");
  }

  @Test
  void reply_isTextThenObjectThenSeq_othersAreDataThenSeq() {
    String chat = chat();
    try (SocketIoClient client = socketIo(Way.UPGRADE, chat)) {
      client.emit("chat_message", message(chat, "Hi"));
      client.awaitRun("completed");
      for (Event event : client.received()) {
        boolean stored = !List.of("ready", "delta").contains(event.name());
        boolean reply = event.name().equals("message");
        assertThat(event.args()).hasSize(1 + (stored ? 1 : 0) + (reply ? 1 : 0));
        assertThat(event.data().isObject()).isTrue();
        assertThat(event.seq() != null).isEqualTo(stored);
      }
      Event reply = client.await("message");
      assertThat(reply.args().get(0).textValue()).isEqualTo("Hello");
      assertThat(reply.data().path("content").textValue()).isEqualTo("Hello");
    }
  }

  @ParameterizedTest
  @EnumSource
  void message_asJsonString_isAnswered(Way way) {
    String chat = chat();
    try (SocketIoClient client = socketIo(way, chat)) {
      ObjectNode data = message(chat, "@echo ein Gruß 🎈");
      client.emit("chat_message", TextNode.valueOf(Json.write(data)));
      assertThat(client.await("message").args().get(0).textValue()).isEqualTo("ein Gruß 🎈");
    }
  }

  @ParameterizedTest
  @EnumSource
  void message_ofNinetyThousandCharacters_isAnswered(Way way) {
    String chat = chat();
    String text = "ü".repeat(90_000);
    try (SocketIoClient client = socketIo(way, chat)) {
      client.emit("chat_message", message(chat, "@echo " + text));
      assertThat(client.await("message").args().get(0).textValue()).isEqualTo(text);
    }
  }

  @ParameterizedTest
  @EnumSource
  void message_ofTenMegabytes_endsThisConnectionAlone(Way way) {
    String chat = chat();
    try (SocketIoClient other = socketIo(Way.WEBSOCKET, chat);
        SocketIoClient client = socketIo(way, chat)) {
      other.await("ready");
      client.await("ready");
      if (way == Way.UPGRADE) {
        client.emit("ping", AppFixture.object());
        client.awaitWebSocket();
      }
      client.emit("chat_message", message(chat, "x".repeat(10_000_000)));
      client.awaitDisconnect();
      ask(chat, "@echo still here");
      other.await(event -> event.name().equals("message"));
    }
  }

  @Test
  void acknowledgement_saysWhatBecameOfTheEvent() {
    String chat = chat();
    try (SocketIoClient client = socketIo(Way.UPGRADE, chat)) {
      JsonNode sent = client.emitAndAwait("chat_message", message(chat, "@echo x"));
      Event feedback = client.await("feedback");
      assertThat(sent.path("message_id")).isEqualTo(feedback.data().path("message_id"));
      assertThat(sent.path("seq").asLong()).isEqualTo(feedback.seq());
      assertThat(sent.path("run_id")).isEqualTo(client.await("run").data().path("run_id"));
      client.awaitRun("completed");
      assertThat(client.emitAndAwait("cancel", AppFixture.object()))
          .isEqualTo(AppFixture.object("msg", "Nothing to cancel"));
      assertThat(client.emitAndAwait("shout", AppFixture.object()))
          .isEqualTo(client.await("error").data());
    }
  }

  @Test
  void badEvents_getAnErrorEach_andTheConnectionStays() {
    String chat = chat();
    try (SocketIoClient client = socketIo(Way.WEBSOCKET, chat)) {
      client.await("ready");
      var socket = client.socket();
      socket.emit("chat_message", "no JSON");
      socket.emit("chat_message", 5);
      socket.emit("chat_message", new org.json.JSONArray());
      socket.emit("chat_message", (Object) new byte[] {1, 2, 3});
      socket.emit("chat_message");
      socket.emit("shout");
      socket.emit("shout", "no JSON");
      socket.emit("chat_message", json(message(chat, "x".repeat(100_001))));
      socket.emit("chat_message", json(AppFixture.object("message", "x", "chat_id", chat())));
      socket.emit("chat_message", json(AppFixture.object("message", "x")));
      ObjectNode twice = message(chat, "@echo x");
      socket.emit("chat_message", json(twice));
      socket.emit("chat_message", json(twice));
      socket.emit("ping");
      client.await("pong");
      assertThat(
              client.received().stream()
                  .filter(event -> event.name().equals("error"))
                  .map(event -> event.data().path("code").textValue()))
          .containsExactly(
              "invalid_frame",
              "invalid_frame",
              "invalid_frame",
              "invalid_frame",
              "missing_message",
              "unknown_event",
              "unknown_event",
              "message_too_long",
              "invalid_frame",
              "invalid_message_string",
              "invalid_message_string");
    }
  }

  @ParameterizedTest
  @EnumSource
  void cancel_stopsTheReply(Way way) {
    String chat = chat();
    try (SocketIoClient client = socketIo(way, chat)) {
      client.await("ready");
      postThatHangs(chat);
      client.await("delta");
      client.emit("cancel", AppFixture.object());
      client.awaitRun("cancelled");
      assertThat(client.await("message").args().get(0).textValue()).isEqualTo("x");
    }
  }

  @ParameterizedTest
  @EnumSource
  void since_bringsEachLaterEventOnceInOrder(Way way) {
    String chat = chat();
    ask(chat, "@echo one");
    ask(chat, "@echo two");
    List<JsonNode> all = stored(chat);
    for (int since = 0; since <= all.size(); since += 3) {
      try (SocketIoClient client = socketIo(way, query(chat, "since", "" + since))) {
        client.emit("ping", AppFixture.object());
        client.await("pong");
        assertThat(frames(client.received(), true)).isEqualTo(all.subList(since, all.size()));
        assertThat(client.await("ready").data().path("recovered").asBoolean()).isTrue();
      }
    }
  }

  @Test
  void since_fromTheFuture_isNotRecovered() {
    String chat = chat();
    try (SocketIoClient client = socketIo(Way.UPGRADE, query(chat, "since", "77"))) {
      assertThat(client.await("ready").data().path("recovered").booleanValue()).isFalse();
    }
  }

  @Test
  void connect_duringAReply_bringsItUpToDate() {
    String chat = chat();
    postThatHangs(chat);
    try (SocketIoClient client = socketIo(Way.UPGRADE, chat)) {
      Event delta = client.await("delta");
      assertThat(delta.data().path("offset").asInt()).isZero();
      assertThat(delta.data().path("text").textValue()).isEqualTo("x");
      cancel(chat);
      client.awaitRun("cancelled");
    }
  }

  @Test
  void twoDevices_overDifferentTransports_seeTheSame() {
    String chat = chat();
    try (SocketIoClient one = socketIo(Way.POLLING, chat);
        SocketIoClient two = socketIo(Way.WEBSOCKET, chat);
        ChatClient three = connect(chat)) {
      one.await("ready");
      two.await("ready");
      model.then(ScriptedModel.pieces("a", "b", "c"));
      one.emit("chat_message", message(chat, "Hi"));
      one.awaitRun("completed");
      two.awaitRun("completed");
      three.awaitRun("completed");
      assertThat(frames(one.received(), false)).isEqualTo(three.received());
      assertThat(frames(two.received(), false)).isEqualTo(three.received());
    }
  }

  @Test
  void auth_mayCarryTheParameters_andComesBeforeTheQuery() {
    String chat = chat();
    Map<String, String> auth = query(chat, "since", "0");
    Options options = Options.by(Way.UPGRADE).withAuth(auth);
    ask(chat, "@echo x");
    try (SocketIoClient client =
        SocketIoClient.connect(app.port(), "/chat", Map.of("since", "99"), options)) {
      client.awaitRun("completed");
      assertThat(client.received().get(1).seq()).isEqualTo(1);
    }
  }

  @Test
  void chatDeleted_clientIsToldNotToComeBack() {
    String chat = chat();
    try (SocketIoClient client = socketIo(Way.UPGRADE, chat);
        SocketIoClient polling = socketIo(Way.POLLING, chat)) {
      client.await("ready");
      polling.await("ready");
      app.delete(user.token(), "/chat?chat_id=" + chat, null);
      assertThat(client.awaitDisconnect()).isEqualTo("io server disconnect");
      assertThat(polling.awaitDisconnect()).isEqualTo("io server disconnect");
    }
  }

  private static Object json(ObjectNode data) {
    return new org.json.JSONObject(data.toString());
  }

  private ObjectNode message(String chat, String text) {
    return AppFixture.object(
        "message", text, "chat_id", chat, "message_string", app.messageString(user, chat));
  }

  private SocketIoClient socketIo(Way way, String chat) {
    return socketIo(way, query(chat));
  }

  private SocketIoClient socketIo(Way way, Map<String, String> query) {
    return SocketIoClient.connect(app.port(), "/chat", query, Options.by(way));
  }

  private Map<String, String> query(String chat) {
    return Map.of("chat_id", chat, "connection_string", app.connectionString(user, chat));
  }

  private Map<String, String> query(String chat, String name, String value) {
    Map<String, String> query = new java.util.HashMap<>(query(chat));
    query.put(name, value);
    return query;
  }

  /** As they are over WebSocket. */
  private static List<JsonNode> frames(List<Event> events, boolean storedOnly) {
    List<JsonNode> frames = new ArrayList<>();
    for (Event event : events) {
      if (!storedOnly || event.seq() != null) {
        ObjectNode frame = Json.MAPPER.createObjectNode().put("event", event.name());
        if (event.seq() != null) {
          frame.put("seq", event.seq());
        }
        frame.set("data", event.data());
        frames.add(normal(frame));
      }
    }
    return frames;
  }

  /** Numbers as they are when they are read, so that equal ones compare as equal. */
  private static JsonNode normal(JsonNode node) {
    return Json.readObject(node.toString()).orElseThrow();
  }
}
