package io.coterie.timing;

import java.time.Duration;

/**
 * The moment by which several things, one after the other, have to be over: what one does not need
 * is left to the next. By a clock that nobody sets. Immutable.
 */
public final class Deadline {

  private final long nanos;

  private Deadline(long nanos) {
    this.nanos = nanos;
  }

  /** One that is so far away. */
  public static Deadline in(Duration time) {
    return new Deadline(System.nanoTime() + time.toNanos());
  }

  /** How far away it is; zero where it has passed. */
  public Duration left() {
    return Duration.ofNanos(Math.max(0, nanos - System.nanoTime()));
  }

  /** As {@link #left}, within bounds. */
  public Duration left(Duration least, Duration most) {
    Duration left = left();
    left = left.compareTo(most) < 0 ? left : most;
    return left.compareTo(least) > 0 ? left : least;
  }
}
