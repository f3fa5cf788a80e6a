package io.coterie.chat;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.coterie.AppFixture;
import io.coterie.AppFixture.Answer;
import io.coterie.ChatClient;
import io.coterie.EventStream;
import io.coterie.model.RunFailure;
import io.coterie.model.ScriptedModel;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Answering the last message anew, and stopping a reply. */
class RetryAndCancelTest extends SharedServer {

  @Test
  void retry_answers202AndRepliesToTheSameMessage() {
    String chat = chat();
    model.then(ScriptedModel.failing(RunFailure.Code.MODEL_TIMEOUT, "Late."));
    ask(chat, "Hi");
    try (ChatClient client = connect(chat)) {
      Answer answer = retry(chat, "");
      assertThat(answer.status()).isEqualTo(202);
      assertThat(answer.json().path("message_id"))
          .isEqualTo(messages(chat).path(0).path("message_id"));
      client.awaitRun("completed");
      assertThat(client.types()).doesNotContain("feedback");
      assertThat(answer.json().path("seq")).isEqualTo(client.awaitRun("queued").path("seq"));
      assertThat(messages(chat)).hasSize(2);
      assertThat(messages(chat).path(1).path("content").asText()).isEqualTo("Hello");
    }
  }

  @Test
  void retry_asksTheModelWithoutTheReplyThatItReplaces() {
    String chat = chat();
    ask(chat, "Hi");
    int before = model.calls().size();
    retry(chat, "&wait=true");
    assertThat(model.calls().get(before).request().messages().toString()).doesNotContain("Hello");
  }

  @Test
  void retry_laterTurns_knowTheNewReplyAlone() {
    String chat = chat();
    model.then(ScriptedModel.pieces("first try"));
    ask(chat, "one");
    model.then(ScriptedModel.pieces("second try"));
    retry(chat, "&wait=true");
    int before = model.calls().size();
    ask(chat, "two");
    assertThat(model.calls().get(before).request().messages().toString())
        .contains("second try")
        .doesNotContain("first try");
  }

  @Test
  void retry_withWait_answersTheNewMessage() {
    String chat = chat();
    ask(chat, "@echo one");
    Answer answer = retry(chat, "&wait=true");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.json()).isEqualTo(messages(chat).path(2));
  }

  @Test
  void retry_streamed_bringsItsRunAndEnds() {
    String chat = chat();
    ask(chat, "@echo one");
    try (EventStream stream =
        EventStream.open(
            app, user.token(), "POST", "/chat/retry?chat_id=" + chat, null, Map.of())) {
      assertThat(brief(stream.awaitEnd()))
          .containsExactly(
              "run queued",
              "run running",
              "agent started",
              "delta",
              "agent finished",
              "message completed",
              "run completed");
    }
  }

  @Test
  void retry_withNothingToRetry_is404() {
    Answer answer = retry(chat(), "");
    assertThat(answer.status()).isEqualTo(404);
    assertThat(answer.msg()).isEqualTo("Message not found");
  }

  @Test
  void cancel_withNothingToCancel_says() {
    Answer answer = cancel(chat());
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.json().toString()).isEqualTo("{\"msg\":\"Nothing to cancel\"}");
  }

  @Test
  void cancel_stopsTheRunningAndAllQueuedRuns() {
    String chat = chat();
    model.then(ScriptedModel.hanging("x"));
    try (ChatClient client = connect(chat)) {
      post(chat, "one");
      client.await("delta");
      post(chat, "two");
      post(chat, "three");
      assertThat(cancel(chat).json().toString()).isEqualTo("{\"msg\":\"Run cancelled\"}");
      client.await(
          e -> brief(client.received()).stream().filter("run cancelled"::equals).count() == 3);
      assertThat(cancel(chat).msg()).isEqualTo("Nothing to cancel");
      assertThat(ask(chat, "@echo free").status()).isEqualTo(200);
      assertThat(brief(stored(chat)).stream().filter("run running"::equals)).hasSize(2);
    }
  }

  @Test
  void cancel_withRunId_stopsThatRunAlone() {
    String chat = chat();
    model.then(ScriptedModel.hanging("x"));
    try (ChatClient client = connect(chat)) {
      String first = post(chat, "one").json().path("run_id").asText();
      client.await("delta");
      String second = post(chat, "@echo two").json().path("run_id").asText();
      String third = post(chat, "@echo three").json().path("run_id").asText();
      assertThat(cancel(chat, second).msg()).isEqualTo("Run cancelled");
      assertThat(cancel(chat, second).msg()).isEqualTo("Nothing to cancel");
      assertThat(client.awaitRun("cancelled").path("data").path("run_id").asText())
          .isEqualTo(second);
      client.send("cancel", AppFixture.object("run_id", first));
      client.await(event -> isEnd(event, first, "cancelled"));
      client.await(event -> isEnd(event, third, "completed"));
    }
  }

  @Test
  void cancel_withAnotherChatsRun_findsNothing() {
    String chat = chat();
    String other = chat();
    String run = postThatHangs(chat).json().path("run_id").asText();
    assertThat(cancel(other, run).msg()).isEqualTo("Nothing to cancel");
    assertThat(cancel(other, UUID.randomUUID().toString()).msg()).isEqualTo("Nothing to cancel");
    assertThat(cancel(other, "nonsense").msg()).isEqualTo("Nothing to cancel");
    assertThat(cancel(chat, run).msg()).isEqualTo("Run cancelled");
  }

  @Test
  void cancel_isOverAtOnce_andTheChatNoLongerBusy() {
    String chat = chat();
    model.then(ScriptedModel.hanging("x"));
    try (ChatClient client = connect(chat)) {
      post(chat, "one");
      client.await("delta");
      assertThat(busy(chat)).isTrue();
      cancel(chat);
      client.awaitRun("cancelled");
      assertThat(busy(chat)).isFalse();
    }
  }

  @Test
  void refusals_areThoseOfEveryChatRoute() {
    String stranger = app.login().token();
    for (String route : List.of("/chat/cancel", "/chat/retry")) {
      assertThat(app.post(user.token(), route, null).msg()).isEqualTo("Missing chat id");
      assertThat(app.post(user.token(), route + "?chat_id=x", null).status()).isEqualTo(404);
      assertThat(app.post(stranger, route + "?chat_id=" + chat(), null).msg())
          .isEqualTo("User is not the owner of the chat");
    }
  }

  private boolean busy(String chat) {
    return app.get(user.token(), "/chat?chat_id=" + chat).json().path("busy").asBoolean();
  }

  private Answer retry(String chat, String query) {
    return app.post(user.token(), "/chat/retry?chat_id=" + chat + query, null);
  }

  private Answer cancel(String chat, String run) {
    return app.post(user.token(), "/chat/cancel?chat_id=" + chat + "&run_id=" + run, null);
  }

  private static boolean isEnd(JsonNode event, String run, String status) {
    JsonNode data = event.path("data");
    return event.path("event").asText().equals("run")
        && data.path("run_id").asText().equals(run)
        && data.path("status").asText().equals(status);
  }
}
