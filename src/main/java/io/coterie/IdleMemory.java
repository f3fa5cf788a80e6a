package io.coterie;

import io.coterie.timing.Rounds;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.BooleanSupplier;

/**
 * Gives back what a burst of work took: the collector does so only when it runs, and has no reason
 * to where nothing happens. Not thread-safe: one thread looks.
 */
final class IdleMemory {

  /** Less is not worth a collection, in bytes. */
  private static final long LEAST = 40L << 20;

  private static final Duration PAUSE = Duration.ofSeconds(10);
  private static final double GROWTH = 1.3;

  /** The JVM gives memory back in steps, the last of which is the fourth. */
  private static final int ROUNDS = 4;

  private final BooleanSupplier idle;
  private long settled = LEAST;
  private boolean wasIdle;
  private int rounds;

  /**
   * @param idle whether nobody would notice a pause just now
   */
  IdleMemory(BooleanSupplier idle) {
    this.idle = idle;
  }

  /** Looks several times a minute from now on. */
  void attend(ScheduledExecutorService timer) {
    Rounds looks =
        new Rounds(
            timer,
            PAUSE,
            () -> {
              look();
              return true;
            });
    looks.begin();
  }

  /** To be called several times a minute: collects once things have been quiet for one round. */
  void look() {
    boolean isIdle = idle.getAsBoolean();
    Runtime runtime = Runtime.getRuntime();
    if (runtime.totalMemory() > settled * GROWTH) {
      rounds = ROUNDS;
    }
    if (isIdle && wasIdle && rounds > 0) {
      System.gc();
      rounds--;
      settled = Math.max(LEAST, runtime.totalMemory());
    }
    wasIdle = isIdle;
  }
}
