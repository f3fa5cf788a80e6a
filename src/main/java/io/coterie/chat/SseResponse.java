package io.coterie.chat;

import io.javalin.http.Context;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * A response that streams server-sent events. What it is given before it is started waits; a client
 * that reads too slowly is cut off. Thread-safe.
 */
public final class SseResponse {

  private final SseWire wire = new SseWire();
  private final Connections connections;
  private final Outbox out;
  private final Holder holder;

  SseResponse(Connections connections, long maxOutbox, Holder holder) {
    this.connections = connections;
    this.holder = holder;
    this.out = new Outbox(wire, maxOutbox);
  }

  /**
   * Answers with a stream.
   *
   * @param open starts to feed the outbox; what it throws is answered as an error, before the
   *     stream began
   */
  static void send(
      Context ctx, Connections connections, long maxOutbox, Holder holder, Consumer<Outbox> open) {
    SseResponse response = new SseResponse(connections, maxOutbox, holder);
    open.accept(response.out);
    ctx.future(() -> response.start(ctx));
  }

  static boolean isWanted(Context ctx) {
    String accept = ctx.header("Accept");
    return accept != null && accept.toLowerCase(Locale.ROOT).contains("text/event-stream");
  }

  /**
   * Begins to answer; the request must be asynchronous by now. The future completes when the
   * response is over.
   */
  public CompletableFuture<Void> start(Context ctx) {
    connections.add(out, Connections.Transport.SSE, holder);
    HttpServletResponse response = ctx.res();
    response.setStatus(200);
    response.setContentType("text/event-stream");
    response.setCharacterEncoding("UTF-8");
    response.setHeader("Cache-Control", "no-cache");
    // A stop waits for connections that could carry another request.
    response.setHeader("Connection", "close");
    response.setHeader("X-Accel-Buffering", "no");
    try {
      wire.start(response.getOutputStream(), out::disconnected);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return wire.ended();
  }

  /** Adds an event that has no name. */
  public void data(String text) {
    out.offer(new ChatEvent("", 0, text));
  }

  /** Ends the stream after what was added. */
  public void end() {
    out.close(CloseReason.DONE);
  }

  /** Calls {@code action} once, when the stream has ended, for whatever reason. */
  public void whenClosed(Runnable action) {
    out.whenClosed(action);
  }
}
