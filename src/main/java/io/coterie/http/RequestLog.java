package io.coterie.http;

import java.util.Locale;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One line of the log for each request, as {@code key=value}. It names the route and not the path,
 * and nothing that a client sent but the method, where it is a usual one. Thread-safe.
 */
public final class RequestLog {

  private static final Logger log = LoggerFactory.getLogger(RequestLog.class);

  private static final Set<String> METHODS =
      Set.of("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS");

  private RequestLog() {}

  /** Writes the line of a request. */
  public static void write(RequestWatch.Ended request) {
    log.info(
        "method={} route={} status={} duration_ms={} request_id={} user_id={} ip={}",
        method(request),
        request.route(),
        request.status(),
        String.format(Locale.ROOT, "%.1f", request.nanos() / 1e6),
        request.requestId(),
        request.userId() == null ? "-" : request.userId(),
        request.ip());
  }

  /** A method is any word that a client likes: those that nobody knows are one. */
  public static String method(RequestWatch.Ended request) {
    return METHODS.contains(request.method()) ? request.method() : "OTHER";
  }
}
