package io.coterie.packages;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;

/**
 * Fetches one file over HTTP within bounds of time and size. Redirects are followed within the same
 * scheme alone. Thread-safe; the client and its threads exist from the first request on.
 */
final class HttpDownloads {

  /**
   * How long to wait.
   *
   * @param connect for a connection
   * @param response for each response to begin
   * @param whole for everything together, redirects and the last byte included
   */
  record Timeouts(Duration connect, Duration response, Duration whole) {
    static final Timeouts DEFAULT =
        new Timeouts(Duration.ofSeconds(5), Duration.ofSeconds(20), Duration.ofSeconds(60));
  }

  private static final int MAX_REDIRECTS = 5;
  private static final int MAX_PORT = 65_535;
  private static final int NOT_FOUND = 404;
  private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);
  private static final String TOO_SLOW = "the registry took too long to answer";

  private final Timeouts timeouts;
  private HttpClient client;

  HttpDownloads(Timeouts timeouts) {
    this.timeouts = timeouts;
  }

  /** The body of a success, or empty where the answer was 404. */
  Optional<byte[]> get(URI address, int maxBytes) throws RegistryException, RefusedException {
    long deadline = System.nanoTime() + timeouts.whole().toNanos();
    URI at = address;
    for (int redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
      HttpResponse<byte[]> response = send(at, maxBytes, deadline);
      int status = response.statusCode();
      if (status >= 200 && status < 300) {
        return Optional.of(response.body());
      }
      if (status == NOT_FOUND) {
        return Optional.empty();
      }
      if (status >= 400) {
        throw RegistryException.answered(status);
      }
      if (!REDIRECTS.contains(status)) {
        throw RegistryException.unavailable("the registry answered " + status);
      }
      at = target(at, response.headers().firstValue("Location").orElse(null));
    }
    throw RegistryException.unavailable("the registry redirected too often");
  }

  private static URI target(URI from, String location) throws RegistryException {
    try {
      URI to = location == null ? null : from.resolve(location);
      if (to != null && from.getScheme().equalsIgnoreCase(to.getScheme()) && hasHost(to)) {
        return to;
      }
      throw RegistryException.unavailable("the registry redirected elsewhere");
    } catch (IllegalArgumentException e) {
      throw RegistryException.unavailable("the registry redirected elsewhere", e);
    }
  }

  /** Whether an address names a host, and a port that exists if it names one. */
  static boolean hasHost(URI address) {
    return address.getHost() != null && address.getPort() <= MAX_PORT;
  }

  private HttpResponse<byte[]> send(URI address, int maxBytes, long deadline)
      throws RegistryException, RefusedException {
    BoundedBody body = new BoundedBody(maxBytes);
    HttpRequest request = HttpRequest.newBuilder(address).header("Accept", "*/*").build();
    CompletableFuture<HttpResponse<byte[]>> answer = client().sendAsync(request, body);
    try {
      // Not HttpRequest.timeout: whether that covers the body differs between Java versions.
      long toBegin = Math.min(timeouts.response().toNanos(), deadline - System.nanoTime());
      CompletableFuture.anyOf(body.begun(), answer).get(toBegin, TimeUnit.NANOSECONDS);
      return answer.get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw RegistryException.unavailable(TOO_SLOW, e);
    } catch (ExecutionException e) {
      throw failure(e.getCause(), maxBytes);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw RegistryException.unavailable("the download was interrupted", e);
    } finally {
      // After a success both do nothing; else they close the connection.
      answer.cancel(true);
      body.cancel();
    }
  }

  private static RegistryException failure(Throwable cause, int maxBytes) throws RefusedException {
    for (Throwable c = cause; c != null; c = c.getCause()) {
      if (c instanceof BoundedBody.TooLargeException) {
        throw Limits.tooLarge(maxBytes);
      }
    }
    if (cause instanceof HttpTimeoutException) {
      return RegistryException.unavailable(TOO_SLOW, cause);
    }
    if (cause instanceof ConnectException) {
      return RegistryException.unavailable("the registry could not be reached", cause);
    }
    if (cause instanceof SSLException) {
      return RegistryException.unavailable(
          "no secure connection to the registry could be made", cause);
    }
    if (cause instanceof IOException) {
      return RegistryException.unavailable("the connection to the registry broke off", cause);
    }
    return RegistryException.unavailable("the registry could not be asked", cause);
  }

  private synchronized HttpClient client() {
    if (client == null) {
      client =
          HttpClient.newBuilder()
              .version(HttpClient.Version.HTTP_1_1)
              .followRedirects(HttpClient.Redirect.NEVER)
              .connectTimeout(timeouts.connect())
              .build();
    }
    return client;
  }
}
