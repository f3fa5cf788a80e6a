package io.coterie.socketio;

import static org.assertj.core.api.Assertions.assertThat;

import io.coterie.Await;
import io.coterie.socketio.PollClient.Answer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Joining a namespace, leaving it, and what is refused there; over a WebSocket. */
class NamespaceTest extends EngineTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "40                           | 44{\"message\":\"Invalid namespace\"}",
        "40{\"token\":1}              | 44{\"message\":\"Invalid namespace\"}",
        "40/other                     | 44/other,{\"message\":\"Invalid namespace\"}",
        "40/echo/,                    | 44/echo/,{\"message\":\"Invalid namespace\"}",
        "40/Echo,                     | 44/Echo,{\"message\":\"Invalid namespace\"}",
        "40/echo,{\"refuse\":\"No.\"} | 44/echo,{\"message\":\"No.\"}",
        "40/echo,{\"refuse\":\"crash\"}  | 44/echo,{\"message\":\"Internal server error\"}",
      })
  void refused_isAConnectError_andTheClientMayTryAgain(String packet, String answer) {
    WsClient client = WsClient.open(engine);
    client.send(packet);
    assertThat(client.next()).isEqualTo(answer);
    client.join();
    client.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a=1&b=2"})
  void namespaceWithQuery_isJoined(String query) {
    WsClient client = WsClient.open(engine);
    client.send("40/echo?" + query + ",{}");
    assertThat(client.next()).startsWith("40/echo,{\"sid\":");
    client.close();
  }

  @Test
  void admissionThatFailsLate_isAConnectError_andTheClientIsAStrangerAgain() {
    WsClient client = WsClient.open(engine);
    client.send("40/echo,{\"crash_late\":\"1\"}");
    assertThat(client.next()).startsWith("40/echo,");
    assertThat(client.next()).isEqualTo("44/echo,{\"message\":\"Internal server error\"}");
    engine.pass(Engine.HEARTBEAT.join());
    assertThat(client.awaitClose()).isEqualTo(1006);
  }

  @Test
  void joiningTwice_isRefused_andTheFirstStays() {
    WsClient client = WsClient.joined(engine);
    client.send("40/echo,");
    assertThat(client.next()).isEqualTo("44/echo,{\"message\":\"Already connected\"}");
    client.send("42/echo,[\"echo\"]");
    assertThat(client.next()).isEqualTo("42/echo,[\"echo\"]");
    client.close();
  }

  @Test
  void leaving_tellsTheNamespace_andTheConnectionStays() {
    WsClient client = WsClient.joined(engine);
    EchoNamespace.Client first = engine.echo.last();
    client.send("41/other,");
    client.send("41/echo,");
    client.join();
    assertThat(first.timesGone()).isEqualTo(1);
    assertThat(engine.echo.last().timesGone()).isZero();
    client.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "4",
        "4x",
        "49",
        "42/echo,[\"a\"",
        "42/echo,",
        "42/echo,{}",
        "42/echo,[]",
        "42/echo,[1]",
        "42/echo,[null]",
        "42[\"echo\"]",
        "42/other,[\"echo\"]",
        "43/echo,1[]",
        "44/echo,{}",
        "45-/echo,[]",
        "42/echo,1234567890123456789[\"a\"]",
      })
  void malformedPacket_isToldToTheNamespace_andTheConnectionStays(String packet) {
    WsClient client = WsClient.joined(engine);
    client.send(packet);
    client.send("42/echo,[\"echo\"]");
    assertThat(client.next()).isEqualTo("42/echo,[\"echo\"]");
    assertThat(engine.echo.last().refusedMalformed()).isEqualTo(1);
    client.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"4", "4x", "42/echo,[\"echo\"]", "43/echo,1[]", "451-/echo,[]", "42[\"echo\"]"})
  void packetBeforeJoining_endsTheConnection(String packet) {
    WsClient client = WsClient.open(engine);
    client.send(packet);
    client.awaitClose();
    assertThat(engine.connections()).isZero();
    assertThat(client.rest()).isEmpty();
  }

  @Test
  void binary_isRefusedOnce_andItsAttachmentsAreSwallowed() {
    WsClient client = WsClient.joined(engine);
    client.send("452-/echo,[\"a\",{\"_placeholder\":true,\"num\":0}]");
    client.sendBinary(new byte[] {1, 2, 3});
    client.sendBinary(new byte[0]);
    client.send("42/echo,[\"echo\",1]");
    assertThat(client.next()).isEqualTo("42/echo,[\"echo\",1]");
    assertThat(engine.echo.last().refusedBinary()).isEqualTo(1);
    client.sendBinary(new byte[] {4});
    client.send("42/echo,[\"echo\",2]");
    assertThat(client.next()).isEqualTo("42/echo,[\"echo\",2]");
    assertThat(engine.echo.last().refusedBinary()).isEqualTo(2);
    client.close();
  }

  @Test
  void binaryByPolling_isRefusedTheSameWay() {
    PollClient client = PollClient.joined(engine);
    client.say(
        "451-/echo,[\"a\",{\"_placeholder\":true,\"num\":0}]", "bAQID", "42/echo,[\"echo\"]");
    assertThat(client.poll().join().body()).isEqualTo("42/echo,[\"echo\"]");
    assertThat(engine.echo.last().refusedBinary()).isEqualTo(1);
  }

  @Test
  void binaryBeforeJoining_endsTheConnection() {
    WsClient client = WsClient.open(engine);
    client.sendBinary(new byte[] {4});
    client.awaitClose();
    PollClient polling = PollClient.open(engine);
    polling.post("bAQID").join();
    polling.expectGone();
    assertThat(engine.connections()).isZero();
  }

  @Test
  void namespaceThatFailsAtTheEnd_keepsNobodyElseFromTheirs() {
    PollClient failing = PollClient.open(engine);
    failing.say("40/echo,{\"crash_at_end\":\"1\"}");
    failing.poll().join();
    PollClient other = PollClient.joined(engine);
    engine.pass(Engine.HEARTBEAT.interval());
    engine.pass(Engine.HEARTBEAT.timeout());
    assertThat(engine.connections()).isZero();
    failing.expectGone();
    other.expectGone();
  }

  @Test
  void closedByServer_getsWhatWaitsAndThenTheEnd() {
    WsClient client = WsClient.joined(engine);
    engine.echo.last().peer().emit("[\"n\",1]", () -> {});
    engine.echo.last().peer().close(true);
    assertThat(client.next(2)).containsExactly("42/echo,[\"n\",1]", "41/echo,");
    Await.until(() -> engine.connections() == 0, () -> "the connection to end");
    engine.pass(Duration.ofSeconds(2));
    assertThat(client.awaitClose()).isEqualTo(1006);
  }

  @Test
  void closedByClient_endsTheConnection() {
    WsClient byPacket = WsClient.joined(engine);
    byPacket.send("1");
    assertThat(byPacket.awaitClose()).isEqualTo(1000);
    WsClient byFrame = WsClient.joined(engine);
    byFrame.close();
    assertThat(byFrame.awaitClose()).isEqualTo(1000);
    WsClient cut = WsClient.joined(engine);
    cut.abort();
    engine.awaitConnections(0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "abc", "7", "0{}", "2", "2probe", "b"})
  void frameThatHasNoPlace_endsTheConnection(String frame) {
    WsClient client = WsClient.joined(engine);
    client.send(frame);
    client.awaitClose();
    assertThat(engine.connections()).isZero();
  }

  @Test
  void acknowledgementOverPolling_waitsForThePoll() {
    PollClient client = PollClient.joined(engine);
    CompletableFuture<Answer> poll = client.pollThatWaits();
    client.say("42/echo,5[\"other\",1]");
    assertThat(poll.join().body()).isEqualTo("43/echo,5[[1]]");
  }
}
