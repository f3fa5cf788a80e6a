package io.coterie.chat;

import static io.coterie.AppFixture.object;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.coterie.AppFixture;
import io.coterie.AppFixture.Answer;
import io.coterie.AppFixture.Login;
import io.coterie.Await;
import io.coterie.ChatClient;
import io.coterie.EventStream;
import io.coterie.model.ScriptedModel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** How long a stop takes, whatever goes on. */
class StopBudgetTest {

  private static final Duration GRACE = Duration.ofSeconds(1);

  /** For all that comes after the grace, on a machine that has other things to do as well. */
  private static final Duration LITTLE = Duration.ofMillis(2_500);

  private final ScriptedModel model = new ScriptedModel(ScriptedModel.hanging("so far"));
  private Login user;

  @Test
  void stop_besideRunsOfEveryKindThatHang_takesItsGraceAndLittleMore() {
    try (AppFixture app =
        AppFixture.startOnDiskWith(
            model,
            "server.stop-timeout=" + GRACE.toSeconds() + "s",
            "agents.max-concurrent-runs=8")) {
      user = app.login();
      String chat = app.chat(user);
      List<CompletableFuture<Answer>> answers = new ArrayList<>();
      answers.add(inBackground(() -> ask(app, chat, "?wait=true")));
      answers.add(inBackground(() -> complete(app, false)));
      answers.add(inBackground(() -> complete(app, true)));
      Await.until(() -> model.calls().size() == 3, () -> model.calls().size() + " calls");
      answers.add(inBackground(() -> ask(app, chat, "?wait=true")));
      answers.add(inBackground(() -> ask(app, app.chat(user), "?wait=true")));
      try (ChatClient socket = app.connect(user, chat);
          EventStream events = EventStream.follow(app, user.token(), chat, null);
          EventStream run =
              EventStream.open(
                  app, user.token(), "POST", "/chat/message", message(app.chat(user)), Map.of())) {
        socket.await("ready");
        events.await("ready");
        run.await("feedback");

        long begin = System.nanoTime();
        app.stop();
        Duration taken = Duration.ofNanos(System.nanoTime() - begin);

        System.out.println("a stop beside runs that hang took " + taken.toMillis() + " ms");
        assertThat(socket.awaitClose()).isEqualTo(1001);
        events.awaitEnd();
        run.awaitEnd();
        assertThat(answers.stream().map(answer -> answer.join().status()))
            .containsExactly(502, 503, 200, 202, 502);
        assertThat(taken).isBetween(GRACE, GRACE.plus(LITTLE));
      }
    }
  }

  private Answer ask(AppFixture app, String chat, String query) {
    return app.post(user.token(), "/chat/message" + query, message(chat));
  }

  private static ObjectNode message(String chat) {
    return object("chat_id", chat, "message", "Hi");
  }

  private Answer complete(AppFixture app, boolean stream) {
    ObjectNode request = object("model", "coordinator").put("stream", stream);
    request.putArray("messages").add(object("role", "user", "content", "Hi"));
    return app.post(user.token(), "/v1/chat/completions", request);
  }

  private static CompletableFuture<Answer> inBackground(Supplier<Answer> request) {
    return CompletableFuture.supplyAsync(request);
  }
}
