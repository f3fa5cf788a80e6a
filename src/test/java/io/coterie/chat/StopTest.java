package io.coterie.chat;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.coterie.AppFixture;
import io.coterie.AppFixture.Answer;
import io.coterie.AppFixture.Login;
import io.coterie.ChatClient;
import io.coterie.EventStream;
import io.coterie.model.Gate;
import io.coterie.model.ScriptedModel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a stop and a crash leave behind, and what the next start makes of it. */
class StopTest {

  private static final String QUICK_STOP = "server.stop-timeout=100ms";

  private final ScriptedModel model = new ScriptedModel(ScriptedModel.pieces("Hel", "lo"));
  private AppFixture app;
  private Login user;
  private String chat;
  private ChatClient client;

  @BeforeEach
  void start() {
    app = AppFixture.startOnDiskWith(model, QUICK_STOP);
    user = app.login();
    chat = app.chat(user);
    client = app.connect(user, chat);
    client.await("ready");
  }

  @AfterEach
  void close() {
    client.close();
    app.close();
  }

  @Test
  void stop_whileAReplyHangs_interruptsItTellsAndClosesWith1001() {
    hang(app, "so far");
    app.stop();
    assertThat(client.awaitClose()).isEqualTo(1001);
    List<JsonNode> events = client.received();
    assertThat(SharedServer.brief(events))
        .endsWith("delta", "agent failed", "message interrupted", "run interrupted");
    assertThat(events.get(events.size() - 2).path("data").path("content").asText())
        .isEqualTo("so far");
  }

  @Test
  void stop_tellsStreamsAndEndsThem() {
    try (EventStream stream = EventStream.follow(app, user.token(), chat, null)) {
      stream.await("ready");
      hang(app, "so far");
      app.stop();
      assertThat(SharedServer.brief(stream.awaitEnd())).endsWith("run interrupted");
    }
  }

  @Test
  void stop_givesAReplyTimeToEnd() {
    try (AppFixture patient = AppFixture.startWith(model, "server.stop-timeout=20s")) {
      Login someone = patient.login();
      String there = patient.chat(someone);
      Gate goOn = new Gate();
      model.then((request, reply) -> reply.text("one").await(goOn).text(" two").complete(1, 1));
      try (ChatClient follower = patient.connect(someone, there)) {
        follower.message("Hi", patient.messageString(someone, there));
        follower.await("delta");
        CompletableFuture<Void> stopped = CompletableFuture.runAsync(patient::stop);
        io.coterie.Await.until(
            () -> patient.get(null, "/ready").status() == 503, () -> "a server that stops");
        assertThat(post(patient, someone, there, "late").status()).isEqualTo(503);
        goOn.open();
        assertThat(follower.awaitClose()).isEqualTo(1001);
        assertThat(SharedServer.brief(follower.received())).endsWith("run completed");
        stopped.join();
      }
    }
  }

  @Test
  void restart_afterAStop_letsQueuedRunsGoOn() {
    hang(app, "so far");
    post(app, user, chat, "@echo queued");
    app.restart();
    try (ChatClient again = since(app, 0)) {
      again.awaitRun("completed");
      assertThat(contents(app)).containsExactly("one", "@echo queued", "so far", "queued");
      assertGapless(again.received());
      assertThat(SharedServer.brief(again.received()).stream().filter(s -> s.startsWith("run ")))
          .containsExactly(
              "run queued",
              "run running",
              "run queued",
              "run interrupted",
              "run running",
              "run completed");
    }
  }

  @Test
  void wait_forAQueuedRun_whenTheServerStops_isAccepted() {
    hang(app, "so far");
    CompletableFuture<Answer> waiting =
        CompletableFuture.supplyAsync(
            () ->
                app.post(
                    user.token(),
                    "/chat/message?wait=true",
                    AppFixture.object("chat_id", chat, "message", "queued")));
    client.await(event -> event.path("data").path("message").asText().equals("queued"));
    app.stop();
    assertThat(waiting.join().status()).isEqualTo(202);
    assertThat(waiting.join().json().path("run_id").asText()).isNotEmpty();
  }

