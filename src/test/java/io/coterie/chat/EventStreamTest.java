package io.coterie.chat;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.coterie.EventStream;
import io.coterie.model.Gate;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Live chat over server-sent events, and polling. */
class EventStreamTest extends SharedServer {

  private static final Map<String, String> SSE = Map.of("Accept", "text/event-stream");

  @Test
  void stream_hasTheHeadersOfAnEventStream() {
    try (EventStream stream = EventStream.follow(app, user.token(), chat(), null)) {
      var headers = stream.response().headers();
      assertThat(stream.response().statusCode()).isEqualTo(200);
      assertThat(headers.firstValue("Content-Type").orElse("").toLowerCase(java.util.Locale.ROOT))
          .isIn("text/event-stream", "text/event-stream;charset=utf-8");
      assertThat(headers.firstValue("Cache-Control")).hasValue("no-cache");
      assertThat(headers.firstValue("X-Accel-Buffering")).hasValue("no");
      stream.await("ready");
    }
  }

  @Test
  void stream_writesTypeSeqAndData_andNoIdOnWhatIsNotStored() {
    String chat = chat();
    try (EventStream stream = EventStream.follow(app, user.token(), chat, null)) {
      stream.await("ready");
      post(chat, "@echo hé\nllo");
      stream.awaitRun("completed");
      List<String> lines = stream.lines();
      assertThat(lines.get(0)).isEqualTo("event: ready");
      assertThat(lines.get(1)).startsWith("data: {\"chat_id\":\"" + chat);
      assertThat(lines.get(2)).isEmpty();
      assertThat(lines.get(3)).isEqualTo("event: feedback");
      assertThat(lines.get(4)).isEqualTo("id: 1");
      assertThat(lines.get(5)).startsWith("data: {\"type\":\"message_received\"");
      int delta = lines.indexOf("event: delta");
      assertThat(lines.get(delta + 1)).contains("\"offset\":0,\"text\":\"hé\\nllo\"");
      assertThat(lines).allMatch(line -> line.isEmpty() || line.matches("(event|id|data): .+"));
      assertThat(withSeq(stream.received())).isEqualTo(stored(chat));
    }
  }

  @Test
  void stream_withConnectionString_needsNoToken() {
    String chat = chat();
    String query =
        "/chat/events?chat_id=" + chat + "&connection_string=" + app.connectionString(user, chat);
    try (EventStream stream = EventStream.open(app, null, "GET", query, null, Map.of())) {
      stream.await("ready");
    }
    var again = app.send(null, "GET", query, null, SSE);
    assertThat(again.status()).isEqualTo(401);
    assertThat(again.msg()).isEqualTo("Invalid connection string");
  }

  @Test
  void stream_withAnotherChatsString_is401AndUsesItUp() {
    String chat = chat();
    String string = "&connection_string=" + app.connectionString(user, chat);
    assertThat(app.get(null, "/chat/events?chat_id=" + chat() + string).status()).isEqualTo(401);
    assertThat(app.get(null, "/chat/events?chat_id=" + chat + string).status()).isEqualTo(401);
  }

  @Test
  void stream_withExpiredString_is401() {
    String chat = chat();
    String string = "&connection_string=" + app.connectionString(user, chat);
    app.clock().advance(Duration.ofMinutes(5));
    assertThat(app.get(null, "/chat/events?chat_id=" + chat + string).status()).isEqualTo(401);
  }

  @Test
  void stream_withMessageString_is401() {
    String chat = chat();
    String string = "&connection_string=" + app.messageString(user, chat);
    assertThat(app.get(null, "/chat/events?chat_id=" + chat + string).msg())
        .isEqualTo("Invalid connection string");
  }

  @Test
  void stream_withoutTokenAndString_is401() {
    var answer = app.send(null, "GET", "/chat/events?chat_id=" + chat(), null, SSE);
    assertThat(answer.status()).isEqualTo(401);
    assertThat(answer.msg()).isEqualTo("Missing Authorization Header");
  }

  @Test
  void stream_refusals_comeInTheUsualOrder() {
    assertThat(app.get(user.token(), "/chat/events").msg()).isEqualTo("Missing chat id");
    assertThat(app.get(user.token(), "/chat/events?chat_id=x&since=x").status()).isEqualTo(400);
    assertThat(app.get(user.token(), "/chat/events?chat_id=x").msg()).isEqualTo("Chat not found");
    assertThat(app.get(user.token(), "/chat/events?chat_id=" + UUID.randomUUID()).status())
        .isEqualTo(404);
    var stranger = app.get(app.login().token(), "/chat/events?chat_id=" + chat());
    assertThat(stranger.status()).isEqualTo(401);
    assertThat(stranger.msg()).isEqualTo("User is not the owner of the chat");
  }

  @Test
  void poll_ofANewChat_isEmpty() {
    String chat = chat();
    assertThat(poll(chat, "&since=0").toString()).isEqualTo("{\"events\":[],\"last_seq\":0}");
  }

  @Test
  void poll_since_answersLaterEventsAndTheLastNumber() {
    String chat = chat();
    ask(chat, "@echo one");
    JsonNode page = poll(chat, "&since=5");
    assertThat(page.path("events")).hasSize(2);
    assertThat(page.path("events").path(0).path("event").asText()).isEqualTo("message");
    assertThat(page.path("events").path(0).path("seq").asInt()).isEqualTo(6);
    assertThat(page.path("last_seq").asInt()).isEqualTo(7);
    assertThat(poll(chat, "&since=7").toString()).isEqualTo("{\"events\":[],\"last_seq\":7}");
    assertThat(poll(chat, "&since=99").toString()).isEqualTo("{\"events\":[],\"last_seq\":7}");
  }

  @Test
  void poll_withoutSince_tellsWhereToBegin() {
    String chat = chat();
    ask(chat, "@echo one");
    assertThat(poll(chat, "").toString()).isEqualTo("{\"events\":[],\"last_seq\":7}");
  }

  @Test
  void poll_midReply_bringsTheTextSoFar() {
    String chat = chat();
    Gate asked = new Gate();
    Gate goOn = new Gate();
    model.then(
        (request, reply) -> {
          reply.text("so ").text("far");
          asked.open();
          reply.await(goOn).complete(1, 1);
        });
    post(chat, "Hi");
    asked.await();
    JsonNode page = poll(chat, "&since=4");
    assertThat(page.path("last_seq").asInt()).isEqualTo(4);
    assertThat(page.path("events")).hasSize(1);
    JsonNode delta = page.path("events").path(0);
    assertThat(delta.has("seq")).isFalse();
    assertThat(delta.path("data").path("offset").asInt()).isZero();
    assertThat(delta.path("data").path("text").asText()).isEqualTo("so far");
    goOn.open();
  }

  @Test
  void poll_withConnectionString_needsNoToken() {
    String chat = chat();
    String string = "&connection_string=" + app.connectionString(user, chat);
    assertThat(app.get(null, "/chat/events?poll=1&chat_id=" + chat + string).status())
        .isEqualTo(200);
  }

  private JsonNode poll(String chat, String query) {
    return app.get(user.token(), "/chat/events?poll=1&chat_id=" + chat + query).json();
  }
}
