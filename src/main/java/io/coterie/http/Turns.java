package io.coterie.http;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Executor;

/**
 * Bounds what reading JSON costs at one time: a megabyte of small values becomes thirty of objects.
 * What is small goes on at once; the rest waits for its turn, first come first served, and no
 * thread with it. Thread-safe.
 */
public final class Turns {

  /** Bytes of heap for a byte of the worst JSON, {@code [{},{},...}. */
  private static final long FACTOR = 32;

  /** Up to here it costs no more than a request does anyway; in bytes of JSON. */
  private static final int SMALL = 4096;

  private record Waiting(long weight, Runnable work) {}

  private final long capacity;
  private final Executor threads;
  private final Deque<Waiting> queue = new ArrayDeque<>();
  private long taken;

  /**
   * @param capacity how much heap what is read at one time may take, in bytes
   * @param threads run what has waited
   */
  public Turns(long capacity, Executor threads) {
    this.capacity = capacity;
    this.threads = threads;
  }

  /**
   * Runs work that reads so many bytes of JSON: before this returns, or later on another thread.
   * What it reads must be garbage, or small, when it returns.
   */
  public void run(long bytes, Runnable work) {
    if (bytes <= SMALL) {
      work.run();
      return;
    }
    Waiting turn = new Waiting(Math.min(bytes * FACTOR, capacity), work);
    synchronized (this) {
      if (!queue.isEmpty() || taken + turn.weight > capacity) {
        queue.add(turn);
        return;
      }
      taken += turn.weight;
    }
    take(turn);
  }

  private void take(Waiting turn) {
    try {
      turn.work.run();
    } finally {
      next(turn.weight).forEach(each -> threads.execute(() -> take(each)));
    }
  }

  private synchronized List<Waiting> next(long given) {
    taken -= given;
    List<Waiting> next = new ArrayList<>();
    while (!queue.isEmpty() && taken + queue.peek().weight <= capacity) {
      taken += queue.peek().weight;
      next.add(queue.poll());
    }
    return next;
  }
}
