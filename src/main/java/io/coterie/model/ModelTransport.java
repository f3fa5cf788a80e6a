package io.coterie.model;

import java.net.http.HttpClient;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What all model requests share: the JDK's HTTP client, a few daemon threads for its callbacks and
 * a timer. Nothing of it exists before the first request, and idle threads end by themselves.
 * Thread-safe.
 *
 * <p>HTTP/1.1 only: a reply has its connection to itself, so that hanging up is all it takes to
 * cancel, and local servers are not confused by an offer to upgrade.
 */
final class ModelTransport implements AutoCloseable {

  /** Callbacks do not wait, so a few threads serve any number of replies. */
  private static final int THREADS = 8;

  private static final long KEEP_ALIVE_SECONDS = 10;

  private final Duration connectTimeout;
  private final Set<ModelExchange> live = ConcurrentHashMap.newKeySet();
  private Parts parts;

  private record Parts(
      HttpClient client, ThreadPoolExecutor executor, ScheduledThreadPoolExecutor timer) {}

  ModelTransport(Duration connectTimeout) {
    this.connectTimeout = connectTimeout;
  }

  /** The shared client; counts {@code exchange} among those that {@link #close} ends. */
  HttpClient enter(ModelExchange exchange) {
    live.add(exchange);
    HttpClient client = parts().client();
    if (client == null) {
      live.remove(exchange);
      throw new CancellationException("The server is stopping");
    }
    return client;
  }

  void leave(ModelExchange exchange) {
    live.remove(exchange);
  }

  /** Runs {@code task} on a callback thread; after {@link #close} it is dropped. */
  void execute(Runnable task) {
    parts().executor().execute(task);
  }

  /** Runs {@code task} on a callback thread after {@code delay}. */
  Future<?> schedule(Runnable task, Duration delay) {
    Parts shared = parts();
    return shared
        .timer()
        .schedule(() -> shared.executor().execute(task), delay.toNanos(), TimeUnit.NANOSECONDS);
  }

  /** Ends what is in progress, as if cancelled. The client itself ends when it is collected. */
  @Override
  public void close() {
    Parts ending;
    synchronized (this) {
      ending = parts == null ? create(null) : parts;
      // Whoever comes later finds executors that drop what they are given, and no client.
      parts = new Parts(null, ending.executor(), ending.timer());
    }
    List.copyOf(live).forEach(ModelExchange::cancel);
    ending.timer().shutdownNow();
    ending.executor().shutdown();
  }

  private synchronized Parts parts() {
    if (parts == null) {
      parts = create(HttpClient.newBuilder().connectTimeout(connectTimeout));
    }
    return parts;
  }

  private static Parts create(HttpClient.Builder builder) {
    ThreadPoolExecutor executor =
        new ThreadPoolExecutor(
            THREADS,
            THREADS,
            KEEP_ALIVE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            daemons("model-"),
            new ThreadPoolExecutor.DiscardPolicy());
    executor.allowCoreThreadTimeOut(true);
    ScheduledThreadPoolExecutor timer =
        new ScheduledThreadPoolExecutor(
            1, daemons("model-timer-"), new ThreadPoolExecutor.DiscardPolicy());
    timer.setRemoveOnCancelPolicy(true);
    timer.setKeepAliveTime(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS);
    timer.allowCoreThreadTimeOut(true);
    HttpClient client =
        builder == null
            ? null
            : builder
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .executor(executor)
                .build();
    return new Parts(client, executor, timer);
  }

  private static ThreadFactory daemons(String prefix) {
    AtomicInteger count = new AtomicInteger();
    return task -> {
      Thread thread = new Thread(task, prefix + count.incrementAndGet());
      thread.setDaemon(true);
      return thread;
    };
  }
}
