package io.coterie.user;

import io.coterie.http.ApiException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.mindrot.jbcrypt.BCrypt;

/**
 * Hashes and checks passwords with bcrypt, on a few threads of its own, of which one address has
 * one at most, in turn with all others: so a flood of logins costs its senders and nobody else.
 * Thread-safe.
 */
final class Passwords implements AutoCloseable {

  /** bcrypt reads no further; a longer password is refused, never cut. */
  static final int MAX_BYTES = 72;

  private static final int COST = 10;
  private static final int MAX_WAITING = 200;
  private static final int RETRY_AFTER_SECONDS = 5;
  private static final int PATIENCE_SECONDS = 1;

  private record Work<T>(Supplier<T> supplier, CompletableFuture<T> result) {

    void run() {
      try {
        result.complete(supplier.get());
      } catch (RuntimeException | Error e) {
        result.completeExceptionally(e);
      }
    }

    void refuse(ApiException why) {
      result.completeExceptionally(why);
    }
  }

  /** Two at least, so that one address never has them all. */
  private final int places = Math.max(2, Runtime.getRuntime().availableProcessors() / 2);

  private final TakingTurns<Work<?>> turns = new TakingTurns<>(MAX_WAITING);
  private final ThreadPoolExecutor threads;
  private int taken;
  private boolean closed;

  Passwords() {
    threads =
        new ThreadPoolExecutor(
            places, places, 5, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), Passwords::thread);
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

  /**
   * Runs work that hashes, after all that the same address has submitted before. Ends with 429
   * where too much waits already and no address has more of it waiting than this one.
   */
  <T> CompletableFuture<T> submit(String address, Supplier<T> supplier) {
    Work<T> work = new Work<>(supplier, new CompletableFuture<>());
    Optional<Work<?>> refused;
    synchronized (turns) {
      if (closed) {
        throw ApiException.stopping();
      }
      refused = turns.add(address, work);
      if (taken < places) {
        taken++;
        threads.execute(this::workOff);
      }
    }
    refused.ifPresent(gone -> gone.refuse(ApiException.tooManyRequests(RETRY_AFTER_SECONDS)));
    return work.result();
  }

  /** Lets what is under way end; what waits is answered that the server stops. */
  @Override
  public void close() {
    List<Work<?>> waiting;
    synchronized (turns) {
      closed = true;
      waiting = turns.clear();
      threads.shutdown();
    }
    waiting.forEach(work -> work.refuse(ApiException.stopping()));
    try {
      var unused = threads.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void workOff() {
    Optional<TakingTurns.Turn<Work<?>>> turn;
    while ((turn = next()).isPresent()) {
      try {
        turn.get().work().run();
      } finally {
        done(turn.get().source());
      }
    }
  }

  private Optional<TakingTurns.Turn<Work<?>>> next() {
    synchronized (turns) {
      Optional<TakingTurns.Turn<Work<?>>> turn = turns.take();
      if (turn.isEmpty()) {
        taken--;
      }
      return turn;
    }
  }

  private void done(String address) {
    synchronized (turns) {
      turns.done(address);
    }
  }

  private static Thread thread(Runnable work) {
    Thread thread = new Thread(work, "passwords");
    thread.setDaemon(true);
    return thread;
  }
}
