package io.coterie.storage;

/**
 * Lets several commits share one slow sync to disk: whoever arrives during a sync waits for the
 * next one. Thread-safe.
 */
final class GroupSync {

  private final Runnable sync;
  private long requested;
  private long synced;
  private boolean running;

  GroupSync(Runnable sync) {
    this.sync = sync;
  }

  /**
   * Returns once a sync that began after this call has ended; throws what that sync threw if this
   * thread ran it. An interrupt ends no waiting, and is still there afterwards.
   */
  void await() {
    boolean interrupted = Thread.interrupted();
    try {
      long upTo;
      synchronized (this) {
        long mine = ++requested;
        while (running && synced < mine) {
          interrupted |= isInterruptedMeanwhile();
        }
        if (synced >= mine) {
          return;
        }
        running = true;
        upTo = requested;
      }
      run(upTo);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void run(long upTo) {
    boolean done = false;
    try {
      sync.run();
      done = true;
    } finally {
      synchronized (this) {
        running = false;
        if (done) {
          synced = upTo;
        }
        notifyAll();
      }
    }
  }

  /** Waits; what is committed is not undone by an interrupt, so that is for later. */
  private boolean isInterruptedMeanwhile() {
    try {
      wait();
      return false;
    } catch (InterruptedException e) {
      return true;
    }
  }
}
