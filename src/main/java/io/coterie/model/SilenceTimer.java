package io.coterie.model;

import java.time.Duration;
import java.util.concurrent.Future;

/**
 * Fires once when nothing has been heard for as long as the current limit. A sign of life costs one
 * write; the timer itself is only set anew when it runs out. Thread-safe.
 */
final class SilenceTimer implements AutoCloseable {

  private final ModelTransport transport;
  private final Runnable expired;
  private volatile Duration limit;
  private volatile long lastSign;
  private volatile boolean paused;
  private Future<?> timer;
  private boolean closed;

  SilenceTimer(ModelTransport transport, Runnable expired) {
    this.transport = transport;
    this.expired = expired;
  }

  /** Counts from now, with another limit. */
  void restart(Duration newLimit) {
    lastSign = System.nanoTime();
    limit = newLimit;
    arm(newLimit);
  }

  /** Stops the clock: it is not the server that is being waited for. */
  void pause() {
    paused = true;
  }

  /** Counts from now. */
  void resume() {
    lastSign = System.nanoTime();
    paused = false;
  }

  @Override
  public synchronized void close() {
    closed = true;
    if (timer != null) {
      timer.cancel(false);
    }
  }

  private synchronized void arm(Duration delay) {
    if (timer != null) {
      timer.cancel(false);
    }
    if (!closed) {
      timer = transport.schedule(this::check, delay);
    }
  }

  private synchronized boolean isClosed() {
    return closed;
  }

  private void check() {
    if (isClosed()) {
      return;
    }
    Duration rest = paused ? limit : limit.minusNanos(System.nanoTime() - lastSign);
    if (rest.isNegative() || rest.isZero()) {
      close();
      expired.run();
    } else {
      arm(rest);
    }
  }
}
