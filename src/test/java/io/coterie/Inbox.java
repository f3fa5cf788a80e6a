package io.coterie;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** What a client was sent, kept, so that a test can wait for more. Thread-safe. */
final class Inbox<T> {

  private static final long PATIENCE_SECONDS = 20;

  private final List<T> received = new ArrayList<>();

  synchronized void add(T item) {
    received.add(item);
    notifyAll();
  }

  /** What came so far. */
  synchronized List<T> received() {
    return List.copyOf(received);
  }

  /** Waits for an item that fits, counting those already there; answers the first. */
  synchronized T await(Predicate<T> wanted) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    int seen = 0;
    while (true) {
      for (; seen < received.size(); seen++) {
        if (wanted.test(received.get(seen))) {
          return received.get(seen);
        }
      }
      long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
      if (left <= 0) {
        throw new AssertionError("never came; there is: " + received);
      }
      try {
        wait(left);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException(e);
      }
    }
  }
}
