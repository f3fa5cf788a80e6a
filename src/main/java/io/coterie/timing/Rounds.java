package io.coterie.timing;

import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does something again and again for as long as there is something to do, and costs nothing while
 * there is not. One round at a time. Thread-safe.
 */
public final class Rounds {

  private static final Logger log = LoggerFactory.getLogger(Rounds.class);

  private final ScheduledExecutorService timer;
  private final Duration pause;
  private final BooleanSupplier work;
  private final AtomicBoolean due = new AtomicBoolean();
  private boolean failing;

  /**
   * @param timer ends the rounds when it is shut down
   * @param pause before each round
   * @param work a round; answers whether there will be something to do in another one. What it
   *     throws is logged once until it has gone well again, and there is another round
   */
  public Rounds(ScheduledExecutorService timer, Duration pause, BooleanSupplier work) {
    this.timer = timer;
    this.pause = pause;
    this.work = work;
  }

  /** There is something to do: a round comes after the pause, unless one is about to come. */
  public void begin() {
    if (due.compareAndSet(false, true)) {
      try {
        var unused = timer.schedule(this::round, pause.toNanos(), TimeUnit.NANOSECONDS);
      } catch (RejectedExecutionException e) {
        log.debug("No more rounds: the server stops");
      }
    }
  }

  private void round() {
    // First: what comes up during the round may be too late for it.
    due.set(false);
    boolean more = true;
    try {
      more = work.getAsBoolean();
      failing = false;
    } catch (RuntimeException | Error e) {
      if (!failing) {
        log.error("What is done every now and then failed", e);
      }
      failing = true;
    }
    if (more) {
      begin();
    }
  }
}
