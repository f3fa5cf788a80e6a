package io.coterie.chat;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * The open connections of clients, of whatever transport: keeps idle ones alive and ends all at a
 * stop. Thread-safe.
 */
public final class Connections {

  private static final Duration KEEP_ALIVE = Duration.ofSeconds(15);

  private final Set<Outbox> open = ConcurrentHashMap.newKeySet();

  public Connections(ScheduledExecutorService timer) {
    long millis = KEEP_ALIVE.toMillis();
    var unused =
        timer.scheduleAtFixedRate(
            () -> open.forEach(out -> out.offerIfIdle(ChatEvent.KEEP_ALIVE)),
            millis,
            millis,
            TimeUnit.MILLISECONDS);
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
