package io.coterie.packages;

import io.coterie.net.BoundedBody;
import io.coterie.net.ForbiddenAddressException;
import io.coterie.net.HttpClients;
import io.coterie.net.PublicAddresses;
import io.coterie.net.Resolver;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import javax.net.ssl.SSLException;
import org.eclipse.jetty.client.HttpResponseException;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.http.HttpHeader;

/**
 * Fetches one file over HTTP within bounds of time and size. Redirects are followed within the same
 * scheme alone, and from a public address to public ones alone. Thread-safe; the client and its
 * threads exist from the first request on.
 */
final class HttpDownloads implements AutoCloseable {

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

  private static final int CONNECTIONS = 16;
  private static final int MAX_REDIRECTS = 5;
  private static final int MAX_PORT = 65_535;
  private static final int NOT_FOUND = 404;
  private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);
  private static final String ELSEWHERE = "the registry redirected elsewhere";
  private static final String UNASKED = "the registry could not be asked";
  private static final String TOO_SLOW = "the registry took too long to answer";

  private final Timeouts timeouts;
  private final Predicate<InetAddress> isPublic;
  private final HttpClients clients;

  HttpDownloads(Timeouts timeouts) {
    this(timeouts, InetAddress::getAllByName, PublicAddresses::contains);
  }

  HttpDownloads(Timeouts timeouts, Resolver resolver, Predicate<InetAddress> isPublic) {
    this.timeouts = timeouts;
    this.isPublic = isPublic;
    this.clients =
        new HttpClients(
            new HttpClients.Settings("registry-http", timeouts.connect(), CONNECTIONS, true),
            resolver,
            isPublic);
  }

  /** The body of a success, or empty where the answer was 404. */
  Optional<byte[]> get(URI address, int maxBytes) throws RegistryException, RefusedException {
    long deadline = System.nanoTime() + timeouts.whole().toNanos();
    URI at = address;
    HttpClients.Reach reach = HttpClients.Reach.ANYWHERE;
    for (int redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
      BoundedBody.Answer answer = send(at, reach, maxBytes, deadline);
      int status = answer.status();
      if (answer.isSuccess()) {
        return Optional.of(answer.body());
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
      at = target(at, answer.headers().get(HttpHeader.LOCATION));
      if (isPublic(answer.from())) {
        reach = HttpClients.Reach.PUBLIC;
      }
    }
    throw RegistryException.unavailable("the registry redirected too often");
  }

  private boolean isPublic(InetSocketAddress address) {
    return address != null && isPublic.test(address.getAddress());
  }

  private static URI target(URI from, String location) throws RegistryException {
    try {
      URI to = location == null ? null : from.resolve(location);
      if (to != null && from.getScheme().equalsIgnoreCase(to.getScheme()) && hasHost(to)) {
        return to;
      }
      throw RegistryException.unavailable(ELSEWHERE);
    } catch (IllegalArgumentException e) {
      throw RegistryException.unavailable(ELSEWHERE, e);
    }
  }

  /** Whether an address names a host, and a port that exists if it names one. */
  static boolean hasHost(URI address) {
    return address.getHost() != null && address.getPort() <= MAX_PORT;
  }

  private BoundedBody.Answer send(URI address, HttpClients.Reach reach, int maxBytes, long deadline)
      throws RegistryException, RefusedException {
    BoundedBody body = new BoundedBody(maxBytes);
    Request request = request(address, reach);
    request.send(body);
    try {
      long toBegin = Math.min(timeouts.response().toNanos(), deadline - System.nanoTime());
      body.begun().get(toBegin, TimeUnit.NANOSECONDS);
      return body.answer().get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw RegistryException.unavailable(TOO_SLOW, e);
    } catch (ExecutionException e) {
      throw failure(e.getCause(), maxBytes);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw RegistryException.unavailable("the download was interrupted", e);
    } finally {
      // Does nothing after a success; else it closes the connection.
      var unused = request.abort(new CancellationException());
    }
  }

  private Request request(URI address, HttpClients.Reach reach) throws RegistryException {
    try {
      return clients
          .get(reach)
          .newRequest(address)
          .headers(headers -> headers.put(HttpHeader.ACCEPT, "*/*"))
          .idleTimeout(0, TimeUnit.MILLISECONDS);
    } catch (IOException | IllegalArgumentException e) {
      throw RegistryException.unavailable(UNASKED, e);
    }
  }

  private static RegistryException failure(Throwable failure, int maxBytes)
      throws RefusedException {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof BoundedBody.TooLargeException) {
        throw Limits.tooLarge(maxBytes);
      }
      if (cause instanceof ForbiddenAddressException) {
        return RegistryException.unavailable(ELSEWHERE, failure);
      }
      if (cause instanceof SocketTimeoutException) {
        return RegistryException.unavailable(TOO_SLOW, failure);
      }
      if (cause instanceof ConnectException
          || cause instanceof UnknownHostException
          || cause instanceof UnresolvedAddressException) {
        return RegistryException.unavailable("the registry could not be reached", failure);
      }
      if (cause instanceof SSLException) {
        return RegistryException.unavailable(
            "no secure connection to the registry could be made", failure);
      }
    }
    return failure instanceof IOException || failure instanceof HttpResponseException
        ? RegistryException.unavailable("the connection to the registry broke off", failure)
        : RegistryException.unavailable(UNASKED, failure);
  }

  @Override
  public void close() {
    clients.close();
  }
}
