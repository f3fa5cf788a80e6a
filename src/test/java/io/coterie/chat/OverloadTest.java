package io.coterie.chat;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.coterie.AppFixture;
import io.coterie.AppFixture.Answer;
import io.coterie.AppFixture.Login;
import io.coterie.Await;
import io.coterie.model.ScriptedProvider;
import io.coterie.model.WireFormat;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Fifty models that hang at once, each in one of three ways, and everybody else. */
class OverloadTest {

  private static final int HUNG = 50;
  private static final List<String> WAYS = List.of("without headers", "before a word", "mid-word");

  private final ScriptedProvider provider = ScriptedProvider.start().usually(OverloadTest::play);

  @AfterEach
  void stopProvider() {
    provider.close();
  }

  @Test
  void hungModels_withPlacesLeft_delayNobodyAndTimeOut() {
    try (AppFixture app =
        AppFixture.startWith(
            provider,
            "model.first-token-timeout=4s",
            "model.idle-timeout=4s",
            "agents.max-concurrent-runs-per-user=" + (HUNG + 5))) {
      Login user = app.login();
      String space = app.workspace(user);
      List<String> hung = hang(app, user, space);
      for (int i = 0; i < HUNG; i++) {
        provider.awaitRequest();
      }
      Duration slowest = Duration.ZERO;
      for (int i = 0; i < 50; i++) {
        Duration each = timed(app, user, app.chat(user, space), "@echo " + i, "" + i);
        slowest = each.compareTo(slowest) > 0 ? each : slowest;
      }
      for (int i = 0; i < 5; i++) {
        Duration each = timed(app, user, app.chat(user, space), "Hi", "healthy");
        assertThat(each).isLessThan(Duration.ofSeconds(1));
      }
      System.out.println(
          "slowest of 50 echoes beside 50 hung models: " + slowest.toMillis() + " ms");
      assertThat(slowest).isLessThan(Duration.ofSeconds(1));
      assertTimedOut(app, user, hung);
      assertNoThreadIsHeld();
    }
  }

  @Test
  void hungModels_onAllPlaces_delayNoAgentWithoutAModelAndLetOthersHaveTheirTurn() {
    try (AppFixture app =
        AppFixture.startWith(
            provider,
            "model.first-token-timeout=1s",
            "model.idle-timeout=1s",
            "agents.max-concurrent-runs=20")) {
      Login user = app.login();
      String space = app.workspace(user);
      List<String> hung = hang(app, user, space);
      List<String> questions = List.of("@echo hi", "@calculator 1+2");
      List<String> answers = List.of("hi", "1+2 = 3");
      for (int i = 0; i < 10; i++) {
        String chat = app.chat(user, space);
        Duration each = timed(app, user, chat, questions.get(i % 2), answers.get(i % 2));
        assertThat(each).isLessThan(Duration.ofSeconds(1));
      }
      assertThat(ask(app, user, app.chat(user, space), "Hi").json().path("content").asText())
          .isEqualTo("healthy");
      assertTimedOut(app, user, hung);
      assertThat(provider.requests()).hasSize(HUNG + 1);
      assertNoThreadIsHeld();
    }
  }

  private static void play(ScriptedProvider.Line line) throws IOException {
    JsonNode messages = line.request().body().path("messages");
    int way = WAYS.indexOf(messages.path(messages.size() - 1).path("content").asText());
    if (way < 0) {
      line.open(WireFormat.OPENAI)
          .send(WireFormat.OPENAI.text("healthy") + WireFormat.OPENAI.end(7, 3))
          .end();
      return;
    }
    if (way > 0) {
      line.open(WireFormat.OPENAI);
    }
    if (way > 1) {
      line.send(WireFormat.OPENAI.text("Half"));
    }
    line.awaitHangUp();
  }

  private static List<String> hang(AppFixture app, Login user, String space) {
    List<String> chats = new ArrayList<>();
    for (int i = 0; i < HUNG; i++) {
      String chat = app.chat(user, space);
      String text = WAYS.get(i % WAYS.size());
      Answer answer =
          app.post(
              user.token(), "/chat/message", AppFixture.object("chat_id", chat, "message", text));
      assertThat(answer.status()).isEqualTo(202);
      chats.add(chat);
    }
    return chats;
  }

  private static Duration timed(
      AppFixture app, Login user, String chat, String text, String expected) {
    long begin = System.nanoTime();
    Answer answer = ask(app, user, chat, text);
    Duration taken = Duration.ofNanos(System.nanoTime() - begin);
    assertThat(answer.json().path("content").asText()).isEqualTo(expected);
    return taken;
  }

  private static Answer ask(AppFixture app, Login user, String chat, String text) {
    return app.post(
        user.token(),
        "/chat/message?wait=true",
        AppFixture.object("chat_id", chat, "message", text));
  }

  /** Each ended once, for the reason that it did, with what there was. */
  private void assertTimedOut(AppFixture app, Login user, List<String> hung) {
    Await.until(() -> Sql.isIdle(app), () -> "an idle server");
    for (int i = 0; i < hung.size(); i++) {
      List<JsonNode> events = new ArrayList<>();
      String poll = "/chat/events?poll=1&since=0&chat_id=" + hung.get(i);
      app.get(user.token(), poll).json().path("events").forEach(events::add);
      assertThat(SharedServer.brief(events)).endsWith("error", "run failed");
      assertThat(events.get(events.size() - 2).path("data").path("code").asText())
          .isEqualTo("model_timeout");
      boolean hasText = i % WAYS.size() == 2;
      assertThat(SharedServer.brief(events).contains("message failed")).isEqualTo(hasText);
    }
    for (int i = 0; i < hung.size(); i++) {
      provider.awaitHangUp();
    }
  }

  /** Threads that wait for work end by themselves after a while; no other may be left. */
  private static void assertNoThreadIsHeld() {
    Await.until(() -> held().isEmpty(), () -> "free threads: " + held());
    assertThat(threads("model-").count()).isLessThanOrEqualTo(8 + 1);
  }

  private static List<Thread> held() {
    return threads("run").filter(thread -> !isIdle(thread)).toList();
  }

  private static boolean isIdle(Thread thread) {
    return Stream.of(thread.getStackTrace())
        .anyMatch(frame -> frame.getMethodName().equals("getTask"));
  }

  private static Stream<Thread> threads(String name) {
    Map<Thread, StackTraceElement[]> all = Thread.getAllStackTraces();
    return all.keySet().stream()
        .filter(thread -> thread.isAlive() && thread.getName().startsWith(name));
  }
}
