package io.coterie.chat;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.coterie.ChatClient;
import io.coterie.model.Gate;
import io.coterie.model.RunFailure;
import io.coterie.model.ScriptedModel;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What clients are told of a run, in which order, however it ends. */
class RunEventsTest extends SharedServer {

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

  @Test
  void run_thatSucceeds_tellsAllInOrder() {
    say(client, chat, "Hi");
    client.awaitRun("completed");
    assertThat(brief(client.received()))
        .containsExactly(
            "ready",
            "feedback",
            "run queued",
            "run running",
            "agent started",
            "delta",
            "delta",
            "agent finished",
            "message completed",
            "run completed");
  }

  @Test
  void run_thatSucceeds_tellsWithTheFieldsOfEachEvent() {
    say(client, chat, "Hi");
    client.awaitRun("completed");
    JsonNode feedback = client.await("feedback").path("data");
    JsonNode run = client.awaitRun("completed").path("data");
    JsonNode delta = client.await("delta").path("data");
    JsonNode message = client.await("message").path("data");
    assertThat(names(feedback)).containsExactly("type", "chat_id", "message_id", "message");
    assertThat(feedback.path("type").asText()).isEqualTo("message_received");
    assertThat(feedback.path("message").asText()).isEqualTo("Hi");
    assertThat(feedback.path("chat_id").asText()).isEqualTo(chat);
    assertThat(names(run)).containsExactly("run_id", "message_id", "agent_id", "status");
    assertThat(run.path("message_id")).isEqualTo(feedback.path("message_id"));
    assertThat(run.path("agent_id").asText()).isEqualTo("coordinator");
    assertThat(names(client.await("agent").path("data")))
        .containsExactly("run_id", "agent_id", "status", "parent_agent_id", "depth");
    assertThat(names(delta)).containsExactly("run_id", "message_id", "agent_id", "offset", "text");
    assertThat(delta.path("message_id")).isEqualTo(message.path("message_id"));
    assertThat(delta.path("message_id")).isNotEqualTo(feedback.path("message_id"));
    assertThat(names(message))
        .containsExactly(
            "message_id",
            "run_id",
            "chat_id",
            "role",
            "agent_id",
            "content",
            "status",
            "created_at",
            "usage");
    assertThat(message.path("run_id")).isEqualTo(run.path("run_id"));
    assertThat(message.path("role").asText()).isEqualTo("assistant");
    assertThat(message.path("created_at").asText())
        .matches("2026-01-15T10:\\d\\d:\\d\\d\\.\\d{3}Z");
    assertThat(message.path("usage").toString())
        .isEqualTo("{\"input_tokens\":7,\"output_tokens\":3}");
  }

  @Test
  void run_thatFailsWithText_keepsItAndTellsWhyBeforeTheEnd() {
    model.then(ScriptedModel.failing(RunFailure.Code.MODEL_UNAVAILABLE, "Down.", "Hal"));
    say(client, chat, "Hi");
    client.awaitRun("failed");
    assertThat(brief(client.received()).subList(5, 10))
        .containsExactly("delta", "agent failed", "message failed", "error", "run failed");
    JsonNode error = client.await("error");
    assertThat(error.path("data").path("code").asText()).isEqualTo("model_unavailable");
    assertThat(error.path("data").path("msg").asText()).isEqualTo("Down.");
    assertThat(error.path("data").path("run_id"))
        .isEqualTo(client.awaitRun("failed").path("data").path("run_id"));
    assertThat(error.has("seq")).isTrue();
    assertThat(client.await("message").path("data").path("content").asText()).isEqualTo("Hal");
  }

  @Test
  void run_thatFailsWithoutText_storesNoMessage() {
    model.then(ScriptedModel.failing(RunFailure.Code.MODEL_AUTH, "No key."));
    say(client, chat, "Hi");
    client.awaitRun("failed");
    assertThat(brief(client.received()).subList(5, 8))
        .containsExactly("agent failed", "error", "run failed");
    assertThat(messages(chat)).hasSize(1);
  }

  @Test
  void run_thatIsCancelledWithText_keepsIt() {
    model.then(ScriptedModel.hanging("Hal"));
    say(client, chat, "Hi");
    client.await("delta");
    client.send("cancel", io.coterie.AppFixture.object());
    client.awaitRun("cancelled");
    assertThat(brief(client.received()).subList(5, 9))
        .containsExactly("delta", "agent finished", "message cancelled", "run cancelled");
    assertThat(messages(chat).path(1).path("content").asText()).isEqualTo("Hal");
  }

