package io.coterie;

import java.time.Duration;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The threads that serve no request: one for what is due at a time, and those of runs. */
final class Background implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Background.class);

  private static final long PATIENCE_SECONDS = 1;

  private final ScheduledThreadPoolExecutor timer =
      new ScheduledThreadPoolExecutor(1, work -> daemon(work, "timer"));

  /** Without a bound of its own: the queue of runs starts only so many. */
  private final ThreadPoolExecutor runs =
      new ThreadPoolExecutor(
          0,
          Integer.MAX_VALUE,
          30,
          TimeUnit.SECONDS,
          new SynchronousQueue<>(),
          work -> daemon(work, "run"));

  Background() {
    timer.setRemoveOnCancelPolicy(true);
    timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  ScheduledThreadPoolExecutor timer() {
    return timer;
  }

  ThreadPoolExecutor runs() {
    return runs;
  }

  /** Does it again and again, with a pause between; what it throws is logged. */
  void every(Duration pause, Runnable work) {
    var unused =
        timer.scheduleWithFixedDelay(
            () -> {
              try {
                work.run();
              } catch (RuntimeException e) {
                log.error("What is done every now and then failed", e);
              }
            },
            pause.toMillis(),
            pause.toMillis(),
            TimeUnit.MILLISECONDS);
  }

  /**
   * Lets what is under way end; what takes longer is interrupted. Not at once: whoever is
   * interrupted while the database's file is read or written closes it for everybody.
   */
  @Override
  public void close() {
    timer.shutdown();
    runs.shutdown();
    try {
      if (!timer.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS)
          | !runs.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        log.info("Something goes on in the background and is interrupted");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    runs.shutdownNow();
    timer.shutdownNow();
  }

  private static Thread daemon(Runnable work, String name) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    return thread;
  }
}
