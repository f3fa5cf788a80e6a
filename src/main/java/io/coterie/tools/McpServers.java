package io.coterie.tools;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.coterie.model.Cancellation;
import io.coterie.net.HttpClients;
import io.coterie.net.PublicAddresses;
import io.coterie.net.Resolver;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * Tool servers that speak the Model Context Protocol, as programs of this host or over streamable
 * HTTP. One server serves all who ask for an equal {@link ToolServer}; it ends when nobody has
 * asked for a while, or when this is closed, and starts anew when it is asked for after it died.
 * Threads exist from the first use on, all of them daemons. Thread-safe.
 */
public final class McpServers implements ToolServers, AutoCloseable {

  static final String STOPPED = "Tools are not available, as the server is stopping.";

  /**
   * How long to wait.
   *
   * @param call for the answer to a call
   * @param start for a server to start and shake hands, and for its list of tools
   * @param idle without a call, before a server is stopped
   * @param ping for a sign of life of a server that left a call unanswered
   * @param memory after which a list of tools is asked for again
   */
  record Limits(Duration call, Duration start, Duration idle, Duration ping, Duration memory) {}

  private static final Duration IDLE = Duration.ofMinutes(10);
  private static final Duration MEMORY = Duration.ofMinutes(5);
  private static final Duration PING = Duration.ofSeconds(5);
  private static final Duration USUAL_PATIENCE = Duration.ofSeconds(3);
  private static final HttpClients.Settings HTTP =
      new HttpClients.Settings("tool-http", Duration.ofSeconds(10), 64, false);
  private static final ObjectMapper ARGUMENTS =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private interface Action<T> {
    T with(ToolSession session) throws ToolFailure;
  }

  private final Path folder;
  private final Limits limits;
  private final ExecutorService workers = Executors.newCachedThreadPool(daemons("tool-worker"));
  private final ScheduledThreadPoolExecutor sweeper =
      new ScheduledThreadPoolExecutor(1, daemons("tool-sweeper"));
  private final HttpClients clients;
  private final Map<ToolServer, SharedServer> servers = new HashMap<>();

  /** These and those that were replaced but are still used or not yet stopped. */
  private final Set<SharedServer> all = new HashSet<>();

  private boolean sweeping;
  private boolean closed;

  /**
   * Starts nothing yet.
   *
   * @param folder where programs run; made when the first one starts
   * @param startTimeout how long a server may take to start, and to list its tools
   * @param callTimeout how long a call may take
   */
  public McpServers(Path folder, Duration startTimeout, Duration callTimeout) {
    this(
        folder,
        new Limits(callTimeout, startTimeout, IDLE, PING, MEMORY),
        InetAddress::getAllByName,
        PublicAddresses::contains);
  }

  McpServers(Path folder, Limits limits, Resolver resolver, Predicate<InetAddress> isPublic) {
    this.folder = folder;
    this.limits = limits;
    this.clients = new HttpClients(HTTP, resolver, isPublic);
  }

  private static ThreadFactory daemons(String name) {
    return work -> {
      Thread thread = new Thread(work, name);
      thread.setDaemon(true);
      return thread;
    };
  }

  @Override
  public List<Tool> list(ToolServer server, Cancellation cancellation) throws ToolException {
    return use(server, cancellation, session -> session.tools(limits.start(), cancellation));
  }

  @Override
  public ToolResult call(
      ToolServer server, String tool, String arguments, Cancellation cancellation)
      throws ToolException {
    JsonNode object = object(arguments);
    return use(
        server, cancellation, session -> session.call(tool, object, limits.call(), cancellation));
  }

  private static JsonNode object(String arguments) throws ToolException {
    try {
      boolean none = arguments == null || arguments.isBlank();
      JsonNode object = none ? ARGUMENTS.createObjectNode() : ARGUMENTS.readTree(arguments);
      if (object.isObject()) {
        return object;
      }
      throw new ToolException("The arguments of a tool must be a JSON object.");
    } catch (JsonProcessingException e) {
      throw new ToolException("The arguments of a tool must be a JSON object.", e);
    }
  }

  @Override
  public void release(ToolServer server) {
    SharedServer shared;
    synchronized (servers) {
      shared = servers.get(server);
    }
    if (shared != null) {
      shared.retire();
    }
  }

  private <T> T use(ToolServer server, Cancellation cancellation, Action<T> action)
      throws ToolException {
    if (cancellation.isCancelled()) {
      throw new CancellationException("cancelled");
    }
    try {
      try {
        return once(server, cancellation, action);
      } catch (ToolFailure e) {
        if (!e.isUntouched()) {
          throw e;
        }
        // It was gone before it could begin, so asking again does nothing twice.
        return once(server, cancellation, action);
      }
    } catch (ToolFailure e) {
      throw new ToolException(e.getMessage(), e);
    }
  }

  private <T> T once(ToolServer server, Cancellation cancellation, Action<T> action)
      throws ToolFailure {
    SharedServer shared = enter(server);
    try {
      return action.with(shared.await(limits.start(), cancellation));
    } catch (TimedOut e) {
      shared.doubt();
      throw e;
    } finally {
      shared.leave();
    }
  }

  private SharedServer enter(ToolServer server) throws ToolFailure {
    SharedServer shared;
    boolean fresh;
    synchronized (servers) {
      if (closed) {
        throw ToolFailure.of(STOPPED);
      }
      shared = servers.get(server);
      fresh = shared == null || !shared.enter();
      if (fresh) {
        shared = new SharedServer(server, folder, limits, clients, workers);
        shared.enter();
        servers.put(server, shared);
        all.add(shared);
      }
      if (!sweeping) {
        sweeping = true;
        long nanos = Math.max(1, limits.idle().toNanos() / 4);
        var unused =
            sweeper.scheduleWithFixedDelay(this::sweep, nanos, nanos, TimeUnit.NANOSECONDS);
      }
    }
    if (fresh) {
      shared.start();
    }
    return shared;
  }

  private void sweep() {
    synchronized (servers) {
      servers.values().removeIf(SharedServer::retireIfIdle);
      all.removeIf(SharedServer::isGone);
    }
  }

  /** Stops all servers, and the programs among them with whatever they have started. */
  @Override
  public void close() {
    close(USUAL_PATIENCE);
  }

  /** As {@link #close()}; what does not end by itself in that time is ended by force. */
  public void close(Duration patience) {
    List<SharedServer> left;
    synchronized (servers) {
      closed = true;
      left = List.copyOf(all);
      servers.clear();
      all.clear();
    }
    sweeper.shutdownNow();
    CompletableFuture<?>[] ends =
        left.stream()
            .map(shared -> CompletableFuture.runAsync(() -> shared.stop(patience), workers))
            .toArray(CompletableFuture<?>[]::new);
    // Each end is bounded by itself; this is for a machine that does not get to it.
    CompletableFuture.allOf(ends)
        .completeOnTimeout(null, patience.multipliedBy(3).toNanos(), TimeUnit.NANOSECONDS)
        .exceptionally(e -> null)
        .join();
    clients.close();
    workers.shutdown();
  }
}
