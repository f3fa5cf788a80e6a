package io.coterie.http;

import java.util.Map;

/**
 * A refusal with a status and a message for the client: the catalogue of those that more than one
 * route gives is below. Thrown by handlers and services alike; {@link Errors} turns it into a
 * response.
 */
public class ApiException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final int status;
  private final transient Map<String, String> headers;

  public ApiException(int status, String msg) {
    this(status, msg, Map.of());
  }

  public ApiException(int status, String msg, Map<String, String> headers) {
    super(msg, null, false, false);
    this.status = status;
    this.headers = headers;
  }

  public int status() {
    return status;
  }

  public Map<String, String> headers() {
    return headers;
  }

  public static ApiException badRequest(String msg) {
    return new ApiException(400, msg);
  }

  /** A 401; every one names the scheme, as RFC 9110 wants. */
  public static ApiException unauthorized(String msg) {
    return new ApiException(401, msg, Map.of("WWW-Authenticate", "Bearer"));
  }

  public static ApiException forbidden(String msg) {
    return new ApiException(403, msg);
  }

  public static ApiException notFound(String msg) {
    return new ApiException(404, msg);
  }

  public static ApiException bodyTooLarge() {
    return new ApiException(413, "Request body too large");
  }

  public static ApiException tooManyRequests(long retryAfterSeconds) {
    return new ApiException(
        429, "Too many requests", Map.of("Retry-After", Long.toString(retryAfterSeconds)));
  }

  public static ApiException stopping() {
    return unavailable("Server is stopping");
  }

  /** What all requests together may hold is held. */
  public static ApiException busy() {
    return unavailable("Server is busy");
  }

  /** The disk is full, or the data folder cannot be written. */
  public static ApiException cannotStore() {
    return unavailable("Server cannot store");
  }

  private static ApiException unavailable(String msg) {
    return new ApiException(503, msg, Map.of("Retry-After", "5"));
  }
}
