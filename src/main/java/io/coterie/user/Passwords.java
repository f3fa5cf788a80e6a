package io.coterie.user;

import io.coterie.http.ApiException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.mindrot.jbcrypt.BCrypt;

/**
 * Hashes and checks passwords with bcrypt, on a few threads of its own with a bounded queue, so
 * that a flood of logins costs its senders and nobody else. Thread-safe.
 */
final class Passwords implements AutoCloseable {

  /** bcrypt reads no further; a longer password is refused, never cut. */
  static final int MAX_BYTES = 72;

  private static final int COST = 10;
  private static final int QUEUE = 200;
  private static final int RETRY_AFTER_SECONDS = 5;

  private final ThreadPoolExecutor threads;

  Passwords() {
    int size = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
    threads =
        new ThreadPoolExecutor(
            size, size, 5, TimeUnit.SECONDS, new LinkedBlockingQueue<>(QUEUE), Passwords::thread);
    threads.allowCoreThreadTimeOut(true);
  }

  /** Whether bcrypt can take the whole of it. */
  static boolean fits(String password) {
    return password.getBytes(StandardCharsets.UTF_8).length <= MAX_BYTES;
  }

  /**
   * Hashes; only for passwords that {@linkplain #fits fit}. On one of {@link #submit}'s threads.
   */
  String hash(String password) {
    return BCrypt.hashpw(password, BCrypt.gensalt(COST));
  }

  /** Whether the password is that of the hash. On one of {@link #submit}'s threads. */
  boolean matches(String password, String hash) {
    return fits(password) && BCrypt.checkpw(password, hash);
  }

  /** Runs work that hashes; 429 where too much of it waits already. */
  <T> CompletableFuture<T> submit(Supplier<T> work) {
    try {
      return CompletableFuture.supplyAsync(work, threads);
    } catch (RejectedExecutionException e) {
      throw ApiException.tooManyRequests(RETRY_AFTER_SECONDS);
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }

  private static Thread thread(Runnable work) {
    Thread thread = new Thread(work, "passwords");
    thread.setDaemon(true);
    return thread;
  }
}
