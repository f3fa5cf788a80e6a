package io.coterie.http;

import io.javalin.http.Context;
import java.util.concurrent.ThreadLocalRandom;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** Gives every request an id, which its response carries as X-Request-Id and the log names. */
public final class RequestIds extends Handler.Wrapper {

  static final String HEADER = "X-Request-Id";
  private static final String ATTRIBUTE = "io.coterie.request-id";

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    response.getHeaders().put(HEADER, of(request));
    return super.handle(request, response, callback);
  }

  static String of(Request request) {
    if (request.getAttribute(ATTRIBUTE) instanceof String id) {
      return id;
    }
    String id = Long.toHexString(ThreadLocalRandom.current().nextLong() | Long.MIN_VALUE);
    request.setAttribute(ATTRIBUTE, id);
    return id;
  }

  public static String of(Context ctx) {
    return ctx.req().getAttribute(ATTRIBUTE) instanceof String id ? id : "unknown";
  }
}
