package io.coterie;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits for what a test cannot be told of: looks again and again, for twenty seconds at most. */
public final class Await {

  private static final long PATIENCE_SECONDS = 20;
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

  private Await() {}

  /** Returns once the condition holds. */
  public static void until(BooleanSupplier condition, Supplier<String> otherwise) {
    until(PATIENCE_SECONDS, condition, otherwise);
  }

  /** As above, with another patience. */
  public static void until(long seconds, BooleanSupplier condition, Supplier<String> otherwise) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("Waited in vain: " + otherwise.get());
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }
}
