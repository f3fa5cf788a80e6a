package io.coterie.tools;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.concurrent.CompletableFuture;

/** One request that a tool server has not answered yet. Thread-safe. */
final class Pending {

  /** How far it has come. */
  enum Stage {
    /** The server has not seen it. */
    WAITING,
    /** It is being written, and it will soon be known which of the others is true. */
    LEAVING,
    /** The server may have seen it. */
    SENT
  }

  private static final Runnable NOTHING = () -> {};

  private final CompletableFuture<JsonNode> answer = new CompletableFuture<>();
  private volatile Object id;
  private volatile Stage stage = Stage.WAITING;
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

  Stage stage() {
    return stage;
  }

  void stage(Stage reached) {
    stage = reached;
  }

  /** Whether the server may have seen it, or a part of it. */
  boolean isSent() {
    return stage != Stage.WAITING;
  }

  /** What ends the exchange once nobody waits for the answer. */
  void onStop(Runnable action) {
    stop = action;
  }

  void stop() {
    stop.run();
  }
}
