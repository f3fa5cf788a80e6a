package io.coterie.chat;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides which run goes next: runs of one chat in order, runs of different chats side by side,
 * first come first served, at most so many at once and at most so many waiting. Thread-safe.
 */
final class RunQueue {

  private static final Logger log = LoggerFactory.getLogger(RunQueue.class);

  /**
   * The runs of one chat; {@code active} while one of them is being worked on or is about to be.
   */
  private static final class Lane {
    final Deque<UUID> waiting = new ArrayDeque<>();
    boolean active;
  }

  private record Next(UUID chatId, UUID runId) {}

  private final int maxConcurrent;
  private final int maxWaiting;
  private final Executor threads;
  private final BiConsumer<UUID, UUID> worker;
  private final Map<UUID, Lane> lanes = new HashMap<>();
  private final Deque<UUID> ready = new ArrayDeque<>();
  private int workers;
  private int waiting;
  private boolean stopped;

  /**
   * @param worker does a run, given its chat's id and its own; what it throws is logged and harms
   *     no other run
   */
  RunQueue(int maxConcurrent, int maxWaiting, Executor threads, BiConsumer<UUID, UUID> worker) {
    this.maxConcurrent = maxConcurrent;
    this.maxWaiting = maxWaiting;
    this.threads = threads;
    this.worker = worker;
  }

  /**
   * Takes a place for a run that is about to be {@linkplain #add added}; false where none is left.
   */
  synchronized boolean reserve() {
    if (waiting >= maxWaiting + maxConcurrent - workers) {
      return false;
    }
    waiting++;
    return true;
  }

  /** Gives back a place that no run will take. */
  synchronized void release() {
    waiting--;
  }

  /** Adds a run whose place was {@linkplain #reserve reserved}. */
  void add(UUID chatId, UUID runId) {
    synchronized (this) {
      Lane lane = lanes.computeIfAbsent(chatId, id -> new Lane());
      lane.waiting.addLast(runId);
      if (!lane.active) {
        lane.active = true;
        ready.addLast(chatId);
      }
      if (ready.isEmpty() || workers >= maxConcurrent || stopped) {
        return;
      }
      workers++;
    }
    startWorker();
  }

  /** Adds a run that was stored before this process began, whatever waits already. */
  void restore(UUID chatId, UUID runId) {
    synchronized (this) {
      waiting++;
    }
    add(chatId, runId);
  }

  /** Takes a run back, and gives its place to others; false where it does not wait any more. */
  synchronized boolean remove(UUID chatId, UUID runId) {
    Lane lane = lanes.get(chatId);
    if (lane == null || !lane.waiting.remove(runId)) {
      return false;
    }
    waiting--;
    if (lane.waiting.isEmpty() && ready.remove(chatId)) {
      lanes.remove(chatId);
    }
    return true;
  }

  /** The runs of a chat that wait. */
  synchronized List<UUID> waitingOf(UUID chatId) {
    Lane lane = lanes.get(chatId);
    return lane == null ? List.of() : List.copyOf(lane.waiting);
  }

  /** Starts no further run; what waits stays stored. */
  synchronized void stop() {
    stopped = true;
  }

  /** Waits until nothing is worked on; false where that takes longer than {@code time}. */
  synchronized boolean awaitIdle(Duration time) throws InterruptedException {
    long end = System.nanoTime() + time.toNanos();
    while (workers > 0) {
      long left = end - System.nanoTime();
      if (left <= 0) {
        return false;
      }
      TimeUnit.NANOSECONDS.timedWait(this, left);
    }
    return true;
  }

  synchronized int waiting() {
    return waiting;
  }

  /** Where the machine has no thread to give, the run waits for the next one that is added. */
  private void startWorker() {
    try {
      threads.execute(this::work);
    } catch (RuntimeException | Error e) {
      log.error("No thread to work on runs", e);
      synchronized (this) {
        workers--;
      }
    }
  }

  private void work() {
    Next next;
    while ((next = take()) != null) {
      try {
        worker.accept(next.chatId(), next.runId());
      } catch (RuntimeException | Error e) {
        log.error("run_id={} could not be worked on", next.runId(), e);
      } finally {
        finished(next.chatId());
      }
    }
  }

  private synchronized Next take() {
    UUID chatId = stopped ? null : ready.pollFirst();
    if (chatId == null) {
      workers--;
      notifyAll();
      return null;
    }
    waiting--;
    return new Next(chatId, lanes.get(chatId).waiting.removeFirst());
  }

  private synchronized void finished(UUID chatId) {
    Lane lane = lanes.get(chatId);
    if (lane.waiting.isEmpty()) {
      lanes.remove(chatId);
    } else {
      ready.addLast(chatId);
    }
  }
}
