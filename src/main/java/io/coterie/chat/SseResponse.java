package io.coterie.chat;

import io.javalin.http.Context;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.Consumer;

/** A response that streams what an {@link Outbox} gets. */
final class SseResponse {

  private SseResponse() {}

  /**
   * Answers with a stream.
   *
   * @param open starts to feed the outbox; what it throws is answered as an error, before the
   *     stream began
   */
  static void send(Context ctx, Connections connections, long maxOutbox, Consumer<Outbox> open) {
    SseWire wire = new SseWire();
    Outbox out = new Outbox(wire, maxOutbox);
    open.accept(out);
    connections.add(out, Connections.Transport.SSE);
    HttpServletResponse response = ctx.res();
    response.setStatus(200);
    response.setContentType("text/event-stream");
    response.setCharacterEncoding("UTF-8");
    response.setHeader("Cache-Control", "no-cache");
    // A stop waits for connections that could carry another request.
    response.setHeader("Connection", "close");
    response.setHeader("X-Accel-Buffering", "no");
    ctx.future(
        () -> {
          try {
            wire.start(response.getOutputStream(), out::disconnected);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
          return wire.ended();
        });
  }

  static boolean isWanted(Context ctx) {
    String accept = ctx.header("Accept");
    return accept != null && accept.contains("text/event-stream");
  }
}
