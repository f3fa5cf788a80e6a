package io.coterie.chat;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.coterie.AppFixture;
import io.coterie.AppFixture.Answer;
import io.coterie.EventStream;
import io.coterie.model.Gate;
import io.coterie.model.RunFailure;
import io.coterie.model.ScriptedModel;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Messages without a socket: what the sender is answered. */
class MessageRouteTest extends SharedServer {

  @Test
  void post_answers202WithTheIdsOfMessageAndRun() {
    String chat = chat();
    ask(chat, "@echo zero");
    Answer answer = post(chat, "@echo one");
    assertThat(answer.status()).isEqualTo(202);
    assertThat(answer.json()).hasSize(3);
    assertThat(answer.json().path("seq").asInt()).isEqualTo(8);
    JsonNode feedback = stored(chat).get(7);
    assertThat(feedback.path("data").path("message_id"))
        .isEqualTo(answer.json().path("message_id"));
    assertThat(stored(chat).get(8).path("data").path("run_id"))
        .isEqualTo(answer.json().path("run_id"));
  }

  @Test
  void wait_answersTheMessageItself() {
    String chat = chat();
    Answer answer = ask(chat, "Hi");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.json()).isEqualTo(messages(chat).path(1));
    assertThat(answer.json().path("content").asText()).isEqualTo("Hello");
  }

  @Test
  void wait_forARunThatFails_is502WithItsIds() {
    String chat = chat();
    model.then(ScriptedModel.failing(RunFailure.Code.MODEL_RATE_LIMITED, "Too fast.", "Hal"));
    Answer answer = ask(chat, "Hi");
    assertThat(answer.status()).isEqualTo(502);
    JsonNode run = stored(chat).get(1).path("data");
    assertThat(answer.json().toString())
        .isEqualTo(
            "{\"msg\":\"Too fast.\",\"code\":\"model_rate_limited\",\"message_id\":"
                + run.path("message_id")
                + ",\"run_id\":"
                + run.path("run_id")
                + "}");
  }

  @Test
  void wait_thatIsCancelledWithText_is200WithWhatThereIs() {
    String chat = chat();
    Gate asked = new Gate();
    model.then(
        (request, reply) -> {
          reply.text("Hal");
          asked.open();
          reply.awaitCancel();
        });
    Answer answer = cancelledWait(chat, asked);
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.json().path("content").asText()).isEqualTo("Hal");
    assertThat(answer.json().path("status").asText()).isEqualTo("cancelled");
    assertThat(answer.json()).isEqualTo(messages(chat).path(1));
  }

  @Test
  void wait_thatIsCancelledWithoutText_is200AndEmpty() {
    String chat = chat();
    Gate asked = new Gate();
    model.then(
        (request, reply) -> {
          asked.open();
          reply.awaitCancel();
        });
    Answer answer = cancelledWait(chat, asked);
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.json().path("content").asText()).isEmpty();
    assertThat(answer.json().path("status").asText()).isEqualTo("cancelled");
    assertThat(messages(chat)).hasSize(1);
  }

  @Test
  void wait_forAQueuedRunThatIsCancelled_is200AndEmpty() {
    String chat = chat();
    postThatHangs(chat);
    CompletableFuture<Answer> waiting = CompletableFuture.supplyAsync(() -> ask(chat, "queued"));
    io.coterie.Await.until(() -> messages(chat).size() == 2, () -> "the second message");
    cancel(chat);
    assertThat(waiting.join().status()).isEqualTo(200);
    assertThat(waiting.join().json().path("status").asText()).isEqualTo("cancelled");
  }

  @Test
  void wait_whileTheChatIsDeleted_is404() {
    String chat = chat();
    Gate asked = new Gate();
    model.then(
        (request, reply) -> {
          asked.open();
          reply.awaitCancel();
        });
    CompletableFuture<Answer> waiting = CompletableFuture.supplyAsync(() -> ask(chat, "Hi"));
    asked.await();
    app.delete(user.token(), "/chat?chat_id=" + chat, null);
    assertThat(waiting.join().status()).isEqualTo(404);
    assertThat(waiting.join().msg()).isEqualTo("Chat not found");
  }

  @Test
  void refusals_comeInOrder() {
    String token = user.token();
    String path = "/chat/message";
    assertThat(app.post(token, path, null).msg()).isEqualTo("Missing JSON in request");
    assertThat(app.send(token, "POST", path, "[]", Map.of()).msg())
        .isEqualTo("Missing JSON in request");
    assertThat(app.post(token, path, AppFixture.object("message", "x")).msg())
        .isEqualTo("Missing chat id");
    assertThat(app.post(token, path, AppFixture.object("chat_id", "x")).msg())
        .isEqualTo("Missing message parameter");
    assertThat(post("x", "x").msg()).isEqualTo("Chat not found");
    assertThat(post(UUID.randomUUID().toString(), "x").status()).isEqualTo(404);
    Answer stranger =
        app.post(app.login().token(), path, AppFixture.object("chat_id", chat(), "message", "x"));
    assertThat(stranger.status()).isEqualTo(401);
    assertThat(stranger.msg()).isEqualTo("User is not the owner of the chat");
  }

  @ParameterizedTest
  @ValueSource(strings = {"5", "[\"x\"]", "\"a\\u0000\"", "\"\\ud800\""})
  void message_thatIsNoStorableString_is400AndNamesTheField(String message) {
    String body = "{\"chat_id\":\"" + chat() + "\",\"message\":" + message + "}";
    Answer answer = app.send(user.token(), "POST", "/chat/message", body, Map.of());
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.msg()).startsWith("message must be ");
  }

  @Test
  void message_overTheLimit_is400_andAtTheLimitFine() {
    assertThat(post(chat(), "x".repeat(100_001)).msg())
        .isEqualTo("message must be at most 100000 characters long");
    assertThat(post(chat(), "@echo " + "x".repeat(99_994)).status()).isEqualTo(202);
  }

  @Test
  void stream_bringsThisRunAloneAndEndsAfterIt() {
    String chat = chat();
    Gate goOn = new Gate();
    model.then((request, reply) -> reply.text("first").await(goOn).complete(1, 1));
    String firstRun = post(chat, "Hi").json().path("run_id").asText();
    try (EventStream stream = stream(chat, "Again")) {
      goOn.open();
      var events = stream.awaitEnd();
      assertThat(brief(events))
          .containsExactly(
              "feedback",
              "run queued",
              "run running",
              "agent started",
              "delta",
              "delta",
              "agent finished",
              "message completed",
              "run completed");
      assertThat(events.toString()).doesNotContain(firstRun);
      assertThat(withSeq(events)).isSubsetOf(stored(chat));
    }
  }

  @Test
  void stream_ofTextThatNamesAnotherRun_isNotMistaken() {
    String chat = chat();
    try (EventStream first = stream(chat, "@echo x")) {
      String run = first.awaitEnd().get(1).path("data").path("run_id").asText();
      try (EventStream second = stream(chat, "@echo \"run_id\":\"" + run + "\"")) {
        assertThat(brief(second.awaitEnd())).endsWith("run completed").hasSize(8);
      }
    }
  }

  @Test
  void stream_ofARunThatFails_endsAfterItsError() {
    String chat = chat();
    model.then(ScriptedModel.failing(RunFailure.Code.MODEL_AUTH, "No key."));
    try (EventStream stream = stream(chat, "Hi")) {
      assertThat(brief(stream.awaitEnd())).endsWith("agent failed", "error", "run failed");
    }
  }

  @Test
  void stream_ofAChatThatIsDeleted_ends() {
    String chat = chat();
    model.then(ScriptedModel.hanging("x"));
    try (EventStream stream = stream(chat, "Hi")) {
      stream.await("delta");
      app.delete(user.token(), "/chat?chat_id=" + chat, null);
      stream.awaitEnd();
    }
  }

  @Test
  void stream_hungUp_leavesTheRunGoing() {
    String chat = chat();
    Gate goOn = new Gate();
    model.then((request, reply) -> reply.text("one").await(goOn).text(" two").complete(1, 1));
    EventStream stream = stream(chat, "Hi");
    stream.await("delta");
    stream.close();
    goOn.open();
    try (EventStream again = EventStream.follow(app, user.token(), chat, 0L)) {
      again.awaitRun("completed");
    }
    assertThat(messages(chat).path(1).path("content").asText()).isEqualTo("one two");
  }

  @Test
  void everyClientGone_leavesTheRunGoing() {
    String chat = chat();
    Gate goOn = new Gate();
    model.then((request, reply) -> reply.text("one").await(goOn).text(" two").complete(1, 1));
    try (var client = connect(chat)) {
      say(client, chat, "Hi");
      client.await("delta");
    }
    goOn.open();
    try (EventStream again = EventStream.follow(app, user.token(), chat, 0L)) {
      again.awaitRun("completed");
    }
    assertThat(messages(chat).path(1).path("content").asText()).isEqualTo("one two");
  }

  private EventStream stream(String chat, String text) {
    return EventStream.open(
        app,
        user.token(),
        "POST",
        "/chat/message",
        AppFixture.object("chat_id", chat, "message", text),
        Map.of());
  }

  private Answer cancelledWait(String chat, Gate asked) {
    CompletableFuture<Answer> waiting = CompletableFuture.supplyAsync(() -> ask(chat, "Hi"));
    asked.await();
    assertThat(cancel(chat).msg()).isEqualTo("Run cancelled");
    return waiting.join();
  }
}
