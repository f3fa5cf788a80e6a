package io.coterie.chat;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.coterie.AppFixture;
import io.coterie.ChatClient;
import io.coterie.EventStream;
import io.coterie.model.Gate;
import io.coterie.model.ScriptedModel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What a client is told when it comes back, over every transport. */
class ResumeTest extends SharedServer {

  @Test
  void since_overWebSocket_bringsEachLaterEventOnceInOrder() {
    String chat = chat();
    ask(chat, "@echo one");
    ask(chat, "@echo two");
    List<JsonNode> all = stored(chat);
    for (int since = 0; since <= all.size(); since++) {
      try (ChatClient client = connect(chat, since)) {
        client.send("ping", AppFixture.object());
        client.await("pong");
        assertThat(withSeq(client.received())).isEqualTo(all.subList(since, all.size()));
        assertThat(client.await("ready").path("data").path("recovered").asBoolean()).isTrue();
      }
    }
  }

  @Test
  void since_overSse_bringsEachLaterEventOnceInOrder() {
    String chat = chat();
    ask(chat, "@echo one");
    List<JsonNode> all = stored(chat);
    try (EventStream stream = EventStream.follow(app, user.token(), chat, 3L)) {
      stream.awaitRun("completed");
      assertThat(withSeq(stream.received())).isEqualTo(all.subList(3, all.size()));
    }
  }

  @Test
  void since_zero_isWhatALiveClientSaw() {
    String chat = chat();
    try (ChatClient live = connect(chat)) {
      model.then(ScriptedModel.failing(io.coterie.model.RunFailure.Code.MODEL_AUTH, "No.", "x"));
      say(live, chat, "one");
      live.awaitRun("failed");
      say(live, chat, "two");
      live.awaitRun("completed");
      try (ChatClient late = connect(chat, 0)) {
        late.awaitRun("completed");
        assertThat(withSeq(late.received())).isEqualTo(withSeq(live.received()));
      }
    }
  }

  @Test
  void since_ahead_isNotRecoveredAndGoesOnLive() {
    String chat = chat();
    ask(chat, "@echo one");
    try (ChatClient client = connect(chat, 8)) {
      JsonNode ready = client.await("ready").path("data");
      assertThat(ready.path("recovered").asBoolean()).isFalse();
      assertThat(ready.path("last_seq").asInt()).isEqualTo(7);
      say(client, chat, "@echo two");
      client.awaitRun("completed");
      assertThat(withSeq(client.received()).get(0).path("seq").asInt()).isEqualTo(8);
    }
  }

  @Test
  void since_theLast_isRecovered() {
    String chat = chat();
    ask(chat, "@echo one");
    try (ChatClient client = connect(chat, 7)) {
      assertThat(client.await("ready").path("data").path("recovered").asBoolean()).isTrue();
    }
  }

  @Test
  void withoutSince_onlyWhatIsNewComes() {
    String chat = chat();
    ask(chat, "@echo one");
    try (ChatClient client = connect(chat)) {
      say(client, chat, "@echo two");
      client.awaitRun("completed");
      assertThat(withSeq(client.received()).get(0).path("seq").asInt()).isEqualTo(8);
    }
  }

  @Test
  void reconnect_midReply_bringsOneDeltaAtZeroAndGoesOn() {
    String chat = chat();
    Gate goOn = new Gate();
    model.then(
        (request, r) -> r.text("one ").text("two ").await(goOn).text("three").complete(1, 1));
    try (ChatClient first = connect(chat)) {
      say(first, chat, "Hi");
      first.await(event -> event.path("data").path("text").asText().equals("two "));
      int seen = withSeq(first.received()).size();
      try (ChatClient resumed = connect(chat, seen);
          ChatClient fresh = connect(chat);
          EventStream stream = EventStream.follow(app, user.token(), chat, (long) seen)) {
        for (JsonNode delta :
            List.of(resumed.await("delta"), fresh.await("delta"), stream.await("delta"))) {
          assertThat(delta.path("data").path("offset").asInt()).isZero();
          assertThat(delta.path("data").path("text").asText()).isEqualTo("one two ");
        }
        goOn.open();
        resumed.awaitRun("completed");
        fresh.awaitRun("completed");
        stream.awaitRun("completed");
        assertThat(resumed.types())
            .containsExactly("ready", "delta", "delta", "agent", "message", "run");
        assertThat(fresh.types()).isEqualTo(resumed.types());
        assertThat(stream.types()).isEqualTo(resumed.types());
        assertThat(assembled(resumed.received())).isEqualTo("one two three");
        assertThat(assembled(stream.received())).isEqualTo("one two three");
      }
    }
  }

