package io.coterie;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.coterie.AppFixture.Answer;
import io.coterie.AppFixture.Login;
import io.coterie.model.Gate;
import io.coterie.model.ScriptedModel;
import io.coterie.storage.FullDisk;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A server whose database cannot be written for a while: what its users meet, and afterwards. */
class FullDiskTest {

  private static final String READY = "/ready";

  private final FullDisk disk = new FullDisk();
  private final ScriptedModel model = new ScriptedModel(ScriptedModel.pieces("Hel", "lo"));
  private final ByteArrayOutputStream written = new ByteArrayOutputStream();
  private final PrintStream out = System.out;
  private AppFixture app;
  private Login user;
  private String workspace;
  private String chat;

  @BeforeEach
  void start() {
    System.setOut(new PrintStream(written, true, StandardCharsets.UTF_8));
    app = AppFixture.startOnDiskWith(model);
    user = app.login();
    workspace = app.workspace(user);
    chat = app.chat(user, workspace);
  }

  @AfterEach
  void close() {
    disk.free();
    app.close();
    disk.close();
    System.setOut(out);
  }

  @Test
  void full_whatWritesIs503ReadingGoesOnAndAllIsWellAfterwards() {
    assertThat(ask("before").status()).isEqualTo(200);
    ObjectNode name = AppFixture.object("name", "K");
    String key = app.post(user.token(), "/user/keys", name).json().path("key").asText();
    List<JsonNode> before = events();
    disk.fill();

    for (int round = 0; round < 5; round++) {
      assertCannotStore(app.post(user.token(), "/workspace", AppFixture.object("name", "W")));
      assertCannotStore(app.post(user.token(), "/chat?workspace_id=" + workspace, null));
      assertCannotStore(ask("lost"));
      assertCannotStore(
          app.post(user.token(), "/chat/ask", AppFixture.object("message", "@echo x")));
      assertCannotStore(
          app.put(user.token(), "/chat?chat_id=" + chat, AppFixture.object("title", "T")));
      assertCannotStore(
          app.post(
              null, "/register", AppFixture.object("email", "n@example.com", "password", "p")));
      assertCannotStore(app.post(user.token(), "/user/keys", name));
      assertCannotStore(app.delete(user.token(), "/chat?chat_id=" + chat, null));
      assertCannotStore(app.delete(user.token(), "/workspace/" + workspace, null));
      assertCannotStore(app.get(user.token(), "/agent/download?query=summarizer"));
      assertCannotStore(app.get(null, READY));
      assertThat(app.get(null, "/health").status()).isEqualTo(200);
      assertThat(app.get(user.token(), "/workspace").json().path("workspaces")).hasSize(1);
      assertThat(app.get(key, "/user").status()).isEqualTo(200);
      assertThat(app.connectionString(user, chat)).isNotEmpty();
      assertThat(events()).isEqualTo(before);
    }
    Answer completion =
        app.post(
            user.token(),
            "/v1/chat/completions",
            AppFixture.object("model", "echo")
                .set(
                    "messages",
                    AppFixture.object()
                        .arrayNode()
                        .add(AppFixture.object("role", "user", "content", "Hi"))));
    assertThat(completion.status()).isEqualTo(503);
    assertThat(completion.json().path("error").path("message").asText())
        .isEqualTo("Server cannot store");
    assertThat(lines(" WARN ")).hasSize(1).allMatch(line -> line.contains("cannot store"));
    assertThat(lines(" ERROR ")).isEmpty();

    disk.free();
    awaitReady();
    assertThat(ask("after").status()).isEqualTo(200);
    assertGapless(events());
    assertThat(messages()).containsExactly("before", "Hello", "after", "Hello");
    app.restart();
    assertThat(messages()).containsExactly("before", "Hello", "after", "Hello");
  }

