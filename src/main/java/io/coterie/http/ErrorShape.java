package io.coterie.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.http.Context;
import java.util.Locale;

/** In which form errors are told: that of this server, or one that a route's clients expect. */
public enum ErrorShape {
  /** A JSON object with {@code msg}. */
  USUAL,
  /** As OpenAI's API tells them, for all that is under {@code /v1}. */
  OPENAI,
  /** The message alone, for shells. */
  TEXT;

  /** The form for a request. */
  public static ErrorShape of(Context ctx) {
    return of(ctx.path(), ctx.header("Accept"));
  }

  /**
   * The form for a request.
   *
   * @param accept its Accept header, or null
   */
  static ErrorShape of(String path, String accept) {
    if (path.equals("/v1") || path.startsWith("/v1/")) {
      return OPENAI;
    }
    // Some clients that want JSON name text as well, beside it.
    String types = accept == null ? "" : accept.toLowerCase(Locale.ROOT);
    boolean plain = types.contains("text/plain") && !types.contains("json");
    return plain && path.equals("/chat/ask") ? TEXT : USUAL;
  }

  String contentType() {
    return this == TEXT ? "text/plain; charset=utf-8" : "application/json";
  }

  /** The body of an error. */
  String body(ApiException e, String requestId) {
    return switch (this) {
      case TEXT -> e.getMessage();
      case OPENAI -> Json.write(OpenAiException.of(e, requestId).body());
      case USUAL -> {
        ObjectNode body = Json.MAPPER.createObjectNode().put("msg", e.getMessage());
        yield Json.write(e.status() == 500 ? body.put("request_id", requestId) : body);
      }
    };
  }
}
