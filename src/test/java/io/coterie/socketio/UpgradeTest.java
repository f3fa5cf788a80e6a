package io.coterie.socketio;

import static org.assertj.core.api.Assertions.assertThat;

import io.coterie.Await;
import io.coterie.socketio.PollClient.Answer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The change from polling to a WebSocket. */
class UpgradeTest extends EngineTest {

  private static final String NOOP = "6";

  @Test
  void probe_endsThePoll_andTheChangeCarriesMessagesBothWays() {
    PollClient client = PollClient.joined(engine);
    CompletableFuture<Answer> poll = client.pollThatWaits();
    WsClient socket = WsClient.beside(engine, client);
    assertThat(poll).isNotDone();
    socket.send("2probe");
    assertThat(socket.next()).isEqualTo("3probe");
    assertThat(poll.join()).isEqualTo(new Answer(200, NOOP));
    client.say("42/echo,[\"echo\",1]");
    socket.send("5");
    socket.send("42/echo,[\"echo\",2]");
    assertThat(socket.next(2)).containsExactly("42/echo,[\"echo\",1]", "42/echo,[\"echo\",2]");
    socket.close();
  }

  @Test
  void pollAfterTheProbe_isAnsweredAtOnce() {
    PollClient client = PollClient.joined(engine);
    WsClient socket = WsClient.beside(engine, client);
    socket.send("2probe");
    assertThat(socket.next()).isEqualTo("3probe");
    assertThat(client.poll().join().body()).isEqualTo(NOOP);
    engine.echo.last().peer().emit("[\"n\",0]", () -> {});
    assertThat(client.poll().join().body()).isEqualTo("42/echo,[\"n\",0]");
    socket.send("5");
    engine.echo.last().peer().emit("[\"n\",1]", () -> {});
    assertThat(socket.next()).isEqualTo("42/echo,[\"n\",1]");
    socket.close();
  }

  @Test
  void pollThatWaitsDuringTheChange_isAnswered() {
    PollClient client = PollClient.joined(engine);
    CompletableFuture<Answer> poll = client.pollThatWaits();
    WsClient socket = WsClient.beside(engine, client);
    socket.send("2probe");
    socket.send("5");
    assertThat(socket.next()).isEqualTo("3probe");
    assertThat(poll.join().body()).isEqualTo(NOOP);
    socket.send("42/echo,[\"echo\"]");
    assertThat(socket.next()).isEqualTo("42/echo,[\"echo\"]");
    socket.close();
  }

  @Test
  void oldWay_isClosedAfterTheChange() {
    PollClient client = PollClient.joined(engine);
    WsClient socket = changed(client);
    for (Answer answer : List.of(client.poll().join(), client.post("42/echo,[\"no\"]").join())) {
      assertThat(answer.status()).isEqualTo(400);
      assertThat(answer.json().path("msg").asText()).isEqualTo("Bad request");
    }
    try (Wire second = Wire.open(engine)) {
      second.upgrade("/socket.io/?EIO=4&transport=websocket&sid=" + client.sid());
      assertThat(second.answer().status()).isEqualTo(400);
    }
    socket.send("42/echo,[\"echo\"]");
    assertThat(socket.next()).isEqualTo("42/echo,[\"echo\"]");
    assertThat(engine.echo.last().events()).containsExactly("changed[]", "echo[]");
    socket.close();
  }

  @Test
  void secondSocketDuringTheChange_isRefused_andTheFirstGoesOn() {
    PollClient client = PollClient.joined(engine);
    WsClient first = WsClient.beside(engine, client);
    first.send("2probe");
    assertThat(first.next()).isEqualTo("3probe");
    WsClient second = WsClient.beside(engine, client);
    assertThat(second.awaitClose()).isEqualTo(1008);
    first.send("5");
    first.send("42/echo,[\"echo\"]");
    assertThat(first.next()).isEqualTo("42/echo,[\"echo\"]");
    first.close();
  }

  @Test
  void changeThatIsNeverCompleted_isEnded_andPollingGoesOn() {
    PollClient client = PollClient.joined(engine);
    WsClient probed = WsClient.beside(engine, client);
    probed.send("2probe");
    assertThat(probed.next()).isEqualTo("3probe");
    engine.pass(Duration.ofSeconds(10));
    assertThat(probed.awaitClose()).isEqualTo(1006);
    CompletableFuture<Answer> poll = client.pollThatWaits();
    WsClient silent = WsClient.beside(engine, client);
    awaitCandidate(client, true);
    engine.pass(Duration.ofSeconds(10));
    assertThat(silent.awaitClose()).isEqualTo(1006);
    assertThat(poll).isNotDone();
    engine.echo.last().peer().emit("[\"n\",1]", () -> {});
    assertThat(poll.join().body()).isEqualTo("42/echo,[\"n\",1]");
    client.say("3");
    WsClient third = changed(client);
    third.close();
  }

