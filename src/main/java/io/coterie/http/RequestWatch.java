package io.coterie.http;

import io.javalin.http.Context;
import java.util.function.Consumer;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * Tells of every request when it has ended, whoever answered it: of a stream that is after its last
 * event, of an upgrade when the connection has become a WebSocket. Thread-safe.
 */
public final class RequestWatch extends Handler.Wrapper {

  /**
   * A request that has ended. Holds nothing that a client keeps secret: of the address only the
   * route's template.
   *
   * @param route the template of its path; {@link #NO_ROUTE} where no route has that path
   * @param nanos from its headers to the end of its answer
   * @param streamed whether that was an event stream, which is as long as somebody follows it
   * @param userId whose token it carried; null where there was none that was good
   * @param ip the client's address, or its proxy's where no handler was reached
   */
  public record Ended(
      String method,
      String route,
      int status,
      long nanos,
      boolean streamed,
      String requestId,
      String userId,
      String ip) {}

  /** Stands for all paths that no route has. */
  public static final String NO_ROUTE = "none";

  private static final String WATCHED = "io.coterie.watched";
  private static final String ROUTE = "io.coterie.route";
  private static final String IP = "io.coterie.ip";
  private static final String USER = "io.coterie.user";
  private static final String SOCKET_IO = "/socket.io/";

  private final Consumer<Ended> observer;

  /**
   * @param observer called by the threads that answer requests; must not throw or wait
   */
  public RequestWatch(Consumer<Ended> observer) {
    this.observer = observer;
  }

  /** Notes which route a request takes and whose it is; for {@code afterMatched} and the like. */
  public static void note(Context ctx, String route, ClientAddresses addresses) {
    ctx.req().setAttribute(ROUTE, route);
    ctx.req().setAttribute(IP, addresses.of(ctx));
  }

  /** Notes whose request it is. */
  static void noteUser(Context ctx, Principal principal) {
    ctx.req().setAttribute(USER, principal.userId().toString());
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    long start = System.nanoTime();
    request.setAttribute(WATCHED, true);
    Request.addCompletionListener(
        request, failure -> observer.accept(ended(request, response, start)));
    return super.handle(request, response, callback);
  }

  /** Tells of a request that Jetty refused before it came here. */
  void refused(Request request, Response response) {
    if (request.getAttribute(WATCHED) == null) {
      request.setAttribute(WATCHED, true);
      observer.accept(ended(request, response, System.nanoTime()));
    }
  }

  private static Ended ended(Request request, Response response, long start) {
    int status = response.getStatus();
    return new Ended(
        request.getMethod(),
        route(request),
        status == 0 ? 200 : status,
        System.nanoTime() - start,
        isEventStream(response),
        RequestIds.of(request),
        request.getAttribute(USER) instanceof String user ? user : null,
        request.getAttribute(IP) instanceof String ip ? ip : Request.getRemoteAddr(request));
  }

  private static boolean isEventStream(Response response) {
    String type = response.getHeaders().get(HttpHeader.CONTENT_TYPE);
    return type != null && type.startsWith("text/event-stream");
  }

  private static String route(Request request) {
    if (request.getAttribute(ROUTE) instanceof String route) {
      return route;
    }
    String path = request.getHttpURI().getCanonicalPath();
    return path != null && path.startsWith(SOCKET_IO) ? SOCKET_IO : NO_ROUTE;
  }
}
