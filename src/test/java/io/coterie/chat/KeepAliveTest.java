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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Connections on which nothing happens for longer than an idle one is left open. */
class KeepAliveTest {

  private static final Duration KEEP_ALIVE = Duration.ofMillis(200);
  private static final Duration IDLE = Duration.ofSeconds(3);

  /** Together well over the time after which a connection without a byte is closed. */
  private static final int SIGNS = 20;

  private final ScriptedModel model = new ScriptedModel(ScriptedModel.pieces("x"));
  private final Gate goOn = new Gate();
  private AppFixture app;
  private AppFixture.Login user;

  @BeforeEach
  void start() {
    app = AppFixture.startImpatientWith(model, KEEP_ALIVE, IDLE);
    user = app.login();
  }

  @AfterEach
  void stop() {
    app.close();
  }

  @Test
  void connectionsOnWhichNothingHappens_areKeptAliveInTheWayOfEach() throws IOException {
    String quiet = app.chat(user);
    model.then((request, reply) -> reply.await(goOn).text("at last").complete(1, 1));
    model.then((request, reply) -> reply.await(goOn).text("at last").complete(1, 1));
    CompletableFuture<AppFixture.Answer> waiting =
        CompletableFuture.supplyAsync(
            () -> app.post(user.token(), "/chat/message?wait=true", message(app.chat(user), "Hi")),
            work -> new Thread(work).start());
    model.awaitCall();
    RawWebSocket socket =
        new RawWebSocket(app, LiveTransport.query(quiet, app.connectionString(user, quiet), null));
    try (EventStream stream = EventStream.follow(app, user.token(), quiet, null);
        EventStream reply =
            EventStream.open(
                app,
                user.token(),
                "POST",
                "/chat/message",
                message(app.chat(user), "Hi"),
                Map.of())) {
      assertThat(socket.read(RawWebSocket.TEXT).text()).contains("ready");
      for (int i = 0; i < SIGNS; i++) {
        RawWebSocket.Frame ping = socket.read(RawWebSocket.PING);
        assertThat(ping.payload()).isEmpty();
        socket.send(true, RawWebSocket.PONG, ping.payload());
      }
      awaitComments(stream);
      awaitComments(reply);

      app.post(user.token(), "/chat/message", message(quiet, "@echo still here"));
      assertThat(socket.read(RawWebSocket.TEXT).text()).contains("still here");
      stream.awaitRun("completed");
      assertThat(stream.lines()).allMatch(line -> line.matches("|:|(event|id|data): .+"));
      assertThat(waiting).isNotDone();
      goOn.open();
      assertThat(SharedServer.brief(reply.awaitEnd())).endsWith("run completed");
    } finally {
      socket.socket().close();
    }
    AppFixture.Answer answer = waiting.join();
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.json().path("content").asText()).isEqualTo("at last");
  }

  private static JsonNode message(String chat, String text) {
    return AppFixture.object("chat_id", chat, "message", text);
  }

  private static void awaitComments(EventStream stream) {
    Await.until(
        () -> stream.lines().stream().filter(":"::equals).count() >= SIGNS,
        () -> "comments; there are " + stream.lines());
  }
}
