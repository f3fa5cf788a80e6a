package io.coterie.http;

import io.javalin.http.Context;
import jakarta.servlet.http.HttpServletRequest;
import org.eclipse.jetty.server.Request;

/** Request bodies as {@link BodyIntake} has read them. */
public final class RequestBodies {

  /**
   * What came of a body.
   *
   * @param refusal why it was not taken; null where it was, or is not needed
   */
  record Received(byte[] body, ApiException refusal) {}

  private static final String ATTRIBUTE = "io.coterie.body";

  private RequestBodies() {}

  static void set(Request request, Received received) {
    request.setAttribute(ATTRIBUTE, received);
  }

  /** Refuses a request whose body was not taken; for {@code beforeMatched}. */
  public static void check(Context ctx) {
    received(ctx.req());
  }

  /** As {@link #take(HttpServletRequest)}. */
  public static byte[] take(Context ctx) {
    return take(ctx.req());
  }

  /**
   * The whole body, this once: it is not kept for as long as the request takes.
   *
   * @throws ApiException 413 where it was too long, 503 where there was no memory for it
   */
  public static byte[] take(HttpServletRequest request) {
    byte[] body = received(request).body();
    request.removeAttribute(ATTRIBUTE);
    return body;
  }

  private static Received received(HttpServletRequest request) {
    if (!(request.getAttribute(ATTRIBUTE) instanceof Received received)) {
      return new Received(new byte[0], null);
    }
    if (received.refusal() != null) {
      throw received.refusal();
    }
    return received;
  }
}
