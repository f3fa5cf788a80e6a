package io.coterie.socketio;

import static org.assertj.core.api.Assertions.assertThat;

import io.coterie.socketio.PollClient.Answer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** More than a thousand clients that change to a WebSocket at once, while they are sent events. */
class ManyUpgradesTest extends EngineTest {

  private static final int CLIENTS = 1_200;
  private static final int EVENTS = 10;

  @Test
  void allHold_andEachGetsEveryPacketOnceAndInOrder() {
    List<CompletableFuture<List<String>>> clients = new ArrayList<>();
    List<PollClient> polling = new ArrayList<>();
    for (int i = 0; i < CLIENTS; i++) {
      PollClient client = PollClient.open(engine);
      client.say("40" + PollClient.NAMESPACE);
      polling.add(client);
    }
    List<EchoNamespace.Client> behind = engine.echo.clients();
    Thread sender = new Thread(() -> behind.forEach(each -> each.pump(0, EVENTS)), "sender");
    sender.start();
    Set<WsClient> sockets = new HashSet<>();
    for (PollClient client : polling) {
      clients.add(
          WsClient.begin(engine, "&sid=" + client.sid())
              .thenCompose(
                  socket -> {
                    synchronized (sockets) {
                      sockets.add(socket);
                    }
                    return change(client, socket);
                  }));
    }
    List<String> expected = UpgradeTest.numbers(0, EVENTS);
    for (CompletableFuture<List<String>> client : clients) {
      assertThat(client.join()).isEqualTo(expected);
    }
    assertThat(engine.connections()).isEqualTo(CLIENTS);
    assertThat(sockets).hasSize(CLIENTS);
    for (WsClient socket : sockets) {
      assertThat(socket.rest()).isEmpty();
      socket.abort();
    }
    engine.awaitConnections(0);
  }

  /** As the libraries do it: a poll waits, the probe ends it, then comes the change. */
  private static CompletableFuture<List<String>> change(PollClient client, WsClient socket) {
    CompletableFuture<Answer> poll = client.poll();
    return socket
        .sendLater("2probe")
        .thenCombine(poll, (sent, answer) -> answer)
        .thenApplyAsync(
            answer -> {
              assertThat(socket.next()).isEqualTo("3probe");
              socket.send("5");
              List<String> received = new ArrayList<>(answer.packets());
              received.remove("6");
              received.addAll(socket.next(1 + EVENTS - received.size()));
              assertThat(received.remove(0)).startsWith("40" + PollClient.NAMESPACE);
              return received;
            });
  }
}
