package io.coterie;

import io.coterie.timing.Deadline;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The threads that serve no request: two for what is due at a time, and those of runs. */
final class Background {

  private static final Logger log = LoggerFactory.getLogger(Background.class);

  private final ScheduledThreadPoolExecutor timer = timer("timer");
  private final ScheduledThreadPoolExecutor upkeep = timer("upkeep");

  /** Without a bound of its own: the queue of runs starts only so many. */
  private final ThreadPoolExecutor runs =
      new ThreadPoolExecutor(
          0,
          Integer.MAX_VALUE,
          30,
          TimeUnit.SECONDS,
          new SynchronousQueue<>(),
          work -> daemon(work, "run"));

  /**
   * For what must come in time, as heartbeats: whoever waits for the database or the disk is not to
   * use it.
   */
  ScheduledThreadPoolExecutor timer() {
    return timer;
  }

  /** For what uses the database or the disk, and may wait for it. */
  ScheduledExecutorService upkeep() {
    return upkeep;
  }

  ThreadPoolExecutor runs() {
    return runs;
  }

  /**
   * Lets what is under way end, for so long; the rest is interrupted. Not at once: whoever is
   * interrupted while the database's file is read or written closes it for everybody.
   */
  void close(Duration patience) {
    Deadline end = Deadline.in(patience);
    timer.shutdown();
    upkeep.shutdown();
    runs.shutdown();
    try {
      boolean over = hasEnded(timer, end) & hasEnded(upkeep, end) & hasEnded(runs, end);
      if (!over) {
        log.info("Something goes on in the background and is interrupted");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    runs.shutdownNow();
    upkeep.shutdownNow();
    timer.shutdownNow();
  }

  private static boolean hasEnded(ExecutorService threads, Deadline end)
      throws InterruptedException {
    return threads.awaitTermination(end.left().toNanos(), TimeUnit.NANOSECONDS);
  }

  private static ScheduledThreadPoolExecutor timer(String name) {
    ScheduledThreadPoolExecutor timer =
        new ScheduledThreadPoolExecutor(1, work -> daemon(work, name));
    timer.setRemoveOnCancelPolicy(true);
    timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    return timer;
  }

  private static Thread daemon(Runnable work, String name) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    return thread;
  }
}
