package io.coterie.agent;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/** Does several things at the same time, and waits for all of them. Thread-safe. */
final class Parallel {

  private static final int AT_ONCE = 8;

  private final Executor threads;

  Parallel(Executor threads) {
    this.threads = threads;
  }

  /**
   * The results in the order of {@code items}. Where one of them throws, no more are begun, and it
   * is thrown when those that were begun are done. The calling thread works as well, so that this
   * ends where there are no other threads.
   */
  <T, R> List<R> map(List<T> items, Function<T, R> work) {
    List<R> results = new ArrayList<>(Collections.nCopies(items.size(), null));
    AtomicInteger next = new AtomicInteger();
    Runnable worker =
        () -> {
          for (int i = next.getAndIncrement(); i < items.size(); i = next.getAndIncrement()) {
            R result;
            try {
              result = work.apply(items.get(i));
            } catch (RuntimeException e) {
              next.set(items.size());
              throw e;
            }
            synchronized (results) {
              results.set(i, result);
            }
          }
        };
    List<CompletableFuture<Void>> others = new ArrayList<>();
    for (int n = 1; n < Math.min(AT_ONCE, items.size()); n++) {
      try {
        others.add(CompletableFuture.runAsync(worker, threads));
      } catch (RejectedExecutionException e) {
        break;
      }
    }
    RuntimeException failure = null;
    try {
      worker.run();
    } catch (RuntimeException e) {
      failure = e;
    }
    for (CompletableFuture<Void> other : others) {
      try {
        other.join();
      } catch (CompletionException e) {
        RuntimeException thrown =
            e.getCause() instanceof RuntimeException cause ? cause : new RuntimeException(e);
        failure = failure == null ? thrown : failure;
      }
    }
    if (failure != null) {
      throw failure;
    }
    synchronized (results) {
      return List.copyOf(results);
    }
  }
}
