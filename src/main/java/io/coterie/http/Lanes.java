package io.coterie.http;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Executor;

/**
 * Runs work on a few threads of an executor that others need too, first come first served.
 * Thread-safe.
 */
final class Lanes implements Executor {

  private final int count;
  private final Executor threads;
  private final Deque<Runnable> queue = new ArrayDeque<>();
  private int busy;

  /**
   * @param count how many threads there may be at work at once
   */
  Lanes(int count, Executor threads) {
    this.count = count;
    this.threads = threads;
  }

  @Override
  public void execute(Runnable work) {
    synchronized (this) {
      queue.add(work);
      if (busy == count) {
        return;
      }
      busy++;
    }
    threads.execute(this::workOff);
  }

  private void workOff() {
    for (Runnable next = next(); next != null; next = next()) {
      try {
        next.run();
      } catch (RuntimeException | Error e) {
        // The thread is lost to the lane, and tells of it; another one goes on.
        threads.execute(this::workOff);
        throw e;
      }
    }
  }

  private synchronized Runnable next() {
    Runnable next = queue.poll();
    busy -= next == null ? 1 : 0;
    return next;
  }
}
