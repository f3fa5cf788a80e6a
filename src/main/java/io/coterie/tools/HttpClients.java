package io.coterie.tools;

import java.net.InetAddress;
import java.net.URI;
import java.util.concurrent.Executor;
import java.util.function.Predicate;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.transport.HttpClientTransportOverHTTP;
import org.eclipse.jetty.http.HttpCookieStore;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.ClientConnector;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The HTTP clients for tool servers: one for those that may be anywhere, one for those that must be
 * on the public Internet, so that neither uses a connection of the other. They follow no redirects,
 * use no proxy, keep no cookies and answer no logins. Each exists from its first use on.
 * Thread-safe.
 */
final class HttpClients implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(HttpClients.class);
  private static final long CONNECT_MILLIS = 10_000;
  private static final long IDLE_MILLIS = 60_000;
  private static final int MAX_THREADS = 24;
  private static final int MAX_HEADERS = 32 * 1024;

  private final Resolver resolver;
  private final Predicate<InetAddress> isPublic;
  private final Executor executor;
  private HttpClient anywhere;
  private HttpClient publicOnly;
  private boolean closed;

  HttpClients(Resolver resolver, Predicate<InetAddress> isPublic, Executor executor) {
    this.resolver = resolver;
    this.isPublic = isPublic;
    this.executor = executor;
  }

  synchronized HttpClient get(boolean anyAddress) throws ToolFailure {
    if (closed) {
      throw ToolFailure.of(McpServers.STOPPED);
    }
    if (anyAddress) {
      anywhere = anywhere == null ? start(anywhereAtAll -> true) : anywhere;
      return anywhere;
    }
    publicOnly = publicOnly == null ? start(isPublic) : publicOnly;
    return publicOnly;
  }

  private HttpClient start(Predicate<InetAddress> allowed) throws ToolFailure {
    QueuedThreadPool threads = new QueuedThreadPool(MAX_THREADS, 1);
    threads.setName("tool-http");
    threads.setDaemon(true);
    ClientConnector connector = new ClientConnector();
    connector.setSelectors(1);
    HttpClient client = new HttpClient(new HttpClientTransportOverHTTP(connector));
    client.setExecutor(threads);
    client.setSocketAddressResolver(new CheckedResolver(resolver, allowed, executor));
    client.setFollowRedirects(false);
    client.setHttpCookieStore(new HttpCookieStore.Empty());
    client.setConnectTimeout(CONNECT_MILLIS);
    client.setIdleTimeout(IDLE_MILLIS);
    client.setDestinationIdleTimeout(IDLE_MILLIS);
    client.setMaxResponseHeadersSize(MAX_HEADERS);
    client.setUserAgentField(new HttpField(HttpHeader.USER_AGENT, "Coterie"));
    try {
      client.start();
    } catch (Exception e) {
      throw ToolFailure.of("No connection to tool servers can be made.", e);
    }
    // What follows redirects and answers logins; and what unpacks, which could not be foreseen.
    client.getProtocolHandlers().remove("redirect");
    client.getProtocolHandlers().remove("www-authenticate");
    client.getProtocolHandlers().remove("proxy-authenticate");
    client.getContentDecoderFactories().clear();
    return client;
  }

  /** Whether an address is one that a tool server can have. */
  static boolean isUsable(URI url) {
    boolean web =
        "http".equalsIgnoreCase(url.getScheme()) || "https".equalsIgnoreCase(url.getScheme());
    return web && url.getHost() != null && url.getUserInfo() == null && url.getPort() <= 65_535;
  }

  @Override
  public void close() {
    HttpClient[] started;
    synchronized (this) {
      closed = true;
      started = new HttpClient[] {anywhere, publicOnly};
    }
    for (HttpClient client : started) {
      try {
        if (client != null) {
          client.stop();
        }
      } catch (Exception e) {
        log.debug("An HTTP client did not stop", e);
      }
    }
  }
}
