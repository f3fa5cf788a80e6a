package io.coterie.tools;

import io.coterie.model.Cancellation;
import io.coterie.net.HttpClients;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * One started server and those who use it. Its life goes one way: it starts, is used, retires and
 * stops; who finds it retired makes another. Thread-safe.
 */
final class SharedServer {

  private static final int MAX_NAME = 80;
  private static final Duration USUAL_PATIENCE = Duration.ofSeconds(3);

  private final ToolServer server;
  private final String who;
  private final Path folder;
  private final McpServers.Limits limits;
  private final HttpClients clients;
  private final Executor executor;
  private final CompletableFuture<ToolSession> session = new CompletableFuture<>();
  private ToolTransport transport;
  private int users;
  private long lastUse = System.nanoTime();
  private boolean retired;
  private boolean stopped;
  private boolean gone;

  SharedServer(
      ToolServer server,
      Path folder,
      McpServers.Limits limits,
      HttpClients clients,
      Executor executor) {
    this.server = server;
    this.who = who(server);
    this.folder = folder;
    this.limits = limits;
    this.clients = clients;
    this.executor = executor;
  }

  /** How a server is called in messages: by its program, or by its host. */
  private static String who(ToolServer server) {
    if (server.command() == null) {
      String host = server.url().getHost();
      return "The tool server " + Labels.of(host == null ? "" : host, MAX_NAME);
    }
    String program = server.command().isEmpty() ? "" : server.command().get(0);
    String name =
        program.substring(Math.max(program.lastIndexOf('/'), program.lastIndexOf('\\')) + 1);
    return "The program " + Labels.of(name, MAX_NAME);
  }

  /** Counts one more user; false where it can be used no longer. */
  synchronized boolean enter() {
    if (retired || session.isCompletedExceptionally() || transport != null && transport.isOver()) {
      retired = true;
      stopIfUnused();
      return false;
    }
    users++;
    return true;
  }

  synchronized void leave() {
    users--;
    lastUse = System.nanoTime();
    stopIfUnused();
  }

  synchronized void retire() {
    retired = true;
    stopIfUnused();
  }

  synchronized boolean retireIfIdle() {
    boolean idle = System.nanoTime() - lastUse >= limits.idle().toNanos();
    boolean over = transport != null && transport.isOver();
    if (users == 0 && (idle || over)) {
      retired = true;
      stopIfUnused();
    }
    return retired;
  }

  private void stopIfUnused() {
    if (retired && users == 0 && !stopped) {
      background(() -> stop(USUAL_PATIENCE));
    }
  }

  /** A call was left unanswered: unless there is a sign of life, the next one gets a new server. */
  void doubt() {
    background(
        () -> {
          ToolSession known = session.isCompletedExceptionally() ? null : session.getNow(null);
          if (known != null && !known.isOver() && !known.isAlive(limits.ping())) {
            synchronized (this) {
              retired = true;
              stopIfUnused();
            }
          }
        });
  }

  private void background(Runnable work) {
    try {
      executor.execute(work);
    } catch (RejectedExecutionException e) {
      // Everything is being stopped, this too.
      stopped = true;
    }
  }

  /** Starts the server in the background. */
  void start() {
    try {
      executor.execute(this::begin);
    } catch (RejectedExecutionException e) {
      session.completeExceptionally(ToolFailure.of(McpServers.STOPPED));
    }
  }

  private void begin() {
    try {
      ToolTransport made = transport();
      boolean late;
      synchronized (this) {
        transport = made;
        late = stopped;
      }
      if (late) {
        made.stop();
        throw ToolFailure.of(McpServers.STOPPED);
      }
      ToolSession begun = new ToolSession(made, who, limits.memory());
      begun.initialize(limits.start());
      session.complete(begun);
    } catch (ToolFailure | RuntimeException e) {
      session.completeExceptionally(
          e instanceof ToolFailure f
              ? f.touched()
              : ToolFailure.of(who + " could not be used.", e));
      stop(USUAL_PATIENCE);
    }
  }

  private ToolTransport transport() throws ToolFailure {
    if (server.command() != null) {
      return ProgramTransport.start(server.command(), folder, who);
    }
    URI url = server.url();
    if (!HttpClients.isUsable(url)) {
      throw ToolFailure.of("The tool server's address must be http:// or https:// and a host.");
    }
    Duration patience =
        limits.call().compareTo(limits.start()) > 0 ? limits.call() : limits.start();
    HttpClients.Reach reach =
        server.anyAddress() ? HttpClients.Reach.ANYWHERE : HttpClients.Reach.PUBLIC;
    try {
      return new HttpTransport(clients.get(reach), url, who, patience.plus(limits.ping()));
    } catch (IOException e) {
      throw ToolFailure.of(McpServers.STOPPED, e);
    }
  }

  /** Waits for the start. */
  ToolSession await(Duration limit, Cancellation cancellation) throws ToolFailure {
    CompletableFuture<ToolSession> mine = session.copy();
    CancellationException cancelled = new CancellationException("cancelled");
    try (Cancellation.Registration registration =
        cancellation.onCancel(() -> mine.completeExceptionally(cancelled))) {
      // A little more than the handshake has, whose own words say more.
      return mine.get(limit.plus(limits.ping()).toNanos(), TimeUnit.NANOSECONDS);
    } catch (CancellationException e) {
      throw cancelled;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw cancelled;
    } catch (TimeoutException e) {
      throw new TimedOut(who, limit);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      while (cause.getCause() != null && !(cause instanceof ToolFailure)) {
        cause = cause.getCause();
      }
      throw cause instanceof ToolFailure f ? f : ToolFailure.of(who + " could not be used.", e);
    }
  }

  /** Ends it now, whoever uses it; what it runs is given so long to end by itself. */
  void stop(Duration patience) {
    ToolTransport made;
    synchronized (this) {
      retired = true;
      stopped = true;
      made = transport;
    }
    if (made != null) {
      made.stop(patience);
    } else {
      // It may be about to be: who starts it then sees that it is to be stopped.
      session
          .handle((begun, e) -> null)
          .completeOnTimeout(null, patience.toNanos(), TimeUnit.NANOSECONDS)
          .join();
    }
    synchronized (this) {
      gone = true;
    }
  }

  /** Whether nothing of it is left to be stopped. */
  synchronized boolean isGone() {
    return gone;
  }
}
