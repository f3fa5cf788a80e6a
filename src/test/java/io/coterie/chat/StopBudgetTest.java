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
import io.coterie.LiveTransport;
import io.coterie.RawWebSocket;
import io.coterie.model.ScriptedModel;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
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

  @Test
  void stop_besideClientsThatEndNothing_doesNotWaitForThem() throws IOException {
    List<Socket> sockets = new ArrayList<>();
    try (AppFixture app =
        AppFixture.startOnDiskWith(model, "server.stop-timeout=" + GRACE.toSeconds() + "s")) {
      user = app.login();
      String chat = app.chat(user);
      String body = completion(false).toString();
      String authorized = "Host: x\r\nAuthorization: Bearer " + user.token() + "\r\n";
      RawWebSocket deaf =
          new RawWebSocket(app, LiveTransport.query(chat, app.connectionString(user, chat), null));
      for (String request :
          List.of(
              "GET /ping HTTP/1.1\r\nHost: x\r\n\r\n",
              "POST /workspace HTTP/1.1\r\n" + authorized + "Content-Length: 9\r\n\r\n{",
              "GET /chat/events?chat_id=" + chat + " HTTP/1.1\r\n" + authorized + "\r\n",
              "POST /v1/chat/completions HTTP/1.1\r\n%sContent-Length: %d\r\n\r\n%s"
                  .formatted(authorized, body.length(), body))) {
        Socket socket = new Socket("127.0.0.1", app.port());
        sockets.add(socket);
        socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
      }
      app.post(user.token(), "/chat/message", message(chat));
      Await.until(() -> model.calls().size() == 2, () -> model.calls().size() + " calls");
      Await.until(() -> app.openConnections() == 2, () -> app.openConnections() + " connections");

      long begin = System.nanoTime();
      app.stop();
      Duration taken = Duration.ofNanos(System.nanoTime() - begin);

      System.out.println("a stop beside deaf clients took " + taken.toMillis() + " ms");
      assertThat(taken).isBetween(GRACE, GRACE.plus(LITTLE));
      deaf.socket().close();
    } finally {
      for (Socket socket : sockets) {
        socket.close();
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
    return app.post(user.token(), "/v1/chat/completions", completion(stream));
  }

  private static ObjectNode completion(boolean stream) {
    ObjectNode request = object("model", "coordinator").put("stream", stream);
    request.putArray("messages").add(object("role", "user", "content", "Hi"));
    return request;
  }

  private static CompletableFuture<Answer> inBackground(Supplier<Answer> request) {
    return CompletableFuture.supplyAsync(request);
  }
}
