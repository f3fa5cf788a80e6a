package io.coterie.socketio;

import static org.assertj.core.api.Assertions.assertThat;

import io.coterie.Await;
import io.coterie.socketio.PollClient.Answer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Clients that do not take what is sent to them, and what they may make the server keep. */
class BackpressureTest extends EngineTest {

  @Test
  void pumpToAClientThatDoesNotPoll_stops_andNothingIsLostWhenItPolls() {
    PollClient client = PollClient.joined(engine);
    EchoNamespace.Pump pump = engine.echo.last().pump(0, 20_000);
    int ahead = pump.next();
    assertThat(ahead * "42/echo,[\"n\",1000]".length()).isBetween(20_000, 50_000);
    List<String> received = new ArrayList<>();
    while (received.size() < 20_000) {
      Answer answer = client.poll().join();
      assertThat(answer.body().length()).isLessThan(50_000);
      received.addAll(answer.packets());
    }
    assertThat(received).isEqualTo(UpgradeTest.numbers(0, 20_000));
  }

  @Test
  void pumpToASocketThatIsNotRead_stops_andTheHeartbeatCutsItOff() {
    try (Wire stuck = Wire.openNarrow(engine)) {
      stuck.upgrade("/socket.io/?EIO=4&transport=websocket");
      assertThat(stuck.head()).startsWith("HTTP/1.1 101");
      stuck.frame("40/echo,").frame("42/echo,[\"in\"]");
      Await.until(
          () -> !engine.echo.clients().isEmpty() && engine.echo.last().events().contains("in[]"),
          () -> "nobody came in");
      EchoNamespace.Client client = engine.echo.last();
      String large = "[\"" + "x".repeat(1 << 20) + "\"]";
      List<Integer> taken = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        int number = i;
        client.peer().emit(large, () -> taken.add(number));
        if (taken.size() <= i) {
          break;
        }
      }
      assertThat(taken.size()).isLessThan(50);
      engine.pass(Engine.HEARTBEAT.interval());
      assertThat(engine.connections()).isEqualTo(1);
      engine.pass(Engine.HEARTBEAT.timeout());
      assertThat(engine.connections()).isZero();
      assertThat(client.timesGone()).isEqualTo(1);
      stuck.awaitEnd();
    }
  }

  @Test
  void largeEventThatWaits_doesNotCutItsClientOff() {
    PollClient client = PollClient.joined(engine);
    String large = "[\"" + "x".repeat(3_000_000) + "\"]";
    boolean[] taken = new boolean[1];
    engine.echo.last().peer().emit(large, () -> taken[0] = true);
    assertThat(taken[0]).isFalse();
    client.say("42/echo,1[\"other\"]");
    assertThat(client.poll().join().packets()).containsExactly("42/echo," + large, "43/echo,1[[]]");
    Await.until(() -> taken[0], () -> "the sender was not told");
  }

  @Test
  void acknowledgementsThatNobodyReads_areBounded() {
    PollClient client = PollClient.joined(engine);
    String argument = "x".repeat(1_000);
    int sent = 0;
    while (engine.connections() == 1 && sent < 1_000) {
      client.post("42/echo,1[\"other\",\"" + argument + "\"]").join();
      sent++;
    }
    assertThat(sent * argument.length()).isBetween(60_000, 70_000);
    client.expectGone();
  }

  /** Who has joined nothing may send 16 KB at once: several attempts in each request. */
  @Test
  void refusalsThatNobodyReads_areBounded() {
    PollClient client = PollClient.open(engine);
    int attempts = engine.echo.requests().size();
    String attempt = "40/echo,{\"refuse\":\"" + "x".repeat(1_000) + "\"}";
    String request = String.join("\u001e", java.util.Collections.nCopies(10, attempt));
    for (int sent = 0; engine.connections() == 1 && sent < 100; sent++) {
      client.post(request).join();
    }
    client.expectGone();
    assertThat(engine.echo.requests().size() - attempts).isBetween(50, 70);
  }

  @Test
  void refusalThatIsTooLong_isNotKept() {
    PollClient client = PollClient.open(engine);
    client.post("40/" + "n".repeat(1_000_000)).join();
    client.expectGone();
  }
}
