package io.coterie.socketio;

import static org.assertj.core.api.Assertions.assertThat;

import io.coterie.socketio.PollClient.Answer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** The server asks, the client answers, or is gone. */
class HeartbeatTest extends EngineTest {

  private static final Duration INTERVAL = Engine.HEARTBEAT.interval();
  private static final Duration TIMEOUT = Engine.HEARTBEAT.timeout();
  private static final Duration MOMENT = Duration.ofMillis(1);

  @Test
  void polling_pingAnsweredByPong_goesOn() {
    PollClient client = PollClient.joined(engine);
    for (int i = 0; i < 3; i++) {
      CompletableFuture<Answer> poll = client.pollThatWaits();
      engine.pass(INTERVAL.minus(MOMENT));
      assertThat(poll).isNotDone();
      engine.pass(MOMENT);
      assertThat(poll.join().body()).isEqualTo("2");
      engine.pass(TIMEOUT.minus(MOMENT));
      client.say("3");
    }
    assertThat(engine.connections()).isEqualTo(1);
  }

  @Test
  void webSocket_pingAnsweredByPong_goesOn() {
    WsClient client = WsClient.joined(engine);
    for (int i = 0; i < 3; i++) {
      engine.pass(INTERVAL.minus(MOMENT));
      engine.pass(MOMENT);
      assertThat(client.next()).isEqualTo("2");
      engine.pass(TIMEOUT.minus(MOMENT));
      client.send("3");
      client.send("42/echo,[\"echo\"]");
      assertThat(client.next()).isEqualTo("42/echo,[\"echo\"]");
    }
    client.close();
  }

  @Test
  void polling_noPong_endsIt_thoughItsClientPollsAndTalks() {
    PollClient client = PollClient.joined(engine);
    CompletableFuture<Answer> first = client.pollThatWaits();
    engine.pass(INTERVAL);
    assertThat(first.join().body()).isEqualTo("2");
    CompletableFuture<Answer> second = client.pollThatWaits();
    client.say("42/echo,[\"other\"]");
    engine.pass(TIMEOUT.minus(MOMENT));
    assertThat(second).isNotDone();
    engine.pass(MOMENT);
    assertThat(second.join().body()).isEqualTo("1");
    client.expectGone();
    assertThat(engine.echo.last().timesGone()).isEqualTo(1);
  }

  @Test
  void polling_neverPolls_isEnded() {
    PollClient client = PollClient.joined(engine);
    engine.pass(INTERVAL);
    engine.pass(TIMEOUT.minus(MOMENT));
    assertThat(engine.connections()).isEqualTo(1);
    engine.pass(MOMENT);
    client.expectGone();
    assertThat(engine.echo.last().timesGone()).isEqualTo(1);
  }

  @Test
  void webSocket_noPong_endsIt() {
    WsClient client = WsClient.joined(engine);
    engine.pass(INTERVAL);
    assertThat(client.next()).isEqualTo("2");
    engine.pass(TIMEOUT);
    assertThat(client.awaitClose()).isEqualTo(1006);
    assertThat(engine.connections()).isZero();
  }

  @Test
  void halfOpenSockets_areCut() {
    try (Wire webSocket = Wire.open(engine);
        Wire polling = Wire.open(engine)) {
      webSocket.upgrade("/socket.io/?EIO=4&transport=websocket");
      assertThat(webSocket.head()).startsWith("HTTP/1.1 101");
      engine.awaitConnections(1);
      webSocket.frame("40/echo,");
      PollClient client = PollClient.joined(engine);
      polling.request("GET /socket.io/?EIO=4&" + client.query());
      client.awaitPoll();
      engine.pass(INTERVAL);
      engine.pass(TIMEOUT);
      assertThat(engine.connections()).isZero();
      webSocket.awaitEnd();
      engine.awaitOpenRequests(0);
    }
  }

  @Test
  void pongThatNobodyAskedFor_putsThePingOff() {
    PollClient client = PollClient.joined(engine);
    engine.pass(INTERVAL.minus(MOMENT));
    client.say("3");
    CompletableFuture<Answer> poll = client.pollThatWaits();
    engine.pass(INTERVAL.minus(MOMENT));
    assertThat(poll).isNotDone();
    engine.pass(MOMENT);
    assertThat(poll.join().body()).isEqualTo("2");
  }
}
