package io.coterie.tools;

import static org.assertj.core.api.Assertions.assertThat;

import io.coterie.model.Cancellation;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/** Waits for what happens elsewhere, and calls on other threads. */
final class Waiting {

  private static final Duration LONG = Duration.ofSeconds(20);

  private Waiting() {}

  /**
   * A thread for each: the common pool has one on a small machine, where who waits is in the way.
   */
  static final Executor THREADS =
      work -> {
        Thread thread = new Thread(work, "test-call");
        thread.setDaemon(true);
        thread.start();
      };

  static <T> CompletableFuture<T> async(Supplier<T> work) {
    return CompletableFuture.supplyAsync(work, THREADS);
  }

  /** Asks again and again. */
  static void until(Callable<Boolean> condition) throws Exception {
    long deadline = System.nanoTime() + LONG.toNanos();
    while (!condition.call()) {
      assertThat(System.nanoTime()).as("it takes too long").isLessThan(deadline);
      LockSupport.parkNanos(Duration.ofMillis(2).toNanos());
    }
  }

  /** A call that is told from all others by a key. */
  static ToolResult result(McpServers servers, ToolServer server, String tool, Cancellation c) {
    try {
      return servers.call(server, tool, "{\"key\":\"" + UUID.randomUUID() + "\"}", c);
    } catch (ToolException e) {
      throw new CompletionException(e);
    }
  }

  /** What a future fails with. */
  static Throwable failure(CompletableFuture<?> future) throws Exception {
    Throwable failure = future.handle((result, e) -> e).get(LONG.toSeconds(), TimeUnit.SECONDS);
    return failure instanceof CompletionException ? failure.getCause() : failure;
  }

  static void quietly(Callable<?> work) {
    try {
      work.call();
    } catch (Exception e) {
      throw new CompletionException(e);
    }
  }
}
