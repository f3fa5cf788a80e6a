package io.coterie.http;

import io.javalin.http.Context;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.List;

/**
 * Lets pages of the origins that the operator names call this server (Fetch standard, CORS
 * protocol). Others get no header and so are refused by the browser, not by us. Thread-safe.
 */
public final class Cors {

  private static final String MAX_AGE_SECONDS = "600";

  private final List<String> origins;

  /**
   * @param origins as browsers send them, or {@code *}; empty for none
   */
  public Cors(List<String> origins) {
    this.origins = List.copyOf(origins);
  }

  /** Adds the headers that a page of an allowed origin needs; for {@code before}. */
  public void apply(Context ctx) {
    apply(ctx.req(), ctx.res());
  }

  /** Adds the headers that a page of an allowed origin needs. */
  public void apply(HttpServletRequest request, HttpServletResponse response) {
    if (origins.isEmpty()) {
      return;
    }
    boolean any = origins.contains("*");
    if (!any) {
      // Told to everybody, or a cache would hand one page's answer to another.
      response.setHeader("Vary", "Origin");
    }
    String origin = request.getHeader("Origin");
    if (origin == null || !(any || origins.contains(origin))) {
      return;
    }
    response.setHeader("Access-Control-Allow-Origin", any ? "*" : origin);
    response.setHeader(
        "Access-Control-Expose-Headers", "X-Request-Id, Retry-After, X-Chat-Id, X-Workspace-Id");
    if (request.getMethod().equals("OPTIONS")) {
      response.setHeader("Access-Control-Allow-Methods", "GET, POST, PUT, DELETE");
      response.setHeader(
          "Access-Control-Allow-Headers", "Authorization, Content-Type, Last-Event-ID");
      response.setHeader("Access-Control-Max-Age", MAX_AGE_SECONDS);
    }
  }
}