  @Test
  void wait_forARunningRun_whenTheServerStops_is502() {
    Gate asked = new Gate();
    model.then(
        (request, reply) -> {
          asked.open();
          reply.awaitCancel();
        });
    CompletableFuture<Answer> waiting =
        CompletableFuture.supplyAsync(
            () ->
                app.post(
                    user.token(),
                    "/chat/message?wait=true",
                    AppFixture.object("chat_id", chat, "message", "one")));
    asked.await();
    app.stop();
    assertThat(waiting.join().status()).isEqualTo(502);
    assertThat(waiting.join().json().path("code").asText()).isEqualTo("internal");
  }

  @Test
  void crash_duringAReply_leavesItInterruptedWithItsTextAndTheChatFree() {
    hang(app, "so far");
    post(app, user, chat, "@echo queued");
    io.coterie.Await.until(this::partialTextIsSaved, () -> "a saved partial text");
    try (AppFixture next = app.afterCrash();
        ChatClient again = since(next, 0)) {
      again.awaitRun("completed");
      assertThat(contents(next)).containsExactly("one", "@echo queued", "so far", "queued");
      assertGapless(again.received());
      JsonNode interrupted = again.awaitRun("interrupted");
      assertThat(SharedServer.brief(again.received()).stream().filter("run interrupted"::equals))
          .hasSize(1);
      assertThat(interrupted.path("seq").asInt()).isGreaterThan(client.received().size() - 2);
      assertThat(next.get(user.token(), "/chat?chat_id=" + chat).json().path("busy").asBoolean())
          .isFalse();
    }
  }

  @Test
  void crash_duringALongReply_keepsAllThatWasSaved_onceAndWhole() {
    String first = "Wörter 😀 ".repeat(800);
    String second = "mehr 😀";
    Gate goOn = new Gate();
    model.then((request, reply) -> reply.text(first).await(goOn).text(second).awaitCancel());
    post(app, user, chat, "one");
    io.coterie.Await.until(() -> isSaved(first), () -> "the first text");
    goOn.open();
    io.coterie.Await.until(() -> isSaved(first + second), () -> "the whole text");
  }

  @Test
  void crash_beforeTheFirstWord_leavesARunThatIsInterruptedWithoutAMessage() {
    Gate asked = new Gate();
    model.then(
        (request, reply) -> {
          asked.open();
          reply.awaitCancel();
        });
    post(app, user, chat, "one");
    asked.await();
    try (AppFixture next = app.afterCrash();
        ChatClient again = since(next, 0)) {
      again.awaitRun("interrupted");
      assertThat(contents(next)).containsExactly("one");
    }
  }

  @Test
  void restart_keepsSeqGoingUp() {
    post(app, user, chat, "@echo one");
    client.awaitRun("completed");
    app.restart();
    try (ChatClient again = since(app, 7)) {
      assertThat(again.await("ready").path("data").path("recovered").asBoolean()).isTrue();
      post(app, user, chat, "@echo two");
      again.awaitRun("completed");
      assertThat(SharedServer.withSeq(again.received()).get(0).path("seq").asInt()).isEqualTo(8);
    }
  }

  private void hang(AppFixture server, String text) {
    model.then(ScriptedModel.hanging(text));
    post(server, user, chat, "one");
    client.await("delta");
  }

  /** A copy that is started sees what was saved; only the files know when. */
  private boolean partialTextIsSaved() {
    return isSaved("so far");
  }

  private boolean isSaved(String text) {
    try (AppFixture look = app.afterCrash()) {
      return contents(look).contains(text);
    }
  }

  private ChatClient since(AppFixture server, long seq) {
    return ChatClient.connect(server, chat, server.connectionString(user, chat), seq);
  }

  private List<String> contents(AppFixture server) {
    List<String> contents = new ArrayList<>();
    server
        .get(user.token(), "/chat/messages?chat_id=" + chat)
        .json()
        .path("messages")
        .forEach(message -> contents.add(message.path("content").asText()));
    return contents;
  }

  private static Answer post(AppFixture server, Login user, String chat, String text) {
    return server.post(
        user.token(), "/chat/message", AppFixture.object("chat_id", chat, "message", text));
  }

  private static void assertGapless(List<JsonNode> events) {
    List<JsonNode> stored = SharedServer.withSeq(events);
    for (int i = 0; i < stored.size(); i++) {
      assertThat(stored.get(i).path("seq").asInt()).isEqualTo(i + 1);
    }
  }
}
