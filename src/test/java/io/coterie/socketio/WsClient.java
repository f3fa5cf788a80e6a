package io.coterie.socketio;

import static org.assertj.core.api.Assertions.assertThat;

import io.coterie.Await;
import java.io.IOException;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A client over a WebSocket, each frame by hand. */
final class WsClient implements WebSocket.Listener {

  private static final long PATIENCE_SECONDS = 20;

  private final BlockingQueue<String> received = new LinkedBlockingQueue<>();
  private final CompletableFuture<Integer> closed = new CompletableFuture<>();
  private final StringBuilder frame = new StringBuilder();
  private WebSocket socket;

  private WsClient() {}

  static CompletableFuture<WsClient> begin(Engine engine, String query) {
    WsClient client = new WsClient();
    return PollClient.HTTP
        .newWebSocketBuilder()
        .buildAsync(engine.uri("ws", "transport=websocket" + query), client)
        .orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS)
        .thenApply(
            socket -> {
              client.socket = socket;
              return client;
            });
  }

  /** One with a connection of its own. */
  static WsClient open(Engine engine) {
    WsClient client = begin(engine, "").join();
    assertThat(client.next()).startsWith("0{");
    return client;
  }

  /** One that is let into the namespace. */
  static WsClient joined(Engine engine) {
    WsClient client = open(engine);
    client.join();
    return client;
  }

  void join() {
    send("40" + PollClient.NAMESPACE);
    assertThat(next()).startsWith("40" + PollClient.NAMESPACE + "{\"sid\":\"");
    // The namespace is told after the client is.
    send("42" + PollClient.NAMESPACE + "0[\"joined\"]");
    assertThat(next()).isEqualTo("43" + PollClient.NAMESPACE + "0[[]]");
  }

  /** One that may take the place of polling; nothing is said yet. */
  static WsClient beside(Engine engine, PollClient polling) {
    return begin(engine, "&sid=" + polling.sid()).join();
  }

  /** One that has taken the place of polling, where no poll waits. */
  static WsClient inPlaceOf(Engine engine, PollClient polling) {
    WsClient client = beside(engine, polling);
    client.send("2probe");
    assertThat(client.next()).isEqualTo("3probe");
    client.send("5");
    return client;
  }

  void send(String packet) {
    sendLater(packet).join();
  }

  CompletableFuture<WebSocket> sendLater(String packet) {
    return socket.sendText(packet, true).orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  void sendBinary(byte[] bytes) {
    socket
        .sendBinary(ByteBuffer.wrap(bytes), true)
        .orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS)
        .join();
  }

  /** The next packet. */
  String next() {
    try {
      String packet = received.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
      if (packet == null) {
        throw new AssertionError("nothing came; closed: " + closed);
      }
      return packet;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  List<String> next(int count) {
    List<String> packets = new ArrayList<>();
    while (packets.size() < count) {
      packets.add(next());
    }
    return packets;
  }

  /** Waits for the end; answers the close code, 1006 where there was none. */
  int awaitClose() {
    // This library misses now and then that a connection was cut: then a write tells.
    Await.until(() -> isClosed() || isCut(), () -> "the connection stays");
    return closed.getNow(1006);
  }

  private boolean isClosed() {
    return closed.copy().completeOnTimeout(null, 1, TimeUnit.SECONDS).join() != null;
  }

  private boolean isCut() {
    try {
      socket.sendPing(ByteBuffer.allocate(0)).get(1, TimeUnit.SECONDS);
      return false;
    } catch (ExecutionException e) {
      return e.getCause() instanceof IOException;
    } catch (InterruptedException | TimeoutException e) {
      return false;
    }
  }

  /** What came and was not asked for. */
  List<String> rest() {
    return List.copyOf(received);
  }

  /** Cuts the connection. */
  void abort() {
    socket.abort();
  }

  /** Closes it as the protocol of WebSockets wants. */
  void close() {
    socket.sendClose(1000, "").orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join();
  }

  @Override
  public CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
    frame.append(data);
    if (last) {
      received.add(frame.toString());
      frame.setLength(0);
    }
    webSocket.request(1);
    return null;
  }

  @Override
  public CompletionStage<?> onClose(WebSocket webSocket, int statusCode, String reason) {
    closed.complete(statusCode);
    return null;
  }

  @Override
  public void onError(WebSocket webSocket, Throwable error) {
    closed.complete(1006);
  }
}
