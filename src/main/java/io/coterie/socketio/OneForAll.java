package io.coterie.socketio;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/**
 * Work that one thread at a time does, for all that ask for it meanwhile: nobody waits, and work
 * that asks for itself does not recurse. Thread-safe.
 */
final class OneForAll {

  private final BooleanSupplier step;
  private final AtomicInteger asked = new AtomicInteger();

  /**
   * @param step answers whether there may be more to do
   */
  OneForAll(BooleanSupplier step) {
    this.step = step;
  }

  /** Does what there is, or leaves it to the thread that does so already. */
  void run() {
    if (asked.getAndIncrement() > 0) {
      return;
    }
    int seen = 1;
    do {
      boolean more = true;
      while (more) {
        more = step.getAsBoolean();
      }
      seen = asked.addAndGet(-seen);
    } while (seen > 0);
  }
}
