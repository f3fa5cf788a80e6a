package io.coterie.socketio;

import static org.assertj.core.api.Assertions.assertThat;

import io.coterie.Await;
import io.coterie.socketio.PollClient.Answer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** Clients that no library would be. */
class HostileClientsTest extends EngineTest {

  @RepeatedTest(3)
  void fiftyRequestsAtOnce_areHandledOneAtATime_orEndTheConnection() {
    PollClient client = PollClient.joined(engine);
    List<CompletableFuture<Answer>> posts = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      posts.add(client.post("42/echo,[\"other\"," + i + "]"));
    }
    for (CompletableFuture<Answer> post : posts) {
      assertThat(post.join().status()).isIn(200, 400);
    }
    assertThat(engine.echo.last().overlapped()).isFalse();
  }

  @Test
  void requestBesideAnotherOne_is400_endsTheConnection_andHoldsNoThread() {
    PollClient client = PollClient.joined(engine);
    CompletableFuture<Answer> first = client.post("42/echo,[\"hold\"]\u001e42/echo,[\"late\"]");
    EchoNamespace.Client behind = engine.echo.last();
    Await.until(() -> behind.events().contains("hold[]"), () -> "the first request");
    assertThat(client.post("42/echo,[\"second\"]").join().status()).isEqualTo(400);
    client.expectGone();
    assertThat(behind.timesGone()).isEqualTo(1);
    behind.release();
    assertThat(first.join().status()).isEqualTo(200);
    assertThat(behind.events()).containsExactly("hold[]");
  }

  @Test
  void joiningTwiceAtOnce_leavesNobodyBehind() {
    for (int i = 0; i < 50; i++) {
      PollClient client = PollClient.open(engine);
      WsClient socket = WsClient.beside(engine, client);
      socket.send("2probe");
      assertThat(socket.next()).isEqualTo("3probe");
      CompletableFuture<Answer> post = client.post("40/echo,");
      socket.send("5");
      socket.send("40/echo,");
      post.join();
      socket.abort();
    }
    // That each that was let in is told of its end is seen once all is quiet.
  }

  @Test
  void invalidUtf8_endsTheConnection() {
    PollClient client = PollClient.joined(engine);
    byte[] body = {'4', '2', (byte) 0xc3, (byte) 0x28};
    try (Wire wire = Wire.open(engine)) {
      wire.request("POST /socket.io/?EIO=4&" + client.query(), "Content-Length: " + body.length);
      assertThat(wire.write(body).answer().status()).isEqualTo(400);
    }
    client.expectGone();
    try (Wire wire = Wire.open(engine)) {
      wire.upgrade("/socket.io/?EIO=4&transport=websocket");
      wire.head();
      engine.awaitConnections(1);
      wire.write(new byte[] {(byte) 0x81, (byte) 0x82, 0, 0, 0, 0, (byte) 0xc3, (byte) 0x28});
      engine.awaitConnections(0);
    }
  }

  @Test
  void bodySentByteByByte_isTaken() {
    PollClient client = PollClient.joined(engine);
    String body = "42/echo,[\"echo\",\"\u00e4\"]";
    byte[] bytes = body.getBytes(java.nio.charset.StandardCharsets.UTF_8);
    try (Wire wire = Wire.open(engine)) {
      wire.request("POST /socket.io/?EIO=4&" + client.query(), "Content-Length: " + bytes.length);
      for (byte b : bytes) {
        wire.write(new byte[] {b});
      }
      assertThat(wire.answer()).isEqualTo(new Answer(200, "ok"));
    }
    assertThat(client.poll().join().body()).isEqualTo(body);
  }

  @Test
  void bodyThatNeverComes_changesNothing() {
    PollClient client = PollClient.joined(engine);
    try (Wire wire = Wire.open(engine)) {
      wire.request("POST /socket.io/?EIO=4&" + client.query(), "Content-Length: 100");
      wire.write("42/echo,[\"ec");
      engine.awaitOpenRequests(1);
      client.say("42/echo,[\"echo\"]");
      assertThat(client.poll().join().body()).isEqualTo("42/echo,[\"echo\"]");
    }
    engine.awaitOpenRequests(0);
    assertThat(engine.echo.last().events()).containsExactly("echo[]");
  }

  @Test
  void garbage_neverBreaksTheServer() {
    Random random = new Random(42);
    for (int i = 0; i < 200; i++) {
      byte[] body = new byte[1 + random.nextInt(200)];
      random.nextBytes(body);
      if (i % 2 == 0) {
        for (int at = 0; at < body.length; at++) {
          body[at] = (byte) "0123456789/,-[]{}\"\u001eabe:".charAt(Math.floorMod(body[at], 23));
        }
      }
      PollClient client = i % 4 < 2 ? PollClient.joined(engine) : PollClient.open(engine);
      try (Wire wire = Wire.open(engine)) {
        wire.request("POST /socket.io/?EIO=4&" + client.query(), "Content-Length: " + body.length);
        assertThat(wire.write(body).answer().status()).isIn(200, 400);
      }
    }
    for (int i = 0; i < 50; i++) {
      byte[] bytes = new byte[500];
      random.nextBytes(bytes);
      try (Wire wire = Wire.open(engine)) {
        wire.upgrade("/socket.io/?EIO=4&transport=websocket");
        assertThat(wire.head()).startsWith("HTTP/1.1 101");
        wire.write(bytes);
      }
    }
    PollClient.joined(engine);
  }

  @Test
  void probesWithoutEnd_areRefused() {
    PollClient client = PollClient.joined(engine);
    WsClient socket = WsClient.beside(engine, client);
    socket.send("2probe");
    assertThat(socket.next()).isEqualTo("3probe");
    socket.send("2probe");
    assertThat(socket.awaitClose()).isEqualTo(1000);
    assertThat(socket.rest()).isEmpty();
    client.say("42/echo,[\"echo\"]");
    assertThat(client.poll().join().body()).isEqualTo("42/echo,[\"echo\"]");
  }
}
