package io.coterie.http;

import io.coterie.storage.CannotStoreException;
import io.coterie.storage.NoConnectionException;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import io.javalin.http.HttpResponseException;
import io.javalin.http.MethodNotAllowedResponse;
import io.javalin.http.servlet.JavalinWsServletContext;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Set;
import org.eclipse.jetty.io.EofException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns whatever a handler threw into an error in the {@link ErrorShape} of its route. What was not
 * foreseen is logged with the request's id, and the client learns the id alone.
 */
public final class Errors {

  private static final Logger log = LoggerFactory.getLogger(Errors.class);

  private Errors() {}

  /** Registers the mapping. */
  public static void register(RoutesConfig routes) {
    routes.exception(ApiException.class, Errors::refuse);
    routes.exception(NoConnectionException.class, (e, ctx) -> refuse(ApiException.busy(), ctx));
    routes.exception(
        CannotStoreException.class, (e, ctx) -> refuse(ApiException.cannotStore(), ctx));
    routes.exception(MethodNotAllowedResponse.class, Errors::methodNotAllowed);
    routes.exception(HttpResponseException.class, Errors::frameworkRefusal);
    routes.exception(EofException.class, Errors::brokenOff);
    routes.exception(IOException.class, Errors::unreadOrUnwritten);
    routes.exception(Exception.class, Errors::unforeseen);
    routes.error(408, ctx -> refuse(new ApiException(408, defaultMessage(408)), ctx));
  }

  /** The message that goes with a status where no handler chose one. */
  static String defaultMessage(int status) {
    return switch (status) {
      case 400 -> "Bad request";
      case 404 -> "Not found";
      case 405 -> "Method not allowed";
      case 408 -> "Request timeout";
      case 413 -> "Request body too large";
      case 414 -> "Request URI too long";
      case 426 -> "Upgrade required";
      case 431 -> "Request header fields too large";
      case 501 -> "Not implemented";
      case 503 -> "Server is stopping";
      case 505 -> "HTTP version not supported";
      default -> status >= 500 ? "Internal server error" : "Request refused";
    };
  }

  private static void refuse(ApiException e, Context ctx) {
    e.headers().forEach(ctx::header);
    ErrorShape shape = ErrorShape.of(ctx);
    String body = shape.body(e, RequestIds.of(ctx));
    ctx.status(e.status()).contentType(shape.contentType()).result(body);
    if (ctx instanceof JavalinWsServletContext) {
      writeNow(ctx, body);
    }
  }

  /** Of a refused upgrade Javalin sends the status and the headers alone. */
  private static void writeNow(Context ctx, String body) {
    try {
      ctx.res().getOutputStream().write(body.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void methodNotAllowed(MethodNotAllowedResponse e, Context ctx) {
    Set<String> methods = new LinkedHashSet<>();
    e.getDetails().values().forEach(v -> methods.addAll(Arrays.asList(v.split(", "))));
    methods.add(HandlerType.OPTIONS.name());
    ctx.header("Allow", String.join(", ", methods));
    if (ctx.method() == HandlerType.OPTIONS) {
      ctx.status(204);
    } else {
      refuse(new ApiException(405, defaultMessage(405)), ctx);
    }
  }

  private static void frameworkRefusal(HttpResponseException e, Context ctx) {
    refuse(new ApiException(e.getStatus(), defaultMessage(e.getStatus())), ctx);
  }

  /** The client broke its request off or its chunks are none. */
  private static void brokenOff(IOException e, Context ctx) {
    log.debug("request_id={} broke off", RequestIds.of(ctx), e);
    refuse(new ApiException(400, defaultMessage(400)), ctx);
  }

  /** Of a client that is gone before its upgrade is answered Jetty tells in a wrapping. */
  private static void unreadOrUnwritten(IOException e, Context ctx) {
    if (e.getCause() instanceof EofException) {
      brokenOff(e, ctx);
    } else {
      unforeseen(e, ctx);
    }
  }

  private static void unforeseen(Exception e, Context ctx) {
    log.error("request_id={} method={} failed", RequestIds.of(ctx), ctx.method(), e);
    refuse(new ApiException(500, defaultMessage(500)), ctx);
  }
}
