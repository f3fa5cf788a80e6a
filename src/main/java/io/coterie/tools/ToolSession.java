package io.coterie.tools;

import com.fasterxml.jackson.databind.JsonNode;
import io.coterie.model.Cancellation;
import io.modelcontextprotocol.json.TypeRef;
import io.modelcontextprotocol.spec.McpClientSession;
import io.modelcontextprotocol.spec.McpError;
import io.modelcontextprotocol.spec.McpSchema;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/**
 * A conversation with one tool server after the handshake: requests that are bounded in time and
 * can be cancelled. It follows the Model Context Protocol, 2024-11-05 to 2025-11-25, and offers no
 * capabilities to the server. Thread-safe.
 */
final class ToolSession {

  private static final Logger log = LoggerFactory.getLogger(ToolSession.class);
  private static final TypeRef<JsonNode> TREE = new TypeRef<>() {};
  private static final int MAX_ERROR = 500;

  /**
   * Waiting is done here, where a timeout can be told to the server; the session's must be more.
   */
  private static final Duration NEVER = Duration.ofDays(365);

  private final ToolTransport transport;
  private final String who;
  private final ToolLists lists;
  private final McpClientSession session;

  /**
   * @param memory for how long a list of tools is remembered
   */
  ToolSession(ToolTransport transport, String who, Duration memory) {
    this.transport = transport;
    this.who = who;
    this.lists = new ToolLists(this, who, memory);
    this.session =
        new McpClientSession(
            NEVER,
            transport,
            Map.of(McpSchema.METHOD_PING, params -> Mono.just(Map.of())),
            Map.of(
                McpSchema.METHOD_NOTIFICATION_TOOLS_LIST_CHANGED,
                params -> Mono.fromRunnable(lists::forget)),
            connected -> connected);
  }

  /** The handshake. */
  void initialize(Duration limit) throws ToolFailure {
    String newest = ToolTransport.VERSIONS.get(ToolTransport.VERSIONS.size() - 1);
    Map<String, Object> offer =
        Map.of(
            "protocolVersion",
            newest,
            "capabilities",
            Map.of(),
            "clientInfo",
            Map.of("name", "coterie", "version", version()));
    JsonNode result = ask(McpSchema.METHOD_INITIALIZE, offer, limit, new Cancellation());
    String version = result.path("protocolVersion").asText();
    if (!ToolTransport.VERSIONS.contains(version)) {
      throw ToolFailure.of(who + " speaks no version of the protocol that Coterie knows.");
    }
    boolean changes = result.at("/capabilities/tools/listChanged").asBoolean(false);
    transport.agreed(version);
    // Some servers refuse what overtakes this.
    session
        .sendNotification(McpSchema.METHOD_NOTIFICATION_INITIALIZED, null)
        .toFuture()
        .exceptionally(e -> null)
        .completeOnTimeout(null, limit.toNanos(), TimeUnit.NANOSECONDS)
        .join();
    transport.ready(changes);
  }

  private static String version() {
    String version = ToolSession.class.getPackage().getImplementationVersion();
    return version == null ? "0" : version;
  }

  /**
   * What the server can do, from memory where that is fresh and it has not said that this has
   * changed.
   */
  List<Tool> tools(Duration limit, Cancellation cancellation) throws ToolFailure {
    transport.listen();
    return lists.get(limit, cancellation);
  }

  ToolResult call(String tool, JsonNode arguments, Duration limit, Cancellation cancellation)
      throws ToolFailure {
    Map<String, Object> call = Map.of("name", tool, "arguments", arguments);
    return ToolResults.read(ask(McpSchema.METHOD_TOOLS_CALL, call, limit, cancellation));
  }

  /** Whether the server answers at all. */
  boolean isAlive(Duration limit) {
    try {
      ask(McpSchema.METHOD_PING, null, limit, new Cancellation());
      return true;
    } catch (TimedOut e) {
      return false;
    } catch (ToolFailure e) {
      // It has answered, if only that it knows no ping; or it is over, which is known elsewhere.
      return true;
    }
  }

  boolean isOver() {
    return transport.isOver();
  }

  /** Ends the conversation, and the program if it is one, within a few seconds. */
  void close() {
    transport.stop();
  }

  /**
   * Asks and waits.
   *
   * @throws CancellationException as soon as it is cancelled; the server is told
   */
  JsonNode ask(String method, Object params, Duration limit, Cancellation cancellation)
      throws ToolFailure {
    Pending pending = new Pending();
    CancellationException cancelled = new CancellationException("cancelled");
    try (Cancellation.Registration registration =
        cancellation.onCancel(() -> pending.answer().completeExceptionally(cancelled))) {
      if (!pending.answer().isDone()) {
        session
            .sendRequest(method, params, TREE)
            .contextWrite(context -> context.put(Pending.class, pending))
            .subscribe(pending.answer()::complete, pending.answer()::completeExceptionally);
      }
      return pending.answer().get(limit.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      giveUp(method, pending, "timeout");
      throw new TimedOut(who, limit);
    } catch (CancellationException e) {
      giveUp(method, pending, "cancelled");
      throw cancelled;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      giveUp(method, pending, "cancelled");
      throw cancelled;
    } catch (ExecutionException e) {
      throw failure(e.getCause());
    }
  }

  private void giveUp(String method, Pending pending, String reason) {
    if (pending.id() == null) {
      return;
    }
    if (pending.isSent() && !method.equals(McpSchema.METHOD_INITIALIZE)) {
      say("notifications/cancelled", Map.of("requestId", pending.id(), "reason", reason));
    }
    transport.abandon(pending);
  }

  private void say(String method, Object params) {
    session
        .sendNotification(method, params)
        .subscribe(done -> {}, e -> log.debug("A notification was not sent", e));
  }

  private ToolFailure failure(Throwable cause) {
    if (cause instanceof ToolFailure failure) {
      return failure;
    }
    if (cause instanceof McpError error) {
      String words = error.getMessage() == null ? "" : Labels.of(error.getMessage(), MAX_ERROR);
      return ToolFailure.of(who + " refused: " + words, error);
    }
    return ToolFailure.of(who + " gave an answer that Coterie does not understand.", cause);
  }
}
