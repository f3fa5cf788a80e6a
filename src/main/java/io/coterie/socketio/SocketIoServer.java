package io.coterie.socketio;

import io.coterie.http.Json;
import io.coterie.timing.Rounds;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Socket.IO, protocol version 5 on Engine.IO version 4, text alone: what {@code socket.io-client}
 * 4.x speaks, by long polling, by WebSocket, and by the change from one to the other. Thread-safe.
 */
public final class SocketIoServer implements AutoCloseable {

  /** The largest frame or request that is read, in bytes. */
  static final int MAX_PAYLOAD = 1024 * 1024;

  /** The same of a client that has joined no namespace: anybody may open a connection. */
  static final int MAX_UNJOINED_PAYLOAD = 16 * 1024;

  /**
   * How connections are kept.
   *
   * @param interval between one heartbeat and the next
   * @param timeout for the answer to a heartbeat
   * @param join for a client to connect to a namespace
   * @param maxUnjoined how many clients may be there that have not, before the oldest has to go
   */
  public record Heartbeat(Duration interval, Duration timeout, Duration join, int maxUnjoined) {

    /** What Socket.IO's own server does by default; it allows 45 s for joining. */
    public static final Heartbeat DEFAULT =
        new Heartbeat(
            Duration.ofSeconds(25), Duration.ofSeconds(20), Duration.ofSeconds(15), 1_000);
  }

  private static final Logger log = LoggerFactory.getLogger(SocketIoServer.class);

  private static final Duration TICK = Duration.ofSeconds(1);
  private static final long CLOSE_NANOS = Duration.ofSeconds(2).toNanos();

  /** The fields of the handshake, named by the protocol. */
  private static final String OPEN =
      "0{\"sid\":%s,\"upgrades\":%s,\"pingInterval\":%d,\"pingTimeout\":%d,\"maxPayload\":%d}";

  private final Map<String, Namespace> namespaces;
  private final Heartbeat heartbeat;
  private final LongSupplier nanos;
  private final SecureRandom random = new SecureRandom();
  private final Map<String, Opened> open = new ConcurrentHashMap<>();
  private final Map<EngineConnection, Long> unjoined = new LinkedHashMap<>();
  private final Map<WebSocketTransport, Long> leaving = new ConcurrentHashMap<>();

  private volatile Runnable onBusy = () -> {};

  private record Opened(EngineConnection connection, PollingTransport polling) {}

  /**
   * @param nanos time in nanoseconds from any origin
   */
  public SocketIoServer(
      Map<String, Namespace> namespaces, Heartbeat heartbeat, LongSupplier nanos) {
    this.namespaces = Map.copyOf(namespaces);
    this.heartbeat = heartbeat;
    this.nanos = nanos;
  }

  /** Lets a timer look after the connections, about once a second while there are any. */
  public void attend(ScheduledExecutorService timer) {
    Rounds rounds = new Rounds(timer, TICK, this::tick);
    onBusy = rounds::begin;
  }

  /** Sends heartbeats, and ends what is overdue; answers whether there is anything left. */
  boolean tick() {
    long now = nanos.getAsLong();
    open.values().forEach(each -> guarded(() -> each.connection().tick(now)));
    List<EngineConnection> late = new ArrayList<>();
    synchronized (unjoined) {
      unjoined.forEach(
          (connection, since) -> {
            if (now - since >= heartbeat.join().toNanos()) {
              late.add(connection);
            }
          });
      unjoined.keySet().removeAll(late);
    }
    late.forEach(each -> guarded(each::abort));
    leaving.forEach(
        (socket, since) -> {
          if (now - since >= CLOSE_NANOS) {
            guarded(socket::abort);
          }
        });
    return !open.isEmpty() || !leaving.isEmpty();
  }

  /** What goes wrong with one connection must not keep the others from being looked after. */
  private static void guarded(Runnable action) {
    try {
      action.run();
    } catch (RuntimeException e) {
      log.error("A connection failed", e);
    }
  }

