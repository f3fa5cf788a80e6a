package io.coterie.socketio;

import static org.assertj.core.api.Assertions.assertThat;

import io.coterie.socketio.PollClient.Answer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Long polling, once a connection is there. */
class PollingTest extends EngineTest {

  private static final String CLOSED = "1";
  private static final String NOOP = "6";

  @Test
  void onePacket_isEchoed() {
    PollClient client = PollClient.joined(engine);
    client.say("42/echo,[\"echo\",1,{\"\u00e4\":[true]}]");
    assertThat(client.poll().join())
        .isEqualTo(new Answer(200, "42/echo,[\"echo\",1,{\"\u00e4\":[true]}]"));
  }

  @Test
  void severalPacketsInOneRequest_comeBackInOneAnswer() {
    PollClient client = PollClient.joined(engine);
    client.say("42/echo,[\"echo\",1]", "42/echo,[\"echo\",2]", "6", "42/echo,[\"echo\",3]");
    assertThat(client.poll().join().packets())
        .containsExactly("42/echo,[\"echo\",1]", "42/echo,[\"echo\",2]", "42/echo,[\"echo\",3]");
  }

  @Test
  void pollThatWaits_isAnsweredByWhatComesNext() {
    PollClient client = PollClient.joined(engine);
    CompletableFuture<Answer> poll = client.pollThatWaits();
    engine.echo.last().peer().emit("[\"n\",1]", () -> {});
    assertThat(poll.join().body()).isEqualTo("42/echo,[\"n\",1]");
  }

  @Test
  void eventWithId_isAcknowledged() {
    PollClient client = PollClient.joined(engine);
    client.say("42/echo,007[\"other\",\"x\",2]", "42/echo,1[\"other\"]");
    assertThat(client.poll().join().packets())
        .containsExactly("43/echo,007[[\"x\",2]]", "43/echo,1[[]]");
  }

  @Test
  void duplicatePoll_firstGetsClose_secondIs400_andTheConnectionEnds() {
    PollClient client = PollClient.joined(engine);
    CompletableFuture<Answer> first = client.pollThatWaits();
    Answer second = client.poll().join();
    assertThat(first.join()).isEqualTo(new Answer(200, CLOSED));
    assertThat(second.status()).isEqualTo(400);
    assertThat(second.json().path("msg").asText()).isEqualTo("Bad request");
    client.expectGone();
    assertThat(engine.echo.last().timesGone()).isEqualTo(1);
  }

  @Test
  void pollThatItsClientHungUpOn_endsWithTheNextOneOrTheHeartbeat() {
    PollClient returning = PollClient.joined(engine);
    PollClient silent = PollClient.joined(engine);
    for (PollClient client : new PollClient[] {returning, silent}) {
      try (Wire wire = Wire.open(engine)) {
        wire.request("GET /socket.io/?EIO=4&" + client.query());
        client.awaitPoll();
      }
    }
    assertThat(returning.poll().join().status()).isEqualTo(400);
    returning.expectGone();
    assertThat(engine.connections()).isEqualTo(1);
    engine.pass(Engine.HEARTBEAT.interval());
    engine.pass(Engine.HEARTBEAT.timeout());
    silent.expectGone();
    engine.awaitOpenRequests(0);
  }

  @Test
  void closedByClient_endsIt_andAPollThatWaitsGetsNoop() {
    PollClient client = PollClient.joined(engine);
    CompletableFuture<Answer> poll = client.pollThatWaits();
    client.say("1", "42/echo,[\"after the end\"]", "no packet at all");
    assertThat(poll.join()).isEqualTo(new Answer(200, NOOP));
    client.expectGone();
    assertThat(engine.echo.last().timesGone()).isEqualTo(1);
    assertThat(engine.echo.last().events()).isEmpty();
  }

  @Test
  void closedByServer_pollThatWaitsGetsClose() {
    PollClient client = PollClient.joined(engine);
    CompletableFuture<Answer> poll = client.pollThatWaits();
    engine.echo.last().peer().close(false);
    assertThat(poll.join()).isEqualTo(new Answer(200, CLOSED));
    client.expectGone();
  }

  @Test
  void closedByServer_nextPollGetsWhatWaitsAndThenClose() {
    PollClient client = PollClient.joined(engine);
    Namespace.Peer peer = engine.echo.last().peer();
    peer.emit("[\"n\",1]", () -> {});
    peer.emit("[\"n\",2]", () -> {});
    peer.close(true);
    peer.emit("[\"too late\"]", () -> {});
    peer.close(false);
    assertThat(engine.connections()).isEqualTo(1);
    assertThat(client.poll().join().packets())
        .containsExactly("42/echo,[\"n\",1]", "42/echo,[\"n\",2]", "41/echo,", CLOSED);
    client.expectGone();
  }

  @Test
  void closedByServer_clientThatDoesNotPoll_endsAllTheSame() {
    PollClient client = PollClient.joined(engine);
    engine.echo.last().peer().close(false);
    engine.pass(Duration.ofSeconds(9));
    assertThat(engine.connections()).isEqualTo(1);
    engine.pass(Duration.ofSeconds(1));
    assertThat(engine.connections()).isZero();
    client.expectGone();
  }

  @Test
  void serverThatStops_answersPollsWithClose() {
    Engine stopping = Engine.start();
    PollClient client = PollClient.joined(stopping);
    CompletableFuture<Answer> poll = client.pollThatWaits();
    stopping.socketIo().close();
    assertThat(poll.join().body()).isEqualTo(CLOSED);
    stopping.expectQuiet();
    stopping.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "abc", "7", "4a\u001e", "\u001e", "b", "0{}", "2", "2probe", "4\ud83d\ude00x"})
  void packetThatHasNoPlace_fromAStranger_endsTheConnection(String body) {
    PollClient client = PollClient.open(engine);
    CompletableFuture<Answer> poll = client.pollThatWaits();
    client.post(body).join();
    assertThat(poll.join().body()).isEqualTo(CLOSED);
    client.expectGone();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "abc", "7", "\u001e", "42/echo,[\"echo\",1]\u001e"})
  void malformedEnginePacket_is400AndEndsAJoinedConnectionToo(String body) {
    PollClient client = PollClient.joined(engine);
    Answer answer = client.post(body).join();
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.json().path("msg").asText()).isEqualTo("Bad request");
    client.expectGone();
    assertThat(engine.echo.last().timesGone()).isEqualTo(1);
  }

  @Test
  void garbageAfterPackets_endsTheConnectionAfterThem() {
    PollClient client = PollClient.joined(engine);
    assertThat(client.post("42/echo,[\"first\"]\u001ex\u001e42/echo,[\"last\"]").join().status())
        .isEqualTo(400);
    assertThat(engine.echo.last().events()).containsExactly("first[]");
  }
}
