package io.coterie.chat;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * The open connections of clients, of whatever transport: keeps idle ones alive, ends those whose
 * client has vanished, and all at a stop. Thread-safe.
 */
public final class Connections {

  /** How a client is connected. */
  public enum Transport {
    WEBSOCKET,
    SSE,
    SOCKETIO
  }

  private final Map<Outbox, Transport> open = new ConcurrentHashMap<>();

  /**
   * @param keepAlive how often idle connections are kept alive
   */
  Connections(ScheduledExecutorService timer, Duration keepAlive) {
    long millis = keepAlive.toMillis();
    // Not at a fixed rate: after a pause of the whole machine, clients need time to answer.
    var unused =
        timer.scheduleWithFixedDelay(
            () -> open.keySet().forEach(Outbox::keepAlive), millis, millis, TimeUnit.MILLISECONDS);
  }

  void add(Outbox out, Transport transport) {
    open.put(out, transport);
    out.whenClosed(() -> open.remove(out));
  }

  /** How many are open. */
  public int count() {
    return open.size();
  }

  /** How many of them are open. */
  public int count(Transport transport) {
    return (int) open.values().stream().filter(transport::equals).count();
  }

  /** Ends all, after what waits for them has been written. */
  public void stop() {
    open.keySet().forEach(out -> out.close(CloseReason.STOPPING));
  }
}
