package io.coterie;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.coterie.http.Json;
import io.socket.client.IO;
import io.socket.client.Manager;
import io.socket.client.Socket;
import io.socket.engineio.client.Transport;
import io.socket.engineio.client.transports.Polling;
import io.socket.engineio.client.transports.WebSocket;
import io.socket.engineio.parser.Packet;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import okhttp3.Dispatcher;
import okhttp3.OkHttpClient;
import org.json.JSONObject;

/** The Java client of Socket.IO, which keeps what it was sent and lets a test wait for more. */
public final class SocketIoClient implements AutoCloseable {

  /** How a client goes about it. */
  public enum Way {
    /** By default: polling first. */
    UPGRADE(Polling.NAME, WebSocket.NAME),
    POLLING(Polling.NAME),
    WEBSOCKET(WebSocket.NAME);

    private final String[] transports;

    Way(String... transports) {
      this.transports = transports;
    }
  }

  /** One event: its name and its arguments. */
  public record Event(String name, List<JsonNode> args) {

    /** Its data; the first argument but for {@code message}, where it is the second. */
    public JsonNode data() {
      return args.get(name.equals("message") ? 1 : 0);
    }

    /** Its number; null where it is not stored. */
    public Long seq() {
      JsonNode last = args.get(args.size() - 1);
      return last.isIntegralNumber() ? Long.valueOf(last.asLong()) : null;
    }
  }

  private static final long PATIENCE_SECONDS = 20;

  /** Shared, as each would bring threads of its own. */
  private static final OkHttpClient HTTP = http();

  private final Socket socket;
  private final Inbox<Event> inbox = new Inbox<>();
  private final CompletableFuture<String> refusal = new CompletableFuture<>();
  private final CompletableFuture<String> disconnected = new CompletableFuture<>();
  private final CompletableFuture<Void> connected = new CompletableFuture<>();
  private final CompletableFuture<Void> overWebSocket = new CompletableFuture<>();

  private SocketIoClient(int port, String namespace, Map<String, String> query, Options options) {
    IO.Options io = new IO.Options();
    io.forceNew = true;
    io.reconnection = options.reconnection();
    io.reconnectionDelay = 10;
    io.transports = options.way().transports;
    io.callFactory = HTTP;
    io.webSocketFactory = HTTP;
    io.auth = options.auth();
    io.query =
        query.entrySet().stream()
            .map(e -> e.getKey() + "=" + URLEncoder.encode(e.getValue(), StandardCharsets.UTF_8))
            .collect(Collectors.joining("&"));
    socket = IO.socket(URI.create("http://127.0.0.1:" + port + namespace), io);
    socket.on(Socket.EVENT_CONNECT, args -> connected.complete(null));
    socket.on(Socket.EVENT_DISCONNECT, args -> disconnected.complete(String.valueOf(args[0])));
    socket.on(Socket.EVENT_CONNECT_ERROR, args -> refusal.complete(message(args[0])));
    socket.onAnyIncoming(this::receive);
    socket.io().on(Manager.EVENT_TRANSPORT, args -> watch((Transport) args[0]));
  }

  /** What a test may choose. */
  public record Options(Way way, boolean reconnection, Map<String, String> auth) {
    public static Options by(Way way) {
      return new Options(way, false, Map.of());
    }

    public Options reconnecting() {
      return new Options(way, true, auth);
    }

    public Options withAuth(Map<String, String> value) {
      return new Options(way, reconnection, value);
    }
  }

  /** Begins to connect. */
  public static SocketIoClient connect(
      int port, String namespace, Map<String, String> query, Options options) {
    SocketIoClient client = new SocketIoClient(port, namespace, query, options);
    client.socket.connect();
    return client;
  }

  /** Waits until messages come over a WebSocket. */
  public void awaitWebSocket() {
    overWebSocket.orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join();
  }

  public Socket socket() {
    return socket;
  }

  public void awaitConnected() {
    connected.orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join();
  }

  /** Waits for a {@code connect_error}; answers its message. */
  public String awaitRefusal() {
    return refusal.orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join();
  }

  /** Waits for the end; answers the client's word for why. */
  public String awaitDisconnect() {
    return disconnected.orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join();
  }

  /** Emits an event whose argument is an object. */
  public void emit(String event, JsonNode data) {
    socket.emit(event, json(data));
  }

  /** Emits an event and waits for its acknowledgement. */
  public JsonNode emitAndAwait(String event, JsonNode data) {
    CompletableFuture<JsonNode> answer = new CompletableFuture<>();
    socket.emit(event, new Object[] {json(data)}, args -> answer.complete(read(args[0])));
    return answer.orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join();
  }

  /** Waits for an event that fits, counting those already there; answers the first. */
  public Event await(Predicate<Event> wanted) {
    return inbox.await(wanted);
  }

  /** Waits for an event of that name. */
  public Event await(String name) {
    return await(event -> event.name().equals(name));
  }

  /** Waits until some run has come to that status. */
  public Event awaitRun(String status) {
    return await(
        event -> event.name().equals("run") && event.data().path("status").asText().equals(status));
  }

  /** What came so far. */
  public List<Event> received() {
    return inbox.received();
  }

  @Override
  public void close() {
    socket.disconnect();
  }

  private void watch(Transport transport) {
    if (transport.name.equals(WebSocket.NAME)) {
      transport.on(
          Transport.EVENT_PACKET,
          args -> {
            if (((Packet<?>) args[0]).type.equals(Packet.MESSAGE)) {
              overWebSocket.complete(null);
            }
          });
    }
  }

  private void receive(Object... args) {
    List<JsonNode> values = new ArrayList<>();
    for (int i = 1; i < args.length; i++) {
      values.add(read(args[i]));
    }
    inbox.add(new Event((String) args[0], values));
  }

  private static Object json(JsonNode data) {
    return data.isTextual() ? data.textValue() : new JSONObject(data.toString());
  }

  private static JsonNode read(Object value) {
    try {
      ArrayNode array =
          (ArrayNode) Json.MAPPER.readTree(new org.json.JSONArray(List.of(value)).toString());
      return array.get(0);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String message(Object error) {
    if (error instanceof JSONObject object) {
      return object.optString("message");
    }
    return String.valueOf(((Throwable) error).getMessage());
  }

  private static OkHttpClient http() {
    Dispatcher dispatcher = new Dispatcher();
    dispatcher.setMaxRequests(2_000);
    dispatcher.setMaxRequestsPerHost(2_000);
    return new OkHttpClient.Builder()
        .dispatcher(dispatcher)
        .readTimeout(60, TimeUnit.SECONDS)
        .build();
  }
}