  @Test
  void reconnect_againAndAgainDuringAReply_missesAndDoublesNothing() {
    String chat = chat();
    List<Gate> gates = IntStream.range(0, 25).mapToObj(i -> new Gate()).toList();
    model.then(
        (request, reply) -> {
          for (int i = 0; i < gates.size(); i++) {
            reply.await(gates.get(i)).text("a" + i).text(" 😀 ");
          }
          reply.complete(1, 1);
        });
    List<JsonNode> seen = new ArrayList<>();
    StringBuilder expected = new StringBuilder();
    post(chat, "Hi");
    for (int i = 0; i < gates.size(); i++) {
      try (ChatClient client = connect(chat, withSeq(seen).size())) {
        client.await("ready");
        expected.append("a").append(i).append(" 😀 ");
        gates.get(i).open();
        // Whoever is brought up to date after the end has the message instead of deltas.
        client.await(
            event ->
                assembled(client.received()).contentEquals(expected)
                    || event.path("data").path("content").asText().contentEquals(expected));
        seen.addAll(client.received());
      }
    }
    try (ChatClient client = connect(chat, withSeq(seen).size())) {
      client.await(event -> withSeq(seen).size() + withSeq(client.received()).size() == 7);
      seen.addAll(client.received());
    }
    assertThat(withSeq(seen)).isEqualTo(stored(chat));
    assertThat(messages(chat).path(1).path("content").asText()).isEqualTo(expected.toString());
  }

  @Test
  void history_longerThanAPage_comesWholeOverEveryTransport() {
    String chat = chat();
    IntStream.range(0, 150).forEach(i -> post(chat, "@echo " + i));
    try (ChatClient live = connect(chat, 0)) {
      live.await(event -> event.path("seq").asInt() == 1_050);
      List<JsonNode> all = stored(chat);
      assertThat(all).hasSize(1_050);
      assertThat(withSeq(live.received())).isEqualTo(all);
      try (ChatClient socket = connect(chat, 0);
          EventStream stream = EventStream.follow(app, user.token(), chat, 0L)) {
        socket.await(event -> event.path("seq").asInt() == 1_050);
        stream.await(event -> event.path("seq").asInt() == 1_050);
        assertThat(withSeq(socket.received())).isEqualTo(all);
        assertThat(withSeq(stream.received())).isEqualTo(all);
      }
      JsonNode page = app.get(user.token(), "/chat/events?poll=1&since=0&chat_id=" + chat).json();
      assertThat(page.path("events")).hasSize(1_000);
      assertThat(page.path("last_seq").asInt()).isEqualTo(1_000);
    }
  }

  @Test
  void manyDevices_onOneChat_seeTheSame() {
    String chat = chat();
    List<ChatClient> devices = IntStream.range(0, 12).mapToObj(i -> connect(chat)).toList();
    for (ChatClient device : devices) {
      say(device, chat, "@echo from a device");
    }
    ChatClient first = devices.get(0);
    for (ChatClient device : devices) {
      device.await(event -> event.path("seq").asInt() == 84);
      assertThat(device.received()).isEqualTo(first.received());
    }
    assertThat(withSeq(first.received())).isEqualTo(stored(chat));
    devices.forEach(ChatClient::close);
  }

  @Test
  void lastEventId_resumesAndWinsOverSince() {
    String chat = chat();
    ask(chat, "@echo one");
    try (EventStream stream =
        EventStream.open(
            app,
            user.token(),
            "GET",
            "/chat/events?since=0&chat_id=" + chat,
            null,
            Map.of("Last-Event-ID", "5"))) {
      stream.awaitRun("completed");
      assertThat(withSeq(stream.received())).isEqualTo(stored(chat).subList(5, 7));
    }
  }
}
