package io.coterie.chat;

import static io.coterie.AppFixture.object;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.coterie.AppFixture;
import io.coterie.AppFixture.Answer;
import io.coterie.AppFixture.Login;
import io.coterie.Await;
import io.coterie.EventStream;
import io.coterie.LiveTransport;
import io.coterie.RawWebSocket;
import io.coterie.SocketIoClient;
import io.coterie.model.Gate;
import io.coterie.model.ScriptedModel;
import io.coterie.storage.GatedFilePath;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.h2.store.fs.FilePath;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A disk that takes no writes for some time, and connections that need none. */
class StalledDiskTest {

  private static final Duration KEEP_ALIVE = Duration.ofMillis(200);
  private static final Duration IDLE = Duration.ofSeconds(3);

  /** Together well over the time in which a client of Socket.IO must hear a heartbeat. */
  private static final int SIGNS = 20;

  private final ScriptedModel model = new ScriptedModel(ScriptedModel.pieces("x"));
  private final Gate disk = new Gate();
  private final Gate goOn = new Gate();

  @TempDir Path folder;

  private AppFixture app;
  private Login user;

  @BeforeEach
  void start() {
    FilePath.register(new GatedFilePath());
    app =
        AppFixture.startImpatientWith(
            model, KEEP_ALIVE, IDLE, "jdbc:h2:gated:" + folder.resolve("data"));
    user = app.login();
  }

  @AfterEach
  void stop() {
    disk.open();
    app.close();
  }

  @Test
  void heartbeats_andHangUps_doNotWaitForTheDisk() throws IOException {
    String quiet = app.chat(user);
    String talking = app.chat(user);
    String other = app.chat(user);
    Gate held = new Gate();
    Gate asked = new Gate();
    Gate noticed = new Gate();
    model.then(
        (request, reply) ->
            reply.text("Hel").await(held).text("lo").await(goOn).text(" again").complete(1, 1));
    post(talking);
    model.awaitCall();
    model.then(
        (request, reply) -> {
          asked.open();
          try {
            reply.awaitCancel();
          } finally {
            noticed.open();
          }
        });
    Socket completion = openCompletion();
    asked.await();
    SocketIoClient socketIo =
        SocketIoClient.connect(
            app.port(),
            "/chat",
            Map.of("chat_id", quiet, "connection_string", app.connectionString(user, quiet)),
            SocketIoClient.Options.by(SocketIoClient.Way.WEBSOCKET));
    socketIo.awaitConnected();
    RawWebSocket socket =
        new RawWebSocket(app, LiveTransport.query(quiet, app.connectionString(user, quiet), null));
    try (EventStream stream = EventStream.follow(app, user.token(), quiet, null);
        EventStream reply = EventStream.follow(app, user.token(), talking, null)) {
      assertThat(socket.read(RawWebSocket.TEXT).text()).contains("ready");
      stream.await("ready");
      reply.await("ready");

      GatedFilePath.holdBack(disk);
      // The text that is to be saved soon, and a message: both wait for the disk.
      held.open();
      CompletableFuture<Answer> waiting =
          CompletableFuture.supplyAsync(() -> post(other), work -> new Thread(work).start());
      Await.until(() -> SharedServer.assembled(reply.received()).endsWith("lo"), () -> "the text");
      for (int i = 0; i < SIGNS; i++) {
        socket.send(true, RawWebSocket.PONG, socket.read(RawWebSocket.PING).payload());
      }
      Await.until(
          () -> stream.lines().stream().filter(":"::equals).count() >= SIGNS, () -> "comments");
      completion.close();
      noticed.await();
      assertThat(socketIo.socket().connected()).isTrue();
      assertThat(waiting).isNotDone();
      disk.open();
      goOn.open();
      assertThat(waiting.join().status()).isEqualTo(202);
      reply.awaitRun("completed");
    } finally {
      socketIo.close();
      socket.socket().close();
    }
  }

  /** A run of no chat whose client may hang up. */
  private Socket openCompletion() throws IOException {
    ObjectNode request = object("model", "coordinator");
    request.putArray("messages").add(object("role", "user", "content", "Hi"));
    byte[] body = request.toString().getBytes(StandardCharsets.UTF_8);
    String head =
        "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n"
            + "Content-Length: %d\r\n\r\n";
    Socket socket = new Socket("127.0.0.1", app.port());
    OutputStream out = socket.getOutputStream();
    out.write(head.formatted(user.token(), body.length).getBytes(StandardCharsets.UTF_8));
    out.write(body);
    out.flush();
    return socket;
  }

  private Answer post(String chat) {
    return app.post(user.token(), "/chat/message", object("chat_id", chat, "message", "Hi"));
  }
}
