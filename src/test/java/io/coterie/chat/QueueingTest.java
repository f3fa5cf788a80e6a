package io.coterie.chat;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.langchain4j.data.message.ChatMessage;
import io.coterie.AppFixture.Answer;
import io.coterie.ChatClient;
import io.coterie.model.Gate;
import io.coterie.model.ScriptedModel;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Which run goes when, and what a full server says. */
class QueueingTest extends SharedServer {

  private Gate gate = new Gate();

  @Override
  String[] settings() {
    return new String[] {
      "agents.max-concurrent-runs=3",
      "agents.max-concurrent-runs-per-user=3",
      "agents.max-queued-runs=4",
      "agents.max-queued-runs-per-user=4"
    };
  }

  @AfterEach
  void letAllEnd() {
    gate.open();
    gate = new Gate();
    // A run that goes on would play the next test's script.
    io.coterie.Await.until(() -> Sql.isIdle(app), () -> "an idle server");
  }

  @Test
  void twoQuickMessages_areBothAnsweredInOrder() {
    String chat = chat();
    model.then(ScriptedModel.pieces("first reply")).then(ScriptedModel.pieces("second reply"));
    post(chat, "one");
    assertThat(ask(chat, "two").status()).isEqualTo(200);
    assertThat(stored(chat).stream().filter(e -> e.path("event").asText().equals("message")))
        .extracting(event -> event.path("data").path("content").asText())
        .containsExactly("first reply", "second reply");
  }

  @Test
  void secondRun_isGivenTheFirstReplyButNoLaterMessage() {
    String chat = chat();
    Gate goOn = gate;
    model
        .then((request, reply) -> reply.await(goOn).text("first reply").complete(1, 1))
        .then(ScriptedModel.pieces("second reply"))
        .then(ScriptedModel.pieces("third reply"));
    int before = model.calls().size();
    post(chat, "one");
    post(chat, "two");
    try (ChatClient client = connect(chat)) {
      post(chat, "three");
      goOn.open();
      client.await(
          e -> brief(client.received()).stream().filter("run completed"::equals).count() == 3);
    }
    List<ChatMessage> second = model.calls().get(before + 1).request().messages();
    assertThat(second).hasSize(4);
    assertThat(second.toString()).contains("one", "first reply", "two").doesNotContain("three");
    assertThat(model.calls().get(before + 2).request().messages()).hasSize(6);
  }

  @Test
  void runsOfDifferentChats_goSideBySide() {
    Gate goOn = gate;
    List<Gate> asked = IntStream.range(0, 3).mapToObj(i -> new Gate()).toList();
    for (Gate each : asked) {
      model.then(
          (request, reply) -> {
            each.open();
            reply.await(goOn).complete(1, 1);
          });
      post(chat(), "Hi");
    }
    asked.forEach(Gate::await);
  }

  @Test
  void surplus_overHttp_is429AndNothingIsStored() {
    fill();
    String chat = chat();
    Answer answer = post(chat, "one too many");
    assertThat(answer.status()).isEqualTo(429);
    assertThat(answer.msg()).isEqualTo("Too many requests");
    assertThat(answer.response().headers().firstValue("Retry-After")).isPresent();
    assertThat(messages(chat)).isEmpty();
    assertThat(stored(chat)).isEmpty();
  }

  @Test
  void surplus_overASocket_isBusyAndTheStringIsUsedUp() {
    fill();
    String chat = chat();
    String string = app.messageString(user, chat);
    try (ChatClient client = connect(chat)) {
      client.message("one too many", string);
      assertThat(client.await("error").path("data").path("code").asText()).isEqualTo("busy");
      assertThat(stored(chat)).isEmpty();
      client.message("again", string);
      client.await(
          event -> event.path("data").path("code").asText().equals("invalid_message_string"));
    }
  }

  @Test
  void surplus_ofAnAgentWithoutAModel_isAnsweredAllTheSame() {
    fill();
    assertThat(ask(chat(), "@echo here").json().path("content").asText()).isEqualTo("here");
  }

  @Test
  void cancelled_queuedRuns_leaveTheirPlaces() {
    String last = fill();
    cancel(last);
    assertThat(post(chat(), "Hi").status()).isEqualTo(202);
  }

  @Test
  void queuedRuns_ofADeletedChat_leaveTheirPlaces() {
    String last = fill();
    app.delete(user.token(), "/chat?chat_id=" + last, null);
    assertThat(post(chat(), "Hi").status()).isEqualTo(202);
  }

  @Test
  void throwingModels_harmNobodyElseAndTheChatIsFreeAgain() {
    String other = chat();
    Gate goOn = gate;
    model.then((request, reply) -> reply.text("still ").await(goOn).text("here").complete(1, 1));
    try (ChatClient bystander = connect(other)) {
      post(other, "Hi");
      bystander.await("delta");
      List<Throwable> failures =
          List.of(
              new IllegalStateException("secret"),
              new StackOverflowError("secret"),
              new OutOfMemoryError("secret"));
      for (Throwable failure : failures) {
        String chat = chat();
        model.then((request, reply) -> reply.text("x").fail(failure));
        Answer answer = ask(chat, "Hi");
        assertThat(answer.status()).isEqualTo(502);
        assertThat(answer.json().path("code").asText()).isEqualTo("internal");
        assertThat(answer.json().toString()).doesNotContain("secret", "Error", "Exception");
        assertThat(ask(chat, "@echo free").status()).isEqualTo(200);
      }
      goOn.open();
      bystander.awaitRun("completed");
    }
  }

  @Test
  void hangingModel_letsOtherChatsAndItsOwnGoOnAfterACancel() {
    String chat = chat();
    postThatHangs(chat);
    assertThat(ask(chat(), "@echo elsewhere").status()).isEqualTo(200);
    cancel(chat);
    assertThat(ask(chat, "@echo free").status()).isEqualTo(200);
  }

  /** Takes all places; answers a chat of which runs are queued. */
  private String fill() {
    Gate goOn = gate;
    for (int i = 0; i < 3; i++) {
      Gate asked = new Gate();
      model.then(
          (request, reply) -> {
            asked.open();
            reply.await(goOn).complete(1, 1);
          });
      post(chat(), "Hi");
      asked.await();
    }
    String chat = chat();
    for (int i = 0; i < 4; i++) {
      Answer answer = post(chat, "queued");
      assertThat(answer.status()).isEqualTo(202);
    }
    JsonNode events = app.get(user.token(), "/chat/events?poll=1&since=0&chat_id=" + chat).json();
    assertThat(events.path("last_seq").asInt()).isEqualTo(8);
    return chat;
  }
}