  @Test
  void changeThatBreaksOff_maySucceedTheNextTime() {
    PollClient client = PollClient.joined(engine);
    WsClient cut = WsClient.beside(engine, client);
    cut.send("2probe");
    assertThat(cut.next()).isEqualTo("3probe");
    cut.close();
    assertThat(cut.awaitClose()).isEqualTo(1000);
    awaitCandidate(client, false);
    CompletableFuture<Answer> poll = client.pollThatWaits();
    assertThat(poll).isNotDone();
    WsClient socket = changed(client);
    assertThat(poll.join().body()).isEqualTo(NOOP);
    socket.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"5", "2", "2other", "3probe", "4x", "6", "1", "x", ""})
  void socketThatBeginsWithAnythingButTheProbe_isClosed_andPollingGoesOn(String packet) {
    PollClient client = PollClient.joined(engine);
    WsClient socket = WsClient.beside(engine, client);
    socket.send(packet);
    assertThat(socket.awaitClose()).isEqualTo(1000);
    client.say("42/echo,[\"echo\"]");
    assertThat(client.poll().join().body()).isEqualTo("42/echo,[\"echo\"]");
    WsClient next = changed(client);
    next.close();
  }

  @Test
  void strangerMayChangeFirstAndJoinThen() {
    PollClient client = PollClient.open(engine);
    WsClient socket = WsClient.inPlaceOf(engine, client);
    socket.join();
    socket.close();
  }

  @Test
  void connectionThatEndsDuringTheChange_takesBothWithIt() {
    PollClient client = PollClient.joined(engine);
    WsClient socket = WsClient.beside(engine, client);
    socket.send("2probe");
    assertThat(socket.next()).isEqualTo("3probe");
    client.say("1");
    assertThat(socket.awaitClose()).isEqualTo(1006);
    client.expectGone();
  }

  @Test
  void connectionThatIsClosedDuringTheChange_isClosedOverTheSocket() {
    PollClient client = PollClient.joined(engine);
    WsClient socket = WsClient.beside(engine, client);
    socket.send("2probe");
    assertThat(socket.next()).isEqualTo("3probe");
    engine.echo.last().peer().emit("[\"n\",1]", () -> {});
    engine.echo.last().peer().close(true);
    socket.send("5");
    assertThat(socket.next(2)).containsExactly("42/echo,[\"n\",1]", "41/echo,");
    Await.until(() -> engine.connections() == 0, () -> "the connection to end");
    engine.pass(Duration.ofSeconds(2));
    assertThat(socket.awaitClose()).isEqualTo(1006);
  }

  @RepeatedTest(5)
  void packetsSentAllTheTime_comeInOrder_andEachOnce() {
    PollClient client = PollClient.joined(engine);
    Thread sender = new Thread(() -> engine.echo.last().pump(0, 5_000), "sender");
    sender.start();
    List<String> received = new ArrayList<>(client.poll().join().packets());
    WsClient socket = WsClient.beside(engine, client);
    CompletableFuture<Answer> poll = client.poll();
    socket.send("2probe");
    assertThat(socket.next()).isEqualTo("3probe");
    poll.join().packets().stream().filter(packet -> !packet.equals(NOOP)).forEach(received::add);
    socket.send("5");
    received.addAll(socket.next(5_000 - received.size()));
    assertThat(received).isEqualTo(numbers(0, 5_000));
    assertThat(socket.rest()).isEmpty();
    socket.close();
  }

  @RepeatedTest(5)
  void packetsFromTheClient_beforeDuringAndAfter_comeInOrder() {
    PollClient client = PollClient.joined(engine);
    EchoNamespace.Client behind = engine.echo.last();
    List<String> sent = new ArrayList<>();
    WsClient socket = WsClient.beside(engine, client);
    for (int i = 0; i < 20; i++) {
      client.say("42/echo,[\"other\"," + i + "]");
      sent.add("other[" + i + "]");
      if (i == 10) {
        socket.send("2probe");
      }
    }
    assertThat(socket.next()).isEqualTo("3probe");
    socket.send("5");
    for (int i = 20; i < 40; i++) {
      socket.send("42/echo,[\"other\"," + i + "]");
      sent.add("other[" + i + "]");
    }
    socket.send("42/echo,1[\"last\"]");
    assertThat(socket.next()).isEqualTo("43/echo,1[[]]");
    sent.add("last[]");
    assertThat(behind.events()).isEqualTo(sent);
    socket.close();
  }

  @RepeatedTest(10)
  void pollThatArrivesWithTheChange_neverHangs() {
    PollClient client = PollClient.joined(engine);
    WsClient socket = WsClient.beside(engine, client);
    socket.send("2probe");
    assertThat(socket.next()).isEqualTo("3probe");
    CompletableFuture<Answer> poll = client.poll();
    socket.send("5");
    Answer answer = poll.join();
    assertThat(answer.status()).isIn(200, 400);
    socket.abort();
  }

  static List<String> numbers(int from, int to) {
    return IntStream.range(from, to).mapToObj(i -> "42/echo,[\"n\"," + i + "]").toList();
  }

  /** Waits until the server knows that there is a socket that may take the place, or none. */
  private void awaitCandidate(PollClient client, boolean there) {
    EngineConnection connection = engine.socketIo().findPolling(client.sid()).connection();
    Await.until(() -> connection.isCandidate(null) != there, () -> "a candidate: " + !there);
  }

  /** Over the WebSocket, seen to work. */
  private WsClient changed(PollClient client) {
    WsClient socket = WsClient.inPlaceOf(engine, client);
    socket.send("42/echo,0[\"changed\"]");
    assertThat(socket.next()).isEqualTo("43/echo,0[[]]");
    return socket;
  }
}
