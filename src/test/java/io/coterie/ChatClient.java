package io.coterie;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.coterie.http.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * A client of a chat over a real WebSocket, that keeps what it was sent and lets a test wait for
 * more.
 */
public final class ChatClient implements WebSocket.Listener, AutoCloseable {

  private static final long PATIENCE_SECONDS = 20;

  private final Inbox<JsonNode> inbox = new Inbox<>();
  private final CompletableFuture<Integer> closed = new CompletableFuture<>();
  private final StringBuilder partial = new StringBuilder();
  private WebSocket socket;

  /**
   * Connects.
   *
   * @param since null for none
   * @throws java.net.http.WebSocketHandshakeException where the server refuses the upgrade
   */
  public static ChatClient connect(
      AppFixture app, String chatId, String connectionString, Long since) {
    return connect(app.http(), app.port(), chatId, connectionString, since);
  }

  /** As above, to any server on this machine. */
  public static ChatClient connect(
      HttpClient http, int port, String chatId, String connectionString, Long since) {
    ChatClient client = new ChatClient();
    String query =
        "?chat_id="
            + chatId
            + "&connection_string="
            + connectionString
            + (since == null ? "" : "&since=" + since);
    URI uri = URI.create("ws://127.0.0.1:" + port + "/chat/connect" + query);
    try {
      client.socket = http.newWebSocketBuilder().buildAsync(uri, client).join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof IOException io ? new UncheckedIOException(io) : e;
    }
    return client;
  }

  /** Sends a message, with the string that authorizes it. */
  public void message(String text, String messageString) {
    send("chat_message", AppFixture.object("message", text, "message_string", messageString));
  }

  public void send(String event, ObjectNode data) {
    ObjectNode frame = Json.MAPPER.createObjectNode().put("event", event);
    frame.set("data", data);
    sendText(frame.toString());
  }

  public void sendText(String frame) {
    socket.sendText(frame, true).join();
  }

  public void sendBinary(byte[] bytes) {
    socket.sendBinary(ByteBuffer.wrap(bytes), true).join();
  }

  /** Waits for an event that fits, counting those already there; answers the first. */
  public JsonNode await(Predicate<JsonNode> wanted) {
    return inbox.await(wanted);
  }

  /** Waits for an event of that type. */
  public JsonNode await(String type) {
    return await(event -> event.path("event").asText().equals(type));
  }

  /** Waits until some run has come to that status. */
  public JsonNode awaitRun(String status) {
    return await(
        event ->
            event.path("event").asText().equals("run")
                && event.path("data").path("status").asText().equals(status));
  }

  /** Waits until the server closes; answers the close code. */
  public int awaitClose() {
    return closed.orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join();
  }

  /** Waits until the connection is no more, however it ended; answers all that came. */
  List<JsonNode> awaitEnd() {
    closed.handle((code, error) -> code).orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join();
    return received();
  }

  /** What came so far. */
  public List<JsonNode> received() {
    return inbox.received();
  }

  /** The types of what came so far, in order. */
  public List<String> types() {
    return received().stream().map(event -> event.path("event").asText()).toList();
  }

  /** Breaks the connection without a goodbye. */
  public void abort() {
    socket.abort();
  }

  @Override
  public void close() {
    socket.abort();
  }

  @Override
  public CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
    partial.append(data);
    if (last) {
      JsonNode event = read(partial.toString());
      partial.setLength(0);
      inbox.add(event);
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
    closed.completeExceptionally(error);
  }

  private static JsonNode read(String json) {
    try {
      return Json.MAPPER.readTree(json);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
