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
   * thread ran it.
   */
  void await() {
    long upTo;
    synchronized (this) {
      long mine = ++requested;
      while (running && synced < mine) {
        waitUninterruptibly();
      }
      if (synced >= mine) {
        return;
      }
      running = true;
      upTo = requested;
    }
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

  private void waitUninterruptibly() {
    try {
      wait();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while waiting for the disk", e);
    }
  }
}
