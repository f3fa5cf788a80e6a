package io.coterie.http;

import io.javalin.http.Context;
import java.util.Arrays;

/** Conditional requests (RFC 9110, 13.1.2). */
public final class ETags {

  private ETags() {}

  /**
   * Gives the response that tag, and answers 304 where the client has that very content.
   *
   * @return whether it has: then there is nothing to send
   */
  public static boolean isCurrent(Context ctx, String tag) {
    String quoted = '"' + tag + '"';
    ctx.header("ETag", quoted);
    String known = ctx.header("If-None-Match");
    boolean current =
        known != null
            && Arrays.stream(known.split(","))
                .map(one -> one.strip().replaceFirst("^W/", ""))
                .anyMatch(one -> one.equals("*") || one.equals(quoted));
    if (current) {
      ctx.status(304);
    }
    return current;
  }
}
