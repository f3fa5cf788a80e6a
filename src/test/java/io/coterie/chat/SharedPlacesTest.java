package io.coterie.chat;

import static io.coterie.AppFixture.object;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.request.ChatRequest;
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
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** One user's runs that never end, and everybody else. */
class SharedPlacesTest {

  private static final String HANG = "hang";
  private static final Duration SOON = Duration.ofSeconds(10);

  /** Says its question after a word; where it is to hang, it says nothing. */
  private final ScriptedModel model =
      new ScriptedModel(
          (request, reply) -> {
            if (question(request).contains(HANG)) {
              reply.awaitCancel();
            }
            reply.text("re: ").text(question(request)).complete(7, 3);
          });

  private AppFixture app;
  private Login admin;
  private Login greedy;
  private Login other;
  private String space;

  private void start(AppFixture server) {
    app = server;
    admin = app.login();
    greedy = app.login();
    other = app.login();
    space = app.workspace(greedy);
  }

  private void start(String... settings) {
    start(AppFixture.startWith(model, quick(settings)));
  }

  @AfterEach
  void close() {
    app.close();
  }

  @Test
  void hangingRuns_ofOneUser_holdHalfOfThePlacesAndNobodyElseWaits() {
    start();
    hang(110);
    awaitGauges(50, 60);
    for (int i = 0; i < 3; i++) {
      assertAnsweredSoon(other);
    }
    long begin = System.nanoTime();
    try (EventStream stream =
        EventStream.open(
            app,
            other.token(),
            "POST",
            "/chat/message",
            message(app.chat(other), "Hi"),
            Map.of())) {
      stream.await("delta");
    }
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(SOON);
    assertThat(complete(other, "Hi").json().at("/choices/0/message/content").asText())
        .isEqualTo("re: Hi");
    // Its own agents without a model do not wait for those that ask one.
    assertThat(ask(greedy, app.chat(greedy, space), "@echo me").json().path("content").asText())
        .isEqualTo("me");
    awaitGauges(50, 60);
  }

  @Test
  void queue_isSharedToo_andWhoHasHalfOfItIsToldSoWhileOthersQueue() {
    start("agents.max-concurrent-runs=4", "agents.max-queued-runs=6");
    hang(5);
    awaitGauges(2, 3);
    String chat = app.chat(greedy, space);
    Answer refused = post(greedy, chat, HANG);
    assertThat(refused.status()).isEqualTo(429);
    assertThat(refused.msg()).isEqualTo("Too many requests");
    assertThat(refused.response().headers().firstValue("Retry-After")).isPresent();
    assertThat(complete(greedy, HANG).status()).isEqualTo(429);
    try (ChatClient client = app.connect(greedy, chat)) {
      client.message(HANG, app.messageString(greedy, chat));
      assertThat(client.await("error").path("data").path("code").asText()).isEqualTo("busy");
    }
    for (int i = 0; i < 5; i++) {
      assertThat(post(other, app.chat(other), HANG).status()).isEqualTo(202);
    }
    assertThat(post(other, app.chat(other), HANG).status()).isEqualTo(429);
    // Everybody's places together are taken as well now.
    assertThat(post(admin, app.chat(admin), "Hi").status()).isEqualTo(429);
    awaitGauges(4, 6);
  }

  @Test
  void cancelledRuns_leaveTheirPlacesToTheirUser() {
    start("agents.max-concurrent-runs=4", "agents.max-queued-runs=6");
    List<String> chats = hang(5);
    awaitGauges(2, 3);
    cancel(chats.get(4));
    awaitGauges(2, 2);
    cancel(chats.get(0));
    awaitGauges(2, 1);
    assertThat(post(greedy, app.chat(greedy, space), HANG).status()).isEqualTo(202);
    app.delete(greedy.token(), "/workspace/" + space, null);
    awaitGauges(0, 0);
    assertAnsweredSoon(greedy);
  }

