package io.coterie.chat;

import io.coterie.timing.Rounds;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;

/**
 * The open connections of clients, of whatever transport: keeps idle ones alive, ends those whose
 * client has vanished or whose token has expired, and all at a stop. Thread-safe.
 */
public final class Connections {

  /** How a client is connected. */
  public enum Transport {
    WEBSOCKET,
    SSE,
    SOCKETIO
  }

  private record Client(Transport transport, Holder holder) {}

  private final Map<Outbox, Client> open = new ConcurrentHashMap<>();
  private final Expiries expiries;
  private final Rounds rounds;

  /**
   * @param keepAlive how often idle connections are kept alive
   */
  Connections(ScheduledExecutorService timer, Clock clock, Duration keepAlive) {
    this.expiries = new Expiries(timer, clock);
    this.rounds = new Rounds(timer, keepAlive, this::keepAlive);
  }

  private boolean keepAlive() {
    open.keySet().forEach(Outbox::keepAlive);
    return !open.isEmpty();
  }

  void add(Outbox out, Transport transport, Holder holder) {
    open.put(out, new Client(transport, holder));
    out.whenClosed(() -> open.remove(out));
    if (holder.expiresAt() != null) {
      expiries.watch(out, holder.expiresAt());
    }
    rounds.begin();
  }

  /** How many are open. */
  public int count() {
    return open.size();
  }

  /** How many of them are open. */
  public int count(Transport transport) {
    return (int) open.values().stream().filter(c -> c.transport() == transport).count();
  }

  /**
   * Ends those that were opened with what is revoked now.
   *
   * @param keyId null for the logins of the user
   */
  public void end(UUID userId, UUID keyId) {
    open.forEach(
        (out, client) -> {
          if (client.holder().is(userId, keyId)) {
            out.abort(CloseReason.REVOKED);
          }
        });
  }

  /** Ends all, after what waits for them has been written. */
  public void stop() {
    open.keySet().forEach(out -> out.close(CloseReason.STOPPING));
  }
}
