package io.coterie.http;

import io.coterie.timing.Rounds;
import io.javalin.http.Context;
import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import org.eclipse.jetty.ee10.servlet.ServletContextRequest;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.util.BufferUtil;

/**
 * Notices that a client has hung up while its answer is being made. Nothing else does before
 * something is written: the server does not read while it answers. A client that only closes its
 * own side counts as gone, as it does for most servers. Thread-safe.
 */
public final class HangUps {

  /** How soon it is noticed. */
  private static final Duration PAUSE = Duration.ofMillis(250);

  private final Set<Watch> watched = ConcurrentHashMap.newKeySet();
  private final Rounds rounds;

  /**
   * @param timer looks after clients, while there are any
   */
  public HangUps(ScheduledExecutorService timer) {
    rounds = new Rounds(timer, PAUSE, this::look);
  }

  /** Calls {@code onHangUp} once, should the client hang up before the watch is ended. */
  public Watch watch(Context ctx, Runnable onHangUp) {
    Watch watch = new Watch(ctx, onHangUp);
    watched.add(watch);
    rounds.begin();
    return watch;
  }

  private boolean look() {
    for (Watch watch : watched) {
      if (watch.isGone()) {
        watch.end();
        watch.onHangUp.run();
      }
    }
    return !watched.isEmpty();
  }

  /** One client that is watched. */
  public final class Watch {
    private final Context ctx;
    private final EndPoint connection;
    private final Runnable onHangUp;
    private boolean over;

    private Watch(Context ctx, Runnable onHangUp) {
      this.ctx = ctx;
      this.connection =
          ServletContextRequest.getServletContextRequest(ctx.req())
              .getConnectionMetaData()
              .getConnection()
              .getEndPoint();
      this.onHangUp = onHangUp;
    }

    /** Ends it, which must happen before the answer is written: the next request is not ours. */
    public synchronized void end() {
      over = true;
      watched.remove(this);
    }

    private synchronized boolean isGone() {
      if (over) {
        return false;
      }
      try {
        int read = connection.fill(BufferUtil.allocate(1));
        if (read > 0) {
          // The next request has come already, and its first byte is spent: it has to come again.
          ctx.res().setHeader("Connection", "close");
          end();
        }
        return read < 0;
      } catch (IOException e) {
        return true;
      }
    }
  }
}
