package io.coterie.net;

import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
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
 * The HTTP clients of one room, for what may be anywhere and for what must be on the public
 * Internet, so that neither uses a connection of the other. HTTP/1.1 only: an answer has its
 * connection to itself, and hanging up is all it takes to cancel. They follow no redirects, keep no
 * cookies, answer no logins and unpack nothing. Each exists from its first use on. Thread-safe.
 */
public final class HttpClients implements AutoCloseable {

  /** Which addresses may be connected to. */
  public enum Reach {
    /** All. */
    ANYWHERE,
    /** Those of {@link PublicAddresses}, whatever a name leads to; never through a proxy. */
    PUBLIC
  }

  /**
   * What differs between rooms.
   *
   * @param name begins the names of the threads
   * @param connect how long a connection may take to be made
   * @param connections how many there may be to one host; further requests wait
   * @param proxied whether the JVM's settings of a proxy hold ({@link SystemProxies})
   */
  public record Settings(String name, Duration connect, int connections, boolean proxied) {}

  private static final Logger log = LoggerFactory.getLogger(HttpClients.class);
  private static final Duration IDLE = Duration.ofSeconds(60);
  private static final int MAX_THREADS = 24;
  private static final int MAX_HEADERS = 32 * 1024;

  private final Settings settings;
  private final Resolver resolver;
  private final Predicate<InetAddress> isPublic;
  private final Map<Reach, HttpClient> clients = new EnumMap<>(Reach.class);
  private boolean closed;

  public HttpClients(Settings settings) {
    this(settings, InetAddress::getAllByName, PublicAddresses::contains);
  }

  /** With names and what is public from elsewhere, for tests. */
  public HttpClients(Settings settings, Resolver resolver, Predicate<InetAddress> isPublic) {
    this.settings = settings;
    this.resolver = resolver;
    this.isPublic = isPublic;
  }

  /**
   * A client, started.
   *
   * @throws IOException where this is closed, or none can be started
   */
  public synchronized HttpClient get(Reach reach) throws IOException {
    if (closed) {
      throw new IOException("No requests are made any more");
    }
    HttpClient client = clients.get(reach);
    if (client == null) {
      client = start(reach);
      clients.put(reach, client);
    }
    return client;
  }

  private HttpClient start(Reach reach) throws IOException {
    QueuedThreadPool threads = new QueuedThreadPool(MAX_THREADS, 1);
    threads.setName(settings.name());
    threads.setDaemon(true);
    ClientConnector connector = new ClientConnector();
    connector.setSelectors(1);
    HttpClient client = new HttpClient(new HttpClientTransportOverHTTP(connector));
    client.setExecutor(threads);
    Predicate<InetAddress> allowed = reach == Reach.PUBLIC ? isPublic : any -> true;
    client.setSocketAddressResolver(new CheckedResolver(resolver, allowed, threads));
    client.setFollowRedirects(false);
    client.setHttpCookieStore(new HttpCookieStore.Empty());
    client.setConnectTimeout(settings.connect().toMillis());
    client.setIdleTimeout(IDLE.toMillis());
    client.setDestinationIdleTimeout(IDLE.toMillis());
    client.setMaxConnectionsPerDestination(settings.connections());
    client.setMaxResponseHeadersSize(MAX_HEADERS);
    client.setUserAgentField(new HttpField(HttpHeader.USER_AGENT, "Coterie"));
    if (settings.proxied() && reach == Reach.ANYWHERE) {
      SystemProxies.addTo(client.getProxyConfiguration());
    }
    try {
      client.start();
    } catch (Exception e) {
      throw new IOException("No HTTP client could be started", e);
    }
    // What follows redirects and answers logins; and what unpacks, which could not be foreseen.
    client.getProtocolHandlers().remove("redirect");
    client.getProtocolHandlers().remove("www-authenticate");
    client.getProtocolHandlers().remove("proxy-authenticate");
    client.getContentDecoderFactories().clear();
    return client;
  }

  /** Whether an address is one that can be asked: http or https, a host, no login in it. */
  public static boolean isUsable(URI url) {
    boolean web =
        "http".equalsIgnoreCase(url.getScheme()) || "https".equalsIgnoreCase(url.getScheme());
    return web && url.getHost() != null && url.getUserInfo() == null && url.getPort() <= 65_535;
  }

  /** Ends the clients with all that they have under way. */
  @Override
  public void close() {
    Map<Reach, HttpClient> started;
    synchronized (this) {
      closed = true;
      started = Map.copyOf(clients);
      clients.clear();
    }
    for (HttpClient client : started.values()) {
      try {
        client.stop();
      } catch (Exception e) {
        log.debug("An HTTP client did not stop", e);
      }
    }
  }
}
