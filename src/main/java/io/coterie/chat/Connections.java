package io.coterie.chat;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * The open connections of clients, of whatever transport: keeps idle ones alive, ends those whose
 * client has vanished, and all at a stop. Thread-safe.
 */
public final class Connections {

  private final Set<Outbox> open = ConcurrentHashMap.newKeySet();

  /**
   * @param keepAlive how often idle connections are kept alive
   */
  Connections(ScheduledExecutorService timer, Duration keepAlive) {
    long millis = keepAlive.toMillis();
    // Not at a fixed rate: after a pause of the whole machine, clients need time to answer.
    var unused =
        timer.scheduleWithFixedDelay(
            () -> open.forEach(Outbox::keepAlive), millis, millis, TimeUnit.MILLISECONDS);
  }

  void add(Outbox out) {
    open.add(out);
    out.whenClosed(() -> open.remove(out));
  }

  /** How many are open. */
  public int count() {
    return open.size();
  }

  /** Ends all, after what waits for them has been written. */
  public void stop() {
    open.forEach(out -> out.close(CloseReason.STOPPING));
  }
}
