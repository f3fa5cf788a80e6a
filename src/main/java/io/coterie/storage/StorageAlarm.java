package io.coterie.storage;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the operator that nothing can be stored, in one line a minute however often it is met, and
 * once that it is over. Thread-safe.
 */
public final class StorageAlarm {

  private static final Logger log = LoggerFactory.getLogger(StorageAlarm.class);
  private static final long PAUSE = TimeUnit.MINUTES.toNanos(1);

  private final LongSupplier nanoTime;
  private long told;
  private boolean everTold;
  private volatile boolean raised;

  public StorageAlarm() {
    this(System::nanoTime);
  }

  StorageAlarm(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /**
   * Something could not be stored.
   *
   * @param line tells what, why, and what becomes of it
   */
  public synchronized void raise(String line) {
    long now = nanoTime.getAsLong();
    if (!everTold || now - told >= PAUSE) {
      everTold = true;
      told = now;
      raised = true;
      log.warn("{}", line);
    }
  }

  /** Everything can be stored; cheap where that is nothing new. */
  public void clear() {
    if (raised) {
      over();
    }
  }

  private synchronized void over() {
    if (raised) {
      raised = false;
      log.info("Everything can be stored again");
    }
  }
}
