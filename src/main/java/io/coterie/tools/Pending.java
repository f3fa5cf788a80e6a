package io.coterie.tools;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.concurrent.CompletableFuture;

/** One request that a tool server has not answered yet. Thread-safe. */
final class Pending {

  private static final Runnable NOTHING = () -> {};

  private final CompletableFuture<JsonNode> answer = new CompletableFuture<>();
  private volatile Object id;
  private volatile boolean sent;
  private volatile Runnable stop = NOTHING;

  /** Completes with the result, a {@link ToolFailure} or what the session says. */
  CompletableFuture<JsonNode> answer() {
    return answer;
  }

  /** Its JSON-RPC id; null before it was given to the transport. */
  Object id() {
    return id;
  }

  void id(Object given) {
    id = given;
  }

  /** Whether the server may have seen it. */
  boolean isSent() {
    return sent;
  }

  void sent(boolean may) {
    sent = may;
  }

  /** What ends the exchange once nobody waits for the answer. */
  void onStop(Runnable action) {
    stop = action;
  }

  void stop() {
    stop.run();
  }
}
