package io.coterie.socketio;

import static org.assertj.core.api.Assertions.assertThat;

import io.coterie.Await;
import io.coterie.socketio.PollClient.Answer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Connections that have joined nothing, which anybody may open. */
class UnjoinedTest extends EngineTest {

  private static final int MAX = 10;

  @Override
  Engine newEngine() {
    return Engine.start(MAX);
  }

  @Test
  void tooMany_theOldestGoes() {
    List<PollClient> clients = new ArrayList<>();
    for (int i = 0; i < MAX; i++) {
      clients.add(PollClient.open(engine));
    }
    CompletableFuture<Answer> poll = clients.get(0).pollThatWaits();
    PollClient newest = PollClient.open(engine);
    assertThat(poll.join().body()).isEqualTo("1");
    assertThat(engine.connections()).isEqualTo(MAX);
    clients.get(0).expectGone();
    clients.get(1).say("6");
    newest.say("6");
  }

  @Test
  void tooMany_noneThatHasJoinedGoes() {
    PollClient polling = PollClient.joined(engine);
    WsClient socket = WsClient.joined(engine);
    for (int i = 0; i < 5 * MAX; i++) {
      WsClient.begin(engine, "").join();
      Await.until(() -> engine.connections() <= MAX + 2, () -> engine.connections() + " there");
    }
    polling.say("42/echo,[\"echo\"]");
    assertThat(polling.poll().join().body()).isEqualTo("42/echo,[\"echo\"]");
    socket.send("42/echo,[\"echo\"]");
    assertThat(socket.next()).isEqualTo("42/echo,[\"echo\"]");
    socket.close();
  }

  @Test
  void thoseThatAreSlowToJoin_areEnded() {
    PollClient polling = PollClient.open(engine);
    CompletableFuture<Answer> poll = polling.pollThatWaits();
    WsClient socket = WsClient.open(engine);
    PollClient joined = PollClient.joined(engine);
    engine.pass(Engine.HEARTBEAT.join().minus(Duration.ofMillis(1)));
    assertThat(engine.connections()).isEqualTo(3);
    engine.pass(Duration.ofMillis(1));
    assertThat(poll.join().body()).isEqualTo("1");
    polling.expectGone();
    assertThat(socket.awaitClose()).isEqualTo(1006);
    joined.say("6");
    assertThat(engine.connections()).isEqualTo(1);
  }

  @Test
  void thoseThatLeave_haveToJoinAgain() {
    PollClient client = PollClient.joined(engine);
    engine.pass(Engine.HEARTBEAT.join());
    client.say("41/echo,");
    engine.pass(Engine.HEARTBEAT.join().minus(Duration.ofMillis(1)));
    client.say("40/echo,");
    engine.pass(Duration.ofMillis(1));
    client.say("41/echo,");
    engine.pass(Engine.HEARTBEAT.join());
    client.expectGone();
  }

  @Test
  void thoseThatKeepTrying_areEndedInTime() {
    PollClient client = PollClient.open(engine);
    engine.pass(Engine.HEARTBEAT.join().minus(Duration.ofMillis(1)));
    client.say("40/other,", "40/echo,{\"refuse\":\"crash\"}", "41/echo,", "3", "6");
    engine.pass(Duration.ofMillis(1));
    client.expectGone();
  }
}
