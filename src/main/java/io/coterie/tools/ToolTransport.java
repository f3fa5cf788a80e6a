package io.coterie.tools;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.modelcontextprotocol.json.McpJsonMapper;
import io.modelcontextprotocol.json.TypeRef;
import io.modelcontextprotocol.json.jackson2.JacksonMcpJsonMapper;
import io.modelcontextprotocol.spec.McpClientTransport;
import io.modelcontextprotocol.spec.McpSchema;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCMessage;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCNotification;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCRequest;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/**
 * What both transports have in common: it knows which requests are unanswered, so that each ends
 * exactly once, by its answer, by the end of the transport, or because nobody waits any longer. A
 * request carries its {@link Pending} in the Reactor context. Thread-safe.
 */
abstract class ToolTransport implements McpClientTransport {

  private static final Duration USUAL_PATIENCE = Duration.ofSeconds(3);

  /** The most bytes of one message from a server. */
  static final int MAX_MESSAGE = 10 * 1024 * 1024;

  /** The versions of the protocol that are understood, the preferred one last. */
  static final List<String> VERSIONS =
      List.of("2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25");

  private static final Logger log = LoggerFactory.getLogger(ToolTransport.class);
  private static final McpJsonMapper JSON = new JacksonMcpJsonMapper(new ObjectMapper());

  private final Map<Object, Pending> open = new ConcurrentHashMap<>();
  private final AtomicReference<ToolFailure> over = new AtomicReference<>();
  private volatile Function<Mono<JSONRPCMessage>, Mono<JSONRPCMessage>> session;

  /** Sends a request without blocking. */
  abstract void send(byte[] json, Pending pending);

  /**
   * Sends anything else without blocking.
   *
   * @return completes when what is sent next cannot overtake it, or it has failed
   */
  abstract CompletableFuture<Void> sendAside(byte[] json);

  /** Ends what the transport holds, within a few seconds; further calls do nothing. */
  final void stop() {
    stop(USUAL_PATIENCE);
  }

  /** As {@link #stop()}, the other side being given so long to end by itself. */
  abstract void stop(Duration patience);

  /** This is the version that both sides speak. */
  abstract void agreed(String version);

  /** The handshake is over; {@code changes} says whether the server would tell of changes. */
  abstract void ready(boolean changes);

  /** Asks to be told of changes again, where that had ended. */
  abstract void listen();

  /** Whether nothing can be asked here any more. */
  final boolean isOver() {
    return over.get() != null;
  }

  /** Nothing can be asked here any more, and what was asked has failed. */
  final void end(ToolFailure why) {
    refuseMore(why);
    open.values().forEach(this::failIfOver);
  }

  /** To be called again for what was being written at the end, once its stage is known. */
  final void failIfOver(Pending pending) {
    ToolFailure why = over.get();
    if (why != null && pending.stage() != Pending.Stage.LEAVING) {
      fail(pending, pending.isSent() ? why.touched() : why);
    }
  }

  /** Nothing can be asked here any more; what was asked may still be answered. */
  final void refuseMore(ToolFailure why) {
    over.compareAndSet(null, why);
  }

  final void fail(Pending pending, ToolFailure why) {
    pending.answer().completeExceptionally(why);
    abandon(pending);
  }

  /** Nobody waits for it any longer. */
  final void abandon(Pending pending) {
    if (pending.id() != null && open.remove(pending.id(), pending)) {
      // The session would keep it for ever: it ends there with a result that nobody reads.
      deliver(JSONRPCResponse.result(pending.id(), Map.of()));
      pending.stop();
    }
  }

  /** Takes one message of the server; answers whether it was one. */
  final boolean received(String json) {
    JSONRPCMessage message;
    try {
      message = McpSchema.deserializeJsonRpcMessage(JSON, json);
    } catch (IOException | RuntimeException e) {
      log.debug("Not a message of the protocol", e);
      return false;
    }
    if (message instanceof JSONRPCResponse response) {
      if (open.remove(response.id()) != null) {
        boolean empty = response.result() == null && response.error() == null;
        deliver(empty ? JSONRPCResponse.result(response.id(), Map.of()) : response);
      }
    } else if (message instanceof JSONRPCRequest
        || message instanceof JSONRPCNotification notification
            && notification.method().equals(McpSchema.METHOD_NOTIFICATION_TOOLS_LIST_CHANGED)) {
      deliver(message);
    }
    return true;
  }

  /** The list of tools may have changed without being said so. */
  final void changed() {
    deliver(new JSONRPCNotification(McpSchema.METHOD_NOTIFICATION_TOOLS_LIST_CHANGED, null));
  }

  private void deliver(JSONRPCMessage message) {
    var taker = session;
    if (taker == null) {
      return;
    }
    taker
        .apply(Mono.just(message))
        .subscribe(done -> {}, e -> log.debug("A message was not taken", e));
  }

  @Override
  public final Mono<Void> connect(Function<Mono<JSONRPCMessage>, Mono<JSONRPCMessage>> handler) {
    return Mono.fromRunnable(() -> session = handler);
  }

  @Override
  public final Mono<Void> sendMessage(JSONRPCMessage message) {
    return Mono.deferContextual(
        context -> {
          if (!(message instanceof JSONRPCRequest request)) {
            byte[] json = write(message);
            return isOver() ? Mono.empty() : Mono.fromFuture(sendAside(json));
          }
          Pending pending = context.get(Pending.class);
          pending.id(request.id());
          open.put(request.id(), pending);
          if (isOver()) {
            failIfOver(pending);
          } else {
            send(write(message), pending);
          }
          return Mono.empty();
        });
  }

  private static byte[] write(JSONRPCMessage message) {
    try {
      return JSON.writeValueAsString(message).getBytes(StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public final <T> T unmarshalFrom(Object data, TypeRef<T> type) {
    return JSON.convertValue(data, type);
  }

  @Override
  public final List<String> protocolVersions() {
    return VERSIONS;
  }

  @Override
  public final Mono<Void> closeGracefully() {
    return Mono.fromRunnable(this::stop);
  }
}