  @Test
  void completions_takePlacesOfTheirUser() {
    start("agents.max-concurrent-runs=4");
    List<String> chats = hang(1);
    CompletableFuture<Answer> hanging = inBackground(() -> complete(greedy, HANG));
    awaitGauges(2, 0);
    CompletableFuture<Answer> waiting = inBackground(() -> complete(greedy, "at last"));
    awaitGauges(2, 1);
    assertAnsweredSoon(other);
    assertThat(complete(other, "Hi").status()).isEqualTo(200);
    assertThat(waiting).isNotDone();
    cancel(chats.get(0));
    assertThat(waiting.join().json().at("/choices/0/message/content").asText())
        .isEqualTo("re: at last");
    app.delete(greedy.token(), "/user", object("password", AppFixture.password()));
    assertThat(hanging.join().status()).isEqualTo(401);
    awaitGauges(0, 0);
  }

  @Test
  void deletedUsers_runs_leaveAllTheirPlaces() {
    start("agents.max-concurrent-runs=4", "agents.max-queued-runs=6");
    hang(5);
    awaitGauges(2, 3);
    app.delete(greedy.token(), "/user", object("password", AppFixture.password()));
    awaitGauges(0, 0);
    assertAnsweredSoon(other);
  }

  @Test
  void runsOfBeforeACrash_areSharedInTheirOrder() {
    start(AppFixture.startOnDiskWith(model, quick("agents.max-concurrent-runs=2")));
    hang(1);
    awaitGauges(1, 0);
    List<String> names = List.of("g1", "g2 hang", "g3");
    names.forEach(name -> post(greedy, app.chat(greedy, space), name));
    awaitGauges(1, 3);
    int before = model.calls().size();
    AppFixture crashed = app;
    try (AppFixture next = crashed.afterCrash()) {
      app = next;
      // The first was interrupted; of the others the second keeps its user's one place.
      Await.until(() -> model.calls().size() == before + 2, () -> "two calls more");
      awaitGauges(1, 1);
      assertThat(model.calls().stream().skip(before).map(call -> question(call.request())))
          .containsExactly("g1", "g2 hang");
      assertAnsweredSoon(other);
    } finally {
      app = crashed;
    }
  }

  /** What hangs here would only be waited for. */
  private static String[] quick(String... settings) {
    return Stream.concat(Stream.of("server.stop-timeout=100ms"), Stream.of(settings))
        .toArray(String[]::new);
  }

  private List<String> hang(int runs) {
    List<String> chats = new ArrayList<>();
    for (int i = 0; i < runs; i++) {
      chats.add(app.chat(greedy, space));
      assertThat(post(greedy, chats.get(i), HANG).status()).isEqualTo(202);
    }
    return chats;
  }

  private void assertAnsweredSoon(Login user) {
    String chat = app.chat(user);
    long begin = System.nanoTime();
    assertThat(ask(user, chat, "Hi").json().path("content").asText()).isEqualTo("re: Hi");
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(SOON);
  }

  private void awaitGauges(int running, int queued) {
    String expected = "coterie_runs_running %d coterie_runs_queued %d".formatted(running, queued);
    Await.until(() -> gauges().equals(expected), () -> expected + ", not " + gauges());
  }

  private String gauges() {
    String text = app.get(admin.token(), "/metrics").response().body();
    return gauge(text, "coterie_runs_running") + " " + gauge(text, "coterie_runs_queued");
  }

  private static String gauge(String text, String name) {
    String line = text.lines().filter(each -> each.startsWith(name + " ")).findFirst().orElse("");
    return line.replace(".0", "");
  }

  private Answer post(Login user, String chat, String text) {
    return app.post(user.token(), "/chat/message", message(chat, text));
  }

  private Answer ask(Login user, String chat, String text) {
    return app.post(user.token(), "/chat/message?wait=true", message(chat, text));
  }

  private Answer complete(Login user, String text) {
    ObjectNode request = object("model", "coordinator");
    request.putArray("messages").add(object("role", "user", "content", text));
    return app.post(user.token(), "/v1/chat/completions", request);
  }

  private void cancel(String chat) {
    app.post(greedy.token(), "/chat/cancel?chat_id=" + chat, null);
  }

  private static ObjectNode message(String chat, String text) {
    return object("chat_id", chat, "message", text);
  }

  private static CompletableFuture<Answer> inBackground(Supplier<Answer> request) {
    return CompletableFuture.supplyAsync(request);
  }

  private static String question(ChatRequest request) {
    return ((UserMessage) request.messages().get(request.messages().size() - 1)).singleText();
  }
}