  @Test
  void run_thatIsCancelledWithoutText_storesNoMessage() {
    Gate asked = new Gate();
    model.then(
        (request, reply) -> {
          asked.open();
          reply.awaitCancel();
        });
    say(client, chat, "Hi");
    asked.await();
    client.send("cancel", io.coterie.AppFixture.object());
    client.awaitRun("cancelled");
    assertThat(client.types()).doesNotContain("message", "error");
    assertThat(messages(chat)).hasSize(1);
  }

  @Test
  void run_withEmptyReply_completesWithAnEmptyMessage() {
    model.then(ScriptedModel.pieces());
    say(client, chat, "Hi");
    client.awaitRun("completed");
    assertThat(brief(client.received()).subList(5, 8))
        .containsExactly("agent finished", "message completed", "run completed");
    assertThat(client.await("message").path("data").path("content").asText()).isEmpty();
  }

  @Test
  void seq_overManyMessages_hasNoGaps() {
    for (int i = 0; i < 30; i++) {
      if (i % 3 == 0) {
        model.then(ScriptedModel.failing(RunFailure.Code.MODEL_TIMEOUT, "Late.", "x"));
      }
      say(client, chat, i % 3 == 0 ? "Hi" : "@echo " + i);
    }
    client.await(
        event ->
            client.received().stream().filter(e -> e.path("event").asText().equals("run")).count()
                == 90);
    List<JsonNode> live = withSeq(client.received());
    assertThat(live.stream().map(event -> event.path("seq").asInt()))
        .containsExactlyElementsOf(IntStream.rangeClosed(1, live.size()).boxed().toList());
    assertThat(stored(chat)).isEqualTo(live);
  }

  @Test
  void terminalRun_comesOnceForEachRun() {
    model.then(ScriptedModel.failing(RunFailure.Code.MODEL_TIMEOUT, "Late."));
    say(client, chat, "one");
    say(client, chat, "two");
    say(client, chat, "@echo three");
    client.await(
        e -> brief(client.received()).stream().filter("run completed"::equals).count() == 2);
    assertThat(brief(stored(chat)).stream().filter(e -> e.matches("run (completed|failed)")))
        .hasSize(3);
  }

  @Test
  void deltas_areOffsetInUtf16Units() {
    model.then(ScriptedModel.pieces("a😀", "é", "", "z"));
    say(client, chat, "Hi");
    client.awaitRun("completed");
    assertThat(deltas()).containsExactly("0 a😀", "3 é", "4 z");
  }

  @Test
  void deltas_neverCutASurrogatePair() {
    model.then(ScriptedModel.pieces("a\ud83d", "\ude00b", "\ud83d", "\ude01"));
    say(client, chat, "Hi");
    client.awaitRun("completed");
    assertThat(deltas()).containsExactly("0 a", "1 😀b", "4 😁");
    assertThat(client.await("message").path("data").path("content").asText()).isEqualTo("a😀b😁");
  }

  @Test
  void deltas_ofTextThatNoStoreKeeps_areReplacedAlikeForAll() {
    model.then(ScriptedModel.pieces("a\u0000b\ude00", "\ud83dc"));
    say(client, chat, "Hi");
    client.awaitRun("completed");
    String content = client.await("message").path("data").path("content").asText();
    assertThat(content).isEqualTo("a\ufffdb\ufffd\ufffdc");
    assertThat(assembled(client.received())).isEqualTo(content);
    assertThat(messages(chat).path(1).path("content").asText()).isEqualTo(content);
  }

  @Test
  void clients_assembleWhatIsStored() {
    String[] pieces =
        IntStream.range(0, 300).mapToObj(i -> "piece " + i + " ✓\n").toArray(String[]::new);
    model.then(ScriptedModel.pieces(pieces));
    try (ChatClient other = connect(chat)) {
      say(client, chat, "Hi");
      client.awaitRun("completed");
      other.awaitRun("completed");
      String stored = messages(chat).path(1).path("content").asText();
      assertThat(stored).isEqualTo(String.join("", pieces));
      assertThat(assembled(client.received())).isEqualTo(stored);
      assertThat(other.received().subList(1, other.received().size()))
          .isEqualTo(client.received().subList(1, client.received().size()));
    }
  }

  private List<String> deltas() {
    return client.received().stream()
        .filter(event -> event.path("event").asText().equals("delta"))
        .map(event -> event.path("data"))
        .map(data -> data.path("offset").asInt() + " " + data.path("text").asText())
        .toList();
  }

  private static List<String> names(JsonNode object) {
    List<String> names = new java.util.ArrayList<>();
    object.fieldNames().forEachRemaining(names::add);
    return names;
  }
}