  /** How many connections there are, those that have joined nothing included. */
  public int connections() {
    return open.size();
  }

  /** Ends all connections at once. */
  @Override
  public void close() {
    open.values().forEach(each -> guarded(each.connection()::abort));
    leaving.keySet().forEach(socket -> guarded(socket::abort));
  }

  LongSupplier nanos() {
    return nanos;
  }

  /** Opens a connection by polling; answers what its client is told. */
  String openPolling(Map<String, String> query) {
    PollingTransport transport = new PollingTransport();
    EngineConnection connection = open(transport, transport, query);
    transport.connection(connection);
    return openPacket(connection, "[\"websocket\"]");
  }

  /** Opens a connection on a WebSocket and tells its client. */
  EngineConnection openWebSocket(WebSocketTransport transport, Map<String, String> query) {
    EngineConnection connection = open(transport, null, query);
    connection.send(openPacket(connection, "[]"));
    return connection;
  }

  /** The largest frame or request that the client of that connection may send, in bytes. */
  int maxPayload(String sid) {
    Opened found = sid == null ? null : open.get(sid);
    synchronized (unjoined) {
      boolean joined = found != null && !unjoined.containsKey(found.connection());
      return joined ? MAX_PAYLOAD : MAX_UNJOINED_PAYLOAD;
    }
  }

  /** Whether there is a connection of that id. */
  boolean isOpen(String sid) {
    return open.containsKey(sid);
  }

  /**
   * The polling transport of that connection; null where there is none or it has another by now.
   */
  PollingTransport findPolling(String sid) {
    Opened found = open.get(sid);
    boolean current = found != null && found.connection().isOver(found.polling());
    return current ? found.polling() : null;
  }

  /** A socket was closed from here: if its client does not answer that, it is cut off. */
  void leaving(WebSocketTransport socket) {
    leaving.putIfAbsent(socket, nanos.getAsLong());
    onBusy.run();
  }

  /** A socket is closed. */
  void left(WebSocketTransport socket) {
    leaving.remove(socket);
  }

  /** A connection has joined a namespace, or left it. */
  void joined(EngineConnection connection, boolean joined) {
    synchronized (unjoined) {
      if (joined) {
        unjoined.remove(connection);
      } else if (open.containsKey(connection.sid())) {
        unjoined.putIfAbsent(connection, nanos.getAsLong());
      }
    }
  }

  String newId() {
    byte[] bytes = new byte[18];
    random.nextBytes(bytes);
    return Base64.getUrlEncoder().encodeToString(bytes);
  }

  private EngineConnection open(
      Transport transport, PollingTransport polling, Map<String, String> query) {
    EngineConnection connection =
        new EngineConnection(newId(), heartbeat, transport, nanos.getAsLong(), this::ended);
    connection.receiver(new SocketIoConnection(this, connection, namespaces, query));
    open.put(connection.sid(), new Opened(connection, polling));
    onBusy.run();
    EngineConnection evicted = null;
    synchronized (unjoined) {
      unjoined.put(connection, nanos.getAsLong());
      if (unjoined.size() > heartbeat.maxUnjoined()) {
        Iterator<EngineConnection> oldest = unjoined.keySet().iterator();
        evicted = oldest.next();
        oldest.remove();
      }
    }
    if (evicted != null) {
      evicted.abort();
    }
    return connection;
  }

  private void ended(EngineConnection connection) {
    open.remove(connection.sid());
    synchronized (unjoined) {
      unjoined.remove(connection);
    }
  }

  private String openPacket(EngineConnection connection, String upgrades) {
    return String.format(
        Locale.ROOT,
        OPEN,
        Json.write(connection.sid()),
        upgrades,
        heartbeat.interval().toMillis(),
        heartbeat.timeout().toMillis(),
        MAX_PAYLOAD);
  }
}
