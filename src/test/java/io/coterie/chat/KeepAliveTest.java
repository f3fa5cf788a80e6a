package io.coterie.chat;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.coterie.AppFixture;
import io.coterie.Await;
import io.coterie.EventStream;
import io.coterie.LiveTransport;
import io.coterie.RawWebSocket;
import io.coterie.model.Gate;
import io.coterie.model.ScriptedModel;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Connections on which nothing happens for longer than an idle one is left open. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KeepAliveTest {

  private static final Duration KEEP_ALIVE = Duration.ofMillis(100);
  private static final Duration IDLE = Duration.ofMillis(1_000);

  /** Two idle times long. */
  private static final int SIGNS = 20;

  private final ScriptedModel model = new ScriptedModel(ScriptedModel.pieces("x"));
  private AppFixture app;
  private AppFixture.Login user;
  private String chat;

  @BeforeAll
  void start() {
    app = AppFixture.startImpatientWith(model, KEEP_ALIVE, IDLE);
    user = app.login();
    chat = app.chat(user);
  }

  @AfterAll
  void stop() {
    app.close();
  }

  @Test
  void idleSocket_isPinged_andStays() throws IOException {
    RawWebSocket socket =
        new RawWebSocket(app, LiveTransport.query(chat, app.connectionString(user, chat), null));
    for (int i = 0; i < SIGNS; i++) {
      RawWebSocket.Frame ping = socket.read(RawWebSocket.PING);
      assertThat(ping.payload()).isEmpty();
      socket.send(true, RawWebSocket.PONG, ping.payload());
    }
    socket.sendText("{\"event\":\"ping\"}");
    assertThat(socket.read(RawWebSocket.TEXT).text()).contains("pong");
    socket.socket().close();
  }

  @Test
  void idleStream_hasComments_andStays() {
    String quiet = app.chat(user);
    try (EventStream stream = EventStream.follow(app, user.token(), quiet, null)) {
      awaitComments(stream);
      app.post(
          user.token(),
          "/chat/message",
          AppFixture.object("chat_id", quiet, "message", "@echo still here"));
      stream.awaitRun("completed");
      assertThat(stream.lines()).allMatch(line -> line.matches("|:|(event|id|data): .+"));
    }
  }

  @Test
  void messageThatIsStreamed_andItsWaitingTwin_outliveALongSilenceOfTheModel() {
    Gate goOn = new Gate();
    model.then((request, reply) -> reply.await(goOn).text("at last").complete(1, 1));
    model.then((request, reply) -> reply.await(goOn).text("at last").complete(1, 1));
    CompletableFuture<AppFixture.Answer> waiting =
        CompletableFuture.supplyAsync(
            () -> app.post(user.token(), "/chat/message?wait=true", message(app.chat(user))),
            work -> new Thread(work).start());
    model.awaitCall();
    try (EventStream stream =
        EventStream.open(
            app, user.token(), "POST", "/chat/message", message(app.chat(user)), Map.of())) {
      awaitComments(stream);
      goOn.open();
      assertThat(SharedServer.brief(stream.awaitEnd())).endsWith("run completed");
    }
    AppFixture.Answer answer = waiting.join();
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.json().path("content").asText()).isEqualTo("at last");
  }

  private static JsonNode message(String chat) {
    return AppFixture.object("chat_id", chat, "message", "Hi");
  }

  private static void awaitComments(EventStream stream) {
    Await.until(
        () -> stream.lines().stream().filter(":"::equals).count() >= SIGNS,
        () -> "comments; there are " + stream.lines());
  }
}