  @Test
  void full_whileAReplyStreams_itsEndIsStoredLaterAndQueuedOnesGoOn() {
    Gate half = new Gate();
    model.then(
        (request, reply) -> {
          reply.text("one ").await(half).text("two");
          reply.complete(3, 4);
        });
    try (ChatClient client = app.connect(user, chat)) {
      client.await("ready");
      CompletableFuture<Answer> first = CompletableFuture.supplyAsync(() -> ask("Hi"));
      client.await("delta");
      Answer second = post("queued");
      assertThat(second.status()).isEqualTo(202);
      disk.fill();
      assertCannotStore(ask("lost"));
      half.open();
      client.await(event -> event.path("data").path("text").asText().equals("two"));
      client.message("refused", app.messageString(user, chat));
      JsonNode refused = client.await("error");
      assertThat(refused.path("data").path("msg").asText()).isEqualTo("Server cannot store");
      assertThat(refused.has("seq")).isFalse();
      assertThat(first).isNotDone();

      disk.free();
      awaitReady();
      assertThat(first.join().json().path("content").asText()).isEqualTo("one two");
      String run = second.json().path("run_id").asText();
      client.await(
          event ->
              event.path("data").path("run_id").asText().equals(run)
                  && event.path("data").path("status").asText().equals("completed")
                  && event.path("event").asText().equals("run"));
    }
    assertGapless(events());
    assertThat(messages()).containsExactly("Hi", "queued", "one two", "Hello");
    assertThat(lines(" ERROR ")).isEmpty();
  }

  @Test
  void full_whenARunIsToBegin_itBeginsLater() {
    Gate gate = new Gate();
    model.then(
        (request, reply) -> {
          reply.await(gate);
          reply.complete(1, 1);
        });
    post("first");
    model.awaitCall();
    String run = post("second").json().path("run_id").asText();
    disk.fill();
    assertCannotStore(ask("lost"));
    gate.open();
    disk.free();
    awaitReady();
    Await.until(() -> ended(run), () -> events().toString());
    assertGapless(events());
  }

  @Test
  void stop_whileTheDiskIsFull_endsSoonAndTheNextStartGoesOn() {
    Gate gate = new Gate();
    model.then(
        (request, reply) -> {
          reply.text("half").await(gate);
          reply.complete(1, 1);
        });
    String first = post("first").json().path("run_id").asText();
    model.awaitCall();
    String second = post("second").json().path("run_id").asText();
    disk.fill();
    assertCannotStore(ask("lost"));
    gate.open();
    app.stop();
    disk.free();
    app.restart();
    Await.until(() -> ended(first) && ended(second), () -> events().toString());
    assertGapless(events());
  }

  private boolean ended(String run) {
    return events().stream()
        .anyMatch(
            event ->
                event.path("event").asText().equals("run")
                    && event.path("data").path("run_id").asText().equals(run)
                    && List.of("completed", "interrupted")
                        .contains(event.path("data").path("status").asText()));
  }

  private static void assertCannotStore(Answer answer) {
    assertThat(answer.status()).as(answer.json().toString()).isEqualTo(503);
    assertThat(answer.msg()).isEqualTo("Server cannot store");
    assertThat(answer.response().headers().firstValue("Retry-After")).isPresent();
  }

  private void awaitReady() {
    Await.until(() -> app.get(null, READY).status() == 200, () -> "not ready");
  }

  private Answer ask(String text) {
    return app.post(
        user.token(),
        "/chat/message?wait=true",
        AppFixture.object("chat_id", chat, "message", text));
  }

  private Answer post(String text) {
    return app.post(
        user.token(), "/chat/message", AppFixture.object("chat_id", chat, "message", text));
  }

  private List<JsonNode> events() {
    List<JsonNode> events = new ArrayList<>();
    app.send(user.token(), "GET", "/chat/events?poll=1&since=0&chat_id=" + chat, null, Map.of())
        .json()
        .path("events")
        .forEach(events::add);
    return events;
  }

  private static void assertGapless(List<JsonNode> events) {
    assertThat(events.stream().map(event -> event.path("seq").asInt()))
        .containsExactlyElementsOf(IntStream.rangeClosed(1, events.size()).boxed().toList());
  }

  private List<String> messages() {
    List<String> texts = new ArrayList<>();
    app.get(user.token(), "/chat/messages?chat_id=" + chat)
        .json()
        .path("messages")
        .forEach(message -> texts.add(message.path("content").asText()));
    return texts;
  }

  private List<String> lines(String level) {
    return written.toString(StandardCharsets.UTF_8).lines().filter(l -> l.contains(level)).toList();
  }
}
